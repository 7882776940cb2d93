//! Vulnerabilities of several SBOMs in the one that they become.
//!
//! What they affect is what stands there now, also where one SBOM speaks of another by a BOM-Link.
//! Refuses to clear a component by what was judged of it elsewhere: an analysis other than
//! *exploitable* stays only where every product that has the component says the same.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::component::{Affects, Known};
use domain::purl::Purl;
use domain::text::Text;

use super::{Context, Merger, Part, Unheld};

/// What products say of a component: the names of flaws, each with a state.
type Said<'s> = BTreeMap<(Context, usize), HashSet<(&'s str, &'s str)>>;

/// Where something affected stands now.
enum Whose<'p, 's> {
    /// In the whole, by its reference, as one of the SBOMs tells it.
    Here(&'p Part<'s>, Text),
    /// In none of the SBOMs; what is told of it stays.
    Elsewhere,
    /// Nowhere.
    Nowhere,
}

/// Carries them all over.
pub(super) fn carry(merger: &mut Merger<'_>) {
    let parts = std::mem::take(&mut merger.parts);
    let components = merger.merged.sbom.components.iter().enumerate();
    let places: HashMap<Text, usize> =
        components.filter_map(|(place, one)| Some((one.reference.clone()?, place))).collect();
    let ground = Ground { parts: &parts, places };
    let said = said(&ground);
    let mut seen = HashSet::new();
    for part in &parts {
        for known in &part.input.sbom.carried.known {
            let (held, loose) = divided(merger, part, known, (&ground, &said));
            let rest = Known {
                affects: loose,
                fields: known
                    .fields
                    .iter()
                    .filter(|(name, _)| *name != "analysis")
                    .cloned()
                    .collect(),
                reference: None,
            };
            let is_all_loose = held.is_empty() && !rest.affects.is_empty();
            let whole = Known { reference: None, affects: held, fields: known.fields.clone() };
            let kept =
                [(!is_all_loose).then_some(whole), (!rest.affects.is_empty()).then_some(rest)];
            for mut one in kept.into_iter().flatten() {
                // Two SBOMs may tell the same of the same.
                if seen.insert(format!("{one:?}")) {
                    one.reference = known.reference.as_deref().map(|id| merger.own(id));
                    merger.merged.sbom.carried.known.push(one);
                }
            }
        }
    }
}

/// What the references lead to.
struct Ground<'p, 's> {
    parts: &'p [Part<'s>],
    places: HashMap<Text, usize>,
}

fn whose<'p, 's>(one: &Affects, part: &'p Part<'s>, ground: &Ground<'p, 's>) -> Whose<'p, 's> {
    let own = |part: &'p Part<'s>| {
        let found = one.references().find_map(|own| part.references.get(own.as_str()));
        found.map(|own| Whose::Here(part, own.clone()))
    };
    if one.document.is_none() || one.document == part.input.sbom.serial {
        return own(part).unwrap_or_else(|| match &one.reference {
            // A package URL that no component here had, and that one of the whole may have now.
            package if ground.places.contains_key(package) => Whose::Here(part, package.clone()),
            package if Purl::parse(package).is_ok() => Whose::Elsewhere,
            _ => Whose::Nowhere,
        });
    }
    let mut linked =
        ground.parts.iter().filter(|part| part.input.sbom.serial == one.document).peekable();
    if linked.peek().is_none() {
        return Whose::Elsewhere;
    }
    linked.find_map(own).unwrap_or(Whose::Nowhere)
}

/// What every product says of its components.
fn said<'s>(ground: &Ground<'_, 's>) -> Said<'s> {
    let mut all = Said::new();
    for part in ground.parts {
        for known in &part.input.sbom.carried.known {
            let Some(state) = known.state() else { continue };
            for one in &known.affects {
                if let Whose::Here(of, own) = whose(one, part, ground)
                    && let Some(place) = ground.places.get(&own)
                {
                    let names = known.names().map(|name| (name, state));
                    all.entry((of.context, *place)).or_default().extend(names);
                }
            }
        }
    }
    all
}

/// What a vulnerability affects, with its analysis and without; and what it affects nowhere is
/// told.
fn divided(
    merger: &mut Merger<'_>,
    part: &Part<'_>,
    known: &Known,
    (ground, said): (&Ground<'_, '_>, &Said<'_>),
) -> (Vec<Affects>, Vec<Affects>) {
    let (mut held, mut loose) = (Vec::new(), Vec::new());
    for one in &known.affects {
        let (of, own) = match whose(one, part, ground) {
            Whose::Here(of, own) => (of, own),
            Whose::Elsewhere => {
                held.push(one.clone());
                continue;
            }
            Whose::Nowhere => {
                merger.dangles(&one.reference, part.input);
                continue;
            }
        };
        let place = ground.places.get(&own).copied();
        let here = Affects { document: None, reference: own, versions: one.versions.clone() };
        let unheld = place.filter(|place| {
            let contexts = merger.contexts.get(place);
            let others = contexts.into_iter().flatten().filter(|context| **context != of.context);
            let others: BTreeSet<Context> = others.copied().collect();
            !agree(known, *place, &others, said)
        });
        let Some((place, state)) = unheld.zip(known.state()) else {
            held.push(here);
            continue;
        };
        let component = merger.merged.sbom.components.get(place);
        merger.merged.unheld.push(Unheld {
            vulnerability: known.label().to_owned(),
            component: component.map(domain::component::Component::label).unwrap_or_default(),
            state: state.to_owned(),
            document: part.input.name.to_owned(),
        });
        loose.push(here);
    }
    (held, loose)
}

/// Whether other products that have a component say the same of it, or it is said to be worst.
fn agree(known: &Known, place: usize, others: &BTreeSet<Context>, said: &Said<'_>) -> bool {
    let Some(state) = known.state().filter(|state| *state != "exploitable") else { return true };
    others.iter().all(|context| {
        let told = said.get(&(*context, place));
        told.is_some_and(|told| known.names().any(|name| told.contains(&(name, state))))
    })
}
