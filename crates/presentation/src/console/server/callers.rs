//! How much each address may hold at once, so that one does not take the room of all others.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use super::Channel;
use crate::sign_in::limits;

/// What each address holds, and how much it may.
#[derive(Debug)]
pub(super) struct Callers {
    most: usize,
    counts: Mutex<HashMap<IpAddr, usize>>,
}

/// Something that is counted, as long as this is there.
#[derive(Debug)]
pub(super) struct Place(Option<(Arc<Callers>, IpAddr)>);

impl Callers {
    /// Each may hold so much.
    pub(super) fn each(most: usize) -> Arc<Self> {
        Arc::new(Self { most, counts: Mutex::default() })
    }

    /// Room for one more from an address, if there is any. Addresses of one network of 64 bits
    /// count as one (RFC 4291, section 2.5.1). A proxy speaks for many, and is not counted.
    pub(super) fn admit(self: &Arc<Self>, from: IpAddr, channel: Channel) -> Option<Place> {
        if channel == Channel::Proxy {
            return Some(Place(None));
        }
        let from = limits::network(from);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(from).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Place(Some((Arc::clone(self), from))))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((callers, from)) = self.0.take() else { return };
        let mut counts = callers.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&from) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&from);
            }
        }
    }
}
