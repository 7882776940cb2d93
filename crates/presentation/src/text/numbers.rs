//! Numbers and moments as they are written in a language.
//!
//! Refuses machines: what they read is written elsewhere, and the same in every language.

use jiff::ZonedDateTime;

use super::Text;
use crate::console::words::Given;

impl Text {
    /// A count, its thousands apart.
    pub(crate) fn number(self, count: impl Given<i64>) -> String {
        let count = count.given();
        let digits = count.unsigned_abs().to_string();
        let mut text = String::with_capacity(2 * digits.len());
        if count < 0 {
            text.push('-');
        }
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                text.push_str(self.number_thousands());
            }
            text.push(digit);
        }
        text
    }

    /// A number with so many digits behind its point.
    pub(crate) fn decimal(self, number: f64, digits: usize) -> String {
        format!("{number:.digits$}").replace('.', self.number_decimal())
    }

    /// A moment to the minute.
    pub(crate) fn to_minute(self, at: &ZonedDateTime) -> String {
        let clock = at.strftime("%H:%M").to_string();
        let (day, year) = (at.day().to_string(), at.year().to_string());
        self.time_to_minute(clock, day, self.time_month(at.month()).plain(), year).plain()
    }

    /// A moment of these days, to the second.
    pub(crate) fn to_second(self, at: &ZonedDateTime) -> String {
        let clock = at.strftime("%H:%M:%S").to_string();
        let day = at.day().to_string();
        self.time_to_second(clock, day, self.time_month(at.month()).plain()).plain()
    }
}
