//! The print of a row: a hash of all that stands in it, by which it is known whether it has
//! changed.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::database::Value;

/// What putting a row has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    /// It stood there already.
    Same,
    /// There was none.
    New,
    /// Another stood there.
    Changed {
        /// The decision that it had.
        decision: i64,
        /// The version that it had.
        version: String,
    },
}

/// The print of values, and of a text beside them: 128 bits of their SHA-256.
pub(crate) fn print(values: &[Value<'_>], also: &str) -> String {
    let mut hash = Sha256::new();
    for value in values {
        match value {
            Value::Null => hash.update([0]),
            Value::Integer(number) => hash.update(number.to_be_bytes()),
            Value::Real(number) => hash.update(number.to_be_bytes()),
            Value::Text(text) => part(&mut hash, text.as_bytes()),
            Value::Bytes(bytes) => part(&mut hash, bytes),
        }
    }
    part(&mut hash, also.as_bytes());
    let hash = hash.finalize();
    hash.iter().take(16).fold(String::with_capacity(32), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn part(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}
