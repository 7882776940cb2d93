//! A place in a list, as a text that programs hand back as they got it.
//!
//! It holds the values by which the list is in order, of the last row that was given; they become
//! values of a statement, never a part of it. Refuses a text that was changed, is of another list,
//! or of another version.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::sign_in::base32;

/// The form of a cursor. One of another form is refused.
const VERSION: u8 = 1;
/// Bytes that show whether it is whole and of this list. It is no secret: whoever makes a cursor of
/// their own gets a page of what they may see.
const CHECK: usize = 5;
/// Longest cursor, in letters.
const LONGEST: usize = 16 << 10;

/// A place of a list.
pub(super) fn write(list: &str, place: &impl Serialize) -> String {
    let json = serde_json::to_vec(place).unwrap_or_default();
    let mut bytes = vec![VERSION];
    bytes.extend(check(list, &json));
    bytes.extend(json);
    base32::encode(&bytes)
}

/// The place that a text tells of a list.
pub(super) fn read<P: DeserializeOwned>(list: &str, text: &str) -> Option<P> {
    let bytes = Some(text).filter(|text| text.len() <= LONGEST).and_then(base32::decode)?;
    let (version, bytes) = bytes.split_first()?;
    let (checked, json) = bytes.split_at_checked(CHECK)?;
    let is_ours = *version == VERSION && checked == check(list, json);
    serde_json::from_slice(json).ok().filter(|_| is_ours)
}

fn check(list: &str, json: &[u8]) -> [u8; CHECK] {
    let mut hash = Sha256::new();
    for part in [b"asepsis cursor", list.as_bytes(), json] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut check = [0; CHECK];
    check.iter_mut().zip(hash.finalize()).for_each(|(own, byte)| *own = byte);
    check
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, read, write};

    type Place = (i64, u64, String);

    #[test]
    fn a_place_is_read_as_it_was_written_and_of_its_own_list_alone() {
        let place: Place = (-4, 60.5_f64.to_bits(), "x' or 1=1 --".to_owned());
        let text = write("/devices", &place);
        assert_eq!(read::<Place>("/devices", &text), Some(place));
        assert_eq!(read::<Place>("/releases", &text), None);
        assert_eq!(read::<(i64,)>("/devices", &text), None);
    }

    #[test]
    fn whatever_is_changed_cut_or_made_up_is_no_place() {
        let text = write("/devices", &(1_i64, 2_u64, "P-1"));
        for at in 0..text.len() {
            assert_eq!(
                read::<Place>("/devices", text.get(..at).expect("ASCII")),
                None,
                "cut at {at}"
            );
            let other = if text.as_bytes().get(at) == Some(&b'a') { "b" } else { "a" };
            let mut changed = text.clone();
            changed.replace_range(at..=at, other);
            assert_eq!(read::<Place>("/devices", &changed), None, "changed at {at}");
        }
        for made_up in ["", "aeaaaaaa", "'; drop table device", "\u{0}", &"a".repeat(LONGEST + 1)] {
            assert_eq!(read::<Place>("/devices", made_up), None, "{made_up}");
        }
    }
}
