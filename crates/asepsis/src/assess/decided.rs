//! Decisions of the hospital, each with what it bears on in an assessment.

use std::collections::{BTreeMap, HashMap, HashSet};

use decisions::hospital::Hospital;
use domain::decision::{Ruling, Scope, is_own};
use domain::location::DocumentId;
use domain::vex::Statement;
use presentation::assessment::Finding;
use presentation::decide::{self, About};
use store::decisions::{Bears, Decision};

/// How the rules begin by which a decision bears on a finding, and those that say that it does not.
const RULES: &str = "decision.";
const IDLE: [&str; 3] = ["decision.other-version", "decision.superseded", "decision.ran-out"];
const CONFLICT: &str = "statement.conflict";

/// The decisions that lie where decisions do, by name, with what they bear on of what is known of
/// releases, each with how many devices run it.
pub(super) fn decisions<'f>(
    hospital: &Hospital<'_>,
    releases: impl IntoIterator<Item = (i64, &'f [Finding])>,
) -> Vec<Decision> {
    let mut documents: BTreeMap<DocumentId, Vec<&Statement>> = BTreeMap::new();
    for (document, statement) in &hospital.statements {
        if statement.ruling.is_some() && is_own(hospital.name_of(*document)) {
            documents.entry(*document).or_default().push(statement);
        }
    }
    let bears = bears(releases);
    let listed = documents.into_iter().filter_map(|(document, statements)| {
        let name = hospital.name_of(document);
        let bears = bears.get(name).copied().unwrap_or_default();
        decision(name, &statements).map(|one| Decision { bears: Some(bears), ..one })
    });
    listed.collect()
}

/// A decision as its document has it. One by hand may hold several; the first names it.
fn decision(name: &str, statements: &[&Statement]) -> Option<Decision> {
    let first = statements.first()?;
    let ruling = first.ruling?;
    let about = |statement: &&Statement| {
        let vulnerability = statement.vulnerability.to_string();
        let products = statement.products.iter().map(Scope::from);
        let about =
            products.map(move |scope| About { vulnerability: vulnerability.clone(), scope });
        about.collect::<Vec<_>>()
    };
    let mut about: Vec<About> = statements.iter().flat_map(about).collect();
    about.sort();
    let said = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let seconds = first.timestamp.as_deref().and_then(domain::date::moment);
    let file = name.rsplit('/').next().unwrap_or(name);
    let (until, justification) = match ruling {
        Ruling::AcceptedUntil(until) => (until.to_string(), ""),
        Ruling::NotAffected(one) => (String::new(), one.map_or("", |one| one.text())),
        Ruling::FalsePositive => (String::new(), ""),
    };
    Some(Decision {
        name: name.to_owned(),
        id: file.strip_suffix(".json").unwrap_or(file).to_owned(),
        kind: ruling.kind().to_owned(),
        until,
        justification: justification.to_owned(),
        reason: said(first.detail.as_deref()),
        author: said(first.author.as_deref()),
        at_ms: seconds.unwrap_or_default().saturating_mul(1_000),
        about: decide::told(&about),
        bears: None,
    })
}

/// What each document of decisions bears on, by its name.
fn bears<'f>(releases: impl IntoIterator<Item = (i64, &'f [Finding])>) -> HashMap<&'f str, Bears> {
    let mut found: HashMap<&str, Bears> = HashMap::new();
    for (units, findings) in releases {
        let mut of_release: HashSet<&str> = HashSet::new();
        for finding in findings {
            let is_disputed = finding.reasons.iter().any(|reason| reason.rule == CONFLICT);
            let mut of_finding: HashSet<&str> = HashSet::new();
            for reason in &finding.reasons {
                let counts = reason.rule.starts_with(RULES) && !IDLE.contains(&&*reason.rule);
                let documents = reason.evidence.iter().map(|one| &*one.source.document);
                of_finding.extend(documents.filter(|_| counts));
            }
            for name in of_finding {
                let bears = found.entry(name).or_default();
                bears.findings += 1;
                bears.contradicted += i64::from(is_disputed);
                of_release.insert(name);
            }
        }
        for name in of_release {
            let bears = found.entry(name).or_default();
            bears.releases += 1;
            bears.devices += units;
        }
    }
    found
}
