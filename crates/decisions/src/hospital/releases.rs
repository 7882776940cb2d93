//! Which unit runs which release, and which SBOM describes which.

use std::collections::{BTreeMap, HashMap};

use domain::component::{Component, Sbom};
use domain::cpe::Cpe;
use domain::device::Device;
use domain::location::{DocumentId, Location};
use domain::problem::{Code, Loss, Problem};
use domain::purl::Purl;
use domain::release::{ReleaseKey, ReleaseLink};

use super::recalled::{CLOSED, Recalled};
use super::units::{self, Listed};
use super::{Described, DeviceIndex, Release, ReleaseIndex, Sorted, Unit};
use crate::exposure::names::{Agreement, ProductName, makers, words};
use crate::reason::{Evidence, Reason, Rule};

pub(super) type Told = Vec<(DocumentId, Problem)>;

pub(super) fn join<'d>(
    sorted: &Sorted<'d>,
    problems: &mut Told,
) -> (Vec<Unit<'d>>, Vec<Release<'d>>) {
    let mut fleet = Fleet::default();
    for Listed { document, device, entries } in units::join(&sorted.devices, problems) {
        let release = release_of(&device).map(|key| fleet.release(&key, document));
        let index = DeviceIndex(u32::try_from(fleet.devices.len()).unwrap_or(u32::MAX));
        fleet.devices.push(Unit { document, device, release });
        if let Some(release) = release.and_then(|index| fleet.at(index)) {
            release.units.push(index);
            for entry in entries {
                release.add_words_of(entry);
            }
        }
    }
    fleet.describe(sorted, problems);
    (fleet.devices, fleet.releases)
}

/// The same of releases of which it is known how many units run them.
pub(super) fn rejoin<'d>(
    sorted: &Sorted<'d>,
    run: impl Iterator<Item = &'d Recalled>,
    problems: &mut Told,
) -> Vec<Release<'d>> {
    let mut fleet = Fleet::default();
    for recalled in run {
        let index = fleet.release(&recalled.key, CLOSED);
        if let Some(release) = fleet.at(index) {
            release.units = (0..recalled.units).map(DeviceIndex).collect();
            release.operating_systems =
                recalled.operating_systems.iter().map(String::as_str).collect();
            release.numbers.clone_from(&recalled.numbers);
        }
    }
    fleet.describe(sorted, problems);
    fleet.releases
}

/// The release of a device, which may be one of a maker that nobody names.
fn release_of(device: &Device) -> Option<ReleaseKey> {
    device.release().or_else(|| {
        let version = device.version.as_deref().unwrap_or_default();
        ReleaseKey::of_unknown_maker(device.model.as_deref()?, version)
    })
}

impl<'d> Release<'d> {
    /// What an entry of an inventory says of all units of its release.
    fn add_words_of(&mut self, device: &'d Device) {
        let system = device.operating_system.as_deref();
        self.operating_systems.extend(system.filter(|s| !self.operating_systems.contains(s)));
        for (column, value) in device.other.iter() {
            if is_number_of_model(column) && !self.numbers.iter().any(|known| known == value) {
                self.numbers.push(value.into());
            }
        }
    }
}

/// Whether a column of an inventory holds a model or order number.
fn is_number_of_model(column: &str) -> bool {
    let words = words(column);
    let has = |any: &[&str]| words.iter().any(|word| any.contains(&word.as_str()));
    has(&["model", "part", "catalog", "catalogue", "order", "reference", "ref", "article", "sku"])
        && !has(&["date", "price", "family"])
}

/// Where SBOMs stand, by what a line of the table of releases may call them.
struct SbomNames<'d> {
    /// By the last part of their path, and without the end of a packed file.
    by_file: HashMap<&'d str, Vec<usize>>,
    by_serial: HashMap<&'d str, Vec<usize>>,
}

impl<'d> SbomNames<'d> {
    fn of(sorted: &Sorted<'d>) -> Self {
        let mut names = Self { by_file: HashMap::new(), by_serial: HashMap::new() };
        for (place, (_, name, sbom)) in sorted.sboms.iter().enumerate() {
            for name in [Some(*name), unpacked(name)].into_iter().flatten() {
                names.by_file.entry(file(name)).or_default().push(place);
            }
            if let Some(serial) = &sbom.serial {
                let bare = serial.strip_prefix("urn:uuid:").unwrap_or(serial);
                names.by_serial.entry(serial).or_default().push(place);
                names.by_serial.entry(bare).or_default().push(place);
            }
        }
        names
    }

    /// The SBOM that a line names by its path, the end of its path, or its serial number or
    /// namespace.
    fn find(&self, sorted: &Sorted<'_>, wanted: &str) -> Option<usize> {
        let wanted = wanted.trim().trim_start_matches("./").replace('\\', "/");
        let ends = |name: &str| {
            name == wanted
                || name.strip_suffix(wanted.as_str()).is_some_and(|rest| rest.ends_with(['/', '!']))
        };
        let by_file = self.by_file.get(file(&wanted)).into_iter().flatten().find(|place| {
            let name = sorted.sboms.get(**place).map_or("", |(_, name, _)| *name);
            ends(name) || unpacked(name).is_some_and(ends)
        });
        let by_serial = || self.by_serial.get(wanted.as_str()).and_then(|places| places.first());
        by_file.or_else(by_serial).copied()
    }
}

fn file(name: &str) -> &str {
    name.rsplit(['/', '!']).next().unwrap_or(name)
}

fn unpacked(name: &str) -> Option<&str> {
    [".gz", ".xz"].iter().find_map(|end| name.strip_suffix(end))
}

#[derive(Default)]
struct Fleet<'d> {
    devices: Vec<Unit<'d>>,
    releases: Vec<Release<'d>>,
    /// The models' names, by place in `releases`.
    models: Vec<ProductName>,
    by_key: HashMap<ReleaseKey, ReleaseIndex>,
    /// Releases of each maker, for SBOMs that name theirs in their own way.
    by_maker: BTreeMap<String, Vec<ReleaseIndex>>,
}

/// What an SBOM's subject names.
#[derive(Default)]
struct Named {
    /// Releases of this maker, model and version.
    releases: Vec<ReleaseIndex>,
    /// Releases of this maker and model whose version nobody knows.
    perhaps: Vec<ReleaseIndex>,
}

impl<'d> Fleet<'d> {
    /// Gives the releases that there are their SBOMs, and adds those that only an SBOM or a table
    /// of releases tells of.
    fn describe(&mut self, sorted: &Sorted<'d>, problems: &mut Told) {
        let names = SbomNames::of(sorted);
        let mut linked = vec![false; sorted.sboms.len()];
        for (document, link) in &sorted.links {
            self.link(*document, link, (sorted, &names), &mut linked, problems);
        }
        for ((document, _, sbom), linked) in sorted.sboms.iter().zip(linked) {
            // A document without components is a VEX in an SBOM's clothes: it describes no release.
            if !linked && !sbom.components.is_empty() {
                self.describe_by_itself(*document, sbom, problems);
            }
        }
        self.describe_units_of_unknown_version();
    }

    /// The release of this key; a new one where it was not met before.
    fn release(&mut self, key: &ReleaseKey, document: DocumentId) -> ReleaseIndex {
        if let Some(index) = self.by_key.get(key) {
            return *index;
        }
        let index = ReleaseIndex(u32::try_from(self.releases.len()).unwrap_or(u32::MAX));
        self.by_key.insert(key.clone(), index);
        for maker in makers(&key.manufacturer) {
            self.by_maker.entry(maker).or_default().push(index);
        }
        self.models.push(ProductName::new(&key.model, Some(&key.manufacturer)));
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
        (sorted, names): (&Sorted<'d>, &SbomNames<'d>),
        linked: &mut [bool],
        problems: &mut Told,
    ) {
        let found = names.find(sorted, &link.sbom);
        let is_known = found.is_some() || link.sbom.is_empty();
        problems.extend((!is_known).then(|| {
            let problem = Problem::new(Code::ReleaseUnknownSbom, link.at.clone(), Loss::Nothing)
                .expected("the name or serial number of an SBOM in the folder")
                .found(&link.sbom);
            (document, problem)
        }));
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
        let tell = |code, loss| Problem::new(code, link.at.clone(), loss);
        let meant = self.meant_by(&link.release, document);
        for index in &meant {
            let Some(release) = self.at(*index) else { continue };
            for text in &link.identifiers {
                let problem = release.identify(text).err();
                let problem = problem.map(|code| tell(code, Loss::Field).found(text));
                problems.extend(problem.map(|problem| (document, problem)));
            }
            release.sboms.extend(described.clone());
        }
        let mut units = meant.iter().filter_map(|index| self.releases.get(index.0 as usize));
        if described.is_some() && units.all(|release| release.units.is_empty()) {
            let problem = tell(Code::SbomNoUnits, Loss::Nothing)
                .expected("a device of this manufacturer, model and version")
                .found(&link.release.to_string());
            problems.push((document, problem));
        }
    }

    /// The releases that a line of the table names: by the very same words, else as the subject of
    /// an SBOM names them, else a new one.
    fn meant_by(&mut self, key: &ReleaseKey, document: DocumentId) -> Vec<ReleaseIndex> {
        if let Some(index) = self.by_key.get(key) {
            return vec![*index];
        }
        let named = Component {
            name: key.model.clone(),
            manufacturer: Some(key.manufacturer.clone()),
            version: Some(key.version.clone()).filter(|version| !version.is_empty()),
            ..Component::default()
        };
        let Named { releases, .. } = self.releases_of(&named);
        if named.version.is_some() && !releases.is_empty() {
            return releases;
        }
        vec![self.release(key, document)]
    }

    fn describe_by_itself(&mut self, document: DocumentId, sbom: &'d Sbom, problems: &mut Told) {
        let at = sbom.subject.as_ref().map(|subject| subject.at.clone()).unwrap_or_default();
        let subject = sbom.subject.as_ref().filter(|subject| !subject.name.trim().is_empty());
        let Some(subject) = subject else {
            let problem = Problem::new(Code::SbomNoRelease, at, Loss::Nothing)
                .expected("a component in its metadata with manufacturer, name and version");
            return problems.push((document, problem));
        };
        let Named { mut releases, perhaps } = self.releases_of(subject);
        if releases.is_empty() {
            let problem = Problem::new(Code::SbomNoUnits, at, Loss::Nothing)
                .expected("a device of this manufacturer, model and version")
                .found(&subject.label());
            problems.push((document, problem));
            // Known flaws are worth seeing before the first unit is bought.
            let key = subject_key(subject);
            releases.extend(key.map(|key| self.release(&key, document)));
        }
        for index in releases {
            let reason = by_itself(document, subject);
            if let Some(release) = self.at(index) {
                release.cpes.extend(subject.cpes.iter().cloned());
                release.purls.extend(subject.purl.iter().cloned());
                release.sboms.push(Described { document, sbom, reason });
            }
        }
        for index in perhaps {
            let reason = of_other_units(document, &subject.label());
            if let Some(release) = self.at(index) {
                release.sboms.push(Described { document, sbom, reason });
            }
        }
    }

    /// Units whose version nobody knows may be of any version that is described.
    fn describe_units_of_unknown_version(&mut self) {
        let mut found: Vec<(ReleaseIndex, Described<'d>)> = Vec::new();
        for release in self.releases.iter().filter(|release| !release.key.version.is_empty()) {
            let key = ReleaseKey::new(&release.key.manufacturer, &release.key.model, "");
            let Some(index) = key.and_then(|key| self.by_key.get(&key).copied()) else { continue };
            for described in &release.sboms {
                let reason = of_other_units(described.document, &release.key.to_string());
                found.push((index, Described { reason, ..described.clone() }));
            }
        }
        for (index, described) in found {
            if let Some(release) = self.at(index)
                && !release.sboms.iter().any(|known| std::ptr::eq(known.sbom, described.sbom))
            {
                release.sboms.push(described);
            }
        }
    }

    /// The releases that a subject names: same maker, same model, same version; every version where
    /// it names none.
    fn releases_of(&self, subject: &Component) -> Named {
        let written = [&subject.manufacturer, &subject.supplier, &subject.group];
        let mut named = Named::default();
        for written in written.into_iter().flatten() {
            let name = ProductName::new(&subject.name, Some(written));
            let of_maker =
                makers(written).into_iter().filter_map(|maker| self.by_maker.get(&maker));
            for index in of_maker.flatten() {
                self.add_if_of(*index, subject, &name, &mut named);
            }
        }
        let none = named.releases.is_empty() && named.perhaps.is_empty();
        if none && subject.manufacturer.is_none() && subject.supplier.is_none() {
            // Where no maker is named, the name itself must hold it: `Baxter Sigma Spectrum`.
            for (maker, releases) in &self.by_maker {
                let name = ProductName::new(&subject.name, Some(maker));
                for index in releases {
                    self.add_if_of(*index, subject, &name, &mut named);
                }
            }
        }
        named.releases.sort_unstable();
        named.releases.dedup();
        named.perhaps.sort_unstable();
        named.perhaps.dedup();
        named
    }

    fn add_if_of(
        &self,
        index: ReleaseIndex,
        subject: &Component,
        name: &ProductName,
        named: &mut Named,
    ) {
        let place = index.0 as usize;
        let (Some(release), Some(model)) = (self.releases.get(place), self.models.get(place))
        else {
            return;
        };
        if name.agrees_with(model) != Some(Agreement::Same) {
            return;
        }
        let version = subject.version.as_deref().unwrap_or_default();
        let key = ReleaseKey::new(&release.key.manufacturer, &release.key.model, version);
        if version.is_empty() || key.as_ref() == Some(&release.key) {
            named.releases.push(index);
        } else if release.key.version.is_empty() {
            named.perhaps.push(index);
        }
    }
}

impl Release<'_> {
    /// Takes an identifier of the release; the code of what is wrong with it otherwise.
    fn identify(&mut self, text: &str) -> Result<(), Code> {
        if text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("cpe:")) {
            self.cpes.push(Cpe::parse(text).map_err(|_| Code::IdentifierBadCpe)?);
        } else {
            self.purls.push(Purl::parse(text).map_err(|_| Code::IdentifierBadPurl)?);
        }
        Ok(())
    }
}

fn subject_key(subject: &Component) -> Option<ReleaseKey> {
    let maker = subject.manufacturer.as_deref().or(subject.supplier.as_deref())?;
    ReleaseKey::new(maker, &subject.name, subject.version.as_deref().unwrap_or_default())
}

fn of_other_units(document: DocumentId, says: &str) -> Reason {
    let sentence =
        format!("The SBOM describes {says}, and the version of these units is not known");
    let evidence = vec![Evidence { document, at: Location::whole(), says: says.to_owned() }];
    Reason { rule: Rule::SbomOtherUnits, sentence, evidence }
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
