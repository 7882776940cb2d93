//! The devices of one document, each with an id of its own.
//!
//! Refuses a device without an id, and a second one with an id that another one has. The ids are
//! not kept again to find them by: they stand in the devices.

use std::hash::{BuildHasher, RandomState};

use domain::device::{Device, DeviceId};
use domain::fact::Fact;
use domain::problem::{Code, Loss, Problem};
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

/// The devices so far.
#[derive(Debug, Default)]
pub(super) struct Units {
    facts: Vec<Fact>,
    /// Places in the list, by the hash of the id there.
    by_id: HashTable<u32>,
    hashing: RandomState,
}

impl Units {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.facts.len()
    }

    /// The device at a place.
    pub(super) fn get_mut(&mut self, place: usize) -> Option<&mut Device> {
        match self.facts.get_mut(place)? {
            Fact::Device(device) => Some(device),
            _ => None,
        }
    }

    /// Keeps a device; the problem where it can't be. `identities` says what it could have been
    /// known by.
    pub(super) fn keep(
        &mut self,
        mut device: Device,
        identities: &'static str,
    ) -> Result<(), Problem> {
        let Some(id) = &device.id else {
            return Err(
                Problem::new(Code::RecordNotUsable, device.at, Loss::Record).expected(identities)
            );
        };
        let place = u32::try_from(self.facts.len())
            .expect("invariant: a document has fewer bytes, and a device takes one at least");
        let hash = |place: &u32| self.hashing.hash_one(id_at(&self.facts, *place));
        let is_it = |place: &u32| id_at(&self.facts, *place) == Some(id);
        match self.by_id.entry(self.hashing.hash_one(Some(id)), is_it, hash) {
            Entry::Vacant(entry) => {
                entry.insert(place);
            }
            Entry::Occupied(entry) => {
                let first = device_at(&self.facts, *entry.get()).map(|first| &first.at);
                let first = first.map(ToString::to_string).unwrap_or_default();
                return Err(Problem::new(Code::RecordDuplicate, device.at.clone(), Loss::Record)
                    .expected(format!("an id that is not already used at {first}"))
                    .found(&id.0));
            }
        }
        device.other.shrink_to_fit();
        self.facts.push(Fact::Device(Box::new(device)));
        Ok(())
    }

    /// The devices, in the order in which they came.
    pub(super) fn into_facts(self) -> Vec<Fact> {
        self.facts
    }
}

fn device_at(facts: &[Fact], place: u32) -> Option<&Device> {
    match facts.get(place as usize)? {
        Fact::Device(device) => Some(device),
        _ => None,
    }
}

fn id_at(facts: &[Fact], place: u32) -> Option<&DeviceId> {
    device_at(facts, place)?.id.as_ref()
}
