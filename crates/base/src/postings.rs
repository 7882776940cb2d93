//! Which records stand under which key: keys in their order, and for each the numbers of its
//! records, each as the distance from the one before.

use std::cmp::Ordering;

use decisions::exposure::keys::Key;

use super::bytes::{Pieces, PiecesOf, u64_at};
use super::codec::{Broken, Reader, Writer};

/// Of pairs of a key and a record, sorted, each once.
pub(crate) fn write(pairs: &[(Key, u32)]) -> Result<Vec<u8>, Broken> {
    let mut keys = Vec::new();
    let mut lists = Pieces::default();
    let mut writer = Writer::default();
    for list in pairs.chunk_by(|a, b| a.0 == b.0) {
        let mut last = 0;
        for (_, record) in list {
            writer.number(u64::from(record - last));
            last = *record;
        }
        keys.extend(list.first().into_iter().flat_map(|(key, _)| key.0.to_le_bytes()));
        lists.push(&writer.take())?;
    }
    let mut written = ((keys.len() / 8) as u64).to_le_bytes().to_vec();
    written.extend(keys);
    written.extend(lists.write()?);
    Ok(written)
}

/// As they were written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Postings<'b> {
    keys: &'b [u8],
    lists: PiecesOf<'b>,
}

impl<'b> Postings<'b> {
    pub(crate) fn read(written: &'b [u8]) -> Result<Self, Broken> {
        let count = u64_at(written, 0).and_then(|count| usize::try_from(count).ok());
        let rest = written.get(8..).unwrap_or_default();
        let (keys, lists) = count
            .and_then(|count| count.checked_mul(8))
            .and_then(|length| rest.split_at_checked(length))
            .ok_or(Broken("it ends too early"))?;
        let lists = PiecesOf::read(lists)?;
        (lists.len() * 8 == keys.len())
            .then_some(Self { keys, lists })
            .ok_or(Broken("keys and lists are not as many"))
    }

    /// How many keys there are.
    pub(crate) fn len(&self) -> usize {
        self.lists.len()
    }

    pub(crate) fn key(&self, place: usize) -> Option<Key> {
        u64_at(self.keys, place).map(Key)
    }

    /// The records under the key in a place.
    pub(crate) fn list(&self, place: usize) -> Result<Vec<u32>, Broken> {
        let mut reader = Reader::new(self.lists.get(place).unwrap_or_default());
        let mut records = Vec::new();
        let mut last = 0_u32;
        while !reader.is_done() {
            last = last.checked_add(reader.small()?).ok_or(Broken("a number is too large"))?;
            records.push(last);
        }
        Ok(records)
    }

    /// The records under any of some keys, which are sorted.
    pub(crate) fn under(&self, wanted: &[Key]) -> Result<Vec<u32>, Broken> {
        let mut found = Vec::new();
        let mut place = 0;
        for key in wanted {
            place = self.first_from(place, *key);
            if self.key(place) == Some(*key) {
                found.extend(self.list(place)?);
            }
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// The first place from a place on whose key is not before one. Keys are spread evenly, so what
    /// is looked for is near: twice as far at each step, and then between the last two.
    fn first_from(&self, from: usize, key: Key) -> usize {
        let is_before = |place: usize| self.key(place).map(|known| known.cmp(&key));
        let mut step = 1;
        let mut low = from;
        while is_before(low.saturating_add(step)) == Some(Ordering::Less) {
            low += step;
            step *= 2;
        }
        let mut high = low.saturating_add(step).min(self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if is_before(middle) == Some(Ordering::Less) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}
