//! What every crate's tests share: where the real data is.
//!
//! Refuses to be used outside tests, benchmarks and the example generator.

pub mod agent;
pub mod browser;
pub mod caller;
pub mod disk;
pub mod hospital;
pub mod http;
pub mod lab;
pub mod mix;
pub mod orders;
pub mod postgres;
pub mod provider;
pub mod radius;
mod seed;
pub mod pseudo;
pub mod published;
pub mod served;
pub mod ward;

use std::path::PathBuf;

/// A file or folder of the real data beside the project.
///
/// # Panics
/// When it is missing: a test that needs real data fails without it, and never passes by skipping.
#[must_use]
pub fn shared_data(path: &str) -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let wanted = root.join(path);
    assert!(wanted.exists(), "this test needs {}, which is not there", wanted.display());
    wanted
}

/// Every file below a folder of the real data, sorted by path.
///
/// # Panics
/// When a folder cannot be read.
#[must_use]
#[expect(clippy::panic, reason = "a missing input must fail the test that needs it")]
pub fn shared_files(path: &str) -> Vec<PathBuf> {
    fn walk(folder: &std::path::Path, files: &mut Vec<PathBuf>) {
        let entries = std::fs::read_dir(folder).unwrap_or_else(|error| {
            panic!("this test needs to read {}: {error}", folder.display())
        });
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, files);
            } else {
                files.push(path);
            }
        }
    }
    let mut files = Vec::new();
    walk(&shared_data(path), &mut files);
    files.sort();
    files
}

/// Copies a folder with all that is in it; what may not be written there may be written here.
///
/// # Panics
/// When something can't be read or written.
#[expect(clippy::expect_used, reason = "a test without its files fails")]
pub fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).expect("made");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::write(to, std::fs::read(entry.path()).expect("read")).expect("copied");
        }
    }
}
