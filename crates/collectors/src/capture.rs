//! Captures from files, packed ones too, in pieces: no capture is ever held whole.
//!
//! Refuses to believe a name: gzip and xz are known by their first bytes.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use sources::network::capture::{Frame, Reader, Summary};

/// How much is read at once, in bytes.
const PIECE_BYTES: usize = 1 << 20;

/// Why a capture could not be read to its end.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the capture `{path}`: {source}")]
pub struct CaptureError {
    /// Which file.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

/// Reads a capture and gives its frames; the summary says what was wrong with it.
///
/// # Errors
/// Where the file can't be opened or read, or what it is packed in is damaged. The frames before
/// that were given.
pub fn read(path: &Path, give: &mut dyn FnMut(Frame<'_>)) -> Result<Summary, CaptureError> {
    let failed = |source| CaptureError { path: path.to_owned(), source };
    let file = BufReader::with_capacity(PIECE_BYTES, File::open(path).map_err(failed)?);
    read_from(file, give).map_err(failed)
}

/// As [`read`], from bytes that are there already, or come from somewhere else.
///
/// # Errors
/// As [`read`].
pub fn read_from<'r>(
    mut from: impl BufRead + 'r,
    give: &mut dyn FnMut(Frame<'_>),
) -> io::Result<Summary> {
    let mut bytes: Box<dyn Read + 'r> = match from.fill_buf()? {
        [0x1F, 0x8B, ..] => Box::new(flate2::bufread::MultiGzDecoder::new(from)),
        [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => Box::new(lzma_rust2::XzReader::new(from, true)),
        _ => Box::new(from),
    };
    let mut reader = Reader::new();
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        match bytes.read(&mut piece) {
            Ok(0) => return Ok(reader.finish()),
            Ok(count) => reader.push(piece.get(..count).unwrap_or_default(), give),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
