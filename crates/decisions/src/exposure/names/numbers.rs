//! Model numbers: what they say where the words around them differ.
//!
//! Refuses to take a short number for a model: there is a `2` in many a name.

use super::short::{holds, spells};
use super::words;
use super::{Agreement, ProductName};

/// Whether a word holds a digit.
pub(super) fn is_numbered(word: &str) -> bool {
    word.bytes().any(|b| b.is_ascii_digit())
}

/// Whether a number is seldom another product's of the same maker: `8015`, `b650`.
fn is_telling(number: &str) -> bool {
    let lettered = number.bytes().any(|b| b.is_ascii_alphabetic());
    number.len() >= 4 || lettered && number.len() >= 3
}

impl ProductName {
    /// Whether a device whose name has all words of this one, and more, is no other model: it has
    /// the same numbers, and its further words stand before all of these, as a family's name does:
    /// `CARESCAPE B650` is the `B650`. What stands behind is a variant: `B650 Plus`.
    pub(super) fn is_numbered_as(&self, device: &Self) -> bool {
        let numbers = &self.numbered;
        if *numbers != device.numbered || !numbers.iter().any(|number| is_telling(number)) {
            return false;
        }
        let mut telling = device.in_order.iter().filter(|word| device.telling.contains(*word));
        telling.by_ref().find(|word| self.telling.contains(*word));
        telling.all(|word| self.telling.contains(word))
    }

    /// How far one agrees that has the same model numbers and some word in common, where one's
    /// other words are perhaps short for the other's: `Alaris 8015 PC unit` and `Alaris PCU 8015`.
    /// A long number needs no more; letters that are spelled leave no doubt.
    pub(super) fn shares_number(&self, device: &Self) -> Option<Agreement> {
        const LONG: usize = 6;
        let numbers = &self.numbered;
        let shared = || self.telling.intersection(&device.telling).count();
        if *numbers != device.numbered || shared() <= numbers.len() {
            return None;
        }
        let (own, theirs) = (self.beside(device), device.beside(self));
        let telling = numbers.iter().any(|number| is_telling(number));
        let spelled = |short: &[String], long: &[String]| match short {
            [letters] => spells(long, letters),
            _ => false,
        };
        if telling && (spelled(&own, &theirs) || spelled(&theirs, &own)) {
            return Some(Agreement::Numbered);
        }
        let perhaps = numbers.iter().any(|number| number.len() >= LONG)
            || telling && (is_short_for(&own, &theirs) || is_short_for(&theirs, &own));
        perhaps.then_some(Agreement::Narrower)
    }

    /// The words that another name has not, in their order.
    fn beside(&self, other: &Self) -> Vec<String> {
        let own = self.in_order.iter().filter(|word| self.words.contains(*word));
        own.filter(|word| !other.words.contains(*word)).cloned().collect()
    }
}

/// Whether words hold the letters of shorter ones, those for its kind left out or not.
fn is_short_for(short: &[String], long: &[String]) -> bool {
    let telling = short.iter().filter(|word| !words::is_kind(word));
    let telling: String = telling.map(String::as_str).collect();
    [short.concat(), telling].iter().any(|letters| !letters.is_empty() && holds(long, letters))
}

#[cfg(test)]
mod tests {
    use super::super::{Agreement, ProductName};

    #[track_caller]
    fn check(advisory: &str, device: &str, expected: Option<Agreement>) {
        let name = |name| ProductName::new(name, Some("GE"));
        assert_eq!(name(advisory).agrees_with(&name(device)), expected, "{advisory} / {device}");
    }

    #[test]
    fn a_family_before_the_number_is_no_other_model() {
        check("B650", "CARESCAPE B650", Some(Agreement::Numbered));
        check("B650", "CARESCAPE Monitor B650", Some(Agreement::Numbered));
        check("2090 Programmer", "CareLink 2090", Some(Agreement::Numbered));
    }

    #[test]
    fn a_variant_behind_the_number_may_be_another() {
        check("B650", "CARESCAPE B650 Plus", Some(Agreement::Family));
        check("Brilliance 64", "Brilliance 64 Big Bore", Some(Agreement::Family));
        check("Aespire 7900", "Aespire View 7900", Some(Agreement::Family));
        check("B650", "CARESCAPE B850", None);
    }

    #[test]
    fn one_number_in_other_words_may_be_one_product() {
        check("Alaris 8015 PC unit", "Alaris PCU 8015", Some(Agreement::Same));
        check("Alaris Point of Care 8015", "Alaris PC Unit 8015", Some(Agreement::Narrower));
        check("Spectrum Pump 35700BAX2", "Sigma Spectrum 35700BAX2", Some(Agreement::Numbered));
        check("Spectrum LVP 35700BAX2", "Spectrum IQ 35700BAX2", Some(Agreement::Numbered));
        check("Alaris 8015 PC unit", "Alaris PCU 8000", None);
        check("Pyxis MedStation 4000", "Pyxis Anesthesia Station 4000", None);
        check("PageWriter TC30 Cardiograph", "HeartStart TC30", None);
    }
}
