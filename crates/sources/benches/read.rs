//! How fast each format is read, and in how much memory, beside `serde_json::Value` on the same
//! bytes.
//!
//! Inputs are made from a seed, so that two machines measure the same. `-- FOLDER` reads the real
//! documents below a folder instead: of each format the largest ones, and all others in a row.
//! Both readers take turns in one process, pass by pass, and processor time is counted, so that
//! what else the machine does weighs on neither. Peaks come from a process that reads once: its
//! peak is the kernel's high-water mark and nobody else's.

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
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

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
    let extension = match path.extension().unwrap_or_default().to_string_lossy() {
        _ if values(bytes).is_ok() => "json".into(),
        // `Value` wants UTF-8 without a mark before it.
        extension if extension == "json" => "other encoding".into(),
        extension => extension,
    };
    Some(format!("{}.{extension}", name.join(" ")))
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
    let is_json = name.contains(".json");
    let [ours, value] = seconds(if is_json { "both" } else { "ours" }, paths);
    let our_peak = peak("ours", paths);
    let per_megabyte = |peak: f64| match largest {
        // Pages and the allocator's own would be all that is seen of it.
        ..1.0 => "-".to_owned(),
        _ => format!("{:.1}x", peak / largest),
    };
    let (speed, our_peak) = (megabytes / ours, per_megabyte(our_peak));
    let mut line = format!("{name:<38} {megabytes:>8.2} {speed:>7.0} {our_peak:>7}");
    if is_json {
        let value_peak = peak("value", paths);
        line += &format!(
            " {:>12.0} {:>7} {:>6.2}x",
            megabytes / value,
            per_megabyte(value_peak),
            value / ours
        );
    }
    println!("{line}");
}

/// Seconds (median) that our reader takes on some files, and those that `Value` takes.
fn seconds(readers: &str, paths: &[PathBuf]) -> [f64; 2] {
    let bytes: u64 = paths.iter().map(|path| fs::metadata(path).unwrap().len()).sum();
    let runs = RUNS.max((READ_BYTES / bytes.max(1)) as usize).min(2_000);
    let [ours, value, _] = child(readers, runs, paths);
    [ours, value]
}

/// The peak megabytes of one reader on the first of some files.
fn peak(reader: &str, paths: &[PathBuf]) -> f64 {
    let [.., peak] = child(reader, 1, &paths[..1]);
    peak
}

fn child(readers: &str, runs: usize, paths: &[PathBuf]) -> [f64; 3] {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--measure", readers, &runs.to_string()])
        .args(paths)
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let numbers: Vec<f64> = text.split_whitespace().map(|word| word.parse().unwrap()).collect();
    numbers.try_into().unwrap()
}

fn measure(readers: &str, runs: &str, paths: &[String]) {
    let before = peak_megabytes();
    let (mut ours, mut value) = (Vec::new(), Vec::new());
    for _ in 0..runs.parse().unwrap() {
        let bytes = paths.iter().map(|path| fs::read(path).unwrap());
        if readers != "value" {
            ours.push(bytes.clone().map(|bytes| timed(|| read(&bytes))).sum());
        }
        if readers != "ours" {
            value.push(bytes.map(|bytes| timed(|| values(&bytes).unwrap())).sum());
        }
    }
    println!("{} {} {}", median(ours), median(value), peak_megabytes() - before);
}

fn read(bytes: &[u8]) -> sources::format::Read {
    let read = sources::format::read(bytes);
    assert!(read.reading.records_made > 0, "{:?}", read.reading.problems);
    read
}

/// Seconds of the processor for making something and dropping it.
fn timed<T>(make: impl FnOnce() -> T) -> f64 {
    let clock = || clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).unwrap();
    let now = || Duration::from(clock()).as_secs_f64();
    let start = now();
    drop(black_box(make()));
    now() - start
}

fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds.get(seconds.len() / 2).copied().unwrap_or_default()
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
