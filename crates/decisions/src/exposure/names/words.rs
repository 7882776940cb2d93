//! The words of names: as they are compared, and what each kind of word says.
//!
//! Refuses to correct spelling beyond what people vary: plurals, doubled letters, British and
//! American forms, and the short forms that inventories use.

use super::short;

/// Words that don't tell one product from another of the same maker.
const FILLERS: [&str; 39] = [
    "system",
    "the",
    "and",
    "with",
    "w",
    "for",
    "of",
    "series",
    "family",
    "software",
    "firmware",
    "device",
    "product",
    "medical",
    "med",
    "version",
    "ver",
    "named",
    "model",
    "all",
    "insulin",
    "infusion",
    "patient",
    "worn",
    "wearable",
    "wlan",
    "only",
    "resting",
    "large",
    "volume",
    "vital",
    "sign",
    "used",
    "installed",
    "integrated",
    "enabled",
    "equipped",
    "on",
    "by",
];

/// Words that say what kind of thing a product is. A name may leave them out; but a pump is no
/// library, so two names that both say it must agree.
const KINDS: [&str; 30] = [
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

/// Words that say what a product is for. People leave them out or put others in their place; they
/// tell no two products of one maker and one further name apart.
const PURPOSES: [&str; 72] = [
    "acquisition",
    "adult",
    "analysis",
    "anesthesia",
    "archive",
    "archiving",
    "blood",
    "cardiac",
    "cardiology",
    "cardioverter",
    "care",
    "clinical",
    "communication",
    "computed",
    "data",
    "delivery",
    "diabetes",
    "diagnostic",
    "diagnostics",
    "dialysis",
    "dicom",
    "ecg",
    "eeg",
    "ehr",
    "ekg",
    "electronic",
    "emr",
    "energy",
    "equipment",
    "exercise",
    "fetal",
    "glucose",
    "health",
    "healthcare",
    "hemodialysis",
    "hemodynamic",
    "holter",
    "hospital",
    "image",
    "imaging",
    "implantable",
    "information",
    "instrument",
    "laboratory",
    "machine",
    "management",
    "maternal",
    "measurement",
    "monitoring",
    "mri",
    "neonatal",
    "oximeter",
    "oximetry",
    "pacemaker",
    "pacs",
    "pediatric",
    "picture",
    "platform",
    "pressure",
    "radiography",
    "radiology",
    "record",
    "rhythm",
    "solution",
    "stress",
    "surgical",
    "test",
    "testing",
    "therapy",
    "tomography",
    "ultrasound",
    "ventilation",
];

/// Words for a type of thing, beside a name that says which: `EDS-510E switch`.
const TYPES: [&str; 69] = [
    "ip",
    "lan",
    "air",
    "angiography",
    "appliance",
    "arm",
    "audio",
    "cable",
    "cart",
    "cnc",
    "compressor",
    "converter",
    "cutter",
    "cytometer",
    "detector",
    "display",
    "drive",
    "electrical",
    "ethernet",
    "flow",
    "fluoroscopy",
    "gas",
    "handheld",
    "industrial",
    "keyboard",
    "led",
    "light",
    "meter",
    "microscope",
    "mixer",
    "modem",
    "motor",
    "network",
    "notebook",
    "outlet",
    "personal",
    "pole",
    "power",
    "protection",
    "protocol",
    "rack",
    "radio",
    "receiver",
    "relay",
    "robot",
    "router",
    "scale",
    "scanner",
    "screen",
    "sensor",
    "serial",
    "sleep",
    "stand",
    "supply",
    "switch",
    "table",
    "tablet",
    "telemetry",
    "terminal",
    "tower",
    "transmitter",
    "trolley",
    "tube",
    "ups",
    "vacuum",
    "valve",
    "walkie",
    "weighing",
    "wheelchair",
];

/// Such words that some makers use as a model's name: beside one of two words or more they say
/// nothing.
const VARIANTS: [&str; 16] = [
    "bed",
    "camera",
    "catheter",
    "central",
    "console",
    "cpu",
    "ct",
    "handset",
    "hmi",
    "mr",
    "panel",
    "pet",
    "syringe",
    "us",
    "wristband",
    "xray",
];

/// Short forms and other spellings, with the word that is compared.
const SPELLINGS: [(&str, &str); 33] = [
    ("anaesthesia", "anesthesia"),
    ("analyser", "analyzer"),
    ("app", "application"),
    ("centre", "center"),
    ("cntr", "center"),
    ("comm", "communication"),
    ("cardiograph", "electrocardiograph"),
    ("db", "database"),
    ("defib", "defibrillator"),
    ("dev", "device"),
    ("ekg", "ecg"),
    ("foetal", "fetal"),
    ("haemodialysis", "hemodialysis"),
    ("haemodynamic", "hemodynamic"),
    ("info", "information"),
    ("intl", "international"),
    ("win", "windows"),
    ("lib", "library"),
    ("mgmt", "management"),
    ("mgr", "manager"),
    ("mon", "monitor"),
    ("oesophageal", "esophageal"),
    ("paediatric", "pediatric"),
    ("prog", "programmer"),
    ("pt", "patient"),
    ("stn", "station"),
    ("sw", "software"),
    ("sys", "system"),
    ("swr", "software"),
    ("syst", "system"),
    ("vent", "ventilator"),
    ("wks", "workstation"),
    ("wkstn", "workstation"),
];

/// Whether a word tells no product from another.
pub(super) fn is_filler(word: &str) -> bool {
    FILLERS.contains(&word)
}

/// Whether a word says what kind of thing a product is.
pub(super) fn is_kind(word: &str) -> bool {
    KINDS.contains(&word)
}

/// Whether a kind of thing is a part of a device that bears the device's name.
pub(super) fn is_part(kind: &str) -> bool {
    PARTS.contains(&kind)
}

/// Whether a word says what type of thing it is, beside a name of so many telling words.
pub(super) fn is_type(word: &str, beside: usize) -> bool {
    TYPES.contains(&word) || beside > 1 && VARIANTS.contains(&word)
}

/// Whether a word says what a product is for.
pub(super) fn is_purpose(word: &str) -> bool {
    PURPOSES.contains(&word)
}

/// The words of a name in lower case; trademarks and punctuation part them or go.
#[must_use]
pub fn words(name: &str) -> Vec<String> {
    let name = name.replace(['™', '®', '©', '\''], "").replace("(R)", "").replace("(TM)", "");
    let name = mended(&name);
    let mut words: Vec<String> = Vec::new();
    for word in name.split(|c: char| !c.is_alphanumeric()) {
        if !word.is_empty() {
            words.push(plain(word));
        }
    }
    words
}

/// A text whose UTF-8 was read as Latin-1, mended: `YhtymÃ¤` is `Yhtymä`. Feeds have such.
fn mended(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.contains('Ã') {
        return text.into();
    }
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    let whole = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    whole.map_or_else(|| text.into(), std::borrow::Cow::Owned)
}

/// The words of a product's name as they are compared with those of another.
pub(super) fn alike(name: &str) -> Vec<String> {
    words(name).iter().map(|word| as_compared(word)).collect()
}

/// A word in the form in which it is compared.
pub(super) fn as_compared(word: &str) -> String {
    let spelled = |word: &str| SPELLINGS.iter().find(|(from, _)| *from == word).map(|(_, to)| *to);
    let word = spelled(word).unwrap_or(word);
    if is_purpose(word) {
        return word.to_owned();
    }
    let one = singular(word);
    let one = spelled(one).unwrap_or(one);
    if let Some(start) = one.strip_suffix("centre").filter(|start| !start.is_empty()) {
        return undoubled(&format!("{start}center"));
    }
    let known = is_filler(one) || is_kind(one) || is_purpose(one) || is_type(one, 2);
    if known { one.to_owned() } else { undoubled(one) }
}

/// A word without the `s` of its plural, so far as it is one.
fn singular(word: &str) -> &str {
    const LETTERS: usize = 5;
    let known = |word: &str| is_kind(word) || is_type(word, 2);
    let kept = word.len() < LETTERS && !word.strip_suffix('s').is_some_and(known)
        || ["ss", "us", "is", "series", "windows"].iter().any(|end| word.ends_with(end))
        || !word.bytes().all(|b| b.is_ascii_alphabetic());
    if kept { word } else { word.strip_suffix('s').unwrap_or(word) }
}

/// A word with each run of one letter as one: `intellivue` and `intelivue`. Roman numbers stay.
pub(super) fn undoubled(word: &str) -> String {
    const LETTERS: usize = 4;
    let roman = word.bytes().all(|b| matches!(b, b'i' | b'v' | b'x'));
    let numbered = word.bytes().any(|b| b.is_ascii_digit());
    if word.len() < LETTERS || roman || numbered {
        return word.to_owned();
    }
    let mut last = None;
    let is_new = |c: &char| last.replace(*c) != Some(*c) || !c.is_alphabetic();
    word.chars().filter(is_new).collect()
}

/// Lower case, without accents that are as often left out: `Dräger`, `Drager`.
fn plain(word: &str) -> String {
    word.chars()
        .flat_map(char::to_lowercase)
        .flat_map(|c| if c == 'æ' { ['a', 'e'] } else { [c, '\0'] })
        .filter(|c| *c != '\0')
        .map(|c| match c {
            'ä' | 'á' | 'à' | 'â' => 'a',
            'ö' | 'ó' | 'ô' => 'o',
            'ü' | 'ú' | 'û' => 'u',
            'é' | 'è' | 'ê' => 'e',
            c => c,
        })
        .collect()
}

/// The words of a name that stand in lower case where others have capitals, as people write what a
/// thing is behind what it is called: `iSeq 100 sequencer`.
pub(super) fn in_lower_case(name: &str) -> impl Iterator<Item = String> {
    const LETTERS: usize = 4;
    let has_capitals = name.chars().any(char::is_uppercase);
    let bare = |word: &&str| word.len() >= LETTERS && word.bytes().all(|b| b.is_ascii_lowercase());
    let words = name.split(|c: char| !c.is_alphanumeric());
    words.filter(move |word| has_capitals && bare(word)).map(as_compared)
}

/// What neighbours among a name's words give when they are written together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Runs {
    /// By where they begin, the longest first.
    from: Vec<Vec<String>>,
    /// Which first letters the words have, a bit each.
    starts: u64,
}

impl Runs {
    /// Most words that are written together.
    const MOST: usize = 4;
    /// Words of a name of usual length.
    const WORDS: usize = 16;

    pub(super) fn of(words: &[String]) -> Self {
        let starts = words.iter().fold(0, |starts, word| starts | first_letter(word));
        let words = words.get(..words.len().min(Self::WORDS)).unwrap_or_default();
        let from = |at: usize| {
            let lengths = (2..=Self::MOST).rev();
            lengths.filter_map(|length| words.get(at..at + length).map(together)).collect()
        };
        Self { from: (0..words.len()).map(from).collect(), starts }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &String> {
        self.from.iter().flatten()
    }

    /// The words of these runs with those joined that another name writes together: `smart log`
    /// beside `smartlog`. Nothing where there are none.
    pub(super) fn joined_as<'o>(
        &self,
        words: &[String],
        others: impl Iterator<Item = &'o String>,
    ) -> Option<Vec<String>> {
        let others: Vec<&String> = others
            .filter(|other| first_letter(other) & self.starts != 0 && !words.contains(other))
            .collect();
        if others.is_empty() {
            return None;
        }
        let mut joined = Vec::new();
        let mut at = 0;
        while let Some(word) = words.get(at) {
            let is_near = others.iter().any(|other| first_letter(other) == first_letter(word));
            let runs = self.from.get(at).filter(|_| is_near).map(Vec::as_slice).unwrap_or_default();
            let lengths = (2..=runs.len() + 1).rev();
            let together = lengths.zip(runs).find_map(|(length, run)| {
                let part = words.get(at..at + length)?;
                let other = others.iter().find(|one| **one == run || is_spelled(part, one))?;
                Some((length, (*other).clone()))
            });
            let (length, word) = together.unwrap_or_else(|| (1, word.clone()));
            joined.push(word);
            at += length;
        }
        (joined.len() < words.len()).then_some(joined)
    }
}

/// A bit for the first letter of a word.
fn first_letter(word: &str) -> u64 {
    word.bytes().next().map_or(0, |first| 1 << (first & 63))
}

/// Whether words spell letters that another name has in their place: `PC Unit` and `PCU`.
fn is_spelled(part: &[String], letters: &str) -> bool {
    (3..=20).contains(&letters.len())
        && letters.bytes().all(|b| b.is_ascii_alphabetic())
        && short::spells(part, letters)
}

/// Words written together, as one is compared.
pub(super) fn together(words: &[String]) -> String {
    as_compared(&words.concat())
}

#[cfg(test)]
mod tests {
    use super::{Runs, alike};

    #[test]
    fn what_people_vary_is_one_word() {
        let same = |a: &str, b: &str| assert_eq!(alike(a), alike(b), "{a} / {b}");
        same("IntelliVue Information Centre", "Intelivue information center");
        same("Patient Monitors", "Pt Mon");
        same("Interoperability Solutions", "interoperability solution");
        same("Drägerwerk", "Dragerwerk");
        same("Defib Dashboard", "Defibrillator Dashboard");
        let differ = |a: &str, b: &str| assert_ne!(alike(a), alike(b), "{a} / {b}");
        differ("Type II", "Type III");
        differ("Model VIII", "Model VII");
        differ("M8800", "M800");
        differ("Analysis", "Analysi");
    }

    #[test]
    fn words_are_joined_as_the_other_name_has_them() {
        let join = |a: &str, b: &str| {
            let words = alike(a);
            Runs::of(&words).joined_as(&words, alike(b).iter()).unwrap_or(words).join(" ")
        };
        assert_eq!(join("Smart Log", "SmartLog Software"), "smartlog");
        assert_eq!(join("PWS-01-BT scale", "PWS-01BT"), "pws 01bt scale");
        assert_eq!(join("Cell Log", "CellLog"), "celog");
        assert_eq!(join("Wi-Fi pack", "WiFi pack"), "wifi pack");
        assert_eq!(join("Alaris GS", "Alaris PCU"), "alaris gs");
    }

    #[test]
    fn runs_are_of_neighbours() {
        let runs = Runs::of(&alike("r see net"));
        assert_eq!(runs.iter().collect::<Vec<_>>(), ["rsenet", "rse", "senet"]);
    }
}
