//! What stays of the base that was there: blocks are copied as they stand, unless most of what is
//! in them is no longer wanted.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use decisions::exposure::keys::Key;
use domain::advisory::KnownExploited;

use super::changes::{Step, Told};
use super::output::{At, Index, Output};
use crate::bytes::u32_at;
use crate::codec::Broken;
use crate::file::{Base, BaseError, Listed, Part, Prediction, RECORD, Shelf, exploited, unpack};
use crate::postings::Postings;

/// The base that is there already.
#[derive(Debug)]
pub(super) struct Old {
    base: Base,
    pub(super) listed: Vec<Listed>,
    /// Of each document, by name.
    places: HashMap<String, u32>,
}

impl Old {
    pub(super) fn new(base: Base) -> Result<Self, BaseError> {
        let listed = base.documents()?;
        let places = (0..).zip(&listed).map(|(place, one)| (one.name.clone(), place)).collect();
        Ok(Self { base, listed, places })
    }

    /// When the newest bundle in it was made.
    pub(super) fn bundle(&self) -> u64 {
        self.base.bundle()
    }

    pub(super) fn listed(&self, name: &str) -> Option<&Listed> {
        self.listed.get(*self.places.get(name)? as usize)
    }
}

/// What of it stays.
pub(super) struct Kept {
    old: Old,
    shelf: Shelf,
    /// The first record of each document, and behind the last one how many there are.
    starts: Vec<u32>,
    /// By what each record is found.
    keys: Vec<Vec<Key>>,
    /// How many bytes of each block stay.
    stay: HashMap<u32, usize>,
    moved: HashMap<u32, Moved>,
    exploited: HashMap<u32, Vec<KnownExploited>>,
    predictions: HashMap<u32, Vec<Prediction>>,
}

/// What became of a block.
enum Moved {
    /// It has this number now.
    Whole(u32),
    /// Its records are written one by one.
    Open(Vec<u8>),
}

impl Kept {
    /// Of a base the documents of these names.
    pub(super) fn new(old: Old, names: &[String]) -> Result<Self, BaseError> {
        let base = &old.base;
        let shelf = Shelf { rows: base.part(Part::Records)?, blocks: base.part(Part::Blocks)? };
        let damaged = |what| base.damaged(what);
        let records = u32::try_from(shelf.len()).unwrap_or(u32::MAX);
        let mut keys = vec![Vec::new(); shelf.len()];
        let written = base.part(Part::Postings)?;
        let postings = Postings::read(&written).map_err(damaged)?;
        for place in 0..postings.len() {
            for record in postings.list(place).map_err(damaged)? {
                let of_record = keys.get_mut(record as usize);
                let of_record = of_record.ok_or(Broken("a record is not there"));
                of_record.map_err(damaged)?.extend(postings.key(place));
            }
        }
        let document = |record: &u32| u32_at(&shelf.rows, *record as usize * RECORD);
        let documents = u32::try_from(old.listed.len()).unwrap_or(u32::MAX);
        let mut starts = Vec::with_capacity(old.listed.len() + 1);
        let mut next = 0;
        for number in 0..=documents {
            while next < records && document(&next).is_some_and(|of| of < number) {
                next += 1;
            }
            starts.push(next);
        }
        let mut stay: HashMap<u32, usize> = HashMap::new();
        for number in names.iter().filter_map(|name| old.places.get(name)) {
            for place in records_of(&starts, *number).filter_map(|record| shelf.place(record)) {
                *stay.entry(place.block).or_default() += place.length;
            }
        }
        let mut kept_exploited: HashMap<u32, Vec<KnownExploited>> = HashMap::new();
        let written = base.part(Part::Exploited)?;
        for (document, known) in exploited(&written).map_err(damaged)? {
            kept_exploited.entry(document).or_default().push(known);
        }
        let mut predictions: HashMap<u32, Vec<Prediction>> = HashMap::new();
        let written = base.part(Part::Predictions)?;
        for (told, document) in written.as_chunks().0.iter().map(Prediction::read) {
            predictions.entry(document).or_default().push(told);
        }
        let (moved, exploited) = (HashMap::new(), kept_exploited);
        Ok(Self { old, shelf, starts, keys, stay, moved, exploited, predictions })
    }

    /// Which base it is.
    pub(super) fn print(&self) -> String {
        self.old.base.print()
    }

    /// The steps that lead to it.
    pub(super) fn steps(&self) -> Result<Vec<Step>, BaseError> {
        self.old.base.steps()
    }

    /// Its documents by name, each with its SHA-256.
    pub(super) fn listed(&self) -> impl Iterator<Item = (&str, [u8; 32])> {
        self.old.listed.iter().map(|listed| (listed.name.as_str(), listed.hash))
    }

    /// The SHA-256 of a document.
    pub(super) fn hash(&self, name: &str) -> Option<[u8; 32]> {
        self.old.listed(name).map(|listed| listed.hash)
    }

    pub(super) fn damaged(&self, what: Broken) -> BaseError {
        self.old.base.damaged(what)
    }

    /// What a document tells; nothing where it is not there.
    pub(super) fn told(&self, name: &str) -> Result<Told, BaseError> {
        let Some(number) = self.old.places.get(name).copied() else { return Ok(Told::default()) };
        let mut told = Told {
            exploited: self.exploited.get(&number).cloned().unwrap_or_default(),
            predictions: self.predictions.get(&number).cloned().unwrap_or_default(),
            ..Told::default()
        };
        // What is told of one document stands in few blocks.
        let mut blocks: HashMap<u32, Vec<u8>> = HashMap::new();
        for record in records_of(&self.starts, number) {
            let there = || self.damaged(Broken("a record is not there"));
            let place = self.shelf.place(record).ok_or_else(there)?;
            if let Entry::Vacant(new) = blocks.entry(place.block) {
                new.insert(self.old.base.block(&self.shelf, place.block)?);
            }
            let block = blocks.get(&place.block).and_then(|block| block.get(place.start..));
            let record = block.and_then(|block| block.get(..place.length)).ok_or_else(there)?;
            told.records.insert(record.to_vec());
        }
        Ok(told)
    }

    /// Whether it has a document of this name.
    pub(super) fn holds(&self, name: &str) -> bool {
        self.old.places.contains_key(name)
    }

    /// Writes a document that stays as it is.
    pub(super) fn write(
        &mut self,
        name: &str,
        output: &mut Output<'_>,
        index: &mut Index,
    ) -> Result<(), BaseError> {
        let Some(number) = self.old.places.get(name).copied() else { return Ok(()) };
        let mut records = Vec::new();
        for record in records_of(&self.starts, number) {
            let at = self.place(record, output)?;
            let keys = self.keys.get_mut(record as usize).map(std::mem::take).unwrap_or_default();
            records.push((at, keys));
        }
        let Some(listed) = self.old.listed.get(number as usize) else { return Ok(()) };
        let exploited = self.exploited.remove(&number).unwrap_or_default();
        let predictions = self.predictions.remove(&number).unwrap_or_default();
        let added = index
            .document(listed, records)
            .and_then(|()| index.exploited(exploited))
            .and_then(|()| index.predictions(predictions));
        output.checked(added)
    }

    /// Where a record will stand.
    fn place(&mut self, record: u32, output: &mut Output<'_>) -> Result<At, BaseError> {
        let damaged = |what| self.old.base.damaged(Broken(what));
        let there = "a record is not there";
        let place = self.shelf.place(record).ok_or_else(|| damaged(there))?;
        if !self.moved.contains_key(&place.block) {
            let block = self.old.base.packed(&self.shelf, place.block)?;
            let stays = self.stay.get(&place.block).copied().unwrap_or_default();
            let moved = if stays >= block.length as usize / 2 {
                Moved::Whole(output.block(&block)?)
            } else {
                let open = unpack(&block.bytes, block.length);
                Moved::Open(open.map_err(|what| self.old.base.damaged(what))?)
            };
            self.moved.insert(place.block, moved);
        }
        match self.moved.get(&place.block) {
            Some(Moved::Whole(number)) => {
                let [start, length] = [place.start, place.length].map(u32::try_from);
                let is_too_large = |_| damaged("a number is too large");
                Ok([*number, start.map_err(is_too_large)?, length.map_err(is_too_large)?])
            }
            Some(Moved::Open(bytes)) => {
                let end = place.start.saturating_add(place.length);
                output.record(bytes.get(place.start..end).ok_or_else(|| damaged(there))?)
            }
            None => Err(damaged("a block is not there")),
        }
    }
}

fn records_of(starts: &[u32], document: u32) -> std::ops::Range<u32> {
    let at = |place: usize| starts.get(place).copied().unwrap_or_default();
    at(document as usize)..at(document as usize + 1)
}
