//! How a RADIUS point is configured: whom to ask, and how each level is said to it.
//!
//! Refuses settings that could not be said, before anything is sent; and to hold the secret, which
//! comes from elsewhere.

use std::net::{IpAddr, SocketAddr};

use decisions::containment::plan::Plan;
use domain::device::MacAddress;
use domain::order::Level;
use serde::Deserialize;

use super::attribute::{self, Attribute, StationForm, number};
use super::client::{Kind, Request};
use super::filter::{self, Own};
use super::packet::TooLong;
use super::seal::MessageAuthenticator;

/// The settings of one point.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Settings {
    /// Where it listens for changes; the port is usually 3799 (RFC 5176, section 2.1).
    pub server: SocketAddr,
    /// The switch's own address, where the server speaks for several or asks for it.
    #[serde(default)]
    pub nas_ip_address: Option<IpAddr>,
    /// The switch's name, likewise.
    #[serde(default)]
    pub nas_identifier: Option<String>,
    /// How it writes a station's hardware address.
    #[serde(default)]
    pub station_form: StationForm,
    /// Whether its answers must carry Message-Authenticator.
    #[serde(default)]
    pub message_authenticator: MessageAuthenticator,
    /// How each level is said.
    pub levels: Levels,
    /// How a device is let go.
    pub lift: Act,
}

/// How each level is said; a plan at a level that is not here fails at this point.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Levels {
    /// `restrict`.
    #[serde(default)]
    pub restrict: Option<Act>,
    /// `contain`.
    #[serde(default)]
    pub contain: Option<Act>,
    /// `isolate`.
    #[serde(default)]
    pub isolate: Option<Act>,
}

impl Levels {
    fn of(&self, level: Level) -> Option<&Act> {
        match level {
            Level::Watch => None,
            Level::Restrict => self.restrict.as_ref(),
            Level::Contain => self.contain.as_ref(),
            Level::Isolate => self.isolate.as_ref(),
        }
    }
}

/// What a point is asked to do with a session.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Change what it may do.
    Change(Change),
    /// End it, so that the device signs on anew, and whoever lets it on knows what to give it.
    Disconnect,
}

/// What a session may do from now on, all of it in one request.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Change {
    /// The name of a list of rules that is on the switch.
    #[serde(default)]
    pub filter_id: Option<String>,
    /// A VLAN.
    #[serde(default)]
    pub vlan: Option<u16>,
    /// The rules themselves, made from the plan; and how they name the device.
    #[serde(default)]
    pub filter_rules: Option<Own>,
    /// Cisco's pairs, such as `subscriber:command=reauthenticate`.
    #[serde(default)]
    pub cisco_pairs: Vec<String>,
    /// Other vendors' texts, such as a role.
    #[serde(default)]
    pub vendor: Vec<VendorText>,
}

/// A vendor's own attribute with a text.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct VendorText {
    /// The vendor's number at IANA.
    pub vendor: u32,
    /// The vendor's number of the attribute.
    pub number: u8,
    /// What it says.
    pub text: String,
}

/// Why settings can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSettings {
    /// No level is said.
    #[error("no level is configured, so this point could hold nothing")]
    NoLevel,
    /// A change that changes nothing.
    #[error("`{0}` says nothing: give a filter-id, a vlan, filter-rules or a vendor's text")]
    Nothing(&'static str),
    /// A name and rules at once.
    #[error("`{0}` gives both a filter-id and filter-rules; a switch would obey one of them")]
    Twice(&'static str),
    /// No such VLAN.
    #[error("`{0}`: {1} is no VLAN; there are 1 to {last}", last = attribute::VLAN_LAST)]
    Vlan(&'static str, u16),
    /// A text that no attribute can hold.
    #[error("`{0}`: a text is empty or too long for an attribute")]
    Text(&'static str),
}

/// Why a plan can't be said to this point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unsaid {
    #[error("`{0}` is not configured at this point")]
    Level(Level),
    #[error("its rules do not fit: {0}")]
    TooLong(#[from] TooLong),
}

impl Settings {
    /// Whether everything that is configured can be said.
    ///
    /// # Errors
    /// What can't, first.
    pub(super) fn check(&self) -> Result<(), BadSettings> {
        let Levels { restrict, contain, isolate } = &self.levels;
        let levels =
            [("restrict", restrict), ("contain", contain), ("isolate", isolate)].into_iter();
        let levels: Vec<_> =
            levels.filter_map(|(name, act)| act.as_ref().map(|act| (name, act))).collect();
        if levels.is_empty() {
            return Err(BadSettings::NoLevel);
        }
        for (name, act) in levels.into_iter().chain([("lift", &self.lift)]) {
            if let Act::Change(change) = act {
                change.check(name)?;
            }
        }
        let identifier = self.nas_identifier.as_deref();
        match identifier.map(|text| Attribute::text(number::NAS_IDENTIFIER, text)) {
            Some(None) => Err(BadSettings::Text("nas-identifier")),
            _ => Ok(()),
        }
    }

    /// The request that puts a station under a plan.
    pub(super) fn hold(&self, station: MacAddress, plan: &Plan) -> Result<Request, Unsaid> {
        let act = self.levels.of(plan.level).ok_or(Unsaid::Level(plan.level))?;
        Ok(self.request(station, act, |own| filter::rules(plan, own))?)
    }

    /// The request that lets a station go.
    pub(super) fn lift(&self, station: MacAddress) -> Result<Request, Unsaid> {
        Ok(self.request(station, &self.lift, |_| filter::open())?)
    }

    /// A Disconnect-Request may hold nothing but who and where (RFC 5176, section 3).
    fn request(
        &self,
        station: MacAddress,
        act: &Act,
        rules: impl Fn(Own) -> Vec<String>,
    ) -> Result<Request, TooLong> {
        let mut attributes = Vec::new();
        attributes.extend(self.nas_ip_address.map(Attribute::nas));
        let identifier = self.nas_identifier.as_deref();
        attributes
            .extend(identifier.and_then(|text| Attribute::text(number::NAS_IDENTIFIER, text)));
        attributes.push(Attribute::station(station, self.station_form));
        match act {
            Act::Disconnect => Request::new(Kind::Disconnect, attributes),
            Act::Change(change) => {
                attributes.extend(change.attributes(rules));
                Request::new(Kind::Change, attributes)
            }
        }
    }
}

impl Change {
    fn check(&self, name: &'static str) -> Result<(), BadSettings> {
        if self == &Self::default() {
            return Err(BadSettings::Nothing(name));
        }
        if self.filter_id.is_some() && self.filter_rules.is_some() {
            return Err(BadSettings::Twice(name));
        }
        if let Some(vlan) = self.vlan.filter(|vlan| attribute::vlan(*vlan).is_none()) {
            return Err(BadSettings::Vlan(name, vlan));
        }
        let texts = usize::from(self.filter_id.is_some());
        let texts = texts + self.cisco_pairs.len() + self.vendor.len();
        if self.texts().count() < texts { Err(BadSettings::Text(name)) } else { Ok(()) }
    }

    fn attributes(&self, rules: impl Fn(Own) -> Vec<String>) -> Vec<Attribute> {
        let vlan = self.vlan.and_then(attribute::vlan).into_iter().flatten();
        let rules =
            self.filter_rules.map(|own| attribute::filter_rules(&rules(own))).unwrap_or_default();
        vlan.chain(self.texts()).chain(rules).collect()
    }

    fn texts(&self) -> impl Iterator<Item = Attribute> {
        let filter = self.filter_id.iter();
        let filter = filter.filter_map(|name| Attribute::text(number::FILTER_ID, name));
        let pairs = self.cisco_pairs.iter();
        let pairs = pairs.filter_map(|pair| Attribute::vendor(attribute::CISCO, 1, pair));
        let others = self.vendor.iter();
        let others =
            others.filter_map(|other| Attribute::vendor(other.vendor, other.number, &other.text));
        filter.chain(pairs).chain(others)
    }
}
