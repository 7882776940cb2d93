//! Joins what is said of vulnerabilities with the packages of the document, as CycloneDX's
//! `vulnerabilities` are joined with its components: what is associated is affected as it stands in
//! the document, and VEX makes statements about it.
//!
//! Refuses to clear what a statement does not name: where it is about a part of a product that is
//! not the document's subject, it holds for that part in that product only.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::advisory::{
    Affected, ExploitPrediction, ExploitPredictions, Exploitation, Product, Remediation, Score,
    SsvcInputs, Status, Target, Versions, Vulnerability, VulnerabilityId,
};
use domain::component::{Component, Sbom};
use domain::fact::Fact;
use domain::location::Location;
use domain::problem::{Code, Loss, Problem, Problems};
use domain::purl::Purl;
use domain::text::Text;
use domain::vex::Statement;

use super::{Assessment, Link, Said, Security, Stated, is_identifier, last};
use crate::sbom::cyclonedx::vulnerability::{of_component, size};

/// How many times the document's length copies of names may take, and what is free, in bytes: a
/// short reference can stand for a long name, very often.
const COPIES: usize = 4;
const COPIES_FREE_BYTES: usize = 1 << 20;

/// How many records were seen and made.
#[derive(Debug, Default, Clone, Copy)]
pub(in crate::sbom::spdx) struct Count {
    pub(in crate::sbom::spdx) seen: usize,
    pub(in crate::sbom::spdx) made: usize,
}

impl Security<'_> {
    /// Gives an SBOM its vulnerabilities and statements; `others` are ids of what is there and is
    /// no component. Returns the facts that an SBOM does not hold.
    pub(in crate::sbom::spdx) fn join(
        self,
        sbom: &mut Sbom,
        others: &[Cow<'_, str>],
        problems: &mut Problems,
    ) -> (Count, Vec<Fact>) {
        let mut count = Count { seen: self.seen, made: 0 };
        if !self.is_there() {
            return (count, Vec::new());
        }
        let default =
            (sbom.authors.first().map(|author| author.name.clone()), sbom.created.clone());
        let mut joiner = Joiner {
            subject: sbom.subject.as_ref(),
            elements: elements(sbom),
            others: others.iter().map(Cow::as_ref).collect(),
            products: HashMap::new(),
            vulnerabilities: Vec::with_capacity(self.known.len()),
            by_id: HashMap::with_capacity(self.known.len()),
            statements: Vec::new(),
            facts: Vec::new(),
            room: self.length.saturating_mul(COPIES).saturating_add(COPIES_FREE_BYTES),
            problems,
        };
        for known in self.known {
            joiner.add(known.id.as_deref(), known.vulnerability, known.withdrawn);
            count.made += 1;
        }
        for link in &self.links {
            joiner.associate(link);
        }
        for link in &self.exploitable {
            joiner.exploitable(link);
        }
        for assessment in self.assessments {
            let publisher = assessment.id.as_ref().and_then(|id| self.publishers.get(id));
            let creation = assessment.creation.as_ref().and_then(|id| self.creations.get(id));
            let author = creation.and_then(|creation| creation.author.as_ref());
            let created = creation.and_then(|creation| creation.created.as_ref());
            let around = Around {
                publisher: publisher.map(Text::as_str),
                author: author.or(default.0.as_ref()).map(Text::as_str),
                created: created.or(default.1.as_ref()).map(Text::as_str),
            };
            count.made += usize::from(joiner.assess(assessment, around).is_some());
        }
        let Joiner { vulnerabilities, statements, facts, .. } = joiner;
        sbom.vulnerabilities = vulnerabilities.into_iter().map(|held| held.vulnerability).collect();
        sbom.statements = statements;
        (count, facts)
    }
}

/// Packages by their ids, the first of two equal ones.
fn elements(sbom: &Sbom) -> HashMap<&str, &Component> {
    let all = sbom.components.iter().chain(&sbom.subject);
    let mut elements = HashMap::with_capacity(sbom.components.len() + 1);
    for component in all {
        if let Some(id) = component.reference.as_deref() {
            elements.entry(id).or_insert(component);
        }
    }
    elements
}

/// A vulnerability on its way.
struct Held {
    vulnerability: Vulnerability,
    /// Where elements stand in its list of what is affected.
    affected: HashMap<String, u32>,
    withdrawn: bool,
}

/// What other elements say of an assessment.
#[derive(Debug, Clone, Copy)]
struct Around<'a> {
    publisher: Option<&'a str>,
    author: Option<&'a str>,
    created: Option<&'a str>,
}

struct Joiner<'s> {
    subject: Option<&'s Component>,
    elements: HashMap<&'s str, &'s Component>,
    others: HashSet<&'s str>,
    /// A package as a product, once for all that name it.
    products: HashMap<&'s str, Arc<Product>>,
    vulnerabilities: Vec<Held>,
    by_id: HashMap<String, usize>,
    statements: Vec<Statement>,
    facts: Vec<Fact>,
    /// Bytes that copies may still take.
    room: usize,
    problems: &'s mut Problems,
}

impl Joiner<'_> {
    fn add(&mut self, id: Option<&str>, vulnerability: Vulnerability, withdrawn: bool) {
        if let Some(id) = id {
            if self.by_id.contains_key(id) {
                let at = vulnerability.at.clone();
                let odd = Problem::new(Code::RecordDuplicate, at, Loss::Nothing);
                self.problems.tell(odd.expected("an id of its own").found(id));
            } else {
                self.by_id.insert(id.to_owned(), self.vulnerabilities.len());
            }
        }
        self.vulnerabilities.push(Held { vulnerability, affected: HashMap::new(), withdrawn });
    }

    /// A component has vulnerabilities.
    fn associate(&mut self, link: &Link<'_>) {
        self.known(&link.from, &link.at);
        for to in &link.to {
            let Some(index) = self.vulnerability(to, &link.at, Loss::Nothing) else { continue };
            let product = self.shared(&link.from);
            let (Some(product), Some(held)) = (product, self.vulnerabilities.get_mut(index)) else {
                continue;
            };
            // What was withdrawn says nothing; what was said once need not be said again.
            if held.withdrawn || held.affected.contains_key(link.from.as_ref()) {
                continue;
            }
            let affected = &mut held.vulnerability.affected;
            let place = u32::try_from(affected.len()).unwrap_or(u32::MAX);
            held.affected.insert(link.from.clone().into_owned(), place);
            affected.push(Affected {
                status: Status::Affected,
                justification: None,
                target: Target::Product(product),
                at: link.at.clone(),
            });
        }
    }

    /// Somebody made an exploit for it.
    fn exploitable(&mut self, link: &Link<'_>) {
        if let Some(index) = self.vulnerability(&link.from, &link.at, Loss::Nothing) {
            self.exploited(index, Exploitation::ProofOfConcept);
        }
    }

    fn exploited(&mut self, index: usize, state: Exploitation) {
        if let Some(held) = self.vulnerabilities.get_mut(index) {
            let inputs = held.vulnerability.ssvc.get_or_insert_with(SsvcInputs::default);
            inputs.exploitation = inputs.exploitation.max(Some(state));
        }
    }

    /// Where the vulnerability of an id is. One that is not in the document is still known where
    /// its id ends in its name, as ids that tools make do.
    fn vulnerability(&mut self, id: &str, at: &Location, loss: Loss) -> Option<usize> {
        if let Some(index) = self.by_id.get(id) {
            return Some(*index);
        }
        let name = Some(last(id)).filter(|name| is_identifier(name));
        if name.is_none() || !self.others.contains(id) {
            let loss = if name.is_none() { loss } else { Loss::Nothing };
            self.dangles(id, (at, loss), "the id of a vulnerability of the document");
        }
        let vulnerability = Vulnerability::new(VulnerabilityId::new(name?), at.clone());
        self.add(Some(id), vulnerability, false);
        Some(self.vulnerabilities.len() - 1)
    }

    /// Tells of an id that nothing in the document has. A document without packages refers to them
    /// by their purl.
    fn known(&mut self, id: &str, at: &Location) {
        let here = self.elements.contains_key(id) || self.others.contains(id);
        if !here && Purl::parse(id).is_err() {
            self.dangles(id, (at, Loss::Nothing), "the id of an element of the document");
        }
    }

    fn dangles(&mut self, id: &str, (at, loss): (&Location, Loss), expected: &str) {
        let problem = Problem::new(Code::RecordDanglingReference, at.clone(), loss);
        self.problems.tell(problem.expected(expected).found(id));
    }

    /// One assessment; `None` where it is lost, which is told.
    fn assess(&mut self, assessment: Assessment<'_>, around: Around<'_>) -> Option<()> {
        let index = self.vulnerability(&assessment.from, &assessment.at, Loss::Record)?;
        for id in assessment.to.iter().chain(&assessment.part) {
            self.known(id, &assessment.at);
        }
        let at = assessment.at.clone();
        match assessment.said {
            Said::Nothing => {}
            Said::Exploited => self.exploited(index, Exploitation::Active),
            Said::Score { vector, stated } => {
                let origin = assessment.supplier.or_else(|| self.copied(around.publisher, &at));
                let applies = self.applies(index, &assessment.to, assessment.part.as_deref());
                let held = self.vulnerabilities.get_mut(index)?;
                held.vulnerability.scores.push(Score { vector, stated, origin, applies });
            }
            Said::Prediction { probability, percentile } => {
                let id = self.copy_of_id(index, &at)?.0;
                let prediction = ExploitPrediction { id, probability, percentile, at };
                let alone = ExploitPredictions(vec![prediction]);
                self.facts.push(Fact::Predictions(Box::new(alone)));
            }
            Said::Status(stated) => {
                let Assessment { to, part, supplier, .. } = assessment;
                self.remedy(index, &stated, (&to, part.as_deref()), &at);
                let made = self.state(index, *stated, (to, part), &at)?;
                let author = supplier.or_else(|| self.copied(around.author, &at));
                let timestamp = made.timestamp.is_none().then_some(around.created).flatten();
                let timestamp = self.copied(timestamp, &at).or(made.timestamp);
                self.statements.push(Statement { author, timestamp, ..made });
            }
        }
        Some(())
    }

    /// The id of a vulnerability and its others; `None` where they outgrow the document, which
    /// costs the record.
    fn copy_of_id(
        &mut self,
        index: usize,
        at: &Location,
    ) -> Option<(VulnerabilityId, Vec<VulnerabilityId>)> {
        let vulnerability = &self.vulnerabilities.get(index)?.vulnerability;
        let aliases = vulnerability.aliases.iter().map(|id| id.0.len() + size_of_val(id));
        let length = vulnerability.id.0.len() + aliases.sum::<usize>();
        if !self.affords(length, at, Loss::Record) {
            return None;
        }
        let vulnerability = &self.vulnerabilities.get(index)?.vulnerability;
        Some((vulnerability.id.clone(), vulnerability.aliases.clone()))
    }

    /// A VEX statement, without its author.
    fn state(
        &mut self,
        index: usize,
        stated: Stated,
        (to, part): (Vec<Cow<'_, str>>, Option<Cow<'_, str>>),
        at: &Location,
    ) -> Option<Statement> {
        let (vulnerability, aliases) = self.copy_of_id(index, at)?;
        let Stated { status, justification, detail, timestamp, .. } = stated;
        let (products, references) = match part {
            None => (Vec::new(), to.into_iter().map(|id| (None, id.into())).collect()),
            Some(part) => self.parts(status, (&to, &part), at),
        };
        Some(Statement {
            vulnerability,
            aliases,
            status,
            justification: justification.map(Text::from),
            detail,
            ruling: None,
            author: None,
            timestamp,
            products,
            references,
            at: at.clone(),
        })
    }

    /// What a statement about a part of products names. What accuses is about the part, wherever it
    /// is; what clears is about the part in those products.
    fn parts(
        &mut self,
        status: Status,
        (to, part): (&[Cow<'_, str>], &str),
        at: &Location,
    ) -> (Vec<Product>, Vec<(Option<Text>, Text)>) {
        let subject = self.subject.and_then(|subject| subject.reference.as_deref());
        let accuses = matches!(status, Status::Affected | Status::UnderInvestigation);
        let whole = |id: &Cow<'_, str>| Some(id.as_ref()) == subject || id == part;
        if accuses || to.iter().any(whole) || to.is_empty() {
            return (Vec::new(), vec![(None, part.into())]);
        }
        let mut products = Vec::new();
        for whole in to {
            let (Some(whole), Some(part)) = (self.product(whole), self.product(part)) else {
                continue;
            };
            let length = size(&whole).saturating_add(size(&part));
            if self.affords(length, at, Loss::Field) {
                let component = Some(part);
                products.push(Product { component, ..whole.as_ref().clone() });
            }
        }
        (products, Vec::new())
    }

    /// What the maker tells to do.
    fn remedy(
        &mut self,
        index: usize,
        stated: &Stated,
        (to, part): (&[Cow<'_, str>], Option<&str>),
        at: &Location,
    ) {
        let Some(details) = stated.action.clone() else { return };
        let (kind, at) = ("mitigation".into(), at.clone());
        let applies = self.applies(index, to, part);
        if let Some(held) = self.vulnerabilities.get_mut(index) {
            let remedies = &mut held.vulnerability.remediations;
            remedies.push(Remediation { kind, details, url: None, applies, at });
        }
    }

    /// Which of what is affected some elements are; nothing is "all of it".
    fn applies(&self, index: usize, to: &[Cow<'_, str>], part: Option<&str>) -> Vec<u32> {
        let Some(held) = self.vulnerabilities.get(index) else { return Vec::new() };
        let ids = to.iter().map(Cow::as_ref).chain(part);
        let mut places: Vec<u32> = ids.filter_map(|id| held.affected.get(id).copied()).collect();
        places.sort_unstable();
        places.dedup();
        if places.len() == held.affected.len() { Vec::new() } else { places }
    }

    /// A package of the document, or one that its id names.
    fn product(&mut self, id: &str) -> Option<Arc<Product>> {
        if let Some(product) = self.shared(id) {
            return Some(product);
        }
        let purl = Purl::parse(id).ok()?;
        let product = Product {
            vendor: purl.namespace.clone(),
            name: purl.name.clone(),
            versions: purl.version.clone().map(Versions::One).into_iter().collect(),
            purls: vec![purl],
            ..Product::default()
        };
        Some(Arc::new(product))
    }

    fn shared(&mut self, id: &str) -> Option<Arc<Product>> {
        let (id, component) = self.elements.get_key_value(id)?;
        let make = || of_component(component).into_shared();
        Some(Arc::clone(self.products.entry(id).or_insert_with(make)))
    }

    fn copied(&mut self, text: Option<&str>, at: &Location) -> Option<Text> {
        text.filter(|text| self.affords(text.len(), at, Loss::Field)).map(Text::from)
    }

    /// Whether a copy of so many bytes may be made; tells where it may not.
    fn affords(&mut self, bytes: usize, at: &Location, loss: Loss) -> bool {
        let left = self.room.checked_sub(bytes);
        self.room = left.unwrap_or_default();
        if left.is_none() {
            let problem = Problem::new(Code::InputTooLarge, at.clone(), loss);
            self.problems.tell(problem.expected("names that do not outgrow the document"));
        }
        left.is_some()
    }
}
