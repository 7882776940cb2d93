//! A clinical mix: the traffic of a hospital of some hundred devices, made from a seed and written
//! as a capture as large as is wanted.
//!
//! Bedside devices report by HL7 over sessions that stay open, modalities store images, pumps fetch
//! their libraries, workstations read records over TLS and files over SMB, and all of them ask for
//! names, addresses and the time. [`KINDS`] says how much of each there is; what was written is
//! told, so that whoever reads the capture can be compared with who wrote it. Segments are lost and
//! sent again, come twice and out of order, and a few were never seen by the sensor.
//!
//! Refuses to be random: the same seed gives the same bytes. Checksums are left at zero, as a
//! capture at a sender has them whose card fills them in.

pub mod brigid;
mod frames;
mod scripts;
mod wire;
mod words;

use std::collections::BTreeMap;
use std::io::{self, Write};

use scripts::Hospital;
use wire::Wire;

/// The seed of the benchmark's capture.
pub const SEED: u64 = 0x0C11_41CA_1A1C;

/// What is spoken, and about how many of a thousand bytes it makes.
pub const KINDS: [(Kind, u32); 9] = [
    (Kind::Dicom, 540),
    (Kind::Hl7, 170),
    (Kind::Http, 90),
    (Kind::Tls, 95),
    (Kind::Smb, 90),
    (Kind::Dns, 7),
    (Kind::Dhcp, 1),
    (Kind::Ntp, 4),
    (Kind::Arp, 3),
];

/// A kind of traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Images that are stored.
    Dicom,
    /// Measurements and their acknowledgements, on sessions that stay open.
    Hl7,
    /// Libraries that are fetched.
    Http,
    /// Records that are read.
    Tls,
    /// Files that are read.
    Smb,
    /// Names.
    Dns,
    /// Addresses given.
    Dhcp,
    /// The time.
    Ntp,
    /// Addresses asked for on the segment.
    Arp,
}

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// Frames, and bytes of frames.
    pub frames: u64,
    /// Bytes of frames.
    pub bytes: u64,
    /// Frames and bytes of each kind.
    pub kinds: BTreeMap<Kind, (u64, u64)>,
    /// What was said, by name: messages, associations, stores, requests, questions.
    pub said: BTreeMap<&'static str, u64>,
    /// Segments that were sent again because they were lost before the sensor.
    pub lost: u64,
    /// Segments that the sensor saw twice.
    pub doubled: u64,
    /// Segments that came after the one that follows them.
    pub late: u64,
    /// Segments that arrived and that the sensor never saw.
    pub unseen: u64,
    /// How long it lasts, in microseconds.
    pub lasts: i64,
}

/// Writes a capture (pcap, microseconds) of at least this many bytes.
///
/// # Errors
/// Where the writer fails.
pub fn write(seed: u64, bytes: u64, out: &mut dyn Write) -> io::Result<Written> {
    let mut wire = Wire::new(seed, out)?;
    let mut hospital = Hospital::new();
    while wire.written.bytes < bytes {
        hospital.next(&mut wire)?;
    }
    wire.finish()
}

#[cfg(test)]
mod tests {
    use super::{KINDS, SEED, write};

    const BYTES: u64 = 24_000_000;

    #[test]
    fn the_same_seed_gives_the_same_capture() {
        let made = |seed| {
            let mut out = Vec::new();
            let written = write(seed, 2_000_000, &mut out).expect("memory");
            (out, written)
        };
        assert!(made(1) == made(1));
        assert!(made(1) != made(2));
    }

    #[test]
    fn the_proportions_are_those_that_are_stated() {
        let written = write(SEED, BYTES, &mut std::io::sink()).expect("a sink");
        assert!(written.bytes >= BYTES && written.frames > 20_000, "{written:?}");
        for (kind, thousandths) in KINDS {
            let bytes = written.kinds.get(&kind).map_or(0, |(_, bytes)| *bytes);
            let share = bytes as f64 * 1_000.0 / written.bytes as f64;
            let stated = f64::from(thousandths);
            let off = (share - stated).abs();
            assert!(off < 2.0 + stated * 0.35, "{kind:?}: {share:.1} of a thousand, not {stated}");
        }
        let troubles = [written.lost, written.doubled, written.late, written.unseen];
        assert!(troubles.iter().all(|count| *count > 0), "{troubles:?}");
    }
}
