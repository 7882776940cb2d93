//! What no sequence of steps may lead to, whoever takes them and whatever changes meanwhile.
//!
//! The oracle below is written from the design, by cases, and looks at the accepted events alone:
//! it shares neither the table nor the fold that it judges.

use std::collections::{BTreeMap, BTreeSet};

use domain::care::CareRole;
use domain::device::{Criticality, DeviceId, Use};
use domain::network::{Conversation, End, Moment, Session, SessionState, Transport, Volume};
use domain::order::{Actor, Door, Event, Level, OrderId, PointName, Role, Step};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::interlock::{
    Bedside, Care, Facts, People, Playbook, Replayed, Requirement, TABLE, Table,
};
use super::order::{Order, Orders};
use super::replay::replay;
use super::review::{Circumstances, Ground, review_by};
use super::tests::{bare_plan, ip, request};

const HOUR: i64 = 3_600_000_000;

/// One step of a story.
#[derive(Debug, Clone)]
enum Act {
    Ask(u64, Actor, Level),
    Does(u64, Actor, Step),
    /// The loop's: reviews the order at its level, and begins it where it is approved.
    CarryOut(u64),
    /// Somebody writes down, unreviewed, that an order was begun.
    Begins(u64, Actor),
    Facts(Option<Criticality>, Option<Use>),
    Replayed(Replayed),
    Time(i64),
}

fn actors() -> impl Strategy<Value = Actor> {
    let names = prop::sample::select(vec!["ana", "Ana ", "ben", "cem", "dora"]);
    let doors = prop::sample::select(Door::ALL.to_vec());
    let people = (names, prop::sample::select(Role::ALL.to_vec()), doors)
        .prop_map(|(name, role, door)| Actor::Person(name.into(), role, door));
    let books = prop::sample::select(vec!["drilled", "new"]);
    prop_oneof![
        8 => people,
        2 => books.prop_map(|name| Actor::Playbook(name.into())),
        1 => Just(Actor::Asepsis),
    ]
}

fn steps() -> impl Strategy<Value = Step> {
    let point = || PointName("switch".into());
    prop_oneof![
        12 => Just(Step::Approved),
        5 => Just(Step::SubstituteRunning),
        1 => Just(Step::BrokenGlass("needed".into())),
        1 => Just(Step::BrokenGlass(" ".into())),
        1 => Just(Step::Lifted("clean".into())),
        1 => Just(Step::Refused("no".into())),
        1 => prop::sample::select(vec![0, 60, 14_400, u32::MAX]).prop_map(Step::Renewed),
        1 => Just(Step::Expired),
        1 => Just(Step::Applied(point())),
        1 => Just(Step::Failed(point(), "no answer".into())),
        1 => Just(Step::Drifted(point(), "a rule is gone".into())),
        1 => Just(Step::Removed(point())),
        1 => Just(Step::Verified { last_forbidden: None, first_essential: None }),
    ]
}

fn acts() -> impl Strategy<Value = Act> {
    let orders = || 1_u64..4;
    let criticality = prop::option::of(prop::sample::select(Criticality::ALL.to_vec()));
    let usage = prop::option::of(prop::sample::select(vec![Use::InUse, Use::NotInUse]));
    let replayed = vec![Replayed::Kept, Replayed::Broken, Replayed::Unknown];
    let times = vec![-HOUR, -1, 60_000_000, HOUR / 2, HOUR, 4 * HOUR, i64::MAX];
    prop_oneof![
        6 => (orders(), actors(), prop::sample::select(Level::ALL.to_vec()))
            .prop_map(|(order, by, level)| Act::Ask(order, by, level)),
        16 => (orders(), actors(), steps())
            .prop_map(|(order, by, step)| Act::Does(order, by, step)),
        3 => orders().prop_map(Act::CarryOut),
        1 => (orders(), actors()).prop_map(|(order, by)| Act::Begins(order, by)),
        3 => (criticality, usage).prop_map(|(criticality, usage)| Act::Facts(criticality, usage)),
        2 => prop::sample::select(replayed).prop_map(Act::Replayed),
        2 => prop::sample::select(times).prop_map(Act::Time),
    ]
}

fn stories() -> impl Strategy<Value = Vec<Act>> {
    prop::collection::vec(acts(), 1..40)
}

/// A world in which a story is played, and what it saw.
struct World<'a> {
    table: &'a Table,
    orders: Orders,
    journal: Vec<Event>,
    drilled: BTreeSet<domain::text::Text>,
    facts: Facts,
    replayed: Replayed,
    now: Moment,
    /// The orders that a review approved at their own level.
    satisfied: BTreeSet<OrderId>,
    /// The orders that somebody wrote down as begun without a review.
    unreviewed: BTreeSet<OrderId>,
    ended: BTreeMap<OrderId, Order>,
}

impl<'a> World<'a> {
    fn new(table: &'a Table) -> Self {
        Self {
            table,
            orders: Orders::default(),
            journal: Vec::new(),
            drilled: BTreeSet::from(["drilled".into()]),
            facts: Facts { criticality: None, usage: None },
            replayed: Replayed::Unknown,
            now: Moment(1_800_000_000_000_000),
            satisfied: BTreeSet::new(),
            unreviewed: BTreeSet::new(),
            ended: BTreeMap::new(),
        }
    }

    /// Plays one step; `Err` tells which law was broken.
    fn play(&mut self, act: &Act) -> Result<(), String> {
        match act {
            Act::Ask(order, by, level) => {
                let asked = request(*order, 0, by.clone(), *level);
                self.take(&Event { at: self.now, ..asked })?;
            }
            Act::Does(order, by, step) => self.take(&Event {
                order: OrderId(*order),
                at: self.now,
                by: by.clone(),
                step: step.clone(),
            })?,
            Act::CarryOut(order) => {
                if self.judge(OrderId(*order), None)? {
                    self.begin(OrderId(*order), Actor::Asepsis)?;
                }
            }
            Act::Begins(order, by) => {
                self.unreviewed.insert(OrderId(*order));
                self.begin(OrderId(*order), by.clone())?;
            }
            Act::Facts(criticality, usage) => {
                self.facts = Facts { criticality: *criticality, usage: *usage };
            }
            Act::Replayed(replayed) => self.replayed = *replayed,
            Act::Time(passed) => self.now = self.now.plus(*passed),
        }
        for order in [1, 2, 3].map(OrderId) {
            self.judge(order, None)?;
            for level in Level::ALL {
                self.judge(order, Some(level))?;
            }
            self.holds_what_it_may(order)?;
        }
        Ok(())
    }

    fn begin(&mut self, order: OrderId, by: Actor) -> Result<(), String> {
        let step = Step::Applying(PointName("switch".into()));
        self.take(&Event { order, at: self.now, by, step })
    }

    fn take(&mut self, event: &Event) -> Result<(), String> {
        let before = self.orders.clone();
        match self.orders.follow(event) {
            Ok(()) => self.journal.push(event.clone()),
            Err(_) if self.orders != before => return Err("a refused event left a trace".into()),
            Err(refusal) => {
                let clinical = matches!(event.by, Actor::Person(_, Role::Clinical, _));
                let glass = matches!(&event.step, Step::BrokenGlass(why) if !why.trim().is_empty());
                let known = before.get(event.order).is_some();
                if clinical && glass && known {
                    return Err(format!("the glass did not break: {refusal}"));
                }
            }
        }
        let device = DeviceId("vent-1".into());
        let broke = matches!(event.step, Step::BrokenGlass(_)) && self.orders != before;
        if broke && self.orders.wanted(&device, self.now, self.facts).is_some() {
            return Err("the glass broke and the device is still held".into());
        }
        Ok(())
    }

    /// Reviews an order, at its own level or another, and holds an approval to the oracle.
    fn judge(&mut self, id: OrderId, level: Option<Level>) -> Result<bool, String> {
        let Some(order) = self.orders.get(id) else { return Ok(false) };
        let level = level.unwrap_or(order.level());
        if level > order.level() {
            return Ok(false);
        }
        let plan = bare_plan(order, level, self.now);
        let (sessions, role) = match self.replayed {
            Replayed::Unknown => (vec![], CareRole::Other),
            Replayed::Kept => (vec![session(self.now)], CareRole::Other),
            Replayed::Broken => (vec![session(self.now)], CareRole::Library),
        };
        let replayed = replay(&sessions, |_| role, &plan);
        let circumstances = Circumstances {
            facts: self.facts,
            replay: Some(&replayed),
            drilled: &self.drilled,
            essential_version: 0,
            orders: &self.orders,
        };
        let Ok(approved) = review_by(self.table, &plan, order, &circumstances, self.now) else {
            return Ok(false);
        };
        match approved.ground() {
            Ground::Lowering if self.begun(id) && self.falls(order, level) => {}
            Ground::Interlock if self.allows(id, level) => {}
            ground => {
                let facts = self.facts;
                return Err(format!("{id}: {level} by {ground:?} with {facts:?}"));
            }
        }
        if level == order.level() {
            self.satisfied.insert(id);
        }
        Ok(true)
    }

    /// `wanted` never above what was asked for, never after the end, and never isolates a
    /// life-sustaining device in use without its voices.
    fn holds_what_it_may(&mut self, id: OrderId) -> Result<(), String> {
        let Some(order) = self.orders.get(id) else { return Ok(()) };
        let wanted = order.wanted(self.now, self.facts);
        let back = order.ending().is_none() || wanted.is_some();
        if let Some(before) = self.ended.get(&id).filter(|_| back) {
            return Err(format!("{id} came back from {:?}", before.ending()));
        }
        if order.ending().is_some() {
            self.ended.insert(id, order.clone());
        }
        if wanted.is_some_and(|wanted| wanted > order.level() || order.begun().is_none()) {
            return Err(format!("{id} wants {wanted:?}, above what was approved"));
        }
        let gravest = self.life() && self.used();
        if wanted == Some(Level::Isolate) && gravest && !self.allows(id, Level::Isolate) {
            return Err(format!("{id} keeps a life-sustaining device in use isolated"));
        }
        let overdue = order.is_overdue(self.now) && self.life();
        if overdue && wanted.is_some_and(|wanted| wanted > Level::Restrict) {
            return Err(format!("{id} did not fall back"));
        }
        Ok(())
    }

    /// Whether a review approved it at its own level, or the journal was told so by another.
    fn begun(&self, id: OrderId) -> bool {
        self.satisfied.contains(&id) || self.unreviewed.contains(&id)
    }

    /// The oracle: whether an order that was carried out has fallen back to that level.
    fn falls(&self, order: &Order, level: Level) -> bool {
        let gravest = self.life() && self.used();
        match level {
            Level::Restrict => {
                let begun = order.begun().is_some_and(|begun| self.now >= begun.plus(60_000_000));
                self.life() && begun && order.level() > Level::Restrict
            }
            Level::Contain => {
                let isolates = order.level() == Level::Isolate;
                isolates && gravest && !self.allows(order.id(), Level::Isolate)
            }
            Level::Watch | Level::Isolate => false,
        }
    }

    fn life(&self) -> bool {
        matches!(self.facts.criticality, None | Some(Criticality::LifeSustaining))
    }

    fn used(&self) -> bool {
        self.facts.usage != Some(Use::NotInUse)
    }

    /// The oracle: whether the accepted events suffice for that level, by the design's words.
    #[expect(clippy::match_same_arms, reason = "each cell of the design stands alone")]
    fn allows(&self, id: OrderId, level: Level) -> bool {
        let name = |text: &str| text.trim().to_lowercase();
        let events = || self.journal.iter().filter(move |event| event.order == id);
        let asked = events().find_map(|event| match (&event.step, &event.by) {
            (Step::Requested(_), Actor::Person(who, ..)) => Some(name(who)),
            _ => None,
        });
        let said_yes = events().filter(|event| event.step == Step::Approved);
        let people: Vec<(String, Role)> = said_yes
            .filter_map(|event| match &event.by {
                Actor::Person(who, role, _) => Some((name(who), *role)),
                _ => None,
            })
            .filter(|(who, _)| asked.as_ref() != Some(who))
            .collect();
        let any = !people.is_empty();
        let both = people.iter().any(|(one, role)| {
            let clinical = |(other, role): &(String, Role)| *role == Role::Clinical && other != one;
            *role == Role::Security && people.iter().any(clinical)
        });
        let begun = events().find(|event| matches!(event.step, Step::Applying(_)));
        let by_then = begun.map_or(self.now, |event| event.at);
        let bedside = events().any(|event| match (&event.step, &event.by) {
            (Step::SubstituteRunning, Actor::Person(who, Role::Clinical, _)) => {
                let third = people.iter().all(|(approver, _)| *approver != name(who));
                third && event.at.plus(HOUR / 2) >= by_then
            }
            _ => false,
        });
        let book = self.book(id);
        match (level, self.life(), self.used()) {
            (Level::Watch, ..) => true,
            (Level::Restrict, true, true) => any,
            (Level::Restrict, ..) => any || book,
            (Level::Contain, true, true) => both,
            (Level::Contain, false, false) => any || book,
            (Level::Contain, ..) => any || (book && self.replayed == Replayed::Kept),
            (Level::Isolate, true, true) => both && bedside,
            (Level::Isolate, false, false) => any,
            (Level::Isolate, ..) => both,
        }
    }

    /// Whether a drilled playbook spoke for it, and no glass was broken in the last four hours.
    fn book(&self, id: OrderId) -> bool {
        let spoke = self.journal.iter().any(|event| {
            let speaks = matches!(event.step, Step::Requested(_) | Step::Approved);
            event.order == id && speaks && event.by == Actor::Playbook("drilled".into())
        });
        let mut glass =
            self.journal.iter().filter(|event| matches!(event.step, Step::BrokenGlass(_)));
        spoke && !glass.any(|event| self.now < event.at.plus(4 * HOUR))
    }
}

pub(super) fn session(now: Moment) -> Session {
    let end = |address, port| End { address: ip(address), port, mac: None };
    let (client, server) = (end("10.0.0.1", 40_000), end("10.0.0.8", 80));
    Session {
        conversation: Conversation { client, server, transport: Transport::Tcp },
        vlan: None,
        application: None,
        state: SessionState::Closed,
        first: now,
        last_to_server: None,
        last_to_client: None,
        to_server: Volume::default(),
        to_client: Volume::default(),
    }
}

/// The law that the story breaks under that interlock, if any.
fn broken(table: &Table, story: &[Act]) -> Option<String> {
    let mut world = World::new(table);
    story.iter().find_map(|act| world.play(act).err())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn no_story_leads_past_the_interlock(story in stories()) {
        prop_assert_eq!(broken(&TABLE, &story), None);
    }

    #[test]
    fn the_same_journal_gives_the_same_orders(story in stories()) {
        let mut world = World::new(&TABLE);
        for act in &story {
            prop_assert_eq!(world.play(act), Ok(()));
        }
        let mut again = Orders::default();
        for event in &world.journal {
            prop_assert_eq!(again.follow(event), Ok(()), "what was accepted is accepted again");
        }
        prop_assert_eq!(again, world.orders);
    }
}

/// Every requirement that asks for less in one respect.
fn weaker(requirement: Requirement) -> Vec<Requirement> {
    let mut weaker = Vec::new();
    if requirement.bedside == Bedside::SubstituteRunning {
        weaker.push(Requirement { bedside: Bedside::NotAsked, ..requirement });
    }
    if requirement.people == People::SecurityAndClinical {
        weaker.push(Requirement { people: People::One, ..requirement });
    }
    weaker.push(Requirement { people: People::Nobody, ..requirement });
    if requirement.playbook != Playbook::Drilled {
        weaker.push(Requirement { playbook: Playbook::Drilled, ..requirement });
    }
    if requirement.playbook == Playbook::Never {
        let playbook = Playbook::DrilledAndNothingBreaks;
        weaker.push(Requirement { playbook, ..requirement });
    }
    weaker
}

#[test]
fn every_weakening_of_every_cell_is_noticed() {
    const STORIES: usize = 20_000;
    let mut runner = TestRunner::deterministic();
    let stories = stories();
    let mut weakened = 0;
    for (row, (care, cells)) in TABLE.iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            for weak in weaker(*cell) {
                let mut table = TABLE;
                table[row].1[column] = weak;
                let noticed = (0..STORIES).any(|_| {
                    let story = stories.new_tree(&mut runner).expect("a story").current();
                    broken(&table, &story).is_some()
                });
                assert!(noticed, "{}, column {column}: {weak:?}", care.text());
                weakened += 1;
            }
        }
    }
    assert_eq!(weakened, 24, "each cell was weakened in each respect");
}

#[test]
fn the_table_has_each_row_once() {
    assert_eq!(TABLE.map(|(care, _)| care), Care::ALL);
}
