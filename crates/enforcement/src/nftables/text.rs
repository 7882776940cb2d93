//! Rules as nft(8) writes them, and the one transaction that makes the kernel hold them.
//!
//! Refuses to touch any table but ours, and whatever in ours is right already.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::TABLE;
use super::layout::{Name, Place};
use super::model::{ACK, Chain, Elements, Field, IP4, IP6, Is, Match, Rule, Ruleset, SYN};
use super::model::{Values, Verdict};

/// Most elements of a set in one command.
const ELEMENTS: usize = 4_000;

/// The commands that lead from what is held to what is wanted; none where nothing has to change.
/// `None` is held where it is not understood: then all is replaced.
pub(super) fn transaction(
    place: Place,
    held: Option<&Ruleset>,
    wanted: &Ruleset,
) -> Option<String> {
    let table = format!("{} {TABLE}", place.family());
    let gone = format!("add table {table}\ndelete table {table}\n");
    match held {
        Some(held) if held == wanted => None,
        _ if wanted.chains.is_empty() => Some(gone),
        Some(held) if held.chains == wanted.chains && held.sets.keys().eq(wanted.sets.keys()) => {
            Some(change(&table, held, wanted))
        }
        _ => Some(gone + &whole(place, &table, wanted)),
    }
}

/// The table as a whole.
fn whole(place: Place, table: &str, wanted: &Ruleset) -> String {
    let mut out = format!("add table {table}\n");
    for name in wanted.sets.keys() {
        let _ = writeln!(out, "add set {table} {} {{ {}; }}", name.text(), of_kinds(*name));
    }
    for (name, chain) in &wanted.chains {
        add_chain(&mut out, table, name, chain);
    }
    for (name, chain) in &wanted.chains {
        for rule in &chain.rules {
            let _ = writeln!(out, "add rule {table} {name} {}", of_rule(place, rule));
        }
    }
    for (name, elements) in &wanted.sets {
        elements_of(&mut out, "add", table, *name, elements.iter());
    }
    out
}

/// Only what differs.
fn change(table: &str, held: &Ruleset, wanted: &Ruleset) -> String {
    let mut out = String::new();
    let none = Elements::new();
    for (name, elements) in &wanted.sets {
        let before = held.sets.get(name).unwrap_or(&none);
        elements_of(&mut out, "delete", table, *name, before.difference(elements));
        elements_of(&mut out, "add", table, *name, elements.difference(before));
    }
    out
}

fn add_chain(out: &mut String, table: &str, name: &str, chain: &Chain) {
    let _ = write!(out, "add chain {table} {name}");
    if let Some(hook) = &chain.hook {
        let _ = write!(
            out,
            " {{ type filter hook {} priority {}; policy {}; }}",
            hook.name, hook.priority, hook.policy
        );
    }
    out.push('\n');
}

fn elements_of<'e>(
    out: &mut String,
    verb: &str,
    table: &str,
    name: Name,
    elements: impl Iterator<Item = &'e Vec<u128>>,
) {
    let each: Vec<String> = elements.map(|element| of_element(name.kinds(), element)).collect();
    for some in each.chunks(ELEMENTS) {
        let _ = writeln!(out, "{verb} element {table} {} {{ {} }}", name.text(), some.join(", "));
    }
}

/// What the elements of a set are made of, by name where there is one. Where a field is read by its
/// place alone, its kind has no name and is told by an example.
fn of_kinds(name: Name) -> String {
    let kinds = name.kinds();
    let listed = |each: fn(Field) -> &'static str| {
        kinds.iter().map(|field| each(*field)).collect::<Vec<&str>>().join(" . ")
    };
    if kinds.iter().any(|field| of_kind(*field) == UNNAMED) {
        format!("typeof {}", listed(of_field))
    } else {
        format!("type {}", listed(of_kind))
    }
}

/// As the kernel lists the kind of a field that is read by its place alone.
const UNNAMED: &str = "integer";

/// The kind of a field.
pub(super) fn of_kind(field: Field) -> &'static str {
    match field {
        Field::EtherSource | Field::EtherDestination => "ether_addr",
        Field::ArpSender | Field::ArpTarget | Field::Ip4Source | Field::Ip4Destination => {
            "ipv4_addr"
        }
        Field::Ip6Source | Field::Ip6Destination => "ipv6_addr",
        Field::TcpSource | Field::TcpDestination | Field::UdpSource | Field::UdpDestination => {
            "inet_service"
        }
        Field::Transport => "inet_proto",
        _ => UNNAMED,
    }
}

fn of_rule(place: Place, rule: &Rule) -> String {
    let mut words: Vec<String> = match place {
        Place::Bridge => dependencies(rule).into_iter().map(str::to_owned).collect(),
        Place::Router => Vec::new(),
    };
    words.extend(rule.matches.iter().map(of_match));
    words.push(match &rule.verdict {
        Verdict::Return => "return".to_owned(),
        Verdict::Drop => "counter drop".to_owned(),
        Verdict::Jump(chain) => format!("jump {chain}"),
        Verdict::Goto(chain) => format!("goto {chain}"),
    });
    words.join(" ")
}

/// The protocols that a rule's fields belong to, written out: left to itself, nft would look for
/// them at the place where a VLAN tag may stand.
fn dependencies(rule: &Rule) -> BTreeSet<&'static str> {
    let fields = rule.matches.iter().flat_map(|condition| condition.fields.iter().copied());
    fields
        .filter_map(|field| match field {
            Field::ArpSender | Field::ArpTarget => Some("meta protocol arp"),
            Field::Ip4Source | Field::Ip4Destination | Field::Ip4Offset | Field::Icmp4Type => {
                Some("meta protocol ip")
            }
            Field::Ip6Source
            | Field::Ip6Destination
            | Field::Ip6Offset
            | Field::HopLimit
            | Field::Icmp6Type => Some("meta protocol ip6"),
            _ => None,
        })
        .collect()
}

fn of_match(condition: &Match) -> String {
    let fields: Vec<&str> = condition.fields.iter().map(|field| of_field(*field)).collect();
    let not = if condition.is == Is::NotIn { "!= " } else { "" };
    let values = match &condition.values {
        Values::Named(name) => format!("@{}", name.text()),
        Values::Listed(listed) => {
            let each = listed.iter().map(|values| of_element(&condition.fields, values));
            let each: Vec<String> = each.collect();
            match each.as_slice() {
                // One value stands alone, but not where several fields are looked at together.
                [one] if condition.fields.len() == 1 => one.clone(),
                all => format!("{{ {} }}", all.join(", ")),
            }
        }
    };
    format!("{} {not}{values}", fields.join(" . "))
}

fn of_element(fields: &[Field], values: &[u128]) -> String {
    let each = fields.iter().zip(values).map(|(field, value)| of_value(*field, *value));
    each.collect::<Vec<String>>().join(" . ")
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
        Field::HopLimit => "ip6 hoplimit",
        Field::Transport => "meta l4proto",
        Field::Ip4Offset => "ip frag-off & 0x1fff",
        Field::Ip6Offset => "frag frag-off",
        Field::TcpSource => "tcp sport",
        Field::TcpDestination => "tcp dport",
        Field::TcpSynAck => "tcp flags & (syn | ack)",
        Field::UdpSource => "udp sport",
        Field::UdpDestination => "udp dport",
        Field::Icmp4Type => "icmp type",
        Field::Icmp4Code => "icmp code",
        Field::Icmp6Type => "icmpv6 type",
        // The target follows eight bytes of header (RFC 4861, section 4.3).
        Field::DiscoveryTarget => "@th,64,128",
        Field::DiscoveryNet => "@th,64,64",
        // What is quoted follows eight bytes of header (RFC 792; RFC 4443, section 3.2): the header
        // of IP (RFC 791, section 3.1; RFC 8200, section 3), and the ports that TCP and UDP begin
        // with.
        Field::Quote4Start => "@th,64,8",
        Field::Quote4Offset => "@th,112,16 & 0x1fff",
        Field::Quote4Transport => "@th,136,8",
        Field::Quote4Source => "@th,160,32",
        Field::Quote4Destination => "@th,192,32",
        Field::Quote4From => "@th,224,16",
        Field::Quote4To => "@th,240,16",
        Field::Quote6Transport => "@th,112,8",
        Field::Quote6Source => "@th,128,128",
        Field::Quote6Destination => "@th,256,128",
        Field::Quote6From => "@th,384,16",
        Field::Quote6To => "@th,400,16",
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
        Field::DiscoveryTarget | Field::Quote6Source | Field::Quote6Destination => {
            format!("0x{value:032x}")
        }
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
