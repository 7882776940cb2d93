//! The `ranges` of an affected package: events on a line of versions, turned into stretches.
//!
//! Refuses to order commits; see the parent.

use std::borrow::Cow;

use domain::advisory::{Bound, VersionRange, Versions};
use domain::problem::{Code, Loss};
use domain::text::Text;
use domain::version::Scheme;

use super::Sum;
use crate::advisory::versions::in_order;
use crate::json::{Path, Taker, Value};

/// What the ranges of a package come to.
#[derive(Debug, Default)]
pub(super) struct Ranges {
    ordered: Vec<Versions>,
    commits: Vec<Versions>,
    repository: Option<Text>,
}

/// What happens at a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Happens {
    Introduced,
    Fixed,
    LastAffected,
    Limit,
}

impl Happens {
    /// The order at one version: a fix first closes a stretch that is open, so that the next one
    /// can begin there; without one it closes what begins there, and so does `last_affected`.
    fn rank(self, before: Option<&Bound>) -> u8 {
        match self {
            Self::Fixed if before.is_some() => 0,
            Self::Introduced => 1,
            Self::Fixed => 2,
            Self::LastAffected => 3,
            Self::Limit => 4,
        }
    }
}

/// A version where something happens.
#[derive(Debug)]
struct Event<'d> {
    what: Happens,
    version: Cow<'d, str>,
}

impl Ranges {
    /// Reads `ranges`, whose ecosystem orders versions by `scheme`.
    pub(super) fn read(
        &mut self,
        taker: &mut Taker,
        list: Value<'_>,
        path: &Path<'_>,
        scheme: Scheme,
    ) {
        for (i, item) in taker.items(list, path).enumerate() {
            self.range(taker, item, &path.index(i), scheme);
        }
    }

    fn range(&mut self, taker: &mut Taker, value: Value<'_>, path: &Path<'_>, scheme: Scheme) {
        let (mut kind, mut repository, mut events) = (None, None, Vec::new());
        for (key, member) in taker.members(value, path) {
            let at = path.field(&key);
            match key.as_ref() {
                "type" => kind = Some((taker.borrowed(member, &at).unwrap_or_default(), member)),
                "repo" => repository = taker.filled(member, &at),
                "events" => events = read_events(taker, member, &at),
                _ => {}
            }
        }
        let scheme = match kind.as_ref().map(|(kind, _)| kind.as_ref()) {
            Some("GIT") => {
                let words = words(repository.as_deref(), &events);
                self.commits.push(Versions::Text(words.into()));
                self.repository = self.repository.take().or(repository);
                return;
            }
            Some("SEMVER") => Scheme::Semver,
            Some("ECOSYSTEM") | None => scheme,
            Some(_) => {
                let odd = (Code::RecordUnknownValue, Loss::Field);
                let at = kind.as_ref().map_or(value, |(_, value)| *value);
                taker.tell(odd, at, &path.field("type"), "`SEMVER`, `ECOSYSTEM` or `GIT`");
                self.commits.push(Versions::Text(words(repository.as_deref(), &events).into()));
                return;
            }
        };
        self.ordered.extend(stretches(scheme, events).into_iter().map(Versions::Range));
    }

    /// All that is said of versions. The list counts beside the ranges; commits only count where
    /// there is nothing else, for they repeat the ranges otherwise.
    pub(super) fn versions(self, listed: Vec<Text>) -> Sum {
        let mut versions = self.ordered;
        versions.reserve_exact(listed.len());
        versions.extend(listed.into_iter().map(Versions::One));
        versions.shrink_to_fit();
        if versions.is_empty() {
            versions = self.commits;
        }
        Sum { versions, repository: self.repository }
    }
}

fn read_events<'d>(taker: &mut Taker, list: Value<'d>, path: &Path<'_>) -> Vec<Event<'d>> {
    let mut events = Vec::new();
    for (i, item) in taker.items(list, path).enumerate() {
        let at = path.index(i);
        for (key, value) in taker.members(item, &at) {
            let what = match key.as_ref() {
                "introduced" => Happens::Introduced,
                "fixed" => Happens::Fixed,
                "last_affected" => Happens::LastAffected,
                "limit" => Happens::Limit,
                _ => {
                    let odd = (Code::RecordUnknownField, Loss::Field);
                    taker.tell(odd, value, &at.field(&key), "an event of the OSV schema");
                    continue;
                }
            };
            if let Some(version) = taker.borrowed(value, &at.field(&key)) {
                events.push(Event { what, version });
            }
        }
    }
    events
}

/// The stretches in which the flaw is, by the schema's evaluation algorithm. `introduced: "0"` is
/// before any version; without an end a stretch is open. Nothing is affected from the highest
/// limit on, unless it is `*`.
fn stretches(scheme: Scheme, mut events: Vec<Event<'_>>) -> Vec<VersionRange> {
    let limits = events.iter().filter(|event| event.what == Happens::Limit).count();
    if events.iter().any(|event| event.what == Happens::Limit && event.version == "*") {
        events.retain(|event| event.what != Happens::Limit);
    }
    let (first, later): (Vec<Event<'_>>, Vec<Event<'_>>) = events
        .into_iter()
        .partition(|event| event.what == Happens::Introduced && event.version == "0");
    let mut from = (!first.is_empty()).then_some(Bound::Open);
    let mut limits_left = limits;
    let mut ranges = Vec::new();
    let mut later = in_order(scheme, later, |event| event.version.as_ref());
    for run in later.chunk_by_mut(|a, b| a.version == b.version) {
        run.sort_by_key(|event| event.what.rank(from.as_ref()));
        for Event { what, version } in run {
            let version = version.to_string();
            let to = match what {
                Happens::Introduced => {
                    from = from.or(Some(Bound::Including(version.into())));
                    continue;
                }
                Happens::Fixed => Bound::Excluding(version.into()),
                Happens::LastAffected => Bound::Including(version.into()),
                Happens::Limit if limits_left > 1 => {
                    limits_left -= 1;
                    continue;
                }
                Happens::Limit => {
                    let to = Bound::Excluding(version.into());
                    ranges.extend(from.take().map(|from| VersionRange { scheme, from, to }));
                    return ranges;
                }
            };
            ranges.extend(from.take().map(|from| VersionRange { scheme, from, to }));
        }
    }
    ranges.extend(from.map(|from| VersionRange { scheme, from, to: Bound::Open }));
    ranges
}

/// A range in words, for what cannot be ordered.
fn words(repository: Option<&str>, events: &[Event<'_>]) -> String {
    let mut words = String::from("commits");
    if let Some(repository) = repository {
        words.push_str(" of ");
        words.push_str(repository);
    }
    for (i, event) in events.iter().enumerate() {
        words.push_str(if i == 0 { ": " } else { ", " });
        words.push_str(match event.what {
            Happens::Introduced => "introduced ",
            Happens::Fixed => "fixed ",
            Happens::LastAffected => "last affected ",
            Happens::Limit => "limit ",
        });
        words.push_str(&event.version);
    }
    words
}
