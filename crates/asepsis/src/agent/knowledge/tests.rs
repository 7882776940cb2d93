//! What is known after a restart, before anything is seen again.

use std::collections::BTreeSet;
use std::net::IpAddr;

use decisions::containment::essential::Essentials;
use decisions::containment::plan::Plan;
use domain::care::CareRole;
use domain::device::{DeviceId, MacAddress};
use domain::network::{Moment, Service, Transport};
use domain::order::{Interface, Level, Opening, OrderId, Side};

use super::Knowledge;
use crate::agent::memory::Memory;
use crate::planned::Planned;

fn held(id: &DeviceId, level: Level) -> Plan {
    Plan {
        order: OrderId(1),
        device: id.clone(),
        level,
        interfaces: vec![Interface {
            mac: MacAddress([2, 0, 0, 0, 0, 11]),
            addresses: vec![IpAddr::from([10, 20, 0, 11])],
        }],
        openings: vec![Opening {
            role: CareRole::Result,
            side: Side::Client,
            peer: IpAddr::from([10, 20, 0, 21]),
            service: Service { transport: Transport::Tcp, port: 6000 },
        }],
        essential_version: 0,
        made: Moment(1),
        expires: Moment(2),
    }
}

#[test]
fn what_a_held_plan_kept_open_stays_open_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let memory = Memory::open(&folder.path().join("known.jsonl")).expect("empty");
    let drilled = BTreeSet::new();
    let knowledge = Knowledge::new(&[], memory, Essentials::default(), drilled, (600, Vec::new()));
    let (id, now) = (DeviceId("PUMP-11".into()), Moment(1_000_000));
    let order = Planned::order(&id, Level::Contain, now).expect("an order");
    // Nothing was seen yet: of itself it would know neither the device nor what it needs.
    assert!(knowledge.planned(&order, Level::Contain, None, now).is_err());
    let before = held(&id, Level::Contain);
    let (made, ..) = knowledge.planned(&order, Level::Contain, Some(&before), now).expect("a plan");
    assert_eq!(made.plan.interfaces, before.interfaces);
    assert_eq!(made.plan.openings, before.openings);
    // What was open at another level says nothing of this one.
    let other = held(&id, Level::Restrict);
    let (made, ..) = knowledge.planned(&order, Level::Contain, Some(&other), now).expect("a plan");
    assert_eq!(made.plan.openings, []);
    assert_eq!(made.plan.answered_for_as(), Level::Isolate);
}
