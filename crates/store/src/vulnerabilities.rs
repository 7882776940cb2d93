//! A view: every vulnerability that a finding names, with what it means for the hospital's devices.
//!
//! Refuses to judge.

use crate::StoreError;
use crate::database::{Query, Row, Transaction, Value};
use crate::print::print;
use crate::words;

/// Most rows of one page.
pub const PAGE: usize = 500;

/// A vulnerability, as it is listed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Vulnerability {
    /// Its name: its CVE where it has one.
    pub id: String,
    /// What its advisory calls it; empty where it does not.
    pub title: String,
    /// Whether CISA knows it exploited.
    pub is_exploited: bool,
    /// FIRST's estimate that it will be, from 0 to 1.
    pub epss: Option<f64>,
    /// Its highest CVSS base score, from 0 to 10.
    pub base: Option<f64>,
    /// How many devices have it open.
    pub devices: i64,
    /// Of how many releases something is known about it.
    pub releases: i64,
    /// The gravest decision among those devices, from 0 to 4.
    pub decision: i64,
    /// The highest risk to care among them, from 0 to 100.
    pub risk: f64,
    /// When it first came up here, in milliseconds since 1970.
    pub first_ms: i64,
    /// All else, as one JSON object.
    pub rest: String,
}

/// Which vulnerabilities.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter<'f> {
    /// Words that each begin a word of its names or title.
    pub search: &'f str,
    /// Only those that are known exploited.
    pub is_exploited: bool,
    /// Decided at least so.
    pub decision: Option<i64>,
    /// That came up since, in milliseconds since 1970.
    pub since_ms: Option<i64>,
}

/// Puts a vulnerability in the place of what stood there, unless it is that; whether it is new.
/// What is known of when it first came up stays. `also` holds more words to find it by.
pub fn put(
    transaction: &mut Transaction<'_>,
    vulnerability: &Vulnerability,
    also: &str,
) -> Result<bool, StoreError> {
    const WHAT: &str = "write the vulnerabilities";
    const KNOWN: &str = "select print from vulnerability where id = ?1";
    const PUT: &str = "insert into vulnerability (id, title, exploited, epss, base, devices, \
         releases, decision, risk, by_decision, by_risk, found_by, rest, print, first_ms) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) \
         on conflict (id) do update set title = excluded.title, exploited = excluded.exploited, \
         epss = excluded.epss, base = excluded.base, devices = excluded.devices, \
         releases = excluded.releases, decision = excluded.decision, risk = excluded.risk, \
         by_decision = excluded.by_decision, by_risk = excluded.by_risk, \
         found_by = excluded.found_by, rest = excluded.rest, print = excluded.print";
    let one = vulnerability;
    let found_by = words::line(&[&one.id, &one.title, also]);
    let mut values: Vec<Value<'_>> = vec![
        one.id.as_str().into(),
        one.title.as_str().into(),
        i64::from(one.is_exploited).into(),
        one.epss.into(),
        one.base.into(),
        one.devices.into(),
        one.releases.into(),
        one.decision.into(),
        one.risk.into(),
        (-one.decision).into(),
        (-one.risk).into(),
        found_by.as_str().into(),
        one.rest.as_str().into(),
    ];
    let print = print(&values, "");
    let id = [one.id.as_str().into()];
    let known = transaction.one(WHAT, KNOWN, &id, |row| row.text(0))?.flatten();
    if known.as_deref() != Some(&*print) {
        values.extend([Value::from(print.as_str()), one.first_ms.into()]);
        transaction.execute(WHAT, PUT, &values)?;
    }
    Ok(known.is_none())
}

/// What was decided of a vulnerability when it was last judged; `None` where it was not.
pub fn decision(transaction: &mut Transaction<'_>, id: &str) -> Result<Option<i64>, StoreError> {
    let sql = "select decision from vulnerability where id = ?1";
    let found =
        transaction.one("read the vulnerabilities", sql, &[id.into()], |row| row.integer(0));
    Ok(found?.flatten())
}

/// Takes a vulnerability out of the view.
pub fn remove(transaction: &mut Transaction<'_>, id: &str) -> Result<(), StoreError> {
    let sql = "delete from vulnerability where id = ?1";
    transaction.execute("write the vulnerabilities", sql, &[id.into()]).map(|_| ())
}

/// The ids of all vulnerabilities.
pub fn ids(transaction: &mut Transaction<'_>) -> Result<Vec<String>, StoreError> {
    let sql = "select id from vulnerability";
    let ids = transaction.all("list vulnerabilities", sql, &[], |row| row.text(0))?;
    Ok(ids.into_iter().flatten().collect())
}

const COLUMNS: &str = "select id, title, exploited, epss, base, devices, releases, decision, risk, \
     first_ms, rest from vulnerability where true";

/// A page of the vulnerabilities that a filter lets through, the gravest first, from the one after
/// `after` on.
pub fn page(
    transaction: &mut Transaction<'_>,
    filter: &Filter<'_>,
    after: Option<&Vulnerability>,
    size: usize,
) -> Result<Vec<Vulnerability>, StoreError> {
    let patterns = words::patterns(filter.search);
    let mut query = Query::default();
    query.put(COLUMNS, []);
    filter.put(&patterns, &mut query);
    if let Some(last) = after {
        query.put(
            " and (by_decision, by_risk, id) > (?, ?, ?)",
            [(-last.decision).into(), (-last.risk).into(), last.id.as_str().into()],
        );
    }
    query.put(
        " order by by_decision, by_risk, id limit ?",
        [i64::try_from(size.min(PAGE)).unwrap_or(i64::MAX).into()],
    );
    transaction.select("list vulnerabilities", &query, vulnerability)
}

/// What first came up since a time, in milliseconds since 1970, and asks for something: the gravest
/// decisions first, and of one decision what came last.
pub fn news(
    transaction: &mut Transaction<'_>,
    since_ms: i64,
    most: usize,
) -> Result<Vec<Vulnerability>, StoreError> {
    let mut query = Query::default();
    query.put(COLUMNS, []);
    query.put(" and by_decision < 0 and first_ms >= ?", [since_ms.into()]);
    let most = i64::try_from(most.min(PAGE)).unwrap_or(i64::MAX);
    query.put(" order by by_decision, first_ms desc, id limit ?", [most.into()]);
    transaction.select("list vulnerabilities", &query, vulnerability)
}

/// How many vulnerabilities a filter lets through.
pub fn count(transaction: &mut Transaction<'_>, filter: &Filter<'_>) -> Result<i64, StoreError> {
    let patterns = words::patterns(filter.search);
    let mut query = Query::default();
    query.put("select count(*) from vulnerability where true", []);
    filter.put(&patterns, &mut query);
    let counts = transaction.select("count vulnerabilities", &query, |row| row.integer(0))?;
    Ok(counts.into_iter().flatten().next().unwrap_or_default())
}

/// One vulnerability.
pub fn one(
    transaction: &mut Transaction<'_>,
    id: &str,
) -> Result<Option<Vulnerability>, StoreError> {
    let mut query = Query::default();
    query.put(COLUMNS, []);
    query.put(" and id = ?", [id.into()]);
    Ok(transaction.select("read a vulnerability", &query, vulnerability)?.pop())
}

impl Filter<'_> {
    fn put<'v>(&self, patterns: &'v [String], query: &mut Query<'v>) {
        for pattern in patterns {
            query.put(" and found_by like ? escape '~'", [pattern.as_str().into()]);
        }
        if self.is_exploited {
            query.put(" and exploited = 1", []);
        }
        if let Some(decision) = self.decision {
            query.put(" and decision >= ?", [decision.into()]);
        }
        if let Some(since) = self.since_ms {
            query.put(" and first_ms >= ?", [since.into()]);
        }
    }
}

fn vulnerability(row: &Row<'_>) -> Result<Vulnerability, StoreError> {
    let text = |column| Ok::<_, StoreError>(row.text(column)?.unwrap_or_default());
    let number = |column| Ok::<_, StoreError>(row.integer(column)?.unwrap_or_default());
    Ok(Vulnerability {
        id: text(0)?,
        title: text(1)?,
        is_exploited: number(2)? != 0,
        epss: row.real(3)?,
        base: row.real(4)?,
        devices: number(5)?,
        releases: number(6)?,
        decision: number(7)?,
        risk: row.real(8)?.unwrap_or_default(),
        first_ms: number(9)?,
        rest: text(10)?,
    })
}
