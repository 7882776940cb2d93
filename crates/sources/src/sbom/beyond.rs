//! What an SBOM holds beyond the facts that are read from it, for whoever makes another of it and
//! has to say what is lost.
//!
//! Each kind of field is told once, with how often it is there and where first; what another SBOM
//! can hold all the same is kept. Refuses to look inside what is not carried over: it is one thing,
//! whatever it holds.

use std::collections::BTreeMap;

use domain::component::Carried;

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

/// What no fact of a document holds.
#[derive(Debug, Default)]
pub struct Rest {
    /// What another document can hold.
    pub carried: Carried,
    /// Kinds of fields that are lost, by their names.
    pub beyond: BTreeMap<String, Beyond>,
}

/// Kinds of fields that no fact holds, by their names, and what is kept.
#[derive(Debug, Default)]
pub(crate) struct Kinds {
    beyond: BTreeMap<String, Beyond>,
    pub(crate) carried: Carried,
}

impl Kinds {
    /// Tells of so many fields of a kind, of which the first stands in a line.
    pub(crate) fn tell(&mut self, kind: String, count: usize, line: u32, example: &str) {
        if count == 0 {
            return;
        }
        let is_room = self.beyond.len() < KINDS || self.beyond.contains_key(&kind);
        let kind = if is_room { kind } else { MORE.to_owned() };
        let known = self.beyond.entry(kind).or_insert_with(|| Beyond {
            count: 0,
            line,
            example: example.trim().chars().take(EXAMPLE).collect(),
        });
        known.count = known.count.saturating_add(count);
    }

    pub(crate) fn all(self) -> Rest {
        Rest { carried: self.carried, beyond: self.beyond }
    }
}
