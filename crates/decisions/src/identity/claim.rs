//! A claim: a value of an attribute, who said it, and how sure that makes it.
//!
//! Refuses to be a fact: what a device says of itself may be wrong or a lie.

use domain::network::Moment;
use domain::text::Text;

macro_rules! named {
    ($(#[$meta:meta])* $kind:ident: $($name:ident $text:literal $meaning:literal;)*) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $kind {
            $(#[doc = $meaning] $name,)*
        }

        impl $kind {
            /// As outputs write it.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
        }
    };
}
pub(super) use named;

named! {
    /// What a claim is about.
    Attribute:
    HostName "host name" "The name that it gives itself.";
    VendorClass "vendor class" "The kind of client that it says it is (DHCP option 60).";
    Fingerprint "DHCP options" "The options that it asks for, in its order (DHCP option 55).";
    ApplicationEntity "AE title" "Its DICOM application entity title.";
    Implementation "DICOM implementation" "The DICOM software: version name and class UID.";
    Application "HL7 application" "Its HL7 sending or receiving application.";
    Equipment "equipment id" "The id that its measurements carry.";
    Software "software" "A program that it names: HTTP agent or server, SSH.";
    CertificateName "certificate name" "The subject of its TLS certificate.";
    Smb "SMB" "The newest SMB dialect that it agreed on.";
    Maker "maker" "Who registered the first bits of its hardware address.";
}

named! {
    /// Who made a claim.
    Origin:
    Itself "it said so" "The device, in a message of its own.";
    Peer "a peer called it so" "The other end, and the device answered to it.";
    Registry "the registry says so" "The IEEE's public listing of hardware addresses.";
}

named! {
    /// How sure a claim is.
    ///
    /// Ordered from the least to the most sure.
    Confidence:
    Weak "weak" "One sign, which others share.";
    Fair "fair" "One sign of its own, or several that others share.";
    Strong "strong" "Several signs that agree, or an id that only it can have.";
}

/// A value, and why it is believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The value.
    pub value: Text,
    /// Who said it.
    pub origin: Origin,
    /// How sure.
    pub confidence: Confidence,
    /// Where it was read, in words: "DHCP option 12".
    pub evidence: &'static str,
    /// How often.
    pub times: u64,
    /// The first and the last time.
    pub seen: (Moment, Moment),
}
