//! The Common Event Format, version 0, as its Implementation Standard says (revision 25).
//!
//! Refuses to let a value end its field: in the header `\` and `|` are escaped, in the extension
//! `\`, `=` and the ends of lines; other control characters become spaces.

use std::net::IpAddr;

use store::alerts::Alert;

use super::{Fact, PRODUCT, VERSION};

/// An alert as one line.
#[must_use]
pub fn write(alert: &Alert, fact: &Fact) -> String {
    let mut fields = Vec::new();
    let mut put = |key: &str, value: &str| {
        if !value.is_empty() {
            fields.push(format!("{key}={}", extension(value)));
        }
    };
    put("rt", &alert.at_ms.to_string());
    put("externalId", &alert.id);
    put("cat", &alert.topic);
    put("shost", &fact.device);
    address(&mut put, &fact.source, ("src", "c6a2", "Source IPv6 Address"));
    if let Some(target) = fact.targets.first() {
        address(&mut put, target, ("dst", "c6a3", "Destination IPv6 Address"));
    }
    if let Some((transport, port)) = fact.service.split_once('/') {
        put("proto", &transport.to_uppercase());
        put("dpt", port);
    }
    put("suser", &fact.actor);
    for (key, label, value) in [
        ("cs1", "rule", fact.rule.as_str()),
        ("cs2", "technique", &fact.technique),
        ("cs3", "vulnerability", &fact.vulnerability),
        ("cn1", "order", &number(fact.order)),
        ("cn2", "devices", &number(fact.devices)),
    ] {
        if !value.is_empty() {
            put(&format!("{key}Label"), label);
            put(key, value);
        }
    }
    put("msg", &fact.sentence);
    format!(
        "CEF:0|{PRODUCT}|{PRODUCT}|{VERSION}|{}|{}|{}|{}",
        header(&fact.kind),
        header(&fact.sentence),
        severity(alert.severity),
        fields.join(" ")
    )
}

fn number(number: Option<i64>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

/// An address, under the key of its family.
fn address(put: &mut impl FnMut(&str, &str), text: &str, (v4, v6, label): (&str, &str, &str)) {
    match text.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => put(v4, text),
        Ok(IpAddr::V6(_)) => {
            put(&format!("{v6}Label"), label);
            put(v6, text);
        }
        Err(_) => {}
    }
}

/// From 1 to 5, on a scale from 0 to 10.
fn severity(number: i64) -> u8 {
    match number {
        ..=1 => 1,
        2 => 3,
        3 => 6,
        4 => 8,
        _ => 10,
    }
}

fn header(text: &str) -> String {
    escaped(text, |letter| matches!(letter, '\\' | '|'), |_| " ")
}

fn extension(text: &str) -> String {
    escaped(
        text,
        |letter| matches!(letter, '\\' | '='),
        |letter| match letter {
            '\n' => "\\n",
            '\r' => "\\r",
            _ => " ",
        },
    )
}

fn escaped(
    text: &str,
    is_special: impl Fn(char) -> bool,
    control: impl Fn(char) -> &'static str,
) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}') {
            escaped.push_str(control(letter));
            continue;
        }
        if is_special(letter) {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}
