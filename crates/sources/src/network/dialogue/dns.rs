//! DNS messages (RFC 1035, section 4), those of multicast (RFC 6762) and LLMNR (RFC 4795) too.
//!
//! Refuses to follow a compressed name without end: each pointer must go back.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use domain::sighting::Dns;
use domain::text::Text;

use super::be16;

/// Most answers that are looked at.
const ANSWERS: u16 = 64;
/// Longest name (RFC 1035, 3.1).
const NAME_BYTES: usize = 255;

/// Reads a message that has a question.
pub(super) fn read(bytes: &[u8]) -> Option<Dns> {
    let flags = be16(bytes, 2)?;
    let (questions, answers) = (be16(bytes, 4)?, be16(bytes, 6)?);
    let is_answer = flags & 0x8000 != 0;
    // Only standard queries; a multicast answer need not repeat its question.
    if flags >> 11 & 0xF != 0 || questions > 1 || (questions == 0 && answers == 0) {
        return None;
    }
    let (name, mut at) = read_name(bytes, 12)?;
    if questions == 1 {
        at += 4;
    } else {
        at = 12;
    }
    let mut addresses = Vec::new();
    for _ in 0..answers.min(ANSWERS) {
        let Some((_, begin)) = read_name(bytes, at) else { break };
        let (Some(kind), Some(length)) = (be16(bytes, begin), be16(bytes, begin + 8)) else {
            break;
        };
        let end = begin + 10 + usize::from(length);
        let Some(data) = bytes.get(begin + 10..end) else { break };
        addresses.extend(address(kind, data));
        at = end;
    }
    let answer = is_answer.then(|| u8::try_from(flags & 0xF).unwrap_or_default());
    Some(Dns { name, addresses, answer })
}

fn address(kind: u16, data: &[u8]) -> Option<IpAddr> {
    match kind {
        1 => Some(Ipv4Addr::from(*data.first_chunk::<4>()?).into()),
        28 => Some(Ipv6Addr::from(*data.first_chunk::<16>()?).into()),
        _ => None,
    }
}

/// A name at a place, and where what follows it begins. A label that is not made of letters,
/// digits, `-` and `_` makes it no name.
fn read_name(bytes: &[u8], at: usize) -> Option<(Text, usize)> {
    let (mut at, mut end, mut name) = (at, None, String::new());
    loop {
        let length = *bytes.get(at)?;
        match length {
            0 => break,
            1..=63 => {
                let label = bytes.get(at + 1..at + 1 + usize::from(length))?;
                let is_label = label.iter().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(b));
                let label = std::str::from_utf8(label).ok().filter(|_| is_label)?;
                if !name.is_empty() {
                    name.push('.');
                }
                name.push_str(label);
                if name.len() > NAME_BYTES {
                    return None;
                }
                at += 1 + usize::from(length);
            }
            0xC0.. => {
                let to = usize::from(be16(bytes, at)? & 0x3FFF);
                end = end.or(Some(at + 2));
                if to >= at {
                    return None;
                }
                at = to;
            }
            _ => return None,
        }
    }
    Some((Text::from(name), end.unwrap_or(at + 1)))
}
