//! Writes what was judged of a few vulnerabilities beside what stands: a release with its devices
//! at once, so that whatever stops it leaves each as it was or as it is.
//!
//! Refuses to touch a finding of any other vulnerability, except that what it means for a device is
//! ranked again beside the new ones.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use anyhow::{Context, Result};
use decisions::exposure::{Subject, Verdict};
use decisions::hospital::ReleaseIndex;
use presentation::assessment::{self, Device, RankedFinding, Summary};
use store::compiled::Compiled;
use store::database::{Database, Transaction};
use store::decisions::Decision;
use store::devices::Group;
use store::digests::{Digest, Recalled};
use store::judgements::{self, Judgement};
use store::readings::Reading;
use store::releases::{Component, Finding, Release};
use store::{StoreError, devices, digests, rankings, readings, releases, vulnerabilities};

use super::closure::Names;
use super::meaning;
use super::means::Means;
use super::rows::{self, Meaning, VERDICTS, whole};
use super::teller::Teller;
use super::{STEP, WHAT, now_ms};
use crate::assess::{Open, Ranking, Weighed};

/// Of several releases one is ranked after the other.
const ONE: ReleaseIndex = ReleaseIndex(0);

/// Writes releases, one by one.
pub(super) struct Rewriter<'a> {
    database: &'a Database,
    teller: Teller,
    has_catalogue: bool,
    /// The vulnerabilities that were judged, under all of their names.
    names: HashSet<&'a str>,
    /// Those that are known of a release, by their names.
    known: BTreeMap<String, assessment::Vulnerability>,
    /// What each of these means, and for how many releases something is known.
    meanings: HashMap<String, (Meaning, usize)>,
    /// Others that are known of a release that is described otherwise, by their names.
    beside: BTreeMap<String, assessment::Vulnerability>,
    /// Others of which something else is known now, or was known before.
    moved: BTreeSet<String>,
    ranking: Ranking,
    /// Under which numbers vulnerabilities were added to the ranking.
    numbers: HashMap<String, u32>,
}

/// What stands in the store of a release.
struct Standing {
    release: Release,
    findings: Vec<Finding>,
    components: Vec<Component>,
    devices: Vec<devices::Device>,
}

/// Vulnerabilities as they are shown.
type Shown = Vec<assessment::Vulnerability>;

/// Findings of a release, each with what it is about.
type Findings = [(assessment::Finding, Subject)];

/// What is written in the end.
pub(super) struct End<'a> {
    /// When it was begun to judge, in milliseconds since 1970.
    pub(super) begun_ms: i64,
    /// Up to which receipt.
    pub(super) receipt: i64,
    /// The counts, as far as they are not counted in the store.
    pub(super) summary: Summary,
    /// What was read of each file that changed.
    pub(super) readings: BTreeMap<&'a str, Vec<Reading>>,
    pub(super) digests: &'a [Digest],
    /// How all releases are joined, where that changed.
    pub(super) recalled: Option<&'a [Recalled]>,
    /// With what was judged, and what the base holds where that is another.
    pub(super) means: &'a Means,
    pub(super) held: Option<Vec<Compiled>>,
    /// The hospital's decisions about the vulnerabilities.
    pub(super) decisions: &'a [Decision],
}

impl<'a> Rewriter<'a> {
    pub(super) fn new(
        database: &'a Database,
        teller: Teller,
        has_catalogue: bool,
        (names, known, beside): (&'a Names, Shown, Shown),
    ) -> Self {
        let by_name = |shown: Shown| shown.into_iter().map(|one| (one.id.clone(), one)).collect();
        Self {
            database,
            teller,
            has_catalogue,
            names: names.iter().map(|name| name.0.as_str()).collect(),
            known: by_name(known),
            meanings: HashMap::new(),
            beside: by_name(beside),
            moved: BTreeSet::new(),
            ranking: Ranking::default(),
            numbers: HashMap::new(),
        }
    }

    /// Writes a release with what is now known of it about the vulnerabilities; how many devices
    /// run it.
    pub(super) fn release(&mut self, id: &str, findings: &Findings) -> Result<i64> {
        let Some(mut standing) = self.standing(id)? else { return Ok(0) };
        standing.findings.retain(|finding| !self.names.contains(finding.vulnerability.as_str()));
        standing.findings.extend(self.rows(findings)?);
        // The order of a whole judgement, where no two of one name and one vulnerability part.
        standing.findings.sort_by(|a, b| {
            (a.part, &a.subject, &a.vulnerability).cmp(&(b.part, &b.subject, &b.vulnerability))
        });
        self.write(standing)
    }

    /// Writes a release that is described otherwise, with all that is known of it; how many devices
    /// run it.
    pub(super) fn described(
        &mut self,
        release: &assessment::Release,
        components: Vec<Component>,
        findings: &Findings,
    ) -> Result<i64> {
        let release = rows::release(release, Meaning::default())?;
        let standing = self.standing(&release.id)?;
        let (before, devices) =
            standing.map(|standing| (standing.findings, standing.devices)).unwrap_or_default();
        let findings = self.rows(findings)?;
        self.moved(before.iter().chain(&findings));
        self.write(Standing { release, findings, components, devices })
    }

    /// Takes a release away that nothing tells of any more.
    pub(super) fn gone(&mut self, id: &str) -> Result<()> {
        let before = self.database.write(WHAT, |transaction| {
            let before = releases::all_findings(transaction, id)?;
            releases::remove(transaction, id)?;
            Ok(before)
        })?;
        self.moved(before.iter());
        Ok(())
    }

    fn moved<'f>(&mut self, findings: impl Iterator<Item = &'f Finding>) {
        let ids = findings.map(|finding| &finding.vulnerability);
        self.moved.extend(ids.filter(|id| !self.names.contains(id.as_str())).cloned());
    }

    /// Findings of one release as rows.
    fn rows(&mut self, findings: &Findings) -> Result<Vec<Finding>> {
        let mut named: HashSet<&str> = HashSet::new();
        for (finding, _) in findings {
            if named.insert(&finding.vulnerability) {
                self.meanings.entry(finding.vulnerability.clone()).or_default().1 += 1;
            }
        }
        findings.iter().map(|(finding, subject)| rows::finding(finding, *subject)).collect()
    }

    /// Writes a release and its devices, ranked anew.
    fn write(&mut self, standing: Standing) -> Result<i64> {
        let all = standing.findings;
        self.rank(&all)?;
        let mut meaning = Meaning::default();
        let mut rows = Vec::with_capacity(standing.devices.len());
        let mut written: HashMap<*const RankedFinding, String> = HashMap::new();
        for device in standing.devices {
            let shown: Device = serde_json::from_str(&device.rest)
                .with_context(|| format!("device {} is not kept as it was written", device.id))?;
            let (_, shown) = self.ranking.device(shown, Some(ONE));
            if let Some(decision) = shown.decision.as_deref() {
                meaning.take(decision, shown.risk);
            }
            self.take(&shown.findings);
            let shared = shown.findings.as_ptr();
            let new = (!shown.findings.is_empty() && !written.contains_key(&shared))
                .then(|| serde_json::to_string(&shown.findings))
                .transpose()?;
            if let Some(json) = &new {
                written.insert(shared, rankings::name(json));
            }
            let row = rows::device(&shown, device.id, device.release, written.get(&shared))?;
            rows.push((row, rows::also(&shown), new));
        }
        let count = |verdict: &str| whole(all.iter().filter(|one| one.verdict == verdict).count());
        let release = Release {
            verdicts: VERDICTS.map(count),
            decision: meaning.decision,
            ..standing.release
        };
        self.ranking.end_release();
        self.database.write(WHAT, |transaction| {
            releases::put(transaction, &release, &all, &standing.components)?;
            for (row, also, ranking) in &rows {
                if let (Some(json), Some(name)) = (ranking, &row.ranking) {
                    rankings::put(transaction, name, json)?;
                }
                let put = devices::judge(transaction, row, also)?;
                self.teller.device(transaction, row, &put)?;
            }
            Ok(())
        })?;
        Ok(release.units)
    }

    fn standing(&self, id: &str) -> Result<Option<Standing>> {
        let standing = self.database.read("read a release", |transaction| {
            let Some(release) = releases::one(transaction, id)? else { return Ok(None) };
            let mut all: Vec<devices::Device> = Vec::new();
            loop {
                let after = all.last().map(|device| device.id.clone()).unwrap_or_default();
                let some = devices::of_release(transaction, id, &after, STEP)?;
                let is_last = some.len() < STEP;
                all.extend(some);
                if is_last {
                    break;
                }
            }
            Ok(Some(Standing {
                release,
                findings: releases::all_findings(transaction, id)?,
                components: releases::all_components(transaction, id)?,
                devices: all,
            }))
        })?;
        Ok(standing)
    }

    /// Tells the ranking what is open, and what is known of it.
    fn rank(&mut self, findings: &[Finding]) -> Result<()> {
        let mut open = Vec::new();
        for (place, finding) in findings.iter().enumerate() {
            let verdict = match finding.verdict.as_str() {
                "affected" => Verdict::Affected,
                "undecided" => Verdict::Undecided,
                _ => continue,
            };
            let vulnerability = self.number(&finding.vulnerability)?;
            let accepted = domain::date::read(&finding.accepted);
            open.push(Open { place, vulnerability, verdict, accepted });
        }
        self.ranking.add_release(ONE, open);
        Ok(())
    }

    fn number(&mut self, vulnerability: &str) -> Result<u32> {
        if let Some(number) = self.numbers.get(vulnerability) {
            return Ok(*number);
        }
        let known = self.known.get(vulnerability).or_else(|| self.beside.get(vulnerability));
        let weighed = match known {
            Some(known) => Weighed::shown(known, self.has_catalogue),
            None => Weighed::shown(&self.kept(vulnerability)?, self.has_catalogue),
        };
        let number = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        self.numbers.insert(vulnerability.to_owned(), number);
        self.ranking.add_vulnerability(number, weighed);
        Ok(number)
    }

    /// What stands of a vulnerability.
    fn kept(&self, id: &str) -> Result<assessment::Vulnerability> {
        let one = |transaction: &mut Transaction<'_>| vulnerabilities::one(transaction, id);
        let row = self.database.read("read a vulnerability", one)?;
        let rest = row.map(|row| row.rest).unwrap_or_default();
        serde_json::from_str(&rest).with_context(|| format!("{id} is not kept as it was written"))
    }

    /// Takes what the findings of a device mean.
    fn take(&mut self, findings: &[RankedFinding]) {
        let mut counted: HashSet<&str> = HashSet::new();
        for finding in findings {
            if self.known.contains_key(&*finding.vulnerability) {
                let (meaning, _) =
                    self.meanings.entry(finding.vulnerability.to_string()).or_default();
                meaning.take(&finding.decision, finding.risk);
                meaning.devices += i64::from(counted.insert(&finding.vulnerability));
            }
        }
    }

    /// Writes what is known of the vulnerabilities, and that the judgement counts.
    pub(super) fn end(self, end: &End<'_>) -> Result<Judgement> {
        let first_ms = self.teller.begun_ms;
        let mut rows = Vec::with_capacity(self.known.len());
        for (id, known) in &self.known {
            let (meaning, releases) = self.meanings.get(id).copied().unwrap_or_default();
            let row = rows::vulnerability(known, meaning, releases, first_ms)?;
            rows.push((row, known.aliases.join(" ")));
        }
        let is_gone = |name: &&&str| !self.known.contains_key(**name);
        let mut gone: Vec<&str> = self.names.iter().filter(is_gone).copied().collect();
        let moved = self.moved.iter().map(String::as_str);
        for (id, (meaning, releases)) in meaning::of(self.database, moved)? {
            if releases == 0 {
                gone.push(id);
                continue;
            }
            let known = match self.beside.get(id) {
                Some(known) => known.clone(),
                None => self.kept(id)?,
            };
            let row = rows::vulnerability(&known, meaning, releases, first_ms)?;
            rows.push((row, known.aliases.join(" ")));
        }
        let judgement = self.database.write(WHAT, |transaction| {
            rows.iter().try_for_each(|(row, also)| self.teller.put(transaction, row, also))?;
            gone.iter().try_for_each(|id| vulnerabilities::remove(transaction, id))?;
            for (name, some) in &end.readings {
                readings::replace_one(transaction, name, some)?;
            }
            end.digests.iter().try_for_each(|digest| digests::put(transaction, digest))?;
            if let Some(recalled) = end.recalled {
                digests::recall(transaction, recalled)?;
            }
            let changed: Vec<&str> = end.readings.keys().copied().collect();
            store::decisions::amend(transaction, &changed, end.decisions, end.receipt)?;
            devices::tally(transaction)?;
            rankings::tidy(transaction)?;
            let summary = counted(transaction, end.summary.clone())?;
            let summary = serde_json::to_string(&summary).unwrap_or_default();
            let (begun_ms, receipt) = (end.begun_ms, end.receipt);
            let judgement = Judgement { number: 0, begun_ms, ended_ms: now_ms(), receipt, summary };
            end.means.note(transaction, end.held.as_deref())?;
            judgements::end(transaction, &judgement)?;
            Ok(judgement)
        })?;
        Ok(judgement)
    }
}

/// The counts that the views show.
fn counted(transaction: &mut Transaction<'_>, mut summary: Summary) -> Result<Summary, StoreError> {
    let count = |number: i64| usize::try_from(number).unwrap_or_default();
    let [affected, undecided, fixed, not_affected] = releases::verdicts(transaction)?.map(count);
    summary.findings = assessment::Verdicts { affected, undecided, fixed, not_affected };
    let mut decisions = assessment::Decisions::default();
    for counted in devices::groups(transaction, Group::Decision, 10)? {
        let devices = count(counted.devices);
        match counted.decision {
            4 => decisions.act = devices,
            3 => decisions.attend = devices,
            2 => decisions.track_closely = devices,
            1 => decisions.track = devices,
            _ => decisions.none = devices,
        }
    }
    summary.decisions = decisions;
    let read = readings::counts(transaction)?;
    summary.documents_clean = count(read.clean);
    summary.documents_with_problems = count(read.with_problems);
    summary.documents_refused = count(read.refused);
    summary.problems = count(read.problems);
    Ok(summary)
}
