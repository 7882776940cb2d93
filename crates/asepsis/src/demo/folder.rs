//! A folder for as long as the demonstration lasts.
//!
//! Refuses a folder that was there before, and to leave one behind.

use std::fs::DirBuilder;
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::{env, fs, process};

use anyhow::{Context, Result, bail};

/// How many names are tried.
const TRIES: u32 = 1_000;

/// The folder; gone when it is dropped.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Makes one that only this account can enter.
    pub(super) fn new() -> Result<Self> {
        for number in 0..TRIES {
            let name = format!("asepsis-demo-{}-{number}", process::id());
            let path = env::temp_dir().join(name);
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => {
                    let name = path.display();
                    return Err(error).with_context(|| format!("cannot make the folder `{name}`"));
                }
            }
        }
        bail!("there is no name left for a folder in `{}`", env::temp_dir().display())
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Nobody is there to be told.
        let _ = fs::remove_dir_all(&self.0);
    }
}
