//! SPDX 3.0 in JSON-LD: elements of a graph that refer to each other by id.

pub(super) mod security;

use std::borrow::Cow;
use std::collections::HashMap;

use domain::component::Hash;
use domain::text::Text;

use super::draft::{Draft, Element, Relation, identifies, licence};
use crate::json::{Json, Kind, Path, Taker, Value};
use security::Creation;

pub(super) fn read<'d>(json: &'d Json<'d>) -> Draft<'d> {
    let root = json.root();
    let mut reader = Reader { taker: Taker::default(), draft: Draft::default() };
    let top = Path::ROOT;
    let graph_path = top.field("@graph");
    match root.get("@graph") {
        Some(graph) => {
            let agents = agents(graph.items());
            for (index, item) in reader.taker.items(graph, &graph_path).enumerate() {
                reader.element(item, &graph_path.index(index), &agents);
            }
        }
        // A document of one element has no graph.
        None => reader.element(root, &top, &HashMap::new()),
    }
    let Reader { taker, mut draft } = reader;
    draft.problems.absorb(taker.problems);
    draft.problems.extend(json.problem());
    resolve_licences(&mut draft);
    if draft.security.is_there() {
        draft.security.length = root.raw().len();
    }
    draft
}

/// Names of agents and licences, by id: elements refer to them before and after they stand.
fn agents<'d>(items: impl Iterator<Item = Value<'d>>) -> Names<'d> {
    let mut names = HashMap::new();
    for item in items {
        let text = |name: &str| item.get(name).and_then(Value::as_str);
        let kind = text("type").or_else(|| text("@type")).unwrap_or_default();
        let name = match short(&kind) {
            "Organization" | "Person" | "SoftwareAgent" | "Agent" | "Tool" => text("name"),
            "LicenseExpression" => {
                text("simplelicensing_licenseExpression").or_else(|| text("licenseExpression"))
            }
            "ListedLicense" | "CustomLicense" => {
                text("spdxId").map(|id| last(&id).to_owned().into())
            }
            _ => None,
        };
        if let (Some(id), Some(name)) = (text("spdxId").or_else(|| text("@id")), name) {
            names.insert(id, name);
        }
    }
    names
}

/// `software_Package`, `https://spdx.org/rdf/3.0.1/terms/Software/Package` and `Package` are one
/// type.
pub(super) fn short(kind: &str) -> &str {
    after_last(kind, [b'/', b'_'])
}

fn last(id: &str) -> &str {
    after_last(id, [b'/', b'#'])
}

/// What follows the last of some ASCII characters.
fn after_last(text: &str, marks: [u8; 2]) -> &str {
    let last = text.bytes().rposition(|byte| marks.contains(&byte));
    last.and_then(|at| text.get(at + 1..)).unwrap_or(text)
}

struct Reader<'d> {
    taker: Taker,
    draft: Draft<'d>,
}

type Names<'d> = HashMap<Cow<'d, str>, Cow<'d, str>>;

impl<'d> Reader<'d> {
    fn element(&mut self, item: Value<'d>, path: &Path<'_>, names: &Names<'d>) {
        if item.kind() != Kind::Object {
            return;
        }
        let kind = item.get("type").or_else(|| item.get("@type"));
        let kind =
            kind.and_then(|kind| self.taker.filled(kind, &path.field("type"))).unwrap_or_default();
        match short(&kind) {
            "CreationInfo" => self.creation(item, path, names),
            "SpdxDocument" => self.document(item, path),
            "Sbom" | "Bom" | "Bundle" => {
                self.roots(item, path);
                self.phases(item, path);
                self.other(item);
            }
            "Package" | "AIPackage" | "DatasetPackage" => {
                let element = self.package(item, path, names, Sort::Package);
                self.draft.elements.push(element.complete());
            }
            "File" => {
                let element = self.package(item, path, names, Sort::File);
                self.draft.elements.push(element.complete());
            }
            "Vulnerability" => self.vulnerability(item, path),
            kind if kind.ends_with("VulnAssessmentRelationship") => {
                self.assessment(kind, item, path, names);
            }
            kind if kind.ends_with("Relationship") => self.relation(item, path, names),
            _ => self.other(item),
        }
    }

    fn other(&mut self, item: Value<'d>) {
        let id = item.get("spdxId").or_else(|| item.get("@id"));
        self.draft.others.extend(id.and_then(Value::as_str));
    }

    fn creation(&mut self, item: Value<'d>, path: &Path<'_>, names: &Names<'d>) {
        let before = self.draft.creators.len();
        for (key, value) in item.members() {
            let at = path.field(&key);
            match key.as_ref() {
                "specVersion" => {
                    self.draft.version = self.taker.filled(value, &at).unwrap_or_default();
                }
                "created" => self.draft.created = self.taker.filled(value, &at),
                "createdBy" => {
                    let ids = self.ids(value, &at);
                    let named = ids.into_iter().map(|id| names.get(&id).cloned().unwrap_or(id));
                    self.draft.creators.extend(named.map(Text::from));
                }
                "createdUsing" => {
                    let ids = self.ids(value, &at);
                    let named = ids.into_iter().map(|id| names.get(&id).cloned().unwrap_or(id));
                    self.draft.creators.extend(named.map(|name| format!("Tool: {name}").into()));
                }
                _ => {}
            }
        }
        let creators = self.draft.creators.get(before..).unwrap_or_default();
        let author = creators.iter().find(|creator| !creator.starts_with("Tool:")).cloned();
        let created = item.get("created").and_then(Value::as_text);
        self.note_creation(item, Creation { created, author });
        self.other(item);
    }

    /// In which phases of its life the software was looked at (SPDX 3.0, Software, `sbomType`).
    fn phases(&mut self, item: Value<'d>, path: &Path<'_>) {
        let told = item.members().filter(|(key, _)| short(key) == "sbomType").collect::<Vec<_>>();
        for (key, value) in told {
            let ids = self.ids(value, &path.field(&key));
            self.draft.phases.extend(ids.iter().map(|id| Text::from(last(id))));
        }
    }

    fn document(&mut self, item: Value<'d>, path: &Path<'_>) {
        let mut text = |name| item.get(name).and_then(|v| self.taker.filled(v, &path.field(name)));
        self.draft.id = text("spdxId").or_else(|| text("@id"));
        self.draft.name = text("name");
        self.draft.namespace = self.draft.id.clone();
        self.roots(item, path);
        // What is imported is there, in another document.
        let imports = item.get("import").or_else(|| item.get("imports"));
        let ids = imports.into_iter().flat_map(Value::items);
        let ids = ids.filter_map(|map| map.get("externalSpdxId").and_then(Value::as_str));
        self.draft.others.extend(ids);
    }

    /// What a document or a collection is about. An SBOM inside a document names its own roots.
    fn roots(&mut self, item: Value<'d>, path: &Path<'_>) {
        let at = path.field("rootElement");
        let Some(roots) = item.get("rootElement") else { return };
        let place = roots.at(&at);
        let ids = self.ids(roots, &at);
        self.draft.described.extend(ids.into_iter().map(|id| (id.into(), place.clone())));
    }

    /// An id, or a list of ids; an object that stands in place of an id has one.
    fn ids(&mut self, value: Value<'d>, path: &Path<'_>) -> Vec<Cow<'d, str>> {
        match value.kind() {
            Kind::Array => value
                .items()
                .enumerate()
                .filter_map(|(index, item)| self.id(item, &path.index(index)))
                .collect(),
            _ => self.id(value, path).into_iter().collect(),
        }
    }

    fn id(&mut self, value: Value<'d>, path: &Path<'_>) -> Option<Cow<'d, str>> {
        match value.kind() {
            Kind::Object => {
                value.get("spdxId").or_else(|| value.get("@id")).and_then(Value::as_str)
            }
            _ => self.taker.trimmed(value, path),
        }
    }

    fn package(
        &mut self,
        item: Value<'d>,
        path: &Path<'_>,
        names: &Names<'d>,
        sort: Sort,
    ) -> Element<'d> {
        let is_file = sort == Sort::File;
        let mut element = Element { is_file, at: item.at(path), ..Element::default() };
        for (key, value) in item.members() {
            let at = path.field(&key);
            match short(&key) {
                "spdxId" | "@id" => element.id = self.taker.trimmed(value, &at),
                "name" => element.name = self.taker.filled(value, &at),
                "packageVersion" => element.version = self.taker.filled(value, &at),
                "primaryPurpose" => element.purpose = self.taker.trimmed(value, &at),
                "downloadLocation" => element.download = self.taker.trimmed(value, &at),
                "packageUrl" => {
                    let text = self.taker.filled(value, &at);
                    if let Some(text) = text {
                        element.take_purl(&text, || value.at(&at));
                    }
                }
                "suppliedBy" => element.supplier = self.named(value, &at, names),
                "originatedBy" => {
                    element.originator = self.named(value, &at, names);
                }
                "validUntilTime" => element.valid_until = self.taker.trimmed(value, &at),
                "supportLevel" => {
                    let levels = self.ids(value, &at);
                    element.remarks.extend(levels.into_iter().map(|level| support(&level).into()));
                }
                "comment" | "description" => element.remarks.extend(self.taker.filled(value, &at)),
                "verifiedUsing" => element.hashes = self.hashes(value, &at),
                "externalIdentifier" => self.identifiers(value, &at, &mut element),
                _ => {}
            }
        }
        element
    }

    fn named(
        &mut self,
        value: Value<'d>,
        path: &Path<'_>,
        names: &Names<'d>,
    ) -> Option<Cow<'d, str>> {
        let id = self.ids(value, path).into_iter().next()?;
        let inline = value.get("name").and_then(Value::as_str);
        inline.or_else(|| names.get(&id).cloned())
    }

    fn hashes(&mut self, value: Value<'_>, path: &Path<'_>) -> Vec<Hash> {
        let mut hashes = Vec::new();
        for (index, item) in self.taker.items(value, path).enumerate() {
            let at = path.index(index);
            let mut text =
                |name| item.get(name).and_then(|v| self.taker.filled(v, &at.field(name)));
            if let (Some(algorithm), Some(value)) = (text("algorithm"), text("hashValue")) {
                hashes.push(Hash { algorithm, value });
            }
        }
        hashes
    }

    fn identifiers(&mut self, value: Value<'_>, path: &Path<'_>, element: &mut Element<'_>) {
        for (index, item) in self.taker.items(value, path).enumerate() {
            let at = path.index(index);
            let mut text =
                |name| item.get(name).and_then(|v| self.taker.filled(v, &at.field(name)));
            let (kind, identifier) = (text("externalIdentifierType"), text("identifier"));
            let (Some(kind), Some(identifier)) = (kind, identifier) else { continue };
            let place = || item.at(&at);
            match last(&kind) {
                "packageUrl" | "purl" => element.take_purl(&identifier, place),
                "cpe22" | "cpe23" => element.take_cpe(&identifier, place),
                kind if identifies(kind) => element.has_other_identifier = true,
                _ => {}
            }
        }
    }

    fn relation(&mut self, item: Value<'d>, path: &Path<'_>, names: &Names) {
        let kind = item.get("relationshipType");
        let kind = kind.and_then(|v| self.taker.filled(v, &path.field("relationshipType")));
        if kind.as_deref().is_some_and(|kind| self.takes(last(kind), item, path, names)) {
            return;
        }
        let from = item.get("from").and_then(|v| self.id(v, &path.field("from")));
        let to = item.get("to").map(|v| self.ids(v, &path.field("to"))).unwrap_or_default();
        self.other(item);
        let (Some(kind), Some(from)) = (kind, from) else { return };
        let kind = match last(&kind) {
            "contains" => "CONTAINS",
            "dependsOn" => "DEPENDS_ON",
            "describes" => "DESCRIBES",
            "hasStaticLink" => "STATIC_LINK",
            "hasDynamicLink" => "DYNAMIC_LINK",
            "hasPrerequisite" => "HAS_PREREQUISITE",
            "hasDeclaredLicense" | "hasConcludedLicense" => "LICENCE",
            _ => "OTHER",
        };
        for to in to {
            let (from, at) = (from.clone(), item.at(path));
            self.draft.relations.push(Relation { from, kind: kind.into(), to, at });
        }
    }
}

/// Elements say their licences by relationship; ids of licences are kept as what they name.
fn resolve_licences<'d>(draft: &mut Draft<'d>) {
    let mut by_element: HashMap<Cow<'d, str>, Vec<Text>> = HashMap::new();
    for relation in draft.relations.iter().filter(|relation| relation.kind == "LICENCE") {
        let text = licence(last(&relation.to)).filter(|text| !text.ends_with("License"));
        by_element.entry(relation.from.clone()).or_default().extend(text);
    }
    // What is no component may be anywhere: in another document, or a word of the specification.
    draft.relations.retain(|relation| !matches!(relation.kind.as_ref(), "LICENCE" | "OTHER"));
    for element in &mut draft.elements {
        let own = element.id.as_ref().and_then(|id| by_element.get(id));
        for text in own.into_iter().flatten() {
            if !element.licences.contains(text) {
                element.licences.push(text.clone());
            }
        }
    }
}

/// The levels of SPDX 3.0 (Core, `SupportType`) in the words of a remark.
fn support(level: &str) -> String {
    let words = match last(level) {
        "support" | "limitedSupport" | "development" => "actively maintained",
        "noSupport" | "endOfSupport" => "no longer maintained",
        "deployed" => "support: deployed",
        other => other,
    };
    format!("support: {words}")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Package,
    File,
}
