//! A list that mostly is empty: what few products are said to have.
//!
//! Refuses to take more than a pointer then: an advisory can name very many products.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// A list that takes eight bytes while it is empty, and that its copies share; read as a slice.
#[derive(PartialEq, Eq, Hash)]
pub struct Rare<T>(Option<Arc<Vec<T>>>);

/// How many are expected where there are any.
const USUAL: usize = 2;

impl<T: Clone> Rare<T> {
    /// Adds one more.
    pub fn push(&mut self, item: T) {
        let items = self.0.get_or_insert_with(|| Arc::new(Vec::with_capacity(USUAL)));
        Arc::make_mut(items).push(item);
    }

    /// Gives back the room to grow, where it is worth the while and nobody shares the list.
    pub fn shrink_to_fit(&mut self) {
        if let Some(items) = self.0.as_mut().and_then(Arc::get_mut)
            && items.capacity() - items.len() >= USUAL
        {
            items.shrink_to_fit();
        }
    }
}

impl<T> Clone for Rare<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Default for Rare<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Deref for Rare<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.0.as_ref().map_or(&[], |items| items)
    }
}

impl<'r, T> IntoIterator for &'r Rare<T> {
    type Item = &'r T;
    type IntoIter = std::slice::Iter<'r, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T> From<Vec<T>> for Rare<T> {
    fn from(items: Vec<T>) -> Self {
        Self((!items.is_empty()).then(|| Arc::new(items)))
    }
}

impl<T: Clone> Extend<T> for Rare<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        items.into_iter().for_each(|item| self.push(item));
    }
}

impl<T: fmt::Debug> fmt::Debug for Rare<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::Rare;

    #[test]
    fn what_is_put_in_is_read_in_the_same_order() {
        let mut list = Rare::from(vec![1]);
        list.push(2);
        list.extend([3, 4]);
        let copy = list.clone();
        list.push(5);
        assert_eq!((&*copy, &*list), (&[1, 2, 3, 4][..], &[1, 2, 3, 4, 5][..]));
        assert_eq!(Rare::<u8>::from(Vec::new()), Rare::default());
    }
}
