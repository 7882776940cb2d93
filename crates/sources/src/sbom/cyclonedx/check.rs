//! Whether a document keeps the rules of CycloneDX 1.2 to 1.7 (ECMA-424), in JSON and in XML.
//!
//! One table of facts (`check/objects.txt`) is held against both syntaxes. Refuses to look inside
//! signatures, to follow references, and to be stricter than the published schemas.

mod form;
mod table;
mod walk;

use domain::problem::{Code, Problem};

use crate::json::Json;
use crate::xml::Xml;

use super::node::{Node, Place};
use walk::Checker;

/// The minor versions that the table knows.
const KNOWN: [(u8, &str); 6] =
    [(2, "1.2"), (3, "1.3"), (4, "1.4"), (5, "1.5"), (6, "1.6"), (7, "1.7")];
/// Where the namespaces of the format begin; the version follows.
const NAMESPACE: &str = "http://cyclonedx.org/schema/bom/";

/// Every rule that a document in JSON breaks, the first hundred of them.
pub(super) fn json(json: &Json<'_>) -> Vec<Problem> {
    let version = json.root().get("specVersion").and_then(crate::json::Value::as_str);
    check(Node::json(json), version.as_deref().unwrap_or_default())
}

/// Every rule that a document in XML breaks, the first hundred of them.
pub(super) fn xml(xml: &Xml<'_>) -> Vec<Problem> {
    let namespace = xml.root().namespace();
    check(Node::xml(xml), namespace.strip_prefix(NAMESPACE).unwrap_or(namespace))
}

/// Whether a text is a date and time as the JSON schemas ask.
pub(super) fn is_moment(text: &str) -> bool {
    form::is_date_time(text, true)
}

fn check(root: Node<'_>, version: &str) -> Vec<Problem> {
    let known = KNOWN.iter().find(|(_, text)| *text == version);
    let mut checker = Checker::new(known.map_or(0, |(version, _)| *version));
    if known.is_some() {
        checker.object(root, &Place::ROOT, 0);
    } else {
        let expected = "a version of CycloneDX from 1.2 to 1.7";
        checker.tell(Code::SbomVersionUnknown, root, &Place::ROOT, expected);
    }
    checker.problems()
}

#[cfg(test)]
mod tests;
