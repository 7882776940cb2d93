//! `asepsis serve`: the console.

use anyhow::Result;

use crate::arguments::serve::Serve;
use crate::serving;

pub(crate) fn run(options: &Serve) -> Result<u8> {
    serving::run(options)
}
