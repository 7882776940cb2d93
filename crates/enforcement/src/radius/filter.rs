//! A plan as filter rules in the form of Diameter (`IPFilterRule`, RFC 6733, section 4.3.1), which
//! NAS-Filter-Rule carries to a port (RFC 4849).
//!
//! Refuses to let more pass than the plan does where the form can tell the difference. It can't in
//! three places. It knows no ARP, which therefore passes. It can't tell neighbour discovery from
//! other `ICMPv6`, so a device with a peer on IPv6 may send any of it to that peer and to groups
//! of its link. And its `established` takes RST for ACK, so that a segment with SYN and RST passes,
//! which opens nothing. Less than the plan passes of fragments, for a rule with ports matches none
//! but the first, and of TCP without any of SYN, ACK and RST, which nobody sends in earnest.

use std::collections::BTreeSet;
use std::net::IpAddr;

use decisions::containment::passes::{
    DHCP_CLIENT, DHCP_SERVER, DHCP6_CLIENT, DHCP6_GROUP, DHCP6_SERVER,
};
use decisions::containment::plan::Plan;
use domain::care::CareRole;
use domain::network::Transport;
use domain::order::{Level, Opening, Side};
use serde::Deserialize;

/// How rules name the device's own address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Own {
    /// By the addresses that the plan knows; any of a family of which it knows none.
    #[default]
    Known,
    /// By the word `assigned`, where the port knows its device's address.
    Assigned,
    /// By no address, where a port takes no other: whoever is on the port may have any address.
    Any,
}

/// What lets everything pass: the rules that lift.
#[must_use]
pub fn open() -> Vec<String> {
    ["in", "out"].map(|way| format!("permit {way} ip from any to any")).to_vec()
}

/// The rules that mean what the plan means, each once, what is denied last.
#[must_use]
pub fn rules(plan: &Plan, own: Own) -> Vec<String> {
    if plan.level == Level::Watch {
        return open();
    }
    let mut rules = Rules { plan, own, said: BTreeSet::new(), all: Vec::new() };
    if plan.level != Level::Isolate {
        plan.openings.iter().for_each(|opening| rules.opening(opening));
        if plan.openings.iter().any(|opening| opening.peer.is_ipv6()) {
            rules.say("permit in 58 from ::/0 to ff02::/16".to_owned());
            rules.say("permit out 58 from ::/0 to ff02::/16".to_owned());
        }
    }
    // Said, for else the last rule's opposite would hold (RFC 6733, section 4.3.1).
    rules.say("deny in ip from any to any".to_owned());
    rules.say("deny out ip from any to any".to_owned());
    rules.all
}

struct Rules<'p> {
    plan: &'p Plan,
    own: Own,
    said: BTreeSet<String>,
    all: Vec<String>,
}

impl Rules<'_> {
    fn say(&mut self, rule: String) {
        if self.said.insert(rule.clone()) {
            self.all.push(rule);
        }
    }

    fn opening(&mut self, opening: &Opening) {
        let peer = opening.peer;
        let port = opening.service.port;
        let protocol = protocol(opening.service.transport, peer);
        for own in self.own(peer.is_ipv4()) {
            let (into, out) = match (opening.service.transport, opening.side) {
                (Transport::Tcp, Side::Client) => (
                    format!("from {own} to {peer} {port}"),
                    format!("from {peer} {port} to {own} established"),
                ),
                (Transport::Tcp, Side::Server) => (
                    format!("from {own} {port} to {peer} established"),
                    format!("from {peer} to {own} {port}"),
                ),
                (Transport::Udp, Side::Client) => {
                    (format!("from {own} to {peer} {port}"), format!("from {peer} {port} to {own}"))
                }
                (Transport::Udp, Side::Server) => {
                    (format!("from {own} {port} to {peer}"), format!("from {peer} to {own} {port}"))
                }
                _ => (format!("from {own} to {peer}"), format!("from {peer} to {own}")),
            };
            self.say(format!("permit in {protocol} {into}"));
            self.say(format!("permit out {protocol} {out}"));
        }
        if peer.is_ipv6() {
            // Whether the neighbour is still there is asked of itself (RFC 4861, section 7.3).
            for own in self.own(false) {
                self.say(format!("permit in 58 from {own} to {peer}"));
                self.say(format!("permit out 58 from {peer} to {own}"));
            }
        }
        self.lease(opening);
    }

    /// Where a lease is kept open, the device may ask everybody, and whoever leases may answer.
    fn lease(&mut self, opening: &Opening) {
        let asks = opening.role == CareRole::Identity && opening.side == Side::Client;
        if !asks || opening.service.transport != Transport::Udp {
            return;
        }
        match opening.service.port {
            DHCP_SERVER => {
                let unaddressed = std::iter::once("0.0.0.0".to_owned());
                for own in unaddressed.chain(self.own(true)) {
                    self.say(format!(
                        "permit in 17 from {own} {DHCP_CLIENT} to 255.255.255.255 {DHCP_SERVER}"
                    ));
                }
                self.say(format!(
                    "permit out 17 from 0.0.0.0/0 {DHCP_SERVER} to 0.0.0.0/0 {DHCP_CLIENT}"
                ));
            }
            DHCP6_SERVER => {
                self.say(format!(
                    "permit in 17 from ::/0 {DHCP6_CLIENT} to {DHCP6_GROUP} {DHCP6_SERVER}"
                ));
                self.say(format!("permit out 17 from ::/0 {DHCP6_SERVER} to ::/0 {DHCP6_CLIENT}"));
            }
            _ => {}
        }
    }

    /// The device's own addresses of a family, as rules name them.
    fn own(&self, four: bool) -> Vec<String> {
        let any = if four { "0.0.0.0/0" } else { "::/0" };
        match self.own {
            Own::Assigned => vec!["assigned".to_owned()],
            Own::Any => vec![any.to_owned()],
            Own::Known => {
                let named = self.plan.interfaces.iter().flat_map(|interface| &interface.addresses);
                let named: BTreeSet<&IpAddr> =
                    named.filter(|address| address.is_ipv4() == four).collect();
                if named.is_empty() {
                    return vec![any.to_owned()];
                }
                named.into_iter().map(ToString::to_string).collect()
            }
        }
    }
}

/// The protocol's number at IANA: the form knows no names but `ip`.
fn protocol(transport: Transport, peer: IpAddr) -> u8 {
    match transport {
        Transport::Tcp => 6,
        Transport::Udp => 17,
        Transport::Icmp if peer.is_ipv4() => 1,
        Transport::Icmp => 58,
        Transport::Other(number) => number,
    }
}
