//! Vulnerabilities and what is said of them (SPDX 3.0.1, profile Security), as their elements
//! stand in the graph.
//!
//! Refuses to follow references, for an element may stand before what it refers to; [`join`] does
//! that. Refuses SSVC decisions: they are another's, for another's mission.

mod join;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use domain::advisory::{Status, Vulnerability, VulnerabilityId};
use domain::location::Location;
use domain::problem::{Code, Loss};
use domain::text::Text;

use super::{Names, Reader, last, short};
use crate::json::{Kind, Path, Taker, Value};

/// How the name of every class of assessments ends.
const ASSESSMENT: &str = "VulnAssessmentRelationship";

/// What a document says of vulnerabilities.
#[derive(Debug, Default)]
pub(in crate::sbom::spdx) struct Security<'d> {
    known: Vec<Known<'d>>,
    /// Which element is told to have which vulnerabilities.
    links: Vec<Link<'d>>,
    /// Vulnerabilities for which somebody made an exploit.
    exploitable: Vec<Link<'d>>,
    assessments: Vec<Assessment<'d>>,
    /// Who published an assessment.
    publishers: HashMap<Cow<'d, str>, Text>,
    creations: HashMap<Cow<'d, str>, Creation>,
    /// How many vulnerabilities and assessments there were, lost ones too.
    seen: usize,
    /// The document's length in bytes.
    pub(super) length: usize,
}

/// A vulnerability with its `spdxId`.
#[derive(Debug)]
struct Known<'d> {
    id: Option<Cow<'d, str>>,
    vulnerability: Vulnerability,
    withdrawn: bool,
}

/// A relationship that is no assessment.
#[derive(Debug)]
struct Link<'d> {
    from: Cow<'d, str>,
    to: Vec<Cow<'d, str>>,
    at: Location,
}

/// When elements were made, and by whom.
#[derive(Debug, Default, Clone)]
pub(super) struct Creation {
    pub(super) created: Option<Text>,
    pub(super) author: Option<Text>,
}

/// One assessment that says something.
#[derive(Debug)]
struct Assessment<'d> {
    id: Option<Cow<'d, str>>,
    from: Cow<'d, str>,
    to: Vec<Cow<'d, str>>,
    /// The part of those in which the flaw is (`assessedElement`).
    part: Option<Cow<'d, str>>,
    supplier: Option<Text>,
    creation: Option<Cow<'d, str>>,
    said: Said,
    at: Location,
}

/// What it says.
#[derive(Debug)]
enum Said {
    Score {
        vector: Text,
        stated: Option<f64>,
    },
    Prediction {
        probability: f64,
        percentile: Option<f64>,
    },
    Exploited,
    Status(Box<Stated>),
    /// Nothing that a fact holds: it was withdrawn, or is a decision.
    Nothing,
}

#[derive(Debug)]
struct Stated {
    status: Status,
    justification: Option<&'static str>,
    detail: Option<Text>,
    action: Option<Text>,
    timestamp: Option<Text>,
}

/// The fields of all classes of assessments.
#[derive(Default)]
struct Fields<'d> {
    id: Option<Cow<'d, str>>,
    from: Option<Cow<'d, str>>,
    to: Vec<Cow<'d, str>>,
    part: Option<Cow<'d, str>>,
    relation: Option<Cow<'d, str>>,
    supplier: Option<Text>,
    creation: Option<Cow<'d, str>>,
    published: Option<Text>,
    modified: Option<Text>,
    /// When impact or action was stated.
    stated: Option<Text>,
    withdrawn: bool,
    vector: Option<Text>,
    score: Option<f64>,
    probability: Option<f64>,
    percentile: Option<f64>,
    exploited: Option<bool>,
    justification: Option<&'static str>,
    impact: Option<Text>,
    action: Option<Text>,
    notes: Option<Text>,
}

impl Security<'_> {
    /// Whether the document says anything of vulnerabilities.
    pub(super) fn is_there(&self) -> bool {
        self.seen > 0 || !self.links.is_empty() || !self.exploitable.is_empty()
    }
}

impl<'d> Reader<'d> {
    /// Notes who made elements and when, for statements that don't say it themselves.
    pub(super) fn note_creation(&mut self, item: Value<'d>, creation: Creation) {
        let id = item.get("@id").or_else(|| item.get("spdxId"));
        let id = id.and_then(Value::as_str).map(|id| (id, creation));
        self.draft.security.creations.extend(id);
    }

    /// A vulnerability.
    pub(super) fn vulnerability(&mut self, item: Value<'d>, path: &Path<'_>) {
        self.other(item);
        self.draft.security.seen += 1;
        let (mut id, mut name, mut summary, mut withdrawn) = (None, None, None, None);
        let unnamed = VulnerabilityId(Text::default());
        let mut vulnerability = Vulnerability::new(unnamed, item.at(path));
        let taker = &mut self.taker;
        for (key, value) in item.members() {
            let at = path.field(&key);
            match short(&key) {
                "spdxId" | "@id" => id = taker.trimmed(value, &at),
                "name" => name = taker.filled(value, &at),
                "summary" => summary = taker.filled(value, &at),
                "description" => vulnerability.description = taker.filled(value, &at),
                "externalIdentifier" => identifiers(taker, &mut vulnerability, value, &at),
                "withdrawnTime" => withdrawn = taker.trimmed(value, &at),
                _ => {}
            }
        }
        let title = name_it(&mut vulnerability, name, id.as_deref());
        vulnerability.title = summary.or(title);
        if vulnerability.id.0.is_empty() {
            let lost = (Code::RecordMissingField, Loss::Record);
            return taker.tell(lost, item, path, "an external identifier, a name or an spdxId");
        }
        let withdrawn = withdrawn.is_some();
        self.draft.security.known.push(Known { id, vulnerability, withdrawn });
    }

    /// Takes a plain relationship if it is about a vulnerability.
    pub(super) fn takes(
        &mut self,
        relation: &str,
        item: Value<'d>,
        path: &Path<'_>,
        names: &Names,
    ) -> bool {
        match relation {
            "hasAssociatedVulnerability" => {
                let link = self.link(item, path);
                self.draft.security.links.extend(link);
            }
            "exploitCreatedBy" => {
                let link = self.link(item, path);
                self.draft.security.exploitable.extend(link);
            }
            "publishedBy" => {
                if let Some(Link { from, to, .. }) = self.link(item, path)
                    && let Some(id) = to.first()
                {
                    let name = names.get(id.as_ref()).cloned();
                    let name = name.unwrap_or_else(|| id.as_ref().into());
                    self.draft.security.publishers.insert(from, name.into());
                }
            }
            _ if status_of(relation).is_some() => self.assessment("", item, path, names),
            _ => return false,
        }
        true
    }

    fn link(&mut self, item: Value<'d>, path: &Path<'_>) -> Option<Link<'d>> {
        self.other(item);
        let from = item.get("from").and_then(|from| self.one(from, &path.field("from")));
        let to = item.get("to").map(|to| self.many(to, &path.field("to")));
        Some(Link { from: from?, to: to?, at: item.at(path) })
    }

    /// An assessment of a class, `CvssV3VulnAssessmentRelationship`; of a plain relationship there
    /// is no class.
    pub(super) fn assessment(
        &mut self,
        class: &str,
        item: Value<'d>,
        path: &Path<'_>,
        names: &Names,
    ) {
        self.other(item);
        self.draft.security.seen += 1;
        let mut fields = self.fields(item, path, names);
        let class = class.strip_suffix(ASSESSMENT).unwrap_or(class);
        let said = match said(class, &mut fields) {
            Ok(said) => said,
            Err((code, expected)) => {
                return self.taker.tell((code, Loss::Record), item, path, expected);
            }
        };
        let Some(from) = fields.from else {
            let lost = (Code::RecordMissingField, Loss::Record);
            return self.taker.tell(lost, item, path, "a vulnerability in `from`");
        };
        let Fields { id, to, part, supplier, creation, .. } = fields;
        let at = item.at(path);
        let assessment = Assessment { id, from, to, part, supplier, creation, said, at };
        self.draft.security.assessments.push(assessment);
    }

    fn fields(&mut self, item: Value<'d>, path: &Path<'_>, names: &Names) -> Fields<'d> {
        let mut fields = Fields::default();
        for (key, value) in item.members() {
            let at = path.field(&key);
            match short(&key) {
                "spdxId" | "@id" => fields.id = self.taker.trimmed(value, &at),
                "from" => fields.from = self.one(value, &at),
                "to" => fields.to = self.many(value, &at),
                "assessedElement" => fields.part = self.one(value, &at),
                "relationshipType" => fields.relation = self.taker.trimmed(value, &at),
                "suppliedBy" => fields.supplier = self.agent(value, &at, names),
                "creationInfo" => fields.creation = self.one(value, &at),
                key => one_field(&mut self.taker, &mut fields, key, (value, &at)),
            }
        }
        fields
    }

    /// Who it is; an agent that is described elsewhere has its id for a name.
    fn agent(&mut self, value: Value<'d>, path: &Path<'_>, names: &Names) -> Option<Text> {
        let named = value.get("name").and_then(Value::as_text);
        let id = self.one(value, path);
        named.or_else(|| {
            id.map(|id| {
                names
                    .get(id.as_ref())
                    .map_or_else(|| Text::from(id.as_ref()), |name| Text::from(name.as_ref()))
            })
        })
    }

    /// Ids, as [`Reader::ids`] takes them, borrowed.
    fn many(&mut self, value: Value<'d>, path: &Path<'_>) -> Vec<Cow<'d, str>> {
        if value.kind() != Kind::Array {
            return self.one(value, path).into_iter().collect();
        }
        let items = value.items().enumerate();
        items.filter_map(|(index, item)| self.one(item, &path.index(index))).collect()
    }

    fn one(&mut self, value: Value<'d>, path: &Path<'_>) -> Option<Cow<'d, str>> {
        match value.kind() {
            // The specification takes a list of one for one.
            Kind::Array => value.items().next().and_then(|item| self.one(item, &path.index(0))),
            Kind::Object => value.get("spdxId").or_else(|| value.get("@id"))?.as_str(),
            _ => self.taker.trimmed(value, path),
        }
    }
}

/// A field that refers to nothing.
fn one_field(
    taker: &mut Taker,
    fields: &mut Fields<'_>,
    key: &str,
    (value, at): (Value<'_>, &Path<'_>),
) {
    match key {
        "publishedTime" => fields.published = taker.filled(value, at),
        "modifiedTime" => fields.modified = taker.filled(value, at),
        "withdrawnTime" => fields.withdrawn = taker.trimmed(value, at).is_some(),
        "impactStatementTime" | "actionStatementTime" => fields.stated = taker.filled(value, at),
        "vectorString" => fields.vector = taker.filled(value, at),
        "score" => fields.score = decimal(taker, value, at),
        "probability" => fields.probability = share(taker, value, at),
        "percentile" => fields.percentile = share(taker, value, at),
        "exploited" => fields.exploited = flag(taker, value, at),
        "catalogType" => one_of(taker, value, at, &["kev", "other"]),
        "decisionType" => one_of(taker, value, at, &["act", "attend", "track", "trackStar"]),
        "justificationType" => fields.justification = justification(taker, value, at),
        "impactStatement" => fields.impact = taker.filled(value, at),
        "actionStatement" => fields.action = taker.filled(value, at),
        "statusNotes" => fields.notes = taker.filled(value, at),
        _ => {}
    }
}

/// Ids of a flaw elsewhere (Core, `ExternalIdentifierType`): the CVE goes before others. A weakness
/// that stands among them is no name of the flaw.
fn identifiers(
    taker: &mut Taker,
    vulnerability: &mut Vulnerability,
    list: Value<'_>,
    path: &Path<'_>,
) {
    let (mut cves, mut others) = (Vec::new(), Vec::new());
    for (index, item) in taker.items(list, path).enumerate() {
        let at = path.index(index);
        let (mut kind, mut text) = (None, None);
        for (key, value) in taker.members(item, &at) {
            match key.as_ref() {
                "externalIdentifierType" => kind = taker.trimmed(value, &at.field(&key)),
                "identifier" => text = taker.filled(value, &at.field(&key)),
                _ => {}
            }
        }
        let Some(text) = text else { continue };
        let id = VulnerabilityId::new(last(&text));
        match kind.as_deref().map(last) {
            _ if id.is_cve() => cves.push(id),
            Some("cve") => cves.push(VulnerabilityId::new(&text)),
            Some("securityOther") => match weakness(&id.0) {
                Some(cwe) if !vulnerability.cwes.contains(&cwe) => vulnerability.cwes.push(cwe),
                Some(_) => {}
                None => others.push(VulnerabilityId::new(&text)),
            },
            _ => {}
        }
    }
    let mut seen = HashSet::new();
    let all = cves.into_iter().chain(others).filter(|id| seen.insert(id.clone()));
    vulnerability.aliases = all.collect();
}

fn weakness(text: &str) -> Option<u32> {
    text.strip_prefix("CWE-")?.parse().ok()
}

/// Makes the first id the name of a flaw; where there is none, what its name or `spdxId` tells.
/// Returns the name where it is a title.
fn name_it(
    vulnerability: &mut Vulnerability,
    name: Option<Text>,
    spdx_id: Option<&str>,
) -> Option<Text> {
    let (name, title) = match name {
        Some(name) if is_identifier(&name) => (Some(VulnerabilityId::new(&name)), None),
        title => (None, title),
    };
    let aliases = &mut vulnerability.aliases;
    let known = |name: &VulnerabilityId, aliases: &[VulnerabilityId]| aliases.contains(name);
    aliases.extend(name.filter(|name| !known(name, aliases)));
    if !aliases.is_empty() {
        vulnerability.id = aliases.remove(0);
        return title;
    }
    let tail = spdx_id.map(last).filter(|tail| is_identifier(tail));
    match (tail.or(spdx_id), title) {
        (Some(id), title) => {
            vulnerability.id = VulnerabilityId::new(id);
            title
        }
        (None, Some(title)) => {
            vulnerability.id = VulnerabilityId::new(&title);
            None
        }
        (None, None) => None,
    }
}

/// Whether a text is an id as databases give them, `GHSA-r9p9-mrjm-926w`, and not a title: two
/// flaws can have the same title.
fn is_identifier(text: &str) -> bool {
    let Some((scheme, number)) = text.split_once('-') else { return false };
    let is_upper = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let scheme = scheme.eq_ignore_ascii_case("cve")
        || scheme.len() > 1
            && !scheme.starts_with(|c: char| c.is_ascii_digit())
            && scheme.bytes().all(is_upper);
    scheme && !number.is_empty() && !number.contains(char::is_whitespace)
}

/// What an assessment says, or why it says nothing that can be used.
fn said(class: &str, fields: &mut Fields<'_>) -> Result<Said, (Code, String)> {
    let missing = |what: &str| (Code::RecordMissingField, what.to_owned());
    if fields.withdrawn {
        return Ok(Said::Nothing);
    }
    match class {
        "CvssV2" | "CvssV3" | "CvssV4" => {
            let vector = fields.vector.take().ok_or_else(|| missing("a `vectorString`"))?;
            Ok(Said::Score { vector: with_version(vector, class), stated: fields.score })
        }
        "Epss" => {
            let probability = fields.probability;
            let probability = probability.ok_or_else(|| missing("a `probability` of 0 to 1"))?;
            Ok(Said::Prediction { probability, percentile: fields.percentile })
        }
        // Not to stand in one catalogue says nothing of the others.
        "ExploitCatalog" => match fields.exploited {
            Some(true) => Ok(Said::Exploited),
            Some(false) => Ok(Said::Nothing),
            None => Err(missing("`exploited`, true or false")),
        },
        "Ssvc" => Ok(Said::Nothing),
        _ => stated(class, fields).map(|stated| Said::Status(Box::new(stated))),
    }
}

/// What a VEX statement says. One whose class and relationship differ must clear nothing.
fn stated(class: &str, fields: &mut Fields<'_>) -> Result<Stated, (Code, String)> {
    let by_class = match class {
        "VexAffected" => Some(Status::Affected),
        "VexNotAffected" => Some(Status::NotAffected),
        "VexFixed" => Some(Status::Fixed),
        "VexUnderInvestigation" => Some(Status::UnderInvestigation),
        "" => None,
        _ => {
            let expected = "a class of assessments of the profile Security".to_owned();
            return Err((Code::RecordUnknownValue, expected));
        }
    };
    let by_relation = fields.relation.as_deref().and_then(|relation| status_of(last(relation)));
    let status = match (by_class, by_relation) {
        (Some(one), Some(other)) if one != other => {
            let expected = "a relationship type that says what its class says".to_owned();
            return Err((Code::RecordUnknownValue, expected));
        }
        (one, other) => one.or(other),
    };
    let missing = |what: &str| (Code::RecordMissingField, what.to_owned());
    let status = status.ok_or_else(|| missing("a status"))?;
    if fields.to.is_empty() && fields.part.is_none() {
        return Err(missing("an element in `to`"));
    }
    let action = fields.action.take();
    let detail = fields.impact.take().or_else(|| action.clone()).or_else(|| fields.notes.take());
    let timestamp = fields.modified.take().or(fields.published.take()).or(fields.stated.take());
    Ok(Stated { status, justification: fields.justification, detail, action, timestamp })
}

/// The status that a relationship states (Core, `RelationshipType`).
fn status_of(relation: &str) -> Option<Status> {
    match relation {
        "affects" => Some(Status::Affected),
        "doesNotAffect" => Some(Status::NotAffected),
        "fixedIn" => Some(Status::Fixed),
        "underInvestigationFor" => Some(Status::UnderInvestigation),
        _ => None,
    }
}

/// The labels of Security, `VexJustificationType`, as OpenVEX and CSAF write them.
fn justification(taker: &mut Taker, value: Value<'_>, path: &Path<'_>) -> Option<&'static str> {
    let text = taker.trimmed(value, path)?;
    let label = match last(&text) {
        "componentNotPresent" => "component_not_present",
        "vulnerableCodeNotPresent" => "vulnerable_code_not_present",
        "vulnerableCodeCannotBeControlledByAdversary" => {
            "vulnerable_code_cannot_be_controlled_by_adversary"
        }
        "vulnerableCodeNotInExecutePath" => "vulnerable_code_not_in_execute_path",
        "inlineMitigationsAlreadyExist" => "inline_mitigations_already_exist",
        _ => {
            let odd = (Code::RecordUnknownValue, Loss::Field);
            taker.tell(odd, value, path, "a justification of Security, VexJustificationType");
            return None;
        }
    };
    Some(label)
}

/// A vector with its version in front, which the class tells where the vector does not.
fn with_version(vector: Text, class: &str) -> Text {
    match class {
        _ if vector.starts_with("CVSS:") => vector,
        "CvssV3" => format!("CVSS:3.1/{vector}").into(),
        "CvssV4" => format!("CVSS:4.0/{vector}").into(),
        _ => vector,
    }
}

/// A value of a list; only told where it is none, for nothing holds it.
fn one_of(taker: &mut Taker, value: Value<'_>, path: &Path<'_>, words: &[&str]) {
    if let Some(text) = taker.trimmed(value, path)
        && !words.contains(&last(&text))
    {
        let odd = (Code::RecordUnknownValue, Loss::Field);
        taker.tell(odd, value, path, format!("one of `{}`", words.join("`, `")));
    }
}

/// An `xsd:decimal`: JSON-LD writes it as a number or as a string.
fn decimal(taker: &mut Taker, value: Value<'_>, path: &Path<'_>) -> Option<f64> {
    if value.kind() != Kind::String {
        return taker.number(value, path);
    }
    let text = taker.trimmed(value, path)?;
    let number = text.parse().ok().filter(|number: &f64| number.is_finite());
    if number.is_none() {
        taker.tell((Code::RecordWrongType, Loss::Field), value, path, "a number");
    }
    number
}

/// A number of 0 to 1.
fn share(taker: &mut Taker, value: Value<'_>, path: &Path<'_>) -> Option<f64> {
    let number = decimal(taker, value, path)?;
    if !(0.0..=1.0).contains(&number) {
        let odd = (Code::RecordUnknownValue, Loss::Field);
        taker.tell(odd, value, path, "a number of 0 to 1");
        return None;
    }
    Some(number)
}

/// An `xsd:boolean`, which some write as a string.
fn flag(taker: &mut Taker, value: Value<'_>, path: &Path<'_>) -> Option<bool> {
    match value.as_str().as_deref() {
        Some("true") => Some(true),
        Some("false") => Some(false),
        _ => taker.boolean(value, path),
    }
}
