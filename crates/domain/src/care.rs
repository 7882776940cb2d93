//! What a flow on the network is for, in the words of a ward.
//!
//! Refuses to know how a flow was recognised: that is judged in `decisions`.

use std::fmt;

/// What care loses when a flow is cut.
///
/// Ordered by how soon a patient feels the loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CareRole {
    /// Treats: an infusion order to the pump, a ventilator's remote setting.
    Therapy,
    /// Alarms: a monitor's alarm to the central station or a nurse's phone.
    Alarm,
    /// Findings and measurements: HL7 observations, images to the archive.
    Result,
    /// What is to be done for whom: worklists, orders, admissions.
    Order,
    /// Drug libraries and configurations.
    Library,
    /// Clocks: NTP.
    Time,
    /// What a device needs to be on the network at all: DHCP, DNS, ARP, 802.1X.
    Identity,
    /// Its maker's remote support.
    Service,
    /// Anything else, or not yet known.
    Other,
}

impl CareRole {
    /// Every role, the most urgent first.
    pub const ALL: [Self; 9] = [
        Self::Therapy,
        Self::Alarm,
        Self::Result,
        Self::Order,
        Self::Library,
        Self::Time,
        Self::Identity,
        Self::Service,
        Self::Other,
    ];

    /// As files and outputs write it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Therapy => "therapy",
            Self::Alarm => "alarm",
            Self::Result => "result",
            Self::Order => "order",
            Self::Library => "library",
            Self::Time => "time",
            Self::Identity => "identity",
            Self::Service => "service",
            Self::Other => "other",
        }
    }

    /// The role of that name.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.text() == text)
    }

    /// Whether care needs it until a person says otherwise.
    #[must_use]
    pub fn essential_by_default(self) -> bool {
        self <= Self::Library
    }
}

impl fmt::Display for CareRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}
