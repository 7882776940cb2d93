//! Targets of what a compiled base is read by.

/// A target: its name and what it does.
pub type Target = (&'static str, fn(&[u8]));

/// Every target, by name.
pub const TARGETS: [Target; 1] = [("base", base_parts)];

/// Whatever the bytes are: an answer, and no more memory than they are worth.
fn base_parts(bytes: &[u8]) {
    let _ = base::read_as_parts(bytes);
}
