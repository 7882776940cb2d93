//! Ledgers: what each end of the hospital's work says that it did, a line of JSON each.
//!
//! Only outcomes of the application count: acknowledged, stored, fetched. A ledger is written by
//! the end itself, some by programs that are not ours. Refuses to be corrected: lines are
//! only added.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::Error;
use super::clock::now;

macro_rules! deeds {
    ($($name:ident $text:literal $meaning:literal;)*) => {
        /// What came about, or did not.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Deed {
            $(#[doc = $meaning] #[serde(rename = $text)] $name,)*
        }

        impl Deed {
            /// As ledgers write it.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

deeds! {
    Connected "hl7.connected" "The sender opened a session.";
    Acknowledged "hl7.acknowledged" "The sender got the acknowledgement of a message.";
    Received "hl7.received" "The receiver took a message.";
    Unacknowledged "hl7.unacknowledged" "The sender got no acknowledgement of a message, or a bad one.";
    Broken "hl7.broken" "A session broke off, or could not be opened.";
    Stored "dicom.stored" "The sender was told that an image is stored.";
    Kept "dicom.kept" "The archive keeps an image.";
    StoreFailed "dicom.store-failed" "The sender was not told that an image is stored.";
    Echoed "dicom.echoed" "The archive answered that it is there.";
    EchoFailed "dicom.echo-failed" "The archive did not answer that it is there.";
    Found "dicom.found" "The archive named the study that was asked for.";
    Asked "dicom.asked" "The archive was asked for a study.";
    FindFailed "dicom.find-failed" "The archive did not name the study that was asked for.";
    Listed "dicom.listed" "The worklist was answered.";
    ListFailed "dicom.list-failed" "The worklist was not answered.";
    Fetched "library.fetched" "The device has the whole library.";
    Served "library.served" "The server gave out the whole library.";
    FetchFailed "library.fetch-failed" "The device did not get the library.";
    PageServed "page.served" "The record gave out a page.";
    Opened "page.opened" "A page of the record was shown.";
    OpenFailed "page.open-failed" "A page of the record was not shown.";
    Filed "file.filed" "A document was put on the share.";
    FileFailed "file.failed" "A document could not be put on the share.";
    Told "maker.told" "The device told its maker how it is.";
    TakenNote "maker.took-note" "The maker took note of it.";
    TellFailed "maker.tell-failed" "The device could not tell its maker.";
    Supported "support.answered" "The maker's support got an answer in its session.";
    SupportFailed "support.failed" "The maker's support got no answer.";
    PortOpened "port.opened" "The port let its device on, which had signed on.";
    PortClosed "port.closed" "The port put its device off.";
    Reached "attack.reached" "The attacker got an answer.";
    Blocked "attack.blocked" "The attacker got none.";
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When, in microseconds since 1970.
    pub at: i64,
    /// Counts the lines of a ledger from 1.
    pub number: u64,
    /// Who writes.
    pub who: String,
    /// With whom.
    pub with: String,
    /// What.
    pub kind: Deed,
    /// What both ends call it: a message's control id, an image's UID.
    pub key: String,
}

/// A ledger that is written.
#[derive(Debug, Clone)]
pub struct Ledger {
    who: &'static str,
    path: PathBuf,
    held: Arc<Mutex<(File, u64)>>,
}

impl Ledger {
    /// Opens the ledger of an end.
    pub(crate) fn open(folder: &Path, who: &'static str) -> Result<Self, Error> {
        let path = path(folder, who);
        let file = OpenOptions::new().create(true).append(true).open(&path);
        let file = file.map_err(|source| Error::File { path: path.clone(), source })?;
        Ok(Self { who, path, held: Arc::new(Mutex::new((file, 0))) })
    }

    /// Whose it is.
    pub(crate) fn who(&self) -> &'static str {
        self.who
    }

    /// Where it is, for a program that writes it itself.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a line. A line that cannot be written is lost, and then is missing at the comparison.
    pub(crate) fn write(&self, with: &str, kind: Deed, key: &str) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.1 += 1;
        let (who, with, key) = (self.who.to_owned(), with.to_owned(), key.to_owned());
        let entry = Entry { at: now(), number: held.1, who, with, kind, key };
        let line = serde_json::to_string(&entry).unwrap_or_default();
        let _ = writeln!(held.0, "{line}");
    }
}

/// Where the ledger of an end is.
pub(crate) fn path(folder: &Path, who: &str) -> PathBuf {
    folder.join(format!("{who}.jsonl"))
}

/// Every line of every ledger in a folder, by time.
pub fn read(folder: &Path) -> Result<Vec<Entry>, Error> {
    let failed = |source| Error::File { path: folder.to_owned(), source };
    let mut entries = Vec::new();
    for file in fs::read_dir(folder).map_err(failed)?.flatten() {
        let path = file.path();
        if path.extension().is_some_and(|extension| extension == "jsonl") {
            let text = fs::read_to_string(&path)
                .map_err(|source| Error::File { path: path.clone(), source })?;
            for line in text.lines() {
                entries.push(serde_json::from_str(line).map_err(|error| Error::Content {
                    path: path.clone(),
                    what: format!("{error} in `{line}`"),
                })?);
            }
        }
    }
    entries.sort_by_key(|entry: &Entry| entry.at);
    Ok(entries)
}
