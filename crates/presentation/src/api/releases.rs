//! Releases for programs: the list, one with its components, what is known against it.

use std::borrow::Cow;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use store::releases::{self, Component, Finding, Release};
use utoipa::{IntoParams, ToSchema};

use super::answer::{Page, said};
use super::asked::{Asked, Limit, Named};
use super::devices::PageAsked;
use super::problem::{Kind, Problem};
use crate::assessment::{self, Reason, Source};
use crate::console::Console;
use crate::listed;

/// What can be asked of the list of releases.
#[derive(Debug, Default, Clone, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ReleasesAsked {
    /// Words that each begin a word of its maker, model or version.
    q: String,
    /// How many at once.
    #[param(inline)]
    limit: Limit,
    /// Where the page begins: from `next` of the page before.
    cursor: Option<String>,
}

/// Findings by verdict.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Counts {
    /// The flaw is there.
    affected: i64,
    /// It can't be told.
    undecided: i64,
    /// It was there and is mended.
    fixed: i64,
    /// It is not there.
    not_affected: i64,
}

/// A release, as it is listed: a model at a version.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListedRelease {
    /// Stands for its maker, model and version.
    id: String,
    /// Who makes it.
    manufacturer: Option<String>,
    /// Its model.
    model: String,
    /// Its version.
    version: Option<String>,
    /// How many devices run it.
    units: i64,
    /// How many components its SBOMs list.
    components: i64,
    /// Findings by verdict.
    findings: Counts,
    /// The gravest decision among its devices (SSVC).
    decision: Option<&'static str>,
}

pub(crate) fn shown(release: Release) -> ListedRelease {
    let [affected, undecided, fixed, not_affected] = release.verdicts;
    let decision = Some(listed::decision_name(release.decision));
    ListedRelease {
        id: release.id,
        manufacturer: said(release.manufacturer),
        model: release.model,
        version: said(release.version),
        units: release.units,
        components: release.components,
        findings: Counts { affected, undecided, fixed, not_affected },
        decision: decision.filter(|word| !word.is_empty()),
    }
}

pub(crate) async fn list(
    State(console): State<Arc<Console>>,
    own: Asked<ReleasesAsked>,
) -> Result<Json<Page<ListedRelease>>, Problem> {
    let asked = own.asked.clone();
    let after = own.after::<[String; 4]>(asked.cursor.as_deref())?;
    let after = after.map(|[manufacturer, model, version, id]| Release {
        id,
        manufacturer,
        model,
        version,
        ..Release::default()
    });
    let size = asked.limit.rows();
    let rows = console
        .read(move |transaction| releases::page(transaction, &asked.q, after.as_ref(), size))
        .await?;
    let next =
        |last: &Release| own.next(&[&last.manufacturer, &last.model, &last.version, &last.id]);
    Ok(Json(Page::new(rows, size, next, shown)))
}

/// A release, with the documents that describe it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Release)]
pub(crate) struct Whole {
    #[serde(flatten)]
    listed: ListedRelease,
    /// The SBOMs that describe it, by document name.
    sboms: Vec<String>,
}

pub(crate) async fn show(
    State(console): State<Arc<Console>>,
    Named(id): Named<String>,
) -> Result<Json<Whole>, Problem> {
    let release = console.read(move |t| releases::one(t, &id)).await?;
    let release = release.ok_or_else(|| Problem::nowhere("release"))?;
    let rest: assessment::Release =
        serde_json::from_str(&release.rest).map_err(|_| Problem::of(Kind::Fault))?;
    Ok(Json(Whole { listed: shown(release), sboms: rest.sboms }))
}

/// A part of a release.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Component)]
pub(crate) struct Part {
    /// Its name.
    pub(crate) name: String,
    /// Its version.
    version: Option<String>,
    /// Who supplies it.
    supplier: Option<String>,
    /// Its package URL.
    purl: Option<String>,
    /// Its CPE names.
    cpes: Vec<String>,
    /// Its licences, as written.
    licences: Vec<String>,
    /// Its level of support.
    support: Option<Cow<'static, str>>,
    /// The day its support ends.
    #[schema(format = Date)]
    end_of_support: Option<String>,
    /// Where its SBOM has it.
    source: Source,
}

pub(crate) fn part(component: Component) -> Part {
    let rest: assessment::Component = serde_json::from_str(&component.rest).unwrap_or_default();
    Part {
        name: component.name,
        version: said(component.version),
        supplier: rest.supplier,
        purl: rest.purl,
        cpes: rest.cpes,
        licences: rest.licences,
        support: rest.support,
        end_of_support: rest.end_of_support,
        source: rest.source,
    }
}

pub(crate) async fn components(
    State(console): State<Arc<Console>>,
    Named(id): Named<String>,
    own: Asked<PageAsked>,
) -> Result<Json<Page<Part>>, Problem> {
    let after = own.after::<i64>(own.asked.cursor.as_deref())?;
    let (from, size) = (after.map_or(0, |last| last.saturating_add(1)), own.asked.limit.rows());
    let rows = console
        .read(move |transaction| {
            if releases::one(transaction, &id)?.is_none() {
                return Ok(None);
            }
            releases::components(transaction, &id, from, size).map(Some)
        })
        .await?
        .ok_or_else(|| Problem::nowhere("release"))?;
    let next = |(place, _): &(i64, Component)| own.next(place);
    Ok(Json(Page::new(rows, size, next, |(_, component)| part(component))))
}

/// A verdict about a vulnerability and a release.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// The flaw is there.
    Affected,
    /// It can't be told.
    Undecided,
    /// It was there and is mended.
    Fixed,
    /// It is not there.
    NotAffected,
}

impl Verdict {
    fn text(self) -> &'static str {
        match self {
            Self::Affected => "affected",
            Self::Undecided => "undecided",
            Self::Fixed => "fixed",
            Self::NotAffected => "not_affected",
        }
    }
}

/// What can be asked of the findings of a release.
#[derive(Debug, Default, Clone, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct FindingsAsked {
    /// Of that verdict.
    #[param(inline)]
    verdict: Option<Verdict>,
    /// How many at once.
    #[param(inline)]
    limit: Limit,
    /// Where the page begins: from `next` of the page before.
    cursor: Option<String>,
}

/// What is known of a release, by one vulnerability and one subject.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReleaseFinding {
    /// Its place among those of its release.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    place: Option<i64>,
    /// Which vulnerability.
    vulnerability: String,
    /// `affected`, `undecided`, `fixed` or `not_affected`.
    verdict: String,
    /// `exact`, `strong` or `weak`.
    certainty: String,
    /// What has it: the release itself, its operating system, a component.
    subject: String,
    /// Why, each with its evidence.
    reasons: Vec<Reason>,
}

pub(crate) fn of_finding(place: Option<i64>, finding: Finding) -> ReleaseFinding {
    ReleaseFinding {
        place,
        reasons: serde_json::from_str(&finding.reasons).unwrap_or_default(),
        vulnerability: finding.vulnerability,
        verdict: finding.verdict,
        certainty: finding.certainty,
        subject: finding.subject,
    }
}

pub(crate) async fn findings(
    State(console): State<Arc<Console>>,
    Named(id): Named<String>,
    own: Asked<FindingsAsked>,
) -> Result<Json<Page<ReleaseFinding>>, Problem> {
    let asked = own.asked.clone();
    let after = own.after::<i64>(asked.cursor.as_deref())?;
    let (from, size) = (after.map_or(0, |last| last.saturating_add(1)), asked.limit.rows());
    let rows = console
        .read(move |transaction| {
            if releases::one(transaction, &id)?.is_none() {
                return Ok(None);
            }
            let verdict = asked.verdict.map(Verdict::text);
            releases::findings_from(transaction, &id, verdict, from, size).map(Some)
        })
        .await?
        .ok_or_else(|| Problem::nowhere("release"))?;
    let next = |(place, _): &(i64, Finding)| own.next(place);
    Ok(Json(Page::new(rows, size, next, |(place, finding)| of_finding(Some(place), finding))))
}
