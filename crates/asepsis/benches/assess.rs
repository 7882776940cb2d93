//! How long a whole assessment takes, and in how much memory, on a large hospital made from a seed:
//! `cargo xtask bench assess`.
//!
//! Sizes come as arguments `devices releases components vulnerabilities`; the program runs as its
//! users run it, as a process of its own.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::format_push_string,
    reason = "a benchmark prints, may stop, and is read beside its output"
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const SEED: u64 = 0x5E_ED0F_A5E9;
const SIZES: [usize; 4] = [20_000, 2_000, 200, 20_000];
/// Packages in the world; components are drawn from them, and vulnerabilities are theirs.
const PACKAGES: u64 = 9_000;

fn main() {
    let given: Vec<usize> = std::env::args().skip(1).filter_map(|one| one.parse().ok()).collect();
    let sizes: [usize; 4] = given.try_into().unwrap_or(SIZES);
    let folder = std::env::temp_dir().join(format!("asepsis-assess-{}", std::process::id()));
    make(&folder, sizes);
    let [devices, releases, components, vulnerabilities] = sizes;
    println!(
        "{devices} devices, {releases} releases with {components} components each ({} rows), \
         {vulnerabilities} vulnerabilities",
        releases * components
    );
    println!("{:<24} {:>8} {:>9} {:>9}", "output", "s", "peak MB", "out MB");
    for output in ["--quiet", "--json", "--csv", "--html"] {
        let target = folder.with_extension("out");
        let mut command = Command::new(env!("CARGO_BIN_EXE_asepsis"));
        command.args(["assess", "--quiet", "--date", "2026-11-23"]).arg(&folder);
        if output != "--quiet" {
            command.arg(output).arg(&target);
        }
        let (seconds, peak) = measure(&mut command);
        let written = fs::metadata(&target).map_or(0.0, |file| file.len() as f64 / 1e6);
        let name = if output == "--quiet" { "none" } else { output.trim_start_matches("--") };
        println!("{name:<24} {seconds:>8.1} {peak:>9.0} {written:>9.1}");
        let _ = fs::remove_file(&target);
    }
    fs::remove_dir_all(&folder).unwrap();
}

/// Seconds and peak megabytes of a process. The peak is the kernel's high-water mark, as last seen
/// before the process ended.
fn measure(command: &mut Command) -> (f64, f64) {
    let start = Instant::now();
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0.0_f64;
    loop {
        if let Ok(text) = fs::read_to_string(&status)
            && let Some(line) = text.lines().find(|line| line.starts_with("VmHWM:"))
        {
            let kilobytes: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
            peak = peak.max(kilobytes * 1024.0 / 1e6);
        }
        if child.try_wait().unwrap().is_some() {
            return (start.elapsed().as_secs_f64(), peak);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// `SplitMix64` (Steele, Lea, Flood 2014).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit
    }
}

fn make(folder: &Path, [devices, releases, components, vulnerabilities]: [usize; 4]) {
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
