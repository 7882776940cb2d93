//! VEX out: what is known of products and their flaws, for whoever has them or makes them.
//!
//! In OpenVEX 0.2.0, CycloneDX 1.6 and the VEX profile of CSAF 2.0 (section 4.5). Refuses to say
//! more than was judged: what is undecided is under investigation.

mod csaf;
mod cyclonedx;
mod openvex;

use std::collections::BTreeMap;

use domain::advisory::Status;
use domain::date::Date;
use jiff::Timestamp;
use serde_json::Value;

/// In which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// OpenVEX 0.2.0.
    OpenVex,
    /// CycloneDX 1.6, about one product.
    CycloneDx,
    /// CSAF 2.0, profile 5.
    Csaf,
}

/// A product at one version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Product {
    /// Who makes it.
    pub manufacturer: String,
    /// Its model.
    pub model: String,
    /// Its version.
    pub version: String,
    /// Package URLs of it.
    pub purls: Vec<String>,
    /// CPE names of it, with its version.
    pub cpes: Vec<String>,
    /// How its SBOM names it (a BOM-Link), where it does.
    pub link: Option<String>,
}

/// A component of a product.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Its version; may be empty.
    pub version: String,
    /// Its package URL.
    pub purl: Option<String>,
    /// How its SBOM names it (a BOM-Link), where it does.
    pub link: Option<String>,
}

/// What is known of one flaw in one product, or in one part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Which flaw.
    pub vulnerability: String,
    /// Its other names.
    pub aliases: Vec<String>,
    /// Which product, by place.
    pub product: usize,
    /// Which part of it; none is all of it.
    pub part: Option<Part>,
    /// What is known.
    pub status: Status,
    /// Why it is not affected, as OpenVEX labels it, where somebody says.
    pub justification: Option<String>,
    /// Why, in a sentence.
    pub because: String,
    /// What to do, where it is affected.
    pub action: String,
    /// Up to and with which day the risk is accepted.
    pub accepted: Option<Date>,
}

/// What is exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vex {
    /// Who says it.
    pub author: String,
    /// An address that is the author's own, for CSAF: `https://hospital.example`.
    pub namespace: String,
    /// When.
    pub at: Timestamp,
    /// Of which products.
    pub products: Vec<Product>,
    /// What.
    pub statements: Vec<Statement>,
}

impl Vex {
    /// The document; none where the form has no place for it: CycloneDX is about one product.
    #[must_use]
    pub fn document(&self, form: Form) -> Option<Value> {
        match form {
            Form::OpenVex => Some(openvex::document(self)),
            Form::CycloneDx => (self.products.len() == 1).then(|| cyclonedx::document(self)),
            Form::Csaf => Some(csaf::document(self)),
        }
    }

    /// How it is called: the beginning of a hash of what it says.
    fn id(&self) -> String {
        let mut id = store::documents::hash_of(format!("{self:?}").as_bytes());
        id.truncate(32);
        id
    }

    fn moment(&self) -> String {
        self.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// The statements about what the form calls so: of several about one thing the worst, for who
    /// reads them could not tell them apart, and might take the one that clears for both.
    fn worst<'v, K: Ord>(&'v self, called: impl Fn(&'v Statement) -> K) -> Vec<&'v Statement> {
        let graver = |one: &Statement| match one.status {
            Status::Affected => 0,
            Status::UnderInvestigation => 1,
            Status::Fixed => 2,
            Status::NotAffected => 3,
        };
        let mut places: BTreeMap<(&str, usize, K), usize> = BTreeMap::new();
        let mut all: Vec<&'v Statement> = Vec::new();
        for one in &self.statements {
            let key = (one.vulnerability.as_str(), one.product, called(one));
            match places.get(&key).and_then(|place| all.get_mut(*place)) {
                Some(known) if graver(one) < graver(known) => *known = one,
                Some(_) => {}
                None => {
                    places.insert(key, all.len());
                    all.push(one);
                }
            }
        }
        all
    }

    /// The statements of each flaw about what names tell apart, in its order.
    fn by_vulnerability(&self) -> BTreeMap<&str, Vec<&Statement>> {
        let mut all: BTreeMap<&str, Vec<&Statement>> = BTreeMap::new();
        for statement in self.worst(|one| one.part.as_ref().map(Part::names)) {
            all.entry(&statement.vulnerability).or_default().push(statement);
        }
        all
    }

    fn product(&self, statement: &Statement) -> Option<&Product> {
        self.products.get(statement.product)
    }
}

impl Product {
    /// Maker, model and version.
    fn label(&self) -> String {
        crate::console::words::joined(&[&self.manufacturer, &self.model, &self.version], "unknown")
    }
}

impl Part {
    /// What tells it from others: its package URL, or else its name and version.
    fn names(&self) -> (Option<&str>, &str, &str) {
        match &self.purl {
            Some(purl) => (Some(purl), "", ""),
            None => (None, &self.name, &self.version),
        }
    }

    fn label(&self) -> String {
        crate::console::words::joined(&[&self.name, &self.version], "unknown")
    }
}

impl Statement {
    /// Why, in a sentence that is never empty.
    fn because(&self) -> &str {
        match self.because.trim() {
            "" => "No reason is told.",
            because => because,
        }
    }

    /// What to do, with what was accepted.
    fn action(&self) -> String {
        match self.accepted {
            Some(until) => format!("The risk is accepted until {until}. {}", self.action),
            None if self.action.trim().is_empty() => "No remedy is known yet.".to_owned(),
            None => self.action.clone(),
        }
    }
}
