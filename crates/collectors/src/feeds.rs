//! Feeds: what others publish of vulnerabilities, fetched into a folder of documents as they were
//! received (a *mirror*), which `folder` reads like any other.
//!
//! Each source is asked as its publisher documents it; what has not changed is not fetched again,
//! and what was broken off goes on where it was. Refuses to put anything half written in the place
//! of something whole, to ask an address that [`outward`](crate::outward) would not reach, and to
//! judge what it fetched.

pub mod asking;
mod csaf;
mod cve;
mod listing;
mod mirror;
mod nvd;
mod osv;
pub mod plan;
mod shelf;
mod single;
pub mod status;

#[cfg(test)]
mod tests;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use domain::feed::Kind;

use crate::outward::proxy::Proxy;
use crate::outward::{OutwardError, Reach, Resolver};
use asking::{Asker, Pace, Watch};
pub use csaf::Label;
use mirror::{Mirror, State};

/// Why something of a feed could not be fetched or kept.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The text names no source.
    #[error(
        "`{found}` is no source; expected nvd, nvd:feeds, cve, kev, epss, osv:ECOSYSTEM or \
             csaf:DOMAIN"
    )]
    Source {
        /// What was written.
        found: String,
    },
    /// The place can't be asked, or breaks off.
    #[error("`{url}`: {source}")]
    Asking {
        /// What was asked for.
        url: String,
        /// Why.
        source: OutwardError,
    },
    /// The answer ends before it is whole, or can't be unpacked.
    #[error("`{url}`: the answer is not whole: {cause}")]
    Cut {
        /// What was asked for.
        url: String,
        /// Why.
        cause: io::Error,
    },
    /// The answer is no success.
    #[error("`{url}` answers with status {status}{said}")]
    Status {
        /// What was asked for.
        url: String,
        /// The status (RFC 9110, section 15).
        status: u16,
        /// What was said with it.
        said: String,
        /// After how many seconds to come again, where that was said.
        retry_after: Option<u64>,
    },
    /// The answer points to where nobody goes.
    #[error("`{url}` points elsewhere: {why}")]
    Elsewhere {
        /// What was asked for.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// What came is not what it should be.
    #[error("`{name}`: expected {expected}, found {found}")]
    Content {
        /// Which document.
        name: String,
        /// What it should be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// A document differs from the hash that its publisher gives.
    #[error("`{name}` differs from the hash that is published beside it")]
    Hash {
        /// Which document.
        name: String,
    },
    /// Nowhere does a domain say where its advisories are.
    #[error("`{domain}` says nowhere where its provider-metadata.json is: {tried}")]
    NoProvider {
        /// The domain.
        domain: String,
        /// What was tried, and what came of it.
        tried: String,
    },
    /// The mirror can't be read or written.
    #[error("cannot {what} `{}`: {cause}", path.display())]
    File {
        /// What was tried.
        what: &'static str,
        /// With which file.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// An archive can't be read.
    #[error("`{name}` is no whole zip archive: {why}")]
    Archive {
        /// Which archive.
        name: String,
        /// Why.
        why: String,
    },
    /// Somebody else fetches into this folder.
    #[error("another program is fetching into `{}`", path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// Some documents came, and some did not.
    #[error("{failed} of {of} documents could not be taken; the first: {first}")]
    Partly {
        /// How many did not.
        failed: usize,
        /// Of how many.
        of: usize,
        /// Why the first did not.
        first: Box<FeedError>,
    },
}

/// A source of what is known of vulnerabilities.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The National Vulnerability Database, by its API 2.0.
    Nvd,
    /// The same, by its files of years and of what changed: in the same place, so that one may go
    /// on where the other stopped.
    NvdFeeds,
    /// The CVE list, by its daily archive and what changed since.
    Cve,
    /// Open source vulnerabilities of an ecosystem, such as `PyPI`.
    Osv(String),
    /// What is known to be exploited, by CISA.
    Kev,
    /// Predictions of exploitation, by FIRST.
    Epss,
    /// Advisories of a domain, or those that a `provider-metadata.json` tells of.
    Csaf(String),
}

impl Source {
    /// What kind of source it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Nvd | Self::NvdFeeds => Kind::Nvd,
            Self::Cve => Kind::Cve,
            Self::Osv(_) => Kind::Osv,
            Self::Kev => Kind::Kev,
            Self::Epss => Kind::Epss,
            Self::Csaf(_) => Kind::Csaf,
        }
    }

    /// Under which name its state is kept.
    fn key(&self) -> String {
        match self {
            Self::Osv(ecosystem) => format!("osv-{}", mirror::file_name(ecosystem)),
            Self::Csaf(provider) => format!("csaf-{}", mirror::file_name(provider)),
            Self::NvdFeeds => Self::Nvd.key(),
            other => other.to_string(),
        }
    }

    /// Where its documents lie below the mirror: a folder or a file.
    fn place(&self) -> PathBuf {
        match self {
            Self::Osv(ecosystem) => {
                Path::new("osv").join(format!("{}.zip", mirror::file_name(ecosystem)))
            }
            Self::Csaf(provider) => Path::new("csaf").join(mirror::file_name(provider)),
            Self::NvdFeeds => Self::Nvd.place(),
            other => PathBuf::from(other.to_string()),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nvd => f.write_str("nvd"),
            Self::NvdFeeds => f.write_str("nvd:feeds"),
            Self::Cve => f.write_str("cve"),
            Self::Kev => f.write_str("kev"),
            Self::Epss => f.write_str("epss"),
            Self::Osv(ecosystem) => write!(f, "osv:{ecosystem}"),
            Self::Csaf(provider) => write!(f, "csaf:{provider}"),
        }
    }
}

impl FromStr for Source {
    type Err = FeedError;

    fn from_str(text: &str) -> Result<Self, FeedError> {
        const LONGEST: usize = 500;
        let wrong = || FeedError::Source { found: domain::bounded::quote(text) };
        let is_plain = text.len() <= LONGEST && text.chars().all(|one| !one.is_control());
        match text {
            "nvd" => Ok(Self::Nvd),
            "nvd:feeds" => Ok(Self::NvdFeeds),
            "cve" => Ok(Self::Cve),
            "kev" => Ok(Self::Kev),
            "epss" => Ok(Self::Epss),
            _ => match text.split_once(':').filter(|(_, named)| is_plain && !named.is_empty()) {
                Some(("osv", ecosystem)) => Ok(Self::Osv(ecosystem.to_owned())),
                Some(("csaf", provider)) => Ok(Self::Csaf(provider.to_owned())),
                _ => Err(wrong()),
            },
        }
    }
}

/// What is asked elsewhere than where it is published: at a mirror within the hospital.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instead {
    /// With what an address begins.
    pub of: String,
    /// With what it begins then.
    pub ask: String,
}

/// How it is fetched, whatever the source.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The mirror.
    pub into: PathBuf,
    /// What is asked elsewhere.
    pub instead: Vec<Instead>,
    /// Whom else to trust, in PEM; empty where the system's suffice.
    pub authority: String,
    /// What may be reached.
    pub reach: Reach,
    /// Whom to ask for connections to what speaks TLS.
    pub proxy: Option<Proxy>,
    /// The key to the API of the NVD.
    pub nvd_key: Option<String>,
    /// Which advisories are wanted.
    pub labels: Vec<Label>,
}

impl Settings {
    /// The address that is asked instead of another.
    fn instead(&self, url: &str) -> String {
        let found = self.instead.iter().find_map(|instead| {
            url.strip_prefix(&*instead.of).map(|rest| format!("{}{rest}", instead.ask))
        });
        found.unwrap_or_else(|| url.to_owned())
    }
}

/// What stands outside: names, time, chance, and whoever looks on.
#[derive(Clone, Copy)]
pub struct World<'a> {
    /// Who says which addresses a name has.
    pub resolver: &'a dyn Resolver,
    /// The clock, and how it is waited.
    pub pace: &'a dyn Pace,
    /// Who is told how far it is.
    pub watch: &'a dyn Watch,
}

/// What came of fetching a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Taken {
    /// How many documents or records were written that were not there as they are now.
    pub changed: u64,
    /// How many there are.
    pub documents: u64,
}

/// Fetches what is new of each source, one after the other, into the mirror. Where one fails the
/// others go on; what came of each is told in the same order.
///
/// # Errors
/// Where the mirror can't be written, or somebody else fetches into it.
pub fn sync(
    sources: &[Source],
    settings: &Settings,
    world: World<'_>,
) -> Result<Vec<Result<Taken, FeedError>>, FeedError> {
    let mirror = Mirror::open(&settings.into)?;
    let asker = Asker::new(settings, world, &mirror);
    Ok(sources.iter().map(|source| sync_one(source, &asker, world)).collect())
}

fn sync_one(source: &Source, asker: &Asker<'_>, world: World<'_>) -> Result<Taken, FeedError> {
    let mirror = asker.mirror();
    world.watch.says(&source.to_string());
    let key = source.key();
    let mut state = mirror.state(&key)?;
    state.source = source.to_string();
    state.asked_ms = Some(world.pace.now_ms());
    asker.begins()?;
    let outcome = match source {
        Source::Nvd => nvd::sync(asker, &mut state),
        Source::NvdFeeds => nvd::files::sync(asker, &mut state),
        Source::Cve => cve::sync(asker, &mut state),
        Source::Osv(ecosystem) => osv::sync(asker, &mut state, (source, ecosystem)),
        Source::Kev => single::kev(asker, &mut state),
        Source::Epss => single::epss(asker, &mut state),
        Source::Csaf(provider) => csaf::sync(asker, &mut state, (source, provider)),
    };
    let now_ms = world.pace.now_ms();
    match &outcome {
        Ok(changed) => {
            state.succeeded_ms = Some(now_ms);
            state.error = None;
            if *changed > 0 {
                state.changed_ms = Some(now_ms);
            }
        }
        Err(error) => state.error = Some(error.to_string()),
    }
    mirror.keep(&key, &state)?;
    outcome.map(|changed| Taken { changed, documents: state.documents })
}

/// The sources that were fetched into a mirror before.
///
/// # Errors
/// Where it can't be read.
pub fn known(into: &Path) -> Result<Vec<Source>, FeedError> {
    let mut sources = Vec::new();
    for state in mirror::states(into)? {
        sources.push(state.source.parse()?);
    }
    sources.sort_by_key(Source::to_string);
    Ok(sources)
}

/// Saves how far a source is, in the midst of it.
fn save(asker: &Asker<'_>, state: &State) -> Result<(), FeedError> {
    let source: Source = state.source.parse()?;
    asker.mirror().keep(&source.key(), state)
}
