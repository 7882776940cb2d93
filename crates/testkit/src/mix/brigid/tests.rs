//! The checked-in captures are what the seed gives.

use std::fs;
use std::io::{Read, Write};
use std::path::PathBuf;

use super::recordings;

/// The most that all of them may take, packed, in bytes: they are inside the program.
const PACKED: usize = 1_500_000;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/saint-brigid-traffic")
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(bytes).expect("memory");
    out.finish().expect("memory")
}

/// What is packed may depend on who packed it; what was packed may not.
#[test]
fn the_checked_in_captures_are_what_the_seed_gives() {
    let (update, mut all) = (std::env::var_os("UPDATE_EXAMPLES").is_some(), 0);
    for (name, bytes) in recordings() {
        let path = folder().join(format!("{name}.pcap.gz"));
        if update {
            fs::create_dir_all(folder()).expect("a folder");
            fs::write(&path, packed(&bytes)).expect("written");
        }
        let there = fs::read(&path).unwrap_or_default();
        all += there.len();
        let mut unpacked = Vec::new();
        let _ = flate2::read::GzDecoder::new(there.as_slice()).read_to_end(&mut unpacked);
        assert!(
            unpacked == bytes,
            "{name} differs; UPDATE_EXAMPLES=1 cargo test -p testkit renews it"
        );
    }
    assert!(all < PACKED, "{all} bytes");
}
