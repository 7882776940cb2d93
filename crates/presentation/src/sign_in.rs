//! Who somebody is, and what they may do: passwords, second factors, a provider of identities,
//! sessions, tokens of programs, limits against guessing, and the table of rights.
//!
//! Knows no HTTP, no clock and no randomness: a page hands over what was typed, the time and bytes
//! that nobody can guess. Refuses a default password, and a lock-out that somebody else can cause.

pub mod base32;
pub mod code;
pub mod entry;
pub mod limits;
pub mod oidc;
pub mod own;
pub mod password;
pub mod people;
pub mod rights;
pub mod session;
pub mod setup;
pub mod token;
pub mod totp;

#[cfg(test)]
mod tests;
