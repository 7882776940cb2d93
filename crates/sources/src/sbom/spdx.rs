//! SPDX (ISO/IEC 5962): 2.2 and 2.3 in JSON and tag-value, 3.0 in JSON-LD.
//!
//! Packages are the components. Files are components only where a document has no packages: a
//! build's ten thousand source files are not what anybody patches. The one package that the
//! document describes is its subject. Both syntaxes of 2.x fill one [`draft`], so that they are
//! understood alike.

mod beyond;
mod draft;
mod json;
mod tag_value;
mod three;
mod check;

use domain::fact::Reading;
use domain::problem::Problem;

use super::beyond::Kinds;
use crate::json::Json;

/// Reads SPDX 2.2 or 2.3 in JSON; each package is a record.
#[must_use]
pub fn read_json(json: &Json<'_>) -> Reading {
    json::read(json).build()
}

/// Reads SPDX 2.2 or 2.3 in tag-value; each package is a record.
#[must_use]
pub fn read_tag_value(text: &str) -> Reading {
    tag_value::read(text).build()
}

/// Reads SPDX 3.0 in JSON-LD; each package is a record.
#[must_use]
pub fn read_three(json: &Json<'_>) -> Reading {
    three::read(json).build()
}

/// Where an SPDX 2.x document in JSON breaks its specification.
#[must_use]
pub fn check_json(json: &Json<'_>) -> Vec<Problem> {
    let mut told = check::draft(&json::read(json));
    told.extend(check::licence::json(json));
    told
}

/// Where an SPDX 2.x document in tag-value breaks its specification.
#[must_use]
pub fn check_tag_value(text: &str) -> Vec<Problem> {
    let mut told = check::draft(&tag_value::read(text));
    told.extend(check::licence::tag_value(text));
    told
}

/// Where an SPDX 3.0 document breaks its specification.
#[must_use]
pub fn check_three(json: &Json<'_>) -> Vec<Problem> {
    let mut told = check::three(&three::read(json));
    told.extend(check::licence::three(json));
    told
}

/// What SPDX 2.x in JSON holds that no fact does.
pub(crate) fn beyond_json(json: &Json<'_>, kinds: &mut Kinds) {
    beyond::of_json(json, kinds);
}

/// What SPDX 2.x in tag-value holds that no fact does.
pub(crate) fn beyond_tag_value(text: &str, kinds: &mut Kinds) {
    beyond::of_tag_value(text, kinds);
}

/// What SPDX 3.0 holds that no fact does.
pub(crate) fn beyond_three(json: &Json<'_>, kinds: &mut Kinds) {
    beyond::of_three(json, kinds);
}

#[cfg(test)]
mod tests;
