//! A message of syslog (RFC 5424) around an alert.
//!
//! Refuses to mark the text as UTF-8 with the sign that section 6.4 asks for: receivers of CEF take
//! it for a part of the text. It is UTF-8 all the same.

use store::alerts::Alert;

use super::{Fact, Format, cut, moment};

/// Facility `local0` (RFC 5424, table 1).
const FACILITY: i64 = 16;
/// The longest name of a host, and of a kind of message, in bytes (section 6).
const HOST: usize = 255;
const KIND: usize = 32;

/// An alert as a message from this machine.
#[must_use]
pub fn write(alert: &Alert, format: Format, host: &str) -> Vec<u8> {
    let kind = Fact::read(&alert.fact).kind;
    let message = format!(
        "<{}>1 {} {} asepsis - {} [meta sequenceId=\"{}\"] {}",
        FACILITY * 8 + severity(alert.severity),
        moment(alert.at_ms),
        printable(host, HOST),
        printable(&kind, KIND),
        alert.number.rem_euclid(i64::from(i32::MAX)) + 1,
        format.write(alert)
    );
    message.into_bytes()
}

/// From informational to alert (table 2).
fn severity(number: i64) -> i64 {
    match number {
        ..=1 => 6,
        2 => 5,
        3 => 4,
        4 => 2,
        _ => 1,
    }
}

/// `PRINTUSASCII`, or the sign for nothing.
fn printable(text: &str, most: usize) -> String {
    let plain: String = text.chars().filter(char::is_ascii_graphic).collect();
    if plain.is_empty() { "-".to_owned() } else { cut(&plain, most).replace('…', "") }
}
