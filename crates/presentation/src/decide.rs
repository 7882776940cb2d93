//! Decisions of the hospital about findings: from what somebody chose and typed to the document
//! that keeps it (OpenVEX 0.2.0), which the readers read back.
//!
//! Refuses to decide by itself, and to keep what has no reason, no author or no bound.

use std::collections::BTreeMap;

use domain::date::{self, Date};
use domain::decision::{self, Justification, Part, Ruling, Scope, Unfit};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use store::StoreError;
use store::database::Transaction;
use store::decisions::Decision;
use store::documents;
use store::releases::{self, Finding, Release};
use utoipa::ToSchema;

use crate::assessment::Component;

/// What is decided about: one vulnerability, so far.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct About {
    /// Which vulnerability.
    pub vulnerability: String,
    /// How far.
    pub scope: Scope,
}

/// What it is about, as it is shown and told to programs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = DecidedAbout)]
pub struct Told {
    /// Which vulnerability.
    pub vulnerability: String,
    /// How far it reaches, in words.
    pub scope: String,
    /// Who makes the product; null where it is about every product.
    pub manufacturer: Option<String>,
    /// The product's model.
    pub model: Option<String>,
    /// Its version; null where it is about all of them.
    pub version: Option<String>,
    /// The component, by package URL or name; null where it is about the product as a whole.
    pub component: Option<String>,
}

impl From<&About> for Told {
    fn from(about: &About) -> Self {
        let scope = &about.scope;
        Self {
            vulnerability: about.vulnerability.clone(),
            scope: scope.to_string(),
            manufacturer: scope.product.as_ref().map(|one| one.manufacturer.to_string()),
            model: scope.product.as_ref().map(|one| one.model.to_string()),
            version: scope.version.as_ref().map(ToString::to_string),
            component: scope.component.as_ref().map(|part| match part {
                Part::Package(purl) => purl.to_string(),
                Part::Named(name, version) => format!("{name} {version}").trim().to_owned(),
            }),
        }
    }
}

/// What it is about, as the store keeps it.
#[must_use]
pub fn told(about: &[About]) -> String {
    json!(about.iter().map(Told::from).collect::<Vec<Told>>()).to_string()
}

/// What somebody typed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Typed<'t> {
    /// One of [`Ruling::KINDS`].
    pub kind: &'t str,
    /// One of [`Justification::ALL`], or nothing.
    pub justification: &'t str,
    /// `YYYY-MM-DD`, or nothing.
    pub until: &'t str,
}

/// What somebody decides; the sentence that says what is wrong with it, where something is.
pub fn ruling(typed: Typed<'_>) -> Result<Ruling, String> {
    match typed.kind {
        "not-affected" if typed.justification.is_empty() => Ok(Ruling::NotAffected(None)),
        "not-affected" => match Justification::read(typed.justification) {
            Some(one) => Ok(Ruling::NotAffected(Some(one))),
            None => {
                let known = Justification::ALL.map(Justification::text).join(", ");
                Err(format!("Choose why it is not affected: {known}."))
            }
        },
        "false-positive" => Ok(Ruling::FalsePositive),
        "accepted" => match date::read(typed.until).filter(|_| typed.until.len() == 10) {
            Some(until) => Ok(Ruling::AcceptedUntil(until)),
            None => Err("Say until which day the risk is accepted: YYYY-MM-DD.".to_owned()),
        },
        _ => Err(format!("Choose what is decided: {}.", Ruling::KINDS.join(", "))),
    }
}

/// A decision on its way.
#[derive(Debug, Clone)]
pub struct New<'n> {
    /// What is decided.
    pub ruling: Ruling,
    /// Why.
    pub reason: &'n str,
    /// By whom.
    pub author: &'n str,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// About what.
    pub about: Vec<About>,
}

/// A decision, and the document that keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// As the store lists it; what it bears on is not known yet.
    pub decision: Decision,
    /// The document.
    pub document: Vec<u8>,
}

/// Makes a decision, on a day. It is called by the beginning of the hash of what it says.
pub fn make(new: &New<'_>, today: Date) -> Result<Made, Unfit> {
    let mut about = new.about.clone();
    about.sort();
    about.dedup();
    let said = (new.reason, new.author);
    let (reason, author) = decision::check(new.ruling, said, about.len(), today)?;
    let at = Timestamp::from_millisecond(new.at_ms).unwrap_or_default();
    let mut document = json!({
        "@context": "https://openvex.dev/ns/v0.2.0",
        "author": author,
        "role": "Hospital",
        "timestamp": at.to_string(),
        "version": 1,
        "tooling": "Asepsis",
        "statements": statements(new.ruling, reason, &about),
    });
    let mut id = documents::hash_of(document.to_string().as_bytes());
    id.truncate(16);
    let iri = format!("asepsis:decision/{id}");
    if let Some(members) = document.as_object_mut() {
        members.insert("@id".to_owned(), json!(iri));
    }
    let text =
        serde_json::to_string_pretty(&document).expect("invariant: a value is written to memory");
    let (until, justification) = match new.ruling {
        Ruling::AcceptedUntil(until) => (until.to_string(), ""),
        Ruling::NotAffected(Some(one)) => (String::new(), one.text()),
        Ruling::NotAffected(None) | Ruling::FalsePositive => (String::new(), ""),
    };
    let decision = Decision {
        name: format!("{}/{id}.json", decision::FOLDER),
        id,
        kind: new.ruling.kind().to_owned(),
        until,
        justification: justification.to_owned(),
        reason: reason.to_owned(),
        author: author.to_owned(),
        at_ms: new.at_ms,
        about: told(&about),
        bears: None,
    };
    Ok(Made { decision, document: (text + "\n").into_bytes() })
}

/// A statement for each vulnerability, with every product that it is about.
fn statements(ruling: Ruling, reason: &str, about: &[About]) -> Vec<Value> {
    let mut products: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for one in about {
        products.entry(&one.vulnerability).or_default().push(product(&one.scope));
    }
    let (status, says) = match ruling {
        Ruling::AcceptedUntil(_) => ("affected", "action_statement"),
        Ruling::NotAffected(_) | Ruling::FalsePositive => ("not_affected", "impact_statement"),
    };
    let statement = |(vulnerability, products): (&str, Vec<Value>)| {
        let mut statement = Map::from_iter([
            ("vulnerability".to_owned(), json!({ "name": vulnerability })),
            ("products".to_owned(), json!(products)),
            ("status".to_owned(), json!(status)),
            ("status_notes".to_owned(), json!(ruling.note())),
            (says.to_owned(), json!(reason)),
        ]);
        if let Ruling::NotAffected(Some(justification)) = ruling {
            statement.insert("justification".to_owned(), json!(justification.text()));
        }
        Value::Object(statement)
    };
    products.into_iter().map(statement).collect()
}

fn product(scope: &Scope) -> Value {
    match (scope.product_id(), scope.component_id()) {
        (Some(product), None) => json!({ "@id": product }),
        (Some(product), Some(part)) => {
            json!({ "@id": product, "subcomponents": [{ "@id": part }] })
        }
        (None, part) => json!({ "@id": part }),
    }
}

/// How far a decision about a finding reaches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// The release that it was found in, at its version.
    #[default]
    Release,
    /// The product, at all of its versions, also those to come.
    Product,
    /// The component, in whatever product it is.
    Anywhere,
}

impl Reach {
    /// Each, as forms write it.
    pub const ALL: [(&'static str, Self); 3] =
        [("release", Self::Release), ("product", Self::Product), ("anywhere", Self::Anywhere)];

    /// The one of that name.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(name, _)| *name == text).map(|(_, reach)| reach)
    }

    /// As forms write it.
    #[must_use]
    pub fn text(self) -> &'static str {
        Self::ALL.into_iter().find(|(_, own)| *own == self).map_or("", |(name, _)| name)
    }
}

/// A finding that somebody chose: of which release, about what, in what.
#[derive(Debug, Clone, PartialEq)]
pub struct Chosen {
    /// The release.
    pub release: Release,
    /// The finding.
    pub finding: Finding,
    /// What a decision about it is about.
    pub about: About,
}

/// The findings of a release about a vulnerability, in one subject or, where none is named, in all,
/// each with what a decision of such a reach is about. A sentence where one can't reach so far.
pub fn chosen(
    transaction: &mut Transaction<'_>,
    (release, vulnerability, subject): (&str, &str, Option<&str>),
    reach: Reach,
) -> Result<Result<Vec<Chosen>, String>, StoreError> {
    let Some(release) = releases::one(transaction, release)? else { return Ok(Ok(Vec::new())) };
    let mut found = Vec::new();
    for finding in releases::findings_about(transaction, &release.id, vulnerability)? {
        if subject.is_some_and(|subject| subject != finding.subject) {
            continue;
        }
        let component = releases::component_called(transaction, &release.id, &finding.subject)?;
        let part = component.map(|component| {
            let rest: Component = serde_json::from_str(&component.rest).unwrap_or_default();
            (rest.purl, component.name, component.version)
        });
        let Some(scope) = scope(&release, part, reach) else {
            return Ok(Err(format!(
                "{} in {} has no package URL by which it could be found in another product: \
                 decide about the release or the product.",
                finding.subject, release.model
            )));
        };
        let about = About { vulnerability: vulnerability.to_owned(), scope };
        found.push(Chosen { release: release.clone(), finding, about });
    }
    Ok(Ok(found))
}

/// What a decision about a part of a release, or about all of it, is about.
fn scope(
    release: &Release,
    part: Option<(Option<String>, String, String)>,
    reach: Reach,
) -> Option<Scope> {
    let product = decision::Model {
        manufacturer: release.manufacturer.as_str().into(),
        model: release.model.as_str().into(),
    };
    match reach {
        Reach::Anywhere => {
            let (purl, ..) = part?;
            Some(Scope { component: Some(Part::Package(purl?.into())), ..Scope::default() })
        }
        Reach::Release => Some(Scope {
            product: Some(product),
            version: Some(release.version.as_str().into()),
            component: part.map(|(purl, name, version)| match purl {
                Some(purl) => Part::Package(purl.into()),
                None => Part::Named(name.into(), version.into()),
            }),
        }),
        // Other versions of the product hold other versions of the component.
        Reach::Product => Some(Scope {
            product: Some(product),
            version: None,
            component: part.map(|(purl, name, _)| match purl.and_then(|purl| versionless(&purl)) {
                Some(purl) => Part::Package(purl.into()),
                None => Part::Named(name.into(), domain::text::Text::default()),
            }),
        }),
    }
}

fn versionless(purl: &str) -> Option<String> {
    let purl = domain::purl::Purl::parse(purl).ok()?;
    Some(domain::purl::Purl { version: None, ..purl }.to_string())
}

#[cfg(test)]
mod tests {
    use domain::decision::{Model, REASON_CHARS};

    use super::*;

    fn about(version: &str) -> About {
        let product = Model { manufacturer: "BD".into(), model: "Alaris <b>".into() };
        let scope =
            Scope { product: Some(product), version: Some(version.into()), component: None };
        About { vulnerability: "CVE-2020-1".to_owned(), scope }
    }

    fn new(ruling: Ruling, reason: &str) -> New<'_> {
        New { ruling, reason, author: "anna", at_ms: 1_796_040_000_000, about: vec![about("1")] }
    }

    fn today() -> Date {
        date::read("2026-11-30").expect("a date")
    }

    #[test]
    fn a_decision_is_a_document_that_keeps_to_openvex() {
        let made = make(&new(Ruling::FalsePositive, " <b>no</b> "), today()).expect("made");
        let document: Value = serde_json::from_slice(&made.document).expect("JSON");
        let id = &made.decision.id;
        assert_eq!(document["@id"], format!("asepsis:decision/{id}"));
        assert_eq!(made.decision.name, format!("decisions/{id}.json"));
        assert_eq!(document["timestamp"], "2026-11-30T12:00:00Z");
        let statement = &document["statements"][0];
        assert_eq!(statement["status"], "not_affected");
        assert_eq!(statement["impact_statement"], "<b>no</b>");
        assert_eq!(statement["status_notes"], "asepsis: false-positive");
        assert_eq!(statement["products"][0]["@id"], "asepsis:release/BD/Alaris%20%3Cb%3E/1");
        // The same, said again at the same moment, is the same.
        let again = make(&new(Ruling::FalsePositive, "<b>no</b>"), today()).expect("made");
        assert_eq!(again, made);
        let other = make(&new(Ruling::FalsePositive, "otherwise"), today()).expect("made");
        assert_ne!(other.decision.id, made.decision.id);
    }

    #[test]
    fn findings_that_are_chosen_twice_are_decided_once_and_too_long_a_reason_is_refused() {
        let twice = New {
            about: vec![about("1"), about("2"), about("1")],
            ..new(Ruling::FalsePositive, "x")
        };
        let made = make(&twice, today()).expect("made");
        let told: Vec<Told> = serde_json::from_str(&made.decision.about).expect("JSON");
        assert_eq!(told.len(), 2);
        let long = "x".repeat(10_000);
        let refused = make(&new(Ruling::FalsePositive, &long), today());
        assert_eq!(refused, Err(Unfit::LongReason(10_000)));
        assert!(Unfit::LongReason(10_000).to_string().contains(&REASON_CHARS.to_string()));
    }

    #[test]
    fn what_was_typed_is_a_ruling_or_a_sentence() {
        let typed = |kind, justification, until| ruling(Typed { kind, justification, until });
        assert_eq!(typed("false-positive", "", ""), Ok(Ruling::FalsePositive));
        assert_eq!(typed("not-affected", "", ""), Ok(Ruling::NotAffected(None)));
        assert!(typed("not-affected", "because", "").is_err());
        assert!(typed("accepted", "", "2027-3-1").is_err());
        assert!(typed("accepted", "", "soon").is_err());
        assert!(typed("", "", "").is_err());
        assert!(typed("accepted", "", "2027-03-01").is_ok());
    }
}
