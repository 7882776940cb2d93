//! The one seam to the kernel: list our table, run a transaction.
//!
//! Refuses to build a command line from anything that was read: what is run goes in by standard
//! input, and the arguments are constants.

use std::fs::File;
use std::io::{Seek, Write};
use std::process::Command;

use nix::sys::memfd::{MFdFlags, memfd_create};
use serde_json::Value;

use super::TABLE;
use super::layout::Place;

/// What speaks to the kernel.
pub trait Kernel {
    /// Our table at that place as JSON; a value without `nftables` where it is not there.
    ///
    /// # Errors
    /// Where the kernel does not answer.
    fn list(&mut self, place: Place) -> Result<Value, NftError>;

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
}

/// The program `nft`, in the network namespace that we are in.
#[derive(Debug, Default)]
pub struct Nft;

impl Kernel for Nft {
    fn list(&mut self, place: Place) -> Result<Value, NftError> {
        let listed = nft(&["-j", "list", "table", place.family(), TABLE], "");
        match listed {
            Ok(answer) => serde_json::from_slice(&answer).map_err(NftError::Answer),
            // In words, for `nft` ends with the same status whatever is wrong.
            Err(NftError::Refused(why)) if why.contains("No such file or directory") => {
                Ok(Value::Null)
            }
            Err(error) => Err(error),
        }
    }

    fn run(&mut self, transaction: &str) -> Result<(), NftError> {
        nft(&["-f", "-"], transaction).map(drop)
    }
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
