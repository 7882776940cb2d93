//! The life of a model's essential flows, and what stays open for its devices.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::net::IpAddr;

use domain::care::CareRole;
use domain::network::Service;
use domain::order::{Actor, Level, Role, Side};
use domain::release::ReleaseKey;
use domain::text::Text;
use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::{
    Change, EssentialFlow, Essentials, Event, ModelFlows, Openings, Peer, Site, openings_for,
};
use crate::containment::refusal::Refusal;
use crate::containment::tests::{at, ip, person, tcp, udp};

fn flow(role: CareRole, peer: Peer, service: Service) -> EssentialFlow {
    EssentialFlow { role, side: Side::Client, peer, service, application: None }
}

fn with(addresses: &[&str]) -> Peer {
    Peer::Addresses(addresses.iter().map(|text| ip(text)).collect())
}

fn key(version: &str) -> ReleaseKey {
    ReleaseKey::new("Acme", "Pump 3", version).expect("a model")
}

fn event(version: &str, by: Actor, change: Change) -> Event {
    Event { model: key(version), at: at(0), by, change }
}

fn library() -> EssentialFlow {
    flow(CareRole::Library, with(&["10.0.0.5"]), tcp(80))
}

fn proposal() -> Change {
    Change::Proposed(vec![library()], "seen hourly for 14 days".into())
}

fn engineer() -> Actor {
    person("bea", Role::Biomedical)
}

#[test]
fn flows_are_proposed_then_confirmed_then_amended_by_those_who_answer_for_care() {
    let mut essentials = Essentials::default();
    let amended = || Change::Amended(vec![library()], "new server".into());
    let analyst = || person("ana", Role::Security);
    let mut take = |version, by, change| essentials.follow(&event(version, by, change));
    assert_eq!(take("", engineer(), amended()), Err(Refusal::VersionNotProposed));
    assert_eq!(take("", Actor::Asepsis, proposal()), Ok(()));
    assert_eq!(take("", engineer(), Change::Confirmed(2)), Err(Refusal::VersionNotProposed));
    assert_eq!(take("", analyst(), Change::Confirmed(1)), Err(Refusal::MayNotConfirm));
    assert_eq!(take("", Actor::Asepsis, Change::Confirmed(1)), Err(Refusal::MayNotConfirm));
    assert_eq!(take("", engineer(), Change::Confirmed(1)), Ok(()));
    assert_eq!(take("", engineer(), Change::Confirmed(1)), Err(Refusal::VersionNotProposed));
    assert_eq!(take("", analyst(), amended()), Err(Refusal::MayNotConfirm));
    assert_eq!(take("", engineer(), amended()), Ok(()));
    let empty = Change::Proposed(vec![], "nothing".into());
    assert_eq!(take("", engineer(), empty), Err(Refusal::NoFlows));
    let held = essentials.of(&key("2.1")).expect("for all versions");
    let version = held.confirmed.as_ref().expect("confirmed");
    assert_eq!((version.number, version.confirmed.as_ref()), (2, Some(&(engineer(), at(0)))));
}

#[test]
fn flows_of_one_version_come_before_those_of_all_once_confirmed() {
    let mut essentials = Essentials::default();
    let mut take = |version, change| essentials.follow(&event(version, engineer(), change));
    assert_eq!(take("", proposal()), Ok(()));
    assert_eq!(take("", Change::Confirmed(1)), Ok(()));
    assert_eq!(take("2.1", proposal()), Ok(()));
    let number = |essentials: &Essentials, version| {
        let flows = essentials.of(&key(version)).expect("flows");
        flows.confirmed.as_ref().map(|version| version.number)
    };
    assert_eq!(number(&essentials, "2.1"), Some(1), "a proposal does not displace");
    let confirmed = event("2.1", engineer(), Change::Confirmed(2));
    assert_eq!(essentials.follow(&confirmed), Ok(()));
    assert_eq!(number(&essentials, "2.1"), Some(2));
    assert_eq!(number(&essentials, "2.0"), Some(1));
}

fn names() -> BTreeMap<Text, BTreeSet<IpAddr>> {
    BTreeMap::from([("pacs.ward.example".into(), BTreeSet::from([ip("10.0.0.8")]))])
}

fn openings(level: Level, model: Option<&ModelFlows>, baseline: &[EssentialFlow]) -> Openings {
    let (names, one) = (names(), |text: &str| [ip(text)]);
    let (leased_from, resolvers, routers) = (one("10.0.0.2"), one("10.0.0.3"), one("10.0.0.254"));
    let site =
        Site { names: &names, leased_from: &leased_from, resolvers: &resolvers, routers: &routers };
    openings_for(level, model, baseline, &site)
}

fn check(openings: &Openings, expected: &Expect) {
    let mut lines = format!("{} by version {}\n", openings.level, openings.version);
    for kept in &openings.kept {
        let opening = &kept.opening;
        let (role, side, because) = (opening.role, opening.side.text(), kept.because);
        let (peer, service) = (opening.peer, opening.service);
        let _ = writeln!(lines, "{role} as {side} with {peer} {service}: {because}");
    }
    for note in &openings.notes {
        let _ = writeln!(lines, "{}: {note}", note.code());
    }
    expected.assert_eq(&lines);
}

fn baseline() -> Vec<EssentialFlow> {
    vec![
        library(),
        flow(CareRole::Time, with(&["10.0.0.4"]), udp(123)),
        flow(CareRole::Service, with(&["192.0.2.1"]), tcp(443)),
    ]
}

fn confirmed(flows: Vec<EssentialFlow>) -> ModelFlows {
    let mut essentials = Essentials::default();
    let proposed = Change::Proposed(flows, "seen".into());
    assert_eq!(essentials.follow(&event("", Actor::Asepsis, proposed)), Ok(()));
    assert_eq!(essentials.follow(&event("", engineer(), Change::Confirmed(1))), Ok(()));
    essentials.of(&key("")).expect("flows").clone()
}

#[test]
fn contain_keeps_what_is_confirmed_and_what_that_lives_on() {
    let pacs = flow(CareRole::Result, Peer::Named("PACS.ward.example.".into()), tcp(104));
    let lost = flow(CareRole::Order, Peer::Named("ris.ward.example".into()), tcp(105));
    let model = confirmed(vec![pacs, lost]);
    check(
        &openings(Level::Contain, Some(&model), &baseline()),
        &expect![[r"
            contain by version 1
            result as client with 10.0.0.8 tcp/104: confirmed as essential
            identity as client with 10.0.0.2 udp/67: supports: keeps the device's address
            identity as client with 10.0.0.3 tcp/53: supports: finds a peer by its name
            identity as client with 10.0.0.3 udp/53: supports: finds a peer by its name
            identity as client with 10.0.0.254 icmp: supports: reaches peers in other networks
            containment.peer-unknown: No address of ris.ward.example is known, so its flow can't be kept open.
        "]],
    );
}

#[test]
fn what_is_confirmed_and_also_lives_under_something_else_is_called_confirmed() {
    let pacs = flow(CareRole::Result, Peer::Named("pacs.ward.example".into()), tcp(104));
    let names = flow(CareRole::Identity, with(&["10.0.0.3"]), udp(53));
    let model = confirmed(vec![pacs, names]);
    check(
        &openings(Level::Contain, Some(&model), &[]),
        &expect![[r"
            contain by version 1
            result as client with 10.0.0.8 tcp/104: confirmed as essential
            identity as client with 10.0.0.2 udp/67: supports: keeps the device's address
            identity as client with 10.0.0.3 tcp/53: supports: finds a peer by its name
            identity as client with 10.0.0.3 udp/53: confirmed as essential
            identity as client with 10.0.0.254 icmp: supports: reaches peers in other networks
        "]],
    );
}

#[test]
fn where_nothing_is_confirmed_contain_keeps_what_is_essential_by_default_and_says_so() {
    check(
        &openings(Level::Contain, None, &baseline()),
        &expect![[r"
            contain by version 0
            library as client with 10.0.0.5 tcp/80: essential by default
            identity as client with 10.0.0.2 udp/67: supports: keeps the device's address
            identity as client with 10.0.0.3 tcp/53: supports: finds a peer by its name
            identity as client with 10.0.0.3 udp/53: supports: finds a peer by its name
            identity as client with 10.0.0.254 icmp: supports: reaches peers in other networks
            containment.unconfirmed: Nobody has confirmed what care needs of this model; what is essential by default stays open.
        "]],
    );
    check(
        &openings(Level::Contain, None, &[]),
        &expect![["
            contain by version 0
            containment.unconfirmed: Nobody has confirmed what care needs of this model; what is essential by default stays open.
            containment.nothing-known: Nothing is known that care needs of this device, so nothing would stay open: that is isolation, and asks for whoever has to say yes to that.
        "]],
    );
}

#[test]
fn restrict_keeps_the_baseline_too() {
    check(
        &openings(Level::Restrict, Some(&confirmed(vec![library()])), &baseline()),
        &expect![[r"
            restrict by version 1
            library as client with 10.0.0.5 tcp/80: confirmed as essential
            time as client with 10.0.0.4 udp/123: usual for its model
            identity as client with 10.0.0.2 udp/67: supports: keeps the device's address
            identity as client with 10.0.0.3 tcp/53: supports: finds a peer by its name
            identity as client with 10.0.0.3 udp/53: supports: finds a peer by its name
            identity as client with 10.0.0.254 icmp: supports: reaches peers in other networks
            service as client with 192.0.2.1 tcp/443: usual for its model
        "]],
    );
}

fn flows() -> impl Strategy<Value = Vec<EssentialFlow>> {
    let names = ["pacs.ward.example", "ris.ward.example"];
    let peers = prop_oneof![
        prop::sample::select(vec!["10.0.0.5", "10.0.0.9"]).prop_map(|text| with(&[text])),
        prop::sample::select(names.to_vec()).prop_map(|name| Peer::Named(name.into())),
    ];
    let one = (prop::sample::select(CareRole::ALL.to_vec()), peers, 1_u16..4)
        .prop_map(|(role, peer, port)| flow(role, peer, tcp(port)));
    prop::collection::vec(one, 1..6)
}

proptest! {
    #[test]
    fn restrict_never_keeps_less_than_contain(
        known in prop::option::of(flows()),
        baseline in flows(),
    ) {
        let model = known.map(confirmed);
        let kept = |level| {
            let openings = openings(level, model.as_ref(), &baseline);
            openings.kept.into_iter().map(|kept| kept.opening).collect::<BTreeSet<_>>()
        };
        prop_assert!(kept(Level::Contain).is_subset(&kept(Level::Restrict)));
        prop_assert!(kept(Level::Watch).is_empty() && kept(Level::Isolate).is_empty());
    }
}
