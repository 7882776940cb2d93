//! Base 32 (RFC 4648, section 6) without padding, in which secrets are shown: it has no two letters
//! that differ by case, and none of 0, 1, 8, 9.

/// Bits of a letter.
const BITS: u32 = 5;
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// Bytes as letters, in lower case.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity((bytes.len() * 8).div_ceil(5));
    let (mut held, mut bits) = (0_u32, 0);
    for byte in bytes {
        held = (held << 8 | u32::from(*byte)) & 0xfff;
        bits += 8;
        while bits >= BITS {
            bits -= BITS;
            text.push(letter(held >> bits));
        }
    }
    if bits > 0 {
        text.push(letter(held << (BITS - bits)));
    }
    text
}

/// Letters as bytes, in whatever case; `None` where one is none, or bits are left that are not 0.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 5 / 8);
    let (mut held, mut bits) = (0_u32, 0);
    for letter in text.bytes() {
        let letter = letter.to_ascii_lowercase();
        let value = ALPHABET.iter().position(|own| *own == letter)?;
        held = (held << BITS | u32::try_from(value).ok()?) & 0xfff;
        bits += BITS;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits & 0xff) as u8);
        }
    }
    (bits < BITS && held & ((1 << bits) - 1) == 0).then_some(bytes)
}

fn letter(value: u32) -> char {
    char::from(ALPHABET.get((value & 31) as usize).copied().unwrap_or(b'a'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{decode, encode};

    #[test]
    fn the_examples_of_the_standard_are_written_and_read() {
        // RFC 4648, section 10, without padding.
        let examples = ["", "my", "mzxq", "mzxw6", "mzxw6yq", "mzxw6ytb", "mzxw6ytboi"]
            .into_iter()
            .enumerate();
        for (length, text) in examples {
            let bytes = "foobar".get(..length).expect("a part").as_bytes();
            assert_eq!(encode(bytes), text);
            assert_eq!(decode(&text.to_uppercase()).as_deref(), Some(bytes));
        }
    }

    #[test]
    fn what_nobody_writes_is_not_read() {
        for text in ["m", "mz1q", "my======", "mzx", "m z", "mä"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(bytes: Vec<u8>) {
            prop_assert_eq!(decode(&encode(&bytes)), Some(bytes));
        }

        #[test]
        fn no_two_texts_are_the_same_bytes(text in "[a-z2-7]{0,40}") {
            if let Some(bytes) = decode(&text) {
                prop_assert_eq!(encode(&bytes), text);
            }
        }
    }
}
