//! What documents that came can change: the vulnerabilities that they are about, the releases that
//! these can touch, and their devices. All else stays closed, and stands as it stood.
//!
//! Refuses where it can't tell that by what is kept in short: after another program or on another
//! day, where an inventory, an SBOM or a table of releases changed, or very much at once. Then
//! everything is judged.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use anyhow::Result;
use collectors::folder::{self, Unwatched};
use decisions::exposure::{self, keys, touch};
use decisions::hospital::{Hospital, ReleaseIndex, VulnerabilityIndex};
use domain::fact::{self, Document};
use domain::location::DocumentId;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use presentation::assessment::Summary;
use store::database::Database;
use store::digests::{Digest, Recalled};
use store::documents::Changed;
use store::judgements::{self, Judgement};
use store::readings::Reading;
use store::{digests, documents, releases};

use super::closure::{self, Files, Names};
use super::means::Means;
use super::recall::{Facts, Numbers};
use super::rewrite::{End, Rewriter};
use super::teller::Teller;
use super::{digest, now_ms, rows};
use crate::assess;

/// Most documents that change at once, and their size in bytes, for which it is worth to look.
const DOCUMENTS: usize = 200;
const BYTES: i64 = 64 << 20;
/// Most names of vulnerabilities.
const NAMES: usize = 2_000;
/// Kinds of facts that change more than vulnerabilities.
const TOO_MUCH: i64 =
    digest::DEVICES | digest::LINKS | digest::SBOMS | digest::LEFT_OUT | digest::EXPLOITED;

/// Judges what the documents change that came since the last judgement; nothing where everything
/// has to be judged.
pub(super) fn judge(database: &Database, today: Date, means: &Means) -> Result<Option<Judgement>> {
    let begun_ms = now_ms();
    let Some(names) = means.changed()? else { return Ok(None) };
    let Some(came) = Came::read(database, today, means)? else { return Ok(None) };
    let Some(change) = came.change(database, names)? else { return Ok(None) };
    change.judge(database, (begun_ms, today), &came)
}

/// What came, and what is kept in short of all else.
struct Came<'a> {
    /// With what is judged.
    means: &'a Means,
    summary: Summary,
    receipt: i64,
    changed: Vec<Changed>,
    /// Hashes of what counts, by name.
    current: BTreeMap<String, String>,
    /// By hash.
    digests: HashMap<String, Digest>,
    recalled: Vec<Recalled>,
}

/// What changed.
struct Change {
    /// Files that changed, as they are, and all others that tell of the same vulnerabilities.
    files: Files,
    /// What the base tells of them.
    of_base: Vec<Document>,
    /// The vulnerabilities, under all of their names.
    names: Names,
    /// Digests of what is new.
    digests: Vec<Digest>,
    /// How many vulnerabilities these were before.
    before: usize,
}

impl<'a> Came<'a> {
    fn read(database: &Database, today: Date, means: &'a Means) -> Result<Option<Self>> {
        database
            .read("read what came", |transaction| {
                let Some(last) = judgements::last(transaction, 1)?.pop() else { return Ok(None) };
                let begun = Timestamp::from_millisecond(last.begun_ms).unwrap_or_default();
                let day = begun.to_zoned_datetime(TimeZone::system()).date();
                let Ok(summary) = serde_json::from_str(&last.summary) else { return Ok(None) };
                let changed = documents::changed_since(transaction, last.receipt)?;
                let mut bytes = 0;
                for hash in changed.iter().flat_map(|one| [&one.before, &one.now]).flatten() {
                    bytes += documents::size(transaction, hash)?;
                }
                if day != today || changed.len() > DOCUMENTS || bytes > BYTES {
                    return Ok(None);
                }
                let current = documents::current(transaction)?;
                let digests = digests::current(transaction, last.receipt)?;
                Ok(Some(Self {
                    means,
                    summary,
                    receipt: documents::last_receipt(transaction)?,
                    changed,
                    current: current.into_iter().map(|one| (one.name, one.hash)).collect(),
                    digests: digests.into_iter().map(|one| (one.document.clone(), one)).collect(),
                    recalled: digests::recalled(transaction)?,
                }))
            })
            .map_err(Into::into)
    }

    /// What changed, and who else tells of it; nothing where that can't be told in short.
    fn change(&self, database: &Database, mut names: Names) -> Result<Option<Change>> {
        let is_changed: HashSet<&str> = self.changed.iter().map(|one| one.name.as_str()).collect();
        let known = |hash: &String| self.digests.contains_key(hash);
        let others = self.current.iter().filter(|(name, _)| !is_changed.contains(name.as_str()));
        let all_known = others.into_iter().all(|(_, hash)| known(hash))
            && self.changed.iter().filter_map(|one| one.before.as_ref()).all(known)
            && self.recalled.len() == self.summary.releases;
        if !all_known {
            return Ok(None);
        }
        let named = |hash: fn(&Changed) -> &Option<String>| {
            let named = self.changed.iter().map(move |one| (&one.name, hash(one)));
            named.filter_map(|(name, hash)| Some((name.as_str(), hash.as_deref()?))).collect()
        };
        let before: Vec<(&str, &str)> = named(|one| &one.before);
        let now: Vec<(&str, &str)> = named(|one| &one.now);
        let (Some(mut old), Some((mut files, left_out))) =
            (open(database, &before)?.map(|(files, _)| files), open(database, &now)?)
        else {
            return Ok(None);
        };
        let mut digests = Vec::new();
        for (name, hash) in &now {
            let documents = files.get(*name).map(Vec::as_slice).unwrap_or_default();
            let digest = digest::of(documents, left_out.contains(*name));
            digests.push(Digest { document: (*hash).to_owned(), ..digest });
        }
        if !self.is_about_vulnerabilities(&digests) {
            return Ok(None);
        }
        for one in &self.changed {
            let [before, now] = [&old, &files].map(|files| files.get(&one.name));
            let [before, now] = [before, now].map(|of| of.map(Vec::as_slice).unwrap_or_default());
            names.extend(closure::differing(before, now));
        }
        let Some((others, of_base)) = self.others(database, &mut names, (&old, &files))? else {
            return Ok(None);
        };
        // As it was, with the others in both.
        old.extend(others);
        let shelf = Shelf::new((old, Vec::new()), []);
        let hospital = Hospital::recall(&shelf.documents, &[]);
        let before = told(&hospital, &named_in(&hospital, &names), &HashSet::new());
        let (mut others, _) = shelf.back();
        others.retain(|name, _| !is_changed.contains(name.as_str()));
        files.extend(others);
        Ok(Some(Change { files, of_base, names, digests, before }))
    }

    /// Whether nothing changed but what is told of vulnerabilities.
    fn is_about_vulnerabilities(&self, now: &[Digest]) -> bool {
        let before = self.changed.iter().filter_map(|one| self.digests.get(one.before.as_ref()?));
        let kinds = |digests: &mut dyn Iterator<Item = &Digest>| {
            digests.fold(0, |kinds, digest| kinds | digest.kinds)
        };
        let (before, now) = (kinds(&mut before.into_iter()), kinds(&mut now.iter()));
        let all = kinds(&mut self.digests.values());
        // A catalogue that comes or goes changes what it says not to be listed.
        let is_stable = before & digest::CATALOGUE == now & digest::CATALOGUE;
        // A VEX in an SBOM's clothes may be named by a table of releases.
        let is_apart = (before | now) & digest::VEX == 0 || all & digest::LINKS == 0;
        (before | now) & TOO_MUCH == 0 && is_stable && is_apart
    }

    /// Opens all others that tell of the same vulnerabilities, in the store and in the base, and
    /// adds their names for them; nothing where these are too many.
    fn others(
        &self,
        database: &Database,
        names: &mut Names,
        (old, now): (&Files, &Files),
    ) -> Result<Option<(Files, Vec<Document>)>> {
        let mut others = Files::new();
        loop {
            closure::grow(names, &[old, now, &others]);
            if names.len() > NAMES {
                return Ok(None);
            }
            let of_base = self.means.about(names)?;
            let before = names.len();
            closure::grow_by(names, || of_base.iter());
            if names.len() > before {
                continue;
            }
            let keys: Vec<u64> = names.iter().map(digest::key).collect();
            let tells = |hash: &String| {
                let digest = self.digests.get(hash);
                digest
                    .is_some_and(|one| keys.iter().any(|key| one.names.binary_search(key).is_ok()))
            };
            let is_closed = |name: &String| {
                !others.contains_key(name) && !self.changed.iter().any(|one| one.name == *name)
            };
            let more = self.current.iter().filter(|(name, hash)| is_closed(name) && tells(hash));
            let more: Vec<(&str, &str)> =
                more.map(|(name, hash)| (name.as_str(), hash.as_str())).collect();
            if more.is_empty() {
                return Ok(Some((others, of_base)));
            }
            let Some((more, _)) = open(database, &more)? else { return Ok(None) };
            others.extend(more);
        }
    }
}

impl Came<'_> {
    /// Opens the files of some documents that are not among those that are open; nothing where one
    /// is no longer kept.
    fn open_closed<'n>(
        &self,
        database: &Database,
        opened: &Files,
        documents: impl Iterator<Item = &'n str>,
    ) -> Result<Option<Files>> {
        let files: BTreeSet<&str> = documents
            .map(|name| digest::file_of(name, |name| self.current.contains_key(name)))
            .filter(|file| !opened.contains_key(*file))
            .collect();
        let files: Option<Vec<(&str, &str)>> =
            files.into_iter().map(|file| Some((file, self.current.get(file)?.as_str()))).collect();
        let Some(files) = files else { return Ok(None) };
        Ok(open(database, &files)?.map(|(files, _)| files))
    }

    /// What was read of each file that changed; of one that was taken away nothing.
    fn readings(&self, shelf: &Shelf, hospital: &Hospital<'_>) -> BTreeMap<&str, Vec<Reading>> {
        let mut readings: BTreeMap<&str, Vec<Reading>> =
            self.changed.iter().map(|one| (one.name.as_str(), Vec::new())).collect();
        for (file, document) in shelf.files.iter().zip(assess::documents(hospital)) {
            if let Some(readings) = file.as_deref().and_then(|file| readings.get_mut(file)) {
                readings.push(rows::reading(&document));
            }
        }
        readings
    }
}

/// Opens files by name and hash, each with the documents in it, and says which of them hold
/// something that is no input; nothing where one is no longer kept.
fn open(database: &Database, files: &[(&str, &str)]) -> Result<Option<(Files, HashSet<String>)>> {
    let bytes = database.read("read documents", |transaction| {
        let mut all = Vec::with_capacity(files.len());
        for (name, hash) in files {
            let bytes = documents::bytes(transaction, hash)?;
            all.push(bytes.map(|bytes| ((*name).to_owned(), bytes)));
        }
        Ok(all.into_iter().collect::<Option<Vec<_>>>())
    })?;
    let Some(bytes) = bytes else { return Ok(None) };
    let names: HashSet<String> = bytes.iter().map(|(name, _)| name.clone()).collect();
    let mut open: Files = names.iter().map(|name| (name.clone(), Vec::new())).collect();
    let collected = folder::read_memory(bytes, &Unwatched);
    let file = |name: &str| digest::file_of(name, |name| names.contains(name)).to_owned();
    for document in collected.documents {
        open.entry(file(&document.name)).or_default().push(document);
    }
    let left_out = collected.left_out.iter().map(|(name, _)| file(name)).collect();
    Ok(Some((open, left_out)))
}

/// Open documents in the order of their names, and behind them those of which the name is known.
struct Shelf {
    /// The file of each open document; none of one that is of the base.
    files: Vec<Option<String>>,
    documents: Vec<Document>,
    numbers: Numbers,
}

impl Shelf {
    fn new<'n>(
        (open, of_base): (Files, Vec<Document>),
        closed: impl IntoIterator<Item = &'n str>,
    ) -> Self {
        let mut shelf = Self { files: Vec::new(), documents: Vec::new(), numbers: Numbers::new() };
        let own = open.into_iter().flat_map(|(file, documents)| {
            documents.into_iter().map(move |document| (Some(file.clone()), document))
        });
        let mut all: Vec<(Option<String>, Document)> = own.collect();
        all.extend(of_base.into_iter().map(|document| (None, document)));
        // As when everything is judged.
        all.sort_by(|(_, one), (_, other)| one.name.cmp(&other.name));
        for (file, document) in all {
            shelf.files.push(file);
            shelf.put(document);
        }
        for name in closed {
            if !shelf.numbers.contains_key(name) {
                shelf.put(Document {
                    id: DocumentId(0),
                    name: name.to_owned(),
                    format: String::new(),
                    bytes: 0,
                    reading: fact::Reading::default(),
                });
            }
        }
        shelf
    }

    fn put(&mut self, document: Document) {
        let id = DocumentId(u32::try_from(self.documents.len()).unwrap_or(u32::MAX));
        // Who names a document means one of the store.
        self.numbers.entry(document.name.clone()).or_insert(id);
        self.documents.push(Document { id, ..document });
    }

    /// Which documents are of the base.
    fn of_base(&self) -> HashSet<DocumentId> {
        let open = self.files.iter().zip(&self.documents);
        open.filter(|(file, _)| file.is_none()).map(|(_, document)| document.id).collect()
    }

    /// The files again, and what is of the base.
    fn back(self) -> (Files, Vec<Document>) {
        let (mut files, mut of_base) = (Files::new(), Vec::new());
        for (file, document) in self.files.into_iter().zip(self.documents) {
            match file {
                Some(file) => files.entry(file).or_default().push(document),
                None => of_base.push(document),
            }
        }
        (files, of_base)
    }
}

/// The vulnerabilities of these names.
fn named_in(hospital: &Hospital<'_>, names: &Names) -> BTreeSet<VulnerabilityIndex> {
    names.iter().filter_map(|name| hospital.vulnerability(name)).collect()
}

/// How many of them somebody tells of, beside some documents.
fn told(
    hospital: &Hospital<'_>,
    of: &BTreeSet<VulnerabilityIndex>,
    apart: &HashSet<DocumentId>,
) -> usize {
    let known = of.iter().filter_map(|index| hospital.vulnerabilities.get(index.0 as usize));
    known.filter(|known| assess::is_told(known, apart)).count()
}

impl Change {
    /// Judges the vulnerabilities on the releases that they can touch; nothing where an SBOM of one
    /// is no longer kept.
    fn judge(
        self,
        database: &Database,
        (begun_ms, today): (i64, Date),
        came: &Came<'_>,
    ) -> Result<Option<Judgement>> {
        let facts: Vec<Facts> = came.recalled.iter().map(Facts::read).collect::<Result<_>>()?;
        let closed = || facts.iter().flat_map(Facts::documents);
        let shelf = Shelf::new((self.files, self.of_base), closed());
        let touched = touched(database, &shelf, (&facts, &came.recalled), &self.names)?;
        let (mut files, of_base) = shelf.back();
        let sboms = touched.iter().filter_map(|place| facts.get(*place)).flat_map(Facts::sboms);
        let Some(sboms) = came.open_closed(database, &files, sboms)? else { return Ok(None) };
        files.extend(sboms);
        let shelf = Shelf::new((files, of_base), closed());
        let of_base = shelf.of_base();
        let recalled: Vec<_> =
            facts.iter().map(|facts| facts.release(&shelf.numbers)).collect::<Result<_>>()?;
        let hospital = Hospital::recall(&shelf.documents, &recalled);
        let of = named_in(&hospital, &self.names);
        let mut findings = exposure::judge_some(&hospital, of.iter().copied());
        findings.retain(|finding| touched.contains(&(finding.release.0 as usize)));
        exposure::lapse(&mut findings, today);
        let named = findings.iter().map(|finding| finding.vulnerability).collect();
        let known = assess::vulnerabilities(&hospital, &named);
        let mut by_release: HashMap<usize, Vec<exposure::Finding>> = HashMap::new();
        for finding in findings {
            by_release.entry(finding.release.0 as usize).or_default().push(finding);
        }
        let teller = Teller { begun_ms, tells: true };
        let held = came.means.held()?;
        let mut rewriter =
            Rewriter::new(database, teller, came.summary.has_catalogue, (&self.names, known));
        let mut judged: Vec<(i64, Vec<_>)> = Vec::new();
        super::begin(database)?;
        for place in touched {
            let Some(release) = came.recalled.get(place) else { continue };
            let index = ReleaseIndex(u32::try_from(place).unwrap_or(u32::MAX));
            let findings = by_release.remove(&place).unwrap_or_default();
            let findings = assess::findings(&hospital, index, findings);
            let units = rewriter.release(&release.release, &findings)?;
            judged.push((units, findings.into_iter().map(|(finding, _)| finding).collect()));
        }
        let judged = judged.iter().map(|(units, findings)| (*units, findings.as_slice()));
        let mut summary = came.summary.clone();
        summary.vulnerabilities =
            (summary.vulnerabilities + told(&hospital, &of, &of_base)).saturating_sub(self.before);
        let end = End {
            begun_ms,
            receipt: came.receipt,
            summary,
            readings: came.readings(&shelf, &hospital),
            digests: &self.digests,
            decisions: &assess::decided(&hospital, judged),
            means: came.means,
            held,
        };
        rewriter.end(&end).map(Some)
    }
}

/// The places of the releases that some vulnerabilities can touch, or of which something is known
/// about them.
fn touched(
    database: &Database,
    shelf: &Shelf,
    (facts, recalled): (&[Facts], &[Recalled]),
    names: &Names,
) -> Result<BTreeSet<usize>> {
    let releases: Vec<_> =
        facts.iter().map(|facts| facts.release(&shelf.numbers)).collect::<Result<_>>()?;
    let hospital = Hospital::recall(&shelf.documents, &releases);
    let touched = touch::touched(&hospital, &named_in(&hospital, names));
    let mut places: BTreeSet<usize> =
        touched.releases.iter().map(|index| index.0 as usize).collect();
    let mut by_id: HashMap<&str, usize> = HashMap::new();
    for (place, release) in recalled.iter().enumerate() {
        by_id.insert(&release.release, place);
        let has = |key: &keys::Key| release.keys.binary_search(&key.0).is_ok();
        if touched.keys.iter().any(has) {
            places.insert(place);
        }
    }
    // An SBOM that tells of them itself is about what it describes.
    let open: HashSet<&str> = shelf
        .documents
        .iter()
        .take(shelf.files.len())
        .map(|document| document.name.as_str())
        .collect();
    for (place, facts) in facts.iter().enumerate() {
        if facts.sboms().any(|name| open.contains(name)) {
            places.insert(place);
        }
    }
    let known = database.read("read the findings", |transaction| {
        let mut known = Vec::new();
        for name in names {
            known.extend(releases::named_with(transaction, &name.0)?);
        }
        Ok(known)
    })?;
    places.extend(known.iter().filter_map(|id| by_id.get(id.as_str())));
    Ok(places)
}
