//! Many small documents in one zip archive, each there once: a shelf. A change writes the archive
//! anew beside its place, and takes over what did not change as it is, packed.
//!
//! Refuses a name that is none within the archive, and to go on from an archive that is damaged.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, Write};
use std::path::Path;

use domain::bounded::{FEED_DOCUMENT_BYTES, FEED_DOCUMENTS};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::FeedError;
use super::mirror::{beside, failed, place};

/// An archive that is read.
pub(super) type Reader = ZipArchive<BufReader<File>>;

fn damaged<E: std::fmt::Display>(path: &Path) -> impl FnOnce(E) -> FeedError + '_ {
    move |error| FeedError::Archive { name: path.display().to_string(), why: error.to_string() }
}

/// Opens an archive: its list, which stands at its end, is whole.
pub(super) fn open(path: &Path) -> Result<Reader, FeedError> {
    let file = File::open(path).map_err(failed("read", path))?;
    let archive = ZipArchive::new(BufReader::new(file)).map_err(damaged(path))?;
    if archive.len() > FEED_DOCUMENTS {
        let why = format!("it holds more than {FEED_DOCUMENTS} documents");
        return Err(damaged(path)(why));
    }
    Ok(archive)
}

/// A document of an archive by its number, with its name; checked by its checksum. `None` for a
/// folder.
pub(super) fn document(
    path: &Path,
    archive: &mut Reader,
    number: usize,
) -> Result<Option<(String, Vec<u8>)>, FeedError> {
    let entry = archive.by_index(number).map_err(damaged(path))?;
    if entry.is_dir() {
        return Ok(None);
    }
    let name = entry.name().map_err(damaged(path))?.into_owned();
    let mut bytes = Vec::new();
    entry.take(FEED_DOCUMENT_BYTES + 1).read_to_end(&mut bytes).map_err(damaged(path))?;
    if bytes.len() as u64 > FEED_DOCUMENT_BYTES {
        return Err(damaged(path)(format!("`{name}` is over {FEED_DOCUMENT_BYTES} bytes")));
    }
    Ok(Some((name, bytes)))
}

/// The documents of those names that are on a shelf; none where there is no shelf yet.
pub(super) fn read(
    path: &Path,
    names: impl Iterator<Item = String>,
) -> Result<BTreeMap<String, Vec<u8>>, FeedError> {
    let mut found = BTreeMap::new();
    if path.exists() {
        let mut archive = open(path)?;
        for name in names {
            if let Some(number) = archive.index_for_name(&name) {
                found.extend(document(path, &mut archive, number)?);
            }
        }
    }
    Ok(found)
}

/// Puts documents on a shelf, in the place of those of the same names. How many names are new.
pub(super) fn put(path: &Path, documents: &BTreeMap<String, Vec<u8>>) -> Result<u64, FeedError> {
    let (beside, file) = beside(path)?;
    let mut writer = ZipWriter::new(BufWriter::new(file));
    let mut new = documents.len();
    if path.exists() {
        let mut before = open(path)?;
        for number in 0..before.len() {
            let entry = before.by_index_raw(number).map_err(damaged(path))?;
            let name = entry.name().map_err(damaged(path))?.into_owned();
            if documents.contains_key(&name) {
                new -= 1;
            } else {
                writer.raw_copy_file(entry).map_err(damaged(&beside))?;
            }
        }
    }
    for (name, bytes) in documents {
        add(&mut writer, name, bytes).map_err(damaged(&beside))?;
    }
    let file = finish(writer).map_err(failed("write", &beside))?;
    place(&beside, &file, path)?;
    Ok(new as u64)
}

/// Adds a document to an archive that is written.
pub(super) fn add<W: Write + Seek>(
    writer: &mut ZipWriter<W>,
    name: &str,
    bytes: &[u8],
) -> zip::result::ZipResult<()> {
    writer.start_file(name, SimpleFileOptions::default())?;
    writer.write_all(bytes)?;
    Ok(())
}

/// Ends an archive that was written.
pub(super) fn finish(writer: ZipWriter<BufWriter<File>>) -> std::io::Result<File> {
    let buffered = writer.finish().map_err(std::io::Error::other)?;
    buffered.into_inner().map_err(std::io::IntoInnerError::into_error)
}
