//! Days that advisories and inventories give in place of versions: "distributed before April 1,
//! 2018", `8/30/2024`, `30.11.2023`, `2018-05`.
//!
//! Refuses to guess whether `01/02/2020` is in January or February, unless a day beside it shows
//! in which order its writer puts them; and to take `2.5.2019` for a day, for makers number
//! versions so.

use std::cmp::Ordering;

/// A day, or a month whose day nobody says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Day {
    year: u32,
    month: u32,
    of_month: Option<u32>,
}

/// A day as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// It can be read in one way only.
    Day(Day),
    /// Two numbers up to twelve and a year: `8/12/2024`.
    Either(u32, u32, u32),
}

/// In which order a writer puts day and month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    MonthFirst,
    DayFirst,
}

/// Months by their English names.
pub(super) const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Words before a day that say what happened on it.
const HAPPENED: [&str; 11] = [
    "distributed",
    "manufactured",
    "released",
    "shipped",
    "produced",
    "made",
    "sold",
    "built",
    "installed",
    "delivered",
    "purchased",
];

/// Words between and behind those.
const JOINTS: [&str; 3] = ["and", "or", "on"];

/// A text without the words that say what happened on the day that it gives.
pub(super) fn bare(text: &str) -> &str {
    let mut text = text.trim();
    let mut happened = false;
    loop {
        let word = text.split_whitespace().next().unwrap_or_default();
        let is_one_of = |words: &[&str]| words.iter().any(|one| word.eq_ignore_ascii_case(one));
        let known = is_one_of(&HAPPENED) || happened && is_one_of(&JOINTS);
        happened |= known;
        match text.get(word.len()..) {
            Some(rest) if known && !rest.trim().is_empty() => text = rest.trim_start(),
            _ => return text,
        }
    }
}

/// The day that a text gives, and nothing beside it.
pub(super) fn read(text: &str) -> Option<Written> {
    let text = bare(text);
    let parts: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | '/' | '-' | '.'))
        .filter(|part| !part.is_empty())
        .collect();
    let number = |part: &str| part.parse::<u32>().ok().filter(|_| part.len() <= 4);
    let year = |part: &str| number(part).filter(|n| (1980..=2100).contains(n) && part.len() == 4);
    let day = |part: &str| {
        let bare = ["st", "nd", "rd", "th"].iter().find_map(|end| part.strip_suffix(end));
        number(bare.unwrap_or(part)).filter(|day| (1..=31).contains(day))
    };
    let known = |year, month, day| Some(Written::Day(Day { year, month, of_month: day }));
    match parts.as_slice() {
        [a, b] => match (month(a), year(b), year(a), number(b)) {
            (Some(month), Some(year), ..) => known(year, month, None),
            (None, _, Some(year), Some(month))
                if text.contains('-') && (1..=12).contains(&month) =>
            {
                known(year, month, None)
            }
            _ => None,
        },
        [a, b, c] => {
            if let (Some(month), Some(day), Some(year)) = (month(a), day(b), year(c)) {
                return known(year, month, Some(day));
            }
            if let (Some(day), Some(month), Some(year)) = (day(a), month(b), year(c)) {
                return known(year, month, Some(day));
            }
            // ISO 8601, section 5.2.2: year, month, day.
            if let (Some(year), Some(month), Some(day)) = (year(a), day(b), day(c)) {
                let fits = month <= 12 && !text.contains('.');
                return fits.then_some(Written::Day(Day { year, month, of_month: Some(day) }));
            }
            let (a, b, year) = (day(a)?, day(b)?, year(c)?);
            if !text.contains(['/', '.']) {
                return None;
            }
            match (a > 12, b > 12) {
                (true, true) => None,
                (true, false) => known(year, b, Some(a)),
                (false, true) => known(year, a, Some(b)),
                (false, false) if a == b => known(year, a, Some(b)),
                (false, false) => Some(Written::Either(a, b, year)),
            }
        }
        _ => None,
    }
}

/// The number of a month by its English name or at least three letters of it.
fn month(word: &str) -> Option<u32> {
    let word = word.to_ascii_lowercase();
    let fits = |name: &&str| word.len() >= 3 && name.starts_with(&word);
    let found = MONTHS.iter().enumerate().find(|(_, name)| fits(name))?;
    u32::try_from(found.0 + 1).ok()
}

/// How two texts that give days stand to each other; `None` where one gives none, or where a month
/// without a day leaves it open.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (first, second) = (read(a)?, read(b)?);
    let order = order(a, first).or_else(|| order(b, second));
    let (a, b) = (settled(first, order)?, settled(second, order)?);
    let months = (a.year, a.month).cmp(&(b.year, b.month));
    match (months, a.of_month, b.of_month) {
        (Ordering::Equal, Some(a), Some(b)) => Some(a.cmp(&b)),
        (Ordering::Equal, None, None) => Some(Ordering::Equal),
        (Ordering::Equal, ..) => None,
        (months, ..) => Some(months),
    }
}

/// Whether a text gives a day.
pub(super) fn is_day(text: &str) -> bool {
    match read(text) {
        Some(Written::Day(_)) => true,
        // With dots, what is not a day in one way only is a version.
        Some(Written::Either(..)) => text.contains('/'),
        None => false,
    }
}

/// The order that a day shows: `8/30/2024` has the month first, `30.11.2023` the day.
fn order(text: &str, written: Written) -> Option<Order> {
    let Written::Day(Day { of_month: Some(day), .. }) = written else { return None };
    let first = bare(text).split(['/', '.']).next().filter(|first| first.len() <= 2)?;
    let first: u32 = first.parse().ok()?;
    (day > 12).then_some(if first == day { Order::DayFirst } else { Order::MonthFirst })
}

fn settled(written: Written, order: Option<Order>) -> Option<Day> {
    match (written, order) {
        (Written::Day(day), _) => Some(day),
        (Written::Either(month, day, year), Some(Order::MonthFirst))
        | (Written::Either(day, month, year), Some(Order::DayFirst)) => {
            Some(Day { year, month, of_month: Some(day) })
        }
        (Written::Either(..), None) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering::{self, Equal, Greater, Less};

    use super::{compare, is_day};

    #[track_caller]
    fn check(a: &str, b: &str, expected: Option<Ordering>) {
        assert_eq!(compare(a, b), expected, "{a} / {b}");
        assert_eq!(compare(b, a), expected.map(Ordering::reverse), "{b} / {a}");
    }

    #[test]
    fn days_are_compared_as_written() {
        check("April 1, 2018", "2018-05", Some(Less));
        check("april 1 2018", "1 April 2018", Some(Equal));
        check("March 2018", "May 2018", Some(Less));
        check("May 2018", "2018-05-03", None);
        check(
            "manufactured and distributed 2018-05-03",
            "distributed April 1, 2018",
            Some(Greater),
        );
        check("29th November 2017", "november 29 2017", Some(Equal));
        check("26-June-2017", "07-August 2018", Some(Less));
    }

    #[test]
    fn one_day_shows_the_order_of_the_other() {
        check("8/30/2024", "8/12/2024", Some(Greater));
        check("30/8/2024", "12/8/2024", Some(Greater));
        check("9/12/2024", "8/12/2024", None);
        check("9/9/2024", "8/30/2024", Some(Greater));
        check("14.02.2024", "10.01.2024", Some(Greater));
        check("10.01.2024", "12.12.2023", None);
    }

    #[test]
    fn a_day_with_dots_is_one_where_it_can_be_no_other() {
        check("30.11.2023", "8/30/2024", Some(Less));
        check("2.5.2010", "2.5.2019", None);
        check("14.02.2024", "2.0", None);
        for (text, is) in [("30.11.2023", true), ("8.30.2024", true), ("2.5.2019", false)] {
            assert_eq!(is_day(text), is, "{text}");
        }
        assert!(!is_day("40.11.2023") && !is_day("13.13.2023") && !is_day("8.30.100"));
    }

    #[test]
    fn versions_are_no_days() {
        for version in ["1.2.2018", "2018.1", "3.64", "2018", "12-1-1", "", "B.02", "2024.3.1"] {
            assert!(!is_day(version), "{version}");
        }
    }
}
