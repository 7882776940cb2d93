//! The file: a head that says where everything stands, blocks of records, and the index.
//!
//! The head is checked when the file is opened, each part when it is read, each block when it is
//! opened. All numbers have the lowest byte first. Refuses another format than [`FORMAT`]: the
//! documents are there to be compiled again.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use decisions::exposure::keys::Key;
use domain::advisory::{
    Advisory, ExploitPrediction, ExploitPredictions, KnownExploited, VulnerabilityId,
};
use domain::fact::{Document, Fact, Reading};
use domain::location::{DocumentId, Location};
use flate2::{Crc, Decompress, FlushDecompress, Status};
use rayon::prelude::*;

use super::bytes::{PiecesOf, u32_at, u64_at};
use super::codec::{Broken, Reader};
use super::compile::changes::{self, Step};
use super::facts::decode;
use super::postings::Postings;

/// The version of the layout and of what facts are written as.
pub(crate) const FORMAT: u32 = 1;

pub(super) const MAGIC: [u8; 8] = *b"ASEPBASE";
/// Bytes of the head.
pub(super) const HEAD: usize = 256;
/// The longest block that is opened, in bytes.
const BLOCK_BYTES: u32 = 1 << 28;

/// The parts of the index, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Documents,
    Records,
    Blocks,
    Postings,
    Exploited,
    Predictions,
    Changes,
}

pub(super) const PARTS: [Part; 7] = [
    Part::Documents,
    Part::Records,
    Part::Blocks,
    Part::Postings,
    Part::Exploited,
    Part::Predictions,
    Part::Changes,
];

/// Bytes that the head has for a part: where it begins, how long it is, its check sum, nothing.
pub(super) const PART: usize = 24;
/// Where the parts stand in the head.
pub(super) const PARTS_AT: usize = 48;

/// Numbers of four bytes for a record: its document, its block, where it begins there, its length.
pub(super) const RECORD: usize = 4;
/// Bytes for a block: where it begins (8), how long it is as it stands (4) and in full (4), its
/// check sum (4), nothing (4).
pub(super) const BLOCK: usize = 24;
/// Bytes for a prediction: its key (8), its document (4) and line (4), probability (8) and
/// percentile (8), which is no number where it is not said.
pub(super) const PREDICTION: usize = 32;

/// Why a base can't be used.
#[derive(Debug, thiserror::Error)]
pub enum BaseError {
    /// It can't be read or written.
    #[error("cannot {what} the base `{}`", path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// It is something else.
    #[error(
        "`{}` is no base of Asepsis: make one by `asepsis feed import`", path.display()
    )]
    NoBase {
        /// Which file.
        path: PathBuf,
    },
    /// It was made by another version of the program.
    #[error(
        "the base `{}` has format {found}, and this program reads {FORMAT}: move it away, and import all documents again",
        path.display()
    )]
    Format {
        /// Which file.
        path: PathBuf,
        /// Its format.
        found: u32,
    },
    /// Another program writes it.
    #[error("another import is writing the base `{}`: wait until it is done", path.display())]
    Busy {
        /// Which file.
        path: PathBuf,
    },
    /// It is damaged.
    #[error(
        "the base `{}` is damaged ({what}): move it away, and import all documents again",
        path.display()
    )]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What was found.
        what: Broken,
    },
}

/// A document as a base lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Its format, in words.
    pub format: String,
    /// Its size in bytes, unpacked.
    pub bytes: u64,
    /// Its SHA-256.
    pub hash: [u8; 32],
    /// How many records it has, and how many of them could not be read.
    pub records: u64,
    /// Records that could not be read.
    pub lost: u64,
    /// When it was compiled, in seconds since 1970 (UTC).
    pub compiled: u64,
}

/// A base that is open.
#[derive(Debug)]
pub struct Base {
    path: PathBuf,
    file: File,
    bytes: u64,
    parts: [Section; PARTS.len()],
    made: u64,
    bundle: u64,
    /// The check sum of its head, in which those of all parts stand.
    sum: u32,
}

/// Where a part stands.
#[derive(Debug, Clone, Copy, Default)]
struct Section {
    at: u64,
    length: u64,
    sum: u32,
}

impl Base {
    /// Opens a base and checks its head.
    ///
    /// # Errors
    /// Where it is not there, is something else, has another format, or is cut short.
    pub fn open(path: &Path) -> Result<Self, BaseError> {
        let io = |source| BaseError::Io { what: "open", path: path.to_owned(), source };
        let damaged = |what| BaseError::Damaged { path: path.to_owned(), what: Broken(what) };
        let file = File::open(path).map_err(io)?;
        let bytes = file.metadata().map_err(io)?.len();
        let mut head = [0; HEAD];
        let is_base = file.read_exact_at(&mut head, 0).is_ok() && head.starts_with(&MAGIC);
        if !is_base {
            return Err(BaseError::NoBase { path: path.to_owned() });
        }
        let found = u32_at(&head, 2).unwrap_or_default();
        if found != FORMAT {
            return Err(BaseError::Format { path: path.to_owned(), found });
        }
        let (said, sum) = head.split_at(HEAD - 4);
        let sum = u32_at(sum, 0).unwrap_or_default();
        if sum != sum_of(said) {
            return Err(damaged("its head is not as it was written"));
        }
        let mut parts = [Section::default(); PARTS.len()];
        for (part, bytes) in parts.iter_mut().zip(head[PARTS_AT..].chunks_exact(PART)) {
            let [at, length] = [u64_at(bytes, 0), u64_at(bytes, 1)].map(Option::unwrap_or_default);
            *part = Section { at, length, sum: u32_at(bytes, 4).unwrap_or_default() };
        }
        if parts.iter().any(|part| part.at.checked_add(part.length).is_none_or(|end| end > bytes)) {
            return Err(damaged("it is cut short"));
        }
        let [made, bundle] = [2, 3].map(|place| u64_at(&head, place).unwrap_or_default());
        Ok(Self { path: path.to_owned(), file, bytes, parts, made, bundle, sum })
    }

    /// When it was made, in seconds since 1970 (UTC).
    #[must_use]
    pub fn made(&self) -> u64 {
        self.made
    }

    /// When the newest bundle was made that was taken in, in seconds since 1970 (UTC); 0 where none
    /// was.
    #[must_use]
    pub fn bundle(&self) -> u64 {
        self.bundle
    }

    /// By what it is told from any other base: when it was made, and its check sum.
    #[must_use]
    pub fn print(&self) -> String {
        format!("{}-{:08x}", self.made, self.sum)
    }

    /// The names of all vulnerabilities of which it says otherwise than the base of this
    /// [print](Base::print) did; nothing where that can't be told.
    ///
    /// # Errors
    /// Where the base can't be read, or is damaged.
    pub fn since(&self, before: &str) -> Result<Option<BTreeSet<VulnerabilityId>>, BaseError> {
        let mut names = BTreeSet::new();
        if before == self.print() {
            return Ok(Some(names));
        }
        for step in self.steps()? {
            names.extend(step.names);
            if step.before == before {
                return Ok(Some(names));
            }
        }
        Ok(None)
    }

    /// The imports that lead to it, the last one first.
    pub(super) fn steps(&self) -> Result<Vec<Step>, BaseError> {
        changes::read(&self.part(Part::Changes)?).map_err(|what| self.damaged(what))
    }

    /// Its size in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Its documents, in the order of their names.
    ///
    /// # Errors
    /// Where the list is damaged.
    pub fn documents(&self) -> Result<Vec<Listed>, BaseError> {
        let written = self.part(Part::Documents)?;
        let pieces = PiecesOf::read(&written).map_err(|what| self.damaged(what))?;
        let listed = (0..pieces.len()).map(|place| listed(pieces.get(place).unwrap_or_default()));
        listed.collect::<Result<_, _>>().map_err(|what| self.damaged(what))
    }

    /// What it knows that can be about whatever bears one of these keys, which are sorted, or that
    /// tells of vulnerabilities of these names; and all that tells of the same vulnerabilities.
    /// All of the catalogue of what is exploited is among it. Documents are in the order of their
    /// names, and what was read of them in its own.
    ///
    /// # Errors
    /// Where the base can't be read, or is damaged.
    pub fn about(
        &self,
        keys: &[Key],
        names: impl IntoIterator<Item = VulnerabilityId>,
    ) -> Result<Vec<Document>, BaseError> {
        let postings = self.part(Part::Postings)?;
        let postings = Postings::read(&postings).map_err(|what| self.damaged(what))?;
        let shelf = Shelf { rows: self.part(Part::Records)?, blocks: self.part(Part::Blocks)? };
        let mut known: BTreeSet<VulnerabilityId> = names.into_iter().collect();
        let mut opened: BTreeMap<u32, Advisory> = BTreeMap::new();
        let mut wanted = keys.to_vec();
        wanted.extend(known.iter().map(|name| Key::of(&name.0)));
        while !wanted.is_empty() {
            wanted.sort_unstable();
            let mut more = postings.under(&wanted).map_err(|what| self.damaged(what))?;
            more.retain(|record| !opened.contains_key(record));
            let more = self.records(&shelf, &more)?;
            wanted.clear();
            for one in more.iter().flat_map(|(_, advisory)| &advisory.vulnerabilities) {
                for name in std::iter::once(&one.id).chain(&one.aliases) {
                    if !known.contains(name) {
                        wanted.push(Key::of(&name.0));
                        known.insert(name.clone());
                    }
                }
            }
            opened.extend(more);
        }
        let facts = Facts::of(self, (&shelf, opened), &known)?;
        self.shelved(facts)
    }

    /// Opens records, which are in their order.
    fn records(&self, shelf: &Shelf, records: &[u32]) -> Result<Vec<(u32, Advisory)>, BaseError> {
        let mut by_block: BTreeMap<u32, Vec<(u32, Place)>> = BTreeMap::new();
        for record in records {
            let place = shelf.place(*record).ok_or(Broken("a record is not there"));
            let place = place.map_err(|what| self.damaged(what))?;
            by_block.entry(place.block).or_default().push((*record, place));
        }
        let open = |(block, places): (u32, Vec<(u32, Place)>)| {
            let bytes = self.block(shelf, block)?;
            let decode = |(record, place): (u32, Place)| {
                let bytes = bytes.get(place.start..place.start.checked_add(place.length)?)?;
                Some(decode(bytes).map(|advisory| (record, advisory)))
            };
            let decoded = places.into_iter().map(|place| {
                let there = decode(place).ok_or(Broken("a record is not there"));
                there.flatten().map_err(|what| self.damaged(what))
            });
            decoded.collect::<Result<Vec<_>, _>>()
        };
        let opened: Result<Vec<Vec<_>>, _> = by_block.into_par_iter().map(open).collect();
        opened.map(|opened| opened.into_iter().flatten().collect())
    }

    /// A block, as it was before it was packed.
    pub(super) fn block(&self, shelf: &Shelf, number: u32) -> Result<Vec<u8>, BaseError> {
        let row = shelf.block(number).ok_or(Broken("a block is not there"));
        let row = row.map_err(|what| self.damaged(what))?;
        let packed = self.read(row.section)?;
        unpack(&packed, row.length).map_err(|what| self.damaged(what))
    }

    /// What was opened, by document.
    fn shelved(&self, facts: Facts) -> Result<Vec<Document>, BaseError> {
        let written = self.part(Part::Documents)?;
        let pieces = PiecesOf::read(&written).map_err(|what| self.damaged(what))?;
        let mut documents = Vec::with_capacity(facts.by_document.len());
        for (number, facts) in facts.by_document {
            let piece = pieces.get(number as usize).ok_or(Broken("a document is not there"));
            let listed = piece.and_then(listed).map_err(|what| self.damaged(what))?;
            let records = facts.len();
            documents.push(Document {
                id: DocumentId(number),
                name: listed.name,
                format: listed.format,
                bytes: listed.bytes,
                reading: Reading {
                    facts,
                    records_seen: records,
                    records_made: records,
                    ..Reading::default()
                },
            });
        }
        Ok(documents)
    }

    /// A part of the index, whole.
    pub(super) fn part(&self, part: Part) -> Result<Vec<u8>, BaseError> {
        let section = PARTS.iter().zip(self.parts).find(|(known, _)| **known == part);
        section.map_or_else(|| Ok(Vec::new()), |(_, section)| self.read(section))
    }

    fn read(&self, section: Section) -> Result<Vec<u8>, BaseError> {
        let is_within = section.at.checked_add(section.length).is_some_and(|end| end <= self.bytes);
        let length = usize::try_from(section.length).ok().filter(|_| is_within);
        let length = length.ok_or_else(|| self.damaged(Broken("it is cut short")))?;
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, section.at).map_err(|source| BaseError::Io {
            what: "read",
            path: self.path.clone(),
            source,
        })?;
        if sum_of(&bytes) != section.sum {
            return Err(self.damaged(Broken("a part is not as it was written")));
        }
        Ok(bytes)
    }

    /// A block as it is packed, with its row.
    pub(super) fn packed(&self, shelf: &Shelf, number: u32) -> Result<Packed, BaseError> {
        let row = shelf.block(number).ok_or(Broken("a block is not there"));
        let row = row.map_err(|what| self.damaged(what))?;
        Ok(Packed { bytes: self.read(row.section)?, length: row.length })
    }

    pub(super) fn damaged(&self, what: Broken) -> BaseError {
        BaseError::Damaged { path: self.path.clone(), what }
    }
}

/// A block as it is packed, and how long it is in full.
#[derive(Debug)]
pub(super) struct Packed {
    pub(super) bytes: Vec<u8>,
    pub(super) length: u32,
}

/// Where records stand.
#[derive(Debug)]
pub(super) struct Shelf {
    pub(super) rows: Vec<u8>,
    pub(super) blocks: Vec<u8>,
}

/// Where one record stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) document: u32,
    pub(super) block: u32,
    pub(super) start: usize,
    pub(super) length: usize,
}

struct BlockRow {
    section: Section,
    length: u32,
}

impl Shelf {
    pub(super) fn len(&self) -> usize {
        self.rows.len() / (RECORD * 4)
    }

    pub(super) fn place(&self, record: u32) -> Option<Place> {
        let number = |column| u32_at(&self.rows, record as usize * RECORD + column);
        Some(Place {
            document: number(0)?,
            block: number(1)?,
            start: number(2)? as usize,
            length: number(3)? as usize,
        })
    }

    fn block(&self, number: u32) -> Option<BlockRow> {
        let at = (number as usize).checked_mul(BLOCK)?;
        let row = self.blocks.get(at..at.checked_add(BLOCK)?)?;
        let length = u64::from(u32_at(row, 2)?);
        let section = Section { at: u64_at(row, 0)?, length, sum: u32_at(row, 4)? };
        Some(BlockRow { section, length: u32_at(row, 3)? })
    }
}

/// Facts by document.
struct Facts {
    by_document: BTreeMap<u32, Vec<Fact>>,
}

impl Facts {
    fn of(
        base: &Base,
        (shelf, opened): (&Shelf, BTreeMap<u32, Advisory>),
        names: &BTreeSet<VulnerabilityId>,
    ) -> Result<Self, BaseError> {
        let mut by_document: BTreeMap<u32, Vec<Fact>> = BTreeMap::new();
        for (record, advisory) in opened {
            let document = shelf.place(record).map_or(u32::MAX, |place| place.document);
            by_document.entry(document).or_default().push(Fact::Advisory(Box::new(advisory)));
        }
        let written = base.part(Part::Exploited)?;
        for (document, exploited) in exploited(&written).map_err(|what| base.damaged(what))? {
            let facts = by_document.entry(document).or_default();
            facts.push(Fact::KnownExploited(Box::new(exploited)));
        }
        let written = base.part(Part::Predictions)?;
        for (document, mut predictions) in predictions(&written, names) {
            predictions.sort_by_key(|prediction| prediction.at.line);
            let fact = Fact::Predictions(Box::new(ExploitPredictions(predictions)));
            by_document.entry(document).or_default().push(fact);
        }
        Ok(Self { by_document })
    }
}

/// Entries of catalogues, each with its document.
pub(super) fn exploited(written: &[u8]) -> Result<Vec<(u32, KnownExploited)>, Broken> {
    let pieces = PiecesOf::read(written)?;
    let mut found = Vec::with_capacity(pieces.len());
    for place in 0..pieces.len() {
        found.push(decode(pieces.get(place).unwrap_or_default())?);
    }
    Ok(found)
}

/// A prediction as it is kept: by the key of its name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prediction {
    pub(super) key: Key,
    pub(super) line: u32,
    pub(super) probability: f64,
    /// No number where it is not said.
    pub(super) percentile: f64,
}

impl Prediction {
    /// All of it in numbers that are equal where it says the same.
    pub(super) fn bits(&self) -> [u64; 4] {
        let shares = [self.probability, self.percentile].map(f64::to_bits);
        [self.key.0, u64::from(self.line), shares[0], shares[1]]
    }

    /// With the number of its document.
    pub(super) fn read(row: &[u8; PREDICTION]) -> (Self, u32) {
        let number = |place| u32_at(row, place).unwrap_or_default();
        let share = |place| u64_at(row, place).map_or(f64::NAN, f64::from_bits);
        let key = Key(u64_at(row, 0).unwrap_or_default());
        let told = Self { key, line: number(3), probability: share(2), percentile: share(3) };
        (told, number(2))
    }
}

/// Predictions for these names, by document.
fn predictions(
    written: &[u8],
    names: &BTreeSet<VulnerabilityId>,
) -> HashMap<u32, Vec<ExploitPrediction>> {
    let rows: &[[u8; PREDICTION]] = written.as_chunks().0;
    let mut found: HashMap<u32, Vec<ExploitPrediction>> = HashMap::new();
    for name in names {
        let wanted = Key::of(&name.0);
        let from = rows.partition_point(|row| Prediction::read(row).0.key < wanted);
        let told = rows.iter().skip(from).map(Prediction::read);
        for (told, document) in told.take_while(|(told, _)| told.key == wanted) {
            found.entry(document).or_default().push(ExploitPrediction {
                id: name.clone(),
                probability: told.probability,
                percentile: Some(told.percentile).filter(|share| !share.is_nan()),
                at: Location::line(told.line),
            });
        }
    }
    found
}

pub(super) fn listed(piece: &[u8]) -> Result<Listed, Broken> {
    let mut reader = Reader::new(piece);
    let name = reader.text()?.to_string();
    let format = reader.text()?.to_string();
    let bytes = reader.number()?;
    let hash = reader.raw(32)?.try_into().map_err(|_| Broken("it ends too early"))?;
    let [records, lost, compiled] = [reader.number()?, reader.number()?, reader.number()?];
    Ok(Listed { name, format, bytes, hash, records, lost, compiled })
}

/// CRC-32, which finds what was cut or changed by accident.
pub(super) fn sum_of(bytes: &[u8]) -> u32 {
    let mut sum = Crc::new();
    sum.update(bytes);
    sum.sum()
}

/// A block in full (RFC 1951).
pub(super) fn unpack(packed: &[u8], length: u32) -> Result<Vec<u8>, Broken> {
    if length > BLOCK_BYTES {
        return Err(Broken("a block is too long"));
    }
    let mut bytes = Vec::with_capacity(length as usize);
    let mut inflater = Decompress::new(false);
    let status = inflater.decompress_vec(packed, &mut bytes, FlushDecompress::Finish);
    let is_whole = matches!(status, Ok(Status::StreamEnd)) && bytes.len() == length as usize;
    is_whole.then_some(bytes).ok_or(Broken("a block is not as it was written"))
}
