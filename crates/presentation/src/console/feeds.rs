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
use domain::feed;
use store::compiled::{self, Compiled};
use store::documents::{self, Current};
use store::readings::{self, Reading};

use super::access::Visitor;
use super::page::{Frame, Wrong, html};
use super::{Console, words};
use crate::text::Text;

/// Most documents that are looked at.
const ROWS: usize = 10_000;
const DAY_MS: i64 = 24 * 3_600_000;

/// A kind of source.
struct Kind {
    /// What the names of its formats begin with.
    begins: &'static [&'static str],
    name: fn(Text) -> &'static str,
    /// After how many days without a new document it is old.
    old_after: i64,
    /// What to do then.
    what_to_do: fn(Text) -> &'static str,
}

/// A kind of source a line.
macro_rules! kinds {
    ($($begins:expr, $name:ident, $kind:ident, $what_to_do:ident;)*) => {
        [$(Kind {
            begins: $begins,
            name: Text::$name,
            old_after: feed::Kind::$kind.due_days(),
            what_to_do: Text::$what_to_do,
        }),*]
    };
}

static KINDS: [Kind; 8] = kinds! {
    &["EPSS"], feeds_epss, Epss, feeds_epss_to_do;
    &["CISA", "KEV", "known exploited"], feeds_kev, Kev, feeds_kev_to_do;
    &["NVD"], feeds_nvd, Nvd, feeds_nvd_to_do;
    &["CVE"], feeds_cve, Cve, feeds_cve_to_do;
    &["CSAF"], feeds_csaf, Csaf, feeds_csaf_to_do;
    &["OSV"], feeds_osv, Osv, feeds_osv_to_do;
    &["OpenVEX", "CycloneDX VEX"], feeds_vex, Vex, feeds_vex_to_do;
    &["CycloneDX", "SPDX"], feeds_sbom, Sbom, feeds_sbom_to_do;
};

/// What came of one kind.
struct Feed {
    kind: &'static Kind,
    documents: i64,
    records: i64,
    bytes: i64,
    /// How many documents were refused, or had problems.
    broken: i64,
    /// How many documents of the base hold something that could not be read.
    lost: i64,
    /// When the last came, in milliseconds since 1970.
    last_ms: Option<i64>,
    /// After how many days it is old.
    old_after: i64,
}

impl Feed {
    fn name(&self, text: impl words::Given<Text>) -> &'static str {
        (self.kind.name)(text.given())
    }

    fn what_to_do(&self, text: impl words::Given<Text>) -> &'static str {
        (self.kind.what_to_do)(text.given())
    }

    /// Nothing of a kind.
    fn none_of(kind: &'static Kind) -> Self {
        let old_after = kind.old_after;
        Self {
            kind,
            documents: 0,
            records: 0,
            bytes: 0,
            broken: 0,
            lost: 0,
            last_ms: None,
            old_after,
        }
    }

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
    /// How many records stand in a base, and when it was made, in milliseconds since 1970.
    base: Option<(i64, i64)>,
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

    /// The one sentence for somebody who reads nothing else.
    fn headline(&self, text: impl words::Given<Text>) -> String {
        let text = text.given();
        let said = match (self.missing(), self.old()) {
            (0, 0) => return text.feeds_all_kinds_of_sources().to_owned(),
            (missing, 0) => text.feeds_some_missing(missing),
            (0, old) => text.feeds_some_old(old),
            (missing, old) => text.feeds_missing_and_old(missing, old),
        };
        said.plain()
    }
}

pub(super) async fn show(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Html<String>, Wrong> {
    let frame = console.frame(visitor.text.feeds_title(), "/feeds", &visitor).await?;
    let (readings, received, compiled) = console
        .read(|transaction| {
            let readings = readings::list(transaction, ROWS)?;
            Ok((readings, documents::current(transaction)?, compiled::all(transaction)?))
        })
        .await?;
    let mut feeds = feeds(&readings, &received);
    add(&mut feeds, &compiled);
    let records = compiled.iter().map(|one| one.records).sum();
    let base = compiled.first().map(|one| (records, one.made_ms));
    Ok(html(&Page { frame, feeds, base, now_ms: visitor.now_ms }))
}

/// The kind to which a format belongs.
fn of_format<'f>(feeds: &'f mut [Feed], format: &str) -> Option<&'f mut Feed> {
    let is_kind = |kind: &Kind| kind.begins.iter().any(|begin| format.starts_with(begin));
    feeds.iter_mut().find(|feed| is_kind(feed.kind))
}

/// Adds what a base holds.
fn add(feeds: &mut [Feed], compiled: &[Compiled]) {
    for one in compiled {
        let Some(feed) = of_format(feeds, &one.format) else { continue };
        feed.documents += one.documents;
        feed.records += one.records;
        feed.bytes += one.bytes;
        feed.lost += one.broken;
        feed.last_ms = feed.last_ms.max(Some(one.last_ms));
    }
}

/// What came of each kind.
fn feeds(readings: &[Reading], received: &[Current]) -> Vec<Feed> {
    let mut feeds: Vec<Feed> = KINDS.iter().map(Feed::none_of).collect();
    for reading in readings {
        let Some(feed) = of_format(&mut feeds, &reading.format) else { continue };
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
    feeds
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
