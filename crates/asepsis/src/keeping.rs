//! From the documents that count to the views of them: read, joined, judged, and written where it
//! is another than before.
//!
//! Writes in steps, so that others may write meanwhile; each row is right for the judgement that it
//! is of, and the judgement counts once all of them stand. Refuses to remember anything between two
//! runs but what stands in the store.

mod change;
mod closure;
mod digest;
mod joining;
mod meaning;
pub(crate) mod means;
mod recall;
mod rewrite;
mod rows;
mod stub;
mod teller;

use std::collections::{HashMap, HashSet};

use anyhow::Result;
use collectors::folder::{self, Watcher};
use decisions::hospital::ReleaseIndex;
use jiff::civil::Date;
use presentation::assessment::{self, Assessment, Device, RankedFinding};
use store::database::{Database, Transaction};
use store::digests::Digest;
use store::judgements::{self, Judgement};
use store::{
    StoreError, devices, digests, documents, rankings, readings, releases, settings,
    vulnerabilities,
};

pub(crate) use self::digest::each_record;
use self::means::Means;
use self::rows::Meaning;
use self::teller::Teller;
use crate::assess::Judged;
use crate::scene::now;

/// How many devices, or vulnerabilities, are written in one go.
const STEP: usize = 2_000;
/// How many releases are.
const RELEASES: usize = 50;
const WHAT: &str = "write the views";
/// How much of the store is kept in memory while all views are written, in KiB: their words are
/// written all over an index.
const KEPT_KIB: i64 = 96 * 1_024;

/// Under which name the hospital's own is set.
pub(crate) const HOSPITAL: &str = "hospital.name";

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> i64 {
    now().0 / 1_000
}

/// Judges what the documents can change that came since the last judgement, where that can be told
/// without opening all others, and everything where it can't.
pub(crate) fn judge_changed(
    database: &Database,
    today: Date,
    watcher: &dyn Watcher,
) -> Result<Judgement> {
    let means = Means::of(database)?;
    match change::judge(database, today, &means)? {
        Some(judgement) => Ok(judgement),
        None => judge_with(database, today, (&means, watcher)),
    }
}

/// Judges all documents that count, for a day, and writes the views.
pub(crate) fn judge(database: &Database, today: Date, watcher: &dyn Watcher) -> Result<Judgement> {
    judge_with(database, today, (&Means::of(database)?, watcher))
}

fn judge_with(
    database: &Database,
    today: Date,
    (means, watcher): (&Means, &dyn Watcher),
) -> Result<Judgement> {
    let begun_ms = now_ms();
    database.keep_in_memory(KEPT_KIB)?;
    let (files, receipt, name, hashes) = database.read("read the documents", |transaction| {
        let mut files = Vec::new();
        let mut hashes = HashMap::new();
        for current in documents::current(transaction)? {
            let bytes = documents::bytes(transaction, &current.hash)?;
            files.push((current.name.clone(), bytes.unwrap_or_default()));
            hashes.insert(current.name, current.hash);
        }
        // In one order, whatever the database holds for one.
        files.sort_by(|(one, _), (other, _)| one.cmp(other));
        let name = settings::get(transaction, HOSPITAL)?.unwrap_or_default();
        Ok((files, documents::last_receipt(transaction)?, name, hashes))
    })?;
    let mut collected = folder::read_memory(files, watcher);
    let digests = digest::all(&collected, &hashes);
    let of_base = means.complete(&mut collected)?;
    let judged = Judged::new(&name, &collected, today);
    let assessment = judged.assessment_beside(&of_base);
    let teller = Teller { begun_ms, tells: judgements_there(database)? };
    let views = Views { database, assessment: &assessment, teller };
    begin(database)?;
    views.write(&judged)?;
    remember(database, &judged, &digests)?;
    let held = means.held()?;
    let decided = judged.decisions(&assessment);
    let summary = serde_json::to_string(&assessment.summary)?;
    let judgement = Judgement { number: 0, begun_ms, ended_ms: now_ms(), receipt, summary };
    database.write(WHAT, |transaction| {
        means.note(transaction, held.as_deref())?;
        store::decisions::replace(transaction, &decided, receipt)?;
        judgements::end(transaction, &judgement)
    })?;
    Ok(judgement)
}

/// Notes that views are being written. Until that is done nobody has judged what stands in them, so
/// one that is broken off is followed by one of everything, whatever has come or gone meanwhile.
fn begin(database: &Database) -> Result<()> {
    Ok(database.write(WHAT, means::begin)?)
}

/// Whether there was a judgement before.
fn judgements_there(database: &Database) -> Result<bool> {
    let last = database.read("read the judgements", |transaction| judgements::last(transaction, 1));
    Ok(!last?.is_empty())
}

/// Keeps in short what the documents tell, and how the releases were joined.
fn remember(database: &Database, judged: &Judged<'_>, digests: &[Digest]) -> Result<()> {
    let recalled = recall::all(judged.hospital())?;
    database.write(WHAT, |transaction| {
        digests::clear(transaction)?;
        digests.iter().try_for_each(|digest| digests::put(transaction, digest))?;
        digests::recall(transaction, &recalled)
    })?;
    Ok(())
}

/// What is written.
struct Views<'a> {
    database: &'a Database,
    assessment: &'a Assessment,
    teller: Teller,
}

impl Views<'_> {
    fn write(&self, judged: &Judged<'_>) -> Result<()> {
        let (of_releases, of_vulnerabilities) = self.meanings();
        self.releases(judged, &of_releases)?;
        self.devices()?;
        self.vulnerabilities(&of_vulnerabilities)?;
        let readings: Vec<readings::Reading> =
            self.assessment.documents.iter().map(rows::reading).collect();
        self.database.write(WHAT, |transaction| {
            readings::replace(transaction, &readings)?;
            devices::tally(transaction)?;
            rankings::tidy(transaction)
        })?;
        Ok(())
    }

    /// What each release, and each vulnerability, means for devices.
    fn meanings(&self) -> (HashMap<usize, Meaning>, HashMap<&str, Meaning>) {
        let mut of_releases: HashMap<usize, Meaning> = HashMap::new();
        let mut of_vulnerabilities: HashMap<&str, Meaning> = HashMap::new();
        for device in &self.assessment.devices {
            if let (Some(release), Some(decision)) = (device.release, device.decision.as_deref()) {
                of_releases.entry(release).or_default().take(decision, device.risk);
            }
            let mut counted: HashSet<&str> = HashSet::new();
            for finding in device.findings.iter() {
                let meaning = of_vulnerabilities.entry(&finding.vulnerability).or_default();
                meaning.take(&finding.decision, finding.risk);
                meaning.devices += i64::from(counted.insert(&finding.vulnerability));
            }
        }
        (of_releases, of_vulnerabilities)
    }

    fn releases(&self, judged: &Judged<'_>, meanings: &HashMap<usize, Meaning>) -> Result<()> {
        let mut gone = self.read(releases::ids)?;
        let all: Vec<(usize, &assessment::Release)> =
            self.assessment.releases.iter().enumerate().collect();
        for some in all.chunks(RELEASES) {
            let mut rows = Vec::with_capacity(some.len());
            for (place, release) in some {
                let meaning = meanings.get(place).copied().unwrap_or_default();
                let row = rows::release(release, meaning)?;
                gone.remove(&row.id);
                let index = ReleaseIndex(u32::try_from(*place).unwrap_or(u32::MAX));
                let findings = release.findings.iter().zip(judged.subjects(index));
                let findings: Vec<releases::Finding> = findings
                    .map(|(finding, subject)| rows::finding(finding, subject))
                    .collect::<Result<_>>()?;
                rows.push((row, findings, judged.components(index)));
            }
            self.database.write(WHAT, |transaction| {
                rows.iter().try_for_each(|(release, findings, components)| {
                    releases::put(transaction, release, findings, components).map(|_| ())
                })
            })?;
        }
        self.remove(gone, releases::remove)
    }

    fn devices(&self) -> Result<()> {
        let mut gone = self.read(devices::ids)?;
        let names = names(&self.assessment.devices);
        let mut named = names.iter();
        let mut packed: HashMap<*const RankedFinding, String> = HashMap::new();
        for some in self.assessment.devices.chunks(STEP) {
            let mut rows = Vec::with_capacity(some.len());
            for device in some {
                // Devices that are alike share their findings: they are written once.
                let shared = device.findings.as_ptr();
                let new = (!device.findings.is_empty() && !packed.contains_key(&shared))
                    .then(|| serde_json::to_string(&device.findings))
                    .transpose()?;
                if let Some(json) = &new {
                    packed.insert(shared, rankings::name(json));
                }
                let id = named.next().cloned().unwrap_or_default();
                let release = device.release.and_then(|at| self.assessment.releases.get(at));
                let release = release.map(rows::release_id);
                let row = rows::device(device, id, release, packed.get(&shared))?;
                gone.remove(&row.id);
                rows.push((row, rows::also(device), new));
            }
            self.database.write(WHAT, |transaction| {
                for (row, also, ranking) in &rows {
                    if let (Some(json), Some(name)) = (ranking, &row.ranking) {
                        rankings::put(transaction, name, json)?;
                    }
                    let put = devices::put(transaction, row, also)?;
                    self.teller.device(transaction, row, &put)?;
                }
                Ok(())
            })?;
        }
        self.remove(gone, |transaction, id| {
            devices::remove(transaction, id)?;
            self.teller.tell(transaction, "device.gone", id, "", "")
        })
    }

    fn vulnerabilities(&self, meanings: &HashMap<&str, Meaning>) -> Result<()> {
        let mut gone = self.read(vulnerabilities::ids)?;
        let mut releases: HashMap<&str, HashSet<usize>> = HashMap::new();
        for (place, release) in self.assessment.releases.iter().enumerate() {
            for finding in &release.findings {
                releases.entry(&finding.vulnerability).or_default().insert(place);
            }
        }
        for some in self.assessment.vulnerabilities.chunks(STEP) {
            let mut rows = Vec::with_capacity(some.len());
            for vulnerability in some {
                let id = vulnerability.id.as_str();
                let meaning = meanings.get(id).copied().unwrap_or_default();
                let releases = releases.get(id).map_or(0, HashSet::len);
                let first_ms = self.teller.begun_ms;
                let row = rows::vulnerability(vulnerability, meaning, releases, first_ms)?;
                gone.remove(&row.id);
                rows.push((row, vulnerability.aliases.join(" ")));
            }
            self.database.write(WHAT, |transaction| {
                rows.iter().try_for_each(|(row, also)| self.teller.put(transaction, row, also))
            })?;
        }
        self.remove(gone, vulnerabilities::remove)
    }

    fn read(
        &self,
        ids: fn(&mut Transaction<'_>) -> Result<Vec<String>, StoreError>,
    ) -> Result<HashSet<String>> {
        Ok(self.database.read("read the views", ids)?.into_iter().collect())
    }

    fn remove(
        &self,
        gone: HashSet<String>,
        mut remove: impl FnMut(&mut Transaction<'_>, &str) -> Result<(), StoreError>,
    ) -> Result<()> {
        let mut gone: Vec<String> = gone.into_iter().collect();
        gone.sort_unstable();
        for some in gone.chunks(STEP) {
            self.database.write(WHAT, |transaction| {
                some.iter().try_for_each(|id| remove(transaction, id))
            })?;
        }
        Ok(())
    }
}

/// What each device is called in the store. One that has no name in its inventory is called by
/// where it stands there; of several with one name each but the first has a number, in the order of
/// where they stand, so that it stays theirs whatever is judged of them.
fn names(devices: &[Device]) -> Vec<String> {
    let mut places: Vec<(String, String, usize)> = Vec::with_capacity(devices.len());
    for (place, device) in devices.iter().enumerate() {
        let source = device.source.to_string();
        let name = match device.id.trim() {
            "" => source.clone(),
            id => id.to_owned(),
        };
        places.push((name, source, place));
    }
    places.sort_unstable();
    let mut names = vec![String::new(); devices.len()];
    let (mut last, mut times) = (String::new(), 0);
    for (name, _, place) in places {
        times = if name == last { times + 1 } else { 1 };
        if let Some(own) = names.get_mut(place) {
            *own = if times == 1 { name.clone() } else { format!("{name} ({times})") };
        }
        last = name;
    }
    names
}

#[cfg(test)]
mod tests;
