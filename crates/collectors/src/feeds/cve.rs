//! The CVE list (github.com/CVEProject/cvelistV5, *Releases*): the archive of all records at
//! midnight once, and from then on what changed each day and since midnight.
//!
//! Records lie in `cve/YEAR.zip`, each once. Refuses an archive that is not whole in every record.
//! A release names its files by the day whose midnight they count from, and its tag may be
//! another: files are told by their names.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Read as _};
use std::path::{Path, PathBuf};

use domain::bounded::FEED_ARCHIVE_BYTES;
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::Deserialize;
use zip::ZipWriter;

use super::asking::{Asker, Page, Wanted, remove};
use super::mirror::{State, beside, failed, place};
use super::{FeedError, listing, save, shelf};

/// The newest release (docs.github.com, *REST API endpoints for releases*), and where the files of
/// releases lie.
const LATEST: &str = "https://api.github.com/repos/CVEProject/cvelistV5/releases/latest";
const DOWNLOADS: &str = "https://github.com/CVEProject/cvelistV5/releases/download";
/// After how many days the archive of all is fetched instead of what changed each day.
const DAYS: i32 = 14;
const ALL: &str = "_all_CVEs_at_midnight.zip.zip";
const DELTA: &str = "_delta_CVEs_at_";

#[derive(Deserialize)]
struct Release {
    tag_name: String,
    assets: Vec<Asset>,
}

#[derive(Deserialize)]
struct Asset {
    name: String,
}

impl Release {
    /// The day from whose midnight its files count, and the file of what changed since.
    fn day(&self) -> Option<Date> {
        let all = self.assets.iter().find_map(|asset| asset.name.strip_suffix(ALL))?;
        all.parse().ok()
    }

    fn delta(&self, day: Date) -> Option<&str> {
        let begins = format!("{day}{DELTA}");
        let names = self.assets.iter().map(|asset| asset.name.as_str());
        names.filter(|name| name.starts_with(&begins) && listing::is_file_name(name)).max()
    }

    fn url(&self, name: &str) -> String {
        format!("{DOWNLOADS}/{}/{name}", self.tag_name)
    }
}

/// Fetches everything, or what changed. How many records were written.
pub(super) fn sync(asker: &Asker<'_>, state: &mut State) -> Result<u64, FeedError> {
    let known = state.validators.get(LATEST).filter(|one| !one.is_empty());
    let known = known.filter(|_| state.through.is_some());
    let Page::Fresh(text, validators) = asker.page(&Wanted::page(LATEST), known)? else {
        return Ok(0);
    };
    let content = |found: String| FeedError::Content {
        name: LATEST.to_owned(),
        expected: "a release of the CVE list",
        found,
    };
    let release: Release =
        serde_json::from_slice(&text).map_err(|error| content(error.to_string()))?;
    let is_plain = listing::is_file_name(&release.tag_name);
    let day = release.day().filter(|_| is_plain);
    let day = day.ok_or_else(|| content(format!("no file `DAY{ALL}`")))?;
    let mut changed = 0;
    let through: Option<Date> = state.through.as_deref().and_then(|text| text.parse().ok());
    let days = through.and_then(|through| since(through, day));
    let is_followed = match days {
        Some(days) => follow(asker, state, &days, &mut changed)?,
        None => false,
    };
    if !is_followed {
        changed += whole(asker, state, &release.url(&format!("{day}{ALL}")))?;
        state.through = Some(day.to_string());
        save(asker, state)?;
    }
    if let Some(name) = release.delta(day) {
        changed += delta(asker, state, &release.url(name))?;
    }
    state.validators.insert(LATEST.to_owned(), validators);
    Ok(changed)
}

/// What would be asked for now, in words, and its address.
pub(super) fn would(state: &State) -> (String, String) {
    let what = match &state.through {
        None => "the newest release, and its archive of everything".to_owned(),
        Some(day) => {
            format!("the newest release, and what changed since {day} where it is another")
        }
    };
    (what, LATEST.to_owned())
}

/// The days whose changes are missing; nothing where they are too many.
fn since(through: Date, day: Date) -> Option<Vec<Date>> {
    let days = (day - through).get_days();
    (0..=DAYS)
        .contains(&days)
        .then(|| (0..days).filter_map(|n| through.checked_add(n.days()).ok()).collect())
}

/// Takes what changed on each of those days; whether all of them are still published.
fn follow(
    asker: &Asker<'_>,
    state: &mut State,
    days: &[Date],
    changed: &mut u64,
) -> Result<bool, FeedError> {
    for day in days {
        let end = "at_end_of_day";
        let url = format!("{DOWNLOADS}/cve_{day}_{end}/{day}_delta_CVEs_{end}.zip");
        match delta(asker, state, &url) {
            Ok(count) => *changed += count,
            Err(error) if error.is_missing() => return Ok(false),
            Err(error) => return Err(error),
        }
        state.through = day.tomorrow().ok().map(|next| next.to_string());
        save(asker, state)?;
    }
    Ok(true)
}

/// Year and name of the record that a file in an archive is; nothing where it is none.
fn record(name: &str) -> Option<(&str, &str)> {
    let file = name.rsplit('/').next().unwrap_or_default();
    let id = file.strip_suffix(".json")?.strip_prefix("CVE-")?;
    let (year, number) = id.split_once('-')?;
    let is_number = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
    (listing::is_year(year) && is_number).then_some((year, file))
}

/// Puts the records of an archive of changes on their shelves. How many are another than before.
fn delta(asker: &Asker<'_>, state: &mut State, url: &str) -> Result<u64, FeedError> {
    let part = asker.archive(&Wanted::archive(url))?;
    let read = || -> Result<BTreeMap<String, BTreeMap<String, Vec<u8>>>, FeedError> {
        let mut years: BTreeMap<String, BTreeMap<_, _>> = BTreeMap::new();
        let mut archive = shelf::open(&part)?;
        for number in 0..archive.len() {
            if let Some((name, bytes)) = shelf::document(&part, &mut archive, number)?
                && let Some((year, file)) = record(&name)
            {
                years.entry(year.to_owned()).or_default().insert(file.to_owned(), bytes);
            }
        }
        Ok(years)
    };
    let years = read();
    asker.forget(url)?;
    let mut changed = 0;
    for (year, mut records) in years? {
        let path = year_path(asker, &year);
        let before = shelf::read(&path, records.keys().cloned())?;
        records.retain(|name, bytes| before.get(name) != Some(bytes));
        if !records.is_empty() {
            changed += records.len() as u64;
            state.documents += shelf::put(&path, &records)?;
        }
    }
    Ok(changed)
}

fn year_path(asker: &Asker<'_>, year: &str) -> PathBuf {
    asker.mirror().at(&Path::new("cve").join(format!("{year}.zip")))
}

/// Parts the archive of all into shelves. How many records there are.
fn whole(asker: &Asker<'_>, state: &mut State, url: &str) -> Result<u64, FeedError> {
    let part = asker.archive(&Wanted::archive(url))?;
    let inner = asker.mirror().part("cve-inner.zip");
    asker.says("cve: parting the archive by years");
    let parted = unwrapped(&part, &inner).and_then(|archive| by_year(asker, archive));
    remove(&inner)?;
    asker.forget(url)?;
    let count = parted?;
    state.documents = count;
    Ok(count)
}

/// The archive within the archive, in a file of its own; the archive itself where it holds none.
fn unwrapped<'a>(part: &'a Path, inner: &'a Path) -> Result<&'a Path, FeedError> {
    let mut archive = shelf::open(part)?;
    let damaged = |why: String| FeedError::Archive { name: part.display().to_string(), why };
    if archive.len() != 1 {
        return Ok(part);
    }
    let entry = archive.by_index(0).map_err(|error| damaged(error.to_string()))?;
    if !entry.name().is_ok_and(|name| name.ends_with(".zip")) {
        return Ok(part);
    }
    let mut file = File::create(inner).map_err(failed("write", inner))?;
    let copied = io::copy(&mut entry.take(FEED_ARCHIVE_BYTES + 1), &mut file);
    if copied.map_err(|error| damaged(error.to_string()))? > FEED_ARCHIVE_BYTES {
        return Err(damaged(format!("what is in it is over {FEED_ARCHIVE_BYTES} bytes")));
    }
    Ok(inner)
}

/// An archive of a year that is being written.
struct Year {
    writer: ZipWriter<BufWriter<File>>,
    beside: PathBuf,
}

fn by_year(asker: &Asker<'_>, path: &Path) -> Result<u64, FeedError> {
    let mut archive = shelf::open(path)?;
    let mut years: BTreeMap<String, Year> = BTreeMap::new();
    let mut count = 0;
    let damaged = |error: zip::result::ZipError| FeedError::Archive {
        name: path.display().to_string(),
        why: error.to_string(),
    };
    for number in 0..archive.len() {
        // Read to its checksum first, then taken over as it is, packed.
        let Some((name, _)) = shelf::document(path, &mut archive, number)? else { continue };
        let Some((year, file)) = record(&name) else { continue };
        if !years.contains_key(year) {
            let (beside, file) = beside(&year_path(asker, year))?;
            let writer = ZipWriter::new(BufWriter::new(file));
            years.insert(year.to_owned(), Year { writer, beside });
        }
        let Some(own) = years.get_mut(year) else { continue };
        let entry = archive.by_index_raw(number).map_err(damaged)?;
        own.writer.raw_copy_file_rename(entry, file).map_err(damaged)?;
        count += 1;
    }
    if count == 0 {
        let why = "it holds no CVE records".to_owned();
        return Err(FeedError::Archive { name: path.display().to_string(), why });
    }
    let mut done = Vec::new();
    for (year, own) in years {
        let file = shelf::finish(own.writer).map_err(failed("write", &own.beside))?;
        done.push((year, own.beside, file));
    }
    for (year, beside, file) in done {
        place(&beside, &file, &year_path(asker, &year))?;
    }
    Ok(count)
}
