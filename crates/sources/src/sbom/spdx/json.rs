//! SPDX 2.2 and 2.3 in JSON.

use domain::bounded::room;
use domain::component::Hash;
use domain::problem::{Code, Loss, Problem};

use super::draft::{Draft, Element, Relation, identifies, in_capitals, phases_of};
use crate::json::{Json, Kind, Path, Taker, Value};

/// Keys under which other tools wrap the document.
const WRAPPERS: [&str; 5] = ["sbom", "Document", "spdxDocument", "SpdxDocument", "spdx"];

/// The document itself, and the key that it is wrapped under if it is.
pub(super) fn document<'d>(json: &'d Json<'d>) -> (Value<'d>, Option<&'static str>) {
    let root = json.root();
    let wrapper = WRAPPERS.iter().find(|name| {
        root.get("spdxVersion").is_none()
            && root.get(name).is_some_and(|v| v.kind() == Kind::Object)
    });
    match wrapper {
        Some(name) => (root.get(name).unwrap_or(root), Some(name)),
        None => (root, None),
    }
}

pub(super) fn read<'d>(json: &'d Json<'d>) -> Draft<'d> {
    let (document, wrapper) = document(json);
    let top = Path::ROOT;
    let path = wrapper.map_or(top, |name| top.field(name));
    let mut reader = Reader { taker: Taker::default(), draft: Draft::default() };
    reader.document(document, &path);
    let Reader { taker, mut draft } = reader;
    draft.problems.absorb(taker.problems);
    draft.problems.extend(json.problem());
    draft
}

struct Reader<'d> {
    taker: Taker,
    draft: Draft<'d>,
}

impl<'d> Reader<'d> {
    fn document(&mut self, document: Value<'d>, path: &Path<'_>) {
        for (key, value) in document.members() {
            let at = path.field(&key);
            match key.as_ref() {
                "spdxVersion" => {
                    self.draft.version = self.taker.filled(value, &at).unwrap_or_default();
                }
                "SPDXID" => self.draft.id = self.taker.filled(value, &at),
                "name" => self.draft.name = self.taker.filled(value, &at),
                "documentNamespace" => self.draft.namespace = self.taker.filled(value, &at),
                "dataLicense" => self.draft.data_license = self.taker.filled(value, &at),
                "creationInfo" => self.creation(value, &at),
                "documentDescribes" => {
                    let ids = self.taker.texts(value, &at);
                    let place = value.at(&at);
                    self.draft.described.extend(ids.into_iter().map(|id| (id, place.clone())));
                }
                "packages" => self.elements(value, &at, Sort::Package),
                "files" => self.elements(value, &at, Sort::File),
                "snippets" | "hasExtractedLicensingInfos" => self.others(value, &at),
                "relationships" => self.relations(value, &at),
                _ => {}
            }
        }
    }

    fn creation(&mut self, value: Value<'d>, path: &Path<'_>) {
        for (key, value) in self.taker.members(value, path) {
            let at = path.field(&key);
            match key.as_ref() {
                "created" => self.draft.created = self.taker.filled(value, &at),
                "creators" => self.draft.creators = self.taker.texts(value, &at),
                "comment" => {
                    let remark = self.taker.filled(value, &at);
                    self.draft.phases.extend(remark.iter().flat_map(|remark| phases_of(remark)));
                }
                _ => {}
            }
        }
    }

    fn others(&mut self, value: Value<'d>, path: &Path<'_>) {
        for item in self.taker.items(value, path) {
            let id = item.get("SPDXID").or_else(|| item.get("licenseId")).and_then(Value::as_str);
            self.draft.others.extend(id);
        }
    }

    fn elements(&mut self, value: Value<'d>, path: &Path<'_>, sort: Sort) {
        for (index, item) in self.taker.items(value, path).enumerate() {
            let at = path.index(index);
            if item.kind() == Kind::Object {
                let element = self.element(item, &at, sort);
                self.draft.elements.push(element.complete());
            } else {
                // It is seen and lost like any element without a name.
                let at = item.at(&at);
                self.draft.elements.push(Element {
                    is_file: sort == Sort::File,
                    at,
                    ..Element::default()
                });
            }
        }
    }

    fn element(&mut self, value: Value<'d>, path: &Path<'_>, sort: Sort) -> Element<'d> {
        let mut element =
            Element { is_file: sort == Sort::File, at: value.at(path), ..Element::default() };
        for (key, value) in value.members() {
            let at = path.field(&key);
            match key.as_ref() {
                "SPDXID" => element.id = self.taker.trimmed(value, &at),
                "name" | "fileName" => element.name = self.taker.filled(value, &at),
                "versionInfo" => element.version = self.taker.filled(value, &at),
                "supplier" => element.supplier = self.taker.trimmed(value, &at),
                "originator" => element.originator = self.taker.trimmed(value, &at),
                "downloadLocation" => element.download = self.taker.trimmed(value, &at),
                "primaryPackagePurpose" => element.purpose = self.taker.trimmed(value, &at),
                "validUntilDate" => element.valid_until = self.taker.trimmed(value, &at),
                "licenseConcluded" | "licenseDeclared" => {
                    if let Some(text) = self.taker.trimmed(value, &at) {
                        element.take_licence(&text);
                    }
                }
                "checksums" => element.hashes = self.hashes(value, &at),
                "externalRefs" => self.references(value, &at, &mut element),
                "comment" => element.remarks.extend(self.taker.filled(value, &at)),
                "annotations" => self.annotations(value, &at, &mut element),
                _ => {}
            }
        }
        element
    }

    fn hashes(&mut self, value: Value<'d>, path: &Path<'_>) -> Vec<Hash> {
        let items = self.taker.items(value, path);
        let mut hashes = Vec::with_capacity(room(items.clone().count()));
        for (index, item) in items.enumerate() {
            let at = path.index(index);
            let mut text =
                |name| item.get(name).and_then(|v| self.taker.filled(v, &at.field(name)));
            if let (Some(algorithm), Some(value)) = (text("algorithm"), text("checksumValue")) {
                hashes.push(Hash { algorithm, value });
            }
        }
        hashes
    }

    fn references(&mut self, value: Value<'d>, path: &Path<'_>, element: &mut Element<'d>) {
        for (index, item) in self.taker.items(value, path).enumerate() {
            let at = path.index(index);
            let mut kind = None;
            let mut locator = None;
            for (key, value) in self.taker.members(item, &at) {
                match key.as_ref() {
                    "referenceType" => kind = self.taker.trimmed(value, &at.field(&key)),
                    "referenceLocator" => locator = self.taker.trimmed(value, &at.field(&key)),
                    _ => {}
                }
            }
            let Some(locator) = locator else { continue };
            let place = || item.at(&at.field("referenceLocator"));
            match kind.unwrap_or_default().rsplit('/').next().unwrap_or_default() {
                "purl" => element.take_purl(&locator, place),
                "cpe22Type" | "cpe23Type" => element.take_cpe(&locator, place),
                kind if identifies(kind) => element.has_other_identifier = true,
                _ => {}
            }
        }
    }

    fn annotations(&mut self, value: Value<'d>, path: &Path<'_>, element: &mut Element<'d>) {
        for (index, item) in self.taker.items(value, path).enumerate() {
            let at = path.index(index);
            let comment = item.get("comment");
            element
                .remarks
                .extend(comment.and_then(|v| self.taker.filled(v, &at.field("comment"))));
        }
    }

    fn relations(&mut self, value: Value<'d>, path: &Path<'_>) {
        for (index, item) in self.taker.items(value, path).enumerate() {
            let at = path.index(index);
            let (mut from, mut kind, mut to) = (None, None, None);
            for (key, value) in self.taker.members(item, &at) {
                match key.as_ref() {
                    "spdxElementId" => from = self.taker.trimmed(value, &at.field(&key)),
                    "relationshipType" => kind = self.taker.trimmed(value, &at.field(&key)),
                    "relatedSpdxElement" => to = self.taker.trimmed(value, &at.field(&key)),
                    _ => {}
                }
            }
            let place = item.at(&at);
            if let (Some(from), Some(kind), Some(to)) = (from, kind, to) {
                let kind = in_capitals(kind);
                self.draft.relations.push(Relation { from, kind, to, at: place });
            } else if item.kind() == Kind::Object {
                let problem = Problem::new(Code::RecordMissingField, place, Loss::Field);
                let expected = "spdxElementId, relationshipType and relatedSpdxElement";
                self.taker.problems.tell(problem.expected(expected));
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Package,
    File,
}
