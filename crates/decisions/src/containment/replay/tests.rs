//! Replays of a small ward.

use std::net::IpAddr;

use domain::care::CareRole;
use domain::network::{
    Application, Conversation, End, Service, Session, SessionState, Transport, Volume,
};
use domain::order::{Level, Side};
use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::{Replay, replay};
use crate::containment::interlock::Replayed;
use crate::containment::plan::Plan;
use crate::containment::tests::{MAC, at, interface, ip, opening, plan, tcp, udp};

struct Spoken {
    from: (IpAddr, u16),
    to: (IpAddr, u16),
    transport: Transport,
    starts: Vec<i64>,
    application: Option<Application>,
}

fn spoken(from: &str, to: &str, service: Service, starts: &[i64]) -> Spoken {
    let (transport, starts) = (service.transport, starts.to_vec());
    let (from, to) = ((ip(from), 40_000), (ip(to), service.port));
    Spoken { from, to, transport, starts, application: None }
}

fn sessions(spoken: &[Spoken]) -> Vec<Session> {
    let one = |spoken: &Spoken, start: i64| {
        let end = |(address, port)| End { address, port, mac: None };
        let (client, server) = (end(spoken.from), end(spoken.to));
        Session {
            conversation: Conversation { client, server, transport: spoken.transport },
            vlan: None,
            application: spoken.application,
            state: SessionState::Closed,
            first: at(start),
            last_to_server: Some(at(start + 5)),
            last_to_client: Some(at(start + 6)),
            to_server: Volume { packets: 2, bytes: 100 },
            to_client: Volume { packets: 2, bytes: 900 },
        }
    };
    spoken.iter().flat_map(|s| s.starts.iter().map(move |start| one(s, *start))).collect()
}

/// The role by the server's port, as a stand-in for what recognises it.
fn role(session: &Session) -> CareRole {
    match session.conversation.server.port {
        80 => CareRole::Library,
        104 => CareRole::Result,
        514 => CareRole::Alarm,
        123 => CareRole::Time,
        _ => CareRole::Other,
    }
}

fn contain(openings: Vec<domain::order::Opening>) -> Plan {
    plan(Level::Contain, vec![interface(MAC, &["10.0.0.1"])], openings)
}

fn hours(count: i64) -> Vec<i64> {
    (0..count).map(|hour| hour * 3_600).collect()
}

fn check(replay: &Replay, seconds: i64, essential: Replayed, expected: &Expect) {
    assert_eq!(replay.essential(), essential);
    expected.assert_eq(&replay.verdict(at(seconds)));
}

#[test]
fn what_care_needs_and_would_break_is_said_with_its_rhythm() {
    let mut library = spoken("10.0.0.1", "10.0.0.5", tcp(80), &hours(5));
    library.application = Some(Application::Http);
    let sessions = sessions(&[library, spoken("10.0.0.1", "10.0.0.9", tcp(22), &[3])]);
    let replayed = replay(&sessions, role, &contain(vec![]));
    check(
        &replayed,
        14_400 + 246,
        Replayed::Broken,
        &expect![
            "Would break drug library downloads from 10.0.0.5 (http), every 60 minutes, last 4 minutes ago."
        ],
    );
    let [first, ..] = &replayed.breaks[..] else { panic!("a group") };
    assert_eq!((first.sessions, first.bytes, first.first), (5, 5_000, at(0)));
}

#[test]
fn what_care_keeps_is_told_beside_what_it_loses_also_where_it_was_not_heard() {
    let sessions = sessions(&[
        spoken("10.0.0.1", "10.0.0.5", tcp(80), &hours(2)),
        spoken("10.0.0.1", "10.0.0.8", tcp(104), &[60]),
        spoken("10.0.0.1", "10.0.0.9", tcp(22), &[3]),
        spoken("10.0.0.1", "10.0.0.3", udp(123), &[3]),
    ]);
    let open = |role, peer, service| opening(role, Side::Client, peer, service);
    let care = replay(
        &sessions,
        role,
        &contain(vec![
            open(CareRole::Result, "10.0.0.8", tcp(104)),
            open(CareRole::Alarm, "10.0.0.6", udp(514)),
        ]),
    )
    .for_care();
    assert!(care.goes_on.into_iter().eq([CareRole::Alarm, CareRole::Result]));
    assert!(care.ends.into_iter().eq([CareRole::Library]));
}

#[test]
fn the_most_urgent_for_care_comes_first() {
    let beats: Vec<i64> = (0..10).map(|beat| beat * 60).collect();
    let sessions = sessions(&[
        spoken("10.0.0.1", "10.0.0.5", tcp(80), &hours(2)),
        spoken("10.0.0.1", "10.0.0.8", tcp(104), &[60]),
        spoken("10.0.0.1", "10.0.0.6", udp(514), &beats),
    ]);
    check(
        &replay(&sessions, role, &contain(vec![])),
        546,
        Replayed::Broken,
        &expect![
            "Would break alarms to 10.0.0.6 (udp/514), every 60 seconds, last 0 seconds ago; and 2 other kinds that care needs."
        ],
    );
}

#[test]
fn nothing_that_care_needs_breaks_where_the_openings_suffice() {
    let all = [
        spoken("10.0.0.1", "10.0.0.5", tcp(80), &hours(5)),
        spoken("10.0.0.1", "10.0.0.8", tcp(104), &[1]),
        spoken("10.0.0.7", "10.0.0.1", tcp(3000), &[1, 2]),
        spoken("10.0.0.1", "10.0.0.9", tcp(22), &[3]),
        spoken("10.0.0.1", "10.0.0.3", udp(123), &[3]),
        spoken("10.0.0.8", "10.0.0.9", tcp(104), &[3]),
    ];
    let plan = contain(vec![
        opening(CareRole::Library, Side::Client, "10.0.0.5", tcp(80)),
        opening(CareRole::Result, Side::Client, "10.0.0.8", tcp(104)),
        opening(CareRole::Therapy, Side::Server, "10.0.0.7", tcp(3000)),
    ]);
    check(
        &replay(&sessions(&all), role, &plan),
        9,
        Replayed::Kept,
        &expect!["Nothing that care needs would break: 3 kinds of session stay, 2 others end."],
    );
}

#[test]
fn what_care_was_never_seen_to_need_is_not_said_to_be_needless() {
    let sessions = sessions(&[
        spoken("10.0.0.1", "10.0.0.9", tcp(22), &[3]),
        spoken("10.0.0.1", "10.0.0.3", udp(123), &[3]),
    ]);
    let said = replay(&sessions, role, &contain(vec![])).verdict(at(60));
    assert_eq!(
        said,
        "No traffic that care needs was recorded of this device, so what care would lose is not \
         known: no kind of session stays, 2 others end."
    );
}

#[test]
fn a_flow_that_is_open_from_the_other_side_only_would_break() {
    let plan = contain(vec![opening(CareRole::Library, Side::Server, "10.0.0.5", tcp(80))]);
    let sessions = sessions(&[spoken("10.0.0.1", "10.0.0.5", tcp(80), &[0])]);
    check(
        &replay(&sessions, role, &plan),
        66,
        Replayed::Broken,
        &expect![
            "Would break drug library downloads from 10.0.0.5 (tcp/80), once, last 60 seconds ago."
        ],
    );
}

#[test]
fn where_nothing_was_recorded_nothing_is_known() {
    let sessions = sessions(&[spoken("10.0.0.8", "10.0.0.9", tcp(104), &[3])]);
    check(
        &replay(&sessions, role, &contain(vec![])),
        9,
        Replayed::Unknown,
        &expect!["No traffic of this device was recorded, so what would break is not known."],
    );
}

#[test]
fn a_replay_is_of_its_plan_whenever_that_was_made_and_of_no_other() {
    let plan = contain(vec![opening(CareRole::Library, Side::Client, "10.0.0.5", tcp(80))]);
    let replayed = replay(&[], role, &plan);
    assert!(replayed.of(&Plan { made: at(99), ..plan.clone() }));
    assert!(!replayed.of(&contain(vec![])));
    assert!(!replayed.of(&Plan { level: Level::Isolate, ..plan }));
}

proptest! {
    #[test]
    fn every_session_of_the_device_is_counted_once(
        starts in prop::collection::vec(-1_000_000_i64..1_000_000, 0..30),
        split in 0_usize..30,
    ) {
        let split = split.min(starts.len());
        let all = [
            spoken("10.0.0.1", "10.0.0.5", tcp(80), &starts[..split]),
            spoken("10.0.0.6", "10.0.0.1", udp(514), &starts[split..]),
        ];
        let plan = contain(vec![opening(CareRole::Library, Side::Client, "10.0.0.5", tcp(80))]);
        let replayed = replay(&sessions(&all), role, &plan);
        let count = |groups: &[super::Group]| groups.iter().map(|g| g.sessions).sum::<u64>();
        prop_assert_eq!(count(&replayed.stays), split as u64);
        prop_assert_eq!(count(&replayed.breaks), (starts.len() - split) as u64);
        prop_assert!(replayed.verdict(at(0)).ends_with('.'));
    }
}
