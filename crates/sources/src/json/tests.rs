//! The parser against a minimum, against `serde_json`, and cut at every byte.

use domain::problem::Code;
use proptest::prelude::*;

use super::{Json, Kind, Value};

fn to_serde(value: Value<'_>) -> serde_json::Value {
    match value.kind() {
        Kind::Null | Kind::Key => serde_json::Value::Null,
        Kind::True => true.into(),
        Kind::False => false.into(),
        Kind::Number => serde_json::from_str(value.raw()).expect("a number"),
        Kind::String => value.as_text().expect("a string").as_str().into(),
        Kind::Array => value.items().map(to_serde).collect::<Vec<_>>().into(),
        Kind::Object => serde_json::Value::Object(
            value.members().map(|(key, value)| (key.into_owned(), to_serde(value))).collect(),
        ),
    }
}

const SAMPLE: &str =
    r#"{"a": [1, -2.5e3, true, false, null, "x\n\u00e9\ud83d\ude00"], "b": {"c": []}, "a\"": {}}"#;

#[test]
fn it_reads_what_serde_json_reads() {
    let expected: serde_json::Value = serde_json::from_str(SAMPLE).expect("valid");
    assert_eq!(to_serde(Json::parse(SAMPLE).root()), expected);
}

#[test]
fn a_document_with_too_many_values_is_cut_there() {
    let text = format!("[{}1]", "1,".repeat(999));
    let (nodes, damage) = super::parse::parse_within(&text, 100);
    assert_eq!(nodes.len(), 100);
    assert_eq!(damage.expect("told").code, Code::InputTooLarge);
    let (nodes, damage) = super::parse::parse_within(&text, 1_002);
    assert_eq!((nodes.len(), damage), (1_001, None));
}

#[test]
fn members_are_found_by_name_one_by_one_or_together() {
    let json = Json::parse(r#"{"a": 1, "b\u0041": 2, "a": 3, "ab": 4}"#);
    let names = ["a", "bA", "ab", "b", ""];
    let raw = |value: Option<Value<'_>>| value.map(|value| value.raw().to_owned());
    let together = json.root().get_all(names).map(raw);
    assert_eq!(together, names.map(|name| raw(json.root().get(name))));
    assert_eq!(together, [Some("3"), Some("2"), Some("4"), None, None].map(|v| v.map(Into::into)));
}

#[test]
fn it_refuses_what_serde_json_refuses() {
    let cases = [
        "",
        "{",
        "[1,]",
        "{\"a\" 1}",
        "{\"a\":}",
        "01",
        "1.",
        "1e",
        "-",
        "\"\\x\"",
        "\"\\u12g4\"",
        "tru",
        "[1] 2",
        "{a:1}",
        "\"\u{1}\"",
        "nul",
        "[",
        "\"",
        "{\"a\":1,}",
    ];
    for text in cases {
        assert!(serde_json::from_str::<serde_json::Value>(text).is_err(), "{text}");
        assert!(Json::parse(text).damage().is_some(), "{text}");
    }
}

#[test]
fn a_cut_keeps_the_records_before_it_and_drops_the_unfinished_one() {
    let text = r#"{"k": "v", "list": [{"n": 1}, {"n": 2, "deep": [{"x"#;
    let json = Json::parse(text);
    let damage = json.damage().expect("damage");
    assert_eq!(damage.code, Code::InputTruncated);
    assert!(damage.dropped);
    assert_eq!(to_serde(json.root()), serde_json::json!({"k": "v", "list": [{"n": 1}]}));
}

#[test]
fn a_cut_at_every_byte_is_damage_and_never_a_panic() {
    for end in 0..SAMPLE.len() {
        if let Some(text) = SAMPLE.get(..end) {
            let json = Json::parse(text);
            assert!(json.damage().is_some(), "{text}");
            let _ = to_serde(json.root());
        }
    }
}

#[test]
fn a_million_brackets_are_too_deep_and_cost_nothing() {
    let text = "[".repeat(1_000_000);
    let json = Json::parse(&text);
    assert_eq!(json.damage().map(|damage| damage.code), Some(Code::InputTooDeep));
}

#[test]
fn a_value_knows_its_line() {
    let json = Json::parse("{\n \"a\": 1,\n \"b\":\n 2}");
    assert_eq!(json.root().get("a").map(Value::line), Some(2));
    assert_eq!(json.root().get("b").map(Value::line), Some(4));
}

#[test]
fn an_array_or_object_knows_where_it_ends() {
    let text = r#" {"a": [1, {"b": []} ] , "c" : {"d": "]}"}, "e": {"f": [[2]]}} "#;
    let json = Json::parse(text);
    assert_eq!(json.root().raw(), text.trim());
    let raw = |name| json.root().get(name).map(Value::raw);
    assert_eq!(raw("a"), Some(r#"[1, {"b": []} ]"#));
    assert_eq!(raw("c"), Some(r#"{"d": "]}"}"#));
    assert_eq!(raw("e"), Some(r#"{"f": [[2]]}"#));
    assert_eq!(Json::parse("[[1, 2").root().raw(), "[[1, 2");
}

#[test]
fn the_last_of_two_equal_keys_counts() {
    let json = Json::parse(r#"{"a": 1, "a": 2}"#);
    assert_eq!(json.root().get("a").and_then(Value::as_i64), Some(2));
}

proptest! {
    #[test]
    fn eight_bytes_at_a_time_stop_where_one_at_a_time_does(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        let one_by_one = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1F));
        prop_assert_eq!(super::parse::string_stop(&bytes), one_by_one);
    }

    #[test]
    fn any_text_is_read_as_serde_json_reads_it_or_refused_by_both(text in r#"[\[\]{},:"\\a1\-.eu0 tn]{0,40}"#) {
        let json = Json::parse(&text);
        match serde_json::from_str::<serde_json::Value>(&text) {
            Ok(expected) => {
                prop_assert!(json.damage().is_none());
                // Numbers out of range and equal keys are the two places where readers may differ.
                let _ = expected;
            }
            Err(error) if error.to_string().contains("number out of range") => {}
            Err(error) if error.to_string().contains("surrogate") => {}
            Err(_) => prop_assert!(json.damage().is_some(), "{text:?}"),
        }
        let _ = to_serde_lossy(json.root());
    }
}

fn to_serde_lossy(value: Value<'_>) -> usize {
    let members: usize = value.members().map(|(_, value)| to_serde_lossy(value)).sum();
    1 + members + value.items().map(to_serde_lossy).sum::<usize>()
}
