//! What orders say of care, and of who has to answer.

use std::collections::BTreeSet;

use decisions::containment::Refusal;
use decisions::containment::order::Order;
use decisions::containment::replay::ForCare;
use domain::care::CareRole;
use domain::device::DeviceId;
use domain::network::Moment;
use domain::order::{Actor, Door, Event, Level, OrderId, PointName, Request, Role, Step};

use super::{Beside, SeenOrder};

fn event(seconds: i64, by: Actor, step: Step) -> Event {
    Event { order: OrderId(1), at: Moment(seconds * 1_000_000), by, step }
}

fn person(name: &str, role: Role) -> Actor {
    Actor::Person(name.into(), role, Door::Console)
}

/// An order of a playbook, with what happened since.
fn seen(steps: &[(Actor, Step)], beside: &Beside) -> SeenOrder {
    let request = Request {
        device: DeviceId("VENT-1".into()),
        level: Level::Contain,
        reason: "it beacons".into(),
        holds_seconds: 14_400,
    };
    let mut history = vec![event(0, Actor::Playbook("detection".into()), Step::Requested(request))];
    let mut order = Order::begin(&history[0]).expect("an order");
    for (by, step) in steps {
        let event = event(60, by.clone(), step.clone());
        order.follow(&event).expect("admitted");
        history.push(event);
    }
    SeenOrder::new(&order, &history, beside, Moment(61_000_000))
}

fn missing(all: &[Refusal]) -> Beside {
    Beside { refusal: all.first().copied(), missing: all.to_vec(), ..Beside::default() }
}

fn codes(order: &SeenOrder) -> Vec<&str> {
    order.missing.iter().map(|one| &*one.code).collect()
}

#[test]
fn everybody_whose_yes_is_missing_is_named() {
    let both = missing(&[Refusal::SecurityMissing, Refusal::ClinicalMissing]);
    let order = seen(&[], &both);
    assert_eq!(
        order.sentence,
        "VENT-1 is not cut off yet. Somebody from information security and somebody who cares for \
         the patient still have to say yes."
    );
    assert_eq!(codes(&order), ["containment.security-missing", "containment.clinical-missing"]);
    assert_eq!(order.waits_for.as_ref().expect("waits").code, "containment.security-missing");
    assert_eq!(order.answer_until.as_deref(), Some("1970-01-01T04:00:00.000Z"));
    // One of them, and the bedside.
    let rest = missing(&[Refusal::ClinicalMissing, Refusal::BedsideMissing]);
    let order = seen(&[(person("anna", Role::Security), Step::Approved)], &rest);
    assert_eq!(
        order.sentence,
        "VENT-1 is not cut off yet. Somebody who cares for the patient still has to say yes. \
         Somebody at the bedside has to confirm, now, that a substitute is running."
    );
    // Why a playbook is not enough helps nobody to answer.
    let why = missing(&[Refusal::ApproverMissing, Refusal::NotDrilled]);
    let order = seen(&[], &why);
    assert_eq!(
        order.sentence,
        "VENT-1 is not cut off yet. One more person has to say yes, and not the one who asked."
    );
    // What no yes helps against is told alone.
    let order = seen(
        &[],
        &Beside {
            refusal: Some(Refusal::NoPoint),
            missing: vec![Refusal::ApproverMissing],
            ..Beside::default()
        },
    );
    assert_eq!(codes(&order), ["containment.no-point"]);
}

fn care(goes_on: &[CareRole], ends: &[CareRole]) -> Beside {
    let set = |roles: &[CareRole]| roles.iter().copied().collect::<BTreeSet<_>>();
    let care = ForCare { goes_on: set(goes_on), ends: set(ends) };
    Beside { care: Some(care), ..Beside::default() }
}

fn says(steps: &[(Actor, Step)], beside: &Beside) -> String {
    seen(steps, beside).care.expect("of care").sentence
}

#[test]
fn whoever_says_yes_reads_what_care_keeps_and_what_it_loses() {
    use CareRole::{Alarm, Library, Result};
    assert_eq!(
        says(&[], &care(&[Alarm, Result], &[])),
        "If this is carried out, alarms and results go on; nothing else that care needs was seen \
         of it."
    );
    assert_eq!(
        says(&[], &care(&[], &[Result, Library])),
        "If this is carried out, results and drug library updates end, and nothing that care \
         needs goes on."
    );
    assert_eq!(
        says(&[], &care(&[Alarm, Result], &[Result])),
        "If this is carried out, some results end; alarms and other results go on."
    );
    // Not seen is not not needed.
    assert!(says(&[], &care(&[], &[])).contains("is not known"));
    assert!(seen(&[], &Beside::default()).care.is_none());
    let (ours, point) = (Actor::Asepsis, PointName("nft".into()));
    let held = [
        (person("anna", Role::Security), Step::Approved),
        (ours.clone(), Step::Applying(point.clone())),
        (ours, Step::Applied(point)),
    ];
    assert_eq!(
        says(&held, &care(&[Alarm], &[Library])),
        "Drug library updates have ended; alarms go on."
    );
    assert_eq!(seen(&held, &care(&[Alarm], &[Library])).answer_until, None);
    assert_eq!(seen(&held, &care(&[Alarm], &[Library])).care.expect("of care").ends, ["library"]);
}
