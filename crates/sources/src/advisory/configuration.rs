//! Applicability statements of CPE names, as NVD (API 2.0 `configurations`) and CVE records
//! (5.1 `cpeApplicability`) write them.
//!
//! Refuses to decide whether a statement holds, and to simplify what it does not understand: a
//! name that is none is told and left out, which makes the statement wider and never silent.

use domain::advisory::{Affected, Bound, Configuration, CpeMatch, Status, Target};
use domain::problem::{Code, Loss};
use domain::text::Text;

use super::identifiers::read_cpe;
use crate::json::{Path, Taker, Value};

/// How the parts of a node are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    And,
    Or,
}

/// The statements of a `configurations` list. They are alternatives, so each stands alone.
pub(super) fn statements(taker: &mut Taker, list: Value<'_>, path: &Path<'_>) -> Vec<Affected> {
    let items = taker.items(list, path).enumerate();
    items.filter_map(|(i, item)| statement(taker, item, &path.index(i))).collect()
}

fn statement(taker: &mut Taker, value: Value<'_>, path: &Path<'_>) -> Option<Affected> {
    let target = Target::from(node(taker, value, path)?);
    Some(Affected { status: Status::Affected, justification: None, target, at: value.at(path) })
}

/// A configuration or one of its nodes: they differ only in what they hold. The recursion is
/// bounded by the nesting of the document.
fn node(taker: &mut Taker, value: Value<'_>, path: &Path<'_>) -> Option<Configuration> {
    let mut operator = Operator::Or;
    let mut negate = false;
    let mut parts = Vec::new();
    for (key, member) in taker.members(value, path) {
        let member_path = path.field(&key);
        match key.as_ref() {
            "operator" => operator = read_operator(taker, member, &member_path),
            "negate" => negate = taker.boolean(member, &member_path).unwrap_or(false),
            "nodes" | "children" => {
                let items = taker.items(member, &member_path).enumerate();
                parts.extend(items.filter_map(|(i, n)| node(taker, n, &member_path.index(i))));
            }
            "cpeMatch" => {
                let items = taker.items(member, &member_path).enumerate();
                parts.extend(items.filter_map(|(i, m)| cpe(taker, m, &member_path.index(i))));
            }
            _ => {}
        }
    }
    let joined = match (parts.len(), operator) {
        (0, _) => return None,
        (1, _) => parts.pop()?,
        (_, Operator::And) => Configuration::All(parts),
        (_, Operator::Or) => Configuration::Any(parts),
    };
    Some(if negate { Configuration::Not(Box::new(joined)) } else { joined })
}

fn read_operator(taker: &mut Taker, value: Value<'_>, path: &Path<'_>) -> Operator {
    match taker.borrowed(value, path).as_deref() {
        Some("AND") => Operator::And,
        Some("OR") | None => Operator::Or,
        Some(_) => {
            let lost = (Code::RecordUnknownValue, Loss::Field);
            taker.tell(lost, value, path, "`AND` or `OR`");
            Operator::Or
        }
    }
}

fn cpe(taker: &mut Taker, value: Value<'_>, path: &Path<'_>) -> Option<Configuration> {
    let mut name = None;
    let mut vulnerable = true;
    let (mut from, mut to) = (Bound::Open, Bound::Open);
    for (key, member) in taker.members(value, path) {
        let member_path = path.field(&key);
        match key.as_ref() {
            "criteria" | "cpe23Uri" => name = read_cpe(taker, member, &member_path),
            "vulnerable" => vulnerable = taker.boolean(member, &member_path).unwrap_or(true),
            "versionStartIncluding" => {
                from = bound(taker, member, &member_path, Bound::Including).unwrap_or(from);
            }
            "versionStartExcluding" => {
                from = bound(taker, member, &member_path, Bound::Excluding).unwrap_or(from);
            }
            "versionEndIncluding" => {
                to = bound(taker, member, &member_path, Bound::Including).unwrap_or(to);
            }
            "versionEndExcluding" => {
                to = bound(taker, member, &member_path, Bound::Excluding).unwrap_or(to);
            }
            _ => {}
        }
    }
    let cpe = name?;
    Some(Configuration::Match(Box::new(CpeMatch { cpe, vulnerable, from, to })))
}

fn bound(
    taker: &mut Taker,
    value: Value<'_>,
    path: &Path<'_>,
    end: fn(Text) -> Bound,
) -> Option<Bound> {
    taker.filled(value, path).map(end)
}
