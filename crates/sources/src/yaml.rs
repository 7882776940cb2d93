//! A YAML document (1.2) as the JSON text that says the same, every value on the line where it
//! stood, so that the readers of JSON read it and its places stay true.
//!
//! Refuses what JSON can't say and no format of ours needs: aliases, which can expand without end,
//! keys that are no text, and a second document. A plain number with a point is taken as text, for
//! in these formats it is a version that its writer forgot to quote.

use std::fmt::Write;

use domain::bounded::NESTING;
use domain::location::Location;
use domain::problem::{Code, Loss, Problem};
use saphyr_parser::{Event, Parser, ScalarStyle};

/// The same document as JSON.
///
/// # Errors
/// A problem with its line, where the text is no YAML, or none that JSON can say.
pub fn to_json(text: &str) -> Result<String, Problem> {
    let mut writer = Writer { json: String::with_capacity(text.len()), line: 1, open: Vec::new() };
    let mut documents = 0;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            problem(Code::InputSyntax, error.marker().line(), "YAML").found(error.info())
        })?;
        let line = span.start.line();
        if matches!(event, Event::DocumentStart(_)) {
            documents += 1;
            if documents > 1 {
                return Err(problem(Code::InputUnsupported, line, "one YAML document"));
            }
        }
        writer.take(event, line)?;
    }
    Ok(writer.json)
}

fn problem(code: Code, line: usize, expected: &str) -> Problem {
    let line = u32::try_from(line).unwrap_or(u32::MAX);
    Problem::new(code, Location::line(line), Loss::Document).expected(expected)
}

/// What is open, and what stands next in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    /// A list, still empty.
    Empty,
    /// A list with elements.
    Items,
    /// A mapping, still empty.
    FirstKey,
    /// A mapping before its next key.
    Key,
    /// A mapping before the value of its last key.
    Value,
}

struct Writer {
    json: String,
    /// The line that the text written so far ends on.
    line: usize,
    open: Vec<Open>,
}

impl Writer {
    fn take(&mut self, event: Event<'_>, line: usize) -> Result<(), Problem> {
        match event {
            Event::Alias(_) => {
                return Err(problem(Code::InputUnsupported, line, "YAML without aliases"));
            }
            Event::SequenceStart(..) => self.begin(line, '[', Open::Empty)?,
            Event::MappingStart(..) => self.begin(line, '{', Open::FirstKey)?,
            Event::SequenceEnd => self.end(']'),
            Event::MappingEnd => self.end('}'),
            Event::Scalar(value, style, ..) => {
                let is_key = matches!(self.open.last(), Some(Open::FirstKey | Open::Key));
                self.advance(line);
                match bare(&value).filter(|_| !is_key && style == ScalarStyle::Plain) {
                    Some(bare) => self.json.push_str(bare),
                    None => self.string(&value),
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn begin(&mut self, line: usize, bracket: char, open: Open) -> Result<(), Problem> {
        if matches!(self.open.last(), Some(Open::FirstKey | Open::Key)) {
            return Err(problem(Code::InputUnsupported, line, "keys that are text"));
        }
        if self.open.len() >= NESTING {
            return Err(problem(Code::InputTooDeep, line, "at most 512 levels of nesting"));
        }
        self.advance(line);
        self.json.push(bracket);
        self.open.push(open);
        Ok(())
    }

    fn end(&mut self, bracket: char) {
        self.open.pop();
        self.json.push(bracket);
    }

    /// Writes what stands before the next key or value: its comma or colon, and the line ends up to
    /// its line.
    fn advance(&mut self, line: usize) {
        if let Some(open) = self.open.last_mut() {
            let (before, next) = match open {
                Open::Empty => ("", Open::Items),
                Open::Items => (",", Open::Items),
                Open::FirstKey => ("", Open::Value),
                Open::Key => (",", Open::Value),
                Open::Value => (":", Open::Key),
            };
            self.json.push_str(before);
            *open = next;
        }
        while self.line < line {
            self.json.push('\n');
            self.line += 1;
        }
    }

    fn string(&mut self, text: &str) {
        self.json.push('"');
        for character in text.chars() {
            match character {
                '"' => self.json.push_str("\\\""),
                '\\' => self.json.push_str("\\\\"),
                '\0'..='\u{1F}' => {
                    let _ = write!(self.json, "\\u{:04x}", u32::from(character));
                }
                other => self.json.push(other),
            }
        }
        self.json.push('"');
    }
}

/// A plain scalar that is no text, as JSON writes it (YAML 1.2.2, section 10.3.2): null, true,
/// false, or a whole number.
fn bare(value: &str) -> Option<&str> {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let is_whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    match value {
        "" | "~" | "null" | "Null" | "NULL" => Some("null"),
        "true" | "True" | "TRUE" => Some("true"),
        "false" | "False" | "FALSE" => Some("false"),
        _ => Some(value).filter(|_| is_whole && (digits == "0" || !digits.starts_with('0'))),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::to_json;
    use crate::json::Json;

    #[expect(clippy::needless_pass_by_value, reason = "as expect-test is written everywhere")]
    fn check(yaml: &str, expected: Expect) {
        let shown = match to_json(yaml) {
            Ok(json) => {
                assert!(Json::parse(&json).damage().is_none(), "{json}");
                json
            }
            Err(problem) => problem.to_string(),
        };
        expected.assert_eq(&shown);
    }

    #[test]
    fn every_value_stands_on_its_line() {
        check(
            "id: X-1\naffected:\n- package:\n    name: a\n  versions:\n  - 1.10\n  - '2'\nnone:\n",
            expect![[r#"
                {"id":"X-1",
                "affected":
                [{"package":
                {"name":"a"},
                "versions":
                ["1.10",
                "2"]}],
                "none":null}"#]],
        );
    }

    #[test]
    fn text_over_several_lines_keeps_its_line_ends_and_its_quotes() {
        check(
            "details: |\n  One \"line\"\n  and another\nfolded: >\n  a\n  b\nlast: \"\\x01\"\n",
            expect![[r#"
                {"details":
                "One \"line\"\u000aand another\u000a",

                "folded":
                "a b\u000a",

                "last":"\u0001"}"#]],
        );
    }

    #[test]
    fn only_whole_numbers_and_words_of_json_are_no_text() {
        check(
            "[0, -12, 012, 1.5, 1e3, .inf, ~, null, Null, true, yes, 2021-01-02]",
            expect![[r#"[0,-12,"012","1.5","1e3",".inf",null,null,null,true,"yes","2021-01-02"]"#]],
        );
    }

    #[test]
    fn what_json_can_not_say_is_refused_with_its_line() {
        check(
            "a: &x 1\nb: *x\n",
            expect!["line 2: The format is known but not read; expected YAML without aliases"],
        );
        check(
            "? [a]\n: b\n",
            expect!["line 1: The format is known but not read; expected keys that are text"],
        );
        check(
            "a: 1\n---\nb: 2\n",
            expect!["line 2: The format is known but not read; expected one YAML document"],
        );
        check(
            "a: [1\nb: }\n",
            expect![
                "line 2: The document breaks the syntax of its format; expected YAML, found `illegal placement of ':' indicator`"
            ],
        );
        check(
            &"[".repeat(600),
            expect![
                "line 1: The document breaks the syntax of its format; expected YAML, found `recursion limit exceeded`"
            ],
        );
    }

    #[test]
    fn a_text_that_is_cut_anywhere_ends_in_json_or_a_problem() {
        let whole =
            "id: X\naffected:\n- ranges:\n  - events:\n    - {introduced: '0', fixed: \"2\"}\n";
        for end in 0..whole.len() {
            let cut = whole.get(..end).expect("ASCII");
            if let Ok(json) = to_json(cut) {
                assert!(json.is_empty() || Json::parse(&json).damage().is_none(), "{json}");
            }
        }
    }
}
