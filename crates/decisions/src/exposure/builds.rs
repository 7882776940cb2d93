//! Packages of distributions, and the builds in which each of their streams mends a flaw.
//!
//! A distribution tells per stream (a release, one of its minor releases that is kept longer, a
//! layered product, a module) in which build a flaw is fixed, or that it is not. What is older than
//! the fixed build of its own stream is affected, what is not older is fixed. Refuses to compare a
//! build with one of another stream: each mends flaws without taking the other's numbers.

mod stream;

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

use domain::advisory::{Affected, Feed, Product, Status, Target, Versions};
use domain::purl::Purl;
use domain::version::{Scheme, compare};

use super::package::{self, Packed};
use super::subjects::{Fleet, Held};
use super::versions::Place;
use super::{Key, Kind, Outcome, Said, Verdict};
use crate::hospital::Telling;
use crate::reason::Rule;

use stream::{Fit, Stream};

/// What one entry of a document says of a package in one stream: statements of which the first that
/// holds decides.
struct Entry<'d> {
    stream: Stream,
    purl: &'d Purl,
    statements: &'d [Affected],
}

/// What an entry comes to for one build.
struct Answer<'d> {
    affected: &'d Affected,
    purl: &'d Purl,
    verdict: Verdict,
    rule: Rule,
    words: String,
    exact: bool,
}

/// The outcomes of all that one document tells of a vulnerability in packages of distributions.
pub(super) fn outcomes<'d>(
    fleet: &Fleet<'_, 'd>,
    telling: Telling<'d>,
) -> HashMap<Key, Outcome<'d>> {
    let mut found = HashMap::new();
    for (key, entries) in entries(fleet, telling) {
        for packed in fleet.of_key(&key) {
            let Some(held) = fleet.at(packed.held) else { continue };
            let Some(answer) = decide(packed, held, &entries) else { continue };
            let said = Said { telling, affected: answer.affected };
            let clears = matches!(answer.verdict, Verdict::NotAffected | Verdict::Fixed);
            let verdict = (answer.verdict, answer.rule);
            let mut outcome = said.judged(held, answer.purl, verdict, answer.words);
            if clears && is_by_distribution(said, answer.purl) {
                outcome.kind = Kind::StatedForPackage;
            }
            // A package may be found by its own name and by its source's: the graver counts.
            let subject = (held.release, held.subject);
            let known = found.get(&subject).map(|known: &Outcome<'_>| known.verdict);
            if known.is_none_or(|known| outcome.verdict < known) {
                found.insert(subject, outcome);
            }
        }
    }
    found
}

/// Whether a statement is about a package of a distribution, and so is judged here.
pub(super) fn is_build(affected: &Affected) -> bool {
    matches!(&affected.target, Target::Product(product) if package_of(product).is_some())
}

/// The package that a product is, or that is its innermost part, with its purl.
fn package_of(product: &Product) -> Option<(&Product, &Purl)> {
    let parts = std::iter::successors(Some(product), |part| part.component.as_deref());
    let part = parts.last()?;
    let purl = part.purls.iter().find(|purl| package::is_of_distribution(purl))?;
    Some((part, purl))
}

fn entries<'d>(fleet: &Fleet<'_, 'd>, telling: Telling<'d>) -> BTreeMap<String, Vec<Entry<'d>>> {
    let mut entries: BTreeMap<String, Vec<Entry<'d>>> = BTreeMap::new();
    let groups = telling.vulnerability.affected.chunk_by(super::is_of_one_entry);
    for statements in groups {
        let Some(Affected { target: Target::Product(product), .. }) = statements.first() else {
            continue;
        };
        let Some((part, _)) = package_of(product) else { continue };
        for purl in part.purls.iter().filter(|purl| package::is_of_distribution(purl)) {
            if !is_told_of_distribution(telling, product, purl) {
                continue;
            }
            let key = package::key(purl);
            if !fleet.of_key(&key).is_empty() {
                let stream = Stream::of_entry(product, purl);
                entries.entry(key).or_default().push(Entry { stream, purl, statements });
            }
        }
    }
    entries
}

fn decide<'d>(packed: &Packed<'_>, held: &Held<'_>, entries: &[Entry<'d>]) -> Option<Answer<'d>> {
    let version = packed.version.as_deref().or(held.version);
    let version = version.filter(|version| package::is_version(&packed.purl.kind, version));
    let own = Stream::of_build(packed.purl, version);
    let near = entries.iter().filter(|entry| is_near(entry.purl, packed.purl));
    let fitting = near.map(|entry| (own.fit(&entry.stream), entry));
    let best = fitting.clone().filter_map(|(fit, _)| fit).max()?;
    let answers = |fit: Fit| {
        let chosen = fitting.clone().filter(move |(one, _)| *one == Some(fit));
        chosen.filter_map(|(_, entry)| entry.answer(&packed.purl.kind, version))
    };
    // The very build that is named needs no stream.
    let named = fitting
        .clone()
        .filter(|(fit, _)| fit.is_some())
        .filter_map(|(_, entry)| entry.answer(&packed.purl.kind, version))
        .filter(|answer| answer.exact)
        .min_by_key(|answer| (answer.verdict != Verdict::Fixed, answer.verdict));
    if named.is_some() {
        return named;
    }
    if best == Fit::Stream || best == Fit::Release {
        return joined(answers(best));
    }
    // Of builds whose stream nobody knows, only what holds in all of them holds.
    let all: Vec<Answer<'d>> = answers(best).collect();
    let one = all.first()?.verdict;
    if all.iter().all(|answer| answer.verdict == one) && best != Fit::Layered {
        return all.into_iter().next();
    }
    let words = match version {
        None => "its version is not known",
        Some(_) => "of which stream of the distribution it is, is not known",
    };
    let mut all = all;
    let place = all.iter().position(|answer| answer.verdict.is_open()).unwrap_or(0);
    let first = all.swap_remove(place);
    let rule = if version.is_none() { Rule::VersionUnknown } else { Rule::DistributionUnknown };
    Some(Answer { verdict: Verdict::Undecided, rule, words: words.to_owned(), ..first })
}

/// What several entries of one stream come to: its repositories each name the fixed build again.
fn joined<'d>(answers: impl Iterator<Item = Answer<'d>>) -> Option<Answer<'d>> {
    answers.min_by_key(|answer| match answer.verdict {
        Verdict::Fixed => 0,
        Verdict::Affected => 1,
        Verdict::Undecided => 2,
        Verdict::NotAffected => 3,
    })
}

/// Whether a build of one architecture tells something of a package of another one.
fn is_near(meant: &Purl, held: &Purl) -> bool {
    let any = |arch: &str| matches!(arch, "src" | "source" | "noarch" | "all" | "any");
    match (meant.qualifier("arch"), held.qualifier("arch")) {
        (Some(meant), Some(held)) => any(meant) || any(held) || meant == held,
        _ => true,
    }
}

impl<'d> Entry<'d> {
    /// What it says of a build; `None` where it says nothing.
    fn answer(&self, kind: &str, version: Option<&str>) -> Option<Answer<'d>> {
        let scheme = Scheme::of_purl_kind(kind);
        let mut doubt = None;
        for affected in self.statements {
            let Target::Product(product) = &affected.target else { continue };
            let (part, _) = package_of(product)?;
            let build = package::version(self.purl);
            let answer = |verdict, rule, words: &str, exact| Answer {
                affected,
                purl: self.purl,
                verdict,
                rule,
                words: words.to_owned(),
                exact,
            };
            let verdict = super::statement::verdict(affected.status);
            if let Some(build) = build {
                let Some(version) = version else {
                    return Some(answer(Verdict::Undecided, Rule::VersionUnknown, &build, false));
                };
                return against(affected.status, compare(scheme, version, &build)?, &build)
                    .map(|(verdict, rule, words)| answer(verdict, rule, &words, words == *build));
            }
            let bearer = package::bearer(kind, version);
            let placed =
                if part.versions.is_empty() && affected.status != Status::UnderInvestigation {
                    Place::All
                } else {
                    super::versions::place(&part.versions, bearer)
                };
            match placed {
                Place::All => {
                    return Some(answer(verdict, Rule::PackageInRange, "all builds", false));
                }
                Place::Inside(words) | Place::Named(words) => {
                    let exact = matches!(&*part.versions, [Versions::One(_)]);
                    return Some(answer(verdict, Rule::PackageInRange, &words, exact));
                }
                Place::Unknown(rule, words) => {
                    doubt = doubt.or(Some(answer(Verdict::Undecided, rule, &words, false)));
                }
                Place::Outside(words) if affected.status == Status::Affected => {
                    doubt = doubt.or(Some(answer(
                        Verdict::NotAffected,
                        Rule::VersionOutside,
                        &words,
                        false,
                    )));
                }
                Place::Outside(_) => {}
            }
            if doubt.as_ref().is_some_and(|doubt| doubt.verdict == Verdict::Undecided) {
                return doubt;
            }
        }
        doubt
    }
}

/// What a statement about one build says of another one that stands to it in this order.
fn against(status: Status, order: Ordering, build: &str) -> Option<(Verdict, Rule, String)> {
    let named = || build.to_owned();
    Some(match (status, order) {
        (Status::Fixed, Ordering::Equal) => (Verdict::Fixed, Rule::PackageInRange, named()),
        (Status::Fixed, Ordering::Greater) => {
            (Verdict::Fixed, Rule::PackageInRange, format!("from {build}"))
        }
        (Status::Fixed, Ordering::Less) => {
            (Verdict::Affected, Rule::FixedInLaterBuild, format!("fixed in {build}"))
        }
        (status, Ordering::Equal) => {
            (super::statement::verdict(status), Rule::PackageInRange, named())
        }
        _ => return None,
    })
}

/// Whether an entry is about a distribution's package wherever it is. What a maker says of such a
/// package in its own product holds in that product only.
fn is_told_of_distribution(telling: Telling<'_>, whole: &Product, purl: &Purl) -> bool {
    let is_record = telling.advisory.is_some_and(|advisory| advisory.feed == Feed::Cve);
    let publisher = telling.advisory.and_then(|advisory| advisory.publisher.as_deref());
    whole.component.is_none() && is_record
        || is_of(publisher, purl)
        || is_of(whole.vendor.as_deref(), purl)
}

/// Whether the distribution itself says so.
fn is_by_distribution(said: Said<'_>, purl: &Purl) -> bool {
    is_of(said.telling.advisory.and_then(|advisory| advisory.publisher.as_deref()), purl)
}

/// Whether a name is that of the distribution which a package is of.
fn is_of(name: Option<&str>, purl: &Purl) -> bool {
    let folded = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let namespace = purl.namespace.as_deref().map(folded).filter(|name| !name.is_empty());
    name.zip(namespace).is_some_and(|(name, own)| folded(name).contains(&own))
}
