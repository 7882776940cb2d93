//! A range of numbers from 0 to 1: what is known of a chance, a weight or a risk.
//!
//! Refuses to hold anything outside 0 to 1, a low end above its high end, or a number that is
//! none: what comes in is brought into bounds.

use std::cmp::Ordering;
use std::fmt;

/// From `low` to `high`, both within 0 to 1. A known value is a range of one point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    low: f64,
    high: f64,
}

impl Interval {
    /// Nothing is known.
    pub const FULL: Self = Self { low: 0.0, high: 1.0 };
    /// Certainly nothing.
    pub const ZERO: Self = Self { low: 0.0, high: 0.0 };

    /// The range between two values, whichever is the greater.
    #[must_use]
    pub const fn new(one: f64, other: f64) -> Self {
        let (one, other) = (bounded(one), bounded(other));
        if one <= other { Self { low: one, high: other } } else { Self { low: other, high: one } }
    }

    /// A known value.
    #[must_use]
    pub const fn at(value: f64) -> Self {
        Self::new(value, value)
    }

    /// The least that it can be.
    #[must_use]
    pub const fn low(self) -> f64 {
        self.low
    }

    /// The most that it can be.
    #[must_use]
    pub const fn high(self) -> f64 {
        self.high
    }

    /// Half way between.
    #[must_use]
    pub const fn middle(self) -> f64 {
        f64::midpoint(self.low, self.high)
    }

    /// Whether it is one value.
    #[must_use]
    pub fn is_known(self) -> bool {
        self.high - self.low < 1e-9
    }

    /// The smallest range that holds both.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    /// The product of two independent factors.
    #[must_use]
    pub const fn times(self, other: Self) -> Self {
        Self { low: self.low * other.low, high: self.high * other.high }
    }

    /// The greater of the two, end by end.
    #[must_use]
    pub const fn greater(self, other: Self) -> Self {
        Self { low: self.low.max(other.low), high: self.high.max(other.high) }
    }

    /// Whether it lies inside another range, apart from the last digits of a binary fraction.
    #[must_use]
    pub fn is_within(self, other: Self) -> bool {
        self.low >= other.low - 1e-12 && self.high <= other.high + 1e-12
    }

    /// By the high end, then the middle: what is unknown never makes a thing sink. Equal up to
    /// the last digits of a binary fraction is equal.
    #[must_use]
    pub fn order(self, other: Self) -> Ordering {
        let place = |range: Self| [range.high, range.middle()].map(|end| (end * 1e9).round());
        let ([high, middle], [other_high, other_middle]) = (place(self), place(other));
        high.total_cmp(&other_high).then(middle.total_cmp(&other_middle))
    }

    /// As 0 to 100: `72`, or `43 to 90` where it is a range.
    #[must_use]
    pub fn of_hundred(self) -> String {
        let (low, high) = (format!("{:.0}", 100.0 * self.low), format!("{:.0}", 100.0 * self.high));
        if low == high { high } else { format!("{low} to {high}") }
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_known() {
            write!(f, "{:.2}", self.high)
        } else {
            write!(f, "{:.2} to {:.2}", self.low, self.high)
        }
    }
}

/// A value within 0 to 1. What is no number is taken for the most, which hides nothing.
const fn bounded(value: f64) -> f64 {
    if value.is_nan() { 1.0 } else { value.clamp(0.0, 1.0) }
}

#[cfg(test)]
mod tests {
    use super::Interval;

    #[test]
    fn a_range_is_kept_within_its_bounds_and_the_right_way_round() {
        assert_eq!(Interval::new(0.7, -3.0), Interval::new(0.0, 0.7));
        assert_eq!(Interval::at(7.0), Interval::at(1.0));
        assert_eq!(Interval::at(f64::NAN), Interval::at(1.0));
    }

    #[test]
    fn a_range_is_shown_as_one_number_where_it_is_one() {
        assert_eq!(Interval::at(0.5).to_string(), "0.50");
        assert_eq!(Interval::new(0.1, 0.25).to_string(), "0.10 to 0.25");
        assert_eq!(Interval::new(0.101, 0.25).of_hundred(), "10 to 25");
        assert_eq!(Interval::new(0.4301, 0.4302).of_hundred(), "43");
    }

    #[test]
    fn the_high_end_orders_first_and_the_middle_next() {
        let [wide, narrow, low] =
            [Interval::new(0.1, 0.9), Interval::new(0.8, 0.9), Interval::at(0.85)];
        assert!(narrow.order(wide).is_gt());
        assert!(wide.order(low).is_gt());
        assert!(Interval::at(0.3).order(Interval::at(0.1 + 0.2)).is_eq());
    }
}
