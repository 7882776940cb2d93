//! What the fuzz targets of enforcement do with their bytes; the seeds run through the same
//! functions in `cargo test`.
//!
//! What comes from the network must not panic, must mean what it says, and must be believed only
//! where not a bit of it could be another.

use domain::device::MacAddress;
use enforcement::radius::answer::judge;
use enforcement::radius::attribute::{Attribute, StationForm, number};
use enforcement::radius::client::{Kind, Request};
use enforcement::radius::packet::Packet;
use enforcement::radius::seal::{MessageAuthenticator, Sealed, Secret};

/// A target: its name and what it does.
pub type Target = (&'static str, fn(&[u8]));

/// Every target, by name.
pub const TARGETS: [Target; 1] = [("radius", |bytes| radius(bytes))];

/// Whatever the network answers to a change, or to the end of a session.
fn radius(bytes: &[u8]) {
    if let Ok(packet) = Packet::decode(bytes) {
        let written = packet.encode().expect("it was no longer than a packet may be");
        assert_eq!(bytes.get(..written.len()), Some(written.as_slice()));
    }
    let secret = Secret::new("a secret of sixteen").expect("a secret");
    for kind in [Kind::Change, Kind::Disconnect] {
        let sent = request(kind, &secret);
        for message in [MessageAuthenticator::Required, MessageAuthenticator::Optional] {
            if judge(bytes, &sent, &secret, message).is_ok() {
                holds(bytes, &sent, &secret, message);
            }
        }
    }
}

fn request(kind: Kind, secret: &Secret) -> Sealed {
    let station = MacAddress([0, 0x10, 0xa4, 0x23, 0x19, 0xc0]);
    let station = Attribute::station(station, StationForm::UpperHyphens);
    let filter = Attribute::text(number::FILTER_ID, "asepsis-contain").expect("a text");
    let request = Request::new(kind, vec![station, filter]).expect("short");
    request.seal(7, 1, secret)
}

/// What was believed is not believed with any bit changed, but for padding.
fn holds(bytes: &[u8], sent: &Sealed, secret: &Secret, message: MessageAuthenticator) {
    let whole = Packet::decode(bytes).ok().and_then(|packet| packet.encode().ok());
    let whole = whole.unwrap_or_default();
    for bit in 0..whole.len() * 8 {
        let changed: Vec<u8> = whole
            .iter()
            .enumerate()
            .map(|(at, byte)| if at == bit / 8 { byte ^ (1 << (bit % 8)) } else { *byte })
            .collect();
        assert!(judge(&changed, sent, secret, message).is_err(), "bit {bit}");
    }
}
