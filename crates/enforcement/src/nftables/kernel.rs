//! The one seam to the kernel: list our table, run a transaction.
//!
//! Rules are listed by `nft`, and elements by the kernel itself, both of the same generation.
//! Refuses to build a command line from anything that was read: what is run goes in by standard
//! input, and the arguments are constants.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Seek, Write};
use std::process::Command;

use nix::sys::memfd::{MFdFlags, memfd_create};
use serde_json::Value;

use super::TABLE;
use super::layout::Place;
use super::netlink::{Conversation, Key};

/// How often it is listed anew because somebody changed rules meanwhile, ours or others.
const TRIES: usize = 20;

/// What the kernel says of our table.
#[derive(Debug, Default)]
pub struct Listed {
    /// Its chains, rules and sets (libnftables-json(5)), as `nft` tells them; none where there is
    /// no such table.
    pub(super) objects: Vec<Value>,
    /// The elements of each set.
    pub(super) elements: BTreeMap<String, Vec<Key>>,
}

/// What speaks to the kernel.
pub trait Kernel {
    /// Our table at that place, as it stood at one moment.
    ///
    /// # Errors
    /// Where the kernel does not answer.
    fn list(&mut self, place: Place) -> Result<Listed, NftError>;

    /// Runs a transaction: all of it or nothing.
    ///
    /// # Errors
    /// Where the kernel refuses it.
    fn run(&mut self, transaction: &str) -> Result<(), NftError>;
}

/// Why the kernel could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum NftError {
    /// `nft` is not there, or could not be spoken to.
    #[error("cannot run `nft`: {0}; install nftables")]
    Start(std::io::Error),
    /// `nft` refused.
    #[error("`nft` refused: {0}")]
    Refused(String),
    /// `nft` answered something that is not JSON.
    #[error("`nft` answered what is not JSON: {0}")]
    Answer(serde_json::Error),
    /// The kernel did not say what is in our sets.
    #[error("the kernel does not say what stands in the sets: {0}")]
    Elements(std::io::Error),
    /// Somebody changes rules without end.
    #[error("rules change faster than they can be listed")]
    Changing,
}

/// The program `nft`, in the network namespace that we are in.
#[derive(Debug, Default)]
pub struct Nft;

impl Kernel for Nft {
    fn list(&mut self, place: Place) -> Result<Listed, NftError> {
        let mut kernel = Conversation::open(place).map_err(NftError::Elements)?;
        for _ in 0..TRIES {
            let before = kernel.generation().map_err(NftError::Elements)?;
            // Without elements, which `nft` would also ask for, to list one table.
            let answer = nft(&["-j", "-t", "list", "ruleset", place.family()], "")?;
            let listed = ours(place, &answer).map(|objects| elements(&mut kernel, objects))?;
            let after = kernel.generation().map_err(NftError::Elements)?;
            // An error may be of a set that is not there any more.
            if before == after {
                return listed.map_err(NftError::Elements);
            }
        }
        Err(NftError::Changing)
    }

    fn run(&mut self, transaction: &str) -> Result<(), NftError> {
        nft(&["-f", "-"], transaction).map(drop)
    }
}

/// What of an answer is about our table.
fn ours(place: Place, answer: &[u8]) -> Result<Vec<Value>, NftError> {
    let mut answer: Value = serde_json::from_slice(answer).map_err(NftError::Answer)?;
    let objects = answer.get_mut("nftables").and_then(Value::as_array_mut);
    let objects = objects.map(std::mem::take).unwrap_or_default();
    let is_ours = |object: &Value| {
        let Some((kind, body)) = object.as_object().and_then(|object| object.iter().next()) else {
            return true;
        };
        let is = |key: &str, value: &str| body.get(key).is_some_and(|of| *of == value);
        let table = if kind == "table" { "name" } else { "table" };
        kind != "metainfo" && is("family", place.family()) && is(table, TABLE)
    };
    Ok(objects.into_iter().filter(is_ours).collect())
}

/// With the elements of every set.
fn elements(kernel: &mut Conversation, objects: Vec<Value>) -> std::io::Result<Listed> {
    let names = objects.iter().filter_map(|object| object.pointer("/set/name")?.as_str());
    let elements = names.map(|name| Ok((name.to_owned(), kernel.elements(name)?)));
    let elements = elements.collect::<std::io::Result<_>>()?;
    Ok(Listed { objects, elements })
}

fn nft(arguments: &[&str], input: &str) -> Result<Vec<u8>, NftError> {
    let output = Command::new("nft")
        .args(arguments)
        .env("LC_ALL", "C")
        .stdin(whole(input).map_err(NftError::Start)?)
        .output()
        .map_err(NftError::Start)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(NftError::Refused(domain::bounded::quote(said.trim())))
}

/// The input as a file in memory. Were it written into a pipe, and we killed meanwhile, `nft` would
/// take the half that it got for a transaction.
fn whole(input: &str) -> std::io::Result<File> {
    let mut file = File::from(memfd_create(c"transaction", MFdFlags::MFD_CLOEXEC)?);
    file.write_all(input.as_bytes())?;
    file.rewind()?;
    Ok(file)
}
