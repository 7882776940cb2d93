//! A list that mostly holds one thing: a device's addresses.
//!
//! Refuses to take memory of its own for a single thing: an inventory has very many devices.

use std::fmt;
use std::ops::Deref;

/// None, one, or several; read as a slice.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Few<T>(Held<T>);

#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
enum Held<T> {
    #[default]
    None,
    One([T; 1]),
    /// At least two.
    Several(Box<Several<T>>),
}

#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Several<T>(Vec<T>);

impl<T> Few<T> {
    /// Adds one more.
    pub fn push(&mut self, item: T) {
        self.0 = match std::mem::take(&mut self.0) {
            Held::None => Held::One([item]),
            Held::One([first]) => Held::Several(Box::new(Several(vec![first, item]))),
            Held::Several(mut several) => {
                several.0.push(item);
                Held::Several(several)
            }
        };
    }
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self(Held::None)
    }
}

impl<T> Deref for Few<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match &self.0 {
            Held::None => &[],
            Held::One(one) => one,
            Held::Several(several) => &several.0,
        }
    }
}

impl<T> Extend<T> for Few<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        items.into_iter().for_each(|item| self.push(item));
    }
}

impl<T> FromIterator<T> for Few<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut few = Self::default();
        few.extend(items);
        few
    }
}

impl<T: fmt::Debug> fmt::Debug for Few<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::Few;

    #[test]
    fn a_few_are_read_in_the_order_in_which_they_came() {
        for count in 0..5_usize {
            let few: Few<usize> = (0..count).collect();
            assert_eq!(*few, (0..count).collect::<Vec<_>>()[..]);
        }
    }
}
