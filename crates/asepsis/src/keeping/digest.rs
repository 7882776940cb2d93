//! What a document tells, in short: which kinds of facts, which vulnerabilities it names, what its
//! advisories ask for, and how its SBOMs are joined with releases.
//!
//! Refuses to tell less than the document: a name that stands in it stands in its digest.

use std::collections::{BTreeSet, HashMap};

use collectors::folder::Collected;
use decisions::exposure::keys::{self, Key};
use domain::advisory::VulnerabilityId;
use domain::fact::{Document, Fact};
use serde_json::json;
use store::digests::Digest;

use super::stub::Stub;

/// Units of an inventory.
pub(super) const DEVICES: i64 = 1;
/// A table of which SBOM describes which release.
pub(super) const LINKS: i64 = 2;
/// An SBOM that lists components.
pub(super) const SBOMS: i64 = 4;
/// A VEX in the form of an SBOM.
pub(super) const VEX: i64 = 8;
/// Known exploited vulnerabilities, and nothing else: a catalogue.
pub(super) const CATALOGUE: i64 = 16;
/// Something that is no input.
pub(super) const LEFT_OUT: i64 = 32;
/// Exploited vulnerabilities beside other facts.
pub(super) const EXPLOITED: i64 = 64;
/// Statements, also in an SBOM.
pub(super) const STATEMENTS: i64 = 128;
/// A document that is more than one SBOM.
pub(super) const SEVERAL: i64 = 256;

/// The digests of all documents that were read, by the hashes of the files in which they stand.
pub(super) fn all(collected: &Collected, hashes: &HashMap<String, String>) -> Vec<Digest> {
    let mut inside: HashMap<&str, Vec<&Document>> = HashMap::new();
    for document in &collected.documents {
        let file = file_of(&document.name, |name| hashes.contains_key(name));
        inside.entry(file).or_default().push(document);
    }
    let left_out: BTreeSet<&str> = collected
        .left_out
        .iter()
        .map(|(name, _)| file_of(name, |name| hashes.contains_key(name)))
        .collect();
    let digest = |(name, hash): (&String, &String)| {
        let documents = inside.get(name.as_str()).into_iter().flatten().copied();
        let left_out = left_out.contains(name.as_str());
        Digest { document: hash.clone(), ..of(name, documents, left_out) }
    };
    hashes.iter().map(digest).collect()
}

/// What documents tell that stand in one file.
pub(super) fn of<'d>(
    file: &str,
    documents: impl IntoIterator<Item = &'d Document>,
    has_left_out: bool,
) -> Digest {
    let mut kinds = if has_left_out { LEFT_OUT } else { 0 };
    let mut names: Vec<u64> = Vec::new();
    let mut asked: Vec<u64> = Vec::new();
    let mut stubs: Vec<Stub> = Vec::new();
    for document in documents {
        let facts = &document.reading.facts;
        let is_catalogue =
            !facts.is_empty() && facts.iter().all(|fact| matches!(fact, Fact::KnownExploited(_)));
        let before = stubs.len();
        for fact in facts {
            kinds |= kinds_of(fact, is_catalogue);
            each_record(fact, &mut |record| names.extend(record.iter().map(|name| key(name))));
            let asks = match fact {
                Fact::Advisory(advisory) => keys::asked_by(advisory),
                Fact::Sbom(sbom) => {
                    stubs.push(Stub::of(file, document, sbom));
                    keys::asked_of(&sbom.vulnerabilities, None)
                }
                _ => Vec::new(),
            };
            asked.extend(asks.into_iter().map(|key| key.0));
        }
        if stubs.len() > before + 1 {
            kinds |= SEVERAL;
        }
    }
    for keys in [&mut names, &mut asked] {
        keys.sort_unstable();
        keys.dedup();
    }
    let sboms = if stubs.is_empty() { String::new() } else { json!(stubs).to_string() };
    Digest { document: String::new(), kinds, names, asked, sboms }
}

fn kinds_of(fact: &Fact, is_catalogue: bool) -> i64 {
    match fact {
        Fact::Device(_) => DEVICES,
        Fact::Link(_) => LINKS,
        Fact::Sbom(sbom) => {
            let kind = if sbom.components.is_empty() { VEX } else { SBOMS };
            kind | if sbom.statements.is_empty() { 0 } else { STATEMENTS }
        }
        Fact::Statement(_) => STATEMENTS,
        Fact::KnownExploited(_) if is_catalogue => CATALOGUE,
        Fact::KnownExploited(_) => EXPLOITED,
        _ => 0,
    }
}

/// What a vulnerability's name is kept as.
pub(super) fn key(name: &VulnerabilityId) -> u64 {
    Key::of(&name.0).0
}

/// Each record of a fact that tells of one vulnerability, by all names that it has for it.
pub(crate) fn each_record<'f>(fact: &'f Fact, tell: &mut dyn FnMut(&[&'f VulnerabilityId])) {
    let mut one = |id: &'f VulnerabilityId, aliases: &'f [VulnerabilityId]| {
        let names: Vec<&VulnerabilityId> = std::iter::once(id).chain(aliases).collect();
        tell(&names);
    };
    match fact {
        Fact::Advisory(advisory) => {
            advisory.vulnerabilities.iter().for_each(|told| one(&told.id, &told.aliases));
        }
        Fact::Sbom(sbom) => {
            sbom.vulnerabilities.iter().for_each(|told| one(&told.id, &told.aliases));
            sbom.statements.iter().for_each(|told| one(&told.vulnerability, &told.aliases));
        }
        Fact::Statement(statement) => one(&statement.vulnerability, &statement.aliases),
        Fact::KnownExploited(entry) => one(&entry.id, &[]),
        Fact::Predictions(all) => all.0.iter().for_each(|prediction| one(&prediction.id, &[])),
        _ => {}
    }
}

/// The file in which a document stands: itself, or the archive that holds it.
pub(super) fn file_of(document: &str, is_file: impl Fn(&str) -> bool) -> &str {
    if is_file(document) {
        return document;
    }
    let ends = document.match_indices('!').map(|(end, _)| end);
    let mut outer = ends.filter_map(|end| document.get(..end));
    outer.find(|name| is_file(name)).unwrap_or(document)
}
