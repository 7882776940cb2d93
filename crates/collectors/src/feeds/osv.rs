//! Open source vulnerabilities of an ecosystem (google.github.io/osv.dev, *Data dumps*): `all.zip`
//! once, and from then on the records that `modified_id.csv` says were changed.
//!
//! Records lie in `osv/ECOSYSTEM.zip`, each once. Refuses an archive that is not whole in every
//! record, and records under another id than the one that was asked for.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::path::Path;

use serde::Deserialize;

use super::asking::{Asker, Page, Wanted};
use super::mirror::{self, State, failed};
use super::{FeedError, Source, listing, save, shelf};

/// *Data dumps*: the bucket, over HTTP.
const BUCKET: &str = "https://storage.googleapis.com/osv-vulnerabilities";
/// With more changes than this the archive is fetched anew: it is fewer requests.
const CHANGES: usize = 2_000;
/// How many records are fetched before they are put on the shelf.
const BATCH: usize = 500;

#[derive(Deserialize)]
struct Record {
    id: String,
    #[serde(default)]
    modified: String,
}

/// Fetches everything, or what changed. How many records were written.
pub(super) fn sync(
    asker: &Asker<'_>,
    state: &mut State,
    (source, ecosystem): (&Source, &str),
) -> Result<u64, FeedError> {
    let stem = format!("{BUCKET}/{}", escaped(ecosystem));
    let list = format!("{stem}/modified_id.csv");
    let path = asker.mirror().at(&source.place());
    let since = state.through.clone().filter(|_| path.exists());
    let known = state.validators.get(&list).filter(|one| !one.is_empty() && since.is_some());
    let Page::Fresh(text, validators) = asker.page(&Wanted::page(&list), known)? else {
        return Ok(0);
    };
    let listed = listing::modified(&text);
    let Some((newest, _)) = listed.iter().max_by_key(|(changed, _)| second(changed)) else {
        return Err(FeedError::Content {
            name: list,
            expected: "times and ids of records",
            found: "none".to_owned(),
        });
    };
    let newest = newest.clone();
    let mut changed = 0;
    let wanted = |listed: &[(String, String)], since: &str| -> Vec<String> {
        // The same second is asked for again: more may have come in it.
        let new = listed.iter().filter(|(changed, _)| second(changed) >= second(since));
        new.map(|(_, id)| id.clone()).collect()
    };
    let mut ids = since.as_deref().map(|since| wanted(&listed, since));
    if ids.as_ref().is_none_or(|ids| ids.len() > CHANGES) {
        let url = format!("{stem}/all.zip");
        let (records, there) = whole(asker, &url, &path)?;
        changed += records;
        state.documents = records;
        // The archive may be older than the list.
        let is_newer = |(changed, id): &&(String, String)| {
            there.get(id).is_none_or(|own| second(own) < second(changed))
        };
        ids = Some(listed.iter().filter(is_newer).map(|(_, id)| id.clone()).collect());
        let oldest = there.values().max().cloned().unwrap_or_default();
        state.through = Some(oldest.min(newest.clone()));
        state.validators.remove(&list);
        save(asker, state)?;
    }
    changed += records(asker, state, (&stem, &path), &ids.unwrap_or_default())?;
    state.through = Some(newest);
    state.validators.insert(list, validators);
    Ok(changed)
}

/// What would be asked for now, in words, with its address.
pub(super) fn would(state: &State, ecosystem: &str, is_there: bool) -> Vec<(String, String)> {
    let stem = format!("{BUCKET}/{}", escaped(ecosystem));
    let list = format!("{stem}/modified_id.csv");
    match state.through.as_ref().filter(|_| is_there) {
        Some(since) => {
            vec![(format!("the list of records, and those that changed since {since}"), list)]
        }
        None => vec![
            ("the list of records".to_owned(), list),
            ("the archive of everything".to_owned(), format!("{stem}/all.zip")),
        ],
    }
}

/// A time as far as its second: times with and without parts of a second are compared.
fn second(time: &str) -> &str {
    const SECOND: usize = "2026-11-30T01:02:03".len();
    time.get(..SECOND).unwrap_or(time)
}

/// Fetches the archive, looks at every record, and puts it in its place. How many records it has,
/// and when each was changed.
fn whole(
    asker: &Asker<'_>,
    url: &str,
    path: &Path,
) -> Result<(u64, BTreeMap<String, String>), FeedError> {
    let part = asker.archive(&Wanted::archive(url))?;
    let looked = || -> Result<BTreeMap<String, String>, FeedError> {
        let mut archive = shelf::open(&part)?;
        let mut there = BTreeMap::new();
        for number in 0..archive.len() {
            if let Some((name, bytes)) = shelf::document(&part, &mut archive, number)? {
                let record = record(&name, &bytes)?;
                there.insert(record.id, record.modified);
            }
        }
        Ok(there)
    };
    let there = match looked() {
        Ok(there) => there,
        // What is damaged is not gone on with the next time.
        Err(error) => {
            asker.forget(url)?;
            return Err(error);
        }
    };
    let file = File::open(&part).map_err(failed("read", &part))?;
    mirror::place(&part, &file, path)?;
    asker.forget(url)?;
    Ok((there.len() as u64, there))
}

fn record(name: &str, bytes: &[u8]) -> Result<Record, FeedError> {
    serde_json::from_slice(bytes).map_err(|error| FeedError::Content {
        name: name.to_owned(),
        expected: "an OSV record",
        found: error.to_string(),
    })
}

/// Fetches records one by one. Those of a batch that came are kept, also where a later one fails.
fn records(
    asker: &Asker<'_>,
    state: &mut State,
    (stem, path): (&str, &Path),
    ids: &[String],
) -> Result<u64, FeedError> {
    let mut changed = 0;
    for (batch, ids) in ids.chunks(BATCH).enumerate() {
        let name = |id: &String| format!("{id}.json");
        let before = shelf::read(path, ids.iter().map(name))?;
        let mut new = BTreeMap::new();
        let mut failure = None;
        for (number, id) in ids.iter().enumerate() {
            asker.says(&format!("{}: changed record {}", state.source, batch * BATCH + number + 1));
            match one(asker, stem, id) {
                Ok(Some(bytes)) if before.get(&name(id)) != Some(&bytes) => {
                    new.insert(name(id), bytes);
                }
                Ok(_) => {}
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
        if !new.is_empty() {
            changed += new.len() as u64;
            state.documents += shelf::put(path, &new)?;
        }
        if let Some(error) = failure {
            return Err(error);
        }
    }
    Ok(changed)
}

/// A record; nothing where it was taken away since it was listed.
fn one(asker: &Asker<'_>, stem: &str, id: &str) -> Result<Option<Vec<u8>>, FeedError> {
    let url = format!("{stem}/{}.json", escaped(id));
    match asker.bytes(&Wanted::document(&url)) {
        Ok(bytes) => {
            let found = record(&url, &bytes)?;
            if found.id == id {
                return Ok(Some(bytes));
            }
            let found = domain::bounded::quote(&found.id);
            Err(FeedError::Content { name: url, expected: "the record of that id", found })
        }
        Err(error) if error.is_missing() => Ok(None),
        Err(error) => Err(error),
    }
}

/// A name within an address (RFC 3986, section 2.1).
fn escaped(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().fold(String::new(), |mut escaped, byte| {
        if is_plain(byte) {
            escaped.push(char::from(byte));
        } else {
            // Memory takes whatever is written.
            let _ = write!(escaped, "%{byte:02X}");
        }
        escaped
    })
}
