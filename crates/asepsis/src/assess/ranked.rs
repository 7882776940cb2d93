//! Devices with their rank.
//!
//! Devices of a release that are alike in what the rank takes of them are judged once, and share
//! the list that comes of it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use decisions::exposure::Finding;
use decisions::hospital::{Hospital, Known, ReleaseIndex, Unit, VulnerabilityIndex};
use decisions::impact::{
    self, DeviceInputs, DeviceRisk, Impact, Inputs, Interval, Listing, Path, Remedy, Situation,
    Support, VulnerabilityInputs,
};
use domain::fact::Fact;
use jiff::civil::Date;
use presentation::assessment::{self, Range, RankedFinding};
use presentation::explanation::Arithmetic;

use super::{ByRelease, shown};

/// Every device, the one that endangers care most first.
pub(super) fn devices(
    hospital: &Hospital<'_>,
    by_release: &ByRelease,
    today: Date,
) -> Vec<assessment::Device> {
    let mut ranking = Ranking::new(hospital, by_release);
    let mut devices: Vec<(Option<DeviceRisk>, assessment::Device)> =
        hospital.devices.iter().map(|unit| ranking.device(unit, today)).collect();
    devices.sort_by(|(a, first), (b, second)| {
        let by_risk = match (a, b) {
            (Some(a), Some(b)) => b.order(a),
            (a, b) => b.is_some().cmp(&a.is_some()),
        };
        by_risk.then_with(|| first.id.cmp(&second.id))
    });
    (1..).zip(devices).map(|(rank, (_, device))| assessment::Device { rank, ..device }).collect()
}

/// How one device's rank is computed, step by step.
pub(super) fn arithmetic(
    hospital: &Hospital<'_>,
    by_release: &ByRelease,
    unit: &Unit<'_>,
) -> Arithmetic {
    let mut ranking = Ranking::new(hospital, by_release);
    let device = DeviceInputs::from(&*unit.device);
    let mut findings = HashMap::new();
    let mut impacts = Vec::new();
    for (place, finding) in ranking.open(unit.release) {
        let (vulnerability, _) = ranking.vulnerability(finding);
        let verdict = finding.verdict;
        let inputs = Inputs { device: &device, vulnerability: &vulnerability, verdict };
        let (impact, steps) = impact::explain(&inputs);
        impacts.push((finding.vulnerability, impact));
        findings.insert(place, steps.iter().map(ToString::to_string).collect());
    }
    let device = impact::explain_device(&once(impacts)).map(|step| step.to_string());
    Arithmetic { device, findings }
}

/// What devices of one release that are alike in their inputs have in common.
#[derive(Clone)]
struct Judged<'h> {
    risk: Option<DeviceRisk>,
    worst: Option<(&'h Finding, Impact)>,
    findings: Arc<[RankedFinding]>,
}

struct Ranking<'h, 'd> {
    hospital: &'h Hospital<'d>,
    by_release: &'h ByRelease,
    has_catalogue: bool,
    /// What is known of each vulnerability, put together once, and its name.
    inputs: HashMap<u32, (Arc<VulnerabilityInputs>, Arc<str>)>,
    /// The words of each way through CISA's tree; there are few.
    paths: HashMap<Path, Arc<str>>,
    judged: HashMap<(ReleaseIndex, DeviceInputs), Judged<'h>>,
}

impl<'h, 'd> Ranking<'h, 'd> {
    fn new(hospital: &'h Hospital<'d>, by_release: &'h ByRelease) -> Self {
        Self {
            hospital,
            by_release,
            has_catalogue: has_catalogue(hospital),
            inputs: HashMap::new(),
            paths: HashMap::new(),
            judged: HashMap::new(),
        }
    }

    fn device(&mut self, unit: &Unit<'d>, today: Date) -> (Option<DeviceRisk>, assessment::Device) {
        let mut shown = shown::device(self.hospital, unit, today);
        let judged = self.judged(unit);
        shown.next_action = self.next_action(unit, judged.worst.as_ref(), today);
        shown.findings = judged.findings;
        if let Some(risk) = &judged.risk {
            shown.risk = percent(risk.risk);
            shown.decision = Some(risk.decision.text().into());
            shown.least_decision = Some(risk.least.text().into());
        }
        (judged.risk, shown)
    }

    fn judged(&mut self, unit: &Unit<'d>) -> Judged<'h> {
        let nothing = Judged { risk: None, worst: None, findings: Arc::from([]) };
        let Some(release) = unit.release else { return nothing };
        let inputs = DeviceInputs::from(&*unit.device);
        if let Some(judged) = self.judged.get(&(release, inputs)) {
            return judged.clone();
        }
        let mut ranked: Vec<(&'h Finding, Impact, RankedFinding)> = Vec::new();
        for (place, finding) in self.open(unit.release) {
            let (vulnerability, name) = self.vulnerability(finding);
            let verdict = finding.verdict;
            let inputs = Inputs { device: &inputs, vulnerability: &vulnerability, verdict };
            let mut impact = impact::judge(&inputs);
            if finding.accepted.is_some() {
                impact = impact.accepted();
            }
            ranked.push((finding, impact, self.shown((place, finding), &impact, name)));
        }
        ranked.sort_by(|(_, a, _), (_, b, _)| b.order(a));
        let judged = Judged {
            risk: impact::device(&once(ranked.iter().map(|(f, i, _)| (f.vulnerability, *i)))),
            worst: ranked.first().map(|(finding, impact, _)| (*finding, *impact)),
            findings: ranked.into_iter().map(|(.., shown)| shown).collect(),
        };
        self.judged.insert((release, inputs), judged.clone());
        judged
    }

    /// The open findings of a release, with their places.
    fn open(&self, release: Option<ReleaseIndex>) -> Vec<(usize, &'h Finding)> {
        let findings = release.and_then(|release| self.by_release.get(&release));
        let findings = findings.map(Vec::as_slice).unwrap_or_default();
        findings.iter().enumerate().filter(|(_, finding)| finding.verdict.is_open()).collect()
    }

    fn known(&self, finding: &Finding) -> Option<&'h Known<'d>> {
        self.hospital.vulnerabilities.get(finding.vulnerability.0 as usize)
    }

    fn vulnerability(&mut self, finding: &Finding) -> (Arc<VulnerabilityInputs>, Arc<str>) {
        let (hospital, has_catalogue) = (self.hospital, self.has_catalogue);
        let known = || hospital.vulnerabilities.get(finding.vulnerability.0 as usize);
        let gathered = self.inputs.entry(finding.vulnerability.0).or_insert_with(|| {
            let inputs = known().map(|known| inputs_of(known, has_catalogue)).unwrap_or_default();
            (Arc::new(inputs), known().map_or("", |known| &known.id.0).into())
        });
        (Arc::clone(&gathered.0), Arc::clone(&gathered.1))
    }

    fn shown(
        &mut self,
        (place, finding): (usize, &Finding),
        impact: &Impact,
        vulnerability: Arc<str>,
    ) -> RankedFinding {
        let path = impact.ssvc.path;
        let words = self.paths.entry(path).or_insert_with(|| path.to_string().into());
        RankedFinding {
            finding: place,
            vulnerability,
            verdict: finding.verdict.text().into(),
            likelihood: fraction(impact.likelihood),
            care: fraction(impact.care),
            risk: percent(impact.risk),
            decision: impact.ssvc.decision.text().into(),
            path: Arc::clone(words),
            accepted_until: finding.accepted.map(|until| until.to_string()),
        }
    }

    fn next_action(
        &self,
        unit: &Unit<'d>,
        worst: Option<&(&Finding, Impact)>,
        today: Date,
    ) -> String {
        let device = &*unit.device;
        let support = match shown::past_support(device, today) {
            Some(true) => Support::Ended,
            Some(false) => Support::Supported,
            None => Support::Unknown,
        };
        let Some((finding, impact)) = worst else { return impact::idle(support) };
        let known = self.known(finding);
        if let Some(until) = finding.accepted {
            let id = known.map(|known| known.id.0.as_str()).unwrap_or_default();
            return impact::accepted(id, until, support);
        }
        let tellings = known.iter().flat_map(|known| &known.tellings);
        impact::next(&Situation {
            device: DeviceInputs::from(device),
            manufacturer: device.manufacturer.as_deref(),
            support,
            vulnerability: known.map(|known| known.id.0.as_str()).unwrap_or_default(),
            verdict: finding.verdict,
            decision: impact.ssvc.decision,
            remedy: Remedy::best(tellings.flat_map(|telling| &telling.vulnerability.remediations)),
        })
    }
}

/// Each vulnerability once, at its worst: two components that have it are one flaw of the device.
fn once(impacts: impl IntoIterator<Item = (VulnerabilityIndex, Impact)>) -> Vec<Impact> {
    let mut worst: BTreeMap<VulnerabilityIndex, Impact> = BTreeMap::new();
    for (vulnerability, impact) in impacts {
        let kept = worst.entry(vulnerability).or_insert(impact);
        if impact.order(kept).is_gt() {
            *kept = impact;
        }
    }
    worst.into_values().collect()
}

/// Whether CISA's catalogue is among the inputs, so that not to be in it says something. A record
/// that repeats an entry of it is no catalogue.
pub(super) fn has_catalogue(hospital: &Hospital<'_>) -> bool {
    hospital.documents.iter().any(|document| {
        let facts = &document.reading.facts;
        !facts.is_empty() && facts.iter().all(|fact| matches!(fact, Fact::KnownExploited(_)))
    })
}

fn inputs_of(known: &Known<'_>, has_catalogue: bool) -> VulnerabilityInputs {
    let records = known.tellings.iter().map(|telling| telling.vulnerability);
    let listed = known.exploited.map(|(_, entry)| Listing::Listed { ransomware: entry.ransomware });
    VulnerabilityInputs {
        known_exploited: listed.or(has_catalogue.then_some(Listing::NotListed)),
        epss: known.prediction.map(|(_, prediction)| prediction.probability),
        ..VulnerabilityInputs::gather(records)
    }
}

fn fraction(interval: Interval) -> Range {
    let rounded = |value: f64| (value * 1_000.0).round() / 1_000.0;
    Range { low: rounded(interval.low()), high: rounded(interval.high()) }
}

fn percent(interval: Interval) -> Range {
    let rounded = |value: f64| (value * 1_000.0).round() / 10.0;
    Range { low: rounded(interval.low()), high: rounded(interval.high()) }
}

#[cfg(test)]
mod tests {
    use decisions::exposure::Verdict;

    use super::*;

    #[test]
    fn a_flaw_of_two_components_counts_once_and_at_its_worst() {
        let (device, vulnerability) = (DeviceInputs::default(), VulnerabilityInputs::default());
        let [undecided, affected] = [Verdict::Undecided, Verdict::Affected].map(|verdict| {
            let inputs = Inputs { device: &device, vulnerability: &vulnerability, verdict };
            (VulnerabilityIndex(7), impact::judge(&inputs))
        });
        let other = (VulnerabilityIndex(3), undecided.1);
        assert_eq!(once([undecided, affected, undecided, other]), [other.1, affected.1]);
    }
}
