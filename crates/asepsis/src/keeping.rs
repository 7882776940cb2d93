//! From the documents that count to the views of them: read, joined, judged, and written where it
//! is another than before.
//!
//! Writes in steps, so that others may write meanwhile; each row is right for the judgement that it
//! is of, and the judgement counts once all of them stand. Refuses to remember anything between two
//! runs but what stands in the store.

use std::collections::{HashMap, HashSet};

use anyhow::Result;
use collectors::folder::{self, Watcher};
use decisions::hospital::ReleaseIndex;
use jiff::civil::Date;
use presentation::alerts::Fact;
use presentation::assessment::{self, Assessment, Device, Range, RankedFinding};
use presentation::listed;
use serde_json::json;
use store::database::{Database, Transaction};
use store::judgements::{self, Change, Judgement};
use store::{
    Put, StoreError, alerts, devices, documents, rankings, readings, releases, settings,
    vulnerabilities,
};

use crate::assess::Judged;
use crate::scene::now;

/// How many devices, or vulnerabilities, are written in one go.
const STEP: usize = 2_000;
/// How many releases are.
const RELEASES: usize = 50;
const WHAT: &str = "write the views";
/// The decision that asks to act.
const ACT: i64 = 4;

/// Under which name the hospital's own is set.
pub(crate) const HOSPITAL: &str = "hospital.name";
/// Under which name it stands which program judged last: another may judge otherwise.
pub(crate) const JUDGED_BY: &str = "judged.by";
/// This program.
pub(crate) const PROGRAM: &str = env!("CARGO_PKG_VERSION");

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> i64 {
    now().0 / 1_000
}

/// Judges all documents that count, for a day, and writes the views.
pub(crate) fn judge(database: &Database, today: Date, watcher: &dyn Watcher) -> Result<Judgement> {
    let begun_ms = now_ms();
    let (files, receipt, name) = database.read("read the documents", |transaction| {
        let mut files = Vec::new();
        for current in documents::current(transaction)? {
            let bytes = documents::bytes(transaction, &current.hash)?;
            files.push((current.name, bytes.unwrap_or_default()));
        }
        let name = settings::get(transaction, HOSPITAL)?.unwrap_or_default();
        Ok((files, documents::last_receipt(transaction)?, name))
    })?;
    let collected = folder::read_memory(files, watcher);
    let judged = Judged::new(&name, &collected, today);
    let assessment = judged.assessment();
    let known = judgements_there(database)?;
    let views = Views { database, assessment: &assessment, begun_ms, tells: known };
    views.write(&judged)?;
    let decided = judged.decisions(&assessment);
    let summary = serde_json::to_string(&assessment.summary)?;
    let judgement = Judgement { number: 0, begun_ms, ended_ms: now_ms(), receipt, summary };
    database.write(WHAT, |transaction| {
        settings::set(transaction, JUDGED_BY, PROGRAM)?;
        store::decisions::replace(transaction, &decided, receipt)?;
        judgements::end(transaction, &judgement)
    })?;
    Ok(judgement)
}

/// Whether there was a judgement before: what is new against nothing is no news.
fn judgements_there(database: &Database) -> Result<bool> {
    let last = database.read("read the judgements", |transaction| judgements::last(transaction, 1));
    Ok(!last?.is_empty())
}

/// What is written.
struct Views<'a> {
    database: &'a Database,
    assessment: &'a Assessment,
    begun_ms: i64,
    /// Whether changes are told.
    tells: bool,
}

/// What a vulnerability, or a release, means for devices.
#[derive(Default, Clone, Copy)]
struct Meaning {
    devices: i64,
    decision: i64,
    risk: f64,
}

impl Meaning {
    fn take(&mut self, decision: &str, risk: Range) {
        self.decision = self.decision.max(listed::decision(Some(decision)));
        self.risk = self.risk.max(risk.high);
    }
}

impl Views<'_> {
    fn write(&self, judged: &Judged<'_>) -> Result<()> {
        let (of_releases, of_vulnerabilities) = self.meanings();
        self.releases(judged, &of_releases)?;
        self.devices()?;
        self.vulnerabilities(&of_vulnerabilities)?;
        let readings: Vec<readings::Reading> =
            self.assessment.documents.iter().map(reading).collect();
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
                let row = release_row(release, meaning)?;
                gone.remove(&row.id);
                let findings: Vec<releases::Finding> =
                    release.findings.iter().map(finding_row).collect::<Result<_>>()?;
                let index = ReleaseIndex(u32::try_from(*place).unwrap_or(u32::MAX));
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
                let row = self.device_row(device, packed.get(&shared), id)?;
                gone.remove(&row.id);
                rows.push((row, also(device), new));
            }
            self.database.write(WHAT, |transaction| {
                for (row, also, ranking) in &rows {
                    if let (Some(json), Some(name)) = (ranking, &row.ranking) {
                        rankings::put(transaction, name, json)?;
                    }
                    let put = devices::put(transaction, row, also)?;
                    self.tell_of(transaction, row, &put)?;
                }
                Ok(())
            })?;
        }
        self.remove(gone, |transaction, id| {
            devices::remove(transaction, id)?;
            self.tell(transaction, "device.gone", id, "", "")
        })
    }

    fn device_row(
        &self,
        device: &Device,
        ranking: Option<&String>,
        id: String,
    ) -> Result<devices::Device> {
        let release = device.release.and_then(|place| self.assessment.releases.get(place));
        let said = |text: &Option<String>| text.clone().unwrap_or_default();
        let mut rest = Device { findings: [].into(), rank: 0, release: None, ..device.clone() };
        rest.id.clone_from(&id);
        Ok(devices::Device {
            id,
            manufacturer: said(&device.manufacturer),
            model: said(&device.model),
            version: said(&device.version),
            site: said(&device.site),
            unit: said(&device.unit),
            room: said(&device.room),
            care_service: said(&device.care_service),
            criticality: listed::criticality(device.criticality.as_deref()),
            in_use: device.in_use,
            decision: listed::decision(device.decision.as_deref()),
            risk: (device.risk.low, device.risk.high),
            end_of_support: device.end_of_support.clone(),
            release: release.map(release_id),
            ranking: ranking.cloned(),
            action: device.next_action.clone(),
            rest: serde_json::to_string(&rest)?,
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
                let row = self.vulnerability_row(vulnerability, meaning, releases)?;
                gone.remove(&row.id);
                rows.push((row, vulnerability.aliases.join(" ")));
            }
            self.database.write(WHAT, |transaction| {
                for (row, also) in &rows {
                    let asks = self.tells
                        && row.decision == ACT
                        && vulnerabilities::decision(transaction, &row.id)? != Some(ACT);
                    if asks {
                        alerts::put(transaction, &Fact::act(row, self.begun_ms))?;
                    }
                    if vulnerabilities::put(transaction, row, also)? {
                        let after = row.devices.to_string();
                        self.tell(transaction, "vulnerability.new", &row.id, "", &after)?;
                    }
                }
                Ok(())
            })?;
        }
        self.remove(gone, vulnerabilities::remove)
    }

    fn vulnerability_row(
        &self,
        vulnerability: &assessment::Vulnerability,
        meaning: Meaning,
        releases: usize,
    ) -> Result<vulnerabilities::Vulnerability> {
        let bases = vulnerability.scores.iter().map(|score| score.base);
        Ok(vulnerabilities::Vulnerability {
            id: vulnerability.id.clone(),
            title: vulnerability.title.clone().unwrap_or_default(),
            is_exploited: vulnerability.known_exploited,
            epss: vulnerability.epss,
            base: bases.max_by(f64::total_cmp),
            devices: meaning.devices,
            releases: whole(releases),
            decision: meaning.decision,
            risk: meaning.risk,
            first_ms: self.begun_ms,
            rest: serde_json::to_string(vulnerability)?,
        })
    }

    fn tell_of(
        &self,
        transaction: &mut Transaction<'_>,
        device: &devices::Device,
        put: &Put,
    ) -> Result<(), StoreError> {
        match put {
            Put::Same => Ok(()),
            Put::New => self.tell(transaction, "device.new", &device.id, "", ""),
            Put::Changed { decision, version } => {
                if *decision != device.decision {
                    let (before, after) =
                        (listed::decision_name(*decision), listed::decision_name(device.decision));
                    self.tell(transaction, "device.decision", &device.id, before, after)?;
                }
                if *version != device.version {
                    let after = &device.version;
                    self.tell(transaction, "device.version", &device.id, version, after)?;
                }
                Ok(())
            }
        }
    }

    fn tell(
        &self,
        transaction: &mut Transaction<'_>,
        kind: &str,
        subject: &str,
        before: &str,
        after: &str,
    ) -> Result<(), StoreError> {
        if !self.tells {
            return Ok(());
        }
        let change = Change {
            at_ms: self.begun_ms,
            kind: kind.to_owned(),
            subject: subject.to_owned(),
            before: before.to_owned(),
            after: after.to_owned(),
        };
        judgements::note(transaction, &change)
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

/// What a device is found by beside its names and places.
fn also(device: &Device) -> String {
    let said = [&device.serial, &device.udi_di, &device.operating_system, &device.owner];
    let said = said.into_iter().flatten();
    said.chain(&device.macs).chain(&device.ips).cloned().collect::<Vec<_>>().join(" ")
}

/// What stands for a release in addresses: the beginning of a hash of its names.
fn release_id(release: &assessment::Release) -> String {
    let names = [&release.manufacturer, &release.model, &release.version];
    let mut id = rankings::name(&names.map(|name| name.to_lowercase()).join("\n"));
    id.truncate(16);
    id
}

fn release_row(release: &assessment::Release, meaning: Meaning) -> Result<releases::Release> {
    let count = |verdict: &str| {
        whole(release.findings.iter().filter(|finding| finding.verdict == verdict).count())
    };
    let rest = assessment::Release { findings: Vec::new(), ..release.clone() };
    Ok(releases::Release {
        id: release_id(release),
        manufacturer: release.manufacturer.clone(),
        model: release.model.clone(),
        version: release.version.clone(),
        units: whole(release.units),
        components: whole(release.components),
        verdicts: ["affected", "undecided", "fixed", "not_affected"].map(count),
        decision: meaning.decision,
        rest: serde_json::to_string(&rest)?,
    })
}

fn finding_row(finding: &assessment::Finding) -> Result<releases::Finding> {
    Ok(releases::Finding {
        vulnerability: finding.vulnerability.clone(),
        verdict: finding.verdict.to_string(),
        certainty: finding.certainty.to_string(),
        subject: finding.subject.clone(),
        reasons: serde_json::to_string(&finding.reasons)?,
    })
}

fn reading(document: &assessment::Document) -> readings::Reading {
    readings::Reading {
        name: document.name.clone(),
        format: document.format.clone(),
        bytes: i64::try_from(document.bytes).unwrap_or(i64::MAX),
        records: whole(document.records),
        records_read: whole(document.records_read),
        is_refused: document.refused,
        problems: whole(document.problem_count),
        rest: json!(document.problems).to_string(),
    }
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
