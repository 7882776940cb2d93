//! Protocols of which only the name is told, and SSH's program.
//!
//! Refuses to follow them: after their first bytes they are closed books.

use domain::network::{Application, Direction};
use domain::sighting::Said;

use super::{Sign, be16, name};

/// Longest identification of SSH (RFC 4253, section 4.2).
const LINE_BYTES: usize = 255;

/// SSH, RDP.
#[derive(Debug)]
pub(super) struct Dialogue {
    application: Application,
    lines: [Option<Vec<u8>>; 2],
}

pub(super) fn recognise(first: &[u8]) -> Sign {
    match (Sign::of(first, b"SSH-"), rdp(first)) {
        (Sign::Yes, _) | (_, Sign::Yes) => Sign::Yes,
        (Sign::Perhaps, _) | (_, Sign::Perhaps) => Sign::Perhaps,
        _ => Sign::No,
    }
}

/// A TPKT (RFC 1006, 6) with a connection request or confirmation (X.224, 13.3) that asks for a
/// security protocol, as RDP's does (MS-RDPBCGR, 2.2.1.1).
fn rdp(first: &[u8]) -> Sign {
    match first {
        [3, 0, _, _, _, 0xE0 | 0xD0, ..] => Sign::Yes,
        [] | [3] | [3, 0] | [3, 0, _] | [3, 0, _, _] | [3, 0, _, _, _] => Sign::Perhaps,
        _ => Sign::No,
    }
}

impl Dialogue {
    pub(super) fn new(first: &[u8]) -> Self {
        let is_ssh = first.starts_with(b"SSH-");
        let application = if is_ssh { Application::Ssh } else { Application::Rdp };
        let line = is_ssh.then(Vec::new);
        Self { application, lines: [line.clone(), line] }
    }

    pub(super) fn application(&self) -> Application {
        self.application
    }

    pub(super) fn held(&self) -> usize {
        self.lines.iter().flatten().map(Vec::capacity).sum()
    }

    pub(super) fn feed(&mut self, way: Direction, bytes: &[u8], say: &mut dyn FnMut(Said)) {
        let [to_server, to_client] = &mut self.lines;
        let half = if way == Direction::ToServer { to_server } else { to_client };
        let Some(line) = half else { return };
        let end = memchr::memchr(b'\n', bytes);
        let now = end.and_then(|end| bytes.get(..end)).unwrap_or(bytes);
        let room = LINE_BYTES.saturating_sub(line.len()).min(now.len());
        line.extend_from_slice(now.get(..room).unwrap_or_default());
        if end.is_none() && line.len() < LINE_BYTES {
            return;
        }
        // `SSH-2.0-software comment`
        let software = line.splitn(3, |byte| *byte == b'-').nth(2).unwrap_or_default();
        let software = software.split(|byte| *byte == b' ').next().unwrap_or_default();
        if let Some(software) = name(software) {
            say(Said::Ssh(software));
        }
        *half = None;
    }
}

/// A plausible NTP packet (RFC 5905, 7.3): versions 1 to 4, a mode of 1 to 5, whole.
pub(super) fn is_ntp(bytes: &[u8]) -> bool {
    bytes.len() >= 48
        && bytes.first().is_some_and(|first| {
            (1..=4).contains(&(first >> 3 & 7)) && (1..=5).contains(&(first & 7))
        })
}

/// A packet whose length is what RADIUS says it is (RFC 2865, section 3).
pub(super) fn is_radius(bytes: &[u8]) -> bool {
    const CODES: [u8; 12] = [1, 2, 3, 4, 5, 11, 12, 40, 41, 42, 43, 44];
    let length = be16(bytes, 2).map(usize::from);
    bytes.first().is_some_and(|code| CODES.contains(code) || *code == 45)
        && length.is_some_and(|length| (20..=bytes.len()).contains(&length))
}
