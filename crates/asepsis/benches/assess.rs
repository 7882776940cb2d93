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

#[path = "made/hospital.rs"]
mod hospital;
#[path = "made/process.rs"]
mod process;

use std::fs;
use std::process::Command;

const SIZES: [usize; 4] = [20_000, 2_000, 200, 20_000];

fn main() {
    let given: Vec<usize> = std::env::args().skip(1).filter_map(|one| one.parse().ok()).collect();
    let sizes: [usize; 4] = given.try_into().unwrap_or(SIZES);
    let folder = std::env::temp_dir().join(format!("asepsis-assess-{}", std::process::id()));
    hospital::make(&folder, sizes);
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
        let (seconds, peak) = process::measure(&mut command);
        let written = fs::metadata(&target).map_or(0.0, |file| file.len() as f64 / 1e6);
        let name = if output == "--quiet" { "none" } else { output.trim_start_matches("--") };
        println!("{name:<24} {seconds:>8.1} {peak:>9.0} {written:>9.1}");
        let _ = fs::remove_file(&target);
    }
    fs::remove_dir_all(&folder).unwrap();
}
