//! `asepsis sbom check | diff | convert | merge`.

mod check;
mod convert;
mod diff;
mod merge;
mod read;

use anyhow::Result;

use crate::arguments::sbom::{Sbom, SbomWork};

pub(crate) fn run(options: &Sbom) -> Result<u8> {
    match &options.work {
        SbomWork::Check(options) => check::run(options),
        SbomWork::Diff(options) => diff::run(options),
        SbomWork::Convert(options) => convert::run(options),
        SbomWork::Merge(options) => merge::run(options),
    }
}
