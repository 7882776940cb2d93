//! Which releases the statements about a few vulnerabilities can touch, before any SBOM is opened;
//! and which records of many can touch a few releases, before any record is.
//!
//! In the first case all is known of a release itself, so its look-ups are those of judging; of its
//! components only the keys are kept by which they are found. In the second there are only keys on
//! both sides. Refuses to leave out what judging might find; more than that is no harm.

use std::collections::BTreeSet;

use domain::advisory::{Affected, Configuration, Product, Status, Target};

use super::candidates::{Candidates, released};
use super::configuration;
use super::keys::Key;
use super::statement::{self, Told};
use super::subjects::{self, Fleet};
use super::{package, whole};
use crate::hospital::{Hospital, ReleaseIndex, VulnerabilityIndex};

/// What may be touched.
#[derive(Debug, Default)]
pub struct Touched {
    /// Releases that are named themselves, or one of whose SBOMs is referred to.
    pub releases: BTreeSet<ReleaseIndex>,
    /// Keys of components that are named, wherever they are.
    pub keys: BTreeSet<Key>,
}

/// What the statements about some vulnerabilities may touch.
#[must_use]
pub fn touched(hospital: &Hospital<'_>, of: &BTreeSet<VulnerabilityIndex>) -> Touched {
    let fleet = Fleet::index(hospital);
    let statements = statement::by_vulnerability(hospital);
    let mut found =
        Finder { fleet: &fleet, candidates: Candidates::default(), touched: Touched::default() };
    for index in of {
        let known = hospital.vulnerabilities.get(index.0 as usize);
        for telling in known.iter().flat_map(|known| &known.tellings) {
            let title = telling.advisory.and_then(|advisory| advisory.title.as_deref());
            for affected in &telling.vulnerability.affected {
                found.affected(affected, title);
            }
        }
        for told in statements.get(index).into_iter().flatten() {
            found.told(told);
        }
    }
    found.touched
}

struct Finder<'f, 'h, 'd> {
    fleet: &'f Fleet<'h, 'd>,
    candidates: Candidates<'d>,
    touched: Touched,
}

impl<'d> Finder<'_, '_, 'd> {
    fn affected(&mut self, affected: &'d Affected, title: Option<&'d str>) {
        match &affected.target {
            Target::Package(package) => self.package(&package::key(&package.purl)),
            Target::Configuration(configuration) => self.configuration(configuration),
            Target::Product(product) => {
                self.product(product, title);
                let accuses =
                    matches!(affected.status, Status::Affected | Status::UnderInvestigation);
                if let Some(platform) = product.platform.as_deref().filter(|_| accuses) {
                    self.product(platform, None);
                }
            }
        }
    }

    fn package(&mut self, key: &str) {
        self.touched.keys.insert(Key::package(key));
        self.touched.releases.extend(self.fleet.releases_of_package(key));
    }

    fn configuration(&mut self, configuration: &Configuration) {
        let mut matches = Vec::new();
        configuration::vulnerable(configuration, &mut matches);
        for one in matches {
            if let Some(product) = one.cpe.product_value() {
                self.cpe_product(product);
            }
        }
    }

    fn cpe_product(&mut self, product: &str) {
        let key = subjects::product_key(product);
        self.touched.keys.insert(Key::product(&key));
        self.touched.releases.extend(self.fleet.releases_of_cpe(&key));
    }

    fn product(&mut self, product: &'d Product, title: Option<&'d str>) {
        self.identifiers(product);
        let named = released(self.fleet, &mut self.candidates, (product, title));
        self.touched.releases.extend(named);
        if !product.name.is_empty() {
            self.touched.keys.insert(Key::name(&subjects::together(&product.name)));
            let held = self.fleet.of_name(&product.name).iter();
            let releases = held.filter_map(|held| Some(self.fleet.at(*held)?.release));
            self.touched.releases.extend(releases);
        }
    }

    fn identifiers(&mut self, product: &Product) {
        let parts = std::iter::successors(Some(product), |part| part.component.as_deref());
        for purl in parts.flat_map(|part| part.purls.iter().chain(&part.packages)) {
            self.package(&package::key(purl));
        }
        for product in product.cpes.iter().filter_map(|cpe| cpe.product_value()) {
            self.cpe_product(product);
        }
    }

    fn told(&mut self, told: &Told<'d>) {
        for product in told.products() {
            self.identifiers(product);
        }
        for (number, release) in (0_u32..).zip(&self.fleet.hospital.releases) {
            let is_named =
                told.products().any(|product| whole::place_release(release, product).is_some());
            if is_named || told.refers_to(release) {
                self.touched.releases.insert(ReleaseIndex(number));
            }
        }
    }
}
