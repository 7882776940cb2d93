//! What was wrong with an input: data, not failure.
//!
//! A reader never stops on content. What it cannot take it tells as a [`Problem`], so that
//! *records seen = facts made + problems told* holds for each format.

use std::collections::BTreeMap;
use std::fmt;

use crate::bounded::PROBLEMS_PER_DOCUMENT;
use crate::location::Location;

/// What a problem costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Loss {
    /// Nothing: it was repaired or is only odd.
    Nothing,
    /// One field of a record.
    Field,
    /// One record.
    Record,
    /// The rest of the document, or all of it.
    Document,
}

macro_rules! codes {
    ($($name:ident $text:literal $meaning:literal $hint:literal;)*) => {
        /// The catalogue of everything that can be wrong with an input.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $meaning] $name,)*
        }

        impl Code {
            /// Every code, in the order of the catalogue.
            pub const ALL: &'static [Code] = &[$(Code::$name),*];

            /// The stable name, as users and scripts see it.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self { $(Code::$name => $text),* }
            }

            /// One sentence: what it means.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Code::$name => $meaning),* }
            }

            /// One sentence: what to do about it.
            #[must_use]
            pub fn hint(self) -> &'static str {
                match self { $(Code::$name => $hint),* }
            }
        }
    };
}

codes! {
    InputUnreadable "input.unreadable" "The file could not be opened or read" "check its permissions and the disk, then run again";
    InputNotAFile "input.not-a-file" "A link, a pipe or another thing that is no file was passed over" "put a copy of what it leads to in its place";
    InputEmpty "input.empty" "The document has no content" "export it again";
    InputUnrecognised "input.unrecognised" "No known format fits the content" "see docs/reference/formats.md for what is read, or move the file out of the folder";
    InputUnsupported "input.unsupported" "The format is known but not read" "export it as one of the formats in docs/reference/formats.md";
    InputTooLarge "input.too-large" "The document is over a size limit" "split it";
    InputTooDeep "input.too-deep" "The document nests deeper than any real one" "check where it came from";
    InputTruncated "input.truncated" "The document ends in the middle" "fetch or export it again; what stood before the cut was used";
    InputSyntax "input.syntax" "The document breaks the syntax of its format" "have its producer correct it; what could be read was used";
    InputEncoding "input.encoding" "The text is not in the encoding it should be in" "save it as UTF-8";
    InputDeclaresEntities "input.declares-entities" "The XML declares a document type or entities, which can expand without end" "remove the DOCTYPE";
    InputExpands "input.expands-without-end" "The archive expands to far more than its size" "unpack it by hand if you trust it";
    InputArchiveDamaged "input.archive-damaged" "The archive is damaged or uses an unknown method" "fetch or pack it again";
    InputNamesOutside "input.names-outside" "An entry of the archive names a place outside it" "check where the archive came from";
    RecordDuplicate "record.duplicate-id" "Two records carry the same id" "make the ids unique; the first was kept";
    RecordMissingField "record.missing-field" "A field that the format requires is not there" "have its producer add it";
    RecordWrongType "record.wrong-type" "A field has another type than its format says" "have its producer correct it";
    RecordUnknownValue "record.unknown-value" "A field has a value outside its list" "use one of the listed values";
    RecordDanglingReference "record.dangling-reference" "A reference points to nothing in the document" "have its producer correct it";
    RecordNotUsable "record.not-usable" "The record holds too little to be used" "complete it or remove it";
    RecordUnknownField "record.unknown-field" "The format has no such field at this version" "have its producer correct it";
    TableQuoteOpen "table.quote-never-closes" "A quoted value is opened and never closed" "close the quote; the row was split at the line's end";
    TableRowWidth "table.row-width" "A row has more or fewer values than the header has columns" "check the row for a stray delimiter";
    TableNoDeviceColumns "table.no-device-columns" "The table has no column that names a device" "name one column `id`, `asset tag` or `serial`; docs/reference/inventory.md lists all names";
    InventoryBadAddress "inventory.bad-address" "A MAC or IP address is not one" "correct it in the inventory";
    InventoryBadDate "inventory.bad-date" "A date is not one" "write it as YYYY-MM-DD";
    InventoryBadIdentifier "inventory.bad-identifier" "A device identifier (UDI-DI) is not one" "check it against the label";
    InventoryContradiction "inventory.contradiction" "Two inventories say different things of one device" "correct the one that is wrong; until then both count, or what they say of it is unknown";
    IdentifierBadPurl "identifier.bad-purl" "A package URL breaks its specification" "have the SBOM's producer correct it; the component is matched by name";
    IdentifierBadCpe "identifier.bad-cpe" "A CPE name breaks NISTIR 7695" "have its producer correct it; the product is matched by name";
    IdentifierBadVector "identifier.bad-vector" "A CVSS vector breaks its specification" "check it against the vector on the CVE's page";
    SbomVersionUnknown "sbom.unknown-spec-version" "The SBOM names a version of its format that is not known" "export it at a version that docs/reference/formats.md lists";
    SbomNoRelease "sbom.no-release" "The SBOM does not say which release it describes" "add a line for it to releases.csv";
    SbomNoUnits "sbom.no-units" "No device of the inventory runs this release" "check manufacturer, model and version in the inventory, or add a line to releases.csv";
    SbomUnidentified "sbom.component-unidentified" "A component has neither purl nor CPE nor a version" "ask the maker for an SBOM with identifiers; it is matched by name only";
    SbomSchema "sbom.schema" "The SBOM breaks a rule of its specification" "have its producer correct it";
    AdvisoryVersionText "advisory.version-text" "The version text of an advisory could not be read" "read the advisory and decide by hand; its findings are `undecided`";
    ReleaseUnknownSbom "release.unknown-sbom" "`releases.csv` names an SBOM that is not in the folder" "correct the name or add the SBOM";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}

/// One thing that was wrong, with where, what was expected, and what was found instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which kind of problem.
    pub code: Code,
    /// Where in the document.
    pub at: Location,
    /// What was expected there, as a noun phrase: "a string", "one of `required`, `optional`".
    pub expected: String,
    /// What stood there instead, quoted and short; empty where there was nothing.
    pub found: String,
    /// What was lost by it.
    pub loss: Loss,
}

impl Problem {
    /// A problem at a place.
    pub fn new(code: Code, at: Location, loss: Loss) -> Self {
        Self { code, at, expected: String::new(), found: String::new(), loss }
    }

    /// What should have stood there.
    #[must_use]
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = expected.into();
        self
    }

    /// What stood there; it is quoted and shortened.
    #[must_use]
    pub fn found(mut self, found: &str) -> Self {
        self.found = crate::bounded::quote(found);
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.code.meaning())?;
        if !self.expected.is_empty() {
            write!(f, "; expected {}", self.expected)?;
        }
        if !self.found.is_empty() {
            write!(f, ", found `{}`", self.found)?;
        }
        Ok(())
    }
}

/// The problems of one document: the first [`PROBLEMS_PER_DOCUMENT`] one by one, all of them
/// counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems {
    listed: Vec<Problem>,
    counts: BTreeMap<(Code, Loss), usize>,
}

impl Problems {
    /// Tells a problem.
    pub fn tell(&mut self, problem: Problem) {
        *self.counts.entry((problem.code, problem.loss)).or_default() += 1;
        if self.listed.len() < PROBLEMS_PER_DOCUMENT {
            self.listed.push(problem);
        }
    }

    /// Tells a problem that is put into words only where there is room to keep it one by one.
    pub fn tell_with(&mut self, code: Code, loss: Loss, words: impl FnOnce() -> Problem) {
        if self.listed.len() < PROBLEMS_PER_DOCUMENT {
            self.tell(words());
        } else {
            *self.counts.entry((code, loss)).or_default() += 1;
        }
    }

    /// Adds the problems of a part of the document.
    pub fn absorb(&mut self, other: Problems) {
        for (key, count) in other.counts {
            *self.counts.entry(key).or_default() += count;
        }
        let room = PROBLEMS_PER_DOCUMENT.saturating_sub(self.listed.len());
        self.listed.extend(other.listed.into_iter().take(room));
    }

    /// The problems that were kept one by one.
    #[must_use]
    pub fn listed(&self) -> &[Problem] {
        &self.listed
    }

    /// How many were told in all.
    #[must_use]
    pub fn told(&self) -> usize {
        self.counts.values().sum()
    }

    /// How many were told beyond those listed.
    #[must_use]
    pub fn unlisted(&self) -> usize {
        self.told() - self.listed.len()
    }

    /// How many records were lost: the right-hand side of the conservation law.
    #[must_use]
    pub fn records_lost(&self) -> usize {
        self.counts.iter().filter(|((_, loss), _)| *loss == Loss::Record).map(|(_, n)| n).sum()
    }

    /// How often each code was told.
    pub fn by_code(&self) -> impl Iterator<Item = (Code, usize)> + '_ {
        self.counts.iter().map(|((code, _), count)| (*code, *count))
    }

    /// Whether the document as a whole was refused or cut short.
    #[must_use]
    pub fn lost_document(&self) -> bool {
        self.counts.keys().any(|(_, loss)| *loss == Loss::Document)
    }

    /// Whether nothing was wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }
}

impl Extend<Problem> for Problems {
    fn extend<T: IntoIterator<Item = Problem>>(&mut self, problems: T) {
        problems.into_iter().for_each(|problem| self.tell(problem));
    }
}
