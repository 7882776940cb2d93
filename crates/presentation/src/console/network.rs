//! What the network shows of a device, as the store has it: who it is and by what that is known,
//! with whom it speaks and what for, and what happened to it.
//!
//! Stands also where the agent is gone. Refuses to take the last time for now: each says when.

use std::cmp::Reverse;

use decisions::traffic::RoleRule;
use serde::Deserialize;
use store::StoreError;
use store::database::Transaction;
use store::detections::{self, Detection};
use store::flows::{self, Flow};
use store::identities::{self, Identity};
use store::steps::{self, Step};

use super::words;
use crate::text::Text;

/// Most flows that are shown, and most of what happened.
const FLOWS: usize = 50;
const HAPPENED: usize = 50;

/// What the network shows of a device.
#[derive(Debug, Default)]
pub(super) struct Network {
    pub(super) identity: Option<Identity>,
    pub(super) seen: Seen,
    pub(super) flows: Vec<Walked>,
    pub(super) happened: Vec<Happened>,
}

/// What an agent said of it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Seen {
    pub(super) interfaces: Vec<Interface>,
    pub(super) behind_router: Vec<String>,
    pub(super) claims: Vec<Claim>,
    pub(super) services: Vec<String>,
    pub(super) merged: Vec<String>,
}

/// An interface with its addresses.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Interface {
    pub(super) mac: String,
    pub(super) addresses: Vec<String>,
}

/// Something that it says of itself, or others of it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Claim {
    pub(super) attribute: String,
    pub(super) value: String,
    pub(super) origin: String,
    pub(super) confidence: String,
    pub(super) evidence: String,
}

/// A flow, as it is seen from the device.
#[derive(Debug)]
pub(super) struct Walked {
    /// The other end: its id if that is known, and its address.
    pub(super) peer: (String, String),
    pub(super) begins_here: bool,
    pub(super) service: String,
    pub(super) application: String,
    pub(super) role: String,
    /// Why that is believed to be its role.
    pub(super) because: &'static str,
    pub(super) rhythm: String,
    pub(super) last_ms: i64,
}

/// A step of an order, or a detection.
#[derive(Debug)]
pub(super) enum Happened {
    Step(Step),
    Detection(Detection),
}

impl Happened {
    pub(super) fn at_ms(&self) -> i64 {
        match self {
            Self::Step(step) => step.at_ms,
            Self::Detection(detection) => detection.at_ms,
        }
    }
}

impl Network {
    /// What stands in the store of a device.
    pub(super) fn of(
        transaction: &mut Transaction<'_>,
        text: Text,
        device: &str,
    ) -> Result<Self, StoreError> {
        let identity = identities::one(transaction, device)?;
        let rest = identity.as_ref().map_or("{}", |identity| identity.rest.as_str());
        let seen = serde_json::from_str(rest)
            .map_err(|_| StoreError::Unreadable { what: "description of a device" })?;
        let flows = flows::of(transaction, device, FLOWS)?;
        let steps = steps::of_device(transaction, device, HAPPENED)?;
        let found = detections::of_device(transaction, device, HAPPENED)?;
        let steps = steps.into_iter().map(Happened::Step);
        let mut happened: Vec<Happened> =
            steps.chain(found.into_iter().map(Happened::Detection)).collect();
        happened.sort_by_key(|one| Reverse(one.at_ms()));
        happened.truncate(HAPPENED);
        let flows = flows.iter().map(|flow| Walked::of(text, flow, device)).collect();
        Ok(Self { identity, seen, flows, happened })
    }

    /// Whether nothing was ever seen of it.
    pub(super) fn is_empty(&self) -> bool {
        self.identity.is_none() && self.flows.is_empty() && self.happened.is_empty()
    }
}

impl Walked {
    fn of(text: Text, flow: &Flow, device: &str) -> Self {
        let (id, address) = flow.peer(device);
        let rule = RoleRule::ALL.iter().find(|rule| rule.text() == flow.rule);
        Self {
            peer: (id.to_owned(), address.to_owned()),
            begins_here: flow.begins_at(device),
            service: flow.service.clone(),
            application: flow.application.clone(),
            role: flow.role.clone(),
            because: rule.map_or("", |rule| rule.meaning()),
            rhythm: flow.rhythm_ms.map(|own| words::every(text, own)).unwrap_or_default(),
            last_ms: flow.last_ms,
        }
    }
}
