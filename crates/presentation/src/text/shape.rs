//! What a message takes: the values that are filled in, and the marks within its sentence.
//!
//! Read when the code is built, of the English file, and when a language is read, of its own; so
//! both mean the same. Refuses nothing: what does not fit is told by whoever asks.

use std::collections::BTreeSet;

use fluent_syntax::ast::{Expression, InlineExpression, Pattern, PatternElement, VariantKey};

/// Marks that stand for the element of HTML that is called so. Any other is a slot: the code says
/// what stands there, such as a link and where it leads.
pub(crate) const MARKS: [&str; 6] = ["b", "br", "code", "i", "kbd", "small"];
/// The one of them that holds nothing.
pub(crate) const BREAK: &str = "br";

/// What a message takes.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Names of values that are filled in: `{ $count }`.
    pub(crate) values: BTreeSet<String>,
    /// Those of them by whose word a sentence is chosen: `{ $level -> [isolate] …`.
    pub(crate) choices: BTreeSet<String>,
    /// Names of slots: `<order>…</order>`.
    pub(crate) slots: BTreeSet<String>,
    /// Whether it holds any mark.
    pub(crate) is_marked: bool,
    /// What is not as it should be: a mark that is opened and not closed, or the other way round.
    pub(crate) wrong: Vec<String>,
}

impl Shape {
    /// That of a message.
    pub(crate) fn of<S: AsRef<str>>(pattern: &Pattern<S>) -> Self {
        let mut shape = Self::default();
        shape.take(pattern);
        shape
    }

    fn take<S: AsRef<str>>(&mut self, pattern: &Pattern<S>) {
        let mut open: Vec<&str> = Vec::new();
        for element in &pattern.elements {
            match element {
                PatternElement::TextElement { value } => {
                    for piece in pieces(value.as_ref()) {
                        self.mark(piece, &mut open);
                    }
                }
                PatternElement::Placeable { expression } => self.expression(expression),
            }
        }
        self.wrong.extend(open.iter().map(|name| format!("<{name}> is not closed")));
    }

    fn mark<'a>(&mut self, piece: Piece<'a>, open: &mut Vec<&'a str>) {
        match piece {
            Piece::Text(_) => {}
            Piece::Open(name) => {
                self.is_marked = true;
                if !MARKS.contains(&name) {
                    self.slots.insert(name.to_owned());
                }
                if name != BREAK {
                    open.push(name);
                }
            }
            Piece::Close(name) => {
                if open.pop() != Some(name) {
                    self.wrong.push(format!("</{name}> closes nothing"));
                }
            }
        }
    }

    fn expression<S: AsRef<str>>(&mut self, expression: &Expression<S>) {
        match expression {
            Expression::Inline(inline) => self.inline(inline),
            Expression::Select { selector, variants } => {
                self.inline(selector);
                if let InlineExpression::VariableReference { id } = selector
                    && variants.iter().any(|variant| is_word(&variant.key))
                {
                    self.choices.insert(id.name.as_ref().to_owned());
                }
                for variant in variants {
                    self.take(&variant.value);
                }
            }
        }
    }

    fn inline<S: AsRef<str>>(&mut self, inline: &InlineExpression<S>) {
        match inline {
            InlineExpression::VariableReference { id } => {
                self.values.insert(id.name.as_ref().to_owned());
            }
            InlineExpression::Placeable { expression } => self.expression(expression),
            InlineExpression::FunctionReference { .. } => {
                self.wrong.push("functions are not known here".to_owned());
            }
            InlineExpression::MessageReference { .. } => {
                self.wrong.push("another message is not known here: use a -term".to_owned());
            }
            InlineExpression::StringLiteral { .. }
            | InlineExpression::NumberLiteral { .. }
            | InlineExpression::TermReference { .. } => {}
        }
    }
}

/// Whether a sentence is chosen by a word, and not by how many there are (CLDR's plurals).
fn is_word<S: AsRef<str>>(key: &VariantKey<S>) -> bool {
    const PLURALS: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];
    matches!(key, VariantKey::Identifier { name } if !PLURALS.contains(&name.as_ref()))
}

/// A piece of a text: words, or a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Words, in which a `<` that is no mark is a `<`.
    Text(&'a str),
    /// `<name>`
    Open(&'a str),
    /// `</name>`
    Close(&'a str),
}

/// The pieces of a text.
pub(crate) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let (mut words, mut at) = (text, 0);
    while let Some(begin) = words.get(at..).and_then(|rest| rest.find('<')).map(|next| next + at) {
        let rest = words.get(begin..).unwrap_or_default();
        let Some((mark, length)) = mark(rest) else {
            at = begin + 1;
            continue;
        };
        if begin > 0 {
            found.push(Piece::Text(words.get(..begin).unwrap_or_default()));
        }
        found.push(mark);
        words = rest.get(length..).unwrap_or_default();
        at = 0;
    }
    if !words.is_empty() {
        found.push(Piece::Text(words));
    }
    found
}

/// The mark at the beginning of a text, and how many bytes it takes.
fn mark(text: &str) -> Option<(Piece<'_>, usize)> {
    let (inside, _) = text.strip_prefix('<')?.split_once('>')?;
    let name = inside.strip_prefix('/').unwrap_or(inside);
    let is_name = name.starts_with(|letter: char| letter.is_ascii_lowercase())
        && name.bytes().all(|letter| letter.is_ascii_lowercase() || letter == b'-');
    let piece = if inside.len() == name.len() { Piece::Open(name) } else { Piece::Close(name) };
    is_name.then_some((piece, inside.len() + 2))
}
