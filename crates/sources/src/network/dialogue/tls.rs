//! TLS: the record layer and the part of a handshake that is in the clear (RFC 8446, section 4 and
//! 5; RFC 5246, section 7).
//!
//! Refuses to decrypt, and to look at anything after the handshake.

use domain::network::Direction;
use domain::sighting::{Said, Tls};
use domain::text::Text;

use super::pending::{Pending, Step};
use super::{HELD_BYTES, Sign, be16, certificate, name};

/// Longest record (RFC 5246, 6.2.3).
const RECORD_BYTES: usize = 16_384 + 2_048;

/// Both directions of a connection.
#[derive(Debug, Default)]
pub(super) struct Dialogue {
    to_server: Half,
    to_client: Half,
}

#[derive(Debug, Default)]
struct Half {
    pending: Pending,
    handshake: Vec<u8>,
    is_over: bool,
}

/// A handshake record of SSL 3 or TLS.
pub(super) fn recognise(first: &[u8]) -> Sign {
    match first {
        [] | [0x16] | [0x16, 3] => Sign::Perhaps,
        [0x16, 3, 0..=4, rest @ ..] if rest.len() < 3 => Sign::Perhaps,
        // A hello of the client (1) or of the server (2) comes first.
        [0x16, 3, 0..=4, _, _, 1 | 2, ..] => Sign::Yes,
        _ => Sign::No,
    }
}

impl Dialogue {
    pub(super) fn feed(&mut self, way: Direction, bytes: &[u8], say: &mut dyn FnMut(Said)) {
        let half = match way {
            Direction::ToServer => &mut self.to_server,
            Direction::ToClient => &mut self.to_client,
        };
        let (handshake, is_over) = (&mut half.handshake, &mut half.is_over);
        half.pending.take(bytes, &mut |bytes| {
            if *is_over {
                return Step::Past(bytes.len() as u64);
            }
            let (Some(kind), Some(length)) = (bytes.first(), be16(bytes, 3)) else {
                return Step::Need(5);
            };
            let whole = 5 + usize::from(length);
            match kind {
                0x16 if whole <= 5 + RECORD_BYTES => {
                    let Some(record) = bytes.get(5..whole) else { return Step::Need(whole) };
                    handshake.extend_from_slice(record);
                    messages(handshake, say);
                    if handshake.len() > HELD_BYTES {
                        *is_over = true;
                        *handshake = Vec::new();
                    }
                }
                // An alert says nothing; after a change of cipher all is hidden.
                0x15 => {}
                _ => {
                    *is_over = true;
                    *handshake = Vec::new();
                }
            }
            Step::Past(whole as u64)
        });
    }

    pub(super) fn held(&self) -> usize {
        let halves = [&self.to_server, &self.to_client];
        halves.into_iter().map(|half| half.pending.held() + half.handshake.capacity()).sum()
    }

    pub(super) fn lost(&mut self, way: Direction, bytes: u64) {
        match way {
            Direction::ToServer => self.to_server.pending.lost(bytes),
            Direction::ToClient => self.to_client.pending.lost(bytes),
        }
    }
}

/// Takes every whole message of the handshake.
fn messages(handshake: &mut Vec<u8>, say: &mut dyn FnMut(Said)) {
    let mut done = 0;
    while let Some(&[kind, a, b, c]) = handshake.get(done..).and_then(<[u8]>::first_chunk) {
        let length = u32::from_be_bytes([0, a, b, c]) as usize;
        let Some(body) = handshake.get(done + 4..done + 4 + length) else { break };
        let told = match kind {
            1 => hello(body),
            11 => chain(body),
            _ => None,
        };
        if let Some(told) = told {
            say(Said::Tls(told));
        }
        done += 4 + length;
    }
    handshake.drain(..done);
    if handshake.is_empty() {
        *handshake = Vec::new();
    }
}

/// A client's hello: version, random, session, ciphers, compressions, extensions.
fn hello(body: &[u8]) -> Option<Tls> {
    let legacy = be16(body, 0)?;
    let mut rest = body.get(34..)?;
    let session = usize::from(*rest.first()?);
    rest = rest.get(1 + session..)?;
    let ciphers = usize::from(be16(rest, 0)?);
    rest = rest.get(2 + ciphers..)?;
    let compressions = usize::from(*rest.first()?);
    rest = rest.get(1 + compressions..)?;
    let (mut server_name, mut version) = (None, legacy);
    let mut extensions = rest.get(2..).unwrap_or_default();
    while let (Some(kind), Some(length)) = (be16(extensions, 0), be16(extensions, 2)) {
        let end = 4 + usize::from(length);
        let Some(value) = extensions.get(4..end) else { break };
        match kind {
            0 => server_name = asked(value),
            43 => {
                let offered = value.get(1..).unwrap_or_default().chunks_exact(2);
                let real = offered.filter_map(|pair| be16(pair, 0)).filter(|v| v >> 8 == 3);
                version = real.max().unwrap_or(legacy);
            }
            _ => {}
        }
        extensions = extensions.get(end..).unwrap_or_default();
    }
    Some(Tls::Hello { server_name, version })
}

/// The server's name (RFC 6066, section 3).
fn asked(value: &[u8]) -> Option<Text> {
    let length = usize::from(be16(value, 3)?);
    name(value.get(5..5 + length)?)
}

/// The first certificate of a chain (RFC 5246, 7.4.2): the server's own.
fn chain(body: &[u8]) -> Option<Tls> {
    let [_, _, _, a, b, c] = body.first_chunk::<6>()?;
    let length = u32::from_be_bytes([0, *a, *b, *c]) as usize;
    certificate::read(body.get(6..6 + length)?)
}
