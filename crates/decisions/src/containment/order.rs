//! An order: what its events make of it, and which events the rules allow.
//!
//! Refuses to carry a state of its own: it is the fold of its journal, so what is read back after
//! a crash is what was. It refuses each event that the rules don't allow, and is then unchanged.

mod orders;

use std::collections::BTreeMap;

use domain::device::DeviceId;
use domain::network::Moment;
use domain::order::{Actor, Event, Level, OrderId, PointName, Request, Role, Step};
use domain::text::Text;

pub use self::orders::{Orders, Wanted};
use super::interlock::{self, Care, Facts};
use super::refusal::Refusal;

/// How long an order holds unless somebody says otherwise, in seconds.
pub const HOLDS_SECONDS: u32 = 4 * 60 * 60;
/// The shortest time that may be asked for, in seconds.
pub const SHORTEST_SECONDS: u32 = 60;
/// The longest time that may be asked for at once, in seconds.
pub const LONGEST_SECONDS: u32 = 7 * 24 * 60 * 60;

/// Somebody who said yes, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voice {
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Moment,
}

/// How far an act came at one enforcement point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Point {
    /// Begun; whether it was done is not known.
    Applying,
    /// Read back and proved.
    Applied,
    /// Not done, or not undone: why.
    Failed(Text),
    /// Found changed: what was found.
    Drifted(Text),
    /// Nothing of it is left there.
    Removed,
}

/// Why an order is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ending {
    /// Somebody said no.
    Refused,
    /// Nobody carried it out in its time.
    Lapsed,
    /// Somebody ended it.
    Lifted,
    /// A clinician ended it at the bedside.
    BrokenGlass,
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Asked for; nobody said yes.
    Proposed,
    /// Somebody said yes. Whether that is enough, the interlock says with the facts of the moment.
    Approved,
    /// Begun somewhere, not yet done everywhere.
    Applying,
    /// Done at each point that was begun.
    Applied,
    /// Done, and the wire shows it; where some points did not do it, others did in their place.
    Verified,
    /// Done at some points, not at others.
    Partial,
    /// Done nowhere.
    Failed,
    /// Its time is over and nobody answered: it is still enforced.
    Expired,
    /// Over.
    Ended(Ending),
}

/// What the wire showed after the act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    /// When it was said.
    pub at: Moment,
    /// The last forbidden packet that passed after the act began.
    pub last_forbidden: Option<Moment>,
    /// The first essential packet that passed after the act.
    pub first_essential: Option<Moment>,
}

/// One order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    id: OrderId,
    request: Request,
    by: Actor,
    asked: Moment,
    voices: Vec<Voice>,
    bedside: Option<Voice>,
    begun: Option<Moment>,
    expires: Option<Moment>,
    overdue: Overdue,
    points: BTreeMap<PointName, Point>,
    proof: Option<Proof>,
    ending: Option<Ending>,
    last: Moment,
    revision: u32,
}

/// Whether an order was ever left unanswered at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Overdue {
    /// Never.
    Never,
    /// It is now.
    Now,
    /// It was, and somebody then gave it more time. What it fell back to, it stays at.
    Once,
}

impl Order {
    /// The order that begins with that event.
    pub fn begin(event: &Event) -> Result<Self, Refusal> {
        let Step::Requested(request) = &event.step else { return Err(Refusal::NotARequest) };
        said(&request.reason)?;
        lasting(request.holds_seconds)?;
        Ok(Self {
            id: event.order,
            request: request.clone(),
            by: event.by.clone(),
            asked: event.at,
            voices: Vec::new(),
            bedside: None,
            begun: None,
            expires: None,
            overdue: Overdue::Never,
            points: BTreeMap::new(),
            proof: None,
            ending: None,
            last: event.at,
            revision: 1,
        })
    }

    /// Takes the next event, or refuses it and stays as it is.
    pub fn follow(&mut self, event: &Event) -> Result<(), Refusal> {
        if event.order != self.id {
            return Err(Refusal::OtherOrder);
        }
        self.take(event)?;
        self.last = self.last.max(event.at);
        let of_people = !matches!(
            event.step,
            Step::Applying(_)
                | Step::Applied(_)
                | Step::Verified { .. }
                | Step::Failed(..)
                | Step::Drifted(..)
                | Step::Removed(_)
        );
        if of_people {
            self.revision = self.revision.saturating_add(1);
        }
        Ok(())
    }

    fn take(&mut self, event: &Event) -> Result<(), Refusal> {
        // Before all else: nothing may stand between a clinician and the patient.
        if let Step::BrokenGlass(reason) = &event.step {
            return self.break_glass(&event.by, reason);
        }
        if self.ending.is_some() {
            return self.after_the_end(event);
        }
        match &event.step {
            Step::Requested(_) => Err(Refusal::NotARequest),
            Step::Approved => self.approve(event),
            Step::Refused(reason) => self.refuse(event, reason),
            Step::SubstituteRunning => self.confirm(event),
            Step::Renewed(seconds) => self.renew(event, *seconds),
            Step::Lifted(reason) => self.lift(&event.by, reason),
            Step::Expired => self.expire(event),
            _ => self.report(event),
        }
    }

    /// Any clinician, with a reason, at any time, also when it is over already.
    fn break_glass(&mut self, by: &Actor, reason: &Text) -> Result<(), Refusal> {
        match by {
            Actor::Person(_, Role::Clinical, _) => said(reason)?,
            Actor::Person(..) => return Err(Refusal::NotClinical),
            Actor::Playbook(_) | Actor::Asepsis => return Err(Refusal::NotAPerson),
        }
        self.ending = Some(Ending::BrokenGlass);
        Ok(())
    }

    /// What is over takes only the news of its removal: that it is done, or why it is not.
    fn after_the_end(&mut self, event: &Event) -> Result<(), Refusal> {
        match &event.step {
            Step::Removed(_) | Step::Failed(..) => self.report(event),
            _ => Err(Refusal::Closed),
        }
    }

    fn approve(&mut self, event: &Event) -> Result<(), Refusal> {
        match &event.by {
            Actor::Asepsis => return Err(Refusal::NotAPerson),
            by if same(by, &self.by) => return Err(Refusal::OwnRequest),
            by if self.voices.iter().chain(&self.bedside).any(|voice| same(&voice.by, by)) => {
                return Err(Refusal::PersonCounted);
            }
            by if self.voices.iter().any(|voice| role(&voice.by) == role(by)) => {
                return Err(Refusal::RoleCounted);
            }
            _ => {}
        }
        self.in_time(event.at)?;
        self.voices.push(Voice { by: event.by.clone(), at: event.at });
        Ok(())
    }

    fn refuse(&mut self, event: &Event, reason: &Text) -> Result<(), Refusal> {
        person(&event.by)?;
        said(reason)?;
        if self.begun.is_some() {
            return Err(Refusal::AlreadyCarriedOut);
        }
        self.ending = Some(Ending::Refused);
        Ok(())
    }

    /// A later confirmation takes the place of an earlier one. Who asked may confirm, for it says
    /// what is, not what should be; who approved may not, for nobody counts twice.
    fn confirm(&mut self, event: &Event) -> Result<(), Refusal> {
        if person(&event.by)? != Role::Clinical {
            return Err(Refusal::NotClinical);
        }
        if self.voices.iter().any(|voice| same(&voice.by, &event.by)) {
            return Err(Refusal::PersonCounted);
        }
        self.bedside = Some(Voice { by: event.by.clone(), at: event.at });
        Ok(())
    }

    /// More time keeps what stands. It raises nothing: what has fallen back stays there.
    fn renew(&mut self, event: &Event, seconds: u32) -> Result<(), Refusal> {
        person(&event.by)?;
        if same(&event.by, &self.by) {
            return Err(Refusal::OwnRequest);
        }
        lasting(seconds)?;
        if self.begun.is_none() {
            return Err(Refusal::NotCarriedOut);
        }
        if self.is_overdue(event.at) || self.overdue != Overdue::Never {
            self.overdue = Overdue::Once;
        }
        self.expires = Some(later(event.at, seconds));
        Ok(())
    }

    /// Before it is carried out, anybody may take it back. Afterwards security answers for the
    /// threat, a clinician for the patient; a rule or a clock never lifts.
    fn lift(&mut self, by: &Actor, reason: &Text) -> Result<(), Refusal> {
        let role = person(by)?;
        said(reason)?;
        if self.begun.is_some() && role == Role::Biomedical {
            return Err(Refusal::MayNotLift);
        }
        self.ending = Some(Ending::Lifted);
        Ok(())
    }

    fn expire(&mut self, event: &Event) -> Result<(), Refusal> {
        ours(&event.by)?;
        match self.expires {
            None => {
                if event.at <= self.answer_until() {
                    return Err(Refusal::NotYetExpired);
                }
                self.ending = Some(Ending::Lapsed);
            }
            Some(expires) if event.at < expires => return Err(Refusal::NotYetExpired),
            Some(_) => self.overdue = Overdue::Now,
        }
        Ok(())
    }

    /// What the program did and saw at the enforcement points.
    fn report(&mut self, event: &Event) -> Result<(), Refusal> {
        ours(&event.by)?;
        let rested = self.rests_on(&event.step);
        match &event.step {
            Step::Applying(point) => self.start(point, event.at)?,
            Step::Applied(point) => self.at_point(point, Point::Applied)?,
            Step::Failed(point, why) => self.at_point(point, Point::Failed(why.clone()))?,
            Step::Drifted(point, what) => self.at_point(point, Point::Drifted(what.clone()))?,
            Step::Removed(point) => self.at_point(point, Point::Removed)?,
            Step::Verified { last_forbidden, first_essential } => {
                let held = matches!(self.carried_out(), Some(State::Applied | State::Partial));
                if !held {
                    return Err(Refusal::NothingApplied);
                }
                let (last_forbidden, first_essential) = (*last_forbidden, *first_essential);
                self.proof = Some(Proof { at: event.at, last_forbidden, first_essential });
                return Ok(());
            }
            // A step that this release does not know says nothing about a point.
            _ => return Err(Refusal::NotOurs),
        }
        // What was proved is no longer what is there.
        if rested {
            self.proof = None;
        }
        Ok(())
    }

    /// Whether what was proved may rest on what the news is of. It does not rest on a point that
    /// had failed before, and has failed again or let go since.
    fn rests_on(&self, step: &Step) -> bool {
        let (Step::Failed(point, _) | Step::Removed(point)) = step else { return true };
        !matches!(self.points.get(point), Some(Point::Failed(_) | Point::Drifted(_)))
    }

    fn start(&mut self, point: &PointName, at: Moment) -> Result<(), Refusal> {
        let heard = !self.voices.is_empty() || matches!(self.by, Actor::Playbook(_));
        if self.level() != Level::Watch && !heard {
            return Err(Refusal::ApproverMissing);
        }
        self.in_time(at)?;
        if self.begun.is_none() {
            self.begun = Some(at);
            self.expires = Some(later(at, self.request.holds_seconds));
        }
        self.points.insert(point.clone(), Point::Applying);
        Ok(())
    }

    fn at_point(&mut self, point: &PointName, next: Point) -> Result<(), Refusal> {
        match self.points.get_mut(point) {
            None | Some(Point::Removed) => Err(Refusal::NotBegunHere),
            Some(state) => {
                *state = next;
                Ok(())
            }
        }
    }

    /// A request that nobody carried out in its time belongs to another situation.
    pub(super) fn in_time(&self, at: Moment) -> Result<(), Refusal> {
        let lapsed = self.begun.is_none() && at > self.answer_until();
        if lapsed { Err(Refusal::Lapsed) } else { Ok(()) }
    }

    /// Until when a request that was not carried out may be: as long as it would have held.
    pub fn answer_until(&self) -> Moment {
        later(self.asked, self.request.holds_seconds)
    }

    /// Where it stands, by its events alone.
    pub fn state(&self) -> State {
        if let Some(ending) = self.ending {
            return State::Ended(ending);
        }
        if self.overdue == Overdue::Now {
            return State::Expired;
        }
        match self.carried_out() {
            Some(State::Applied | State::Partial) if self.proof.is_some() => State::Verified,
            Some(state) => state,
            None if self.voices.is_empty() => State::Proposed,
            None => State::Approved,
        }
    }

    /// How far it came at the points where something of it may be; `None` where it is nowhere.
    fn carried_out(&self) -> Option<State> {
        let mut live = self.points.values().filter(|point| **point != Point::Removed).peekable();
        live.peek()?;
        let (mut begun, mut done, mut failed) = (0_usize, 0_usize, 0_usize);
        for point in live {
            match point {
                Point::Applying => begun += 1,
                Point::Applied => done += 1,
                _ => failed += 1,
            }
        }
        Some(match (begun, done, failed) {
            (0, 0, _) => State::Failed,
            (0, _, 0) => State::Applied,
            (0, ..) => State::Partial,
            _ => State::Applying,
        })
    }

    /// The level that is to be enforced at this moment; `None` where nothing is.
    ///
    /// Nothing before it was begun, nor after it has ended. Unanswered at its end, a device that
    /// sustains life goes back to `restrict`, and any other keeps its level. A life-sustaining
    /// device in use is never kept at `isolate` without the voices for it: it goes back to
    /// `contain`, where what its patient needs stays open.
    pub fn wanted(&self, now: Moment, facts: Facts) -> Option<Level> {
        if self.ending.is_some() || self.begun.is_none() {
            return None;
        }
        let level = self.fallen(now, facts);
        let alive = level == Level::Isolate && facts.care() == Care::LifeSustainingInUse;
        if alive && !interlock::isolates(self, now) { Some(Level::Contain) } else { Some(level) }
    }

    /// The level that it may have at most, by its time: its own, or what it has fallen back to.
    pub(super) fn fallen(&self, now: Moment, facts: Facts) -> Level {
        let left = self.overdue != Overdue::Never || self.is_overdue(now);
        let back = left && facts.may_sustain_life();
        if back { self.level().min(Level::Restrict) } else { self.level() }
    }

    /// Whether its time is over.
    pub fn is_overdue(&self, now: Moment) -> bool {
        self.overdue == Overdue::Now || self.expires.is_some_and(|expires| now >= expires)
    }

    /// When its time is over; counted from `now` where it is not begun.
    pub fn expires(&self, now: Moment) -> Moment {
        self.expires.unwrap_or_else(|| later(now, self.request.holds_seconds))
    }

    /// Its number.
    pub fn id(&self) -> OrderId {
        self.id
    }

    /// Which device.
    pub fn device(&self) -> &DeviceId {
        &self.request.device
    }

    /// What was asked for.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// How far it may cut the device off at most.
    pub fn level(&self) -> Level {
        self.request.level
    }

    /// Who asked.
    pub fn by(&self) -> &Actor {
        &self.by
    }

    /// Who said yes.
    pub fn voices(&self) -> &[Voice] {
        &self.voices
    }

    /// Who confirmed at the bedside that a substitute is running.
    pub fn bedside(&self) -> Option<&Voice> {
        self.bedside.as_ref()
    }

    /// When it was first begun at any point.
    pub fn begun(&self) -> Option<Moment> {
        self.begun
    }

    /// How far it came at each point.
    pub fn points(&self) -> &BTreeMap<PointName, Point> {
        &self.points
    }

    /// The points at which something of it may still be.
    pub fn held_at(&self) -> impl Iterator<Item = &PointName> {
        self.points.iter().filter(|(_, point)| **point != Point::Removed).map(|(name, _)| name)
    }

    /// What the wire showed, where that still holds.
    pub fn proof(&self) -> Option<Proof> {
        self.proof
    }

    /// Why it is over, if it is.
    pub fn ending(&self) -> Option<Ending> {
        self.ending
    }

    /// The latest moment that any of its events names.
    pub fn last(&self) -> Moment {
        self.last
    }

    /// How many events of people made it what it is: what a review was of.
    pub fn revision(&self) -> u32 {
        self.revision
    }
}

/// Whether two actors are one. A person is one in whatever role, and however the name is written.
fn same(one: &Actor, other: &Actor) -> bool {
    match (one, other) {
        (Actor::Person(one, ..), Actor::Person(other, ..)) => {
            one.trim().to_lowercase() == other.trim().to_lowercase()
        }
        _ => one == other,
    }
}

/// The role in which an actor is counted; every playbook is of the same.
fn role(by: &Actor) -> Option<Role> {
    match by {
        Actor::Person(_, role, _) => Some(*role),
        Actor::Playbook(_) | Actor::Asepsis => None,
    }
}

fn person(by: &Actor) -> Result<Role, Refusal> {
    role(by).ok_or(Refusal::NotAPerson)
}

fn ours(by: &Actor) -> Result<(), Refusal> {
    if *by == Actor::Asepsis { Ok(()) } else { Err(Refusal::NotOurs) }
}

fn said(reason: &Text) -> Result<(), Refusal> {
    if reason.trim().is_empty() { Err(Refusal::NoReason) } else { Ok(()) }
}

fn lasting(seconds: u32) -> Result<(), Refusal> {
    let allowed = (SHORTEST_SECONDS..=LONGEST_SECONDS).contains(&seconds);
    if allowed { Ok(()) } else { Err(Refusal::NoTime) }
}

fn later(at: Moment, seconds: u32) -> Moment {
    at.plus(i64::from(seconds) * 1_000_000)
}
