//! Messages of HL7 version 2.6 as IHE's Patient Care Device profiles have them (PCD-01 and
//! PCD-04), and a session over MLLP (HL7 transport specification,
//! minimal lower layer protocol) to send them.
//!
//! Refuses to take a message for sent: it is sent when its acknowledgement came.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use domain::network::Moment;

use super::cast::Machine;
use super::clock::now;

/// How long an answer may take; longer than TCP takes for some lost packets.
const PATIENCE: Duration = Duration::from_secs(8);
/// Longest acknowledgement that is read.
const ANSWER_BYTES: usize = 8_192;

/// A measurement: observation id, value and unit, as the nomenclature of ISO/IEEE 11073-10101 has
/// them.
pub(crate) type Measured = (&'static str, String, &'static str);

/// What a device says of itself in every message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Speaker {
    /// Who.
    pub(crate) machine: &'static Machine,
    /// Its application's name (MSH-3).
    pub(crate) application: &'static str,
    /// To whom (MSH-5).
    pub(crate) receiver: &'static str,
    /// The patient that it is on; nobody's.
    pub(crate) patient: &'static str,
    /// What it is, as OBR-4 and the first OBX name it.
    pub(crate) system: &'static str,
}

/// A time as HL7 writes it.
fn stamp() -> String {
    let text = Moment(now()).to_string();
    let digits: String = text.chars().filter(char::is_ascii_digit).take(14).collect();
    digits + "+0000"
}

impl Speaker {
    /// Measurements: PCD-01, ORU^R01.
    pub(crate) fn measurements(&self, id: &str, measured: &[Measured]) -> String {
        let profile = "IHE_PCD_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO";
        self.message(("ORU^R01^ORU_R01", profile), id, measured)
    }

    /// An alarm: PCD-04, ORU^R40.
    pub(crate) fn alarm(&self, id: &str, measured: &[Measured]) -> String {
        let profile = "IHE_PCD_ACM_001^IHE PCD^1.3.6.1.4.1.19376.1.6.4.4^ISO";
        self.message(("ORU^R40^ORU_R40", profile), id, measured)
    }

    fn message(&self, (kind, profile): (&str, &str), id: &str, measured: &[Measured]) -> String {
        let (at, equipment) = (stamp(), self.machine.equipment());
        let mut segments = vec![
            format!(
                "MSH|^~\\&|{}^{equipment}^EUI-64|SAINT BRIGID|{}|SAINT BRIGID|{at}||{kind}|{id}|P|2.6|||AL|NE|||||{profile}",
                self.application, self.receiver
            ),
            format!("PID|||{}", self.patient),
            "PV1||I|ICU^3^1".to_owned(),
            format!("OBR|1|{id}|{id}|{}|||{at}", self.system),
            format!(
                "OBX|1||{}|1.0.0.0|||||||X|||{at}||||{equipment}^^{equipment}^EUI-64",
                self.system
            ),
        ];
        for (number, (what, value, unit)) in (2..).zip(measured) {
            segments.push(format!(
                "OBX|{number}|NM|{what}|1.1.1.{number}|{value}|{unit}|||||R|||{at}||||{equipment}^^{equipment}^EUI-64"
            ));
        }
        segments.join("\r") + "\r"
    }
}

/// An open session.
#[derive(Debug)]
pub(crate) struct Session {
    stream: TcpStream,
}

impl Session {
    /// Opens one.
    pub(crate) fn open(to: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect_timeout(&to, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream })
    }

    /// Sends a message and waits for its acknowledgement; whether it was accepted.
    pub(crate) fn send(&mut self, id: &str, message: &str) -> std::io::Result<bool> {
        self.stream.write_all(&[&[0x0B], message.as_bytes(), &[0x1C, 0x0D]].concat())?;
        let mut answer = Vec::new();
        let mut bytes = [0; 1_024];
        while !answer.ends_with(&[0x1C, 0x0D]) {
            let count = self.stream.read(&mut bytes)?;
            if count == 0 || answer.len() > ANSWER_BYTES {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            answer.extend_from_slice(bytes.get(..count).unwrap_or_default());
        }
        Ok(is_accepted(&String::from_utf8_lossy(&answer), id))
    }
}

/// Whether an acknowledgement accepts that message (MSA-1 and MSA-2; HL7 table 0008).
fn is_accepted(answer: &str, id: &str) -> bool {
    let line = answer.split('\r').find(|line| line.starts_with("MSA|"));
    let mut fields = line.unwrap_or_default().split('|').skip(1);
    matches!(fields.next(), Some("AA" | "CA")) && fields.next() == Some(id)
}

#[cfg(test)]
mod tests {
    use super::is_accepted;

    #[test]
    fn an_acknowledgement_counts_for_its_own_message_only() {
        assert!(is_accepted("\x0bMSH|^~\\&|||\rMSA|CA|P1-7\r\x1c\r", "P1-7"));
        assert!(!is_accepted("\x0bMSH|^~\\&|||\rMSA|CA|P1-6\r\x1c\r", "P1-7"));
        assert!(!is_accepted("\x0bMSH|^~\\&|||\rMSA|CE|P1-7\r\x1c\r", "P1-7"));
        assert!(!is_accepted("\x0bMSH|^~\\&|||\r\x1c\r", "P1-7"));
    }
}
