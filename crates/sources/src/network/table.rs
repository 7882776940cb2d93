//! A table of bounded size whose entries age: found by key, forgotten by age.
//!
//! Entries stand in queues, each ordered by when an entry was last touched, so that the oldest of
//! a kind is at hand without a search. The hash is keyed: who sends the packets cannot choose keys
//! that collide. Refuses to grow by itself: whoever puts in asks [`Table::len`] first.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};

/// The key of the hash: unguessable in operation, fixed in tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seed(pub [u64; 2]);

impl BuildHasher for Seed {
    type Hasher = Folded;

    fn build_hasher(&self) -> Folded {
        Folded { state: self.0[0], key: self.0[1] | 1 }
    }
}

/// A multiplication whose two halves are folded into one, for each word.
#[derive(Debug)]
pub struct Folded {
    state: u64,
    key: u64,
}

/// An odd number without pattern: the fraction of the golden ratio.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// Both halves of the product of two words, one upon the other.
fn folded(one: u64, other: u64) -> u64 {
    let product = u128::from(one) * u128::from(other);
    #[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
    let (low, high) = (product as u64, (product >> 64) as u64);
    low ^ high
}

impl Hasher for Folded {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.state = folded(self.state ^ word, self.key ^ GOLDEN).wrapping_add(self.key);
    }

    fn finish(&self) -> u64 {
        folded(self.state, self.key)
    }
}

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place(u32);

const NOWHERE: u32 = u32::MAX;

#[derive(Debug)]
struct Slot<K, V> {
    entry: Option<(K, V)>,
    touched: i64,
    older: u32,
    newer: u32,
    queue: usize,
}

#[derive(Debug, Clone, Copy)]
struct Queue {
    oldest: u32,
    newest: u32,
    count: usize,
}

/// The table.
#[derive(Debug)]
pub(super) struct Table<K, V, const QUEUES: usize> {
    index: HashMap<K, u32, Seed>,
    slots: Vec<Slot<K, V>>,
    free: Vec<u32>,
    queues: [Queue; QUEUES],
}

impl<K: Copy + Eq + Hash, V, const QUEUES: usize> Table<K, V, QUEUES> {
    pub(super) fn new(seed: Seed) -> Self {
        Self {
            index: HashMap::with_hasher(seed),
            slots: Vec::new(),
            free: Vec::new(),
            queues: [Queue { oldest: NOWHERE, newest: NOWHERE, count: 0 }; QUEUES],
        }
    }

    pub(super) fn len(&self) -> usize {
        self.index.len()
    }

    /// How many stand in a queue.
    pub(super) fn count(&self, queue: usize) -> usize {
        self.queues.get(queue).map_or(0, |queue| queue.count)
    }

    pub(super) fn find(&self, key: &K) -> Option<Place> {
        self.index.get(key).copied().map(Place)
    }

    pub(super) fn get(&mut self, place: Place) -> Option<&mut V> {
        self.slots.get_mut(at(place.0))?.entry.as_mut().map(|(_, value)| value)
    }

    pub(super) fn key(&self, place: Place) -> Option<K> {
        self.slots.get(at(place.0))?.entry.as_ref().map(|(key, _)| *key)
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &V> {
        self.slots.iter().filter_map(|slot| slot.entry.as_ref().map(|(_, value)| value))
    }

    /// Puts a new entry in; the key must not be there.
    pub(super) fn put(&mut self, key: K, value: V, queue: usize, now: i64) -> Place {
        debug_assert!(!self.index.contains_key(&key), "an entry is not put in twice");
        let slot =
            Slot { entry: Some((key, value)), touched: now, older: NOWHERE, newer: NOWHERE, queue };
        let place = match self.free.pop() {
            Some(place) => {
                if let Some(old) = self.slots.get_mut(at(place)) {
                    *old = slot;
                }
                place
            }
            None => {
                self.slots.push(slot);
                u32::try_from(self.slots.len() - 1).expect("invariant: limits are far below 2^32")
            }
        };
        self.index.insert(key, place);
        self.enqueue(place, queue);
        Place(place)
    }

    /// Makes an entry the newest of a queue. Within the same queue that is put off for
    /// [`Self::LAZY`], which spares most packets the work.
    pub(super) fn touch(&mut self, place: Place, queue: usize, now: i64) {
        let Some(slot) = self.slots.get_mut(at(place.0)) else { return };
        if slot.queue == queue && now - slot.touched < Self::LAZY {
            return;
        }
        slot.touched = now;
        self.dequeue(place.0);
        self.enqueue(place.0, queue);
    }

    /// How late the age of an entry may be known, in microseconds.
    pub(super) const LAZY: i64 = 500_000;

    /// The oldest of a queue, and when it was touched.
    pub(super) fn oldest(&self, queue: usize) -> Option<(Place, i64)> {
        let oldest = self.queues.get(queue)?.oldest;
        self.slots.get(at(oldest)).map(|slot| (Place(oldest), slot.touched))
    }

    pub(super) fn remove(&mut self, place: Place) -> Option<V> {
        self.slots.get(at(place.0))?.entry.as_ref()?;
        self.dequeue(place.0);
        let (key, value) = self.slots.get_mut(at(place.0))?.entry.take()?;
        self.index.remove(&key);
        self.free.push(place.0);
        Some(value)
    }

    fn enqueue(&mut self, place: u32, queue: usize) {
        let Some(ends) = self.queues.get_mut(queue) else { return };
        let older = std::mem::replace(&mut ends.newest, place);
        ends.count += 1;
        if older == NOWHERE {
            ends.oldest = place;
        } else if let Some(slot) = self.slots.get_mut(at(older)) {
            slot.newer = place;
        }
        if let Some(slot) = self.slots.get_mut(at(place)) {
            (slot.older, slot.newer, slot.queue) = (older, NOWHERE, queue);
        }
    }

    fn dequeue(&mut self, place: u32) {
        let Some(slot) = self.slots.get(at(place)) else { return };
        let (older, newer, queue) = (slot.older, slot.newer, slot.queue);
        let Some(ends) = self.queues.get_mut(queue) else { return };
        ends.count -= 1;
        if older == NOWHERE {
            ends.oldest = newer;
        }
        if newer == NOWHERE {
            ends.newest = older;
        }
        if let Some(slot) = self.slots.get_mut(at(older)) {
            slot.newer = newer;
        }
        if let Some(slot) = self.slots.get_mut(at(newer)) {
            slot.older = older;
        }
    }
}

fn at(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Seed, Table};
    use proptest::prelude::*;
    use std::hash::BuildHasher;

    #[test]
    fn a_hash_depends_on_its_seed_and_spreads_neighbours() {
        let hash = |seed: [u64; 2], word: u64| Seed(seed).hash_one(word);
        assert_ne!(hash([1, 2], 7), hash([1, 4], 7));
        assert_ne!(hash([1, 2], 7), hash([2, 2], 7));
        let mut low: Vec<u64> = (0..256).map(|word| hash([0, 0], word) & 0xff).collect();
        low.sort_unstable();
        low.dedup();
        assert!(low.len() > 120, "only {} of 256 places", low.len());
    }

    proptest! {
        #[test]
        fn the_oldest_is_whoever_was_longest_untouched(
            acts in prop::collection::vec((0_u8..3, 0_u64..20, 0_usize..2), 0..200)
        ) {
            let mut table: Table<u64, u64, 2> = Table::new(Seed([1, 2]));
            let mut plain: Vec<(u64, usize)> = Vec::new();
            for (now, (act, key, queue)) in (0..).map(|n| n * 1_000_000).zip(acts) {
                let found = table.find(&key);
                prop_assert_eq!(found.is_some(), plain.iter().any(|(k, _)| *k == key));
                plain.retain(|(k, _)| *k != key);
                match (act, found) {
                    (0, Some(place)) => prop_assert_eq!(table.remove(place), Some(key)),
                    (_, Some(place)) => {
                        table.touch(place, queue, now);
                        plain.push((key, queue));
                    }
                    (_, None) => {
                        table.put(key, key, queue, now);
                        plain.push((key, queue));
                    }
                }
                for queue in 0..2 {
                    let expected = plain.iter().find(|(_, q)| *q == queue).map(|(k, _)| *k);
                    let oldest = table.oldest(queue).map(|(place, _)| place);
                    prop_assert_eq!(oldest.and_then(|p| table.get(p).copied()), expected);
                    let count = plain.iter().filter(|(_, q)| *q == queue).count();
                    prop_assert_eq!(table.count(queue), count);
                }
                prop_assert_eq!(table.len(), plain.len());
            }
        }
    }
}
