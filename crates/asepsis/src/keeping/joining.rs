//! What SBOMs and tables of releases change that came: which releases they describe otherwise, and
//! what may be about these.
//!
//! Refuses to open an SBOM for that: how it is joined is kept in short.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use anyhow::{Context, Result};
use decisions::exposure::{self, keys};
use decisions::hospital::{self, Hospital};
use domain::advisory::VulnerabilityId;
use domain::fact::{Document, Fact};
use domain::location::DocumentId;
use domain::problem::Problem;
use presentation::assessment::Summary;
use store::database::Database;
use store::digests::{Digest, Recalled};
use store::releases;

use super::change::{Came, Shelf, open};
use super::closure::{Files, Names};
use super::digest;
use super::recall::{self, Facts, Numbers};
use super::stub::{self, Stub};

/// Kinds of facts by which releases are joined.
pub(super) const JOINED_BY: i64 = digest::LINKS | digest::SBOMS | digest::VEX;

/// How releases are joined now.
pub(super) struct Joined {
    /// All of them, in their order.
    pub(super) recalled: Vec<Recalled>,
    pub(super) facts: Vec<Facts>,
    /// The places of those that are described otherwise than before.
    pub(super) otherwise: BTreeSet<usize>,
    /// The ids of those that are gone.
    pub(super) gone: Vec<String>,
    /// Files of which is told anew what does not fit, beside those that changed.
    pub(super) retold: BTreeSet<String>,
    /// What does not fit in all of these.
    problems: Unfit,
    /// How many have an SBOM, and how many components these have.
    with_sbom: usize,
    components: usize,
}

/// What does not fit, by document.
type Unfit = BTreeMap<String, Vec<Problem>>;

/// Files of one time, each with its hash.
type State<'a> = Vec<(&'a str, &'a str)>;

/// Joins the releases anew; nothing where that can't be told in short. `now` are the digests of
/// what changed, as it is now.
pub(super) fn join(
    came: &Came<'_>,
    database: &Database,
    (facts, now): (&[Facts], &[Digest]),
) -> Result<Option<Joined>> {
    let mut digests: HashMap<&str, &Digest> =
        came.digests.iter().map(|(hash, digest)| (hash.as_str(), digest)).collect();
    digests.extend(now.iter().map(|digest| (digest.document.as_str(), digest)));
    let run: Vec<hospital::Recalled> =
        facts.iter().filter(|one| one.units() > 0).map(Facts::run).collect::<Result<_>>()?;
    let (old, new) = states(came);
    let (Some(old), Some(new)) =
        (Told::read(database, &old, &digests)?, Told::read(database, &new, &digests)?)
    else {
        return Ok(None);
    };
    let (_, before) = Hospital::rejoin(&old.documents, run.iter());
    let (releases, problems) = Hospital::rejoin(&new.documents, run.iter());
    let mut unfit = new.unfit(problems);
    let retold = came.files_of(differing(&old.unfit(before), &unfit));
    let is_changed: HashSet<&str> = came.changed.iter().map(|one| one.name.as_str()).collect();
    let is_told = |file: &str| is_changed.contains(file) || retold.contains(file);
    unfit.retain(|name, _| is_told(came.file_of(name)));
    let mut joined = Joined {
        recalled: Vec::with_capacity(releases.len()),
        facts: Vec::with_capacity(releases.len()),
        otherwise: BTreeSet::new(),
        gone: Vec::new(),
        problems: unfit,
        retold,
        with_sbom: releases.iter().filter(|release| !release.sboms.is_empty()).count(),
        components: 0,
    };
    let mut known: HashMap<&str, &Recalled> =
        came.recalled.iter().map(|one| (one.release.as_str(), one)).collect();
    for (place, release) in releases.iter().enumerate() {
        let mut recalled = recall::one(&new.documents, release)?;
        let listed = release.sboms.iter().map(|one| new.components.get(&one.document));
        joined.components += listed.flatten().sum::<usize>();
        let before = known.remove(recalled.release.as_str());
        let facts = Facts::read(&recalled)?;
        let has_changed = facts.sboms().any(|name| is_changed.contains(came.file_of(name)));
        if has_changed || before.is_none_or(|before| before.facts != recalled.facts) {
            joined.otherwise.insert(place);
        }
        // Of those that are described otherwise once their SBOMs are open.
        recalled.keys = before.map(|before| before.keys.clone()).unwrap_or_default();
        joined.facts.push(facts);
        joined.recalled.push(recalled);
    }
    joined.gone = known.into_keys().map(str::to_owned).collect();
    joined.gone.sort_unstable();
    // Two that have one id can't be told apart by it.
    let ids: HashSet<&str> = joined.recalled.iter().map(|one| one.release.as_str()).collect();
    Ok((ids.len() == joined.recalled.len()).then_some(joined))
}

/// The files that counted before, and those that count now.
fn states<'a>(came: &'a Came<'_>) -> (State<'a>, State<'a>) {
    let is_changed: HashSet<&str> = came.changed.iter().map(|one| one.name.as_str()).collect();
    let all = came.current.iter().map(|(name, hash)| (name.as_str(), hash.as_str()));
    let mut old: State<'a> = all.filter(|(name, _)| !is_changed.contains(name)).collect();
    let mut new = old.clone();
    for one in &came.changed {
        old.extend(one.before.as_deref().map(|hash| (one.name.as_str(), hash)));
        new.extend(one.now.as_deref().map(|hash| (one.name.as_str(), hash)));
    }
    (old, new)
}

/// The SBOMs, closed, and the tables of releases of one time.
struct Told {
    documents: Vec<Document>,
    /// How many components each SBOM has.
    components: HashMap<DocumentId, usize>,
}

impl Told {
    /// Reads them; nothing where a table is no longer kept.
    fn read(
        database: &Database,
        files: &[(&str, &str)],
        digests: &HashMap<&str, &Digest>,
    ) -> Result<Option<Self>> {
        let mut told: Vec<(Document, usize)> = Vec::new();
        let mut tables = State::new();
        for (file, hash) in files {
            let Some(digest) = digests.get(hash) else { return Ok(None) };
            if digest.kinds & digest::LINKS != 0 {
                tables.push((*file, *hash));
            }
            if !digest.sboms.is_empty() {
                let stubs: Vec<Stub> = serde_json::from_str(&digest.sboms)
                    .with_context(|| format!("the SBOMs of {file} are not kept as written"))?;
                for stub in stubs {
                    told.push((stub.document(file)?, stub.components));
                }
            }
        }
        let Some((tables, _)) = open(database, &tables)? else { return Ok(None) };
        for mut document in tables.into_values().flatten() {
            let mut facts = std::mem::take(&mut document.reading.facts);
            facts.retain(|fact| matches!(fact, Fact::Link(_)));
            told.push((stub::telling(document.name, facts), 0));
        }
        // As when everything is judged.
        told.sort_by(|(one, _), (other, _)| one.name.cmp(&other.name));
        let mut all = Self { documents: Vec::new(), components: HashMap::new() };
        for (number, (document, components)) in (0..).zip(told) {
            let id = DocumentId(number);
            all.components.insert(id, components);
            all.documents.push(Document { id, ..document });
        }
        Ok(Some(all))
    }

    fn unfit(&self, problems: Vec<(DocumentId, Problem)>) -> Unfit {
        let mut unfit = Unfit::new();
        for (document, problem) in problems {
            let document = self.documents.get(document.0 as usize);
            let name = document.map(|one| one.name.clone()).unwrap_or_default();
            unfit.entry(name).or_default().push(problem);
        }
        unfit
    }
}

/// The documents in which something else does not fit.
fn differing<'a>(one: &'a Unfit, other: &'a Unfit) -> impl Iterator<Item = &'a str> {
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let differ = names.into_iter().filter(|name| one.get(*name) != other.get(*name));
    differ.map(String::as_str)
}

impl Joined {
    /// Counts them anew.
    pub(super) fn count(&self, summary: &mut Summary) {
        summary.releases = self.recalled.len();
        summary.releases_with_sbom = self.with_sbom;
        summary.components = self.components;
    }

    /// What does not fit in documents that are told of anew, by their numbers.
    pub(super) fn problems_on<'a>(
        &'a self,
        numbers: &'a Numbers,
    ) -> impl Iterator<Item = (DocumentId, Problem)> + 'a {
        let on = |(name, problems): (&'a String, &'a Vec<Problem>)| {
            let number = *numbers.get(name)?;
            Some(problems.iter().map(move |problem| (number, problem.clone())))
        };
        self.problems.iter().filter_map(on).flatten()
    }

    /// The names of all vulnerabilities that may be about the releases that are described
    /// otherwise, or of which something was known about them; nothing where one of their documents
    /// is no longer kept. Keeps what their components are found by.
    pub(super) fn about(
        &mut self,
        came: &Came<'_>,
        database: &Database,
        changed: &Files,
    ) -> Result<Option<Names>> {
        let mut names = self.known_before(database)?;
        let of_otherwise = || self.otherwise.iter().filter_map(|place| self.facts.get(*place));
        let Some(sboms) =
            came.open_closed(database, changed, of_otherwise().flat_map(Facts::sboms))?
        else {
            return Ok(None);
        };
        let closed = || of_otherwise().flat_map(Facts::documents);
        let mut files = changed.clone();
        files.extend(sboms);
        let shelf = Shelf::new((files, Vec::new()), closed());
        let releases: Vec<_> =
            of_otherwise().map(|one| one.release(&shelf.numbers)).collect::<Result<_>>()?;
        let (borne, keys) = {
            let hospital = Hospital::recall(&shelf.documents, &releases);
            let components = hospital.releases.iter().map(|release| {
                let components = release.sboms.iter().flat_map(|one| &one.sbom.components);
                keys::keys(components).into_iter().map(|key| key.0).collect::<Vec<u64>>()
            });
            (keys::borne_by(&hospital), components.collect::<Vec<_>>())
        };
        let (mut files, _) = shelf.back();
        let is_borne: HashSet<u64> = borne.iter().map(|key| key.0).collect();
        let asks = came.current.iter().filter(|(name, hash)| {
            let digest = came.digests.get(*hash).filter(|_| !files.contains_key(*name));
            digest.is_some_and(|digest| {
                digest.kinds & digest::STATEMENTS != 0
                    || digest.asked.iter().any(|key| is_borne.contains(key))
            })
        });
        let asks: State<'_> = asks.map(|(name, hash)| (name.as_str(), hash.as_str())).collect();
        let Some((asking, _)) = open(database, &asks)? else { return Ok(None) };
        files.extend(asking);
        let shelf = Shelf::new((files, came.means.about_keys(&borne)?), closed());
        let releases: Vec<_> =
            of_otherwise().map(|one| one.release(&shelf.numbers)).collect::<Result<_>>()?;
        let hospital = Hospital::recall(&shelf.documents, &releases);
        for finding in exposure::judge(&hospital) {
            names.extend(hospital.names(finding.vulnerability).cloned());
        }
        for (place, keys) in self.otherwise.iter().zip(keys) {
            if let Some(recalled) = self.recalled.get_mut(*place) {
                recalled.keys = keys;
            }
        }
        Ok(Some(names))
    }

    /// What was known of releases that are described otherwise now, or are gone.
    fn known_before(&self, database: &Database) -> Result<Names> {
        let otherwise = self.otherwise.iter().filter_map(|place| self.recalled.get(*place));
        let ids = otherwise.map(|one| &one.release).chain(&self.gone);
        let known = database.read("read the findings", |transaction| {
            let mut known = Vec::new();
            for id in ids {
                known.extend(releases::all_findings(transaction, id)?);
            }
            Ok(known)
        })?;
        Ok(known.into_iter().map(|one| VulnerabilityId(one.vulnerability.into())).collect())
    }
}
