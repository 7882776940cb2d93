//! Captures of both formats: whole, cut anywhere, in chunks, and lying about their lengths.

use super::{FRAME_BYTES, Reader, Summary, read};
use domain::network::Moment;
use domain::problem::Code;

/// A frame as given: its moment, bytes, and length on the wire.
type Given = (i64, Vec<u8>, u32);

fn frames(bytes: &[u8]) -> (Vec<Given>, Summary) {
    let mut given = Vec::new();
    let summary = read(bytes, &mut |f| given.push((f.at.0, f.bytes.to_vec(), f.original_bytes)));
    assert!(summary.conserves(), "{summary:?}");
    (given, summary)
}

fn codes(summary: &Summary) -> Vec<Code> {
    summary.problems.by_code().map(|(code, _)| code).collect()
}

#[derive(Clone, Copy)]
enum Order {
    Little,
    Big,
}

impl Order {
    fn words(self, words: &[u32]) -> Vec<u8> {
        let bytes = |word: &u32| match self {
            Self::Little => word.to_le_bytes(),
            Self::Big => word.to_be_bytes(),
        };
        words.iter().flat_map(bytes).collect()
    }

    fn halves(self, halves: [u16; 2]) -> Vec<u8> {
        let bytes = |half: u16| match self {
            Self::Little => half.to_le_bytes(),
            Self::Big => half.to_be_bytes(),
        };
        halves.into_iter().flat_map(bytes).collect()
    }

    fn pcap(self, magic: u32) -> Vec<u8> {
        let mut bytes = self.words(&[magic]);
        bytes.extend(self.halves([2, 4]));
        bytes.extend(self.words(&[0, 0, 65_535, 1]));
        for (seconds, fraction, data) in [(10, 5_000, &b"abc"[..]), (11, 7_000, b"defgh")] {
            let length = u32::try_from(data.len()).unwrap();
            bytes.extend(self.words(&[seconds, fraction, length, length + 10]));
            bytes.extend(data);
        }
        bytes
    }

    fn block(self, kind: u32, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len().next_multiple_of(4) + 12).unwrap();
        let mut bytes = self.words(&[kind, length]);
        bytes.extend(body);
        bytes.resize(length as usize - 4, 0);
        bytes.extend(self.words(&[length]));
        bytes
    }

    fn section(self) -> Vec<u8> {
        let mut body = self.words(&[0x1a2b_3c4d]);
        body.extend(self.halves([1, 0]));
        body.extend([0xff; 8]);
        self.block(0x0a0d_0d0a, &body)
    }

    /// An interface that counts in units of `resolution`, five seconds late.
    fn interface(self, resolution: u8) -> Vec<u8> {
        let mut body = self.halves([1, 0]);
        body.extend(self.words(&[0]));
        body.extend(self.halves([9, 1]));
        body.extend([resolution, 0, 0, 0]);
        body.extend(self.halves([14, 8]));
        body.extend(match self {
            Self::Little => 5_u64.to_le_bytes(),
            Self::Big => 5_u64.to_be_bytes(),
        });
        self.block(1, &body)
    }

    fn enhanced(self, interface: u32, units: u32, data: &[u8]) -> Vec<u8> {
        let length = u32::try_from(data.len()).unwrap();
        let mut body = self.words(&[interface, 0, units, length, length]);
        body.extend(data);
        self.block(6, &body)
    }

    fn pcapng(self) -> Vec<u8> {
        let mut obsolete = self.halves([0, 9]);
        obsolete.extend(self.words(&[0, 3_000_000, 2, 2]));
        obsolete.extend(b"hi");
        let mut simple = self.words(&[3]);
        simple.extend(b"xyz");
        [
            self.section(),
            self.interface(6),
            self.interface(0x8a),
            self.block(4, b"names"),
            self.enhanced(0, 1_000_000, b"abc"),
            self.enhanced(1, 1_536, b"defgh"),
            self.block(2, &obsolete),
            self.block(3, &simple),
            self.block(5, b"counts"),
        ]
        .concat()
    }
}

#[test]
fn pcap_is_read_in_both_orders_and_resolutions() {
    for order in [Order::Little, Order::Big] {
        for (magic, units) in [(0xa1b2_c3d4, 1), (0xa1b2_3c4d, 1_000)] {
            let (given, summary) = frames(&order.pcap(magic));
            let expected = [
                (10_000_000 + 5_000 / units, b"abc".to_vec(), 13),
                (11_000_000 + 7_000 / units, b"defgh".to_vec(), 15),
            ];
            assert_eq!(given, expected);
            assert!(summary.problems.is_empty());
        }
    }
}

#[test]
fn pcapng_is_read_section_by_section_in_both_orders() {
    let bytes = [Order::Little.pcapng(), Order::Big.pcapng()].concat();
    let (given, summary) = frames(&bytes);
    let section = [
        (6_000_000, b"abc".to_vec(), 3),
        (6_500_000, b"defgh".to_vec(), 5),
        (8_000_000, b"hi".to_vec(), 2),
        (8_000_000, b"xyz".to_vec(), 3),
    ];
    assert_eq!(given, [section.clone(), section].concat());
    assert!(summary.problems.is_empty(), "{summary:?}");
}

#[test]
fn chunks_of_any_size_give_the_same_as_the_whole() {
    for whole in [Order::Big.pcap(0xa1b2_c3d4), Order::Little.pcapng()] {
        let expected = frames(&whole);
        for size in 1..whole.len() {
            let mut given = Vec::new();
            let mut reader = Reader::new();
            for chunk in whole.chunks(size) {
                reader.push(chunk, &mut |f| {
                    given.push((f.at.0, f.bytes.to_vec(), f.original_bytes));
                });
            }
            assert_eq!((given, reader.finish()), expected, "chunks of {size}");
        }
    }
}

#[test]
fn a_capture_cut_anywhere_conserves_its_frames_and_is_told_as_cut() {
    for whole in [Order::Big.pcap(0xa1b2_c3d4), Order::Little.pcapng()] {
        let (all, _) = frames(&whole);
        for end in 0..whole.len() {
            let (given, summary) = frames(&whole[..end]);
            assert_eq!(given, all[..given.len()], "cut at {end}");
            let told = codes(&summary);
            let ok = told.is_empty() || told == [Code::InputTruncated] || end == 0;
            assert!(ok, "cut at {end}: {told:?}");
        }
    }
}

#[test]
fn the_modified_format_and_what_is_no_capture_are_told_apart() {
    let (_, summary) = frames(&Order::Little.pcap(0xa1b2_cd34));
    assert_eq!(codes(&summary), [Code::InputUnsupported]);
    let (_, summary) = frames(b"GENERATED, not a capture");
    assert_eq!(codes(&summary), [Code::InputUnrecognised]);
    let (_, summary) = frames(b"");
    assert_eq!(codes(&summary), [Code::InputEmpty]);
}

#[test]
fn a_frame_that_is_too_long_is_passed_over_and_the_next_one_read() {
    let order = Order::Little;
    let mut bytes = order.pcap(0xa1b2_c3d4);
    let long = u32::try_from(FRAME_BYTES + 1).unwrap();
    bytes.extend(order.words(&[1, 0, long, long]));
    bytes.resize(bytes.len() + FRAME_BYTES + 1, 0);
    bytes.extend(order.words(&[12, 0, 1, 1]));
    bytes.push(b'z');
    let (given, summary) = frames(&bytes);
    assert_eq!(given.len(), 3);
    assert_eq!(given[2], (12_000_000, b"z".to_vec(), 1));
    assert_eq!(codes(&summary), [Code::InputTooLarge]);
    let mut reader = Reader::new();
    for chunk in bytes.chunks(1_000) {
        reader.push(chunk, &mut |_| {});
        assert!(reader.held_bytes() <= 1_016, "{} held", reader.held_bytes());
    }
    assert_eq!(reader.finish(), summary);
}

#[test]
fn blocks_that_lie_are_told_and_the_others_read() {
    let order = Order::Little;
    let mut cut = order.words(&[0, 0, 0, 50, 50]);
    cut.extend(b"few");
    let bytes = [
        order.section(),
        order.interface(6),
        order.enhanced(7, 0, b"no such interface"),
        order.block(6, &cut),
        order.block(0x7777, b"unknown"),
        order.enhanced(0, 0, b"last"),
    ]
    .concat();
    let (given, summary) = frames(&bytes);
    assert_eq!(given, [(5_000_000, b"last".to_vec(), 4)]);
    let told = codes(&summary);
    let expected = [Code::InputUnsupported, Code::InputSyntax, Code::RecordDanglingReference];
    assert_eq!(told, expected);
    assert_eq!(summary.problems.records_lost(), 2);
}

#[test]
fn a_block_length_that_cannot_be_ends_the_reading_and_is_told() {
    for length in [0_u32, 8, 13] {
        let order = Order::Big;
        let bytes = [order.section(), order.words(&[6, length, 0, 0])].concat();
        let (given, summary) = frames(&bytes);
        assert!(given.is_empty() && summary.problems.lost_document());
        assert_eq!(codes(&summary), [Code::InputSyntax]);
    }
}

#[test]
fn resolutions_beyond_all_sense_stay_within_time() {
    for resolution in [0, 6, 9, 127, 0x80, 0xff] {
        let order = Order::Little;
        let mut body = order.words(&[0, u32::MAX, u32::MAX, 1, 1]);
        body.push(1);
        let bytes = [order.section(), order.interface(resolution), order.block(6, &body)].concat();
        let mut moments = Vec::new();
        read(&bytes, &mut |frame| moments.push(frame.at));
        assert!(moments[0] > Moment(0), "{resolution}");
    }
}
