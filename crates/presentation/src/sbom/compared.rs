//! What differs between two SBOMs, as programs read it.

use decisions::exposure::Verdict;
use decisions::sbom::difference::{self, Difference, Opened};
use serde::Serialize;

/// What differs.
#[derive(Debug, Clone, Serialize)]
pub struct Compared {
    /// What the first describes.
    pub old: String,
    /// What the second describes.
    pub new: String,
    /// Components that only the second has.
    pub added: Vec<Single>,
    /// Components that only the first has.
    pub removed: Vec<Single>,
    /// Components that both have, not alike.
    pub changed: Vec<Changed>,
    /// How many are the same in both.
    pub same: usize,
    /// What is open in one of them only; `None` where nothing was asked.
    pub vulnerabilities: Option<Vulnerabilities>,
}

/// A component that only one has.
#[derive(Debug, Clone, Serialize)]
pub struct Single {
    /// Its name.
    pub name: String,
    /// Its versions; none is not told.
    pub versions: Vec<String>,
    /// Its licences.
    pub licences: Vec<String>,
}

/// Values before and after.
#[derive(Debug, Clone, Serialize)]
pub struct Turn {
    /// Before.
    pub old: Vec<String>,
    /// After.
    pub new: Vec<String>,
}

/// A component that both have, not alike.
#[derive(Debug, Clone, Serialize)]
pub struct Changed {
    /// Its name.
    pub name: String,
    /// Its versions.
    pub versions: Turn,
    /// Its licences, where they differ.
    pub licences: Option<Turn>,
    /// Its suppliers, where both tell one and they differ.
    pub suppliers: Option<Turn>,
    /// Its digests, where they differ at the same version.
    pub hashes: Option<Turn>,
}

/// What is open in one only.
#[derive(Debug, Clone, Serialize)]
pub struct Vulnerabilities {
    /// Only in the second.
    pub gained: Vec<Open>,
    /// Only in the first.
    pub lost: Vec<Open>,
}

/// A vulnerability.
#[derive(Debug, Clone, Serialize)]
pub struct Open {
    /// Its name.
    pub id: String,
    /// What is judged of the second; `None` where nothing is known.
    pub verdict: Option<&'static str>,
}

impl Compared {
    /// In the form that is shown.
    #[must_use]
    pub fn of(
        (old, new): (String, String),
        difference: &Difference,
        opened: Option<&Opened>,
    ) -> Self {
        Self {
            old,
            new,
            added: difference.added.iter().map(Single::of).collect(),
            removed: difference.removed.iter().map(Single::of).collect(),
            changed: difference.changed.iter().map(Changed::of).collect(),
            same: difference.same,
            vulnerabilities: opened.map(Vulnerabilities::of),
        }
    }

    /// Whether anything differs.
    #[must_use]
    pub fn differs(&self) -> bool {
        let opened = self.vulnerabilities.as_ref();
        let is_opened = opened.is_some_and(|one| !one.gained.is_empty() || !one.lost.is_empty());
        let lists = [self.added.len(), self.removed.len(), self.changed.len()];
        is_opened || lists.into_iter().any(|count| count > 0)
    }
}

impl Single {
    fn of(one: &difference::Single) -> Self {
        let difference::Single { name, versions, licences } = one.clone();
        Self { name, versions, licences }
    }
}

impl Turn {
    fn of((old, new): &difference::Turn) -> Self {
        Self { old: old.clone(), new: new.clone() }
    }
}

impl Changed {
    fn of(one: &difference::Changed) -> Self {
        Self {
            name: one.name.clone(),
            versions: Turn::of(&one.versions),
            licences: one.licences.as_ref().map(Turn::of),
            suppliers: one.suppliers.as_ref().map(Turn::of),
            hashes: one.hashes.as_ref().map(Turn::of),
        }
    }
}

impl Vulnerabilities {
    fn of(opened: &Opened) -> Self {
        let open = |(id, verdict): (&String, Option<Verdict>)| Open {
            id: id.clone(),
            verdict: verdict.map(Verdict::text),
        };
        Self {
            gained: opened.gained.iter().map(|(id, one)| open((id, Some(*one)))).collect(),
            lost: opened.lost.iter().map(|(id, one)| open((id, *one))).collect(),
        }
    }
}
