//! A view: how many devices there are of each kind, so that no page counts 350,000 rows.
//!
//! Counted once all devices stand as they were judged. Refuses to tell an exact number where that
//! takes as long as looking at every device: beyond a bound it is *more than*.

use super::{Filter, prefixes};
use crate::StoreError;
use crate::database::{Query, Transaction};

/// By what devices are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// By unit.
    Unit,
    /// By care service.
    CareService,
    /// By decision.
    Decision,
    /// By manufacturer and model.
    Model,
}

/// Devices of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The kind's name; empty where that is unknown.
    pub name: String,
    /// The manufacturer, of a model.
    pub maker: String,
    /// How many.
    pub devices: i64,
    /// The gravest decision among them.
    pub decision: i64,
    /// How many are to be acted on.
    pub to_act_on: i64,
}

/// How many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// So many.
    Exactly(i64),
    /// More than that; nobody counted on.
    MoreThan(i64),
}

impl Count {
    /// The number: all of them, or how many there are at least.
    #[must_use]
    pub fn number(self) -> i64 {
        match self {
            Self::Exactly(count) => count,
            Self::MoreThan(count) => count + 1,
        }
    }
}

/// Counts all devices anew.
pub fn tally(transaction: &mut Transaction<'_>) -> Result<(), StoreError> {
    const WHAT: &str = "count devices";
    // Each reads one index and no device, or what was counted before it.
    const KINDS: [&str; 7] = [
        // Of a map: the gravity in the place of the maker.
        "insert into tally select 'unit-decision', unit, cast(-by_decision as text), count(*), \
         -by_decision, 0 from device group by unit, by_decision",
        "insert into tally select 'service-decision', care_service, cast(-by_decision as text), \
         count(*), -by_decision, 0 from device group by care_service, by_decision",
        "insert into tally select 'unit', name, '', sum(devices), max(decision), \
         sum(case when decision = 4 then devices else 0 end) from tally \
         where kind = 'unit-decision' group by name",
        "insert into tally select 'service', name, '', sum(devices), max(decision), \
         sum(case when decision = 4 then devices else 0 end) from tally \
         where kind = 'service-decision' group by name",
        "insert into tally select 'decision', maker, '', sum(devices), decision, \
         sum(case when decision = 4 then devices else 0 end) from tally \
         where kind = 'unit-decision' group by maker, decision",
        "insert into tally select 'model', model, manufacturer, count(*), max(-by_decision), \
         sum(case when by_decision = -4 then 1 else 0 end) from device \
         group by manufacturer, model",
        "insert into tally select 'support', end_of_support, '', count(*), 0, 0 from device \
         where end_of_support is not null group by end_of_support",
    ];
    transaction.execute(WHAT, "delete from tally", &[])?;
    KINDS.iter().try_for_each(|sql| transaction.execute(WHAT, sql, &[]).map(|_| ()))
}

/// How many devices there are of each kind, with the gravest decision and how many are to be acted
/// on; the most numerous first, decisions by their gravity.
pub fn groups(
    transaction: &mut Transaction<'_>,
    by: Group,
    most: usize,
) -> Result<Vec<Counted>, StoreError> {
    const GROUPS: &str = "select name, maker, devices, decision, to_act_on from tally \
         where kind = ?1 order by devices desc, name, maker limit ?2";
    const DECISIONS: &str = "select '', maker, devices, decision, to_act_on from tally \
         where kind = ?1 order by decision desc limit ?2";
    let (kind, sql) = match by {
        Group::Unit => ("unit", GROUPS),
        Group::CareService => ("service", GROUPS),
        Group::Model => ("model", GROUPS),
        Group::Decision => ("decision", DECISIONS),
    };
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    transaction.all("count devices", sql, &[kind.into(), most.into()], |row| {
        Ok(Counted {
            name: row.text(0)?.unwrap_or_default(),
            maker: row.text(1)?.unwrap_or_default(),
            devices: row.integer(2)?.unwrap_or_default(),
            decision: row.integer(3)?.unwrap_or_default(),
            to_act_on: row.integer(4)?.unwrap_or_default(),
        })
    })
}

/// How many devices' support ended before a day, as YYYY-MM-DD.
pub fn past_support(transaction: &mut Transaction<'_>, day: &str) -> Result<i64, StoreError> {
    let sql = "select cast(sum(devices) as bigint) from tally where kind = 'support' and name < ?1";
    let count = transaction.one("count devices", sql, &[day.into()], |row| row.integer(0))?;
    Ok(count.flatten().unwrap_or_default())
}

/// How many devices a filter lets through, counted up to `most`; all of them where they were
/// counted before.
pub fn count(
    transaction: &mut Transaction<'_>,
    filter: &Filter<'_>,
    most: usize,
) -> Result<Count, StoreError> {
    if let Some(known) = known(transaction, filter)? {
        return Ok(Count::Exactly(known));
    }
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let words = prefixes(transaction, filter.search)?;
    let mut query = Query::default();
    query.put("select count(*) from (select 1 from device where true", []);
    filter.put(&words, &mut query);
    query.put(" limit ?) as found", [most.saturating_add(1).into()]);
    let counts = transaction.select("count devices", &query, |row| row.integer(0))?;
    let count = counts.into_iter().flatten().next().unwrap_or_default();
    Ok(if count > most { Count::MoreThan(most) } else { Count::Exactly(count) })
}

/// What was counted before, for a filter by nothing, or by one thing that is tallied.
fn known(
    transaction: &mut Transaction<'_>,
    filter: &Filter<'_>,
) -> Result<Option<i64>, StoreError> {
    const OF_ALL: &str =
        "select cast(sum(devices) as bigint) from tally where kind = 'decision' and decision >= ?1";
    const OF_KIND: &str =
        "select cast(sum(devices) as bigint) from tally where kind = ?1 and name = ?2";
    let rest = Filter { unit: None, care_service: None, decision: None, ..*filter };
    if rest.is_any() {
        return Ok(None);
    }
    let count = match (filter.unit, filter.care_service, filter.decision) {
        (None, None, decision) => {
            let values = [decision.unwrap_or_default().into()];
            transaction.one("count devices", OF_ALL, &values, |row| row.integer(0))?
        }
        (Some(unit), None, None) => {
            let values = ["unit".into(), unit.into()];
            transaction.one("count devices", OF_KIND, &values, |row| row.integer(0))?
        }
        (None, Some(service), None) => {
            let values = ["service".into(), service.into()];
            transaction.one("count devices", OF_KIND, &values, |row| row.integer(0))?
        }
        _ => return Ok(None),
    };
    Ok(Some(count.flatten().unwrap_or_default()))
}
