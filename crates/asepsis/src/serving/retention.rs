//! What was kept long enough is forgotten: once a day, a few rows at a time, so that whoever writes
//! meanwhile hardly waits.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use store::audit::By;
use store::database::Database;
use store::retention::{self, Due};

use crate::keeping::now_ms;
use crate::output;

/// How often it is looked whether a day has passed.
const LOOK: Duration = Duration::from_mins(10);
/// How long others may write between two steps.
const PAUSE: Duration = Duration::from_millis(20);

/// Forgets for ever, once a day.
pub(super) fn go_on(database: &Arc<Database>) {
    loop {
        let is_time = database.write("forget what was kept", |t| retention::is_time(t, now_ms()));
        let by = By { actor: "asepsis", at_ms: now_ms() };
        let done = match is_time {
            Ok(true) => forget(database, by).map(drop),
            Ok(false) => Ok(()),
            Err(error) => Err(error.into()),
        };
        if let Err(error) = done {
            output::complain(&format!("error: {error:#}"));
        }
        thread::sleep(LOOK);
    }
}

/// Forgets what is due, and notes before what that is.
pub(crate) fn forget(database: &Database, by: By<'_>) -> anyhow::Result<Vec<Due>> {
    let all = database.write("note what is forgotten", |t| retention::begin(t, by))?;
    for due in all.iter().filter(|due| due.rows > 0) {
        while database.write("forget what was kept", |t| retention::step(t, due, by.at_ms))? > 0 {
            thread::sleep(PAUSE);
        }
    }
    Ok(all)
}
