//! Which unit runs which release, and which SBOM describes which.

use std::collections::{BTreeMap, HashMap};

use domain::component::{Component, Sbom};
use domain::cpe::Cpe;
use domain::location::DocumentId;
use domain::problem::{Code, Loss, Problem};
use domain::purl::Purl;
use domain::release::{ReleaseKey, ReleaseLink};

use super::{Described, DeviceIndex, Release, ReleaseIndex, Sorted, Unit};
use crate::exposure::names::{Agreement, ProductName, maker};
use crate::reason::{Evidence, Reason, Rule};

type Told = Vec<(DocumentId, Problem)>;

pub(super) fn join<'d>(
    sorted: &Sorted<'d>,
    problems: &mut Told,
) -> (Vec<Unit<'d>>, Vec<Release<'d>>) {
    let mut fleet = Fleet::default();
    for (document, device) in &sorted.devices {
        let release = device.release().map(|key| fleet.release(&key, *document));
        let index = DeviceIndex(u32::try_from(fleet.devices.len()).unwrap_or(u32::MAX));
        fleet.devices.push(Unit { document: *document, device, release });
        if let Some(release) = release.and_then(|index| fleet.releases.get_mut(index.0 as usize)) {
            release.units.push(index);
            let system = device.operating_system.as_deref();
            release
                .operating_systems
                .extend(system.filter(|s| !release.operating_systems.contains(s)));
        }
    }
    let mut linked = vec![false; sorted.sboms.len()];
    for (document, link) in &sorted.links {
        fleet.link(*document, link, sorted, &mut linked, problems);
    }
    for ((document, _, sbom), linked) in sorted.sboms.iter().zip(linked) {
        // A document without components is a VEX in an SBOM's clothes: it describes no release.
        if !linked && !sbom.components.is_empty() {
            fleet.describe_by_itself(*document, sbom, problems);
        }
    }
    (fleet.devices, fleet.releases)
}

#[derive(Default)]
struct Fleet<'d> {
    devices: Vec<Unit<'d>>,
    releases: Vec<Release<'d>>,
    by_key: HashMap<ReleaseKey, ReleaseIndex>,
    /// Releases of each maker, for SBOMs that name theirs in their own way.
    by_maker: BTreeMap<String, Vec<ReleaseIndex>>,
}

impl<'d> Fleet<'d> {
    /// The release of this key; a new one where it was not met before.
    fn release(&mut self, key: &ReleaseKey, document: DocumentId) -> ReleaseIndex {
        if let Some(index) = self.by_key.get(key) {
            return *index;
        }
        let index = ReleaseIndex(u32::try_from(self.releases.len()).unwrap_or(u32::MAX));
        self.by_key.insert(key.clone(), index);
        self.by_maker.entry(maker(&key.manufacturer)).or_default().push(index);
        self.releases.push(Release {
            key: key.clone(),
            units: Vec::new(),
            sboms: Vec::new(),
            cpes: Vec::new(),
            purls: Vec::new(),
            operating_systems: Vec::new(),
            numbers: Vec::new(),
            document,
        });
        index
    }

    fn at(&mut self, index: ReleaseIndex) -> Option<&mut Release<'d>> {
        self.releases.get_mut(index.0 as usize)
    }

    /// A line of the table of releases: it gives the release its SBOM and its identifiers.
    fn link(
        &mut self,
        document: DocumentId,
        link: &ReleaseLink,
        sorted: &Sorted<'d>,
        linked: &mut [bool],
        problems: &mut Told,
    ) {
        let index = self.release(&link.release, document);
        let (cpes, purls) = identifiers(&link.identifiers);
        let found = sorted.sboms.iter().position(|(_, name, sbom)| is_named(link, name, sbom));
        if found.is_none() && !link.sbom.is_empty() {
            let problem = Problem::new(Code::ReleaseUnknownSbom, link.at.clone(), Loss::Nothing)
                .expected("the name or serial number of an SBOM in the folder")
                .found(&link.sbom);
            problems.push((document, problem));
        }
        let described = found.and_then(|place| {
            if let Some(linked) = linked.get_mut(place) {
                *linked = true;
            }
            let (sbom_document, _, sbom) = sorted.sboms.get(place)?;
            let says = format!("{} is described by {}", link.release, link.sbom);
            let evidence = vec![Evidence { document, at: link.at.clone(), says: says.clone() }];
            let reason = Reason { rule: Rule::SbomByLink, sentence: says, evidence };
            Some(Described { document: *sbom_document, sbom, reason })
        });
        if let Some(release) = self.at(index) {
            release.cpes.extend(cpes);
            release.purls.extend(purls);
            release.sboms.extend(described);
        }
    }

    fn describe_by_itself(&mut self, document: DocumentId, sbom: &'d Sbom, problems: &mut Told) {
        let at = sbom.subject.as_ref().map(|subject| subject.at.clone()).unwrap_or_default();
        let subject = sbom.subject.as_ref().filter(|subject| !subject.name.trim().is_empty());
        let Some(subject) = subject else {
            let problem = Problem::new(Code::SbomNoRelease, at, Loss::Nothing)
                .expected("a component in its metadata with manufacturer, name and version");
            return problems.push((document, problem));
        };
        let found = self.releases_of(subject);
        if found.is_empty() {
            let label = subject.label();
            let problem = Problem::new(Code::SbomNoUnits, at, Loss::Nothing)
                .expected("a device of this manufacturer, model and version")
                .found(&label);
            return problems.push((document, problem));
        }
        for index in found {
            let reason = by_itself(document, subject);
            if let Some(release) = self.at(index) {
                release.cpes.extend(subject.cpes.iter().cloned());
                release.purls.extend(subject.purl.iter().cloned());
                release.sboms.push(Described { document, sbom, reason });
            }
        }
    }

    /// The releases that a subject names: same maker, same model, same version; every version where
    /// it names none.
    fn releases_of(&self, subject: &Component) -> Vec<ReleaseIndex> {
        let makers = [&subject.manufacturer, &subject.supplier, &subject.group];
        let makers = makers.into_iter().flatten().map(|name| (maker(name), name.as_str()));
        let mut candidates: Vec<(ReleaseIndex, Option<&str>)> = Vec::new();
        for (maker, name) in makers {
            let of_maker = self.by_maker.get(&maker).map(Vec::as_slice).unwrap_or_default();
            candidates.extend(of_maker.iter().map(|index| (*index, Some(name))));
        }
        if candidates.is_empty() && subject.manufacturer.is_none() && subject.supplier.is_none() {
            let all = self.by_maker.values().flatten();
            candidates.extend(all.map(|index| (*index, None)));
        }
        let mut found: Vec<ReleaseIndex> = candidates
            .into_iter()
            .filter(|(index, maker)| self.is_of(*index, subject, *maker))
            .map(|(index, _)| index)
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    fn is_of(&self, index: ReleaseIndex, subject: &Component, maker: Option<&str>) -> bool {
        let Some(release) = self.releases.get(index.0 as usize) else { return false };
        let own = ProductName::new(&release.key.model, Some(&release.key.manufacturer));
        let maker = maker.unwrap_or(&release.key.manufacturer);
        // Where no maker is named, the name itself must hold it: `Baxter Sigma Spectrum`.
        let named = ProductName::new(&subject.name, Some(maker));
        let same_model = named.agrees_with(&own) == Some(Agreement::Same);
        let version = subject.version.as_deref().unwrap_or_default();
        let same_version = version.is_empty()
            || ReleaseKey::new(&release.key.manufacturer, &release.key.model, version).as_ref()
                == Some(&release.key);
        same_model && same_version
    }
}

fn by_itself(document: DocumentId, subject: &Component) -> Reason {
    let says = subject.label();
    let (rule, sentence) = if subject.version.is_none() {
        (Rule::SbomAnyVersion, format!("The SBOM says that it describes {says}, without a version"))
    } else {
        (Rule::SbomByItself, format!("The SBOM says that it describes {says}"))
    };
    Reason { rule, sentence, evidence: vec![Evidence { document, at: subject.at.clone(), says }] }
}

/// A line names an SBOM by its path, the end of its path, or its serial number or namespace.
fn is_named(link: &ReleaseLink, name: &str, sbom: &Sbom) -> bool {
    let wanted = link.sbom.trim().trim_start_matches("./").replace('\\', "/");
    if wanted.is_empty() {
        return false;
    }
    let ends = |name: &str| {
        name == wanted
            || name.strip_suffix(wanted.as_str()).is_some_and(|rest| rest.ends_with(['/', '!']))
    };
    let packed = [".gz", ".xz"].iter().find_map(|end| name.strip_suffix(end));
    let by_serial = sbom.serial.as_deref().is_some_and(|serial| {
        serial == wanted || serial.strip_prefix("urn:uuid:") == Some(wanted.as_str())
    });
    ends(name) || packed.is_some_and(ends) || by_serial
}

fn identifiers(texts: &[String]) -> (Vec<Cpe>, Vec<Purl>) {
    let cpes = texts.iter().filter_map(|text| Cpe::parse(text).ok()).collect();
    let purls = texts.iter().filter_map(|text| Purl::parse(text).ok()).collect();
    (cpes, purls)
}
