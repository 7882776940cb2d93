//! The folder into which feeds are fetched: what lies where, and how far each source is.
//!
//! `.sync` holds the state of each source and what is not whole yet; names that start with a dot
//! are passed over by whoever reads the folder. A file is written beside its place, made sure of on
//! the disk, and put there by renaming. Refuses two programs at once, and a state that it can't
//! read: it would fetch everything anew without having been asked.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::FeedError;

/// The folder of states, and the one in it of what is not whole yet.
const STATES: &str = ".sync";
const PARTS: &str = "parts";
/// The longest name that is made of something else, in bytes.
const NAME: usize = 100;

/// What a server says of one version of what it has (RFC 9110, section 8.8).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Validators {
    pub(super) etag: Option<String>,
    pub(super) modified: Option<String>,
}

impl Validators {
    pub(super) fn is_empty(&self) -> bool {
        self.etag.is_none() && self.modified.is_none()
    }
}

/// How far a source is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct State {
    /// The source, as it is written on the command line.
    pub(super) source: String,
    /// When it was asked last, in milliseconds since 1970, whatever came of it.
    pub(super) asked_ms: Option<i64>,
    /// When that last went well.
    pub(super) succeeded_ms: Option<i64>,
    /// When that last brought something.
    pub(super) changed_ms: Option<i64>,
    /// What went wrong the last time.
    pub(super) error: Option<String>,
    /// How many documents or records there are.
    pub(super) documents: u64,
    /// What the server said of what there is, by what was asked for.
    pub(super) validators: BTreeMap<String, Validators>,
    /// Up to where changes were taken: a time or a day, as the source writes it.
    pub(super) through: Option<String>,
    /// The paging that is under way (NVD).
    pub(super) paging: Option<Paging>,
    /// The hash of each file that was taken, by its name (the feeds of the NVD).
    pub(super) files: BTreeMap<String, String>,
    /// What is there of each document, by its path: when it was last changed (CSAF).
    pub(super) revisions: BTreeMap<String, String>,
}

/// A list that is taken page by page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Paging {
    /// From and until when changes are asked for; nothing where everything is.
    pub(super) window: Option<(i64, i64)>,
    /// When the first page was asked for, in milliseconds since 1970.
    pub(super) began_ms: i64,
    /// The place of the next record.
    pub(super) next: u64,
    /// How many there were when the last page came.
    pub(super) total: u64,
}

/// The folder, held against other programs as long as this lives.
pub(super) struct Mirror {
    root: PathBuf,
    _lock: File,
}

pub(super) fn failed<'a>(
    what: &'static str,
    path: &'a Path,
) -> impl FnOnce(std::io::Error) -> FeedError + 'a {
    move |cause| FeedError::File { what, path: path.to_owned(), cause }
}

impl Mirror {
    pub(super) fn open(root: &Path) -> Result<Self, FeedError> {
        let parts = root.join(STATES).join(PARTS);
        fs::create_dir_all(&parts).map_err(failed("make", &parts))?;
        let path = root.join(STATES).join("lock");
        let lock = File::create(&path).map_err(failed("write", &path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { root: root.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(FeedError::Busy { path: root.to_owned() }),
            Err(TryLockError::Error(cause)) => Err(failed("hold", &path)(cause)),
        }
    }

    /// A place in the mirror.
    pub(super) fn at(&self, relative: &Path) -> PathBuf {
        self.root.join(relative)
    }

    /// A place for what is not whole yet.
    pub(super) fn part(&self, name: &str) -> PathBuf {
        self.root.join(STATES).join(PARTS).join(name)
    }

    pub(super) fn state(&self, key: &str) -> Result<State, FeedError> {
        state(&self.root, key)
    }

    pub(super) fn keep(&self, key: &str, state: &State) -> Result<(), FeedError> {
        let text = serde_json::to_vec(state).expect("invariant: a state is plain data");
        write(&state_path(&self.root, key), &text)
    }
}

fn state_path(root: &Path, key: &str) -> PathBuf {
    root.join(STATES).join(format!("{key}.json"))
}

/// How far a source is; nowhere, where it never was fetched into this folder.
pub(super) fn state(root: &Path, key: &str) -> Result<State, FeedError> {
    let path = state_path(root, key);
    if path.exists() { read_state(&path) } else { Ok(State::default()) }
}

fn read_state(path: &Path) -> Result<State, FeedError> {
    let text = fs::read(path).map_err(failed("read", path))?;
    serde_json::from_slice(&text).map_err(|error| FeedError::Content {
        name: path.display().to_string(),
        expected: "how far a source is (remove the file to begin with it anew)",
        found: error.to_string(),
    })
}

/// The states of all sources that were fetched into a folder.
pub(super) fn states(root: &Path) -> Result<Vec<State>, FeedError> {
    let folder = root.join(STATES);
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && root.is_dir() => {
            return Ok(Vec::new());
        }
        other => other.map_err(failed("read", &folder))?,
    };
    let mut states = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed("read", &folder))?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            states.push(read_state(&path)?);
        }
    }
    Ok(states)
}

/// Writes a file: there is the old one or the new one, whatever happens.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), FeedError> {
    let (beside, mut file) = beside(path)?;
    file.write_all(bytes).map_err(failed("write", &beside))?;
    place(&beside, &file, path)
}

/// An empty file beside a place, whose name starts with a dot.
pub(super) fn beside(path: &Path) -> Result<(PathBuf, File), FeedError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(failed("make", folder))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = folder.join(format!(".{name}.part"));
    let file = File::create(&beside).map_err(failed("write", &beside))?;
    Ok((beside, file))
}

/// Puts a file that is written in its place.
pub(super) fn place(beside: &Path, file: &File, path: &Path) -> Result<(), FeedError> {
    file.sync_all().map_err(failed("write", beside))?;
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(failed("make", folder))?;
    fs::rename(beside, path).map_err(failed("write", path))?;
    // The name is made sure of as well as what it stands for.
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed("write", folder))
}

/// A name for a file from a name of somebody else: letters, digits, `.`, `-`, `+` and `_`, and the
/// beginning of a hash where that lost something.
pub(super) fn file_name(text: &str) -> String {
    let is_plain = |one: char| one.is_ascii_alphanumeric() || ".-+_".contains(one);
    let plain: String =
        text.chars().map(|one| if is_plain(one) { one } else { '_' }).take(NAME).collect();
    if plain == text && !plain.starts_with('.') {
        return plain;
    }
    let hash = hex(&Sha256::digest(text.as_bytes()));
    let hash: String = hash.chars().take(8).collect();
    format!("{}-{hash}", plain.trim_start_matches('.'))
}

/// Bytes as hexadecimal digits in lower case.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Memory takes whatever is written.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
