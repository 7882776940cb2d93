//! The one place where randomness comes from: the system.

use anyhow::{Context, Result};
use presentation::sign_in::token::Random;

/// What nobody can guess.
pub(crate) fn random() -> Result<Random> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).context("the system gives no random bytes")?;
    Ok(Random::new(seed))
}
