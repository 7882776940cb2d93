//! What a process takes of time and memory.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Seconds and peak megabytes of a process. The peak is the kernel's high-water mark, as last seen
/// before the process ended.
pub(crate) fn measure(command: &mut Command) -> (f64, f64) {
    let start = Instant::now();
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    let mut peak = 0.0_f64;
    loop {
        peak = peak.max(megabytes(child.id(), "VmHWM:").unwrap_or_default());
        if child.try_wait().unwrap().is_some() {
            return (start.elapsed().as_secs_f64(), peak);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A line of what the kernel says of a process (proc(5)), in megabytes; nothing once it has ended.
pub(crate) fn megabytes(process: u32, name: &str) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024.0 / 1e6)
}
