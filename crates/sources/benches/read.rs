//! How fast each format is read, and in how much memory, beside `serde_json::Value` on the same
//! bytes.
//!
//! Inputs are made from a seed, so that two machines measure the same. `-- FOLDER` reads the real
//! documents below a folder instead: of each format the largest ones, and all others in a row.
//! Each measure is a process of its own, and peaks come from a process that reads once: its peak
//! is the kernel's high-water mark and nobody else's.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::format_push_string,
    clippy::cast_possible_truncation,
    clippy::write_with_newline,
    reason = "a benchmark prints, may stop, and is read beside its output"
)]

#[path = "read/inputs.rs"]
mod inputs;

use std::collections::BTreeMap;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// Passes over the files of a measure, of which the median counts: at least so many, and more of
/// what is small.
const RUNS: usize = 5;
/// What is read in all passes together, in bytes.
const READ_BYTES: u64 = 20_000_000;
/// How many files of a format are shown one by one.
const LARGEST: usize = 2;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    match arguments.first().map(String::as_str) {
        Some("--measure") => measure(&arguments[1], &arguments[2], &arguments[3..]),
        Some(folder) => real(Path::new(folder)),
        None => made(),
    }
}

/// Makes each input and compares both readers on it.
fn made() {
    let folder = std::env::temp_dir().join(format!("asepsis-bench-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    heading();
    for (name, make) in inputs::INPUTS {
        let path = folder.join(name);
        fs::write(&path, make()).unwrap();
        compare(name, &[path]);
    }
    fs::remove_dir_all(&folder).unwrap();
}

/// Compares both readers on the real documents below a folder, format by format.
fn real(folder: &Path) {
    let mut by_format: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if let Some(format) = format_of(&fs::read(&path).unwrap(), &path) {
                by_format.entry(format).or_default().push(path);
            }
        }
    }
    heading();
    for (format, mut paths) in by_format {
        paths.sort_by_key(|path| std::cmp::Reverse(fs::metadata(path).unwrap().len()));
        let rest = paths.split_off(LARGEST.min(paths.len()));
        for path in paths {
            compare(&format, &[path]);
        }
        if !rest.is_empty() {
            compare(&format!("{format} (the other {})", rest.len()), &rest);
        }
    }
}

/// The format of a document that is read, without its version, and `.json` where it is JSON.
fn format_of(bytes: &[u8], path: &Path) -> Option<String> {
    let read = sources::format::read(bytes);
    if read.reading.records_made == 0 || read.reading.problems.lost_document() {
        return None;
    }
    let name: Vec<&str> = read.format.split(' ').filter(|w| !w.contains('.')).collect();
    let is_json = values(bytes).is_ok();
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    Some(format!("{}.{}", name.join(" "), if is_json { "json".into() } else { extension }))
}

fn heading() {
    println!(
        "{:<38} {:>8} {:>7} {:>7} {:>12} {:>7} {:>7}",
        "format", "MB", "MB/s", "peak/MB", "Value MB/s", "peak/MB", "ratio"
    );
}

fn compare(name: &str, paths: &[PathBuf]) {
    let bytes: u64 = paths.iter().map(|path| fs::metadata(path).unwrap().len()).sum();
    let megabytes = bytes as f64 / 1e6;
    // A peak is that of one document.
    let largest = fs::metadata(&paths[0]).unwrap().len() as f64 / 1e6;
    let (ours, our_peak) = child("ours", paths);
    let per_megabyte = |peak: f64| match largest {
        // Pages and the allocator's own would be all that is seen of it.
        ..1.0 => "-".to_owned(),
        _ => format!("{:.1}x", peak / largest),
    };
    let (speed, our_peak) = (megabytes / ours, per_megabyte(our_peak));
    let mut line = format!("{name:<38} {megabytes:>8.2} {speed:>7.0} {our_peak:>7}");
    if name.contains("json") {
        let (value, value_peak) = child("value", paths);
        line += &format!(
            " {:>12.0} {:>7} {:>6.2}x",
            megabytes / value,
            per_megabyte(value_peak),
            value / ours
        );
    }
    println!("{line}");
}

/// Seconds (median) of one reader on some files, and its peak megabytes on the first.
fn child(reader: &str, paths: &[PathBuf]) -> (f64, f64) {
    let run = |runs: usize, paths: &[PathBuf]| {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--measure", reader, &runs.to_string()])
            .args(paths)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let mut numbers = text.split_whitespace().map(|word| word.parse::<f64>().unwrap());
        (numbers.next().unwrap(), numbers.next().unwrap())
    };
    let bytes: u64 = paths.iter().map(|path| fs::metadata(path).unwrap().len()).sum();
    let runs = RUNS.max((READ_BYTES / bytes.max(1)) as usize).min(2_000);
    (run(runs, paths).0, run(1, &paths[..1]).1)
}

fn measure(reader: &str, runs: &str, paths: &[String]) {
    let before = peak_megabytes();
    let read = |path: &String| {
        let bytes = fs::read(path).unwrap();
        let start = Instant::now();
        match reader {
            "ours" => {
                let read = sources::format::read(&bytes);
                assert!(read.reading.records_made > 0, "{path}: {:?}", read.reading.problems);
                black_box(read);
            }
            _ => {
                black_box(values(&bytes).unwrap());
            }
        }
        start.elapsed().as_secs_f64()
    };
    let runs: usize = runs.parse().unwrap();
    let mut seconds: Vec<f64> = (0..runs).map(|_| paths.iter().map(read).sum::<f64>()).collect();
    seconds.sort_by(f64::total_cmp);
    println!("{} {}", seconds[runs / 2], peak_megabytes() - before);
}

/// A document, or the lines of one.
fn values(bytes: &[u8]) -> serde_json::Result<Vec<serde_json::Value>> {
    serde_json::Deserializer::from_slice(bytes).into_iter().collect()
}

fn peak_megabytes() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() * 1024.0 / 1e6
}
