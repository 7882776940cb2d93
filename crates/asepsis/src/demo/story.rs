//! The demonstration told in the terminal, from beginning to end: made-up people answer what the
//! agent proposes, and at last it is counted what became of care and of the attack.
//!
//! Refuses to tell what did not happen: every line of the agent's comes from the agent, and the
//! counts from both sides of the switch. Where the end is not good, the status says so.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use domain::network::Moment;
use serde_json::Value;

use super::ledger::Counts;
use super::player::Director;
use super::{Live, Play};
use crate::agent::talk::Ask;
use crate::agent::within::Asker;
use crate::{DONE, WRONG, output, scene};

/// How often it is looked what is new.
const LOOK: Duration = Duration::from_millis(20);
/// How long people think before they answer, by the play's own clock.
const THINK: Duration = Duration::from_secs(10);
/// How long it is watched that all is held, by that clock.
const HOLDS: Duration = Duration::from_secs(6);
/// How long after the attack began by that clock, and how much more of the machine's, the story is
/// given up.
const GIVEN_UP: Duration = Duration::from_mins(3);
const SLACK: Duration = Duration::from_mins(1);
/// Who answers, and as what.
const ANNA: (&str, &str) = ("anna", "security");
const NORA: (&str, &str) = ("nora", "clinical");
/// Services without which care suffers, by the ports of the recordings: measurements, libraries and
/// images.
const ESSENTIAL: [(u16, &str); 3] = [(80, "libraries"), (104, "images"), (2_575, "measurements")];

/// Tells the story; the status says whether it ended well.
pub(crate) fn tell(play: Play) -> Result<u8> {
    let speed = play.speed.get();
    output::print(&format!(
        "Saint Brigid, a made-up hospital at work, {speed} times as fast as recorded. Everything \
         here is simulated but the agent: it reads the packets and decides as it would on a real \
         network. The switch that enforces is simulated.\n"
    ))?;
    let live = Live::begin(play)?;
    let mut story = Story::new(live.asker(), live.director().clone());
    let began = Instant::now();
    let until = (play.attack_after + GIVEN_UP) / speed + SLACK;
    story.until(began, until, Story::all_is_held)?;
    let held = live.ledger().counts();
    live.director().clean();
    story.say("the devices were cleaned; what attacked is gone")?;
    story.lift()?;
    story.until(began, until, Story::all_is_lifted)?;
    live.end()?;
    let ended = story.account(&held);
    output::print(&ended.words)?;
    Ok(if ended.is_good { DONE } else { WRONG })
}

/// What was told so far.
struct Story {
    asker: Asker,
    director: Director,
    began: Moment,
    /// After what the next news are asked for.
    after: (u64, u64),
    /// Since when each order waits for somebody, by the play's clock.
    waits: BTreeMap<u64, Duration>,
    /// When the wire showed each.
    verified: BTreeMap<u64, Moment>,
    /// Since when all of them are verified, by the play's clock.
    quiet: Option<Duration>,
}

/// How it ended.
struct Ended {
    words: String,
    is_good: bool,
}

impl Story {
    fn new(asker: Asker, director: Director) -> Self {
        let (waits, verified) = (BTreeMap::new(), BTreeMap::new());
        let began = scene::now();
        Self { asker, director, began, after: (0, 0), waits, verified, quiet: None }
    }

    /// Tells on until something is so.
    fn until(
        &mut self,
        began: Instant,
        patience: Duration,
        is_so: impl Fn(&mut Self) -> Result<bool>,
    ) -> Result<()> {
        while began.elapsed() < patience {
            self.news()?;
            if is_so(self)? {
                return self.news();
            }
            thread::sleep(LOOK);
        }
        bail!("the story did not end within {} s", patience.as_secs())
    }

    fn say(&self, what: &str) -> Result<()> {
        let at = scene::now().since(self.began) as f64 / 1e6;
        output::print(&format!("{at:7.1} s  {what}\n"))
    }

    /// Tells what happened since it was last asked.
    fn news(&mut self) -> Result<()> {
        let (after, detections_after) = self.after;
        // Whom it saw is told by nobody here.
        let seen_after = i64::MAX;
        let news = self.asker.told(None, Ask::News { after, detections_after, seen_after })?;
        for found in list(&news, "detections") {
            let device = match text(found, "device") {
                "" => text(found, "source"),
                device => device,
            };
            let (rule, evidence) = (text(found, "rule"), text(found, "evidence"));
            self.say(&format!("detected: {device}: {evidence} ({rule})"))?;
        }
        for step in list(&news, "steps") {
            let (order, device) = (number(step, "order"), text(step, "device"));
            self.say(&format!("order {order}, {device}: {}", text(step, "what")))?;
            match text(step, "step") {
                "requested" => self.proposed(device)?,
                "verified" => {
                    let at = step.get("event").map_or(0, |event| number(event, "at"));
                    self.verified.insert(order, Moment(i64::try_from(at).unwrap_or_default()));
                }
                _ => {}
            }
        }
        let next = news.get("next").unwrap_or(&Value::Null);
        self.after = (number(next, "after"), number(next, "detections_after"));
        Ok(())
    }

    /// Says what would stay open, and who has to say yes.
    fn proposed(&self, device: &str) -> Result<()> {
        let (device, level) = (device.to_owned(), "contain".to_owned());
        let told = self.asker.told(None, Ask::Plan { device, level })?;
        let plan = told.get("plan").unwrap_or(&Value::Null);
        let stays: BTreeSet<String> = list(plan, "stays_open")
            .map(|flow| format!("{} with {}", text(flow, "role"), text(flow, "peer")))
            .collect();
        let stays = stays.into_iter().collect::<Vec<String>>().join(", ");
        self.say(&format!("  it would keep open: {stays}. It needs {}.", text(plan, "requires")))
    }

    /// Lets people answer what waits for them; whether all that was asked for is held, and was for
    /// a while.
    fn all_is_held(&mut self) -> Result<bool> {
        let status = self.asker.told(None, Ask::Status { order: None })?;
        let mut all = true;
        let mut any = false;
        for order in list(&status, "orders") {
            any = true;
            all &= text(order, "state") == "verified";
            let waits = order.get("waits_for").map(|waits| text(waits, "code")).unwrap_or_default();
            self.answer(number(order, "order"), waits)?;
        }
        if !(all && any) {
            self.quiet = None;
            return Ok(false);
        }
        let place = self.director.place();
        Ok(place.saturating_sub(*self.quiet.get_or_insert(place)) >= HOLDS)
    }

    /// Whoever is needed says yes, after a while.
    fn answer(&mut self, order: u64, waits_for: &str) -> Result<()> {
        let who = match waits_for {
            "containment.approver-missing" | "containment.security-missing" => ANNA,
            "containment.clinical-missing" => NORA,
            _ => return Ok(()),
        };
        let place = self.director.place();
        let since = self.waits.entry(order).or_insert(place);
        if place.saturating_sub(*since) >= THINK {
            *since = place;
            self.asker.told(Some(who), Ask::Approve { order })?;
        }
        Ok(())
    }

    /// Security ends every order.
    fn lift(&self) -> Result<()> {
        for order in self.verified.keys().copied() {
            let reason = "cleaned and checked".to_owned();
            self.asker.told(Some(ANNA), Ask::Lift { order, reason })?;
        }
        Ok(())
    }

    /// Whether every order is over, and every point has let go.
    fn all_is_lifted(&mut self) -> Result<bool> {
        let status = self.asker.told(None, Ask::Status { order: None })?;
        let is_over = |order: &Value| {
            let mut points = list(order, "points");
            text(order, "state") == "lifted" && points.all(|p| text(p, "state") == "removed")
        };
        Ok(list(&status, "orders").all(is_over))
    }

    /// What became of care and of the attack, by the counts when all was held.
    fn account(&self, held: &Counts) -> Ended {
        let lost: u64 = ESSENTIAL.iter().filter_map(|(port, _)| held.cut.get(port)).copied().sum();
        let proof = self.verified.values().max().copied().unwrap_or_default();
        let leaked = held.last_attack.is_some_and(|last| last >= proof);
        let (through, stopped) = held.attack;
        let mut words = format!(
            "\nCare: {} packets got through. Conversations with measurements, libraries and images \
             that lost a packet: {lost}.\n",
            held.care.0
        );
        for (port, what) in ESSENTIAL {
            if let Some(count) = held.went_on.get(&port) {
                let _ = writeln!(words, "  {what} went on from devices that were held: {count}");
            }
        }
        if let Some(clocks) = held.cut.get(&123) {
            let _ = writeln!(words, "  questions for the time were dropped: {clocks}");
        }
        let when = if leaked { "AFTER" } else { "before" };
        let _ = writeln!(
            words,
            "Attack: {through} packets got through, the last of them {when} the wire had shown \
             that it was held; {stopped} were stopped."
        );
        Ended { words, is_good: lost == 0 && !leaked && stopped > 0 }
    }
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn number(value: &Value, name: &str) -> u64 {
    value.get(name).and_then(Value::as_u64).unwrap_or_default()
}

fn list<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}
