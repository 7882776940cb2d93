//! Whether licences are told as the specification asks: SPDX 2.3 clauses 7.13 to 7.15, 8.5, 8.6,
//! 9.5 and 9.6 and annex D; SPDX 3.0.1, `SimpleLicensing`.
//!
//! Each expression is told once, where it first stands. Refuses to call an id wrong for being
//! deprecated: it was right once, and its meaning has not changed.

use std::borrow::Cow;
use std::collections::HashSet;

use domain::location::Location;
use domain::problem::{Code, Loss, Problem};
use spdx::error::Reason;
use spdx::identifiers::{EXCEPTIONS, LICENSES};
use spdx::{AdditionItem, Expression, LicenseItem, ParseMode};

use super::super::three::short;
use super::super::{json, tag_value};
use crate::json::{Json, Kind, Path, Value};

/// What is given up of the grammar: nothing but that ids are new. A `+` after `GPL-2.0` is one of
/// the deprecated ids.
const MODE: ParseMode =
    ParseMode { allow_deprecated: true, allow_postfix_plus_on_gpl: true, ..ParseMode::STRICT };

/// Expressions of a document, gathered before its licences of its own are known.
#[derive(Debug, Default)]
struct Licences<'d> {
    /// Each expression once, with where it stands.
    used: Vec<(Cow<'d, str>, Location)>,
    seen: HashSet<Cow<'d, str>>,
    /// `LicenseRef-…` that are defined here, and `DocumentRef-…` that are.
    defined: HashSet<Cow<'d, str>>,
}

impl<'d> Licences<'d> {
    fn uses(&mut self, text: Cow<'d, str>, at: impl FnOnce() -> Location) {
        if self.seen.insert(text.clone()) {
            self.used.push((text, at()));
        }
    }

    /// Whether a licence is defined here, or the document that it is in.
    fn is_defined(&self, reference: &str) -> bool {
        let document = reference.split_once(':').map(|(document, _)| document);
        self.defined.contains(reference)
            || document.is_some_and(|document| self.defined.contains(document))
    }

    /// What is wrong with them.
    fn problems(&self) -> Vec<Problem> {
        let mut told = Vec::new();
        for (text, at) in &self.used {
            let mut tell = |code, expected: String, found: &str| {
                let problem = Problem::new(code, at.clone(), Loss::Nothing);
                told.push(problem.expected(expected).found(found));
            };
            match parse(text) {
                Ok(expression) => {
                    for reference in expression.iter().flat_map(references) {
                        if !self.is_defined(&reference) {
                            let expected = "a licence that the document defines".to_owned();
                            tell(Code::RecordDanglingReference, expected, &reference);
                        }
                    }
                }
                Err(reason) => {
                    let expected = format!("a licence expression ({reason})");
                    tell(Code::RecordUnknownValue, expected, text);
                }
            }
        }
        told
    }
}

/// An expression; none of a licence that is not asserted.
fn parse(text: &str) -> Result<Option<Expression>, Reason> {
    if matches!(text.trim(), "NONE" | "NOASSERTION") {
        return Ok(None);
    }
    let parsed = Expression::parse_mode(text, MODE).map_err(|error| error.reason);
    let parsed = match parsed {
        Err(Reason::UnknownTerm) => {
            Expression::parse_mode(&respelled(text), MODE).map_err(|error| error.reason)
        }
        parsed => parsed,
    };
    parsed.map(Some)
}

/// The text with the ids of the list as the list spells them: their case does not matter.
fn respelled(text: &str) -> String {
    let ends = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':'));
    let words = text.split_inclusive(ends).map(|part| {
        let word = part.trim_end_matches(ends);
        let licences = LICENSES.iter().map(|licence| licence.name);
        let mut listed = licences.chain(EXCEPTIONS.iter().map(|exception| exception.name));
        let listed = listed.find(|name| name.eq_ignore_ascii_case(word));
        (listed.unwrap_or(word), part.get(word.len()..).unwrap_or_default())
    });
    words.flat_map(|(word, end)| [word, end]).collect()
}

/// What an expression refers to that no list has.
fn references(expression: &Expression) -> Vec<String> {
    let mut found = Vec::new();
    for requirement in expression.requirements() {
        if let LicenseItem::Other(licence) = &requirement.req.license {
            found.push(licence.to_string());
        }
        if let Some(AdditionItem::Other(addition)) = &requirement.req.addition {
            found.push(addition.to_string());
        }
    }
    found
}

/// Of SPDX 2.x in JSON.
pub(in super::super) fn json(json: &Json<'_>) -> Vec<Problem> {
    let root = Path::ROOT;
    let (document, wrapper) = json::document(json);
    let path = wrapper.map_or(root, |name| root.field(name));
    let mut licences = Licences::default();
    for (key, list) in document.members() {
        let at = path.field(&key);
        for (index, item) in list.items().enumerate() {
            let id = |name| item.get(name).and_then(Value::as_str);
            match key.as_ref() {
                "packages" | "files" | "snippets" => {
                    of_record(&mut licences, item, &at.index(index));
                }
                "hasExtractedLicensingInfos" => licences.defined.extend(id("licenseId")),
                "externalDocumentRefs" => licences.defined.extend(id("externalDocumentId")),
                _ => {}
            }
        }
    }
    licences.problems()
}

fn of_record<'d>(licences: &mut Licences<'d>, item: Value<'d>, path: &Path<'_>) {
    for (key, value) in item.members() {
        let at = path.field(&key);
        match key.as_ref() {
            "licenseConcluded" | "licenseDeclared" => {
                if let Some(text) = value.as_str() {
                    licences.uses(text, || value.at(&at));
                }
            }
            "licenseInfoFromFiles" | "licenseInfoInFiles" | "licenseInfoInSnippets" => {
                for (index, item) in value.items().enumerate() {
                    if let Some(text) = item.as_str() {
                        licences.uses(text, || item.at(&at.index(index)));
                    }
                }
            }
            _ => {}
        }
    }
}

/// Of SPDX 2.x in tag-value.
pub(in super::super) fn tag_value(text: &str) -> Vec<Problem> {
    let mut licences = Licences::default();
    tag_value::each(text, |number, line| {
        let Ok((tag, value)) = line else { return };
        match tag {
            "PackageLicenseConcluded"
            | "PackageLicenseDeclared"
            | "PackageLicenseInfoFromFiles"
            | "LicenseConcluded"
            | "LicenseInfoInFile"
            | "SnippetLicenseConcluded"
            | "LicenseInfoInSnippet" => {
                let value = Cow::Owned(value.into_owned());
                licences.uses(value, || Location::new(number, tag));
            }
            "LicenseID" => {
                licences.defined.insert(Cow::Owned(value.into_owned()));
            }
            "ExternalDocumentRef" => {
                let name = value.split_whitespace().next().map(str::to_owned);
                licences.defined.extend(name.map(Cow::Owned));
            }
            _ => {}
        }
    });
    licences.problems()
}

/// Of SPDX 3.0: an expression itself says where its own licences are defined.
pub(in super::super) fn three(json: &Json<'_>) -> Vec<Problem> {
    let graph = Path::ROOT.field("@graph");
    let mut told = Vec::new();
    let root = json.root();
    let Some(list) = root.get("@graph") else { return of_expression(root, &Path::ROOT) };
    for (index, item) in list.items().enumerate() {
        told.extend(of_expression(item, &graph.index(index)));
    }
    told
}

fn of_expression(item: Value<'_>, path: &Path<'_>) -> Vec<Problem> {
    let kind = item.get("type").or_else(|| item.get("@type")).and_then(Value::as_str);
    if kind.is_none_or(|kind| short(&kind) != "LicenseExpression") {
        return Vec::new();
    }
    let mut licences = Licences::default();
    let mut is_there = false;
    for (key, value) in item.members() {
        match short(&key) {
            "licenseExpression" => {
                is_there = true;
                if let Some(text) = value.as_str() {
                    licences.uses(text, || value.at(&path.field(&key)));
                }
            }
            "customIdToUri" => {
                let one = (value.kind() == Kind::Object).then_some(value);
                for entry in value.items().chain(one) {
                    let key = entry.get("key").and_then(Value::as_str);
                    licences.defined.extend(key);
                }
            }
            _ => {}
        }
    }
    let mut told = licences.problems();
    if !is_there {
        let problem = Problem::new(Code::RecordMissingField, item.at(path), Loss::Nothing);
        told.push(problem.expected("a licenseExpression (SimpleLicensing, LicenseExpression)"));
    }
    told
}

#[cfg(test)]
mod tests;
