//! Where a provider's advisories are: its `provider-metadata.json` (CSAF 2.0, section 7.3.1), and
//! the lists that it names (section 7.3.2).
//!
//! Refuses metadata that is of another kind, and paths that leave their directory.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use super::super::FeedError;
use super::super::asking::{Asker, Page, Wanted, joined};
use super::super::listing::{self, Listed, is_file_name};
use super::super::mirror::Validators;
use super::{Found, is_wanted, once};
use crate::outward::Place;

/// Most lists of one provider that are read.
const LISTS: usize = 500;

#[derive(Deserialize)]
struct Metadata {
    metadata_version: String,
    #[serde(default)]
    distributions: Vec<Distribution>,
}

#[derive(Deserialize)]
struct Distribution {
    directory_url: Option<String>,
    rolie: Option<Rolie>,
}

#[derive(Deserialize)]
struct Rolie {
    #[serde(default)]
    feeds: Vec<Feed>,
}

#[derive(Deserialize)]
struct Feed {
    tlp_label: Option<String>,
    url: String,
}

/// What servers say of lists, by their addresses.
type Known = BTreeMap<String, Validators>;

/// Lists that are read, but those that are as they were.
struct Lists<'a, 'b> {
    asker: &'a Asker<'b>,
    known: &'a Known,
    /// What is known of those that are read.
    new: Known,
}

impl Lists<'_, '_> {
    /// A list; nothing where it is as it was.
    fn list(&mut self, url: &str) -> Result<Option<Vec<u8>>, FeedError> {
        let known = self.known.get(url).filter(|known| !known.is_empty());
        match self.asker.page(&Wanted::page(url), known)? {
            Page::Unchanged => Ok(None),
            Page::Fresh(bytes, validators) => {
                self.new.insert(url.to_owned(), validators);
                Ok(Some(bytes))
            }
        }
    }
}

/// Every document of the lists of a provider that changed, and what servers say of these now.
pub(super) fn documents(
    asker: &Asker<'_>,
    provider: &str,
    known: &Known,
) -> Result<(Vec<Found>, Known), FeedError> {
    let metadata =
        if provider.contains("://") { metadata(asker, provider)? } else { found(asker, provider)? };
    let wanted = &asker.settings().labels;
    let (mut feeds, mut directories) = (Vec::new(), Vec::new());
    for distribution in metadata.distributions {
        directories.extend(distribution.directory_url);
        let all = distribution.rolie.into_iter().flat_map(|rolie| rolie.feeds);
        feeds.extend(all.filter(|feed| is_wanted(feed.tlp_label.as_deref(), wanted)));
    }
    let mut lists = Lists { asker, known, new: Known::new() };
    let mut documents = Vec::new();
    // Feeds name the hashes; where there are any, directories hold the same once more.
    for feed in feeds.iter().take(LISTS) {
        documents.extend(by_feed(&mut lists, &feed.url)?);
    }
    if feeds.is_empty() {
        if directories.is_empty() {
            return Err(FeedError::Content {
                name: provider.to_owned(),
                expected: "a ROLIE feed under a label that is wanted, or a directory",
                found: "neither".to_owned(),
            });
        }
        for directory in directories.iter().take(LISTS) {
            documents.extend(by_directory(&mut lists, directory)?);
        }
    }
    Ok((once(documents), lists.new))
}

fn metadata(asker: &Asker<'_>, url: &str) -> Result<Metadata, FeedError> {
    let bytes = asker.bytes(&Wanted::document(url))?;
    let wrong = |found: String| FeedError::Content {
        name: url.to_owned(),
        expected: "provider metadata of CSAF 2.0 or 2.1 (section 7.1.7)",
        found,
    };
    let metadata: Metadata =
        serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
    if metadata.metadata_version.starts_with("2.") {
        Ok(metadata)
    } else {
        Err(wrong(domain::bounded::quote(&metadata.metadata_version)))
    }
}

/// Where the metadata of a domain is looked for first, or the metadata that is named.
pub(super) fn first(provider: &str) -> String {
    if provider.contains("://") { provider.to_owned() } else { well_known(provider) }
}

fn well_known(domain: &str) -> String {
    format!("https://{domain}/.well-known/csaf/provider-metadata.json")
}

/// The metadata of a domain: by the well-known URL (section 7.1.9), by `security.txt` (7.1.8), and
/// by the DNS path (7.1.10), in this order (7.3.1).
fn found(asker: &Asker<'_>, domain: &str) -> Result<Metadata, FeedError> {
    let mut tried = Vec::new();
    let well_known = well_known(domain);
    match metadata(asker, &well_known) {
        Ok(metadata) => return Ok(metadata),
        Err(error) => tried.push(error.to_string()),
    }
    for path in ["/.well-known/security.txt", "/security.txt"] {
        let url = format!("https://{domain}{path}");
        let bytes = match asker.bytes(&Wanted::document(&url)) {
            Ok(bytes) => bytes,
            Err(error) => {
                tried.push(error.to_string());
                continue;
            }
        };
        let fields = named(&String::from_utf8_lossy(&bytes));
        if fields.is_empty() {
            tried.push(format!("`{url}` has no field `CSAF: https://…`"));
        }
        for url in fields {
            match metadata(asker, &url) {
                Ok(metadata) => return Ok(metadata),
                Err(error) => tried.push(error.to_string()),
            }
        }
    }
    match metadata(asker, &format!("https://csaf.data.security.{domain}/")) {
        Ok(metadata) => Ok(metadata),
        Err(error) if error.is_of_the_proxy() => Err(error),
        Err(error) => {
            tried.push(error.to_string());
            Err(FeedError::NoProvider { domain: domain.to_owned(), tried: tried.join("; ") })
        }
    }
}

/// The fields `CSAF` of a `security.txt` (RFC 9116), in their order; those over TLS.
fn named(text: &str) -> Vec<String> {
    const MOST: usize = 10;
    let field = |line: &str| {
        let (name, value) = line.split_once(':')?;
        let value = value.trim();
        let is_it = name.trim().eq_ignore_ascii_case("csaf") && value.starts_with("https://");
        is_it.then(|| value.to_owned())
    };
    text.lines().filter_map(field).take(MOST).collect()
}

fn by_feed(lists: &mut Lists<'_, '_>, url: &str) -> Result<Vec<Found>, FeedError> {
    let Some(bytes) = lists.list(url)? else { return Ok(Vec::new()) };
    let listed = listing::rolie(&bytes).map_err(|error| FeedError::Content {
        name: url.to_owned(),
        expected: "a ROLIE feed (RFC 8322)",
        found: error.to_string(),
    })?;
    let feed: Place =
        url.parse().map_err(|source| FeedError::Asking { url: url.to_owned(), source })?;
    listed.into_iter().map(|listed| of_feed(&feed, url, listed)).collect()
}

/// Where a document of a feed lies: under its name, and the year before that, if there is one.
fn of_feed(feed: &Place, url: &str, mut listed: Listed) -> Result<Found, FeedError> {
    let wrong = |found: &str| FeedError::Content {
        name: url.to_owned(),
        expected: "addresses of documents",
        found: domain::bounded::quote(found),
    };
    let address = joined(feed, &listed.path).ok_or_else(|| wrong(&listed.path))?;
    for hash in &mut listed.hashes {
        *hash = joined(feed, hash).ok_or_else(|| wrong(hash))?;
    }
    let path = address.split('?').next().unwrap_or_default();
    let mut parts = path.rsplit('/');
    let name = parts.next().filter(|name| is_file_name(name)).ok_or_else(|| wrong(&address))?;
    let year = parts.next().filter(|year| listing::is_year(year));
    let path = year.map_or_else(|| PathBuf::from(name), |year| PathBuf::from(year).join(name));
    Ok(Found { url: address, path, listed })
}

/// The documents of a directory, by `changes.csv` and by `index.txt` (sections 7.1.12 and 7.1.13):
/// the one says when each was changed, the other is whole in more places.
fn by_directory(lists: &mut Lists<'_, '_>, directory: &str) -> Result<Vec<Found>, FeedError> {
    let directory = directory.trim_end_matches('/');
    let (mut listed, mut is_as_it_was) = (Vec::new(), false);
    for name in ["changes.csv", "index.txt"] {
        let read = if name == "index.txt" { listing::index } else { listing::changes };
        match lists.list(&format!("{directory}/{name}")) {
            Ok(Some(bytes)) => listed.extend(read(&bytes)),
            Ok(None) => is_as_it_was = true,
            Err(error) if error.is_missing() => {}
            Err(error) => return Err(error),
        }
    }
    if listed.is_empty() && !is_as_it_was {
        return Err(FeedError::Content {
            name: directory.to_owned(),
            expected: "documents in changes.csv or index.txt",
            found: "none".to_owned(),
        });
    }
    let within = |listed: Listed| {
        let mut path = PathBuf::new();
        for part in listed.path.split('/') {
            if !is_file_name(part) {
                return None;
            }
            path.push(part);
        }
        let is_document = path.extension().is_some_and(|extension| extension == "json");
        let url = format!("{directory}/{}", listed.path);
        is_document.then_some(Found { url, path, listed })
    };
    Ok(listed.into_iter().filter_map(within).collect())
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn a_security_txt_names_providers_over_tls() {
        let text = "# x\nContact: mailto:a@b.example\nCSAF: https://b.example/p.json\r\n\
                    csaf:https://c.example/p.json\nCSAF: http://d.example/p.json\n";
        assert_eq!(named(text), ["https://b.example/p.json", "https://c.example/p.json"]);
    }
}
