//! Alerts on their way out: each target takes the queue in its order, at its own pace.
//!
//! What was not said to be taken is sent again, so that one may come twice, with the same id, and
//! none is lost. Refuses to let one target that is slow or gone hold up another.

use std::collections::HashSet;
use std::fs;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use collectors::outward::{self, OutwardError, Place, Reach, System, http, syslog, tls};
use presentation::alerts::{Courier, Format, Sent, webhook};
use presentation::console::Console;
use store::StoreError;
use store::alerts::{self, Alert, Target};
use store::database::Database;

use crate::keeping::now_ms;
use crate::{output, randomness};

/// How often it is looked for what is to be sent.
const LOOK: Duration = Duration::from_millis(500);
/// Most alerts that are sent to a target at one go. As long as that many wait, the next go follows
/// at once.
const BATCH: usize = alerts::PAGE;
/// How often an alert may be refused before it is left out.
const REFUSALS: i64 = 5;
/// How long is waited after the first failure, and at most, in milliseconds; twice as long after
/// each.
const WAIT_MS: i64 = 5_000;
const WAIT_MOST_MS: i64 = 3_600_000;
/// The longest fault that is kept, in characters.
const FAULT: usize = 300;

/// Carries alerts to where they may be carried.
pub(crate) struct Carrier {
    reach: Reach,
    host: String,
}

impl Carrier {
    /// To what may be reached.
    pub(crate) fn new(reach: Reach) -> Self {
        let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        Self { reach, host: host.trim().to_owned() }
    }

    fn webhook(&self, place: &Place, target: &Target, alert: &Alert) -> Sent {
        let format = Format::read(&target.format).unwrap_or(Format::Json);
        let body = format.write(alert);
        let seconds = now_ms() / 1_000;
        let fields = webhook::fields(&alert.id, seconds, &body, target.secret.as_ref());
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let by = (&self.reach, &System as &dyn outward::Resolver);
        let answer = match http::post(place, &target.authority, &fields, body.as_bytes(), by) {
            Ok(answer) => answer,
            Err(error) => return failed(&error),
        };
        let said = format!("{} {}", answer.status, answer.body.trim());
        let said: String = said.trim().chars().take(FAULT).collect();
        match answer.status {
            200..300 => Sent::Taken(said),
            410 => Sent::Gone(said),
            400 | 405 | 406 | 413 | 415 | 422 => Sent::Refused(said),
            300..400 => Sent::Failed(format!("{said}, which points elsewhere"), None),
            _ => Sent::Failed(said, answer.retry_after),
        }
    }
}

fn failed(error: &OutwardError) -> Sent {
    Sent::Failed(error.to_string(), None)
}

impl Courier for Carrier {
    fn check(&self, place: &str, authority: &str) -> Result<(&'static str, String), String> {
        let place: Place = place.parse().map_err(|error: OutwardError| error.to_string())?;
        if !authority.is_empty() {
            tls::authority(authority).map_err(|error| error.to_string())?;
        }
        let kind = if place.scheme().is_http() { "webhook" } else { "syslog" };
        Ok((kind, place.to_string()))
    }

    fn send(&self, target: &Target, alerts: &[Alert]) -> Sent {
        let place: Place = match target.place.parse() {
            Ok(place) => place,
            Err(error) => return failed(&error),
        };
        if place.scheme().is_http() {
            return match alerts.first() {
                Some(alert) => self.webhook(&place, target, alert),
                None => Sent::Taken(String::new()),
            };
        }
        let format = Format::read(&target.format).unwrap_or(Format::Cef);
        let messages: Vec<Vec<u8>> = alerts
            .iter()
            .map(|alert| presentation::alerts::syslog::write(alert, format, &self.host))
            .collect();
        let by = (&self.reach, &System as &dyn outward::Resolver);
        match syslog::send(&place, &target.authority, &messages, by) {
            Ok(()) => Sent::Taken("read to its end, or sent as datagrams".to_owned()),
            Err(error) => failed(&error),
        }
    }
}

/// Sends what waits.
pub(super) struct Sender {
    database: Arc<Database>,
    courier: Arc<dyn Courier>,
    console: Arc<Console>,
    /// Targets that are being sent to.
    busy: Mutex<HashSet<String>>,
}

impl Sender {
    pub(super) fn new(
        database: Arc<Database>,
        courier: Arc<dyn Courier>,
        console: Arc<Console>,
    ) -> Self {
        Self { database, courier, console, busy: Mutex::default() }
    }

    /// Sends for ever; each target on a thread of its own while there is something for it.
    pub(super) fn go_on(self) {
        let own = Arc::new(self);
        let mut told = String::new();
        loop {
            let looked = own.database.read("read the targets", alerts::targets);
            match looked {
                Ok(targets) => {
                    let now_ms = now_ms();
                    let due =
                        |target: &Target| target.stopped_ms.is_none() && target.next_ms <= now_ms;
                    for target in targets.into_iter().filter(due) {
                        Self::begin(&own, target);
                    }
                }
                // The same fault is told once.
                Err(error) => {
                    let sentence = error.to_string();
                    if sentence != told {
                        output::complain(&sentence);
                    }
                    told = sentence;
                }
            }
            thread::sleep(LOOK);
        }
    }

    fn begin(own: &Arc<Self>, target: Target) {
        let is_new = own.busy().insert(target.id.clone());
        if !is_new {
            return;
        }
        let own = Arc::clone(own);
        thread::spawn(move || {
            if let Err(error) = own.send_all(&target) {
                output::complain(&error.to_string());
            }
            own.busy().remove(&target.id);
        });
    }

    /// Sends a target what it has not taken yet, as long as it takes it.
    fn send_all(&self, target: &Target) -> Result<(), StoreError> {
        let mut is_more = self.send(target)?;
        while is_more {
            // What people have changed meanwhile holds at once.
            let targets = self.database.read("read the targets", alerts::targets)?;
            let Some(target) = targets.iter().find(|own| own.id == target.id) else { break };
            is_more = target.stopped_ms.is_none() && self.send(target)?;
        }
        Ok(())
    }

    fn busy(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a target what it has not taken yet, up to a bound; whether it took that, and more
    /// waits.
    fn send(&self, target: &Target) -> Result<bool, StoreError> {
        const WHAT: &str = "send alerts";
        let waiting = self.database.read(WHAT, |t| alerts::after(t, target.taken, BATCH))?;
        let Some(last) = waiting.last().map(|alert| alert.number) else { return Ok(false) };
        let is_full = waiting.len() == BATCH;
        let wanted: Vec<Alert> =
            waiting.into_iter().filter(|alert| target.wants(&alert.topic)).collect();
        let each = if target.kind == "webhook" { 1 } else { BATCH };
        let mut attempts = target.attempts;
        for some in wanted.chunks(each) {
            let Some(upto) = some.last().map(|alert| alert.number) else { continue };
            let sent = self.courier.send(target, some);
            let id = target.id.as_str();
            match sent {
                Sent::Taken(_) => {
                    self.database.write(WHAT, |t| alerts::taken(t, id, upto, now_ms()))?;
                    attempts = 0;
                }
                Sent::Refused(_) if attempts + 1 >= REFUSALS => {
                    self.database.write(WHAT, |t| alerts::refused(t, id, upto))?;
                    attempts = 0;
                }
                Sent::Refused(why) => return self.failed(target, &why, None),
                Sent::Failed(why, after) => return self.failed(target, &why, after),
                Sent::Gone(why) => {
                    let why = format!("it wants nothing any more: {why}");
                    self.database.write(WHAT, |t| alerts::stop(t, id, &why, now_ms()))?;
                    self.console.tell("alerts");
                    return Ok(false);
                }
            }
        }
        if target.attempts > 0 {
            self.console.tell("alerts");
        }
        self.database.write(WHAT, |t| alerts::passed(t, &target.id, last))?;
        Ok(is_full)
    }

    fn failed(&self, target: &Target, why: &str, after: Option<u32>) -> Result<bool, StoreError> {
        let why: String = why.chars().take(FAULT).collect();
        let waits = wait(target.attempts, after, random());
        let now_ms = now_ms();
        self.database.write("send alerts", |transaction| {
            alerts::failed(transaction, &target.id, &why, (now_ms, now_ms + waits))
        })?;
        self.console.tell("alerts");
        Ok(false)
    }
}

/// How long is waited after so many failures, in milliseconds: from a half to the whole of a time
/// that doubles, so that many who failed together do not come back together.
fn wait(failures: i64, asked_seconds: Option<u32>, random: u16) -> i64 {
    let doubled = WAIT_MS.saturating_mul(1 << failures.clamp(0, 20)).min(WAIT_MOST_MS);
    let asked = asked_seconds.map_or(0, |seconds| i64::from(seconds) * 1_000).min(WAIT_MOST_MS);
    (doubled / 2 + doubled / 2 * i64::from(random) / i64::from(u16::MAX)).max(asked)
}

fn random() -> u16 {
    u16::from_be_bytes(randomness::random().draw())
}

#[cfg(test)]
mod tests {
    use super::{WAIT_MOST_MS, WAIT_MS, wait};

    #[test]
    fn who_fails_is_waited_for_twice_as_long_each_time_and_never_longer_than_an_hour() {
        let span = |failures| (wait(failures, None, 0), wait(failures, None, u16::MAX));
        assert_eq!(span(0), (WAIT_MS / 2, WAIT_MS));
        assert_eq!(span(3), (WAIT_MS * 4, WAIT_MS * 8));
        for failures in [12, 40, i64::MAX] {
            assert_eq!(span(failures), (WAIT_MOST_MS / 2, WAIT_MOST_MS));
        }
        assert_eq!(wait(0, Some(60), 0), 60_000);
        assert_eq!(wait(0, Some(u32::MAX), 0), WAIT_MOST_MS);
    }
}
