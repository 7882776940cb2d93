//! The fuzz targets of the readers, and of what enforcement hears.

pub mod enforcing;
pub mod targets;

/// Runs one target.
///
/// # Panics
/// When the reader breaks its promise, or there is no such target.
pub fn run(name: &str, bytes: &[u8]) {
    let mut targets = targets::TARGETS.iter().chain(&enforcing::TARGETS);
    let (_, act) = targets.find(|(target, _)| *target == name).expect("a target of this name");
    act(bytes);
}
