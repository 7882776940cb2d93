//! Frames as far as the lab has to tell the allowed from the forbidden: addresses, protocol, ports.
//!
//! Refuses to look further; what was said is the business of the program under test.

use std::net::Ipv4Addr;

/// What a frame carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carried {
    /// ARP (RFC 826).
    Arp,
    /// IP version 4 with the transport's number at IANA, and ports where it has them.
    Ip { from: Ipv4Addr, to: Ipv4Addr, protocol: u8, ports: Option<(u16, u16)> },
    /// IP version 6.
    Ip6,
    /// Anything else.
    Other,
}

/// One frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) at: i64,
    pub(crate) from: [u8; 6],
    pub(crate) to: [u8; 6],
    pub(crate) carried: Carried,
}

/// Reads a frame of Ethernet; `None` where it ends before its head does.
pub(crate) fn frame(at: i64, bytes: &[u8]) -> Option<Frame> {
    let (to, rest) = bytes.split_first_chunk::<6>()?;
    let (from, rest) = rest.split_first_chunk::<6>()?;
    let (kind, packet) = rest.split_first_chunk::<2>()?;
    let carried = match kind {
        [0x08, 0x06] => Carried::Arp,
        [0x08, 0x00] => ip(packet).unwrap_or(Carried::Other),
        [0x86, 0xDD] => Carried::Ip6,
        _ => Carried::Other,
    };
    Some(Frame { at, from: *from, to: *to, carried })
}

/// A packet (RFC 791, 3.1). A later fragment has no ports.
fn ip(packet: &[u8]) -> Option<Carried> {
    let header = usize::from(packet.first()? & 0x0F) * 4;
    let protocol = *packet.get(9)?;
    let address = |at: usize| Some(Ipv4Addr::from(*packet.get(at..)?.first_chunk::<4>()?));
    let offset = u16::from_be_bytes(*packet.get(6..)?.first_chunk::<2>()?) & 0x1FFF;
    let port = |at: usize| {
        let two = packet.get(header + at..)?.first_chunk::<2>()?;
        Some(u16::from_be_bytes(*two))
    };
    let ports = match protocol {
        6 | 17 if offset == 0 => port(0).zip(port(2)),
        _ => None,
    };
    Some(Carried::Ip { from: address(12)?, to: address(16)?, protocol, ports })
}

#[cfg(test)]
mod tests {
    use super::{Carried, frame};

    #[test]
    fn a_frame_says_who_speaks_with_whom_on_what() {
        let mut bytes = vec![0xFF; 6];
        bytes.extend([2, 0, 0, 0, 0, 1, 8, 0, 0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0]);
        bytes.extend([10, 20, 0, 11, 10, 20, 0, 2, 0, 68, 0, 67, 0, 8, 0, 0]);
        let read = frame(7, &bytes).expect("whole");
        let (from, to) = ([10, 20, 0, 11].into(), [10, 20, 0, 2].into());
        assert_eq!(read.carried, Carried::Ip { from, to, protocol: 17, ports: Some((68, 67)) });
        for length in 0..bytes.len() {
            let _ = frame(7, bytes.get(..length).unwrap_or_default());
        }
        assert_eq!(frame(7, bytes.get(..13).unwrap_or_default()), None);
    }
}
