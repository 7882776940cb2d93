//! How each source of a mirror stands: how much there is, how old it is, what went wrong.
//!
//! Refuses to ask anybody, and to change anything.

use std::fs;
use std::path::Path;

use super::mirror::{self, State};
use super::{FeedError, Source};

const DAY_MS: i64 = 24 * 3_600_000;

/// How a source stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Which.
    pub source: Source,
    /// How many documents or records there are.
    pub documents: u64,
    /// How much room they take, in bytes.
    pub bytes: u64,
    /// When it was asked last, in milliseconds since 1970.
    pub asked_ms: Option<i64>,
    /// When that last went well.
    pub succeeded_ms: Option<i64>,
    /// When that last brought something.
    pub changed_ms: Option<i64>,
    /// What went wrong the last time.
    pub error: Option<String>,
}

impl Standing {
    pub(super) fn of(source: Source, state: State, into: &Path) -> Self {
        let bytes = size(&into.join(source.place()));
        Self {
            source,
            documents: state.documents,
            bytes,
            asked_ms: state.asked_ms,
            succeeded_ms: state.succeeded_ms,
            changed_ms: state.changed_ms,
            error: state.error,
        }
    }

    /// How many whole days ago it was last asked with success.
    #[must_use]
    pub fn age_days(&self, now_ms: i64) -> Option<i64> {
        self.succeeded_ms.map(|at_ms| (now_ms - at_ms).max(0) / DAY_MS)
    }

    /// Whether it is due: it never was asked with success, or as long ago as such a source may
    /// take. That nothing changed there is no reason.
    #[must_use]
    pub fn is_due(&self, now_ms: i64) -> bool {
        self.age_days(now_ms).is_none_or(|age| age >= self.source.kind().due_days())
    }
}

/// How each source stands that was fetched into a folder, in the order of their names.
///
/// # Errors
/// Where the folder can't be read.
pub fn read(into: &Path) -> Result<Vec<Standing>, FeedError> {
    let mut all = Vec::new();
    for state in mirror::states(into)? {
        let source: Source = state.source.parse()?;
        all.push(Standing::of(source, state, into));
    }
    all.sort_by_key(|one: &Standing| one.source.to_string());
    Ok(all)
}

/// The size of a file, or of the files in a folder, in bytes; what can't be looked at counts for
/// nothing.
fn size(path: &Path) -> u64 {
    let Ok(metadata) = fs::symlink_metadata(path) else { return 0 };
    if metadata.is_file() {
        return metadata.len();
    }
    if !metadata.is_dir() {
        return 0;
    }
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.map(|entry| size(&entry.path())).sum()
}
