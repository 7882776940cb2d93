//! What a page shows that is neither a message of the language that nobody speaks nor data.

use std::collections::BTreeSet;
use std::path::Path;

use rusqlite::types::ValueRef;
use serde_json::Value;
use testkit::browser::Browser;
use testkit::pseudo::BRACKETS;

/// All that people read on a page, in its order: texts, and what stands in attributes. Keys and
/// commands are the same for everybody.
const SCRIPT: &str = r"
const shown = [[], []];
const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
for (let node = walker.nextNode(); node; node = walker.nextNode()) {
  const one = node.parentElement;
  // What is cut in a picture stands whole in its title.
  if (one.closest('script, style, code, kbd, .source') || (one.closest('svg') && node.data.endsWith('…'))) continue;
  shown[0].push(node.data);
}
for (const one of document.querySelectorAll('*')) {
  for (const name of ['placeholder', 'title', 'aria-label', 'alt']) {
    if (one.getAttribute(name)) shown[1].push(one.getAttribute(name));
  }
}
return shown;
";

/// What is the same in every language: names of standards and of the program, and addresses of a
/// form that is filled in by an example.
const SAME: [&str; 14] = [
    "tcp",
    "udp",
    "Asepsis",
    "SHA-256",
    "CVSS",
    "CWE",
    "openid",
    "Etc/UTC",
    "UTC",
    "read",
    "audit.read",
    "documents.write",
    "findings.write",
    "orders.request",
];

/// Data that is called as a message is: what the format of a document is that nobody knows.
const ALIKE: [&str; 1] = ["nothing"];

/// What stands in a store, and in what the API tells: whatever a page shows of it is data.
#[derive(Default)]
pub(crate) struct Data {
    values: BTreeSet<String>,
    long: String,
}

impl Data {
    /// What stands in a store.
    pub(crate) fn of_store(store: &Path) -> Self {
        let mut data = Self::default();
        let kept = rusqlite::Connection::open(store).expect("a store");
        let names = "select name from sqlite_master where type = 'table'";
        let mut names = kept.prepare(names).expect("tables");
        let names = names.query_map([], |row| row.get::<_, String>(0)).expect("tables");
        for name in names.map(|name| name.expect("a table")) {
            let mut rows = kept.prepare(&format!("select * from \"{name}\"")).expect("a table");
            let columns = rows.column_count();
            let mut rows = rows.query([]).expect("rows");
            while let Some(row) = rows.next().expect("a row") {
                for column in 0..columns {
                    if let ValueRef::Text(text) = row.get_ref(column).expect("a value") {
                        data.take(&String::from_utf8_lossy(text));
                    }
                }
            }
        }
        data
    }

    fn take(&mut self, text: &str) {
        match serde_json::from_str::<Value>(text) {
            Ok(value) if !value.is_number() => self.take_value(&value),
            _ => self.keep(text),
        }
    }

    /// What the API tells.
    pub(crate) fn take_value(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.keep(text),
            Value::Array(all) => all.iter().for_each(|one| self.take_value(one)),
            Value::Object(all) => all.iter().for_each(|(name, one)| {
                self.keep(name);
                self.take_value(one);
            }),
            _ => {}
        }
    }

    fn keep(&mut self, text: &str) {
        let text = even(text);
        if self.values.insert(text.clone()) && text.len() > 20 {
            self.long.push('\n');
            self.long.push_str(&text);
        }
    }

    /// Whether a piece of a page is data: a value, several side by side, or a part of a long one.
    fn holds(&self, piece: &str) -> bool {
        const BETWEEN: [char; 8] = ['·', '→', ';', ':', ',', '(', ')', '/'];
        let piece = even(piece);
        let piece = piece.as_str();
        let is_part = piece.split(' ').count() > 1 && self.long.contains(piece);
        if self.values.contains(piece) || is_part || self.is_row(piece) {
            return true;
        }
        let Some(between) = BETWEEN.into_iter().find(|sign| piece.contains(*sign)) else {
            return false;
        };
        let mut parts = piece.split(between).map(trimmed).filter(|part| has_letters(part));
        parts.all(|part| SAME.contains(&part) || self.holds(part))
    }

    /// Whether words are values, one after the other.
    fn is_row(&self, part: &str) -> bool {
        let words: Vec<&str> = part.split(' ').collect();
        let mut reached = vec![false; words.len() + 1];
        reached[0] = true;
        for begin in 0..words.len() {
            for end in begin + 1..=words.len() {
                let run = trimmed(&words[begin..end].join(" ")).to_owned();
                let is_value = !has_letters(&run)
                    || SAME.contains(&run.as_str())
                    || self.values.contains(&run);
                reached[end] |= reached[begin] && is_value;
            }
        }
        reached[words.len()]
    }
}

/// The same with one space between words, and one digit for each number: what the agent says of
/// now is another a second later.
fn even(text: &str) -> String {
    let mut even = text.split_whitespace().collect::<Vec<_>>().join(" ");
    even = even.replace(|letter: char| letter.is_ascii_digit(), "0");
    while even.contains("00") {
        even = even.replace("00", "0");
    }
    even
}

fn has_letters(text: &str) -> bool {
    text.contains(char::is_alphabetic)
}

fn trimmed(text: &str) -> &str {
    text.trim_matches(|letter: char| !letter.is_alphanumeric())
}

/// What stands outside of all brackets, piece by piece.
fn outside(texts: &[&str]) -> (Vec<String>, i32) {
    let (mut pieces, mut piece, mut depth) = (Vec::new(), String::new(), 0);
    for text in texts {
        for letter in text.chars() {
            if letter == BRACKETS[0] {
                depth += 1;
            }
            if depth == 0 && !BRACKETS.contains(&letter) {
                piece.push(letter);
            } else if !piece.is_empty() {
                pieces.push(std::mem::take(&mut piece));
            }
            if letter == BRACKETS[1] {
                depth -= 1;
            }
        }
        pieces.push(std::mem::take(&mut piece));
    }
    let words = |piece: &String| piece.split_whitespace().collect::<Vec<_>>().join(" ");
    let pieces = pieces.iter().map(|piece| trimmed(&words(piece)).to_owned());
    (pieces.filter(|piece| has_letters(piece)).collect(), depth)
}

/// What the page shows that nobody has translated, and messages that are English although there is
/// another: `english` holds those into which nothing is filled.
pub(crate) fn forgotten(browser: &Browser, data: &Data, english: &BTreeSet<String>) -> Vec<String> {
    let shown = browser.run(SCRIPT);
    let list = |place: usize| {
        let all = shown[place].as_array().expect("a list").iter();
        all.map(|text| text.as_str().unwrap_or_default()).collect::<Vec<_>>()
    };
    let (mut pieces, depth) = outside(&list(0));
    if depth != 0 {
        pieces.push(format!("a message was not shown to its end: {depth}"));
    }
    for attribute in list(1) {
        pieces.extend(outside(&[attribute]).0);
    }
    pieces.retain(|piece| {
        let is_known = SAME.contains(&piece.as_str()) || ALIKE.contains(&piece.as_str());
        !is_known && (english.contains(piece) || !data.holds(piece))
    });
    pieces.sort_unstable();
    pieces.dedup();
    pieces
}

/// English messages into which nothing is filled.
pub(crate) fn english(source: &str) -> BTreeSet<String> {
    let lines = source.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
    let said = lines.filter_map(|line| line.split_once(" = ")).map(|(_, text)| text.to_owned());
    said.filter(|text| !text.contains(['{', '<'])).collect()
}
