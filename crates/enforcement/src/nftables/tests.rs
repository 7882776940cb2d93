//! The compiler against the meaning of plans, every way of compiling wrongly, and the real kernel.

use std::net::IpAddr;

use decisions::containment::plan::Plan;
use domain::care::CareRole;
use domain::device::{DeviceId, MacAddress};
use domain::network::{Moment, Service, Transport};
use domain::order::{Interface, Level, Opening, OrderId, Side};
use serde_json::Value;

use super::compile::compile;
use super::model::{Field, Is, Ruleset, Verdict};
use super::proof::prove;
use super::{Error, Kernel, Nft, NftError, apply, drift, read, text};

fn opening(role: CareRole, side: Side, peer: &str, transport: Transport, port: u16) -> Opening {
    let peer = peer.parse().expect("an address");
    Opening { role, side, peer, service: Service { transport, port } }
}

fn plan(number: u8, level: Level, openings: Vec<Opening>) -> Plan {
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

fn pump() -> Plan {
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
            opening(CareRole::Result, Client, "fd00::21", Tcp, 6000),
            opening(CareRole::Other, Client, "fd00::21", Icmp, 0),
        ],
    )
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

fn plans() -> Vec<Plan> {
    vec![
        pump(),
        unaddressed(),
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
    for plan in plans() {
        let one = [plan];
        prove(&compile(&one), &one).expect("one alone");
    }
    let classes = prove(&compile(&plans()), &plans()).expect("all together");
    assert!(classes > 100_000, "{classes}");
}

#[test]
fn without_plans_nothing_stands_in_the_table() {
    assert_eq!(compile(&[]), Ruleset::default());
    assert_eq!(compile(&[plan(14, Level::Watch, Vec::new())]), Ruleset::default());
}

/// Every single rule, condition, value, element and chain, taken out or changed in every way that
/// a fault of the compiler could: each must be found.
#[test]
fn every_wrong_compilation_is_refused() {
    let plans = [pump()];
    let right = compile(&plans);
    let mut wrong: Vec<(String, Ruleset)> = Vec::new();
    for (name, chain) in &right.chains {
        for at in 0..chain.rules.len() {
            let mut change = |what: &str, change: &dyn Fn(&mut Vec<super::model::Rule>)| {
                let mut rules = right.clone();
                change(&mut rules.chains.get_mut(name).expect("there").rules);
                if rules != right {
                    wrong.push((format!("{name} {at}: {what}"), rules));
                }
            };
            change("dropped", &|rules| drop(rules.remove(at)));
            change("lets all pass", &|rules| rules[at].verdict = Verdict::Return);
            change("drops", &|rules| rules[at].verdict = Verdict::Drop);
            for condition in 0..chain.rules[at].matches.len() {
                change("condition left out", &|rules| {
                    drop(rules[at].matches.remove(condition));
                });
                change("condition turned round", &|rules| {
                    let is = &mut rules[at].matches[condition].is;
                    *is = if *is == Is::In { Is::NotIn } else { Is::In };
                });
                let is_flags = chain.rules[at].matches[condition].fields == [Field::TcpSynAck];
                for value in &chain.rules[at].matches[condition].values {
                    change("value left out", &|rules| {
                        rules[at].matches[condition].values.remove(value);
                    });
                    change("value widened by a neighbour", &|rules| {
                        let mut next = value.clone();
                        let last = next.last_mut().expect("a value");
                        // There is no address after the last, and no flag of that value.
                        if *last == u128::from(u32::MAX) || is_flags {
                            return;
                        }
                        *last += 1;
                        rules[at].matches[condition].values.insert(next);
                    });
                }
                change("source for destination", &|rules| {
                    for field in &mut rules[at].matches[condition].fields {
                        *field = turned(*field);
                    }
                });
            }
        }
    }
    wrong.extend(wrong_maps(&right));
    assert!(wrong.len() > 150, "{}", wrong.len());
    // Where another rule says the same, or no packet is of the kind, the meaning is the same.
    let harmless = [
        "o11-from 4: value left out", // router solicitations have returned before
        "o11-to 4: value left out",   // and what routers tell; what non-peers ask is dropped below
        "o11-to 5: value widened by a neighbour", // UDP within ethertype 0801
    ];
    let missed: Vec<&String> = wrong
        .iter()
        .filter(|(name, rules)| !harmless.contains(&name.as_str()) && prove(rules, &plans).is_ok())
        .map(|(name, _)| name)
        .collect();
    assert!(missed.is_empty(), "{} of {}: {missed:#?}", missed.len(), wrong.len());
}

/// Each element of each map left out, or leading to the other chain.
fn wrong_maps(right: &Ruleset) -> Vec<(String, Ruleset)> {
    let mut wrong = Vec::new();
    for (name, map) in &right.maps {
        for key in map.elements.keys() {
            let mut rules = right.clone();
            let elements = &mut rules.maps.get_mut(name).expect("there").elements;
            elements.remove(key);
            wrong.push((format!("{name} without an interface"), rules));
            let mut rules = right.clone();
            let chain = rules.maps.get_mut(name).expect("there").elements.get_mut(key);
            let chain = chain.expect("there");
            *chain = if chain.ends_with("from") { "o11-to" } else { "o11-from" }.to_owned();
            wrong.push((format!("{name} to the other chain"), rules));
        }
    }
    wrong
}

fn turned(field: super::model::Field) -> super::model::Field {
    use super::model::Field as F;
    match field {
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
        other => other,
    }
}

/// Runs in a thread with a network of its own. Needs root.
fn in_namespace(test: impl FnOnce() + Send + 'static) {
    let run = move || {
        nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNET).expect("the test needs root");
        test();
    };
    std::thread::spawn(run).join().expect("the test passes");
}

/// All rules of the namespace but ours, as text.
fn others() -> String {
    let output = std::process::Command::new("nft").args(["list", "ruleset"]).output();
    let listed = String::from_utf8(output.expect("nft runs").stdout).expect("UTF-8");
    listed.split("table bridge asepsis").next().unwrap_or_default().to_owned()
}

#[test]
fn the_kernel_holds_what_was_compiled_after_every_change() {
    in_namespace(|| {
        let theirs = "add table inet theirs\nadd chain inet theirs c { type filter hook input \
                      priority 0; }\nadd rule inet theirs c tcp dport 22 accept\n";
        Nft.run(theirs).expect("somebody else's rules");
        let before = others();
        let all = plans();
        // In and out, one by one and together, in several orders.
        let steps: Vec<Vec<Plan>> = vec![
            vec![all[0].clone()],
            vec![all[0].clone(), all[2].clone()],
            all.clone(),
            vec![all[4].clone(), all[1].clone()],
            vec![plan(11, Level::Isolate, Vec::new()), all[1].clone()],
            vec![],
            all,
        ];
        for wanted in steps {
            let receipt = apply(&mut Nft, &wanted).expect("applied and proved");
            assert!(receipt.changed);
            let held = read::held(&Nft.list().expect("listed")).expect("ours").unwrap_or_default();
            assert_eq!(held, compile(&wanted));
            assert!(!apply(&mut Nft, &wanted).expect("again").changed, "it is idempotent");
            assert_eq!(drift(&mut Nft, &wanted).expect("asked"), None);
            assert_eq!(others(), before, "nobody else's rules are touched");
        }
    });
}

#[test]
fn what_somebody_else_changes_is_found_and_put_right() {
    in_namespace(|| {
        let wanted = plans();
        apply(&mut Nft, &wanted).expect("applied");
        for meddling in [
            "flush table bridge asepsis",
            "delete table bridge asepsis",
            "insert rule bridge asepsis judge accept",
            "insert rule bridge asepsis o11-from return",
            "insert rule bridge asepsis o11-from ip daddr 10.20.0.99 return",
            "insert rule bridge asepsis forward meta mark 7 accept",
            "add chain bridge asepsis late { type filter hook forward priority 10; policy drop; }",
            "delete element bridge asepsis from_mac { 02:00:00:00:00:0b }",
            "add element bridge asepsis from_mac { 02:00:00:00:00:63 : jump o13-from }",
        ] {
            Nft.run(&format!("{meddling}\n")).expect(meddling);
            assert!(drift(&mut Nft, &wanted).expect("asked").is_some(), "unseen: {meddling}");
            assert!(apply(&mut Nft, &wanted).expect(meddling).changed);
            assert_eq!(drift(&mut Nft, &wanted).expect("asked"), None, "{meddling}");
        }
    });
}

/// A kernel whose n-th call fails, or that says "ok" and does nothing.
struct Faulty {
    calls: usize,
    fails_at: usize,
    lies: bool,
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
    fn list(&mut self) -> Result<Value, NftError> {
        self.call(|| Nft.list())
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
    in_namespace(|| {
        let (old, new) = (vec![pump()], plans());
        for fails_at in 1.. {
            apply(&mut Nft, &old).expect("the old");
            let mut kernel = Faulty { calls: 0, fails_at, lies: false };
            let outcome = apply(&mut kernel, &new);
            let is = |plans: &[Plan]| drift(&mut Nft, plans).expect("asked").is_none();
            if outcome.is_ok() {
                assert!(kernel.calls < fails_at && is(&new));
                break;
            }
            assert!(is(&old) || is(&new), "a mixture after call {fails_at}");
        }
    });
}

#[test]
fn a_kernel_that_says_ok_and_does_nothing_is_not_believed() {
    in_namespace(|| {
        let mut kernel = Faulty { calls: 0, fails_at: 0, lies: true };
        let outcome = apply(&mut kernel, &[pump()]);
        assert!(matches!(outcome, Err(Error::Held(_))), "{outcome:?}");
    });
}

#[test]
fn the_reader_refuses_what_we_never_write() {
    for object in [
        r#"{"rule": {"chain": "judge", "expr": [{"accept": null}]}}"#,
        r#"{"rule": {"chain": "judge", "expr": [{"return": null}, {"drop": null}]}}"#,
        r#"{"rule": {"chain": "judge", "expr": []}}"#,
        r#"{"set": {"name": "s"}}"#,
        r#"{"map": {"name": "other", "type": "ether_addr", "map": "verdict"}}"#,
    ] {
        let object: Value = serde_json::from_str(object).expect("JSON");
        let answer = serde_json::json!({ "nftables": [object] });
        assert!(read::held(&answer).is_err(), "{answer}");
    }
    assert_eq!(read::held(&Value::Null), Ok(None));
}

#[test]
fn nothing_is_done_where_nothing_differs() {
    let rules = compile(&plans());
    assert_eq!(text::transaction(Some(&rules), &rules), None);
    assert!(text::transaction(None, &rules).is_some());
}
