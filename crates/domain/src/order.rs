//! Orders: what people decide about a compromised device, and every step of it as an event.
//!
//! Refuses to say what may follow what: the interlock in `decisions::containment` does. An event
//! is what has happened; the journal keeps it, and the state is what its events make of it.

use std::fmt;
use std::net::IpAddr;

use crate::care::CareRole;
use crate::device::{DeviceId, MacAddress};
use crate::network::{Moment, Service};
use crate::text::Text;

/// An order's number, counted up by the journal that holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OrderId(pub u64);

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// How far a device is cut off, from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Nothing is cut; it is looked at closely.
    Watch,
    /// Only what its model usually does.
    Restrict,
    /// Only what its patient needs.
    Contain,
    /// Nothing at all.
    Isolate,
}

impl Level {
    /// Every level, from the least to the most.
    pub const ALL: [Self; 4] = [Self::Watch, Self::Restrict, Self::Contain, Self::Isolate];

    /// As commands and outputs write it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Watch => "watch",
            Self::Restrict => "restrict",
            Self::Contain => "contain",
            Self::Isolate => "isolate",
        }
    }

    /// The level of that name.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.text() == text)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}

/// What a person may answer for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Information security.
    Security,
    /// Cares for patients: nurse in charge, physician.
    Clinical,
    /// Healthcare technology management: biomedical engineering.
    Biomedical,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Security, Self::Clinical, Self::Biomedical];

    /// As configurations and outputs write it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Security => "security",
            Self::Clinical => "clinical",
            Self::Biomedical => "biomedical",
        }
    }

    /// The role of that name.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.text() == text)
    }
}

/// By which way a person reached the program. It says who vouches for their name, and changes
/// nothing of what they may do: whoever comes by both ways is one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Door {
    /// By the program's own socket: the kernel vouches for the account.
    Account,
    /// By the console, where they signed in: the console vouches for them.
    Console,
}

impl Door {
    /// Every way.
    pub const ALL: [Self; 2] = [Self::Account, Self::Console];

    /// As files write it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Console => "console",
        }
    }

    /// The way of that name.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|door| door.text() == text)
    }
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Actor {
    /// A person: their name, the role that they act in, and by which way they came.
    Person(Text, Role, Door),
    /// A rule of the configuration, by its name: a playbook that a drill has passed.
    Playbook(Text),
    /// The program itself: the clock, the reconciler.
    Asepsis,
}

/// One network interface of a device, with every address that it was seen or said to have.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Interface {
    /// Its hardware address.
    pub mac: MacAddress,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
}

/// Which end of a flow the device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// It begins.
    Client,
    /// It is spoken to.
    Server,
}

impl Side {
    /// As files write it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }

    /// The side of that name.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        [Self::Client, Self::Server].into_iter().find(|side| side.text() == text)
    }
}

/// One flow that stays open for a device: both directions, begun from its side only.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Opening {
    /// What it is for.
    pub role: CareRole,
    /// Which end the device is.
    pub side: Side,
    /// The other end.
    pub peer: IpAddr,
    /// The server's transport and port, whichever end that is.
    pub service: Service,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Which device.
    pub device: DeviceId,
    /// How far to cut it off.
    pub level: Level,
    /// Why, in words.
    pub reason: Text,
    /// How long it holds after it is applied, in seconds.
    pub holds_seconds: u32,
}

/// Where an act on the network went, by the name of the enforcement point.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PointName(pub Text);

/// What happened to an order.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Somebody asked for it.
    Requested(Request),
    /// Somebody said yes.
    Approved,
    /// Somebody said no.
    Refused(Text),
    /// Somebody at the bedside confirms that a substitute is running (for `isolate`).
    SubstituteRunning,
    /// The plan is about to be carried out at that point: written before the act.
    Applying(PointName),
    /// The point took it: what it holds was read back and proved equal to the plan, or, where it
    /// can't be read, it acknowledged in a way that only it can.
    Applied(PointName),
    /// The wire shows it: the last packet that should not have passed, and the first essential one
    /// after the act, where they were seen.
    Verified {
        /// The last forbidden packet that passed, if any did after the act began.
        last_forbidden: Option<Moment>,
        /// The first essential packet that passed after the act.
        first_essential: Option<Moment>,
    },
    /// The point did not do it, or the wire shows otherwise: what and why.
    Failed(PointName, Text),
    /// Somebody gave it more time: seconds from now.
    Renewed(u32),
    /// What is enforced was found changed and repaired, or could not be: what was found.
    Drifted(PointName, Text),
    /// Somebody ended it.
    Lifted(Text),
    /// A clinician ended it at the bedside, with a reason.
    BrokenGlass(Text),
    /// Its time was over, and nobody answered.
    Expired,
    /// It is no longer enforced at that point: read back and seen.
    Removed(PointName),
}

/// A step, when and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Which order.
    pub order: OrderId,
    /// When.
    pub at: Moment,
    /// Who.
    pub by: Actor,
    /// What.
    pub step: Step,
}
