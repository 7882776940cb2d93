//! What was seen on the wire: facts about devices, never about patients.
//!
//! Refuses to carry content. A sighting names devices, programs, services and outcomes. Of HL7 it
//! holds nothing but the header, the acknowledgement and equipment ids; of DICOM no data set; of
//! HTTP no query and no identifying path segment; of SMB no file name.

use std::net::IpAddr;

use crate::date::Date;
use crate::device::MacAddress;
use crate::network::{Conversation, Direction, Moment, Session};
use crate::text::Text;

/// One thing seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// When its last byte was seen.
    pub at: Moment,
    /// What.
    pub seen: Seen,
}

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Seen {
    /// A MAC address speaks for an IP address: ARP (RFC 826), neighbour discovery (RFC 4861).
    Address(MacAddress, IpAddr),
    /// A device asked for or got a lease.
    Lease(Box<Lease>),
    /// A session began: its first packet was seen.
    Opened(Box<Session>),
    /// A session ended, was refused, or was quiet for so long that it is taken for ended.
    Ended(Box<Session>),
    /// Something was said within a session.
    Said(Box<Conversation>, Direction, Said),
}

/// A DHCP exchange, as far as it tells of the device (RFC 2131, options of RFC 2132).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lease {
    /// The client's hardware address.
    pub mac: Option<MacAddress>,
    /// What kind of message: 1 DISCOVER, 3 REQUEST, 5 ACK … (option 53).
    pub message: u8,
    /// The address given or asked for.
    pub address: Option<IpAddr>,
    /// Who gave it.
    pub server: Option<IpAddr>,
    /// The name that the device gives itself (option 12, or the name of option 81).
    pub host_name: Option<Text>,
    /// What kind of client it says it is (option 60).
    pub vendor_class: Option<Text>,
    /// Which options it asks for, in its order: a fingerprint (option 55).
    pub parameters: Vec<u8>,
}

/// What was said within a session.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Said {
    /// DICOM.
    Dicom(Dicom),
    /// HL7 version 2.
    Hl7(Hl7),
    /// HTTP/1.
    Http(Http),
    /// TLS.
    Tls(Tls),
    /// DNS.
    Dns(Dns),
    /// SMB.
    Smb(Smb),
    /// SSH's identification (RFC 4253, section 4.2): the software, without comment.
    Ssh(Text),
}

/// A step of a DICOM association.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dicom {
    /// A-ASSOCIATE-RQ or -AC (PS3.8, 9.3.2 and 9.3.3).
    Associate {
        /// Whether it asks or accepts.
        step: Association,
        /// Who is called.
        called: Text,
        /// Who calls.
        calling: Text,
        /// Implementation class UID (PS3.7, D.3.3.2).
        implementation: Option<Text>,
        /// Implementation version name.
        implementation_version: Option<Text>,
        /// The abstract syntaxes proposed (SOP class UIDs); none in an answer.
        services: Vec<Text>,
    },
    /// A-ASSOCIATE-RJ: result, source, reason (PS3.8, 9.3.4).
    Rejected(u8, u8, u8),
    /// A-ABORT: source, reason (PS3.8, 9.3.8).
    Aborted(u8, u8),
    /// A-RELEASE-RP: the association ended in order.
    Released,
    /// A DIMSE command (PS3.7, section 9.3): its code, the SOP class, and the status of an answer.
    Command {
        /// Command Field (0000,0100): `0x0001` C-STORE-RQ, `0x8001` C-STORE-RSP …
        command: u16,
        /// Affected or Requested SOP Class UID.
        service: Option<Text>,
        /// Status (0000,0900), in answers.
        status: Option<u16>,
    },
    /// A DICOM file's preamble of 128 bytes holds a program (CVE-2019-11687).
    ExecutablePreamble(Executable),
}

/// A step of opening an association.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Association {
    /// Asked for.
    Asked,
    /// Accepted.
    Accepted,
}

/// What kind of program, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Executable {
    /// `MZ`: Windows.
    PortableExecutable,
    /// `\x7fELF`: Linux and others.
    Elf,
    /// Mach-O.
    MachO,
    /// `#!`: a script.
    Script,
}

/// The header of an HL7 version 2 message, and what tells of a device.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hl7 {
    /// Sending application (MSH-3).
    pub sending_application: Option<Text>,
    /// Sending facility (MSH-4).
    pub sending_facility: Option<Text>,
    /// Receiving application (MSH-5).
    pub receiving_application: Option<Text>,
    /// Message type and trigger (MSH-9.1, 9.2): `ORU^R01`.
    pub message: Text,
    /// Version (MSH-12): `2.6`.
    pub version: Option<Text>,
    /// Profile (MSH-21), as IHE PCD names its transactions: `IHE_PCD_001`.
    pub profile: Option<Text>,
    /// Acknowledgement code (MSA-1): `AA`, `CA`, `AE`, `AR` …
    pub acknowledgement: Option<Text>,
    /// Equipment ids (OBX-18, PRT-10, PRT-16), each `id^system` as written.
    pub equipment: Vec<Text>,
}

/// A request or an answer of HTTP/1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Http {
    /// A request.
    Request {
        /// The method.
        method: Text,
        /// The host asked for.
        host: Option<Text>,
        /// The path without its query; segments with a digit are written `*`.
        path: Text,
        /// The client's program.
        agent: Option<Text>,
    },
    /// An answer.
    Answer {
        /// The status.
        status: u16,
        /// The server's program.
        server: Option<Text>,
    },
}

/// What a TLS handshake shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    /// A client's hello: the server's name asked for (RFC 6066, section 3).
    Hello {
        /// Server name.
        server_name: Option<Text>,
        /// The newest version offered, as on the wire: `0x0303` is TLS 1.2.
        version: u16,
    },
    /// A server's certificate (TLS 1.2 and before).
    Certificate {
        /// The subject's common name.
        subject: Option<Text>,
        /// The issuer's common name.
        issuer: Option<Text>,
        /// Its last day.
        not_after: Option<Date>,
    },
}

/// A DNS answer or question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dns {
    /// The name asked for.
    pub name: Text,
    /// The addresses answered; none in a question.
    pub addresses: Vec<IpAddr>,
    /// The response code of an answer (RFC 1035, 4.1.1).
    pub answer: Option<u8>,
}

/// A step of SMB that tells of access and of movement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Smb {
    /// The dialect agreed on: `0x0311` is SMB 3.1.1; `1` is SMB 1.
    Negotiated(u16),
    /// A session was set up, or refused (NTSTATUS; 0 is success).
    Session(u32),
    /// A share was asked for: its last part, `ADMIN$`.
    Share(Text),
    /// A program was written, or a name of one was created.
    ProgramWritten(Executable),
    /// A named pipe was opened by which services are made or tasks run: `svcctl`, `atsvc`.
    Pipe(Text),
}
