//! The National Vulnerability Database, by its CVE API 2.0 (nvd.nist.gov, *Vulnerabilities* and
//! *API Workflows*): everything once, page by page, and from then on what changed; or by files of
//! years (`files`), which come to lie in the same places.
//!
//! Records lie in `nvd/YEAR.zip`, up to a hundred of neighbouring numbers in one document of the
//! API's own form, each record as it was received. Refuses to ask faster than the service allows
//! (5 requests in 30 s, 50 with a key) and more often than every two hours.

pub(super) mod files;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::asking::{Asker, Wanted};
use super::mirror::{Paging, State};
use super::{FeedError, save, shelf};

/// *CVE API*: the stem of every request.
const API: &str = "https://services.nvd.nist.gov/rest/json/cves/2.0";
/// *Start here, Rate limits and best practices*: 5 requests in 30 s without a key, 50 with one.
const PAUSE_MS: i64 = 6_000;
const PAUSE_WITH_KEY_MS: i64 = 600;
/// *CVE API*, lastModStartDate and lastModEndDate: at most 120 days between the two.
const WINDOW_MS: i64 = 120 * 24 * 3_600_000;
/// *API Workflows*: changes are asked for no more than every two hours.
const EVERY_MS: i64 = 2 * 3_600_000;
/// How far windows overlap, for a record may be shown later than it says that it was changed.
const OVERLAP_MS: i64 = 15 * 60_000;
/// How often the list may move under the pages of one run.
const MOVES: usize = 100;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answered<'a> {
    start_index: u64,
    total_results: u64,
    #[serde(borrow)]
    vulnerabilities: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Record {
    cve: Named,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    id: String,
    #[serde(default)]
    last_modified: String,
}

/// Fetches everything, or what changed. How many records were written.
pub(super) fn sync(asker: &Asker<'_>, state: &mut State) -> Result<u64, FeedError> {
    let mut changed = 0;
    let now_ms = asker.now_ms();
    if state.through.is_none() {
        let paging = state.paging.get_or_insert_with(|| begins(None, now_ms));
        let began_ms = paging.began_ms;
        changed += pages(asker, state)?;
        through(state, began_ms);
        save(asker, state)?;
    }
    loop {
        let from = state.through.as_deref().and_then(|text| text.parse::<Timestamp>().ok());
        let from_ms = from.map_or(0, Timestamp::as_millisecond);
        if state.paging.is_none() && now_ms - from_ms < EVERY_MS {
            return Ok(changed);
        }
        let window = window(from_ms, now_ms);
        let paging = state.paging.get_or_insert_with(|| begins(Some(window), now_ms));
        let (_, until_ms) = paging.window.unwrap_or(window);
        changed += pages(asker, state)?;
        through(state, until_ms);
        save(asker, state)?;
    }
}

/// What would be asked for now, in words, and its address; nothing where that is too early.
pub(super) fn would(state: &State, now_ms: i64) -> Option<(String, String)> {
    let from = state.through.as_deref().and_then(|text| text.parse::<Timestamp>().ok());
    let from_ms = from.map(Timestamp::as_millisecond);
    if state.paging.is_none() && from_ms.is_some_and(|from_ms| now_ms - from_ms < EVERY_MS) {
        return None;
    }
    let new = || begins(from_ms.map(|from_ms| window(from_ms, now_ms)), now_ms);
    let paging = state.paging.clone().unwrap_or_else(new);
    let what = match paging.window.and_then(|(from_ms, _)| time(from_ms)) {
        Some(from) => format!("what changed since {from}, in windows of at most 120 days"),
        None if paging.next > 0 => {
            format!("everything, on from record {} of {}", paging.next, paging.total)
        }
        None => "everything, page by page".to_owned(),
    };
    Some((what, address(&paging)))
}

/// From and until when changes are asked for next.
fn window(from_ms: i64, now_ms: i64) -> (i64, i64) {
    (from_ms - OVERLAP_MS, (from_ms + WINDOW_MS - OVERLAP_MS).min(now_ms))
}

fn begins(window: Option<(i64, i64)>, began_ms: i64) -> Paging {
    Paging { window, began_ms, next: 0, total: 0 }
}

fn through(state: &mut State, at_ms: i64) {
    state.paging = None;
    state.through = time(at_ms).map(|time| time.to_string());
}

fn time(at_ms: i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(at_ms).ok()
}

/// Takes the rest of the pages that are under way, and keeps each before the next is asked for.
fn pages(asker: &Asker<'_>, state: &mut State) -> Result<u64, FeedError> {
    let mut changed = 0;
    let mut moves = 0;
    loop {
        let paging = state.paging.clone().unwrap_or_default();
        if paging.next > 0 && paging.next >= paging.total {
            return Ok(changed);
        }
        let url = address(&paging);
        asker.says(&format!("nvd: record {} of {}", paging.next, paging.total));
        let bytes = asker.bytes(&wanted(asker, &url))?;
        let content = |found: String| FeedError::Content {
            name: url.clone(),
            expected: "a page of the NVD's CVE API 2.0",
            found,
        };
        let answered: Answered<'_> =
            serde_json::from_slice(&bytes).map_err(|error| content(error.to_string()))?;
        if answered.start_index != paging.next {
            return Err(content(format!("a page from {} on", answered.start_index)));
        }
        let taken = answered.vulnerabilities.len() as u64;
        if taken == 0 && paging.next < answered.total_results {
            return Err(content("none of the records that are said to be there".to_owned()));
        }
        changed += merge(asker, state, &url, &answered.vulnerabilities)?;
        // Where records were taken away those that follow moved to the front, behind this page.
        let fewer = paging.total.saturating_sub(answered.total_results);
        let next = if paging.next == 0 || fewer == 0 {
            paging.next + taken
        } else {
            moves += 1;
            paging.next.saturating_sub(fewer)
        };
        if moves > MOVES {
            return Err(content("a list that moves with every page".to_owned()));
        }
        let total = answered.total_results;
        state.paging = Some(Paging { next, total, ..paging });
        save(asker, state)?;
        if total == 0 {
            return Ok(changed);
        }
    }
}

fn wanted<'a>(asker: &Asker<'a>, url: &str) -> Wanted<'a> {
    let key = asker.settings().nvd_key.as_deref();
    Wanted {
        // The key goes into a field, which no log of addresses shows.
        secret: key.map(|key| ("apiKey", key)),
        pause_ms: if key.is_some() { PAUSE_WITH_KEY_MS } else { PAUSE_MS },
        is_slowed_by_403: true,
        ..Wanted::page(url)
    }
}

/// The address of a page. Its size is left to the service, which allowed 2,000 and later 1,000.
fn address(paging: &Paging) -> String {
    let mut url = format!("{API}?startIndex={}", paging.next);
    if let Some((from, until)) = paging.window {
        for (name, at_ms) in [("lastModStartDate", from), ("lastModEndDate", until)] {
            let text = time(at_ms).map(|time| time.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string());
            // Memory takes whatever is written.
            let _ = write!(url, "&{name}={}", text.unwrap_or_default());
        }
    }
    url
}

/// Puts records in their places, each once: the one that was changed last.
fn merge(
    asker: &Asker<'_>,
    state: &mut State,
    url: &str,
    records: &[&RawValue],
) -> Result<u64, FeedError> {
    let mut blocks: BTreeMap<(String, String), BTreeMap<u64, (String, String)>> = BTreeMap::new();
    for raw in records {
        let (year, number, changed) = key(url, raw.get())?;
        let block = format!("CVE-{year}-{}xx.json", number / 100);
        let block = blocks.entry((year, block)).or_default();
        let is_newest = block.get(&number).is_none_or(|(before, _)| changed >= *before);
        if is_newest {
            block.insert(number, (changed, raw.get().to_owned()));
        }
    }
    let mut written = 0;
    let mut years: BTreeMap<String, BTreeMap<String, _>> = BTreeMap::new();
    for ((year, block), records) in blocks {
        years.entry(year).or_default().insert(block, records);
    }
    for (year, blocks) in years {
        let path = asker.mirror().at(&Path::new("nvd").join(format!("{year}.zip")));
        let before = shelf::read(&path, blocks.keys().cloned())?;
        let mut changed = BTreeMap::new();
        for (block, new) in blocks {
            let mut records = match before.get(&block) {
                Some(bytes) => parsed(&block, bytes)?,
                None => BTreeMap::new(),
            };
            let count = records.len();
            let mut is_changed = false;
            for (number, record) in new {
                let is_newer = records.get(&number).is_none_or(|(at, text)| {
                    record.0 > *at || record.0 == *at && !says_the_same(&record.1, text)
                });
                if is_newer {
                    records.insert(number, record);
                    written += 1;
                    is_changed = true;
                }
            }
            if is_changed {
                state.documents += (records.len() - count) as u64;
                changed.insert(block, document(&records));
            }
        }
        if !changed.is_empty() {
            shelf::put(&path, &changed)?;
        }
    }
    Ok(written)
}

/// Whether two texts of a record say the same: the API and the files need not set their spaces
/// alike.
fn says_the_same(one: &str, other: &str) -> bool {
    let read = serde_json::from_str::<serde_json::Value>;
    one == other || read(one).ok().is_some_and(|one| read(other).is_ok_and(|other| one == other))
}

/// Year and number of a record, and when it was changed last.
fn key(name: &str, text: &str) -> Result<(String, u64, String), FeedError> {
    let content = |found: String| FeedError::Content {
        name: name.to_owned(),
        expected: "a record with a CVE id",
        found,
    };
    let record: Record = serde_json::from_str(text).map_err(|error| content(error.to_string()))?;
    let parts = record.cve.id.strip_prefix("CVE-").and_then(|rest| rest.split_once('-'));
    let number = parts.and_then(|(_, number)| number.parse().ok());
    match (parts, number) {
        (Some((year, _)), Some(number)) if super::listing::is_year(year) => {
            Ok((year.to_owned(), number, record.cve.last_modified))
        }
        _ => Err(content(domain::bounded::quote(&record.cve.id))),
    }
}

fn parsed(block: &str, bytes: &[u8]) -> Result<BTreeMap<u64, (String, String)>, FeedError> {
    let answered: Answered<'_> =
        serde_json::from_slice(bytes).map_err(|error| FeedError::Content {
            name: block.to_owned(),
            expected: "records as they were kept",
            found: error.to_string(),
        })?;
    let mut records = BTreeMap::new();
    for raw in answered.vulnerabilities {
        let (_, number, changed) = key(block, raw.get())?;
        records.insert(number, (changed, raw.get().to_owned()));
    }
    Ok(records)
}

/// Records as one document of the API's form, whose time is that of the record that was changed
/// last: the same records make the same bytes.
fn document(records: &BTreeMap<u64, (String, String)>) -> Vec<u8> {
    let newest = records.values().map(|(changed, _)| changed.as_str()).max().unwrap_or_default();
    let count = records.len();
    let texts: Vec<&str> = records.values().map(|(_, text)| text.as_str()).collect();
    let newest = serde_json::Value::from(newest);
    format!(
        "{{\"resultsPerPage\":{count},\"startIndex\":0,\"totalResults\":{count},\
         \"format\":\"NVD_CVE\",\"version\":\"2.0\",\"timestamp\":{newest},\
         \"vulnerabilities\":[\n{}\n]}}\n",
        texts.join(",\n")
    )
    .into_bytes()
}
