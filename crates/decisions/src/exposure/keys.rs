//! By what releases and the records about them find each other, in 64 bits: packages, products of
//! CPE names, names, and words of names.
//!
//! Refuses to judge: a key in common only says that it is worth while to look.

use std::collections::{BTreeSet, HashSet};

use domain::advisory::{Advisory, Affected, Configuration, Product, Target, Vulnerability};
use domain::component::Component;
use domain::purl::Purl;
use domain::text::Text;

use super::called::{names_in, numbered_in_brackets, titled};
use super::candidates::numbers_of;
use super::names::{self, ProductName};
use super::subjects::{self, Fleet};
use super::{configuration, package};
use crate::hospital::Hospital;

/// What something is found by, in 64 bits. Two that are alike by chance open something in vain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(pub u64);

impl Key {
    fn new(kind: u8, text: &str) -> Self {
        Self(std::iter::once(kind).chain(text.bytes()).fold(FNV_BASIS, step))
    }

    /// The key of a text, for whoever keeps other names in the same way.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self::new(b'\0', text)
    }

    pub(super) fn package(key: &str) -> Self {
        Self::new(b'p', key)
    }

    pub(super) fn product(key: &str) -> Self {
        Self::new(b'c', key)
    }

    pub(super) fn name(together: &str) -> Self {
        Self::new(b'n', together)
    }

    fn word(word: &str) -> Self {
        Self::new(b'w', word)
    }
}

/// FNV-1a in 64 bits (draft-eastlake-fnv, section 5): its values are kept, so they may not change.
const FNV_BASIS: u64 = 0xcbf2_9ce4_8422_2325;

fn step(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
}

/// The keys of components: sorted, each once.
#[must_use]
pub fn keys<'c>(components: impl IntoIterator<Item = &'c Component>) -> Vec<Key> {
    let mut keys = Vec::new();
    for component in components {
        if let Some(purl) = &component.purl {
            keys.extend(package::keys(purl).iter().map(|(key, _)| Key::package(key)));
        }
        let found_by = subjects::found_by(component);
        keys.extend(found_by.products.iter().map(|key| Key::product(key)));
        keys.extend(found_by.names.iter().map(|name| Key::name(name)));
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// What releases are found by, and their components and operating systems: sorted, each once.
#[must_use]
pub fn borne_by(hospital: &Hospital<'_>) -> Vec<Key> {
    let fleet = Fleet::index(hospital);
    let mut keys: Vec<Key> = fleet.packages().map(Key::package).collect();
    keys.extend(fleet.products().map(Key::product));
    keys.extend(fleet.names().map(Key::name));
    keys.extend(fleet.words().map(Key::word));
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// What an advisory looks for: sorted, each once. Whatever it is about bears one of these.
#[must_use]
pub fn asked_by(advisory: &Advisory) -> Vec<Key> {
    asked_of(&advisory.vulnerabilities, advisory.title.as_deref())
}

/// The same of vulnerabilities that are told under a title, or under none.
#[must_use]
pub fn asked_of(vulnerabilities: &[Vulnerability], title: Option<&str>) -> Vec<Key> {
    let mut asked = Asked { title, ..Asked::default() };
    for affected in vulnerabilities.iter().flat_map(|one| &one.affected) {
        asked.affected(affected);
    }
    asked.keys.into_iter().collect()
}

#[derive(Default)]
struct Asked<'a> {
    title: Option<&'a str>,
    keys: BTreeSet<Key>,
    /// Names that were looked at, each with its vendor: statements repeat them.
    names: HashSet<(Option<&'a str>, &'a str)>,
}

impl<'a> Asked<'a> {
    fn affected(&mut self, affected: &'a Affected) {
        match &affected.target {
            Target::Package(package) => self.package(&package.purl),
            Target::Configuration(configuration) => self.configuration(configuration),
            Target::Product(product) => {
                self.product(product);
                product.platform.iter().for_each(|platform| self.product(platform));
            }
        }
    }

    fn package(&mut self, purl: &Purl) {
        self.keys.insert(Key::package(&package::key(purl)));
    }

    fn configuration(&mut self, configuration: &Configuration) {
        let mut matches = Vec::new();
        configuration::vulnerable(configuration, &mut matches);
        let products = matches.iter().filter_map(|one| one.cpe.product_value());
        self.keys.extend(products.map(|product| Key::product(&subjects::product_key(product))));
    }

    fn product(&mut self, product: &'a Product) {
        for part in std::iter::successors(Some(product), |part| part.component.as_deref()) {
            part.purls.iter().chain(&part.packages).for_each(|purl| self.package(purl));
        }
        let cpes = product.cpes.iter().filter_map(|cpe| cpe.product_value());
        self.keys.extend(cpes.map(|product| Key::product(&subjects::product_key(product))));
        let numbers: Vec<&str> = numbers_of(product).collect();
        if self.is_new(product, &product.name) || !numbers.is_empty() {
            let says_nothing =
                !ProductName::new(&product.name, product.vendor.as_deref()).names_something();
            let title = self.title.filter(|_| says_nothing);
            self.called(product, &titled(product, title), &numbers);
            if title.is_some() {
                self.called(product, &product.name, &numbers);
            }
        }
        if !product.name.is_empty() {
            self.keys.insert(Key::name(&subjects::together(&product.name)));
        }
        for number in product.models.iter().map(Text::as_str) {
            self.called(product, number, &[]);
        }
        for text in product.versions.iter().flat_map(names_in) {
            if self.is_new(product, text) {
                self.called(product, &numbered_in_brackets(text), &[]);
            }
        }
    }

    fn is_new(&mut self, product: &'a Product, name: &'a str) -> bool {
        self.names.insert((product.vendor.as_deref(), name))
    }

    /// The words by which releases are looked for that may be called this.
    fn called(&mut self, product: &Product, called: &str, numbers: &[&str]) {
        let vendor = product.vendor.as_deref();
        let name = ProductName::new(called, vendor).numbered(numbers.iter().copied());
        let listed = names::listed_words(called);
        let parts = names::several(called).into_iter().chain(listed.iter().map(String::as_str));
        let parts = parts.map(|part| ProductName::new(part, vendor));
        for name in std::iter::once(name).chain(parts) {
            self.keys.extend(subjects::asked_words(&name).map(|word| Key::word(&word)));
        }
    }
}
