//! The whole chain of reasons: why a device stands where it does, or why one vulnerability is
//! judged so for it. Which document, which field, which rule.

use std::collections::HashMap;
use std::fmt::Write;

use serde::Serialize;

use crate::assessment::{Assessment, Device, Finding, RankedFinding, Release, Vulnerability};
use crate::terminal::{in_care, place, product};

/// Why there is nothing to explain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unknown {
    /// No device has this id; the nearest ids.
    Device(Vec<String>),
    /// Nothing was judged about this vulnerability and this device; what was.
    Vulnerability(Vec<String>),
}

/// How a device's rank is computed.
#[derive(Debug, Clone, Default)]
pub struct Arithmetic {
    /// From its findings to its risk; `None` where there are none.
    pub device: Option<String>,
    /// The steps of each open finding, a line each, by its place in the release's findings.
    pub findings: HashMap<usize, Vec<String>>,
}

/// Explains a device, or one vulnerability of it.
pub fn explain(
    assessment: &Assessment,
    device: &Device,
    vulnerability: Option<&str>,
    arithmetic: &Arithmetic,
) -> Result<String, Unknown> {
    let explanation = gather(assessment, device, vulnerability, arithmetic)?;
    let release = device.release.and_then(|index| assessment.releases.get(index));
    let mut out = String::new();
    about_device(&mut out, device, release);
    match vulnerability {
        None => {
            about_findings(&mut out, device, release);
            if let Some(step) = explanation.arithmetic {
                let _ = writeln!(out, "\nRanked:\n  {step}");
            }
        }
        Some(_) => {
            for explained in &explanation.findings {
                if let Some(vulnerability) = explained.vulnerability {
                    about_vulnerability(&mut out, vulnerability, assessment);
                }
                about_finding(&mut out, explained.finding);
                about_rank(&mut out, explained.ranked, explained.arithmetic);
            }
        }
    }
    Ok(out)
}

/// The same for programs: the device, and each finding asked for with its vulnerability, its rank
/// and the steps of its arithmetic.
#[derive(Debug, Serialize)]
pub struct Explanation<'a> {
    /// The device, with its rank.
    pub device: &'a Device,
    /// From its findings to its risk.
    pub arithmetic: Option<&'a str>,
    /// The findings, in the order of the release.
    pub findings: Vec<Explained<'a>>,
}

/// One finding, explained.
#[derive(Debug, Serialize)]
pub struct Explained<'a> {
    /// What was judged, by which reasons.
    pub finding: &'a Finding,
    /// What is known of the vulnerability.
    pub vulnerability: Option<&'a Vulnerability>,
    /// What it means for the device; null where it is not open.
    pub ranked: Option<&'a RankedFinding>,
    /// The arithmetic, a step a line.
    pub arithmetic: &'a [String],
}

/// Explains a device, or one vulnerability of it, for programs.
pub fn gather<'a>(
    assessment: &'a Assessment,
    device: &'a Device,
    vulnerability: Option<&str>,
    arithmetic: &'a Arithmetic,
) -> Result<Explanation<'a>, Unknown> {
    let release = device.release.and_then(|index| assessment.releases.get(index));
    let findings = match vulnerability {
        Some(id) => judged(assessment, release, id),
        None => release.iter().flat_map(|release| release.findings.iter().enumerate()).collect(),
    };
    if vulnerability.is_some() && findings.is_empty() {
        return Err(Unknown::Vulnerability(known(release)));
    }
    let explained = |(index, finding): (usize, &'a Finding)| Explained {
        finding,
        vulnerability: assessment.vulnerabilities.iter().find(|v| v.id == finding.vulnerability),
        ranked: device.findings.iter().find(|ranked| ranked.finding == index),
        arithmetic: arithmetic.findings.get(&index).map(Vec::as_slice).unwrap_or_default(),
    };
    Ok(Explanation {
        device,
        arithmetic: arithmetic.device.as_deref(),
        findings: findings.into_iter().map(explained).collect(),
    })
}

/// The device with this id.
pub fn find<'a>(assessment: &'a Assessment, id: &str) -> Result<&'a Device, Unknown> {
    let found = assessment.devices.iter().find(|device| device.id.eq_ignore_ascii_case(id.trim()));
    found.ok_or_else(|| {
        let wanted = id.trim().to_lowercase();
        let near = assessment.devices.iter().filter(|device| {
            let id = device.id.to_lowercase();
            id.contains(&wanted) || wanted.contains(&id)
        });
        Unknown::Device(near.take(5).map(|device| device.id.clone()).collect())
    })
}

/// The findings about a vulnerability, under any of its ids.
fn judged<'a>(
    assessment: &'a Assessment,
    release: Option<&'a Release>,
    id: &str,
) -> Vec<(usize, &'a Finding)> {
    let same = |name: &str| name.eq_ignore_ascii_case(id.trim());
    let ids: Vec<&str> = assessment
        .vulnerabilities
        .iter()
        .filter(|v| same(&v.id) || v.aliases.iter().any(|alias| same(alias)))
        .map(|v| v.id.as_str())
        .collect();
    let findings = release.map(|release| release.findings.as_slice()).unwrap_or_default();
    findings.iter().enumerate().filter(|(_, f)| ids.contains(&f.vulnerability.as_str())).collect()
}

fn known(release: Option<&Release>) -> Vec<String> {
    let findings = release.map(|release| release.findings.as_slice()).unwrap_or_default();
    let mut ids: Vec<String> = findings.iter().map(|f| f.vulnerability.clone()).collect();
    ids.sort();
    ids.dedup();
    ids
}

fn about_device(out: &mut String, device: &Device, release: Option<&Release>) {
    let _ = writeln!(out, "{}  {}", device.id, product(device));
    let _ = writeln!(out, "  where       {}", or_unknown(&place(device)));
    let service = device.care_service.as_deref().unwrap_or("care service unknown");
    let _ = writeln!(out, "  in care     {}, {service}", in_care(device));
    let substitutes = device.substitutes.map_or("unknown".to_owned(), |count| count.to_string());
    let _ = writeln!(out, "  substitutes {substitutes}");
    let support = device.end_of_support.as_deref().unwrap_or("unknown");
    let ended = if device.past_support == Some(true) { " (ended)" } else { "" };
    let _ = writeln!(out, "  support to  {support}{ended}");
    let _ = writeln!(out, "  read from   {}", device.source);
    if let Some(release) = release {
        let sboms =
            if release.sboms.is_empty() { "none".to_owned() } else { release.sboms.join(", ") };
        let _ = writeln!(out, "  SBOM        {sboms} ({} components)", release.components);
    }
    let decision = device.decision.as_deref().unwrap_or("nothing known against it");
    let _ = writeln!(out, "  risk        {} of 100, decision {decision}", device.risk.whole());
    let _ = writeln!(out, "  do first    {}", device.next_action);
}

fn or_unknown(text: &str) -> &str {
    if text.is_empty() { "unknown" } else { text }
}

fn about_findings(out: &mut String, device: &Device, release: Option<&Release>) {
    let Some(release) = release else {
        let _ = writeln!(out, "\nManufacturer or model is unknown, so nothing could be matched.");
        return;
    };
    let _ = writeln!(out, "\nFindings ({})", release.findings.len());
    for ranked in &*device.findings {
        if let Some(finding) = release.findings.get(ranked.finding) {
            line(out, finding, Some(ranked));
        }
    }
    let ranked: Vec<usize> = device.findings.iter().map(|ranked| ranked.finding).collect();
    for (index, finding) in release.findings.iter().enumerate() {
        if !ranked.contains(&index) {
            line(out, finding, None);
        }
    }
    let _ = writeln!(
        out,
        "\n`asepsis explain {} VULNERABILITY` shows the chain behind one of them.",
        device.id
    );
}

fn line(out: &mut String, finding: &Finding, ranked: Option<&RankedFinding>) {
    let rank = ranked.map_or_else(
        || "-".to_owned(),
        |ranked| format!("{} {}", ranked.risk.whole(), ranked.decision),
    );
    let _ = writeln!(
        out,
        "  {:<18} {:<12} {:<7} {:<14} {}",
        finding.vulnerability, finding.verdict, finding.certainty, rank, finding.subject
    );
    if let Some(reason) = finding.reasons.first() {
        let _ = writeln!(out, "      {}", reason.sentence);
    }
}

fn about_vulnerability(out: &mut String, vulnerability: &Vulnerability, of: &Assessment) {
    let _ = write!(out, "\n{}", vulnerability.id);
    if !vulnerability.aliases.is_empty() {
        let _ = write!(out, " (also {})", vulnerability.aliases.join(", "));
    }
    let _ = writeln!(out, "  {}", vulnerability.title.as_deref().unwrap_or_default());
    for score in &vulnerability.scores {
        let origin = score.origin.as_deref().unwrap_or("origin unknown");
        let stated = match score.stated {
            Some(stated) if (stated - score.base).abs() >= 0.05 => {
                format!(" (document states {stated:.1})")
            }
            _ => String::new(),
        };
        let _ = writeln!(
            out,
            "  CVSS {}    {:.1}{stated}  {}  by {origin}",
            score.version, score.base, score.vector
        );
    }
    let exploited = match (vulnerability.known_exploited, vulnerability.ransomware) {
        (true, Some(true)) => "yes, by ransomware too (CISA KEV)",
        (true, _) => "yes (CISA KEV)",
        (false, _) if of.summary.has_catalogue => "not in CISA's catalogue",
        (false, _) => "unknown: CISA's catalogue is not in the folder",
    };
    let _ = writeln!(out, "  exploited   {exploited}");
    if let Some(epss) = vulnerability.epss {
        let _ = writeln!(out, "  EPSS        {:.1}% within 30 days", epss * 100.0);
    }
    for remediation in &vulnerability.remediations {
        let _ = writeln!(out, "  remedy      {}: {}", remediation.kind, remediation.details);
    }
}

fn about_finding(out: &mut String, finding: &Finding) {
    let _ = writeln!(
        out,
        "\nJudged: {} is {}, {} certainty",
        finding.subject, finding.verdict, finding.certainty
    );
    for (number, reason) in (1..).zip(&finding.reasons) {
        let _ = writeln!(out, "  {number}. {}", reason.sentence);
        let _ = writeln!(out, "     rule {}; reversed by: {}", reason.rule, reason.reversed_by);
        for evidence in &reason.evidence {
            let _ = writeln!(out, "     {}: {}", evidence.source, evidence.says);
        }
    }
}

fn about_rank(out: &mut String, ranked: Option<&RankedFinding>, steps: &[String]) {
    let Some(ranked) = ranked else {
        let _ = writeln!(out, "\nNot ranked: it is not open on this device.");
        return;
    };
    let _ = writeln!(
        out,
        "\nRanked: risk {} of 100, decision {}",
        ranked.risk.whole(),
        ranked.decision
    );
    for step in steps {
        let _ = writeln!(out, "  {step}");
    }
}
