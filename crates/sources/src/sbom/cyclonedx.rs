//! OWASP CycloneDX (ECMA-424) 1.2 to 1.7, in JSON and in XML: SBOMs and the VEX in them.
//!
//! Both syntaxes are walked as one, through `node::Node`. Components, services and vulnerabilities
//! are the records. Conformance is judged by `check`, apart from reading; reading leaves out what
//! describes no release: how it was built, what was signed, where components came from.

mod beyond;
mod check;
mod component;
mod document;
mod known;
mod node;
mod support;
pub(super) mod vulnerability;

use domain::fact::Reading;
use domain::problem::Problem;

use super::beyond::Kinds;
use crate::json::Json;
use crate::xml::Xml;

use node::Node;

/// Reads a document in JSON (ECMA-424, `bom-1.x.schema.json`).
#[must_use]
pub fn read_json(json: &Json<'_>) -> Reading {
    let mut reading = document::read(Node::json(json));
    reading.problems.extend(json.problem());
    reading
}

/// Reads a document in XML (ECMA-424, `bom-1.x.xsd`). What damage the XML itself has is told by
/// [`Xml::problem`], not here: whoever recognises a format has to tell it in any case.
#[must_use]
pub fn read_xml(xml: &Xml<'_>) -> Reading {
    document::read(Node::xml(xml))
}

/// The rules of the specification that a document in JSON breaks, beside [`Json::problem`].
#[must_use]
pub fn check_json(json: &Json<'_>) -> Vec<Problem> {
    check::json(json)
}

/// The rules of the specification that a document in XML breaks, beside [`Xml::problem`].
#[must_use]
pub fn check_xml(xml: &Xml<'_>) -> Vec<Problem> {
    check::xml(xml)
}

/// What a document in JSON holds that no fact does.
pub(crate) fn beyond_json(json: &Json<'_>, kinds: &mut Kinds) {
    beyond::kinds(Node::json(json), kinds);
}

/// What a document in XML holds that no fact does.
pub(crate) fn beyond_xml(xml: &Xml<'_>, kinds: &mut Kinds) {
    beyond::kinds(Node::xml(xml), kinds);
}

#[cfg(test)]
mod tests;
