//! The truth of a scene: who is who, what care needs of each device, what the attacker did when.
//!
//! Written by the one who wrote the scene, before anything is observed. Refuses to be adapted to
//! what the program finds: where the two differ, one of them is wrong, and it is looked at which.

use std::net::{IpAddr, Ipv4Addr};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::attack::STEPS;
use super::cast::{CAST, DICOM, HTTP, MLLP, address_of, machine_of};
use super::wire::{Carried, Frame};

/// How long after its last packet a step may be found, in microseconds.
const SOON: i64 = 1_000_000;

/// A member of the cast.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Its address.
    pub address: IpAddr,
    /// Its hardware address.
    pub mac: String,
    /// What it is.
    pub kind: Option<String>,
    /// Its id in the inventory.
    pub id: Option<String>,
}

/// A flow that has to stay open.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Flow {
    /// What it is for.
    pub role: String,
    /// The other end.
    pub peer: IpAddr,
    /// On what: `tcp/6661`.
    pub service: String,
    /// Which end the device is.
    pub side: String,
}

/// What care needs of a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Essential {
    /// Which.
    pub device: String,
    /// What it does for its patient.
    pub flows: Vec<Flow>,
    /// What that lives on: the lease of its address, names, the way.
    pub supports: Vec<Flow>,
}

/// A step of the attack, as it came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attacked {
    /// Which.
    pub step: String,
    /// When it began and ended.
    pub at: (i64, i64),
    /// From where.
    pub source: IpAddr,
    /// Against whom.
    pub target: Option<IpAddr>,
    /// The rules that have to find it.
    pub techniques: Vec<String>,
}

impl Attacked {
    /// The rules that did not find it, by the detections that the program tells (`observe --json`,
    /// or the agent): of its source, against its target, while it was done or soon after.
    #[must_use]
    pub fn missed(&self, detections: &[Value]) -> Vec<&str> {
        let is_found = |rule: &&str| detections.iter().any(|found| self.is_found(found, rule));
        self.techniques.iter().map(String::as_str).filter(|rule| !is_found(rule)).collect()
    }

    fn is_found(&self, detection: &Value, rule: &str) -> bool {
        let text = |key: &str| detection.get(key).and_then(Value::as_str).unwrap_or_default();
        let at = text("at").parse::<jiff::Timestamp>().map(jiff::Timestamp::as_microsecond);
        let targets = detection.get("targets").and_then(Value::as_array);
        let is_target = |target: IpAddr| {
            targets.is_some_and(|targets| targets.contains(&Value::from(target.to_string())))
        };
        text("rule") == rule
            && text("source") == self.source.to_string()
            && at.is_ok_and(|at| (self.at.0..=self.at.1 + SOON).contains(&at))
            && self.target.is_none_or(is_target)
    }
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Truth {
    /// The scene.
    pub scene: String,
    /// Who is who.
    pub cast: Vec<Member>,
    /// What care needs.
    pub essential: Vec<Essential>,
    /// What the attacker did.
    pub attack: Vec<Attacked>,
}

fn flow(role: &str, peer: &str, service: &str) -> Flow {
    let (role, service) = (role.to_owned(), service.to_owned());
    Flow { role, peer: machine_of(peer).ip(), service, side: "client".to_owned() }
}

/// The essential flows of each device, written by hand.
#[must_use]
pub fn essential() -> Vec<Essential> {
    let (mllp, http) = (format!("tcp/{MLLP}"), format!("tcp/{HTTP}"));
    let supports =
        || vec![flow("identity", "infra", "udp/67"), flow("identity", "infra", "udp/53")];
    let of = |device: &str, flows: Vec<Flow>, supports: Vec<Flow>| Essential {
        device: device.to_owned(),
        flows,
        supports,
    };
    let pump = || vec![flow("result", "gateway", &mllp), flow("library", "library", &http)];
    vec![
        of("pump-1", pump(), supports()),
        of("pump-2", pump(), supports()),
        of("monitor", vec![flow("alarm", "central", &mllp)], supports()),
        // Worklist and images go to one service: the more urgent role names the path.
        of("ct", vec![flow("result", "pacs", &format!("tcp/{DICOM}"))], Vec::new()),
        of("ultrasound", vec![flow("result", "pacs", &format!("tcp/{DICOM}"))], Vec::new()),
    ]
}

impl Truth {
    /// Of a scene in which nothing happened yet.
    pub(crate) fn of(scene: &str) -> Self {
        let cast = CAST.iter().map(|machine| Member {
            name: machine.name.to_owned(),
            address: machine.ip(),
            mac: machine.mac_text(),
            kind: machine.kind.map(str::to_owned),
            id: machine.asset.map(|asset| asset.id.to_owned()),
        });
        Self {
            scene: scene.to_owned(),
            cast: cast.collect(),
            essential: essential(),
            attack: Vec::new(),
        }
    }

    /// Notes a step.
    pub(crate) fn attacked(&mut self, step: &str, at: (i64, i64)) {
        if let Some(step) = STEPS.iter().find(|known| known.name == step) {
            self.attack.push(Attacked {
                step: step.name.to_owned(),
                at,
                source: machine_of(step.source).ip(),
                target: step.target.map(|target| address_of(target).into()),
                techniques: step.techniques.iter().map(|rule| (*rule).to_owned()).collect(),
            });
        }
    }
}

/// Whether a frame that reached its receiver may be there while that device is contained: it is
/// not the device's, or one of its essential flows, or what those live on.
pub(crate) fn may_pass(device: &str, own: &[Ipv4Addr], frame: &Frame) -> bool {
    let machine = machine_of(device);
    let of_device = |mac: [u8; 6], address: Option<Ipv4Addr>| {
        mac == machine.mac || address.is_some_and(|address| own.contains(&address))
    };
    let (from, to) = match frame.carried {
        Carried::Ip { from, to, .. } => (Some(from), Some(to)),
        _ => (None, None),
    };
    if !of_device(frame.from, from) && !of_device(frame.to, to) {
        return true;
    }
    match frame.carried {
        // Who speaks for an address: it carries no payload, and every flow begins with it.
        Carried::Arp => true,
        Carried::Ip { from, to, protocol, ports: Some(ports) } => {
            let peer = if own.contains(&from) { to } else { from };
            let needs = essential().into_iter().find(|needs| needs.device == device);
            let transport = if protocol == 6 { "tcp" } else { "udp" };
            let of = |port: u16| format!("{transport}/{port}");
            let lease = protocol == 17 && matches!(ports, (68, 67) | (67, 68));
            lease
                || needs.is_some_and(|needs| {
                    needs.flows.iter().chain(&needs.supports).any(|flow| {
                        let out = own.contains(&from) && of(ports.1) == flow.service;
                        let back = own.contains(&to) && of(ports.0) == flow.service;
                        flow.peer == IpAddr::from(peer) && (out || back)
                    })
                })
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{essential, may_pass};
    use crate::lab::cast::{CAST, machine_of};
    use crate::lab::wire::{Carried, Frame};

    fn from_pump(to: &str, port: u16) -> Frame {
        let (pump, other) = (machine_of("pump-1"), machine_of(to));
        let (from, to) = (pump.address(), other.address());
        let carried = Carried::Ip { from, to, protocol: 6, ports: Some((40_000, port)) };
        Frame { at: 0, from: pump.mac, to: other.mac, carried }
    }

    #[test]
    fn what_care_needs_may_pass_and_nothing_else_of_the_device() {
        let own = [machine_of("pump-1").address()];
        assert!(may_pass("pump-1", &own, &from_pump("gateway", 6661)));
        assert!(may_pass("pump-1", &own, &from_pump("library", 80)));
        assert!(!may_pass("pump-1", &own, &from_pump("gateway", 22)));
        assert!(!may_pass("pump-1", &own, &from_pump("files", 445)));
        assert!(may_pass("pump-2", &[machine_of("pump-2").address()], &from_pump("files", 445)));
    }

    #[test]
    fn every_device_of_the_inventory_has_what_care_needs_of_it() {
        let written: Vec<String> = essential().into_iter().map(|needs| needs.device).collect();
        let devices = CAST.iter().filter(|machine| machine.asset.is_some());
        assert!(devices.map(|machine| machine.name).eq(written.iter().map(String::as_str)));
    }
}
