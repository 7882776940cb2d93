//! Lists of MAC and IP addresses in one value.
//!
//! Refuses addresses that name no device: all zeros, broadcast.

use std::net::IpAddr;

use domain::device::MacAddress;

/// The addresses of a value, and the parts of it that are none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses<A> {
    /// The addresses, in order, each once.
    pub good: Vec<A>,
    /// What should have been an address.
    pub bad: Vec<String>,
}

/// MAC addresses separated by `,`, `;`, `|`, `/`, blanks or line ends, with or without brackets
/// and quotes of a list, and notes in round brackets.
#[must_use]
pub fn macs(text: &str) -> Addresses<MacAddress> {
    if let Some(address) = mac(text) {
        return Addresses { good: vec![address], bad: Vec::new() };
    }
    let spaced: String = text.split_whitespace().collect::<Vec<_>>().join(":");
    if let Some(address) = mac(&spaced) {
        return Addresses { good: vec![address], bad: Vec::new() };
    }
    collect(text, |part| part.split('/').map(|part| mac(part).ok_or(part)).collect())
}

/// IP addresses of either version, separated as [`macs`] are. A prefix length, a zone or a note
/// after a slash is left out.
#[must_use]
pub fn ips(text: &str) -> Addresses<IpAddr> {
    if let Some(address) = ip(text) {
        return Addresses { good: vec![address], bad: Vec::new() };
    }
    let assigned = |part: &str| ["dhcp", "static"].iter().any(|w| part.eq_ignore_ascii_case(w));
    collect(text, |part| {
        if assigned(part) {
            return Vec::new();
        }
        let mut pieces = part.split('/').filter(|piece| !piece.is_empty());
        let first = pieces.next().map(|piece| ip(piece).ok_or(piece));
        // After a slash stands another address, or a prefix length or a note that is none.
        first.into_iter().chain(pieces.filter_map(ip).map(Ok)).collect()
    })
}

fn mac(text: &str) -> Option<MacAddress> {
    let address = MacAddress::parse(text)?;
    let names_a_device = address.0 != [0; 6] && address.0 != [0xFF; 6];
    names_a_device.then_some(address)
}

fn ip(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches(['[', ']']);
    let bare = text.split('%').next().unwrap_or(text);
    let address: IpAddr = bare.parse().ok()?;
    (!address.is_unspecified()).then_some(address)
}

fn collect<A: PartialEq>(text: &str, read: impl Fn(&str) -> Vec<Result<A, &str>>) -> Addresses<A> {
    let mut found = Addresses { good: Vec::new(), bad: Vec::new() };
    let without_notes = without_notes(text);
    let separator = |c: char| matches!(c, ',' | ';' | '|') || c.is_whitespace();
    let quoting = |c: char| matches!(c, '"' | '\'' | '[' | ']' | '{' | '}');
    for part in without_notes.split(separator) {
        let part = part.trim_matches(quoting);
        for result in if part.trim_matches('/').is_empty() { Vec::new() } else { read(part) } {
            match result {
                Ok(address) if found.good.contains(&address) => {}
                Ok(address) => found.good.push(address),
                Err("") => {}
                Err(bad) => found.bad.push(bad.to_owned()),
            }
        }
    }
    found
}

/// The text without what stands in round brackets: "(Last Known IP)".
fn without_notes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut depth = 0_usize;
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            c if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{ips, macs};

    #[track_caller]
    fn check_macs(text: &str, good: &str, bad: &str) {
        let found = macs(text);
        let shown: Vec<String> = found.good.iter().map(ToString::to_string).collect();
        assert_eq!((shown.join(" "), found.bad.join(" ")), (good.to_owned(), bad.to_owned()));
    }

    #[track_caller]
    fn check_ips(text: &str, good: &str, bad: &str) {
        let found = ips(text);
        let shown: Vec<String> = found.good.iter().map(ToString::to_string).collect();
        assert_eq!((shown.join(" "), found.bad.join(" ")), (good.to_owned(), bad.to_owned()));
    }

    #[test]
    fn lists_of_mac_addresses_are_read_whatever_separates_them() {
        let two = "00:1a:2b:3c:4d:5e 00:1a:2b:3c:4d:5f";
        for separator in [",", ";", "|", "/", " ", "\n", ", ", " / "] {
            check_macs(&format!("001A2B3C4D5E{separator}00-1a-2b-3c-4d-5f"), two, "");
        }
        check_macs("['001A.2B3C.4D5E', \"001A2B3C4D5F\"]", two, "");
        check_macs("00 1A 2B 3C 4D 5E", "00:1a:2b:3c:4d:5e", "");
        check_macs("00:1A:2B:3C:4D:5E (GE Medical)", "00:1a:2b:3c:4d:5e", "");
        check_macs("00:00:00:00:00:00; nope", "", "00:00:00:00:00:00 nope");
    }

    #[test]
    fn how_an_address_was_assigned_is_no_address() {
        check_ips("10.0.0.1 DHCP", "10.0.0.1", "");
        check_ips("dhcp", "", "");
    }

    #[test]
    fn lists_of_ip_addresses_are_read_in_both_versions() {
        check_ips("10.0.0.1, 10.0.0.2;fe80::1%eth0", "10.0.0.1 10.0.0.2 fe80::1", "");
        check_ips("10.0.0.1/24", "10.0.0.1", "");
        check_ips("10.0.0.1/10.0.0.2", "10.0.0.1 10.0.0.2", "");
        check_ips("10.0.0.1 / (Last Known IP)", "10.0.0.1", "");
        check_ips("[\"10.0.0.1\",\"10.0.0.1\"]", "10.0.0.1", "");
        check_ips("[2001:db8::7]", "2001:db8::7", "");
        check_ips("10.0.0.256 0.0.0.0", "", "10.0.0.256 0.0.0.0");
    }
}
