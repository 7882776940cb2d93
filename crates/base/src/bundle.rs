//! A base in one signed file, for a site that is not on the internet.
//!
//! The signature is minisign's (Ed25519 over BLAKE2b-512), so that keys and signatures may as well
//! be made and checked with that program. Refuses to open what nobody trusted has signed, and to
//! read the file twice: what was checked is what is opened.

mod key;
#[cfg(test)]
mod tests;

use std::fs::{File, Permissions};
use std::io::{self, BufReader, Read, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use minisign_verify::{PublicKey, Signature};
use tempfile::{NamedTempFile, TempPath};

use super::{Base, BaseError};
pub use key::{KeyError, SigningKey};

const MAGIC: [u8; 8] = *b"ASEPBNDL";
/// The longest signature with its comments, in bytes.
const SIGNATURE_BYTES: u32 = 4_096;
/// What is read at once, in bytes.
const PIECE: usize = 1 << 16;

/// Why a bundle can't be made or opened.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// It can't be read or written.
    #[error("cannot {what} the bundle `{}`", path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// It is cut short, or something else.
    #[error("`{}` is no whole bundle of Asepsis: fetch it again", path.display())]
    Broken {
        /// Which file.
        path: PathBuf,
    },
    /// Whom to trust is not said in minisign's form.
    #[error("the key that is to be trusted is no public key of minisign")]
    Trust,
    /// Somebody else signed it, or it was changed since.
    #[error(
        "`{}` is not signed by the key that is trusted, or was changed since: do not use it",
        path.display()
    )]
    Signature {
        /// Which file.
        path: PathBuf,
    },
    /// It is older than what was taken in before.
    #[error(
        "`{}` is older than the bundle that was taken in before: it would bring back what is outdated",
        path.display()
    )]
    Older {
        /// Which file.
        path: PathBuf,
    },
    /// What was signed is no base.
    #[error(transparent)]
    Base(#[from] BaseError),
}

/// Whether a file begins as a bundle does.
#[must_use]
pub fn is_one(path: &Path) -> bool {
    let mut magic = [0; MAGIC.len()];
    File::open(path).and_then(|mut file| file.read_exact(&mut magic)).is_ok() && magic == MAGIC
}

/// Signs a base and writes both as one file, which appears whole or not at all.
///
/// # Errors
/// Where the base is none, or a file can't be read or written.
pub fn seal(base: &Path, key: &SigningKey, to: &Path) -> Result<u64, BundleError> {
    let made = Base::open(base)?.made();
    let reads = |source| BundleError::Io { what: "read", path: base.to_owned(), source };
    let writes = |source| BundleError::Io { what: "write", path: to.to_owned(), source };
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    // Whoever may read other files here may read this one.
    let mode = Permissions::from_mode(0o666);
    let beside = tempfile::Builder::new().permissions(mode).tempfile_in(folder);
    let mut beside = beside.map_err(writes)?;
    let mut file = File::open(base).map_err(reads)?;
    let signature = key.sign(&mut file, &comment(made)).map_err(reads)?;
    let length = u32::try_from(signature.len()).unwrap_or(u32::MAX).to_le_bytes();
    let head = [MAGIC.as_slice(), &length, signature.as_bytes()].concat();
    file.seek(SeekFrom::Start(0)).map_err(reads)?;
    beside.write_all(&head).map_err(writes)?;
    let bytes = io::copy(&mut file, &mut beside).map_err(writes)?;
    beside.as_file().sync_all().map_err(writes)?;
    beside.persist(to).map_err(|error| writes(error.error))?;
    Ok(bytes + head.len() as u64)
}

/// What a signature says of a base, and covers.
fn comment(made: u64) -> String {
    format!("asepsis base made:{made}")
}

/// A base out of a bundle, in a file that goes with it.
#[derive(Debug)]
pub struct Opened {
    /// The base.
    pub base: Base,
    file: TempPath,
}

impl Opened {
    /// The base, and the file that has to stay until it is no longer needed.
    #[must_use]
    pub fn into_parts(self) -> (Base, TempPath) {
        (self.base, self.file)
    }
}

/// Opens a bundle that is signed by a key (in minisign's form), and no older than what was taken in
/// before (in seconds since 1970). It is unpacked into `beside`, and checked there.
///
/// # Errors
/// Where it is no bundle, is cut short, is signed by somebody else, was changed, or is older.
pub fn open(
    path: &Path,
    trusted: &str,
    (before, beside): (u64, &Path),
) -> Result<Opened, BundleError> {
    let reads = |source| BundleError::Io { what: "read", path: path.to_owned(), source };
    let writes = |source| BundleError::Io { what: "unpack", path: path.to_owned(), source };
    let broken = || BundleError::Broken { path: path.to_owned() };
    let unsigned = || BundleError::Signature { path: path.to_owned() };
    let trusted = trusted_key(trusted).ok_or(BundleError::Trust)?;
    let mut file = BufReader::new(File::open(path).map_err(reads)?);
    let signature = read_signature(&mut file).ok_or_else(broken)?;
    let mut verifier = trusted.verify_stream(&signature).map_err(|_| unsigned())?;
    let mut copy = NamedTempFile::new_in(beside).map_err(writes)?;
    let mut piece = vec![0; PIECE];
    loop {
        let length = file.read(&mut piece).map_err(reads)?;
        let Some(piece) = piece.get(..length).filter(|piece| !piece.is_empty()) else { break };
        verifier.update(piece);
        copy.write_all(piece).map_err(writes)?;
    }
    verifier.finalize().map_err(|_| unsigned())?;
    copy.flush().map_err(writes)?;
    let base = Base::open(copy.path())?;
    if signature.trusted_comment() != comment(base.made()) {
        return Err(unsigned());
    }
    if base.made() < before {
        return Err(BundleError::Older { path: path.to_owned() });
    }
    Ok(Opened { base, file: copy.into_temp_path() })
}

/// A public key: its two lines, or the second alone.
fn trusted_key(text: &str) -> Option<PublicKey> {
    let line = text.lines().map(str::trim).rfind(|line| !line.is_empty())?;
    PublicKey::from_base64(line).ok()
}

fn read_signature(file: &mut impl Read) -> Option<Signature> {
    let mut magic = [0; MAGIC.len()];
    file.read_exact(&mut magic).ok().filter(|()| magic == MAGIC)?;
    let mut length = [0; 4];
    file.read_exact(&mut length).ok()?;
    let length = u32::from_le_bytes(length);
    if length > SIGNATURE_BYTES {
        return None;
    }
    let mut text = vec![0; length as usize];
    file.read_exact(&mut text).ok()?;
    Signature::decode(std::str::from_utf8(&text).ok()?).ok()
}
