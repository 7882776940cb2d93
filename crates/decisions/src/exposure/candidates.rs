//! Which releases a product's names may mean, and how far the names agree.
//!
//! Refuses to look at every release: those are asked that a rare word, a number or a short form
//! leads to. What was found is kept, for advisories repeat their products.

use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;

use domain::advisory::Product;
use domain::text::Text;

use super::called::{full_name, names_in, numbered_in_brackets, titled};
use super::names::{self, Agreement, ProductName};
use super::subjects::{Fleet, Held, HeldIndex};
use crate::hospital::ReleaseIndex;

/// Releases that a product's names may mean. Advisories repeat a product under each of their
/// vulnerabilities, so what was found once is kept.
#[derive(Default)]
pub(super) struct Candidates<'d> {
    /// By what is asked.
    asked: HashMap<Asked<'d>, Agreeing>,
    /// Names and titles, read.
    read: HashMap<Named<'d>, Rc<ProductName>>,
    /// Whether a vendor and a maker, as it is compared, are perhaps one.
    perhaps: Perhaps<'d>,
    /// Components and operating systems of a name.
    named: HashMap<&'d str, Rc<[HeldIndex]>>,
    /// Makers as compared, by how they are written.
    makers: HashMap<&'d str, Rc<[String]>>,
}

/// A vendor and a name, as written.
type Named<'d> = (Option<&'d str>, &'d str);

/// By what releases are looked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Asked<'d> {
    named: Named<'d>,
    /// The title of the document, where the name says nothing without it.
    title: Option<&'d str>,
    /// The numbers that the product bears beside its name.
    numbers: Vec<&'d str>,
}

/// What was found of a vendor and a maker.
type Perhaps<'d> = HashMap<(&'d str, Rc<str>), bool>;

/// Releases whose names agree.
pub(super) type Agreeing = Rc<[Met]>;

/// A release whose name agrees with that of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Met {
    pub(super) held: HeldIndex,
    /// How far the names agree.
    pub(super) agreement: Agreement,
    /// Whose product it is.
    pub(super) maker: Maker,
}

/// Whether a release is of a product's maker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Maker {
    /// It is, or nobody says whose it is.
    Named,
    /// Its maker is written in another way, or named in the other's place: enough to ask about it,
    /// too little to clear it.
    Perhaps,
}

impl<'d> Candidates<'d> {
    /// A name that says nothing by itself is read with the document's title; by itself it means
    /// whatever of its maker's is called just so.
    pub(super) fn of(
        &mut self,
        fleet: &Fleet<'_, 'd>,
        product: &'d Product,
        title: Option<&'d str>,
    ) -> Agreeing {
        let named = (product.vendor.as_deref(), product.name.as_str());
        let title = title.filter(|_| !self.read(named.0, named.1).names_something());
        let asked = Asked { named, title, numbers: numbers_of(product).collect() };
        if let Some(known) = self.asked.get(&asked) {
            return Rc::clone(known);
        }
        let called = titled(product, title);
        let mut found = agreeing(fleet, product, (&called, Numbers::Own), &mut self.perhaps);
        if title.is_some() && product.vendor.is_some() {
            let own = (product.name.as_str(), Numbers::Own);
            let own = agreeing(fleet, product, own, &mut self.perhaps);
            let is_it = |met: &&Met| {
                met.agreement == Agreement::Same
                    && met.maker == Maker::Named
                    && found.iter().all(|known| known.held != met.held)
            };
            let own: Vec<Met> = own.iter().filter(is_it).copied().collect();
            found = found.iter().copied().chain(own).collect();
        }
        Rc::clone(self.asked.entry(asked).or_insert(found))
    }

    /// A name or a title, as it is compared.
    pub(super) fn read(&mut self, vendor: Option<&'d str>, name: &'d str) -> Rc<ProductName> {
        let read = self.read.entry((vendor, name));
        Rc::clone(read.or_insert_with(|| Rc::new(ProductName::new(name, vendor))))
    }

    /// Releases that bear one of a product's model and stock-keeping numbers for a name.
    pub(super) fn of_numbers(&mut self, fleet: &Fleet<'_, 'd>, product: &'d Product) -> Vec<Met> {
        let numbers = product.models.iter().map(Text::as_str);
        let met = numbers.flat_map(|number| self.called(fleet, product, number, number).to_vec());
        met.filter(|met| met.agreement == Agreement::Same).collect()
    }

    /// Releases that a document names where versions should stand, each with the words that name
    /// it: `882471 Gemini TF 64`.
    pub(super) fn in_versions(
        &mut self,
        fleet: &Fleet<'_, 'd>,
        product: &'d Product,
    ) -> Vec<(Met, &'d str)> {
        let is_it = |met: &Met| {
            met.maker == Maker::Named
                && matches!(met.agreement, Agreement::Same | Agreement::Numbered)
        };
        let mut found = Vec::new();
        for text in product.versions.iter().flat_map(names_in) {
            let met = self.called(fleet, product, text, &numbered_in_brackets(text));
            found.extend(met.iter().filter(|met| is_it(met)).map(|met| (*met, text)));
        }
        found
    }

    /// Releases that a text names, which stands with a product and is not its name.
    fn called(
        &mut self,
        fleet: &Fleet<'_, 'd>,
        product: &'d Product,
        text: &'d str,
        called: &str,
    ) -> Agreeing {
        let named = (product.vendor.as_deref(), text);
        let asked = Asked { named, title: None, numbers: Vec::new() };
        let perhaps = &mut self.perhaps;
        let found = || agreeing(fleet, product, (called, Numbers::None), perhaps);
        Rc::clone(self.asked.entry(asked).or_insert_with(found))
    }

    pub(super) fn named(&mut self, fleet: &Fleet<'_, 'd>, name: &'d str) -> Rc<[HeldIndex]> {
        Rc::clone(self.named.entry(name).or_insert_with(|| fleet.of_name(name).into()))
    }

    pub(super) fn makers(&mut self, vendor: &'d str) -> Rc<[String]> {
        Rc::clone(self.makers.entry(vendor).or_insert_with(|| names::makers(vendor).into()))
    }
}

/// The releases whose model a product's names may mean.
pub(super) fn released<'d>(
    fleet: &Fleet<'_, 'd>,
    candidates: &mut Candidates<'d>,
    (product, title): (&'d Product, Option<&'d str>),
) -> Vec<ReleaseIndex> {
    let found = candidates.of(fleet, product, title);
    let in_versions = candidates.in_versions(fleet, product).into_iter().map(|(met, _)| met);
    let met = found.iter().copied().chain(in_versions);
    let met = met.chain(candidates.of_numbers(fleet, product));
    met.filter_map(|met| Some(fleet.at(met.held)?.release)).collect()
}

/// The numbers that a product bears beside its name: those that its document lists, and what its
/// full name has in brackets.
pub(super) fn numbers_of(product: &Product) -> impl Iterator<Item = &str> {
    let numbered = |text: &&str| text.contains('(') && text.bytes().any(|b| b.is_ascii_digit());
    product.models.iter().map(Text::as_str).chain(full_name(product).filter(numbered))
}

/// Whether what is looked for bears the product's own numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Numbers {
    Own,
    None,
}

/// The releases whose names agree with what a product is called.
fn agreeing<'d>(
    fleet: &Fleet<'_, 'd>,
    product: &'d Product,
    (called, numbers): (&str, Numbers),
    perhaps: &mut Perhaps<'d>,
) -> Agreeing {
    let vendor = product.vendor.as_deref();
    let name = ProductName::new(called, vendor);
    let name = match numbers {
        Numbers::Own => name.numbered(numbers_of(product)),
        Numbers::None => name,
    };
    let makers = vendor.map(names::makers);
    let own_words = names::words(called);
    let mut of_maker = |index: HeldIndex, held: &Held<'_>| match &makers {
        Some(makers) => {
            let wanted = Wanted { vendor: vendor.unwrap_or_default(), makers, name: &own_words };
            of_maker(fleet, (index, held), wanted, perhaps)
        }
        None => names_its_maker(fleet, held, &own_words).then_some(Maker::Named),
    };
    let mut found: Vec<Met> = Vec::new();
    let mut look_up = |name: &ProductName, accept: fn(Agreement) -> Option<Agreement>| {
        for index in fleet.with_words(name) {
            let Some(held) = fleet.at(index) else { continue };
            let Some(maker) = of_maker(index, held) else { continue };
            let model = model_of(fleet, held, index, product);
            let agreement = model.and_then(|model| name.agrees_with(&model)).and_then(accept);
            let told_apart = |agreement: &Agreement| {
                maker == Maker::Named
                    || name.leaves_out_some()
                    || !matches!(agreement, Agreement::Family | Agreement::Narrower)
            };
            let agreement = agreement.filter(told_apart);
            found.extend(agreement.map(|agreement| Met { held: index, agreement, maker }));
        }
    };
    look_up(&name, Some);
    // Of several products in one name each is meant by its own full name only.
    let listed = names::listed_words(called);
    for one in names::several(called).into_iter().chain(listed.iter().map(String::as_str)) {
        let name = ProductName::new(one, vendor);
        look_up(&name, |found| match found {
            Agreement::Narrower => Some(Agreement::Narrower),
            found => (found <= Agreement::Described).then_some(Agreement::Listed),
        });
    }
    found.sort_unstable();
    found.dedup_by_key(|met| met.held);
    found.into()
}

/// A product's makers, and the words of its name.
#[derive(Clone, Copy)]
struct Wanted<'w, 'd> {
    vendor: &'d str,
    makers: &'w [String],
    name: &'w [String],
}

/// Whether a release is of one of these makers.
fn of_maker<'d>(
    fleet: &Fleet<'_, 'd>,
    (index, held): (HeldIndex, &Held<'_>),
    wanted: Wanted<'_, 'd>,
    known: &mut Perhaps<'d>,
) -> Option<Maker> {
    let Wanted { vendor, makers, name } = wanted;
    if held.makers.is_empty() || makers.iter().any(|maker| held.is_of(maker)) {
        return Some(Maker::Named);
    }
    let mut perhaps = |own: &Rc<str>| {
        *known.entry((vendor, Rc::clone(own))).or_insert_with(|| {
            makers.iter().any(|maker| names::perhaps_one(own, maker))
                || names::is_short_for(own, vendor)
        })
    };
    let starts_name = |own: &Rc<str>| {
        let count = own.split(' ').count();
        name.iter().map(String::as_str).take(count).eq(own.split(' '))
    };
    let is_perhaps = held.makers.iter().any(|own| perhaps(own) || starts_name(own))
        || fleet.named_makers(index).iter().any(|maker| makers.contains(maker));
    is_perhaps.then_some(Maker::Perhaps)
}

/// The model's name without its maker's. Where the inventory names none, the maker that is looked
/// for may stand in the model: `Philips IntelliVue MX800`.
pub(super) fn model_of<'f>(
    fleet: &'f Fleet<'_, '_>,
    held: &Held<'_>,
    index: HeldIndex,
    product: &Product,
) -> Option<Cow<'f, ProductName>> {
    let model = fleet.models.get(&index)?;
    let whole = || Cow::Owned(ProductName::new(held.model(), product.vendor.as_deref()));
    Some(if held.makers.is_empty() { whole() } else { Cow::Borrowed(model) })
}

/// Without a vendor the name itself must hold the maker's.
fn names_its_maker(fleet: &Fleet<'_, '_>, held: &Held<'_>, name: &[String]) -> bool {
    let Some(release) = fleet.hospital.releases.get(held.release.0 as usize) else { return false };
    let own = names::words(&release.key.manufacturer);
    own.first().is_some_and(|first| name.contains(first))
}
