//! Judgements as rows of the views.
//!
//! Refuses to leave anything to chance: what is alike is the same row, letter by letter.

use std::sync::Arc;

use anyhow::Result;
use decisions::exposure::Subject;
use presentation::assessment::{self, Device, Range};
use presentation::listed;
use serde_json::json;
use store::{devices, rankings, readings, releases, vulnerabilities};

use crate::assess::part;

/// What a vulnerability, or a release, means for devices.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Meaning {
    pub(super) devices: i64,
    pub(super) decision: i64,
    pub(super) risk: f64,
}

impl Meaning {
    pub(super) fn take(&mut self, decision: &str, risk: Range) {
        self.decision = self.decision.max(listed::decision(Some(decision)));
        self.risk = self.risk.max(risk.high);
    }

    /// Adds what it means for so many devices.
    pub(super) fn add(&mut self, of_device: Self, devices: i64) {
        self.devices += devices;
        self.decision = self.decision.max(of_device.decision);
        self.risk = self.risk.max(of_device.risk);
    }
}

/// Verdicts, in the order in which they are counted.
pub(super) const VERDICTS: [&str; 4] = ["affected", "undecided", "fixed", "not_affected"];

/// A device of a release, both by their ids, with the name of what its findings mean for it.
pub(super) fn device(
    device: &Device,
    id: String,
    release: Option<String>,
    ranking: Option<&String>,
) -> Result<devices::Device> {
    let said = |text: &Option<Arc<str>>| text.as_deref().unwrap_or_default().to_owned();
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
        end_of_support: device.end_of_support.as_deref().map(str::to_owned),
        release,
        ranking: ranking.cloned(),
        action: device.next_action.to_string(),
        rest: serde_json::to_string(&rest)?,
    })
}

/// A vulnerability that first came up at a time, in milliseconds since 1970.
pub(super) fn vulnerability(
    vulnerability: &assessment::Vulnerability,
    meaning: Meaning,
    releases: usize,
    first_ms: i64,
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
        first_ms,
        rest: serde_json::to_string(vulnerability)?,
    })
}

/// What a device is found by beside its names and places.
pub(super) fn also(device: &Device) -> String {
    let said = [&device.udi_di, &device.operating_system, &device.owner].into_iter().flatten();
    let addresses = device.macs.iter().chain(&device.ips);
    let said = said.map(|word| &**word).chain(addresses.map(String::as_str));
    device.serial.as_deref().into_iter().chain(said).collect::<Vec<_>>().join(" ")
}

/// What stands for a release in addresses: the beginning of a hash of its names.
pub(super) fn release_id(release: &assessment::Release) -> String {
    id_of([&release.manufacturer, &release.model, &release.version])
}

/// The same, of manufacturer, model and version.
pub(super) fn id_of(names: [&str; 3]) -> String {
    let mut id = rankings::name(&names.map(str::to_lowercase).join("\n"));
    id.truncate(16);
    id
}

pub(super) fn release(
    release: &assessment::Release,
    meaning: Meaning,
) -> Result<releases::Release> {
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
        verdicts: VERDICTS.map(count),
        decision: meaning.decision,
        rest: serde_json::to_string(&rest)?,
    })
}

pub(super) fn finding(
    finding: &assessment::Finding,
    subject: Subject,
) -> Result<releases::Finding> {
    Ok(releases::Finding {
        part: part(subject),
        vulnerability: finding.vulnerability.clone(),
        verdict: finding.verdict.to_string(),
        certainty: finding.certainty.to_string(),
        subject: finding.subject.clone(),
        reasons: serde_json::to_string(&finding.reasons)?,
        accepted: finding.accepted_until.clone().unwrap_or_default(),
    })
}

pub(super) fn reading(document: &assessment::Document) -> readings::Reading {
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

pub(super) fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
