//! A large hospital made from a seed: inventory, SBOMs and advisories, for benchmarks.

use std::fs;
use std::path::Path;

const SEED: u64 = 0x5E_ED0F_A5E9;
/// Packages in the world; components are drawn from them, and vulnerabilities are theirs.
const PACKAGES: u64 = 9_000;

/// `SplitMix64` (Steele, Lea, Flood 2014).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// A number below a limit.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit
    }
}

/// Writes the documents of a hospital: an inventory, an SBOM of each release, vulnerabilities.
pub(crate) fn make(folder: &Path, [devices, releases, components, vulnerabilities]: [usize; 4]) {
    let mut random = Random(SEED);
    fs::create_dir_all(folder.join("sboms")).unwrap();
    let mut links = String::from("manufacturer,model,version,sbom\n");
    for release in 0..releases {
        let file = format!("sboms/{release}.json");
        fs::write(folder.join(&file), sbom(&mut random, release, components)).unwrap();
        links += &format!("Maker {},Model {release}X,1.{release},{file}\n", release % 40);
    }
    fs::write(folder.join("releases.csv"), links).unwrap();
    fs::write(folder.join("inventory.csv"), inventory(&mut random, devices, releases)).unwrap();
    fs::write(folder.join("osv.jsonl"), advisories(&mut random, vulnerabilities)).unwrap();
}

fn sbom(random: &mut Random, release: usize, components: usize) -> String {
    let mut text = format!(
        "{{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"version\":1,\"metadata\":{{\
         \"component\":{{\"type\":\"firmware\",\"name\":\"Model {release}X\",\"version\":\
         \"1.{release}\"}}}},\"components\":[\n"
    );
    for number in 0..components {
        let package = random.below(PACKAGES);
        let version = format!("{}.{}.{}", random.below(12), random.below(20), random.below(9));
        let comma = if number == 0 { "" } else { "," };
        text += &format!(
            "{comma}{{\"type\":\"library\",\"bom-ref\":\"r{number}\",\"name\":\"lib{package}\",\
             \"version\":\"{version}\",\"purl\":\"pkg:npm/lib{package}@{version}\"}}\n"
        );
    }
    text + "]}\n"
}

fn inventory(random: &mut Random, devices: usize, releases: usize) -> String {
    const ROLES: [&str; 6] =
        ["life-sustaining", "therapy", "monitoring", "diagnostic", "support", ""];
    let mut text = String::from(
        "Asset ID,Manufacturer,Model,Version,Serial,IP,Unit,Criticality,In use,Substitutes\n",
    );
    for device in 0..devices {
        let release = device % releases;
        let in_use = ["yes", "no", ""][usize::try_from(random.below(3)).unwrap()];
        text += &format!(
            "D-{device},Maker {},Model {release}X,1.{release},S{device},10.{}.{}.{},Unit {},{},{in_use},{}\n",
            release % 40,
            device >> 16,
            device >> 8 & 255,
            device & 255,
            release % 60,
            ROLES[release % ROLES.len()],
            random.below(5),
        );
    }
    text
}

fn advisories(random: &mut Random, vulnerabilities: usize) -> String {
    let mut text = String::new();
    for number in 0..vulnerabilities {
        let package = random.below(PACKAGES);
        let (fixed, minor) = (random.below(12), random.below(20));
        let (rights, impact) = (["N", "L"][number % 2], ["H", "L"][number / 2 % 2]);
        text += &format!(
            "{{\"id\":\"GHSA-{number:04x}-seed-made\",\"aliases\":[\"CVE-2099-{number:05}\"],\
             \"modified\":\"2026-01-01T00:00:00Z\",\"summary\":\"A flaw of lib{package}\",\
             \"severity\":[{{\"type\":\"CVSS_V3\",\"score\":\
             \"CVSS:3.1/AV:N/AC:L/PR:{rights}/UI:N/S:U/C:{impact}/I:H/A:H\"}}],\"affected\":[{{\
             \"package\":{{\"ecosystem\":\"npm\",\"name\":\"lib{package}\"}},\"ranges\":[{{\"type\":\
             \"SEMVER\",\"events\":[{{\"introduced\":\"0\"}},{{\"fixed\":\"{fixed}.{minor}.0\"}}]}}]}}]}}\n"
        );
    }
    text
}
