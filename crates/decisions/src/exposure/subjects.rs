//! The fleet, indexed: which release or component bears which package, CPE or name.

use std::collections::HashMap;

use domain::component::Component;
use domain::cpe::{Attribute, Cpe, Part};
use domain::purl::Purl;

use super::Subject;
use super::names::{self, ProductName, maker};
use crate::hospital::{Hospital, Release, ReleaseIndex};

/// A subject that an advisory may touch.
#[derive(Debug, Clone)]
pub(super) struct Held<'d> {
    pub(super) release: ReleaseIndex,
    pub(super) subject: Subject,
    /// How it is called in a sentence.
    pub(super) label: String,
    pub(super) version: Option<&'d str>,
    pub(super) purl: Option<&'d Purl>,
    /// Makers that it may be of, as compared; empty is unknown.
    pub(super) makers: Vec<String>,
}

/// By place in [`Fleet::held`].
pub(super) type HeldIndex = u32;

/// A CPE name that a subject bears.
#[derive(Debug, Clone)]
pub(super) struct Borne {
    pub(super) held: HeldIndex,
    pub(super) cpe: Cpe,
    /// Whether it was made from a name, not given.
    pub(super) origin: Origin,
}

/// Where a CPE name comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// A document gives it.
    Given,
    /// It was made from a component's name; its maker agrees.
    NameAndMaker,
    /// It was made from a component's name, whose maker nobody states.
    NameOnly,
}

/// The fleet.
pub(super) struct Fleet<'h, 'd> {
    pub(super) hospital: &'h Hospital<'d>,
    pub(super) held: Vec<Held<'d>>,
    /// By [`package_key`].
    packages: HashMap<String, Vec<HeldIndex>>,
    /// By product of the CPE name; vendors are few per product.
    cpes: HashMap<String, Vec<Borne>>,
    /// Releases by each telling word of their model, and by all of them together.
    words: HashMap<String, Vec<HeldIndex>>,
    /// Product names of releases, by place in `held`.
    pub(super) models: HashMap<HeldIndex, ProductName>,
    /// Components and operating systems by their name, words together.
    names: HashMap<String, Vec<HeldIndex>>,
    /// CPE names of each release and what is in it: where a configuration's platform is looked up.
    environments: HashMap<ReleaseIndex, Vec<Cpe>>,
}

impl<'h, 'd> Fleet<'h, 'd> {
    pub(super) fn index(hospital: &'h Hospital<'d>) -> Self {
        let mut fleet = Self {
            hospital,
            held: Vec::new(),
            packages: HashMap::new(),
            cpes: HashMap::new(),
            words: HashMap::new(),
            models: HashMap::new(),
            names: HashMap::new(),
            environments: HashMap::new(),
        };
        for (number, release) in (0_u32..).zip(&hospital.releases) {
            fleet.add_release(ReleaseIndex(number), release);
        }
        fleet
    }

    fn add_release(&mut self, index: ReleaseIndex, release: &'h Release<'d>) {
        let key = &release.key;
        // The version of a release lives in the device or table that named it first.
        let version = release
            .units
            .first()
            .and_then(|unit| self.hospital.devices.get(unit.0 as usize))
            .and_then(|unit| unit.device.version.as_deref());
        let held = self.hold(Held {
            release: index,
            subject: Subject::Release,
            label: key.to_string(),
            version,
            purl: None,
            makers: vec![maker(&key.manufacturer)],
        });
        let model = ProductName::new(&key.model, Some(&key.manufacturer));
        for word in model.kept_under() {
            self.words.entry(word.to_owned()).or_default().push(held);
        }
        self.words.entry(model.together().to_owned()).or_default().push(held);
        self.models.insert(held, model);
        for cpe in &release.cpes {
            self.bear(held, index, cpe.clone(), Origin::Given);
        }
        for (place, system) in (0_u32..).zip(&release.operating_systems) {
            self.add_system(index, place, system);
        }
        for (sbom, described) in (0_u32..).zip(&release.sboms) {
            for (place, component) in (0_u32..).zip(&described.sbom.components) {
                self.add_component(index, Subject::Component(sbom, place), component);
            }
        }
    }

    fn add_component(&mut self, release: ReleaseIndex, subject: Subject, component: &'d Component) {
        let given = component.cpes.iter().find_map(|cpe| value(&cpe.version));
        let in_purl = component.purl.as_ref().and_then(|purl| purl.version.as_deref());
        let stated = component.version.as_deref().filter(|version| !version.trim().is_empty());
        let makers = [&component.supplier, &component.manufacturer, &component.group];
        let mut makers: Vec<String> =
            makers.into_iter().flatten().map(|name| maker(name)).collect();
        makers.extend(component.cpes.iter().filter_map(|cpe| value(&cpe.vendor)).map(maker));
        let held = self.hold(Held {
            release,
            subject,
            label: component.label(),
            version: stated.or(in_purl).or(given),
            purl: component.purl.as_ref(),
            makers,
        });
        if let Some(purl) = &component.purl {
            self.packages.entry(package_key(purl)).or_default().push(held);
        }
        for cpe in &component.cpes {
            self.bear(held, release, cpe.clone(), Origin::Given);
        }
        if component.cpes.is_empty() && named_freely(component) {
            self.bear_by_name(held, release, component);
            self.names.entry(together(&component.name)).or_default().push(held);
        }
    }

    /// A component without identifiers may still bear the name of a CPE's product.
    fn bear_by_name(&mut self, held: HeldIndex, release: ReleaseIndex, component: &Component) {
        let product = names::words(&component.name).join("_");
        let cpe = Cpe {
            part: Part::Any,
            vendor: Attribute::Any,
            product: Attribute::Value(product),
            version: component.version.clone().map_or(Attribute::Any, Attribute::Value),
            update: Attribute::Any,
            rest: Default::default(),
        };
        let unknown = self.held.get(held as usize).is_none_or(|held| held.makers.is_empty());
        let origin = if unknown { Origin::NameOnly } else { Origin::NameAndMaker };
        self.bear(held, release, cpe, origin);
    }

    fn add_system(&mut self, release: ReleaseIndex, place: u32, system: &'d str) {
        let Some((vendor, product, version)) = operating_system(system) else { return };
        let held = self.hold(Held {
            release,
            subject: Subject::OperatingSystem(place),
            label: system.to_owned(),
            version,
            purl: None,
            makers: vec![maker(vendor)],
        });
        let cpe = Cpe {
            part: Part::OperatingSystem,
            vendor: Attribute::Value(vendor.to_owned()),
            product: Attribute::Value(product.to_owned()),
            version: version.map_or(Attribute::Any, |version| Attribute::Value(version.to_owned())),
            update: Attribute::Any,
            rest: Default::default(),
        };
        self.bear(held, release, cpe, Origin::NameAndMaker);
        self.names.entry(together(product)).or_default().push(held);
    }

    fn hold(&mut self, held: Held<'d>) -> HeldIndex {
        self.held.push(held);
        u32::try_from(self.held.len() - 1).unwrap_or(u32::MAX)
    }

    fn bear(&mut self, held: HeldIndex, release: ReleaseIndex, cpe: Cpe, origin: Origin) {
        self.environments.entry(release).or_default().push(cpe.clone());
        if let Some(product) = value(&cpe.product) {
            self.cpes.entry(product.to_owned()).or_default().push(Borne { held, cpe, origin });
        }
    }

    pub(super) fn at(&self, index: HeldIndex) -> Option<&Held<'d>> {
        self.held.get(index as usize)
    }

    /// Components of this package, whatever their version.
    pub(super) fn of_package(&self, purl: &Purl) -> &[HeldIndex] {
        self.packages.get(&package_key(purl)).map(Vec::as_slice).unwrap_or_default()
    }

    /// Subjects that bear this product's CPE name, or one that may be it.
    pub(super) fn of_cpe(&self, cpe: &Cpe) -> impl Iterator<Item = &Borne> {
        let product = value(&cpe.product).unwrap_or_default();
        let borne = self.cpes.get(product).map(Vec::as_slice).unwrap_or_default();
        borne.iter().filter(|borne| self.is_of_vendor(borne, &cpe.vendor))
    }

    fn is_of_vendor(&self, borne: &Borne, vendor: &Attribute) -> bool {
        let Some(vendor) = value(vendor) else { return true };
        match (borne.origin, value(&borne.cpe.vendor)) {
            (Origin::NameOnly, _) => true,
            (_, Some(own)) => own == vendor,
            (_, None) => {
                let wanted = maker(&vendor.replace('_', " "));
                self.at(borne.held).is_some_and(|held| held.makers.contains(&wanted))
            }
        }
    }

    /// CPE names of a release and of all that is in it.
    pub(super) fn environment(&self, release: ReleaseIndex) -> &[Cpe] {
        self.environments.get(&release).map(Vec::as_slice).unwrap_or_default()
    }

    /// Releases whose model may be the product of this name: those that hold its rarest word.
    pub(super) fn with_words(&self, name: &ProductName) -> Vec<HeldIndex> {
        let posting = |word: &str| self.words.get(word).map(Vec::as_slice).unwrap_or_default();
        // A model number may be missing in the inventory; the other words may not.
        let numbered = |word: &&str| word.bytes().any(|b| b.is_ascii_digit());
        let plain = name.telling().filter(|word| !numbered(word)).map(posting);
        let rarest = plain
            .min_by_key(|posting| posting.len())
            .or_else(|| name.telling().map(posting).min_by_key(|posting| posting.len()));
        let by_number = name.telling().filter(numbered).flat_map(posting);
        let mut found: Vec<HeldIndex> = rarest.unwrap_or_default().to_vec();
        found.extend(by_number);
        found.extend(posting(name.together()));
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Components and operating systems of this name.
    pub(super) fn of_name(&self, name: &str) -> &[HeldIndex] {
        self.names.get(&together(name)).map(Vec::as_slice).unwrap_or_default()
    }
}

/// A value, where the attribute has one.
pub(super) fn value(attribute: &Attribute) -> Option<&str> {
    match attribute {
        Attribute::Value(value) => Some(value),
        _ => None,
    }
}

/// A package without its version.
fn package_key(purl: &Purl) -> String {
    format!("{}/{}/{}", purl.kind, purl.namespace.as_deref().unwrap_or_default(), purl.name)
}

fn together(name: &str) -> String {
    names::words(name).concat()
}

/// Package managers' names live in their own world: `requests` of PyPI is nobody's product. Other
/// components are called as their makers call them.
fn named_freely(component: &Component) -> bool {
    let kind = component.purl.as_ref().map(|purl| purl.kind.as_str());
    matches!(kind, None | Some("generic" | "github" | "bitbucket" | "swid"))
}

/// Vendor, product and version, in CPE's spelling, of an operating system as inventories write it.
fn operating_system(text: &str) -> Option<(&'static str, &'static str, Option<&str>)> {
    const SYSTEMS: [(&str, &str, &str); 16] = [
        ("windows xp", "microsoft", "windows_xp"),
        ("windows 2000", "microsoft", "windows_2000"),
        ("windows 7", "microsoft", "windows_7"),
        ("windows 8.1", "microsoft", "windows_8.1"),
        ("windows 8", "microsoft", "windows_8"),
        ("windows 10", "microsoft", "windows_10"),
        ("windows 11", "microsoft", "windows_11"),
        ("windows server 2008", "microsoft", "windows_server_2008"),
        ("windows server 2012", "microsoft", "windows_server_2012"),
        ("windows server 2016", "microsoft", "windows_server_2016"),
        ("windows server 2019", "microsoft", "windows_server_2019"),
        ("windows ce", "microsoft", "windows_ce"),
        ("vxworks", "windriver", "vxworks"),
        ("qnx", "blackberry", "qnx_neutrino_rtos"),
        ("threadx", "microsoft", "azure_rtos_threadx"),
        ("linux", "linux", "linux_kernel"),
    ];
    let lower = text.to_lowercase();
    let (name, vendor, product) = SYSTEMS.iter().find(|(name, ..)| lower.contains(name))?;
    // A Windows' own number is in its name; its build is what a version would be, and rarely given.
    let after = lower.find(name).map_or(0, |at| at + name.len());
    let version = text
        .get(after..)
        .unwrap_or_default()
        .split_whitespace()
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.'));
    Some((vendor, product, version))
}
