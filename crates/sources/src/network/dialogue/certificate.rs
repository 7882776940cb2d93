//! What an X.509 certificate says of its holder (RFC 5280, section 4.1): names and its last day.
//!
//! Refuses to verify anything, and to go deeper than the form of a certificate does.

use domain::date::Date;
use domain::sighting::Tls;
use domain::text::Text;

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OBJECT: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// `id-at-commonName`, 2.5.4.3.
const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];

/// Reads a certificate in DER.
pub(super) fn read(der: &[u8]) -> Option<Tls> {
    let (certificate, _) = element(der, SEQUENCE)?;
    let (mut rest, _) = element(certificate, SEQUENCE)?;
    // The version is in a context of its own, and may be missing.
    if rest.first() == Some(&0xA0) {
        (_, rest) = any(rest)?;
    }
    (_, rest) = any(rest)?;
    (_, rest) = any(rest)?;
    let (issuer, rest) = element(rest, SEQUENCE)?;
    let (validity, rest) = element(rest, SEQUENCE)?;
    let (subject, _) = element(rest, SEQUENCE)?;
    let (_, not_after) = any(validity)?;
    Some(Tls::Certificate {
        subject: common_name(subject),
        issuer: common_name(issuer),
        not_after: day(not_after),
    })
}

/// An element of that tag: its value, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    if *der.first()? == tag { any(der) } else { None }
}

/// An element: its value, and what follows it (X.690, 8.1).
fn any(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let first = *der.get(1)?;
    let (length, begin) = match first {
        0..=0x7F => (usize::from(first), 2),
        0x81 => (usize::from(*der.get(2)?), 3),
        0x82 => (usize::from(super::be16(der, 2)?), 4),
        _ => return None,
    };
    der.get(begin..)?.split_at_checked(length)
}

fn common_name(names: &[u8]) -> Option<Text> {
    let mut rest = names;
    while let Some((set, later)) = element(rest, SET) {
        rest = later;
        let Some((pair, _)) = element(set, SEQUENCE) else { continue };
        let Some((object, value)) = element(pair, OBJECT) else { continue };
        if object == COMMON_NAME {
            return super::name(any(value)?.0);
        }
    }
    None
}

/// `YYMMDD…Z` (`UTCTime`: 50 to 99 are of the last century) or `YYYYMMDD…Z`.
fn day(der: &[u8]) -> Option<Date> {
    let tag = *der.first()?;
    let (value, _) = any(der)?;
    let text = std::str::from_utf8(value).ok()?;
    let (year, rest) = match tag {
        UTC_TIME => {
            let year: i16 = text.get(..2)?.parse().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, text.get(2..)?)
        }
        GENERALIZED_TIME => (text.get(..4)?.parse().ok()?, text.get(4..)?),
        _ => return None,
    };
    let (month, day) = (rest.get(..2)?.parse().ok()?, rest.get(2..4)?.parse().ok()?);
    Date::new(year, month, day).ok()
}
