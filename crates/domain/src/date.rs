//! Calendar dates as documents write them.

pub use jiff::civil::Date;

/// Reads a date as SBOMs, feeds and inventories write it: `2027-06-30`, a full RFC 3339 time stamp,
/// `2027-06` (the last day of that month), `2027` (the last day of that year), `20270630`,
/// `2027/06/30`, `30.06.2027`, `30-Jun-2027`, `Jun 30, 2027`.
///
/// A numeric date with slashes and the year last (`06/07/2027`) is read only where one part is over
/// 12, for it is ambiguous otherwise; `None` then.
#[must_use]
pub fn read(text: &str) -> Option<Date> {
    let text = text.trim();
    if text.len() > 40 || !text.is_ascii() {
        return None;
    }
    let day_part = text.split(['T', ' ']).next().unwrap_or(text);
    iso(day_part).or_else(|| year_last(day_part)).or_else(|| with_month_name(text))
}

/// Reads a moment as statements write it, in seconds since 1970 (UTC): RFC 3339 in any time zone,
/// or a date, which is its first second. Without a time zone it is taken for UTC.
#[must_use]
pub fn moment(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(stamp) = text.parse::<jiff::Timestamp>() {
        return Some(stamp.as_second());
    }
    let local = text.parse::<jiff::civil::DateTime>().ok();
    let local = local.or_else(|| read(text).map(|date| date.at(0, 0, 0, 0)))?;
    jiff::tz::TimeZone::UTC.to_timestamp(local).ok().map(jiff::Timestamp::as_second)
}

fn iso(text: &str) -> Option<Date> {
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        return date(text.get(..4)?, text.get(4..6)?, text.get(6..)?);
    }
    let mut parts = text.split(['-', '/']);
    let year = parts.next().filter(|year| year.len() == 4)?;
    match (parts.next(), parts.next(), parts.next()) {
        (None, None, None) => date(year, "12", "31"),
        (Some(month), None, None) => Some(date(year, month, "1")?.last_of_month()),
        (Some(month), Some(day), None) => date(year, month, day),
        _ => None,
    }
}

fn year_last(text: &str) -> Option<Date> {
    let separator = text.chars().find(|c| matches!(c, '.' | '/' | '-'))?;
    let parts: Vec<&str> = text.split(separator).collect();
    let [first, second, year] = parts.as_slice() else { return None };
    if year.len() != 4 {
        return None;
    }
    let (a, b) = (first.parse::<u8>().ok()?, second.parse::<u8>());
    match b {
        Err(_) => date_of(year, month_number(second)?, a),
        Ok(b) if separator == '.' || a > 12 => date_of(year, b, a),
        Ok(b) if b > 12 => date_of(year, a, b),
        Ok(b) if a == b => date_of(year, a, b),
        Ok(_) => None,
    }
}

fn with_month_name(text: &str) -> Option<Date> {
    let words: Vec<&str> =
        text.split([' ', ',', '-']).filter(|word| !word.is_empty()).take(4).collect();
    let [first, second, year] = words.as_slice() else { return None };
    let (month, day) = match month_number(first) {
        Some(month) => (month, second),
        None => (month_number(second)?, first),
    };
    date_of(year, month, day.trim_end_matches(['s', 't', 'n', 'd', 'r', 'h']).parse().ok()?)
}

fn month_number(word: &str) -> Option<u8> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let start = word.get(..3)?.to_ascii_lowercase();
    let index = MONTHS.iter().position(|month| *month == start)?;
    u8::try_from(index + 1).ok()
}

fn date(year: &str, month: &str, day: &str) -> Option<Date> {
    date_of(year, month.parse().ok()?, day.parse().ok()?)
}

fn date_of(year: &str, month: u8, day: u8) -> Option<Date> {
    let year: i16 = year.parse().ok()?;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::{moment, read};

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(read(text).map(|date| date.to_string()).unwrap_or_default(), expected, "{text}");
    }

    #[test]
    fn the_forms_that_documents_use_are_read() {
        check("2027-06-30", "2027-06-30");
        check("2027-06-30T12:00:00Z", "2027-06-30");
        check("2027-02", "2027-02-28");
        check("2027", "2027-12-31");
        check("20270630", "2027-06-30");
        check("30.06.2027", "2027-06-30");
        check("30-Jun-2027", "2027-06-30");
        check("June 30, 2027", "2027-06-30");
        check("06/30/2027", "2027-06-30");
        check("30/06/2027", "2027-06-30");
    }

    #[test]
    fn one_moment_is_the_same_in_every_time_zone() {
        let noon = moment("2026-02-01T12:00:00Z");
        assert_eq!(noon, Some(1_769_947_200));
        assert_eq!(moment("2026-02-01T14:00:00+02:00"), noon);
        assert_eq!(moment("2026-02-01T12:00:00"), noon);
        assert_eq!(moment("2026-02-01"), noon.map(|noon| noon - 12 * 3600));
        assert_eq!(moment("yesterday"), None);
    }

    #[test]
    fn what_is_ambiguous_or_no_date_is_not_guessed() {
        check("06/07/2027", "");
        check("2027-13-01", "");
        check("unknown", "");
        check("", "");
        check("é", "");
    }
}
