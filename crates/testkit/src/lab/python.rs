//! Where the lab finds what it needs of PyPI: an environment of Python's own, made by the setup.
//!
//! Refuses to install: a scene needs no way to the internet, and is told what is missing.

use std::fs;
use std::path::{Path, PathBuf};

use super::Error;

/// Where the environment is.
pub const HOME: &str = "/opt/asepsis-lab/python";
/// What is in it, each file by its hash (pip's requirements file).
pub const REQUIREMENTS: &str = include_str!("requirements.txt");

/// What was installed last; written when all was.
#[must_use]
pub fn stamp() -> PathBuf {
    Path::new(HOME).join("installed.txt")
}

/// Whether it holds what the lab needs.
#[must_use]
pub fn is_there() -> bool {
    fs::read_to_string(stamp()).is_ok_and(|installed| installed == REQUIREMENTS)
}

/// Its interpreter.
pub(crate) fn interpreter() -> Result<String, Error> {
    if is_there() {
        return Ok(format!("{HOME}/bin/python"));
    }
    Err(Error::Unprepared { what: "pynetdicom", place: HOME.into() })
}
