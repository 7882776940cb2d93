//! Several SBOMs of one product as one: what each describes becomes a component of the product,
//! with its parts in it.
//!
//! A component with the same package URL and version is there once. Where two tell different things
//! of it, the first counts, and the other is told. Refuses to take components for the same by name
//! alone, but for what the SBOMs describe, and to let what was judged of a component in one product
//! stand for the same component in another.

mod known;
mod licences;

use std::collections::{BTreeSet, HashMap, HashSet};

use domain::component::{Component, ComponentKind, Dependency, Sbom, SbomFormat, Service};
use domain::date;
use domain::location::Location;
use domain::text::Text;

/// An SBOM with the name by which it is told of.
#[derive(Debug, Clone, Copy)]
pub struct Input<'s> {
    /// By what name.
    pub name: &'s str,
    /// The SBOM.
    pub sbom: &'s Sbom,
}

/// The product that they are all parts of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Its name.
    pub name: Text,
    /// Its version.
    pub version: Option<Text>,
}

/// That two SBOMs tell different things of one component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Of which component.
    pub component: String,
    /// What they differ in.
    pub field: &'static str,
    /// What counts, from the first.
    pub kept: String,
    /// What the other says.
    pub left: String,
    /// Which SBOM the other is.
    pub document: String,
}

/// What was judged of a component in one part, and need not hold in another that has it, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unheld {
    /// Which flaw.
    pub vulnerability: String,
    /// In which component.
    pub component: String,
    /// As what it was judged.
    pub state: String,
    /// By which SBOM.
    pub document: String,
}

/// Several SBOMs as one, and what was to be said of it.
#[derive(Debug, Clone)]
pub struct Merged {
    /// The whole.
    pub sbom: Sbom,
    /// Components that were in it already: each with the SBOM that had it again.
    pub repeated: Vec<(String, String)>,
    /// Where two differ.
    pub conflicts: Vec<Conflict>,
    /// SBOMs that don't say what they describe: their components stand beside the others.
    pub nameless: Vec<String>,
    /// References that lead out of their SBOM and are left out, each with its SBOM.
    pub dangling: Vec<(String, String)>,
    /// SBOMs whose vulnerabilities or VEX can't be carried over, and how many.
    pub known: Vec<(String, usize)>,
    /// Licences of documents' own that have another id now: the old, the new, and the SBOM.
    pub renamed: Vec<(String, String, String)>,
    /// Analyses that are left out, for the component stands in another part, too.
    pub unheld: Vec<Unheld>,
}

/// Merges them, in their order.
#[must_use]
pub fn merge(inputs: &[Input<'_>], product: Option<&Product>) -> Merged {
    let mut merger = Merger::new(product);
    for input in inputs {
        merger.add(*input);
    }
    known::carry(&mut merger);
    merger.end(inputs, product)
}

/// One of the SBOMs, with where its things stand now.
struct Part<'s> {
    input: Input<'s>,
    references: HashMap<&'s str, Text>,
    /// The product that it is about: what it describes, or else itself.
    context: Context,
}

/// A product that components stand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Context {
    /// What stands at this place, which several SBOMs may describe.
    Root(usize),
    /// An SBOM that does not say what it describes, by its number.
    Nameless(usize),
}

struct Merger<'s> {
    merged: Merged,
    taken: HashSet<Text>,
    /// Where a component of this package URL and version stands.
    places: HashMap<(String, Option<Text>), usize>,
    /// What the SBOMs describe.
    roots: Vec<usize>,
    /// Where it stands what a component needs.
    needs: HashMap<Text, usize>,
    parts: Vec<Part<'s>>,
    /// The products that each component stands in.
    contexts: HashMap<usize, BTreeSet<Context>>,
    /// Ids of licences of documents' own, each with its text, where one is told.
    own_licences: HashMap<Text, Option<Text>>,
    /// What those of the SBOM at hand are called now, where that is another.
    renames: HashMap<Text, Text>,
}

impl<'s> Merger<'s> {
    fn new(product: Option<&Product>) -> Self {
        let sbom = Sbom { ..Sbom::new(SbomFormat::CycloneDx, "1.6".into()) };
        let merged = Merged {
            sbom,
            repeated: Vec::new(),
            conflicts: Vec::new(),
            nameless: Vec::new(),
            dangling: Vec::new(),
            known: Vec::new(),
            renamed: Vec::new(),
            unheld: Vec::new(),
        };
        let mut merger = Self {
            merged,
            taken: HashSet::new(),
            places: HashMap::new(),
            roots: Vec::new(),
            needs: HashMap::new(),
            parts: Vec::new(),
            contexts: HashMap::new(),
            own_licences: HashMap::new(),
            renames: HashMap::new(),
        };
        merger.merged.sbom.subject = product.map(|product| Component {
            reference: Some(merger.own(&product.name)),
            kind: ComponentKind::Application,
            name: product.name.clone(),
            version: product.version.clone(),
            ..Component::default()
        });
        merger
    }

    /// A reference that nothing else has.
    fn own(&mut self, reference: &str) -> Text {
        let mut own = Text::from(reference);
        let mut number = 1_usize;
        while !self.taken.insert(own.clone()) {
            number += 1;
            own = format!("{reference}-{number}").into();
        }
        own
    }

    fn add(&mut self, input: Input<'s>) {
        let sbom = input.sbom;
        self.licences(input);
        let mut references: HashMap<&str, Text> = HashMap::new();
        let root = sbom.subject.as_ref().map(|subject| self.root(subject, input));
        let context = root.map_or(Context::Nameless(self.parts.len()), Context::Root);
        if let (Some(root), Some(subject)) = (root, &sbom.subject) {
            self.refer(&mut references, subject.reference.as_deref(), root);
        } else {
            self.merged.nameless.push(input.name.to_owned());
        }
        let mut placed = Vec::with_capacity(sbom.components.len());
        for component in &sbom.components {
            let (place, is_new) = self.place(component, input);
            self.refer(&mut references, component.reference.as_deref(), place);
            placed.push((place, is_new));
        }
        for place in placed.iter().map(|(place, _)| *place).chain(root) {
            self.contexts.entry(place).or_default().insert(context);
        }
        self.nest(sbom, &placed, root);
        for service in &sbom.services {
            self.service(service, &mut references);
        }
        self.dependencies(input, &references);
        let known = sbom.vulnerabilities.len().max(sbom.statements.len());
        if known > 0 && sbom.carried.known.is_empty() {
            self.merged.known.push((input.name.to_owned(), known));
        }
        self.parts.push(Part { input, references, context });
    }

    fn refer(&self, references: &mut HashMap<&'s str, Text>, old: Option<&'s str>, place: usize) {
        let new = self.merged.sbom.components.get(place).and_then(|one| one.reference.clone());
        if let (Some(old), Some(new)) = (old, new) {
            references.entry(old).or_insert(new);
        }
    }

    /// Where what an SBOM describes stands: another may describe the same.
    fn root(&mut self, subject: &Component, input: Input<'_>) -> usize {
        let is_same = |place: &&usize| {
            self.merged.sbom.components.get(**place).is_some_and(|known| {
                let purls = known.purl.as_ref().zip(subject.purl.as_ref());
                known.group == subject.group
                    && known.name == subject.name
                    && known.version == subject.version
                    && purls.is_none_or(|(one, other)| one == other)
            })
        };
        if let Some(place) = self.roots.iter().find(is_same).copied() {
            self.repeat(place, subject, input);
            return place;
        }
        let (place, _) = self.place(subject, input);
        if !self.roots.contains(&place) {
            self.roots.push(place);
        }
        place
    }

    /// Where a component stands, and whether it is new.
    fn place(&mut self, component: &Component, input: Input<'_>) -> (usize, bool) {
        let key = component.purl.as_ref().map(|purl| {
            let version = purl.version.clone().or_else(|| component.version.clone());
            (purl.to_string(), version)
        });
        let key = key.filter(|(_, version)| version.is_some());
        if let Some(place) = key.as_ref().and_then(|key| self.places.get(key)).copied() {
            self.repeat(place, component, input);
            return (place, false);
        }
        let label = component.label();
        let reference = component.reference.as_deref().unwrap_or(&label);
        let mut own = self.relicensed(component);
        own.reference = Some(self.own(reference));
        own.parent = None;
        own.is_in_subject = false;
        let place = self.merged.sbom.components.len();
        self.merged.sbom.components.push(own);
        self.places.extend(key.map(|key| (key, place)));
        (place, true)
    }

    /// Takes from a component that is there already what the first did not tell, and tells where
    /// they differ.
    fn repeat(&mut self, place: usize, other: &Component, input: Input<'_>) {
        let label = other.label();
        let other = &self.relicensed(other);
        self.merged.repeated.push((label.clone(), input.name.to_owned()));
        let Some(known) = self.merged.sbom.components.get_mut(place) else { return };
        let mut found: Vec<(&'static str, String, String)> = Vec::new();
        let word = |text: Text| text.to_string();
        single(&mut known.version, other.version.clone(), word, "version", &mut found);
        single(&mut known.supplier, other.supplier.clone(), word, "supplier", &mut found);
        single(
            &mut known.manufacturer,
            other.manufacturer.clone(),
            word,
            "manufacturer",
            &mut found,
        );
        let words = |list: &[Text]| list.iter().map(Text::to_string).collect::<BTreeSet<_>>();
        list(&mut known.licences, &other.licences, words, "licences", &mut found);
        licences::texts(known, other, &mut found);
        let cpes = |list: &[domain::cpe::Cpe]| list.iter().map(ToString::to_string).collect();
        list(&mut known.cpes, &other.cpes, cpes, "CPE names", &mut found);
        hashes(known, other, &mut found);
        let level = |level: domain::component::SupportLevel| format!("{level:?}");
        single(&mut known.support, other.support, level, "level of support", &mut found);
        let day = |day: date::Date| day.to_string();
        single(&mut known.end_of_support, other.end_of_support, day, "end of support", &mut found);
        for (name, value) in &other.other {
            if !known.other.iter().any(|(one, other)| one == name && other == value) {
                known.other.push((name.clone(), value.clone()));
            }
        }
        let document = input.name.to_owned();
        self.merged.conflicts.extend(found.into_iter().map(|(field, kept, left)| Conflict {
            component: label.clone(),
            field,
            kept,
            left,
            document: document.clone(),
        }));
    }

    /// Puts new components where they stood: in another, or in what their SBOM describes. One that
    /// stands elsewhere already stays there, and is needed here.
    fn nest(&mut self, sbom: &Sbom, placed: &[(usize, bool)], root: Option<usize>) {
        for (component, (place, is_new)) in sbom.components.iter().zip(placed) {
            let parent = component.parent.and_then(|parent| placed.get(parent as usize));
            let Some(holder) = parent.map(|(place, _)| *place).or(root) else { continue };
            if *is_new && !self.closes_circle(holder, *place) {
                if let Some(one) = self.merged.sbom.components.get_mut(*place)
                    && one.parent.is_none()
                {
                    one.parent = u32::try_from(holder).ok();
                }
            } else if !*is_new && holder != *place && !self.holds(holder, *place) {
                self.need(holder, *place);
            }
        }
    }

    fn closes_circle(&self, holder: usize, place: usize) -> bool {
        holder == place || self.holds(place, holder)
    }

    /// Whether one component stands in another, however deep.
    fn holds(&self, holder: usize, place: usize) -> bool {
        let parent = |place: usize| self.merged.sbom.components.get(place).and_then(|c| c.parent);
        let mut at = parent(place);
        while let Some(one) = at {
            if one as usize == holder {
                return true;
            }
            at = parent(one as usize);
        }
        false
    }

    fn need(&mut self, from: usize, to: usize) {
        let of = |place: usize| {
            self.merged.sbom.components.get(place).and_then(|one| one.reference.clone())
        };
        if let (Some(from), Some(to)) = (of(from), of(to)) {
            self.depend(from, vec![to]);
        }
    }

    fn depend(&mut self, from: Text, to: Vec<Text>) {
        let all = &mut self.merged.sbom.dependencies;
        let place = *self.needs.entry(from.clone()).or_insert_with(|| {
            all.push(Dependency { from, to: Vec::new(), at: Location::whole() });
            all.len() - 1
        });
        if let Some(one) = all.get_mut(place) {
            for to in to {
                if to != one.from && !one.to.contains(&to) {
                    one.to.push(to);
                }
            }
        }
    }

    fn service(&mut self, service: &'s Service, references: &mut HashMap<&'s str, Text>) {
        let reference = service.reference.as_deref().unwrap_or(&service.name);
        let own = self.own(reference);
        references.entry(reference).or_insert_with(|| own.clone());
        self.merged.sbom.services.push(Service { reference: Some(own), ..service.clone() });
    }

    fn dependencies(&mut self, input: Input<'_>, references: &HashMap<&str, Text>) {
        for dependency in &input.sbom.dependencies {
            let mut to = Vec::new();
            for needed in &dependency.to {
                match references.get(needed.as_str()) {
                    Some(own) => to.push(own.clone()),
                    None if matches!(needed.as_str(), "NONE" | "NOASSERTION") => {}
                    None => self.dangles(needed, input),
                }
            }
            match references.get(dependency.from.as_str()) {
                Some(from) => self.depend(from.clone(), to),
                None => self.dangles(&dependency.from, input),
            }
        }
    }

    fn dangles(&mut self, reference: &str, input: Input<'_>) {
        self.merged.dangling.push((reference.to_owned(), input.name.to_owned()));
    }

    fn end(mut self, inputs: &[Input<'_>], product: Option<&Product>) -> Merged {
        let sbom = &mut self.merged.sbom;
        for Input { sbom: one, .. } in inputs {
            unite(&mut sbom.authors, &one.authors);
            unite(&mut sbom.tools, &one.tools);
            unite(&mut sbom.phases, &one.phases);
        }
        let created = inputs.iter().filter_map(|input| input.sbom.created.clone());
        sbom.created = created.max_by_key(|text| date::moment(text));
        if product.is_some() {
            let tops = sbom.components.iter_mut().filter(|one| one.parent.is_none());
            tops.for_each(|one| one.is_in_subject = true);
            self.settle_product();
        }
        self.merged
    }

    /// The product is of the kind of all its parts, if that is one, and needs them.
    fn settle_product(&mut self) {
        let sbom = &mut self.merged.sbom;
        let parts = self.roots.iter().filter_map(|place| sbom.components.get(*place));
        let parts: Vec<(ComponentKind, Option<Text>)> =
            parts.map(|one| (one.kind, one.reference.clone())).collect();
        let kinds: BTreeSet<ComponentKind> = parts.iter().map(|(kind, _)| *kind).collect();
        let Some(subject) = &mut sbom.subject else { return };
        if let (1, Some(kind)) = (kinds.len(), kinds.first()) {
            subject.kind = *kind;
        }
        if let Some(own) = subject.reference.clone() {
            self.depend(own, parts.into_iter().filter_map(|(_, reference)| reference).collect());
        }
    }
}

fn unite<T: Clone + PartialEq>(all: &mut Vec<T>, more: &[T]) {
    for one in more {
        if !all.contains(one) {
            all.push(one.clone());
        }
    }
}

type Differing = Vec<(&'static str, String, String)>;

fn single<T: Clone + PartialEq>(
    known: &mut Option<T>,
    other: Option<T>,
    shown: impl Fn(T) -> String,
    field: &'static str,
    found: &mut Differing,
) {
    match (known.clone(), other) {
        (None, other) => *known = other,
        (Some(kept), Some(left)) if kept != left => found.push((field, shown(kept), shown(left))),
        _ => {}
    }
}

fn list<T: Clone>(
    known: &mut Vec<T>,
    other: &[T],
    words: impl Fn(&[T]) -> BTreeSet<String>,
    field: &'static str,
    found: &mut Differing,
) {
    if known.is_empty() {
        *known = other.to_vec();
        return;
    }
    let (kept, left) = (words(known), words(other));
    if !left.is_empty() && kept != left {
        let joined = |set: BTreeSet<String>| set.into_iter().collect::<Vec<_>>().join(", ");
        found.push((field, joined(kept), joined(left)));
    }
}

/// Digests by algorithms that the first has not are added.
fn hashes(known: &mut Component, other: &Component, found: &mut Differing) {
    for hash in &other.hashes {
        let same = known.hashes.iter().filter(|one| one.algorithm == hash.algorithm);
        let same: Vec<&Text> = same.map(|one| &one.value).collect();
        match same.first() {
            None => known.hashes.push(hash.clone()),
            Some(kept) if !same.iter().any(|one| one.eq_ignore_ascii_case(&hash.value)) => {
                let shown = |value: &str| format!("{} {value}", hash.algorithm);
                found.push(("hashes", shown(kept), shown(&hash.value)));
            }
            Some(_) => {}
        }
    }
}
