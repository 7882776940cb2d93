//! Vulnerabilities for programs: the list, one with what it means, its devices.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use store::releases::{self, Finding, Release};
use store::vulnerabilities::{self, Filter, Vulnerability};
use utoipa::{IntoParams, ToSchema};

use super::answer::{Page, moment, said};
use super::asked::{Asked, Limit, MOST, Named, Since};
use super::devices::{self, AtLeast, Device, ListAsked};
use super::problem::{Kind, Problem};
use super::releases::{ReleaseFinding, of_finding};
use crate::assessment::{self, Remediation, Score};
use crate::console::Console;
use crate::listed;

/// What can be asked of the list of vulnerabilities.
#[derive(Debug, Default, Clone, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct VulnerabilitiesAsked {
    /// Words that each begin a word of its names or title.
    q: String,
    /// Only those that are known exploited.
    exploited: bool,
    /// Decided at least so for some device.
    #[param(inline)]
    decision: Option<AtLeast>,
    /// That came up since then.
    #[param(value_type = Option<String>, format = DateTime)]
    since: Option<Since>,
    /// How many at once.
    #[param(inline)]
    limit: Limit,
    /// Where the page begins: from `next` of the page before.
    cursor: Option<String>,
    /// Whether to count all of them, too.
    count: bool,
}

/// A vulnerability, as it is listed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListedVulnerability {
    /// Its name: its CVE where it has one.
    id: String,
    /// What its advisory calls it.
    title: Option<String>,
    /// Whether CISA knows it exploited.
    exploited: bool,
    /// FIRST's estimate that it will be, 0 to 1.
    epss: Option<f64>,
    /// Its highest CVSS base score, 0 to 10.
    base: Option<f64>,
    /// How many devices have it open.
    devices: i64,
    /// Of how many releases something is known about it.
    releases: i64,
    /// The gravest decision among those devices (SSVC).
    decision: Option<&'static str>,
    /// The highest risk to care among them, 0 to 100.
    risk: f64,
    /// When it first came up here.
    #[schema(format = DateTime)]
    first_seen: String,
}

pub(crate) fn shown(one: Vulnerability) -> ListedVulnerability {
    let decision = Some(listed::decision_name(one.decision));
    ListedVulnerability {
        id: one.id,
        title: said(one.title),
        exploited: one.is_exploited,
        epss: one.epss,
        base: one.base,
        devices: one.devices,
        releases: one.releases,
        decision: decision.filter(|word| !word.is_empty()),
        risk: one.risk,
        first_seen: moment(one.first_ms),
    }
}

pub(crate) async fn list(
    State(console): State<Arc<Console>>,
    own: Asked<VulnerabilitiesAsked>,
) -> Result<Json<Page<ListedVulnerability>>, Problem> {
    let asked = own.asked.clone();
    let after = own.after::<(i64, u64, String)>(asked.cursor.as_deref())?;
    let after = after.map(|(decision, risk, id)| {
        let risk = f64::from_bits(risk);
        Vulnerability { decision, risk, id, ..Vulnerability::default() }
    });
    let size = asked.limit.rows();
    let (rows, count) = console
        .read(move |transaction| {
            let filter = Filter {
                search: &asked.q,
                is_exploited: asked.exploited,
                decision: asked.decision.map(AtLeast::number),
                since_ms: asked.since.map(|since| since.0),
            };
            let rows = vulnerabilities::page(transaction, &filter, after.as_ref(), size)?;
            let count = asked.count.then(|| vulnerabilities::count(transaction, &filter));
            Ok((rows, count.transpose()?))
        })
        .await?;
    let next = |last: &Vulnerability| own.next(&(last.decision, last.risk.to_bits(), &last.id));
    Ok(Json(Page::new(rows, size, next, shown).of(count)))
}

/// What is known of a release about a vulnerability.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OfRelease {
    /// The release, by id.
    release: String,
    /// Who makes it.
    manufacturer: Option<String>,
    /// Its model.
    model: String,
    /// Its version.
    version: Option<String>,
    /// How many devices run it.
    units: i64,
    #[serde(flatten)]
    finding: ReleaseFinding,
}

fn of_release((release, finding): (Release, Finding)) -> OfRelease {
    OfRelease {
        release: release.id,
        manufacturer: said(release.manufacturer),
        model: release.model,
        version: said(release.version),
        units: release.units,
        finding: of_finding(None, finding),
    }
}

/// A vulnerability, with what its documents tell.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Vulnerability)]
pub(crate) struct Whole {
    #[serde(flatten)]
    listed: ListedVulnerability,
    /// Other ids of it.
    aliases: Vec<String>,
    /// What it is.
    description: Option<String>,
    /// Scores, each computed from its vector.
    scores: Vec<Score>,
    /// Whether ransomware is known to use it; null is unknown.
    ransomware: Option<bool>,
    /// Weaknesses, as CWE numbers.
    cwes: Vec<u32>,
    /// What its documents say to do.
    remediations: Vec<Remediation>,
    /// The documents that tell of it.
    documents: Vec<String>,
    /// What is known of releases about it, the gravest first; 500 at most.
    of_releases: Vec<OfRelease>,
}

pub(crate) async fn show(
    State(console): State<Arc<Console>>,
    Named(id): Named<String>,
) -> Result<Json<Whole>, Problem> {
    let (one, of_releases) = console
        .read(move |transaction| {
            let Some(one) = vulnerabilities::one(transaction, &id)? else { return Ok(None) };
            Ok(Some((one, releases::of_vulnerability(transaction, &id, usize::from(MOST))?)))
        })
        .await?
        .ok_or_else(|| Problem::nowhere("vulnerability"))?;
    let rest: assessment::Vulnerability =
        serde_json::from_str(&one.rest).map_err(|_| Problem::of(Kind::Fault))?;
    Ok(Json(Whole {
        listed: shown(one),
        aliases: rest.aliases,
        description: rest.description,
        scores: rest.scores,
        ransomware: rest.ransomware,
        cwes: rest.cwes,
        remediations: rest.remediations,
        documents: rest.documents,
        of_releases: of_releases.into_iter().map(of_release).collect(),
    }))
}

/// Devices with an open finding of it.
pub(crate) async fn devices(
    State(console): State<Arc<Console>>,
    Named(id): Named<String>,
    own: Asked<devices::PageAsked>,
) -> Result<Json<Page<Device>>, Problem> {
    let wanted = id.clone();
    let found = console.read(move |t| vulnerabilities::one(t, &wanted)).await?;
    if found.is_none() {
        return Err(Problem::nowhere("vulnerability"));
    }
    let asked = ListAsked::of(&own.asked);
    devices::page(&console, own, asked, Some(id)).await
}
