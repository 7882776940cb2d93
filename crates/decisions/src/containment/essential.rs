//! Essential flows: the smallest set of flows of a device model that care needs.
//!
//! Learned, proposed with evidence, confirmed by a named clinician or biomedical engineer, amended
//! as they learn more; every step is an event, and the state is their fold. Refuses to take a
//! proposal for a confirmation: what nobody confirmed is used with its doubt said.

mod openings;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use domain::care::CareRole;
use domain::network::{Application, Moment, Service};
use domain::order::{Actor, Role, Side};
use domain::release::ReleaseKey;
use domain::text::Text;

pub use self::openings::{Because, Kept, Note, Openings, Site, Support, openings_for};
use super::refusal::Refusal;

/// Who is at the other end of a flow.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Peer {
    /// Whoever has one of these addresses.
    Addresses(BTreeSet<IpAddr>),
    /// Whoever has that name: the addresses are those of the site, at the moment of planning.
    Named(Text),
}

/// One flow of a model.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EssentialFlow {
    /// What it is for.
    pub role: CareRole,
    /// Which end the device is.
    pub side: Side,
    /// The other end.
    pub peer: Peer,
    /// The server's transport and port.
    pub service: Service,
    /// The protocol, where it was recognised by content.
    pub application: Option<Application>,
}

/// What happened to the essential flows of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// They were proposed: learned from traffic, or written by somebody. With what they rest on.
    Proposed(Vec<EssentialFlow>, Text),
    /// The proposal of that version was confirmed.
    Confirmed(u32),
    /// What was confirmed was replaced at once by these, for that reason.
    Amended(Vec<EssentialFlow>, Text),
}

/// A change, of which model, when and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The model: all of its versions where the key names none, or that one.
    pub model: ReleaseKey,
    /// When.
    pub at: Moment,
    /// Who.
    pub by: Actor,
    /// What.
    pub change: Change,
}

/// One version of the essential flows of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its number, counted over all models, so that it names one list of one model.
    pub number: u32,
    /// The flows, sorted, none twice.
    pub flows: Vec<EssentialFlow>,
    /// What they rest on.
    pub evidence: Text,
    /// Who proposed or amended it.
    pub by: Actor,
    /// When it was proposed or amended.
    pub at: Moment,
    /// Who confirmed it, and when.
    pub confirmed: Option<(Actor, Moment)>,
}

/// The essential flows of one model.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ModelFlows {
    /// The newest proposal that nobody confirmed yet.
    pub proposed: Option<Version>,
    /// What holds.
    pub confirmed: Option<Version>,
}

/// The essential flows of every model.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Essentials {
    models: BTreeMap<ReleaseKey, ModelFlows>,
    versions: u32,
}

impl Essentials {
    /// Takes the next event, or refuses it and stays as it is.
    pub fn follow(&mut self, event: &Event) -> Result<(), Refusal> {
        match &event.change {
            Change::Proposed(flows, evidence) => {
                let version = self.version(event, flows, evidence)?;
                self.model(event).proposed = Some(version);
            }
            Change::Confirmed(number) => {
                answers_for_care(&event.by)?;
                let model = self.models.get_mut(&event.model).ok_or(Refusal::VersionNotProposed)?;
                let seen = model.proposed.take_if(|version| version.number == *number);
                let mut version = seen.ok_or(Refusal::VersionNotProposed)?;
                version.confirmed = Some((event.by.clone(), event.at));
                model.confirmed = Some(version);
            }
            Change::Amended(flows, reason) => {
                answers_for_care(&event.by)?;
                let held = self.models.get(&event.model);
                if held.is_none_or(|model| model.confirmed.is_none()) {
                    return Err(Refusal::VersionNotProposed);
                }
                let mut version = self.version(event, flows, reason)?;
                version.confirmed = Some((event.by.clone(), event.at));
                self.model(event).confirmed = Some(version);
            }
        }
        Ok(())
    }

    /// Every model with its flows.
    pub fn iter(&self) -> impl Iterator<Item = (&ReleaseKey, &ModelFlows)> {
        self.models.iter()
    }

    fn version(
        &mut self,
        event: &Event,
        flows: &[EssentialFlow],
        evidence: &Text,
    ) -> Result<Version, Refusal> {
        if flows.is_empty() {
            return Err(Refusal::NoFlows);
        }
        if evidence.trim().is_empty() {
            return Err(Refusal::NoReason);
        }
        self.versions = self.versions.saturating_add(1);
        let flows: BTreeSet<EssentialFlow> = flows.iter().cloned().collect();
        Ok(Version {
            number: self.versions,
            flows: flows.into_iter().collect(),
            evidence: evidence.clone(),
            by: event.by.clone(),
            at: event.at,
            confirmed: None,
        })
    }

    fn model(&mut self, event: &Event) -> &mut ModelFlows {
        self.models.entry(event.model.clone()).or_default()
    }

    /// The flows for a release: those of its own version, or else of all versions of its model.
    /// Something confirmed for the model comes before something only proposed for the version.
    pub fn of(&self, release: &ReleaseKey) -> Option<&ModelFlows> {
        let model = ReleaseKey::new(&release.manufacturer, &release.model, "")?;
        let (own, all) = (self.models.get(release), self.models.get(&model));
        let confirmed = |flows: &&ModelFlows| flows.confirmed.is_some();
        own.filter(confirmed).or(all.filter(confirmed)).or(own).or(all)
    }
}

/// A named clinician or biomedical engineer says what care needs; nobody and nothing else.
fn answers_for_care(by: &Actor) -> Result<(), Refusal> {
    match by {
        Actor::Person(name, Role::Clinical | Role::Biomedical, _) if !name.trim().is_empty() => {
            Ok(())
        }
        _ => Err(Refusal::MayNotConfirm),
    }
}
