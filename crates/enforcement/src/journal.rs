//! Journals: every step of an order, and of what care needs, is written here before it is acted on.
//!
//! One line of JSON for each event, chained by SHA-256, so that a changed or missing line is found
//! and named. Several processes may write: a lock on the file orders them. Refuses to go on over
//! damage: what is in the middle of the file was once whole, and somebody has to look.

mod essential;
mod orders;
mod record;

#[cfg(test)]
mod tests;

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// The hash before the first record.
const BEGINNING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What a journal holds: something that happened.
pub trait Entry: Clone {
    /// In writing, as one JSON object: words that a person can read in ten years.
    fn write(&self) -> String;

    /// From what was written; `None` where it holds a kind or a word that is not known.
    fn read(written: &str) -> Option<Self>;
}

/// Why the journal can't be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file can't be opened, read, locked or written.
    #[error("cannot {what} the journal `{path}`: {source}")]
    File {
        /// What was tried.
        what: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// A record is not what was once written.
    #[error("line {line} of the journal `{path}` is damaged: {what}")]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: u64,
        /// What is wrong.
        what: &'static str,
    },
}

/// An open journal.
#[derive(Debug)]
pub struct Journal<E> {
    path: PathBuf,
    file: File,
    /// How much of the file was read, in bytes and in lines.
    read: u64,
    lines: u64,
    last: String,
    /// The hash of every record, in order: that of record `n` at place `n - 1`.
    hashes: Vec<Box<str>>,
    holds: PhantomData<E>,
}

/// What was found on opening.
#[derive(Debug, PartialEq, Eq)]
pub struct Opened<E> {
    /// Every event, in order.
    pub events: Vec<E>,
    /// The last line was not whole, for a machine or a process had stopped in the midst of it. It
    /// was never acknowledged, and is kept aside here.
    pub torn: Option<PathBuf>,
}

impl<E: Entry> Journal<E> {
    /// Opens a journal, or makes an empty one, and reads it to its end.
    ///
    /// # Errors
    /// Where the file can't be used, or is damaged.
    pub fn open(path: &Path) -> Result<(Self, Opened<E>), JournalError> {
        let made = !path.exists();
        let file = OpenOptions::new().read(true).append(true).create(true).open(path);
        let file = file.map_err(|source| failed("open", path, source))?;
        if made && let Some(folder) = path.parent() {
            // Else the file itself may be gone after the power is.
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            let synced = File::open(folder).and_then(|folder| folder.sync_all());
            synced.map_err(|source| failed("make", path, source))?;
        }
        let last = BEGINNING.to_owned();
        let path = path.to_owned();
        let (hashes, holds) = (Vec::new(), PhantomData);
        let mut journal = Self { path, file, read: 0, lines: 0, last, hashes, holds };
        let opened = journal.locked(|journal| {
            let (events, rest) = journal.catch_up()?;
            let torn = if rest.is_empty() { None } else { Some(journal.set_aside(&rest)?) };
            Ok(Opened { events, torn })
        })?;
        Ok((journal, opened))
    }

    /// Writes an event, and returns what others wrote since, with this one at the end. Only after
    /// this has returned may the event be acted on: it is on the disk.
    ///
    /// `admit` is asked, with what others wrote, whether the event may still follow.
    ///
    /// # Errors
    /// Where the file can't be used or is damaged; the event was not written then.
    pub fn append<R>(
        &mut self,
        event: &E,
        admit: impl FnOnce(&[E]) -> Result<(), R>,
    ) -> Result<Result<Vec<E>, R>, JournalError> {
        self.locked(|journal| {
            let (mut events, rest) = journal.catch_up()?;
            if !rest.is_empty() {
                journal.set_aside(&rest)?;
            }
            if let Err(refused) = admit(&events) {
                return Ok(Err(refused));
            }
            journal.write(std::slice::from_ref(event))?;
            events.push(event.clone());
            Ok(Ok(events))
        })
    }

    /// Writes several events in one act of the disk: all of them are on it when this returns, or
    /// none was acknowledged. Returns what others wrote since, with these at the end.
    ///
    /// # Errors
    /// As [`Self::append`].
    pub fn append_all(&mut self, written: &[E]) -> Result<Vec<E>, JournalError> {
        self.locked(|journal| {
            let (mut events, rest) = journal.catch_up()?;
            if !rest.is_empty() {
                journal.set_aside(&rest)?;
            }
            journal.write(written)?;
            events.extend_from_slice(written);
            Ok(events)
        })
    }

    /// What others wrote since the last look.
    ///
    /// # Errors
    /// Where the file can't be read or is damaged.
    pub fn tail(&mut self) -> Result<Vec<E>, JournalError> {
        // Without the lock a line may be seen half written; it is read when it is whole.
        Ok(self.catch_up()?.0)
    }

    /// The hash of the last record: who notes it elsewhere can later prove what was there.
    #[must_use]
    pub fn head(&self) -> &str {
        &self.last
    }

    /// The hash of a record, by its number, from 1.
    #[must_use]
    pub fn hash(&self, number: u64) -> Option<&str> {
        let place = usize::try_from(number.checked_sub(1)?).ok()?;
        self.hashes.get(place).map(AsRef::as_ref)
    }

    fn locked<T>(
        &mut self,
        act: impl FnOnce(&mut Self) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        self.file.lock().map_err(|source| failed("lock", &self.path, source))?;
        let done = act(self);
        self.file.unlock().map_err(|source| failed("unlock", &self.path, source))?;
        done
    }

    /// Reads every whole line that is new; what follows the last of them is no line yet.
    fn catch_up(&mut self) -> Result<(Vec<E>, Vec<u8>), JournalError> {
        let mut new = Vec::new();
        self.file
            .seek(SeekFrom::Start(self.read))
            .and_then(|_| self.file.read_to_end(&mut new))
            .map_err(|source| failed("read", &self.path, source))?;
        let mut events = Vec::new();
        let mut rest = new.as_slice();
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let (line, after) = rest.split_at(end);
            let record = record::read(line, self.lines + 1, &self.last);
            let (event, hash) = record.map_err(|what| JournalError::Damaged {
                path: self.path.clone(),
                line: self.lines + 1,
                what,
            })?;
            events.push(event);
            self.hashes.push(hash.as_str().into());
            self.last = hash;
            self.lines += 1;
            self.read += end as u64 + 1;
            rest = after.get(1..).unwrap_or_default();
        }
        Ok((events, rest.to_vec()))
    }

    /// Puts the beginning of a line that never became whole into a file of its own, and cuts it
    /// off.
    fn set_aside(&mut self, rest: &[u8]) -> Result<PathBuf, JournalError> {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".torn-{}", self.lines + 1));
        let aside = self.path.with_file_name(name);
        std::fs::write(&aside, rest)
            .and_then(|()| self.file.set_len(self.read))
            .and_then(|()| self.file.sync_all())
            .map_err(|source| failed("mend", &self.path, source))?;
        Ok(aside)
    }

    fn write(&mut self, events: &[E]) -> Result<(), JournalError> {
        let (mut lines, mut last) = (Vec::new(), self.last.clone());
        let mut hashes: Vec<Box<str>> = Vec::new();
        for (number, event) in (self.lines + 1..).zip(events) {
            let (line, hash) = record::write(event, number, &last);
            lines.extend(line);
            hashes.push(hash.as_str().into());
            last = hash;
        }
        // One call, so that no other process sees half of it but after a crash.
        self.file
            .write_all(&lines)
            .and_then(|()| self.file.sync_data())
            .map_err(|source| failed("write", &self.path, source))?;
        self.last = last;
        self.hashes.extend(hashes);
        self.lines += events.len() as u64;
        self.read += lines.len() as u64;
        Ok(())
    }
}

fn failed(what: &'static str, path: &Path, source: io::Error) -> JournalError {
    JournalError::File { what, path: path.to_owned(), source }
}

/// The hash of a record: of the one before, its number and its event.
fn hash(before: &str, number: u64, event: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(before.as_bytes());
    digest.update(number.to_be_bytes());
    digest.update(event.as_bytes());
    digest.finalize().iter().fold(String::new(), |mut text, byte| {
        use std::fmt::Write as _;
        let _ = write!(text, "{byte:02x}");
        text
    })
}
