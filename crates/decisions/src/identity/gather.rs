//! Gathering: what each sighting tells of whom.
//!
//! Refuses to conclude: it files what was said under the address that said it.

use std::net::IpAddr;

use domain::device::MacAddress;
use domain::network::{Conversation, Direction, Moment, Service, Session};
use domain::sighting::{Association, Dicom, Hl7, Http, Lease, Said, Seen, Sighting, Smb, Tls};
use domain::text::Text;

use super::{
    ADDRESSES, Act, Attribute, Claim, Confidence, EACH, HELD_BYTES, Identities, KNOWN_BYTES, Known,
    Origin, is_own,
};

/// DHCP message types that a server sends (RFC 2132, 9.6): offer, acknowledgement.
const OFFER: u8 = 2;
const ACKNOWLEDGED: u8 = 5;
/// What an entry of a tree costs beyond itself, in bytes: a node is half empty at worst.
const NODE_COST: usize = 32;

impl Identities {
    /// Takes one sighting.
    pub fn see(&mut self, sighting: &Sighting) {
        let at = sighting.at;
        match &sighting.seen {
            Seen::Address(mac, address) => self.bind(*mac, *address, at),
            Seen::Lease(lease) => self.lease(lease, at),
            Seen::Opened(session) | Seen::Ended(session) => self.session(session),
            Seen::Said(spoken, direction, said) => self.said(at, spoken, *direction, said),
            _ => {}
        }
    }

    /// How many addresses were not held for want of room.
    #[must_use]
    pub fn not_held(&self) -> u64 {
        self.not_held
    }

    /// How many names and services were not held for want of room.
    #[must_use]
    pub fn unheard(&self) -> u64 {
        self.unheard
    }

    fn bind(&mut self, mac: MacAddress, address: IpAddr, at: Moment) {
        if is_own(address) && self.known(address, at).is_some() {
            self.bound.insert(address, mac);
        }
    }

    fn known(&mut self, address: IpAddr, at: Moment) -> Option<&mut Known> {
        if !is_own(address) {
            return None;
        }
        if self.known.len() >= ADDRESSES && !self.known.contains_key(&address) {
            self.not_held += 1;
            return None;
        }
        let known = self.known.entry(address).or_default();
        known.saw(at);
        Some(known)
    }

    fn lease(&mut self, lease: &Lease, at: Moment) {
        let Some(mac) = lease.mac else { return };
        if self.leased.len() >= ADDRESSES && !self.leased.contains_key(&mac) {
            self.not_held += 1;
            return;
        }
        let known = self.leased.entry(mac).or_default();
        known.saw(at);
        let (held, unheard) = (&mut self.held, &mut self.unheard);
        let mut claim = |attribute, value: &Text, confidence, evidence| {
            let how = (Origin::Itself, confidence, evidence);
            match known.claim(attribute, value, how, at, HELD_BYTES.saturating_sub(*held)) {
                Some(bytes) => *held += bytes,
                None => *unheard += 1,
            }
        };
        let from_client = !matches!(lease.message, OFFER | ACKNOWLEDGED);
        if from_client {
            if let Some(name) = &lease.host_name {
                claim(Attribute::HostName, name, Confidence::Fair, "DHCP option 12");
            }
            if let Some(class) = &lease.vendor_class {
                claim(Attribute::VendorClass, class, Confidence::Fair, "DHCP option 60");
            }
            if !lease.parameters.is_empty() {
                let list: Vec<String> = lease.parameters.iter().map(u8::to_string).collect();
                let list = Text::from(list.join(","));
                claim(Attribute::Fingerprint, &list, Confidence::Weak, "DHCP option 55");
            }
        }
        if lease.message == ACKNOWLEDGED
            && let Some(address) = lease.address
        {
            self.bind(mac, address, at);
        }
        if !from_client && let Some(server) = lease.server {
            self.act(server, Act::GivesLeases, at);
        }
    }

    fn session(&mut self, session: &Session) {
        let spoken = &session.conversation;
        let answered = session.to_client.packets > 0
            && !matches!(
                session.state,
                domain::network::SessionState::Refused | domain::network::SessionState::Attempted
            );
        for (end, spoke) in
            [(spoken.client, session.to_server.packets > 0), (spoken.server, answered)]
        {
            if spoke
                && let Some(mac) = end.mac
                && self.known(end.address, session.last()).is_some()
            {
                self.framed.insert(end.address, mac);
            }
        }
        if answered {
            self.offers(spoken, session.last());
        }
    }

    fn offers(&mut self, spoken: &Conversation, at: Moment) {
        let room = HELD_BYTES.saturating_sub(self.held);
        let service = spoken.service();
        let Some(known) = self.known(spoken.server.address, at) else { return };
        if known.offers.contains(&service) {
            return;
        }
        let bytes = NODE_COST + size_of::<Service>();
        if known.offers.len() < EACH && bytes <= room {
            known.offers.insert(service);
            self.held += bytes;
        } else {
            self.unheard += 1;
        }
    }

    fn act(&mut self, address: IpAddr, act: Act, at: Moment) {
        if let Some(known) = self.known(address, at) {
            known.acts.insert(act);
        }
    }

    fn said(&mut self, at: Moment, spoken: &Conversation, direction: Direction, said: &Said) {
        let (speaker, hearer) = match direction {
            Direction::ToServer => (spoken.client.address, spoken.server.address),
            Direction::ToClient => (spoken.server.address, spoken.client.address),
        };
        match said {
            Said::Hl7(message) => self.hl7(at, (speaker, hearer), message),
            Said::Dicom(step) => self.dicom(at, (speaker, hearer), step),
            Said::Http(Http::Request { path, agent, .. }) => {
                self.program(at, speaker, agent.as_ref(), "HTTP User-Agent");
                if crate::traffic::is_library(path) {
                    self.act(speaker, Act::FetchesLibrary, at);
                    self.act(hearer, Act::ServesLibrary, at);
                }
            }
            Said::Http(Http::Answer { server, .. }) => {
                self.program(at, speaker, server.as_ref(), "HTTP Server");
            }
            Said::Ssh(software) => self.program(at, speaker, Some(software), "SSH identification"),
            Said::Tls(Tls::Certificate { subject: Some(name), .. }) => {
                let how = (Origin::Itself, Confidence::Fair, "TLS certificate");
                self.claim(at, speaker, (Attribute::CertificateName, name), how);
            }
            Said::Smb(Smb::Negotiated(dialect)) if direction == Direction::ToClient => {
                let dialect = Text::from(format!("{dialect:#06x}"));
                let how = (Origin::Itself, Confidence::Weak, "SMB negotiation");
                self.claim(at, speaker, (Attribute::Smb, &dialect), how);
            }
            Said::Smb(Smb::Session(0)) => self.act(spoken.server.address, Act::SharesFiles, at),
            Said::Dns(answer) if answer.answer == Some(0) => {
                self.act(speaker, Act::AnswersNames, at);
            }
            _ => {}
        }
    }

    fn program(
        &mut self,
        at: Moment,
        address: IpAddr,
        name: Option<&Text>,
        evidence: &'static str,
    ) {
        if let Some(name) = name {
            let how = (Origin::Itself, Confidence::Fair, evidence);
            self.claim(at, address, (Attribute::Software, name), how);
        }
    }

    fn hl7(&mut self, at: Moment, (speaker, hearer): (IpAddr, IpAddr), message: &Hl7) {
        let how = (Origin::Itself, Confidence::Fair, "HL7 MSH-3");
        if let Some(name) = &message.sending_application {
            self.claim(at, speaker, (Attribute::Application, name), how);
        }
        if message.acknowledgement.is_some() {
            self.act(speaker, Act::TakesMessages, at);
            return;
        }
        let kind = message.message.split('^').next().unwrap_or_default();
        let alarm = message.message.as_str() == "ORU^R40"
            || message.profile.as_deref().is_some_and(|profile| profile.contains("PCD_004"));
        let mut passes_on = false;
        for id in &message.equipment {
            passes_on |= self.carries(at, (speaker, hearer), id);
        }
        match (passes_on, alarm, kind) {
            (true, ..) => self.act(speaker, Act::PassesOn, at),
            (false, true, _) => self.act(speaker, Act::SendsAlarms, at),
            (false, false, "ORU") => self.act(speaker, Act::SendsMeasurements, at),
            _ => {}
        }
    }

    /// Notes who carries an equipment id; whether the speaker had received it before.
    fn carries(&mut self, at: Moment, (speaker, hearer): (IpAddr, IpAddr), id: &Text) -> bool {
        let full = self.equipment.len() >= ADDRESSES || self.held >= HELD_BYTES;
        if full && !self.equipment.contains_key(id) {
            self.unheard += 1;
            return false;
        }
        if !self.equipment.contains_key(id) {
            self.held += 4 * NODE_COST + id.len();
        }
        let carriers = self.equipment.entry(id.clone()).or_default();
        let count = carriers.received.len().max(carriers.began.len());
        if count >= EACH || self.held >= HELD_BYTES {
            self.unheard += 1;
            return carriers.received.contains(&speaker);
        }
        let bytes = NODE_COST + size_of::<IpAddr>();
        self.held += bytes * usize::from(carriers.received.insert(hearer));
        let passes_on = carriers.received.contains(&speaker);
        if !passes_on {
            self.held += bytes * usize::from(carriers.began.insert(speaker));
            let how = (Origin::Itself, Confidence::Strong, "HL7 OBX-18 or PRT-10");
            self.claim(at, speaker, (Attribute::Equipment, id), how);
        }
        passes_on
    }

    fn dicom(&mut self, at: Moment, (speaker, hearer): (IpAddr, IpAddr), step: &Dicom) {
        const WORKLIST: &str = "1.2.840.10008.5.1.4.31";
        const STORE: u16 = 0x0001;
        const STORED: u16 = 0x8001;
        const FOUND: u16 = 0x8020;
        match step {
            Dicom::Associate { step, called, calling, implementation, .. } => {
                let (own, origin) = match step {
                    Association::Asked => (calling, Origin::Itself),
                    Association::Accepted => (called, Origin::Peer),
                };
                let how = (origin, Confidence::Fair, "DICOM association");
                self.claim(at, speaker, (Attribute::ApplicationEntity, own), how);
                if let Some(uid) = implementation {
                    let how = (Origin::Itself, Confidence::Fair, "DICOM implementation class UID");
                    self.claim(at, speaker, (Attribute::Implementation, uid), how);
                }
            }
            Dicom::Command { command: STORE, .. } => self.act(speaker, Act::SendsImages, at),
            Dicom::Command { command: STORED, .. } => {
                self.act(speaker, Act::KeepsImages, at);
                self.act(hearer, Act::SendsImages, at);
            }
            Dicom::Command { command: FOUND, service, .. }
                if service.as_deref() == Some(WORKLIST) =>
            {
                self.act(speaker, Act::ServesWorklist, at);
            }
            _ => {}
        }
    }

    fn claim(
        &mut self,
        at: Moment,
        address: IpAddr,
        (attribute, value): (Attribute, &Text),
        how: (Origin, Confidence, &'static str),
    ) {
        let room = HELD_BYTES.saturating_sub(self.held);
        let Some(known) = self.known(address, at) else { return };
        match known.claim(attribute, value, how, at, room) {
            Some(bytes) => self.held += bytes,
            None => self.unheard += 1,
        }
    }
}

impl Known {
    fn saw(&mut self, at: Moment) {
        let (first, last) = self.seen.unwrap_or((at, at));
        self.seen = Some((first.min(at), last.max(at)));
    }

    /// Files a claim, and says how many bytes more are held; `None` where there is no room.
    fn claim(
        &mut self,
        attribute: Attribute,
        value: &Text,
        (origin, confidence, evidence): (Origin, Confidence, &'static str),
        at: Moment,
        room: usize,
    ) -> Option<usize> {
        if value.trim().is_empty() {
            return Some(0);
        }
        let key = (attribute, value.clone());
        if let Some(claim) = self.claims.get_mut(&key) {
            claim.times += 1;
            claim.seen.1 = claim.seen.1.max(at);
            claim.confidence = claim.confidence.max(confidence);
            return Some(0);
        }
        let bytes = 2 * size_of::<((Attribute, Text), Claim)>() + value.len();
        let has_room = bytes <= room.min(KNOWN_BYTES.saturating_sub(self.held));
        if !has_room || self.claims.keys().filter(|(of, _)| *of == attribute).count() >= EACH {
            return None;
        }
        let value = value.clone();
        let claim = Claim { value, origin, confidence, evidence, times: 1, seen: (at, at) };
        self.claims.insert(key, claim);
        self.held += bytes;
        Some(bytes)
    }
}
