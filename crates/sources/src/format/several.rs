//! Several documents in one text of JSON: one a line, one after the other, or in one array.
//!
//! Each is read as if it stood alone; one that can't be read is one record lost. Refuses to hold
//! them all in memory, but for FHIR, whose resources point to one another.

use domain::fact::Reading;
use domain::location::Location;
use domain::problem::{Code, Loss, Problem};

use super::recognise::{self, JsonFormat};
use super::{Read, Role, input, read_json_as};
use crate::inventory::fhir;
use crate::json::{Json, Kind, Value};

/// The documents of a text whose first one ends before the text does; `None` where it is one.
pub(super) fn in_a_row(json: &Json<'_>, text: &str) -> Option<Read> {
    let damage = json.damage()?;
    let more_follows = damage.code == Code::InputSyntax
        && damage.expected == "the end of the document"
        && json.root().kind() == Kind::Object;
    if !more_follows {
        return None;
    }
    let first = text.trim_start().lines().next().unwrap_or_default();
    let one_a_line = Json::parse(first).damage().is_none();
    Some(if one_a_line {
        let lines = (1_u32..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
        read(lines, "lines")
    } else {
        read(OneAfterTheOther { rest: text, line: 1 }, "documents")
    })
}

/// The documents of an array; `None` where it holds nothing of ours.
pub(super) fn in_an_array(json: &Json<'_>) -> Option<Read> {
    let root = json.root();
    let is_ours = |item: Value<'_>| {
        let format = recognise::json(item);
        format.is_some_and(|format| !matches!(format, JsonFormat::Other(_)))
    };
    if !root.items().any(is_ours) {
        return None;
    }
    let mut read = read(root.items().map(|item| (item.line(), item.raw())), "array");
    read.reading.problems.extend(json.problem());
    Some(read)
}

/// Documents that follow each other, with the line where each begins.
struct OneAfterTheOther<'t> {
    rest: &'t str,
    line: u32,
}

impl<'t> Iterator for OneAfterTheOther<'t> {
    type Item = (u32, &'t str);

    fn next(&mut self) -> Option<Self::Item> {
        let document = self.rest.trim_start();
        if document.is_empty() {
            return None;
        }
        let (white, _) = self.rest.split_at(self.rest.len() - document.len());
        let line = self.line.saturating_add(breaks(white));
        let (document, rest) = document.split_at_checked(end_of(document))?;
        self.line = line.saturating_add(breaks(document));
        self.rest = rest;
        Some((line, document))
    }
}

/// Where the object or array that a text begins with ends; the text's end where it is neither.
fn end_of(text: &str) -> usize {
    if !text.starts_with(['{', '[']) {
        return text.len();
    }
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth <= 1 => return at + 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

fn breaks(text: &str) -> u32 {
    let count = memchr::memchr_iter(b'\n', text.as_bytes()).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn read<'t>(documents: impl Iterator<Item = (u32, &'t str)>, form: &str) -> Read {
    let mut reading = Reading::default();
    let mut title = None;
    let mut resources = Vec::new();
    for (line, text) in documents {
        let json = Json::parse_line(text, line);
        match recognise::json(json.root()) {
            Some(JsonFormat::Other(_)) => {}
            Some(format) if json.damage().is_none() => {
                title.get_or_insert_with(|| recognise::json_title(json.root(), format));
                if format == JsonFormat::Fhir {
                    resources.push(json);
                } else {
                    append(&mut reading, read_json_as(&json, format));
                }
            }
            _ => {
                reading.records_seen += 1;
                reading.problems.tell(lost(&json, line));
            }
        }
    }
    append(&mut reading, fhir::read_all(&resources));
    match title {
        Some(title) => input(format!("{title} {form}"), reading),
        None => {
            Read { format: format!("JSON {form} of an unknown kind"), reading, role: Role::Input }
        }
    }
}

fn lost(json: &Json<'_>, line: u32) -> Problem {
    match json.problem() {
        Some(problem) => Problem { loss: Loss::Record, ..problem },
        None => Problem::new(Code::InputUnrecognised, Location::line(line), Loss::Record),
    }
}

fn append(reading: &mut Reading, part: Reading) {
    reading.facts.extend(part.facts);
    reading.problems.absorb(part.problems);
    reading.records_seen += part.records_seen;
    reading.records_made += part.records_made;
}
