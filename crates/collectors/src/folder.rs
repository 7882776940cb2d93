//! Every document below a folder, or in one file, read side by side.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use domain::bounded::DOCUMENT_BYTES;
use domain::fact::{Document, Reading};
use domain::location::{DocumentId, Location};
use domain::problem::{Code, Loss, Problem};
use rayon::prelude::*;
use sources::format::{self, Role};

use crate::archive;

/// Why a folder could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The path is not there or cannot be looked at.
    #[error("cannot read `{}`", path.display())]
    Missing {
        /// Which path.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Who is told how far reading has got.
pub trait Watcher: Sync {
    /// So many files of so many bytes are to be read.
    fn planned(&self, files: usize, bytes: u64);
    /// One file of so many bytes is done.
    fn done(&self, bytes: u64);
}

/// A watcher that does not care.
#[derive(Debug, Clone, Copy)]
pub struct Unwatched;

impl Watcher for Unwatched {
    fn planned(&self, _files: usize, _bytes: u64) {}
    fn done(&self, _bytes: u64) {}
}

/// What was found in a folder.
#[derive(Debug, Default)]
pub struct Collected {
    /// Every document that is an input, or should be, in the order of their names.
    pub documents: Vec<Document>,
    /// What else lay there: name and what it is.
    pub left_out: Vec<(String, String)>,
    /// How many files there were, archives counted once.
    pub files: usize,
    /// How many bytes they had on disk.
    pub bytes: u64,
}

/// Reads everything below `root`, which may also be a single file.
///
/// Names that start with a dot are passed over, and links are not followed: neither is an export.
pub fn read(root: &Path, watcher: &dyn Watcher) -> Result<Collected, FolderError> {
    let missing = |source| FolderError::Missing { path: root.to_owned(), source };
    let metadata = fs::metadata(root).map_err(missing)?;
    let mut found = Found::default();
    if metadata.is_dir() {
        walk(root, &mut found).map_err(missing)?;
        found.files.sort();
    } else {
        found.files.push((root.to_owned(), metadata.len()));
    }
    let bytes = found.files.iter().map(|(_, size)| size).sum();
    watcher.planned(found.files.len(), bytes);
    let read: Vec<Vec<Read>> = found
        .files
        .par_iter()
        .with_max_len(1)
        .map(|(path, size)| {
            let read = read_file(path, &shown(root, path), *size);
            watcher.done(*size);
            read
        })
        .collect();
    let mut collected = Collected { files: found.files.len(), bytes, ..Collected::default() };
    let unreadable = found
        .unreadable
        .into_iter()
        .map(|(path, error)| Read::Input(refused(shown(root, &path), &error)));
    for one in read.into_iter().flatten().chain(unreadable) {
        collected.add(one);
    }
    Ok(collected)
}

/// Reads documents that are already in memory, such as the example inside the program.
pub fn read_memory(files: Vec<(String, Vec<u8>)>, watcher: &dyn Watcher) -> Collected {
    let bytes = files.iter().map(|(_, bytes)| bytes.len() as u64).sum();
    watcher.planned(files.len(), bytes);
    let mut collected = Collected { files: files.len(), bytes, ..Collected::default() };
    let read: Vec<Vec<Read>> = files
        .into_par_iter()
        .with_max_len(1)
        .map(|(name, bytes)| {
            let size = bytes.len() as u64;
            let read = read_bytes(&name, bytes);
            watcher.done(size);
            read
        })
        .collect();
    read.into_iter().flatten().for_each(|one| collected.add(one));
    collected
}

impl Collected {
    fn add(&mut self, read: Read) {
        match read {
            Read::Other(name, kind) => self.left_out.push((name, kind)),
            Read::Input(mut document) => {
                let number = u32::try_from(self.documents.len()).unwrap_or(u32::MAX);
                document.id = DocumentId(number);
                self.documents.push(document);
            }
        }
    }
}

#[derive(Default)]
struct Found {
    files: Vec<(PathBuf, u64)>,
    unreadable: Vec<(PathBuf, io::Error)>,
}

enum Read {
    Input(Document),
    Other(String, String),
}

/// Lists the files below a folder; a folder inside it that cannot be read is told and passed over.
fn walk(root: &Path, found: &mut Found) -> io::Result<()> {
    let mut open = vec![fs::read_dir(root)?];
    while let Some(entries) = open.last_mut() {
        let Some(entry) = entries.next() else {
            open.pop();
            continue;
        };
        let Ok(entry) = entry else { continue };
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => match fs::read_dir(&path) {
                Ok(entries) => open.push(entries),
                Err(error) => found.unreadable.push((path, error)),
            },
            Ok(metadata) if metadata.is_file() => found.files.push((path, metadata.len())),
            Ok(_) => {}
            Err(error) => found.unreadable.push((path, error)),
        }
    }
    Ok(())
}

fn read_file(path: &Path, name: &str, size: u64) -> Vec<Read> {
    if size > DOCUMENT_BYTES {
        let problem = Problem::new(Code::InputTooLarge, Location::whole(), Loss::Document)
            .expected(format!("at most {DOCUMENT_BYTES} bytes"))
            .found(&size.to_string());
        return vec![Read::Input(document(name.to_owned(), size, problem))];
    }
    match fs::read(path) {
        Ok(bytes) => read_bytes(name, bytes),
        Err(error) => vec![Read::Input(refused(name.to_owned(), &error))],
    }
}

fn read_bytes(name: &str, bytes: Vec<u8>) -> Vec<Read> {
    let mut all = Vec::new();
    archive::unpack(name, bytes, &mut |name, unpacked| {
        all.push(match unpacked {
            Ok(bytes) => read_document(name, &bytes),
            Err(problem) => Read::Input(document(name, 0, problem)),
        });
    });
    all
}

fn read_document(name: String, bytes: &[u8]) -> Read {
    let read = format::read(bytes);
    match read.role {
        Role::Other => Read::Other(name, read.format),
        Role::Input => Read::Input(Document {
            id: DocumentId(0),
            name,
            format: read.format,
            bytes: bytes.len() as u64,
            reading: read.reading,
        }),
    }
}

fn refused(name: String, error: &io::Error) -> Document {
    let problem = Problem::new(Code::InputUnreadable, Location::whole(), Loss::Document)
        .found(&error.to_string());
    document(name, 0, problem)
}

fn document(name: String, bytes: u64, problem: Problem) -> Document {
    let mut reading = Reading::default();
    reading.problems.tell(problem);
    Document { id: DocumentId(0), name, format: "unread".to_owned(), bytes, reading }
}

/// A path as it is shown: from the folder that was given, with `/`.
fn shown(root: &Path, path: &Path) -> String {
    let inner = path.strip_prefix(root).unwrap_or(path);
    if inner.as_os_str().is_empty() {
        return path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    }
    let parts: Vec<_> = inner.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Unwatched, read};

    #[test]
    fn a_folder_is_read_in_the_order_of_names_and_the_rest_is_listed() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect(name);
        fs::create_dir(folder.path().join("sub")).expect("sub");
        write("sub/kev.json", r#"{"catalogVersion": "1", "vulnerabilities": []}"#);
        write("empty.json", "");
        write("notes.txt", "Call the maker on Monday.");
        write(".hidden", "x");
        let collected = read(folder.path(), &Unwatched).expect("readable");
        let names: Vec<&str> = collected.documents.iter().map(|d| d.name.as_str()).collect();
        assert_eq!(names, ["empty.json", "sub/kev.json"]);
        assert_eq!(collected.left_out, [("notes.txt".to_owned(), "prose".to_owned())]);
    }

    #[test]
    fn a_missing_folder_is_an_error_that_names_it() {
        let error = read(std::path::Path::new("/no/such/folder"), &Unwatched).expect_err("missing");
        assert_eq!(error.to_string(), "cannot read `/no/such/folder`");
    }
}
