//! What a path is for: rules from what is said, from the protocol, from the port, in that order of
//! weight.
//!
//! Refuses to take a port for proof: what a port suggests gives way to any word spoken.

use domain::care::CareRole;
use domain::network::{Application, Service, Transport};
use domain::sighting::{Dicom, Hl7, Http, Said};

/// A care role, and the rule that gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Role {
    /// The role.
    pub care: CareRole,
    /// Why.
    pub rule: RoleRule,
}

impl Role {
    /// Takes the other where it weighs more, or as much and is more urgent: one alarm among a
    /// thousand measurements makes the path an alarm's.
    pub(super) fn improve(&mut self, other: Self) {
        let weight = |role: &Self| (role.rule.weight(), std::cmp::Reverse(role.care));
        if weight(&other) > weight(self) {
            *self = other;
        }
    }

    /// Whether its rhythm is that of sessions, for want of words within them.
    pub(super) fn beats_by_session(self) -> bool {
        self.rule.weight() < RoleRule::Measurement.weight()
    }
}

macro_rules! rules {
    ($($name:ident $text:literal $weight:literal $care:ident $meaning:literal;)*) => {
        /// The rules by which a path gets its role.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum RoleRule {
            $(#[doc = $meaning] $name,)*
        }

        impl RoleRule {
            /// Every rule.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable name.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// One sentence: what was seen.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning),* }
            }

            /// The role that it gives.
            #[must_use]
            pub fn care(self) -> CareRole {
                match self { $(Self::$name => CareRole::$care),* }
            }

            fn weight(self) -> u8 {
                match self { $(Self::$name => $weight),* }
            }
        }
    };
}

rules! {
    InfusionOrder "role.hl7-infusion-order" 3 Therapy "It carries orders to a device that treats (HL7 RGV, RDE, RAS; IHE PCD-03)";
    AlarmMessage "role.hl7-alarm" 3 Alarm "It carries alarms (HL7 ORU^R40, IHE PCD-04)";
    Measurement "role.hl7-observation" 3 Result "It carries measurements (HL7 ORU, IHE PCD-01)";
    OrderMessage "role.hl7-order" 3 Order "It carries orders, admissions or schedules (HL7 ADT, ORM, OML, OMG, SIU, QBP)";
    MasterFile "role.hl7-master-file" 3 Library "It carries master files (HL7 MFN)";
    ImageStored "role.dicom-storage" 3 Result "It stores images and reports (DICOM C-STORE, storage commitment)";
    Worklist "role.dicom-worklist" 3 Order "It asks for worklists and reports procedure steps (DICOM Modality Worklist, MPPS)";
    PriorImages "role.dicom-query" 3 Result "It asks for earlier images (DICOM C-FIND, C-MOVE, C-GET)";
    LibraryFetched "role.http-library" 3 Library "It fetches a library or a configuration (HTTP, by the words of the path)";
    Clock "role.ntp" 2 Time "It sets the clock (NTP)";
    Addressing "role.addressing" 2 Identity "It gives addresses, names or access to the network (DHCP, DNS, RADIUS)";
    RemoteAccess "role.remote-access" 2 Service "It is a remote session (SSH, RDP)";
    ClinicalUnspoken "role.clinical-unspoken" 2 Result "It speaks a clinical protocol, and nothing of it was seen that tells more";
    PortOfAddressing "role.port-addressing" 1 Identity "Its port is that of DHCP, DNS or RADIUS";
    PortOfClock "role.port-clock" 1 Time "Its port is that of NTP";
    PortOfRemoteAccess "role.port-remote-access" 1 Service "Its port is that of SSH, Telnet, RDP or VNC";
    Unknown "role.unknown" 0 Other "No rule knows it";
}

fn role(rule: RoleRule) -> Role {
    Role { care: rule.care(), rule }
}

/// What the port suggests.
pub(super) fn by_port(service: Service) -> Role {
    role(match (service.transport, service.port) {
        (Transport::Udp | Transport::Tcp, 53) => RoleRule::PortOfAddressing,
        (Transport::Udp, 67 | 68 | 546 | 547 | 1812 | 1813 | 5353 | 5355) => {
            RoleRule::PortOfAddressing
        }
        (Transport::Udp, 123) => RoleRule::PortOfClock,
        (Transport::Tcp, 22 | 23 | 3389 | 5900) => RoleRule::PortOfRemoteAccess,
        _ => RoleRule::Unknown,
    })
}

/// What the protocol tells.
pub(super) fn by_application(application: Application) -> Role {
    role(match application {
        Application::Dhcp | Application::Dns | Application::Radius => RoleRule::Addressing,
        Application::Ntp => RoleRule::Clock,
        Application::Rdp | Application::Ssh => RoleRule::RemoteAccess,
        Application::Dicom | Application::Hl7 => RoleRule::ClinicalUnspoken,
        Application::Http | Application::Smb | Application::Tls => RoleRule::Unknown,
    })
}

/// What the words tell.
pub(super) fn by_words(said: &Said) -> Option<Role> {
    match said {
        Said::Hl7(message) if message.acknowledgement.is_none() => hl7(message).map(role),
        Said::Dicom(Dicom::Command { command, service, .. }) => {
            dicom(*command, service.as_deref().unwrap_or_default()).map(role)
        }
        Said::Http(Http::Request { path, .. }) => {
            library(path).then(|| role(RoleRule::LibraryFetched))
        }
        _ => None,
    }
}

/// By message type (HL7 2.9, table 0076) and trigger; IHE PCD names its transactions in MSH-21.
fn hl7(message: &Hl7) -> Option<RoleRule> {
    let (kind, trigger) = message.message.split_once('^').unwrap_or((&message.message, ""));
    let profile = message.profile.as_deref().unwrap_or_default();
    Some(match kind {
        "ORU" if trigger == "R40" || profile.contains("PCD_004") => RoleRule::AlarmMessage,
        "ORU" | "OUL" | "MDM" | "ORD" => RoleRule::Measurement,
        "RGV" | "RDE" | "RAS" | "RDS" => RoleRule::InfusionOrder,
        "ADT" | "ORM" | "OML" | "OMG" | "OMI" | "OMP" | "SIU" | "SRM" | "QBP" | "QRY" | "BAR" => {
            RoleRule::OrderMessage
        }
        "MFN" | "MFQ" => RoleRule::MasterFile,
        _ => return None,
    })
}

/// By command (PS3.7, annex E) and SOP class (PS3.6, annex A).
fn dicom(command: u16, service: &str) -> Option<RoleRule> {
    const WORKLIST: &str = "1.2.840.10008.5.1.4.31";
    const PROCEDURE_STEP: &str = "1.2.840.10008.3.1.2.3.";
    const COMMITMENT: &str = "1.2.840.10008.1.20.1";
    if service == WORKLIST || service.starts_with(PROCEDURE_STEP) {
        return Some(RoleRule::Worklist);
    }
    match command {
        0x0001 => Some(RoleRule::ImageStored),
        _ if service == COMMITMENT => Some(RoleRule::ImageStored),
        0x0010 | 0x0020 | 0x0021 => Some(RoleRule::PriorImages),
        _ => None,
    }
}

/// Words that stand in the paths of what pumps and other devices fetch from their servers.
pub(crate) fn library(path: &str) -> bool {
    const WORDS: [&str; 6] =
        ["library", "librarie", "formulary", "dataset", "drugdata", "configuration"];
    let path = path.to_ascii_lowercase();
    WORDS.iter().any(|word| path.contains(word))
}
