//! One line of a journal: a number, what happened, and the hash that chains it to the line before.
//!
//! Refuses to guess: what it does not know is damage, for an order may hang on it.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Entry, hash};

#[derive(Debug, Serialize, Deserialize)]
struct Record<'e> {
    number: u64,
    #[serde(borrow)]
    event: &'e RawValue,
    hash: String,
}

/// The line of an event, with its line feed, and its hash.
pub(super) fn write<E: Entry>(event: &E, number: u64, before: &str) -> (Vec<u8>, String) {
    let event = RawValue::from_string(event.write()).expect("invariant: an entry writes JSON");
    let hash = hash(before, number, event.get());
    let record = Record { number, event: &event, hash: hash.clone() };
    let mut line =
        serde_json::to_vec(&record).expect("invariant: the form holds only strings and numbers");
    line.push(b'\n');
    (line, hash)
}

/// The event of a line, if it is the one that was written after `before`.
pub(super) fn read<E: Entry>(
    line: &[u8],
    number: u64,
    before: &str,
) -> Result<(E, String), &'static str> {
    let record: Record<'_> =
        serde_json::from_slice(line).map_err(|_| "it is no record of a journal")?;
    if record.number != number {
        return Err("its number does not follow, so records are missing or were moved");
    }
    if hash(before, number, record.event.get()) != record.hash {
        return Err("its hash does not fit, so it or the one before was changed");
    }
    let event = E::read(record.event.get())
        .ok_or("its event is of a kind, or holds a word, that this version does not know")?;
    Ok((event, record.hash))
}
