//! Names that say how they are shortened: `Point-of-Care Unit (PCU)`, `Patient Information Center
//! iX (PICiX)`. Inventories use the short form, and shorten in ways between.
//!
//! Refuses to shorten what no advisory shortens: of initials alone there are too many.

use super::ProductName;
use super::words::alike;

/// The short form of a name's part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Short {
    /// The letters, in lower case.
    letters: String,
    /// The words that they stand for.
    of: Vec<String>,
}

/// Short forms of two letters are too common to tell one product from another.
const LETTERS: usize = 3;

impl Short {
    /// The short form in brackets, and what of the name before it it stands for: the fewest words
    /// at its end that hold the letters in their order.
    pub(super) fn of(inside: &str, before: &str) -> Option<Self> {
        let letters = alike(inside).concat();
        let before = alike(before);
        let from = (0..before.len())
            .rev()
            .find(|from| before.get(*from..).is_some_and(|part| holds(part, &letters)))?;
        let of = before.get(from..)?.to_vec();
        (letters.len() >= LETTERS).then_some(Self { letters, of })
    }

    /// The letters, in lower case.
    pub(super) fn letters(&self) -> &str {
        &self.letters
    }

    /// The name with the short form in place of what it stands for.
    fn shorten(&self, name: &[String]) -> Vec<String> {
        let at = name.windows(self.of.len()).position(|part| part == self.of);
        at.map_or_else(|| name.to_vec(), |at| self.replaced(name, (at, self.of.len())))
    }

    /// A device's name with what spells the short form replaced by it: `PC Unit` by `PCU`.
    fn spelled(&self, name: &[String]) -> Option<Vec<String>> {
        if name.contains(&self.letters) {
            return Some(name.to_vec());
        }
        let spans =
            (0..name.len()).flat_map(|from| (2..=name.len() - from).map(move |n| (from, n)));
        let span = spans.into_iter().find(|(from, length)| {
            name.get(*from..from + length).is_some_and(|part| spells(part, &self.letters))
        })?;
        Some(self.replaced(name, span))
    }

    fn replaced(&self, name: &[String], (at, length): (usize, usize)) -> Vec<String> {
        let (before, after) = (name.get(..at), name.get(at + length..));
        let letters = std::slice::from_ref(&self.letters);
        [before.unwrap_or_default(), letters, after.unwrap_or_default()].concat()
    }
}

/// Whether letters stand in words in this order, beginning with the first letter of the first.
pub(super) fn holds(part: &[String], letters: &str) -> bool {
    let mut all = part.iter().flat_map(|word| word.chars());
    part.first().and_then(|word| word.chars().next()) == letters.chars().next()
        && letters.chars().all(|letter| all.any(|other| other == letter))
}

/// Whether a word is short for words: it begins as the first of them does, and has a letter of each.
pub(super) fn abbreviates(word: &str, words: &[String]) -> bool {
    let named = words.iter().filter(|word| word.len() > 2).count();
    let bare = word.bytes().all(|b| b.is_ascii_alphabetic());
    bare && word.len() >= LETTERS
        && word.len() <= 6
        && named > 1
        && word.len() >= named
        && (0..words.len()).any(|from| words.get(from..).is_some_and(|part| holds(part, word)))
}

/// Whether words spell letters, each by its first letter or whole, one of them whole: `PC` and
/// `Unit` spell `PCU`. Initials alone could be those of other words.
pub(super) fn spells(part: &[String], letters: &str) -> bool {
    let mut rest = letters;
    let mut whole = false;
    for word in part {
        let first = word.chars().next().unwrap_or_default();
        if let Some(after) = rest.strip_prefix(word.as_str()).filter(|_| word.len() > 1) {
            rest = after;
            whole = true;
        } else if let Some(after) = rest.strip_prefix(first) {
            rest = after;
        } else {
            return false;
        }
    }
    rest.is_empty() && whole
}

impl ProductName {
    /// The words by which a device that bears the short form is looked for: the letters
    /// themselves, and what tells the name beside what they stand for.
    pub fn short_form(&self) -> Option<(&str, impl Iterator<Item = &str>)> {
        let short = self.short.as_ref()?;
        let beside = self.telling.iter().filter(|word| !short.of.contains(word));
        Some((&short.letters, beside.map(String::as_str)))
    }

    /// This name and a device's, both in the short form that this one gives.
    pub(super) fn shortened(&self, device: &Self) -> Option<(Self, Self)> {
        let short = self.short.as_ref()?;
        let theirs = short.spelled(&device.in_order)?;
        let own = short.shorten(&self.in_order);
        Some((self.renamed(own), device.renamed(theirs)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Agreement, ProductName};

    #[track_caller]
    fn check(advisory: &str, device: &str, expected: Option<Agreement>) {
        let name = |name| ProductName::new(name, Some("BD"));
        assert_eq!(name(advisory).agrees_with(&name(device)), expected, "{advisory} / {device}");
    }

    #[test]
    fn a_device_may_bear_the_short_form() {
        let unit = "BD Alaris Point-of-Care Unit (PCU) Model 8015";
        check(unit, "Alaris PCU 8015", Some(Agreement::Same));
        check(unit, "Alaris PC Unit 8015", Some(Agreement::Same));
        check(unit, "Alaris PC Unit", Some(Agreement::Narrower));
        let center = "Patient Information Center iX (PICiX)";
        check(center, "PIC iX", Some(Agreement::Same));
        check(center, "PICiX", Some(Agreement::Same));
    }

    #[test]
    fn a_neighbour_does_not_spell_it() {
        let unit = "BD Alaris Point-of-Care Unit (PCU) Model 8015";
        check(unit, "Alaris Syringe 8110", None);
        check(unit, "Alaris GS", None);
        check(unit, "Alaris PC Unit 8000", None);
        check("Connex Central Station (CS)", "Connex CS", None);
        check("Pump Control Unit (PCU)", "Patient Care Unit", None);
    }
}
