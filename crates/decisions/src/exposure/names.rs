//! Names of makers and products, compared as people mean them.
//!
//! Makers: legal forms, punctuation and case say nothing; mergers and renames are in a table, each
//! with its public fact. Products: the words that tell one product from its neighbour must all be
//! there. Refuses to match on a single general word.

mod line;
mod lists;
mod numbers;
mod short;

use std::collections::BTreeSet;

pub use line::Line;
pub use lists::several;
use short::Short;

/// How far a product's name agrees with another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Agreement {
    /// The same words.
    Same,
    /// The advisory's name lists several products or models, and the device's is one of them.
    Listed,
    /// The same words, and the advisory's name has a version besides: perhaps the device's.
    Line,
    /// The advisory's name has a model number that the device's lacks: perhaps that model.
    Narrower,
    /// All words of the advisory's name, and the device's has more: a model of that family.
    Family,
}

/// Names of one maker over time. The first of each line is the name used for comparing.
const MAKERS: &[&[&str]] = &[
    // Becton Dickinson bought CareFusion in 2015 and C. R. Bard in 2017; Pyxis and Alaris were
    // CareFusion's.
    &[
        "bd",
        "becton dickinson",
        "becton dickinson bd",
        "bd becton dickinson",
        "carefusion",
        "becton",
        "c r bard",
        "bard",
    ],
    // Baxter bought Hillrom in 2021, which had bought Welch Allyn in 2015 and Mortara in 2017.
    &["baxter", "hillrom", "hill rom", "welch allyn", "mortara", "mortara instrument"],
    // ICU Medical bought Hospira's infusion business from Pfizer in 2017 and Smiths Medical in
    // 2022.
    &["icu medical", "hospira", "smiths medical", "smiths"],
    // Philips sells as Philips Healthcare; Respironics joined in 2008, Spectranetics in 2017.
    &[
        "philips",
        "philips healthcare",
        "philips medical systems",
        "koninklijke philips",
        "respironics",
        "philips respironics",
    ],
    // GE HealthCare left General Electric in 2023.
    &[
        "ge",
        "ge healthcare",
        "general electric",
        "general electric healthcare",
        "ge medical systems",
        "gehc",
    ],
    // Siemens Healthineers left Siemens in 2018; Varian joined it in 2021.
    &[
        "siemens",
        "siemens healthineers",
        "siemens healthcare",
        "siemens medical solutions",
        "varian",
        "varian medical systems",
    ],
    // Medtronic bought Covidien in 2015 and had bought MiniMed in 2001.
    &["medtronic", "covidien", "minimed", "medtronic minimed"],
    // Abbott bought St. Jude Medical in 2017.
    &["abbott", "abbott laboratories", "st jude medical", "st jude", "saint jude medical"],
    // Drägerwerk and Draeger Medical are one maker.
    &["draeger", "drager", "dragerwerk", "draegerwerk", "draeger medical", "drager medical"],
    // B. Braun Melsungen; Avitum is its dialysis division.
    &["b braun", "bbraun", "b braun melsungen", "braun", "b braun avitum"],
    // Fresenius Kabi is a division of Fresenius; Ivenix joined it in 2022.
    &["fresenius", "fresenius kabi", "ivenix"],
    // Natus Medical sells Xltek and NeuroWorks.
    &["natus", "natus medical", "xltek"],
    // McKesson's imaging became Change Healthcare in 2017.
    &["change healthcare", "mckesson"],
    // Nihon Kohden; Mindray; Spacelabs belongs to OSI Systems.
    &["spacelabs", "spacelabs healthcare"],
    &["mindray", "mindray north america", "shenzhen mindray bio medical electronics"],
    // Johnson & Johnson sold Animas pumps until 2017; Ethicon is its surgical division.
    &["johnson johnson", "animas", "ethicon", "j j"],
    // Roche Diagnostics is a division of Roche.
    &["roche", "roche diagnostics"],
    // Carestream was Kodak's health group until 2007.
    &["carestream", "carestream health"],
    // OpenSSL's project is named in three ways by feeds.
    &["openssl", "openssl software foundation", "openssl project"],
];

/// Words at the end of a maker's name that say only what kind of firm it is.
const FORMS: [&str; 32] = [
    "and",
    "healthcare",
    "health",
    "medical",
    "technologies",
    "instruments",
    "electronics",
    "inc",
    "incorporated",
    "gmbh",
    "ag",
    "co",
    "ltd",
    "limited",
    "llc",
    "corp",
    "corporation",
    "company",
    "kg",
    "kgaa",
    "sa",
    "nv",
    "bv",
    "plc",
    "spa",
    "oy",
    "ab",
    "as",
    "se",
    "usa",
    "international",
    "group",
];

/// Words at the end of a maker's name that say which part of the firm it is: `BD Biosciences`.
const DIVISIONS: [&str; 14] = [
    "biosciences",
    "cardiology",
    "care",
    "critical",
    "diabetes",
    "diagnostics",
    "imaging",
    "monitoring",
    "neurology",
    "renal",
    "respiratory",
    "surgical",
    "systems",
    "vascular",
];

/// Words that don't tell one product from another of the same maker.
const FILLERS: [&str; 32] = [
    "system", "systems", "the", "and", "with", "for", "of", "series", "family", "software",
    "firmware", "device", "devices", "product", "products", "medical", "version", "versions",
    "named", "model", "models", "all", "insulin", "infusion", "patient", "worn", "wlan", "only",
    "resting", "large", "volume", "vital",
];

/// Words that say what kind of thing a product is. A name may leave them out; but a pump is no
/// library, so two names that both say it must agree.
const KINDS: [&str; 32] = [
    "pump",
    "monitor",
    "ventilator",
    "programmer",
    "workstation",
    "station",
    "server",
    "viewer",
    "controller",
    "analyzer",
    "analyser",
    "defibrillator",
    "generator",
    "electrocardiograph",
    "cardiograph",
    "scanner",
    "gateway",
    "module",
    "editor",
    "manager",
    "library",
    "application",
    "portal",
    "software",
    "tomograph",
    "injector",
    "reader",
    "printer",
    "dashboard",
    "unit",
    "warmer",
    "recorder",
];

/// Kinds of things that belong to a device and bear its name, but are not the device: what is said
/// of the `Alaris Systems Manager` is not said of an `Alaris`.
const PARTS: [&str; 14] = [
    "server",
    "viewer",
    "editor",
    "manager",
    "library",
    "application",
    "portal",
    "dashboard",
    "gateway",
    "workstation",
    "station",
    "programmer",
    "reader",
    "module",
];

/// A maker's name as it is compared; empty where there is none.
#[must_use]
pub fn maker(name: &str) -> String {
    // An abbreviation in brackets repeats the name: `Becton, Dickinson and Company (BD)`.
    let full = name.split('(').next().filter(|full| !full.trim().is_empty()).unwrap_or(name);
    let words: Vec<String> = words(full);
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    if let Some(known) = division_of(&words) {
        return known.to_owned();
    }
    while words.len() > 1 && words.last().is_some_and(|word| FORMS.contains(word)) {
        words.pop();
    }
    words.join(" ")
}

/// The maker in the table of which a name is the whole or a part.
fn division_of(words: &[&str]) -> Option<&'static str> {
    let says_little = |word: &&str| FORMS.contains(word) || DIVISIONS.contains(word);
    let most = words.iter().rev().take_while(|word| says_little(word)).count();
    (0..=most.min(words.len().saturating_sub(1)))
        .find_map(|less| known(&words.get(..words.len() - less)?.join(" ")))
}

/// The maker in the table that bears a name, or one that differs in doubled letters only, as the
/// names of firms are most often misspelt: `Phillips`, `Hilrom`.
fn known(name: &str) -> Option<&'static str> {
    const LETTERS: usize = 6;
    let exact = MAKERS.iter().find(|names| names.contains(&name));
    let is_near = |own: &&str| own.len() >= LETTERS && undoubled(own).eq(undoubled(name));
    let near = || MAKERS.iter().find(|names| names.iter().any(is_near));
    let names = exact.or_else(|| if name.len() >= LETTERS { near() } else { None });
    names.and_then(|names| names.first()).copied()
}

fn undoubled(name: &str) -> impl Iterator<Item = u8> {
    let mut last = None;
    name.bytes().filter(move |letter| last.replace(*letter) != Some(*letter))
}

/// The makers that a name may stand for: itself, and where it joins several, each of them.
#[must_use]
pub fn makers(name: &str) -> Vec<String> {
    let whole = maker(name);
    if MAKERS.iter().any(|names| names.first() == Some(&whole.as_str())) {
        return vec![whole];
    }
    let parts = name.split([',', '/', '&', '(', ')', ';']).flat_map(|part| part.split(" and "));
    let known = |part: &String| MAKERS.iter().any(|names| names.first() == Some(&part.as_str()));
    let mut makers: Vec<String> = parts.map(maker).filter(known).collect();
    makers.push(whole);
    makers.retain(|maker| !maker.is_empty());
    makers.sort();
    makers.dedup();
    makers
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
    /// A condition that the name sets in brackets: `(WLAN only)`.
    condition: Option<String>,
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
        let of_vendor: BTreeSet<String> =
            vendor.map(|vendor| vendor_words(vendor).into_iter().collect()).unwrap_or_default();
        let (bare, condition, short) = without_brackets(name);
        let line = Line::of(&bare);
        let of_line = line.as_ref().map(Line::words).unwrap_or_default();
        let mut in_order = words(&bare);
        if let Some(at) = in_order.windows(of_line.len().max(1)).position(|part| part == of_line) {
            in_order.drain(at..at + of_line.len());
        }
        let spans = lists::spans(&bare);
        let empty = Self { condition, spans, line, short, ..Self::default() };
        empty.named(in_order, &of_vendor)
    }

    /// This name with these words.
    fn named(self, in_order: Vec<String>, of_vendor: &BTreeSet<String>) -> Self {
        let all: BTreeSet<String> = in_order.iter().cloned().collect();
        let without: BTreeSet<String> = all.difference(of_vendor).cloned().collect();
        // A product that bears only its maker's name keeps it: `OpenSSL` by `OpenSSL`.
        let words = if without.is_empty() { all.clone() } else { without };
        let kinds: BTreeSet<String> = words.iter().filter_map(|word| kind(word)).collect();
        let is_telling = |word: &&String| !FILLERS.contains(&word.as_str()) && kind(word).is_none();
        let telling: BTreeSet<String> = words.iter().filter(is_telling).cloned().collect();
        let said = |word: &&String| words.contains(*word) && !FILLERS.contains(&word.as_str());
        let together = in_order.iter().filter(said).map(String::as_str).collect();
        Self { words, all, telling, together, kinds, in_order, ..self }
    }

    /// This name with other words; those that it had left out stay left out.
    fn renamed(&self, in_order: Vec<String>) -> Self {
        let left_out = self.all.difference(&self.words).cloned().collect();
        let bare = Self { spans: self.spans.clone(), ..Self::default() };
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

    /// The words under which a device is kept, its maker's names among them.
    pub fn kept_under(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(String::as_str).filter(|word| !FILLERS.contains(word))
    }

    /// The words by which it is looked for.
    pub fn telling(&self) -> impl Iterator<Item = &str> {
        self.telling.iter().map(String::as_str)
    }

    /// How the name in an advisory (`self`) agrees with a device's model.
    ///
    /// All telling words of the advisory must be among the device's: `Alaris GS` is not `Alaris
    /// PCU`. Where the device has telling words more, the advisory names its family; but a number
    /// more is another model: `MiniMed` is the family of `MiniMed 620G`, while `Sigma` is not
    /// `Sigma 8000`'s sibling and so only its family too.
    #[must_use]
    pub fn agrees_with(&self, device: &Self) -> Option<Agreement> {
        let agreement = self.agrees_by_words(device);
        let shortened = || {
            let (own, theirs) = self.shortened(device)?;
            own.agrees_by_words(&theirs)
        };
        let agreement = match agreement {
            Some(Agreement::Same) => agreement,
            _ => [agreement, shortened()].into_iter().flatten().min(),
        };
        match (agreement?, &self.line, &device.line) {
            (Agreement::Same | Agreement::Listed, Some(_), None) => Some(Agreement::Line),
            (_, Some(own), Some(theirs)) if !own.meets(theirs) => None,
            (agreement, ..) => Some(agreement),
        }
    }

    fn agrees_by_words(&self, device: &Self) -> Option<Agreement> {
        if self.telling.is_empty() || device.telling.is_empty() {
            let same = !self.words.is_empty() && self.words == device.words;
            return same.then_some(Agreement::Same);
        }
        let both_say = !self.kinds.is_empty() && !device.kinds.is_empty();
        if both_say && self.kinds.is_disjoint(&device.kinds) {
            return None;
        }
        let is_part = self.is_part_of(device);
        if self.telling == device.telling || self.together == device.together {
            return Some(if is_part { Agreement::Narrower } else { Agreement::Same });
        }
        if is_part {
            return None;
        }
        if self.telling.is_subset(&device.all) {
            let same = self.is_numbered_as(device);
            return Some(if same { Agreement::Same } else { Agreement::Family });
        }
        self.listed(device)
            .or_else(|| self.narrower(device))
            .or_else(|| self.shares_number(device).then_some(Agreement::Narrower))
    }

    /// Whether this names a part or program that the device's name does not speak of. A model
    /// number that both have says enough: `CareLink 2090 Programmer`.
    fn is_part_of(&self, device: &Self) -> bool {
        let numbered = |word: &&String| word.len() >= 3 && word.bytes().any(|b| b.is_ascii_digit());
        let shared = self.telling.intersection(&device.telling).any(|word| numbered(&word));
        // `Space Station` and `SpaceStation` both say it.
        let part = |word: &String| {
            PARTS.contains(&word.as_str()) && !device.together.contains(word.as_str())
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
            return Some(Agreement::Same);
        }
        (own.len() > devices.len()).then_some(Agreement::Narrower)
    }

    /// A condition that the name sets in brackets.
    #[must_use]
    pub fn condition(&self) -> Option<&str> {
        self.condition.as_deref()
    }
}

/// A word for a kind of thing, in the singular.
fn kind(word: &str) -> Option<String> {
    let singular = word.strip_suffix('s').unwrap_or(word);
    [word, singular].into_iter().find(|word| KINDS.contains(word)).map(str::to_owned)
}

/// A maker's words under all of its names: `Welch Allyn Connex` by Hillrom is `Connex`.
fn vendor_words(vendor: &str) -> Vec<String> {
    let own = maker(vendor);
    let names = MAKERS.iter().find(|names| names.first() == Some(&own.as_str()));
    let mut all: Vec<String> = words(vendor);
    all.extend(names.into_iter().flat_map(|names| names.iter()).flat_map(|name| words(name)));
    all
}

/// A name without what stands in brackets, and the condition that it sets, if it does: initials
/// that repeat the name (`Connex Spot Monitor (CSM)`) and order numbers (`(718095)`) set none. The
/// initials are the name's short form.
fn without_brackets(name: &str) -> (String, Option<String>, Option<Short>) {
    let mut bare = String::new();
    let mut condition = None;
    let mut short = None;
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('(') {
        let (inside, following) = after.split_once(')').unwrap_or((after, ""));
        bare.push_str(before);
        bare.push(' ');
        let one_word = !inside.trim().contains(char::is_whitespace);
        let numbered = inside.bytes().any(|b| b.is_ascii_digit());
        let repeats = one_word && abbreviates(inside, &bare);
        if repeats && !numbered {
            short = short.or_else(|| Short::of(inside, &bare));
        }
        let harmless = inside.trim().is_empty() || one_word && numbered || repeats;
        if !harmless {
            condition = condition.or_else(|| Some(inside.trim().to_owned()));
        }
        rest = following;
    }
    bare.push_str(rest);
    (bare, condition, short)
}

/// Whether letters stand in a name in this order, the first of them at its start of a word.
fn abbreviates(letters: &str, name: &str) -> bool {
    let name = words(name);
    let first = letters.chars().flat_map(char::to_lowercase).next();
    let starts = name.iter().any(|word| word.chars().next() == first);
    let mut all = name.iter().flat_map(|word| word.chars());
    starts && letters.chars().flat_map(char::to_lowercase).all(|letter| all.any(|c| c == letter))
}

/// The words of a name in lower case; trademarks and punctuation part them or go.
#[must_use]
pub fn words(name: &str) -> Vec<String> {
    let name = name.replace(['™', '®', '©', '\''], "").replace("(R)", "").replace("(TM)", "");
    let mut words: Vec<String> = Vec::new();
    for word in name.split(|c: char| !c.is_alphanumeric()) {
        if !word.is_empty() {
            words.push(plain(word));
        }
    }
    words
}

/// Lower case, without accents that are as often left out: `Dräger`, `Drager`.
fn plain(word: &str) -> String {
    word.chars()
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            'ä' | 'á' | 'à' | 'â' => 'a',
            'ö' | 'ó' | 'ô' => 'o',
            'ü' | 'ú' | 'û' => 'u',
            'é' | 'è' | 'ê' => 'e',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Agreement, MAKERS, ProductName, maker};

    #[track_caller]
    fn agree(advisory: &str, device: &str, expected: Option<Agreement>) {
        let vendor = Some("Medtronic");
        let agreement =
            ProductName::new(advisory, vendor).agrees_with(&ProductName::new(device, vendor));
        assert_eq!(agreement, expected, "{advisory} / {device}");
    }

    #[test]
    fn a_maker_is_known_under_its_names() {
        for name in ["Becton, Dickinson and Company", "BD", "CareFusion", "Becton Dickinson (BD)"] {
            assert_eq!(maker(name), "bd", "{name}");
        }
        assert_eq!(maker("Drägerwerk AG & Co. KGaA"), maker("Draeger"));
        assert_eq!(maker("B. Braun Melsungen AG"), maker("B Braun"));
        assert_eq!(maker("Philips Healthcare"), maker("Philips"));
        assert_ne!(maker("Smith Micro"), maker("Smiths Medical"));
        assert_eq!(maker("Phillips"), maker("Philips Healthcare"));
        assert_eq!(maker("BD Biosciences"), maker("BD"));
        assert_eq!(maker("GE Medical Systems Monitoring"), maker("GE"));
        assert_ne!(maker("Phillips-Medisize"), maker("Philips"));
        assert_ne!(maker("Systems"), maker("Imaging"));
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
        agree("CMS8000 ICU CCU Vital Signs Patient Monitor", "CMS8000", Some(Agreement::Same));
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
        let name = |name| ProductName::new(name, None).condition().map(str::to_owned);
        assert_eq!(name("IntelliVue MX40 (WLAN only)").as_deref(), Some("WLAN only"));
        assert_eq!(name("Connex Spot Monitor (CSM)"), None);
        assert_eq!(name("Veradius Unity (718132)"), None);
    }

    #[test]
    fn a_family_holds_its_models() {
        agree("MiniMed", "MiniMed 620G", Some(Agreement::Family));
        agree("MiniMed 620G", "MiniMed", Some(Agreement::Narrower));
        agree("Alaris 8015 PC unit", "Alaris PC Unit", Some(Agreement::Narrower));
        agree("Alaris PC Unit TIVA", "Alaris PC Unit", None);
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

    #[test]
    fn no_name_belongs_to_two_makers() {
        let mut names: Vec<&str> = MAKERS.iter().flat_map(|names| names.iter().copied()).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
