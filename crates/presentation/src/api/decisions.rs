//! Decisions about findings for programs: the list, one, deciding, undoing.
//!
//! Refuses to decide twice what was asked for once, and about findings that are not there.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::{Extension, Json};
use domain::decision::Justification;
use serde::{Deserialize, Serialize};
use store::audit::By;
use store::decisions::{self, Bears, Decision, Undone};
use utoipa::ToSchema;

use super::answer::{Page, moment, said};
use super::asked::{Asked, Named, Sent};
use super::devices::PageAsked;
use super::once::{Once, Under};
use super::problem::{Kind, Problem};
use crate::console::access::Visitor;
use crate::console::decisions::{Deciding, elsewhere, keep};
use crate::console::{Console, now_ms};
use crate::decide::{Reach, Told};

const UNDER: Under = Under { path: "/api/v1/decisions/", member: "id" };

/// What a decision bears on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BearsOn {
    /// Findings that it decides, or whose risk it accepts.
    findings: i64,
    /// The releases that have them.
    releases: i64,
    /// The devices that run those.
    devices: i64,
    /// Findings of which somebody else says otherwise.
    contradicted: i64,
}

impl From<Bears> for BearsOn {
    fn from(bears: Bears) -> Self {
        let Bears { findings, releases, devices, contradicted } = bears;
        Self { findings, releases, devices, contradicted }
    }
}

/// A decision about findings.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Decision)]
pub(crate) struct Decided {
    /// How it is called.
    id: String,
    /// What was decided: `not-affected`, `false-positive` or `accepted`.
    kind: String,
    /// The last day on which a risk is accepted, `YYYY-MM-DD`.
    until: Option<String>,
    /// Why not affected, as OpenVEX labels it.
    justification: Option<String>,
    /// Why, in words.
    reason: String,
    /// Who decided it.
    author: String,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// What it is about.
    about: Vec<Told>,
    /// What it bears on; null until everything was judged after it came.
    bears_on: Option<BearsOn>,
    /// The document that keeps it, by name.
    document: String,
}

fn shown(own: Decision) -> Decided {
    Decided {
        about: serde_json::from_str(&own.about).unwrap_or_default(),
        id: own.id,
        kind: own.kind,
        until: said(own.until),
        justification: said(own.justification),
        reason: own.reason,
        author: own.author,
        at: moment(own.at_ms),
        bears_on: own.bears.map(BearsOn::from),
        document: own.name,
    }
}

pub(crate) async fn list(
    State(console): State<Arc<Console>>,
    own: Asked<PageAsked>,
) -> Result<Json<Page<Decided>>, Problem> {
    let after = own.after::<(i64, String)>(own.asked.cursor.as_deref())?;
    let size = own.asked.limit.rows();
    let rows = console
        .read(move |transaction| {
            let after = after.as_ref().map(|(at_ms, id)| (*at_ms, id.as_str()));
            decisions::page(transaction, after, size)
        })
        .await?;
    let next = |last: &Decision| own.next(&(last.at_ms, &last.id));
    Ok(Json(Page::new(rows, size, next, shown)))
}

pub(crate) async fn show(
    State(console): State<Arc<Console>>,
    Named(id): Named<String>,
) -> Result<Json<Decided>, Problem> {
    let found = console.read(move |t| decisions::one(t, &id)).await?;
    found.map(|found| Json(shown(found))).ok_or_else(|| Problem::nowhere("decision"))
}

/// What is decided.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = DecisionKind)]
pub(crate) enum Kinds {
    /// It does not have the flaw.
    NotAffected,
    /// The match is wrong.
    FalsePositive,
    /// It has the flaw, and the risk is accepted up to and with a day.
    Accepted,
}

impl Kinds {
    fn text(self) -> &'static str {
        match self {
            Self::NotAffected => "not-affected",
            Self::FalsePositive => "false-positive",
            Self::Accepted => "accepted",
        }
    }
}

/// Why it does not have the flaw (OpenVEX 0.2.0, status justifications).
#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DecisionJustification)]
pub(crate) enum Justifications {
    /// The component is not in it.
    ComponentNotPresent,
    /// The vulnerable code is not in it.
    VulnerableCodeNotPresent,
    /// The vulnerable code never runs.
    VulnerableCodeNotInExecutePath,
    /// Nobody can make it do harm.
    VulnerableCodeCannotBeControlledByAdversary,
    /// Something in the product stops it.
    InlineMitigationsAlreadyExist,
}

impl From<Justifications> for Justification {
    fn from(own: Justifications) -> Self {
        match own {
            Justifications::ComponentNotPresent => Self::ComponentNotPresent,
            Justifications::VulnerableCodeNotPresent => Self::VulnerableCodeNotPresent,
            Justifications::VulnerableCodeNotInExecutePath => Self::VulnerableCodeNotInExecutePath,
            Justifications::VulnerableCodeCannotBeControlledByAdversary => {
                Self::VulnerableCodeCannotBeControlledByAdversary
            }
            Justifications::InlineMitigationsAlreadyExist => Self::InlineMitigationsAlreadyExist,
        }
    }
}

/// Findings that are decided about.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DecisionFinding)]
pub(crate) struct Finding {
    /// The release, by id.
    release: String,
    /// The vulnerability, as the console calls it.
    vulnerability: String,
    /// What has it, as the finding says; all that has it in the release, where nothing is named.
    #[serde(default)]
    subject: Option<String>,
}

/// A decision that is asked for.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DecisionRequest)]
pub(crate) struct Wanted {
    /// What is decided.
    kind: Kinds,
    /// Why not affected, where that is decided.
    #[serde(default)]
    justification: Option<Justifications>,
    /// The last day, where a risk is accepted: `YYYY-MM-DD`, two years from now at most.
    #[serde(default)]
    #[schema(format = Date)]
    until: Option<String>,
    /// Why: whoever reads it later was not there.
    #[schema(pattern = "\\S", max_length = 2000)]
    reason: String,
    /// How far it reaches.
    #[serde(default)]
    reach: Reach,
    /// About which findings.
    #[schema(min_items = 1, max_items = 1000)]
    findings: Vec<Finding>,
}

/// Decides, once.
pub(crate) async fn make(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
    Sent(wanted): Sent<Wanted>,
) -> Result<Response, Problem> {
    let once = Once::of(&visitor, &headers, &wanted, UNDER)?;
    if let Some(answer) = once.begin(&console).await? {
        return Ok(answer);
    }
    // It goes on also where whoever asked has hung up: what was begun is answered.
    let carried = tokio::spawn(async move {
        let told = decide(&console, &visitor, wanted).await;
        once.end(&console, told).await
    });
    carried.await.map_err(|_| Problem::of(Kind::Fault))?
}

async fn decide(
    console: &Arc<Console>,
    visitor: &Visitor,
    wanted: Wanted,
) -> Result<Decided, Problem> {
    let findings = wanted.findings.into_iter();
    let justification = wanted.justification.map(Justification::from);
    let deciding = Deciding {
        kind: wanted.kind.text().to_owned(),
        justification: justification.map_or("", Justification::text).to_owned(),
        until: wanted.until.unwrap_or_default(),
        reason: wanted.reason,
        reach: wanted.reach,
        about: findings.map(|one| (one.release, one.vulnerability, one.subject)).collect(),
        author: visitor.actor(),
        at_ms: now_ms(),
        today: console.today(),
    };
    let made = console
        .write(move |transaction| match keep(transaction, &deciding)? {
            Ok(id) => Ok(decisions::one(transaction, &id)?.ok_or_else(String::new)),
            Err(wrong) => Ok(Err(wrong)),
        })
        .await?;
    let made = made.map_err(|wrong| Problem::new(Kind::Value, wrong))?;
    console.documents_came();
    Ok(shown(made))
}

/// Takes a decision back: what it was about is as it was before.
pub(crate) async fn undo(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Named(id): Named<String>,
) -> Result<StatusCode, Problem> {
    let (actor, at_ms) = (visitor.actor(), visitor.now_ms);
    let undone =
        console.write(move |t| decisions::undo(t, &id, By { actor: &actor, at_ms })).await?;
    match undone {
        Undone::Nowhere => Err(Problem::nowhere("decision")),
        Undone::Elsewhere(source) => Err(Problem::new(Kind::DocumentWatched, elsewhere(&source))),
        Undone::Gone => {
            console.documents_came();
            Ok(StatusCode::NO_CONTENT)
        }
    }
}
