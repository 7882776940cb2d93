//! Names that list several products: `FM20/FM30/FM40`, `MX400-MX850`, `Accent/Anthem`.
//!
//! Refuses to find a model between two others that are not numbered in one way.

use super::{Agreement, ProductName, remarks, words};

/// A span of model numbers with one prefix: `MX400-MX850`, `MX400-550`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    prefix: String,
    from: u32,
    to: u32,
}

impl Span {
    fn holds(&self, code: &str) -> bool {
        split_code(code).is_some_and(|(prefix, number)| {
            prefix == self.prefix && (self.from..=self.to).contains(&number)
        })
    }
}

/// The spans of model numbers in a name.
pub(super) fn spans(name: &str) -> Vec<Span> {
    let words = name.split(|c: char| c.is_whitespace() || matches!(c, '/' | ',' | '(' | ')'));
    words.filter_map(|word| span(&word.to_lowercase())).collect()
}

fn span(word: &str) -> Option<Span> {
    let (first, last) = word.split_once('-')?;
    let (prefix, from) = split_code(first)?;
    let (other, to) = split_code(last)?;
    // `5500-1` is a model with a suffix, and `S7-1500` one with a family before it: a span goes
    // upwards, and between numbers of one length where the second is bare.
    let digits = |code: &str, prefix: &str| code.len() - prefix.len();
    let bare = other.is_empty() && digits(first, prefix) == digits(last, other);
    let same = bare || !other.is_empty() && other == prefix;
    (same && from < to && last.len() >= 2).then(|| Span { prefix: prefix.to_owned(), from, to })
}

/// A name in which numbers behind a slash have the letters of the number before it, as they are
/// meant: `FC922/924` is `FC922/FC924`.
pub(super) fn spelled_out(name: &str) -> String {
    let mut whole = String::with_capacity(name.len());
    let mut letters = String::new();
    for (place, part) in name.split('/').enumerate() {
        let is_number = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let bare = part.split(char::is_whitespace).next().unwrap_or_default();
        let starts_bare = !bare.is_empty() && bare.bytes().all(|b| b.is_ascii_digit());
        if place > 0 {
            whole.push('/');
            if is_number || starts_bare {
                whole.push_str(&letters);
            }
        }
        whole.push_str(part);
        let last = part.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        let shaped = split_code(last).filter(|(prefix, _)| {
            (1..=4).contains(&prefix.len()) && prefix.bytes().all(|b| b.is_ascii_alphabetic())
        });
        if let Some((prefix, _)) = shaped {
            prefix.clone_into(&mut letters);
        } else if !is_number {
            letters.clear();
        }
    }
    whole
}

/// Starts of numbers in a name, in lower case: `BMXP34*`.
pub(super) fn starts(name: &str) -> Vec<String> {
    const LETTERS: usize = 4;
    let words = name.split(|c: char| !c.is_ascii_alphanumeric() && c != '*');
    words
        .filter_map(|word| word.strip_suffix('*'))
        .filter(|word| word.len() >= LETTERS && word.bytes().all(|b| b.is_ascii_alphanumeric()))
        .map(str::to_lowercase)
        .collect()
}

/// Letters, then a number that ends the word.
fn split_code(word: &str) -> Option<(&str, u32)> {
    let at = word.find(|c: char| c.is_ascii_digit())?;
    let (prefix, number) = word.split_at_checked(at)?;
    Some((prefix, number.parse().ok()?))
}

impl ProductName {
    /// Whether the device is one of the models that the advisory's name lists. Its number must be
    /// listed, and its words must be among the advisory's.
    pub(super) fn listed(&self, device: &Self) -> Option<Agreement> {
        let (own, theirs) = (&self.numbered, &device.numbered);
        let is_listed =
            |code: &String| own.contains(code) || self.spans.iter().any(|span| span.holds(code));
        // A short number says too little: there is a `Trio 2` in many a list.
        if !theirs.iter().any(|code| code.len() >= 3) || !theirs.iter().all(is_listed) {
            return None;
        }
        // A list is of numbers written in one way: the `10` of `840D Terminal HT 10` is another's.
        let alike =
            |code: &String| own.iter().filter(|other| shape(other) == shape(code)).count() > 1;
        let several = !self.spans.is_empty() || theirs.iter().all(alike);
        let says_little = |word: &String| words::is_purpose(word) || words::is_type(word, 2);
        let is_known = |word: &&String| self.telling.contains(*word) || says_little(word);
        let mut bare = device.telling.difference(theirs);
        if !several || !bare.all(|word| is_known(&word)) {
            return None;
        }
        Some(Agreement::Listed)
    }
}

/// How a number is written: letters, digits, or both in an order.
fn shape(code: &str) -> Vec<bool> {
    let mut shape: Vec<bool> = code.chars().map(|c| c.is_ascii_digit()).collect();
    shape.dedup();
    shape
}

/// The names that a list of single words within a name stands for: `Metasys ADS/ADX Servers` is
/// `Metasys ADS Servers` and `Metasys ADX Servers`. Not what is one thing: `PET/CT`.
#[must_use]
pub fn listed_words(name: &str) -> Vec<String> {
    let is_listed = |word: &&str| {
        let mut parts = word.split('/');
        word.contains('/')
            && parts.all(|part| {
                part.chars().count() > 1
                    && part.chars().all(|c| c.is_alphanumeric() || c == '-')
                    && !words::is_type(&part.to_lowercase(), 2)
            })
    };
    let Some(list) = name.split_whitespace().find(is_listed) else { return Vec::new() };
    list.split('/').map(|one| name.replacen(list, one, 1)).collect()
}

/// The names of several products in one, where it is one: parted by slashes, commas, "and". Short
/// ones are left out: the `CT` of a `PET/CT` is no product.
#[must_use]
pub fn several(name: &str) -> Vec<&str> {
    let parts: Vec<&str> = remarks::before_exclusion(name)
        .split(['/', ',', ';'])
        .flat_map(|part| part.split(" and "))
        .map(str::trim)
        .filter(|part| part.chars().filter(|c| c.is_alphanumeric()).count() >= 4)
        .collect();
    if parts.len() > 1 { parts } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::super::{Agreement, ProductName};
    use super::several;

    #[track_caller]
    fn check(advisory: &str, device: &str, expected: Option<Agreement>) {
        let name = |name| ProductName::new(name, Some("Philips"));
        assert_eq!(name(advisory).agrees_with(&name(device)), expected, "{advisory} / {device}");
    }

    #[test]
    fn a_model_of_a_list_is_meant() {
        let listed = Some(Agreement::Listed);
        check("Avalon Fetal/Maternal Monitors FM20/FM30/FM40/FM50", "Avalon FM30", listed);
        check("PageWriter TC10 TC20 TC30 TC50 TC70 Cardiographs", "PageWriter TC30", listed);
        check("IntelliVue patient monitor MX400-MX850", "IntelliVue MX700", listed);
        check("IntelliVue Patient Monitors MX (MX400-550)", "IntelliVue MX500", listed);
        check("Cerberus Compact Panel FC922/924", "Cerberus Panel FC924", listed);
        check("IntelliVue Patient Monitors MX400-550", "IntelliVue MX500", listed);
    }

    #[test]
    fn numbers_may_be_given_by_their_start() {
        let described = Some(Agreement::Same);
        check("Modicon M340 CPU (part numbers BMXP34*)", "Modicon M340 CPU BMXP342020", described);
        check(
            "Modicon M340 CPU (part numbers BMXP34*)",
            "Modicon M340 CPU BMEP584040",
            Some(Agreement::Family),
        );
    }

    #[test]
    fn a_model_beside_a_list_is_not() {
        check("Avalon Fetal/Maternal Monitors FM20/FM30/FM40/FM50", "Avalon FM60", None);
        check("IntelliVue patient monitor MX400-MX850", "IntelliVue MX100", None);
        check("IntelliVue patient monitor MX400-MX850", "IntelliVue MP700", None);
        check("SIMATIC S7-1500 CPU", "SIMATIC S210", None);
        check("SINUMERIK 840D sl Terminal HT 10", "SINUMERIK 840D sl", Some(Agreement::Narrower));
        check("PageWriter TC10 TC20 TC30 TC50 TC70 Cardiographs", "HeartStart TC30", None);
    }

    #[test]
    fn words_are_listed_within_a_name() {
        assert_eq!(
            super::listed_words("Metasys ADS/ADX Servers"),
            ["Metasys ADS Servers", "Metasys ADX Servers"]
        );
        assert!(super::listed_words("Gemini PET/CT Family").is_empty());
        assert!(super::listed_words("Alaris PCU").is_empty());
    }

    #[test]
    fn several_names_are_parted() {
        assert_eq!(several("Assurity/Allure"), ["Assurity", "Allure"]);
        assert_eq!(
            several("Coronary Tools/Stentboost Live"),
            ["Coronary Tools", "Stentboost Live"]
        );
        assert!(several("Gemini PET/CT").len() < 2);
        assert!(several("Alaris PCU").is_empty());
    }
}
