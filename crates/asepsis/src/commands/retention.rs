//! `asepsis store retention`: for how long what is kept, what would be forgotten by that, and
//! setting it.

use std::fmt::Write as _;

use anyhow::{Result, bail};
use serde_json::json;
use store::StoreError;
use store::audit::By;
use store::database::{Database, Transaction};
use store::retention::{self, Kept};

use super::people::account;
use crate::arguments::serve::Retention;
use crate::keeping::now_ms;
use crate::serving::retention::forget;
use crate::{DONE, output};

pub(crate) fn run(database: &Database, options: &Retention) -> Result<u8> {
    let actor = account();
    let by = By { actor: &actor, at_ms: now_ms() };
    if let (Some(name), Some(days)) = (&options.what, &options.days) {
        let (kept, days) = (named(name)?, days_of(days)?);
        if let Some(days) = days.filter(|days| !is_within(kept, *days)) {
            let (least, most) = (kept.least_days(), retention::MOST_DAYS);
            bail!(
                "{} are kept for {least} to {most} days, or `never` forgotten; not for {days}",
                kept.name()
            );
        }
        database.write("set for how long it is kept", |t| retention::set(t, kept, days, by))?;
    }
    if options.now {
        forget(database, by)?;
    }
    let rows = database.read("look what is kept", |transaction| listed(transaction, by.at_ms))?;
    let rows = rows
        .into_iter()
        .filter(|row| options.what.as_ref().is_none_or(|name| row.kept.name() == name));
    let rows: Vec<Row> = rows.collect();
    if let (Some(name), true) = (&options.what, rows.is_empty()) {
        named(name)?;
    }
    output::print(&if options.json { lines(&rows) } else { table(&rows) })?;
    Ok(DONE)
}

fn is_within(kept: Kept, days: i64) -> bool {
    (kept.least_days()..=retention::MOST_DAYS).contains(&days)
}

fn named(name: &str) -> Result<Kept> {
    let Some(kept) = Kept::named(name) else {
        let known = Kept::ALL.map(Kept::name).join(", ");
        bail!("`{name}` is nothing that is forgotten; there are {known}");
    };
    Ok(kept)
}

fn days_of(text: &str) -> Result<Option<i64>> {
    match text.parse() {
        Ok(days) => Ok(Some(days)),
        Err(_) if text == "never" => Ok(None),
        Err(_) => bail!("`{text}` is no number of days; expected one, or `never`"),
    }
}

/// What is kept for how long, and how much of it is older.
struct Row {
    kept: Kept,
    days: Option<i64>,
    due: i64,
}

fn listed(transaction: &mut Transaction<'_>, at_ms: i64) -> Result<Vec<Row>, StoreError> {
    let row = |kept| {
        let days = retention::days(transaction, kept)?;
        let due = days.map(|days| retention::due(transaction, kept, days, at_ms)).transpose()?;
        Ok(Row { kept, days, due: due.map_or(0, |due| due.rows) })
    };
    Kept::ALL.into_iter().map(row).collect()
}

fn table(rows: &[Row]) -> String {
    rows.iter().fold(String::new(), |mut table, row| {
        let kept = row.kept.name();
        let _ = match row.days {
            Some(days) => writeln!(table, "{kept:<11} {days:>6} days   {} are older", row.due),
            None => writeln!(table, "{kept:<11}  for good"),
        };
        table
    })
}

fn lines(rows: &[Row]) -> String {
    rows.iter().fold(String::new(), |lines, row| {
        let line = json!({ "what": row.kept.name(), "days": row.days, "older": row.due });
        format!("{lines}{line}\n")
    })
}
