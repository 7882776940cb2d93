//! What an import changes: the vulnerabilities of which a base says otherwise than the one before.
//!
//! Refuses to name very many, and predictions, of which each day's are others: then everything may
//! have changed.

use std::collections::{BTreeMap, BTreeSet};

use domain::advisory::{Advisory, KnownExploited, VulnerabilityId};

use super::kept::Kept;
use super::{Piece, Records, names_of};
use crate::bytes::{Pieces, PiecesOf};
use crate::codec::{Broken, Reader, Writer};
use crate::facts::decode;
use crate::file::{BaseError, Prediction, unpack};

/// Most documents that change, and most names, for which it is worth to look.
const DOCUMENTS: usize = 5_000;
const NAMES: usize = 2_000;
/// How many imports are remembered.
const STEPS: usize = 64;

/// One import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// Which base was there before it.
    pub(crate) before: String,
    /// The names of all of which it says otherwise.
    pub(crate) names: BTreeSet<VulnerabilityId>,
}

/// Steps that lead to a base, as they are written.
pub(super) fn write(steps: &[Step]) -> Result<Vec<u8>, Broken> {
    let mut pieces = Pieces::default();
    let mut writer = Writer::default();
    for step in steps {
        writer.text(&step.before);
        writer.count(step.names.len());
        step.names.iter().for_each(|name| writer.text(&name.0));
        pieces.push(&writer.take())?;
    }
    pieces.write()
}

/// Steps that lead to a base, the last one first.
pub(crate) fn read(written: &[u8]) -> Result<Vec<Step>, Broken> {
    // Those who wrote no steps wrote nothing at all.
    if written.is_empty() {
        return Ok(Vec::new());
    }
    let pieces = PiecesOf::read(written)?;
    let step = |place| {
        let mut reader = Reader::new(pieces.get(place).unwrap_or_default());
        let before = reader.text()?.to_string();
        let count = reader.count()?;
        let names = (0..count).map(|_| Ok(VulnerabilityId(reader.text()?)));
        Ok(Step { before, names: names.collect::<Result<_, Broken>>()? })
    };
    (0..pieces.len()).map(step).collect()
}

/// What one document tells.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) records: BTreeSet<Vec<u8>>,
    pub(super) exploited: Vec<KnownExploited>,
    pub(super) predictions: Vec<Prediction>,
}

impl Piece {
    fn told(&self) -> Result<Told, Broken> {
        let records = match &self.records {
            Records::Loose(records) => records.iter().cloned().collect(),
            Records::Packed(blocks, places) => {
                let blocks = blocks.iter().map(|block| unpack(&block.bytes, block.length));
                let blocks: Vec<Vec<u8>> = blocks.collect::<Result<_, _>>()?;
                let record = |[block, start, length]: &[u32; 3]| {
                    let block = blocks.get(*block as usize)?;
                    block.get(*start as usize..)?.get(..*length as usize).map(<[u8]>::to_vec)
                };
                places.iter().filter_map(record).collect()
            }
        };
        let (exploited, predictions) = (self.exploited.clone(), self.predictions.clone());
        Ok(Told { records, exploited, predictions })
    }
}

/// The steps that lead to what is being written: those that lead to the last of the bases there
/// were, and one more. None where that one is too large to be told.
pub(super) fn steps(
    (kept, pieces): (&[Kept], &BTreeMap<String, Piece>),
    names: &BTreeSet<String>,
) -> Result<Vec<Step>, BaseError> {
    let Some((before, others)) = kept.split_last() else { return Ok(Vec::new()) };
    let mut changed: BTreeSet<&str> = pieces.keys().map(String::as_str).collect();
    changed.extend(before.listed().map(|(name, _)| name).filter(|name| !names.contains(*name)));
    for other in others {
        let is_new = |(name, hash): &(&str, [u8; 32])| {
            !pieces.contains_key(*name) && before.hash(name).as_ref() != Some(hash)
        };
        changed.extend(other.listed().filter(is_new).map(|(name, _)| name));
    }
    if changed.len() > DOCUMENTS {
        return Ok(Vec::new());
    }
    let mut differing = BTreeSet::new();
    for name in changed {
        let one = before.told(name)?;
        let from = others.iter().find(|other| other.holds(name) && names.contains(name));
        let other = match (pieces.get(name), from) {
            (Some(piece), _) => piece.told().map_err(|what| before.damaged(what))?,
            (None, Some(other)) => other.told(name)?,
            (None, None) => Told::default(),
        };
        let named = differ(&one, &other, &mut differing).map_err(|what| before.damaged(what))?;
        if !named || differing.len() > NAMES {
            return Ok(Vec::new());
        }
    }
    let mut steps = vec![Step { before: before.print(), names: differing }];
    steps.extend(before.steps()?);
    steps.truncate(STEPS);
    Ok(steps)
}

/// Adds the names of all of which two states of a document do not say the same; false where not all
/// of them can be named.
fn differ(
    one: &Told,
    other: &Told,
    differing: &mut BTreeSet<VulnerabilityId>,
) -> Result<bool, Broken> {
    let of_day = |told: &Told| told.predictions.iter().map(Prediction::bits).collect::<Vec<_>>();
    // Of a vulnerability that no catalogue lists it is said that none does, where there is one.
    if one.exploited.is_empty() != other.exploited.is_empty() || of_day(one) != of_day(other) {
        return Ok(false);
    }
    for record in one.records.symmetric_difference(&other.records) {
        let advisory: Advisory = decode(record)?;
        differing.extend(names_of(&advisory).cloned());
    }
    for (these, those) in [(one, other), (other, one)] {
        let alone = these.exploited.iter().filter(|known| !those.exploited.contains(known));
        differing.extend(alone.map(|known| known.id.clone()));
    }
    Ok(true)
}
