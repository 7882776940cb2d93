//! The line from sightings to what is shown: identities, traffic and detections, kept side by side.
//!
//! Judges nothing itself; each sighting goes to all three once, in order.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use decisions::identity::{Identified, Identities, Rows};
use decisions::threat::{Detection, Expected, Watch};
use decisions::traffic::{Path, Traffic};
use domain::device::Device;
use domain::network::Moment;
use domain::sighting::Sighting;
use presentation::observation::{self, Input, Observation, SeenDetection, SeenDevice, SeenPath};

/// Most detections kept, and most bytes of them; what comes after is counted.
const DETECTIONS: usize = 100_000;
const DETECTION_BYTES: usize = 64 << 20;

/// What is known of the network.
#[derive(Debug)]
pub(crate) struct Ward<E> {
    pub(crate) identities: Identities,
    pub(crate) traffic: Traffic,
    watch: Watch<E>,
    detections: Vec<Detection>,
    detection_bytes: usize,
    untold: u64,
    last: Moment,
}

impl<E: Expected> Ward<E> {
    /// Nothing was seen yet.
    pub(crate) fn new(expected: E) -> Self {
        Self {
            identities: Identities::default(),
            traffic: Traffic::default(),
            watch: Watch::new(expected),
            detections: Vec::new(),
            detection_bytes: 0,
            untold: 0,
            last: Moment::default(),
        }
    }

    /// Takes a sighting.
    pub(crate) fn see(&mut self, sighting: &Sighting) {
        self.last = self.last.max(sighting.at);
        self.identities.see(sighting);
        self.traffic.see(sighting);
        for detection in self.watch.see(sighting, &self.identities) {
            if self.detections.len() < DETECTIONS && self.detection_bytes < DETECTION_BYTES {
                self.detection_bytes += size(&detection);
                self.detections.push(detection);
            } else {
                self.untold += 1;
            }
        }
    }

    /// What was detected since the last call.
    pub(crate) fn detected(&mut self) -> Vec<Detection> {
        self.detection_bytes = 0;
        std::mem::take(&mut self.detections)
    }

    /// What is expected of devices.
    pub(crate) fn expected(&self) -> &E {
        self.watch.expected()
    }

    /// In the form that is shown, joined with the inventory.
    pub(crate) fn observation(&self, mut input: Input, inventory: &[&Device]) -> Observation {
        let mut names: HashMap<IpAddr, String> = HashMap::new();
        let devices = self.identities.devices();
        let rows = Rows::new(inventory);
        let devices = devices.iter().map(|device| self.device(device, &rows, &mut names));
        let devices: Vec<SeenDevice> = devices.collect();
        let mut paths: Vec<&Path> = self.traffic.paths().collect();
        paths.sort_by_key(|path| (path.role.care, path.key));
        input.counters.extend(self.not_held());
        Observation {
            schema: observation::SCHEMA,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            input,
            devices,
            baseline: None,
            paths: paths.into_iter().map(SeenPath::new).collect(),
            detections: self
                .detections
                .iter()
                .map(|found| SeenDetection::new(found, names.get(&found.source).cloned()))
                .collect(),
        }
    }

    fn device(
        &self,
        device: &Identified,
        rows: &Rows<'_>,
        names: &mut HashMap<IpAddr, String>,
    ) -> SeenDevice {
        let addresses = device.addresses();
        let found = rows.find(device);
        let in_use = self.traffic.in_use(&addresses, self.last);
        let seen = SeenDevice::new(device, found.as_ref(), in_use);
        if let Some(id) = &seen.id {
            names.extend(addresses.into_iter().map(|address| (address, id.clone())));
        }
        seen
    }

    fn not_held(&self) -> BTreeMap<&'static str, u64> {
        BTreeMap::from([
            ("conversations on paths for which there was no room", self.traffic.not_held()),
            ("addresses for which there was no room", self.identities.not_held()),
            ("names and services for which there was no room", self.identities.unheard()),
            ("sources forgotten for room while they were watched", self.watch.forgotten()),
            ("detections for which there was no room", self.untold),
        ])
    }
}

/// What a detection takes, in bytes, where the nodes of its targets are half empty.
fn size(detection: &Detection) -> usize {
    size_of::<Detection>()
        + detection.targets.len() * 2 * size_of::<IpAddr>()
        + detection.evidence.len()
}
