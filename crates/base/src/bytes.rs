//! Numbers within bytes, the lowest byte first, and lists of pieces of different lengths.

use super::codec::Broken;

/// The number of four bytes that stands in a place of a row of such.
pub(crate) fn u32_at(bytes: &[u8], place: usize) -> Option<u32> {
    let at = place.checked_mul(4)?;
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

/// The number of eight bytes that stands in a place of a row of such.
pub(crate) fn u64_at(bytes: &[u8], place: usize) -> Option<u64> {
    let at = place.checked_mul(8)?;
    Some(u64::from_le_bytes(bytes.get(at..at.checked_add(8)?)?.try_into().ok()?))
}

/// A length in four bytes. Nothing that is compiled is longer.
pub(crate) fn length(length: usize) -> Result<u32, Broken> {
    u32::try_from(length).map_err(|_| Broken("more than 4 GiB in one list"))
}

/// Pieces one after the other, with where each ends before them.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    ends: Vec<u32>,
    bytes: Vec<u8>,
}

impl Pieces {
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn push(&mut self, piece: &[u8]) -> Result<(), Broken> {
        self.bytes.extend_from_slice(piece);
        self.ends.push(length(self.bytes.len())?);
        Ok(())
    }

    pub(crate) fn write(&self) -> Result<Vec<u8>, Broken> {
        let mut written = length(self.ends.len())?.to_le_bytes().to_vec();
        written.extend(self.ends.iter().flat_map(|end| end.to_le_bytes()));
        written.extend_from_slice(&self.bytes);
        Ok(written)
    }
}

/// The same, as they were written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PiecesOf<'b> {
    ends: &'b [u8],
    bytes: &'b [u8],
}

impl<'b> PiecesOf<'b> {
    pub(crate) fn read(written: &'b [u8]) -> Result<Self, Broken> {
        let count = u32_at(written, 0).ok_or(Broken("it ends too early"))? as usize;
        let rest = written.get(4..).unwrap_or_default();
        let (ends, bytes) = count
            .checked_mul(4)
            .and_then(|length| rest.split_at_checked(length))
            .ok_or(Broken("it ends too early"))?;
        Ok(Self { ends, bytes })
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len() / 4
    }

    pub(crate) fn get(&self, place: usize) -> Option<&'b [u8]> {
        let end = u32_at(self.ends, place)? as usize;
        let start = place.checked_sub(1).map_or(Some(0), |last| u32_at(self.ends, last))?;
        self.bytes.get(start as usize..end)
    }
}
