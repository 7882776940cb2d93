//! Makers: under which names a firm is known, and when two names mean one firm.
//!
//! Legal forms, punctuation and case say nothing; mergers, renames and brands stand in a table, each
//! line with its public fact. Refuses to take one firm for another because of a word that many bear.

use super::words;

/// Names of one maker over time, and its brands. The first of each line is the name used for
/// comparing.
const MAKERS: &[&[&str]] = &[
    // Becton Dickinson bought CareFusion in 2015, C. R. Bard in 2017, Kiestra in 2012, Rowa with CareFusion and CME
    // (Caesarea Medical Electronics) in 2017; Pyxis and Alaris were CareFusion's.
    &[
        "bd",
        "becton dickinson",
        "becton dickinson bd",
        "bd becton dickinson",
        "carefusion",
        "becton",
        "c r bard",
        "bard",
        "kiestra",
        "bd kiestra",
        "cme",
        "rowa",
        "bd rowa",
        "caesarea medical electronics",
    ],
    // Baxter bought Baxa in 2011, Sigma in 2012, Gambro in 2013 and in 2021 Hillrom, which had
    // bought Trumpf Medical in 2014, Welch Allyn in 2015, Mortara in 2017, Voalte in 2019 and Bardy
    // in 2021.
    &[
        "baxter",
        "hillrom",
        "hill rom",
        "welch allyn",
        "mortara",
        "mortara instrument",
        "baxa",
        "gambro",
        "trumpf medical",
        "voalte",
        "bardy diagnostics",
        "bardydx",
    ],
    // ICU Medical bought Hospira's infusion business from Pfizer in 2017 and Smiths Medical in
    // 2022.
    &["icu medical", "hospira", "smiths medical", "smiths", "pfizer hospira"],
    // Philips sells as Philips Healthcare. It bought Agilent's medical group in 2001, Respironics in
    // 2008, Wheb Sistemas (Tasy) in 2010, Volcano in 2015, Spectranetics in 2017, Forcare in 2018,
    // Capsule and BioTelemetry in 2021.
    &[
        "philips",
        "philips healthcare",
        "philips medical systems",
        "koninklijke philips",
        "respironics",
        "philips respironics",
        "philips volcano",
        "volcano",
        "spectranetics",
        "forcare",
        "philips forcare",
        "capsule technologies",
        "philips capsule",
        "biotelemetry",
    ],
    // GE HealthCare left General Electric in 2023. It had bought Marquette Medical in 1998 and in
    // 2003 Instrumentarium, with Datex-Ohmeda.
    &[
        "ge",
        "ge healthcare",
        "general electric",
        "general electric healthcare",
        "ge medical systems",
        "gehc",
        "datex ohmeda",
        "ohmeda",
        "ge datex ohmeda",
        "marquette",
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
    // Medtronic bought MiniMed in 2001 and in 2015 Covidien, with Valleylab, Nellcor and Puritan
    // Bennett.
    &[
        "medtronic",
        "covidien",
        "minimed",
        "medtronic minimed",
        "medtronic covidien",
        "nellcor",
        "puritan bennett",
        "given imaging",
    ],
    // Abbott bought St. Jude Medical, and Alere, in 2017; Thoratec was St. Jude's.
    &[
        "abbott",
        "abbott laboratories",
        "st jude medical",
        "st jude",
        "saint jude medical",
        "alere",
        "thoratec",
    ],
    // Drägerwerk and Draeger Medical are one maker.
    &["draeger", "drager", "dragerwerk", "draegerwerk", "draeger medical", "drager medical"],
    // B. Braun Melsungen; Avitum is its dialysis division, Aesculap its surgical one.
    &["b braun", "bbraun", "b braun melsungen", "braun", "b braun avitum", "aesculap"],
    // Fresenius Kabi is a division of Fresenius; Ivenix joined it in 2022.
    &["fresenius", "fresenius kabi", "ivenix"],
    // Natus Medical sells Xltek and NeuroWorks; Embla and Nicolet joined it in 2009 and 2012.
    &["natus", "natus medical", "xltek", "embla", "nicolet biomedical"],
    // McKesson's imaging became Change Healthcare in 2017.
    &["change healthcare", "change hc", "mckesson"],
    // Nihon Kohden; Mindray; Spacelabs belongs to OSI Systems.
    &["spacelabs", "spacelabs healthcare"],
    &["mindray", "mindray north america", "shenzhen mindray bio medical electronics"],
    // Johnson & Johnson sold Animas pumps until 2017; Ethicon is its surgical division, DePuy
    // Synthes its orthopaedic one, Biosense Webster and Abiomed its cardiac ones.
    &[
        "johnson johnson",
        "animas",
        "ethicon",
        "ethicon endo surgery",
        "j j",
        "depuy synthes",
        "biosense webster",
        "abiomed",
    ],
    // Roche Diagnostics is a division of Roche; Ventana joined it in 2008.
    &["roche", "roche diagnostics", "ventana"],
    // Carestream was Kodak's health group until 2007.
    &["carestream", "carestream health"],
    // OpenSSL's project is named in three ways by feeds.
    &["openssl", "openssl software foundation", "openssl project"],
    // Stryker bought Physio-Control in 2016 and Vocera in 2022.
    &["stryker", "physio control", "vocera", "vocera communications"],
    // Getinge bought Maquet in 2000 and Datascope's cardiac assist in 2009.
    &["getinge", "maquet", "datascope"],
    // Fujifilm bought SonoSite in 2012 and Hitachi's imaging business in 2021.
    &["fujifilm", "fuji film", "fuji photo film", "fuji", "sonosite", "fujifilm sonosite"],
    // Canon bought Toshiba Medical Systems in 2016, and with it Vital Images.
    &["canon", "toshiba medical systems", "vital images"],
    // IBM's Merge Healthcare became Merative's in 2022.
    &["merge healthcare", "merge", "merative"],
    // Boston Scientific bought Guidant in 2006 and Preventice in 2021.
    &["boston scientific", "guidant", "preventice"],
    // Omnicell bought Aesynt in 2016.
    &["omnicell", "aesynt"],
    // Swisslog's TransLogic is its pneumatic tube system.
    &["swisslog", "translogic", "swisslog healthcare"],
    // Dentsply and Sirona merged in 2016.
    &["dentsply sirona", "sirona", "dentsply"],
    // Tandem bought Capillary Biomedical in 2022; Insulet sells Omnipod.
    &["insulet", "omnipod"],
    // ResMed bought Brightree in 2016, Breas is its own.
    &["resmed", "brightree"],
    // Rockwell Automation bought Allen-Bradley in 1985.
    &["rockwell automation", "allen bradley", "rockwell"],
    // Schneider Electric bought Square D in 1991, Modicon with AEG's share in 1996, APC in 2007 and
    // Invensys, with Triconex and Foxboro, in 2014.
    &[
        "schneider electric",
        "schneider",
        "apc",
        "american power conversion",
        "square d",
        "modicon",
        "triconex",
    ],
    // Honeywell bought Tridium in 2005, Metrologic in 2008 and Intermec in 2013.
    &["honeywell", "tridium", "intermec", "metrologic"],
    // Johnson Controls merged with Tyco in 2016: American Dynamics, Software House, Exacq, Kantech.
    &[
        "johnson controls",
        "tyco",
        "american dynamics",
        "software house",
        "exacq",
        "exacq technologies",
        "kantech",
        "sensormatic",
    ],
    // Carrier sold LenelS2 in 2024; Lenel and S2 merged in 2018. Automated Logic is Carrier's.
    &["carrier", "lenels2", "lenel", "automated logic"],
    // Hitachi bought ABB's power grids in 2020; they are Hitachi Energy.
    &["hitachi energy", "hitachi abb power grids", "abb power grids"],
    // B&R joined ABB in 2017.
    &["abb", "b r industrial automation", "b r"],
    // Advantech bought B+B SmartWorx in 2016.
    &["advantech", "b b smartworx", "advantech b b smartworx"],
    // BlackBerry bought QNX in 2010.
    &["blackberry", "qnx"],
    // Hewlett-Packard became HP and Hewlett Packard Enterprise in 2015.
    &["hp", "hewlett packard", "hewlett packard development"],
    // Zebra bought Motorola's enterprise business in 2014.
    &["zebra", "zebra technologies"],
    // Hikvision and Dahua are named with their towns.
    &["hikvision", "hangzhou hikvision digital technology"],
    &["dahua", "zhejiang dahua technology", "dahua technology"],
];

/// Firms that make, or made, products under the name of the other: products move between them, and
/// inventories keep the name that stands on the device.
const RELATED: &[(&str, &str)] = &[
    // ABB's power grids went to Hitachi in 2020.
    ("abb", "hitachi energy"),
    // Philips bought Carestream's imaging software, Vue, in 2019.
    ("carestream", "philips"),
    // Cardinal Health parted from CareFusion in 2009; Vyaire from BD in 2016.
    ("cardinal", "bd"),
    ("vyaire", "bd"),
    // Agilent's medical group, from Hewlett-Packard, went to Philips in 2001.
    ("hp", "philips"),
    ("agilent", "philips"),
    // Agfa sold its software for hospitals to Dedalus in 2020.
    ("agfa", "dedalus"),
    // IBM sold Watson Health, with Merge, in 2022.
    ("ibm", "merge healthcare"),
    // Hitachi's imaging went to Fujifilm in 2021, Toshiba's to Canon in 2016.
    ("hitachi", "fujifilm"),
    ("toshiba", "canon"),
    // Emerson bought GE's Intelligent Platforms in 2019.
    ("ge", "emerson"),
    // Schneider's software, with Wonderware, went to AVEVA in 2018; OSIsoft in 2021.
    ("schneider electric", "aveva"),
    ("osisoft", "aveva"),
    // 3S-Smart Software Solutions is named CODESYS since 2020.
    ("3s smart", "codesys"),
    ("3s", "codesys"),
    // Nidec bought Emerson's Control Techniques in 2017.
    ("control techniques", "nidec"),
    // Cerner became Oracle's in 2022.
    ("cerner", "oracle"),
];

/// Words at the end of a maker's name that say only what kind of firm it is.
const FORMS: [&str; 70] = [
    "and",
    "healthcare",
    "health",
    "medical",
    "medtech",
    "meditech",
    "technologies",
    "technology",
    "tech",
    "instruments",
    "instrument",
    "electronics",
    "electronic",
    "laboratories",
    "labs",
    "networks",
    "network",
    "automation",
    "controls",
    "laboratory",
    "pharma",
    "pharmaceuticals",
    "biomedical",
    "solutions",
    "software",
    "industries",
    "holding",
    "holdings",
    "inc",
    "incorporated",
    "gmbh",
    "mbh",
    "ag",
    "co",
    "ltd",
    "limited",
    "llc",
    "lp",
    "corp",
    "corporation",
    "company",
    "kg",
    "kgaa",
    "sa",
    "sas",
    "sarl",
    "srl",
    "sro",
    "nv",
    "bv",
    "plc",
    "pty",
    "pvt",
    "private",
    "uab",
    "spa",
    "oy",
    "oyj",
    "ab",
    "aps",
    "as",
    "se",
    "kk",
    "usa",
    "us",
    "uk",
    "europe",
    "america",
    "international",
    "group",
];

/// Words at the end of a maker's name that say which part of the firm it is: `BD Biosciences`.
const DIVISIONS: [&str; 17] = [
    "biosciences",
    "cardiology",
    "care",
    "clinical",
    "critical",
    "diabetes",
    "diagnostics",
    "imaging",
    "informatics",
    "monitoring",
    "neurology",
    "renal",
    "respiratory",
    "surgical",
    "systems",
    "ultrasound",
    "vascular",
];

/// Words with which the names of many firms begin.
const COMMON: [&str; 26] = [
    "advanced",
    "american",
    "applied",
    "digital",
    "first",
    "general",
    "global",
    "health",
    "hospital",
    "international",
    "medical",
    "national",
    "new",
    "open",
    "precision",
    "shanghai",
    "shenzhen",
    "beijing",
    "smart",
    "smith",
    "johnson",
    "st",
    "saint",
    "the",
    "united",
    "universal",
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

fn is_in_table(maker: &str) -> bool {
    MAKERS.iter().any(|names| names.first() == Some(&maker))
}

/// The makers that a name may stand for: itself, and where it joins several, each of them.
#[must_use]
pub fn makers(name: &str) -> Vec<String> {
    let whole = maker(name);
    if is_in_table(&whole) && !name.contains('(') {
        return vec![whole];
    }
    let parts = name.split([',', '/', ';', '(', ')', '&']).flat_map(|part| part.split(" and "));
    let mut makers: Vec<String> = parts.map(maker).filter(|part| says_whom(part)).collect();
    makers.push(whole);
    makers.retain(|maker| !maker.is_empty());
    makers.sort();
    makers.dedup();
    makers
}

/// Whether a part of a name names a firm by itself: the `Co.` of `Smith, Jones & Co.` does not.
fn says_whom(part: &str) -> bool {
    const LETTERS: usize = 4;
    is_in_table(part)
        || part.len() >= LETTERS
            && part.split(' ').next().is_some_and(|first| {
                !COMMON.contains(&first) && !FORMS.contains(&first) && !DIVISIONS.contains(&first)
            })
}

/// Whether two makers, as compared, are perhaps one that is written in two ways: `i sens` and
/// `isens`, `zoll` and `zoll lifevest`. That is enough to ask about a product of one name, and too
/// little to clear one.
#[must_use]
pub fn perhaps_one(a: &str, b: &str) -> bool {
    let (a, b) = (in_table(a).unwrap_or(a), in_table(b).unwrap_or(b));
    if RELATED.contains(&(a, b)) || RELATED.contains(&(b, a)) {
        return true;
    }
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let first = short.split(' ').next().unwrap_or_default();
    if first.len() < 2 {
        return !short.is_empty() && short.replace(' ', "") == long.replace(' ', "");
    }
    let starts =
        long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
    let says_little = !short.contains(' ') && COMMON.contains(&first);
    let same_start =
        !COMMON.contains(&first) && first.len() >= 6 && long.split(' ').next() == Some(first);
    starts && !says_little || same_start || short.replace(' ', "") == long.replace(' ', "")
}

/// Whether a name is the initials of another as it is written: `JCI`, `Johnson Controls Inc`.
#[must_use]
pub fn is_short_for(letters: &str, written: &str) -> bool {
    const LETTERS: usize = 3;
    let initials = words(written);
    let initials = initials.iter().filter_map(|word| word.chars().next());
    letters.len() >= LETTERS && !letters.contains(' ') && letters.chars().eq(initials)
}

/// The maker in the table with whose name another begins: `bbraun melsungen`.
fn in_table(name: &str) -> Option<&'static str> {
    const LETTERS: usize = 4;
    let ends = name.match_indices(' ').map(|(at, _)| at);
    let starts = ends.filter_map(|end| name.get(..end)).filter(|start| start.len() >= LETTERS);
    starts.filter(|start| !COMMON.contains(start)).filter_map(known).last()
}

/// A maker's words under all of its names: `Welch Allyn Connex` by Hillrom is `Connex`.
pub(super) fn vendor_words(vendor: &str) -> Vec<String> {
    let own = maker(vendor);
    let names = MAKERS.iter().find(|names| names.first() == Some(&own.as_str()));
    let mut all: Vec<String> = words(vendor);
    all.extend(names.into_iter().flat_map(|names| names.iter()).flat_map(|name| words(name)));
    all
}

#[cfg(test)]
mod tests {
    use super::{MAKERS, maker, makers, perhaps_one};

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
        assert_eq!(maker("Philips Clinical Informatics"), maker("Philips"));
        assert_eq!(maker("Acme Medical Technologies Pvt Ltd"), maker("Acme"));
    }

    #[test]
    fn a_name_that_joins_firms_stands_for_each() {
        assert!(makers("Acme Technology and GE Healthcare").contains(&"acme".to_owned()));
        assert!(makers("Acme Technology and GE Healthcare").contains(&"ge".to_owned()));
        assert!(makers("Allen-Bradley (Rockwell Automation)").contains(&maker("Rockwell")));
        assert_eq!(makers("Becton, Dickinson and Company"), ["bd"]);
        assert!(!makers("Dickens, Smith & Co.").contains(&"co".to_owned()));
    }

    #[test]
    fn one_firm_is_written_in_several_ways() {
        let perhaps = |a: &str, b: &str| perhaps_one(&maker(a), &maker(b));
        assert!(perhaps("i-SENS Inc", "iSENS"));
        assert!(perhaps("ZOLL", "Zoll LifeVest"));
        assert!(perhaps("Micro Dicom", "MicroDicom"));
        assert!(perhaps("BBraun Hospicare", "B. Braun"));
        assert!(!perhaps("General Meters", "General"));
        assert!(!perhaps("Smith Micro", "Smith"));
        assert!(!perhaps("Rockwell Collins", "Rock"));
        assert!(!perhaps("", ""));
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
