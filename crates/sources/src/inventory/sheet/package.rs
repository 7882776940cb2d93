//! A workbook's package: a zip archive of XML parts (ECMA-376 part 2).
//!
//! Refuses to trust what the archive says of its sizes: each part is read up to a limit, and one
//! that goes beyond it is told as expanding without end.

use std::collections::HashMap;
use std::io::{self, BufReader, Cursor, ErrorKind, Read};

use domain::bounded::{DOCUMENT_BYTES, EXPANSION_FREE_BYTES, EXPANSION_RATIO};
use domain::location::Location;
use domain::problem::{Code, Loss, Problem};
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use zip::ZipArchive;

/// Why a workbook or a part of it could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is a workbook of another kind.
    Unsupported,
    /// A part that another one names is not there.
    Missing,
    /// The archive is damaged.
    Damaged,
    /// A part is no XML.
    Syntax,
    /// A part expands to far more than its size.
    Expands,
}

impl Fault {
    /// The fault as a problem, at a sheet or, with an empty name, at the whole workbook.
    pub(super) fn problem(self, sheet: &str) -> Problem {
        let (code, expected) = match self {
            Self::Unsupported => (Code::InputUnsupported, "an .xlsx workbook without password"),
            Self::Missing => (Code::InputArchiveDamaged, "a part that the workbook names"),
            Self::Damaged => (Code::InputArchiveDamaged, "an .xlsx workbook"),
            Self::Syntax => (Code::InputSyntax, "well-formed XML"),
            Self::Expands => (Code::InputExpands, "a part of usual size"),
        };
        Problem::new(code, Location::new(0, sheet), Loss::Document).expected(expected)
    }
}

impl From<quick_xml::Error> for Fault {
    fn from(error: quick_xml::Error) -> Self {
        match error {
            quick_xml::Error::Io(error) if error.kind() == ErrorKind::FileTooLarge => Self::Expands,
            quick_xml::Error::Io(_) => Self::Damaged,
            _ => Self::Syntax,
        }
    }
}

/// The archive, its entries found without regard to case as the standard has it.
pub(super) struct Package<'b> {
    archive: ZipArchive<Cursor<&'b [u8]>>,
    places: HashMap<String, usize>,
}

impl<'b> Package<'b> {
    /// Opens an archive.
    pub(super) fn open(bytes: &'b [u8]) -> Result<Self, Fault> {
        // The magic of compound files: `.xls`, and encrypted workbooks of any kind.
        if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
            return Err(Fault::Unsupported);
        }
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Fault::Damaged)?;
        let names = archive.file_names().enumerate();
        let places =
            names.filter_map(|(place, name)| Some((name.ok()?.to_ascii_lowercase(), place)));
        let places = places.collect();
        Ok(Self { archive, places })
    }

    /// Opens a part by its name; `None` where there is none.
    pub(super) fn part(&mut self, name: &str) -> Result<Option<Part<'_>>, Fault> {
        let name = name.trim_start_matches('/').to_ascii_lowercase();
        let Some(place) = self.places.get(&name) else { return Ok(None) };
        let file = self.archive.by_index(*place).map_err(|_| Fault::Damaged)?;
        let usual = file.compressed_size().saturating_mul(EXPANSION_RATIO);
        let left = usual.clamp(EXPANSION_FREE_BYTES, DOCUMENT_BYTES);
        let inner: Box<dyn Read + '_> = Box::new(file);
        let mut reader = Reader::from_reader(BufReader::new(Bounded { inner, left }));
        reader.config_mut().expand_empty_elements = true;
        Ok(Some(Part { reader, buffer: Vec::new() }))
    }
}

/// A part of the package as a stream of XML events.
pub(super) struct Part<'p> {
    reader: Reader<BufReader<Bounded<'p>>>,
    buffer: Vec<u8>,
}

impl Part<'_> {
    /// The next event; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Event<'_>>, Fault> {
        self.buffer.clear();
        match self.reader.read_event_into(&mut self.buffer)? {
            Event::Eof => Ok(None),
            event => Ok(Some(event)),
        }
    }
}

/// Reads no more than so many bytes.
struct Bounded<'p> {
    inner: Box<dyn Read + 'p>,
    left: u64,
}

impl Read for Bounded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.left = self
            .left
            .checked_sub(count as u64)
            .ok_or_else(|| io::Error::from(ErrorKind::FileTooLarge))?;
        Ok(count)
    }
}

/// An attribute's value, by its name without prefix.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = element.attributes();
    // Equal names are not looked for: with many attributes that would take their square.
    let found = attributes
        .with_checks(false)
        .flatten()
        .find(|attribute| attribute.key.local_name().as_ref() == name)?;
    found.normalized_value(XmlVersion::Implicit1_0).ok().map(std::borrow::Cow::into_owned)
}

/// Adds what a reference such as `&amp;` or `&#228;` stands for. Any other is left out: the format
/// declares no entities.
pub(super) fn push_reference(text: &mut String, reference: &BytesRef<'_>) {
    if let Some(known) = resolve_xml_entity(reference) {
        text.push_str(known);
    } else if let Ok(Some(c)) = reference.resolve_char_ref() {
        text.push(c);
    }
}
