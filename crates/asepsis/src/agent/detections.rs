//! What was detected, written down: a line of JSON for each, numbered by its place in the file, so
//! that a number means the same after a new beginning.
//!
//! Each also has a hash that covers it and all before it, so that whoever keeps them knows this file
//! from another that counts alike. Refuses to keep them in memory: only where each line begins and
//! its hash are. A last line that is not whole was never told to anybody, and is cut off.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The longest line that is read again, in bytes.
const LINE: u64 = 4 << 20;

/// The file.
#[derive(Debug)]
pub(super) struct Detections {
    path: PathBuf,
    file: File,
    /// Where each line ends, in order, and the hash that covers it and all before it.
    ends: Vec<u64>,
    hashes: Vec<[u8; 32]>,
}

/// The hash of a line and of all before it; both without what ends a line.
fn follow(before: Option<&[u8; 32]>, line: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(before.unwrap_or(&[0; 32]));
    hash.update(line);
    hash.finalize().into()
}

impl Detections {
    /// Opens the file, or makes an empty one.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let name = path.display();
        let file = File::options().read(true).append(true).create(true).open(path);
        let file = file.with_context(|| format!("cannot write `{name}`"))?;
        let (mut ends, mut hashes, mut end) = (Vec::new(), Vec::new(), 0);
        let mut from = BufReader::new(&file);
        loop {
            let mut line = Vec::new();
            let count = from.read_until(b'\n', &mut line);
            let count = count.with_context(|| format!("cannot read `{name}`"))?;
            if line.pop() != Some(b'\n') {
                break;
            }
            hashes.push(follow(hashes.last(), &line));
            end += count as u64;
            ends.push(end);
        }
        file.set_len(end).with_context(|| format!("cannot mend `{name}`"))?;
        Ok(Self { path: path.to_owned(), file, ends, hashes })
    }

    /// The number of the last one; 0 where there is none.
    pub(super) fn last(&self) -> u64 {
        self.ends.len() as u64
    }

    /// Writes one down. Only after this has returned may it be told.
    pub(super) fn write(&mut self, detection: &Value) -> Result<()> {
        let mut line = serde_json::to_vec(detection)?;
        let hash = follow(self.hashes.last(), &line);
        line.push(b'\n');
        let end = self.ends.last().copied().unwrap_or_default() + line.len() as u64;
        if let Err(error) = self.file.write_all(&line) {
            // A half would be read as the beginning of the next.
            let _ = self.file.set_len(self.ends.last().copied().unwrap_or_default());
            return Err(error).context("cannot write down a detection");
        }
        self.ends.push(end);
        self.hashes.push(hash);
        Ok(())
    }

    /// The hash of one and of all before it, in hexadecimal.
    pub(super) fn hash(&self, number: u64) -> Option<String> {
        let place = usize::try_from(number.checked_sub(1)?).ok()?;
        let hash = self.hashes.get(place)?;
        Some(hash.iter().fold(String::with_capacity(64), |mut text, byte| {
            // Memory takes whatever is written.
            let _ = write!(text, "{byte:02x}");
            text
        }))
    }

    /// Those after a number, at most so many, each with its own.
    pub(super) fn after(&self, number: u64, most: usize) -> Result<Vec<(u64, Value)>> {
        let first = usize::try_from(number).unwrap_or(usize::MAX).min(self.ends.len());
        let mut begin = first.checked_sub(1).and_then(|place| self.ends.get(place)).copied();
        let mut found = Vec::new();
        for (place, end) in self.ends.iter().enumerate().skip(first).take(most) {
            let from = begin.replace(*end).unwrap_or_default();
            found.push((place as u64 + 1, self.line(from, *end)?));
        }
        Ok(found)
    }

    /// A line; what can't be read as JSON is `null`, so that the numbers stay.
    fn line(&self, from: u64, end: u64) -> Result<Value> {
        let length = end.saturating_sub(from).min(LINE);
        let mut line = vec![0; usize::try_from(length).unwrap_or_default()];
        let read = self.file.read_exact_at(&mut line, from);
        read.with_context(|| format!("cannot read `{}`", self.path.display()))?;
        Ok(serde_json::from_slice(&line).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Detections;

    #[test]
    fn numbers_are_the_same_after_a_new_beginning_and_a_torn_line_is_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("detections.jsonl");
        let mut held = Detections::open(&path).expect("an empty one");
        assert_eq!((held.last(), held.after(0, 9).expect("read")), (0, vec![]));
        for number in 1..=3 {
            held.write(&json!({ "n": number })).expect("written");
        }
        drop(held);
        let torn = [std::fs::read(&path).expect("read"), b"{\"n\":".to_vec()].concat();
        std::fs::write(&path, torn).expect("written");
        let mut held = Detections::open(&path).expect("mended");
        assert_eq!(held.last(), 3);
        held.write(&json!({ "n": 4 })).expect("written");
        let after = held.after(1, 2).expect("read");
        assert_eq!(after, [(2, json!({ "n": 2 })), (3, json!({ "n": 3 }))]);
        assert_eq!(held.after(3, 9).expect("read"), [(4, json!({ "n": 4 }))]);
        assert!(held.after(4, 9).expect("read").is_empty());
        assert!(held.after(u64::MAX, 9).expect("read").is_empty());
        // The hash is that of the file, and tells it from one that holds something else.
        let hashes: Vec<_> = (0..=5).map(|number| held.hash(number)).collect();
        assert_eq!((&hashes[0], &hashes[5]), (&None, &None));
        let again = Detections::open(&path).expect("read");
        assert_eq!((0..=5).map(|number| again.hash(number)).collect::<Vec<_>>(), hashes);
        let other = std::fs::read_to_string(&path).expect("read").replace("{\"n\":2}", "{\"n\":7}");
        std::fs::write(&path, other).expect("written");
        let other = Detections::open(&path).expect("read");
        assert_eq!(other.hash(1), hashes[1]);
        assert!((2..=4).all(|number| other.hash(number) != hashes[number as usize]));
    }
}
