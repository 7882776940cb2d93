//! From documents to a base: each document by itself, and then all of them into one file.
//!
//! Refuses to put anything in the place of a base that is there before it is whole and on disk.

pub(super) mod changes;
mod kept;
mod output;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use decisions::exposure::keys::{self, Key};
use domain::advisory::{Advisory, ExploitPrediction, KnownExploited, VulnerabilityId};
use domain::fact::{Document, Fact};
use flate2::Compression;
use flate2::write::DeflateEncoder;

use super::bytes::length;
use super::codec::{Broken, Writer};
use super::facts::encode;
use super::file::{Base, BaseError, Listed, Packed, Prediction};
use kept::{Kept, Old};
use output::{Index, Output};

/// Records are packed together, in pieces of about this many bytes: what is opened for one of them
/// is unpacked whole.
const BLOCK: usize = 64 << 10;
/// How hard to pack (0 to 9): what DEFLATE's programs take where nothing is said.
const EFFORT: u32 = 6;

/// Why a document can't be compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It holds something that is no advisory and no feed.
    #[error("it holds {0}, and a base has room for advisories and feeds only")]
    Kind(&'static str),
    /// It is too much.
    #[error(transparent)]
    Broken(#[from] Broken),
}

/// One document, compiled.
#[derive(Debug)]
pub struct Piece {
    listed: Listed,
    /// The keys of each record, sorted.
    keys: Vec<Vec<Key>>,
    records: Records,
    /// Entries of a catalogue, as they are written.
    exploited: Vec<KnownExploited>,
    predictions: Vec<Prediction>,
}

#[derive(Debug)]
enum Records {
    /// Few bytes: packed together with those of other documents.
    Loose(Vec<Vec<u8>>),
    /// Blocks, and the place of each record in them: block, where it begins, its length.
    Packed(Vec<Packed>, Vec<[u32; 3]>),
}

impl Piece {
    /// Compiles a document whose bytes have this SHA-256.
    ///
    /// # Errors
    /// Where it holds anything but advisories, catalogues of what is exploited, and predictions.
    pub fn of(document: &Document, hash: [u8; 32]) -> Result<Self, Refused> {
        let mut keys = Vec::new();
        let mut records = Vec::new();
        let mut listed_exploited = Vec::new();
        let mut predictions = Vec::new();
        let mut writer = Writer::default();
        for fact in &document.reading.facts {
            match fact {
                Fact::Advisory(advisory) => {
                    keys.push(keys_of(advisory));
                    records.push(encode(&**advisory, &mut writer));
                }
                Fact::KnownExploited(known) => listed_exploited.push((**known).clone()),
                Fact::Predictions(told) => predictions.extend(told.0.iter().map(Prediction::of)),
                Fact::Device(_) => return Err(Refused::Kind("devices")),
                Fact::Link(_) => return Err(Refused::Kind("releases")),
                Fact::Sbom(_) => return Err(Refused::Kind("an SBOM")),
                Fact::Statement(_) => return Err(Refused::Kind("VEX statements")),
                _ => return Err(Refused::Kind("something else")),
            }
        }
        let reading = &document.reading;
        let listed = Listed {
            name: document.name.clone(),
            format: document.format.clone(),
            bytes: document.bytes,
            hash,
            records: reading.records_seen as u64,
            lost: reading.problems.records_lost() as u64,
            compiled: 0,
        };
        let all: usize = records.iter().map(Vec::len).sum();
        let records = if all < BLOCK { Records::Loose(records) } else { packed(&records, &keys)? };
        Ok(Self { listed, keys, records, exploited: listed_exploited, predictions })
    }

    /// How it will be listed.
    #[must_use]
    pub fn listed(&self) -> &Listed {
        &self.listed
    }
}

impl Prediction {
    fn of(told: &ExploitPrediction) -> Self {
        Self {
            key: Key::of(&told.id.0),
            line: told.at.line,
            probability: told.probability,
            percentile: told.percentile.unwrap_or(f64::NAN),
        }
    }
}

/// What a record is found by: what it asks for, and the names of the vulnerabilities it tells of.
fn keys_of(advisory: &Advisory) -> Vec<Key> {
    let mut keys = keys::asked_by(advisory);
    keys.extend(names_of(advisory).map(|name| Key::of(&name.0)));
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn names_of(advisory: &Advisory) -> impl Iterator<Item = &VulnerabilityId> {
    let all = advisory.vulnerabilities.iter();
    all.flat_map(|one| std::iter::once(&one.id).chain(&one.aliases))
}

/// Records in blocks, those that ask for the same beside each other: they are opened together, and
/// pack better.
fn packed(records: &[Vec<u8>], keys: &[Vec<Key>]) -> Result<Records, Broken> {
    let mut order: Vec<(Option<&Key>, usize)> =
        keys.iter().enumerate().map(|(place, keys)| (keys.first(), place)).collect();
    order.sort_unstable();
    let mut places = vec![[0; 3]; records.len()];
    let mut blocks = Vec::new();
    let mut open = Vec::new();
    for (_, number) in order {
        let (Some(record), Some(place)) = (records.get(number), places.get_mut(number)) else {
            continue;
        };
        *place = [length(blocks.len())?, length(open.len())?, length(record.len())?];
        open.extend_from_slice(record);
        if open.len() >= BLOCK {
            blocks.push(pack(&open)?);
            open.clear();
        }
    }
    if !open.is_empty() {
        blocks.push(pack(&open)?);
    }
    Ok(Records::Packed(blocks, places))
}

/// A block as it is packed (RFC 1951).
fn pack(bytes: &[u8]) -> Result<Packed, Broken> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(EFFORT));
    let packed = encoder.write_all(bytes).and_then(|()| encoder.finish());
    let bytes_packed = packed.map_err(|_| Broken("a block can't be packed"))?;
    Ok(Packed { bytes: bytes_packed, length: length(bytes.len())? })
}

/// What was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// Documents that are in it.
    pub documents: usize,
    /// Those of them that were compiled now.
    pub compiled: usize,
    /// Records of them that can be opened.
    pub records: usize,
    /// Its size in bytes.
    pub bytes: u64,
}

/// Where a base is written: beside the one that is there, by one program at a time. Who takes this
/// place before reading what is there loses nothing that another program adds meanwhile.
#[derive(Debug)]
pub struct Place {
    path: PathBuf,
    part: PathBuf,
    file: File,
    /// Whether the file is not yet where the base is read.
    is_part: bool,
}

impl Place {
    /// Takes the place.
    ///
    /// # Errors
    /// Where another program has it, or nothing can be written there.
    pub fn take(path: &Path) -> Result<Self, BaseError> {
        let part = path.with_added_extension("part");
        let io = |source| BaseError::Io { what: "write", path: path.to_owned(), source };
        let mut options = File::options();
        let file = options.write(true).create(true).truncate(false).open(&part).map_err(io)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), part, file, is_part: true }),
            Err(TryLockError::WouldBlock) => Err(BaseError::Busy { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => Err(io(source)),
        }
    }
}

impl Drop for Place {
    /// What was not finished is of no use.
    fn drop(&mut self) {
        if self.is_part {
            let _ = fs::remove_file(&self.part);
        }
    }
}

/// Puts documents together.
#[derive(Debug)]
pub struct Compiler {
    /// Bases that are there already; of a document in several, the first one's counts.
    olds: Vec<Old>,
    /// When the newest bundle was made that was taken in, in seconds since 1970 (UTC).
    bundle: u64,
    pieces: BTreeMap<String, Piece>,
    /// Names of documents that are no longer wanted.
    removed: BTreeSet<String>,
    /// In seconds since 1970 (UTC).
    now: u64,
}

impl Compiler {
    /// Begins with what bases hold already, at a time in seconds since 1970. Of a document in
    /// several, that of the first counts.
    ///
    /// # Errors
    /// Where a base is damaged.
    pub fn new(olds: impl IntoIterator<Item = Base>, now: u64) -> Result<Self, BaseError> {
        let olds: Vec<Old> = olds.into_iter().map(Old::new).collect::<Result<_, _>>()?;
        let bundle = olds.iter().map(Old::bundle).max().unwrap_or_default();
        Ok(Self { olds, bundle, pieces: BTreeMap::new(), removed: BTreeSet::new(), now })
    }

    /// Whether it holds a document of this name with this SHA-256 already, and keeps it.
    #[must_use]
    pub fn holds(&self, name: &str, hash: &[u8; 32]) -> bool {
        let listed = self.olds.iter().find_map(|old| old.listed(name));
        let kept = listed.filter(|_| !self.removed.contains(name));
        kept.is_some_and(|listed| listed.hash == *hash)
    }

    /// Puts a document in, in the place of the one of the same name.
    pub fn put(&mut self, piece: Piece) {
        self.removed.remove(&piece.listed.name);
        self.pieces.insert(piece.listed.name.clone(), piece);
    }

    /// Leaves a document out from now on.
    pub fn remove(&mut self, name: &str) {
        self.pieces.remove(name);
        self.removed.insert(name.to_owned());
    }

    /// Notes that a bundle is among the bases, made at a time in seconds since 1970 (UTC).
    pub fn took_in(&mut self, bundle: u64) {
        self.bundle = self.bundle.max(bundle);
    }

    /// Names of all documents that the bases held before.
    pub fn before(&self) -> impl Iterator<Item = &str> {
        let listed = self.olds.iter().flat_map(|old| &old.listed);
        listed.map(|listed| listed.name.as_str())
    }

    /// Writes the base; it takes the place of what is there only once it is whole.
    ///
    /// # Errors
    /// Where the base that was there is damaged, or the new one can't be written.
    pub fn write(self, mut place: Place) -> Result<Written, BaseError> {
        let path = place.path.clone();
        let path = path.as_path();
        let io = |what| move |source| BaseError::Io { what, path: path.to_owned(), source };
        place.file.set_len(0).map_err(io("write"))?;
        let mut output = Output::begin(&place.file, path)?;
        let compiled = self.pieces.len();
        let index = self.fill(&mut output)?;
        let written = output.end(index)?;
        fs::rename(&place.part, path).map_err(io("replace"))?;
        place.is_part = false;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = File::open(folder.unwrap_or(Path::new(".")));
        folder.and_then(|folder| folder.sync_all()).map_err(io("write"))?;
        Ok(Written { compiled, ..written })
    }

    /// Writes all records, in the order of the names of their documents.
    fn fill(self, output: &mut Output<'_>) -> Result<Index, BaseError> {
        let Self { olds, bundle, mut pieces, removed, now } = self;
        let mut names: BTreeSet<String> = pieces.keys().cloned().collect();
        let mut kept = Vec::with_capacity(olds.len());
        for old in olds {
            let before = old.listed.iter().map(|listed| &listed.name);
            let stays = |name: &&String| !names.contains(*name) && !removed.contains(*name);
            let stay: Vec<String> = before.filter(stays).cloned().collect();
            kept.push(Kept::new(old, &stay)?);
            names.extend(stay);
        }
        let steps = changes::steps((&kept, &pieces), &names)?;
        let mut index = Index::new((now, bundle), steps);
        for name in names {
            if let Some(piece) = pieces.remove(&name) {
                piece.write(now, output, &mut index)?;
            } else if let Some(kept) = kept.iter_mut().find(|kept| kept.holds(&name)) {
                kept.write(&name, output, &mut index)?;
            }
        }
        output.close_block()?;
        Ok(index)
    }
}

impl Piece {
    fn write(self, now: u64, output: &mut Output<'_>, index: &mut Index) -> Result<(), BaseError> {
        let places = match self.records {
            Records::Loose(records) => {
                let places = records.iter().map(|record| output.record(record));
                places.collect::<Result<Vec<_>, _>>()?
            }
            Records::Packed(blocks, places) => {
                let blocks = blocks.iter().map(|block| output.block(block));
                let blocks = blocks.collect::<Result<Vec<u32>, _>>()?;
                let moved = |[block, start, length]: [u32; 3]| {
                    Some([*blocks.get(block as usize)?, start, length])
                };
                places.into_iter().filter_map(moved).collect()
            }
        };
        let listed = Listed { compiled: now, ..self.listed };
        let added = index
            .document(&listed, places.into_iter().zip(self.keys))
            .and_then(|()| index.exploited(self.exploited))
            .and_then(|()| index.predictions(self.predictions));
        output.checked(added)
    }
}
