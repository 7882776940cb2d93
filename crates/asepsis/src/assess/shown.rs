//! Facts and judgements in the form that is shown.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use decisions::exposure::{Finding, Subject};
use decisions::hospital::{Hospital, Known, Release, ReleaseIndex, Unit, VulnerabilityIndex};
use decisions::impact::{Remedy, VulnerabilityInputs};
use decisions::reason::{Evidence, Reason};
use domain::advisory::{Remediation, SsvcInputs};
use domain::component::SupportLevel;
use domain::device::{Device, Use};
use domain::fact;
use domain::location::{DocumentId, Location};
use domain::problem::{Loss, Problems};
use domain::severity::Severity;
use jiff::civil::Date;
use presentation::assessment::{self, Range, Source};

use super::ByRelease;

/// How many remediations of one vulnerability are shown.
const REMEDIATIONS: usize = 12;

/// Whether its maker's support has ended; unknown where nobody says when it ends.
pub(super) fn past_support(device: &Device, today: Date) -> Option<bool> {
    device.end_of_support.map(|end| end < today)
}

/// Words that very many devices have in common, each kept once.
#[derive(Debug, Default)]
pub(crate) struct Words(HashSet<Arc<str>>);

impl Words {
    pub(super) fn word(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let word: Arc<str> = text.into();
        self.0.insert(Arc::clone(&word));
        word
    }
}

/// A device without its rank.
pub(super) fn device(
    hospital: &Hospital<'_>,
    unit: &Unit<'_>,
    (today, words): (Date, &mut Words),
) -> assessment::Device {
    let device = &*unit.device;
    let mut word = |text: Option<&str>| text.map(|text| words.word(text));
    let end_of_support = device.end_of_support.map(|end| end.to_string());
    assessment::Device {
        rank: 0,
        id: device.id.as_ref().map(|id| id.0.to_string()).unwrap_or_default(),
        past_support: past_support(device, today),
        manufacturer: word(device.manufacturer.as_deref()),
        model: word(device.model.as_deref()),
        version: word(device.version.as_deref()),
        serial: said(device.serial.as_deref()),
        udi_di: word(device.udi_di.as_deref()),
        operating_system: word(device.operating_system.as_deref()),
        macs: device.macs.iter().map(ToString::to_string).collect(),
        ips: device.ips.iter().map(ToString::to_string).collect(),
        site: word(device.site.as_deref()),
        unit: word(device.unit.as_deref()),
        room: word(device.room.as_deref()),
        care_service: word(device.care_service.as_deref()),
        criticality: device.criticality.map(|criticality| criticality.text().into()),
        in_use: device.usage.map(|usage| usage == Use::InUse),
        substitutes: device.substitutes,
        owner: word(device.owner.as_deref()),
        end_of_support: word(end_of_support.as_deref()),
        release: unit.release.map(|release| release.0 as usize),
        risk: Range::default(),
        decision: None,
        least_decision: None,
        next_action: "".into(),
        findings: Arc::from([]),
        other: device
            .other
            .iter()
            .map(|(name, text)| (name.to_string(), text.to_string()))
            .collect(),
        source: Source {
            document: words.word(hospital.name_of(unit.document)),
            line: device.at.line,
            path: device.at.path(),
        },
    }
}

fn said(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

/// Every release, in the order of the hospital's list.
pub(super) fn releases(
    hospital: &Hospital<'_>,
    by_release: &ByRelease,
) -> Vec<assessment::Release> {
    let releases = (0_u32..).zip(&hospital.releases).map(|(index, one)| {
        let findings = by_release.get(&ReleaseIndex(index)).map(Vec::as_slice).unwrap_or_default();
        let findings = findings.iter().map(|found| finding(hospital, one, found)).collect();
        assessment::Release { findings, ..release(hospital, one) }
    });
    releases.collect()
}

/// A release, without what is known of it.
pub(super) fn release(hospital: &Hospital<'_>, release: &Release<'_>) -> assessment::Release {
    let documents = release.sboms.iter().map(|described| described.document);
    assessment::Release {
        manufacturer: release.key.manufacturer.to_string(),
        model: release.key.model.to_string(),
        version: release.key.version.to_string(),
        units: release.units.len(),
        sboms: documents.map(|document| hospital.name_of(document).to_owned()).collect(),
        components: release.sboms.iter().map(|one| one.sbom.components.len()).sum(),
        findings: Vec::new(),
    }
}

/// The components of a release, one SBOM after the other.
pub(super) fn components(
    hospital: &Hospital<'_>,
    release: &Release<'_>,
) -> Vec<store::releases::Component> {
    let components = release.sboms.iter().flat_map(|described| {
        described.sbom.components.iter().map(|component| (described.document, component))
    });
    components
        .map(|(document, component)| {
            let part = assessment::Component {
                supplier: said(component.supplier.as_deref()),
                purl: component.purl.as_ref().map(ToString::to_string),
                cpes: component.cpes.iter().map(ToString::to_string).collect(),
                licences: component.licences.iter().map(ToString::to_string).collect(),
                support: component.support.map(support),
                end_of_support: component.end_of_support.map(|end| end.to_string()),
                source: source(hospital, document, &component.at),
            };
            store::releases::Component {
                name: component.name.to_string(),
                version: said(component.version.as_deref()).unwrap_or_default(),
                rest: serde_json::to_string(&part).unwrap_or_default(),
            }
        })
        .collect()
}

fn support(level: SupportLevel) -> Cow<'static, str> {
    match level {
        SupportLevel::Maintained => "maintained",
        SupportLevel::NoLongerMaintained => "no longer maintained",
        SupportLevel::Abandoned => "abandoned",
    }
    .into()
}

pub(super) fn finding(
    hospital: &Hospital<'_>,
    release: &Release<'_>,
    finding: &Finding,
) -> assessment::Finding {
    let known = hospital.vulnerabilities.get(finding.vulnerability.0 as usize);
    let mut reasons: Vec<assessment::Reason> =
        finding.reasons.iter().map(|reason| shown_reason(hospital, reason)).collect();
    // A component's finding also rests on why the SBOM is taken for this release's.
    if let Subject::Component(sbom, _) = finding.subject
        && let Some(described) = release.sboms.get(sbom as usize)
    {
        reasons.push(shown_reason(hospital, &described.reason));
    }
    assessment::Finding {
        vulnerability: known.map(|known| known.id.0.clone()).unwrap_or_default().to_string(),
        subject: subject(release, finding.subject),
        verdict: finding.verdict.text().into(),
        certainty: finding.certainty.text().into(),
        reasons,
        accepted_until: finding.accepted.map(|until| until.to_string()),
    }
}

pub(super) fn subject(release: &Release<'_>, subject: Subject) -> String {
    match subject {
        Subject::Release => release.key.to_string(),
        Subject::OperatingSystem(place) => release
            .operating_systems
            .get(place as usize)
            .map_or_else(String::new, |s| (*s).to_owned()),
        Subject::Component(sbom, place) => {
            let described = release.sboms.get(sbom as usize);
            let component = described.and_then(|d| d.sbom.components.get(place as usize));
            component.map(domain::component::Component::label).unwrap_or_default()
        }
    }
}

fn shown_reason(hospital: &Hospital<'_>, reason: &Reason) -> assessment::Reason {
    assessment::Reason {
        rule: reason.rule.text().into(),
        sentence: reason.sentence.clone(),
        reversed_by: reason.rule.reversed_by().into(),
        evidence: reason
            .evidence
            .iter()
            .map(|evidence| shown_evidence(hospital, evidence))
            .collect(),
    }
}

fn shown_evidence(hospital: &Hospital<'_>, evidence: &Evidence) -> assessment::Evidence {
    assessment::Evidence {
        source: source(hospital, evidence.document, &evidence.at),
        says: evidence.says.clone(),
    }
}

pub(super) fn source(hospital: &Hospital<'_>, document: DocumentId, at: &Location) -> Source {
    let document = hospital.name_of(document).into();
    Source { document, line: at.line, path: at.path() }
}

/// The vulnerabilities that findings name, by id.
pub(super) fn vulnerabilities(
    hospital: &Hospital<'_>,
    named: &HashSet<VulnerabilityIndex>,
) -> Vec<assessment::Vulnerability> {
    let known = named.iter().filter_map(|index| hospital.vulnerabilities.get(index.0 as usize));
    let mut shown: Vec<assessment::Vulnerability> =
        known.map(|known| vulnerability(hospital, known)).collect();
    shown.sort_by(|a, b| a.id.cmp(&b.id));
    shown
}

fn vulnerability(hospital: &Hospital<'_>, known: &Known<'_>) -> assessment::Vulnerability {
    let told = || known.tellings.iter().map(|telling| telling.vulnerability);
    let documents: BTreeSet<&str> =
        known.tellings.iter().map(|telling| hospital.name_of(telling.document)).collect();
    let mut cwes: Vec<u32> = told().flat_map(|v| v.cwes.iter().copied()).collect();
    cwes.sort_unstable();
    cwes.dedup();
    assessment::Vulnerability {
        id: known.id.0.to_string(),
        aliases: known.aliases.iter().map(|alias| alias.0.to_string()).collect(),
        title: told().find_map(|v| said(v.title.as_deref())),
        description: told().find_map(|v| said(v.description.as_deref())),
        scores: scores(known),
        known_exploited: known.exploited.is_some(),
        ransomware: known.exploited.and_then(|(_, entry)| entry.ransomware),
        epss: known.prediction.map(|(_, prediction)| prediction.probability),
        ssvc: ssvc(known),
        cwes,
        remediations: remediations(known),
        documents: documents.into_iter().map(str::to_owned).collect(),
    }
}

/// Each vector once, with the score that it comes to; a vector that is none is told when it is
/// read.
fn scores(known: &Known<'_>) -> Vec<assessment::Score> {
    let mut scores: Vec<assessment::Score> = Vec::new();
    for score in known.tellings.iter().flat_map(|telling| &telling.vulnerability.scores) {
        let seen = scores
            .iter()
            .any(|s| s.vector == score.vector && s.origin.as_deref() == score.origin.as_deref());
        let Some(severity) = Severity::parse(&score.vector).ok().filter(|_| !seen) else {
            continue;
        };
        scores.push(assessment::Score {
            version: severity.version.into(),
            vector: score.vector.to_string(),
            base: severity.base,
            stated: score.stated,
            origin: said(score.origin.as_deref()),
        });
    }
    scores
}

/// What is best comes first, so that what is left away is the least.
fn remediations(known: &Known<'_>) -> Vec<assessment::Remediation> {
    let tellings = known.tellings.iter();
    let mut told: Vec<&Remediation> =
        tellings.flat_map(|telling| &telling.vulnerability.remediations).collect();
    told.sort_by_key(|remediation| Remedy::of(remediation).place());
    let mut shown: Vec<assessment::Remediation> = Vec::new();
    for remediation in told {
        let one = assessment::Remediation {
            kind: remediation.kind.to_string(),
            details: remediation.details.to_string(),
            url: said(remediation.url.as_deref()),
        };
        if !shown.contains(&one) && shown.len() < REMEDIATIONS {
            shown.push(one);
        }
    }
    shown
}

/// What CISA's coordinator answers; of two answers the worse.
fn ssvc(known: &Known<'_>) -> Option<assessment::Ssvc> {
    let told = known.tellings.iter().map(|telling| telling.vulnerability);
    let answers = VulnerabilityInputs::gather(told).ssvc;
    (answers != SsvcInputs::default()).then(|| assessment::Ssvc {
        exploitation: answers.exploitation.map(|one| one.text().into()),
        automatable: answers.automatable,
        total_impact: answers.total_impact,
    })
}

/// Every document beside some; what did not fit together is a problem of the document that it
/// stands in.
pub(super) fn documents(
    hospital: &Hospital<'_>,
    apart: &HashSet<DocumentId>,
) -> Vec<assessment::Document> {
    let mut told: HashMap<DocumentId, Problems> = HashMap::new();
    for (document, problem) in &hospital.problems {
        told.entry(*document).or_default().tell(problem.clone());
    }
    let documents = hospital.documents.iter().filter(|one| !apart.contains(&one.id));
    documents.map(|one| document(one, told.remove(&one.id).unwrap_or_default())).collect()
}

fn document(document: &fact::Document, joined: Problems) -> assessment::Document {
    let reading = &document.reading;
    let mut problems = reading.problems.clone();
    problems.absorb(joined);
    assessment::Document {
        name: document.name.clone(),
        format: document.format.clone(),
        bytes: document.bytes,
        records: reading.records_seen,
        records_read: reading.records_made,
        refused: problems.lost_document(),
        problem_count: problems.told(),
        problems: problems.listed().iter().map(problem).collect(),
    }
}

fn problem(problem: &domain::problem::Problem) -> assessment::Problem {
    assessment::Problem {
        code: problem.code.text().into(),
        line: problem.at.line,
        path: problem.at.path(),
        meaning: problem.code.meaning().into(),
        expected: problem.expected.clone(),
        found: problem.found.clone(),
        lost: match problem.loss {
            Loss::Nothing => "nothing",
            Loss::Field => "field",
            Loss::Record => "record",
            Loss::Document => "document",
        }
        .into(),
        hint: problem.code.hint().into(),
    }
}

pub(super) fn left_out(left_out: &[(String, String)]) -> Vec<assessment::LeftOut> {
    let named = |(name, kind): &(String, String)| assessment::LeftOut {
        name: name.clone(),
        kind: kind.clone(),
    };
    left_out.iter().map(named).collect()
}
