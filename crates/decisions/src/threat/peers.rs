//! New peers (T1021) and calls to the outside (T1071): what a device's model never did.
//!
//! Refuses to alarm where there is no baseline: a device that was never learned has no habits to
//! break.

use std::collections::BTreeSet;
use std::net::IpAddr;

use domain::network::{End, Service, Session};

use super::{Detection, Reached, Technique};

/// Peers remembered of a source, so that each is told once.
const MOST: usize = 1_024;

/// What is expected of devices: their models' baselines.
pub trait Expected {
    /// Whether a device with this address and hardware address may call this service of that
    /// machine; `None` where neither its model nor itself was ever learned.
    fn expects(&self, device: &End, server: IpAddr, service: Service) -> Option<bool>;

    /// Which model of the inventory a device is of, by a number that its units share; `None` where
    /// it is not in the inventory.
    fn model(&self, _: &End) -> Option<usize> {
        None
    }

    /// Whose habits it is held against, in words.
    fn whose(&self, _: &End) -> &'static str {
        "its model"
    }
}

/// Nothing was learned yet.
impl Expected for () {
    fn expects(&self, _: &End, _: IpAddr, _: Service) -> Option<bool> {
        None
    }
}

/// What is remembered of a source.
#[derive(Debug, Default)]
pub(super) struct State {
    told: BTreeSet<(IpAddr, Service)>,
}

impl State {
    /// What it takes, in bytes, where nodes are half empty.
    pub(super) fn bytes(&self) -> usize {
        self.told.len() * 2 * size_of::<(IpAddr, Service)>()
    }

    /// A session began.
    pub(super) fn opened(
        &mut self,
        session: &Session,
        expected: &impl Expected,
    ) -> Option<Detection> {
        let spoken = &session.conversation;
        let (server, service) = (spoken.server.address, spoken.service());
        if expected.expects(&spoken.client, server, service)? {
            return None;
        }
        if self.told.len() >= MOST || !self.told.insert((server, service)) {
            return None;
        }
        let technique = if is_outside(server) { Technique::Outside } else { Technique::NewPeer };
        Some(Detection {
            at: session.first,
            since: session.first,
            technique,
            source: spoken.client.address,
            targets: [server].into(),
            service: Some(service),
            evidence: format!(
                "it called {service} of {server}, which {} never did",
                expected.whose(&spoken.client)
            ),
            proposed: technique.level(),
            reached: Reached::Tried,
        })
    }
}

/// Whether an address is outside of every private network (RFC 1918, RFC 4193, link-local).
pub(super) fn is_outside(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            !(address.is_private()
                || address.is_link_local()
                || address.is_loopback()
                || address.is_multicast()
                || address.is_broadcast()
                || address.is_unspecified())
        }
        IpAddr::V6(address) => {
            !(address.is_unique_local()
                || address.is_unicast_link_local()
                || address.is_loopback()
                || address.is_multicast()
                || address.is_unspecified())
        }
    }
}
