//! `asepsis sbom merge FILE…`.

use std::fmt::Write;

use anyhow::Result;
use decisions::sbom::merged::{self, Conflict, Merged, Product, Unheld};
use presentation::sbom::written::Written;
use presentation::terminal::plain;
use serde_json::{Value, json};

use super::convert::{self, Lossy};
use super::read::{self, Input};
use crate::arguments::sbom::SbomMerge;
use crate::{DONE, output};

pub(super) fn run(options: &SbomMerge) -> Result<u8> {
    let inputs = options.files.iter().map(|path| read::one(path));
    let inputs = inputs.collect::<Result<Vec<Input>>>()?;
    let product = options.name.as_deref().map(|name| Product {
        name: name.into(),
        version: options.version.as_deref().map(Into::into),
    });
    let parts: Vec<merged::Input<'_>> =
        inputs.iter().map(|input| merged::Input { name: &input.name, sbom: &input.sbom }).collect();
    let merged = merged::merge(&parts, product.as_ref());
    let Written { document, lost } = convert::written(&merged.sbom, options.to, options.timestamp)?;
    convert::write(&options.output, &document)?;
    let mut lossy = Lossy::default();
    for input in inputs {
        lossy.problems += input.problems;
        lossy.beyond(input.beyond);
    }
    lossy.lost(lost);
    if options.json {
        output::complain(&told(&merged, &lossy, options).to_string());
    } else {
        let text = shown(&merged) + &lossy.text(options.to);
        output::complain(text.trim_end());
    }
    Ok(DONE)
}

fn told(merged: &Merged, lossy: &Lossy, options: &SbomMerge) -> Value {
    let conflict = |one: &Conflict| {
        json!({
            "component": one.component,
            "field": one.field,
            "kept": one.kept,
            "left": one.left,
            "document": one.document,
        })
    };
    let named = |name: &str, list: &[(String, String)]| -> Value {
        let one = |(what, document): &(String, String)| json!({ name: what, "document": document });
        list.iter().map(one).collect()
    };
    let unheld = |one: &Unheld| {
        json!({
            "vulnerability": one.vulnerability,
            "component": one.component,
            "state": one.state,
            "document": one.document,
        })
    };
    let renamed = merged.renamed.iter();
    let renamed =
        renamed.map(|(id, new, document)| json!({ "id": id, "new": new, "document": document }));
    let known = merged.known.iter();
    let known = known.map(|(document, count)| json!({ "document": document, "count": count }));
    json!({
        "to": options.to.key(),
        "components": merged.sbom.components.len(),
        "conflicts": merged.conflicts.iter().map(conflict).collect::<Vec<Value>>(),
        "repeated": named("component", &merged.repeated),
        "nameless": merged.nameless,
        "dangling": named("reference", &merged.dangling),
        "licences_renamed": renamed.collect::<Vec<Value>>(),
        "analyses_left": merged.unheld.iter().map(unheld).collect::<Vec<Value>>(),
        "vulnerabilities_left": known.collect::<Vec<Value>>(),
        "unread": lossy.problems,
        "lost": lossy.json(),
    })
}

/// How many of each are named.
const NAMED: usize = 10;

fn shown(merged: &Merged) -> String {
    let mut text = String::new();
    let count = merged.sbom.components.len();
    let again = merged.repeated.len();
    let _ = writeln!(text, "{count} components; {again} were there already");
    for document in &merged.nameless {
        let what = "does not say what it describes: its components stand beside the others";
        let _ = writeln!(text, "{}: {what}", plain(document));
    }
    for one in merged.conflicts.iter().take(NAMED) {
        let Conflict { component, field, kept, left, document } = one;
        let line = format!("{document}: {component}: {field}: `{kept}` is kept, not `{left}`");
        let _ = writeln!(text, "{}", plain(&line));
    }
    more(&mut text, merged.conflicts.len(), "conflicts");
    for (reference, document) in merged.dangling.iter().take(NAMED) {
        let line = format!("{document}: `{reference}` leads out of it and is left out");
        let _ = writeln!(text, "{}", plain(&line));
    }
    more(&mut text, merged.dangling.len(), "references");
    for (id, new, document) in merged.renamed.iter().take(NAMED) {
        let line = format!("{document}: the licence `{id}` is `{new}` now: another has that id");
        let _ = writeln!(text, "{}", plain(&line));
    }
    more(&mut text, merged.renamed.len(), "licences");
    for one in merged.unheld.iter().take(NAMED) {
        let Unheld { vulnerability, component, state, document } = one;
        let why = "is left out: another SBOM has the component and does not say so";
        let line = format!("{document}: {component}: {vulnerability}: `{state}` {why}");
        let _ = writeln!(text, "{}", plain(&line));
    }
    more(&mut text, merged.unheld.len(), "analyses");
    for (document, count) in &merged.known {
        let line = format!(
            "{document}: {count} vulnerabilities or VEX statements are left out; `asepsis vex export` writes them"
        );
        let _ = writeln!(text, "{}", plain(&line));
    }
    text
}

fn more(text: &mut String, count: usize, what: &str) {
    if let Some(more) = count.checked_sub(NAMED).filter(|more| *more > 0) {
        let _ = writeln!(text, "… and {more} more {what}; `--json` tells all");
    }
}
