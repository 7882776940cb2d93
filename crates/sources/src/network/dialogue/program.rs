//! Programs, by their first bytes.
//!
//! Refuses to look further than the first bytes: what a program does is not judged here.

use domain::sighting::Executable;

/// How many bytes of a file tell whether it is a DICOM file with a program in its preamble.
pub(super) const PREAMBLE_BYTES: usize = 132;

/// What kind of program bytes begin, if any.
pub(super) fn executable(first: &[u8]) -> Option<Executable> {
    const MACH_O: [[u8; 4]; 4] = [
        [0xFE, 0xED, 0xFA, 0xCE],
        [0xFE, 0xED, 0xFA, 0xCF],
        [0xCE, 0xFA, 0xED, 0xFE],
        [0xCF, 0xFA, 0xED, 0xFE],
    ];
    if first.starts_with(b"MZ") {
        return Some(Executable::PortableExecutable);
    }
    if first.starts_with(b"\x7fELF") {
        return Some(Executable::Elf);
    }
    if first.starts_with(b"#!/") || first.starts_with(b"#! /") {
        return Some(Executable::Script);
    }
    let magic = first.first_chunk::<4>()?;
    MACH_O.contains(magic).then_some(Executable::MachO)
}

/// A program in the preamble of a DICOM file (PS3.10, 7.1): 128 bytes of anything, then `DICM`.
pub(super) fn in_preamble(first: &[u8]) -> Option<Executable> {
    (first.get(128..PREAMBLE_BYTES)? == b"DICM").then(|| executable(first)).flatten()
}

/// What kind of program a file's name promises, by its last extension.
pub(super) fn by_name(name: &str) -> Option<Executable> {
    let (_, extension) = name.rsplit_once('.')?;
    Some(match extension.to_ascii_lowercase().as_str() {
        "exe" | "dll" | "scr" | "com" | "sys" | "cpl" | "msi" => Executable::PortableExecutable,
        "bat" | "cmd" | "ps1" | "vbs" | "vbe" | "js" | "jse" | "hta" | "wsf" => Executable::Script,
        _ => return None,
    })
}
