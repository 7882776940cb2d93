//! What was seen on the network, in the form that is shown: devices, paths, detections.
//!
//! Holds no address of a patient and no word of a message, for what it is made of holds none.

use std::collections::BTreeMap;
use std::net::IpAddr;

use decisions::identity::{Claim, Identified, Join, maker};
use decisions::threat::{Detection, Reached};
use decisions::traffic::{InUse, Path};
use domain::device::DeviceId;
use domain::network::Moment;
use serde::Serialize;

/// The version of the form.
pub const SCHEMA: &str = "asepsis/observation/1";

/// The whole.
#[derive(Debug, Serialize)]
pub struct Observation {
    /// The version of the form.
    pub schema: &'static str,
    /// The program's version.
    pub program: String,
    /// What was read.
    pub input: Input,
    /// The ordinary days that it was held against, where any were named.
    pub baseline: Option<SeenBaseline>,
    /// The devices, by address.
    pub devices: Vec<SeenDevice>,
    /// The paths between them, the most urgent role first.
    pub paths: Vec<SeenPath>,
    /// What attackers did, in time.
    pub detections: Vec<SeenDetection>,
}

/// What was read.
#[derive(Debug, Default, Serialize)]
pub struct Input {
    /// Files or interfaces.
    pub names: Vec<String>,
    /// Frames given.
    pub frames: u64,
    /// Bytes of frames.
    pub bytes: u64,
    /// The first and the last frame.
    pub from: Option<String>,
    /// The last frame.
    pub to: Option<String>,
    /// Whatever was lost or given up, by name.
    pub counters: BTreeMap<&'static str, u64>,
    /// What was wrong with the files, a sentence each.
    pub problems: Vec<String>,
}

/// The ordinary days.
#[derive(Debug, Serialize)]
pub struct SeenBaseline {
    /// The files.
    pub names: Vec<String>,
    /// Devices that were learned.
    pub devices: usize,
    /// Models that they are of, by the inventory.
    pub models: usize,
    /// Services of machines that they usually call.
    pub calls: usize,
    /// Devices seen now of which nothing is expected.
    pub not_learned: usize,
}

/// A device.
#[derive(Debug, Serialize)]
pub struct SeenDevice {
    /// Its id in the inventory.
    pub id: Option<String>,
    /// By what it was found there.
    pub joined_by: Option<&'static str>,
    /// Other rows that fit by other signs.
    pub contradictions: Vec<String>,
    /// What it most likely is.
    pub kind: Option<&'static str>,
    /// How sure.
    pub confidence: Option<&'static str>,
    /// Why.
    pub because: Option<&'static str>,
    /// Its hardware addresses, each with its addresses.
    pub interfaces: Vec<SeenInterface>,
    /// Addresses known only behind a router.
    pub behind_router: Vec<IpAddr>,
    /// Why several interfaces are one device.
    pub merged: Vec<String>,
    /// What it says of itself.
    pub claims: Vec<SeenClaim>,
    /// The services that it answers on.
    pub offers: Vec<String>,
    /// Whether a patient depends on it now.
    pub in_use: SeenUse,
    /// When it was first and last seen.
    pub first: Option<String>,
    /// When it was last seen.
    pub last: Option<String>,
}

/// An interface.
#[derive(Debug, Serialize)]
pub struct SeenInterface {
    /// Its hardware address.
    pub mac: String,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// Who registered the first bits of its hardware address.
    pub maker: Option<&'static str>,
    /// Whether its hardware address was made up by its user or a program.
    pub locally_administered: bool,
}

/// A claim.
#[derive(Debug, Serialize)]
pub struct SeenClaim {
    /// Of what.
    pub attribute: &'static str,
    /// Its value.
    pub value: String,
    /// Where it was read.
    pub evidence: &'static str,
    /// Who said it.
    pub origin: &'static str,
    /// How sure.
    pub confidence: &'static str,
    /// How often.
    pub times: u64,
}

/// Whether a device is in use.
#[derive(Debug, Serialize)]
pub struct SeenUse {
    /// `yes` or `unknown`; silence is no proof of "no".
    pub state: &'static str,
    /// What the last sign was for.
    pub sign: Option<&'static str>,
    /// When the last sign was seen.
    pub last_sign: Option<String>,
}

/// A path.
#[derive(Debug, Serialize)]
pub struct SeenPath {
    /// Who begins.
    pub client: IpAddr,
    /// Who is spoken to.
    pub server: IpAddr,
    /// On what.
    pub service: String,
    /// The protocol, by content.
    pub application: Option<&'static str>,
    /// What for.
    pub role: &'static str,
    /// The rule that gave the role.
    pub rule: &'static str,
    /// Whether care needs it until a person says otherwise.
    pub essential: bool,
    /// Sessions begun.
    pub sessions: u64,
    /// Sessions answered.
    pub answered: u64,
    /// Successes of the application.
    pub successes: u64,
    /// How often, in words.
    pub rhythm: Option<String>,
    /// When it was last walked.
    pub last: String,
}

/// A detection.
#[derive(Debug, Serialize)]
pub struct SeenDetection {
    /// When.
    pub at: String,
    /// The rule.
    pub rule: &'static str,
    /// The technique's identifier at MITRE ATT&CK.
    pub attack: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// Who did it.
    pub source: IpAddr,
    /// The source's id in the inventory.
    pub device: Option<String>,
    /// To whom.
    pub targets: Vec<IpAddr>,
    /// On what.
    pub service: Option<String>,
    /// What was seen.
    pub evidence: String,
    /// Whether it got in.
    pub got_in: bool,
    /// The level proposed for the source.
    pub proposed: &'static str,
}

impl SeenDevice {
    /// A device in the form that is shown.
    #[must_use]
    pub fn new(device: &Identified, join: Option<&Join<'_>>, in_use: InUse) -> Self {
        let id = |id: &Option<DeviceId>| id.as_ref().map_or("?".into(), ToString::to_string);
        let kind = device.kind.as_ref();
        Self {
            id: join.map(|join| id(&join.device.id)),
            joined_by: join.map(|join| join.rule.text()),
            contradictions: join.map_or_else(Vec::new, |join| {
                let against = join.against.iter();
                against.map(|(row, rule)| format!("{} by {}", id(&row.id), rule.text())).collect()
            }),
            kind: kind.map(|(kind, _)| kind.text()),
            confidence: kind.map(|(_, claim)| claim.confidence.text()),
            because: kind.map(|(_, claim)| claim.evidence),
            interfaces: device
                .interfaces
                .iter()
                .map(|interface| SeenInterface {
                    mac: interface.mac.to_string(),
                    addresses: interface.addresses.clone(),
                    maker: maker(interface.mac).map(|(name, _)| name),
                    locally_administered: interface.mac.is_local(),
                })
                .collect(),
            behind_router: device.behind_router.clone(),
            merged: device.merged.clone(),
            claims: device
                .claims
                .iter()
                .flat_map(|(attribute, claims)| claims.iter().map(|c| claim(attribute.text(), c)))
                .collect(),
            offers: device.offers.iter().map(ToString::to_string).collect(),
            in_use: used(in_use),
            first: device.seen.map(|(first, _)| first.to_string()),
            last: device.seen.map(|(_, last)| last.to_string()),
        }
    }
}

fn claim(attribute: &'static str, claim: &Claim) -> SeenClaim {
    SeenClaim {
        attribute,
        value: claim.value.to_string(),
        evidence: claim.evidence,
        origin: claim.origin.text(),
        confidence: claim.confidence.text(),
        times: claim.times,
    }
}

fn used(in_use: InUse) -> SeenUse {
    let (state, sign) = match in_use {
        InUse::Yes(sign) => ("yes", Some(sign)),
        InUse::Unknown(sign) => ("unknown", sign),
    };
    SeenUse {
        state,
        sign: sign.map(|sign| sign.role.text()),
        last_sign: sign.map(|sign| sign.at.to_string()),
    }
}

impl SeenPath {
    /// A path in the form that is shown.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self {
            client: path.key.client,
            server: path.key.server,
            service: path.key.service.to_string(),
            application: path.application.map(domain::network::Application::text),
            role: path.role.care.text(),
            rule: path.role.rule.text(),
            essential: path.role.care.essential_by_default(),
            sessions: path.sessions,
            answered: path.answered,
            successes: path.successes,
            rhythm: path.rhythm().map(|rhythm| rhythm.words()),
            last: path.last.to_string(),
        }
    }
}

impl SeenDetection {
    /// A detection in the form that is shown.
    #[must_use]
    pub fn new(detection: &Detection, device: Option<String>) -> Self {
        Self {
            at: detection.at.to_string(),
            rule: detection.technique.text(),
            attack: detection.technique.attack(),
            meaning: detection.technique.meaning(),
            source: detection.source,
            device,
            targets: detection.targets.iter().copied().collect(),
            service: detection.service.map(|service| service.to_string()),
            evidence: detection.evidence.clone(),
            got_in: detection.reached == Reached::GotIn,
            proposed: detection.proposed.text(),
        }
    }
}

impl Input {
    /// Notes a frame.
    pub fn frame(&mut self, bytes: usize) {
        self.frames += 1;
        self.bytes += bytes as u64;
    }

    /// Notes when the first and the last frame were.
    pub fn span(&mut self, first: Option<Moment>, last: Option<Moment>) {
        self.from = first.map(|moment| moment.to_string());
        self.to = last.map(|moment| moment.to_string());
    }
}
