//! Saint Brigid: a made-up hospital whose product names, advisories and vulnerabilities are real.
//!
//! The product lines, wards, software and advisories below are written by hand; which unit has
//! which serial number, address and room comes from a seed. The files in `examples/saint-brigid`
//! are what [`files`] returns for [`SEED`], and a test holds the two together.
//!
//! Refuses to be random: the same seed gives the same bytes.

mod advisories;
mod feeds;
mod inventory;
mod lines;
mod packed;
mod sboms;
mod spreadsheet;

use std::net::Ipv4Addr;

/// The seed of the checked-in example.
pub const SEED: u64 = 0x0ABE_1D00;

/// A file of the example: its path and its bytes.
pub type File = (String, Vec<u8>);

/// Every made file of the hospital, by path.
#[must_use]
pub fn files(seed: u64) -> Vec<File> {
    let units = inventory::units(seed);
    let mut files = inventory::files(&units);
    files.extend(sboms::files(seed));
    files.extend(advisories::files());
    files.extend(feeds::files());
    files.sort();
    files
}

/// A unit as it is on the network.
#[derive(Debug, Clone)]
pub(crate) struct Machine {
    pub(crate) id: String,
    /// Of which product line.
    pub(crate) line: &'static str,
    pub(crate) mac: [u8; 6],
    pub(crate) address: Ipv4Addr,
}

/// The units of the checked-in example that are not in store, as they are on the network.
pub(crate) fn machines() -> Vec<Machine> {
    inventory::units(SEED).iter().filter_map(inventory::machine).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::PathBuf;

    use super::{SEED, files, inventory, lines};

    fn folder() -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/saint-brigid")
    }

    #[test]
    fn the_checked_in_example_is_what_the_seed_gives() {
        let update = std::env::var_os("UPDATE_EXAMPLES").is_some();
        for (name, bytes) in files(SEED) {
            let path = folder().join(&name);
            if update {
                fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
                fs::write(&path, &bytes).expect("written");
            }
            let there = fs::read(&path).unwrap_or_default();
            assert!(
                there == bytes,
                "{name} differs; UPDATE_EXAMPLES=1 cargo test -p testkit renews it"
            );
        }
    }

    #[test]
    fn it_is_a_whole_hospital() {
        let units = inventory::units(SEED);
        assert!((230..=260).contains(&units.len()), "{} units", units.len());
        assert!(lines::LINES.len() >= 30, "{} lines", lines::LINES.len());
        let wards: BTreeSet<&str> = units.iter().map(|unit| unit.ward.name).collect();
        assert!(wards.len() >= 12, "{} wards", wards.len());
        let ids: BTreeSet<&str> = units.iter().map(|unit| unit.id.as_str()).collect();
        assert_eq!(ids.len(), units.len(), "ids are unique");
    }
}
