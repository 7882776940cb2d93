//! Every document below a folder, or in one file, read side by side.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use domain::bounded::{DOCUMENT_BYTES, LARGE_FILE_BYTES};
use domain::fact::Document;
use domain::location::{DocumentId, Location};
use domain::problem::{Code, Loss, Problem};
use rayon::prelude::*;
use sources::format::{self, Role};

use crate::archive::{self, Unpacked};

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
/// Names that start with a dot are passed over. Links are told and not followed: what they lead to
/// may stand in the folder as well, or nowhere.
pub fn read(root: &Path, watcher: &dyn Watcher) -> Result<Collected, FolderError> {
    let visit = visit(root, watcher, &read_document)?;
    let mut collected =
        Collected { files: visit.files, bytes: visit.bytes, ..Collected::default() };
    visit.documents.into_iter().for_each(|read| collected.add(read));
    Ok(collected)
}

/// The files below `root`, or the file that it is, by the names under which they are shown, in the
/// order of their names. Links, pipes and names that start with a dot are not among them.
pub fn files(root: &Path) -> Result<Vec<(String, PathBuf)>, FolderError> {
    let missing = |source| FolderError::Missing { path: root.to_owned(), source };
    let mut found = Found::default();
    if fs::metadata(root).map_err(missing)?.is_dir() {
        walk(root, &mut found).map_err(missing)?;
        found.files.sort();
    } else {
        found.files.push((root.to_owned(), 0));
    }
    Ok(found.files.into_iter().map(|(path, _)| (shown(root, &path), path)).collect())
}

/// What became of the documents of a folder.
#[derive(Debug)]
pub struct Visit<T> {
    /// One value for each document, in the order of their names.
    pub documents: Vec<T>,
    /// How many files there were, archives counted once.
    pub files: usize,
    /// How many bytes they had on disk.
    pub bytes: u64,
}

/// Opens everything below `root`, unpacks it, and makes something of each document. At any time
/// only as many files are in memory as there are processors, and one of them may be large.
pub fn visit<T: Send>(
    root: &Path,
    watcher: &dyn Watcher,
    each: &(dyn Fn(String, Unpacked) -> T + Sync),
) -> Result<Visit<T>, FolderError> {
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
    let turn = Mutex::new(());
    let visited: Vec<Vec<T>> = found
        .files
        .par_iter()
        .with_max_len(1)
        .map(|(path, size)| {
            let is_large = *size > LARGE_FILE_BYTES;
            // Nothing is guarded that a panic could have left half done.
            let _turn = is_large.then(|| turn.lock().unwrap_or_else(PoisonError::into_inner));
            let visited = visit_file(path, shown(root, path), *size, each);
            watcher.done(*size);
            visited
        })
        .collect();
    let mut documents: Vec<T> = visited.into_iter().flatten().collect();
    for (path, problem) in found.unread {
        documents.push(each(shown(root, &path), Err(problem)));
    }
    Ok(Visit { documents, files: found.files.len(), bytes })
}

/// Reads documents that are already in memory, such as the example inside the program.
#[must_use]
pub fn read_memory(files: Vec<(String, Vec<u8>)>, watcher: &dyn Watcher) -> Collected {
    let bytes = files.iter().map(|(_, bytes)| bytes.len() as u64).sum();
    watcher.planned(files.len(), bytes);
    let mut collected = Collected { files: files.len(), bytes, ..Collected::default() };
    let read: Vec<Vec<Read>> = files
        .into_par_iter()
        .with_max_len(1)
        .map(|(name, bytes)| {
            let size = bytes.len() as u64;
            let read = visit_bytes(&name, bytes, &read_document);
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
    /// What could not be opened, and why.
    unread: Vec<(PathBuf, Problem)>,
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
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                found.unread.push((root.to_owned(), unreadable(&error)));
                continue;
            }
        };
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => match fs::read_dir(&path) {
                Ok(entries) => open.push(entries),
                Err(error) => found.unread.push((path, unreadable(&error))),
            },
            Ok(metadata) if metadata.is_file() => found.files.push((path, metadata.len())),
            Ok(metadata) => found.unread.push((path, no_file(metadata.file_type()))),
            Err(error) => found.unread.push((path, unreadable(&error))),
        }
    }
    Ok(())
}

fn visit_file<T>(
    path: &Path,
    name: String,
    size: u64,
    each: &dyn Fn(String, Unpacked) -> T,
) -> Vec<T> {
    match contents(path, size) {
        Ok(bytes) => visit_bytes(&name, bytes, each),
        Err(problem) => vec![each(name, Err(problem))],
    }
}

/// What a file holds. The size that its folder states is not believed: it may have grown since, and
/// a pipe or a device has none.
fn contents(path: &Path, size: u64) -> Unpacked {
    let too_large = || {
        Problem::new(Code::InputTooLarge, Location::whole(), Loss::Document)
            .expected(format!("at most {DOCUMENT_BYTES} bytes"))
    };
    if size > DOCUMENT_BYTES {
        return Err(too_large().found(&size.to_string()));
    }
    let file = fs::File::open(path).map_err(|error| unreadable(&error))?;
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    let read = file.take(DOCUMENT_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|error| unreadable(&error))?;
    if bytes.len() as u64 > DOCUMENT_BYTES { Err(too_large()) } else { Ok(bytes) }
}

fn visit_bytes<T>(name: &str, bytes: Vec<u8>, each: &dyn Fn(String, Unpacked) -> T) -> Vec<T> {
    let mut all = Vec::new();
    archive::unpack(name, bytes, &mut |name, unpacked| all.push(each(name, unpacked)));
    all
}

fn unreadable(error: &io::Error) -> Problem {
    Problem::new(Code::InputUnreadable, Location::whole(), Loss::Document).found(&error.to_string())
}

fn no_file(kind: fs::FileType) -> Problem {
    let found = if kind.is_symlink() { "a link" } else { "a pipe, a socket or a device" };
    Problem::new(Code::InputNotAFile, Location::whole(), Loss::Document)
        .expected("a file or a folder")
        .found(found)
}

fn read_document(name: String, unpacked: Unpacked) -> Read {
    let (bytes, read) = match unpacked {
        Ok(bytes) => (bytes.len() as u64, format::read(&bytes)),
        Err(problem) => (0, format::refused(problem)),
    };
    match read.role {
        Role::Other => Read::Other(name, read.format),
        Role::Input => Read::Input(Document {
            id: DocumentId(0),
            name,
            format: read.format,
            bytes,
            reading: read.reading,
        }),
    }
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

    #[cfg(unix)]
    #[test]
    fn links_and_pipes_are_told_and_not_opened() {
        use std::os::unix::{fs::symlink, net::UnixListener};

        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("sub")).expect("sub");
        symlink("..", path("sub/loop")).expect("a loop");
        symlink("nowhere", path("broken.csv")).expect("a link");
        let _socket = UnixListener::bind(path("socket")).expect("a socket");
        let collected = read(folder.path(), &Unwatched).expect("readable");
        let mut told: Vec<_> = collected
            .documents
            .iter()
            .map(|d| (d.name.as_str(), d.reading.problems.listed()[0].to_string()))
            .collect();
        told.sort();
        let passed_over = "the whole document: A link, a pipe or another thing that is no file was \
                           passed over; expected a file or a folder, found";
        assert_eq!(
            told,
            [
                ("broken.csv", format!("{passed_over} `a link`")),
                ("socket", format!("{passed_over} `a pipe, a socket or a device`")),
                ("sub/loop", format!("{passed_over} `a link`")),
            ]
        );
    }

    #[cfg(unix)]
    #[test]
    fn what_has_no_end_is_read_up_to_the_limit() {
        let collected = read(std::path::Path::new("/dev/zero"), &Unwatched).expect("readable");
        let [document] = collected.documents.as_slice() else { panic!("one document") };
        assert_eq!(document.reading.problems.listed()[0].code.text(), "input.too-large");
    }

    #[test]
    fn a_missing_folder_is_an_error_that_names_it() {
        let error = read(std::path::Path::new("/no/such/folder"), &Unwatched).expect_err("missing");
        assert_eq!(error.to_string(), "cannot read `/no/such/folder`");
    }
}
