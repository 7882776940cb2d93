//! The lab: a small hospital on one machine. Network namespaces on a Linux bridge, real programs
//! in them, real traffic, and a ledger at each end, so that what care lost is counted and not
//! believed.
//!
//! Needs root. Everything that it makes carries its name and the run's number and is gone at the
//! end; what a killed run left behind goes at the next start. Refuses to judge traffic: what the
//! program makes of it is checked by the program's own tests against the scene's truth.

pub mod cast;
pub mod clock;
pub mod ledger;
pub mod account;

mod actor;
mod attack;
mod capture;
mod care;
mod files;
mod hl7;
mod hospital;
mod network;
mod program;
mod servers;
mod wire;

pub mod access;
pub mod defence;
pub mod python;
pub mod scene;
pub mod truth;

use std::path::PathBuf;
use std::process::Command;

pub use network::{Run, clean};

/// The world failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A program could not be started.
    #[error("`{program}` could not be started: {source}")]
    Start {
        /// Which.
        program: String,
        /// Why.
        source: std::io::Error,
    },
    /// A command ended badly.
    #[error("`{command}` failed: {told}")]
    Failed {
        /// Which.
        command: String,
        /// What it said.
        told: String,
    },
    /// A file of the run could not be written or read.
    #[error("cannot use `{}`: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A namespace could not be entered, or not be listened in.
    #[error("cannot work in the network of `{machine}`: {source}")]
    Network {
        /// Whose.
        machine: String,
        /// Why.
        source: std::io::Error,
    },
    /// Something did not come about in time.
    #[error("{what} did not come about within {seconds} s")]
    Late {
        /// What.
        what: String,
        /// How long was waited.
        seconds: u64,
    },
    /// The setup has not made what a scene needs.
    #[error(
        "{what} is not in `{}`, or not in the version that the lab needs\n\nhint: `cargo xtask \
         setup` installs it, as root and with a way to PyPI",
        place.display()
    )]
    Unprepared {
        /// What is missing.
        what: &'static str,
        /// Where it is looked for.
        place: PathBuf,
    },
    /// Somebody ended it early.
    #[error("the scene was interrupted")]
    Interrupted,
    /// What stands in a file of the run is not what the lab writes there.
    #[error("`{}` holds something else than expected: {what}", path.display())]
    Content {
        /// Which.
        path: PathBuf,
        /// What.
        what: String,
    },
}

/// Runs a command to its end and gives what it printed.
pub(crate) fn finish(command: &mut Command) -> Result<String, Error> {
    let output =
        command.output().map_err(|source| Error::Start { program: shown(command), source })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let told = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(Error::Failed { command: shown(command), told })
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
