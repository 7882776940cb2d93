//! A value between two bounds.

use std::fmt;

/// A range within 0 to 1; equal bounds are a known value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    low: f64,
    high: f64,
}

impl Interval {
    /// A known value.
    ///
    /// # Panics
    /// When it lies outside 0 to 1.
    #[must_use]
    pub fn known(value: f64) -> Self {
        Self::between(value, value)
    }

    /// A range.
    ///
    /// # Panics
    /// When its bounds lie outside 0 to 1 or in the wrong order.
    #[must_use]
    pub fn between(low: f64, high: f64) -> Self {
        assert!((0.0..=1.0).contains(&low) && (low..=1.0).contains(&high), "{low} to {high}");
        Self { low, high }
    }

    /// The range that holds every value given.
    ///
    /// # Panics
    /// When none is given.
    #[must_use]
    pub fn over(values: impl IntoIterator<Item = f64>) -> Self {
        let hull = values.into_iter().fold(None, |hull: Option<(f64, f64)>, value| match hull {
            None => Some((value, value)),
            Some((low, high)) => Some((low.min(value), high.max(value))),
        });
        let (low, high) = hull.expect("invariant: a table has at least one value");
        Self::between(low, high)
    }

    /// Lower bound.
    #[must_use]
    pub fn low(self) -> f64 {
        self.low
    }

    /// Upper bound.
    #[must_use]
    pub fn high(self) -> f64 {
        self.high
    }

    /// The product: bounds by bounds, for nothing here is negative.
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        Self { low: self.low * other.low, high: self.high * other.high }
    }

    /// The same upper bound, and nothing as the lower one.
    #[must_use]
    pub fn from_nothing(self) -> Self {
        Self { low: 0.0, high: self.high }
    }

    /// By what devices are ordered: the middle, and of two equal ones the higher upper bound.
    #[must_use]
    pub fn rank(self) -> (f64, f64) {
        (f64::midpoint(self.low, self.high), self.high)
    }

    /// In whole hundredths, as risk is shown.
    #[must_use]
    pub fn percent(self) -> String {
        let (low, high) = ((self.low * 100.0).round(), (self.high * 100.0).round());
        if (low - high).abs() < 0.5 {
            format!("{high:.0}")
        } else {
            format!("{low:.0} to {high:.0}")
        }
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if (self.low - self.high).abs() < 0.005 {
            write!(f, "{:.2}", self.high)
        } else {
            write!(f, "[{:.2} to {:.2}]", self.low, self.high)
        }
    }
}
