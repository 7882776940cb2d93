//! Who is on the network, as an agent has seen it: a device under the inventory's id where it is
//! one of that, else under an address.
//!
//! Kept up to a time after which it is forgotten; lost, it is learned again. Refuses to take
//! silence for a fault: it says since when nothing was seen.

use crate::StoreError;
use crate::audit::number;
use crate::database::{Row, Transaction, Value};
use crate::flows::COARSE_MS;

const READ: &str = "read who is on the network";
const WRITE: &str = "write who is on the network";

/// Most devices that are read at once.
pub const PAGE: usize = 500;
/// How many of its own rhythms a device may miss before it counts as silent.
pub const MISSED_BEATS: i64 = 3;

/// A device as the network shows it. Times are in milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identity {
    /// Its id in the inventory, or an address.
    pub device: String,
    /// Whether it is a device of the inventory.
    pub is_in_inventory: bool,
    /// What it most likely is; empty where no sign tells, as with the next two.
    pub kind: String,
    /// How sure that is: weak, fair or strong.
    pub confidence: String,
    /// By what it is known.
    pub evidence: String,
    /// When it was first seen.
    pub first_ms: i64,
    /// When it was last seen.
    pub last_ms: i64,
    /// Interfaces, addresses, claims and services, as one JSON object.
    pub rest: String,
}

/// Takes what is known of a device now; whether that was written. It is not where nothing but the
/// time changed, and that by less than [`COARSE_MS`].
pub fn put(transaction: &mut Transaction<'_>, identity: &Identity) -> Result<bool, StoreError> {
    const PUT: &str = "insert into identity (device, in_inventory, kind, confidence, evidence, \
         first_ms, last_ms, rest) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
         on conflict (device) do update set in_inventory = excluded.in_inventory, \
         kind = excluded.kind, confidence = excluded.confidence, evidence = excluded.evidence, \
         first_ms = case when excluded.first_ms < identity.first_ms then excluded.first_ms \
         else identity.first_ms end, \
         last_ms = case when excluded.last_ms > identity.last_ms then excluded.last_ms \
         else identity.last_ms end, rest = excluded.rest \
         where excluded.last_ms - identity.last_ms >= ?9 \
         or excluded.in_inventory <> identity.in_inventory or excluded.kind <> identity.kind \
         or excluded.confidence <> identity.confidence or excluded.rest <> identity.rest";
    let values: [Value<'_>; 9] = [
        identity.device.as_str().into(),
        i64::from(identity.is_in_inventory).into(),
        identity.kind.as_str().into(),
        identity.confidence.as_str().into(),
        identity.evidence.as_str().into(),
        identity.first_ms.into(),
        identity.last_ms.into(),
        identity.rest.as_str().into(),
        COARSE_MS.into(),
    ];
    Ok(transaction.execute(WRITE, PUT, &values)? > 0)
}

/// What the network shows of a device.
pub fn one(
    transaction: &mut Transaction<'_>,
    device: &str,
) -> Result<Option<Identity>, StoreError> {
    let sql = "select device, in_inventory, kind, confidence, evidence, first_ms, last_ms, rest \
               from identity where device = ?1";
    transaction.one(READ, sql, &[device.into()], identity)
}

/// Devices by name, from the one after `after` on; at most so many.
pub fn page(
    transaction: &mut Transaction<'_>,
    after: &str,
    most: usize,
) -> Result<Vec<Identity>, StoreError> {
    let sql = "select device, in_inventory, kind, confidence, evidence, first_ms, last_ms, rest \
               from identity where device > ?1 order by device limit ?2";
    let most = i64::try_from(most.min(PAGE)).unwrap_or(i64::MAX);
    transaction.all(READ, sql, &[after.into(), most.into()], identity)
}

/// Since when a device counts as silent. Times are in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Silence {
    /// Now.
    pub now_ms: i64,
    /// Since when the network is watched without a break: before that nobody listened.
    pub watches_ms: i64,
    /// How long a device may be silent.
    pub after_ms: i64,
}

/// A device that has gone silent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Silent {
    /// Its id.
    pub device: String,
    /// Who makes it.
    pub manufacturer: String,
    /// Its model.
    pub model: String,
    /// The unit that it stands in.
    pub unit: String,
    /// The room.
    pub room: String,
    /// How much hangs on it, from 0 to 5.
    pub criticality: i64,
    /// When it was last seen, in milliseconds since 1970.
    pub last_ms: i64,
}

/// Devices of the inventory that were seen on the network and are not any more, and how many there
/// are in all: the most critical first. Those that are said not to be in use are left out, and
/// those of which less than [`MISSED_BEATS`] of their own beats are missing.
pub fn silent(
    transaction: &mut Transaction<'_>,
    silence: Silence,
    most: usize,
) -> Result<(Vec<Silent>, i64), StoreError> {
    const COUNT: &str = "select count(*) from identity join device on device.id = identity.device \
         where identity.last_ms < ?1 and (device.in_use is null or device.in_use <> 0) \
         and coalesce((select min(rhythm_ms) from flow where client_device = identity.device), 0) \
         * ?4 <= ?2 - case when identity.last_ms > ?3 then identity.last_ms else ?3 end";
    const LIST: &str = "select device.id, device.manufacturer, device.model, device.unit, \
         device.room, device.criticality, identity.last_ms \
         from identity join device on device.id = identity.device \
         where identity.last_ms < ?1 and (device.in_use is null or device.in_use <> 0) \
         and coalesce((select min(rhythm_ms) from flow where client_device = identity.device), 0) \
         * ?4 <= ?2 - case when identity.last_ms > ?3 then identity.last_ms else ?3 end \
         order by device.criticality desc, identity.last_ms, device.id limit ?5";
    let Silence { now_ms, watches_ms, after_ms } = silence;
    if watches_ms > now_ms - after_ms {
        return Ok((Vec::new(), 0));
    }
    let before: [Value<'_>; 4] =
        [(now_ms - after_ms).into(), now_ms.into(), watches_ms.into(), MISSED_BEATS.into()];
    let count = transaction.one(READ, COUNT, &before, |row| number(row, 0))?.unwrap_or_default();
    let [one, two, three, four] = before;
    let most = i64::try_from(most.min(PAGE)).unwrap_or(i64::MAX);
    let found = transaction.all(READ, LIST, &[one, two, three, four, most.into()], |row| {
        let text = |column| Ok::<_, StoreError>(row.text(column)?.unwrap_or_default());
        Ok(Silent {
            device: text(0)?,
            manufacturer: text(1)?,
            model: text(2)?,
            unit: text(3)?,
            room: text(4)?,
            criticality: number(row, 5)?,
            last_ms: number(row, 6)?,
        })
    })?;
    Ok((found, count))
}

fn identity(row: &Row<'_>) -> Result<Identity, StoreError> {
    let text = |column| Ok::<_, StoreError>(row.text(column)?.unwrap_or_default());
    Ok(Identity {
        device: text(0)?,
        is_in_inventory: number(row, 1)? != 0,
        kind: text(2)?,
        confidence: text(3)?,
        evidence: text(4)?,
        first_ms: number(row, 5)?,
        last_ms: number(row, 6)?,
        rest: text(7)?,
    })
}
