//! Widths, wrapping and colour.

use std::fmt::Write;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Whether colour is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// Escape sequences for colour.
    Shown,
    /// None.
    Plain,
}

/// What is written on.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// Columns.
    pub width: usize,
    /// Colour or not.
    pub colour: Colour,
}

/// How a word is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Strong,
    Faint,
    Act,
    Attend,
}

impl Style {
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "1",
            Self::Faint => "2",
            Self::Act => "1;31",
            Self::Attend => "1;33",
        }
    }
}

impl Page {
    pub(super) fn styled(self, text: &str, style: Style) -> String {
        let text = harmless(text);
        match (self.colour, style) {
            (Colour::Plain, _) | (_, Style::Plain) => text,
            (Colour::Shown, style) => format!("\u{1b}[{}m{text}\u{1b}[0m", style.code()),
        }
    }

    /// A paragraph, broken between words.
    pub(super) fn wrapped(self, text: &str, first: &str, rest: &str) -> String {
        let mut out = String::from(first);
        let mut column = first.width();
        let mut at_start = true;
        for word in harmless(text).split_whitespace() {
            let width = word.width();
            if !at_start && column + 1 + width > self.width {
                let _ = write!(out, "\n{rest}");
                column = rest.width();
                at_start = true;
            }
            if !at_start {
                out.push(' ');
                column += 1;
            }
            out.push_str(word);
            column += width;
            at_start = false;
        }
        out.push('\n');
        out
    }
}

/// A cell of a table.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    pub(super) fn new(text: impl Into<String>, style: Style) -> Self {
        Self { text: harmless(&text.into()), style }
    }
}

/// Text from a document may hold control characters; on a terminal they are commands.
pub(super) fn harmless(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Rows under one another, columns as wide as they must be; what does not fit is cut with `…`,
/// the widest column first.
pub(super) fn table(rows: &[Vec<Cell>], page: Page) -> String {
    const GAP: usize = 2;
    let mut widths: Vec<usize> = Vec::new();
    for row in rows {
        widths.resize(widths.len().max(row.len()), 0);
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.text.width());
        }
    }
    let gaps = GAP * widths.len().saturating_sub(1);
    fit(&mut widths, page.width.saturating_sub(gaps));
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        let mut pending = 0;
        for (cell, width) in row.iter().zip(&widths) {
            line.extend(std::iter::repeat_n(' ', pending));
            let cut = cut(&cell.text, *width);
            pending = width.saturating_sub(cut.width()) + GAP;
            line.push_str(&page.styled(&cut, cell.style));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// Takes from the widest column until all fit; none goes below eight.
fn fit(widths: &mut [usize], room: usize) {
    const NARROWEST: usize = 8;
    while widths.iter().sum::<usize>() > room {
        match widths.iter_mut().max() {
            Some(widest) if *widest > NARROWEST => *widest -= 1,
            _ => break,
        }
    }
}

fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > width {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

#[cfg(test)]
mod tests {
    use super::{Cell, Colour, Page, Style, table};

    const PAGE: Page = Page { width: 30, colour: Colour::Plain };

    #[test]
    fn a_table_fits_its_page() {
        let rows = vec![
            vec![Cell::new("A", Style::Plain), Cell::new("x".repeat(60), Style::Plain)],
            vec![Cell::new("BBBB", Style::Plain), Cell::new("日本語", Style::Plain)],
        ];
        let expected = format!("A     {}…\nBBBB  日本語\n", "x".repeat(23));
        assert_eq!(table(&rows, PAGE), expected);
    }

    #[test]
    fn an_escape_sequence_in_a_name_does_not_reach_the_terminal() {
        let rows = vec![vec![Cell::new("pump\u{1b}[2J", Style::Plain)]];
        assert_eq!(table(&rows, PAGE), "pump [2J\n");
    }

    #[test]
    fn a_paragraph_is_broken_between_words() {
        let page = Page { width: 12, colour: Colour::Plain };
        assert_eq!(page.wrapped("one two three", "", "  "), "one two\n  three\n");
    }
}
