//! What bears a version: advisories put model numbers, options and systems among versions, too.
//!
//! Refuses to take a part of another word or number for one of these.

use domain::advisory::VersionRange;
use domain::text::Text;
use domain::version::Scheme;

use super::super::names;

/// What bears a version: advisories put model numbers and options among versions, too.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::exposure) struct Bearer<'a> {
    /// The version; `None` is unknown.
    pub(in crate::exposure) version: Option<&'a str>,
    /// The order of single versions.
    pub(in crate::exposure) scheme: Scheme,
    /// The model's name.
    pub(in crate::exposure) model: &'a str,
    /// Model and order numbers that an inventory has beside the name.
    pub(in crate::exposure) numbers: &'a [Text],
    /// Operating systems that it is stated to run.
    pub(in crate::exposure) systems: &'a [&'a str],
}

impl Bearer<'_> {
    /// The order in which it is compared with a range: its own ecosystem's, whatever a record says
    /// of the order of its versions, for many forms ask for one and are filled with any.
    pub(super) fn order(&self, range: &VersionRange) -> Scheme {
        if self.scheme == Scheme::Generic { range.scheme } else { self.scheme }
    }

    pub(super) fn version(&self) -> Option<&str> {
        self.version.map(str::trim).filter(|version| !version.is_empty())
    }

    /// Whether it bears this model number or option.
    pub(in crate::exposure) fn is_model(&self, name: &str) -> bool {
        if self.model.is_empty() {
            return false;
        }
        let wanted = names::words(name);
        if wanted.is_empty() {
            return false;
        }
        let holds = |text: &str| {
            let words = names::words(text);
            words.windows(wanted.len()).any(|part| part == wanted)
        };
        holds(self.model) || self.numbers.iter().any(|number| holds(number))
    }

    /// Whether the model bears a number that is written as this one is: as many digits, and letters
    /// before them.
    pub(super) fn is_numbered_as(&self, number: &str) -> bool {
        const DIGITS: usize = 3;
        let parts = |text: &str| {
            let text = text.trim().to_lowercase();
            let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
            let digits = text.bytes().skip(letters).take_while(u8::is_ascii_digit).count();
            let rest = text.len() - letters - digits;
            let before = text.get(..letters).map(str::to_owned);
            (digits >= DIGITS && rest <= 1).then_some((before, digits))
        };
        let wanted = parts(number);
        wanted.is_some() && names::words(self.model).iter().any(|word| parts(word) == wanted)
    }

    /// Whether the model says what a condition asks for: `integrated into MobileLink`.
    pub(super) fn meets(&self, condition: &str) -> bool {
        const SAID: [&str; 14] = [
            "integrated",
            "into",
            "with",
            "within",
            "in",
            "the",
            "only",
            "when",
            "used",
            "installed",
            "for",
            "and",
            "on",
            "of",
        ];
        let model = names::words(self.model);
        let asked = names::words(condition);
        let mut asked =
            asked.iter().filter(|word| word.len() > 2 && !SAID.contains(&word.as_str())).peekable();
        asked.peek().is_some() && asked.all(|word| model.contains(word))
    }
}
