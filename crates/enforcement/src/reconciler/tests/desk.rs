//! Stand-ins for the reconciler's tests: points that fail, lie and forget, and a program that may
//! die at any moment.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::rc::Rc;

use decisions::containment::essential::{Because, Kept, Openings};
use decisions::containment::interlock::Facts;
use decisions::containment::order::{Order, State};
use decisions::containment::passes::{Carried, Content, Internet, Packet, Segment, passes};
use decisions::containment::plan::{Plan, make};
use decisions::containment::replay::Replay;
use decisions::containment::{Refusal, order};
use domain::care::CareRole;
use domain::device::{Criticality, DeviceId, MacAddress, Use};
use domain::network::{Moment, Service, Transport};
use domain::order::{
    Actor, Door, Event, Interface, Level, Opening, OrderId, PointName, Request, Role, Side, Step,
};
use domain::text::Text;

use super::super::{Answer, Coverage, Errand, Reconciler, Work, World};
use crate::point::{Failure, Look, Outcomes, Receipt, Wish};
use crate::wire::Passage;

pub(super) const PUMP: MacAddress = MacAddress([2, 0, 0, 0, 0, 11]);
pub(super) const OTHERS: MacAddress = MacAddress([2, 0, 0, 0, 0, 99]);

pub(super) fn ip(last: u8) -> IpAddr {
    IpAddr::from([10, 20, 0, last])
}

pub(super) fn device() -> DeviceId {
    DeviceId("PUMP-11".into())
}

/// What a point really holds, and how it behaves.
#[expect(clippy::struct_excessive_bools, reason = "each is one way of a point to be wrong")]
#[derive(Debug, Default)]
pub(super) struct Truth {
    pub(super) held: BTreeMap<DeviceId, Plan>,
    pub(super) calls: usize,
    /// The call, from 0, that fails.
    pub(super) fails_at: Option<usize>,
    /// Every call fails.
    pub(super) fails: bool,
    /// It does not answer yet.
    pub(super) silent: bool,
    /// It says "ok" and does nothing.
    pub(super) lies: bool,
    /// It can't be read back.
    pub(super) unreadable: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Fake(pub(super) PointName, pub(super) Rc<RefCell<Truth>>);

impl Fake {
    pub(super) fn new(name: &str) -> Self {
        Self(PointName(name.into()), Rc::default())
    }

    pub(super) fn carry_out(&self, wish: Wish<'_>) -> Outcomes {
        let mut truth = self.1.borrow_mut();
        let fails = truth.fails || truth.fails_at == Some(truth.calls);
        truth.calls += 1;
        let plans = wish.hold.iter().chain(wish.release);
        if fails {
            return plans.map(|p| (p.order, Err(Failure("no answer".into())))).collect();
        }
        if !truth.lies {
            truth.held = wish.hold.iter().map(|p| (p.device.clone(), p.clone())).collect();
        }
        let proved = Receipt::Proved { changed: true, classes: 1 };
        let receipt = if truth.unreadable { Receipt::Acknowledged } else { proved };
        plans.map(|p| (p.order, Ok(receipt))).collect()
    }

    pub(super) fn look(&self, plans: &[Plan]) -> Result<Look, Failure> {
        let mut truth = self.1.borrow_mut();
        let fails = truth.fails_at == Some(truth.calls);
        truth.calls += 1;
        if fails {
            return Err(Failure("no answer".into()));
        }
        if truth.unreadable {
            return Ok(Look::CannotTell);
        }
        let wanted = plans.iter().map(|p| (p.device.clone(), p.clone())).collect();
        let holds = truth.held == wanted || truth.lies;
        Ok(if holds { Look::Holds } else { Look::Differs("rules are missing".into()) })
    }

    pub(super) fn run(&self, errand: &Errand) -> Answer {
        match &errand.work {
            Work::CarryOut { hold, release, .. } => {
                Answer::CarriedOut(self.carry_out(Wish { hold, release }))
            }
            Work::Look(plans) => Answer::Looked(self.look(plans)),
        }
    }
}

/// What is known outside of the orders.
pub(super) struct Ward {
    pub(super) facts: Facts,
    pub(super) drilled: BTreeSet<Text>,
    pub(super) addresses: Vec<IpAddr>,
    /// A second interface of the pump, in another network.
    pub(super) second: Option<Interface>,
    pub(super) last_essential: Option<Moment>,
}

impl World for Ward {
    fn facts(&self, _: &DeviceId) -> Facts {
        self.facts
    }

    fn plan(
        &self,
        order: &Order,
        level: Level,
        _: Option<&Plan>,
        now: Moment,
    ) -> Result<(Plan, Option<Replay>), Refusal> {
        let interface = Interface { mac: PUMP, addresses: self.addresses.clone() };
        let opening = Opening {
            role: CareRole::Result,
            side: Side::Client,
            peer: ip(21),
            service: Service { transport: Transport::Tcp, port: 6000 },
        };
        let kept = vec![Kept { opening, because: Because::Confirmed }];
        let kept = if level == Level::Isolate { Vec::new() } else { kept };
        let openings = Openings { level, version: 1, kept, notes: Vec::new() };
        let interfaces: Vec<Interface> =
            std::iter::once(interface).chain(self.second.clone()).collect();
        let made = make(order, &interfaces, &openings, &BTreeSet::new(), now)?;
        Ok((made.plan, None))
    }

    fn essential_version(&self, _: &DeviceId) -> u32 {
        1
    }

    fn drilled(&self) -> &BTreeSet<Text> {
        &self.drilled
    }

    fn last_essential(&self, _: &Plan) -> Option<Moment> {
        self.last_essential
    }
}

/// A program that may die, on a folder and points that stay.
pub(super) struct Desk {
    pub(super) folder: tempfile::TempDir,
    pub(super) points: Vec<Fake>,
    pub(super) ward: Ward,
    pub(super) now: Moment,
    pub(super) reconciler: Option<Reconciler>,
    /// What points have not answered yet.
    pub(super) pending: Vec<Errand>,
    /// After so many acts of the program it dies and is begun anew.
    pub(super) dies_after: Option<usize>,
    pub(super) acts: usize,
}

impl Desk {
    pub(super) fn new(points: &[&str]) -> Self {
        let facts = Facts { criticality: Some(Criticality::Support), usage: Some(Use::NotInUse) };
        let (drilled, addresses) = (BTreeSet::new(), vec![ip(11)]);
        let ward = Ward { facts, drilled, addresses, second: None, last_essential: None };
        let mut desk = Self {
            folder: tempfile::tempdir().expect("a folder"),
            points: points.iter().map(|name| Fake::new(name)).collect(),
            ward,
            now: Moment(1_800_000_000_000_000),
            reconciler: None,
            pending: Vec::new(),
            dies_after: None,
            acts: 0,
        };
        desk.open();
        desk
    }

    pub(super) fn open(&mut self) {
        self.reconciler = None;
        self.pending.clear();
        let points = self.points.iter().map(|point| (point.0.clone(), Coverage::default()));
        let (reconciler, _) = Reconciler::open(self.folder.path(), points).expect("it opens");
        self.reconciler = Some(reconciler);
    }

    pub(super) fn own(&mut self) -> &mut Reconciler {
        self.reconciler.as_mut().expect("it is open")
    }

    /// Whether the program dies now.
    pub(super) fn dies(&mut self) -> bool {
        let dies = self.dies_after == Some(self.acts);
        self.acts += 1;
        if dies {
            self.open();
        }
        dies
    }

    pub(super) fn step(&mut self) {
        let (now, ward) = (self.now, &self.ward);
        let reconciler = self.reconciler.as_mut().expect("it is open");
        let errands = reconciler.step(now, ward).expect("written");
        if self.dies() {
            return;
        }
        for errand in errands {
            if self.points[errand.point].1.borrow().silent {
                self.pending.push(errand);
                continue;
            }
            let answer = self.points[errand.point].run(&errand);
            if self.dies() {
                return;
            }
            let now = self.now;
            self.own().done(&errand, answer, now).expect("written");
            if self.dies() {
                return;
            }
        }
        self.is_true();
    }

    /// A point that was silent answers at last.
    pub(super) fn answers(&mut self, point: usize) {
        self.points[point].1.borrow_mut().silent = false;
        let (own, others) =
            std::mem::take(&mut self.pending).into_iter().partition(|e| e.point == point);
        self.pending = others;
        let own: Vec<Errand> = own;
        for errand in own {
            let (answer, now) = (self.points[point].run(&errand), self.now);
            self.own().done(&errand, answer, now).expect("written");
        }
    }

    pub(super) fn point(&mut self, order: u64, name: &str) -> Option<order::Point> {
        let order = self.own().orders().get(OrderId(order)).expect("an order");
        order.points().get(&PointName(name.into())).cloned()
    }

    /// Nothing that the journal says of what is held is false.
    pub(super) fn is_true(&mut self) {
        let points = self.points.clone();
        for order in self.own().orders().iter() {
            for point in &points {
                let truth = point.1.borrow();
                let holds = truth.held.get(order.device());
                let said = order.points().get(&point.0);
                if said == Some(&order::Point::Applied) && !truth.lies {
                    assert!(holds.is_some(), "{} says it holds {}", point.0.0, order.id());
                }
                if matches!(said, None | Some(order::Point::Removed)) {
                    let own = holds.filter(|plan| plan.order == order.id());
                    assert!(own.is_none(), "{} still holds {}", point.0.0, order.id());
                }
            }
        }
    }

    pub(super) fn wait(&mut self, milliseconds: i64) {
        for _ in 0..milliseconds.max(10) / 10 {
            self.now = self.now.plus(10_000);
            self.step();
        }
    }

    pub(super) fn says(
        &mut self,
        order: u64,
        name: &str,
        role: Role,
        step: Step,
    ) -> Result<(), Refusal> {
        let by = Actor::Person(name.into(), role, Door::Account);
        let event = Event { order: OrderId(order), at: self.now, by, step };
        self.own().record(event).expect("written")
    }

    pub(super) fn asks(&mut self, level: Level) -> u64 {
        let request =
            Request { device: device(), level, reason: "it scans".into(), holds_seconds: 14_400 };
        let (by, now) = (Actor::Person("ana".into(), Role::Security, Door::Account), self.now);
        self.own().request(request, by, now).expect("written").expect("allowed").0
    }

    pub(super) fn state(&mut self, order: u64) -> State {
        self.own().orders().get(OrderId(order)).expect("an order").state()
    }

    pub(super) fn holds(&self, point: usize) -> Option<Level> {
        self.points[point].1.borrow().held.get(&device()).map(|plan| plan.level)
    }

    /// A packet of the pump comes, and gets on where the first point lets it.
    pub(super) fn sends(&mut self, to: u8, port: u16) {
        let internet = Internet {
            source: ip(11),
            destination: ip(to),
            carried: Carried::Tcp(40_000, port, Segment::Later),
        };
        let content = Content::Internet(internet);
        let packet = Packet { source: PUMP, destination: OTHERS, vlan: None, content };
        let stopped = self.points.iter().any(|point| {
            let truth = point.1.borrow();
            truth.held.values().any(|plan| !passes(plan, &packet))
        });
        let now = self.now;
        self.own().wire().see(now, Passage::Came, &packet);
        if !stopped {
            self.own().wire().see(now, Passage::GotOn, &packet);
        }
    }

    /// The pump reports and attacks for some time.
    pub(super) fn traffic(&mut self, milliseconds: i64) {
        for _ in 0..milliseconds / 10 {
            self.sends(21, 6000);
            self.sends(50, 445);
            self.wait(10);
        }
    }
}
