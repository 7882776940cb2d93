//! SBOMs out: CycloneDX 1.6 and SPDX 2.3, in JSON, from facts.
//!
//! The same facts give the same bytes. Refuses to write what the form has no place for, and tells
//! what that is, with a count and the first example. Refuses to add what nobody said: a licence
//! that is not told is not asserted, and no component is connected that was not.

mod cyclonedx;
mod known;
mod licence;
mod licences;
mod spdx;

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::component::{Component, OwnLicence, Sbom};
use domain::text::Text;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// In which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// CycloneDX 1.6 (ECMA-424).
    CycloneDx,
    /// SPDX 2.3 (ISO/IEC 5962 and its successor).
    Spdx,
}

/// A kind of thing that the form has no place for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lost {
    /// What.
    pub kind: String,
    /// How often.
    pub count: usize,
    /// The first of them.
    pub example: String,
}

/// A document, and what did not fit into it.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The document.
    pub document: Value,
    /// What is not in it, by kind.
    pub lost: Vec<Lost>,
}

/// Writes an SBOM, made at a time by a program, which stands among its tools.
#[must_use]
pub fn write(sbom: &Sbom, form: Form, at: Timestamp, program: &str) -> Written {
    let mut out = Out {
        names: Names::of(sbom, form),
        own: sbom.carried.licences.iter().map(|own| (own.id.clone(), own.clone())).collect(),
        told: HashSet::new(),
        at: at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        tools: tools(sbom, program),
        lost: Losses::default(),
    };
    let known = (sbom.vulnerabilities.len(), sbom.statements.len());
    if known != (0, 0) && sbom.carried.known.is_empty() {
        let example = sbom.vulnerabilities.first();
        let example = example.map(|known| known.id.0.to_string()).unwrap_or_default();
        let kind = "vulnerabilities and VEX, which `asepsis vex export` writes";
        out.lost.several(kind, known.0.max(known.1), &example);
    }
    let document = match form {
        Form::CycloneDx => cyclonedx::document(sbom, &mut out),
        Form::Spdx => spdx::document(sbom, &mut out),
    };
    Written { document, lost: out.lost.list() }
}

fn tools(sbom: &Sbom, program: &str) -> Vec<String> {
    let mut tools: Vec<String> = Vec::new();
    for tool in sbom.tools.iter().map(Text::as_str).chain([program]) {
        if !tools.iter().any(|known| known == tool) {
            tools.push(tool.to_owned());
        }
    }
    tools
}

/// What both forms are written with.
struct Out {
    names: Names,
    /// Licences of the document's own, by id.
    own: HashMap<Text, OwnLicence>,
    /// Those whose text the new document holds.
    told: HashSet<Text>,
    at: String,
    tools: Vec<String>,
    lost: Losses,
}

impl Out {
    /// Who needs whom, by the ids of the new document, each once and in the order of the old one.
    /// What leads out of the document is told and left out.
    fn dependencies(&mut self, sbom: &Sbom) -> Vec<(String, Vec<String>)> {
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut all: Vec<(String, Vec<String>)> = Vec::new();
        for dependency in &sbom.dependencies {
            let Some(from) = self.names.of_reference(&dependency.from) else {
                self.lost.one("dependencies of what the document does not hold", &dependency.from);
                continue;
            };
            let place = *places.entry(from.clone()).or_insert_with(|| {
                all.push((from, Vec::new()));
                all.len() - 1
            });
            for to in &dependency.to {
                // SPDX says so that there is nothing, or that nothing is said.
                if matches!(to.as_str(), "NONE" | "NOASSERTION") {
                    continue;
                }
                let Some(to) = self.names.of_reference(to) else {
                    self.lost.one("dependencies on what the document does not hold", to);
                    continue;
                };
                if let Some((_, needed)) = all.get_mut(place)
                    && !needed.contains(&to)
                {
                    needed.push(to);
                }
            }
        }
        all
    }
}

/// What was lost, by kind.
#[derive(Debug, Default)]
struct Losses(BTreeMap<String, (usize, String)>);

impl Losses {
    fn one(&mut self, kind: &str, example: &str) {
        self.several(kind, 1, example);
    }

    fn several(&mut self, kind: &str, count: usize, example: &str) {
        if count == 0 {
            return;
        }
        let known = self.0.entry(kind.to_owned()).or_insert_with(|| (0, example.to_owned()));
        known.0 += count;
    }

    fn list(self) -> Vec<Lost> {
        let all = self.0.into_iter();
        all.map(|(kind, (count, example))| Lost { kind, count, example }).collect()
    }
}

/// Ids of components, services and vulnerabilities in the new document: each there, and each once.
struct Names {
    subject: String,
    components: Vec<String>,
    services: Vec<String>,
    known: Vec<Option<String>>,
    by_reference: HashMap<String, String>,
}

impl Names {
    fn of(sbom: &Sbom, form: Form) -> Self {
        let mut maker = Maker { form, taken: HashSet::new(), by_reference: HashMap::new() };
        maker.taken.insert("SPDXRef-DOCUMENT".to_owned());
        let named = |one: &Component| (one.reference.as_deref().map(str::to_owned), one.label());
        let subject = sbom.subject.as_ref().map(|one| maker.name(named(one)));
        let components = sbom.components.iter().map(|one| maker.name(named(one))).collect();
        let services = sbom.services.iter();
        let services = services
            .map(|one| {
                maker.name((one.reference.as_deref().map(str::to_owned), one.name.to_string()))
            })
            .collect();
        let known = sbom.carried.known.iter();
        let known = known.map(|one| one.reference.as_deref().map(|id| maker.unique(id))).collect();
        let Maker { by_reference, .. } = maker;
        Self { subject: subject.unwrap_or_default(), components, services, known, by_reference }
    }

    fn of_reference(&self, reference: &str) -> Option<String> {
        self.by_reference.get(reference).cloned()
    }
}

struct Maker {
    form: Form,
    taken: HashSet<String>,
    by_reference: HashMap<String, String>,
}

impl Maker {
    /// An id of its own for what had this reference, or else is called so.
    fn name(&mut self, (reference, label): (Option<String>, String)) -> String {
        let said = reference.as_deref().unwrap_or(&label);
        let base = match self.form {
            // An id that reads as a link into another BOM is none in its own.
            Form::CycloneDx => said.strip_prefix("urn:cdx:").unwrap_or(said).to_owned(),
            Form::Spdx => spdx::id(said),
        };
        let id = self.unique(&base);
        if let Some(reference) = reference {
            self.by_reference.entry(reference).or_insert_with(|| id.clone());
        }
        id
    }

    /// An id that nothing else has.
    fn unique(&mut self, base: &str) -> String {
        let mut id = base.to_owned();
        let mut number = 1_usize;
        while !self.taken.insert(id.clone()) {
            number += 1;
            id = format!("{base}-{number}");
        }
        id
    }
}

/// Algorithms: letters and digits of their names, and how each form writes them.
const ALGORITHMS: [(&str, Option<&str>, Option<&str>); 17] = [
    ("MD2", None, Some("MD2")),
    ("MD4", None, Some("MD4")),
    ("MD5", Some("MD5"), Some("MD5")),
    ("MD6", None, Some("MD6")),
    ("SHA1", Some("SHA-1"), Some("SHA1")),
    ("SHA224", None, Some("SHA224")),
    ("SHA256", Some("SHA-256"), Some("SHA256")),
    ("SHA384", Some("SHA-384"), Some("SHA384")),
    ("SHA512", Some("SHA-512"), Some("SHA512")),
    ("SHA3256", Some("SHA3-256"), Some("SHA3-256")),
    ("SHA3384", Some("SHA3-384"), Some("SHA3-384")),
    ("SHA3512", Some("SHA3-512"), Some("SHA3-512")),
    ("BLAKE2B256", Some("BLAKE2b-256"), Some("BLAKE2b-256")),
    ("BLAKE2B384", Some("BLAKE2b-384"), Some("BLAKE2b-384")),
    ("BLAKE2B512", Some("BLAKE2b-512"), Some("BLAKE2b-512")),
    ("BLAKE3", Some("BLAKE3"), Some("BLAKE3")),
    ("ADLER32", None, Some("ADLER32")),
];

/// Digests that the form has a name for, as it writes them; each once.
fn hashes(component: &Component, form: Form, lost: &mut Losses) -> Vec<(&'static str, String)> {
    let mut all: Vec<(&'static str, String)> = Vec::new();
    for hash in &component.hashes {
        let plain = hash.algorithm.chars().filter(char::is_ascii_alphanumeric);
        let plain: String = plain.map(|c| c.to_ascii_uppercase()).collect();
        let known = ALGORITHMS.iter().find(|(name, ..)| *name == plain);
        let name = known.and_then(|(_, cyclonedx, spdx)| match form {
            Form::CycloneDx => *cyclonedx,
            Form::Spdx => *spdx,
        });
        let digits = hash.value.bytes().all(|byte| byte.is_ascii_hexdigit());
        let fits = form == Form::Spdx || matches!(hash.value.len(), 32 | 40 | 64 | 96 | 128);
        match name.filter(|_| digits && fits && !hash.value.is_empty()) {
            Some(name) => {
                let told = (name, hash.value.to_string());
                if !all.contains(&told) {
                    all.push(told);
                }
            }
            None => {
                let example = format!("{}: {} {}", component.label(), hash.algorithm, hash.value);
                lost.one("digests that the form has no name or no room for", &example);
            }
        }
    }
    all
}

/// The licences that are asserted of a component.
fn asserted(component: &Component) -> impl Iterator<Item = &str> {
    let all = component.licences.iter().map(|licence| licence.trim());
    all.filter(|licence| !matches!(*licence, "" | "NOASSERTION" | "NONE"))
}

/// A UUID of version 8 (RFC 9562, section 5.8) from the hash of a document.
fn uuid(document: &Map<String, Value>) -> String {
    let hash = store::documents::hash_of(json!(document).to_string().as_bytes());
    let part = |from: usize, to: usize| hash.get(from..to).unwrap_or_default();
    format!(
        "urn:uuid:{}-{}-8{}-8{}-{}",
        part(0, 8),
        part(8, 12),
        part(13, 16),
        part(17, 20),
        part(20, 32)
    )
}
