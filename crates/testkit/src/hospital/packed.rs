//! gzip (RFC 1952) and zip without compression, so that the example's bytes depend on nobody's
//! compressor.

/// Of the polynomial that gzip and zip share.
fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

fn size(length: usize) -> u32 {
    u32::try_from(length).expect("invariant: the example is small")
}

/// A gzip file of stored blocks.
pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    const BLOCK: usize = 0xFFFF;
    let mut out = vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF];
    let count = bytes.len().div_ceil(BLOCK);
    for (number, block) in bytes.chunks(BLOCK).enumerate() {
        let length = u16::try_from(block.len()).expect("invariant: a block fits");
        out.push(u8::from(number + 1 == count));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(block);
    }
    out.extend(checksum(bytes).to_le_bytes());
    out.extend(size(bytes.len()).to_le_bytes());
    out
}

/// A zip archive of stored entries (APPNOTE 4.3.7, 4.3.12, 4.3.16).
pub(super) fn zip(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    for (name, bytes) in entries {
        let offset = size(out.len());
        let mut shared = Vec::new();
        // Version 1.0, no flags, stored, 1 January 1980.
        shared.extend([10, 0, 0, 0, 0, 0, 0, 0, 0x21, 0]);
        shared.extend(checksum(bytes).to_le_bytes());
        shared.extend(size(bytes.len()).to_le_bytes());
        shared.extend(size(bytes.len()).to_le_bytes());
        shared.extend(u16::try_from(name.len()).expect("invariant: short names").to_le_bytes());
        shared.extend([0, 0]);
        out.extend(b"PK\x03\x04");
        out.extend(&shared);
        out.extend(name.as_bytes());
        out.extend(bytes);
        directory.extend(b"PK\x01\x02\x0a\x00");
        directory.extend(&shared);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let start = size(out.len());
    let length = size(directory.len());
    out.extend(directory);
    out.extend(b"PK\x05\x06\x00\x00\x00\x00");
    let count = u16::try_from(entries.len()).expect("invariant: few entries").to_le_bytes();
    out.extend(count);
    out.extend(count);
    out.extend(length.to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}
