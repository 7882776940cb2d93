//! What a product's name says beside the name: in brackets, what it leaves out, and what it must
//! run on.
//!
//! Refuses to drop a remark that may set a condition: it is kept in its own words.

use super::lists;
use super::short::{self, Short};
use super::words::{alike, words};

/// A product's name, taken apart.
#[derive(Debug, Default)]
pub(super) struct Remarks {
    /// The name without them; lists of models that stood in brackets stay.
    pub(super) bare: String,
    /// Words in brackets that repeat the name or number it: they may be missing.
    pub(super) also: Vec<String>,
    /// A condition: `WLAN only`.
    pub(super) condition: Option<String>,
    /// The short form that it gives.
    pub(super) short: Option<Short>,
    /// Products that are left out: `not including LOGIQ 100 Pro`.
    pub(super) without: Vec<String>,
    /// The system that it must run on: `Windows XP`.
    pub(super) system: Option<String>,
}

/// Words before what a name leaves out.
const WITHOUT: [&str; 7] = [
    "not including ",
    "excluding ",
    "except for ",
    "except ",
    "with the exception of ",
    "other than ",
    "but not ",
];

/// Words before a number in brackets that say which number it is.
const NUMBERED: [&str; 20] = [
    "part",
    "number",
    "numbers",
    "no",
    "model",
    "models",
    "ref",
    "p",
    "n",
    "pn",
    "order",
    "article",
    "catalog",
    "catalogue",
    "sku",
    "product",
    "code",
    "integrated",
    "as",
    "type",
];

/// Remarks that set no condition.
const HARMLESS: [&str; 13] = [
    "all models",
    "all versions",
    "all variants",
    "and variants",
    "end-of-life",
    "end of life",
    "eol",
    "end-of-support",
    "discontinued",
    "formerly",
    "previously",
    "also known as",
    "aka",
];

impl Remarks {
    pub(super) fn of(name: &str) -> Self {
        let mut found = Self::default();
        let name = without_bits(name);
        let name = found.take_without(&name);
        let name = found.take_system(&name);
        found.take_brackets(&name);
        found.bare = lists::spelled_out(&found.bare);
        found
    }

    /// What stands behind "not including", up to the end of the name or of the brackets.
    fn take_without(&mut self, name: &str) -> String {
        let lower = name.to_ascii_lowercase();
        let found = WITHOUT.iter().find_map(|mark| {
            let at = lower.find(mark)?;
            let starts = lower.get(..at)?.chars().next_back();
            starts.is_some_and(|c| !c.is_alphanumeric()).then_some((at, mark.len()))
        });
        let Some((at, length)) = found else { return name.to_owned() };
        let (before, rest) = (name.get(..at), name.get(at + length..));
        let rest = rest.unwrap_or_default().trim_end_matches(')');
        let each = rest.split([',', ';']).flat_map(|part| part.split(" and "));
        self.without.extend(each.map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned));
        before.unwrap_or_default().trim_end_matches([' ', ',', '(', '-']).to_owned()
    }

    /// `used with Windows XP systems`, `Windows 7-Based`.
    fn take_system(&mut self, name: &str) -> String {
        let lower = name.to_ascii_lowercase();
        let at = ["windows", "win "].iter().find_map(|mark| {
            lower.match_indices(mark).map(|(at, _)| at).find(|at| {
                !lower.get(..*at).unwrap_or_default().ends_with(|c: char| c.is_alphanumeric())
            })
        });
        let before = at.and_then(|at| name.get(..at));
        let Some(before) = before.filter(|before| !before.trim().is_empty()) else {
            return name.to_owned();
        };
        let rest = name.get(before.len()..).unwrap_or_default();
        let end = rest.find([',', ')', '/']).unwrap_or(rest.len());
        let (system, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let mut lead: Vec<&str> = before.split_whitespace().collect();
        let is_lead = |word: &str| {
            let word = word.trim_start_matches('(').to_ascii_lowercase();
            ["used", "with", "running", "run", "on", "based", "for", "under"]
                .contains(&word.as_str())
        };
        let leads = lead.iter().rev().take_while(|word| is_lead(word)).count();
        let is_based = words(system).iter().any(|word| word == "based");
        let is_aside = before.trim_end().ends_with([',', '(', ';']);
        if leads == 0 && !is_based && !is_aside {
            return name.to_owned();
        }
        lead.truncate(lead.len() - leads);
        let kept: Vec<String> = alike(system)
            .into_iter()
            .filter(|word| !["based", "systems", "system", "operating", "os"].contains(&&**word))
            .collect();
        self.system = Some(kept.join(" "));
        let after = after.trim_start_matches([',', ')']);
        let lead = lead.join(" ");
        format!("{} {}", lead.trim_end_matches([',', '(', ';']), after).trim().to_owned()
    }

    fn take_brackets(&mut self, name: &str) {
        let mut rest = name;
        while let Some((before, after)) = rest.split_once('(') {
            let (inside, following) = after.split_once(')').unwrap_or((after, ""));
            self.bare.push_str(before);
            self.bare.push(' ');
            self.take_bracket(inside.trim());
            rest = following;
        }
        self.bare.push_str(rest);
    }

    fn take_bracket(&mut self, inside: &str) {
        let lower = inside.to_lowercase();
        let widens = ["incl", "and all"].iter().any(|mark| lower.starts_with(mark))
            && lower.contains("variant");
        let is_harmless = widens || HARMLESS.iter().any(|mark| lower.starts_with(mark));
        if inside.is_empty() || is_harmless {
            return;
        }
        if let Some(list) = listed(inside) {
            self.bare.push_str(list);
            self.bare.push(' ');
            return;
        }
        let in_words = words(inside);
        let is_numbered = |word: &String| word.bytes().any(|b| b.is_ascii_digit());
        let one_word = !inside.contains(char::is_whitespace);
        let codes =
            in_words.iter().all(|word| is_numbered(word) || NUMBERED.contains(&word.as_str()));
        let repeats = abbreviates(inside, &self.bare);
        if one_word && repeats && !in_words.iter().any(is_numbered) {
            let short = || Short::of(inside, &self.bare);
            self.short = self.short.take().or_else(short);
        }
        if codes && in_words.iter().any(is_numbered) || one_word && is_numbered_word(inside) {
            let codes = in_words.iter().filter(|word| !NUMBERED.contains(&word.as_str()));
            self.also.extend(codes.cloned());
            self.also.push(in_words.concat());
        } else if repeats && in_words.len() <= 3 {
            self.also.extend(alike(inside));
        } else {
            self.also.extend(alike(inside));
            self.condition = self.condition.take().or_else(|| Some(inside.to_owned()));
        }
    }
}

fn is_numbered_word(inside: &str) -> bool {
    inside.bytes().any(|b| b.is_ascii_digit())
}

/// A name without the width of the processor that it was built for.
fn without_bits(name: &str) -> String {
    const BITS: [&str; 8] =
        ["64-bit", "32-bit", "64bit", "32bit", "64 bit", "32 bit", "(x64)", "(x86)"];
    let lower = name.to_ascii_lowercase();
    let found = BITS.iter().find_map(|mark| Some((lower.find(mark)?, mark.len())));
    found.map_or_else(
        || name.to_owned(),
        |(at, length)| {
            let (before, after) = (name.get(..at), name.get(at + length..));
            format!("{} {}", before.unwrap_or_default(), after.unwrap_or_default())
        },
    )
}

/// A name before what it leaves out.
pub(super) fn before_exclusion(name: &str) -> &str {
    let lower = name.to_ascii_lowercase();
    let at = WITHOUT.iter().filter_map(|mark| lower.find(mark)).min();
    at.and_then(|at| name.get(..at)).unwrap_or(name)
}

/// A list of models in brackets: `(MX400-550)`, `(including MP2/X2/MP30)`, `(FM20, FM30)`.
fn listed(inside: &str) -> Option<&str> {
    let lower = inside.to_ascii_lowercase();
    let mark = ["including", "incl.", "models", "includes"];
    let start = mark.iter().find(|mark| lower.starts_with(**mark)).map_or(0, |mark| mark.len());
    let list = inside.get(start..)?.trim_start_matches([' ', ':']);
    let parts = || list.split(['/', ',', ' ', ';']).filter(|part| !part.is_empty());
    let is_code = |part: &str| part == "and" || is_numbered_word(part) && part.len() <= 12;
    let all = parts().all(is_code);
    let several = parts().count() > 1 || !lists::spans(list).is_empty();
    (all && several).then_some(list)
}

/// Whether letters stand in a name in this order, the first of them at the start of a word.
fn abbreviates(letters: &str, name: &str) -> bool {
    let name = words(name);
    let first = letters.chars().flat_map(char::to_lowercase).next();
    let starts = name.iter().any(|word| word.chars().next() == first);
    let mut all = name.iter().flat_map(|word| word.chars());
    let mut letters = letters.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase);
    starts && letters.all(|letter| all.any(|c| c == letter))
}

/// The short form's letters are a word that may be missing, too.
pub(super) fn letters(short: Option<&Short>) -> Option<String> {
    short.map(short::Short::letters).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::Remarks;

    #[test]
    fn what_a_name_leaves_out_is_no_part_of_it() {
        let found = Remarks::of("Venue, not including Venue 40 R1-3 and Venue 50 R4-5");
        assert_eq!(found.bare, "Venue");
        assert_eq!(found.without, ["Venue 40 R1-3", "Venue 50 R4-5"]);
        let found = Remarks::of("Monitor (except M3)");
        assert_eq!((found.bare.as_str(), found.without.len()), ("Monitor", 1));
    }

    #[test]
    fn a_system_that_it_runs_on_is_a_condition() {
        let system = |name| {
            let found = Remarks::of(name);
            (found.bare.trim().to_owned(), found.system)
        };
        let xp = Some("windows xp".to_owned());
        assert_eq!(
            system("PET/CT Systems Windows XP-Based"),
            ("PET/CT Systems".into(), xp.clone())
        );
        assert_eq!(
            system("Upgrade Utility used with Windows XP systems"),
            ("Upgrade Utility".into(), xp)
        );
        assert_eq!(system("Windows 10"), ("Windows 10".into(), None));
        assert_eq!(system("Tool Windows Client"), ("Tool Windows Client".into(), None));
    }

    #[test]
    fn brackets_repeat_number_list_or_set_a_condition() {
        let found = Remarks::of("SpaceStation (part number 8713140U) with SpaceCom");
        assert!(found.also.contains(&"8713140u".to_owned()) && found.condition.is_none());
        let found = Remarks::of("Monitors MX (MX400-550)");
        assert_eq!(found.bare.split_whitespace().last(), Some("MX400-550"));
        let found = Remarks::of("MP Series (includingMP2/X2/MX700/800)");
        assert_eq!(found.bare.split_whitespace().last(), Some("MP2/X2/MX700/MX800"));
        let found = Remarks::of("Database (DB) Manager");
        assert_eq!(
            (found.condition, found.also.first().map(String::as_str)),
            (None, Some("database"))
        );
        assert_eq!(Remarks::of("MX40 (WLAN only)").condition.as_deref(), Some("WLAN only"));
        assert_eq!(Remarks::of("Scale (discontinued)").condition, None);
    }
}
