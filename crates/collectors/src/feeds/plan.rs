//! What would be asked of each source now, and where: for whoever sets up a mirror or a proxy, and
//! wants to see it before.
//!
//! Refuses to ask anybody, and to change anything. What an answer leads to (the lists of a
//! provider, the archives of a release) is not known before it is asked.

use super::mirror::{self, State};
use super::status::Standing;
use super::{FeedError, Settings, Source, csaf, cve, nvd, osv, single};

/// Something that would be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What it is, and from when on.
    pub what: String,
    /// Its address, at the mirror where one is asked instead.
    pub url: String,
}

/// How a source stands, and what would be asked of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// How it stands.
    pub standing: Standing,
    /// What would be asked for first; nothing where it is too early to ask again.
    pub requests: Vec<Request>,
}

/// What would be asked of each source, in the same order.
///
/// # Errors
/// Where the mirror is there and can't be read.
pub fn plan(sources: &[Source], settings: &Settings, now_ms: i64) -> Result<Vec<Plan>, FeedError> {
    let mut plans = Vec::new();
    for source in sources {
        let state = mirror::state(&settings.into, &source.key())?;
        let requests = requests(source, &state, settings, now_ms);
        let standing = Standing::of(source.clone(), state, &settings.into);
        plans.push(Plan { standing, requests });
    }
    Ok(plans)
}

fn requests(source: &Source, state: &State, settings: &Settings, now_ms: i64) -> Vec<Request> {
    let is_there = settings.into.join(source.place()).exists();
    let all = match source {
        Source::Nvd => nvd::would(state, now_ms).into_iter().collect(),
        Source::NvdFeeds => nvd::files::would(state, now_ms),
        Source::Cve => vec![cve::would(state)],
        Source::Osv(ecosystem) => osv::would(state, ecosystem, is_there),
        Source::Kev => vec![single::would(single::KEV, is_there)],
        Source::Epss => vec![single::would(single::EPSS, is_there)],
        Source::Csaf(provider) => vec![csaf::would(state, provider)],
    };
    let asked = |(what, url): (String, String)| Request { what, url: settings.instead(&url) };
    all.into_iter().map(asked).collect()
}
