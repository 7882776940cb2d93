//! A view: every device with what was judged of it, to be filtered, sorted, searched and leafed
//! through, also where there are 350,000 of them.
//!
//! Refuses to count pages: a place in a list is the row before it, so that a row that comes or goes
//! meanwhile neither hides another nor shows it twice.

mod tally;

use std::collections::BTreeSet;
use std::net::IpAddr;

pub use self::tally::{Count, Counted, Group, count, groups, past_support, tally};
use crate::StoreError;
use crate::database::{Query, Row, Transaction, Value};
use crate::print::{Put, print};
use crate::words;

/// Most rows of one page.
pub const PAGE: usize = 500;
/// A word that begins the words of more devices than that is common: most devices of a page have
/// it, so the list is walked. One that is rarer leads to its devices.
const COMMON: i64 = 4_000;
/// Most words of a device by which it is found; further ones are not.
const WORDS: usize = 64;

const COLUMNS: &str = "select id, manufacturer, model, version, site, unit, room, care_service, \
     criticality, in_use, decision, risk_low, risk_high, end_of_support, release, ranking, action, \
     rest from device where true";

/// A device, as it is listed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Device {
    /// Its id in the inventory.
    pub id: String,
    /// Who makes it; empty where that is unknown, as with all texts.
    pub manufacturer: String,
    /// Its model.
    pub model: String,
    /// Its version.
    pub version: String,
    /// The site that it stands at.
    pub site: String,
    /// The unit.
    pub unit: String,
    /// The room.
    pub room: String,
    /// The care service that it is for.
    pub care_service: String,
    /// How much hangs on it, from 0 (unknown) to 5 (life-sustaining).
    pub criticality: i64,
    /// Whether it is in use, where that is known.
    pub in_use: Option<bool>,
    /// What to do, from 0 (nothing known against it) over 1 (track) to 4 (act).
    pub decision: i64,
    /// The low and the high end of its risk to care, from 0 to 100.
    pub risk: (f64, f64),
    /// The day on which its support ends, as YYYY-MM-DD.
    pub end_of_support: Option<String>,
    /// Its release, by id.
    pub release: Option<String>,
    /// What the findings of its release mean for it, by hash.
    pub ranking: Option<String>,
    /// What to do first, in one sentence.
    pub action: String,
    /// All else, as one JSON object.
    pub rest: String,
}

/// Which devices.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter<'f> {
    /// Words that each begin a word of the device, in any order.
    pub search: &'f str,
    /// Of that care service.
    pub care_service: Option<&'f str>,
    /// In that unit.
    pub unit: Option<&'f str>,
    /// Decided at least so.
    pub decision: Option<i64>,
    /// At least so critical.
    pub criticality: Option<i64>,
    /// Of that release.
    pub release: Option<&'f str>,
    /// With an open finding of that vulnerability.
    pub vulnerability: Option<&'f str>,
    /// Whose support ended before that day, as YYYY-MM-DD.
    pub support_before: Option<&'f str>,
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// What is to be done first.
    #[default]
    Decision,
    /// By maker, model and version.
    Model,
    /// By site, unit and room.
    Place,
    /// Those whose support ends first.
    Support,
    /// By id.
    Id,
}

/// Puts a device into the view, in the place of what stood there, unless it is that. `also` holds
/// more words to find it by. What was judged of it before, where something else was.
pub fn put(
    transaction: &mut Transaction<'_>,
    device: &Device,
    also: &str,
) -> Result<Put, StoreError> {
    const WHAT: &str = "write the list of devices";
    const DEVICE: &str = "insert into device (id, manufacturer, model, version, site, unit, room, \
         care_service, criticality, in_use, decision, risk_low, risk_high, end_of_support, \
         release, ranking, action, rest, by_decision, by_risk, print) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, \
         ?19, ?20, ?21) \
         on conflict (id) do update set manufacturer = excluded.manufacturer, \
         model = excluded.model, version = excluded.version, site = excluded.site, \
         unit = excluded.unit, room = excluded.room, care_service = excluded.care_service, \
         criticality = excluded.criticality, in_use = excluded.in_use, \
         decision = excluded.decision, risk_low = excluded.risk_low, \
         risk_high = excluded.risk_high, end_of_support = excluded.end_of_support, \
         release = excluded.release, ranking = excluded.ranking, action = excluded.action, \
         rest = excluded.rest, by_decision = excluded.by_decision, by_risk = excluded.by_risk, \
         print = excluded.print";
    const KNOWN: &str = "select print, decision, version from device where id = ?1";
    let mut values = device.values();
    let print = print(&values, also);
    let id = [device.id.as_str().into()];
    let known = transaction.one(WHAT, KNOWN, &id, |row| {
        let version = row.text(2)?.unwrap_or_default();
        Ok((row.text(0)?.unwrap_or_default(), row.integer(1)?.unwrap_or_default(), version))
    })?;
    if known.as_ref().is_some_and(|(known, ..)| *known == print) {
        return Ok(Put::Same);
    }
    values.push(print.as_str().into());
    transaction.execute(WHAT, DEVICE, &values)?;
    if known.is_some() {
        transaction.execute(WHAT, "delete from device_word where device = ?1", &id)?;
    }
    let texts = device.texts().into_iter().map(String::as_str).chain([also]);
    let words: BTreeSet<String> = texts.flat_map(words::of).take(WORDS).collect();
    for word in &words {
        let sql = "insert into device_word (word, device) values (?1, ?2)";
        transaction.execute(WHAT, sql, &[word.as_str().into(), device.id.as_str().into()])?;
    }
    Ok(known.map_or(Put::New, |(_, decision, version)| Put::Changed { decision, version }))
}

/// Puts what was judged of a device into the view, where all else of it stands as it stood. What
/// was judged of it before, where something else was.
pub fn judge(
    transaction: &mut Transaction<'_>,
    device: &Device,
    also: &str,
) -> Result<Put, StoreError> {
    const WHAT: &str = "write the list of devices";
    const JUDGE: &str = "update device set decision = ?2, risk_low = ?3, risk_high = ?4, \
         ranking = ?5, action = ?6, rest = ?7, by_decision = ?8, by_risk = ?9, print = ?10 \
         where id = ?1";
    const KNOWN: &str = "select print, decision from device where id = ?1";
    let print = print(&device.values(), also);
    let id: Value<'_> = device.id.as_str().into();
    let known = transaction.one(WHAT, KNOWN, &[id], |row| {
        Ok((row.text(0)?.unwrap_or_default(), row.integer(1)?.unwrap_or_default()))
    })?;
    let Some((_, decision)) = known.filter(|(known, _)| *known != print) else {
        return Ok(Put::Same);
    };
    let values: [Value<'_>; 10] = [
        id,
        device.decision.into(),
        device.risk.0.into(),
        device.risk.1.into(),
        device.ranking.as_deref().into(),
        device.action.as_str().into(),
        device.rest.as_str().into(),
        (-device.decision).into(),
        (-device.risk.1).into(),
        print.as_str().into(),
    ];
    transaction.execute(WHAT, JUDGE, &values)?;
    Ok(Put::Changed { decision, version: device.version.clone() })
}

/// The devices of a release, by id, after one of them.
pub fn of_release(
    transaction: &mut Transaction<'_>,
    release: &str,
    after: &str,
    most: usize,
) -> Result<Vec<Device>, StoreError> {
    let mut query = Query::default();
    query.put(COLUMNS, []);
    query.put(" and release = ? and id > ?", [release.into(), after.into()]);
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    query.put(" order by id limit ?", [most.into()]);
    transaction.select("list devices", &query, device)
}

/// What the findings of a release mean for the devices that run it: each ranking by its name, with
/// how many devices have it.
pub fn rankings_of(
    transaction: &mut Transaction<'_>,
    release: &str,
) -> Result<Vec<(String, i64)>, StoreError> {
    let sql = "select ranking, count(*) from device where release = ?1 and ranking is not null \
               group by ranking order by ranking";
    transaction.all("list devices", sql, &[release.into()], |row| {
        Ok((row.text(0)?.unwrap_or_default(), row.integer(1)?.unwrap_or_default()))
    })
}

impl Device {
    /// The texts that it is found by.
    fn texts(&self) -> [&String; 8] {
        [
            &self.id,
            &self.manufacturer,
            &self.model,
            &self.version,
            &self.site,
            &self.unit,
            &self.room,
            &self.care_service,
        ]
    }

    fn values(&self) -> Vec<Value<'_>> {
        let mut values: Vec<Value<'_>> = self.texts().map(|text| text.as_str().into()).to_vec();
        let judged: [Value<'_>; 12] = [
            self.criticality.into(),
            self.in_use.map(i64::from).into(),
            self.decision.into(),
            self.risk.0.into(),
            self.risk.1.into(),
            self.end_of_support.as_deref().into(),
            self.release.as_deref().into(),
            self.ranking.as_deref().into(),
            self.action.as_str().into(),
            self.rest.as_str().into(),
            (-self.decision).into(),
            (-self.risk.1).into(),
        ];
        values.extend(judged);
        values
    }
}

/// Takes a device out of the view.
pub fn remove(transaction: &mut Transaction<'_>, id: &str) -> Result<(), StoreError> {
    let sql = "delete from device where id = ?1";
    transaction.execute("write the list of devices", sql, &[id.into()]).map(|_| ())
}

/// One device.
pub fn one(transaction: &mut Transaction<'_>, id: &str) -> Result<Option<Device>, StoreError> {
    let mut query = Query::default();
    query.put(COLUMNS, []);
    query.put(" and id = ?", [id.into()]);
    Ok(transaction.select("read a device", &query, device)?.pop())
}

/// The devices that are found by exactly this word, such as an address; at most so many.
pub fn of_word(
    transaction: &mut Transaction<'_>,
    word: &str,
    most: usize,
) -> Result<Vec<Device>, StoreError> {
    let folded = words::whole(word).unwrap_or_else(|| word.to_lowercase());
    let mut query = Query::default();
    query.put(COLUMNS, []);
    query.put(
        " and id in (select device from device_word where word = ?) order by id limit ?",
        [folded.as_str().into(), i64::try_from(most.min(PAGE)).unwrap_or(i64::MAX).into()],
    );
    transaction.select("find devices", &query, device)
}

/// The ids of all devices.
pub fn ids(transaction: &mut Transaction<'_>) -> Result<Vec<String>, StoreError> {
    let sql = "select id from device";
    let ids = transaction.all("list devices", sql, &[], |row| row.text(0))?;
    Ok(ids.into_iter().flatten().collect())
}

/// A page of the devices that a filter lets through, from the one after `after` on.
pub fn page(
    transaction: &mut Transaction<'_>,
    filter: &Filter<'_>,
    order: Order,
    after: Option<&Device>,
    size: usize,
) -> Result<Vec<Device>, StoreError> {
    let words = prefixes(transaction, filter.search)?;
    let mut query = Query::default();
    query.put(COLUMNS, []);
    filter.put(&words, &mut query);
    order.put(after, &mut query);
    query.put(" limit ?", [i64::try_from(size.min(PAGE)).unwrap_or(i64::MAX).into()]);
    transaction.select("list devices", &query, device)
}

impl<'f> Filter<'f> {
    /// Whether anything is asked.
    fn is_any(&self) -> bool {
        let Self {
            search,
            care_service,
            unit,
            decision,
            criticality,
            release,
            vulnerability,
            support_before,
        } = self;
        let texts = [care_service, unit, release, vulnerability, support_before];
        let numbers = [decision, criticality];
        !search.trim().is_empty()
            || texts.iter().any(|text| text.is_some())
            || numbers.iter().any(|number| number.is_some())
    }

    fn put<'v>(&self, words: &'v [Prefix], query: &mut Query<'v>)
    where
        'f: 'v,
    {
        for Prefix { from, to, is_common } in words {
            query.put(
                if *is_common {
                    " and exists (select 1 from device_word where device = device.id \
                     and word >= ? and word < ?)"
                } else {
                    " and id in (select device from device_word where word >= ? and word < ?)"
                },
                [from.as_str().into(), to.as_str().into()],
            );
        }
        if let Some(service) = self.care_service {
            query.put(" and care_service = ?", [service.into()]);
        }
        if let Some(unit) = self.unit {
            query.put(" and unit = ?", [unit.into()]);
        }
        if let Some(decision) = self.decision {
            query.put(" and by_decision <= ?", [(-decision).into()]);
        }
        if let Some(criticality) = self.criticality {
            query.put(" and criticality >= ?", [criticality.into()]);
        }
        if let Some(release) = self.release {
            query.put(" and release = ?", [release.into()]);
        }
        if let Some(vulnerability) = self.vulnerability {
            query.put(
                " and release in (select release from finding where vulnerability = ? \
                 and verdict in ('affected', 'undecided'))",
                [vulnerability.into()],
            );
        }
        if let Some(day) = self.support_before {
            query.put(" and end_of_support < ?", [day.into()]);
        }
    }
}

impl Order {
    fn put<'v>(self, after: Option<&'v Device>, query: &mut Query<'v>) {
        if let Some(last) = after {
            let id = || Value::from(last.id.as_str());
            match self {
                Self::Decision => query.put(
                    " and (by_decision, by_risk, id) > (?, ?, ?)",
                    [(-last.decision).into(), (-last.risk.1).into(), id()],
                ),
                Self::Model => query.put(
                    " and (manufacturer, model, version, id) > (?, ?, ?, ?)",
                    [&last.manufacturer, &last.model, &last.version, &last.id]
                        .map(|text| text.as_str().into()),
                ),
                Self::Place => query.put(
                    " and (site, unit, room, id) > (?, ?, ?, ?)",
                    [&last.site, &last.unit, &last.room, &last.id].map(|text| text.as_str().into()),
                ),
                Self::Id => query.put(" and id > ?", [id()]),
                Self::Support => match last.end_of_support.as_deref() {
                    Some(day) => query.put(
                        " and (end_of_support > ? or end_of_support = ? and id > ? \
                         or end_of_support is null)",
                        [day.into(), day.into(), id()],
                    ),
                    None => query.put(" and end_of_support is null and id > ?", [id()]),
                },
            }
        }
        query.put(
            match self {
                Self::Decision => " order by by_decision, by_risk, id",
                Self::Model => " order by manufacturer, model, version, id",
                Self::Place => " order by site, unit, room, id",
                Self::Support => " order by end_of_support nulls last, id",
                Self::Id => " order by id",
            },
            [],
        );
    }
}

fn device(row: &Row<'_>) -> Result<Device, StoreError> {
    let text = |column| Ok::<_, StoreError>(row.text(column)?.unwrap_or_default());
    let number = |column| Ok::<_, StoreError>(row.integer(column)?.unwrap_or_default());
    let real = |column| Ok::<_, StoreError>(row.real(column)?.unwrap_or_default());
    Ok(Device {
        id: text(0)?,
        manufacturer: text(1)?,
        model: text(2)?,
        version: text(3)?,
        site: text(4)?,
        unit: text(5)?,
        room: text(6)?,
        care_service: text(7)?,
        criticality: number(8)?,
        in_use: row.integer(9)?.map(|used| used != 0),
        decision: number(10)?,
        risk: (real(11)?, real(12)?),
        end_of_support: row.text(13)?,
        release: row.text(14)?,
        ranking: row.text(15)?,
        action: text(16)?,
        rest: text(17)?,
    })
}

/// A word that is searched for, as a range of words: from itself to the first that does not begin
/// with it.
struct Prefix {
    from: String,
    to: String,
    is_common: bool,
}

fn prefixes(transaction: &mut Transaction<'_>, search: &str) -> Result<Vec<Prefix>, StoreError> {
    let mut prefixes = Vec::new();
    for wanted in search.split_whitespace().take(WORDS) {
        // A word with a point, a dash or a colon in it may stand so in the list; or its parts do.
        let whole = words::whole(wanted);
        // The parts of an address are numbers that stand in very many others.
        let is_address = is_address(wanted);
        let mut found = Vec::new();
        if let Some(whole) = whole {
            let prefix = prefix(transaction, whole)?;
            found.extend(prefix.filter(|(_, count)| *count > 0 || is_address));
        }
        if found.is_empty() && !is_address {
            for part in words::parts(wanted) {
                found.extend(prefix(transaction, part)?);
            }
        }
        prefixes.extend(found.into_iter().map(|(prefix, _)| prefix));
    }
    Ok(prefixes)
}

/// Whether a word is an IP address, or a hardware address of six or eight bytes.
fn is_address(word: &str) -> bool {
    let mut bytes = word.split([':', '-']);
    let all_bytes = bytes.all(|one| one.len() == 2 && u8::from_str_radix(one, 16).is_ok());
    let count = word.split([':', '-']).count();
    word.parse::<IpAddr>().is_ok() || all_bytes && matches!(count, 6 | 8)
}

fn prefix(
    transaction: &mut Transaction<'_>,
    from: String,
) -> Result<Option<(Prefix, i64)>, StoreError> {
    const COUNT: &str = "select count(*) from (select 1 from device_word \
         where word >= ?1 and word < ?2 limit ?3) as found";
    let to = words::end(&from);
    let values = [from.as_str().into(), to.as_str().into(), COMMON.into()];
    let count = transaction.one("search devices", COUNT, &values, |row| row.integer(0))?;
    let count = count.flatten().unwrap_or_default();
    Ok(Some((Prefix { is_common: count >= COMMON, from, to }, count)))
}
