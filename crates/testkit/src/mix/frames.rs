//! Frames: Ethernet, VLAN tags, IPv4 and IPv6, TCP and UDP.
//!
//! Refuses to compute checksums of TCP and UDP; that of IPv4 is there.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub(super) const FIN: u8 = 0x01;
pub(super) const SYN: u8 = 0x02;
pub(super) const RST: u8 = 0x04;
pub(super) const PSH: u8 = 0x08;
pub(super) const ACK: u8 = 0x10;

/// A machine on the network.
#[derive(Debug, Clone, Copy)]
pub(super) struct Host {
    pub mac: [u8; 6],
    pub four: Ipv4Addr,
    pub six: Ipv6Addr,
    /// The tag of its frames.
    pub vlan: Option<u16>,
}

impl Host {
    /// The machine of that number on the network of that number.
    pub(super) fn new(network: u8, number: u16, vlan: Option<u16>) -> Self {
        let [high, low] = number.to_be_bytes();
        Self {
            mac: [0x02, 0x5A, network, 0, high, low],
            four: Ipv4Addr::new(10, network, high, low),
            six: Ipv6Addr::new(0xFD5A, 0, 0, u16::from(network), 0, 0, 0, number),
            vlan,
        }
    }
}

/// Two machines and the ports that they speak on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    pub client: Host,
    pub server: Host,
    pub ports: [u16; 2],
    pub is_six: bool,
}

impl Pair {
    /// The sender, the receiver, and their ports.
    fn ends(&self, to_server: bool) -> (Host, Host, [u16; 2]) {
        let [client, server] = self.ports;
        if to_server {
            (self.client, self.server, [client, server])
        } else {
            (self.server, self.client, [server, client])
        }
    }

    pub(super) fn udp(&self, to_server: bool, payload: &[u8]) -> Vec<u8> {
        let (from, to, ports) = self.ends(to_server);
        let length = payload.len() + 8;
        let mut frame = packet(from, to, self.tag(), self.is_six, (17, length));
        frame.extend(ports.into_iter().flat_map(u16::to_be_bytes));
        frame.extend(short(length).to_be_bytes());
        frame.extend([0, 0]);
        frame.extend(payload);
        frame
    }

    /// A segment; `numbers` are sequence and acknowledgement.
    pub(super) fn tcp(
        &self,
        to_server: bool,
        flags: u8,
        numbers: [u32; 2],
        payload: &[u8],
    ) -> Vec<u8> {
        const SYN_OPTIONS: [u8; 8] = [2, 4, 5, 0xB4, 1, 3, 3, 7];
        let options: &[u8] = if flags & SYN == 0 { &[] } else { &SYN_OPTIONS };
        let (from, to, ports) = self.ends(to_server);
        let length = 20 + options.len() + payload.len();
        let mut frame = packet(from, to, self.tag(), self.is_six, (6, length));
        frame.extend(ports.into_iter().flat_map(u16::to_be_bytes));
        frame.extend(numbers.into_iter().flat_map(u32::to_be_bytes));
        let words = u8::try_from(5 + options.len() / 4).unwrap_or(5);
        frame.extend([words << 4, flags, 0xFA, 0xF0, 0, 0, 0, 0]);
        frame.extend(options);
        frame.extend(payload);
        frame
    }

    fn tag(&self) -> Option<u16> {
        self.client.vlan
    }
}

/// An ARP question of one machine for another, and the answer.
pub(super) fn arp(asks: Host, answers: Host) -> [Vec<u8>; 2] {
    let question = resolution(asks, [0xFF; 6], 1, [0; 6], answers.four);
    let answer = resolution(answers, asks.mac, 2, asks.mac, asks.four);
    [question, answer]
}

fn resolution(from: Host, to: [u8; 6], kind: u8, mac: [u8; 6], address: Ipv4Addr) -> Vec<u8> {
    let mut frame = header(to, from.mac, from.vlan, 0x0806);
    frame.extend([0, 1, 8, 0, 6, 4, 0, kind]);
    frame.extend(from.mac);
    frame.extend(from.four.octets());
    frame.extend(mac);
    frame.extend(address.octets());
    frame.resize(frame.len().max(60), 0);
    frame
}

fn header(to: [u8; 6], from: [u8; 6], vlan: Option<u16>, kind: u16) -> Vec<u8> {
    let mut frame = Vec::with_capacity(1_540);
    frame.extend(to);
    frame.extend(from);
    if let Some(vlan) = vlan {
        frame.extend([0x81, 0]);
        frame.extend(vlan.to_be_bytes());
    }
    frame.extend(kind.to_be_bytes());
    frame
}

fn packet(
    from: Host,
    to: Host,
    vlan: Option<u16>,
    is_six: bool,
    (protocol, length): (u8, usize),
) -> Vec<u8> {
    let [source, destination] = if is_six {
        [IpAddr::V6(from.six), IpAddr::V6(to.six)]
    } else {
        [IpAddr::V4(from.four), IpAddr::V4(to.four)]
    };
    if let (IpAddr::V4(source), IpAddr::V4(destination)) = (source, destination) {
        let mut frame = header(to.mac, from.mac, vlan, 0x0800);
        frame.extend(four(source, destination, protocol, short(length + 20)));
        return frame;
    }
    let mut frame = header(to.mac, from.mac, vlan, 0x86DD);
    frame.extend([0x60, 0, 0, 0]);
    frame.extend(short(length).to_be_bytes());
    frame.extend([protocol, 64]);
    frame.extend(from.six.octets());
    frame.extend(to.six.octets());
    frame
}

fn four(source: Ipv4Addr, destination: Ipv4Addr, protocol: u8, length: u16) -> Vec<u8> {
    let [high, low] = length.to_be_bytes();
    let mut header = vec![0x45, 0, high, low, 0, 0, 0x40, 0, 64, protocol, 0, 0];
    header.extend(source.octets());
    header.extend(destination.octets());
    let words = header.chunks_exact(2).map(|pair| match pair {
        [high, low] => u32::from(u16::from_be_bytes([*high, *low])),
        _ => 0,
    });
    let sum: u32 = words.sum();
    let folded = (sum & 0xFFFF) + (sum >> 16);
    let checksum = !short(usize::try_from((folded & 0xFFFF) + (folded >> 16)).unwrap_or(0));
    header.splice(10..12, checksum.to_be_bytes());
    header
}

/// A length that fits by how frames are made.
pub(super) fn short(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX)
}
