//! The text of facts: names, versions, ids, digests, descriptions.
//!
//! Refuses to be changed in place: whoever composes a text does so in a [`String`].

use std::borrow::Borrow;
use std::collections::HashSet;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use smol_str::StrExt;

use crate::bounded::SHARED_TEXTS;

/// A text as facts hold it. Up to 23 bytes stand in the fact itself, where most names and
/// versions have room; what is longer is shared by its copies. It takes 24 bytes, and no more
/// where it may be missing.
pub type Text = smol_str::SmolStr;

/// A text with its ASCII letters in lower case.
pub(crate) fn ascii_lowercase(text: &str) -> Text {
    text.to_ascii_lowercase_smolstr()
}

const _: () = assert!(size_of::<Option<Text>>() == 24);

/// A text that many facts have in common, such as the name of a maker or a ward. It takes eight
/// bytes, also where it may be missing, and its copies share the rest.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Shared(Arc<Text>);

const _: () = assert!(size_of::<Option<Shared>>() == 8);

impl Shared {
    /// The text itself.
    #[must_use]
    pub fn as_text(&self) -> &Text {
        &self.0
    }
}

impl Deref for Shared {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Shared {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for Shared {
    fn eq(&self, other: &str) -> bool {
        **self == *other
    }
}

impl From<Text> for Shared {
    fn from(text: Text) -> Self {
        Self(Arc::new(text))
    }
}

impl From<&str> for Shared {
    fn from(text: &str) -> Self {
        Text::from(text).into()
    }
}

impl From<String> for Shared {
    fn from(text: String) -> Self {
        Text::from(text).into()
    }
}

impl fmt::Display for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// The texts of one document that its facts share, each kept once. Beyond [`SHARED_TEXTS`] a new
/// one is no longer noted: so many different ones are hardly shared.
#[derive(Debug, Default)]
pub struct SharedTexts {
    /// All of them while they are few, as in small documents.
    first: Vec<Shared>,
    /// All of them once there are more.
    by_hash: HashSet<Shared>,
}

/// Texts that are found faster one by one than by their hash.
const FIRST_TEXTS: usize = 8;

impl SharedTexts {
    /// The text, shared with those who asked for the same one before.
    pub fn share(&mut self, text: &str) -> Shared {
        let are_few = self.by_hash.is_empty();
        let known = if are_few {
            self.first.iter().find(|known| ***known == *text)
        } else {
            self.by_hash.get(text)
        };
        if let Some(known) = known {
            return known.clone();
        }
        let new = Shared::from(text);
        if are_few {
            self.first.push(new.clone());
            if self.first.len() > FIRST_TEXTS {
                self.by_hash.extend(self.first.drain(..));
            }
        } else if self.by_hash.len() < SHARED_TEXTS {
            self.by_hash.insert(new.clone());
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::SharedTexts;

    #[test]
    fn the_same_text_is_kept_once() {
        let mut texts = SharedTexts::default();
        for number in 0..20 {
            let ward = format!("Ward {number}");
            let (first, again) = (texts.share(&ward), texts.share(&ward));
            assert!(Arc::ptr_eq(&first.0, &again.0));
            assert_eq!(*again, *ward);
        }
    }
}
