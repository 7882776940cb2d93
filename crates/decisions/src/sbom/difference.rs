//! What differs between two releases: components that came, went and changed, and the
//! vulnerabilities that are open in one of them only.
//!
//! Refuses to say which of two is the newer one: versions of makers have no common order.

use std::collections::{BTreeMap, BTreeSet};

use domain::component::Component;
use domain::text::Text;

use crate::exposure::Verdict;

/// A component as it is compared.
#[derive(Debug, Clone, Default)]
pub struct Item<'p> {
    /// Its package URL up to the version, where it has one.
    pub package: Option<String>,
    /// Its name.
    pub name: &'p str,
    /// Its version; empty is not told.
    pub version: &'p str,
    /// Its licences.
    pub licences: Vec<&'p str>,
    /// Who supplies it.
    pub supplier: Option<&'p str>,
    /// Its digests: algorithm and value.
    pub hashes: Vec<(&'p str, &'p str)>,
}

impl<'p> Item<'p> {
    /// Of a component of an SBOM.
    #[must_use]
    pub fn of(component: &'p Component) -> Self {
        Self {
            package: component.purl.as_ref().map(|purl| purl.package().to_string()),
            name: &component.name,
            version: component.version.as_deref().unwrap_or_default(),
            licences: component.licences.iter().map(Text::as_str).collect(),
            supplier: component.supplier.as_deref(),
            hashes: component
                .hashes
                .iter()
                .map(|hash| (hash.algorithm.as_str(), hash.value.as_str()))
                .collect(),
        }
    }
}

/// A component that only one of the two has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Single {
    /// Its name.
    pub name: String,
    /// Its versions, in the order of their letters; none is not told.
    pub versions: Vec<String>,
    /// Its licences.
    pub licences: Vec<String>,
}

/// Values before and after.
pub type Turn = (Vec<String>, Vec<String>);

/// A component that both have, not alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Its name, as the second has it.
    pub name: String,
    /// Its versions; the same ones where they did not change.
    pub versions: Turn,
    /// Its licences, where they differ.
    pub licences: Option<Turn>,
    /// Its suppliers, where both tell one and they differ.
    pub suppliers: Option<Turn>,
    /// Its digests, where it has the same version and others by the same algorithm.
    pub hashes: Option<Turn>,
}

/// What differs between the components of two releases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// Components that only the second has.
    pub added: Vec<Single>,
    /// Components that only the first has.
    pub removed: Vec<Single>,
    /// Components that both have, not alike.
    pub changed: Vec<Changed>,
    /// How many are the same in both.
    pub same: usize,
}

#[derive(Default)]
struct Gathered<'p> {
    name: &'p str,
    has_package: bool,
    versions: BTreeSet<&'p str>,
    licences: BTreeSet<&'p str>,
    suppliers: BTreeSet<&'p str>,
    hashes: BTreeMap<String, BTreeSet<String>>,
}

fn texts<T: AsRef<str>>(set: &BTreeSet<T>) -> Vec<String> {
    let told = set.iter().map(AsRef::as_ref).filter(|text| !text.is_empty());
    told.map(str::to_owned).collect()
}

impl Gathered<'_> {
    fn single(&self) -> Single {
        Single {
            name: self.name.to_owned(),
            versions: texts(&self.versions),
            licences: texts(&self.licences),
        }
    }

    /// What became of it in the other; `None` where they are alike.
    fn changed(&self, other: &Self) -> Option<Changed> {
        let turn = |one: &BTreeSet<&str>, other: &BTreeSet<&str>| {
            (one != other).then(|| (texts(one), texts(other)))
        };
        let licences = turn(&self.licences, &other.licences);
        let is_told = !self.suppliers.is_empty() && !other.suppliers.is_empty();
        let suppliers = turn(&self.suppliers, &other.suppliers).filter(|_| is_told);
        let is_version_same = self.versions == other.versions;
        let hashes = self.hashes_differ(other).filter(|_| is_version_same);
        let is_same =
            is_version_same && licences.is_none() && suppliers.is_none() && hashes.is_none();
        (!is_same).then(|| Changed {
            name: other.name.to_owned(),
            versions: (texts(&self.versions), texts(&other.versions)),
            licences,
            suppliers,
            hashes,
        })
    }

    fn hashes_differ(&self, other: &Self) -> Option<Turn> {
        let both = self.hashes.iter().filter_map(|(algorithm, values)| {
            let others = other.hashes.get(algorithm)?;
            (values != others).then_some((algorithm, values, others))
        });
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for (algorithm, values, others) in both {
            before.extend(values.iter().map(|value| format!("{algorithm}:{value}")));
            after.extend(others.iter().map(|value| format!("{algorithm}:{value}")));
        }
        (!before.is_empty()).then_some((before, after))
    }
}

/// Components by what they are, whatever their versions: the package URL up to the version, or else
/// the name.
fn gather<'p>(items: &[Item<'p>]) -> BTreeMap<String, Gathered<'p>> {
    let mut gathered: BTreeMap<String, Gathered<'p>> = BTreeMap::new();
    for item in items {
        let key = item.package.as_deref().unwrap_or(item.name).to_lowercase();
        let own = gathered.entry(key).or_default();
        own.name = item.name;
        own.has_package = item.package.is_some();
        own.versions.insert(item.version);
        own.licences.extend(item.licences.iter().copied());
        own.suppliers.extend(item.supplier.filter(|supplier| !supplier.is_empty()));
        for (algorithm, value) in &item.hashes {
            // Formats spell the same algorithm with and without a hyphen.
            let algorithm = algorithm.replace(['-', '_'], "").to_uppercase();
            own.hashes.entry(algorithm).or_default().insert(value.to_lowercase());
        }
    }
    gathered
}

/// Gives a component of the first the key of the second's of the same name, where only one of them
/// has a package URL: another maker of SBOMs, or another format, need not lose what they share. A
/// name that either side has more than once stays apart.
fn rename(before: &mut BTreeMap<String, Gathered<'_>>, after: &BTreeMap<String, Gathered<'_>>) {
    let alone = |one: &BTreeMap<String, Gathered<'_>>, other: &BTreeMap<String, Gathered<'_>>| {
        let mut by_name: BTreeMap<String, Option<(String, bool)>> = BTreeMap::new();
        for (key, own) in one.iter().filter(|(key, _)| !other.contains_key(*key)) {
            let known = by_name.entry(own.name.to_lowercase());
            let told = Some((key.clone(), own.has_package));
            known.and_modify(|known| *known = None).or_insert(told);
        }
        by_name
    };
    let mut others = alone(after, before);
    for (name, own) in alone(before, after) {
        let other = others.remove(&name).flatten();
        let Some(((old, is_package), (new, is_other))) = own.zip(other) else { continue };
        if is_package != is_other
            && let Some(gathered) = before.remove(&old)
        {
            before.insert(new, gathered);
        }
    }
}

/// What differs between the components of two releases.
#[must_use]
pub fn components(first: &[Item<'_>], second: &[Item<'_>]) -> Difference {
    let (mut before, after) = (gather(first), gather(second));
    rename(&mut before, &after);
    let mut difference = Difference::default();
    for (key, one) in &before {
        match after.get(key) {
            None => difference.removed.push(one.single()),
            Some(other) => match one.changed(other) {
                Some(changed) => difference.changed.push(changed),
                None => difference.same += 1,
            },
        }
    }
    let added = after.iter().filter(|(key, _)| !before.contains_key(*key));
    difference.added = added.map(|(_, one)| one.single()).collect();
    difference
}

/// Vulnerabilities that are open in one of two releases only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opened {
    /// Open only in the second, and how.
    pub gained: Vec<(String, Verdict)>,
    /// Open only in the first, and what is known for the second.
    pub lost: Vec<(String, Option<Verdict>)>,
}

/// Vulnerabilities that are open in one of two releases only, by what is known against each. Of
/// several verdicts on one vulnerability the gravest counts.
#[must_use]
pub fn findings<'f>(
    first: impl IntoIterator<Item = (&'f str, Verdict)>,
    second: impl IntoIterator<Item = (&'f str, Verdict)>,
) -> Opened {
    let (before, after) = (verdicts(first), verdicts(second));
    let is_open = |known: &BTreeMap<&str, Verdict>, id: &str| {
        known.get(id).is_some_and(|verdict| verdict.is_open())
    };
    let gained = after.iter().filter(|(id, v)| v.is_open() && !is_open(&before, id));
    let lost = before.iter().filter(|(id, v)| v.is_open() && !is_open(&after, id));
    Opened {
        gained: gained.map(|(id, verdict)| ((*id).to_owned(), *verdict)).collect(),
        lost: lost.map(|(id, _)| ((*id).to_owned(), after.get(id).copied())).collect(),
    }
}

fn verdicts<'f>(
    findings: impl IntoIterator<Item = (&'f str, Verdict)>,
) -> BTreeMap<&'f str, Verdict> {
    let mut verdicts = BTreeMap::new();
    for (id, verdict) in findings {
        let own = verdicts.entry(id).or_insert(verdict);
        *own = verdict.min(*own);
    }
    verdicts
}
