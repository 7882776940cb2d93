//! A view of the devices as a map needs it: tiles, and where there are too many of them, their
//! numbers by unit or care service.
//!
//! Refuses to draw: what is where is said by `presentation`.

use crate::StoreError;
use crate::database::{Query, Row, Transaction};

/// By what devices are put together on a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Grouped {
    /// By unit.
    #[default]
    Unit,
    /// By care service.
    CareService,
}

/// A device, as much as a tile of a map shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tile {
    /// Its id.
    pub id: String,
    /// The unit that it stands in; empty where that is unknown, as with all texts.
    pub unit: String,
    /// The care service that it is for.
    pub care_service: String,
    /// Who makes it.
    pub manufacturer: String,
    /// Its model.
    pub model: String,
    /// How much hangs on it, from 0 (unknown) to 5 (life-sustaining).
    pub criticality: i64,
    /// What to do, from 0 to 4.
    pub decision: i64,
    /// Whether it is in use, where that is known.
    pub in_use: Option<bool>,
}

/// Devices of one unit, or one care service, in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stratum {
    /// The name; empty where it is unknown.
    pub name: String,
    /// How many devices there are by decision, from 0 (nothing known) to 4 (act).
    pub by_decision: [i64; 5],
}

impl Stratum {
    /// How many devices there are.
    #[must_use]
    pub fn devices(&self) -> i64 {
        self.by_decision.iter().sum()
    }
}

const COLUMNS: &str = "select id, unit, care_service, manufacturer, model, criticality, decision, \
     in_use from device where true";

/// Devices by unit or care service, the gravest first in each; all, or those of one; at most so
/// many.
///
/// # Errors
/// Those of the store.
pub fn tiles(
    transaction: &mut Transaction<'_>,
    by: Grouped,
    only: Option<&str>,
    most: usize,
) -> Result<Vec<Tile>, StoreError> {
    let mut query = Query::default();
    query.put(COLUMNS, []);
    if let Some(name) = only {
        query.put(
            match by {
                Grouped::Unit => " and unit = ?",
                Grouped::CareService => " and care_service = ?",
            },
            [name.into()],
        );
    }
    query.put(
        match by {
            Grouped::Unit => " order by unit, by_decision, by_risk, id limit ?",
            Grouped::CareService => " order by care_service, by_decision, by_risk, id limit ?",
        },
        [i64::try_from(most).unwrap_or(i64::MAX).into()],
    );
    transaction.select("draw devices", &query, tile)
}

/// Every unit, or care service, with how many devices it has of each decision, as they were counted
/// when all had been judged; by name, at most so many.
///
/// # Errors
/// Those of the store.
pub fn strata(
    transaction: &mut Transaction<'_>,
    by: Grouped,
    most: usize,
) -> Result<Vec<Stratum>, StoreError> {
    const STRATA: &str = "select name, decision, devices from tally where kind = ?1 \
         order by name, decision limit ?2";
    let kind = match by {
        Grouped::Unit => "unit-decision",
        Grouped::CareService => "service-decision",
    };
    let rows = i64::try_from(most.saturating_mul(5)).unwrap_or(i64::MAX);
    let values = [kind.into(), rows.into()];
    let counted = transaction.all("draw devices", STRATA, &values, |row| {
        let number = |column| Ok::<_, StoreError>(row.integer(column)?.unwrap_or_default());
        Ok((row.text(0)?.unwrap_or_default(), number(1)?, number(2)?))
    })?;
    let mut strata: Vec<Stratum> = Vec::new();
    for (name, decision, count) in counted {
        if strata.last().is_none_or(|last| last.name != name) {
            strata.push(Stratum { name, ..Stratum::default() });
        }
        let place = usize::try_from(decision).unwrap_or_default();
        if let Some(own) = strata.last_mut().and_then(|last| last.by_decision.get_mut(place)) {
            *own += count;
        }
    }
    strata.truncate(most);
    Ok(strata)
}

/// How many devices of a unit, or care service, speak with somebody, and what for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spoken {
    /// The address that is spoken to.
    pub server: String,
    /// The device of the inventory that has it; empty where none is known.
    pub device: String,
    /// What for, as `domain::care::CareRole` writes it.
    pub role: String,
    /// The unit, or the care service, of those who speak; empty where it is unknown.
    pub place: String,
    /// How many they are.
    pub devices: i64,
}

/// Who is spoken to for what care needs, by how many devices of each unit or care service. So many
/// flows are looked at; that is enough to draw a map, and no count of all.
///
/// # Errors
/// Those of the store.
pub fn spoken(
    transaction: &mut Transaction<'_>,
    by: Grouped,
    roles: &[&str],
    flows: usize,
) -> Result<Vec<Spoken>, StoreError> {
    let mut query = Query::default();
    query.put(
        match by {
            Grouped::Unit => "select server, known.id, role, device.unit, ",
            Grouped::CareService => "select server, known.id, role, device.care_service, ",
        },
        [],
    );
    query.put(
        "count(distinct client_device) from (select server, server_device, role, client_device \
         from flow where client_device <> '' and role in (''",
        [],
    );
    for role in roles {
        query.put(", ?", [(*role).into()]);
    }
    query.put(
        ") limit ?) as spoken join device on device.id = client_device \
         left join device as known on known.id = server_device group by 1, 2, 3, 4 order by 1, 3, 4",
        [i64::try_from(flows).unwrap_or(i64::MAX).into()],
    );
    transaction.select("draw who speaks with whom", &query, |row| {
        let text = |column| Ok::<_, StoreError>(row.text(column)?.unwrap_or_default());
        Ok(Spoken {
            server: text(0)?,
            device: text(1)?,
            role: text(2)?,
            place: text(3)?,
            devices: row.integer(4)?.unwrap_or_default(),
        })
    })
}

fn tile(row: &Row<'_>) -> Result<Tile, StoreError> {
    let text = |column| Ok::<_, StoreError>(row.text(column)?.unwrap_or_default());
    let number = |column| Ok::<_, StoreError>(row.integer(column)?.unwrap_or_default());
    Ok(Tile {
        id: text(0)?,
        unit: text(1)?,
        care_service: text(2)?,
        manufacturer: text(3)?,
        model: text(4)?,
        criticality: number(5)?,
        decision: number(6)?,
        in_use: row.integer(7)?.map(|used| used != 0),
    })
}
