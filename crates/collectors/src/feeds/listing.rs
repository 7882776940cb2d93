//! Lists that publishers keep of their documents: `changes.csv` and `index.txt` of CSAF,
//! `modified_id.csv` of OSV, ROLIE feeds; and names of files in them.
//!
//! Refuses a name that would lie elsewhere than where its list says.

use std::borrow::Cow;

use serde::Deserialize;

/// A document that a list tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    /// Its address, or its path below the list.
    pub(super) path: String,
    /// When it was changed last, as the list says it; empty where the list does not.
    pub(super) changed: String,
    /// Where its hashes are, where the list says so.
    pub(super) hashes: Vec<String>,
}

/// Whether a text is a year as ids have it.
pub(super) fn is_year(text: &str) -> bool {
    text.len() == 4 && text.bytes().all(|digit| digit.is_ascii_digit())
}

/// The lines of a list that are not empty.
fn lines(text: &[u8]) -> impl Iterator<Item = Cow<'_, str>> {
    text.split(|byte| *byte == b'\n')
        .map(|line| String::from_utf8_lossy(line.trim_ascii()))
        .filter(|line| !line.is_empty())
}

/// `index.txt` (CSAF 2.0, section 7.1.12): a path a line.
pub(super) fn index(text: &[u8]) -> Vec<Listed> {
    let listed = |path: Cow<'_, str>| Listed {
        path: path.into_owned(),
        changed: String::new(),
        hashes: Vec::new(),
    };
    lines(text).map(listed).collect()
}

/// `changes.csv` (CSAF 2.0, section 7.1.13): a path and when it was changed, in quotes or not.
pub(super) fn changes(text: &[u8]) -> Vec<Listed> {
    let listed = |line: Cow<'_, str>| {
        let (path, changed) = line.rsplit_once(',')?;
        let bare = |text: &str| text.trim().trim_matches('"').to_owned();
        Some(Listed { path: bare(path), changed: bare(changed), hashes: Vec::new() })
    };
    lines(text).filter_map(listed).collect()
}

/// `modified_id.csv` (google.github.io/osv.dev, *Data dumps*): when a record was changed and its
/// id, before which the list of all ecosystems has theirs; the newest first.
pub(super) fn modified(text: &[u8]) -> Vec<(String, String)> {
    let listed = |line: Cow<'_, str>| {
        let (changed, id) = line.split_once(',')?;
        let id = id.rsplit('/').next().unwrap_or_default().trim();
        let is_id = is_file_name(&format!("{id}.json"));
        is_id.then(|| (changed.trim().to_owned(), id.to_owned()))
    };
    lines(text).filter_map(listed).collect()
}

#[derive(Deserialize)]
struct Rolie {
    feed: Entries,
}

#[derive(Deserialize)]
struct Entries {
    #[serde(default)]
    entry: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    updated: String,
    content: Option<Content>,
    #[serde(default)]
    link: Vec<Link>,
}

#[derive(Deserialize)]
struct Content {
    src: String,
}

#[derive(Deserialize)]
struct Link {
    rel: String,
    href: String,
}

/// A ROLIE feed (RFC 8322, CSAF 2.0, section 7.1.15): of each entry the document, when it was
/// updated, and the links to its hashes (section 7.1.18).
///
/// # Errors
/// Where it is none.
pub(super) fn rolie(text: &[u8]) -> Result<Vec<Listed>, serde_json::Error> {
    let rolie: Rolie = serde_json::from_slice(text)?;
    let listed = |entry: Entry| {
        let of = |rel: &str| {
            let links = entry.link.iter().filter(|link| link.rel == rel);
            links.map(|link| link.href.clone()).collect::<Vec<_>>()
        };
        let own = of("self").into_iter().next();
        let path = entry.content.as_ref().map(|content| content.src.clone()).or(own)?;
        Some(Listed { path, changed: entry.updated.clone(), hashes: of("hash") })
    };
    Ok(rolie.feed.entry.into_iter().filter_map(listed).collect())
}

/// Whether a text is the name of a file and nothing else: letters, digits, `.`, `-`, `+`, `_` and
/// `:`, which ids of some distributions have; no dot in front.
pub(super) fn is_file_name(text: &str) -> bool {
    const LONGEST: usize = 200;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-+_:".contains(&byte);
    (1..=LONGEST).contains(&text.len()) && !text.starts_with('.') && text.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::{changes, index, is_file_name, modified, rolie};

    #[test]
    fn lists_are_read_as_publishers_write_them() {
        let read = changes(
            b"\"2020/a.json\",\"2020-07-01T10:09:07Z\"\r\n2019/b.json,2019-01-01T00:00:00Z\n\nx\n",
        );
        let told: Vec<_> = read.iter().map(|one| (&*one.path, &*one.changed)).collect();
        assert_eq!(
            told,
            [("2020/a.json", "2020-07-01T10:09:07Z"), ("2019/b.json", "2019-01-01T00:00:00Z")]
        );
        assert_eq!(index(b"2020/a.json\r\n\r\n2019/b.json").len(), 2);
        let read = modified(
            b"2026-11-30T01:02:03.4Z,PYSEC-1\n2026-11-29T00:00:00Z,PyPI/GHSA-2\n\
              2026-11-28T00:00:00Z,../../etc/passwd\n2026-11-28T00:00:00Z,.x\n",
        );
        let told: Vec<_> = read.iter().map(|(_, id)| id.as_str()).collect();
        assert_eq!(told, ["PYSEC-1", "GHSA-2", "passwd"], "of a path only the name counts");
    }

    #[test]
    fn an_entry_of_a_feed_has_its_document_and_its_hashes() {
        let read = rolie(
            br#"{"feed": {"id": "x", "entry": [
                {"id": "a", "updated": "2026-01-02T00:00:00Z",
                 "link": [{"rel": "self", "href": "https://x.example/a.json"},
                          {"rel": "hash", "href": "https://x.example/a.json.sha512"},
                          {"rel": "signature", "href": "https://x.example/a.json.asc"}],
                 "content": {"type": "application/json", "src": "https://x.example/w/a.json"}},
                {"id": "b", "link": [{"rel": "self", "href": "https://x.example/b.json"}]},
                {"id": "c"}]}}"#,
        )
        .expect("a feed");
        assert_eq!(read.len(), 2);
        assert_eq!(read[0].path, "https://x.example/w/a.json");
        assert_eq!(read[0].hashes, ["https://x.example/a.json.sha512"]);
        assert_eq!((&*read[1].path, &*read[1].changed), ("https://x.example/b.json", ""));
        assert!(rolie(b"{}").is_err() && rolie(b"<feed/>").is_err());
    }

    #[test]
    fn a_name_of_a_file_leads_nowhere() {
        for name in ["a.json", "cisco-sa-20200101-x.json", "RHSA-2020:1234.json", "a+b_c.json"] {
            assert!(is_file_name(name), "{name}");
        }
        for name in ["", ".", "..", ".a", "a/b", "a\\b", "a b", "ä.json", "a\0"] {
            assert!(!is_file_name(name), "{name}");
        }
    }
}
