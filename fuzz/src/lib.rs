//! The fuzz targets of the readers, of what enforcement hears, and of a compiled base.

pub mod compiled;
pub mod enforcing;
pub mod targets;

/// Runs one target.
///
/// # Panics
/// When the reader breaks its promise, or there is no such target.
pub fn run(name: &str, bytes: &[u8]) {
    let targets = targets::TARGETS.iter().chain(&enforcing::TARGETS);
    let mut targets = targets.chain(&compiled::TARGETS);
    let (_, act) = targets.find(|(target, _)| *target == name).expect("a target of this name");
    act(bytes);
}
