//! Plans and flows in writing: for the book of what is held, the journal, and the hand.
//!
//! Refuses to guess: a word that it does not know makes the whole of it unreadable.

use std::collections::BTreeSet;
use std::net::IpAddr;

use decisions::containment::essential::{EssentialFlow, Peer};
use decisions::containment::plan::Plan;
use domain::care::CareRole;
use domain::device::{DeviceId, MacAddress};
use domain::network::{Application, Moment, Service, Transport};
use domain::order::{Interface, Level, Opening, OrderId, Side};
use serde::{Deserialize, Serialize};

/// A plan, in writing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WrittenPlan {
    order: u64,
    device: String,
    level: String,
    interfaces: Vec<WrittenInterface>,
    openings: Vec<WrittenOpening>,
    essential_version: u32,
    made: i64,
    expires: i64,
}

/// An interface, in writing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenInterface {
    mac: String,
    addresses: Vec<IpAddr>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct WrittenOpening {
    role: String,
    side: String,
    peer: IpAddr,
    transport: String,
    port: u16,
}

/// A flow of a model, in writing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenFlow {
    /// What it is for: `result`, `library` …
    role: String,
    /// Which end the device is: `client` or `server`.
    side: String,
    /// The addresses of the other end, or none where it has a name.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    addresses: BTreeSet<IpAddr>,
    /// The name of the other end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The server's transport: `tcp`, `udp`, `icmp` or `ip-47`.
    transport: String,
    /// The server's port; 0 where there are no ports.
    #[serde(default)]
    port: u16,
    /// The protocol, where it was recognised by content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    application: Option<String>,
}

impl WrittenPlan {
    /// Writes a plan.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        Self {
            order: plan.order.0,
            device: plan.device.to_string(),
            level: plan.level.text().to_owned(),
            interfaces: plan.interfaces.iter().map(WrittenInterface::of).collect(),
            openings: plan.openings.iter().map(WrittenOpening::of).collect(),
            essential_version: plan.essential_version,
            made: plan.made.0,
            expires: plan.expires.0,
        }
    }

    /// Reads it; `None` where a word is not known.
    #[must_use]
    pub fn plan(&self) -> Option<Plan> {
        Some(Plan {
            order: OrderId(self.order),
            device: DeviceId(self.device.as_str().into()),
            level: Level::read(&self.level)?,
            interfaces: self
                .interfaces
                .iter()
                .map(WrittenInterface::interface)
                .collect::<Option<_>>()?,
            openings: self.openings.iter().map(WrittenOpening::opening).collect::<Option<_>>()?,
            essential_version: self.essential_version,
            made: Moment(self.made),
            expires: Moment(self.expires),
        })
    }
}

impl WrittenInterface {
    /// Writes an interface.
    #[must_use]
    pub fn of(interface: &Interface) -> Self {
        Self { mac: interface.mac.to_string(), addresses: interface.addresses.clone() }
    }

    /// Reads it; `None` where the hardware address is none.
    #[must_use]
    pub fn interface(&self) -> Option<Interface> {
        let addresses = self.addresses.clone();
        Some(Interface { mac: MacAddress::parse(&self.mac)?, addresses })
    }
}

impl WrittenOpening {
    fn of(opening: &Opening) -> Self {
        Self {
            role: opening.role.text().to_owned(),
            side: opening.side.text().to_owned(),
            peer: opening.peer,
            transport: opening.service.transport.to_string(),
            port: opening.service.port,
        }
    }

    fn opening(&self) -> Option<Opening> {
        let transport = Transport::read(&self.transport)?;
        Some(Opening {
            role: CareRole::read(&self.role)?,
            side: Side::read(&self.side)?,
            peer: self.peer,
            service: Service { transport, port: self.port },
        })
    }
}

impl WrittenFlow {
    /// Writes a flow.
    #[must_use]
    pub fn of(flow: &EssentialFlow) -> Self {
        let (addresses, name) = match &flow.peer {
            Peer::Addresses(addresses) => (addresses.clone(), None),
            Peer::Named(name) => (BTreeSet::new(), Some(name.to_string())),
        };
        Self {
            role: flow.role.text().to_owned(),
            side: flow.side.text().to_owned(),
            addresses,
            name,
            transport: flow.service.transport.to_string(),
            port: flow.service.port,
            application: flow.application.map(|application| application.text().to_owned()),
        }
    }

    /// Reads it; `None` where a word is not known, or it names both addresses and a name, or
    /// neither.
    #[must_use]
    pub fn flow(self) -> Option<EssentialFlow> {
        let peer = match (self.addresses, self.name) {
            (addresses, None) if !addresses.is_empty() => Peer::Addresses(addresses),
            (addresses, Some(name)) if addresses.is_empty() && !name.trim().is_empty() => {
                Peer::Named(name.into())
            }
            _ => return None,
        };
        let application = match self.application {
            Some(application) => Some(Application::read(&application)?),
            None => None,
        };
        Some(EssentialFlow {
            role: CareRole::read(&self.role)?,
            side: Side::read(&self.side)?,
            peer,
            service: Service { transport: Transport::read(&self.transport)?, port: self.port },
            application,
        })
    }
}
