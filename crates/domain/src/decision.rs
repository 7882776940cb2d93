//! Decisions of the hospital about findings: what was decided, about what, why, and by whom.
//!
//! A decision is a document, like all that is known: an OpenVEX document in the folder
//! `decisions`, of which each statement carries a note that says what kind it is. Refuses to be
//! without a reason and an author, and to accept a risk without a day on which that ends.

use std::fmt;

use crate::advisory::{Product, Versions};
use crate::date::{self, Date};
use crate::text::Text;

/// Longest reason, in characters.
pub const REASON_CHARS: usize = 2_000;
/// Longest name of an author, in characters.
pub const AUTHOR_CHARS: usize = 200;
/// Most findings that one decision is about.
pub const MOST_ABOUT: usize = 1_000;
/// How many days ahead a risk may be accepted at most: two years.
pub const ACCEPTED_DAYS: i64 = 731;
/// The folder in which decisions lie.
pub const FOLDER: &str = "decisions";

/// How the note begins that makes a statement a decision (OpenVEX 0.2.0, `status_notes`).
const NOTE: &str = "asepsis:";
const NOT_AFFECTED: &str = "not-affected";
const FALSE_POSITIVE: &str = "false-positive";
const ACCEPTED: &str = "accepted";
const UNTIL: &str = "accepted-until=";
/// How a release is called in a document that has no other identifier for it.
const RELEASE: &str = "asepsis:release/";
/// How a component without a package URL is.
const COMPONENT: &str = "asepsis:component/";

/// Why a product is not affected (OpenVEX 0.2.0, "Status Justifications").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Justification {
    /// The component is not in the product.
    ComponentNotPresent,
    /// The component is, and its vulnerable code is not.
    VulnerableCodeNotPresent,
    /// The code is there and never runs.
    VulnerableCodeNotInExecutePath,
    /// It runs, and nobody can make it do harm.
    VulnerableCodeCannotBeControlledByAdversary,
    /// Something in the product stops it.
    InlineMitigationsAlreadyExist,
}

impl Justification {
    /// Every one of them.
    pub const ALL: [Self; 5] = [
        Self::ComponentNotPresent,
        Self::VulnerableCodeNotPresent,
        Self::VulnerableCodeNotInExecutePath,
        Self::VulnerableCodeCannotBeControlledByAdversary,
        Self::InlineMitigationsAlreadyExist,
    ];

    /// As OpenVEX and CSAF 2.0 write it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::ComponentNotPresent => "component_not_present",
            Self::VulnerableCodeNotPresent => "vulnerable_code_not_present",
            Self::VulnerableCodeNotInExecutePath => "vulnerable_code_not_in_execute_path",
            Self::VulnerableCodeCannotBeControlledByAdversary => {
                "vulnerable_code_cannot_be_controlled_by_adversary"
            }
            Self::InlineMitigationsAlreadyExist => "inline_mitigations_already_exist",
        }
    }

    /// In words.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::ComponentNotPresent => "the component is not in it",
            Self::VulnerableCodeNotPresent => "the vulnerable code is not in it",
            Self::VulnerableCodeNotInExecutePath => "the vulnerable code never runs",
            Self::VulnerableCodeCannotBeControlledByAdversary => {
                "nobody can make the vulnerable code do harm"
            }
            Self::InlineMitigationsAlreadyExist => "something in the product already stops it",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.text() == text)
    }
}

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ruling {
    /// It is not affected, for this reason.
    NotAffected(Option<Justification>),
    /// The match is wrong.
    FalsePositive,
    /// It is affected, and the risk is accepted up to and with this day.
    AcceptedUntil(Date),
}

impl Ruling {
    /// The kinds, as commands, forms and outputs write them.
    pub const KINDS: [&str; 3] = [NOT_AFFECTED, FALSE_POSITIVE, ACCEPTED];

    /// Its kind.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Self::NotAffected(_) => NOT_AFFECTED,
            Self::FalsePositive => FALSE_POSITIVE,
            Self::AcceptedUntil(_) => ACCEPTED,
        }
    }

    /// The note that makes a statement a decision.
    #[must_use]
    pub fn note(self) -> String {
        match self {
            Self::AcceptedUntil(until) => format!("{NOTE} {UNTIL}{until}"),
            other => format!("{NOTE} {}", other.kind()),
        }
    }

    /// Whether a note of a statement means to make it a decision.
    #[must_use]
    pub fn is_note(note: &str) -> bool {
        note.trim_start().starts_with(NOTE)
    }

    /// Reads such a note; `None` where it says nothing that is known.
    #[must_use]
    pub fn read(note: &str, justification: Option<&str>) -> Option<Self> {
        let said = note.trim().strip_prefix(NOTE)?.trim();
        if let Some(until) = said.strip_prefix(UNTIL) {
            let until = until.trim();
            return date::read(until).filter(|_| until.len() == 10).map(Self::AcceptedUntil);
        }
        match said {
            NOT_AFFECTED => Some(Self::NotAffected(justification.and_then(Justification::read))),
            FALSE_POSITIVE => Some(Self::FalsePositive),
            _ => None,
        }
    }
}

/// In words: `not affected`, `accepted until 2027-03-01`.
impl fmt::Display for Ruling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAffected(_) => f.write_str("not affected"),
            Self::FalsePositive => f.write_str("a false positive"),
            Self::AcceptedUntil(until) => write!(f, "accepted until {until}"),
        }
    }
}

/// Whether a document of that name is where the hospital's decisions lie. What lies deeper, or in
/// an archive, came from somebody else.
#[must_use]
pub fn is_own(name: &str) -> bool {
    let inside = name.strip_prefix(FOLDER).and_then(|rest| rest.strip_prefix('/'));
    inside.is_some_and(|file| !file.is_empty() && !file.contains(['/', '!', '\\']))
}

/// Which releases or components a decision is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Scope {
    /// In which product; none is in every one.
    pub product: Option<Model>,
    /// At which of its versions; none is at all of them. An empty one is of units whose version
    /// nobody knows.
    pub version: Option<Text>,
    /// Which component of it; none is the product as a whole.
    pub component: Option<Part>,
}

/// A product, as the inventory calls it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Model {
    /// Who makes it; empty where the inventory does not say.
    pub manufacturer: Text,
    /// Its model.
    pub model: Text,
}

/// A component, by its package URL or by name and version.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// By its package URL.
    Package(Text),
    /// By its name, and its version where it has one.
    Named(Text, Text),
}

impl Scope {
    /// The product as a document calls it; none where the decision is about every product.
    #[must_use]
    pub fn product_id(&self) -> Option<String> {
        let product = self.product.as_ref()?;
        let mut id =
            format!("{RELEASE}{}/{}", escape(&product.manufacturer), escape(&product.model));
        if let Some(version) = &self.version {
            id.push('/');
            id.push_str(&escape(version));
        }
        Some(id)
    }

    /// The component as a document calls it.
    #[must_use]
    pub fn component_id(&self) -> Option<String> {
        self.component.as_ref().map(|part| match part {
            Part::Package(purl) => purl.to_string(),
            Part::Named(name, version) => component_id(name, version),
        })
    }
}

impl From<&Product> for Scope {
    /// What a product of a decision is about.
    fn from(product: &Product) -> Self {
        let part = |one: &Product| match (one.purls.first(), one.cpes.first()) {
            (Some(purl), _) => Part::Package(purl.to_string().into()),
            (None, Some(cpe)) if one.name.is_empty() => {
                Part::Named(cpe.to_string().into(), Text::default())
            }
            (None, _) => Part::Named(one.name.clone(), version(one).unwrap_or_default()),
        };
        let Some(manufacturer) = product.vendor.clone() else {
            return Self { component: Some(part(product)), ..Self::default() };
        };
        Self {
            product: Some(Model { manufacturer, model: product.name.clone() }),
            version: version(product),
            component: product.component.as_deref().map(part),
        }
    }
}

fn version(product: &Product) -> Option<Text> {
    product.versions.iter().find_map(|versions| match versions {
        Versions::One(version) => Some(version.clone()),
        _ => None,
    })
}

/// In words: `zlib 1.2.11 in BD Alaris PCU 12.1.2`.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.component {
            Some(Part::Package(purl)) => write!(f, "{purl}")?,
            Some(Part::Named(name, version)) if version.is_empty() => write!(f, "{name}")?,
            Some(Part::Named(name, version)) => write!(f, "{name} {version}")?,
            None => {}
        }
        let within = if self.component.is_some() { " in " } else { "" };
        let Some(product) = &self.product else { return write!(f, "{within}every product") };
        f.write_str(within)?;
        if !product.manufacturer.is_empty() {
            write!(f, "{} ", product.manufacturer)?;
        }
        f.write_str(&product.model)?;
        match self.version.as_deref() {
            None => f.write_str(", all versions"),
            Some("") => f.write_str(", version unknown"),
            Some(version) => write!(f, " {version}"),
        }
    }
}

/// A component as a document calls it that has no package URL for it.
#[must_use]
pub fn component_id(name: &str, version: &str) -> String {
    let version = if version.is_empty() { String::new() } else { format!("/{}", escape(version)) };
    format!("{COMPONENT}{}{version}", escape(name))
}

/// The product that an id of ours names: [`Scope::product_id`] and [`component_id`] read back.
/// Unlike other products, a release stands for exactly what the inventory calls so.
#[must_use]
pub fn product_of(id: &str) -> Option<Product> {
    let one = |version: String| vec![Versions::One(version.into())];
    if let Some(rest) = id.strip_prefix(RELEASE) {
        let mut parts = rest.split('/').map(unescape);
        let (vendor, name) = (parts.next()??, parts.next()??);
        let version = parts.next().map_or(Some(None), |version| version.map(Some))?;
        let is_whole = parts.next().is_none() && !name.is_empty();
        return is_whole.then(|| Product {
            vendor: Some(vendor.into()),
            name: name.into(),
            versions: version.map(one).unwrap_or_default(),
            ..Product::default()
        });
    }
    let mut parts = id.strip_prefix(COMPONENT)?.split('/').map(unescape);
    let name = parts.next()??;
    let version = parts.next().map_or(Some(None), |version| version.map(Some))?;
    let is_whole = parts.next().is_none() && !name.is_empty();
    is_whole.then(|| Product {
        name: name.into(),
        versions: version.map(one).unwrap_or_default(),
        ..Product::default()
    })
}

/// A text as part of an IRI (RFC 3986, section 2.1).
fn escape(text: &str) -> String {
    use fmt::Write as _;
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

/// What an address escapes (RFC 3986, section 2.1), back; `None` where an escape is none, or it is
/// no UTF-8.
#[must_use]
pub fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let value = digit()? * 16 + digit()?;
        bytes.push(u8::try_from(value).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// Why something can't be decided so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// There is no reason.
    NoReason,
    /// The reason is too long: it has so many characters.
    LongReason(usize),
    /// Nobody has decided it.
    NoAuthor,
    /// It is about nothing.
    Nothing,
    /// It is about so many findings, which is too many.
    TooMuch(usize),
    /// Its day has passed.
    Passed(Date),
    /// Its day is too far away; this is the last one.
    TooFar(Date),
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoReason => {
                f.write_str("Write why in a few words: whoever reads it later was not there.")
            }
            Self::LongReason(length) => write!(
                f,
                "A reason has {REASON_CHARS} characters at most, and this one has {length}."
            ),
            Self::NoAuthor => {
                write!(f, "Say who decides it, in {AUTHOR_CHARS} characters at most.")
            }
            Self::Nothing => f.write_str("Choose at least one finding."),
            Self::TooMuch(about) => write!(
                f,
                "One decision is about {MOST_ABOUT} findings at most, and this one about {about}."
            ),
            Self::Passed(day) => write!(f, "{day} has passed: name a day that is still to come."),
            Self::TooFar(last) => {
                write!(f, "A risk is accepted for two years at most, so until {last}.")
            }
        }
    }
}

impl std::error::Error for Unfit {}

/// Whether something can be decided so: its reason and author without white space around them.
pub fn check<'t>(
    ruling: Ruling,
    (reason, author): (&'t str, &'t str),
    about: usize,
    today: Date,
) -> Result<(&'t str, &'t str), Unfit> {
    let (reason, author) = (reason.trim(), author.trim());
    let length = reason.chars().count();
    if length == 0 {
        return Err(Unfit::NoReason);
    }
    if length > REASON_CHARS {
        return Err(Unfit::LongReason(length));
    }
    if author.is_empty() || author.chars().count() > AUTHOR_CHARS {
        return Err(Unfit::NoAuthor);
    }
    match about {
        0 => return Err(Unfit::Nothing),
        more if more > MOST_ABOUT => return Err(Unfit::TooMuch(more)),
        _ => {}
    }
    if let Ruling::AcceptedUntil(until) = ruling {
        let last = today.saturating_add(jiff::Span::new().days(ACCEPTED_DAYS));
        if until < today {
            return Err(Unfit::Passed(until));
        }
        if until > last {
            return Err(Unfit::TooFar(last));
        }
    }
    Ok((reason, author))
}

#[cfg(test)]
mod tests {
    use super::{
        Justification, Model, Part, REASON_CHARS, Ruling, Scope, Unfit, check, is_own, product_of,
    };
    use crate::advisory::Versions;
    use crate::date::Date;

    fn day(text: &str) -> Date {
        crate::date::read(text).expect("a date")
    }

    #[test]
    fn a_note_is_read_back_as_it_was_written_and_nonsense_is_none() {
        let rulings = [
            Ruling::NotAffected(Some(Justification::ComponentNotPresent)),
            Ruling::FalsePositive,
            Ruling::AcceptedUntil(day("2027-03-01")),
        ];
        for ruling in rulings {
            let read = Ruling::read(&ruling.note(), Some("component_not_present"));
            assert_eq!(read, Some(ruling), "{}", ruling.note());
        }
        for odd in ["asepsis:", "asepsis: perhaps", "asepsis: accepted-until=soon", "said"] {
            assert_eq!(Ruling::read(odd, None), None, "{odd}");
        }
        assert_eq!(Ruling::read("asepsis: accepted-until=2027", None), None, "no year for a day");
        assert!(Ruling::is_note("asepsis: perhaps") && !Ruling::is_note("checked by asepsis:"));
    }

    #[test]
    fn a_release_is_read_back_whatever_its_names_hold() {
        for (manufacturer, model, version) in [
            ("B. Braun", "Space/Infusomat", Some("3.1 β")),
            ("", "PCU%2F", None),
            ("a", "b", Some("")),
        ] {
            let model = Model { manufacturer: manufacturer.into(), model: model.into() };
            let version = version.map(Into::into);
            let scope = Scope { product: Some(model), version, component: None };
            let id = scope.product_id().expect("a product");
            let product = product_of(&id).expect("ours");
            let named = scope.product.as_ref().expect("a product");
            assert_eq!(product.vendor.as_deref(), Some(&*named.manufacturer), "{id}");
            assert_eq!(product.name, named.model, "{id}");
            let versions = scope.version.map(Versions::One).into_iter().collect::<Vec<_>>();
            assert_eq!(product.versions, versions, "{id}");
        }
        for odd in ["asepsis:release/", "asepsis:release/a", "asepsis:release/a/b/c/d", "pkg:npm/a"]
        {
            assert_eq!(product_of(odd), None, "{odd}");
        }
        assert_eq!(product_of("asepsis:release/a/%zz"), None);
    }

    #[test]
    fn decisions_lie_in_their_folder_and_nowhere_else() {
        assert!(is_own("decisions/a.json"));
        for other in
            ["decisions/", "vendor/decisions/a.json", "decisions/a.zip!b.json", "decisionsa"]
        {
            assert!(!is_own(other), "{other}");
        }
    }

    #[test]
    fn what_lacks_a_reason_an_author_or_a_day_to_come_is_refused() {
        let today = day("2026-11-30");
        let ruling = Ruling::FalsePositive;
        let decide = |ruling, said, about| check(ruling, said, about, today).err();
        assert_eq!(decide(ruling, (" because ", "anna"), 1), None);
        assert_eq!(decide(ruling, (" \n", "anna"), 1), Some(Unfit::NoReason));
        let long = "x".repeat(REASON_CHARS + 1);
        assert_eq!(decide(ruling, (&long, "anna"), 1), Some(Unfit::LongReason(2_001)));
        assert_eq!(decide(ruling, ("because", ""), 1), Some(Unfit::NoAuthor));
        assert_eq!(decide(ruling, ("because", "anna"), 0), Some(Unfit::Nothing));
        assert_eq!(decide(ruling, ("because", "anna"), 1_001), Some(Unfit::TooMuch(1_001)));
        let until = |text| decide(Ruling::AcceptedUntil(day(text)), ("because", "anna"), 1);
        assert_eq!(until("2026-11-30"), None);
        assert_eq!(until("2028-11-30"), None);
        assert_eq!(until("2026-11-29"), Some(Unfit::Passed(day("2026-11-29"))));
        assert!(matches!(until("2028-12-02"), Some(Unfit::TooFar(_))));
    }

    #[test]
    fn a_scope_says_in_words_how_far_it_reaches() {
        let product = Model { manufacturer: "BD".into(), model: "Alaris PCU".into() };
        let part = Part::Named("zlib".into(), "1.2.11".into());
        let mut scope =
            Scope { product: Some(product), version: Some("12.1".into()), component: Some(part) };
        assert_eq!(scope.to_string(), "zlib 1.2.11 in BD Alaris PCU 12.1");
        (scope.version, scope.component) = (None, None);
        assert_eq!(scope.to_string(), "BD Alaris PCU, all versions");
        let component = Some(Part::Package("pkg:npm/a@1".into()));
        let anywhere = Scope { component, ..Scope::default() };
        assert_eq!(anywhere.to_string(), "pkg:npm/a@1 in every product");
    }
}
