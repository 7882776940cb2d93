//! `asepsis alerts add | list | test | resume | remove`: who else is told what happens.
//!
//! What may be typed, `presentation::alerts` says, as it does for the console. Refuses to show a
//! secret a second time.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use collectors::outward::Reach;
use presentation::alerts::new::{self, Typed};
use presentation::alerts::{Courier, Sent, TOPICS, trial};
use serde_json::{Value, json};
use store::alerts::{self, Target};
use store::audit::By;
use store::database::{Database, Transaction};

use crate::arguments::alerts::{Alerts, AlertsWork};
use crate::commands::people::account;
use crate::commands::store::open;
use crate::keeping::now_ms;
use crate::serving::alerts::Carrier;
use crate::{DONE, WRONG, output, randomness};

const WHAT: &str = "change who is told";

pub(crate) fn run(options: &Alerts) -> Result<u8> {
    let database = open(&options.place)?;
    let actor = account();
    let by = By { actor: &actor, at_ms: now_ms() };
    match &options.work {
        AlertsWork::Add { name, to, format, topic, authority } => {
            let topics = if topic.is_empty() {
                TOPICS.map(|(topic, _)| topic.to_owned()).to_vec()
            } else {
                topic.clone()
            };
            let authority = authority.as_deref().map(read).transpose()?.unwrap_or_default();
            let typed = Typed { name, place: to, format, authority: &authority, topics };
            add(&database, &typed, by)
        }
        AlertsWork::List { json } => list(&database, *json),
        AlertsWork::Test { name, alerts_may_reach } => {
            test(&named(&database, name)?, Reach::new(alerts_may_reach.clone()))
        }
        AlertsWork::Resume { name } => {
            change(&database, name, |t, id| alerts::resume(t, id, by))?;
            output::print(&format!("{name} is tried again at once.\n"))?;
            Ok(DONE)
        }
        AlertsWork::Remove { name } => {
            change(&database, name, |t, id| alerts::remove(t, id, by))?;
            output::print(&format!("{name} is told nothing any more.\n"))?;
            Ok(DONE)
        }
    }
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))
}

fn add(database: &Database, typed: &Typed<'_>, by: By<'_>) -> Result<u8> {
    let carrier = Carrier::new(Reach::default());
    let made = new::make(typed, &carrier, &mut randomness::random());
    let (target, secret) = made.map_err(|wrong| anyhow!(wrong))?;
    let added = database.write(WHAT, |transaction| new::add(transaction, &target, by))?;
    added.map_err(|wrong| anyhow!(wrong))?;
    let mut said = format!("{} is told from now on.\n", target.name);
    if let Some(secret) = secret {
        let _ = writeln!(
            said,
            "What it is sent is signed with this secret, which is shown once: {}",
            secret.expose()
        );
    }
    output::print(&said)?;
    Ok(DONE)
}

fn named(database: &Database, name: &str) -> Result<Target> {
    let all = database.read("read who is told", alerts::targets)?;
    let found = all.into_iter().find(|target| target.name == name);
    found.with_context(|| format!("nobody called `{name}` is told\n\nhint: `asepsis alerts list`"))
}

fn change(
    database: &Database,
    name: &str,
    act: impl FnOnce(&mut Transaction<'_>, &str) -> Result<bool, store::StoreError>,
) -> Result<()> {
    let target = named(database, name)?;
    if !database.write(WHAT, |transaction| act(transaction, &target.id))? {
        bail!("nobody called `{name}` is told any more");
    }
    Ok(())
}

fn test(target: &Target, reach: Reach) -> Result<u8> {
    let alert = trial(format!("test_{}", randomness::random().id()), now_ms());
    let sent = Carrier::new(reach).send(target, &[alert]);
    output::print(&format!("{}\n", sent.sentence()))?;
    Ok(if matches!(sent, Sent::Taken(_)) { DONE } else { WRONG })
}

fn list(database: &Database, as_json: bool) -> Result<u8> {
    let carrier = Carrier::new(Reach::default());
    let all = database.read("read who is told", |transaction| {
        let mut all = Vec::new();
        for target in alerts::targets(transaction)? {
            let waiting = alerts::waiting(transaction, &target)?;
            all.push((target, waiting));
        }
        Ok(all)
    })?;
    let mut text = String::new();
    for (target, waiting) in &all {
        let place = carrier.check(&target.place, "").map(|(_, place)| place).unwrap_or_default();
        if as_json {
            let _ = writeln!(text, "{}", seen(target, &place, *waiting));
            continue;
        }
        let state = match (target.stopped_ms, target.failing_ms, target.taken_ms) {
            (Some(_), ..) => format!("stopped: {}", target.fault),
            (None, Some(_), _) => format!("failing: {}", target.fault),
            (None, None, Some(_)) => "taking".to_owned(),
            (None, None, None) => "has taken none yet".to_owned(),
        };
        let _ = writeln!(
            text,
            "{}  {place}  {}  {}  {waiting} waiting, {} dropped, {} refused  {state}",
            target.name,
            target.format,
            target.topics.join(","),
            target.dropped,
            target.refused
        );
    }
    if all.is_empty() && !as_json {
        text.push_str("Nobody else is told.\n");
    }
    output::print(&text)?;
    Ok(DONE)
}

fn seen(target: &Target, place: &str, waiting: i64) -> Value {
    json!({
        "name": target.name,
        "place": place,
        "kind": target.kind,
        "format": target.format,
        "topics": target.topics,
        "waiting": waiting,
        "dropped": target.dropped,
        "refused": target.refused,
        "attempts": target.attempts,
        "fault": target.fault,
        "taken_ms": target.taken_ms,
        "failing_ms": target.failing_ms,
        "stopped_ms": target.stopped_ms,
    })
}
