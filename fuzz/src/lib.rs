//! The fuzz targets of the readers.

pub mod targets;

/// Runs one target.
///
/// # Panics
/// When the reader breaks its promise, or there is no such target.
pub fn run(name: &str, bytes: &[u8]) {
    let target = targets::TARGETS.iter().find(|(target, _)| *target == name);
    let (_, act) = target.expect("a target of this name");
    act(bytes);
}
