//! Devices with their rank.

use std::collections::HashMap;

use decisions::exposure::{Finding, Verdict};
use decisions::hospital::{Hospital, Known, Unit};
use decisions::impact::{
    self, DeviceInputs, Fix, Impact, Interval, Ransomware, Situation, VulnerabilityInputs,
};
use domain::device::{Device, Use};
use domain::severity::Severity;
use jiff::civil::Date;
use presentation::assessment::{self, Range, RankedFinding};

use super::{ByRelease, shown};

/// Every device, the one that endangers care most first.
pub(super) fn devices(
    hospital: &Hospital<'_>,
    by_release: &ByRelease,
    today: Date,
) -> Vec<assessment::Device> {
    let mut ranking = Ranking { hospital, today, inputs: HashMap::new() };
    let mut devices: Vec<(Option<Impact>, assessment::Device)> = Vec::new();
    for unit in &hospital.devices {
        let findings = unit.release.and_then(|release| by_release.get(&release));
        let findings = findings.map(Vec::as_slice).unwrap_or_default();
        devices.push(ranking.device(unit, findings));
    }
    devices.sort_by(|(a, first), (b, second)| {
        by_risk(b.as_ref(), a.as_ref()).then_with(|| first.id.cmp(&second.id))
    });
    (1..).zip(devices).map(|(rank, (_, device))| assessment::Device { rank, ..device }).collect()
}

/// The decision first, for it says how soon; then the risk.
fn by_risk(a: Option<&Impact>, b: Option<&Impact>) -> std::cmp::Ordering {
    let key =
        |impact: Option<&Impact>| impact.map(|impact| (impact.ssvc.decision, impact.risk.rank()));
    match (key(a), key(b)) {
        (Some((a, (middle_a, high_a))), Some((b, (middle_b, high_b)))) => {
            a.cmp(&b).then(middle_a.total_cmp(&middle_b)).then(high_a.total_cmp(&high_b))
        }
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

struct Ranking<'h, 'd> {
    hospital: &'h Hospital<'d>,
    today: Date,
    /// What is known of each vulnerability, put together once.
    inputs: HashMap<u32, VulnerabilityInputs<'d>>,
}

impl<'d> Ranking<'_, 'd> {
    fn device(
        &mut self,
        unit: &Unit<'d>,
        findings: &[Finding],
    ) -> (Option<Impact>, assessment::Device) {
        let device = unit.device;
        let inputs = DeviceInputs {
            criticality: device.criticality,
            usage: device.usage,
            substitutes: device.substitutes,
            networked: (!device.ips.is_empty() || !device.macs.is_empty()).then_some(true),
        };
        let open = findings.iter().enumerate().filter(|(_, finding)| finding.verdict.is_open());
        let mut ranked: Vec<(usize, &Finding, Impact)> = open
            .map(|(place, finding)| {
                let vulnerability = self.vulnerability(finding);
                (place, finding, impact::judge(&inputs, &vulnerability, finding.verdict))
            })
            .collect();
        ranked.sort_by(|(_, _, a), (_, _, b)| by_risk(Some(b), Some(a)));
        let next_action = self.next_action(device, ranked.first());
        let worst = ranked.first().map(|(_, _, impact)| impact.clone());
        let shown_findings =
            ranked.iter().map(|(place, f, i)| self.finding(*place, f, i)).collect();
        let mut shown = shown::device(self.hospital, unit, self.today);
        shown.next_action = next_action;
        shown.findings = shown_findings;
        if let Some(worst) = &worst {
            shown.risk = percent(worst.risk);
            shown.decision = Some(worst.ssvc.decision.text());
            shown.possible = worst.ssvc.possible.iter().map(|decision| decision.text()).collect();
        }
        (worst, shown)
    }

    fn known(&self, finding: &Finding) -> Option<&Known<'d>> {
        self.hospital.vulnerabilities.get(finding.vulnerability.0 as usize)
    }

    fn vulnerability(&mut self, finding: &Finding) -> VulnerabilityInputs<'d> {
        let index = finding.vulnerability.0;
        if let Some(inputs) = self.inputs.get(&index) {
            return *inputs;
        }
        let inputs = self.known(finding).map(inputs_of).unwrap_or_default();
        self.inputs.insert(index, inputs);
        inputs
    }

    fn finding(&self, place: usize, finding: &Finding, impact: &Impact) -> RankedFinding {
        RankedFinding {
            finding: place,
            vulnerability: self.known(finding).map(|known| known.id.0.clone()).unwrap_or_default(),
            verdict: finding.verdict.text(),
            likelihood: fraction(impact.likelihood),
            care: fraction(impact.care),
            risk: percent(impact.risk),
            decision: impact.ssvc.decision.text(),
            path: impact.ssvc.path.clone(),
            steps: impact.steps.clone(),
        }
    }

    fn next_action(&self, device: &Device, worst: Option<&(usize, &Finding, Impact)>) -> String {
        let known = worst.and_then(|(_, finding, _)| self.known(finding));
        let remediations = known.iter().flat_map(|known| &known.tellings);
        let fix = Fix::best(remediations.flat_map(|telling| &telling.vulnerability.remediations));
        impact::next_action(&Situation {
            decision: worst.map(|(_, _, impact)| impact.ssvc.decision),
            verdict: worst.map_or(Verdict::NotAffected, |(_, finding, _)| finding.verdict),
            vulnerability: known.map(|known| known.id.0.as_str()).unwrap_or_default(),
            fix,
            usage: device.usage.or(Some(Use::InUse)),
            manufacturer: device.manufacturer.as_deref(),
            past_support: shown::past_support(device, self.today) == Some(true),
        })
    }
}

/// The gravest of the vectors counts, for a vulnerability may be scored by several.
fn inputs_of<'d>(known: &Known<'d>) -> VulnerabilityInputs<'d> {
    let scores = known.tellings.iter().flat_map(|telling| &telling.vulnerability.scores);
    let parsed = scores
        .filter_map(|score| Some((Severity::parse(&score.vector).ok()?, score.vector.as_str())));
    // Newer versions of CVSS say more; of one version the graver vector counts.
    let gravest = parsed.max_by(|(a, _), (b, _)| {
        let newer = |severity: &Severity| severity.version != "2.0";
        newer(a).cmp(&newer(b)).then(a.base.total_cmp(&b.base))
    });
    let ssvc = known.tellings.iter().find_map(|telling| telling.vulnerability.ssvc);
    VulnerabilityInputs {
        severity: gravest.map(|(severity, _)| severity),
        vector: gravest.map(|(_, vector)| vector),
        known_exploited: known.exploited.map(|(_, entry)| match entry.ransomware {
            Some(true) => Ransomware::Known,
            _ => Ransomware::Unknown,
        }),
        epss: known.prediction.map(|(_, prediction)| prediction.probability),
        ssvc,
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
