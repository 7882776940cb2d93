//! How much an SBOM tells, and what differs between two, for a terminal.

use std::fmt::Write;

use super::layout::{Cell, Page, Style, table};
use crate::sbom::checked::{Incomplete, Quality, Told};
use crate::sbom::compared::{Changed, Compared, Open, Turn};

/// How many components are named that do not tell an element, where nobody asks for all.
const NAMED: usize = 3;

/// Which components are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Components {
    /// The first few that lack something.
    First,
    /// Each of them, with all that it lacks.
    All,
}

/// The shares of the lists, what is missing, and where.
#[must_use]
pub fn quality(quality: &Quality, components: Components, page: Page) -> String {
    let mut rows = vec![header(&["  LIST", "TOLD", "", "MISSING"])];
    for list in &quality.lists {
        let missing = quality
            .elements
            .iter()
            .filter(|told| told.told < told.asked && list.elements.contains(&told.element));
        let missing: Vec<&str> = missing.map(|told| told.title).collect();
        let missing = if list.whole { "nothing".to_owned() } else { missing.join(", ") };
        rows.push(vec![
            Cell::new(format!("  {}", list.title), Style::Plain),
            Cell::new(format!("{} %", list.percent), Style::Strong),
            Cell::new(format!("{} of {}", list.told, list.asked), Style::Faint),
            Cell::new(missing, Style::Plain),
        ]);
    }
    let mut out = table(&rows, page);
    match quality.nameless {
        0 => {}
        1 => out.push_str("  1 component has no name.\n"),
        more => {
            let _ = writeln!(out, "  {more} components have no name.");
        }
    }
    let lacking: Vec<&Told> =
        quality.elements.iter().filter(|told| told.told < told.asked).collect();
    if quality.components == 0 {
        out.push_str("  There is no component in it.\n");
    }
    if lacking.is_empty() {
        return out;
    }
    let mut rows = vec![header(&["  ELEMENT", "TOLD", "ASKED BY", "NOT TOLD BY"])];
    for told in lacking {
        rows.push(vec![
            Cell::new(format!("  {}", told.title), Style::Plain),
            Cell::new(format!("{} of {}", told.told, told.asked), Style::Plain),
            Cell::new(told.lists.join(", "), Style::Faint),
            Cell::new(without(quality, told), Style::Plain),
        ]);
    }
    out.push_str(&table(&rows, page));
    if components == Components::All {
        out.push_str("  Components that do not tell all:\n");
        quality.incomplete.iter().for_each(|one| incomplete(&mut out, one, page));
    }
    out
}

fn header(titles: &[&str]) -> Vec<Cell> {
    titles.iter().map(|title| Cell::new(*title, Style::Faint)).collect()
}

/// Who does not tell an element: the first few by name.
fn without(quality: &Quality, told: &Told) -> String {
    if quality.missing.contains(&told.element) {
        return "the document".to_owned();
    }
    let lacking = quality.incomplete.iter().filter(|one| one.missing.contains(&told.element));
    let mut names: Vec<&str> = lacking.map(|one| one.component.as_str()).collect();
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    match more {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

fn incomplete(out: &mut String, one: &Incomplete, page: Page) {
    let place = if one.line > 0 { format!(" (line {})", one.line) } else { String::new() };
    let lacks = one.missing.join(", ").replace('_', " ");
    let mut line = String::new();
    let _ = write!(line, "{}{place}: {lacks}", one.component);
    out.push_str(&page.wrapped(&line, "    ", "      "));
}

/// What differs between two SBOMs.
#[must_use]
pub fn compared(compared: &Compared, page: Page) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{} → {}", plain(&compared.old, page), plain(&compared.new, page));
    let _ = writeln!(
        out,
        "{} added · {} removed · {} changed · {} the same",
        compared.added.len(),
        compared.removed.len(),
        compared.changed.len(),
        compared.same,
    );
    let mut rows = Vec::new();
    for one in &compared.added {
        rows.push(row("+", &one.name, "", &versions(&one.versions), &licence(&one.licences)));
    }
    for one in &compared.removed {
        rows.push(row("-", &one.name, &versions(&one.versions), "", &licence(&one.licences)));
    }
    for one in &compared.changed {
        let (old, new) = (versions(&one.versions.old), versions(&one.versions.new));
        rows.push(row("~", &one.name, &old, &new, &also(one)));
    }
    if !rows.is_empty() {
        rows.insert(0, header(&["", "COMPONENT", "OLD", "NEW", "ALSO"]));
        out.push_str(&table(&rows, page));
    }
    if let Some(opened) = &compared.vulnerabilities {
        let (gained, lost) = (opened.gained.len(), opened.lost.len());
        let _ =
            writeln!(out, "{gained} vulnerabilities open only in the new, {lost} only in the old");
        let mut rows = Vec::new();
        for one in &opened.gained {
            rows.push(open("+", one));
        }
        for one in &opened.lost {
            rows.push(open("-", one));
        }
        out.push_str(&table(&rows, page));
    }
    out
}

fn plain(text: &str, page: Page) -> String {
    page.styled(text, Style::Strong)
}

fn row(sign: &str, name: &str, old: &str, new: &str, also: &str) -> Vec<Cell> {
    [sign, name, old, new, also].iter().map(|text| Cell::new(*text, Style::Plain)).collect()
}

fn open(sign: &str, one: &Open) -> Vec<Cell> {
    let verdict = one.verdict.unwrap_or("nothing is known for the new").replace('_', " ");
    let cells = [sign.to_owned(), one.id.clone(), verdict];
    cells.into_iter().map(|text| Cell::new(text, Style::Plain)).collect()
}

fn versions(told: &[String]) -> String {
    if told.is_empty() { "not told".to_owned() } else { told.join(", ") }
}

fn licence(told: &[String]) -> String {
    told.join(", ")
}

/// What else of a component changed.
fn also(one: &Changed) -> String {
    let told = |name: &str, turn: &Option<Turn>| {
        let list = |told: &[String]| {
            if told.is_empty() { "none told".to_owned() } else { told.join(", ") }
        };
        turn.as_ref().map(|turn| format!("{name} {} → {}", list(&turn.old), list(&turn.new)))
    };
    let hashes = one.hashes.as_ref().map(|_| "other digests at the same version".to_owned());
    let parts = [told("licence", &one.licences), told("supplier", &one.suppliers), hashes];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}
