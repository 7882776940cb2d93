//! The National Vulnerability Database by its JSON 2.0 feeds (nvd.nist.gov, *NVD Data Feeds*): a
//! file for each year, and `modified`, which holds what changed in the last eight days.
//!
//! Beside each file lies a `.meta` with its size and its SHA-256, both of what is unpacked: it is
//! asked for first, and the file only where it is another. Refuses a file that differs from its
//! `.meta`: no record of it is taken.

use std::fs::File;
use std::io::{self, BufReader, Read as _};
use std::path::Path;

use domain::bounded::FEED_FILE_BYTES;
use flate2::read::MultiGzDecoder;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use super::super::asking::{Asker, Wanted};
use super::super::mirror::{State, failed, hex};
use super::super::{FeedError, save};
use super::{merge, through, time};

/// *NVD Data Feeds, JSON 2.0*: the stem of every file.
const FEEDS: &str = "https://nvd.nist.gov/feeds/json/cve/2.0/nvdcve-2.0-";
/// The file of the first year holds the years before as well.
const FIRST_YEAR: i16 = 2002;
const MODIFIED: &str = "modified";
/// Up to when the files of the years are needed: `modified` holds eight days, and one of them is
/// left for the files of the years, which are made once a day.
const COVERED_MS: i64 = 7 * 24 * 3_600_000;
/// How much older what a file holds may be than it says: it is made every two hours.
const MADE_MS: i64 = 2 * 3_600_000;
/// After how long the file of changes stands still: who asks is told, for nothing new comes.
const STILL_MS: i64 = 3 * 24 * 3_600_000;
/// How many records are put in their places at once.
const BATCH: usize = 5_000;

/// What is said of a file beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Meta {
    /// When it was made, in milliseconds since 1970.
    made_ms: i64,
    /// How long it is unpacked, in bytes.
    size: u64,
    /// SHA-256 of what is unpacked, in lower case.
    sha256: String,
}

impl Meta {
    fn read(text: &str) -> Option<Self> {
        let field = |name: &str| {
            let mut pairs = text.lines().filter_map(|line| line.split_once(':'));
            pairs.find(|(own, _)| own.trim() == name).map(|(_, value)| value.trim())
        };
        let made: Timestamp = field("lastModifiedDate")?.parse().ok()?;
        let sha256 = field("sha256")?.to_ascii_lowercase();
        let is_hash = sha256.len() == 64 && sha256.bytes().all(|one| one.is_ascii_hexdigit());
        let size = field("size")?.parse().ok()?;
        is_hash.then_some(Self { made_ms: made.as_millisecond(), size, sha256 })
    }
}

/// Fetches the files that are another than before: `modified` alone where it reaches back to what
/// was taken last, and otherwise those of the years first. How many records were written.
pub(in crate::feeds) fn sync(asker: &Asker<'_>, state: &mut State) -> Result<u64, FeedError> {
    let mut newest = meta(asker, MODIFIED)?;
    let from = state.through.as_deref().and_then(|text| text.parse::<Timestamp>().ok());
    let from_ms = from.map(Timestamp::as_millisecond);
    let mut changed = 0;
    if from_ms.is_none_or(|from_ms| newest.made_ms - from_ms > COVERED_MS) {
        changed += years(asker, state)?;
        newest = meta(asker, MODIFIED)?;
    }
    let (count, newest) = file(asker, state, MODIFIED, newest)?;
    // A clock that is wrong, there or here, leaves out nothing.
    let until_ms = (newest.made_ms - MADE_MS).min(asker.now_ms());
    // The API may have been asked later than the file was made.
    through(state, from_ms.map_or(until_ms, |from_ms| from_ms.max(until_ms)));
    still(asker, &newest)?;
    Ok(changed + count)
}

/// Tells of a publisher, or a mirror, that has not made the file of changes for days.
fn still(asker: &Asker<'_>, newest: &Meta) -> Result<(), FeedError> {
    if asker.now_ms() - newest.made_ms <= STILL_MS {
        return Ok(());
    }
    let made = time(newest.made_ms).unwrap_or_default();
    Err(FeedError::Content {
        name: format!("{FEEDS}{MODIFIED}.meta"),
        expected: "a file of changes that was made in the last three days",
        found: format!("one of {made}"),
    })
}

/// What would be asked for now, in words, with its address.
pub(in crate::feeds) fn would(state: &State, now_ms: i64) -> Vec<(String, String)> {
    let from = state.through.as_deref().and_then(|text| text.parse::<Timestamp>().ok());
    let meta = |name: &str| format!("{FEEDS}{name}.meta");
    let changed = "what is said of the file of changes, and the file where it is another";
    let mut all = vec![(changed.to_owned(), meta(MODIFIED))];
    if from.is_none_or(|from| now_ms - from.as_millisecond() > COVERED_MS) {
        let years = format!("the same for each year from {FIRST_YEAR} to this one");
        all.push((years, meta(&FIRST_YEAR.to_string())));
    }
    all
}

/// Takes the files of all years that are another than before. One that is not what it should be
/// holds up no other; where the server can't be asked, nothing more is.
fn years(asker: &Asker<'_>, state: &mut State) -> Result<u64, FeedError> {
    let now = TimeZone::UTC.to_datetime(time(asker.now_ms()).unwrap_or_default());
    let mut changed = 0;
    let mut failure = None;
    for year in FIRST_YEAR..=now.year() {
        let name = year.to_string();
        asker.says(&format!("nvd: the file of {name}"));
        let outcome = meta(asker, &name).and_then(|meta| file(asker, state, &name, meta));
        match outcome {
            Ok((count, _)) => changed += count,
            // The file of a year is made some days after the year began.
            Err(error) if error.is_missing() && year == now.year() && now.month() == 1 => {}
            Err(error) if error.is_of_the_way() => return Err(error),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    failure.map_or(Ok(changed), Err)
}

fn meta(asker: &Asker<'_>, name: &str) -> Result<Meta, FeedError> {
    let url = format!("{FEEDS}{name}.meta");
    let bytes = asker.bytes(&Wanted { is_slowed_by_403: true, ..Wanted::page(&url) })?;
    let text = String::from_utf8_lossy(&bytes);
    let content = |expected, found| FeedError::Content { name: url.clone(), expected, found };
    let meta = Meta::read(&text).ok_or_else(|| {
        content("lastModifiedDate, size and sha256", domain::bounded::quote(text.trim()))
    })?;
    if meta.size > FEED_FILE_BYTES {
        let found = format!("{} bytes of more than {FEED_FILE_BYTES}", meta.size);
        return Err(content("a file within its limit", found));
    }
    Ok(meta)
}

/// Takes a file where it is another than before. How many records were written, and what was said
/// of it. A file that differs is asked for once more with what is said of it then: it may have been
/// made anew in between, or an older one may have been left from the last time.
fn file(
    asker: &Asker<'_>,
    state: &mut State,
    name: &str,
    mut meta: Meta,
) -> Result<(u64, Meta), FeedError> {
    let url = format!("{FEEDS}{name}.json.gz");
    let mut is_second = false;
    while state.files.get(name) != Some(&meta.sha256) {
        let part = asker.archive(&Wanted { is_slowed_by_403: true, ..Wanted::archive(&url) })?;
        if let Err(error) = check(&part, &url, &meta) {
            asker.forget(&url)?;
            if is_second {
                return Err(error);
            }
            is_second = true;
            meta = self::meta(asker, name)?;
            continue;
        }
        let taken = take(asker, state, (&part, &url));
        // What can't be taken as it is won't be gone on with.
        asker.forget(&url)?;
        let count = taken?;
        state.files.insert(name.to_owned(), meta.sha256.clone());
        save(asker, state)?;
        return Ok((count, meta));
    }
    Ok((0, meta))
}

fn unpacked(part: &Path) -> Result<MultiGzDecoder<BufReader<File>>, FeedError> {
    let file = File::open(part).map_err(failed("read", part))?;
    Ok(MultiGzDecoder::new(BufReader::new(file)))
}

/// Whether a file is what is said of it.
fn check(part: &Path, url: &str, meta: &Meta) -> Result<(), FeedError> {
    let mut unpacked = unpacked(part)?.take(meta.size + 1);
    let mut hash = Sha256::new();
    let mut some = vec![0; 64 << 10];
    let mut size = 0;
    loop {
        let count = unpacked.read(&mut some).map_err(|error| FeedError::Content {
            name: url.to_owned(),
            expected: "a whole file, packed by gzip",
            found: error.to_string(),
        })?;
        if count == 0 {
            break;
        }
        size += count as u64;
        hash.update(some.get(..count).unwrap_or_default());
    }
    if size == meta.size && hex(&hash.finalize()) == meta.sha256 {
        return Ok(());
    }
    Err(FeedError::Hash { name: url.to_owned() })
}

/// Puts the records of a file in their places, some at a time. How many were written.
fn take(
    asker: &Asker<'_>,
    state: &mut State,
    (part, url): (&Path, &str),
) -> Result<u64, FeedError> {
    let mut written = 0;
    let mut failure = None;
    let put = |records: &[Box<RawValue>]| {
        let records: Vec<&RawValue> = records.iter().map(AsRef::as_ref).collect();
        match merge(asker, state, url, &records) {
            Ok(count) => written += count,
            Err(error) => failure = Some(error),
        }
        // What went wrong is told beside the reader, which knows another kind of error.
        if failure.is_some() { Err(io::Error::other("not kept")) } else { Ok(()) }
    };
    let reader = BufReader::with_capacity(64 << 10, unpacked(part)?);
    let mut reader = serde_json::Deserializer::from_reader(reader);
    let read = reader.deserialize_map(Feed(put)).and_then(|()| reader.end());
    match (failure, read) {
        (Some(error), _) => Err(error),
        (None, Ok(())) => Ok(written),
        (None, Err(error)) => Err(FeedError::Content {
            name: url.to_owned(),
            expected: "a feed of the NVD, JSON 2.0",
            found: error.to_string(),
        }),
    }
}

/// A feed, of which no more is in memory at a time than a batch of records, each as it was
/// received.
struct Feed<F>(F);

impl<'de, F: FnMut(&[Box<RawValue>]) -> io::Result<()>> Visitor<'de> for Feed<F> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a feed with `vulnerabilities`")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let mut is_there = false;
        while let Some(name) = map.next_key::<String>()? {
            if name == "vulnerabilities" {
                map.next_value_seed(Records(&mut self.0))?;
                is_there = true;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        if is_there { Ok(()) } else { Err(A::Error::missing_field("vulnerabilities")) }
    }
}

struct Records<'a, F>(&'a mut F);

impl<'de, F: FnMut(&[Box<RawValue>]) -> io::Result<()>> DeserializeSeed<'de> for Records<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_seq(self)
    }
}

impl<'de, F: FnMut(&[Box<RawValue>]) -> io::Result<()>> Visitor<'de> for Records<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut batch: Vec<Box<RawValue>> = Vec::new();
        while let Some(record) = list.next_element()? {
            batch.push(record);
            if batch.len() == BATCH {
                (self.0)(&batch).map_err(A::Error::custom)?;
                batch.clear();
            }
        }
        (self.0)(&batch).map_err(A::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Meta;

    #[test]
    fn what_is_said_of_a_file_is_read_whole_or_not_at_all() {
        let hash = "D8E5C23AA8600D83D068E812D08EF1CF2F346A6E6DBAD4BFAD99B8601DB93472";
        let whole = format!(
            "lastModifiedDate:2023-12-20T12:00:01-05:00\r\nsize:7362968\r\nzipSize:404598\r\n\
             gzSize:404454\r\nsha256:{hash}\r\n"
        );
        let meta = Meta::read(&whole).expect("whole");
        assert_eq!((meta.made_ms, meta.size), (1_703_091_601_000, 7_362_968));
        assert_eq!(meta.sha256, hash.to_lowercase());
        let line_end = "\r\n".len();
        for end in 0..whole.len() - line_end {
            assert_eq!(Meta::read(whole.get(..end).expect("ASCII")), None, "{end}");
        }
        assert_eq!(Meta::read(&whole.replace("\r\n", "\n")), Some(meta));
        assert_eq!(Meta::read(&whole.replace(hash, &"x".repeat(64))), None);
    }
}
