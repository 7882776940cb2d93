//! How fast each format is read, and in how much memory, beside `serde_json::Value` on the same
//! bytes.
//!
//! Inputs are made from a seed, so that two machines measure the same. Each measure is a process of
//! its own: its peak is the kernel's high-water mark and nobody else's.

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

use std::fs;
use std::hint::black_box;
use std::process::Command;
use std::time::Instant;

const RUNS: usize = 5;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().position(|argument| argument == "--measure") {
        Some(at) => measure(&arguments[at + 1], &arguments[at + 2]),
        None => compare(),
    }
}

/// Makes each input, measures both readers, prints a table.
fn compare() {
    let folder = std::env::temp_dir().join(format!("asepsis-bench-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    println!(
        "{:<20} {:>8} {:>10} {:>8} {:>12} {:>8} {:>7}",
        "format", "MB", "MB/s", "peak/MB", "Value MB/s", "peak/MB", "ratio"
    );
    for (name, make) in inputs::INPUTS {
        let path = folder.join(name);
        let text = make();
        fs::write(&path, &text).unwrap();
        let megabytes = text.len() as f64 / 1e6;
        drop(text);
        let path = path.to_str().unwrap();
        let (ours, our_peak) = child("ours", path);
        let mut line = format!(
            "{name:<20} {megabytes:>8.1} {:>10.0} {:>7.1}x",
            megabytes / ours,
            our_peak / megabytes
        );
        if name.ends_with("json") {
            let (value, value_peak) = child("value", path);
            line += &format!(
                " {:>12.0} {:>7.1}x {:>6.1}x",
                megabytes / value,
                value_peak / megabytes,
                value / ours
            );
        }
        println!("{line}");
    }
    fs::remove_dir_all(&folder).unwrap();
}

/// Seconds (median) and peak megabytes of one reader on one file.
fn child(reader: &str, path: &str) -> (f64, f64) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--measure", reader, path])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let mut numbers = text.split_whitespace().map(|word| word.parse::<f64>().unwrap());
    (numbers.next().unwrap(), numbers.next().unwrap())
}

fn measure(reader: &str, path: &str) {
    let mut seconds = Vec::new();
    for _ in 0..RUNS {
        let bytes = fs::read(path).unwrap();
        let start = Instant::now();
        match reader {
            "ours" => {
                let read = sources::format::read(&bytes);
                assert!(read.reading.records_made > 0, "{path}: {:?}", read.reading.problems);
                black_box(read);
            }
            _ => {
                black_box(serde_json::from_slice::<serde_json::Value>(&bytes).unwrap());
            }
        }
        seconds.push(start.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    println!("{} {}", seconds[RUNS / 2], peak_megabytes());
}

fn peak_megabytes() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() * 1024.0 / 1e6
}
