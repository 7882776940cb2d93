//! The account: both ends' ledgers laid beside each other, and what the switch let through.
//!
//! Refuses to believe one end alone. What one end calls done and the other does not have is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use super::ledger::{Deed, Entry};

/// Two ends, and what a success and a failure are called at each.
struct Pair {
    from: &'static str,
    to: &'static str,
    /// Whose ledger the other end writes.
    book: &'static str,
    what: &'static str,
    done: Deed,
    taken: Option<Deed>,
    failed: Deed,
    broken: Option<Deed>,
}

const fn messages(from: &'static str, to: &'static str) -> Pair {
    Pair {
        from,
        to,
        book: to,
        what: "messages",
        done: Deed::Acknowledged,
        taken: Some(Deed::Received),
        failed: Deed::Unacknowledged,
        broken: Some(Deed::Broken),
    }
}

const fn library(from: &'static str) -> Pair {
    Pair {
        from,
        to: "library",
        book: "library",
        what: "libraries",
        done: Deed::Fetched,
        taken: Some(Deed::Served),
        failed: Deed::FetchFailed,
        broken: None,
    }
}

const fn images(from: &'static str) -> Pair {
    Pair {
        from,
        to: "pacs",
        book: "pacs",
        what: "images",
        done: Deed::Stored,
        taken: Some(Deed::Kept),
        failed: Deed::StoreFailed,
        broken: None,
    }
}

const fn page(from: &'static str) -> Pair {
    Pair {
        from,
        to: "ehr",
        book: "record",
        what: "pages",
        done: Deed::Opened,
        taken: Some(Deed::PageServed),
        failed: Deed::OpenFailed,
        broken: None,
    }
}

const fn document(from: &'static str) -> Pair {
    Pair {
        from,
        to: "files",
        book: "files",
        what: "documents",
        done: Deed::Filed,
        taken: None,
        failed: Deed::FileFailed,
        broken: None,
    }
}

/// Everything that care needs, and the work beside it.
const PAIRS: [Pair; 17] = [
    messages("pump-1", "gateway"),
    messages("pump-2", "gateway"),
    messages("gateway", "ehr"),
    messages("monitor", "central"),
    library("pump-1"),
    library("pump-2"),
    images("ct"),
    Pair {
        from: "ct",
        to: "pacs",
        book: "pacs",
        what: "worklists",
        done: Deed::Listed,
        taken: None,
        failed: Deed::ListFailed,
        broken: None,
    },
    images("ultrasound"),
    Pair {
        from: "ultrasound",
        to: "pacs",
        book: "pacs",
        what: "studies asked for",
        done: Deed::Found,
        taken: Some(Deed::Asked),
        failed: Deed::FindFailed,
        broken: None,
    },
    Pair {
        from: "ultrasound",
        to: "pacs",
        book: "pacs",
        what: "echoes",
        done: Deed::Echoed,
        taken: None,
        failed: Deed::EchoFailed,
        broken: None,
    },
    page("workstation"),
    page("workstation-2"),
    document("workstation"),
    document("workstation-2"),
    Pair {
        from: "ct-state",
        to: "maker",
        book: "maker",
        what: "words to its maker",
        done: Deed::Told,
        taken: Some(Deed::TakenNote),
        failed: Deed::TellFailed,
        broken: None,
    },
    Pair {
        from: "outside",
        to: "ct",
        book: "ct",
        what: "answers to the maker",
        done: Deed::Supported,
        taken: None,
        failed: Deed::SupportFailed,
        broken: None,
    },
];

/// What came of one pair's work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Who begins.
    pub from: String,
    /// With whom.
    pub to: String,
    /// What goes.
    pub what: String,
    /// Successes at the end that begins.
    pub done: usize,
    /// What the other end has, where it keeps a ledger of it.
    pub taken: Option<usize>,
    /// Called done by one end, and not there at the other.
    pub lost: Vec<String>,
    /// There more than once.
    pub twice: Vec<String>,
    /// Failures.
    pub failed: Vec<String>,
    /// Sessions that broke off. A break counts, though the sender opened another.
    pub broken: usize,
    /// Sessions that were opened.
    pub opened: usize,
    /// The longest time between two successes, in milliseconds.
    pub longest_gap_ms: i64,
}

impl Line {
    /// Whether nothing was lost: something was done, and all of it came about once.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let nothing = [&self.lost, &self.twice, &self.failed].iter().all(|keys| keys.is_empty());
        self.done > 0 && nothing && self.broken == 0
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to, what, done, .. } = self;
        write!(f, "{from} to {to}: {done} {what}")?;
        if let Some(taken) = self.taken {
            write!(f, ", {taken} at the other end")?;
        }
        write!(f, ", {} lost, {} twice", self.lost.len(), self.twice.len())?;
        write!(f, ", {} failed, {} sessions broken", self.failed.len(), self.broken)?;
        write!(f, "; longest gap {:.1} s", self.longest_gap_ms as f64 / 1_000.0)
    }
}

/// What care lost, from the ledgers of a run.
#[must_use]
pub fn care(entries: &[Entry]) -> Vec<Line> {
    let lines = PAIRS.iter().map(|pair| line(pair, entries));
    lines.filter(|line| line.done + line.failed.len() > 0).collect()
}

fn line(pair: &Pair, entries: &[Entry]) -> Line {
    let own = |deed: Deed| {
        let of = move |entry: &&Entry| entry.who == pair.from && entry.with == pair.to;
        entries.iter().filter(of).filter(move |entry| entry.kind == deed)
    };
    let done: Vec<&Entry> = own(pair.done).collect();
    let keys: BTreeSet<&str> = done.iter().map(|entry| entry.key.as_str()).collect();
    let failed: Vec<String> = own(pair.failed).map(|entry| entry.key.clone()).collect();
    let mut taken: BTreeMap<&str, usize> = BTreeMap::new();
    if let Some(deed) = pair.taken {
        let theirs = entries.iter().filter(|e| e.who == pair.book && e.kind == deed);
        for entry in theirs.filter(|e| keys.contains(e.key.as_str()) || failed.contains(&e.key)) {
            *taken.entry(&entry.key).or_default() += 1;
        }
    }
    let gaps = done.iter().zip(done.iter().skip(1)).map(|(one, next)| next.at - one.at);
    let is_lost = |key: &&&str| pair.taken.is_some() && !taken.contains_key(**key);
    Line {
        from: pair.from.to_owned(),
        to: pair.to.to_owned(),
        what: pair.what.to_owned(),
        done: done.len(),
        taken: pair.taken.map(|_| taken.values().sum()),
        lost: keys.iter().filter(is_lost).map(|key| (*key).to_owned()).collect(),
        twice: taken.iter().filter(|(_, n)| **n > 1).map(|(key, _)| (*key).to_owned()).collect(),
        failed,
        broken: pair.broken.map_or(0, |deed| own(deed).count()),
        opened: own(Deed::Connected).count(),
        longest_gap_ms: gaps.max().unwrap_or(0) / 1_000,
    }
}

/// What the attacker reached after a moment, and until another: from where, what.
#[must_use]
pub fn reached(entries: &[Entry], span: (i64, i64)) -> Vec<&Entry> {
    within(entries, Deed::Reached, span)
}

/// What the attacker tried in vain.
#[must_use]
pub fn blocked(entries: &[Entry], span: (i64, i64)) -> Vec<&Entry> {
    within(entries, Deed::Blocked, span)
}

fn within(entries: &[Entry], deed: Deed, (from, to): (i64, i64)) -> Vec<&Entry> {
    entries.iter().filter(|e| e.kind == deed && (from..to).contains(&e.at)).collect()
}

#[cfg(test)]
mod tests {
    use super::{Deed, Entry, care};

    fn entry(at: i64, who: &str, with: &str, kind: Deed, key: &str) -> Entry {
        let (who, with, key) = (who.to_owned(), with.to_owned(), key.to_owned());
        Entry { at, number: 1, who, with, kind, key }
    }

    fn pump(entries: &[Entry]) -> super::Line {
        care(entries).into_iter().next().expect("the pump's line")
    }

    #[test]
    fn what_both_ends_have_once_is_whole() {
        let line = pump(&[
            entry(1_000, "pump-1", "gateway", Deed::Acknowledged, "1"),
            entry(900, "gateway", "10.20.0.11", Deed::Received, "1"),
            entry(5_001_000, "pump-1", "gateway", Deed::Acknowledged, "2"),
            entry(5_000_900, "gateway", "10.20.0.11", Deed::Received, "2"),
        ]);
        assert!(line.is_whole());
        assert_eq!((line.done, line.taken, line.longest_gap_ms), (2, Some(2), 5_000));
    }

    #[test]
    fn what_one_end_calls_done_and_the_other_does_not_have_is_lost() {
        let line = pump(&[entry(1, "pump-1", "gateway", Deed::Acknowledged, "1")]);
        assert_eq!(line.lost, ["1"]);
        assert!(!line.is_whole());
    }

    #[test]
    fn what_arrives_twice_is_told() {
        let twice = entry(1, "gateway", "10.20.0.11", Deed::Received, "1");
        let done = entry(1, "pump-1", "gateway", Deed::Acknowledged, "1");
        let line = pump(&[done, twice.clone(), twice]);
        assert_eq!(line.twice, ["1"]);
        assert!(!line.is_whole());
    }

    #[test]
    fn a_break_counts_though_the_sender_opened_another_session() {
        let line = pump(&[
            entry(1, "pump-1", "gateway", Deed::Broken, "1"),
            entry(2, "pump-1", "gateway", Deed::Connected, ""),
            entry(3, "pump-1", "gateway", Deed::Acknowledged, "2"),
            entry(3, "gateway", "10.20.0.11", Deed::Received, "2"),
        ]);
        assert!(!line.is_whole());
    }

    #[test]
    fn no_work_at_all_is_not_whole() {
        let line = pump(&[entry(1, "pump-1", "gateway", Deed::Unacknowledged, "1")]);
        assert!(!line.is_whole());
    }
}
