//! Scans (T1046) and fan-out (T1018): many doors tried.
//!
//! Refuses to take a busy server for a scanner: what counts is a door that did not open, or one
//! service called on many machines within a minute.

use std::collections::BTreeSet;
use std::net::IpAddr;

use domain::network::{Service, Session, SessionState, Transport};

use super::peers::is_outside;
use super::window::Window;
use super::{Detection, Expected, Reached, Technique};

/// The span looked at, in microseconds.
const SPAN: i64 = 60_000_000;
/// Doors remembered for a source.
const MOST: usize = 512;
/// So many different doors that did not open make a scan.
pub(super) const CLOSED_DOORS: usize = 12;
/// So many machines called on one service make a fan-out.
const MACHINES: usize = 10;

/// What is remembered of a source.
#[derive(Debug)]
pub(super) struct State {
    closed: Window<(IpAddr, Service)>,
    called: Window<(IpAddr, Service)>,
}

impl Default for State {
    fn default() -> Self {
        Self { closed: Window::new(SPAN, MOST), called: Window::new(SPAN, MOST) }
    }
}

impl State {
    /// What it takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.closed.bytes() + self.called.bytes()
    }

    /// A session began. What its model does by habit is no fan-out, nor are the many addresses
    /// that a page on the internet is made of.
    pub(super) fn opened(
        &mut self,
        session: &Session,
        expected: &impl Expected,
    ) -> Option<Detection> {
        let service = session.conversation.service();
        let server = session.conversation.server.address;
        let client = &session.conversation.client;
        if !counts(service)
            || is_group(server)
            || is_outside(server)
            || expected.expects(client, server, service) == Some(true)
        {
            return None;
        }
        self.called.put(session.first, (server, service));
        let same = self.called.iter().filter(|(_, called)| *called == service);
        let targets: BTreeSet<IpAddr> = same.map(|(address, _)| *address).collect();
        (targets.len() >= MACHINES).then(|| Detection {
            at: session.first,
            since: session.first,
            technique: Technique::FanOut,
            source: session.conversation.client.address,
            evidence: format!("it called {service} on {} machines in a minute", targets.len()),
            targets,
            service: Some(service),
            proposed: Technique::FanOut.level(),
            reached: Reached::Tried,
        })
    }

    /// A session ended.
    pub(super) fn ended(&mut self, session: &Session) -> Option<Detection> {
        let shut = matches!(session.state, SessionState::Refused | SessionState::Attempted)
            || (session.state == SessionState::Reset && session.to_server.bytes == 0);
        let service = session.conversation.service();
        if !shut || !counts(service) || session.conversation.server.address.is_multicast() {
            return None;
        }
        self.closed.put(session.last(), (session.conversation.server.address, service));
        let doors: BTreeSet<&(IpAddr, Service)> = self.closed.iter().collect();
        if doors.len() < CLOSED_DOORS {
            return None;
        }
        let targets: BTreeSet<IpAddr> = doors.iter().map(|(address, _)| *address).collect();
        Some(Detection {
            at: session.last(),
            since: session.last(),
            technique: Technique::ServiceScan,
            source: session.conversation.client.address,
            evidence: format!(
                "{} doors on {} machines did not open to it within a minute",
                doors.len(),
                targets.len()
            ),
            targets,
            service: None,
            proposed: Technique::ServiceScan.level(),
            reached: Reached::Tried,
        })
    }
}

/// Names, addresses, clocks and logs are asked of many machines by right, and go unanswered.
pub(super) fn counts(service: Service) -> bool {
    const USUAL: [u16; 12] = [53, 67, 68, 123, 137, 138, 161, 514, 546, 547, 5353, 5355];
    match service.transport {
        Transport::Tcp => true,
        Transport::Udp => !USUAL.contains(&service.port),
        Transport::Icmp | Transport::Other(_) => false,
    }
}

/// Whether an address is that of a group, or a broadcast's in the usual networks of 24 bits.
pub(super) fn is_group(address: IpAddr) -> bool {
    address.is_multicast()
        || matches!(address, IpAddr::V4(address) if address.octets().ends_with(&[255]))
}
