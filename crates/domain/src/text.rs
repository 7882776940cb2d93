//! The text of facts: names, versions, ids, digests, descriptions.
//!
//! Refuses to be changed in place: whoever composes a text does so in a [`String`].

use smol_str::StrExt;

/// A text as facts hold it. Up to 23 bytes stand in the fact itself, where most names and
/// versions have room; what is longer is shared by its copies. It takes 24 bytes, and no more
/// where it may be missing.
pub type Text = smol_str::SmolStr;

/// A text with its ASCII letters in lower case.
pub(crate) fn ascii_lowercase(text: &str) -> Text {
    text.to_ascii_lowercase_smolstr()
}

const _: () = assert!(size_of::<Option<Text>>() == 24);
