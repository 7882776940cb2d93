//! What is possible of an answer that has an order: from the least to the most.
//!
//! Everything that the rank and CISA's tree do with an answer rises with it, so the two ends say
//! all that there is to say.

use std::fmt;

/// From `least` to `most`, both possible. A known answer is a span of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Span<T> {
    /// The best that it can be.
    pub least: T,
    /// The worst that it can be.
    pub most: T,
}

impl<T: Copy + Ord> Span<T> {
    /// A known answer.
    pub(super) fn at(answer: T) -> Self {
        Self { least: answer, most: answer }
    }

    /// From one answer to another.
    pub(super) fn new(least: T, most: T) -> Self {
        Self { least, most }
    }

    /// The smallest span that holds all of these; `None` where there are none.
    pub(super) fn over(answers: impl IntoIterator<Item = T>) -> Option<Self> {
        answers.into_iter().map(Self::at).reduce(|one, other| Self {
            least: one.least.min(other.least),
            most: one.most.max(other.most),
        })
    }

    /// Whether an answer is possible.
    pub(super) fn contains(self, answer: T) -> bool {
        self.least <= answer && answer <= self.most
    }

    /// The possible ones of all answers, in words: "none or active".
    pub(super) fn words(
        self,
        f: &mut fmt::Formatter<'_>,
        all: &[T],
        word: impl Fn(T) -> &'static str,
    ) -> fmt::Result {
        let mut possible = all.iter().filter(|answer| self.contains(**answer));
        f.write_str(possible.next().map_or("", |first| word(*first)))?;
        possible.try_for_each(|other| write!(f, " or {}", word(*other)))
    }
}
