//! What each fuzz target does with its bytes; the seeds run through the same functions in
//! `cargo test`.
//!
//! A reader must not panic, must not hang, and must keep the law of conservation.

use domain::fact::Reading;
use domain::network::{Conversation, Direction, End, Moment, Transport};
use domain::problem::Problems;
use domain::sighting::Said;
use sources::advisory::{csaf, cve, epss, kev, nvd, openvex, osv};
use sources::inventory::{self, fhir, releases, rows, sheet};
use sources::json::Json;
use sources::network::dialogue::{Dialogue, Recognised, datagram};
use sources::network::link::LinkType;
use sources::network::observer::{Limits, Observer};
use sources::network::{Seed, capture};
use sources::sbom::{cyclonedx, spdx};
use sources::table::Table;
use sources::xml::Xml;
use sources::{format, text, yaml};

/// A target: its name and what it does.
pub type Target = (&'static str, fn(&[u8]));

/// Every target, by name.
pub const TARGETS: [Target; 22] = [
    ("capture", |bytes| capture(bytes)),
    ("csaf", |bytes| of_json(bytes, csaf::read)),
    ("cve", |bytes| of_json(bytes, cve::read)),
    ("cyclonedx_json", |bytes| {
        of_json(bytes, |json| {
            let _ = cyclonedx::check_json(json);
            cyclonedx::read_json(json)
        })
    }),
    ("cyclonedx_xml", |bytes| {
        of_text(bytes, |text| {
            let xml = Xml::parse(text);
            let _ = cyclonedx::check_xml(&xml);
            cyclonedx::read_xml(&xml)
        })
    }),
    ("dialogue", |bytes| dialogue(bytes)),
    ("epss", |bytes| of_text(bytes, epss::read)),
    ("fhir", |bytes| of_json(bytes, fhir::read)),
    ("frames", |bytes| frames(bytes)),
    ("inventory", |bytes| of_text(bytes, |text| table(text, rows::read))),
    ("kev", |bytes| of_json(bytes, kev::read)),
    ("kev_csv", |bytes| of_text(bytes, kev::read_csv)),
    ("nvd", |bytes| of_json(bytes, nvd::read)),
    ("openvex", |bytes| of_json(bytes, openvex::read)),
    ("osv", |bytes| of_json(bytes, osv::read)),
    ("recognise", |bytes| conserves(&format::read(bytes).reading)),
    ("releases", |bytes| of_text(bytes, |text| table(text, releases::read))),
    ("spdx_json", |bytes| {
        of_json(bytes, |json| {
            let _ = spdx::check_json(json);
            spdx::read_json(json)
        })
    }),
    ("spdx_tag_value", |bytes| {
        of_text(bytes, |text| {
            let _ = spdx::check_tag_value(text);
            spdx::read_tag_value(text)
        })
    }),
    ("spdx_three", |bytes| {
        of_json(bytes, |json| {
            let _ = spdx::check_three(json);
            spdx::read_three(json)
        })
    }),
    ("spreadsheet", |bytes| conserves(&sheet::read(bytes))),
    ("yaml", |bytes| {
        of_text(bytes, |text| {
            let json = yaml::to_json(text).unwrap_or_default();
            let json = Json::parse(&json);
            assert!(json.len() <= 1 || json.damage().is_none(), "{:?}", json.damage());
            osv::read(&json)
        })
    }),
];

fn table(text: &str, read: impl Fn(&Table<'_>) -> Reading) -> Reading {
    inventory::open(text).map(|table| read(&table)).unwrap_or_default()
}

fn of_text(bytes: &[u8], read: impl Fn(&str) -> Reading) {
    conserves(&read(&text::decode(bytes, &mut Problems::default())));
}

fn of_json(bytes: &[u8], read: impl Fn(&Json<'_>) -> Reading) {
    let text = text::decode(bytes, &mut Problems::default());
    conserves(&read(&Json::parse(&text)));
}

/// The limits of a small machine, so that they are reached.
const LIMITS: Limits =
    Limits { sessions: 16, dialogues: 2, stream_bytes: 4_096, fragment_bytes: 4_096, addresses: 4 };

/// A capture gives the same in chunks as in one piece, and its frames are observed.
fn capture(bytes: &[u8]) {
    let mut observer = Observer::new(LIMITS, Seed([1, 2]));
    let whole = capture::read(bytes, &mut |frame| {
        observer.observe(frame.at, frame.link, frame.bytes, &mut |_| {});
        bounded(&observer);
    });
    assert!(whole.conserves(), "{whole:?}");
    let mut reader = capture::Reader::new();
    bytes.chunks(7).for_each(|chunk| reader.push(chunk, &mut |_| {}));
    assert_eq!(reader.finish(), whole);
    close(&mut observer);
}

/// Frames, each after its length in two bytes; the first byte of all names the link.
fn frames(bytes: &[u8]) {
    const LINKS: [u16; 8] = [1, 0, 9, 51, 101, 104, 113, 276];
    let mut observer = Observer::new(LIMITS, Seed([1, 2]));
    let Some((first, mut rest)) = bytes.split_first() else { return };
    let number = LINKS.get(usize::from(*first) % LINKS.len()).copied().unwrap_or_default();
    let link = LinkType::of(number);
    let mut at = Moment(0);
    while let Some(([high, low], after)) = rest.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(after.len());
        let (frame, next) = after.split_at(length);
        at = at.plus(i64::from(*high) * 1_000_000);
        observer.observe(at, link, frame, &mut |_| {});
        bounded(&observer);
        rest = next;
    }
    close(&mut observer);
}

/// A stream of TCP, told the same whether it comes at once or in pieces; and one datagram. The
/// first byte says which way it goes, and how large the pieces are.
fn dialogue(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    let way = if first & 1 == 0 { Direction::ToServer } else { Direction::ToClient };
    let whole = said(way, rest, rest.len().max(1));
    assert_eq!(said(way, rest, usize::from(first >> 1).max(1)), whole);
    let end = |port| End { address: [10, 0, 0, 1].into(), port, mac: None };
    for port in [53, 67, 123, 1812] {
        let (client, server, transport) = (end(40_000), end(port), Transport::Udp);
        let _ = datagram(&Conversation { client, server, transport }, way, rest);
    }
}

fn said(way: Direction, bytes: &[u8], size: usize) -> Vec<Said> {
    let (mut dialogue, mut first, mut told) = (None, Vec::new(), Vec::new());
    for piece in bytes.chunks(size) {
        let mut fed = piece.to_vec();
        if dialogue.is_none() {
            first.extend_from_slice(piece);
            match Dialogue::recognise(way, &first) {
                Recognised::Yes(known) => dialogue = Some(known),
                Recognised::Perhaps => continue,
                Recognised::No => return told,
            }
            fed = std::mem::take(&mut first);
        }
        if let Some(dialogue) = &mut dialogue {
            dialogue.feed(way, &fed, &mut |said| told.push(said));
        }
    }
    told
}

fn bounded(observer: &Observer) {
    let counters = observer.counters();
    assert!(counters.conserves(), "{counters:?}");
    assert!(counters.held_stream_bytes <= LIMITS.stream_bytes, "{counters:?}");
    assert!(counters.held_fragment_bytes <= LIMITS.fragment_bytes, "{counters:?}");
    assert!(counters.dialogues <= LIMITS.dialogues, "{counters:?}");
    assert!(observer.sessions().count() <= LIMITS.sessions, "{counters:?}");
}

fn close(observer: &mut Observer) {
    observer.finish(&mut |_| {});
    let counters = observer.counters();
    assert_eq!(counters.opened, counters.ended, "{counters:?}");
    assert_eq!((counters.held_stream_bytes, counters.held_fragment_bytes), (0, 0));
}

fn conserves(reading: &Reading) {
    assert!(
        reading.conserves(),
        "{} seen, {} made, {} lost: {:?}",
        reading.records_seen,
        reading.records_made,
        reading.problems.records_lost(),
        reading.problems.listed().first(),
    );
}
