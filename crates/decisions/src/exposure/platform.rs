//! What a product must run on or beside (CSAF 2.0, section 3.2.2.4: `installed_on`,
//! `installed_with`), held against what is known of a release.
//!
//! Refuses to call a platform absent because nobody states it: only another version of it, or an
//! operating system of another family, excludes.

use domain::advisory::{Product, Versions};

use super::configuration;
use super::names;
use super::product::Titled;
use super::subjects::{Fleet, Held, Label};
use super::systems::{self, Family};
use super::versions::{Bearer, Place, place};
use super::whole::place_release;
use crate::hospital::{Release, ReleaseIndex};
use crate::reason::Rule;

/// How many platforms in a row are followed.
const DEPTH: usize = 16;

/// Where a product's version was placed, and whether its platforms are there.
pub(super) fn on_platform(
    fleet: &Fleet<'_, '_>,
    held: &Held<'_>,
    product: &Product,
    placed: Place,
) -> Place {
    if matches!(placed, Place::Outside(_)) {
        return placed;
    }
    let chain = std::iter::successors(product.platform.as_deref(), |one| one.platform.as_deref());
    let mut unknown = None;
    for platform in chain.take(DEPTH) {
        match stands(fleet, held.release, platform) {
            Place::Outside(words) => return Place::Outside(words),
            Place::Unknown(rule, words) => unknown = unknown.or(Some((rule, words))),
            Place::All | Place::Inside(_) | Place::Named(_) => {}
        }
    }
    match unknown {
        Some((rule, words)) if placed.holds() => Place::Unknown(rule, words),
        _ => placed,
    }
}

/// Whether a platform is there: the release itself, its operating system, or what its SBOM lists.
fn stands(fleet: &Fleet<'_, '_>, index: ReleaseIndex, platform: &Product) -> Place {
    let Some(release) = fleet.hospital.releases.get(index.0 as usize) else {
        return unstated("", platform);
    };
    let name = release.key.to_string();
    let itself = place_release(release, platform).map(|placed| as_hardware(platform, placed));
    let mut outside = None;
    let mut unknown = None;
    for placed in itself.into_iter().chain(listed(fleet, index, platform)) {
        match placed {
            Place::Outside(words) => outside = outside.or(Some(words)),
            Place::Unknown(rule, words) => unknown = unknown.or(Some((rule, words))),
            found if platform.component.is_none() => return found,
            // A component must be in the platform, too, and that is rarely told.
            _ => unknown = unknown.or(Some((Rule::PlatformUnknown, name.clone()))),
        }
    }
    let title = Titled(platform);
    match (unknown, outside) {
        (Some((_, words)), _) => {
            let words =
                format!("it holds only on {title}, and of {name} is not known which: {words}");
            Place::Unknown(Rule::PlatformUnknown, words)
        }
        (None, Some(words)) => {
            Place::Outside(format!("only on {title} ({words}), which {name} is not"))
        }
        (None, None) => by_family(fleet, (index, &name), platform),
    }
}

/// A device's own version is that of its software, so it excludes no version of its hardware.
fn as_hardware(platform: &Product, placed: Place) -> Place {
    let is_hardware = platform.cpes.iter().any(|cpe| cpe.part == domain::cpe::Part::Hardware);
    match placed {
        Place::Outside(words) if is_hardware => {
            let words = format!("hardware {words} is named, and its own is not stated");
            Place::Unknown(Rule::PlatformUnknown, words)
        }
        placed => placed,
    }
}

/// What a release runs or holds under the platform's name.
fn listed(fleet: &Fleet<'_, '_>, index: ReleaseIndex, platform: &Product) -> Vec<Place> {
    let of_release = |held: &&Held<'_>| held.release == index;
    let mut found = Vec::new();
    for purl in &platform.purls {
        for packed in fleet.of_package(purl) {
            let Some(held) = fleet.at(packed.held).filter(of_release) else { continue };
            let own = purl.version.clone().map(Versions::One);
            let named = own.as_ref().map_or(platform.versions.as_slice(), std::slice::from_ref);
            found.push(if named.is_empty() { Place::All } else { packed.place(named, held) });
        }
    }
    for cpe in &platform.cpes {
        for borne in fleet.in_release(index, cpe) {
            let Some(held) = fleet.at(borne.held) else { continue };
            found.extend(configuration::place_by_name(
                fleet,
                (borne, held),
                cpe,
                &platform.versions,
            ));
        }
    }
    let makers = platform.vendor.as_deref().map(names::makers).unwrap_or_default();
    for held in fleet.of_name(&platform.name) {
        let Some(held) = fleet.at(*held).filter(of_release) else { continue };
        let is_of = makers.iter().any(|maker| held.is_of(maker));
        if !is_of && !makers.is_empty() && !held.makers.is_empty() {
            continue;
        }
        let all = platform.versions.is_empty();
        found.push(if all { Place::All } else { place(&platform.versions, held.bearer()) });
    }
    found
}

/// An operating system that is not stated by the platform's name may be by that of its family.
fn by_family(
    fleet: &Fleet<'_, '_>,
    (index, name): (ReleaseIndex, &str),
    platform: &Product,
) -> Place {
    let stated = fleet.families(index);
    let Some((family, whole)) = family(platform).filter(|_| !stated.is_empty()) else {
        return unstated(name, platform);
    };
    if !stated.contains(&family) {
        let title = Titled(platform);
        return Place::Outside(format!("only on {title}, and {name} runs another system"));
    }
    if whole && platform.versions.is_empty() { Place::All } else { unstated(name, platform) }
}

/// Where a record says that its product is meant on one family of systems only (CVE record format
/// 5.x, `platforms`): what that leaves of a release. Nothing where it holds, or names several.
pub(super) fn by_stated_family(
    fleet: &Fleet<'_, '_>,
    held: &Held<'_>,
    product: &Product,
) -> Option<Place> {
    let named = product.details.iter().filter(|(kind, _)| *kind == "platform");
    let mut families = named.map(|(_, text)| systems::family_of(&names::words(text).join("_")));
    let family = families.next()??;
    if families.any(|other| other != Some(family)) {
        return None;
    }
    // A component's own CPE name may say what it is made for.
    let mut stated = match held.label {
        Label::Component(component) => component.cpes.iter().filter_map(systems::target).collect(),
        Label::Release(_) | Label::System(_) => Vec::new(),
    };
    if stated.is_empty() {
        stated.extend_from_slice(fleet.families(held.release));
    }
    if stated.contains(&family) {
        return None;
    }
    let words = "it is named for one operating system only".to_owned();
    Some(if stated.is_empty() {
        Place::Unknown(Rule::PlatformUnknown, format!("{words}, and none is stated"))
    } else {
        Place::Outside(format!("{words}, and another is stated"))
    })
}

/// The family of operating systems that a platform is of, and whether it is all of the family. A
/// name is believed only beside its maker's, for `Integrity` is a pacemaker, too.
fn family(platform: &Product) -> Option<(Family, bool)> {
    let by_cpe = platform.cpes.iter().find_map(|cpe| {
        let whole = cpe.product_value().is_some_and(systems::is_whole_family);
        Some((systems::family(cpe)?, whole && cpe.version.value().is_none()))
    });
    let by_name = || {
        let joined = names::words(&platform.name).join("_");
        let maker = names::words(platform.vendor.as_deref()?).concat();
        if let Some(system) = systems::read(&platform.name) {
            let whole = system.version.is_none() && systems::is_whole_family(system.product);
            let of_maker = maker.starts_with(system.vendor);
            return Some((systems::family_of(system.product)?, whole)).filter(|_| of_maker);
        }
        let whole = systems::is_whole_family(&joined) && maker.starts_with("microsoft");
        Some((systems::family_of(&joined)?, true)).filter(|_| whole)
    };
    by_cpe.or_else(by_name)
}

fn unstated(name: &str, platform: &Product) -> Place {
    let title = Titled(platform);
    let words =
        format!("it holds only on {title}, and whether {name} is or runs that is not stated");
    Place::Unknown(Rule::PlatformUnknown, words)
}

/// Places the software of a product that runs on a release, where neither SBOM nor inventory lists
/// it as a component: by what the inventory says that the release runs, or by the release's own
/// version where the software is its firmware.
pub(super) fn place_software(held: &Held<'_>, release: &Release<'_>, product: &Product) -> Place {
    let Label::Release(key) = held.label else { return unlisted(held, product) };
    let own = names::ProductName::new(&key.model, Some(&key.manufacturer));
    let name = names::ProductName::new(&product.name, product.vendor.as_deref());
    let of_model: Vec<&str> = own.telling().collect();
    // Firmware is named after its device, or after the family that the document puts it in.
    let family = product.platform.iter().flat_map(|platform| {
        let family = platform.details.iter().filter(|(kind, _)| *kind == "product_family");
        let names = family.map(|(_, text)| text.as_str()).chain([platform.name.as_str()]);
        names.flat_map(names::words).collect::<Vec<_>>()
    });
    let family: Vec<String> = family.collect();
    let is_known = |word: &str| of_model.contains(&word) || family.iter().any(|own| own == word);
    if name.telling().all(is_known) {
        return place(&product.versions, held.bearer());
    }
    let wanted = names::words(&product.name);
    let stated = release.operating_systems.iter().find_map(|text| version_after(text, &wanted));
    match stated {
        Some(version) => {
            place(&product.versions, Bearer { version: Some(version), ..Bearer::default() })
        }
        None => unlisted(held, product),
    }
}

fn unlisted(held: &Held<'_>, product: &Product) -> Place {
    let (title, name) = (Titled(product), &held.label);
    let words = format!("whether {name} runs {title}, and which version of it, is not stated");
    Place::Unknown(Rule::PlatformUnknown, words)
}

/// The version that stands behind a name in a text: `ACME RTOS 2.1`.
fn version_after<'t>(text: &'t str, name: &[String]) -> Option<&'t str> {
    if name.is_empty() {
        return None;
    }
    let mut met: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let bare = word.trim_start_matches(['v', 'V']);
        if met.ends_with(name) && bare.starts_with(|c: char| c.is_ascii_digit()) {
            return Some(bare.trim_matches(|c: char| !c.is_ascii_alphanumeric()));
        }
        met.extend(names::words(word));
    }
    None
}
