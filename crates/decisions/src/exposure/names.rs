//! Names of makers and products, compared as people mean them.
//!
//! Makers: legal forms, punctuation and case say nothing; mergers and renames are in a table, each
//! with its public fact. Products: the words that tell one product from its neighbour must all be
//! there. Refuses to match on a single general word.

mod agreement;
mod line;
mod lists;
mod makers;
mod numbers;
mod remarks;
mod short;
mod words;

use std::collections::BTreeSet;

pub use agreement::Agreement;
pub use line::Line;
pub use lists::{listed_words, several};
pub use makers::{is_short_for, maker, makers, perhaps_one};
use remarks::Remarks;
use short::Short;
pub use words::words;

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
    /// Those of them that hold a digit.
    numbered: BTreeSet<String>,
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
    /// What neighbours among its words give when they are written together.
    runs: words::Runs,
    /// The name that it has in brackets: `PIC iX (Information Center iX)`.
    in_brackets: Option<Box<ProductName>>,
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
            runs: words::Runs::of(&in_order),
            ..Self::default()
        };
        let mut named = named.named(in_order, &of_vendor);
        named.in_brackets = named.other_name().map(Box::new);
        named
    }

    /// The name in brackets, where what stands there has several words.
    fn other_name(&self) -> Option<Self> {
        let other = self.condition.as_deref().filter(|other| other.contains(' '))?;
        let of_maker = self.all.difference(&self.words).cloned().collect();
        Some(Self::default().named(words::alike(other), &of_maker))
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
        let numbered = telling.iter().filter(|word| numbers::is_numbered(word)).cloned().collect();
        let behind = in_order.iter().skip_while(|word| !is_joint(word)).cloned().collect();
        let said = |word: &&String| words.contains(*word) && !words::is_filler(word);
        let together = in_order.iter().filter(said).map(String::as_str).collect();
        Self { words, all, telling, together, numbered, kinds, behind, in_order, ..self }
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
        bare.chain(self.runs.iter()).cloned()
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
        self.also.iter().chain(self.runs.iter()).cloned()
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
        let theirs = device.joined_as(self);
        let extra = theirs.lacking_in(self);
        let said = |word: &&String| title.all.contains(*word) || title.also.contains(*word);
        extra.iter().all(said)
    }

    /// Whether it names a whole family, for it says which of it are left out.
    #[must_use]
    pub fn leaves_out_some(&self) -> bool {
        !self.without.is_empty()
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
