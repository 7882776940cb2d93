//! Statements about a package of an ecosystem.

use domain::advisory::Package;
use domain::purl::Purl;

use super::subjects::{Fleet, Held};
use super::versions::{Place, place};
use super::{Certainty, Outcome, Said, Subject};
use crate::hospital::ReleaseIndex;
use crate::reason::Rule;

pub(super) fn outcomes<'d>(
    fleet: &Fleet<'_, 'd>,
    said: Said<'d>,
    package: &'d Package,
) -> Vec<((ReleaseIndex, Subject), Outcome<'d>)> {
    let held = fleet.of_package(&package.purl).iter().filter_map(|index| fleet.at(*index));
    held.filter_map(|held| {
        let outcome = outcome(held, said, package)?;
        Some(((held.release, held.subject), outcome))
    })
    .collect()
}

fn outcome<'d>(held: &Held<'d>, said: Said<'d>, package: &'d Package) -> Option<Outcome<'d>> {
    let name = package.purl.to_string();
    let placed = match distribution(&package.purl, held.purl?) {
        Distribution::Other => return None,
        Distribution::Same => place(&package.versions, held.version, &held.label),
        Distribution::Unstated => match place(&package.versions, held.version, &held.label) {
            Place::Outside(words) => Place::Outside(words),
            _ => Place::Unknown(
                Rule::DistributionUnknown,
                "the statement is about one distribution, and the component does not say its own"
                    .into(),
            ),
        },
    };
    said.outcome(held, &name, placed, (Rule::PackageInRange, Certainty::Exact))
}

enum Distribution {
    Same,
    Other,
    Unstated,
}

/// Distributions patch without changing the version upstream: `openssl 1.1.1n` of Debian 11 is not
/// that of Debian 12.
fn distribution(meant: &Purl, held: &Purl) -> Distribution {
    match (meant.qualifier("distro"), held.qualifier("distro")) {
        (None, _) => Distribution::Same,
        (Some(_), None) => Distribution::Unstated,
        (Some(meant), Some(held)) => {
            let bare = |text: &str| text.to_lowercase().replace([':', ' '], "-");
            let (meant, held) = (bare(meant), bare(held));
            let within = held
                .strip_prefix(&meant)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']));
            if within { Distribution::Same } else { Distribution::Other }
        }
    }
}
