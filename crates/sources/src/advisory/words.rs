//! The words of a record: which of several languages to take, and what to call a flaw that has
//! no title.
//!
//! Refuses to translate or to shorten what is kept as a description.

use domain::text::Text;

use crate::json::{Path, Taker, Value};

/// Longest title that is made from a description, in characters.
const TITLE_CHARS: usize = 160;

/// The text of a list of `{lang, value}` in English, or else in the first language given (CVE
/// record format 5.x `descriptions`, NVD API 2.0 `descriptions`).
pub(super) fn english(taker: &mut Taker, list: Value<'_>, path: &Path<'_>) -> Option<Text> {
    let mut other = None;
    for (i, item) in taker.items(list, path).enumerate() {
        let item_path = path.index(i);
        let (mut is_english, mut text) = (false, None);
        for (key, value) in taker.members(item, &item_path) {
            match key.as_ref() {
                "lang" => {
                    let language = taker.borrowed(value, &item_path.field("lang"));
                    is_english = language.is_some_and(|language| is_english_tag(&language));
                }
                "value" => text = taker.filled(value, &item_path.field("value")),
                _ => {}
            }
        }
        match text {
            Some(text) if is_english => return Some(text),
            text => other = other.or(text),
        }
    }
    other
}

/// Whether a language tag is English: `en`, `eng`, `en-US`, `EN_us`.
fn is_english_tag(tag: &str) -> bool {
    let first = tag.split(['-', '_']).next().unwrap_or_default().trim();
    first.eq_ignore_ascii_case("en") || first.eq_ignore_ascii_case("eng")
}

/// A title for a flaw: the given one unless it only repeats the id, else the first sentence.
pub(super) fn title(given: Option<Text>, id: &str, description: Option<&str>) -> Option<Text> {
    given.filter(|title| !title.eq_ignore_ascii_case(id)).or_else(|| first_sentence(description?))
}

fn first_sentence(text: &str) -> Option<Text> {
    let text = text.trim();
    let end = memchr::memchr(b'\n', text.as_bytes()).unwrap_or(text.len());
    let line = text.get(..end)?.trim();
    let end = memchr::memmem::find(line.as_bytes(), b". ").unwrap_or(line.len());
    let sentence = line.get(..end)?;
    // No title is cut where there are not even as many bytes.
    let cut = if sentence.len() <= TITLE_CHARS {
        None
    } else {
        sentence.char_indices().nth(TITLE_CHARS).map(|(cut, _)| cut)
    };
    let title = match cut {
        Some(cut) => Text::from(format!("{}…", sentence.get(..cut)?)),
        None => Text::from(sentence),
    };
    (!title.is_empty()).then_some(title)
}

#[cfg(test)]
mod tests {
    use super::{english, title};
    use crate::json::{Json, Path, Taker};

    #[track_caller]
    fn check(text: &str, expected: Option<&str>, told: usize) {
        let json = Json::parse(text);
        let mut taker = Taker::default();
        assert_eq!(english(&mut taker, json.root(), &Path::ROOT).as_deref(), expected);
        assert_eq!(taker.problems.told(), told);
    }

    #[test]
    fn english_is_taken_before_any_other_language() {
        check(r#"[{"lang":"es","value":"uno"},{"lang":"en-US","value":"one"}]"#, Some("one"), 0);
        check(r#"[{"lang":"es","value":"uno"},{"lang":"de","value":"eins"}]"#, Some("uno"), 0);
        check(r#"[{"lang":"en","value":" "}]"#, None, 0);
        check(r#"[7, {"lang":7,"value":[]}]"#, None, 3);
        check(r#""text""#, None, 1);
    }

    #[test]
    fn a_title_that_repeats_the_id_gives_way_to_the_first_sentence() {
        let words = Some("A flaw. More of it.");
        assert_eq!(title(Some("CVE-1-1".into()), "cve-1-1", words).as_deref(), Some("A flaw"));
        assert_eq!(title(Some("Named".into()), "CVE-1-1", words).as_deref(), Some("Named"));
        assert_eq!(title(None, "CVE-1-1", None), None);
    }
}
