//! What documents that came can change: the vulnerabilities that they are about, on the releases
//! that these can touch; and the releases that they describe, by what may be about these. All else
//! stays closed, and stands as it stood.
//!
//! Refuses where it can't tell that by what is kept in short: after another program or on another
//! day, where an inventory changed, or very much at once. Then everything is judged.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use anyhow::Result;
use collectors::folder::{self, Unwatched};
use decisions::exposure::{self, Finding, keys, touch};
use decisions::hospital::{Hospital, ReleaseIndex, VulnerabilityIndex};
use domain::decision;
use domain::fact::Document;
use domain::location::DocumentId;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use presentation::assessment::{self, Summary};
use store::database::Database;
use store::digests::{Digest, Recalled};
use store::documents::Changed;
use store::judgements::{self, Judgement};
use store::readings::Reading;
use store::{digests, documents, releases};

use super::closure::{self, Files, Names};
use super::joining::{self, Joined};
use super::means::Means;
use super::recall::{Facts, Numbers};
use super::rewrite::{End, Rewriter};
use super::teller::Teller;
use super::{digest, now_ms, rows, stub};
use crate::assess;

/// Most documents that change at once, and their size in bytes, for which it is worth to look.
const DOCUMENTS: usize = 200;
const BYTES: i64 = 64 << 20;
/// Most names of vulnerabilities that are told otherwise.
const NAMES: usize = 2_000;
/// Most of those that may be about releases that are described otherwise.
const BESIDE: usize = 50_000;
/// Kinds of facts that change more than vulnerabilities and what describes releases.
const TOO_MUCH: i64 = digest::DEVICES | digest::LEFT_OUT | digest::EXPLOITED | digest::SEVERAL;

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
pub(super) struct Came<'a> {
    /// With what is judged.
    pub(super) means: &'a Means,
    summary: Summary,
    receipt: i64,
    pub(super) changed: Vec<Changed>,
    /// Hashes of what counts, by name.
    pub(super) current: BTreeMap<String, String>,
    /// By hash.
    pub(super) digests: HashMap<String, Digest>,
    pub(super) recalled: Vec<Recalled>,
}

/// The files that changed, as they were and as they are, with the digests of these.
struct Opened {
    old: Files,
    now: Files,
    digests: Vec<Digest>,
}

/// What changed.
struct Change {
    /// Files that changed, as they are, and all others that tell of the same vulnerabilities.
    files: Files,
    /// What the base tells of them.
    of_base: Vec<Document>,
    /// The vulnerabilities that are told otherwise, under all of their names.
    names: Names,
    /// All that may be about releases that are described otherwise, and these.
    beside: Names,
    /// Digests of what is new.
    digests: Vec<Digest>,
    /// How many vulnerabilities these were before.
    before: usize,
    /// How releases are joined.
    facts: Vec<Facts>,
    /// The same, where that changed.
    joined: Option<Joined>,
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
        let Some(Opened { mut old, now: mut files, digests }) = self.open_changed(database)? else {
            return Ok(None);
        };
        let Some(is_joined) = self.is_joined_anew(&digests) else { return Ok(None) };
        for one in &self.changed {
            let [before, now] = [&old, &files].map(|files| files.get(&one.name));
            let [before, now] = [before, now].map(|of| of.map(Vec::as_slice).unwrap_or_default());
            names.extend(closure::differing(before, now));
        }
        let mut facts: Vec<Facts> = self.recalled.iter().map(Facts::read).collect::<Result<_>>()?;
        let (mut joined, mut beside) = (None, Names::new());
        if is_joined {
            let Some(mut anew) = joining::join(self, database, (&facts, &digests))? else {
                return Ok(None);
            };
            let Some(about) = anew.about(self, database, &files)? else { return Ok(None) };
            facts = std::mem::take(&mut anew.facts);
            joined = Some(anew);
            beside = about;
        }
        beside.extend(names.iter().cloned());
        let Some((others, of_base)) = self.others(database, &mut beside, (&old, &files))? else {
            return Ok(None);
        };
        if is_joined {
            // Each of the hospital's decisions is listed with all that it bears on.
            names.extend(ruled(files.values().chain(others.values()).flatten()));
        }
        closure::grow(&mut names, &[&old, &files, &others], &of_base);
        if names.len() > NAMES {
            return Ok(None);
        }
        // As it was, with the others in both.
        old.extend(others);
        let shelf = Shelf::new((old, Vec::new()), []);
        let hospital = Hospital::recall(&shelf.documents, &[]);
        let before = told(&hospital, &named_in(&hospital, &names), &HashSet::new());
        let (mut others, _) = shelf.back();
        others.retain(|name, _| self.changed.iter().all(|one| one.name != *name));
        files.extend(others);
        let retold = joined.iter().flat_map(|joined| &joined.retold).map(String::as_str);
        let Some(retold) = self.open_closed(database, &files, retold)? else { return Ok(None) };
        files.extend(retold);
        Ok(Some(Change { files, of_base, names, beside, digests, before, facts, joined }))
    }

    /// Opens what changed; nothing where it is no longer kept, or of another document not what it
    /// tells.
    fn open_changed(&self, database: &Database) -> Result<Option<Opened>> {
        let known = |hash: &String| self.digests.contains_key(hash);
        let is_same = |name: &String| self.changed.iter().all(|one| one.name != *name);
        let all_known = self.current.iter().all(|(name, hash)| !is_same(name) || known(hash))
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
        let changed: Vec<(&str, &str)> = named(|one| &one.now);
        let (Some((old, _)), Some((now, left_out))) =
            (open(database, &before)?, open(database, &changed)?)
        else {
            return Ok(None);
        };
        let digests = changed.iter().map(|(name, hash)| {
            let documents = now.get(*name).map(Vec::as_slice).unwrap_or_default();
            let digest = digest::of(name, documents, left_out.contains(*name));
            Digest { document: (*hash).to_owned(), ..digest }
        });
        let digests = digests.collect();
        Ok(Some(Opened { old, now, digests }))
    }

    /// Whether releases are joined otherwise by what changed; nothing where more than that may be
    /// otherwise, and what is told of vulnerabilities.
    fn is_joined_anew(&self, now: &[Digest]) -> Option<bool> {
        let before = self.changed.iter().filter_map(|one| self.digests.get(one.before.as_ref()?));
        let kinds = |digests: &mut dyn Iterator<Item = &Digest>| {
            digests.fold(0, |kinds, digest| kinds | digest.kinds)
        };
        let (before, now) = (kinds(&mut before.into_iter()), kinds(&mut now.iter()));
        // A catalogue that comes or goes changes what it says not to be listed.
        let is_stable = before & digest::CATALOGUE == now & digest::CATALOGUE;
        let is_little = (before | now) & TOO_MUCH == 0 && is_stable;
        is_little.then_some((before | now) & joining::JOINED_BY != 0)
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
            closure::grow(names, &[old, now, &others], &[]);
            if names.len() > BESIDE {
                return Ok(None);
            }
            let of_base = self.means.about(names)?;
            let before = names.len();
            closure::grow(names, &[], &of_base);
            if names.len() > before {
                continue;
            }
            let keys: HashSet<u64> = names.iter().map(digest::key).collect();
            let tells = |hash: &String| {
                let digest = self.digests.get(hash);
                digest.is_some_and(|one| one.names.iter().any(|key| keys.contains(key)))
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
    pub(super) fn open_closed<'n>(
        &self,
        database: &Database,
        opened: &Files,
        documents: impl Iterator<Item = &'n str>,
    ) -> Result<Option<Files>> {
        let files: BTreeSet<&str> = documents
            .map(|name| self.file_of(name))
            .filter(|file| !opened.contains_key(*file))
            .collect();
        let files: Option<Vec<(&str, &str)>> =
            files.into_iter().map(|file| Some((file, self.current.get(file)?.as_str()))).collect();
        let Some(files) = files else { return Ok(None) };
        Ok(open(database, &files)?.map(|(files, _)| files))
    }

    /// The files that count of those in which some documents stand, but for those that changed.
    pub(super) fn files_of<'n>(
        &self,
        documents: impl Iterator<Item = &'n str>,
    ) -> BTreeSet<String> {
        let files = documents.map(|name| self.file_of(name)).filter(|file| {
            self.current.contains_key(*file) && self.changed.iter().all(|one| one.name != *file)
        });
        files.map(str::to_owned).collect()
    }

    /// The file in which a document stands.
    pub(super) fn file_of<'n>(&self, document: &'n str) -> &'n str {
        digest::file_of(document, |name| self.current.contains_key(name))
    }

    /// What was read of each file that changed, or is told of anew; of one that was taken away
    /// nothing.
    fn readings<'r>(
        &'r self,
        shelf: &Shelf,
        hospital: &Hospital<'_>,
        joined: Option<&'r Joined>,
    ) -> BTreeMap<&'r str, Vec<Reading>> {
        let retold = joined.into_iter().flat_map(|joined| &joined.retold);
        let files = self.changed.iter().map(|one| &one.name).chain(retold);
        let mut readings: BTreeMap<&str, Vec<Reading>> =
            files.map(|name| (name.as_str(), Vec::new())).collect();
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
pub(super) fn open(
    database: &Database,
    files: &[(&str, &str)],
) -> Result<Option<(Files, HashSet<String>)>> {
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
pub(super) struct Shelf {
    /// The file of each open document; none of one that is of the base.
    files: Vec<Option<String>>,
    pub(super) documents: Vec<Document>,
    pub(super) numbers: Numbers,
}

impl Shelf {
    pub(super) fn new<'n>(
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
                shelf.put(stub::telling(name.to_owned(), Vec::new()));
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
    pub(super) fn back(self) -> (Files, Vec<Document>) {
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

/// The vulnerabilities about which the hospital has decided in some documents.
fn ruled<'d>(documents: impl Iterator<Item = &'d Document>) -> Names {
    let own = documents.filter(|document| decision::is_own(&document.name));
    let mut names = Names::new();
    for fact in own.flat_map(|document| &document.reading.facts) {
        digest::each_record(fact, &mut |record| names.extend(record.iter().copied().cloned()));
    }
    names
}

impl Change {
    /// Judges the vulnerabilities on the releases that they can touch, and all that may be about
    /// releases that are described otherwise on these; nothing where an SBOM of one is no longer
    /// kept.
    fn judge(
        mut self,
        database: &Database,
        (begun_ms, today): (i64, Date),
        came: &Came<'_>,
    ) -> Result<Option<Judgement>> {
        let joined = self.joined.take();
        let recalled = joined.as_ref().map_or(&came.recalled, |joined| &joined.recalled);
        let otherwise = joined.as_ref().map(|joined| joined.otherwise.clone()).unwrap_or_default();
        let closed = || self.facts.iter().flat_map(Facts::documents);
        let shelf = Shelf::new((self.files, self.of_base), closed());
        let mut touched = touched(database, &shelf, (&self.facts, recalled), &self.names)?;
        touched.extend(&otherwise);
        let (mut files, of_base) = shelf.back();
        let sboms =
            touched.iter().filter_map(|place| self.facts.get(*place)).flat_map(Facts::sboms);
        let Some(sboms) = came.open_closed(database, &files, sboms)? else { return Ok(None) };
        files.extend(sboms);
        let shelf = Shelf::new((files, of_base), closed());
        let of_base = shelf.of_base();
        let releases: Vec<_> =
            self.facts.iter().map(|facts| facts.release(&shelf.numbers)).collect::<Result<_>>()?;
        let mut hospital = Hospital::recall(&shelf.documents, &releases);
        if let Some(joined) = &joined {
            hospital.problems.extend(joined.problems_on(&shelf.numbers));
        }
        let of = named_in(&hospital, &self.names);
        let reach = Reach { of: &of, touched, otherwise };
        let mut findings = exposure::judge_some(&hospital, named_in(&hospital, &self.beside));
        findings.retain(|finding| reach.reaches(finding));
        exposure::lapse(&mut findings, today);
        let known = |is_of: bool| {
            let named = findings.iter().map(|finding| finding.vulnerability);
            let named = named.filter(|index| of.contains(index) == is_of).collect();
            assess::vulnerabilities(&hospital, &named)
        };
        let teller = Teller { begun_ms, tells: true };
        let held = came.means.held()?;
        let has_catalogue = came.summary.has_catalogue;
        let mut rewriter = Rewriter::new(
            database,
            teller,
            has_catalogue,
            (&self.names, known(true), known(false)),
        );
        super::begin(database)?;
        let judged = reach.write(&mut rewriter, (&hospital, recalled, &self.facts), findings)?;
        for id in joined.iter().flat_map(|joined| &joined.gone) {
            rewriter.gone(id)?;
        }
        let judged = judged.iter().map(|(units, findings)| (*units, findings.as_slice()));
        let mut summary = came.summary.clone();
        summary.vulnerabilities =
            (summary.vulnerabilities + told(&hospital, &of, &of_base)).saturating_sub(self.before);
        if let Some(joined) = &joined {
            joined.count(&mut summary);
        }
        let end = End {
            begun_ms,
            receipt: came.receipt,
            summary,
            readings: came.readings(&shelf, &hospital, joined.as_ref()),
            digests: &self.digests,
            recalled: joined.as_ref().map(|joined| joined.recalled.as_slice()),
            decisions: &assess::decided(&hospital, judged),
            means: came.means,
            held,
        };
        rewriter.end(&end).map(Some)
    }
}

/// How far a change reaches.
struct Reach<'a> {
    /// The vulnerabilities that are told otherwise,
    of: &'a BTreeSet<VulnerabilityIndex>,
    /// the places of the releases that these can touch,
    touched: BTreeSet<usize>,
    /// and among them of those that are described otherwise.
    otherwise: BTreeSet<usize>,
}

/// What is known of a release, and how many units run it.
type Known = (i64, Vec<assessment::Finding>);

impl Reach<'_> {
    fn reaches(&self, finding: &Finding) -> bool {
        let place = finding.release.0 as usize;
        let is_about = self.of.contains(&finding.vulnerability) && self.touched.contains(&place);
        is_about || self.otherwise.contains(&place)
    }

    /// Writes the releases that it reaches.
    fn write(
        &self,
        rewriter: &mut Rewriter<'_>,
        (hospital, recalled, facts): (&Hospital<'_>, &[Recalled], &[Facts]),
        findings: Vec<Finding>,
    ) -> Result<Vec<Known>> {
        let mut by_release: HashMap<usize, Vec<Finding>> = HashMap::new();
        for finding in findings {
            by_release.entry(finding.release.0 as usize).or_default().push(finding);
        }
        let mut known = Vec::with_capacity(self.touched.len());
        for place in &self.touched {
            let (Some(recalled), Some(facts)) = (recalled.get(*place), facts.get(*place)) else {
                continue;
            };
            let index = ReleaseIndex(u32::try_from(*place).unwrap_or(u32::MAX));
            let findings = by_release.remove(place).unwrap_or_default();
            let findings = assess::findings(hospital, index, findings);
            let described = assess::release(hospital, index, facts.units());
            let units = match described.filter(|_| self.otherwise.contains(place)) {
                Some((release, components)) => {
                    rewriter.described(&release, components, &findings)?
                }
                None => rewriter.release(&recalled.release, &findings)?,
            };
            known.push((units, findings.into_iter().map(|(finding, _)| finding).collect()));
        }
        Ok(known)
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
