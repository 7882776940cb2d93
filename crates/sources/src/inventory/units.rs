//! The devices of one document, each with an id of its own.
//!
//! Refuses a device without an id, and a second one with an id that another one has. The ids are
//! not kept again to find them by: they stand in the devices.

use std::hash::{BuildHasher, RandomState};

use domain::device::{Device, DeviceId};
use domain::fact::Fact;
use domain::problem::{Code, Loss, Problem};
use hashbrown::HashTable;

/// The devices so far.
#[derive(Debug, Default)]
pub(super) struct Units {
    facts: Vec<Fact>,
    /// Places in the list, by the hash of the id there; empty while there are few.
    by_id: HashTable<Known>,
    hashing: RandomState,
}

/// A device by its place, with the hash of its id: where the table grows, nobody has to look at
/// the devices again.
#[derive(Debug, Clone, Copy)]
struct Known {
    place: u32,
    hash: u32,
}

impl Known {
    /// What the table goes by.
    fn spread(hash: u32) -> u64 {
        // 2^64 over the golden ratio: the table uses the upper bits, too.
        u64::from(hash).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}

/// Up to so many devices are found faster one by one than by a hash.
const FEW: usize = 8;

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
        if let Some(first) = self.place_of(id) {
            let first = device_at(&self.facts, first).map(|first| &first.at);
            let first = first.map(ToString::to_string).unwrap_or_default();
            return Err(Problem::new(Code::RecordDuplicate, device.at.clone(), Loss::Record)
                .expected(format!("an id that is not already used at {first}"))
                .found(&id.0));
        }
        device.other.shrink_to_fit();
        self.facts.push(Fact::Device(Box::new(device)));
        self.note_last();
        Ok(())
    }

    fn place_of(&self, id: &DeviceId) -> Option<u32> {
        let is_at = |place: u32| id_at(&self.facts, place) == Some(id);
        if self.by_id.is_empty() {
            return (0..).zip(&self.facts).map(|(place, _)| place).find(|place| is_at(*place));
        }
        let hash = self.hash(id);
        let is_it = |known: &Known| known.hash == hash && is_at(known.place);
        self.by_id.find(Known::spread(hash), is_it).map(|known| known.place)
    }

    /// Notes the place of the device that was kept last; of all once they are no longer few.
    fn note_last(&mut self) {
        let Ok(count) = u32::try_from(self.facts.len()) else { return };
        let new = match self.facts.len() {
            ..FEW => count..count,
            FEW => 0..count,
            _ => count - 1..count,
        };
        for place in new {
            let Some(hash) = id_at(&self.facts, place).map(|id| self.hash(id)) else { continue };
            let spread = |known: &Known| Known::spread(known.hash);
            self.by_id.insert_unique(Known::spread(hash), Known { place, hash }, spread);
        }
    }

    /// Half of a hash is enough to tell some million ids apart before they are compared.
    fn hash(&self, id: &DeviceId) -> u32 {
        let [.., a, b, c, d] = self.hashing.hash_one(id).to_le_bytes();
        u32::from_le_bytes([a, b, c, d])
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
