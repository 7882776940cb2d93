//! A language that nobody speaks, made of the English file of messages: every message stands in
//! brackets, its letters have accents, and it is longer by about a third. Whatever a page shows
//! without brackets is data, or was forgotten.
//!
//! Refuses to be a language for anybody: it exists in tests.

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::{parser, serializer};

/// What the language is called: English, as nobody writes it (BCP 47; `XA` is for private use).
pub const NAME: &str = "en-XA";
/// What stands around each message.
pub const BRACKETS: [char; 2] = ['⟦', '⟧'];

/// The same messages in the language.
///
/// # Panics
/// Where the file can't be read.
#[must_use]
pub fn of(english: &str) -> String {
    let mut resource = parser::parse(english.to_owned()).expect("a file of messages");
    for entry in &mut resource.body {
        let Entry::Message(message) = entry else { continue };
        if let Some(value) = message.value.as_mut().filter(|value| has_letters(value)) {
            spell(value);
            let [begin, end] = BRACKETS.map(|sign| sign.to_string());
            value.elements.insert(0, PatternElement::TextElement { value: begin });
            value.elements.push(PatternElement::TextElement { value: end });
        }
    }
    serializer::serialize(&resource)
}

/// What is only a sign, such as what stands between thousands, is the same for everybody.
fn has_letters(pattern: &Pattern<String>) -> bool {
    pattern.elements.iter().any(|element| match element {
        PatternElement::TextElement { value } => value.contains(char::is_alphabetic),
        PatternElement::Placeable { expression } => {
            !matches!(expression, Expression::Inline(InlineExpression::StringLiteral { .. }))
        }
    })
}

fn spell(pattern: &mut Pattern<String>) {
    for element in &mut pattern.elements {
        match element {
            PatternElement::TextElement { value } => *value = spelt(value),
            PatternElement::Placeable { expression: Expression::Select { variants, .. } } => {
                for variant in variants {
                    spell(&mut variant.value);
                }
            }
            PatternElement::Placeable { .. } => {}
        }
    }
}

/// Accents on letters, vowels twice; marks stay as they are.
fn spelt(text: &str) -> String {
    let mut spelt = String::with_capacity(2 * text.len());
    let mut is_mark = false;
    for letter in text.chars() {
        is_mark = letter == '<' || (is_mark && letter != '>');
        match letter {
            _ if is_mark || letter == '>' => spelt.push(letter),
            'a' => spelt.push_str("áá"),
            'e' => spelt.push_str("éé"),
            'i' => spelt.push_str("íí"),
            'o' => spelt.push_str("óó"),
            'u' => spelt.push_str("úú"),
            'c' => spelt.push('ç'),
            'n' => spelt.push('ñ'),
            's' => spelt.push('š'),
            'y' => spelt.push('ý'),
            'A' => spelt.push('Å'),
            'O' => spelt.push('Ø'),
            'S' => spelt.push('Š'),
            other => spelt.push(other),
        }
    }
    spelt
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn a_message_is_bracketed_and_spelt_and_its_values_and_marks_are_not() {
        let made = of("a = Go to <order>order { $order }</order>\nsign = { \",\" }\n");
        let said = "a = ⟦Góó tóó <order>óórdéér { $order }</order>⟧\nsign = { \",\" }\n";
        assert_eq!(made, said);
        let made = of("b =\n    { $n ->\n        [one] dog\n       *[other] dogs\n    }\n");
        assert!(made.contains("⟦{ $n ->") && made.contains("*[other] dóógš"), "{made}");
    }
}
