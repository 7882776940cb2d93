//! What the kernel says that it holds, as rules: objects of libnftables-json(5), and the keys of
//! elements as they stand in the kernel.
//!
//! Refuses whatever we never write: a rule that is not understood can't be proved, so it is
//! somebody else's.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};

use domain::device::MacAddress;
use serde_json::Value;

use super::kernel::Listed;
use super::layout::Name;
use super::model::{
    ARP, Chain, Elements, Field, Hook, ICMP, ICMP6, IP4, IP6, Is, MAY_NOT_BE_CUT, Match, Rule,
    Ruleset, SYN, TCP, TOO_BIG, UDP, UNREACHABLE, Values, Verdict, number, of_mac,
};
use super::netlink::Key;
use super::text::of_kind;

/// Something in our table that we never wrote.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it holds `{0}`, which is not understood")]
pub struct Foreign(pub String);

/// Reads what was listed; `None` where there is no such table.
pub(super) fn held(listed: &Listed) -> Result<Option<Ruleset>, Foreign> {
    if listed.objects.is_empty() {
        return Ok(None);
    }
    let mut rules = Ruleset::default();
    for object in &listed.objects {
        let (kind, body) = only(object)?;
        match kind {
            "table" => {}
            "set" => {
                let elements = listed.elements.get(text(body, "name")?);
                set(&mut rules, body, elements.ok_or_else(|| foreign(body))?)?;
            }
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

/// What the kernel says of a set of ours. A time-out or an interval would mean something else.
const OF_SET: [&str; 6] = ["family", "name", "table", "type", "handle", "elem"];

fn set(rules: &mut Ruleset, body: &Value, keys: &[Key]) -> Result<(), Foreign> {
    let name = Name::of(text(body, "name")?).ok_or_else(|| foreign(body))?;
    let kinds: Vec<&Value> = match body.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().collect(),
        kind => kind.into_iter().collect(),
    };
    let known = body.as_object().is_some_and(|o| o.keys().all(|k| OF_SET.contains(&k.as_str())));
    let wanted = name.kinds().iter().map(|field| Some(of_kind(*field)));
    if !known || !kinds.iter().map(|kind| kind.as_str()).eq(wanted) {
        return Err(foreign(body));
    }
    let elements = keys.iter().map(|key| {
        let found = key.as_deref().and_then(|key| of_key(name.kinds(), key));
        found.ok_or_else(|| Foreign(format!("the element {key:x?} of the set {}", name.text())))
    });
    rules.sets.insert(name, elements.collect::<Result<_, _>>()?);
    Ok(())
}

/// The values of fields that stand in a key: each from its first octet on, and filled up to four,
/// where it does not stand alone.
fn of_key(fields: &[Field], key: &[u8]) -> Option<Vec<u128>> {
    let mut rest = key;
    let values = fields.iter().map(|field| {
        let (value, after) = rest.split_at_checked(octets(*field))?;
        let filled = value.len().next_multiple_of(4) - value.len();
        let (fill, after) = after.split_at_checked(if fields.len() > 1 { filled } else { 0 })?;
        rest = after;
        let is_empty = fill.iter().all(|octet| *octet == 0);
        is_empty.then(|| value.iter().fold(0, |number, octet| number << 8 | u128::from(*octet)))
    });
    let values = values.collect::<Option<Vec<u128>>>()?;
    rest.is_empty().then_some(values)
}

/// How many octets a field takes in a key.
fn octets(field: Field) -> usize {
    match of_kind(field) {
        "ether_addr" => 6,
        "ipv4_addr" => 4,
        "ipv6_addr" => 16,
        "inet_service" => 2,
        "inet_proto" => 1,
        _ => match field {
            Field::Quote4Transport | Field::Quote6Transport => 1,
            Field::Quote4From | Field::Quote4To | Field::Quote6From | Field::Quote6To => 2,
            Field::Quote4Source | Field::Quote4Destination => 4,
            _ => 16,
        },
    }
}

/// Values of fields that are looked at together.
fn element(fields: &[Field], item: &Value) -> Result<Vec<u128>, Foreign> {
    let parts = match item.get("concat") {
        Some(parts) => array(parts)?.as_slice(),
        None => std::slice::from_ref(item),
    };
    if parts.len() != fields.len() {
        return Err(foreign(item));
    }
    fields.iter().zip(parts).map(|(field, part)| value(*field, part)).collect()
}

fn chain(rules: &mut Ruleset, body: &Value) -> Result<(), Foreign> {
    let hook = match body.get("hook") {
        None => None,
        // A chain that translates addresses is entered for the first packet of a flow alone.
        Some(_) if text(body, "type")? != "filter" => return Err(foreign(body)),
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
            "match" => matches.push(condition(value)?),
            "return" => verdict = Some(Verdict::Return),
            "drop" => verdict = Some(Verdict::Drop),
            "jump" => verdict = Some(Verdict::Jump(text(value, "target")?.to_owned())),
            "goto" => verdict = Some(Verdict::Goto(text(value, "target")?.to_owned())),
            _ => return Err(foreign(expression)),
        }
    }
    Ok(Rule { matches, verdict: verdict.ok_or_else(|| foreign(body))? })
}

/// A condition. That a field's own protocol must be there is part of the field.
fn condition(body: &Value) -> Result<Match, Foreign> {
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
    let set = right.as_str().and_then(|text| text.strip_prefix('@'));
    let values = match (set, right.get("set")) {
        (Some(set), _) => Values::Named(Name::of(set).ok_or_else(|| foreign(right))?),
        (None, Some(listed)) => {
            let each = array(listed)?.iter().map(|item| element(&fields, item));
            Values::Listed(each.collect::<Result<Elements, Foreign>>()?)
        }
        (None, None) => Values::Listed([element(&fields, right)?].into()),
    };
    Ok(Match { fields, is, values })
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
    if body.get("base").is_some() {
        return by_place(body);
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
        ("ip6", "hoplimit") => Field::HopLimit,
        ("icmp", "type") => Field::Icmp4Type,
        ("icmp", "code") => Field::Icmp4Code,
        ("icmpv6", "type") => Field::Icmp6Type,
        _ => return None,
    })
}

/// The fields that have no name: where they begin behind the header of IP, and how long they are,
/// in bits.
fn by_place(body: &Value) -> Option<Field> {
    if body.get("base")?.as_str()? != "th" {
        return None;
    }
    Some(match (body.get("offset")?.as_u64()?, body.get("len")?.as_u64()?) {
        (64, 128) => Field::DiscoveryTarget,
        (64, 64) => Field::DiscoveryNet,
        (64, 8) => Field::Quote4Start,
        (136, 8) => Field::Quote4Transport,
        (160, 32) => Field::Quote4Source,
        (192, 32) => Field::Quote4Destination,
        (224, 16) => Field::Quote4From,
        (240, 16) => Field::Quote4To,
        (112, 8) => Field::Quote6Transport,
        (128, 128) => Field::Quote6Source,
        (256, 128) => Field::Quote6Destination,
        (384, 16) => Field::Quote6From,
        (400, 16) => Field::Quote6To,
        _ => return None,
    })
}

/// The fields that are looked at through a mask.
fn masked(body: &Value) -> Option<Field> {
    let [left, mask] = body.as_array()?.as_slice() else { return None };
    let left = left.get("payload")?;
    if left.get("base").is_some() {
        let place = (left.get("base")?.as_str()?, left.get("offset")?.as_u64()?);
        let offset = place == ("th", 112) && left.get("len")?.as_u64()? == 16;
        return (offset && mask.as_u64() == Some(0x1FFF)).then_some(Field::Quote4Offset);
    }
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
        Value::Number(number) => match (field, number.as_i64()) {
            // `nft` takes what fills 64 bits for a number with a sign.
            (Field::DiscoveryNet, Some(number)) => Some(u128::from(number.cast_unsigned())),
            _ => number.as_u64().map(u128::from),
        },
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
        Field::Icmp4Type => (text == "destination-unreachable").then_some(UNREACHABLE),
        Field::Icmp4Code => (text == "frag-needed").then_some(MAY_NOT_BE_CUT),
        Field::Icmp6Type => Some(match text {
            "packet-too-big" => TOO_BIG,
            "nd-router-solicit" => 133,
            "nd-router-advert" => 134,
            "nd-neighbor-solicit" => 135,
            "nd-neighbor-advert" => 136,
            "nd-redirect" => 137,
            _ => return None,
        }),
        Field::DiscoveryTarget | Field::Quote6Source | Field::Quote6Destination => {
            u128::from_str_radix(text.strip_prefix("0x")?, 16).ok()
        }
        _ => None,
    }
}
