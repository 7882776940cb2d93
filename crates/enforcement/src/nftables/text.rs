//! Rules as nft(8) writes them, and the one transaction that makes the kernel hold them.
//!
//! Refuses to touch any table but ours, and whatever in ours is right already.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::TABLE;
use super::compile::MAPS;
use super::model::{ACK, Chain, Field, IP4, IP6, Is, Match, Rule, Ruleset, SYN, Verdict};

/// The commands that lead from what is held to what is wanted; none where nothing has to change.
/// `None` is held where it is not understood: then all is replaced.
pub(super) fn transaction(held: Option<&Ruleset>, wanted: &Ruleset) -> Option<String> {
    match held {
        Some(held) if held == wanted => None,
        Some(held) if !held.chains.is_empty() && !wanted.chains.is_empty() => {
            Some(change(held, wanted))
        }
        _ if wanted.chains.is_empty() => {
            Some(format!("add table bridge {TABLE}\ndelete table bridge {TABLE}\n"))
        }
        _ => Some(whole(wanted)),
    }
}

/// The table as a whole, in the place of whatever stood there.
fn whole(wanted: &Ruleset) -> String {
    let mut out = format!("add table bridge {TABLE}\ndelete table bridge {TABLE}\n");
    let _ = writeln!(out, "add table bridge {TABLE}");
    for (name, map) in &wanted.maps {
        let _ = writeln!(out, "add map bridge {TABLE} {name} {{ type {} : verdict; }}", map.kind);
    }
    for (name, chain) in &wanted.chains {
        add_chain(&mut out, name, chain);
    }
    for (name, chain) in &wanted.chains {
        add_rules(&mut out, name, chain);
    }
    for (name, map) in &wanted.maps {
        let elements: Vec<(&u128, &String)> = map.elements.iter().collect();
        elements_of(&mut out, "add", name, &elements);
    }
    out
}

/// Only what differs: new chains first, then the maps that lead to them, then what nothing leads
/// to any more.
fn change(held: &Ruleset, wanted: &Ruleset) -> String {
    let mut out = String::new();
    for (name, chain) in &wanted.chains {
        if !held.chains.contains_key(name) {
            add_chain(&mut out, name, chain);
        }
    }
    for (name, chain) in &wanted.chains {
        if held.chains.get(name) != Some(chain) {
            let _ = writeln!(out, "flush chain bridge {TABLE} {name}");
            add_rules(&mut out, name, chain);
        }
    }
    for (name, map) in &wanted.maps {
        let empty = super::model::Map::default();
        let before = &held.maps.get(name).unwrap_or(&empty).elements;
        let differs = |(key, chain): &(&u128, &String)| before.get(*key) != Some(*chain);
        let gone = |(key, chain): &(&u128, &String)| map.elements.get(*key) != Some(*chain);
        let old: Vec<(&u128, &String)> = before.iter().filter(gone).collect();
        let new: Vec<(&u128, &String)> = map.elements.iter().filter(differs).collect();
        elements_of(&mut out, "delete", name, &old);
        elements_of(&mut out, "add", name, &new);
    }
    let gone: Vec<&String> =
        held.chains.keys().filter(|name| !wanted.chains.contains_key(*name)).collect();
    for name in &gone {
        let _ = writeln!(out, "flush chain bridge {TABLE} {name}");
    }
    for name in &gone {
        let _ = writeln!(out, "delete chain bridge {TABLE} {name}");
    }
    out
}

fn add_chain(out: &mut String, name: &str, chain: &Chain) {
    let _ = write!(out, "add chain bridge {TABLE} {name}");
    if let Some(hook) = &chain.hook {
        let _ = write!(
            out,
            " {{ type filter hook {} priority {}; policy {}; }}",
            hook.name, hook.priority, hook.policy
        );
    }
    out.push('\n');
}

fn add_rules(out: &mut String, name: &str, chain: &Chain) {
    for rule in &chain.rules {
        let _ = writeln!(out, "add rule bridge {TABLE} {name} {}", of_rule(rule));
    }
}

fn elements_of(out: &mut String, verb: &str, name: &str, elements: &[(&u128, &String)]) {
    if elements.is_empty() {
        return;
    }
    let field = MAPS.iter().find(|(map, ..)| *map == name).map(|(.., field)| *field);
    let Some(field) = field else { return };
    let each: Vec<String> = elements
        .iter()
        .map(|(key, chain)| format!("{} : jump {chain}", of_value(field, **key)))
        .collect();
    let _ = writeln!(out, "{verb} element bridge {TABLE} {name} {{ {} }}", each.join(", "));
}

fn of_rule(rule: &Rule) -> String {
    let mut words: Vec<String> = dependencies(rule).into_iter().map(str::to_owned).collect();
    words.extend(rule.matches.iter().map(of_match));
    words.push(match &rule.verdict {
        Verdict::Return => "return".to_owned(),
        Verdict::Drop => "counter drop".to_owned(),
        Verdict::Jump(chain) => format!("jump {chain}"),
        Verdict::Map(field, map) => format!("{} vmap @{map}", of_field(*field)),
    });
    words.join(" ")
}

/// The protocols that a rule's fields belong to, written out: left to itself, nft would look for
/// them at the place where a VLAN tag may stand.
fn dependencies(rule: &Rule) -> BTreeSet<&'static str> {
    let of_verdict = match &rule.verdict {
        Verdict::Map(field, _) => Some(*field),
        _ => None,
    };
    let fields = rule.matches.iter().flat_map(|condition| condition.fields.iter().copied());
    let fields = fields.chain(of_verdict);
    fields
        .filter_map(|field| match field {
            Field::ArpSender | Field::ArpTarget => Some("meta protocol arp"),
            Field::Ip4Source | Field::Ip4Destination | Field::Ip4Offset => Some("meta protocol ip"),
            Field::Ip6Source
            | Field::Ip6Destination
            | Field::Ip6Offset
            | Field::Icmp6Type
            | Field::DiscoveryTarget => Some("meta protocol ip6"),
            _ => None,
        })
        .collect()
}

fn of_match(condition: &Match) -> String {
    let fields: Vec<&str> = condition.fields.iter().map(|field| of_field(*field)).collect();
    let not = if condition.is == Is::NotIn { "!= " } else { "" };
    let value = |values: &Vec<u128>| {
        let each = condition.fields.iter().zip(values);
        let each: Vec<String> = each.map(|(field, value)| of_value(*field, *value)).collect();
        each.join(" . ")
    };
    let values: Vec<String> = condition.values.iter().map(value).collect();
    let values = match values.as_slice() {
        // One value stands alone, but not where several fields are looked at together.
        [one] if condition.fields.len() == 1 => one.clone(),
        all => format!("{{ {} }}", all.join(", ")),
    };
    format!("{} {not}{values}", fields.join(" . "))
}

fn of_field(field: Field) -> &'static str {
    match field {
        Field::EtherSource => "ether saddr",
        Field::EtherDestination => "ether daddr",
        Field::Protocol => "meta protocol",
        Field::ArpSender => "arp saddr ip",
        Field::ArpTarget => "arp daddr ip",
        Field::Ip4Source => "ip saddr",
        Field::Ip4Destination => "ip daddr",
        Field::Ip6Source => "ip6 saddr",
        Field::Ip6Destination => "ip6 daddr",
        Field::Transport => "meta l4proto",
        Field::Ip4Offset => "ip frag-off & 0x1fff",
        Field::Ip6Offset => "frag frag-off",
        Field::TcpSource => "tcp sport",
        Field::TcpDestination => "tcp dport",
        Field::TcpSynAck => "tcp flags & (syn | ack)",
        Field::UdpSource => "udp sport",
        Field::UdpDestination => "udp dport",
        Field::Icmp6Type => "icmpv6 type",
        // The target follows eight bytes of header (RFC 4861, section 4.3).
        Field::DiscoveryTarget => "@th,64,128",
    }
}

fn of_value(field: Field, value: u128) -> String {
    let low = u32::try_from(value & u128::from(u32::MAX)).unwrap_or_default();
    match field {
        Field::EtherSource | Field::EtherDestination => {
            let octets = value.to_be_bytes();
            let octets: Vec<String> = octets.iter().skip(10).map(|o| format!("{o:02x}")).collect();
            octets.join(":")
        }
        Field::ArpSender | Field::ArpTarget | Field::Ip4Source | Field::Ip4Destination => {
            Ipv4Addr::from_bits(low).to_string()
        }
        Field::Ip6Source | Field::Ip6Destination => Ipv6Addr::from_bits(value).to_string(),
        Field::DiscoveryTarget => format!("0x{value:032x}"),
        Field::Protocol => match value {
            IP4 => "ip".to_owned(),
            IP6 => "ip6".to_owned(),
            other => format!("{other:#06x}"),
        },
        Field::TcpSynAck => match value {
            SYN => "syn".to_owned(),
            ACK => "ack".to_owned(),
            other => other.to_string(),
        },
        _ => value.to_string(),
    }
}
