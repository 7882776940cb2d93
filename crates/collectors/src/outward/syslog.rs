//! Messages by syslog: a datagram each (RFC 5426), or one after the other over TCP or TLS, each
//! with its length before it (RFC 6587, section 3.4.1; RFC 5425, section 4.3).
//!
//! Refuses to know what they say. Over TCP and TLS it waits until the other end, which has been
//! told that nothing more comes, ends as well: then it has read everything. A datagram may be lost,
//! and nobody tells.

use std::io::{ErrorKind, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr, UdpSocket};

use super::{OutwardError, Place, Reach, Resolver, Scheme, addresses, connect, failed, tls};

/// Sends messages, in their order.
///
/// # Errors
/// Where the place can't be reached, or broke off before it had read all of them: then some of them
/// may have come.
pub fn send(
    place: &Place,
    authority: &str,
    messages: &[Vec<u8>],
    (reach, resolver): (&Reach, &dyn Resolver),
) -> Result<(), OutwardError> {
    let lost = |cause| failed("send to", place, cause);
    if place.scheme() == Scheme::SyslogUdp {
        let to = addresses(place, reach, resolver)?.into_iter().next();
        let to = to.ok_or_else(|| lost(ErrorKind::NotFound.into()))?;
        let own = if to.is_ipv4() {
            UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))
        } else {
            UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0))
        };
        let socket = own.map_err(lost)?;
        socket.connect(to).map_err(lost)?;
        for message in messages {
            socket.send(message).map_err(lost)?;
        }
        return Ok(());
    }
    let stream = connect(place, reach, resolver)?;
    let mut wire: Box<dyn tls::Wire> = match place.scheme() {
        Scheme::SyslogTls => tls::begin(stream, place, authority)?,
        _ => Box::new(stream),
    };
    let mut all = Vec::new();
    for message in messages {
        all.extend_from_slice(format!("{} ", message.len()).as_bytes());
        all.extend_from_slice(message);
    }
    wire.write_all(&all).and_then(|()| wire.end()).map_err(lost)?;
    let mut some = [0; 512];
    loop {
        match wire.read(&mut some) {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            // One that keeps its end open is no fault: what was sent lies with its machine.
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return Ok(());
            }
            // TLS that ends without saying so (RFC 8446, section 6.1) has ended all the same.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(()),
            Err(cause) => return Err(failed("know what was read by", place, cause)),
        }
    }
}
