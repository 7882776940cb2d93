//! The gate: questions with their right answers (`labels`), asked of the matcher. No change may
//! lower what it gets right below what is recorded in `labels/figures.csv`; the table shows what is
//! promised beside it.
//!
//! Each question is about one product or component and one vulnerability, as one document tells it.
//! Refuses to pass without the real data that the questions are about.

#![expect(clippy::panic, reason = "a test stops at what is missing, and says which")]

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use collectors::folder::{self, Unwatched};
use decisions::exposure::{self, Finding, Subject, Verdict};
use decisions::hospital::{Hospital, ReleaseIndex};
use domain::advisory::VulnerabilityId;
use domain::component::{Component, Sbom, SbomFormat};
use domain::cpe::Cpe;
use domain::device::{Device, DeviceId};
use domain::fact::{Document, Fact, Reading};
use domain::location::DocumentId;
use domain::purl::Purl;
use domain::release::ReleaseKey;

/// Kinds of questions, each with the promise for it: precision and recall of *affected*.
const KINDS: [(&str, f64, f64); 3] =
    [("csaf", 0.90, 0.90), ("cpe", 0.98, 0.95), ("purl", 0.98, 0.95)];

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn rows(file: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(file).unwrap_or_else(|error| panic!("{error}"));
    reader.deserialize().map(|row| row.unwrap_or_else(|error| panic!("{error}"))).collect()
}

/// What is asked about.
#[derive(Debug, Clone)]
enum About {
    /// A device of this manufacturer, model and version.
    Product(ReleaseKey),
    /// A component of a release that has nothing else but what stands beside it.
    Component(Box<Component>, Vec<Component>),
}

/// A question and its right answer.
#[derive(Debug, Clone)]
struct Label {
    id: String,
    vulnerability: VulnerabilityId,
    about: About,
    expected: Verdict,
    why: String,
}

impl Label {
    fn read(row: &BTreeMap<String, String>) -> (String, Self) {
        let said = |column: &str| row.get(column).map(String::as_str).unwrap_or_default();
        let id = said("id").to_owned();
        let cpe = |text: &str| Cpe::parse(text).unwrap_or_else(|error| panic!("{id}: {error}"));
        let about = match (row.get("model"), row.get("cpe"), row.get("purl")) {
            (Some(model), ..) => {
                let (maker, version) = (said("manufacturer"), said("version"));
                let key = ReleaseKey::new(maker, model, version)
                    .or_else(|| ReleaseKey::of_unknown_maker(model, version));
                About::Product(key.unwrap_or_else(|| panic!("{id}: no product")))
            }
            (_, Some(own), _) => {
                let component = |cpe: Cpe| Component {
                    name: cpe.product_value().unwrap_or("unnamed").into(),
                    version: cpe.version.value().map(Into::into),
                    cpes: vec![cpe],
                    ..Component::default()
                };
                let beside = said("beside").split_whitespace().map(|one| component(cpe(one)));
                About::Component(Box::new(component(cpe(own))), beside.collect())
            }
            (.., Some(purl)) => {
                let purl = Purl::parse(purl).unwrap_or_else(|error| panic!("{id}: {error}"));
                let component = Component {
                    name: purl.name.clone(),
                    version: purl.version.clone(),
                    purl: Some(purl),
                    ..Component::default()
                };
                About::Component(Box::new(component), Vec::new())
            }
            _ => panic!("{id}: about nothing"),
        };
        let expected = match said("expected") {
            "affected" => Verdict::Affected,
            "not_affected" => Verdict::NotAffected,
            "undecided" => Verdict::Undecided,
            other => panic!("{id}: `{other}` is no answer"),
        };
        let vulnerability = VulnerabilityId::new(said("vulnerability"));
        let why = said("why").to_owned();
        (said("document").to_owned(), Self { id, vulnerability, about, expected, why })
    }

    /// The release that the question is about.
    fn key(&self) -> ReleaseKey {
        match &self.about {
            About::Product(key) => key.clone(),
            About::Component(..) => {
                ReleaseKey::new("Gate", &format!("Bearer of {}", self.id), "1").expect("a key")
            }
        }
    }

    /// The facts of a hospital that has it.
    fn facts(&self) -> Vec<Fact> {
        fn said(text: &str) -> Option<&str> {
            Some(text).filter(|text| !text.is_empty())
        }
        let key = self.key();
        let device = Device {
            id: Some(DeviceId(self.id.as_str().into())),
            manufacturer: said(&key.manufacturer).map(Into::into),
            model: said(&key.model).map(Into::into),
            version: said(&key.version).map(Into::into),
            ..Device::default()
        };
        let mut facts = vec![Fact::Device(Box::new(device))];
        if let About::Component(component, beside) = &self.about {
            facts.push(Fact::Sbom(Box::new(Sbom {
                subject: Some(Component {
                    name: key.model.clone(),
                    manufacturer: Some(key.manufacturer.clone()),
                    version: Some(key.version.clone()),
                    ..Component::default()
                }),
                components: std::iter::once(&**component).chain(beside).cloned().collect(),
                ..Sbom::new(SbomFormat::CycloneDx, "1.6".into())
            })));
        }
        facts
    }

    /// What the matcher answers: the gravest of what it finds; nothing found is *not affected*.
    fn answer(&self, hospital: &Hospital<'_>, findings: &[Finding]) -> Verdict {
        let key = self.key();
        let release = hospital.releases.iter().position(|release| release.key == key);
        let release = ReleaseIndex(u32::try_from(release.expect("its release")).expect("few"));
        let Some(vulnerability) = hospital.vulnerability(&self.vulnerability) else {
            return Verdict::NotAffected;
        };
        let about = |subject: Subject| match self.about {
            About::Product(_) => true,
            About::Component(..) => subject == Subject::Component(0, 0),
        };
        let of = findings.iter().filter(|finding| {
            finding.release == release
                && finding.vulnerability == vulnerability
                && about(finding.subject)
        });
        match of.map(|finding| finding.verdict).min() {
            Some(verdict @ (Verdict::Affected | Verdict::Undecided)) => verdict,
            _ => Verdict::NotAffected,
        }
    }
}

/// The records of a document that the questions are about.
fn records(document: &str, wanted: &HashSet<&VulnerabilityId>) -> Vec<Document> {
    let path = project().join("../shared/data").join(document);
    let mut documents = folder::read(&path, &Unwatched).unwrap_or_else(|e| panic!("{e}")).documents;
    for document in &mut documents {
        document.reading.facts.retain(|fact| match fact {
            Fact::Advisory(advisory) => advisory.vulnerabilities.iter().any(|told| {
                wanted.contains(&told.id) || told.aliases.iter().any(|id| wanted.contains(id))
            }),
            _ => true,
        });
    }
    documents
}

/// The answers to the questions about one document.
fn answers(document: &str, labels: &[Label]) -> Vec<Verdict> {
    let wanted: HashSet<&VulnerabilityId> =
        labels.iter().map(|label| &label.vulnerability).collect();
    let mut documents = records(document, &wanted);
    let made = labels.iter().flat_map(|label| {
        label.facts().into_iter().map(|fact| Document {
            id: DocumentId(0),
            name: label.id.clone(),
            format: "made".to_owned(),
            bytes: 0,
            reading: Reading { facts: vec![fact], ..Reading::default() },
        })
    });
    documents.extend(made);
    for (number, document) in (0_u32..).zip(&mut documents) {
        document.id = DocumentId(number);
    }
    let hospital = Hospital::assemble(&documents);
    let findings = exposure::judge(&hospital);
    labels.iter().map(|label| label.answer(&hospital, &findings)).collect()
}

/// How often which answer was given where which was right.
#[derive(Debug, Default)]
struct Count(BTreeMap<(Verdict, Verdict), u32>);

impl Count {
    fn sum(&self, of: impl Fn(Verdict, Verdict) -> bool) -> f64 {
        let met = self.0.iter().filter(|((right, given), _)| of(*right, *given));
        f64::from(met.map(|(_, n)| *n).sum::<u32>())
    }

    fn met(&self) -> f64 {
        self.sum(|right, given| right == Verdict::Affected && given == right)
    }

    fn precision(&self) -> f64 {
        self.met() / self.sum(|_, given| given == Verdict::Affected)
    }

    fn recall(&self) -> f64 {
        self.met() / self.sum(|right, _| right == Verdict::Affected)
    }

    fn undecided(&self) -> f64 {
        self.sum(|_, given| given == Verdict::Undecided) / self.sum(|_, _| true)
    }

    /// Of those that are affected, the share that is told not to be: the worst of all mistakes.
    fn silent(&self) -> f64 {
        self.sum(|right, given| right == Verdict::Affected && given == Verdict::NotAffected)
            / self.sum(|right, _| right == Verdict::Affected)
    }
}

/// What is recorded of a kind: precision and recall in thousandths.
fn recorded() -> BTreeMap<String, (f64, f64)> {
    let rows = rows(&project().join("labels/figures.csv"));
    let figure = |row: &BTreeMap<String, String>, column: &str| -> f64 {
        row[column].parse().unwrap_or_else(|error| panic!("{column}: {error}"))
    };
    rows.iter()
        .map(|row| (row["kind"].clone(), (figure(row, "precision"), figure(row, "recall"))))
        .collect()
}

#[test]
fn the_matcher_answers_labelled_questions_as_well_as_it_did() {
    let recorded = recorded();
    let mut wrong: Vec<String> = Vec::new();
    println!(
        "\n| kind | questions | precision (promised) | recall (promised) | undecided | \
         affected, told not |"
    );
    println!("|---|---|---|---|---|---|");
    let mut missed = Vec::new();
    for (kind, precision, recall) in KINDS {
        let mut by_document: BTreeMap<String, Vec<Label>> = BTreeMap::new();
        for row in rows(&project().join(format!("labels/{kind}.csv"))) {
            let (document, label) = Label::read(&row);
            by_document.entry(document).or_default().push(label);
        }
        let mut count = Count::default();
        for (document, labels) in &by_document {
            for (label, given) in labels.iter().zip(answers(document, labels)) {
                *count.0.entry((label.expected, given)).or_default() += 1;
                if given != label.expected {
                    let (right, given) = (label.expected.text(), given.text());
                    missed.push(format!("{}: {right}, not {given}: {}", label.id, label.why));
                }
            }
        }
        println!(
            "| {kind} | {} | {:.3} ({precision}) | {:.3} ({recall}) | {:.3} | {:.3} |",
            count.sum(|_, _| true),
            count.precision(),
            count.recall(),
            count.undecided(),
            count.silent()
        );
        let (least_precision, least_recall) = recorded[kind];
        if count.precision() < least_precision || count.recall() < least_recall {
            wrong.push(format!("{kind}: at least {least_precision} and {least_recall}"));
        }
    }
    println!("\n{}", missed.join("\n"));
    assert!(wrong.is_empty(), "below what is recorded: {wrong:?}");
}

#[test]
fn no_question_is_asked_twice_and_there_are_enough_of_each_kind() {
    for (kind, ..) in KINDS {
        let mut asked: BTreeSet<String> = BTreeSet::new();
        let rows = rows(&project().join(format!("labels/{kind}.csv")));
        assert!(rows.len() >= 300, "{kind} has {} questions", rows.len());
        for mut row in rows {
            let id = row.remove("id").expect("an id");
            row.remove("why");
            row.remove("expected");
            assert!(asked.insert(format!("{row:?}")), "{kind}: {id} is asked twice");
            assert!(asked.insert(id.clone()), "{kind}: two have the id {id}");
        }
    }
}
