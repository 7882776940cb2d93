//! The fleet, indexed: which release or component bears which package, CPE or name.
//!
//! Refuses to judge: an index only says who may be meant.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

use domain::component::Component;
use domain::cpe::{Attribute, Cpe, Part, Rest};
use domain::purl::Purl;
use domain::release::ReleaseKey;
use domain::text::Text;
use domain::version::Scheme;

use super::Subject;
use super::names::{self, ProductName};
use super::package::{self, Packed};
use super::systems::{self, System};
use super::versions::Bearer;
use crate::hospital::{Described, Hospital, Release, ReleaseIndex};
use crate::reason::Rule;

/// A subject that an advisory may touch.
#[derive(Debug, Clone)]
pub(super) struct Held<'h> {
    pub(super) release: ReleaseIndex,
    pub(super) subject: Subject,
    /// How it is called in a sentence.
    pub(super) label: Label<'h>,
    pub(super) version: Option<&'h str>,
    /// Makers that it may be of, as compared; empty is unknown.
    pub(super) makers: Vec<Rc<str>>,
    /// Model and order numbers that the inventory has beside the model's name.
    numbers: &'h [Text],
}

/// How a subject is called, put together only where a sentence needs it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Label<'h> {
    Release(&'h ReleaseKey),
    Component(&'h Component),
    System(&'h str),
}

impl fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Release(key) => key.fmt(f),
            Self::Component(component) => f.write_str(&component.label()),
            Self::System(name) => f.write_str(name),
        }
    }
}

impl Held<'_> {
    /// A component of this subject, said of as its makers' own.
    pub(super) fn part<'c>(&self, subject: Subject, component: &'c Component) -> Held<'c> {
        Held {
            release: self.release,
            subject,
            label: Label::Component(component),
            version: component.version.as_deref(),
            makers: self.makers.clone(),
            numbers: &[],
        }
    }
}

impl Held<'_> {
    /// The model, for a release.
    pub(super) fn model(&self) -> &str {
        match self.label {
            Label::Release(key) => &key.model,
            Label::Component(_) | Label::System(_) => "",
        }
    }

    /// What bears the version, to be placed among those that a statement names.
    pub(super) fn bearer(&self) -> Bearer<'_> {
        Bearer {
            version: self.version,
            scheme: Scheme::Generic,
            model: self.model(),
            numbers: self.numbers,
            systems: &[],
        }
    }

    /// Whether it may be of this maker.
    pub(super) fn is_of(&self, maker: &str) -> bool {
        self.makers.iter().any(|own| **own == *maker)
    }
}

/// A word that more models than these bear finds none by itself, where a rarer one is there.
const COMMON: usize = 100;

/// By place in [`Fleet::held`].
pub(super) type HeldIndex = u32;

/// A CPE name that a subject bears.
#[derive(Debug, Clone)]
pub(super) struct Borne<'h> {
    pub(super) held: HeldIndex,
    pub(super) cpe: Cow<'h, Cpe>,
    /// The vendor as makers are compared; `None` where the name has none.
    maker: Option<Rc<str>>,
    /// Whether it was made from a name, not given.
    pub(super) origin: Origin,
}

/// The vendor that is looked for.
struct Vendor {
    /// As written; `None` is any.
    written: Option<String>,
    /// As makers are compared.
    maker: String,
    makers: Vec<String>,
}

impl Vendor {
    fn of(cpe: &Cpe) -> Self {
        let written = cpe.vendor_value().map(str::to_owned);
        let spaced = written.as_deref().unwrap_or_default().replace('_', " ");
        Self { written, maker: names::maker(&spaced), makers: names::makers(&spaced) }
    }
}

/// Where a CPE name comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// A document gives it.
    Given,
    /// It was made from a name; its maker agrees.
    NameAndMaker,
    /// It was made from a component's name, whose maker nobody states.
    NameOnly,
}

/// The fleet.
pub(super) struct Fleet<'h, 'd> {
    pub(super) hospital: &'h Hospital<'d>,
    pub(super) held: Vec<Held<'h>>,
    packages: HashMap<String, Vec<Packed<'h>>>,
    /// By [`product_key`]; those of one release stand together, in the order of releases.
    cpes: HashMap<String, Vec<Borne<'h>>>,
    /// Releases by each telling word of their model, and by all of them together.
    words: HashMap<String, Vec<HeldIndex>>,
    /// Product names of releases, by place in `held`.
    pub(super) models: HashMap<HeldIndex, ProductName>,
    /// Makers with whose name a release's model begins, as compared.
    named_makers: HashMap<HeldIndex, Vec<String>>,
    /// Components and operating systems by their name, words together.
    names: HashMap<String, Vec<HeldIndex>>,
    /// Families of the operating systems of each release.
    families: HashMap<ReleaseIndex, Vec<systems::Family>>,
    /// The operating systems of each release by their products in CPE names.
    systems: HashMap<ReleaseIndex, Vec<String>>,
    /// Makers' names as compared, by how they are written.
    makers: HashMap<&'h str, Vec<Rc<str>>>,
    /// Vendors of CPE names as makers are compared.
    vendors: HashMap<String, Rc<str>>,
}

impl<'h, 'd> Fleet<'h, 'd> {
    pub(super) fn index(hospital: &'h Hospital<'d>) -> Self {
        let mut fleet = Self {
            hospital,
            held: Vec::new(),
            packages: HashMap::new(),
            cpes: HashMap::new(),
            words: HashMap::new(),
            models: HashMap::new(),
            named_makers: HashMap::new(),
            names: HashMap::new(),
            families: HashMap::new(),
            systems: HashMap::new(),
            makers: HashMap::new(),
            vendors: HashMap::new(),
        };
        for (number, release) in (0_u32..).zip(&hospital.releases) {
            fleet.add_release(ReleaseIndex(number), release);
        }
        fleet
    }

    fn add_release(&mut self, index: ReleaseIndex, release: &'h Release<'d>) {
        let key = &release.key;
        let makers = self.makers_of([key.manufacturer.as_str()]);
        let held = self.hold(Held {
            release: index,
            subject: Subject::Release,
            label: Label::Release(key),
            version: Some(key.version.as_str()).filter(|version| !version.is_empty()),
            makers,
            numbers: &release.numbers,
        });
        let model = ProductName::new(&key.model, Some(&key.manufacturer)).at(&key.version);
        for word in model.kept_under().chain([model.together().to_owned()]) {
            let posting = self.words.entry(word).or_default();
            if posting.last() != Some(&held) {
                posting.push(held);
            }
        }
        self.models.insert(held, model);
        self.named_makers.insert(held, makers_in(&key.model));
        for purl in &release.purls {
            self.pack(held, purl);
        }
        for cpe in &release.cpes {
            self.bear(held, Cow::Borrowed(cpe), Origin::Given);
        }
        if release.cpes.is_empty() {
            let unknown = key.manufacturer.is_empty();
            let origin = if unknown { Origin::NameOnly } else { Origin::NameAndMaker };
            let cpe = by_name(&key.model, Some(&key.version));
            self.bear(held, Cow::Owned(cpe), origin);
        }
        for (place, system) in (0_u32..).zip(&release.operating_systems) {
            self.add_system((index, release), (place, system));
        }
        for (sbom, described) in (0_u32..).zip(&release.sboms) {
            for (place, component) in (0_u32..).zip(&described.sbom.components) {
                self.add_component(index, Subject::Component(sbom, place), component);
            }
        }
    }

    fn add_component(&mut self, release: ReleaseIndex, subject: Subject, component: &'h Component) {
        let given = component.cpes.iter().find_map(|cpe| cpe.version.value());
        let in_purl = component.purl.as_ref().and_then(|purl| purl.version.as_deref());
        let stated = component.version.as_deref().filter(|version| !version.trim().is_empty());
        let named = [&component.supplier, &component.manufacturer, &component.group];
        let named = named.into_iter().flatten().map(Text::as_str);
        let in_cpes = component.cpes.iter().filter_map(Cpe::vendor_value);
        let makers = self.makers_of(named.chain(in_cpes));
        let held = self.hold(Held {
            release,
            subject,
            label: Label::Component(component),
            version: stated.or(in_purl).or(given),
            makers,
            numbers: &[],
        });
        if let Some(purl) = &component.purl {
            self.pack(held, purl);
        }
        for cpe in &component.cpes {
            self.bear(held, Cow::Borrowed(cpe), Origin::Given);
        }
        if component.cpes.is_empty() && named_freely(component) {
            let unknown = self.at(held).is_none_or(|held| held.makers.is_empty());
            let origin = if unknown { Origin::NameOnly } else { Origin::NameAndMaker };
            let cpe = by_name(&component.name, component.version.as_deref());
            self.bear(held, Cow::Owned(cpe), origin);
        }
        for name in names_of(component) {
            self.names.entry(name).or_default().push(held);
        }
    }

    fn add_system(
        &mut self,
        (index, release): (ReleaseIndex, &Release<'_>),
        (place, text): (u32, &'h str),
    ) {
        let Some(system) = systems::read(text) else { return };
        if system.version.is_none() && release.sboms.iter().any(|sbom| lists(sbom, &system)) {
            // The SBOM tells which version it is, and is held against what is known itself.
            let family = systems::family_of(system.product);
            self.families.entry(index).or_default().extend(family);
            return;
        }
        let makers = self.makers_of([system.vendor]);
        let held = self.hold(Held {
            release: index,
            subject: Subject::OperatingSystem(place),
            label: Label::System(text),
            version: system.version,
            makers,
            numbers: &[],
        });
        let cpe = Cpe {
            part: Part::OperatingSystem,
            vendor: Attribute::Value(system.vendor.into()),
            product: Attribute::Value(system.product.into()),
            version: system.version.map_or(Attribute::Any, |v| Attribute::Value(v.into())),
            update: system.update.map_or(Attribute::Any, |update| Attribute::Value(update.into())),
            rest: Rest::default(),
        };
        self.bear(held, Cow::Owned(cpe), Origin::NameAndMaker);
        self.names.entry(together(system.product)).or_default().push(held);
    }

    fn hold(&mut self, held: Held<'h>) -> HeldIndex {
        self.held.push(held);
        u32::try_from(self.held.len() - 1).unwrap_or(u32::MAX)
    }

    fn pack(&mut self, held: HeldIndex, purl: &'h Purl) {
        for (key, version) in package::keys(purl) {
            self.packages.entry(key).or_default().push(Packed { held, purl, version });
        }
    }

    fn bear(&mut self, held: HeldIndex, cpe: Cow<'h, Cpe>, origin: Origin) {
        let release = self.at(held).map_or(ReleaseIndex(u32::MAX), |held| held.release);
        if cpe.part == Part::OperatingSystem
            && let Some(family) = systems::family(&cpe)
        {
            self.families.entry(release).or_default().push(family);
            let product = cpe.product_value().unwrap_or_default();
            self.systems.entry(release).or_default().push(product.to_owned());
        }
        if let Some(product) = cpe.product_value() {
            let key = product_key(product);
            let maker = cpe.vendor_value().map(|vendor| self.vendor(vendor));
            self.cpes.entry(key).or_default().push(Borne { held, cpe, maker, origin });
        }
    }

    /// A vendor of CPE's dictionary as makers are compared.
    fn vendor(&mut self, vendor: &str) -> Rc<str> {
        if let Some(known) = self.vendors.get(vendor) {
            return Rc::clone(known);
        }
        let maker: Rc<str> = Rc::from(names::maker(&vendor.replace('_', " ")));
        self.vendors.insert(vendor.to_owned(), Rc::clone(&maker));
        maker
    }

    fn makers_of(&mut self, written: impl IntoIterator<Item = &'h str>) -> Vec<Rc<str>> {
        let mut makers: Vec<Rc<str>> = Vec::new();
        for text in written {
            let known = self.makers.entry(text).or_insert_with(|| {
                names::makers(text).iter().map(|maker| Rc::from(maker.as_str())).collect()
            });
            makers.extend(known.iter().cloned());
        }
        makers
    }

    /// Releases that are, or hold, a package of this key.
    pub(super) fn releases_of_package(&self, key: &str) -> impl Iterator<Item = ReleaseIndex> {
        let packed = self.packages.get(key).map(Vec::as_slice).unwrap_or_default();
        packed.iter().filter_map(|packed| Some(self.at(packed.held)?.release))
    }

    /// Releases of which something bears a CPE name of this key, whatever its vendor.
    pub(super) fn releases_of_cpe(&self, key: &str) -> impl Iterator<Item = ReleaseIndex> {
        let borne = self.cpes.get(key).map(Vec::as_slice).unwrap_or_default();
        borne.iter().filter_map(|borne| Some(self.at(borne.held)?.release))
    }

    pub(super) fn at(&self, index: HeldIndex) -> Option<&Held<'h>> {
        self.held.get(index as usize)
    }

    /// Components and releases that are this package, whatever their version.
    pub(super) fn of_package(&self, purl: &Purl) -> &[Packed<'h>] {
        self.of_key(&package::key(purl))
    }

    /// The same, by the key of a package.
    pub(super) fn of_key(&self, key: &str) -> &[Packed<'h>] {
        self.packages.get(key).map(Vec::as_slice).unwrap_or_default()
    }

    /// Subjects that bear this product's CPE name, or one that may be it.
    pub(super) fn of_cpe<'f>(&'f self, cpe: &Cpe) -> impl Iterator<Item = &'f Borne<'h>> {
        let borne = self.bearing(cpe);
        // Most names of a feed are borne by nobody, and need no comparing.
        let vendor = (!borne.is_empty()).then(|| Vendor::of(cpe));
        let is_of = move |borne: &&Borne<'_>| {
            vendor.as_ref().is_none_or(|vendor| self.is_of_vendor(borne, vendor))
        };
        borne.iter().filter(is_of)
    }

    /// What of one release bears this product's CPE name.
    pub(super) fn in_release<'f>(
        &'f self,
        release: ReleaseIndex,
        cpe: &Cpe,
    ) -> impl Iterator<Item = &'f Borne<'h>> {
        let borne = self.bearing(cpe);
        let of = |borne: &Borne<'_>| self.at(borne.held).map(|held| held.release);
        let start = borne.partition_point(|borne| of(borne) < Some(release));
        let of_release = borne.iter().skip(start).take_while(move |one| of(one) == Some(release));
        let vendor = Vendor::of(cpe);
        of_release.filter(move |borne| self.is_of_vendor(borne, &vendor))
    }

    fn bearing(&self, cpe: &Cpe) -> &[Borne<'h>] {
        let borne = cpe.product_value().and_then(|product| self.cpes.get(&product_key(product)));
        borne.map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether what bears a name may be of the vendor that another name of the product says.
    pub(super) fn is_by_vendor(&self, borne: &Borne<'_>, cpe: &Cpe) -> bool {
        cpe.vendor == borne.cpe.vendor || self.is_of_vendor(borne, &Vendor::of(cpe))
    }

    fn is_of_vendor(&self, borne: &Borne<'_>, wanted: &Vendor) -> bool {
        let Some(written) = &wanted.written else { return true };
        if borne.origin == Origin::NameOnly || borne.cpe.vendor_value() == Some(written) {
            return true;
        }
        match &borne.maker {
            Some(own) => **own == *wanted.maker,
            None => self
                .at(borne.held)
                .is_some_and(|held| wanted.makers.iter().any(|maker| held.is_of(maker))),
        }
    }

    /// Makers with whose name a release's model begins.
    pub(super) fn named_makers(&self, held: HeldIndex) -> &[String] {
        self.named_makers.get(&held).map(Vec::as_slice).unwrap_or_default()
    }

    /// Families of the operating systems that are stated for a release.
    pub(super) fn families(&self, release: ReleaseIndex) -> &[systems::Family] {
        self.families.get(&release).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether a release runs a system of this family, and it is another product of it: Debian for
    /// Red Hat's, Windows 8 for Windows 7, one feature update of Windows 10 for another.
    pub(super) fn runs_another(&self, release: ReleaseIndex, product: &str) -> bool {
        let family = systems::family_of(product);
        let bare = systems::base(product);
        let stated = self.systems.get(&release).map(Vec::as_slice).unwrap_or_default();
        let mut of_family =
            stated.iter().filter(|own| systems::family_of(own) == family).peekable();
        let is_other = |own: &&String| {
            let own_bare = systems::base(own);
            let is_update = own_bare != own.as_str() && bare != product;
            !systems::is_whole_family(own)
                && (own_bare != bare || is_update && own.as_str() != product)
        };
        family.is_some()
            && !systems::is_whole_family(bare)
            && of_family.peek().is_some()
            && of_family.all(|own| is_other(&own))
    }

    /// Releases whose model may be the product of this name: those that hold its rarest word.
    pub(super) fn with_words(&self, name: &ProductName) -> Vec<HeldIndex> {
        let posting = |word: &str| self.words.get(word).map(Vec::as_slice).unwrap_or_default();
        // Any word may be missing in the inventory, or be written together with the next; but not
        // all of those that few models have.
        let numbered = |word: &&str| word.bytes().any(|b| b.is_ascii_digit());
        let mut postings: Vec<&[HeldIndex]> = name
            .naming()
            .filter(|word| !numbered(word))
            .map(posting)
            .filter(|posting| !posting.is_empty())
            .collect();
        postings.sort_by_key(|posting| posting.len());
        let common =
            |(place, posting): &(usize, &&[HeldIndex])| *place > 0 && posting.len() > COMMON;
        let of_words = postings.iter().enumerate().filter(|one| !common(one)).map(|(_, one)| *one);
        let numbers = name.telling().filter(numbered).map(posting);
        let by_number = numbers.filter(|posting| posting.len() <= COMMON).flatten();
        let mut found: Vec<HeldIndex> = of_words.flatten().copied().collect();
        found.extend(by_number);
        found.extend(posting(name.together()));
        for word in name.instead() {
            found
                .extend(Some(posting(&word)).filter(|one| one.len() <= COMMON).unwrap_or_default());
        }
        if !name.names_something() {
            found.extend(name.kept_under().flat_map(|word| posting(&word).to_vec()));
        }
        if let Some((letters, beside)) = name.short_form() {
            let rarest = beside.map(posting).min_by_key(|posting| posting.len());
            found.extend(posting(letters).iter().chain(rarest.unwrap_or_default()));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Keys of all packages.
    pub(super) fn packages(&self) -> impl Iterator<Item = &str> {
        self.packages.keys().map(String::as_str)
    }

    /// Keys of all products of CPE names.
    pub(super) fn products(&self) -> impl Iterator<Item = &str> {
        self.cpes.keys().map(String::as_str)
    }

    /// Names of all components and operating systems, words together.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(String::as_str)
    }

    /// Words of all models.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.words.keys().map(String::as_str)
    }

    /// Components and operating systems of this name.
    pub(super) fn of_name(&self, name: &str) -> &[HeldIndex] {
        self.names.get(&together(name)).map(Vec::as_slice).unwrap_or_default()
    }
}

/// All words by which [`Fleet::with_words`] may look for a name, whatever fleet it is.
pub(super) fn asked_words(name: &ProductName) -> impl Iterator<Item = String> {
    let short = name.short_form();
    let letters = short.iter().map(|(letters, _)| (*letters).to_owned()).collect::<Vec<_>>();
    let beside = short.into_iter().flat_map(|(_, beside)| beside).map(str::to_owned);
    let numbered = |word: &&str| word.bytes().any(|b| b.is_ascii_digit());
    let telling = name.naming().chain(name.telling().filter(numbered)).map(str::to_owned);
    let kept = (!name.names_something()).then(|| name.kept_under());
    let words = telling.chain([name.together().to_owned()]).chain(name.instead());
    words.chain(letters).chain(beside).chain(kept.into_iter().flatten())
}

/// The makers that a model's first words may name.
fn makers_in(model: &str) -> Vec<String> {
    const WORDS: usize = 3;
    let words = names::words(model);
    let starts = (1..=WORDS).filter_map(|count| words.get(..count));
    let mut makers: Vec<String> = starts.map(|start| names::maker(&start.join(" "))).collect();
    makers.dedup();
    makers
}

/// Whether the release's own SBOM lists an operating system with its version.
fn lists(described: &Described<'_>, system: &System<'_>) -> bool {
    let is_by_cpe = |cpe: &Cpe| {
        cpe.vendor_value() == Some(system.vendor)
            && cpe.product_value().map(systems::base) == Some(system.product)
            && (cpe.version != Attribute::Any || cpe.update != Attribute::Any)
    };
    let is_by_name = |component: &Component| {
        named_freely(component)
            && component.version.as_deref().is_some_and(|version| !version.trim().is_empty())
            && together(&component.name) == together(system.product)
    };
    let own = matches!(described.reason.rule, Rule::SbomByLink | Rule::SbomByItself);
    own && described
        .sbom
        .components
        .iter()
        .any(|one| one.cpes.iter().any(is_by_cpe) || is_by_name(one))
}

/// What a component is found by, beside its package.
pub(super) struct FoundBy {
    /// Keys of its CPE products.
    pub(super) products: Vec<String>,
    /// Its names, words together.
    pub(super) names: Vec<String>,
}

/// What a component is found by.
pub(super) fn found_by(component: &Component) -> FoundBy {
    let given = component.cpes.iter().filter_map(Cpe::product_value).map(product_key);
    let mut products: Vec<String> = given.collect();
    if component.cpes.is_empty() && named_freely(component) {
        let cpe = by_name(&component.name, None);
        products.extend(cpe.product_value().map(product_key));
    }
    FoundBy { products, names: names_of(component) }
}

/// What a component is called, words together: its own name where package managers have not given
/// it, and the products of its CPE names, for a record without them says the same words.
fn names_of(component: &Component) -> Vec<String> {
    if component.cpes.is_empty() {
        return named_freely(component).then(|| together(&component.name)).into_iter().collect();
    }
    let given = component.cpes.iter().filter_map(Cpe::product_value);
    let mut names: Vec<String> = given.map(together).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// What CPE products are found by: letters and digits only. The dictionary names a device's
/// firmware after the device, and each feature update of a Windows by itself.
pub(super) fn product_key(product: &str) -> String {
    let product = systems::base(product);
    let product = product.strip_suffix("_firmware").unwrap_or(product);
    let key: String = product.chars().filter(|c| c.is_alphanumeric()).collect();
    if key.is_empty() { product.to_owned() } else { key }
}

/// A CPE name made from a product's name, whatever its vendor and part.
fn by_name(name: &str, version: Option<&str>) -> Cpe {
    let version = version.filter(|version| !version.trim().is_empty());
    Cpe {
        part: Part::Any,
        vendor: Attribute::Any,
        product: Attribute::Value(names::words(name).join("_").into()),
        version: version.map_or(Attribute::Any, |version| Attribute::Value(version.into())),
        update: Attribute::Any,
        rest: Rest::default(),
    }
}

/// A name's words written together. The kernel's own records call it `Linux`, as nothing else is.
pub(super) fn together(name: &str) -> String {
    let together = names::words(name).concat();
    if together == "linuxkernel" { "linux".to_owned() } else { together }
}

/// Package managers' names live in their own world: `requests` of PyPI is nobody's product. Other
/// components are called as their makers call them.
fn named_freely(component: &Component) -> bool {
    let kind = component.purl.as_ref().map(|purl| purl.kind.as_str());
    matches!(kind, None | Some("generic" | "github" | "bitbucket" | "swid"))
}
