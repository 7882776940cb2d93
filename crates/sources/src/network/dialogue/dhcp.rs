//! DHCP (RFC 2131) with the options that tell of a device (RFC 2132, RFC 4702).
//!
//! Refuses what lacks the magic cookie, whatever its port.

use std::net::{IpAddr, Ipv4Addr};

use domain::device::MacAddress;
use domain::sighting::Lease;

use super::name;

/// Where the options begin, after the magic cookie.
const OPTIONS: usize = 240;
const COOKIE: [u8; 4] = [99, 130, 83, 99];

/// Reads a message.
pub(super) fn read(bytes: &[u8]) -> Option<Lease> {
    let [1 | 2, hardware, length, ..] = bytes else { return None };
    if bytes.get(236..OPTIONS)? != COOKIE {
        return None;
    }
    let address = |at: usize| -> Option<IpAddr> {
        let octets = *bytes.get(at..)?.first_chunk::<4>()?;
        (octets != [0; 4]).then(|| Ipv4Addr::from(octets).into())
    };
    let is_ethernet = (*hardware, *length) == (1, 6);
    let mac = is_ethernet.then(|| bytes.get(28..34)?.first_chunk().map(|m| MacAddress(*m)));
    let mut lease = Lease { mac: mac.flatten(), ..Lease::default() };
    let mut overload = 0;
    let mut requested = None;
    let mut take = |kind: u8, value: &[u8], lease: &mut Lease| match kind {
        12 => lease.host_name = name(value),
        50 => requested = value.first_chunk::<4>().map(|a| IpAddr::from(Ipv4Addr::from(*a))),
        52 => overload = value.first().copied().unwrap_or(0),
        53 => lease.message = value.first().copied().unwrap_or(0),
        54 => lease.server = value.first_chunk::<4>().map(|a| Ipv4Addr::from(*a).into()),
        55 => lease.parameters = value.to_vec(),
        60 => lease.vendor_class = name(value),
        // The name of option 81 follows three bytes of flags (RFC 4702, 2).
        81 if lease.host_name.is_none() => {
            lease.host_name = value.get(3..).and_then(name);
        }
        _ => {}
    };
    options(bytes.get(OPTIONS..)?, |kind, value| take(kind, value, &mut lease));
    // Options may go on in the fields of the file and of the server's name (option 52).
    let fields = [(1, 108..236), (2, 44..108)];
    let overloaded = overload;
    for (bit, field) in fields {
        if overloaded & bit != 0
            && let Some(more) = bytes.get(field)
        {
            options(more, |kind, value| {
                if kind == 12 && lease.host_name.is_none() {
                    lease.host_name = name(value);
                } else if kind == 60 && lease.vendor_class.is_none() {
                    lease.vendor_class = name(value);
                }
            });
        }
    }
    lease.address = address(16).or(requested).or_else(|| address(12));
    (lease.message != 0).then_some(lease)
}

fn options(bytes: &[u8], mut take: impl FnMut(u8, &[u8])) {
    let mut rest = bytes;
    loop {
        match rest {
            [0, later @ ..] => rest = later,
            [255, ..] | [] | [_] => return,
            [kind, length, later @ ..] => {
                let Some((value, later)) = later.split_at_checked(usize::from(*length)) else {
                    return;
                };
                take(*kind, value);
                rest = later;
            }
        }
    }
}
