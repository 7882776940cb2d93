//! Who made a device's network card, by the first bits of its hardware address.
//!
//! The IEEE assigns blocks of 24 bits (MA-L), 28 (MA-M) and 36 (MA-S). The table beside this file
//! has the makers that matter in a hospital.
//!
//! Refuses to be sure: a maker's device may have another's card, and whoever sends a frame chooses
//! its address. An address that its user made up names no maker.

use std::collections::HashMap;
use std::sync::LazyLock;

use domain::device::MacAddress;

/// Name, tab, prefixes, a line each.
const TABLE: &str = include_str!("makers.txt");

/// The blocks by their bits, the smallest first, and how a maker is known by each.
const BLOCKS: [(u32, &str); 3] = [
    (36, "the first 36 bits of its hardware address"),
    (28, "the first 28 bits of its hardware address"),
    (24, "the first three bytes of its hardware address"),
];

/// Makers by the bits of the block and its prefix.
static MAKERS: LazyLock<HashMap<(u32, u64), &str>> = LazyLock::new(|| {
    let lines = TABLE.lines().filter_map(|line| line.split_once('\t'));
    let blocks = lines.flat_map(|(name, prefixes)| {
        prefixes.split(' ').filter_map(move |prefix| Some((block(prefix)?, name)))
    });
    blocks.collect()
});

/// Its bits, four for each digit, and its value.
fn block(prefix: &str) -> Option<(u32, u64)> {
    let bits = u32::try_from(prefix.len()).ok()? * 4;
    Some((bits, u64::from_str_radix(prefix, 16).ok()?))
}

/// Who made it, where that is known, and by what.
#[must_use]
pub fn maker(mac: MacAddress) -> Option<(&'static str, &'static str)> {
    if mac.is_local() {
        return None;
    }
    let whole = mac.0.iter().fold(0_u64, |sum, octet| sum << 8 | u64::from(*octet));
    BLOCKS.iter().find_map(|(bits, evidence)| {
        let name = MAKERS.get(&(*bits, whole >> (48 - bits)))?;
        Some((*name, *evidence))
    })
}

#[cfg(test)]
mod tests {
    use domain::device::MacAddress;

    use super::{BLOCKS, MAKERS, TABLE, maker};

    fn of(text: &str) -> Option<(&'static str, &'static str)> {
        maker(MacAddress::parse(text).expect("a hardware address"))
    }

    #[test]
    fn a_maker_is_known_by_the_smallest_block() {
        let [small, medium, large] = BLOCKS.map(|(_, evidence)| evidence);
        for (address, expected) in [
            ("00:09:fb:01:02:03", Some(("Philips (healthcare)", large))),
            ("00:15:5d:00:00:01", Some(("Microsoft Hyper-V", large))),
            ("50:a0:30:8f:00:01", Some(("GE HealthCare", medium))),
            ("70:b3:d5:4c:c0:01", Some(("Fresenius", small))),
            ("70:b3:d5:00:00:01", None),
            ("52:54:00:12:34:56", None),
        ] {
            assert_eq!(of(address), expected, "{address}");
        }
    }

    #[test]
    fn an_address_that_was_made_up_has_no_maker_whatever_its_bits() {
        assert_eq!(of("02:09:fb:01:02:03"), None);
    }

    #[test]
    fn every_line_of_the_table_is_read_and_no_block_has_two_makers() {
        let lines = TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mut prefixes = 0;
        for line in lines {
            let (name, blocks) = line.split_once('\t').expect(line);
            assert!(!name.is_empty() && name.trim() == name, "{line}");
            for prefix in blocks.split(' ') {
                assert!(matches!(prefix.len(), 6 | 7 | 9), "{line}");
                prefixes += 1;
            }
        }
        assert_eq!(MAKERS.len(), prefixes);
        assert!(prefixes > 1_000, "{prefixes}");
    }
}
