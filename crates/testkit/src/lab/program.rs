//! Programs that run in the lab.
//!
//! Refuses to leave one behind: each is ended by its own number, and waited for.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::{Error, shown};

/// A program that runs until it is dropped.
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
}

impl Program {
    /// Starts it; what it prints goes into a file.
    pub(crate) fn start(command: &mut Command, log: &Path) -> Result<Self, Error> {
        let _ = std::fs::remove_file(log);
        Self::resume(command, log)
    }

    /// Starts it once more; what it prints goes to the end of the file.
    pub(crate) fn resume(command: &mut Command, log: &Path) -> Result<Self, Error> {
        let failed = |source| Error::File { path: log.to_owned(), source };
        let file = File::options().create(true).append(true).open(log).map_err(failed)?;
        command.stdout(file.try_clone().map_err(failed)?).stderr(file);
        let child =
            command.spawn().map_err(|source| Error::Start { program: shown(command), source })?;
        Ok(Self { child })
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a program to its end; whether it says that all went well, and what it printed.
pub(crate) fn outcome(command: &mut Command) -> (bool, String) {
    match command.stderr(Stdio::piped()).stdout(Stdio::piped()).output() {
        Ok(output) => {
            let text = [output.stdout, output.stderr].concat();
            (output.status.success(), String::from_utf8_lossy(&text).into_owned())
        }
        Err(error) => (false, error.to_string()),
    }
}
