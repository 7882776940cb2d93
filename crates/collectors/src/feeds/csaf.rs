//! Advisories of a provider, as CSAF 2.0 says how they are found and taken (section 7.3): where the
//! domain says that they are, by ROLIE feeds or by directories.
//!
//! A document is kept under its path as it was received, once it is known to be one, to bear a
//! label that is wanted, and to have the hash that is published beside it. Refuses what lies on
//! another host than its list unless that is reached over TLS, and does not check signatures.

mod provider;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use domain::bounded::FEED_DOCUMENTS;
use serde::Deserialize;
use sha2::{Digest as _, Sha256, Sha512};

use super::asking::{Asker, Wanted};
use super::listing::Listed;
use super::mirror::{self, State};
use super::{FeedError, Source, save};

/// How many documents are taken before it is kept which there are.
const BATCH: usize = 25;
/// After how many documents in a row that the way to them was closed it is given up for this time.
const CLOSED: usize = 3;
/// After how many documents without a hash beside them nobody looks for more.
const WITHOUT_HASH: usize = 5;

/// How far an advisory may be passed on (CSAF 2.0, section 3.2.1.5.2; TLP 1.0, and `CLEAR` of 2.0).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// To anybody: `WHITE`, and `CLEAR` as TLP 2.0 calls it.
    White,
    /// Within the community.
    Green,
    /// Within the hospital.
    Amber,
    /// To nobody else.
    Red,
}

impl FromStr for Label {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_uppercase().as_str() {
            "WHITE" | "CLEAR" => Ok(Self::White),
            "GREEN" => Ok(Self::Green),
            "AMBER" | "AMBER+STRICT" => Ok(Self::Amber),
            "RED" => Ok(Self::Red),
            _ => Err("expected white, green, amber or red".to_owned()),
        }
    }
}

/// Whether what bears a label is wanted. What bears none is: whoever publishes it to anybody has
/// not said otherwise. A label that nobody knows is not.
fn is_wanted(label: Option<&str>, wanted: &[Label]) -> bool {
    label.is_none_or(|label| {
        label.eq_ignore_ascii_case("unlabeled")
            || label.parse().is_ok_and(|label| wanted.contains(&label))
    })
}

#[derive(Deserialize)]
struct Advisory {
    document: Document,
}

#[derive(Deserialize)]
struct Document {
    csaf_version: String,
    tracking: Tracking,
    distribution: Option<Distribution>,
}

#[derive(Deserialize)]
struct Tracking {
    #[serde(rename = "id")]
    _id: String,
}

#[derive(Deserialize)]
struct Distribution {
    tlp: Option<Tlp>,
}

#[derive(Deserialize)]
struct Tlp {
    label: Option<String>,
}

/// A document that a list tells of: where it is, and where it is to lie.
pub(super) struct Found {
    pub(super) url: String,
    pub(super) path: PathBuf,
    pub(super) listed: Listed,
}

/// Fetches what is new. How many documents were written.
pub(super) fn sync(
    asker: &Asker<'_>,
    state: &mut State,
    (source, provider): (&Source, &str),
) -> Result<u64, FeedError> {
    let labels = format!("{:?}", asker.settings().labels);
    if state.through.as_ref() != Some(&labels) {
        // What a list told was taken by other labels.
        state.validators.clear();
    }
    let (found, validators) = provider::documents(asker, provider, &state.validators)?;
    if found.len() > FEED_DOCUMENTS {
        return Err(FeedError::Content {
            name: provider.to_owned(),
            expected: "as many documents as a source may have",
            found: found.len().to_string(),
        });
    }
    let place = source.place();
    let is_new = |found: &&Found| {
        let kept = state.revisions.get(&shown(&found.path));
        // `index.txt` does not say when.
        let is_other =
            |kept: &String| !found.listed.changed.is_empty() && *kept != found.listed.changed;
        kept.is_none_or(is_other) || !asker.mirror().at(&place.join(&found.path)).exists()
    };
    let new: Vec<&Found> = found.iter().filter(is_new).collect();
    let changed = take_all(asker, state, &place, &new)?;
    state.validators.extend(validators);
    state.through = Some(labels);
    Ok(changed)
}

/// What would be asked for now, in words, and its address.
pub(super) fn would(state: &State, provider: &str) -> (String, String) {
    let what = if state.revisions.is_empty() {
        "provider-metadata.json, the lists that it names, and their documents"
    } else {
        "provider-metadata.json, the lists that it names, and the documents that are another"
    };
    (what.to_owned(), provider::first(provider))
}

fn take_all(
    asker: &Asker<'_>,
    state: &mut State,
    place: &Path,
    new: &[&Found],
) -> Result<u64, FeedError> {
    let mut taking = Taking { asker, place, hash: None, without: 0 };
    let (mut changed, mut failed, mut closed, mut first) = (0, 0, 0, None);
    for (number, one) in new.iter().enumerate() {
        asker.says(&format!("{}: document {} of {}", state.source, number + 1, new.len()));
        match taking.take(one) {
            Ok(outcome) => {
                closed = 0;
                changed += u64::from(outcome == Outcome::Written);
                if outcome != Outcome::Unwanted {
                    state.revisions.insert(shown(&one.path), one.listed.changed.clone());
                }
            }
            // Without the mirror nothing goes on; without one document the others do.
            Err(error @ FeedError::File { .. }) => return Err(error),
            Err(error) => {
                failed += 1;
                closed = if error.is_of_the_way() { closed + 1 } else { 0 };
                first = first.or(Some(error));
            }
        }
        state.documents = state.revisions.len() as u64;
        if closed == CLOSED {
            failed += new.len() - number - 1;
            break;
        }
        if (number + 1) % BATCH == 0 {
            save(asker, state)?;
        }
    }
    match first {
        Some(first) => Err(FeedError::Partly { failed, of: new.len(), first: Box::new(first) }),
        None => Ok(changed),
    }
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// What came of taking a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// It was written.
    Written,
    /// It was there.
    Same,
    /// It bears a label that is not wanted.
    Unwanted,
}

/// Taking documents of one provider.
struct Taking<'a, 'b> {
    asker: &'a Asker<'b>,
    place: &'a Path,
    /// Which hash lies beside its documents, once one was seen.
    hash: Option<&'static str>,
    /// How many documents had none.
    without: usize,
}

impl Taking<'_, '_> {
    fn take(&mut self, found: &Found) -> Result<Outcome, FeedError> {
        let bytes = self.asker.bytes(&Wanted::document(&found.url))?;
        let advisory: Advisory =
            serde_json::from_slice(&bytes).map_err(|error| FeedError::Content {
                name: found.url.clone(),
                expected: "a CSAF document",
                found: error.to_string(),
            })?;
        let version = &advisory.document.csaf_version;
        if !version.starts_with("2.") {
            return Err(FeedError::Content {
                name: found.url.clone(),
                expected: "a document of CSAF 2.0 or 2.1",
                found: domain::bounded::quote(version),
            });
        }
        let _ = &advisory.document.tracking;
        let tlp = advisory.document.distribution.and_then(|distribution| distribution.tlp);
        let label = tlp.and_then(|tlp| tlp.label);
        if !is_wanted(label.as_deref(), &self.asker.settings().labels) {
            return Ok(Outcome::Unwanted);
        }
        if !self.agrees(found, &bytes)? {
            return Err(FeedError::Hash { name: found.url.clone() });
        }
        let path = self.asker.mirror().at(&self.place.join(&found.path));
        if std::fs::read(&path).is_ok_and(|before| before == bytes) {
            return Ok(Outcome::Same);
        }
        mirror::write(&path, &bytes)?;
        Ok(Outcome::Written)
    }

    /// Whether a document has the hash that is published beside it (section 7.1.18), if one is.
    fn agrees(&mut self, found: &Found, bytes: &[u8]) -> Result<bool, FeedError> {
        if let Some(url) = found.listed.hashes.first() {
            // A hash that is listed has to be there.
            return Ok(same(url, bytes, &self.asker.bytes(&Wanted::document(url))?));
        }
        if self.without >= WITHOUT_HASH {
            return Ok(true);
        }
        let kinds = self.hash.map_or(vec![".sha512", ".sha256"], |kind| vec![kind]);
        for kind in kinds {
            let url = format!("{}{kind}", found.url);
            match self.asker.bytes(&Wanted::document(&url)) {
                Ok(hash) => {
                    self.hash = Some(kind);
                    return Ok(same(&url, bytes, &hash));
                }
                Err(error) if error.is_missing() => {}
                Err(error) => return Err(error),
            }
        }
        if self.hash.is_none() {
            self.without += 1;
        }
        Ok(true)
    }
}

/// Whether bytes have the hash that stands in a file, before the name of what it is of.
fn same(url: &str, bytes: &[u8], hash: &[u8]) -> bool {
    let text = String::from_utf8_lossy(hash);
    let told = text.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
    let own = if url.ends_with(".sha256") {
        mirror::hex(&Sha256::digest(bytes))
    } else {
        mirror::hex(&Sha512::digest(bytes))
    };
    told == own
}

/// Documents by their paths, each once: of two lists that tell of one, the first.
pub(super) fn once(found: Vec<Found>) -> Vec<Found> {
    let mut all = BTreeMap::new();
    for one in found {
        all.entry(one.path.clone()).or_insert(one);
    }
    all.into_values().collect()
}
