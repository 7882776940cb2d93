//! Names of makers and products, compared as people mean them.
//!
//! Makers: legal forms, punctuation and case say nothing; mergers and renames are in a table, each
//! with its public fact. Products: the words that tell one product from its neighbour must all be
//! there. Refuses to match on a single general word.

mod line;
mod lists;
mod makers;
mod numbers;
mod remarks;
mod short;
mod words;

use std::collections::BTreeSet;

pub use line::Line;
pub use lists::{listed_words, several};
pub use makers::{is_short_for, maker, makers, perhaps_one};
use remarks::Remarks;
use short::Short;
pub use words::words;

/// How far a product's name agrees with another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Agreement {
    /// The same words.
    Same,
    /// The advisory's name lists several products or models, and the device's is one of them.
    Listed,
    /// The same numbers, and words before them that one of both leaves out.
    Numbered,
    /// The same words, but for some that say what the product is for.
    Described,
    /// The same words, and the advisory's name has a version besides: perhaps the device's.
    Line,
    /// The advisory's name has a model number that the device's lacks: perhaps that model.
    Narrower,
    /// All words of the advisory's name, and the device's has more: a model of that family.
    Family,
}

/// A product's name as a set of words to be compared with others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProductName {
    /// All words in lower case, the maker's own taken out.
    words: BTreeSet<String>,
    /// All words, the maker's own too: a line may be named after a maker that was bought.
    all: BTreeSet<String>,
    /// Those that tell it from its neighbours.
    telling: BTreeSet<String>,
    /// Its words in their order, written together, fillers left out.
    together: String,
    /// What kind of thing it says that it is.
    kinds: BTreeSet<String>,
    /// Words in brackets that repeat the name or number it.
    also: BTreeSet<String>,
    /// Starts of numbers: `BMXP34*`.
    starts: Vec<String>,
    /// Words behind a "with": what the product has beside itself.
    behind: BTreeSet<String>,
    /// Words in lower case beside others with capitals.
    in_lower_case: BTreeSet<String>,
    /// A condition that the name sets in brackets: `(WLAN only)`.
    condition: Option<String>,
    /// The system that it must run on: `windows xp`.
    system: Option<String>,
    /// Products that the name leaves out.
    without: Vec<ProductName>,
    /// Its words in their order, without the line.
    in_order: Vec<String>,
    /// Spans of model numbers: `MX400-MX850`.
    spans: Vec<lists::Span>,
    /// The version that it bears.
    line: Option<Line>,
    /// The short form that it gives.
    short: Option<Short>,
}

impl ProductName {
    /// A product's name, without its maker's and without what says nothing.
    #[must_use]
    pub fn new(name: &str, vendor: Option<&str>) -> Self {
        let of_vendor: BTreeSet<String> = vendor.map(vendor_words).unwrap_or_default();
        let remarks = Remarks::of(name);
        let without = remarks.without.iter().map(|one| Self::new(one, vendor)).collect();
        let bare = &remarks.bare;
        let line = Line::of(bare);
        let of_line = line.as_ref().map(Line::words).unwrap_or_default();
        let mut in_order = words::alike(bare);
        if let Some(at) = in_order.windows(of_line.len().max(1)).position(|part| part == of_line) {
            in_order.drain(at..at + of_line.len());
        }
        let letters = remarks::letters(remarks.short.as_ref());
        let named = Self {
            also: remarks.also.into_iter().chain(letters).collect(),
            in_lower_case: words::in_lower_case(bare).collect(),
            starts: lists::starts(name),
            condition: remarks.condition,
            system: remarks.system,
            without,
            spans: lists::spans(bare),
            line,
            short: remarks.short,
            ..Self::default()
        };
        named.named(in_order, &of_vendor)
    }

    /// This name of a product with numbers that its document gives elsewhere, each a text that may
    /// hold some in brackets.
    #[must_use]
    pub fn numbered<'t>(mut self, texts: impl IntoIterator<Item = &'t str>) -> Self {
        for text in texts {
            let whole = Remarks::of(text);
            self.also.extend(whole.also);
            let is_number = |word: &String| word.bytes().any(|b| b.is_ascii_digit());
            let words = words(text);
            if !text.contains(char::is_whitespace) && words.iter().any(is_number) {
                self.also.insert(words.concat());
                self.also.extend(words);
            }
        }
        self
    }

    /// This name of a device with the words that its version begins with: of a `Suite` at `AP 3.0`
    /// they may be the product's.
    #[must_use]
    pub fn at(mut self, version: &str) -> Self {
        self.also.extend(leading_words(version));
        self
    }

    /// A version without the words of this name with which it begins.
    #[must_use]
    pub fn bare_version<'v>(&self, version: &'v str) -> &'v str {
        let mut version = version.trim();
        while let Some((word, rest)) = version.split_once(' ') {
            if !self.all.contains(&words::as_compared(&word.to_lowercase())) {
                break;
            }
            version = rest.trim_start();
        }
        version
    }

    /// This name with these words.
    fn named(self, in_order: Vec<String>, of_vendor: &BTreeSet<String>) -> Self {
        let all: BTreeSet<String> = in_order.iter().cloned().collect();
        let is_of_vendor = |word: &String| of_vendor.iter().any(|own| is_said_by(word, own));
        let without: BTreeSet<String> =
            all.iter().filter(|word| !is_of_vendor(word)).cloned().collect();
        // A product that bears only its maker's name keeps it: `OpenSSL` by `OpenSSL`.
        let words = if without.is_empty() { all.clone() } else { without };
        // What stands behind "with" is not what the product is: `SpaceStation with SpaceCom module`.
        let head = in_order.iter().take_while(|word| !is_joint(word));
        let kinds = head.filter(|word| words.contains(*word) && words::is_kind(word));
        let kinds = kinds.cloned().collect();
        let is_telling = |word: &&String| !words::is_filler(word) && !words::is_kind(word);
        let telling: BTreeSet<String> = words.iter().filter(is_telling).cloned().collect();
        let behind = in_order.iter().skip_while(|word| !is_joint(word)).cloned().collect();
        let said = |word: &&String| words.contains(*word) && !words::is_filler(word);
        let together = in_order.iter().filter(said).map(String::as_str).collect();
        Self { words, all, telling, together, kinds, behind, in_order, ..self }
    }

    /// This name with other words; those that it had left out stay left out.
    fn renamed(&self, in_order: Vec<String>) -> Self {
        let left_out = self.all.difference(&self.words).cloned().collect();
        let bare = Self {
            also: self.also.clone(),
            in_lower_case: self.in_lower_case.clone(),
            spans: self.spans.clone(),
            starts: self.starts.clone(),
            ..Self::default()
        };
        bare.named(in_order, &left_out)
    }

    /// The version that it bears.
    #[must_use]
    pub fn line(&self) -> Option<&Line> {
        self.line.as_ref()
    }

    /// Its words in their order, written together, fillers left out.
    #[must_use]
    pub fn together(&self) -> &str {
        &self.together
    }

    /// The words under which a device is kept, its maker's names and neighbours written together
    /// among them.
    pub fn kept_under(&self) -> impl Iterator<Item = String> {
        let bare = self.all.iter().chain(&self.also).filter(|word| !words::is_filler(word));
        bare.cloned().chain(words::runs(&self.in_order))
    }

    /// The words by which it is looked for.
    pub fn telling(&self) -> impl Iterator<Item = &str> {
        self.telling.iter().map(String::as_str)
    }

    /// Those of them that name something: they are no words for what it is for.
    pub fn naming(&self) -> impl Iterator<Item = &str> {
        self.telling().filter(|word| !words::is_purpose(word))
    }

    /// Words that others may have in place of its own: in brackets, or neighbours together.
    pub fn instead(&self) -> impl Iterator<Item = String> {
        self.also.iter().cloned().chain(words::runs(&self.in_order))
    }

    /// Whether it has a word that names something, beside those for kinds and purposes.
    #[must_use]
    pub fn names_something(&self) -> bool {
        !self.kinds.is_empty() && !self.telling.is_empty()
            || self.naming().any(|word| word.len() > 2)
    }

    /// Whether what a device's name says beside this one stands in the document's title.
    #[must_use]
    pub fn is_completed_by(&self, title: &Self, device: &Self) -> bool {
        let theirs = device.renamed(words::joined_as(&device.in_order, &self.in_order));
        let extra = theirs.lacking_in(self);
        let said = |word: &&String| title.all.contains(*word) || title.also.contains(*word);
        extra.iter().all(said)
    }

    /// Whether it names a whole family, for it says which of it are left out.
    #[must_use]
    pub fn leaves_out_some(&self) -> bool {
        !self.without.is_empty()
    }

    /// How the name in an advisory (`self`) agrees with a device's model.
    ///
    /// All telling words of the advisory must be among the device's: `Alaris GS` is not `Alaris
    /// PCU`. Where the device has telling words more, the advisory names its family; but a number
    /// more is another model: `MiniMed` is the family of `MiniMed 620G`, while `Sigma` is not
    /// `Sigma 8000`'s sibling and so only its family too. Words that say what a product is for may
    /// be missing, or be others.
    #[must_use]
    pub fn agrees_with(&self, device: &Self) -> Option<Agreement> {
        let with_also = |name: &Self| -> Vec<String> {
            name.in_order.iter().chain(&name.also).cloned().collect()
        };
        let own = self.renamed(words::joined_as(&self.in_order, &with_also(device)));
        let theirs = device.renamed(words::joined_as(&device.in_order, &with_also(self)));
        let agreement = own.agrees_by_words(&theirs);
        // A name in brackets is the device's as well: `PIC iX (Information Center iX)`.
        let in_brackets = || {
            let other = device.condition.as_deref().filter(|other| other.contains(' '))?;
            let of_maker = device.all.difference(&device.words).cloned().collect();
            own.agrees_by_words(&Self::default().named(words::alike(other), &of_maker))
        };
        let agreement = match agreement {
            Some(Agreement::Same) => agreement,
            _ => in_brackets().filter(|found| *found == Agreement::Same).or(agreement),
        };
        let shortened = || {
            let (own, theirs) = self.shortened(device)?;
            own.agrees_by_words(&theirs)
        };
        let agreement = match agreement {
            Some(Agreement::Same) => agreement,
            _ => [agreement, shortened()].into_iter().flatten().min(),
        };
        let agreement = agreement.filter(|_| !self.without.iter().any(|one| one.is_meant(device)));
        let perhaps_left_out = || self.without.iter().any(|one| one.is_meant_at_some(device));
        let agreement = agreement.map(|agreement| match agreement {
            Agreement::Family if perhaps_left_out() => Agreement::Narrower,
            agreement => agreement,
        });
        match (agreement?, &self.line, &device.line) {
            (Agreement::Family | Agreement::Narrower, Some(_), None) => agreement,
            (_, Some(_), None) => Some(Agreement::Line),
            (_, Some(own), Some(theirs)) if !own.meets(theirs) => None,
            (agreement, ..) => Some(agreement),
        }
    }

    fn is_meant(&self, device: &Self) -> bool {
        self.agrees_with(device).is_some_and(|agreement| agreement <= Agreement::Described)
    }

    /// Whether some releases of the device are meant: `Venue 40 R1-3`.
    fn is_meant_at_some(&self, device: &Self) -> bool {
        let is_number = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
        let is_release = |word: &String| word.strip_prefix(['r', 'v']).is_some_and(is_number);
        let bare = |name: &Self| {
            let at = name.in_order.iter().rposition(is_release)?;
            let (bare, releases) = name.in_order.split_at(at);
            releases.iter().skip(1).all(|word| is_number(word)).then(|| name.renamed(bare.to_vec()))
        };
        bare(self).is_some_and(|own| match bare(device) {
            Some(device) => own.is_meant(&device),
            None => own.is_meant(device),
        })
    }

    fn agrees_by_words(&self, device: &Self) -> Option<Agreement> {
        if self.telling.is_empty() || device.telling.is_empty() {
            return self.agrees_by_kind(device);
        }
        let both_say = !self.kinds.is_empty() && !device.kinds.is_empty();
        if both_say && self.kinds.is_disjoint(&device.kinds) || self.is_of_another_line(device) {
            return None;
        }
        let is_part = self.is_part_of(device);
        let missing = self.lacking_in(device);
        let extra = device.lacking_in(self);
        if missing.is_empty() && extra.is_empty() || self.together == device.together {
            return Some(if is_part { Agreement::Narrower } else { Agreement::Same });
        }
        if self.shares_order_number(device) {
            return Some(Agreement::Numbered);
        }
        if is_part {
            return None;
        }
        if extra.is_empty() && self.is_ordered_as(device) {
            return Some(Agreement::Numbered);
        }
        let says_little = |word: &String, of: &Self, other: &Self| {
            words::is_purpose(word)
                || of.in_lower_case.contains(word)
                || words::is_type(word, other.telling.len())
                || short::abbreviates(word, &other.in_order)
        };
        let few = missing.len() + extra.len() <= WORDS_BESIDE && self.shares_a_name(device);
        let nothing_missing = few && missing.iter().all(|word| says_little(word, self, device));
        let nothing_more =
            nothing_missing && extra.iter().all(|word| says_little(word, device, self));
        if nothing_more {
            return Some(Agreement::Described);
        }
        if missing.is_empty() {
            let same = self.is_numbered_as(device);
            return Some(if same { Agreement::Numbered } else { Agreement::Family });
        }
        self.listed(device)
            .or_else(|| self.narrower(device))
            .or_else(|| self.shares_number(device))
            .or_else(|| (extra.is_empty() && self.may_be(device)).then_some(Agreement::Narrower))
    }

    /// Whether a device whose name says less may be this product: what both have is a name that was
    /// coined for few.
    fn may_be(&self, device: &Self) -> bool {
        const LETTERS: usize = 5;
        let coined = |word: &&String| word.len() >= LETTERS && !words::is_purpose(word);
        // `IntelliSpace Portal` is no `IntelliSpace Cardiovascular` that says less.
        let same_kind = device.kinds.is_empty() || device.kinds == self.kinds;
        same_kind && self.telling.intersection(&device.telling).any(|word| coined(&word))
    }

    /// How names agree that have nothing but words for a kind of thing: `CNC Controller`.
    fn agrees_by_kind(&self, device: &Self) -> Option<Agreement> {
        if self.words.is_empty() || self.kinds.is_empty() && self.words != device.words {
            return None;
        }
        let says_little = |word: &&String| {
            words::is_filler(word) || words::is_purpose(word) || words::is_type(word, 2)
        };
        let more = device.words.difference(&self.words);
        let same = self.kinds == device.kinds
            && self.telling.is_empty()
            && more.filter(|word| !says_little(word)).count() == 0;
        match (self.words == device.words, same) {
            (true, _) => Some(Agreement::Same),
            (_, true) => Some(Agreement::Described),
            _ => None,
        }
    }

    /// An order number that both names have: no other product of the maker bears it.
    fn shares_order_number(&self, device: &Self) -> bool {
        const LETTERS: usize = 6;
        let is_long = |word: &&String| {
            word.len() >= LETTERS && word.bytes().filter(u8::is_ascii_digit).count() + 1 >= LETTERS
        };
        let numbers: BTreeSet<&String> =
            self.also.iter().chain(&self.telling).filter(is_long).collect();
        let is_whole = |number: &&String| {
            !numbers.iter().any(|other| other.len() > number.len() && other.contains(&***number))
        };
        let mut theirs = device.also.iter().chain(&device.telling);
        let numbers: BTreeSet<&String> = numbers.iter().copied().filter(is_whole).collect();
        numbers.len() == 1 && theirs.any(|word| numbers.contains(word))
    }

    /// Whether the device bears nothing but the order number that stands in brackets here.
    fn is_ordered_as(&self, device: &Self) -> bool {
        const LETTERS: usize = 5;
        let all = device.telling.iter().all(|word| self.also.contains(word));
        let numbered = device.together.bytes().any(|b| b.is_ascii_digit());
        all && numbered && device.together.len() >= LETTERS
    }

    /// The telling words that another name lacks. A number that is part of a code there is not
    /// lacking: the `1200` of an `EM1200`.
    fn lacking_in(&self, other: &Self) -> Vec<&String> {
        let has = |word: &String| {
            other.all.contains(word)
                || other.also.contains(word)
                || other.starts.iter().any(|start| word.starts_with(start))
                || self.starts.contains(word)
                || self.is_repeated(word, other)
        };
        self.telling.iter().filter(|word| !has(word)).collect()
    }

    /// Whether a bare number is that of a code in either name, or a code that of a bare number.
    fn is_repeated(&self, word: &str, other: &Self) -> bool {
        const DIGITS: usize = 3;
        let digits = |word: &str| word.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
        let is_bare = |word: &str| word.len() >= DIGITS && word.bytes().all(|b| b.is_ascii_digit());
        let is_of = |number: &str, code: &str| {
            is_bare(number)
                && code.len() > number.len()
                && digits(code) == number.len()
                && code.ends_with(number)
        };
        let repeats = |code: &String| is_of(word, code) || is_of(code, word);
        let near = self.also.iter().chain(&other.also);
        near.chain(&other.telling).any(repeats)
    }

    /// Whether both have a word that names something: no number, kind or purpose.
    fn shares_a_name(&self, device: &Self) -> bool {
        const LETTERS: usize = 3;
        let is_code = |word: &str| {
            word.len() > 1
                && word.bytes().any(|b| b.is_ascii_digit())
                && word.bytes().any(|b| b.is_ascii_alphabetic())
        };
        let names =
            |word: &&String| (word.len() >= LETTERS || is_code(word)) && !words::is_purpose(word);
        let own = self.telling.intersection(&device.all);
        let theirs = device.telling.intersection(&self.all);
        own.chain(theirs).any(|word| names(&word))
    }

    /// Whether two names bear names of makers that are one by now, and not the same: the
    /// `McKesson Cardiology` and the `Change Healthcare Cardiology`.
    fn is_of_another_line(&self, device: &Self) -> bool {
        let (own, theirs) =
            (self.all.difference(&self.words), device.all.difference(&device.words));
        let (own, theirs): (BTreeSet<_>, BTreeSet<_>) = (own.collect(), theirs.collect());
        let apart = !own.is_empty() && !theirs.is_empty() && own.is_disjoint(&theirs);
        apart && !self.shares_a_name(device)
    }

    /// Whether this names a part or program that the device's name does not speak of. A model
    /// number that both have says enough: `CareLink 2090 Programmer`.
    fn is_part_of(&self, device: &Self) -> bool {
        let numbered = |word: &&String| word.len() >= 3 && word.bytes().any(|b| b.is_ascii_digit());
        let shared = self.telling.intersection(&device.telling).any(|word| numbered(&word));
        // `Space Station` and `SpaceStation` both say it.
        let part = |word: &String| {
            words::is_part(word)
                && !device.together.contains(word.as_str())
                && !device.also.contains(word)
        };
        !shared && self.kinds.iter().any(part)
    }

    /// The advisory's name has all words of the device's, and more. With the same model numbers it
    /// is only wordier; with one more it is perhaps this model; otherwise it is another product.
    fn narrower(&self, device: &Self) -> Option<Agreement> {
        if !device.telling.is_subset(&self.all) {
            return None;
        }
        let (own, devices) = (numbers::of(&self.telling), numbers::of(&device.telling));
        let telling_number = devices.iter().any(|number| number.len() >= 3);
        if own == devices && telling_number {
            return Some(Agreement::Numbered);
        }
        (own.len() > devices.len()).then_some(Agreement::Narrower)
    }

    /// A condition that the name sets in brackets, unless the device's name says the same.
    #[must_use]
    pub fn condition(&self, device: &Self) -> Option<&str> {
        let condition = self.condition.as_deref().filter(|_| !self.shares_order_number(device))?;
        let said = device.condition.as_deref().map(words::alike).unwrap_or_default();
        if said == words::alike(condition) {
            return None;
        }
        let has = |word: &String| {
            words::is_filler(word)
                || words::is_kind(word)
                || device.all.contains(word)
                || said.contains(word)
        };
        let met = condition.split([',', ';']).any(|part| {
            let part = words::alike(part);
            let own = self.all.difference(&self.words);
            let of_maker: BTreeSet<&String> = own.collect();
            part.iter().any(|word| device.all.contains(word) || said.contains(word))
                && part.iter().all(|word| has(word) || of_maker.contains(word))
        });
        (!met).then_some(condition)
    }

    /// The system that it must run on, in lower case: `windows xp`.
    #[must_use]
    pub fn system(&self) -> Option<&str> {
        self.system.as_deref()
    }
}

/// Whether a word is one of a maker's name, or the start of one that is long: the `Sante` of
/// Santesoft.
fn is_said_by(word: &str, own: &str) -> bool {
    const LETTERS: usize = 5;
    word == own || word.len() >= LETTERS && own.len() > word.len() + 2 && own.starts_with(word)
}

/// The words before the numbers of a version, as they are compared: not the `v` or `rev` that
/// only announces it.
fn leading_words(version: &str) -> impl Iterator<Item = String> {
    const ANNOUNCE: [&str; 8] =
        ["version", "ver", "rev", "revision", "release", "build", "software", "firmware"];
    let bare = |word: &&str| word.len() > 1 && word.bytes().all(|b| b.is_ascii_alphabetic());
    let words = version.split_whitespace().take_while(bare).map(str::to_lowercase);
    let numbered = version.bytes().any(|b| b.is_ascii_digit());
    words
        .filter(move |word| numbered && !ANNOUNCE.contains(&word.as_str()))
        .map(|word| words::as_compared(&word))
}

/// Of more words that differ, none is only beside what both name.
const WORDS_BESIDE: usize = 8;

/// Words behind which a name says something beside the product.
fn is_joint(word: &str) -> bool {
    ["with", "w", "for", "used", "on", "by"].contains(&word)
}

/// The words of a maker's names as they are compared.
fn vendor_words(vendor: &str) -> BTreeSet<String> {
    makers::vendor_words(vendor).iter().map(|word| words::as_compared(word)).collect()
}

#[cfg(test)]
mod tests {
    use super::{Agreement, ProductName};

    #[track_caller]
    fn agree(advisory: &str, device: &str, expected: Option<Agreement>) {
        let vendor = Some("Medtronic");
        let agreement =
            ProductName::new(advisory, vendor).agrees_with(&ProductName::new(device, vendor));
        assert_eq!(agreement, expected, "{advisory} / {device}");
    }

    #[test]
    fn a_product_is_known_without_its_makers_names() {
        let advisory = ProductName::new("Welch Allyn Connex Spot Monitor (CSM)", Some("Hillrom"));
        let device = ProductName::new("Connex Spot Monitor", Some("Baxter"));
        assert_eq!(advisory.agrees_with(&device), Some(Agreement::Same));
    }

    #[test]
    fn neighbours_are_not_confused() {
        agree("Alaris GS", "Alaris PCU", None);
        agree("MiniMed 620G", "MiniMed 630G", None);
        agree("Sapphire Infusion Pump", "Sapphire Library Editor", None);
        agree("IntelliVue MX40", "IntelliVue MX400", None);
        agree("Pump M12", "Pump M21", None);
    }

    #[test]
    fn spelling_says_nothing() {
        agree("MiniMed™ 620G", "Medtronic MiniMed 620G Insulin Pump", Some(Agreement::Same));
        agree("Space Station", "SpaceStation", Some(Agreement::Same));
        agree(
            "IntelliVue MX40 Patient Worn Monitor (WLAN only)",
            "IntelliVue MX40",
            Some(Agreement::Same),
        );
        agree("CMS8000 ICU CCU Vital Signs Patient Monitor", "CMS8000", Some(Agreement::Numbered));
        agree(
            "Patient Information Center iX (PICiX)",
            "Patient Information Center iX",
            Some(Agreement::Same),
        );
        agree(
            "Valleylab FT10 Energy Platform (VLFT10GEN)",
            "Valleylab FT10 Energy Platform",
            Some(Agreement::Same),
        );
        agree("Connex Spot Monitor (CSM)", "Connex Spot Monitor", Some(Agreement::Same));
        agree("CareLink 2090 Programmer", "Carelink 2090 programmer", Some(Agreement::Same));
    }

    #[test]
    fn a_condition_in_brackets_is_kept() {
        let name = |name| {
            let device = ProductName::new("Monitor", None);
            ProductName::new(name, None).condition(&device).map(str::to_owned)
        };
        assert_eq!(name("IntelliVue MX40 (WLAN only)").as_deref(), Some("WLAN only"));
        assert_eq!(name("Connex Spot Monitor (CSM)"), None);
        assert_eq!(name("Veradius Unity (718132)"), None);
    }

    #[test]
    fn a_family_holds_its_models() {
        agree("MiniMed", "MiniMed 620G", Some(Agreement::Family));
        agree("MiniMed 620G", "MiniMed", Some(Agreement::Narrower));
        agree("Alaris 8015 PC unit", "Alaris PC Unit", Some(Agreement::Narrower));
        agree("Alaris PC Unit TIVA", "Alaris PC Unit", Some(Agreement::Narrower));
    }

    #[test]
    fn a_program_is_not_the_device_that_it_is_named_after() {
        agree("Alaris Systems Manager", "Alaris", Some(Agreement::Narrower));
        agree("Alaris Systems Manager", "Alaris GS", None);
        agree("Sapphire Library Editor", "Sapphire", Some(Agreement::Narrower));
        agree("CareLink 2090 Programmer", "CareLink 2090", Some(Agreement::Same));
        agree("Alaris Gateway Workstation", "Alaris Gateway Workstation", Some(Agreement::Same));
        agree("Sapphire Infusion Pump", "Sapphire", Some(Agreement::Same));
    }
}
