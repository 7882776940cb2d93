//! What is done again and again: folders and the base looked at, and everything judged anew where
//! something came. One judgement at a time; what comes meanwhile is judged after it.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use presentation::console::{Console, Intake};
use presentation::sign_in::entry;
use store::database::Database;
use store::documents;
use store::judgements::{self, Judgement};

use super::intake::{self, Looks, Watched};
use crate::commands::assess::today;
use crate::keeping::means::{self, Means};
use crate::keeping::now_ms;
use crate::output;

/// How long folders are not looked at between two looks, at least and at most. Between them it is
/// so many times as long as a look took: a large folder takes no more of a processor than a small
/// one.
const LOOK: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(5));
const LOOK_REST: u32 = 20;
/// How often the agent is asked.
const ORDERS: Duration = Duration::from_millis(250);
/// How often it is looked whether a new day has come, on which support may have ended.
const DAY: Duration = Duration::from_mins(1);

/// The jobs of a server.
pub(super) struct Jobs {
    database: Arc<Database>,
    place: String,
    console: Arc<Console>,
}

impl Jobs {
    /// Begins them, each on a thread of its own.
    pub(super) fn begin(
        database: Arc<Database>,
        place: String,
        folders: Vec<Watched>,
        console: Arc<Console>,
    ) {
        let (came, wait) = channel();
        let told = came.clone();
        console.when_documents_come(Intake {
            // Where nobody judges any more, the program ends.
            came: Box::new(move || {
                let _ = told.send(());
            }),
            watched: folders.iter().map(|folder| folder.source().to_owned()).collect(),
        });
        let jobs = Arc::new(Self { database, place, console });
        let watching = Arc::clone(&jobs);
        thread::spawn(move || watching.watch(&folders, &came));
        let looking = Arc::clone(&jobs);
        thread::spawn(move || {
            loop {
                looking.console.look_at_orders();
                thread::sleep(ORDERS);
            }
        });
        thread::spawn(move || jobs.judge(&wait));
    }

    /// Looks at folders, and at the base, for ever.
    fn watch(&self, folders: &[Watched], came: &Sender<()>) {
        let mut looks: HashMap<PathBuf, Looks> = HashMap::new();
        let mut told: HashMap<PathBuf, String> = HashMap::new();
        let mut base = means::look(&self.database);
        loop {
            let begun = Instant::now();
            let seen = means::look(&self.database);
            if seen != base && came.send(()).is_err() {
                return;
            }
            base = seen;
            for folder in folders {
                let looks = looks.entry(folder.root.clone()).or_default();
                match intake::take(&self.database, folder, looks) {
                    Ok(taken) => {
                        told.remove(&folder.root);
                        if taken.changed + taken.withdrawn > 0 && came.send(()).is_err() {
                            return;
                        }
                    }
                    // The same fault is told once.
                    Err(error) => {
                        let sentence = format!("{error:#}");
                        let before = told.insert(folder.root.clone(), sentence.clone());
                        if before.as_ref() != Some(&sentence) {
                            output::complain(&sentence);
                        }
                    }
                }
            }
            thread::sleep((begun.elapsed() * LOOK_REST).clamp(LOOK.0, LOOK.1));
        }
    }

    /// Judges for ever: when a document has come since the last time, also before this program
    /// began, and when a new day begins.
    fn judge(&self, wait: &Receiver<()>) {
        let mut told = String::new();
        loop {
            let is_behind = self.is_behind().unwrap_or(true);
            let judged = if is_behind { self.judge_apart() } else { Ok(()) };
            let fault = judged.err().map(|error| format!("{error:#}")).unwrap_or_default();
            // The same fault is told once.
            if !fault.is_empty() && fault != told {
                output::complain(&format!("error: what came last could not be judged: {fault}"));
            }
            let is_noted = self.note(&fault);
            if let Err(error) = &is_noted {
                output::complain(&format!("error: {error:#}"));
            }
            if is_behind || is_noted.unwrap_or(false) {
                self.console.tell("judged");
            }
            told = fault;
            if let Err(error) = self.database.write("forget", |t| entry::forget(t, now_ms())) {
                output::complain(&format!("error: {error}"));
            }
            match wait.recv_timeout(DAY) {
                Ok(()) => while wait.try_recv().is_ok() {},
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Notes why nobody could judge, or that it went well; whether it went otherwise before.
    fn note(&self, fault: &str) -> Result<bool> {
        let before = self.database.read("read how it went", judgements::fault)?;
        if before.unwrap_or_default() == fault {
            return Ok(false);
        }
        self.database.write("note how it went", |t| judgements::note_fault(t, fault))?;
        Ok(true)
    }

    /// Whether the last judgement was of another day, by another program or another base, or knows
    /// less than has come.
    fn is_behind(&self) -> Result<bool> {
        if !Means::of(&self.database)?.are_as_before() {
            return Ok(true);
        }
        let (last, receipt) = self.database.read("read the judgements", |transaction| {
            Ok((judgements::last(transaction, 1)?.pop(), documents::last_receipt(transaction)?))
        })?;
        let is_known = |last: Judgement| {
            let begun = Timestamp::from_millisecond(last.begun_ms).unwrap_or_default();
            let day = begun.to_zoned_datetime(TimeZone::system()).date();
            last.receipt == receipt && day == today()
        };
        Ok(!last.is_some_and(is_known))
    }

    /// The store's place may hold a password, and goes by the environment, which others can't read.
    fn judge_apart(&self) -> Result<()> {
        let program = std::env::current_exe().context("cannot find this program")?;
        let judged = Command::new(program)
            .args(["store", "judge", "--changed"])
            .env("ASEPSIS_STORE", &self.place)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .output()
            .context("cannot begin to judge")?;
        if !judged.status.success() {
            let said = String::from_utf8_lossy(&judged.stderr);
            let words: Vec<&str> = said.split_whitespace().collect();
            bail!("{}", words.join(" ").trim_start_matches("error: "));
        }
        Ok(())
    }
}
