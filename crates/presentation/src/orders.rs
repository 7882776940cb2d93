//! Orders in words, for a ward and for a script: what stands, since when, what is missing.
//!
//! Refuses to decide: who may do what is not known here.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write as _;

use decisions::containment::Refusal;
use decisions::containment::interlock::Facts;
use decisions::containment::order::{Ending, Order, Point, State};
use decisions::containment::replay::ForCare;
use domain::care::CareRole;
use domain::device::Use;
use domain::network::Moment;
use domain::order::{Actor, Door, Event, Level, Step};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What the wire has shown of a device since it is held.
#[derive(Debug, Clone, Copy, Default)]
pub struct OnTheWire {
    /// How many forbidden packets came and did not get on.
    pub stopped: u64,
    /// The last forbidden packet that got on.
    pub last_forbidden: Option<Moment>,
    /// The first essential packet that got on after the act.
    pub first_essential: Option<Moment>,
}

/// What is known beside an order.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    /// What the wire has shown of its device.
    pub wire: Option<OnTheWire>,
    /// Why it is not carried out, where it is not.
    pub refusal: Option<Refusal>,
    /// All that the interlock still asks for.
    pub missing: Vec<Refusal>,
    /// What becomes of the traffic that care needs, where it was replayed.
    pub care: Option<ForCare>,
    /// What is known of its device.
    pub facts: Option<Facts>,
}

/// An order as it is shown.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = Order)]
pub struct SeenOrder {
    /// Its number.
    pub order: u64,
    /// Which device.
    pub device: String,
    /// How far it may cut the device off.
    pub level: Cow<'static, str>,
    /// Where it stands, in one word. `approved` says that somebody has said yes; whose yes is
    /// missing still, `missing` tells.
    pub state: Cow<'static, str>,
    /// The same in one sentence.
    pub sentence: String,
    /// What becomes of what care needs; nothing where the order is over, or not judged yet.
    pub care: Option<SeenCare>,
    /// What the device's failure does to a patient, as the inventory tells.
    pub criticality: Option<Cow<'static, str>>,
    /// Whether a patient depends on it now, as far as is known.
    pub in_use: Option<bool>,
    /// Why it was asked for.
    pub reason: String,
    /// When it was asked for.
    pub asked: String,
    /// By whom.
    pub by: String,
    /// Who said yes.
    pub approved_by: Vec<String>,
    /// In which roles.
    pub approved_as: Vec<Cow<'static, str>>,
    /// Who confirmed at the bedside that a substitute is running.
    pub substitute_confirmed_by: Option<String>,
    /// When its time is over, once it has begun.
    pub expires: Option<String>,
    /// Until when it may be answered, before it has begun: it then lapses.
    pub answer_until: Option<String>,
    /// What is missing before it is carried out; of several the first.
    pub waits_for: Option<Waits>,
    /// All that is missing before it is carried out.
    #[serde(default)]
    pub missing: Vec<Waits>,
    /// Each enforcement point with how far it is.
    pub points: Vec<SeenPoint>,
    /// How many forbidden packets came and did not get on, since it is held.
    pub stopped: u64,
    /// The last forbidden packet that got on after the act began.
    pub last_forbidden: Option<String>,
    /// The first essential packet that got on after the act.
    pub first_essential: Option<String>,
    /// Every step, in order.
    pub steps: Vec<SeenStep>,
}

/// What is missing.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = Waits)]
pub struct Waits {
    /// The stable code.
    pub code: Cow<'static, str>,
    /// One sentence.
    pub sentence: Cow<'static, str>,
}

impl Waits {
    fn of(refusal: Refusal) -> Self {
        Self { code: refusal.code().into(), sentence: refusal.sentence().into() }
    }
}

/// What becomes of what care needs of a device, as far as it was seen on the network. What each
/// flow is for is one of `therapy`, `alarm`, `result`, `order` and `library`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = OrderCare)]
pub struct SeenCare {
    /// In one sentence.
    pub sentence: String,
    /// What stays open.
    pub goes_on: Vec<Cow<'static, str>>,
    /// What ends, all of it or some.
    pub ends: Vec<Cow<'static, str>>,
}

/// An enforcement point of an order.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = OrderPoint)]
pub struct SeenPoint {
    /// Its name.
    pub point: String,
    /// How far it is, in one word.
    pub state: Cow<'static, str>,
    /// Why, where something is wrong.
    pub why: Option<String>,
}

/// A step of an order.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = OrderStep)]
pub struct SeenStep {
    /// When.
    pub at: String,
    /// Who.
    pub by: String,
    /// What, in one word.
    pub step: Cow<'static, str>,
    /// The same in words.
    pub what: String,
}

impl SeenOrder {
    /// An order, with what is known beside it.
    #[must_use]
    pub fn new(order: &Order, history: &[Event], beside: &Beside, now: Moment) -> Self {
        let is_open = order.ending().is_none();
        let refusal = beside.refusal.filter(|_| is_open);
        let missing = all_missing(refusal, &beside.missing);
        // Of an order that is over, the wire shows nothing any more.
        let wire = beside.wire.filter(|_| is_open).unwrap_or_default();
        let facts = beside.facts.filter(|_| is_open);
        let usage = facts.and_then(|facts| facts.usage);
        let proof = order.proof();
        let last_forbidden = proof.and_then(|proof| proof.last_forbidden).or(wire.last_forbidden);
        let first_essential =
            proof.and_then(|proof| proof.first_essential).or(wire.first_essential);
        let begun = order.begun().is_some();
        Self {
            order: order.id().0,
            device: order.device().to_string(),
            level: order.level().text().into(),
            state: state(order.state()).into(),
            sentence: sentence(order, wire, &missing, now),
            care: beside.care.as_ref().filter(|_| is_open).map(|care| for_care(order, care)),
            criticality: facts.and_then(|facts| facts.criticality).map(|own| own.text().into()),
            in_use: usage.map(|usage| usage == Use::InUse),
            reason: order.request().reason.to_string(),
            asked: history.first().map(|event| event.at.to_string()).unwrap_or_default(),
            by: actor(order.by()),
            approved_by: order.voices().iter().map(|voice| actor(&voice.by)).collect(),
            approved_as: order.voices().iter().filter_map(|voice| role(&voice.by)).collect(),
            substitute_confirmed_by: order.bedside().map(|voice| actor(&voice.by)),
            expires: begun.then(|| order.expires(now).to_string()),
            answer_until: (is_open && !begun).then(|| order.answer_until().to_string()),
            waits_for: refusal.map(Waits::of),
            missing: missing.into_iter().map(Waits::of).collect(),
            points: order.points().iter().map(|(name, point)| seen_point(&name.0, point)).collect(),
            stopped: wire.stopped,
            last_forbidden: last_forbidden.map(|at| at.to_string()),
            first_essential: first_essential.map(|at| at.to_string()),
            steps: history.iter().map(seen_step).collect(),
        }
    }
}

fn seen_step(event: &Event) -> SeenStep {
    SeenStep {
        at: event.at.to_string(),
        by: actor(&event.by),
        step: step_name(&event.step).into(),
        what: step(event),
    }
}

fn seen_point(name: &str, point: &Point) -> SeenPoint {
    let (state, why) = match point {
        Point::Applying => ("applying", None),
        Point::Applied => ("applied", None),
        Point::Failed(why) => ("failed", Some(why.to_string())),
        Point::Drifted(what) => ("drifted", Some(what.to_string())),
        Point::Removed => ("removed", None),
    };
    SeenPoint { point: name.to_owned(), state: state.into(), why }
}

/// Where an order stands, in one word.
#[must_use]
pub fn state(state: State) -> &'static str {
    match state {
        State::Proposed => "proposed",
        State::Approved => "approved",
        State::Applying => "applying",
        State::Applied => "applied",
        State::Verified => "verified",
        State::Partial => "partial",
        State::Failed => "failed",
        State::Expired => "expired",
        State::Ended(Ending::Refused) => "refused",
        State::Ended(Ending::Lapsed) => "lapsed",
        State::Ended(Ending::Lifted) => "lifted",
        State::Ended(Ending::BrokenGlass) => "broken-glass",
    }
}

/// What a device reaches at a level.
fn reaches(level: Level) -> &'static str {
    match level {
        Level::Watch => "is looked at closely, and nothing is cut",
        Level::Restrict => "reaches nothing but what its model usually does",
        Level::Contain => "reaches nothing but what its patient needs",
        Level::Isolate => "reaches nothing at all",
    }
}

/// A point that does not do its part, and why.
fn wrong(order: &Order) -> Option<String> {
    order.points().iter().find_map(|(name, point)| match point {
        Point::Failed(why) | Point::Drifted(why) => Some(format!("{}: {why}", name.0)),
        _ => None,
    })
}

/// All that is missing, what the order was refused for first.
fn all_missing(refusal: Option<Refusal>, missing: &[Refusal]) -> Vec<Refusal> {
    let Some(first) = refusal else { return Vec::new() };
    let further = missing.iter().copied().filter(|one| *one != first);
    // Where something else stands against it, what the interlock asks for does not help yet.
    let is_asked_for = missing.contains(&first);
    [first].into_iter().chain(further.filter(|_| is_asked_for)).collect()
}

/// Whether somebody can answer it; all else says why a playbook is not enough, or what is wrong.
fn is_of_people(refusal: Refusal) -> bool {
    use Refusal::{ApproverMissing, BedsideMissing, ClinicalMissing, SecurityMissing};
    matches!(refusal, ApproverMissing | SecurityMissing | ClinicalMissing | BedsideMissing)
}

/// Who is missing, all of them; where nobody is, what else is.
fn asked_for(missing: &[Refusal]) -> String {
    let both = [Refusal::SecurityMissing, Refusal::ClinicalMissing];
    let are_both = both.iter().all(|one| missing.contains(one));
    let is_told = |one: &&Refusal| {
        let is_first = missing.first() == Some(*one);
        (is_first || is_of_people(**one)) && !(are_both && both.contains(*one))
    };
    let mut told: Vec<&str> = missing.iter().filter(is_told).map(|one| one.sentence()).collect();
    if are_both {
        told.insert(0, BOTH_MISSING);
    }
    told.join(" ")
}

/// That two people are missing.
const BOTH_MISSING: &str = "Somebody from information security and somebody who cares for the \
                            patient still have to say yes.";

/// What flows of each role are called on a ward.
fn called(role: CareRole) -> &'static str {
    match role {
        CareRole::Therapy => "treatment data",
        CareRole::Alarm => "alarms",
        CareRole::Result => "results",
        CareRole::Order => "orders and worklists",
        CareRole::Library => "drug library updates",
        CareRole::Time => "clock settings",
        CareRole::Identity => "network addresses and names",
        CareRole::Service => "remote support sessions",
        CareRole::Other => "other messages",
    }
}

/// Names as a part of a sentence: `alarms, results and treatment data`.
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// What becomes of what care needs. Nothing that was not seen is said to be not needed.
fn for_care(order: &Order, care: &ForCare) -> SeenCare {
    let is_held =
        matches!(order.state(), State::Applied | State::Verified | State::Partial | State::Expired);
    let text = |roles: &BTreeSet<CareRole>| roles.iter().map(|role| role.text().into()).collect();
    SeenCare {
        sentence: care_sentence(is_held, care),
        goes_on: text(&care.goes_on),
        ends: text(&care.ends),
    }
}

fn care_sentence(is_held: bool, ForCare { goes_on, ends }: &ForCare) -> String {
    let named = |own: &BTreeSet<CareRole>, other: &BTreeSet<CareRole>, part: &str| {
        let name = |role: &CareRole| {
            let is_part = other.contains(role);
            if is_part { format!("{part} {}", called(*role)) } else { called(*role).to_owned() }
        };
        listed(&own.iter().map(name).collect::<Vec<_>>())
    };
    let (open, cut) = (named(goes_on, ends, "other"), named(ends, goes_on, "some"));
    let (before, end) =
        if is_held { ("", "have ended") } else { ("If this is carried out, ", "end") };
    let sentence = match (goes_on.is_empty(), ends.is_empty()) {
        (true, true) if is_held => {
            return "What care has lost is not known: nothing that care needs was seen of this \
                    device on the network."
                .to_owned();
        }
        (true, true) => {
            return "What care would lose is not known: nothing that care needs was seen of this \
                    device on the network."
                .to_owned();
        }
        (true, false) => format!("{before}{cut} {end}, and nothing that care needs goes on."),
        (false, true) => {
            format!("{before}{open} go on; nothing else that care needs was seen of it.")
        }
        (false, false) => format!("{before}{cut} {end}; {open} go on."),
    };
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Where an order stands, in one sentence for whoever is responsible.
fn sentence(order: &Order, wire: OnTheWire, missing: &[Refusal], now: Moment) -> String {
    let (device, level) = (order.device(), order.level());
    let missing = asked_for(missing);
    match order.state() {
        State::Proposed | State::Approved => {
            format!("{device} is not cut off yet. {missing}").trim_end().to_owned()
        }
        State::Applying => format!("{device} is being cut off ({level})."),
        State::Applied => {
            let stopped = wire.stopped;
            format!(
                "{device} is cut off ({level}), as far as the enforcement points say; the wire has \
                 not shown yet that what its patient needs goes on ({stopped} other packets were \
                 stopped)."
            )
        }
        State::Verified => {
            let proof = order.proof();
            let mut text = format!("{device} {}", reaches(level));
            if let Some(proof) = proof {
                let _ = write!(text, ", shown on the wire at {}", proof.at);
                if let Some(first) = proof.first_essential {
                    let _ = write!(text, "; what its patient needs went on at {first}");
                }
                match proof.last_forbidden {
                    Some(last) => {
                        let _ = write!(text, "; the last other packet got on at {last}");
                    }
                    None => text.push_str("; no other packet got on since the act began"),
                }
            }
            text.push('.');
            if let Some(wrong) = wrong(order) {
                let _ = write!(text, " It is held elsewhere in the place of {wrong}.");
            }
            text
        }
        State::Partial | State::Failed => {
            let extent =
                if order.state() == State::Failed { "not cut off" } else { "cut off in part" };
            format!(
                "{device} is {extent}. {}. It is tried again. {missing}",
                wrong(order).unwrap_or_default(),
            )
            .trim_end()
            .to_owned()
        }
        State::Expired => format!(
            "The time of this order was over at {}, and nobody answered. Give {device} more time, \
             or lift the order.",
            order.expires(now)
        ),
        State::Ended(ending) => over(order, ending),
    }
}

fn over(order: &Order, ending: Ending) -> String {
    let device = order.device();
    let held: Vec<String> = order.held_at().map(|name| name.0.to_string()).collect();
    if !held.is_empty() {
        return format!(
            "This order is over, but {} has not let go of {device} yet. It is tried again.",
            held.join(", ")
        );
    }
    match ending {
        Ending::Refused => format!("{device} was not cut off: somebody said no."),
        Ending::Lapsed => format!("{device} was not cut off: nobody answered in time."),
        Ending::Lifted => format!("{device} is free of this order."),
        Ending::BrokenGlass => format!("{device} is free: a clinician broke the glass."),
    }
}

/// In which role somebody spoke, where it was a person.
fn role(by: &Actor) -> Option<Cow<'static, str>> {
    match by {
        Actor::Person(_, role, _) => Some(role.text().into()),
        Actor::Playbook(_) | Actor::Asepsis => None,
    }
}

/// Who, in words.
#[must_use]
pub fn actor(by: &Actor) -> String {
    match by {
        Actor::Person(name, role, Door::Account) => format!("{name} ({})", role.text()),
        Actor::Person(name, role, Door::Console) => {
            format!("{name} ({}), by the console", role.text())
        }
        Actor::Playbook(name) => format!("playbook {name}"),
        Actor::Asepsis => "asepsis".to_owned(),
    }
}

/// A step, in one word.
#[must_use]
pub fn step_name(step: &Step) -> &'static str {
    match step {
        Step::Requested(_) => "requested",
        Step::Approved => "approved",
        Step::Refused(_) => "refused",
        Step::SubstituteRunning => "substitute-running",
        Step::Applying(_) => "applying",
        Step::Applied(_) => "applied",
        Step::Verified { .. } => "verified",
        Step::Failed(..) => "failed",
        Step::Renewed(_) => "renewed",
        Step::Drifted(..) => "drifted",
        Step::Lifted(_) => "lifted",
        Step::BrokenGlass(_) => "broken-glass",
        Step::Expired => "expired",
        Step::Removed(_) => "removed",
        _ => "unknown",
    }
}

/// A step, in words.
#[must_use]
pub fn step(event: &Event) -> String {
    let by = actor(&event.by);
    match &event.step {
        Step::Requested(request) => {
            format!("{by} asks to {}: {}", request.level, request.reason)
        }
        Step::Approved => format!("{by} says yes"),
        Step::Refused(why) => format!("{by} says no: {why}"),
        Step::SubstituteRunning => format!("{by} confirms that a substitute is running"),
        Step::Applying(point) => format!("is being carried out at {}", point.0),
        Step::Applied(point) => format!("{} holds it", point.0),
        Step::Verified { last_forbidden, first_essential } => {
            let first = first_essential.map(|at| format!(", what care needs went on at {at}"));
            let last = last_forbidden.map_or(", no other packet got on".to_owned(), |at| {
                format!(", the last other packet got on at {at}")
            });
            format!("the wire shows it{}{last}", first.unwrap_or_default())
        }
        Step::Failed(point, why) => format!("{} failed: {why}", point.0),
        Step::Renewed(seconds) => format!("{by} gives it {} minutes more", seconds / 60),
        Step::Drifted(point, what) => format!("{} no longer held it: {what}", point.0),
        Step::Lifted(why) => format!("{by} lifts it: {why}"),
        Step::BrokenGlass(why) => format!("{by} breaks the glass: {why}"),
        Step::Expired => "its time is over, and nobody answered".to_owned(),
        Step::Removed(point) => format!("{} has let go of it", point.0),
        _ => "a step that this version does not know".to_owned(),
    }
}

#[cfg(test)]
mod tests;
