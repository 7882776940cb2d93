//! The words by which something is found, in small letters: each whole, and its parts between
//! points, dashes and the like.
//!
//! Refuses to know languages: a word is found by its beginning.

/// Longest word, in bytes; a longer one is found by its beginning.
const BYTES: usize = 64;

/// The words of a text.
pub(crate) fn of(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split_whitespace().flat_map(|word| whole(word).into_iter().chain(parts(word)))
}

/// A word as it stands, where that is another than its only part.
pub(crate) fn whole(word: &str) -> Option<String> {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    let has_parts = word.contains(|c: char| !c.is_alphanumeric());
    has_parts.then(|| fold(word))
}

/// The parts of a word.
pub(crate) fn parts(word: &str) -> impl Iterator<Item = String> + '_ {
    word.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).map(fold)
}

/// The first word after all that begin with this one.
pub(crate) fn end(beginning: &str) -> String {
    format!("{beginning}\u{10FFFF}")
}

/// A text in which parts of words are looked for: its words, each after a space.
pub(crate) fn line(texts: &[&str]) -> String {
    let mut line = String::new();
    for word in texts.iter().flat_map(|text| of(text)) {
        line.push(' ');
        line.push_str(&word);
    }
    line
}

/// A text by whose beginning something is found.
pub(crate) fn beginning(text: &str) -> String {
    fold(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The patterns, for `like`, of lines that have every word of a search.
pub(crate) fn patterns(search: &str) -> Vec<String> {
    let words = search.split_whitespace().take(8);
    let folded = words.map(|word| whole(word).unwrap_or_else(|| parts(word).collect()));
    folded.filter(|word| !word.is_empty()).map(|word| format!("% {}%", escape(&word))).collect()
}

/// Nothing of a search is a pattern of its own; `~` is the escape of those that are made here.
fn escape(word: &str) -> String {
    word.replace('~', "~~").replace('%', "~%").replace('_', "~_")
}

fn fold(word: &str) -> String {
    let mut word = word.to_lowercase();
    word.truncate(word.floor_char_boundary(BYTES));
    word
}
