//! Places of facts, spelt out as seldom as can be.

use std::cell::RefCell;

use domain::location::ListPath;

/// The path that was spelt last. Most facts of a document are elements of a few lists, and come
/// list by list.
#[derive(Debug, Default)]
pub(crate) struct LastPath(RefCell<ListPath>);

impl LastPath {
    /// A path: the last one, where that is the same, else spelt anew.
    pub(crate) fn shared<P: Into<Box<str>>>(
        &self,
        is_same: impl FnOnce(&str) -> bool,
        spell: impl FnOnce() -> P,
    ) -> ListPath {
        let mut last = self.0.borrow_mut();
        if !is_same(last.as_str()) {
            *last = ListPath::new(spell());
        }
        last.clone()
    }
}
