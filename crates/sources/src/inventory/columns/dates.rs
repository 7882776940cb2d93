//! Dates whose day and month can only be told apart by their neighbours: `06/07/2027`.
//!
//! Refuses to guess from a country: where no other date of the table shows the order, a date is
//! not read.

use domain::date::Date;

/// Which orders of day and month were seen in a table.
#[derive(Debug, Clone, Copy, Default)]
pub struct Orders {
    day_first: bool,
    month_first: bool,
}

/// What a table makes of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// It is a date.
    Date(Date),
    /// It is one, once it is known which number is the day.
    Ambiguous,
    /// It is none.
    Not,
}

impl Orders {
    /// Reads a date and remembers what it shows of the order.
    pub fn read(&mut self, text: &str) -> Read {
        let numbers = numbers(text);
        if let Some((first, second, _)) = numbers {
            self.day_first |= first > 12 && second <= 12;
            self.month_first |= second > 12 && first <= 12;
        }
        match (domain::date::read(text), numbers) {
            (Some(date), _) => Read::Date(date),
            (None, Some((1..=12, 1..=12, _))) => Read::Ambiguous,
            (None, _) => Read::Not,
        }
    }

    /// Reads an ambiguous date by the order of the others; `None` where they show none, or both.
    #[must_use]
    pub fn resolve(self, text: &str) -> Option<Date> {
        let (first, second, year) = numbers(text)?;
        let (month, day) = match (self.day_first, self.month_first) {
            (true, false) => (second, first),
            (false, true) => (first, second),
            _ => return None,
        };
        Date::new(year, month, day).ok()
    }
}

/// The numbers of `6/7/2027` or `06-07-2027`, with or without a time after them.
fn numbers(text: &str) -> Option<(i8, i8, i16)> {
    let day_part = text.split_whitespace().next()?;
    let separator = day_part.chars().find(|c| matches!(c, '/' | '-'))?;
    let mut parts = day_part.split(separator);
    let (first, second, year) = (parts.next()?, parts.next()?, parts.next()?);
    let whole = parts.next().is_none() && year.len() == 4;
    whole.then_some((first.parse().ok()?, second.parse().ok()?, year.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{Orders, Read};

    #[track_caller]
    fn check(neighbours: &[&str], expected: &str) {
        let mut orders = Orders::default();
        assert_eq!(orders.read("06/07/2027"), Read::Ambiguous);
        for neighbour in neighbours {
            orders.read(neighbour);
        }
        let date = orders.resolve("06/07/2027").map(|date| date.to_string());
        assert_eq!(date.unwrap_or_default(), expected);
    }

    #[test]
    fn neighbours_show_the_order_of_day_and_month() {
        check(&["12/31/2027"], "2027-06-07");
        check(&["31/12/2027", "never"], "2027-07-06");
    }

    #[test]
    fn without_one_order_nothing_is_guessed() {
        check(&[], "");
        check(&["12/31/2027", "31/12/2027"], "");
        check(&["2027-01-31"], "");
    }
}
