//! Hand-made frames, every capture of the real data, and limits that must hold.

mod frames;
mod room;

use super::{Limits, Observer, TCP_IDLE};
use crate::network::capture::Reader;
use crate::network::link::LinkType;
use crate::network::table::Seed;
use domain::network::{Moment, Session};
use domain::sighting::{Seen, Sighting};
use expect_test::{Expect, expect};
use frames::{ACK, FIN, RST, SYN, arp, four, icmp, six, tcp, to_client, udp, wrap};

const SEED: Seed = Seed([0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210]);

fn shown(session: &Session) -> String {
    let (c, s) = (session.conversation.client, session.conversation.server);
    let (up, down) = (session.to_server, session.to_client);
    let vlan = session.vlan.map(|vlan| format!(" vlan {vlan}")).unwrap_or_default();
    format!(
        "{} {}:{} > {}:{} {:?} {}/{} {}/{}{vlan}",
        session.conversation.transport,
        c.address,
        c.port,
        s.address,
        s.port,
        session.state,
        up.packets,
        up.bytes,
        down.packets,
        down.bytes
    )
}

fn line(sighting: &Sighting) -> String {
    match &sighting.seen {
        Seen::Address(mac, address) => format!("{address} is at {mac}"),
        Seen::Opened(session) => format!("opened {}", shown(session)),
        Seen::Ended(session) => format!("ended  {}", shown(session)),
        other => format!("{other:?}"),
    }
}

/// Observes frames a millisecond apart, and shows what was told, and then what `finish` tells.
#[track_caller]
fn check(frames: &[Vec<u8>], expected: &Expect) {
    let mut observer = Observer::new(Limits::default(), SEED);
    let mut told = String::new();
    for (number, frame) in (0..).zip(frames) {
        observer.observe(Moment(number * 1_000), LinkType::Ethernet, frame, &mut |sighting| {
            told.push_str(&line(&sighting));
            told.push('\n');
        });
    }
    told.push_str("--\n");
    observer.finish(&mut |sighting| {
        told.push_str(&line(&sighting));
        told.push('\n');
    });
    let counters = observer.counters();
    assert!(counters.conserves(), "{counters:?}");
    assert_eq!(counters.opened, counters.ended, "{counters:?}");
    assert_eq!((counters.held_stream_bytes, counters.held_fragment_bytes), (0, 0));
    expected.assert_eq(&told);
}

#[test]
fn a_connection_is_followed_from_its_syn_to_its_last_acknowledgement() {
    check(
        &[
            tcp(SYN, 100, 0, b""),
            to_client(SYN | ACK, 500, 101, b""),
            tcp(ACK, 101, 501, b"hello"),
            to_client(ACK, 501, 106, b"hi"),
            tcp(FIN | ACK, 106, 503, b""),
            to_client(FIN | ACK, 503, 107, b""),
            tcp(ACK, 107, 504, b""),
            tcp(ACK, 107, 504, b""),
        ],
        &expect![[r"
            opened tcp 10.0.0.1:40000 > 10.0.0.2:104 Attempted 1/0 0/0
            ended  tcp 10.0.0.1:40000 > 10.0.0.2:104 Closed 4/5 3/2
            --
        "]],
    );
}

#[test]
fn a_refused_connection_needs_a_reset_that_answers_its_syn() {
    check(
        &[
            tcp(SYN, 100, 0, b""),
            to_client(RST | ACK, 0, 7_777, b""),
            to_client(RST | ACK, 0, 101, b""),
        ],
        &expect![[r"
            opened tcp 10.0.0.1:40000 > 10.0.0.2:104 Attempted 1/0 0/0
            ended  tcp 10.0.0.1:40000 > 10.0.0.2:104 Refused 1/0 2/0
            --
        "]],
    );
}

#[test]
fn a_blind_reset_ends_nothing_and_one_in_the_window_does() {
    let opening = [
        tcp(SYN, 100, 0, b""),
        to_client(SYN | ACK, 500, 101, b""),
        tcp(ACK, 101, 501, b""),
        to_client(RST, 900_000_000, 0, b""),
        tcp(ACK, 101, 501, b"on"),
    ];
    check(
        &opening,
        &expect![[r"
        opened tcp 10.0.0.1:40000 > 10.0.0.2:104 Attempted 1/0 0/0
        --
        ended  tcp 10.0.0.1:40000 > 10.0.0.2:104 Established 3/2 2/0
    "]],
    );
    check(
        &[&opening[..], &[to_client(RST, 501, 0, b"")]].concat(),
        &expect![[r"
        opened tcp 10.0.0.1:40000 > 10.0.0.2:104 Attempted 1/0 0/0
        ended  tcp 10.0.0.1:40000 > 10.0.0.2:104 Reset 3/2 3/0
        --
    "]],
    );
}

#[test]
fn a_connection_that_was_open_before_is_picked_up_and_the_lower_port_serves() {
    check(
        &[to_client(ACK, 501, 106, b"result"), tcp(ACK, 106, 507, b"")],
        &expect![[r"
        opened tcp 10.0.0.1:40000 > 10.0.0.2:104 Attempted 0/0 1/6
        --
        ended  tcp 10.0.0.1:40000 > 10.0.0.2:104 Established 1/0 1/6
    "]],
    );
}

#[test]
fn a_port_used_again_makes_a_new_session() {
    check(
        &[
            tcp(SYN, 100, 0, b""),
            to_client(SYN | ACK, 500, 101, b""),
            tcp(ACK, 101, 501, b""),
            tcp(SYN, 9_000, 0, b""),
            to_client(SYN | ACK, 80_000, 9_001, b""),
            tcp(ACK, 9_001, 80_001, b"x"),
        ],
        &expect![[r"
            opened tcp 10.0.0.1:40000 > 10.0.0.2:104 Attempted 1/0 0/0
            ended  tcp 10.0.0.1:40000 > 10.0.0.2:104 Established 3/0 1/0
            opened tcp 10.0.0.1:40000 > 10.0.0.2:104 Attempted 0/0 1/0
            --
            ended  tcp 10.0.0.1:40000 > 10.0.0.2:104 Established 1/1 1/0
        "]],
    );
}

#[test]
fn an_unreachable_server_refuses_what_the_error_quotes() {
    let syn = four(6, &frames::segment([40_000, 104], SYN, [100, 0], b""));
    let forged = four(6, &frames::segment([40_000, 104], SYN, [999, 0], b""));
    let asked = four(17, &udp([50_000, 161], b"?"));
    check(
        &[
            wrap(0x0800, &syn),
            wrap(0x0800, &icmp(3, &forged)),
            wrap(0x0800, &icmp(3, &syn)),
            wrap(0x0800, &asked),
            wrap(0x0800, &icmp(3, &asked)),
        ],
        &expect![[r"
            opened tcp 10.0.0.1:40000 > 10.0.0.2:104 Attempted 1/0 0/0
            ended  tcp 10.0.0.1:40000 > 10.0.0.2:104 Refused 1/0 0/0
            opened udp 10.0.0.1:50000 > 10.0.0.2:161 Attempted 1/1 0/0
            --
            ended  udp 10.0.0.1:50000 > 10.0.0.2:161 Refused 1/1 0/0
        "]],
    );
}

#[test]
fn datagrams_and_echoes_are_sessions_until_a_pause() {
    check(
        &[
            wrap(0x0800, &four(17, &udp([50_000, 53], b"question"))),
            wrap(0x0800, &frames::back(17, &udp([53, 50_000], b"answer"))),
            wrap(0x0800, &frames::back(17, &udp([123, 50_001], b"late answer"))),
            wrap(0x0800, &four(1, &[8, 0, 0, 0, 0, 1, 0, 1, b'?'])),
            wrap(0x0800, &frames::back(1, &[0, 0, 0, 0, 0, 1, 0, 1, b'!'])),
            wrap(0x0800, &four(2, b"igmp")),
        ],
        &expect![[r"
            opened udp 10.0.0.1:50000 > 10.0.0.2:53 Attempted 1/8 0/0
            opened udp 10.0.0.1:50001 > 10.0.0.2:123 Attempted 0/0 1/11
            opened icmp 10.0.0.1:0 > 10.0.0.2:0 Attempted 1/1 0/0
            opened ip-2 10.0.0.1:0 > 10.0.0.2:0 Attempted 1/4 0/0
            --
            ended  udp 10.0.0.1:50000 > 10.0.0.2:53 Established 1/8 1/6
            ended  udp 10.0.0.1:50001 > 10.0.0.2:123 Attempted 0/0 1/11
            ended  icmp 10.0.0.1:0 > 10.0.0.2:0 Established 1/1 1/1
            ended  ip-2 10.0.0.1:0 > 10.0.0.2:0 Attempted 1/4 0/0
        "]],
    );
}

#[test]
fn a_claim_to_an_address_is_told_once_and_again_when_another_makes_it() {
    let mut solicitation = vec![135, 0, 0, 0, 0, 0, 0, 0];
    solicitation.extend([0xfe; 16]);
    solicitation.extend([1, 1, 2, 0, 0, 0, 0, 9]);
    check(
        &[
            arp([2, 0, 0, 0, 0, 1], [10, 0, 0, 1]),
            arp([2, 0, 0, 0, 0, 1], [10, 0, 0, 1]),
            arp([2, 0, 0, 0, 0, 6], [10, 0, 0, 1]),
            arp([2, 0, 0, 0, 0, 1], [0, 0, 0, 0]),
            wrap(0x86dd, &six(58, 255, &solicitation)),
            wrap(0x86dd, &six(58, 64, &solicitation)),
        ],
        &expect![[r"
            10.0.0.1 is at 02:00:00:00:00:01
            10.0.0.1 is at 02:00:00:00:00:06
            fe80::1 is at 02:00:00:00:00:09
            --
        "]],
    );
}

#[test]
fn fragments_make_a_packet_in_any_order() {
    let whole = udp([50_000, 69], &[b'x'; 3_000]);
    let part = |from: usize, to: usize, more: u8| {
        wrap(0x0800, &frames::fragment(&whole[from..to], u16::try_from(from / 8).unwrap(), more))
    };
    check(
        &[part(1_600, 3_008, 0), part(0, 800, 1), part(800, 1_600, 1)],
        &expect![[r"
        opened udp 10.0.0.1:50000 > 10.0.0.2:69 Attempted 1/3000 0/0
        --
        ended  udp 10.0.0.1:50000 > 10.0.0.2:69 Attempted 1/3000 0/0
    "]],
    );
}

#[test]
fn padding_and_tags_and_tunnels_are_taken_off() {
    let packet = four(17, &udp([50_000, 53], b"q"));
    let mut tagged = vec![0x20, 0x05, 0x81, 0x00, 0x00, 0x07, 0x08, 0x00];
    tagged.extend(&packet);
    tagged.extend([0; 20]);
    let gre = [&[0, 0, 8, 0][..], &packet].concat();
    let cisco = [&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0][..], &packet].concat();
    let length = u16::try_from(cisco.len()).unwrap();
    check(
        &[
            wrap(0x88a8, &tagged),
            wrap(0x0800, &four(47, &gre)),
            wrap(0x0800, &four(4, &packet)),
            wrap(0x8847, &[&[0, 1, 0, 64, 0, 2, 1, 64][..], &packet].concat()),
            wrap(0x8864, &[&[0x11, 0, 0, 1, 0, 0, 0, 0x21][..], &packet].concat()),
            wrap(length, &cisco),
        ],
        &expect![[r"
            opened udp 10.0.0.1:50000 > 10.0.0.2:53 Attempted 1/1 0/0 vlan 7
            --
            ended  udp 10.0.0.1:50000 > 10.0.0.2:53 Attempted 6/6 0/0 vlan 7
        "]],
    );
}

#[test]
fn every_link_type_gives_the_same_packet() {
    let packet = four(17, &udp([50_000, 53], b"q"));
    let links: [(u16, &[u8]); 9] = [
        (0, &[2, 0, 0, 0]),
        (0, &[0, 0, 0, 2]),
        (108, &[0, 0, 0, 2]),
        (9, &[0xff, 3, 0, 0x21]),
        (9, &[0x21]),
        (101, &[]),
        (104, &[0x0f, 0, 8, 0]),
        (113, &[0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0]),
        (276, &[8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0]),
    ];
    for (number, header) in links {
        let mut observer = Observer::new(Limits::default(), SEED);
        let frame = [header, &packet].concat();
        observer.observe(Moment(0), LinkType::of(number), &frame, &mut |_| {});
        let sessions: Vec<String> = observer.sessions().map(shown).collect();
        assert_eq!(sessions, ["udp 10.0.0.1:50000 > 10.0.0.2:53 Attempted 1/1 0/0"], "{number}");
        for end in 0..frame.len() {
            observer.observe(Moment(0), LinkType::of(number), &frame[..end], &mut |_| {});
        }
        assert!(observer.counters().conserves());
    }
}

#[test]
fn time_ends_what_is_quiet_though_a_clock_is_set_back() {
    let mut observer = Observer::new(Limits::default(), SEED);
    let mut ended = Vec::new();
    let mut tell = |sighting: Sighting| {
        if let Seen::Ended(session) = sighting.seen {
            ended.push(format!("{:?}", session.state));
        }
    };
    let mut see = |at, frame: &[u8]| {
        observer.observe(Moment(at), LinkType::Ethernet, frame, &mut tell);
    };
    see(1_000_000_000_000, &tcp(ACK, 1, 1, b"x"));
    see(1_000_000_000_000, &to_client(ACK, 1, 2, b"x"));
    // A clock set back by days, and on from there.
    see(1_000, &wrap(0x0800, &four(17, &udp([50_000, 53], b"q"))));
    see(TCP_IDLE + 10_000_000, &arp([2, 0, 0, 0, 0, 1], [10, 0, 0, 1]));
    assert_eq!(ended, ["Attempted", "TimedOut"]);
    assert_eq!(observer.sessions().count(), 0);
}

#[test]
fn limits_hold_whatever_is_sent() {
    let limits = Limits {
        sessions: 50,
        dialogues: 2,
        stream_bytes: 10_000,
        fragment_bytes: 10_000,
        addresses: 20,
    };
    let mut observer = Observer::new(limits, SEED);
    for number in 0_u16..2_000 {
        let [high, low] = number.to_be_bytes();
        let fragment = frames::fragment(&[high, low, 0, 0, 0, 0, 0, 0], number, 1);
        let segment = frames::segment([number, 104], ACK, [u32::from(number) * 7, 1], &[low; 500]);
        let seen = [
            wrap(0x0800, &four(6, &segment)),
            wrap(0x0800, &four(17, &udp([number, 53], b"q"))),
            wrap(0x0800, &fragment),
            arp([2, 0, 0, 0, high, low], [10, 0, high, low]),
        ];
        for frame in seen {
            observer.observe(Moment(0), LinkType::Ethernet, &frame, &mut |_| {});
            bounded(&observer, limits);
        }
    }
    let counters = observer.counters();
    assert!(counters.sessions_evicted > 0 && counters.addresses_evicted > 0, "{counters:?}");
    assert!(counters.packets_given_up > 0, "{counters:?}");
}

fn bounded(observer: &Observer, limits: Limits) {
    let counters = observer.counters();
    assert!(counters.conserves(), "{counters:?}");
    assert!(counters.held_stream_bytes <= limits.stream_bytes, "{counters:?}");
    assert!(counters.held_fragment_bytes <= limits.fragment_bytes, "{counters:?}");
    assert!(counters.dialogues <= limits.dialogues, "{counters:?}");
    assert!(counters.opened - counters.ended <= limits.sessions as u64, "{counters:?}");
}

#[test]
fn every_real_capture_is_read_within_the_limits_and_each_session_ends() {
    let limits = Limits { stream_bytes: 64 << 10, fragment_bytes: 64 << 10, ..Limits::default() };
    let (mut frames, mut sessions, mut unread) = (0, 0, 0);
    for path in testkit::shared_files("captures") {
        let bytes = std::fs::read(&path).expect("readable");
        let mut observer = Observer::new(limits, SEED);
        let mut reader = Reader::new();
        let mut open = 0_i64;
        for chunk in bytes.chunks(65_536) {
            reader.push(chunk, &mut |frame| {
                observer.observe(frame.at, frame.link, frame.bytes, &mut |sighting| {
                    open += change(&sighting);
                });
                bounded(&observer, limits);
            });
        }
        observer.finish(&mut |sighting| open += change(&sighting));
        let (summary, counters) = (reader.finish(), observer.counters());
        assert!(summary.conserves() && open == 0, "{}: {open} open", path.display());
        assert_eq!(summary.frames_given as u64, counters.frames, "{}", path.display());
        assert_eq!((counters.held_stream_bytes, counters.held_fragment_bytes), (0, 0));
        frames += counters.frames;
        sessions += counters.opened;
        unread += counters.unknown_link + counters.cut + counters.malformed;
    }
    println!("{frames} frames, {sessions} sessions, {unread} frames unread");
    assert!(frames > 50_000 && sessions > 2_000, "{frames} frames, {sessions} sessions");
    assert!(unread * 50 < frames, "{unread} of {frames} frames were not read");
}

/// How a sighting changes the number of open sessions.
fn change(sighting: &Sighting) -> i64 {
    match sighting.seen {
        Seen::Opened(_) => 1,
        Seen::Ended(_) => -1,
        _ => 0,
    }
}
