//! The one place where randomness comes from.

/// 32 bytes that nobody can guess, from the system.
pub(crate) fn seed() -> [u8; 32] {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).expect("invariant: the system has randomness once it runs");
    seed
}
