//! The file that is being written: blocks as they come, and the index behind them.

use std::fs::File;
use std::io::{BufWriter, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use decisions::exposure::keys::Key;
use domain::advisory::KnownExploited;
use rayon::slice::ParallelSliceMut as _;

use super::changes::{self, Step};
use super::{BLOCK, Prediction, Written, pack};
use crate::bytes::{Pieces, length};
use crate::codec::{Broken, Writer};
use crate::facts::encode;
use crate::file::{
    BLOCK as BLOCK_ROW, BaseError, FORMAT, HEAD, Listed, MAGIC, PART, PARTS, PARTS_AT, PREDICTION,
    Packed, RECORD, sum_of,
};
use crate::postings;

/// Where a record stands: block, where it begins there, its length.
pub(super) type At = [u32; 3];

pub(super) struct Output<'f> {
    to: BufWriter<&'f File>,
    path: PathBuf,
    at: u64,
    blocks: Vec<[u8; BLOCK_ROW]>,
    /// Records of small documents, until they are a block; its number is taken already.
    open: Option<(u32, Vec<u8>)>,
}

impl<'f> Output<'f> {
    /// Begins a base that will take the place of `path`.
    pub(super) fn begin(file: &'f File, path: &Path) -> Result<Self, BaseError> {
        let mut output = Self {
            to: BufWriter::with_capacity(1 << 20, file),
            path: path.to_owned(),
            at: 0,
            blocks: Vec::new(),
            open: None,
        };
        output.put(&[0; HEAD])?;
        Ok(output)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), BaseError> {
        self.to.write_all(bytes).map_err(|source| BaseError::Io {
            what: "write",
            path: self.path.clone(),
            source,
        })?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    pub(super) fn checked<T>(&self, made: Result<T, Broken>) -> Result<T, BaseError> {
        made.map_err(|what| BaseError::Damaged { path: self.path.clone(), what })
    }

    fn number(&mut self) -> Result<u32, BaseError> {
        let number = self.checked(length(self.blocks.len()))?;
        self.blocks.push([0; BLOCK_ROW]);
        Ok(number)
    }

    /// Writes a block, and says its number.
    pub(super) fn block(&mut self, block: &Packed) -> Result<u32, BaseError> {
        let number = self.number()?;
        self.write_block(number, block)?;
        Ok(number)
    }

    fn write_block(&mut self, number: u32, block: &Packed) -> Result<(), BaseError> {
        let stored = self.checked(length(block.bytes.len()))?;
        let row = [self.at.to_le_bytes().as_slice(), &stored.to_le_bytes()].concat();
        let sums = [block.length.to_le_bytes(), sum_of(&block.bytes).to_le_bytes()].concat();
        if let Some(place) = self.blocks.get_mut(number as usize) {
            for (byte, value) in place.iter_mut().zip(row.into_iter().chain(sums)) {
                *byte = value;
            }
        }
        self.put(&block.bytes)
    }

    /// Writes a record together with those of other documents, and says where it will stand.
    pub(super) fn record(&mut self, record: &[u8]) -> Result<At, BaseError> {
        if self.open.as_ref().is_some_and(|(_, bytes)| bytes.len() >= BLOCK) {
            self.close_block()?;
        }
        let (number, mut bytes) = match self.open.take() {
            Some(open) => open,
            None => (self.number()?, Vec::new()),
        };
        let start = self.checked(length(bytes.len()))?;
        let size = self.checked(length(record.len()))?;
        bytes.extend_from_slice(record);
        self.open = Some((number, bytes));
        Ok([number, start, size])
    }

    /// Writes the block that is open.
    pub(super) fn close_block(&mut self) -> Result<(), BaseError> {
        let Some((number, bytes)) = self.open.take() else { return Ok(()) };
        let packed = self.checked(pack(&bytes))?;
        self.write_block(number, &packed)
    }

    /// Writes the index and the head, and waits until all of it is on disk.
    pub(super) fn end(mut self, mut index: Index) -> Result<Written, BaseError> {
        index.pairs.par_sort_unstable();
        index.pairs.dedup();
        index.predictions.par_sort_by_key(|(told, document)| (told.key, *document, told.line));
        let documents = self.checked(index.documents.write())?;
        let postings = self.checked(postings::write(&index.pairs))?;
        let exploited = self.checked(index.exploited.write())?;
        let rows: Vec<u8> = index.rows.iter().flatten().flat_map(|n| n.to_le_bytes()).collect();
        let blocks = self.blocks.concat();
        let predictions: Vec<u8> = index.predictions.iter().flat_map(row).collect();
        let changes = self.checked(changes::write(&index.steps))?;
        let mut head = MAGIC.to_vec();
        head.extend(FORMAT.to_le_bytes());
        head.extend([0; 4]);
        head.extend(index.made.to_le_bytes());
        head.extend(index.bundle.to_le_bytes());
        head.resize(PARTS_AT, 0);
        let parts: [&[u8]; PARTS.len()] =
            [&documents, &rows, &blocks, &postings, &exploited, &predictions, &changes];
        for part in parts {
            head.extend(self.at.to_le_bytes());
            head.extend((part.len() as u64).to_le_bytes());
            head.extend(sum_of(part).to_le_bytes());
            head.extend([0; PART - 20]);
            self.put(part)?;
        }
        head.resize(HEAD - 4, 0);
        head.extend(sum_of(&head).to_le_bytes());
        let written = Written {
            documents: index.documents.len(),
            compiled: 0,
            records: index.rows.len(),
            bytes: self.at,
        };
        let path = self.path;
        let io = |source| BaseError::Io { what: "write", path: path.clone(), source };
        self.to.seek(SeekFrom::Start(0)).map_err(io)?;
        self.to.write_all(&head).and_then(|()| self.to.flush()).map_err(io)?;
        self.to.get_ref().sync_all().map_err(io)?;
        Ok(written)
    }
}

/// The index, as it grows.
#[derive(Debug, Default)]
pub(super) struct Index {
    made: u64,
    bundle: u64,
    documents: Pieces,
    rows: Vec<[u32; RECORD]>,
    pairs: Vec<(Key, u32)>,
    exploited: Pieces,
    predictions: Vec<(Prediction, u32)>,
    steps: Vec<Step>,
}

impl Index {
    /// An empty one of this time, with that of the newest bundle in it (seconds since 1970, UTC),
    /// and the steps that lead to it.
    pub(super) fn new((made, bundle): (u64, u64), steps: Vec<Step>) -> Self {
        Self { made, bundle, steps, ..Self::default() }
    }

    /// One more document, with its records: where each stands, and by what it is found.
    pub(super) fn document(
        &mut self,
        listed: &Listed,
        records: impl IntoIterator<Item = (At, Vec<Key>)>,
    ) -> Result<(), Broken> {
        let document = length(self.documents.len())?;
        let mut writer = Writer::default();
        writer.text(&listed.name);
        writer.text(&listed.format);
        writer.number(listed.bytes);
        writer.raw(&listed.hash);
        for number in [listed.records, listed.lost, listed.compiled] {
            writer.number(number);
        }
        self.documents.push(&writer.take())?;
        for ([block, start, size], keys) in records {
            let record = length(self.rows.len())?;
            self.rows.push([document, block, start, size]);
            self.pairs.extend(keys.into_iter().map(|key| (key, record)));
        }
        Ok(())
    }

    /// Entries of a catalogue in the document that came last.
    pub(super) fn exploited(
        &mut self,
        known: impl IntoIterator<Item = KnownExploited>,
    ) -> Result<(), Broken> {
        let document = self.last()?;
        let mut writer = Writer::default();
        known
            .into_iter()
            .try_for_each(|known| self.exploited.push(&encode(&(document, known), &mut writer)))
    }

    /// Predictions in the document that came last.
    pub(super) fn predictions(
        &mut self,
        told: impl IntoIterator<Item = Prediction>,
    ) -> Result<(), Broken> {
        let document = self.last()?;
        self.predictions.extend(told.into_iter().map(|prediction| (prediction, document)));
        Ok(())
    }

    fn last(&self) -> Result<u32, Broken> {
        length(self.documents.len().saturating_sub(1))
    }
}

/// A prediction as it is written.
fn row((told, document): &(Prediction, u32)) -> [u8; PREDICTION] {
    let mut row = [0; PREDICTION];
    let bytes = told.key.0.to_le_bytes().into_iter();
    let bytes = bytes.chain(document.to_le_bytes()).chain(told.line.to_le_bytes());
    let bytes = bytes.chain(told.probability.to_le_bytes()).chain(told.percentile.to_le_bytes());
    row.iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte);
    row
}
