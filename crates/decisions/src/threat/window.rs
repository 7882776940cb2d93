//! A sliding window of moments with what was seen at each.
//!
//! Refuses to grow: beyond its bound the oldest is forgotten.

use std::collections::VecDeque;

use domain::network::Moment;

/// The last things of some span of time.
#[derive(Debug)]
pub(super) struct Window<T> {
    held: VecDeque<(Moment, T)>,
    span: i64,
    most: usize,
}

impl<T> Window<T> {
    /// A window of `span` microseconds that holds at most `most` things.
    pub(super) fn new(span: i64, most: usize) -> Self {
        Self { held: VecDeque::new(), span, most }
    }

    /// Puts one in, and lets go what is too old for it.
    pub(super) fn put(&mut self, at: Moment, what: T) {
        while self.held.len() >= self.most
            || self.held.front().is_some_and(|(oldest, _)| at.since(*oldest) > self.span)
        {
            self.held.pop_front();
        }
        self.held.push_back((at, what));
    }

    /// What it takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.held.capacity() * size_of::<(Moment, T)>()
    }

    /// What is held, the oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.held.iter().map(|(_, what)| what)
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.held = VecDeque::new();
    }
}
