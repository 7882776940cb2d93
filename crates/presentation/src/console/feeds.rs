//! *Feeds*: what is known of vulnerabilities and where it came from, how old that is, and what to
//! do where it is old.
//!
//! Refuses to fetch anything, and to call old wrong: an advisory stays true; what came since is
//! missing.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Html;
use store::documents::{self, Current};
use store::readings::{self, Reading};

use super::access::Visitor;
use super::page::{Frame, Wrong, html};
use super::{Console, words};

/// Most documents that are looked at.
const ROWS: usize = 10_000;
const DAY_MS: i64 = 24 * 3_600_000;

/// A kind of source: what its formats begin with, its name, after how many days without a new
/// document it is old, and what to do then.
const KINDS: [(&[&str], &str, i64, &str); 8] = [
    (
        &["EPSS"],
        "EPSS, the chance of being exploited",
        2,
        "FIRST makes it anew each day (first.org/epss).",
    ),
    (
        &["CISA", "KEV", "known exploited"],
        "CISA's known exploited vulnerabilities",
        3,
        "CISA adds to it within days (cisa.gov/kev).",
    ),
    (&["NVD"], "NVD, scores and names of products", 7, "NIST changes it each day (nvd.nist.gov)."),
    (
        &["CVE"],
        "CVE records",
        7,
        "The CVE programme adds to them each hour (github.com/CVEProject/cvelistV5).",
    ),
    (
        &["CSAF"],
        "Advisories in CSAF, of CISA and makers",
        14,
        "CISA and makers publish each week (github.com/cisagov/CSAF).",
    ),
    (&["OSV"], "OSV, flaws of open source", 7, "It changes each day (osv.dev)."),
    (
        &["OpenVEX", "CycloneDX VEX"],
        "VEX, what makers say of their own products",
        30,
        "Ask makers for what they publish.",
    ),
    (
        &["CycloneDX", "SPDX"],
        "SBOMs, what releases are made of",
        90,
        "Ask makers for one of each release that you run.",
    ),
];

/// What came of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Feed {
    name: &'static str,
    documents: i64,
    records: i64,
    bytes: i64,
    /// How many documents were refused, or had problems.
    broken: i64,
    /// When the last came, in milliseconds since 1970.
    last_ms: Option<i64>,
    /// After how many days it is old.
    old_after: i64,
    what_to_do: &'static str,
}

impl Feed {
    /// How many days ago the last came.
    fn age(&self, now_ms: i64) -> Option<i64> {
        self.last_ms.map(|last| (now_ms - last).max(0) / DAY_MS)
    }

    fn is_old(&self, now_ms: i64) -> bool {
        self.age(now_ms).is_some_and(|age| age >= self.old_after)
    }
}

#[derive(Template)]
#[template(path = "console/feeds.html")]
struct Page {
    frame: Frame,
    feeds: Vec<Feed>,
    now_ms: i64,
}

impl Page {
    fn age(&self, feed: &Feed) -> Option<i64> {
        feed.age(self.now_ms)
    }

    fn is_old(&self, feed: &Feed) -> bool {
        feed.is_old(self.now_ms)
    }

    fn missing(&self) -> usize {
        self.feeds.iter().filter(|feed| feed.documents == 0).count()
    }

    fn old(&self) -> usize {
        self.feeds.iter().filter(|feed| feed.is_old(self.now_ms)).count()
    }
}

pub(super) async fn show(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Html<String>, Wrong> {
    let frame = console.frame("Feeds", "/feeds", &visitor).await?;
    let (readings, received) = console
        .read(|transaction| {
            Ok((readings::list(transaction, ROWS)?, documents::current(transaction)?))
        })
        .await?;
    let feeds = feeds(&readings, &received);
    Ok(html(&Page { frame, feeds, now_ms: visitor.now_ms }))
}

/// What came of each kind.
fn feeds(readings: &[Reading], received: &[Current]) -> Vec<Feed> {
    let mut feeds = KINDS.map(|(_, name, old_after, what_to_do)| Feed {
        name,
        old_after,
        what_to_do,
        ..Feed::default()
    });
    for reading in readings {
        let is_kind = |(begins, ..): &(&[&str], _, _, _)| {
            begins.iter().any(|begin| reading.format.starts_with(begin))
        };
        let Some(feed) = KINDS.iter().position(is_kind).and_then(|place| feeds.get_mut(place))
        else {
            continue;
        };
        feed.documents += 1;
        feed.records += reading.records_read;
        feed.bytes += reading.bytes;
        feed.broken += i64::from(reading.is_refused || reading.problems > 0);
        // What lies within an archive came with the archive.
        let came = received.iter().filter(|one| {
            reading.name == one.name || reading.name.strip_prefix(&*one.name).is_some_and(is_inner)
        });
        feed.last_ms = feed.last_ms.max(came.map(|one| one.at_ms).max());
    }
    feeds.to_vec()
}

fn is_inner(rest: &str) -> bool {
    rest.starts_with(['/', '!', ':', '#'])
}

#[cfg(test)]
mod tests {
    use store::documents::Current;
    use store::readings::Reading;

    use super::{DAY_MS, feeds};

    #[test]
    fn each_document_counts_for_one_kind_and_the_newest_says_how_old_it_is() {
        let reading = |name: &str, format: &str, problems| Reading {
            name: name.to_owned(),
            format: format.to_owned(),
            bytes: 10,
            records: 5,
            records_read: 4,
            problems,
            ..Reading::default()
        };
        let came = |name: &str, days: i64| Current {
            receipt: 1,
            name: name.to_owned(),
            hash: String::new(),
            source: String::new(),
            at_ms: days * DAY_MS,
        };
        let readings = [
            reading("epss.csv", "EPSS CSV", 0),
            reading("a.json", "CSAF 2.0", 0),
            reading("b.json", "CSAF 2.0", 2),
            reading("inventory.csv", "inventory", 0),
        ];
        let received = [came("epss.csv", 10), came("a.json", 1), came("b.json", 9)];
        let feeds = feeds(&readings, &received);
        let told: Vec<_> = feeds.iter().filter(|feed| feed.documents > 0).collect();
        let told: Vec<_> = told
            .iter()
            .map(|f| (f.documents, f.records, f.bytes, f.broken, f.age(12 * DAY_MS)))
            .collect();
        assert_eq!(told, [(1, 4, 10, 0, Some(2)), (2, 8, 20, 1, Some(3))]);
        let old: Vec<bool> = feeds.iter().map(|feed| feed.is_old(12 * DAY_MS)).collect();
        assert_eq!(old.iter().filter(|old| **old).count(), 1, "EPSS is old after two days");
    }
}
