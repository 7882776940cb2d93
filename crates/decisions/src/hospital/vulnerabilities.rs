//! One vulnerability once: ids and aliases are joined before anything is counted.

use std::collections::{HashMap, HashSet};

use domain::advisory::VulnerabilityId;
use domain::location::DocumentId;

use super::{Known, Sorted, VulnerabilityIndex};

/// Sets of ids that name the same flaw (union by the smaller root, path halving). A set has one
/// CVE at most: two CVE ids are two flaws, whatever a third id says of both.
#[derive(Default)]
struct Names<'d> {
    numbers: HashMap<&'d VulnerabilityId, usize>,
    ids: Vec<&'d VulnerabilityId>,
    parents: Vec<usize>,
    /// The CVE of each root's set.
    cves: HashMap<usize, usize>,
    /// Pairs that name the same flaw.
    pairs: Vec<(&'d VulnerabilityId, &'d VulnerabilityId)>,
}

impl<'d> Names<'d> {
    fn number(&mut self, id: &'d VulnerabilityId) -> usize {
        let next = self.ids.len();
        let number = *self.numbers.entry(id).or_insert(next);
        if number == next {
            self.ids.push(id);
            self.parents.push(next);
            if id.is_cve() {
                self.cves.insert(next, next);
            }
        }
        number
    }

    fn parent(&self, number: usize) -> usize {
        self.parents.get(number).copied().unwrap_or(number)
    }

    fn root(&mut self, mut number: usize) -> usize {
        while self.parent(number) != number {
            let above = self.parent(self.parent(number));
            if let Some(parent) = self.parents.get_mut(number) {
                *parent = above;
            }
            number = above;
        }
        number
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        let (root, child) = (a.min(b), a.max(b));
        let cve = match (self.cves.get(&root), self.cves.get(&child)) {
            (Some(one), Some(other)) if one != other => return,
            (one, other) => one.or(other).copied(),
        };
        self.cves.extend(cve.map(|cve| (root, cve)));
        if let Some(parent) = self.parents.get_mut(child) {
            *parent = root;
        }
    }

    /// Joins the pairs in an order of their own, for which CVE an id goes with must not hang on the
    /// order of documents. Pairs with a CVE come first.
    fn join_all(&mut self) {
        let mut pairs = std::mem::take(&mut self.pairs);
        pairs.sort_unstable_by_key(|(a, b)| (!(a.is_cve() || b.is_cve()), *a, *b));
        pairs.dedup();
        for (a, b) in pairs {
            let (a, b) = (self.number(a), self.number(b));
            self.join(a, b);
        }
    }
}

/// Merges what the documents tell, and finds each vulnerability by any of its names.
pub(super) fn merge<'d>(
    sorted: &Sorted<'d>,
) -> (Vec<Known<'d>>, HashMap<&'d VulnerabilityId, VulnerabilityIndex>) {
    let mut names = Names::default();
    for telling in &sorted.tellings {
        name(&mut names, &telling.vulnerability.id, &telling.vulnerability.aliases);
    }
    for (_, statement) in &sorted.statements {
        name(&mut names, &statement.vulnerability, &statement.aliases);
    }
    names.join_all();
    let mut places: HashMap<usize, usize> = HashMap::new();
    let mut known: Vec<Known<'d>> = Vec::new();
    let mut by_id = HashMap::with_capacity(names.ids.len());
    for number in 0..names.ids.len() {
        let Some(id) = names.ids.get(number).copied() else { continue };
        let root = names.root(number);
        let place = *places.entry(root).or_insert_with(|| {
            known.push(Known {
                id,
                aliases: Vec::new(),
                tellings: Vec::new(),
                exploited: None,
                prediction: None,
            });
            known.len() - 1
        });
        if let Some(known) = known.get_mut(place) {
            known.add_name(id);
        }
        by_id.insert(id, VulnerabilityIndex(u32::try_from(place).unwrap_or(u32::MAX)));
    }
    let mut at = |id: &VulnerabilityId, add: &mut dyn FnMut(&mut Known<'d>)| {
        if let Some(known) = by_id.get(id).and_then(|index| known.get_mut(index.0 as usize)) {
            add(known);
        }
    };
    for telling in &sorted.tellings {
        at(&telling.vulnerability.id, &mut |known| known.tellings.push(*telling));
    }
    for (document, entry) in &sorted.exploited {
        at(&entry.id, &mut |known| known.exploited = known.exploited.or(Some((*document, *entry))));
    }
    // An SBOM repeats what a feed once said: a feed goes before it, and of two SBOMs the graver.
    let of_sbom: HashSet<DocumentId> = sorted.sboms.iter().map(|(id, ..)| *id).collect();
    for (document, prediction) in &sorted.predictions {
        at(&prediction.id, &mut |known| {
            let repeats = of_sbom.contains(document);
            let stands = known.prediction.is_some_and(|(other, own)| {
                repeats && !(of_sbom.contains(&other) && own.probability < prediction.probability)
            });
            if !stands {
                known.prediction = Some((*document, *prediction));
            }
        });
    }
    (known, by_id)
}

/// Two CVE ids are two flaws, whatever a record says of aliases: advisories that cover several
/// flaws list them all.
fn name<'d>(names: &mut Names<'d>, id: &'d VulnerabilityId, aliases: &'d [VulnerabilityId]) {
    names.number(id);
    let cves = aliases.iter().filter(|alias| alias.is_cve() && *alias != id).count();
    for alias in aliases {
        names.number(alias);
        let two_flaws = alias.is_cve() && (id.is_cve() || cves > 1);
        if !two_flaws && alias != id {
            names.pairs.push(if id < alias { (id, alias) } else { (alias, id) });
        }
    }
}

impl<'d> Known<'d> {
    /// The CVE is the name; of several ids the first that was met.
    fn add_name(&mut self, id: &'d VulnerabilityId) {
        if id == self.id {
            return;
        }
        if id.is_cve() && !self.id.is_cve() {
            self.aliases.push(self.id);
            self.id = id;
        } else {
            self.aliases.push(id);
        }
    }
}
