//! Rows of comma-separated values (RFC 4180), with the line each begins on.
//!
//! Refuses to guess delimiters or to repair: this is for machine-made tables. Those that people
//! keep are read with more patience elsewhere.

/// The rows of a text, from the first line on; blank lines are skipped.
pub(super) fn rows(text: &str) -> impl Iterator<Item = (u32, Vec<String>)> + '_ {
    Rows { rest: text.strip_prefix('\u{FEFF}').unwrap_or(text), line: 1 }
}

struct Rows<'t> {
    rest: &'t str,
    line: u32,
}

impl Iterator for Rows<'_> {
    type Item = (u32, Vec<String>);

    fn next(&mut self) -> Option<Self::Item> {
        while let Some(rest) = self.rest.strip_prefix(['\n', '\r']) {
            self.line += u32::from(self.rest.starts_with('\n'));
            self.rest = rest;
        }
        if self.rest.is_empty() {
            return None;
        }
        let line = self.line;
        let mut row = Vec::new();
        while self.value(&mut row) {}
        Some((line, row))
    }
}

impl Rows<'_> {
    /// Takes one value; whether another one follows in this row.
    fn value(&mut self, row: &mut Vec<String>) -> bool {
        let mut value = String::new();
        let mut quoted = false;
        if let Some(rest) = self.rest.strip_prefix('"') {
            self.rest = rest;
            quoted = true;
        }
        while quoted {
            let end = self.rest.find('"').unwrap_or(self.rest.len());
            let (part, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
            value.push_str(part);
            let newlines = memchr::memchr_iter(b'\n', part.as_bytes()).count();
            self.line = self.line.saturating_add(u32::try_from(newlines).unwrap_or(u32::MAX));
            self.rest = rest.strip_prefix('"').unwrap_or_default();
            // Two quotes stand for one inside a quoted value.
            match self.rest.strip_prefix('"') {
                Some(rest) => {
                    value.push('"');
                    self.rest = rest;
                }
                None => quoted = false,
            }
        }
        let end = self.rest.find([',', '\n']).unwrap_or(self.rest.len());
        let (part, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        value.push_str(part.trim_end_matches('\r'));
        row.push(value);
        self.line += u32::from(rest.starts_with('\n'));
        self.rest = rest.strip_prefix([',', '\n']).unwrap_or_default();
        rest.starts_with(',')
    }
}
