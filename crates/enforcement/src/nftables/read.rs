//! What the kernel says that it holds (libnftables-json(5)), as rules.
//!
//! Refuses whatever we never write: a rule that is not understood can't be proved, so it is
//! somebody else's.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};

use domain::device::MacAddress;
use serde_json::Value;

use super::compile::MAPS;
use super::model::{
    ARP, Chain, Field, Hook, ICMP, ICMP6, IP4, IP6, Is, Map, Match, Rule, Ruleset, SYN, TCP, UDP,
    Verdict, number, of_mac,
};

/// Something in our table that we never wrote.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it holds `{0}`, which is not understood")]
pub struct Foreign(pub String);

/// Reads the answer to `nft -j list table`; `None` where there is no such table.
pub(super) fn held(answer: &Value) -> Result<Option<Ruleset>, Foreign> {
    let Some(objects) = answer.get("nftables").and_then(Value::as_array) else { return Ok(None) };
    let mut rules = Ruleset::default();
    for object in objects {
        let (kind, body) = only(object)?;
        match kind {
            "metainfo" | "table" => {}
            "map" => map(&mut rules, body)?,
            "chain" => chain(&mut rules, body)?,
            "rule" => {
                let chain = rules.chains.entry(text(body, "chain")?.to_owned()).or_default();
                chain.rules.push(rule(body)?);
            }
            _ => return Err(foreign(object)),
        }
    }
    Ok(Some(rules))
}

fn foreign(value: &Value) -> Foreign {
    Foreign(domain::bounded::quote(&value.to_string()))
}

/// The one member of an object.
fn only(value: &Value) -> Result<(&str, &Value), Foreign> {
    let mut members = value.as_object().ok_or_else(|| foreign(value))?.iter();
    match (members.next(), members.next()) {
        (Some((key, body)), None) => Ok((key, body)),
        _ => Err(foreign(value)),
    }
}

fn text<'v>(value: &'v Value, key: &str) -> Result<&'v str, Foreign> {
    value.get(key).and_then(Value::as_str).ok_or_else(|| foreign(value))
}

fn array(value: &Value) -> Result<&Vec<Value>, Foreign> {
    value.as_array().ok_or_else(|| foreign(value))
}

fn map(rules: &mut Ruleset, body: &Value) -> Result<(), Foreign> {
    let name = text(body, "name")?;
    let (_, kind, field) =
        *MAPS.iter().find(|(known, ..)| *known == name).ok_or_else(|| foreign(body))?;
    if text(body, "type")? != kind || text(body, "map")? != "verdict" {
        return Err(foreign(body));
    }
    let mut map = Map { kind: kind.to_owned(), ..Map::default() };
    for element in body.get("elem").and_then(Value::as_array).into_iter().flatten() {
        let [key, verdict] = array(element)?.as_slice() else { return Err(foreign(element)) };
        let ("jump", to) = only(verdict)? else { return Err(foreign(verdict)) };
        map.elements.insert(value(field, key)?, text(to, "target")?.to_owned());
    }
    rules.maps.insert(name.to_owned(), map);
    Ok(())
}

fn chain(rules: &mut Ruleset, body: &Value) -> Result<(), Foreign> {
    let hook = match body.get("hook") {
        None => None,
        Some(_) => Some(Hook {
            name: text(body, "hook")?.to_owned(),
            priority: body.get("prio").and_then(Value::as_i64).ok_or_else(|| foreign(body))?,
            policy: text(body, "policy")?.to_owned(),
        }),
    };
    rules.chains.insert(text(body, "name")?.to_owned(), Chain { hook, rules: Vec::new() });
    Ok(())
}

fn rule(body: &Value) -> Result<Rule, Foreign> {
    let mut matches = Vec::new();
    let mut verdict = None;
    for expression in array(body.get("expr").unwrap_or(&Value::Null))? {
        // After a verdict nothing is reached.
        if verdict.is_some() {
            return Err(foreign(body));
        }
        let (kind, value) = only(expression)?;
        match kind {
            "counter" => {}
            "match" => matches.extend(condition(value)?),
            "return" => verdict = Some(Verdict::Return),
            "drop" => verdict = Some(Verdict::Drop),
            "jump" => verdict = Some(Verdict::Jump(text(value, "target")?.to_owned())),
            "vmap" => {
                let key = field(value.get("key").unwrap_or(&Value::Null))?;
                let name = text(value, "data")?.strip_prefix('@').ok_or_else(|| foreign(value))?;
                verdict = Some(Verdict::Map(key, name.to_owned()));
            }
            _ => return Err(foreign(expression)),
        }
    }
    Ok(Rule { matches, verdict: verdict.ok_or_else(|| foreign(body))? })
}

/// A condition. That a field's own protocol must be there is part of the field.
fn condition(body: &Value) -> Result<Option<Match>, Foreign> {
    let is = match text(body, "op")? {
        "==" | "in" => Is::In,
        "!=" => Is::NotIn,
        _ => return Err(foreign(body)),
    };
    let (left, right) = (body.get("left"), body.get("right"));
    let (left, right) = (left.unwrap_or(&Value::Null), right.unwrap_or(&Value::Null));
    let fields: Vec<Field> = match left.get("concat") {
        Some(parts) => array(parts)?.iter().map(field).collect::<Result<_, _>>()?,
        None => vec![field(left)?],
    };
    let listed = match right.get("set") {
        Some(listed) => array(listed)?.iter().collect(),
        None => vec![right],
    };
    let mut values = BTreeSet::new();
    for item in listed {
        let parts: Vec<&Value> = match item.get("concat") {
            Some(parts) => array(parts)?.iter().collect(),
            None => vec![item],
        };
        if parts.len() != fields.len() {
            return Err(foreign(item));
        }
        let each = fields.iter().zip(parts).map(|(field, part)| value(*field, part));
        values.insert(each.collect::<Result<Vec<u128>, Foreign>>()?);
    }
    Ok(Some(Match { fields, is, values }))
}

fn field(left: &Value) -> Result<Field, Foreign> {
    let (kind, body) = only(left)?;
    let found = match kind {
        "meta" => match text(body, "key")? {
            "protocol" => Some(Field::Protocol),
            "l4proto" => Some(Field::Transport),
            _ => None,
        },
        "payload" => payload(body),
        "exthdr" => (text(body, "name")?, text(body, "field")?)
            .eq(&("frag", "frag-off"))
            .then_some(Field::Ip6Offset),
        "&" => masked(body),
        _ => None,
    };
    found.ok_or_else(|| foreign(left))
}

fn payload(body: &Value) -> Option<Field> {
    if let Some(base) = body.get("base") {
        let place = (base.as_str()?, body.get("offset")?.as_u64()?, body.get("len")?.as_u64()?);
        return (place == ("th", 64, 128)).then_some(Field::DiscoveryTarget);
    }
    Some(match (body.get("protocol")?.as_str()?, body.get("field")?.as_str()?) {
        ("ether", "saddr") => Field::EtherSource,
        ("ether", "daddr") => Field::EtherDestination,
        ("arp", "saddr ip") => Field::ArpSender,
        ("arp", "daddr ip") => Field::ArpTarget,
        ("ip", "saddr") => Field::Ip4Source,
        ("ip", "daddr") => Field::Ip4Destination,
        ("ip6", "saddr") => Field::Ip6Source,
        ("ip6", "daddr") => Field::Ip6Destination,
        ("tcp", "sport") => Field::TcpSource,
        ("tcp", "dport") => Field::TcpDestination,
        ("udp", "sport") => Field::UdpSource,
        ("udp", "dport") => Field::UdpDestination,
        ("icmpv6", "type") => Field::Icmp6Type,
        _ => return None,
    })
}

/// The two fields that are looked at through a mask.
fn masked(body: &Value) -> Option<Field> {
    let [left, mask] = body.as_array()?.as_slice() else { return None };
    let left = left.get("payload")?;
    let place = (left.get("protocol")?.as_str()?, left.get("field")?.as_str()?);
    let flags = || -> Option<BTreeSet<&str>> {
        let named = mask.as_array().or_else(|| mask.get("|")?.as_array())?;
        named.iter().map(Value::as_str).collect()
    };
    match place {
        ("ip", "frag-off") => (mask.as_u64() == Some(0x1FFF)).then_some(Field::Ip4Offset),
        ("tcp", "flags") => {
            (flags()? == BTreeSet::from(["syn", "ack"])).then_some(Field::TcpSynAck)
        }
        _ => None,
    }
}

fn value(field: Field, right: &Value) -> Result<u128, Foreign> {
    let found = match right {
        Value::Number(number) => number.as_u64().map(u128::from),
        Value::String(text) => of_text(field, text),
        _ => None,
    };
    found.ok_or_else(|| foreign(right))
}

fn of_text(field: Field, text: &str) -> Option<u128> {
    match field {
        Field::EtherSource | Field::EtherDestination => MacAddress::parse(text).map(of_mac),
        Field::ArpSender | Field::ArpTarget | Field::Ip4Source | Field::Ip4Destination => {
            Some(number(text.parse::<Ipv4Addr>().ok()?.into()))
        }
        Field::Ip6Source | Field::Ip6Destination => {
            Some(number(text.parse::<Ipv6Addr>().ok()?.into()))
        }
        Field::Transport => Some(match text {
            "icmp" => ICMP,
            "tcp" => TCP,
            "udp" => UDP,
            "ipv6-icmp" | "icmpv6" => ICMP6,
            "igmp" => 2,
            "gre" => 47,
            "esp" => 50,
            "ah" => 51,
            "ospf" => 89,
            "pim" => 103,
            "vrrp" => 112,
            "sctp" => 132,
            "udplite" => 136,
            other => other.parse().ok()?,
        }),
        Field::Protocol => Some(match text {
            "ip" => IP4,
            "ip6" => IP6,
            "arp" => ARP,
            "8021q" | "vlan" => 0x8100,
            "8021ad" => 0x88A8,
            other => u128::from_str_radix(other.strip_prefix("0x")?, 16).ok()?,
        }),
        Field::TcpSynAck => (text == "syn").then_some(SYN),
        Field::Icmp6Type => Some(match text {
            "nd-router-solicit" => 133,
            "nd-router-advert" => 134,
            "nd-neighbor-solicit" => 135,
            "nd-neighbor-advert" => 136,
            "nd-redirect" => 137,
            _ => return None,
        }),
        Field::DiscoveryTarget => u128::from_str_radix(text.strip_prefix("0x")?, 16).ok(),
        _ => None,
    }
}
