//! Documents on their way in and out: packed and hashed piece by piece, so that one that is large
//! is whole in no memory.
//!
//! Beyond a bound what is packed goes to a file that has no name, which the kernel takes away with
//! the program (open(2), `O_TMPFILE`; where a file system has none, it is unlinked at once).
//! Refuses to leave anything behind.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::{DeflateDecoder, DeflateEncoder};
use sha2::{Digest, Sha256};

use super::{KEEP, hash_of, hex};
use crate::StoreError;

/// How much of a packed document is held in memory; more goes to a file. Also the size of the
/// pieces in which that stands in the store, in bytes.
pub(super) const PIECE: usize = 1 << 20;

/// A document on its way in.
#[derive(Debug)]
pub struct Packer {
    out: DeflateEncoder<Spool>,
    hash: Sha256,
    bytes: u64,
}

/// A document that is packed, and stands in no store yet.
#[derive(Debug)]
pub struct Packed {
    /// SHA-256 (FIPS 180-4) of its bytes, in hexadecimal.
    pub hash: String,
    /// How many bytes it has.
    pub bytes: u64,
    kept: Spool,
}

/// What is packed: in memory, or in a file once it is long.
#[derive(Debug)]
struct Spool {
    folder: PathBuf,
    memory: Vec<u8>,
    file: Option<(File, u64)>,
}

impl Packer {
    /// One that puts what is long into a folder.
    #[must_use]
    pub fn beside(folder: &Path) -> Self {
        let spool = Spool { folder: folder.to_owned(), memory: Vec::new(), file: None };
        let out = DeflateEncoder::new(spool, Compression::fast());
        Self { out, hash: Sha256::new(), bytes: 0 }
    }

    /// Takes the next piece.
    ///
    /// # Errors
    /// Where the folder can't be written.
    pub fn take(&mut self, piece: &[u8]) -> Result<(), StoreError> {
        self.hash.update(piece);
        self.bytes += piece.len() as u64;
        let folder = self.out.get_ref().folder.clone();
        self.out.write_all(piece).map_err(|error| unwritten(folder, error))
    }

    /// How many bytes it has taken.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The whole document.
    ///
    /// # Errors
    /// Where the folder can't be written.
    pub fn end(self) -> Result<Packed, StoreError> {
        let folder = self.out.get_ref().folder.clone();
        let kept = self.out.finish().map_err(|error| unwritten(folder, error))?;
        Ok(Packed { hash: hex(&self.hash.finalize()), bytes: self.bytes, kept })
    }
}

fn unwritten(folder: PathBuf, cause: io::Error) -> StoreError {
    match cause.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            StoreError::Full { what: KEEP }
        }
        io::ErrorKind::ReadOnlyFilesystem => StoreError::ReadOnly { what: KEEP },
        _ => StoreError::File { what: KEEP, path: folder, cause },
    }
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.file.is_none() && self.memory.len() + bytes.len() <= PIECE {
            self.memory.extend_from_slice(bytes);
            return Ok(bytes.len());
        }
        if self.file.is_none() {
            let mut file = tempfile::tempfile_in(&self.folder)?;
            file.write_all(&self.memory)?;
            self.file = Some((file, self.memory.len() as u64));
            self.memory = Vec::new();
        }
        let Some((file, length)) = &mut self.file else { return Ok(0) };
        let written = file.write(bytes)?;
        *length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Packed {
    /// All of it, where it is short.
    pub(super) fn short(&self) -> Option<&[u8]> {
        self.kept.file.is_none().then_some(self.kept.memory.as_slice())
    }

    /// Hands its pieces over, in their order.
    pub(super) fn each(
        &self,
        mut take: impl FnMut(i64, &[u8]) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let Some((file, length)) = &self.kept.file else { return Ok(()) };
        let (mut at, mut place, mut piece) = (0, 0, vec![0; PIECE]);
        while at < *length {
            let size = usize::try_from(*length - at).unwrap_or(PIECE).min(PIECE);
            piece.truncate(size);
            let read = file.read_exact_at(&mut piece, at);
            read.map_err(|error| unwritten(self.kept.folder.clone(), error))?;
            take(place, &piece)?;
            at += size as u64;
            place += 1;
        }
        Ok(())
    }
}

/// A document on its way out.
pub(super) struct Unpacker(DeflateDecoder<Vec<u8>>);

impl Unpacker {
    pub(super) fn new() -> Self {
        Self(DeflateDecoder::new(Vec::new()))
    }

    /// Takes the next of what is packed.
    pub(super) fn take(&mut self, piece: &[u8]) -> Result<(), StoreError> {
        self.0.write_all(piece).map_err(|_| UNREADABLE)
    }

    /// The document, where it is the one of that hash.
    pub(super) fn end(self, hash: &str) -> Result<Vec<u8>, StoreError> {
        let bytes = self.0.finish().map_err(|_| UNREADABLE)?;
        if hash_of(&bytes) == hash { Ok(bytes) } else { Err(UNREADABLE) }
    }
}

const UNREADABLE: StoreError = StoreError::Unreadable { what: "document" };
