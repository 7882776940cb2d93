//! A switch, an access point or a NAC as an enforcement point: RADIUS `CoA` and `Disconnect`
//! (RFC 5176).
//!
//! Refuses to promise more than an answer can: an acknowledgement says that somebody who has the
//! secret says so, and only the wire can show whether it is true. Refuses to take silence, a no or
//! a forgery for a yes, and to show the secret.

pub mod attribute;
pub mod packet;
pub mod seal;
pub mod answer;
pub mod pace;
pub mod client;
pub mod filter;
pub mod settings;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use decisions::containment::plan::Plan;
use domain::device::MacAddress;
use domain::order::{Level, PointName};

use crate::point::{Failure, Look, Outcomes, Point, Receipt, Wish};
use answer::{Answer, Cause};
use client::{Client, Kind, Outcome, Request};
use pace::Pace;
use seal::Secret;
use settings::{BadSettings, Settings};

/// How many of a device's interfaces are named in a failure.
const NAMED: usize = 8;

/// A RADIUS enforcement point.
#[derive(Debug)]
pub struct Radius {
    name: PointName,
    settings: Settings,
    client: Client,
    /// What the point last acknowledged for each station that it holds.
    held: BTreeMap<MacAddress, (Level, Request)>,
}

/// What is asked for one station, or why it can't be asked.
struct Task {
    station: MacAddress,
    aim: Aim,
    request: Request,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Aim {
    Hold(Level),
    Lift,
}

/// What became of each station: nothing to say, or what is wrong.
type Results = BTreeMap<MacAddress, Result<(), String>>;

impl Radius {
    /// A point; nothing is sent yet.
    ///
    /// # Errors
    /// Where something that is configured can't be said.
    pub fn new(name: PointName, settings: Settings, secret: Secret) -> Result<Self, BadSettings> {
        Self::paced(name, settings, secret, Pace::DEFAULT)
    }

    /// A point that is asked at another pace.
    ///
    /// # Errors
    /// As [`Radius::new`].
    pub fn paced(
        name: PointName,
        settings: Settings,
        secret: Secret,
        pace: Pace,
    ) -> Result<Self, BadSettings> {
        settings.check()?;
        let client = Client::new(settings.server, secret, settings.message_authenticator, pace);
        Ok(Self { name, settings, client, held: BTreeMap::new() })
    }

    /// What has to be asked so that every station is under its plans, what is new first; and the
    /// stations for which it can't be said.
    fn tasks(&self, wish: Wish<'_>) -> (Vec<Task>, Results) {
        let mut plans: BTreeMap<MacAddress, Vec<&Plan>> = BTreeMap::new();
        for plan in wish.hold.iter().filter(|plan| plan.level != Level::Watch) {
            for interface in &plan.interfaces {
                plans.entry(interface.mac).or_default().push(plan);
            }
        }
        let released = wish.release.iter().filter(|plan| plan.level != Level::Watch);
        let released = released.flat_map(stations);
        let lifted: BTreeSet<MacAddress> =
            released.filter(|station| !plans.contains_key(station)).collect();
        let holds = plans.iter().filter_map(|(station, plans)| {
            let plan = together(plans)?;
            Some((*station, Aim::Hold(plan.level), self.settings.hold(*station, &plan)))
        });
        let lifts =
            lifted.into_iter().map(|station| (station, Aim::Lift, self.settings.lift(station)));
        let (mut tasks, mut results) = (Vec::new(), Results::new());
        for (station, aim, request) in lifts.chain(holds) {
            match request {
                Ok(request) => tasks.push(Task { station, aim, request }),
                Err(unsaid) => drop(results.insert(station, Err(unsaid.to_string()))),
            }
        }
        // To end a session again would not repair anything, and would put off a device that has
        // signed on since.
        tasks.retain(|task| task.request.kind() == Kind::Change || !self.holds(task));
        tasks.sort_by_key(|task| self.holds(task));
        (tasks, results)
    }

    /// Whether the point has acknowledged this very request for the station already.
    fn holds(&self, task: &Task) -> bool {
        self.held.get(&task.station).is_some_and(|(level, request)| {
            task.aim == Aim::Hold(*level) && *request == task.request
        })
    }

    fn carry(&mut self, wish: Wish<'_>) -> Result<Results, Failure> {
        let (tasks, mut results) = self.tasks(wish);
        let requests: Vec<Request> = tasks.iter().map(|task| task.request.clone()).collect();
        let told = self.client.ask(&requests).map_err(|error| Failure(error.to_string()))?;
        for (task, outcome) in tasks.into_iter().zip(told.each) {
            let result = said(&task, outcome, told.unreachable);
            match (task.aim, &result) {
                (Aim::Hold(level), Ok(())) => {
                    self.held.insert(task.station, (level, task.request));
                }
                // What it holds after a no or no answer is not known.
                _ => drop(self.held.remove(&task.station)),
            }
            results.insert(task.station, result);
        }
        let wanted: BTreeSet<MacAddress> = wish.hold.iter().flat_map(stations).collect();
        self.held.retain(|station, _| wanted.contains(station));
        Ok(results)
    }
}

impl Point for Radius {
    fn name(&self) -> &PointName {
        &self.name
    }

    /// Changes are asked for again each time: a switch that was started anew has forgotten them.
    /// An ended session is not ended again while this program runs.
    ///
    /// A plan at `watch` asks for nothing, so that there is nothing to vouch for.
    fn carry_out(&mut self, wish: Wish<'_>) -> Outcomes {
        let results = self.carry(wish);
        let mut outcomes = Outcomes::new();
        for plan in wish.hold.iter().chain(wish.release) {
            let outcome = match &results {
                Ok(results) => receipt(plan, results),
                Err(failure) => Err(failure.clone()),
            };
            // An order that goes to a lower level stands in both; it is done if both are.
            let both = match (outcomes.remove(&plan.order), outcome) {
                (Some(Err(first)), Err(second)) if first != second => {
                    Err(Failure(format!("{first}; {second}")))
                }
                (Some(Err(failure)), _) => Err(failure),
                (_, outcome) => outcome,
            };
            outcomes.insert(plan.order, both);
        }
        outcomes
    }

    fn look(&mut self, _: &[Plan]) -> Result<Look, Failure> {
        // RADIUS has no question for what a session may do.
        Ok(Look::CannotTell)
    }
}

fn stations(plan: &Plan) -> impl Iterator<Item = MacAddress> {
    plan.interfaces.iter().map(|interface| interface.mac)
}

/// What all plans for one station mean together: the strictest level, and what each lets pass. A
/// port holds one state, so it can't be told one after the other.
fn together(plans: &[&Plan]) -> Option<Plan> {
    let strictest = plans.iter().max_by_key(|plan| plan.level)?;
    let mut plan = Plan::clone(strictest);
    plan.openings.retain(|opening| plans.iter().all(|other| other.openings.contains(opening)));
    Some(plan)
}

/// What the point said for one station, in words.
fn said(task: &Task, outcome: Outcome, unreachable: bool) -> Result<(), String> {
    let ignored = outcome.ignored.to_string();
    let ignored = if ignored.is_empty() { ignored } else { format!(" (ignored: {ignored})") };
    match outcome.answer {
        Some(Answer::Ack) => Ok(()),
        // There is nothing to let go of.
        Some(Answer::Nak(Some(Cause::SESSION_CONTEXT_NOT_FOUND))) if task.aim == Aim::Lift => {
            Ok(())
        }
        Some(Answer::Nak(cause)) => {
            let why = cause.map_or("it did not say why".to_owned(), |cause| cause.to_string());
            // Its answer to an earlier try may have been lost, and a server that keeps no answers
            // then looks for the session that it has just ended.
            let earlier = match (task.request.kind(), cause) {
                (Kind::Disconnect, Some(Cause::SESSION_CONTEXT_NOT_FOUND)) if outcome.tries > 1 => {
                    "; an earlier try may have ended it"
                }
                _ => "",
            };
            Err(format!("it refused: {why}{earlier}{ignored}"))
        }
        None if outcome.tries == 0 => {
            Err("it answered nobody, so this was not asked any more".to_owned())
        }
        None => {
            let told = if unreachable { "; it is said that nobody listens there" } else { "" };
            Err(format!(
                "no answer to {} tries within {:.1} s{told}{ignored}",
                outcome.tries,
                outcome.took.as_secs_f64()
            ))
        }
    }
}

/// A plan is done when each of its stations is.
fn receipt(plan: &Plan, results: &Results) -> Result<Receipt, Failure> {
    if plan.interfaces.is_empty() {
        return Err(Failure(
            "no interface of the device is known, so nothing was asked".to_owned(),
        ));
    }
    let wrong: Vec<String> = stations(plan)
        .filter_map(|station| {
            let why = results.get(&station)?.as_ref().err()?;
            Some(format!("{station}: {why}"))
        })
        .collect();
    if wrong.is_empty() {
        return Ok(Receipt::Acknowledged);
    }
    let more = wrong.len().saturating_sub(NAMED);
    let mut told = wrong.into_iter().take(NAMED).collect::<Vec<_>>().join("; ");
    if more > 0 {
        use std::fmt::Write as _;
        let _ = write!(told, "; and {more} more interfaces");
    }
    Err(Failure(told))
}
