//! How long a base takes to compile, to open and to answer, how large it is, and how much memory
//! that takes, beside reading the documents themselves: `cargo xtask bench base`.
//!
//! Sizes come as arguments `records devices releases components`; the program runs as its users run
//! it, as a process of its own.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::format_push_string,
    reason = "a benchmark prints, may stop, and is read beside its output"
)]

#[path = "made/hospital.rs"]
mod hospital;
#[path = "made/process.rs"]
mod process;
#[path = "made/records.rs"]
mod records;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

const SIZES: [usize; 4] = [300_000, 350_000, 4_000, 100];
/// Turns of what is short.
const TURNS: usize = 5;
/// Components of the one SBOM that is assessed alone.
const LARGE: usize = 50_000;

fn main() {
    let given: Vec<usize> = std::env::args().skip(1).filter_map(|one| one.parse().ok()).collect();
    let sizes: [usize; 4] = given.try_into().unwrap_or(SIZES);
    let [records, devices, releases, components] = sizes;
    let folder = std::env::temp_dir().join(format!("asepsis-base-{}", std::process::id()));
    let (known, site, large) = (folder.join("cve"), folder.join("site"), folder.join("large"));
    records::make(&known, records);
    hospital::make(&site, [devices, releases, components, 0]);
    hospital::make(&large, [1, 1, LARGE, 0]);
    let base = folder.join("known.base");
    println!(
        "{records} records in {:.0} MB; {devices} devices, {releases} releases with {components} \
         components each ({} rows)",
        size(&known),
        releases * components
    );
    println!("{:<44} {:>8} {:>9}", "", "s", "peak MB");
    let import = || feed(&["import"], &[&known], &base);
    told("compile all of it", process::measure(&mut import()));
    println!("{:<44} {:>8.1} MB", "  the base", size(&base));
    told("compile it again, nothing changed", process::measure(&mut import()));
    let mut file = fs::OpenOptions::new().append(true).open(known.join("2020.jsonl")).unwrap();
    file.write_all(b"\n").unwrap();
    told("compile it again, one file of 30 changed", process::measure(&mut import()));
    told("open it (feed status)", median(|| feed(&["status"], &[], &base)));
    told("one SBOM of 50,000 components, by the base", median(|| assess(&large, Some(&base))));
    told("the same without any records", median(|| assess(&large, None)));
    told("the whole hospital, by the base", process::measure(&mut assess(&site, Some(&base))));
    told("the same without any records", process::measure(&mut assess(&site, None)));
    fs::rename(&known, site.join("cve")).unwrap();
    told("the whole hospital, by the records", process::measure(&mut assess(&site, None)));
    fs::remove_dir_all(&folder).unwrap();
}

fn told(what: &str, (seconds, peak): (f64, f64)) {
    println!("{what:<44} {seconds:>8.2} {peak:>9.0}");
}

fn median(command: impl Fn() -> Command) -> (f64, f64) {
    let mut turns: Vec<(f64, f64)> = (0..TURNS).map(|_| process::measure(&mut command())).collect();
    turns.sort_by(|a, b| a.0.total_cmp(&b.0));
    turns[TURNS / 2]
}

fn feed(work: &[&str], paths: &[&Path], base: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_asepsis"));
    command.arg("feed").args(work).args(paths).arg("--base").arg(base);
    command
}

fn assess(folder: &Path, base: Option<&Path>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_asepsis"));
    command.args(["assess", "--quiet", "--date", "2026-11-23"]).arg(folder);
    if let Some(base) = base {
        command.arg("--base").arg(base);
    }
    command
}

/// Megabytes of a file, or of the files in a folder.
fn size(path: &Path) -> f64 {
    let files = fs::read_dir(path).map_or_else(
        |_| vec![path.to_owned()],
        |entries| entries.map(|entry| entry.unwrap().path()).collect(),
    );
    files.iter().map(|file| fs::metadata(file).unwrap().len() as f64 / 1e6).sum()
}
