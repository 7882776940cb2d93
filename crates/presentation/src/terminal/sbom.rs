//! How much an SBOM tells, for a terminal.

use std::fmt::Write;

use super::layout::{Cell, Page, Style, table};
use crate::sbom::checked::{Incomplete, Quality, Told};

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
