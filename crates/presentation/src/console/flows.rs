//! What devices are connected for: with whom, what for, and what would become of it.
//!
//! One function says where that comes from, [`of`]. Refuses to guess who an address is: it has the
//! name that the inventory gives it, or none.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::care::CareRole;
use store::StoreError;
use store::database::Transaction;
use store::devices::{self, Device};

use super::access::Visitor;
use super::page::Wrong;
use super::{Console, orders, words};
use crate::assessment;
use crate::picture::map::Fate;
use crate::planned::SeenPlan;
use crate::text::Text;

/// Most devices that are looked at for one address.
const SAME: usize = 8;
/// Most addresses that are looked up for one page.
const NAMED: usize = 60;
/// Most flows of a device that are shown.
const KEPT: usize = 500;

/// What a device is connected for, with one peer and one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flow {
    /// The address at the other end.
    pub(super) peer: String,
    /// What care loses when it is cut (`domain::care::CareRole`).
    pub(super) role: String,
    /// Transport and port.
    pub(super) service: String,
    /// What becomes of it.
    pub(super) fate: Fate,
    /// How many sessions were seen; 0 where that was not told.
    pub(super) sessions: usize,
    /// When the last began (RFC 3339); empty where that was not told.
    pub(super) last: String,
    /// Why it stays, where it does.
    pub(super) because: String,
}

impl Flow {
    /// Whether care needs it until somebody says otherwise.
    pub(super) fn is_for_care(&self) -> bool {
        CareRole::read(&self.role).is_some_and(CareRole::essential_by_default)
    }
}

/// What is told of a device.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    /// What it is connected for, and what would become of it; the most urgent for care first.
    pub(super) flows: Vec<Flow>,
    /// What a containment would do; nothing where the agent says nothing of it.
    pub(super) plan: Option<SeenPlan>,
    /// Why there is none.
    pub(super) silence: Option<String>,
}

/// What a device is connected for, and what a containment at a level would make of it: by the
/// agent, which plans; where that says nothing, by what it told before.
pub(super) async fn of(
    console: &Arc<Console>,
    visitor: &Visitor,
    device: &str,
    level: &str,
) -> Result<Told, Wrong> {
    match orders::plan(console, visitor, device, level).await {
        Ok(plan) => Ok(Told { flows: planned(&plan), plan: Some(plan), silence: None }),
        Err(Wrong::Refused(refused)) => {
            let device = device.to_owned();
            let flows = console.read(move |t| kept(t, &device)).await?;
            Ok(Told { flows, plan: None, silence: Some(refused.to_string()) })
        }
        Err(wrong) => Err(wrong),
    }
}

/// The flows of a device that were kept, as they were last seen.
fn kept(transaction: &mut Transaction<'_>, device: &str) -> Result<Vec<Flow>, StoreError> {
    let kept = store::flows::of(transaction, device, KEPT)?;
    let flow = |kept: &store::flows::Flow| Flow {
        peer: kept.peer(device).1.to_owned(),
        role: kept.role.clone(),
        service: kept.service.clone(),
        fate: Fate::Seen,
        sessions: usize::try_from(kept.sessions).unwrap_or_default(),
        last: words::moment(kept.last_ms),
        because: String::new(),
    };
    let mut flows: Vec<Flow> = kept.iter().map(flow).collect();
    flows.sort_by_key(|flow| CareRole::read(&flow.role));
    Ok(flows)
}

/// The flows that a plan tells of, the most urgent for care first.
pub(super) fn planned(plan: &SeenPlan) -> Vec<Flow> {
    let mut flows: BTreeMap<(Fate, &str, &str, &str), Flow> = BTreeMap::new();
    let flow = |peer: &str, role: &str, service: &str, fate| Flow {
        peer: peer.to_owned(),
        role: role.to_owned(),
        service: service.to_owned(),
        fate,
        sessions: 0,
        last: String::new(),
        because: String::new(),
    };
    for open in &plan.stays_open {
        let key = (Fate::Stays, &*open.peer, &*open.role, &*open.service);
        let own = flows.entry(key).or_insert_with(|| flow(key.1, key.2, key.3, Fate::Stays));
        own.because.clone_from(&open.because);
    }
    for (fate, groups) in [(Fate::Stays, &plan.would_stay), (Fate::Ends, &plan.would_end)] {
        for group in groups {
            let key = (fate, &*group.peer, &*group.role, &*group.service);
            let own = flows.entry(key).or_insert_with(|| flow(key.1, key.2, key.3, fate));
            own.sessions += group.sessions;
            if group.last > own.last {
                own.last.clone_from(&group.last);
            }
        }
    }
    let mut flows: Vec<Flow> = flows.into_values().collect();
    flows.sort_by_key(|flow| (CareRole::read(&flow.role), flow.fate));
    flows
}

/// What stands at which address, by the inventory; where two devices are said to have one address,
/// none of them is named.
pub(super) fn named(
    transaction: &mut Transaction<'_>,
    flows: &[Flow],
) -> Result<BTreeMap<String, Device>, StoreError> {
    let mut named = BTreeMap::new();
    let mut peers: Vec<&str> = flows.iter().map(|flow| flow.peer.as_str()).collect();
    peers.sort_unstable();
    peers.dedup();
    for peer in peers.into_iter().take(NAMED) {
        let mut found = devices::of_word(transaction, peer, SAME)?;
        found.retain(|device| has_address(device, peer));
        if let (Some(device), None) = (found.pop(), found.pop()) {
            named.insert(peer.to_owned(), device);
        }
    }
    Ok(named)
}

fn has_address(device: &Device, address: &str) -> bool {
    let rest = serde_json::from_str::<assessment::Device>(&device.rest);
    rest.is_ok_and(|rest| rest.ips.iter().any(|own| own == address))
}

/// What becomes of all that a device is connected for with one peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct With {
    /// The address at the other end.
    pub(super) peer: String,
    /// What becomes of it.
    pub(super) fate: Fate,
    /// What for, in words.
    pub(super) roles: String,
    /// Transports and ports.
    pub(super) services: String,
    /// How many sessions were seen; 0 where that was not told.
    pub(super) sessions: usize,
    /// When the last began (RFC 3339); empty where that was not told.
    pub(super) last: String,
    /// Why it stays, where it does.
    pub(super) because: String,
}

/// Flows by peer and what becomes of them, what stays first, the most urgent for care first.
pub(super) fn by_peer(text: Text, flows: &[Flow]) -> Vec<With> {
    let mut rows: Vec<With> = Vec::new();
    let mut sorted: Vec<&Flow> = flows.iter().collect();
    sorted.sort_by_key(|flow| flow.fate);
    for flow in sorted {
        let role = words::paths(text, &flow.role);
        match rows.iter_mut().find(|row| row.peer == flow.peer && row.fate == flow.fate) {
            Some(row) => {
                add(&mut row.roles, role);
                add(&mut row.services, &flow.service);
                add(&mut row.because, &flow.because);
                row.sessions += flow.sessions;
                row.last = std::mem::take(&mut row.last).max(flow.last.clone());
            }
            None => rows.push(With {
                peer: flow.peer.clone(),
                fate: flow.fate,
                roles: role.to_owned(),
                services: flow.service.clone(),
                sessions: flow.sessions,
                last: flow.last.clone(),
                because: flow.because.clone(),
            }),
        }
    }
    rows
}

/// Adds a word to those that are there, once.
fn add(text: &mut String, word: &str) {
    if text.split(", ").any(|own| own == word) || word.is_empty() {
        return;
    }
    if !text.is_empty() {
        text.push_str(", ");
    }
    text.push_str(word);
}

/// The roles that care needs until somebody says otherwise, as they are written.
pub(super) fn for_care() -> Vec<&'static str> {
    let roles = CareRole::ALL.into_iter().filter(|role| role.essential_by_default());
    roles.map(CareRole::text).collect()
}

#[cfg(test)]
mod tests {
    use super::{Fate, by_peer, planned};
    use crate::planned::{SeenGroup, SeenOpening, SeenPlan};
    use crate::text::Text;

    #[test]
    fn each_flow_of_a_plan_is_told_once_with_what_becomes_of_it() {
        let group = |peer: &str, role: &str, sessions| SeenGroup {
            peer: peer.to_owned(),
            role: role.to_owned(),
            service: "tcp/2575".to_owned(),
            sessions,
            last: "2026-11-30T03:00:00Z".to_owned(),
            ..SeenGroup::default()
        };
        let plan = SeenPlan {
            stays_open: vec![SeenOpening {
                peer: "10.0.0.1".to_owned(),
                role: "result".to_owned(),
                service: "tcp/2575".to_owned(),
                because: "a person said so".to_owned(),
                ..SeenOpening::default()
            }],
            would_stay: vec![group("10.0.0.1", "result", 3)],
            would_end: vec![group("10.0.0.9", "other", 2), group("10.0.0.9", "other", 5)],
            ..SeenPlan::default()
        };
        let flows = planned(&plan);
        assert_eq!(flows.len(), 2);
        assert_eq!((flows[0].fate, flows[0].sessions), (Fate::Stays, 3));
        assert_eq!(flows[0].because, "a person said so");
        assert_eq!((flows[1].fate, flows[1].sessions), (Fate::Ends, 7));
        assert!(flows[0].is_for_care() && !flows[1].is_for_care());
        let mut other = flows[1].clone();
        other.service = "tcp/22".to_owned();
        let rows = by_peer(Text::english(), &[flows[1].clone(), other, flows[0].clone()]);
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].fate, Fate::Stays);
        assert_eq!((&*rows[1].services, rows[1].sessions), ("tcp/2575, tcp/22", 14));
    }
}
