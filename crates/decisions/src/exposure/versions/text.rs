//! Versions that stand in words, held against what bears one.
//!
//! Refuses to take words that nobody can read for either answer.

use super::super::{names, phrase};
use super::{Bearer, Place, place};
use crate::reason::Rule;

pub(super) fn place_text(text: &str, bearer: Bearer<'_>) -> Place {
    if names_commits(text) {
        let words = format!("`{text}` names commits, which no version tells");
        return Place::Unknown(Rule::VersionNotNamed, words);
    }
    let is_bare = !text.contains(['<', '>', '=', '!']);
    let is_own = |version: &str| is_bare && names::words(version) == names::words(text);
    if bearer.version().is_some_and(is_own) {
        return Place::Inside(text.to_owned());
    }
    if let Some(placed) = place_by_system(text, bearer) {
        return placed;
    }
    let Ok(phrase) = phrase::read(text) else {
        return Place::Unknown(Rule::VersionTextUnread, format!("`{text}` can't be read"));
    };
    let names_it = |name: &String| {
        bearer.is_model(name)
            || bearer.version().is_some_and(|version| names::words(version) == names::words(name))
    };
    let mut found = (!phrase.versions.is_empty()).then(|| place(&phrase.versions, bearer));
    if phrase.names.iter().any(names_it) {
        found = Some(Place::Named(text.to_owned()));
    } else if !phrase.names.is_empty() && !found.as_ref().is_some_and(Place::holds) {
        let words = format!("`{text}` may name a version, a model or an option");
        found = Some(Place::Unknown(Rule::VersionTextUnread, words));
    }
    // An alternative in brackets that names models speaks of those only.
    let is_meant = |unread: &String| {
        let words = names::words(unread);
        let is_code = |word: &&String| word.len() > 1 && word.bytes().any(|b| b.is_ascii_digit());
        let mut codes = words.iter().filter(is_code).peekable();
        !unread.starts_with('(')
            || codes.peek().is_none()
            || codes.any(|code| bearer.is_model(code))
    };
    let decided = found.as_ref().is_some_and(Place::holds);
    if let Some(unread) = phrase.unread.filter(|unread| !decided && is_meant(unread)) {
        let words = format!("`{unread}` can't be read");
        found = Some(Place::Unknown(Rule::VersionTextUnread, words));
    }
    let is_named = |product: &String| {
        let model = names::words(bearer.model);
        names::words(product).iter().any(|word| model.contains(word))
    };
    if let Some(product) = phrase.product.filter(|of| !decided && !is_named(of)) {
        let words = format!("`{text}` may be of versions of {product}, not of the product's");
        found = Some(Place::Unknown(Rule::VersionTextUnread, words));
    }
    if decided && !phrase.excluded.is_empty() {
        found = match place(&phrase.excluded, bearer) {
            Place::Outside(_) => found,
            Place::Unknown(rule, words) => Some(Place::Unknown(rule, words)),
            _ => Some(Place::Outside(text.to_owned())),
        };
    }
    if !phrase.models.is_empty() {
        return place_model(&phrase.models, found, (text, bearer));
    }
    match (found, phrase.condition) {
        (Some(found), Some(condition)) if found.holds() && !bearer.meets(&condition) => {
            Place::Unknown(Rule::ConditionUnread, format!("it holds only if: {condition}"))
        }
        (Some(Place::Inside(_)), _) => Place::Inside(text.to_owned()),
        (Some(found), _) => found,
        (None, _) => Place::Unknown(Rule::VersionTextUnread, format!("`{text}` can't be read")),
    }
}

/// A system in place of a version: `Windows 10 Professional, U.S. release`. Where it is another one
/// the product is not meant; the rest has to be said by the device in the same words.
fn place_by_system(text: &str, bearer: Bearer<'_>) -> Option<Place> {
    let words = names::words(text);
    let at = words.iter().position(|word| word == "windows")?;
    let system = words.get(at..(at + 2).min(words.len()))?;
    let placed = on_system(&system.join(" "), bearer);
    if at > 0 {
        // What stands before it may name versions or other systems: `* running on Windows 2000`.
        let all = text.trim_start().starts_with(['*', 'A', 'a']) && !text.contains(['<', '>', '=']);
        return (all && placed.holds()).then(|| Place::Inside(text.to_owned()));
    }
    if matches!(placed, Place::Outside(_)) && names_more_systems(words.get(2..).unwrap_or_default())
    {
        let words = format!("`{text}` may mean other systems, too");
        return Some(Place::Unknown(Rule::VersionTextUnread, words));
    }
    if !placed.holds() {
        return Some(placed);
    }
    let stated = bearer.systems.iter().copied().chain(bearer.version).chain([bearer.model]);
    let said: Vec<String> = stated.flat_map(names::words).collect();
    // `U.S.` and `US` are written with and without blanks between.
    let telling = |words: &[String]| -> String {
        let bare = words.iter().filter(|word| !["operating", "system"].contains(&&***word));
        bare.map(String::as_str).collect()
    };
    let is_said = |word: &String| ["operating", "system"].contains(&&**word) || said.contains(word);
    if words.iter().all(is_said) || telling(&said).contains(&telling(&words)) {
        return Some(Place::Inside(text.to_owned()));
    }
    Some(Place::Unknown(Rule::ConditionUnread, format!("it holds only if: {text}")))
}

/// Whether the words behind a system's name may name others: `Windows 10 and 7`, `Windows 10 and
/// earlier`.
fn names_more_systems(words: &[String]) -> bool {
    const SYSTEMS: [&str; 23] = [
        "windows", "nt", "95", "98", "2000", "me", "xp", "vista", "7", "8", "8.1", "10", "11",
        "2003", "2008", "2012", "2016", "2019", "2022", "2025", "ce", "server", "embedded",
    ];
    let more = |word: &String| SYSTEMS.contains(&word.as_str()) || phrase::speaks_of_more(word);
    words.iter().any(more)
}

/// Whether what bears a version runs a system, in lower case: `windows xp`. The inventory may say
/// so in the version or the model.
pub(in crate::exposure) fn on_system(system: &str, bearer: Bearer<'_>) -> Place {
    let words = |text: &str| -> Vec<String> {
        let words = names::words(text).into_iter();
        words.map(|word| if word == "win" { "windows".to_owned() } else { word }).collect()
    };
    let wanted = words(system);
    let Some(family) = wanted.first() else { return Place::All };
    let stated = bearer.systems.iter().copied().chain(bearer.version).chain([bearer.model]);
    let mut of_family = stated.map(words).filter(|words| words.contains(family)).peekable();
    if of_family.peek().is_none() {
        let words = format!("it holds only on {system}, and its system is not stated");
        return Place::Unknown(Rule::PlatformUnknown, words);
    }
    let runs = |words: Vec<String>| wanted.iter().all(|word| words.contains(word));
    if of_family.any(runs) { Place::All } else { Place::Outside(format!("only on {system}")) }
}

/// Versions of certain models only: `8.x model 35700BAX2`.
fn place_model(
    models: &[String],
    found: Option<Place>,
    (text, bearer): (&str, Bearer<'_>),
) -> Place {
    let found = found.unwrap_or_else(|| {
        Place::Unknown(Rule::VersionTextUnread, format!("`{text}` can't be read"))
    });
    if !found.holds() {
        return found;
    }
    if models.iter().any(|model| bearer.is_model(model)) {
        return Place::Named(text.to_owned());
    }
    if models.iter().all(|model| bearer.is_numbered_as(model)) {
        return Place::Outside(text.to_owned());
    }
    let models = models.join(" or ");
    Place::Unknown(Rule::ModelUnknown, format!("it holds only if its model is {models}"))
}

/// Whether a text speaks of commits: `git a87cb3e48ee8 < 051c0bde9f04`.
fn names_commits(text: &str) -> bool {
    let is_hash = |word: &str| {
        word.len() >= 7
            && word.bytes().all(|b| b.is_ascii_hexdigit())
            && word.bytes().any(|b| b.is_ascii_digit())
            && word.bytes().any(|b| b.is_ascii_alphabetic())
    };
    let words = || text.split_whitespace().filter(|word| !matches!(*word, "<" | "<=" | "git"));
    words().any(is_hash) && words().all(|word| is_hash(word) || word == "custom" || word == "0")
}
