//! What an SBOM holds beyond the facts that are read from it, for whoever makes another of it and
//! has to say what is lost.
//!
//! Each kind of field is told once, with how often it is there and where first. Refuses to look
//! inside what is not carried over: it is one thing, whatever it holds.

use std::collections::BTreeMap;

/// The longest example that is shown, in characters.
const EXAMPLE: usize = 60;
/// How many kinds are told; further ones are one kind together.
const KINDS: usize = 200;
/// What further kinds are called.
const MORE: &str = "other fields";

/// A kind of field that no fact holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beyond {
    /// How often it is there.
    pub count: usize,
    /// The line where it stands first, from 1.
    pub line: u32,
    /// What it says there, cut short; empty where it is no plain value.
    pub example: String,
}

/// Kinds of fields that no fact holds, by their names.
#[derive(Debug, Default)]
pub(crate) struct Kinds(BTreeMap<String, Beyond>);

impl Kinds {
    /// Tells of so many fields of a kind, of which the first stands in a line.
    pub(crate) fn tell(&mut self, kind: String, count: usize, line: u32, example: &str) {
        if count == 0 {
            return;
        }
        let is_room = self.0.len() < KINDS || self.0.contains_key(&kind);
        let kind = if is_room { kind } else { MORE.to_owned() };
        let known = self.0.entry(kind).or_insert_with(|| Beyond {
            count: 0,
            line,
            example: example.trim().chars().take(EXAMPLE).collect(),
        });
        known.count = known.count.saturating_add(count);
    }

    pub(crate) fn all(self) -> BTreeMap<String, Beyond> {
        self.0
    }
}
