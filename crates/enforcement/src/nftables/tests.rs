//! The compiler against the meaning of plans, every way of compiling wrongly, and the real kernel.

use std::net::IpAddr;

use decisions::containment::plan::Plan;
use domain::care::CareRole;
use domain::device::{DeviceId, MacAddress};
use domain::network::{Moment, Service, Transport};
use domain::order::{Interface, Level, Opening, OrderId, Side};
use serde_json::Value;

use super::compile::compile;
use super::layout::Name;
use super::model::{Field, Is, Match, Rule, Ruleset, Values, Verdict};
use super::proof::{Proved, prove};
use super::{Contradiction, Error, Kernel, Listed, Nft, NftError, Place, apply, drift, read, text};

fn proves(place: Place, rules: &Ruleset, plans: &[Plan]) -> Result<usize, Contradiction> {
    prove(place, rules, plans, &mut Proved::default())
}

fn opening(role: CareRole, side: Side, peer: &str, transport: Transport, port: u16) -> Opening {
    let peer = peer.parse().expect("an address");
    Opening { role, side, peer, service: Service { transport, port } }
}

pub(super) fn plan(number: u8, level: Level, openings: Vec<Opening>) -> Plan {
    let addresses: Vec<IpAddr> = vec![
        IpAddr::from([10, 20, 0, number]),
        format!("fd00::{number:x}").parse().expect("an address"),
    ];
    Plan {
        order: OrderId(u64::from(number)),
        device: DeviceId(format!("PUMP-{number}").into()),
        level,
        interfaces: vec![Interface { mac: MacAddress([2, 0, 0, 0, 0, number]), addresses }],
        openings,
        essential_version: 1,
        made: Moment(0),
        expires: Moment(0),
    }
}

pub(super) fn pump() -> Plan {
    use Side::{Client, Server};
    use Transport::{Icmp, Tcp, Udp};
    plan(
        11,
        Level::Contain,
        vec![
            opening(CareRole::Result, Client, "10.20.0.21", Tcp, 6000),
            opening(CareRole::Library, Client, "10.20.0.22", Tcp, 80),
            opening(CareRole::Therapy, Server, "10.20.0.23", Tcp, 2575),
            opening(CareRole::Time, Client, "10.20.0.2", Udp, 123),
            opening(CareRole::Identity, Client, "10.20.0.2", Udp, 67),
            opening(CareRole::Other, Client, "10.20.0.21", Icmp, 0),
            opening(CareRole::Alarm, Server, "10.20.0.24", Udp, 162),
            opening(CareRole::Result, Client, "fd00::21", Tcp, 6000),
            opening(CareRole::Therapy, Server, "fd00::22", Tcp, 2575),
            opening(CareRole::Time, Client, "fd00::23", Udp, 123),
            opening(CareRole::Alarm, Server, "fd00::24", Udp, 162),
            opening(CareRole::Identity, Client, "fd00::25", Udp, 547),
            opening(CareRole::Other, Client, "fd00::21", Icmp, 0),
        ],
    )
}

/// A monitor that has no lease and no IPv6, and tunnels.
fn monitor() -> Plan {
    let mut plan = plan(
        15,
        Level::Contain,
        vec![
            opening(CareRole::Alarm, Side::Client, "10.20.0.21", Transport::Tcp, 6001),
            opening(CareRole::Alarm, Side::Client, "10.20.0.25", Transport::Other(47), 0),
        ],
    );
    plan.interfaces.iter_mut().for_each(|i| i.addresses.retain(IpAddr::is_ipv4));
    plan
}

/// A scanner of which no address is known, and that speaks IPv6 alone.
fn scanner() -> Plan {
    let mut plan = plan(
        16,
        Level::Contain,
        vec![
            opening(CareRole::Result, Side::Client, "fd00::21", Transport::Tcp, 104),
            opening(CareRole::Identity, Side::Client, "fe80::2", Transport::Udp, 547),
        ],
    );
    plan.interfaces.iter_mut().for_each(|interface| interface.addresses.clear());
    plan
}

/// A pump with two interfaces of which no address is known.
fn unaddressed() -> Plan {
    let mut plan = plan(12, Level::Contain, pump().openings);
    let other = Interface { mac: MacAddress([2, 0, 0, 0, 1, 12]), addresses: Vec::new() };
    plan.interfaces.push(other);
    for interface in &mut plan.interfaces {
        interface.addresses.clear();
    }
    plan
}

/// Pumps of which one family is not known, or none; and one that has an address in a family in which
/// it has no peer.
fn half_known() -> [Plan; 4] {
    let peers = |number| {
        let results = ["10.20.0.21", "fd00::21"];
        let results =
            results.map(|peer| opening(CareRole::Result, Side::Client, peer, Transport::Tcp, 6000));
        plan(number, Level::Contain, results.to_vec())
    };
    let lease = |peer, port| opening(CareRole::Identity, Side::Client, peer, Transport::Udp, port);
    let mut plans = [17, 18, 19, 20].map(peers);
    let [no_four, no_six, no_peer, none] = &mut plans;
    no_four.interfaces.iter_mut().for_each(|i| i.addresses.retain(IpAddr::is_ipv6));
    no_four.openings.push(lease("fe80::2", 547));
    no_six.interfaces.iter_mut().for_each(|i| i.addresses.retain(IpAddr::is_ipv4));
    no_six.openings.push(lease("10.20.0.2", 67));
    no_peer.openings.truncate(1);
    none.interfaces.iter_mut().for_each(|i| i.addresses.clear());
    plans
}

pub(super) fn plans() -> Vec<Plan> {
    vec![
        pump(),
        unaddressed(),
        monitor(),
        scanner(),
        plan(13, Level::Isolate, Vec::new()),
        plan(14, Level::Watch, Vec::new()),
        // It speaks with another contained device.
        plan(
            23,
            Level::Restrict,
            vec![opening(CareRole::Therapy, Side::Client, "10.20.0.11", Transport::Tcp, 2575)],
        ),
    ]
}

#[test]
fn what_is_compiled_means_what_the_plans_mean() {
    for place in Place::ALL {
        for plan in plans().into_iter().chain(half_known()) {
            let one = [plan];
            proves(place, &compile(place, &one), &one).expect("one alone");
        }
        let classes = proves(place, &compile(place, &plans()), &plans()).expect("all together");
        assert!(classes > 10_000, "{place:?}: {classes}");
    }
}

#[test]
fn two_orders_for_one_device_let_pass_what_both_let_pass() {
    let mut stricter = pump();
    stricter.order = OrderId(99);
    let isolates = Plan { level: Level::Isolate, openings: Vec::new(), ..stricter.clone() };
    stricter.openings.truncate(2);
    for place in Place::ALL {
        for other in [pump(), stricter.clone(), isolates.clone()] {
            let both = [pump(), other];
            proves(place, &compile(place, &both), &both).expect("both");
        }
    }
}

#[test]
fn without_plans_nothing_stands_in_the_table() {
    for place in Place::ALL {
        assert_eq!(compile(place, &[]), Ruleset::default());
        assert_eq!(compile(place, &[plan(14, Level::Watch, Vec::new())]), Ruleset::default());
    }
}

/// Where the meaning stays the same.
fn is_harmless(place: Place, what: &str) -> bool {
    let of = |devices: &[u8]| {
        devices.iter().any(|last| {
            let mac = super::model::of_mac(MacAddress([2, 0, 0, 0, 0, *last]));
            what.contains(&format!("[{mac}"))
        })
    };
    let on_router = place == Place::Router;
    // No packet has that ethertype.
    what.contains("[Protocol] widened")
        // Later fragments of a transport without ports pass with it.
        || what.contains("_whole and in") && what.contains("_pieces")
        // Where no address is known, any may be the device's own; one device has two interfaces.
        || what.contains("mac6_peer_targets and in mac6_own_targets")
            && (of(&[12, 16, 18, 20]) || what.contains("[2199023255820"))
        // Without a peer of that family nothing is asked of it but, on a bridge, by ARP.
        || what.contains("mac4_any") && (of(&[16]) || on_router && of(&[15, 17, 19, 20]))
        // On a router its own address is looked for as a peer's is.
        || what.contains("mac6_own_targets and in mac6_peer_targets") && on_router
        // Where there is a peer these have passed before, and where there is none nothing passes.
        || what == format!("leaves_mac {}: [Icmp6Type] without [133]", if on_router { 5 } else { 10 })
        || ["[134]", "[137]"].iter().any(|kind| {
            what == format!("reaches_mac 6: [Icmp6Type] without {kind}")
        })
        // An error has to fit two sets.
        || what.contains("_sent") && what.contains("also [336294682933583715844663186250927177747")
}

/// Every single rule, condition, value and element, taken out or changed in every way that a fault
/// of the compiler could: each must be found.
fn every_wrong_compilation_is_refused(place: Place) {
    let plans = [vec![pump(), unaddressed(), monitor(), scanner()], half_known().to_vec()].concat();
    let right = compile(place, &plans);
    // What is remembered of the right ones must not hide what is wrong.
    let mut proved = Proved::default();
    prove(place, &right, &plans, &mut proved).expect("right");
    let (of_rules, of_elements) = (wrong_rules(&right), wrong_elements(&right));
    assert!(of_rules.len() > 500 && of_elements.len() > 1_000);
    let mut missed = Vec::new();
    for (what, rules) in of_elements.iter().filter(|(what, _)| !is_harmless(place, what)) {
        if prove(place, rules, &plans, &mut proved).is_ok() {
            missed.push(what);
        }
    }
    for (what, rules) in of_rules.iter().filter(|(what, _)| !is_harmless(place, what)) {
        if proves(place, rules, &plans).is_ok() {
            missed.push(what);
        }
    }
    assert!(missed.is_empty(), "{place:?}: {} missed: {missed:#?}", missed.len());
}

#[test]
fn every_wrong_compilation_for_a_bridge_is_refused() {
    every_wrong_compilation_is_refused(Place::Bridge);
}

#[test]
fn every_wrong_compilation_for_a_router_is_refused() {
    every_wrong_compilation_is_refused(Place::Router);
}

/// Devices of a model differ by addresses alone, their own and their peers', and are proved
/// together; what is changed for one of them is found all the same.
#[test]
fn what_is_wrong_for_one_of_many_alike_is_refused() {
    let alike = |number| plan(number, Level::Contain, pump().openings);
    let mut plans: Vec<Plan> = (101..=104).map(alike).collect();
    for opening in &mut plans[2].openings {
        opening.peer = match opening.peer {
            IpAddr::V4(peer) => std::net::Ipv4Addr::from_bits(peer.to_bits() ^ 0x100).into(),
            IpAddr::V6(peer) => std::net::Ipv6Addr::from_bits(peer.to_bits() ^ 1 << 64).into(),
        };
    }
    for place in Place::ALL {
        let right = compile(place, &plans);
        let mut proved = Proved::default();
        let all = prove(place, &right, &plans, &mut proved).expect("right");
        let one = [alike(101)];
        let alone = proves(place, &compile(place, &one), &one).expect("one alone");
        let nobody = all - (all - alone) / 3 * 4;
        assert_eq!((all - nobody) % 4, 0, "each counts as much as another");
        assert_eq!(prove(place, &right, &plans, &mut proved).expect("known"), all);
        let of_third = |what: &&(String, Ruleset)| {
            let own = [
                super::model::of_mac(MacAddress([2, 0, 0, 0, 0, 103])),
                u128::from(u32::from_be_bytes([10, 20, 0, 103])),
            ];
            own.iter().any(|own| what.0.contains(&format!("[{own}")))
        };
        let wrong = wrong_elements(&right);
        let wrong: Vec<_> = wrong.iter().filter(of_third).collect();
        assert!(wrong.len() > 100, "{}", wrong.len());
        for (what, rules) in wrong.into_iter().filter(|(what, _)| !is_harmless(place, what)) {
            let outcome = prove(place, rules, &plans, &mut proved);
            assert!(outcome.is_err(), "{place:?}: {what}");
        }
    }
}

fn wrong_rules(right: &Ruleset) -> Vec<(String, Ruleset)> {
    let mut wrong: Vec<(String, Ruleset)> = Vec::new();
    for (name, chain) in &right.chains {
        for at in 0..chain.rules.len() {
            let mut change = |what: &str, change: &dyn Fn(&mut Vec<Rule>)| {
                let mut rules = right.clone();
                change(&mut rules.chains.get_mut(name).expect("there").rules);
                if rules != *right {
                    wrong.push((format!("{name} {at}: {what}"), rules));
                }
            };
            change("dropped", &|rules| drop(rules.remove(at)));
            change("lets all pass", &|rules| rules[at].verdict = Verdict::Return);
            change("drops", &|rules| rules[at].verdict = Verdict::Drop);
            for (condition, held) in chain.rules[at].matches.iter().enumerate() {
                change("condition left out", &|rules| {
                    drop(rules[at].matches.remove(condition));
                });
                change("condition turned round", &|rules| {
                    let is = &mut rules[at].matches[condition].is;
                    *is = if *is == Is::In { Is::NotIn } else { Is::In };
                });
                change("source for destination", &|rules| {
                    for field in &mut rules[at].matches[condition].fields {
                        *field = turned(*field);
                    }
                });
                for (how, values) in wrong_values(held) {
                    change(&format!("{:?} {how}", held.fields), &|rules| {
                        rules[at].matches[condition].values = values.clone();
                    });
                }
            }
        }
    }
    wrong
}

/// What a condition may be compared with in place of what is right.
fn wrong_values(condition: &Match) -> Vec<(String, Values)> {
    let listed = match &condition.values {
        Values::Named(name) => {
            let others = all_sets().filter(|other| other != name && other.kinds() == name.kinds());
            let named = |other: Name| (format!("in {}", other.text()), Values::Named(other));
            return others.map(named).collect();
        }
        Values::Listed(listed) => listed,
    };
    let mut wrong = Vec::new();
    for value in listed {
        let mut fewer = listed.clone();
        fewer.remove(value);
        wrong.push((format!("without {value:?}"), Values::Listed(fewer)));
        let mut more = listed.clone();
        let mut next = value.clone();
        let last = next.last_mut().expect("a value");
        // There is no address after the last.
        if *last != u128::from(u32::MAX) {
            *last += 1;
            more.insert(next);
            wrong.push((format!("widened beside {value:?}"), Values::Listed(more)));
        }
    }
    wrong
}

fn all_sets() -> impl Iterator<Item = Name> {
    let compiled = Place::ALL.map(|place| compile(place, &[pump()]));
    let names: std::collections::BTreeSet<Name> =
        compiled.iter().flat_map(|rules| rules.sets.keys().copied()).collect();
    names.into_iter()
}

/// Each element of each set left out, changed, or put into another set of the kind.
fn wrong_elements(right: &Ruleset) -> Vec<(String, Ruleset)> {
    let mut wrong = Vec::new();
    for (name, elements) in &right.sets {
        for element in elements {
            let mut change = |what: &str, set: Name, add: bool, element: &Vec<u128>| {
                let mut rules = right.clone();
                let Some(set) = rules.sets.get_mut(&set) else { return };
                if if add { set.insert(element.clone()) } else { set.remove(element) } {
                    wrong.push((format!("{} {what} {element:?}", name.text()), rules));
                }
            };
            change("without", *name, false, element);
            for at in 0..element.len() {
                for by in [1, 2] {
                    let mut next = element.clone();
                    next[at] ^= by;
                    change("and also", *name, true, &next);
                }
            }
            for other in all_sets().filter(|other| other.kinds() == name.kinds()) {
                change(&format!("and in {}", other.text()), other, true, element);
            }
        }
    }
    wrong
}

fn turned(field: Field) -> Field {
    use Field as F;
    match field {
        F::EtherSource => F::EtherDestination,
        F::EtherDestination => F::EtherSource,
        F::ArpSender => F::ArpTarget,
        F::ArpTarget => F::ArpSender,
        F::Ip4Source => F::Ip4Destination,
        F::Ip4Destination => F::Ip4Source,
        F::Ip6Source => F::Ip6Destination,
        F::Ip6Destination => F::Ip6Source,
        F::TcpSource => F::TcpDestination,
        F::TcpDestination => F::TcpSource,
        F::UdpSource => F::UdpDestination,
        F::UdpDestination => F::UdpSource,
        F::Quote4From => F::Quote4To,
        F::Quote4To => F::Quote4From,
        F::Quote6From => F::Quote6To,
        F::Quote6To => F::Quote6From,
        other => other,
    }
}

/// Runs in a thread with a network of its own. Needs root.
pub(super) fn in_namespace(test: impl FnOnce() + Send + 'static) {
    let run = move || {
        nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNET).expect("the test needs root");
        test();
    };
    std::thread::spawn(run).join().expect("the test passes");
}

/// All rules of the namespace but ours, as text.
fn others(place: Place) -> String {
    let output = std::process::Command::new("nft").args(["list", "ruleset"]).output();
    let listed = String::from_utf8(output.expect("nft runs").stdout).expect("UTF-8");
    let ours = format!("table {} asepsis", place.family());
    listed.split(&ours).next().unwrap_or_default().to_owned()
}

/// Somebody else's rules, as a host firewall and a container engine write them.
const THEIRS: &str = "\
table inet firewalld {
  set trusted { type ipv4_addr; flags interval; elements = { 10.0.0.0/8 }; }
  chain filter_FORWARD {
    type filter hook forward priority filter + 10; policy accept;
    ct state established,related accept
    ip saddr @trusted counter accept
    reject with icmpx admin-prohibited
  }
}
table ip nat {
  chain DOCKER { iifname docker0 counter return; }
  chain PREROUTING {
    type nat hook prerouting priority dstnat; policy accept;
    fib daddr type local counter jump DOCKER
  }
  chain POSTROUTING {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr 172.17.0.0/16 oifname != docker0 counter masquerade
  }
}
table bridge theirs {
  chain c { type filter hook forward priority filter; policy accept; }
}
";

#[test]
fn the_kernel_holds_what_was_compiled_after_every_change() {
    for place in Place::ALL {
        in_namespace(move || {
            Nft.run(THEIRS).expect("somebody else's rules");
            let before = others(place);
            assert!(before.contains("masquerade"));
            let all = plans();
            // In and out, one by one and together, in several orders.
            let steps: Vec<Vec<Plan>> = vec![
                vec![all[0].clone()],
                vec![all[0].clone(), all[4].clone()],
                all.clone(),
                vec![all[6].clone(), all[1].clone()],
                vec![plan(11, Level::Isolate, Vec::new()), all[1].clone()],
                vec![],
                all,
            ];
            for wanted in steps {
                let receipt = apply(&mut Nft, place, &wanted).expect("applied and proved");
                assert!(receipt.changed);
                let held = read::held(&Nft.list(place).expect("listed")).expect("ours");
                assert_eq!(held.unwrap_or_default(), compile(place, &wanted));
                let again = apply(&mut Nft, place, &wanted).expect("again");
                assert!(!again.changed, "it is idempotent");
                assert_eq!(drift(&mut Nft, place, &wanted).expect("asked"), None);
                assert_eq!(others(place), before, "nobody else's rules are touched");
            }
        });
    }
}

/// What somebody may do to our table, with the table's name to be put in.
const MEDDLING: [&str; 21] = [
    "insert rule T reaches_ip4 icmp type 3 icmp code 1 @th,64,8 0x45 return",
    "insert rule T leaves_ip4 icmp type 3 icmp code 4 @th,64,8 0x45 return",
    "insert rule T reaches_ip6 icmpv6 type 2 return",
    "flush table T",
    "delete table T",
    "insert rule T leaves accept",
    "insert rule T leaves_ip4 return",
    "insert rule T leaves_ip4 ip daddr 10.20.0.99 return",
    "insert rule T leaves_ip4 ip saddr 10.20.0.11 tcp dport 445 return",
    "insert rule T reaches_ip4 ip saddr 10.20.0.66 return",
    "insert rule T reaches_ip4 icmp type redirect return",
    "insert rule T reaches meta mark 7 accept",
    "insert rule T leaves ip saddr 10.20.0.77 drop",
    "add chain T late { type filter hook output priority 10; policy drop; }",
    "delete element T macs { 02:00:00:00:00:0b }",
    "delete element T ip4s { 10.20.0.13 }",
    "add element T macs { 02:00:00:00:00:63 }",
    "add element T ip4_client_tcp { 10.20.0.13 . 10.20.0.99 . 445 }",
    "add element T ip4_server_tcp { 10.20.0.23 . 10.20.0.11 . 22 }",
    "add element T ip4_client_sent { 10.20.0.11 . 0x0a140042 . 6 . 445 }",
    "add set T mine { type ipv4_addr; }",
];

#[test]
fn what_somebody_else_changes_is_found_and_put_right() {
    for place in Place::ALL {
        in_namespace(move || {
            let wanted = plans();
            apply(&mut Nft, place, &wanted).expect("applied");
            for meddling in MEDDLING {
                let table = format!("{} asepsis", place.family());
                Nft.run(&format!("{}\n", meddling.replace(" T", &format!(" {table}"))))
                    .expect(meddling);
                let seen = drift(&mut Nft, place, &wanted).expect("asked");
                assert!(seen.is_some(), "unseen: {meddling}");
                assert!(apply(&mut Nft, place, &wanted).expect(meddling).changed);
                assert_eq!(drift(&mut Nft, place, &wanted).expect("asked"), None, "{meddling}");
            }
        });
    }
}

/// A kernel whose n-th call fails, or that says "ok" and does nothing.
pub(super) struct Faulty {
    pub(super) calls: usize,
    pub(super) fails_at: usize,
    pub(super) lies: bool,
}

impl Faulty {
    fn call<T>(&mut self, real: impl FnOnce() -> Result<T, NftError>) -> Result<T, NftError> {
        self.calls += 1;
        if self.calls == self.fails_at {
            return Err(NftError::Refused("made to fail".into()));
        }
        real()
    }
}

impl Kernel for Faulty {
    fn list(&mut self, place: Place) -> Result<Listed, NftError> {
        self.call(|| Nft.list(place))
    }

    fn run(&mut self, transaction: &str) -> Result<(), NftError> {
        if self.lies {
            return Ok(());
        }
        self.call(|| Nft.run(transaction))
    }
}

#[test]
fn whichever_call_fails_the_kernel_holds_the_old_or_the_new_and_never_a_mixture() {
    for place in Place::ALL {
        in_namespace(move || {
            let (old, new) = (vec![pump()], plans());
            for fails_at in 1.. {
                apply(&mut Nft, place, &old).expect("the old");
                let mut kernel = Faulty { calls: 0, fails_at, lies: false };
                let outcome = apply(&mut kernel, place, &new);
                let is = |plans: &[Plan]| drift(&mut Nft, place, plans).expect("asked").is_none();
                if outcome.is_ok() {
                    assert!(kernel.calls < fails_at && is(&new));
                    break;
                }
                assert!(is(&old) || is(&new), "a mixture after call {fails_at}");
            }
        });
    }
}

#[test]
fn a_kernel_that_says_ok_and_does_nothing_is_not_believed() {
    for place in Place::ALL {
        in_namespace(move || {
            let mut kernel = Faulty { calls: 0, fails_at: 0, lies: true };
            let outcome = apply(&mut kernel, place, &[pump()]);
            assert!(matches!(outcome, Err(Error::Held(_))), "{outcome:?}");
        });
    }
}

#[test]
fn the_reader_refuses_what_we_never_write() {
    for object in [
        r#"{"rule": {"chain": "leaves", "expr": [{"accept": null}]}}"#,
        r#"{"rule": {"chain": "leaves", "expr": [{"return": null}, {"drop": null}]}}"#,
        r#"{"rule": {"chain": "leaves", "expr": []}}"#,
        r#"{"map": {"name": "m"}}"#,
        r#"{"set": {"name": "other", "type": "ether_addr"}}"#,
        r#"{"set": {"name": "macs", "type": "ipv4_addr"}}"#,
        r#"{"set": {"name": "macs", "type": "ether_addr", "timeout": 60}}"#,
        r#"{"set": {"name": "macs", "type": "ether_addr", "flags": ["interval"]}}"#,
        r#"{"chain": {"name": "c", "type": "nat", "hook": "input", "prio": 0, "policy": "accept"}}"#,
    ] {
        let objects = vec![serde_json::from_str(object).expect("JSON")];
        let elements = ["macs", "other"].map(|name| (name.to_owned(), Vec::new())).into();
        let listed = Listed { objects, elements };
        assert!(read::held(&listed).is_err(), "{listed:?}");
    }
    assert_eq!(read::held(&Listed::default()), Ok(None));
}

#[test]
fn the_reader_refuses_elements_that_we_never_write() {
    let pair =
        r#"{"set": {"name": "ip4_whole", "type": ["ipv4_addr", "ipv4_addr", "inet_proto"]}}"#;
    let read = |object: &str, key: Option<&[u8]>| {
        let object: Value = serde_json::from_str(object).expect("JSON");
        let name = object["set"]["name"].as_str().expect("a name").to_owned();
        let elements = [(name, vec![key.map(<[u8]>::to_vec)])].into();
        read::held(&Listed { objects: vec![object], elements })
    };
    let held = read(pair, Some(&[10, 0, 0, 1, 10, 0, 0, 2, 47, 0, 0, 0])).expect("ours");
    let elements: Vec<&Vec<u128>> =
        held.as_ref().expect("a table").sets.values().flatten().collect();
    assert_eq!(elements, [&vec![0x0A00_0001, 0x0A00_0002, 47]]);
    // Too short, too long, filled with something, and with more than a key.
    assert!(read(pair, Some(&[10, 0, 0, 1, 10, 0, 0, 2])).is_err());
    assert!(read(pair, Some(&[10, 0, 0, 1, 10, 0, 0, 2, 47, 0, 0, 0, 0, 0, 0, 0])).is_err());
    assert!(read(pair, Some(&[10, 0, 0, 1, 10, 0, 0, 2, 47, 0, 0, 1])).is_err());
    assert!(read(pair, None).is_err());
    let macs = r#"{"set": {"name": "macs", "type": "ether_addr"}}"#;
    assert!(read(macs, Some(&[2, 0, 0, 0, 0, 1])).is_ok());
    assert!(read(macs, Some(&[2, 0, 0, 0, 0, 1, 0, 0])).is_err());
    assert!(read(macs, Some(&[])).is_err());
}

#[test]
fn nothing_is_done_where_nothing_differs() {
    for place in Place::ALL {
        let rules = compile(place, &plans());
        assert_eq!(text::transaction(place, Some(&rules), &rules), None);
        assert!(text::transaction(place, None, &rules).is_some());
    }
}
