//! What the agent tells, into the store: asked for again and again, each step and each detection
//! kept once, also where this program, the agent or the machine ends in between.
//!
//! Refuses to go on in silence: where the agent says what is not understood, or the store takes
//! nothing, the console says so and the same is asked again.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use presentation::alerts::Fact;
use presentation::console::Console;
use presentation::intent::{Agent, Intent, Refused, Speaker};
use presentation::news::{self, After, Kept, Network, News};
use serde_json::Value;
use store::agents::{self, Known};
use store::alerts;
use store::database::Database;

use crate::keeping::now_ms;

/// How often the agent is asked what happened, and how often what it knows.
const HAPPENED: Duration = Duration::from_millis(250);
const LEARNED: Duration = Duration::from_secs(5);
/// After what time without an answer others are told that the agent is silent, in milliseconds.
const SILENT_MS: i64 = 60_000;

/// Takes in the news.
pub(super) struct Intake {
    database: Arc<Database>,
    agent: Arc<dyn Agent>,
    console: Arc<Console>,
    /// Up to where the news are kept; `None` until that was read.
    known: Option<Known>,
    after: After,
    /// When it was last heard, where others were told that it is silent.
    told_silent: Option<i64>,
}

impl Intake {
    pub(super) fn new(
        database: Arc<Database>,
        agent: Arc<dyn Agent>,
        console: Arc<Console>,
    ) -> Self {
        Self { database, agent, console, known: None, after: After::default(), told_silent: None }
    }

    /// Takes them in for ever.
    pub(super) fn go_on(mut self) {
        let mut learned: Option<Instant> = None;
        let is_due = |last: Option<Instant>, every| last.is_none_or(|last| last.elapsed() >= every);
        loop {
            let mut more = false;
            let mut fault = None;
            match self.take() {
                Ok(kept) => {
                    if kept.steps + kept.detections > 0 {
                        self.console.tell("orders");
                    }
                    more = kept.more;
                }
                Err(why) => fault = why,
            }
            if fault.is_none() && is_due(learned, LEARNED) {
                match self.learn() {
                    Ok(true) => more = true,
                    Ok(false) => learned = Some(Instant::now()),
                    Err(why) => (fault, learned) = (why, Some(Instant::now())),
                }
            }
            self.console.hear_of_news(fault);
            if !more {
                thread::sleep(HAPPENED);
            }
        }
    }

    /// Takes what happened since the last time. An error without words where no agent answers:
    /// that is told elsewhere.
    fn take(&mut self) -> Result<Kept, Option<String>> {
        let mut known = match self.known.take() {
            Some(known) => known,
            None => self
                .database
                .read("read what is known", agents::known)
                .map_err(|error| Some(unkept(&error)))?,
        };
        let news = match self.news(&mut known) {
            Ok(news) => news,
            Err(why) => {
                if why.is_none() {
                    self.tell_silence(&known)?;
                }
                self.known = Some(known);
                return Err(why);
            }
        };
        let (now_ms, told) = (now_ms(), self.told_silent.take());
        if !news.is_new(&known, now_ms) && told.is_none() {
            self.known = Some(known);
            return Ok(Kept::default());
        }
        let kept = self.database.write("keep what the agent tells", |transaction| {
            if let Some(heard_ms) = told {
                alerts::put(transaction, &Fact::back(heard_ms, now_ms))?;
            }
            news.keep(transaction, &mut known, now_ms)
        });
        let kept = kept.map_err(|error| Some(unkept(&error)))?;
        self.known = Some(known);
        Ok(kept)
    }

    /// Asks for the news; anew where those marks are another journal's.
    fn news(&self, known: &mut Known) -> Result<News, Option<String>> {
        let read = |told| News::read(told).map_err(|error| Some(not_understood(&error)));
        let news = read(self.ask(&news::question(known))?)?;
        if news.forget_others(known) {
            return read(self.ask(&news::question(known))?);
        }
        Ok(news)
    }

    /// Has others told that the agent does not answer, once it has not for a while.
    fn tell_silence(&mut self, known: &Known) -> Result<(), Option<String>> {
        let Some(heard_ms) = known.heard_ms.filter(|_| self.told_silent.is_none()) else {
            return Ok(());
        };
        if now_ms() - heard_ms < SILENT_MS {
            return Ok(());
        }
        let told = self.database.write("tell that the agent is silent", |transaction| {
            alerts::put(transaction, &Fact::silent(heard_ms, now_ms()))
        });
        told.map_err(|error| Some(unkept(&error)))?;
        self.told_silent = Some(heard_ms);
        Ok(())
    }

    /// Takes what the agent knows of the network; whether more is there.
    fn learn(&mut self) -> Result<bool, Option<String>> {
        let told = self.ask(&self.after.question())?;
        let network = Network::read(told).map_err(|error| Some(not_understood(&error)))?;
        let written = self
            .database
            .write("keep what is known of the network", |transaction| network.keep(transaction));
        written.map_err(|error| Some(unkept(&error)))?;
        let (after, more) = network.next();
        self.after = after;
        Ok(more)
    }

    fn ask(&self, what: &Intent) -> Result<Value, Option<String>> {
        match self.agent.ask(&Speaker::console(), None, what) {
            Ok(told) => Ok(told),
            Err(Refused::Silent(_)) => Err(None),
            Err(refused) => Err(Some(refused.to_string())),
        }
    }
}

fn unkept(error: &store::StoreError) -> String {
    format!("What the agent tells is not kept: {error}.")
}

fn not_understood(error: &serde_json::Error) -> String {
    format!("The agent says what this console does not understand ({error}); it is not kept here.")
}
