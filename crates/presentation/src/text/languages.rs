//! The languages that there are, and which of them somebody is spoken to in.
//!
//! Refuses to guess from where somebody is: what their browser asks for counts, and nothing else.

use super::{FIRST, Language, Text};

/// Every language that comes with the program, beside English: its name (BCP 47), and its file.
/// Another one is one more line here.
const SHIPPED: [(&str, &str); 0] = [];
/// How many languages of a request are looked at.
const ASKED: usize = 20;

/// Languages in which the console speaks.
#[derive(Debug, Clone)]
pub struct Languages(Vec<&'static Language>);

/// Why a file is no language.
#[derive(Debug, thiserror::Error)]
pub enum NoLanguage {
    /// Its name is none.
    #[error("`{0}` is no name of a language: name the file as in de.ftl or pt-BR.ftl")]
    Name(String),
    /// Nothing in it is a message of the console.
    #[error("it holds no message of the console")]
    Empty,
}

impl Languages {
    /// Those that come with the program.
    ///
    /// # Panics
    /// Never: a test reads them all.
    #[must_use]
    pub fn shipped() -> Self {
        let mut languages = Self(vec![*FIRST]);
        for (name, source) in SHIPPED {
            languages.add(name, source).expect("invariant: a test has read it");
        }
        languages
    }

    /// One more, in the place of one of the same name; and what of its file can't be used, for
    /// which English fills in.
    ///
    /// # Errors
    /// What is no name of a language, or no file of messages.
    pub fn add(&mut self, name: &str, source: &str) -> Result<Vec<String>, NoLanguage> {
        let (language, problems) = Language::read(name, source, Some(*FIRST))?;
        self.0.retain(|own| own.name != language.name);
        self.0.push(Box::leak(Box::new(language)));
        Ok(problems)
    }

    /// The language that a browser asks for (RFC 9110, section 12.5.4; looked up as RFC 4647,
    /// section 3.4, says), or English.
    pub(crate) fn choose(&self, asked: &str) -> Text {
        let mut asked: Vec<(&str, f32)> = asked.split(',').take(ASKED).map(weighed).collect();
        asked.retain(|(_, weight)| *weight > 0.0);
        asked.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        asked
            .iter()
            .find_map(|(range, _)| self.look_up(range))
            .unwrap_or_else(|| self.look_up("en").unwrap_or_else(Text::english))
    }

    /// That of a range, or of a shorter one: `de-AT`, then `de`.
    fn look_up(&self, range: &str) -> Option<Text> {
        let mut range = range;
        loop {
            let is_it = |own: &&&Language| own.name.to_string().eq_ignore_ascii_case(range);
            if let Some(found) = self.0.iter().find(is_it) {
                return Some(Text(found));
            }
            range = range.rsplit_once('-')?.0;
        }
    }
}

/// A range and how much it is wanted, from 0 to 1.
fn weighed(asked: &str) -> (&str, f32) {
    let (range, weight) = asked.split_once(';').unwrap_or((asked, ""));
    let weight = weight.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse);
    (range.trim(), weight.unwrap_or(0.0))
}
