//! The one place where randomness comes from: the system.

use presentation::sign_in::token::Random;

/// What nobody can guess.
pub(crate) fn random() -> Random {
    let mut seed = [0; 32];
    // Linux gives random bytes to whoever asks once it has begun to run (getrandom(2)).
    getrandom::fill(&mut seed).expect("invariant: a system that runs programs has randomness");
    Random::new(seed)
}
