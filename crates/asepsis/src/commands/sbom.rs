//! `asepsis sbom check`.

mod check;

use anyhow::Result;

use crate::arguments::sbom::{Sbom, SbomWork};

pub(crate) fn run(options: &Sbom) -> Result<u8> {
    match &options.work {
        SbomWork::Check(options) => check::run(options),
    }
}
