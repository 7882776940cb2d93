//! Devices with their rank.
//!
//! Devices of a release that are alike in what the rank takes of them are judged once, and share
//! the list that comes of it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, LazyLock};

use decisions::exposure::Verdict;
use decisions::hospital::{Hospital, Known, ReleaseIndex, Unit, VulnerabilityIndex};
use decisions::impact::{
    self, DeviceInputs, DeviceRisk, Exposure, Impact, Inputs, Interval, Listing, Path, Remedy,
    Situation, Support, VulnerabilityInputs,
};
use domain::advisory::{
    Exploitation, Remediation, Score, SsvcInputs, Vulnerability, VulnerabilityId,
};
use domain::device::{Criticality, Use};
use domain::fact::Fact;
use domain::location::Location;
use jiff::civil::Date;
use presentation::assessment::{self, Range, RankedFinding};
use presentation::explanation::Arithmetic;

use super::shown::Words;
use super::{ByRelease, shown};

/// Every device, the one that endangers care most first.
pub(super) fn devices(
    hospital: &Hospital<'_>,
    by_release: &ByRelease,
    today: Date,
) -> Vec<assessment::Device> {
    let mut ranking = ranking(hospital, by_release);
    let mut words = Words::default();
    let ranked = hospital.devices.iter().map(|unit| {
        ranking.device(shown::device(hospital, unit, (today, &mut words)), unit.release)
    });
    let (risks, mut devices): (Vec<Option<DeviceRisk>>, Vec<assessment::Device>) = ranked.unzip();
    let mut order: Vec<(Option<DeviceRisk>, &str, usize)> = risks
        .into_iter()
        .zip(&devices)
        .zip(0..)
        .map(|((risk, one), at)| (risk, &*one.id, at))
        .collect();
    order.sort_by(|(a, first, _), (b, second, _)| {
        let by_risk = match (a, b) {
            (Some(a), Some(b)) => b.order(a),
            (a, b) => b.is_some().cmp(&a.is_some()),
        };
        by_risk.then_with(|| first.cmp(second))
    });
    let order: Vec<usize> = order.into_iter().map(|(_, _, place)| place).collect();
    for (rank, place) in (1..).zip(order) {
        if let Some(device) = devices.get_mut(place) {
            device.rank = rank;
        }
    }
    // In place: there may be very many.
    devices.sort_unstable_by_key(|device| device.rank);
    devices
}

/// How one device's rank is computed, step by step.
pub(super) fn arithmetic(
    hospital: &Hospital<'_>,
    by_release: &ByRelease,
    unit: &Unit<'_>,
    today: Date,
) -> Arithmetic {
    let ranking = ranking(hospital, by_release);
    let device = inputs_of(&shown::device(hospital, unit, (today, &mut Words::default())));
    let mut findings = HashMap::new();
    let mut impacts = Vec::new();
    for open in ranking.open(unit.release) {
        let weighed = ranking.weighed(open);
        let inputs =
            Inputs { device: &device, vulnerability: &weighed.inputs, verdict: open.verdict };
        let (impact, steps) = impact::explain(&inputs);
        impacts.push((Arc::clone(&weighed.name), impact));
        findings.insert(open.place, steps.iter().map(ToString::to_string).collect());
    }
    let device = impact::explain_device(&once(impacts)).map(|step| step.to_string());
    Arithmetic { device, findings }
}

/// The rank of all that was judged.
fn ranking(hospital: &Hospital<'_>, by_release: &ByRelease) -> Ranking {
    let has_catalogue = has_catalogue(hospital);
    let mut ranking = Ranking::default();
    let mut known: HashSet<VulnerabilityIndex> = HashSet::new();
    for (release, findings) in by_release {
        let open = findings.iter().enumerate().filter(|(_, finding)| finding.verdict.is_open());
        let open = open.map(|(place, finding)| Open {
            place,
            vulnerability: finding.vulnerability.0,
            verdict: finding.verdict,
            accepted: finding.accepted,
        });
        ranking.add_release(*release, open.collect());
        known.extend(findings.iter().map(|finding| finding.vulnerability));
    }
    for index in known {
        if let Some(known) = hospital.vulnerabilities.get(index.0 as usize) {
            ranking.add_vulnerability(index.0, Weighed::of(known, has_catalogue));
        }
    }
    ranking
}

/// What the rank takes of a vulnerability.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Weighed {
    name: Arc<str>,
    inputs: VulnerabilityInputs,
    /// What the maker offers.
    best: Option<Remediation>,
}

impl Weighed {
    /// As the documents tell it.
    fn of(known: &Known<'_>, has_catalogue: bool) -> Self {
        let records = || known.tellings.iter().map(|telling| telling.vulnerability);
        let listed =
            known.exploited.map(|(_, entry)| Listing::Listed { ransomware: entry.ransomware });
        let inputs = VulnerabilityInputs {
            known_exploited: listed.or(has_catalogue.then_some(Listing::NotListed)),
            epss: known.prediction.map(|(_, prediction)| prediction.probability),
            ..VulnerabilityInputs::gather(records())
        };
        Self::new(&known.id.0, inputs, records().flat_map(|record| &record.remediations))
    }

    /// As it was shown, which is the same but for vectors that are none.
    pub(crate) fn shown(known: &assessment::Vulnerability, has_catalogue: bool) -> Self {
        let at = Location::whole;
        let score = |shown: &assessment::Score| Score {
            vector: shown.vector.as_str().into(),
            stated: shown.stated,
            origin: shown.origin.as_deref().map(Into::into),
            applies: Vec::new(),
        };
        let remediation = |shown: &assessment::Remediation| Remediation {
            kind: shown.kind.as_str().into(),
            details: shown.details.as_str().into(),
            url: None,
            applies: Vec::new(),
            at: at(),
        };
        let record = Vulnerability {
            scores: known.scores.iter().map(score).collect(),
            ssvc: known.ssvc.as_ref().map(ssvc),
            remediations: known.remediations.iter().map(remediation).collect(),
            ..Vulnerability::new(VulnerabilityId::new(&known.id), at())
        };
        let listed = Listing::Listed { ransomware: known.ransomware };
        let listed = known.known_exploited.then_some(listed);
        let inputs = VulnerabilityInputs {
            known_exploited: listed.or(has_catalogue.then_some(Listing::NotListed)),
            epss: known.epss,
            ..VulnerabilityInputs::gather([&record])
        };
        Self::new(&known.id, inputs, &record.remediations)
    }

    fn new<'r>(
        name: &str,
        inputs: VulnerabilityInputs,
        remediations: impl IntoIterator<Item = &'r Remediation>,
    ) -> Self {
        let best = Remedy::best_of(remediations).map(|best| Remediation {
            applies: Vec::new(),
            at: Location::whole(),
            url: None,
            ..best.clone()
        });
        Self { name: name.into(), inputs, best }
    }
}

fn ssvc(shown: &assessment::Ssvc) -> SsvcInputs {
    let exploitation = shown.exploitation.as_deref();
    SsvcInputs {
        exploitation: Exploitation::ALL.into_iter().find(|one| Some(one.text()) == exploitation),
        automatable: shown.automatable,
        total_impact: shown.total_impact,
    }
}

/// An open finding of a release.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Open {
    /// Its place among all findings of the release.
    pub(crate) place: usize,
    /// Which vulnerability, by the number under which it was added.
    pub(crate) vulnerability: u32,
    /// What was judged.
    pub(crate) verdict: Verdict,
    /// Up to and with which day the hospital accepts the risk, where it does.
    pub(crate) accepted: Option<Date>,
}

/// What devices of one release that are alike in their inputs have in common.
#[derive(Clone)]
struct Judged {
    risk: Option<DeviceRisk>,
    worst: Option<(Open, Impact)>,
    findings: Arc<[RankedFinding]>,
}

/// Ranks devices by what is open of their releases, and what is known of it.
#[derive(Default)]
pub(crate) struct Ranking {
    known: HashMap<u32, Weighed>,
    open: HashMap<ReleaseIndex, Vec<Open>>,
    /// The words of each way through CISA's tree; there are few.
    paths: HashMap<Path, Arc<str>>,
    judged: HashMap<(ReleaseIndex, DeviceInputs), Judged>,
    /// What is to be done, as far as it was said.
    words: Words,
}

impl Ranking {
    /// Adds what is open of a release.
    pub(crate) fn add_release(&mut self, release: ReleaseIndex, open: Vec<Open>) {
        self.open.insert(release, open);
    }

    /// Adds what is known of a vulnerability.
    pub(crate) fn add_vulnerability(&mut self, number: u32, weighed: Weighed) {
        self.known.insert(number, weighed);
    }

    /// Ends with the releases that were added.
    pub(crate) fn end_release(&mut self) {
        self.open.clear();
        self.judged.clear();
    }

    /// A device, as it is shown, with its rank.
    pub(crate) fn device(
        &mut self,
        mut shown: assessment::Device,
        release: Option<ReleaseIndex>,
    ) -> (Option<DeviceRisk>, assessment::Device) {
        let inputs = inputs_of(&shown);
        let judged = self.judged(release, inputs);
        let next_action = self.next_action(&shown, inputs, judged.worst);
        shown.next_action = self.words.word(&next_action);
        shown.findings = judged.findings;
        let risk = judged.risk.as_ref();
        shown.risk = risk.map(|risk| percent(risk.risk)).unwrap_or_default();
        shown.decision = risk.map(|risk| risk.decision.text().into());
        shown.least_decision = risk.map(|risk| risk.least.text().into());
        (judged.risk, shown)
    }

    fn judged(&mut self, release: Option<ReleaseIndex>, device: DeviceInputs) -> Judged {
        let Some(index) = release else {
            return Judged { risk: None, worst: None, findings: Arc::from([]) };
        };
        if let Some(judged) = self.judged.get(&(index, device)) {
            return judged.clone();
        }
        let mut ranked: Vec<(Open, Impact)> = Vec::new();
        for open in self.open(release) {
            let vulnerability = &self.weighed(open).inputs;
            let inputs = Inputs { device: &device, vulnerability, verdict: open.verdict };
            let mut impact = impact::judge(&inputs);
            if open.accepted.is_some() {
                impact = impact.accepted();
            }
            ranked.push((*open, impact));
        }
        ranked.sort_by(|(_, a), (_, b)| b.order(a));
        let named =
            ranked.iter().map(|(open, impact)| (Arc::clone(&self.weighed(open).name), *impact));
        let judged = Judged {
            risk: impact::device(&once(named)),
            worst: ranked.first().copied(),
            findings: ranked.into_iter().map(|(open, impact)| self.shown(open, &impact)).collect(),
        };
        self.judged.insert((index, device), judged.clone());
        judged
    }

    /// The open findings of a release.
    fn open(&self, release: Option<ReleaseIndex>) -> &[Open] {
        let open = release.and_then(|release| self.open.get(&release));
        open.map(Vec::as_slice).unwrap_or_default()
    }

    fn weighed(&self, open: &Open) -> &Weighed {
        static UNKNOWN: LazyLock<Weighed> = LazyLock::new(Weighed::default);
        self.known.get(&open.vulnerability).unwrap_or(&UNKNOWN)
    }

    fn shown(&mut self, open: Open, impact: &Impact) -> RankedFinding {
        let path = impact.ssvc.path;
        let words = self.paths.entry(path).or_insert_with(|| path.to_string().into());
        let words = Arc::clone(words);
        RankedFinding {
            finding: open.place,
            vulnerability: Arc::clone(&self.weighed(&open).name),
            verdict: open.verdict.text().into(),
            likelihood: fraction(impact.likelihood),
            care: fraction(impact.care),
            risk: percent(impact.risk),
            decision: impact.ssvc.decision.text().into(),
            path: words,
            accepted_until: open.accepted.map(|until| until.to_string()),
        }
    }

    fn next_action(
        &self,
        device: &assessment::Device,
        inputs: DeviceInputs,
        worst: Option<(Open, Impact)>,
    ) -> String {
        let support = match device.past_support {
            Some(true) => Support::Ended,
            Some(false) => Support::Supported,
            None => Support::Unknown,
        };
        let Some((open, impact)) = worst else { return impact::idle(support) };
        let weighed = self.weighed(&open);
        if let Some(until) = open.accepted {
            return impact::accepted(&weighed.name, until, support);
        }
        impact::next(&Situation {
            device: inputs,
            manufacturer: device.manufacturer.as_deref(),
            support,
            vulnerability: &weighed.name,
            verdict: open.verdict,
            decision: impact.ssvc.decision,
            remedy: Remedy::best(&weighed.best),
        })
    }
}

/// What the rank takes of a device. A known address means that it is connected; none means that
/// nothing is known.
fn inputs_of(device: &assessment::Device) -> DeviceInputs {
    let criticality = device.criticality.as_deref();
    let addressed = !device.ips.is_empty() || !device.macs.is_empty();
    DeviceInputs {
        criticality: Criticality::ALL.into_iter().find(|one| Some(one.text()) == criticality),
        usage: device.in_use.map(|is| if is { Use::InUse } else { Use::NotInUse }),
        substitutes: device.substitutes,
        exposure: addressed.then_some(Exposure::Connected),
        patient_data: None,
    }
}

/// Each vulnerability once, at its worst: two components that have it are one flaw of the device.
fn once(impacts: impl IntoIterator<Item = (Arc<str>, Impact)>) -> Vec<Impact> {
    let mut worst: BTreeMap<Arc<str>, Impact> = BTreeMap::new();
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
            ("CVE-7".into(), impact::judge(&inputs))
        });
        let other: (Arc<str>, Impact) = ("CVE-3".into(), undecided.1);
        let impacts = [other.1, affected.1];
        assert_eq!(once([undecided.clone(), affected, undecided, other]), impacts);
    }
}
