//! What the agent knows of the network, for whoever keeps it: who is there, by what that is known,
//! and which flows are walked, for what.
//!
//! Told by moments: what was seen since the last question, the eldest first. Refuses long answers,
//! and to tell of paths on which nobody ever answered: a scan would be a ward of flows.

use decisions::identity::Claim;
use decisions::traffic::Path;
use domain::network::Moment;
use serde_json::{Value, json};

use super::Agent;
use super::knowledge::Here;
use super::news::eldest;

/// The form of the answer.
const SCHEMA: &str = "asepsis/known/1";
/// About how many devices an answer has at most.
const DEVICES: usize = 500;
/// About how many flows.
const FLOWS: usize = 2_000;
/// Most claims of one attribute that are told.
const CLAIMS: usize = 4;

impl Agent {
    /// Devices that were seen and flows that were walked after these moments.
    pub(super) fn known_after(&self, seen: Moment, flows: Moment) -> Value {
        let present = self.knowledge.present().filter(|present| present.last > seen).collect();
        let (present, more_devices) = eldest(present, DEVICES, |present: &Here<'_>| present.last);
        let paths = self.knowledge.scene.ward.traffic.paths();
        let is_answered = |path: &&Path| path.answered > 0 || path.successes > 0;
        let paths = paths.filter(|path| path.last > flows).filter(is_answered).collect();
        let (paths, more_flows) = eldest(paths, FLOWS, |path: &&Path| path.last);
        let last =
            |moments: &mut dyn Iterator<Item = Moment>, before| moments.max().unwrap_or(before);
        json!({
            "schema": SCHEMA,
            "now": self.clock.said().0,
            "more": more_devices || more_flows,
            "next": {
                "seen_after": last(&mut present.iter().map(|one| one.last), seen).0,
                "flows_after": last(&mut paths.iter().map(|path| path.last), flows).0,
            },
            "devices": present.iter().map(device).collect::<Vec<Value>>(),
            "flows": paths.into_iter().map(|path| self.flow(path)).collect::<Vec<Value>>(),
        })
    }

    fn flow(&self, path: &Path) -> Value {
        let device = |address| self.knowledge.at(address).map(ToString::to_string);
        json!({
            "client": path.key.client,
            "server": path.key.server,
            "service": path.key.service.to_string(),
            "client_device": device(path.key.client),
            "server_device": device(path.key.server),
            "role": path.role.care.text(),
            "rule": path.role.rule.text(),
            "application": path.application.map(domain::network::Application::text),
            "rhythm": path.rhythm().map(|rhythm| rhythm.median),
            "sessions": path.sessions,
            "answered": path.answered,
            "bytes": path.to_server.bytes.saturating_add(path.to_client.bytes),
            "first": path.first.0,
            "last": path.last.0,
        })
    }
}

fn device(present: &Here<'_>) -> Value {
    let seen = present.seen;
    let kind = seen.kind.as_ref().map(|(kind, claim)| {
        json!({
            "kind": kind.text(),
            "confidence": claim.confidence.text(),
            "evidence": claim.evidence,
            "value": &*claim.value,
        })
    });
    let interfaces = seen.interfaces.iter().map(
        |interface| json!({ "mac": interface.mac.to_string(), "addresses": interface.addresses }),
    );
    let claims = seen.claims.iter().flat_map(|(attribute, claims)| {
        claims.iter().take(CLAIMS).map(|claim| told(attribute.text(), claim))
    });
    json!({
        "device": present.id.to_string(),
        "in_inventory": present.in_inventory,
        "kind": kind,
        "interfaces": interfaces.collect::<Vec<Value>>(),
        "behind_router": seen.behind_router,
        "claims": claims.collect::<Vec<Value>>(),
        "services": seen.offers.iter().map(ToString::to_string).collect::<Vec<String>>(),
        "merged": seen.merged,
        "first": present.first.0,
        "last": present.last.0,
    })
}

fn told(attribute: &str, claim: &Claim) -> Value {
    json!({
        "attribute": attribute,
        "value": &*claim.value,
        "origin": claim.origin.text(),
        "confidence": claim.confidence.text(),
        "evidence": claim.evidence,
    })
}
