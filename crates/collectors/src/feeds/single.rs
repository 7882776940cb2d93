//! Sources that are one file: what is known to be exploited, and predictions of exploitation.
//!
//! Refuses a file that is not whole or is none of its kind: the one before stays.

use std::io::{self, Read as _};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::FeedError;
use super::asking::{Asker, Page, Wanted};
use super::mirror::{self, State};

/// The catalogue of known exploited vulnerabilities, as CISA publishes it (cisa.gov, *Known
/// Exploited Vulnerabilities Catalog*, JSON).
pub(super) const KEV: &str =
    "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json";
/// The scores of the day (first.org, *EPSS data and statistics*), which leads to the file of the
/// newest day.
pub(super) const EPSS: &str = "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz";
/// How much of the scores is looked at to tell what they are, in bytes.
const BEGINNING: u64 = 4 << 10;

#[derive(Deserialize)]
struct Catalogue {
    vulnerabilities: Vec<IgnoredAny>,
}

/// Fetches the catalogue. How many of its entries were written.
pub(super) fn kev(asker: &Asker<'_>, state: &mut State) -> Result<u64, FeedError> {
    single(asker, state, (KEV, "kev/known_exploited_vulnerabilities.json"), |bytes| {
        let read: Result<Catalogue, _> = serde_json::from_slice(bytes);
        read.map(|catalogue| catalogue.vulnerabilities.len() as u64).map_err(io::Error::other)
    })
}

/// Fetches the scores. How many were written.
pub(super) fn epss(asker: &Asker<'_>, state: &mut State) -> Result<u64, FeedError> {
    single(asker, state, (EPSS, "epss/epss_scores-current.csv.gz"), |bytes| {
        let mut unpacked = MultiGzDecoder::new(bytes);
        let mut beginning = Vec::new();
        (&mut unpacked).take(BEGINNING).read_to_end(&mut beginning)?;
        if !beginning.windows(9).any(|nine| nine == b"cve,epss,") {
            return Err(io::Error::other("another table"));
        }
        let mut lines = count(&beginning);
        let mut some = vec![0; 64 << 10];
        loop {
            // To the end, where the checksum is.
            match unpacked.read(&mut some)? {
                0 => break,
                read => lines += count(some.get(..read).unwrap_or_default()),
            }
        }
        // A comment and the names of the columns.
        Ok(lines.saturating_sub(2))
    })
}

/// What would be asked for now, in words, and its address.
pub(super) fn would(url: &str, is_there: bool) -> (String, String) {
    let what = if is_there { "the file, where it is another" } else { "the file" };
    (what.to_owned(), url.to_owned())
}

fn count(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

fn single(
    asker: &Asker<'_>,
    state: &mut State,
    (url, file): (&str, &str),
    records: impl FnOnce(&[u8]) -> io::Result<u64>,
) -> Result<u64, FeedError> {
    let path = asker.mirror().at(Path::new(file));
    let known = state.validators.get(url).filter(|known| !known.is_empty() && path.exists());
    let Page::Fresh(bytes, validators) = asker.page(&Wanted::page(url), known)? else {
        return Ok(0);
    };
    let records = records(&bytes).map_err(|error| FeedError::Content {
        name: url.to_owned(),
        expected: "the whole file as it is published",
        found: error.to_string(),
    })?;
    let is_same = std::fs::read(&path).is_ok_and(|before| before == bytes);
    if !is_same {
        mirror::write(&path, &bytes)?;
    }
    state.documents = records;
    state.validators.insert(url.to_owned(), validators);
    Ok(if is_same { 0 } else { records })
}
