//! Vulnerabilities and texts of licences as they stand in a document, for another document
//! (ECMA-424, `vulnerability`, `license`).
//!
//! One table says which fields are kept and what version 1.6 asks of each. Whatever is not in it,
//! or is not as asked, is told as lost: nothing leaves this file without either.

use domain::component::{Affects, Fields, Known, LicenceText, Told};
use domain::location::Location;
use domain::text::Text;

use super::beyond::tell;
use super::check::is_moment;
use super::node::Node;
use super::vulnerability::split_link;
use crate::sbom::beyond::Kinds;

/// What a field has to be.
#[derive(Debug, Clone, Copy)]
enum Shape {
    Text,
    /// A text with the white space around it.
    Verbatim,
    Number,
    /// A whole number from 1.
    Whole,
    Moment,
    Word(&'static [&'static str]),
    Record(Table),
    /// Of which XML calls each so.
    List(&'static str, &'static Shape),
}

/// The fields of a record.
#[derive(Debug, Clone, Copy)]
struct Table {
    fields: &'static [(&'static str, Shape)],
    /// Without each of these it is none.
    needs: &'static [&'static str],
    /// One of these has to be there, and no second one.
    one_of: &'static [&'static str],
    /// What XML writes as the text of the element.
    body: Option<&'static str>,
}

const fn table(fields: &'static [(&'static str, Shape)]) -> Table {
    Table { fields, needs: &[], one_of: &[], body: None }
}

use Shape::{List, Moment, Number, Record, Text as Words, Verbatim, Whole, Word};

const STATES: [&str; 6] = [
    "resolved",
    "resolved_with_pedigree",
    "exploitable",
    "in_triage",
    "false_positive",
    "not_affected",
];
const JUSTIFICATIONS: [&str; 9] = [
    "code_not_present",
    "code_not_reachable",
    "requires_configuration",
    "requires_dependency",
    "requires_environment",
    "protected_by_compiler",
    "protected_at_runtime",
    "protected_at_perimeter",
    "protected_by_mitigating_control",
];
const RESPONSES: [&str; 5] =
    ["can_not_fix", "will_not_fix", "update", "rollback", "workaround_available"];
const SEVERITIES: [&str; 7] = ["critical", "high", "medium", "low", "info", "none", "unknown"];
const METHODS: [&str; 7] = ["CVSSv2", "CVSSv3", "CVSSv31", "CVSSv4", "OWASP", "SSVC", "other"];

const SOURCE: Table = table(&[("name", Words), ("url", Words)]);
const REFERENCE: Table =
    Table { needs: &["id", "source"], ..table(&[("id", Words), ("source", Record(SOURCE))]) };
const RATING: Table = table(&[
    ("source", Record(SOURCE)),
    ("score", Number),
    ("severity", Word(&SEVERITIES)),
    ("method", Word(&METHODS)),
    ("vector", Words),
    ("justification", Words),
]);
const ADVISORY: Table = Table { needs: &["url"], ..table(&[("title", Words), ("url", Words)]) };
const PERSON: Shape = Record(table(&[("name", Words), ("email", Words), ("phone", Words)]));
const ORGANISATION: Shape = Record(table(&[
    ("name", Words),
    ("url", List("url", &Words)),
    ("contact", List("contact", &PERSON)),
]));
const CREDITS: Table = table(&[
    ("organizations", List("organization", &ORGANISATION)),
    ("individuals", List("individual", &PERSON)),
]);
const PROOF: Table = table(&[("reproductionSteps", Words), ("environment", Words)]);
const ANALYSIS: Table = table(&[
    ("state", Word(&STATES)),
    ("justification", Word(&JUSTIFICATIONS)),
    ("response", List("response", &Word(&RESPONSES))),
    ("detail", Words),
    ("firstIssued", Moment),
    ("lastUpdated", Moment),
]);
const STATUS: Shape = Word(&["affected", "unaffected", "unknown"]);
const VERSION: Table = Table {
    one_of: &["version", "range"],
    ..table(&[("version", Words), ("range", Words), ("status", STATUS)])
};
const AFFECTS: Table = Table {
    needs: &["ref"],
    ..table(&[("ref", Words), ("versions", List("version", &Record(VERSION)))])
};
const PROPERTY: Table =
    Table { needs: &["name"], body: Some("value"), ..table(&[("name", Words), ("value", Words)]) };
const ATTACHMENT: Table = Table {
    needs: &["content"],
    body: Some("content"),
    ..table(&[("content", Verbatim), ("contentType", Words), ("encoding", Word(&["base64"]))])
};
const VULNERABILITY: Table = table(&[
    ("bom-ref", Words),
    ("id", Words),
    ("source", Record(SOURCE)),
    ("references", List("reference", &Record(REFERENCE))),
    ("ratings", List("rating", &Record(RATING))),
    ("cwes", List("cwe", &Whole)),
    ("description", Words),
    ("detail", Words),
    ("recommendation", Words),
    ("workaround", Words),
    ("proofOfConcept", Record(PROOF)),
    ("advisories", List("advisory", &Record(ADVISORY))),
    ("created", Moment),
    ("published", Moment),
    ("updated", Moment),
    ("rejected", Moment),
    ("credits", Record(CREDITS)),
    ("analysis", Record(ANALYSIS)),
    ("affects", List("target", &Record(AFFECTS))),
    ("properties", List("property", &Record(PROPERTY))),
]);

/// Keeps each of a list.
pub(super) fn read(list: Node<'_>, kinds: &mut Kinds) {
    for item in list.items("vulnerability") {
        let fields = record(item, VULNERABILITY, "vulnerability", kinds);
        let mut known = Known::default();
        for (name, told) in fields {
            match (name, told) {
                ("bom-ref", Told::Text(text)) => known.reference = Some(text),
                ("affects", Told::List(items)) => {
                    known.affects = items.iter().filter_map(affects).collect();
                }
                (name, told) => known.fields.push((name, told)),
            }
        }
        if known != Known::default() {
            kinds.carried.known.push(known);
        }
    }
}

/// Keeps the texts of a component's licences: in JSON a list of objects with `license`, in XML
/// those themselves.
pub(super) fn texts(list: Node<'_>, at: &Location, kinds: &mut Kinds) {
    let items: Vec<Node<'_>> = match list.body() {
        Some(element) => vec![element],
        None => list.items("license").collect(),
    };
    for (key, licence) in items.into_iter().flat_map(Node::fields) {
        if key != "license" {
            continue;
        }
        let field = |name: &str| {
            licence.fields().filter(|(key, _)| key == name).map(|(_, value)| value).last()
        };
        let Some(text) = field("text").filter(|text| !text.is_null()) else { continue };
        let name = ["id", "name"].into_iter().find_map(|name| field(name).and_then(filled));
        let told = whole(text, ATTACHMENT, "licence text", kinds);
        match (name, told) {
            (Some(licence), Some(text)) => {
                kinds.carried.texts.push((at.clone(), LicenceText { licence, text }));
            }
            (None, Some(_)) => tell("licence text, of none that is named".to_owned(), text, kinds),
            (_, None) => {}
        }
    }
}

fn affects(told: &Told) -> Option<Affects> {
    let (document, reference) = split_link(told.get("ref")?.text()?);
    let (reference, versions) = (Text::from(reference), told.get("versions").cloned());
    Some(Affects { document, reference, versions })
}

fn record(node: Node<'_>, table: Table, of: &str, kinds: &mut Kinds) -> Fields {
    let mut kept = Fields::new();
    for (key, value) in node.fields() {
        // Declarations of XML are no fields, and what is null is not there.
        if value.is_null() || key.starts_with("xmlns") || key.starts_with("xsi:") {
            continue;
        }
        let name = match key.as_ref() {
            // As XML writes them.
            "responses" => "response",
            "content-type" => "contentType",
            name => name,
        };
        match table.fields.iter().find(|(own, _)| *own == name) {
            Some((name, shape)) => {
                if let Some(told) = value_of(value, *shape, &format!("{of} {name}"), kinds) {
                    put(&mut kept, name, told);
                }
            }
            None => tell(format!("{of} {key}"), value, kinds),
        }
    }
    if let Some(name) = table.body
        && let Some(body) = node.body().and_then(verbatim)
        // White space around it is part of a text alone.
        && let body = if name == "content" { body } else { body.trim().into() }
    {
        put(&mut kept, name, Told::Text(body));
    }
    kept
}

/// Of two fields of one name the last counts, but for what XML repeats instead of a list.
fn put(fields: &mut Fields, name: &'static str, told: Told) {
    match (fields.iter_mut().find(|(own, _)| *own == name), told) {
        (Some((_, Told::List(all))), Told::List(more)) => all.extend(more),
        (Some((_, known)), told) => *known = told,
        (None, told) => fields.push((name, told)),
    }
}

fn filled(node: Node<'_>) -> Option<Text> {
    verbatim(node).map(|text| text.trim().into())
}

fn verbatim(node: Node<'_>) -> Option<Text> {
    let text = node.text()?;
    (!text.trim().is_empty()).then(|| text.into())
}

/// A value, if it is as asked. What is blank says nothing, and is no loss.
fn value_of(node: Node<'_>, shape: Shape, of: &str, kinds: &mut Kinds) -> Option<Told> {
    let is_blank =
        node.text().is_some_and(|text| text.trim().is_empty()) && node.fields().next().is_none();
    let told = match shape {
        Shape::Text => filled(node).map(Told::Text),
        Verbatim => verbatim(node).map(Told::Text),
        Moment => filled(node).filter(|text| is_moment(text)).map(Told::Text),
        Word(words) => filled(node).filter(|text| words.contains(&&**text)).map(Told::Text),
        Number => node.number().map(Told::Number),
        Whole => {
            let is_whole = |number: &f64| *number >= 1.0 && number.fract() == 0.0;
            node.number().filter(is_whole).map(Told::Number)
        }
        Record(table) => return whole(node, table, of, kinds),
        List(name, shape) => return list(node, name, *shape, of, kinds),
    };
    if told.is_none() && !is_blank {
        tell(format!("{of}, not as version 1.6 asks"), node, kinds);
    }
    told
}

/// A record that has what it needs.
fn whole(node: Node<'_>, table: Table, of: &str, kinds: &mut Kinds) -> Option<Told> {
    if !node.is_record() {
        tell(format!("{of}, not as version 1.6 asks"), node, kinds);
        return None;
    }
    let mut fields = record(node, table, of, kinds);
    if fields.is_empty() {
        return None;
    }
    let has = |fields: &Fields, name: &str| fields.iter().any(|(own, _)| *own == name);
    let mut is_whole = table.needs.iter().all(|name| has(&fields, name));
    let mut choice = table.one_of.iter().filter(|name| has(&fields, name));
    if !table.one_of.is_empty() {
        is_whole &= choice.next().is_some();
    }
    let second: Vec<&str> = choice.copied().collect();
    for name in second {
        fields.retain(|(own, _)| *own != name);
        tell(format!("{of} {name}, beside another"), node, kinds);
    }
    if !is_whole {
        tell(format!("{of}, without what it needs"), node, kinds);
        return None;
    }
    Some(Told::Record(fields))
}

fn list(
    node: Node<'_>,
    name: &'static str,
    shape: Shape,
    of: &str,
    kinds: &mut Kinds,
) -> Option<Told> {
    // Of XML, addresses and contacts of an organisation stand in no list of their own.
    let is_alone = matches!(node, Node::Element(element) if element.name() == name);
    if is_alone {
        return value_of(node, shape, of, kinds).map(|told| Told::List(vec![told]));
    }
    if !node.is_list() {
        tell(format!("{of}, not as version 1.6 asks"), node, kinds);
        return None;
    }
    let items: Vec<Told> =
        node.items(name).filter_map(|item| value_of(item, shape, of, kinds)).collect();
    (!items.is_empty()).then_some(Told::List(items))
}
