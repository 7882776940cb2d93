//! What all syntaxes of SPDX fill, and how it becomes an SBOM.

use std::borrow::Cow;
use std::collections::HashMap;

use domain::component::{
    Author, AuthorSort, Component, ComponentKind, Dependency, Hash, Sbom, SbomFormat, SupportLevel,
};
use domain::cpe::Cpe;
use domain::date;
use domain::fact::{Fact, Reading};
use domain::location::Location;
use domain::problem::{Code, Loss, Problem, Problems};
use domain::purl::Purl;
use domain::text::Text;

use super::three::security::Security;

/// A document as its syntax gave it; what is only looked at is borrowed from it.
#[derive(Debug, Default)]
pub(super) struct Draft<'d> {
    pub(super) version: Text,
    pub(super) id: Option<Text>,
    pub(super) name: Option<Text>,
    pub(super) namespace: Option<Text>,
    pub(super) data_license: Option<Text>,
    pub(super) created: Option<Text>,
    pub(super) creators: Vec<Text>,
    pub(super) phases: Vec<Text>,
    pub(super) described: Vec<(Text, Location)>,
    pub(super) elements: Vec<Element<'d>>,
    pub(super) relations: Vec<Relation<'d>>,
    /// Ids of elements that are no components: snippets, annotations, agents, licences.
    pub(super) others: Vec<Cow<'d, str>>,
    /// What SPDX 3.0 says of vulnerabilities.
    pub(super) security: Security<'d>,
    pub(super) problems: Problems,
}

/// A package or file.
#[derive(Debug, Default)]
pub(super) struct Element<'d> {
    pub(super) id: Option<Cow<'d, str>>,
    pub(super) is_file: bool,
    pub(super) name: Option<Text>,
    pub(super) version: Option<Text>,
    pub(super) supplier: Option<Cow<'d, str>>,
    pub(super) originator: Option<Cow<'d, str>>,
    pub(super) download: Option<Cow<'d, str>>,
    pub(super) purpose: Option<Cow<'d, str>>,
    pub(super) licences: Vec<Text>,
    pub(super) hashes: Vec<Hash>,
    pub(super) purl: Option<Purl>,
    pub(super) cpes: Vec<Cpe>,
    pub(super) has_other_identifier: bool,
    /// What is wrong with its identifiers, to be told if it becomes a component.
    pub(super) told: Vec<Problem>,
    pub(super) valid_until: Option<Cow<'d, str>>,
    /// Comments and annotations, in which makers write the level of support.
    pub(super) remarks: Vec<Text>,
    pub(super) at: Location,
}

/// That one element stands to another in some way.
#[derive(Debug)]
pub(super) struct Relation<'d> {
    pub(super) from: Cow<'d, str>,
    pub(super) kind: Cow<'d, str>,
    pub(super) to: Cow<'d, str>,
    pub(super) at: Location,
}

impl Element<'_> {
    /// The element as it is kept: it no longer grows, and a list that was pushed to has room for
    /// four at least.
    pub(super) fn complete(mut self) -> Self {
        self.cpes.shrink_to_fit();
        self.hashes.shrink_to_fit();
        self.licences.shrink_to_fit();
        self.remarks.shrink_to_fit();
        self
    }

    /// Takes a licence that is asserted, once.
    pub(super) fn take_licence(&mut self, text: &str) {
        if let Some(licence) = licence(text).filter(|licence| !self.licences.contains(licence)) {
            add(&mut self.licences, licence);
        }
    }

    /// Takes a package URL; the first good one counts.
    pub(super) fn take_purl(&mut self, text: &str, place: impl FnOnce() -> Location) {
        match Purl::parse(text) {
            Ok(purl) => self.purl = self.purl.take().or(Some(purl)),
            Err(why) => {
                let problem = Problem::new(Code::IdentifierBadPurl, place(), Loss::Field);
                self.told.push(problem.expected(format!("a package URL ({why})")).found(text));
            }
        }
    }

    pub(super) fn take_cpe(&mut self, text: &str, place: impl FnOnce() -> Location) {
        match Cpe::parse(text) {
            Ok(cpe) => add(&mut self.cpes, cpe),
            Err(why) => {
                let problem = Problem::new(Code::IdentifierBadCpe, place(), Loss::Field);
                self.told.push(problem.expected(format!("a CPE name ({why})")).found(text));
            }
        }
    }
}

/// Adds to a list of which most elements have one: it starts with room for no more.
pub(super) fn add<T>(list: &mut Vec<T>, item: T) {
    if list.is_empty() {
        list.reserve_exact(1);
    }
    list.push(item);
}

impl<'d> Draft<'d> {
    /// The SBOM, with what was wrong.
    pub(super) fn build(mut self) -> Reading {
        let mut reading = Reading::default();
        let known = ["SPDX-2.1", "SPDX-2.2", "SPDX-2.3"].contains(&self.version.as_str())
            || self.version.starts_with("3.0");
        if !known {
            let problem = Problem::new(Code::SbomVersionUnknown, Location::whole(), Loss::Nothing);
            let expected = "one of SPDX-2.2, SPDX-2.3, 3.0";
            self.problems.tell(problem.expected(expected).found(&self.version));
        }
        let has_packages = self.elements.iter().any(|element| !element.is_file);
        // Collected from one list into the next, so that they take the same memory.
        let elements = std::mem::take(&mut self.elements).into_iter();
        let components: Vec<Component> = elements
            .filter_map(|element| {
                if has_packages && element.is_file {
                    self.others.extend(element.id);
                    return None;
                }
                reading.records_seen += 1;
                self.component(element)
            })
            .collect();
        reading.records_made = components.len();
        let mut sbom = self.sbom(components);
        // What is no component has no name: all else of it is read as far as it can be.
        sbom.nameless = reading.records_seen - reading.records_made;
        self.others.extend(self.id.take().map(|id| Cow::Owned(id.into())));
        let (count, facts) = self.security.join(&mut sbom, &self.others, &mut self.problems);
        reading.records_seen += count.seen;
        reading.records_made += count.made;
        reading.problems = self.problems;
        reading.facts.push(Fact::Sbom(Box::new(sbom)));
        reading.facts.extend(facts);
        reading
    }

    fn component(&mut self, element: Element<'d>) -> Option<Component> {
        let Some(name) = element.name else {
            let problem = Problem::new(Code::RecordMissingField, element.at, Loss::Record);
            self.problems.tell(problem.expected("the name of a package"));
            return None;
        };
        let support = element.remarks.iter().find_map(|remark| level_of(remark));
        let ends = element.remarks.iter().find_map(|remark| end_of(remark));
        self.problems.extend(element.told);
        Some(Component {
            reference: element.id.map(Text::from),
            kind: kind_of(element.purpose.as_deref(), element.is_file),
            name,
            version: element.version,
            supplier: element.supplier.and_then(|supplier| agent(&supplier)),
            manufacturer: element.originator.and_then(|originator| agent(&originator)),
            purl: element.purl,
            cpes: element.cpes,
            has_other_identifier: element.has_other_identifier,
            hashes: element.hashes,
            licences: element.licences,
            support,
            end_of_support: element.valid_until.as_deref().and_then(date::read).or(ends),
            at: element.at,
            ..Component::default()
        })
    }

    fn sbom(&mut self, mut components: Vec<Component>) -> Sbom {
        let mut places = self.places(&components);
        let described = self.described_elements(&places);
        self.nest(&mut components, &places, described);
        let subject = described.map(|place| {
            let subject = components.remove(place);
            for component in &mut components {
                component.parent = match component.parent {
                    Some(parent) if parent as usize == place => {
                        component.is_in_subject = true;
                        None
                    }
                    Some(parent) if parent as usize > place => Some(parent - 1),
                    parent => parent,
                };
            }
            subject
        });
        places.clear();
        let dependencies = self.dependencies();
        let is_tool = |creator: &&Text| creator.starts_with("Tool:");
        let named = |creator: &Text| -> Text {
            let (_, name) = creator.split_once(':').unwrap_or(("", creator));
            name.trim().into()
        };
        let author = |creator: &Text| {
            let sort = match creator.split_once(':') {
                Some(("Person", _)) => AuthorSort::Person,
                Some(("Organization", _)) => AuthorSort::Organisation,
                _ => AuthorSort::Unknown,
            };
            Author { name: named(creator), sort }
        };
        Sbom {
            serial: self.namespace.clone(),
            created: self.created.clone(),
            authors: self.creators.iter().filter(|c| !is_tool(c)).map(author).collect(),
            tools: self.creators.iter().filter(is_tool).map(named).collect(),
            phases: self.phases.clone(),
            subject,
            components,
            dependencies,
            ..Sbom::new(SbomFormat::Spdx, self.version.clone())
        }
    }

    /// Where each id stands; the first of two equal ones counts.
    fn places(&mut self, components: &[Component]) -> HashMap<Text, usize> {
        let mut places = HashMap::with_capacity(components.len());
        for (place, component) in components.iter().enumerate() {
            let Some(id) = &component.reference else { continue };
            if places.contains_key(id) {
                let problem =
                    Problem::new(Code::RecordDuplicate, component.at.clone(), Loss::Nothing);
                self.problems.tell(problem.expected("an id of its own").found(id));
            } else {
                places.insert(id.clone(), place);
            }
        }
        places
    }

    /// The one component that the document describes, if it is one; dangling references are told.
    fn described_elements(&mut self, places: &HashMap<Text, usize>) -> Option<usize> {
        let own = self.id.clone().unwrap_or_else(|| "SPDXRef-DOCUMENT".into());
        let mut described: Vec<Text> = self.described.iter().map(|(id, _)| id.clone()).collect();
        let others: std::collections::HashSet<&str> = self.others.iter().map(Cow::as_ref).collect();
        let known = |id: &str| {
            places.contains_key(id)
                || others.contains(id)
                || id == own
                || id == "SPDXRef-DOCUMENT"
                || id.starts_with("DocumentRef-")
                || matches!(id, "NOASSERTION" | "NONE" | "")
        };
        let mut dangling = Vec::new();
        for relation in &self.relations {
            match relation.kind.as_ref() {
                "DESCRIBES" if relation.from == own.as_str() => {
                    described.push(relation.to.as_ref().into());
                }
                "DESCRIBED_BY" if relation.to == own.as_str() => {
                    described.push(relation.from.as_ref().into());
                }
                _ => {}
            }
            for id in [&relation.from, &relation.to] {
                if !known(id) {
                    dangling.push((Text::from(id.as_ref()), relation.at.clone()));
                }
            }
        }
        let of_document = self.described.iter().filter(|(id, _)| !known(id)).cloned();
        dangling.extend(of_document);
        for (id, at) in dangling {
            let problem = Problem::new(Code::RecordDanglingReference, at, Loss::Nothing);
            self.problems.tell(problem.expected("the id of an element of the document").found(&id));
        }
        described.sort();
        described.dedup();
        let mut found = described.iter().filter_map(|id| places.get(id).copied());
        match (found.next(), found.next()) {
            (Some(one), None) => Some(one),
            _ => None,
        }
    }

    /// What contains what. Each component has one parent, the first told, and no circle closes.
    fn nest(
        &self,
        components: &mut [Component],
        places: &HashMap<Text, usize>,
        subject: Option<usize>,
    ) {
        for relation in &self.relations {
            let (parent, child) = match relation.kind.as_ref() {
                "CONTAINS" => (&relation.from, &relation.to),
                "CONTAINED_BY" => (&relation.to, &relation.from),
                _ => continue,
            };
            let (Some(parent), Some(child)) =
                (places.get(parent.as_ref()), places.get(child.as_ref()))
            else {
                continue;
            };
            if Some(*child) == subject || closes_circle(components, *parent, *child) {
                continue;
            }
            if let Some(component) = components.get_mut(*child)
                && component.parent.is_none()
            {
                component.parent = u32::try_from(*parent).ok();
            }
        }
    }

    /// Who needs whom, in one direction, joined by who needs.
    fn dependencies(&self) -> Vec<Dependency> {
        let mut places: HashMap<&str, usize> = HashMap::new();
        let mut dependencies: Vec<Dependency> = Vec::new();
        for relation in &self.relations {
            let (from, to) = match relation.kind.as_ref() {
                kind if !is_need(kind) => continue,
                kind if kind.ends_with("DEPENDENCY_OF") || kind == "PREREQUISITE_FOR" => {
                    (&relation.to, &relation.from)
                }
                _ => (&relation.from, &relation.to),
            };
            let place = *places.entry(from).or_insert_with(|| {
                let at = relation.at.clone();
                dependencies.push(Dependency { from: from.as_ref().into(), to: Vec::new(), at });
                dependencies.len() - 1
            });
            if let Some(dependency) = dependencies.get_mut(place) {
                dependency.to.push(to.as_ref().into());
            }
        }
        dependencies
    }
}

/// Whether a type of relation says that one element needs another, in whichever direction.
pub(super) fn is_need(kind: &str) -> bool {
    let forward = ["DEPENDS_ON", "DYNAMIC_LINK", "STATIC_LINK", "HAS_PREREQUISITE"];
    forward.contains(&kind) || kind.ends_with("DEPENDENCY_OF") || kind == "PREREQUISITE_FOR"
}

/// Whether the child is the parent or above it.
fn closes_circle(components: &[Component], parent: usize, child: usize) -> bool {
    let mut at = Some(parent);
    while let Some(place) = at {
        if place == child {
            return true;
        }
        at = components.get(place).and_then(|c| c.parent).map(|parent| parent as usize);
    }
    false
}

/// `Organization: Maker (mail@example.org)` is Maker; who is not asserted is nobody.
pub(super) fn agent(text: &str) -> Option<Text> {
    let text = text.trim();
    if matches!(text, "" | "NOASSERTION" | "NONE") {
        return None;
    }
    let name =
        ["Organization:", "Person:", "Tool:"].iter().find_map(|kind| text.strip_prefix(kind));
    let name = name.unwrap_or(text).split(" (").next().unwrap_or_default().trim();
    (!name.is_empty()).then(|| name.into())
}

/// A type of relation as the specification writes it, whatever its case was.
pub(super) fn in_capitals(kind: Cow<'_, str>) -> Cow<'_, str> {
    let is_so = kind.bytes().all(|byte| !byte.is_ascii_lowercase());
    if is_so { kind } else { kind.to_ascii_uppercase().into() }
}

/// A licence that is asserted.
pub(super) fn licence(text: &str) -> Option<Text> {
    let text = text.trim();
    (!matches!(text, "" | "NOASSERTION" | "NONE")).then(|| text.into())
}

pub(super) fn kind_of(purpose: Option<&str>, is_file: bool) -> ComponentKind {
    match purpose.unwrap_or_default().to_ascii_uppercase().replace('_', "-").as_str() {
        "APPLICATION" => ComponentKind::Application,
        "FRAMEWORK" => ComponentKind::Framework,
        "CONTAINER" => ComponentKind::Container,
        "OPERATING-SYSTEM" | "OPERATINGSYSTEM" => ComponentKind::OperatingSystem,
        "DEVICE" => ComponentKind::Device,
        "DEVICEDRIVER" => ComponentKind::DeviceDriver,
        "FIRMWARE" => ComponentKind::Firmware,
        "FILE" => ComponentKind::File,
        "PLATFORM" => ComponentKind::Platform,
        "MODEL" => ComponentKind::MachineLearningModel,
        "DATA" => ComponentKind::Data,
        "" if is_file => ComponentKind::File,
        "" | "LIBRARY" => ComponentKind::Library,
        _ => ComponentKind::Other,
    }
}

/// The phases of its life in which the software was looked at, as a remark on the document's making
/// tells them in a line of its own: SPDX 2.x has no field for it.
pub(super) fn phases_of(remark: &str) -> impl Iterator<Item = Text> {
    const MARKS: [&str; 3] = ["generation context", "lifecycle", "sbom type"];
    let lines = remark.lines().filter_map(|line| line.split_once(':'));
    let told = lines.filter(|(mark, _)| MARKS.contains(&mark.trim().to_ascii_lowercase().as_str()));
    let phases = told.flat_map(|(_, phases)| phases.split(','));
    phases.map(str::trim).filter(|phase| !phase.is_empty()).map(Text::from)
}

/// What refers to an element in a way that identifies it, though no fact keeps it (SPDX 2.3, annex
/// F.2 and F.4; SPDX 3.0, Core, `ExternalIdentifierType`).
pub(super) fn identifies(kind: &str) -> bool {
    matches!(kind, "swid" | "swh" | "swhid" | "gitoid")
}

/// The level of support in a maker's remark (FDA premarket guidance, 2023, section V.A.4(b)).
pub(super) fn level_of(remark: &str) -> Option<SupportLevel> {
    let remark = remark.to_lowercase();
    if !remark.contains("support") && !remark.contains("maintain") {
        return None;
    }
    if remark.contains("abandon") {
        Some(SupportLevel::Abandoned)
    } else if remark.contains("no longer")
        || remark.contains("not maintained")
        || remark.contains("unmaintained")
    {
        Some(SupportLevel::NoLongerMaintained)
    } else if remark.contains("actively") || remark.contains("maintained") {
        Some(SupportLevel::Maintained)
    } else {
        None
    }
}

/// The day after "end of support" in a maker's remark.
pub(super) fn end_of(remark: &str) -> Option<date::Date> {
    let lower = remark.to_lowercase();
    let marks =
        ["end of support", "end-of-support", "endofsupport", "eos", "end of life", "end-of-life"];
    let after = marks.iter().find_map(|mark| lower.split_once(mark).map(|(_, after)| after))?;
    after
        .split(|c: char| !(c.is_ascii_digit() || c == '-'))
        .filter(|word| word.len() >= 8)
        .find_map(date::read)
}
