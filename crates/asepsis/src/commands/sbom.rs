//! `asepsis sbom check | diff`.

mod check;
mod diff;
mod read;

use anyhow::Result;

use crate::arguments::sbom::{Sbom, SbomWork};

pub(crate) fn run(options: &Sbom) -> Result<u8> {
    match &options.work {
        SbomWork::Check(options) => check::run(options),
        SbomWork::Diff(options) => diff::run(options),
    }
}
