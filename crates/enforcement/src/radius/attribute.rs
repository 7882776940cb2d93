//! One attribute of a RADIUS packet, and those that a change of authorization needs.
//!
//! Refuses to hold more than its length octet can say (RFC 2865, section 5). It never needs to hide
//! a value: no password is among them.

use std::net::IpAddr;

use domain::device::MacAddress;
use serde::Deserialize;

/// The numbers of the attributes that are written or read here.
pub mod number {
    /// User-Name (RFC 2865, section 5.1).
    pub const USER_NAME: u8 = 1;
    /// NAS-IP-Address (RFC 2865, section 5.4).
    pub const NAS_IP_ADDRESS: u8 = 4;
    /// Filter-Id (RFC 2865, section 5.11).
    pub const FILTER_ID: u8 = 11;
    /// Vendor-Specific (RFC 2865, section 5.26).
    pub const VENDOR_SPECIFIC: u8 = 26;
    /// Calling-Station-Id (RFC 2865, section 5.31).
    pub const CALLING_STATION_ID: u8 = 31;
    /// NAS-Identifier (RFC 2865, section 5.32).
    pub const NAS_IDENTIFIER: u8 = 32;
    /// Acct-Session-Id (RFC 2866, section 5.5).
    pub const ACCT_SESSION_ID: u8 = 44;
    /// Event-Timestamp (RFC 2869, section 5.3).
    pub const EVENT_TIMESTAMP: u8 = 55;
    /// Tunnel-Type (RFC 2868, section 3.1).
    pub const TUNNEL_TYPE: u8 = 64;
    /// Tunnel-Medium-Type (RFC 2868, section 3.2).
    pub const TUNNEL_MEDIUM_TYPE: u8 = 65;
    /// Message-Authenticator (RFC 2869, section 5.14; RFC 5176, section 3.4).
    pub const MESSAGE_AUTHENTICATOR: u8 = 80;
    /// Tunnel-Private-Group-ID (RFC 2868, section 3.6).
    pub const TUNNEL_PRIVATE_GROUP_ID: u8 = 81;
    /// NAS-Port-Id (RFC 2869, section 5.17).
    pub const NAS_PORT_ID: u8 = 87;
    /// NAS-Filter-Rule (RFC 4849, section 2).
    pub const NAS_FILTER_RULE: u8 = 92;
    /// NAS-IPv6-Address (RFC 3162, section 2.1).
    pub const NAS_IPV6_ADDRESS: u8 = 95;
    /// Error-Cause (RFC 5176, section 3.5).
    pub const ERROR_CAUSE: u8 = 101;
}

/// Most bytes of a value: the length octet counts itself and the number, too (RFC 2865, section 5).
pub const VALUE_BYTES: usize = 253;
/// Most bytes of a vendor's own value within Vendor-Specific: four name the vendor, two are the
/// vendor's number and length (RFC 2865, section 5.26).
pub const VENDOR_BYTES: usize = VALUE_BYTES - 6;
/// Cisco's number at IANA, under which its pairs stand as attribute 1.
pub const CISCO: u32 = 9;
/// The highest VLAN identifier (IEEE 802.1Q, section 9.6); 0 and 4095 are reserved.
pub const VLAN_LAST: u16 = 4_094;

/// An attribute: a number and up to [`VALUE_BYTES`] bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Attribute {
    number: u8,
    value: Vec<u8>,
}

impl Attribute {
    /// An attribute of these bytes; `None` where they are too many.
    #[must_use]
    pub fn new(number: u8, value: impl Into<Vec<u8>>) -> Option<Self> {
        let value = value.into();
        (value.len() <= VALUE_BYTES).then_some(Self { number, value })
    }

    /// A text; `None` where it is empty, which may not be sent (RFC 2865, section 5), or too long.
    #[must_use]
    pub fn text(number: u8, text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self::new(number, text)).flatten()
    }

    /// A whole number of 32 bits, which is also how a time is written (RFC 2865, section 5).
    #[must_use]
    pub fn word(number: u8, value: u32) -> Self {
        Self { number, value: value.to_be_bytes().to_vec() }
    }

    /// The address of a network access server.
    #[must_use]
    pub fn nas(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => {
                Self { number: number::NAS_IP_ADDRESS, value: address.octets().to_vec() }
            }
            IpAddr::V6(address) => {
                Self { number: number::NAS_IPV6_ADDRESS, value: address.octets().to_vec() }
            }
        }
    }

    /// The station, by its hardware address.
    #[must_use]
    pub fn station(mac: MacAddress, form: StationForm) -> Self {
        Self { number: number::CALLING_STATION_ID, value: form.write(mac).into_bytes() }
    }

    /// A vendor's own text; `None` where it is empty or longer than [`VENDOR_BYTES`].
    #[must_use]
    pub fn vendor(vendor: u32, kind: u8, text: &str) -> Option<Self> {
        if text.is_empty() || text.len() > VENDOR_BYTES {
            return None;
        }
        let length = u8::try_from(text.len() + 2).ok()?;
        let mut value = vendor.to_be_bytes().to_vec();
        value.extend([kind, length]);
        value.extend(text.as_bytes());
        Some(Self { number: number::VENDOR_SPECIFIC, value })
    }

    /// Its number.
    #[must_use]
    pub fn number(&self) -> u8 {
        self.number
    }

    /// Its value.
    #[must_use]
    pub fn value(&self) -> &[u8] {
        &self.value
    }

    /// Its value as a whole number; `None` where it is not four bytes.
    #[must_use]
    pub fn as_word(&self) -> Option<u32> {
        self.value.as_slice().try_into().ok().map(u32::from_be_bytes)
    }

    /// How many bytes it takes in a packet.
    #[must_use]
    pub fn packed(&self) -> usize {
        self.value.len() + 2
    }
}

/// The three attributes that put a session into a VLAN (RFC 3580, section 3.31), without a tag
/// (RFC 2868, section 3.1); `None` where there is no such VLAN.
#[must_use]
pub fn vlan(id: u16) -> Option<[Attribute; 3]> {
    /// Tunnel-Type 13, VLAN, and Tunnel-Medium-Type 6, IEEE 802 (RFC 3580, section 3.31).
    const VLAN: u32 = 13;
    const IEEE_802: u32 = 6;
    if id == 0 || id > VLAN_LAST {
        return None;
    }
    // The first octet of the first two is the tag, nought where there is none. A text needs no
    // octet for the tag that it has not: a digit is above the highest tag.
    Some([
        Attribute::word(number::TUNNEL_TYPE, VLAN),
        Attribute::word(number::TUNNEL_MEDIUM_TYPE, IEEE_802),
        Attribute::text(number::TUNNEL_PRIVATE_GROUP_ID, &id.to_string())?,
    ])
}

/// Filter rules, one after the other with a NUL between two, in as many attributes as they need
/// (RFC 4849, section 2). None where there are no rules.
#[must_use]
pub fn filter_rules(rules: &[String]) -> Vec<Attribute> {
    let all = rules.join("\0").into_bytes();
    all.chunks(VALUE_BYTES)
        .map(|piece| Attribute { number: number::NAS_FILTER_RULE, value: piece.to_vec() })
        .collect()
}

/// How a switch writes a station's hardware address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StationForm {
    /// `00-10-A4-23-19-C0` (RFC 3580, section 3.21).
    #[default]
    UpperHyphens,
    /// `00-10-a4-23-19-c0`.
    LowerHyphens,
    /// `00:10:A4:23:19:C0`.
    UpperColons,
    /// `00:10:a4:23:19:c0`.
    LowerColons,
    /// `0010.a423.19c0`.
    LowerDots,
    /// `0010A42319C0`.
    UpperBare,
    /// `0010a42319c0`.
    LowerBare,
}

impl StationForm {
    /// Every form.
    pub const ALL: [Self; 7] = [
        Self::UpperHyphens,
        Self::LowerHyphens,
        Self::UpperColons,
        Self::LowerColons,
        Self::LowerDots,
        Self::UpperBare,
        Self::LowerBare,
    ];

    /// A hardware address in this form.
    #[must_use]
    pub fn write(self, mac: MacAddress) -> String {
        let lower = mac.to_string();
        let bare = lower.replace(':', "");
        match self {
            Self::UpperHyphens => lower.replace(':', "-").to_uppercase(),
            Self::LowerHyphens => lower.replace(':', "-"),
            Self::UpperColons => lower.to_uppercase(),
            Self::LowerColons => lower,
            Self::LowerDots => {
                let (first, rest) = bare.split_at(4);
                let (second, third) = rest.split_at(4);
                format!("{first}.{second}.{third}")
            }
            Self::UpperBare => bare.to_uppercase(),
            Self::LowerBare => bare,
        }
    }
}
