//! What is said, how it is written into a page, and that no page says anything else.

use std::fs;
use std::path::{Path, PathBuf};

use super::shape::{Piece, pieces};
use super::{ENGLISH, Languages, MESSAGES, Text};

const GERMAN: &str = "
today-title = Heute
count-devices =
    { $count ->
        [one] ein Gerät
       *[other] { $count } Geräte
    }
contain-asked-already = <order>Zum Auftrag { $order }</order>, den { $by } gab.
number-thousands = .
number-decimal = ,
time-to-minute = { $day }. { $month } { $year }, { $clock } Uhr
order-title = Auftrag { $unknown }

no-such = nichts
";

fn languages() -> Languages {
    let mut languages = Languages::shipped();
    let problems = languages.add("de", GERMAN).expect("a language");
    assert_eq!(problems.len(), 2, "{problems:?}");
    languages
}

#[test]
fn a_language_says_what_it_has_and_english_says_the_rest() {
    let text = languages().choose("de");
    assert_eq!((text.language(), text.today_title()), ("de".to_owned(), "Heute"));
    assert_eq!(text.people_title(), Text::english().people_title());
    // Its own plurals, numbers and order of words.
    assert_eq!(text.count_devices(1).plain(), "ein Gerät");
    assert_eq!(text.count_devices(12_345).plain(), "12.345 Geräte");
    assert_eq!(text.decimal(1.25, 1), "1,2");
    let asked = text.contain_asked_already("Anna", "7", text.link("/orders/7")).to_string();
    assert_eq!(
        asked,
        "<a href=\"/orders/7\">Zum Auftrag <bdi>7</bdi></a>, den <bdi>Anna</bdi> gab."
    );
    // A message that takes what it is not given is not used.
    assert_eq!(text.order_title("7").plain(), "Order 7");
}

#[test]
fn the_language_is_the_first_that_is_asked_for_and_there() {
    let languages = languages();
    let chosen = |asked: &str| languages.choose(asked).language();
    for (asked, language) in [
        ("", "en"),
        ("de", "de"),
        ("DE-at,en;q=0.5", "de"),
        ("fr,de;q=0.3,en;q=0.7", "en"),
        ("fr;q=1, de;q=0.9", "de"),
        ("de;q=0", "en"),
        ("*", "en"),
        ("de;q=x, ;;,-", "en"),
        ("deutsch", "en"),
    ] {
        assert_eq!(chosen(asked), language, "{asked:?}");
    }
    assert_eq!(chosen(&format!("{},de", "fr,".repeat(100))), "en", "the list has an end");
}

#[test]
fn values_stay_text_whatever_they_hold() {
    let text = Text::english();
    let odd = "<b>\"'&{ $by }\u{e100}\u{e010}9\u{e011}</order><script>\u{2068}";
    let said = text.contain_asked_already(odd, odd, text.link(odd)).to_string();
    assert!(!said.contains("<script") && !said.contains("<b>"), "{said}");
    assert_eq!(said.matches("<a href=\"").count(), 1, "{said}");
    assert_eq!(said.matches("</a>").count(), 1, "{said}");
    assert_eq!(said.matches("<bdi>").count(), 2, "{said}");
    assert_eq!(text.order_title(odd).plain(), format!("Order {odd}"));
    assert_eq!(text.words_yes("<b>").plain(), "Yes, ? it");
}

#[test]
fn a_file_of_messages_can_bring_no_markup_into_a_page() {
    let mut languages = Languages::shipped();
    let source = "today-title = <script>x</script>
        \naudit-chain-holds = <img><head>{ $head }</head>
        \npeople-hand-over = <b>{ $name } <i>{ $password }</b>
        \nsign-in-with = <B onclick=x>{ $name } & \"<\"
        \ndecision-kept-as = <document>{ $name }</document><document>x</document>";
    languages.add("de", source).expect("a language");
    let text = languages.choose("de");
    assert_eq!(text.today_title(), "Today", "a mark that is not known makes it no message");
    assert!(!text.audit_chain_holds("x", text.part("code", "")).to_string().contains("<img"));
    assert_eq!(
        text.people_hand_over("a", "b").to_string(),
        Text::english().people_hand_over("a", "b").to_string()
    );
    let said = text.sign_in_with("a").to_string();
    assert!(said.starts_with("&#60;B onclick=x&#62;"), "{said}");
}

#[test]
fn nothing_is_a_language_that_has_no_name_or_no_message() {
    let mut languages = Languages::shipped();
    for (name, source) in
        [("", GERMAN), ("a b", GERMAN), ("de", ""), ("de", "\u{0}x"), ("de", "no-such = x")]
    {
        assert!(languages.add(name, source).is_err(), "{name:?} {source:?}");
    }
}

#[test]
fn english_is_whole_and_in_the_order_of_its_list() {
    let mut names: Vec<&str> = MESSAGES.iter().map(|(name, ..)| *name).collect();
    assert!(names.is_sorted(), "they are found by halves");
    names.dedup();
    assert_eq!(names.len(), MESSAGES.len());
    assert!(MESSAGES.iter().all(|(_, values, _)| values.len() <= 12), "each value has a place");
    assert!(Text::english().0.is_own.iter().all(|own| *own));
    let private = |letter: char| ('\u{e000}'..='\u{f8ff}').contains(&letter);
    assert!(!ENGLISH.1.contains(private), "signs of the private use area are for values");
}

/// Templates, by their paths.
fn templates() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/console")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "html") {
                let text = fs::read_to_string(&path).expect("a template");
                found.push((path, text));
            }
        }
    }
    found
}

/// What a template shows by itself: texts between its tags, and attributes that people read. What
/// stands in braces is gone.
fn bare(template: &str) -> Vec<String> {
    let mut plain = String::new();
    let mut rest = template;
    while let Some((before, inside)) = rest.split_once('{') {
        let end = match inside.as_bytes().first() {
            Some(b'%') => "%}",
            Some(b'{') => "}}",
            Some(b'#') => "#}",
            _ => panic!("a brace alone: {inside}"),
        };
        plain.push_str(before);
        rest = inside.split_once(end).expect("it is closed").1;
    }
    plain.push_str(rest);
    let mut found = Vec::new();
    for part in plain.split('<') {
        let (tag, shown) = part.split_once('>').unwrap_or(("", part));
        // Keys and commands are the same for everybody.
        if !tag.starts_with("kbd") && !tag.starts_with("code") {
            found.push(shown.to_owned());
        }
        for name in ["placeholder", "aria-label", "title", "alt", "summary"] {
            let value = tag.split_once(&format!(" {name}=\"")).and_then(|(_, v)| v.split_once('"'));
            found.extend(value.map(|(value, _)| value.to_owned()));
        }
    }
    found.retain(|text| text.contains(char::is_alphabetic));
    found
}

#[test]
fn no_template_says_a_word_of_its_own() {
    // What is called so everywhere.
    const ALLOWED: [&str; 4] = ["Asepsis", "CWE", "CVSS", "SHA-256"];
    let templates = templates();
    assert!(templates.len() > 40, "{}", templates.len());
    let mut wrong = Vec::new();
    for (path, text) in templates {
        let words = |text: &str| text.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
        let own = bare(&text).into_iter().map(|text| words(&text));
        let own = own.filter(|text| !ALLOWED.contains(&text.as_str()));
        wrong.extend(own.map(|text| format!("{}: {text}", path.display())));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_word_in_a_template_is_found() {
    let found =
        bare("<p class=\"a\">{% if x %}Save{% else %}{{ t.save() }}{% endif %} <b>it</b></p>");
    assert_eq!(found, ["Save ", "it"]);
    assert_eq!(bare("<input title=\"Why\" placeholder=\"{{ t.why() }}\">"), ["Why"]);
}

#[test]
fn pieces_are_words_and_marks() {
    let found = pieces("a < b <order>c</order> <1> <br>");
    let said = [
        Piece::Text("a < b "),
        Piece::Open("order"),
        Piece::Text("c"),
        Piece::Close("order"),
        Piece::Text(" <1> "),
        Piece::Open("br"),
    ];
    assert_eq!(found, said);
}
