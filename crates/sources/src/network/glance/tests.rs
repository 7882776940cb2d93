//! Frames made by hand, byte by byte from the standards, and every cut of them.

use std::net::{IpAddr, Ipv4Addr};

use domain::device::MacAddress;
use domain::network::Transport;
use domain::packet::{Carried, Content, Internet, Message, Packet, Quoted, Segment};

use super::glance;

const A: [u8; 6] = [2, 0, 0, 0, 0, 1];
const B: [u8; 6] = [2, 0, 0, 0, 0, 2];

fn frame(kind: &[u8], packet: &[u8]) -> Vec<u8> {
    [&B[..], &A[..], kind, packet].concat()
}

fn four(protocol: u8, offset: u16, payload: &[u8]) -> Vec<u8> {
    let total = u16::try_from(20 + payload.len()).expect("small").to_be_bytes();
    let offset = offset.to_be_bytes();
    let head = [
        0x45, 0, total[0], total[1], 0, 7, offset[0], offset[1], 64, protocol, 0, 0, 10, 0, 0, 1,
        10, 0, 0, 2,
    ];
    [&head[..], payload].concat()
}

fn tcp(flags: u8) -> Vec<u8> {
    let mut segment = vec![0x9c, 0x40, 0x17, 0x70];
    segment.extend([0; 8]);
    segment.extend([0x50, flags, 0, 0, 0, 0, 0, 0]);
    segment
}

fn content(frame: &[u8]) -> Content {
    glance(frame).expect("a header").content
}

fn between(carried: Carried) -> Content {
    let (source, destination) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
    Content::Internet(Internet { source, destination, carried })
}

#[test]
fn a_segment_that_begins_is_told_from_one_that_goes_on() {
    for (flags, segment) in [
        (0x02, Segment::Initial),
        (0x12, Segment::Later),
        (0x10, Segment::Later),
        (0x14, Segment::Later),
        (0xc2, Segment::Initial),
    ] {
        let frame = frame(&[8, 0], &four(6, 0, &tcp(flags)));
        assert_eq!(content(&frame), between(Carried::Tcp(40_000, 6000, segment)), "{flags:#x}");
    }
    let seen = glance(&frame(&[8, 0], &four(6, 0, &tcp(2)))).expect("a frame");
    assert_eq!((seen.source, seen.destination), (MacAddress(A), MacAddress(B)));
}

#[test]
fn one_tag_is_passed_over_and_two_are_not() {
    let packet = four(17, 0, &[0, 67, 0, 68, 0, 8, 0, 0]);
    let once = frame(&[0x81, 0, 0x60, 0x0a, 8, 0], &packet);
    let Packet { vlan, content: inner, .. } = glance(&once).expect("a frame");
    assert_eq!((vlan, inner), (Some(10), between(Carried::Udp(67, 68))));
    let twice = frame(&[0x81, 0, 0, 1, 0x81, 0, 0, 2, 8, 0], &packet);
    assert_eq!(content(&twice), Content::Other(0x8100));
}

#[test]
fn fragments_and_what_is_cut_have_no_ports() {
    let later = frame(&[8, 0], &four(6, 100, &tcp(2)));
    assert_eq!(content(&later), between(Carried::Fragment(Transport::Tcp)));
    let first = frame(&[8, 0], &four(6, 0x2000, &tcp(2)));
    assert_eq!(content(&first), between(Carried::Tcp(40_000, 6000, Segment::Initial)));
    let cut = frame(&[8, 0], &four(17, 0, &[0, 67]));
    assert_eq!(content(&cut), between(Carried::Cut));
    let ping = frame(&[8, 0], &four(1, 0, &[8, 0, 0, 0]));
    assert_eq!(content(&ping), between(Carried::Portless(Transport::Icmp)));
}

#[test]
fn an_error_about_size_is_told_with_the_packet_that_it_is_about() {
    let mut error = vec![3, 4, 0, 0, 0, 0, 5, 0];
    error.extend(four(6, 0, &tcp(0x10)));
    let (source, destination) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
    let transport = Transport::Tcp;
    let quoted = Quoted { source, destination, transport, from: 40_000, to: 6000 };
    let told = content(&frame(&[8, 0], &four(1, 0, &error)));
    assert_eq!(told, between(Carried::TooBig(quoted)));
    let short = content(&frame(&[8, 0], &four(1, 0, &error[..20])));
    assert_eq!(short, between(Carried::Portless(Transport::Icmp)));
}

#[test]
fn arp_and_discovery_are_told() {
    let mut asks = vec![0, 1, 8, 0, 6, 4, 0, 1];
    asks.extend([&A[..], &[10, 0, 0, 1], &[0; 6], &[10, 0, 0, 2]].concat());
    let target = Ipv4Addr::new(10, 0, 0, 2);
    assert_eq!(content(&frame(&[8, 6], &asks)), Content::Arp(Ipv4Addr::new(10, 0, 0, 1), target));
    let mut six = vec![0x60, 0, 0, 0, 0, 24, 58, 255];
    six.extend([0xfe; 16]);
    six.extend([0xff; 16]);
    six.extend([135, 0, 0, 0, 0, 0, 0, 0]);
    six.extend([0x20; 16]);
    let Content::Discovery(discovery) = content(&frame(&[0x86, 0xdd], &six)) else {
        panic!("it is discovery");
    };
    assert_eq!(discovery.message, Message::Solicits([0x20; 16].into()));
}

#[test]
fn a_frame_cut_anywhere_is_read_or_refused() {
    let whole = frame(&[0x81, 0, 0, 1, 8, 0], &four(6, 0, &tcp(2)));
    for end in 0..whole.len() {
        let seen = glance(&whole[..end]);
        assert_eq!(seen.is_some(), end >= 14, "{end}");
    }
}
