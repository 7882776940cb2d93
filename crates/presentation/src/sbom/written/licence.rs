//! What a licence is: an id of the SPDX list, an expression, or just a name.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::component::{Component, Told};
use domain::text::Text;
use spdx::{AdditionItem, Expression, LicenseItem, ParseMode};

/// Ids that were right once stay right.
const MODE: ParseMode =
    ParseMode { allow_deprecated: true, allow_postfix_plus_on_gpl: true, ..ParseMode::STRICT };

/// What a text says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Licence {
    /// An id, spelt as the list spells it.
    Listed(String),
    /// An expression, and the licences in it that no list has.
    Expression(String, Vec<String>),
    /// A name, or an expression that leads out of the document.
    Name(String),
}

impl Licence {
    pub(super) fn read(text: &str) -> Self {
        let text = text.trim();
        let mut listed = spdx::identifiers::LICENSES.iter().map(|licence| licence.name);
        if let Some(id) = listed.find(|name| name.eq_ignore_ascii_case(text)) {
            return Self::Listed(id.to_owned());
        }
        let Ok(expression) = Expression::parse_mode(text, MODE) else {
            return Self::Name(text.to_owned());
        };
        let mut own = Vec::new();
        for requirement in expression.requirements() {
            if let LicenseItem::Other(licence) = &requirement.req.license {
                own.push(licence.to_string());
            }
            if let Some(AdditionItem::Other(addition)) = &requirement.req.addition {
                own.push(addition.to_string());
            }
        }
        let leads_out = own.iter().any(|id| id.starts_with("DocumentRef-"));
        let is_licence = own.iter().all(|id| id.starts_with("LicenseRef-"));
        if leads_out || !is_licence {
            return Self::Name(text.to_owned());
        }
        Self::Expression(text.to_owned(), own)
    }
}

/// The text that is told of one of a component's licences, where it is plain or can be made so.
pub(super) fn text_of(component: &Component, licence: &str) -> Option<Text> {
    let told = component.texts.iter().find(|told| told.licence.trim() == licence)?;
    let field = |name| told.text.get(name).and_then(Told::text);
    let content = field("content")?;
    if field("encoding").is_none() {
        return Some(content.into());
    }
    let digits: String = content.chars().filter(|c| !c.is_whitespace()).collect();
    let bytes = STANDARD.decode(digits).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    (!text.trim().is_empty()).then(|| text.into())
}

/// A text that would be an expression, if every word between its ANDs were an id: its words. All
/// others stay whole, for the names of licences have the word in them, too.
pub(super) fn apart(text: &str) -> Vec<String> {
    if let Licence::Name(name) = Licence::read(text) {
        let parts = joined(&name);
        let is_word = |part: &String| !part.contains(' ');
        let is_listed = |part: &String| matches!(Licence::read(part), Licence::Listed(_));
        if parts.iter().all(is_word) && parts.iter().any(is_listed) {
            return parts;
        }
    }
    vec![text.to_owned()]
}

/// What an expression joins by AND, each so that it can be joined to others.
pub(super) fn joined(expression: &str) -> Vec<String> {
    let (mut parts, mut part, mut depth) = (Vec::new(), Vec::new(), 0_usize);
    for word in expression.split_whitespace() {
        match (depth, word.to_ascii_uppercase().as_str()) {
            // What is a choice stays one.
            (0, "OR") => return vec![format!("({expression})")],
            (0, "AND") => parts.push(std::mem::take(&mut part).join(" ")),
            _ => {
                depth += word.matches('(').count();
                depth = depth.saturating_sub(word.matches(')').count());
                part.push(word);
            }
        }
    }
    parts.push(part.join(" "));
    parts
}

#[cfg(test)]
mod tests {
    use super::{Licence, apart, joined};

    #[test]
    fn ids_expressions_and_names_are_told_apart() {
        let read = Licence::read;
        assert_eq!(read("mit"), Licence::Listed("MIT".to_owned()));
        assert_eq!(read("New BSD"), Licence::Name("New BSD".to_owned()));
        let own = vec!["LicenseRef-ours".to_owned()];
        let text = "MIT OR LicenseRef-ours".to_owned();
        assert_eq!(read(&text), Licence::Expression(text.clone(), own));
        let text = "DocumentRef-x:LicenseRef-ours".to_owned();
        assert_eq!(read(&text), Licence::Name(text.clone()));
    }

    #[test]
    fn what_is_joined_by_and_is_taken_apart_and_a_choice_stays_one() {
        assert_eq!(joined("MIT AND (ISC OR Zlib) AND ISC"), ["MIT", "(ISC OR Zlib)", "ISC"]);
        assert_eq!(joined("MIT AND ISC OR Zlib"), ["(MIT AND ISC OR Zlib)"]);
        assert_eq!(apart("MIT AND BSD-3"), ["MIT", "BSD-3"]);
        let name = "COMMON DEVELOPMENT AND DISTRIBUTION LICENSE";
        assert_eq!(apart(name), [name]);
    }
}
