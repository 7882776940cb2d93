//! The `versions` of a product in a CVE record (schema `product.versions`).
//!
//! Refuses to order commits: a range of git hashes stays text.

use std::borrow::Cow;

use domain::advisory::{Bound, Status, VersionRange, Versions};
use domain::problem::{Code, Loss};
use domain::purl::Purl;
use domain::text::Text;
use domain::version::Scheme;

use crate::advisory::versions as text;
use crate::json::{Path, Taker, Value};

/// Most statements that the entries of one product make one by one. Each has the product's names
/// with it, so that hostile input could otherwise grow without end.
const STATEMENTS: usize = 16;

/// An entry of `versions`, as written.
#[derive(Debug, Default)]
struct Entry<'d> {
    version: Cow<'d, str>,
    status: Option<Status>,
    kind: Cow<'d, str>,
    below: Option<Cow<'d, str>>,
    up_to: Option<Cow<'d, str>>,
    changes: Vec<(Cow<'d, str>, Status)>,
}

/// A status: `affected`, `unaffected` or `unknown`.
pub(super) fn status(taker: &mut Taker, value: Value<'_>, path: &Path<'_>) -> Option<Status> {
    match taker.borrowed(value, path)?.as_ref() {
        "affected" => Some(Status::Affected),
        "unaffected" => Some(Status::NotAffected),
        "unknown" => Some(Status::UnderInvestigation),
        _ => {
            let odd = (Code::RecordUnknownValue, Loss::Field);
            taker.tell(odd, value, path, "`affected`, `unaffected` or `unknown`");
            None
        }
    }
}

/// The entries in their order, each stretch of one status together, and the packages whose purls
/// stand where their versions should.
pub(super) fn entries(
    taker: &mut Taker,
    list: Value<'_>,
    path: &Path<'_>,
) -> (Vec<(Status, Vec<Versions>)>, Vec<Purl>) {
    let mut entries: Vec<(Status, Vec<Versions>)> = Vec::new();
    let mut purls = Vec::new();
    for (i, item) in taker.items(list, path).enumerate() {
        let mut entry = entry(taker, item, &path.index(i));
        entry.take_purls(&mut purls);
        for (status, versions) in entry.stretches() {
            match entries.last_mut() {
                // "Not said" is an empty list and would vanish among versions that are said.
                Some((last, sum)) if *last == status && sum.is_empty() == versions.is_empty() => {
                    sum.extend(versions);
                }
                _ => entries.push((status, versions)),
            }
        }
    }
    purls.dedup();
    (if entries.len() > STATEMENTS { by_status(entries) } else { entries }, purls)
}

/// One statement for each status, the graver first: too many to keep their order.
fn by_status(entries: Vec<(Status, Vec<Versions>)>) -> Vec<(Status, Vec<Versions>)> {
    let mut sums = [Status::Affected, Status::UnderInvestigation, Status::NotAffected]
        .map(|status| (status, Vec::new()));
    for (status, versions) in entries {
        for (_, sum) in sums.iter_mut().filter(|(known, _)| *known == status) {
            sum.extend_from_slice(&versions);
        }
    }
    sums.into_iter().filter(|(_, versions)| !versions.is_empty()).collect()
}

fn entry<'d>(taker: &mut Taker, value: Value<'d>, path: &Path<'_>) -> Entry<'d> {
    let mut entry = Entry::default();
    for (key, member) in taker.members(value, path) {
        let at = path.field(&key);
        match key.as_ref() {
            "version" => entry.version = taker.borrowed(member, &at).unwrap_or_default(),
            "status" => entry.status = status(taker, member, &at),
            "versionType" => entry.kind = taker.borrowed(member, &at).unwrap_or_default(),
            "lessThan" => entry.below = taker.borrowed(member, &at),
            "lessThanOrEqual" => entry.up_to = taker.borrowed(member, &at),
            "changes" => entry.changes = changes(taker, member, &at),
            _ => {}
        }
    }
    entry
}

fn changes<'d>(taker: &mut Taker, list: Value<'d>, path: &Path<'_>) -> Vec<(Cow<'d, str>, Status)> {
    let mut changes = Vec::new();
    for (i, item) in taker.items(list, path).enumerate() {
        let at = path.index(i);
        let (mut from, mut new) = (None, None);
        for (key, value) in taker.members(item, &at) {
            match key.as_ref() {
                "at" => from = taker.borrowed(value, &at.field("at")),
                "status" => new = status(taker, value, &at.field("status")),
                _ => {}
            }
        }
        if let (Some(from), Some(new)) = (from, new) {
            changes.push((from, new));
        }
    }
    changes
}

impl Entry<'_> {
    /// Takes purls that stand where versions should, and leaves their versions. Coordinators
    /// identify a package so where the record's format had no field for it.
    fn take_purls(&mut self, purls: &mut Vec<Purl>) {
        let ends = [Some(&mut self.version), self.below.as_mut(), self.up_to.as_mut()];
        for text in ends.into_iter().flatten() {
            if let Some(purl) = purl_in(text) {
                *text = Cow::Owned(purl.version.as_deref().unwrap_or("*").to_owned());
                let package = Purl { version: None, ..purl };
                if purls.len() < STATEMENTS {
                    purls.push(package);
                }
            }
        }
    }

    /// The entry as versions with their status; several where `changes` split its range.
    fn stretches(self) -> Vec<(Status, Vec<Versions>)> {
        let status = self.status.unwrap_or(Status::UnderInvestigation);
        let Some(to) = self.end() else { return vec![(status, self.single())] };
        let Some(scheme) = self.scheme().filter(|_| !self.has_operators()) else {
            return vec![(status, vec![Versions::Text(self.words().into())])];
        };
        let mut changes = text::in_order(scheme, self.changes, |(at, _)| at.as_ref());
        changes.retain(|(at, _)| !beyond(scheme, &to, at));
        // Two fixes in a row make no sense on one line of versions. Authors mean a fix for each
        // branch, and what lies behind the first one is then not known.
        let statuses = || std::iter::once(status).chain(changes.iter().map(|(_, next)| *next));
        if statuses().zip(statuses().skip(1)).any(|(a, b)| a == b) {
            changes.truncate(1);
            for (_, next) in &mut changes {
                *next = Status::UnderInvestigation;
            }
        }
        let mut from = start(&self.version);
        let mut current = status;
        let mut stretches = Vec::new();
        for (at, next) in changes {
            let at = at.trim();
            let end = Bound::Excluding(at.into());
            stretches.push((current, vec![range(scheme, from, end)]));
            (from, current) = (Bound::Including(at.into()), next);
        }
        stretches.push((current, vec![range(scheme, from, to)]));
        stretches
    }

    /// The upper end of a range; `None` where the entry is a single version.
    fn end(&self) -> Option<Bound> {
        let (text, including) = match (&self.below, &self.up_to) {
            (Some(below), _) => (below.trim(), false),
            (None, Some(up_to)) => (up_to.trim(), true),
            (None, None) => return None,
        };
        // Converted records of the old format write `unspecified` for "and all later ones".
        if text == "*" || is_unsaid(text) {
            return Some(Bound::Open);
        }
        if let Some(next) = after_series(text) {
            return Some(Bound::Excluding(next));
        }
        let text = text.to_owned();
        Some(if including { Bound::Including(text.into()) } else { Bound::Excluding(text.into()) })
    }

    fn single(&self) -> Vec<Versions> {
        let version = self.version.trim();
        if is_unsaid(version) {
            return Vec::new();
        }
        match version.to_ascii_lowercase().as_str() {
            "*" | "all" | "all versions" | "any" => vec![Versions::All],
            _ if self.scheme().is_none() => vec![Versions::Text(self.words().into())],
            _ => text::version(&self.version),
        }
    }

    /// How its versions are ordered; `None` where they are commits.
    fn scheme(&self) -> Option<Scheme> {
        let kind = self.kind.trim().to_ascii_lowercase();
        let is_commit = matches!(
            kind.as_str(),
            "git" | "original_commit_for_fix" | "commit" | "commit-id" | "commit hash"
        );
        // Some call a release `git`, so what looks like no hash is still a version.
        let hash = |text: &Option<Cow<'_, str>>| text.as_deref().is_some_and(is_hash);
        let hashes = is_hash(&self.version) || hash(&self.below) || hash(&self.up_to);
        match kind.as_str() {
            _ if hashes => None,
            _ if is_commit => Some(Scheme::Generic),
            kind => text::scheme(kind),
        }
    }

    /// Whether an end of its range is itself a range: `>= 1.0`.
    fn has_operators(&self) -> bool {
        let ends = [Some(&self.version), self.below.as_ref(), self.up_to.as_ref()];
        ends.into_iter().flatten().any(|end| end.contains(['<', '>', '=', '|', ',']))
    }

    /// The entry in words, for what cannot be ordered.
    fn words(&self) -> String {
        let mut words = match self.scheme() {
            Some(_) => self.version.trim().to_owned(),
            None => format!("{} {}", self.kind.trim(), self.version.trim()).trim().to_owned(),
        };
        for (operator, end) in [("<", &self.below), ("<=", &self.up_to)] {
            let Some(end) = end.as_deref().map(str::trim) else { continue };
            let operator = if end.starts_with(['<', '>', '=']) { "" } else { operator };
            for part in [operator, end].into_iter().filter(|part| !part.is_empty()) {
                words.push(' ');
                words.push_str(part);
            }
        }
        words
    }
}

fn purl_in(text: &str) -> Option<Purl> {
    text.trim().starts_with("pkg:").then(|| Purl::parse(text.trim()).ok()).flatten()
}

fn range(scheme: Scheme, from: Bound, to: Bound) -> Versions {
    Versions::Range(VersionRange { scheme, from, to })
}

/// The lower end of a range. Authors who know none write `0` or fill the field with something.
fn start(text: &str) -> Bound {
    let text = text.trim();
    if is_unsaid(text) || matches!(text, "0" | "*") {
        Bound::Open
    } else {
        Bound::Including(text.into())
    }
}

fn is_unsaid(text: &str) -> bool {
    const WORDS: [&str; 8] =
        ["n/a", "na", "-", "unspecified", "unknown", "not specified", "none", "all versions"];
    text.is_empty() || WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// The start of the next series: `5.5` after `5.4.*`. A series has no last version, so its end is
/// where the next one begins.
fn after_series(text: &str) -> Option<Text> {
    let series = [".*", ".x", ".X"].into_iter().find_map(|end| text.strip_suffix(end))?;
    let (before, last) = match series.rsplit_once('.') {
        Some((before, last)) => (Some(before), last),
        None => (None, series),
    };
    let next = last.parse::<u64>().ok()?.checked_add(1)?;
    Some(before.map_or_else(|| next.to_string(), |before| format!("{before}.{next}")).into())
}

/// Whether a change stands at the end of a range or behind it, so that it changes nothing in it.
fn beyond(scheme: Scheme, to: &Bound, at: &str) -> bool {
    let order = |end: &str| domain::version::compare(scheme, at.trim(), end);
    match to {
        Bound::Open => false,
        // What cannot be compared must not take a part of the range away.
        Bound::Including(end) => order(end).is_none_or(std::cmp::Ordering::is_gt),
        Bound::Excluding(end) => order(end).is_none_or(std::cmp::Ordering::is_ge),
    }
}

fn is_hash(text: &str) -> bool {
    let text = text.trim();
    (12..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_hexdigit())
        && text.bytes().any(|b| b.is_ascii_alphabetic())
}
