//! Orders for programs: what stands, what would be done, asking for it, and, for people, answering.
//!
//! Refuses to decide: each intent goes to the agent, which knows the rules. An order is asked for
//! once, however often the request comes: each has a key of its own.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::{Extension, Json};
use domain::order::Role;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use store::detections::{self, Detection};
use utoipa::{IntoParams, ToSchema};

use super::answer::moment;
use super::asked::{Asked, Named, Sent};
use super::once::{Once, Under};
use super::problem::{Kind, Problem};
use crate::console::Console;
use crate::console::access::Visitor;
use crate::console::orders::{ask, because, is_open, plan};
use crate::intent::Intent;
use crate::orders::SeenOrder;
use crate::planned::SeenPlan;
use crate::text::Text;

const UNDER: Under = Under { path: "/api/v1/orders/", member: "order" };

/// What can be asked of the list of orders.
#[derive(Debug, Default, Clone, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct OrdersAsked {
    /// Only those that are not over.
    open: bool,
    /// Of that device.
    device: Option<String>,
}

/// Every order that the agent remembers, and what troubles it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Orders {
    /// The orders, the last one first.
    items: Vec<SeenOrder>,
    /// Why the agent says nothing now, where it does not: what stands here is what it said last.
    silence: Option<String>,
}

pub(crate) async fn list(
    State(console): State<Arc<Console>>,
    Asked { asked, .. }: Asked<OrdersAsked>,
) -> Json<Orders> {
    let seen = console.seen();
    let wanted = |order: &&SeenOrder| {
        (!asked.open || is_open(order))
            && asked.device.as_ref().is_none_or(|device| *device == order.device)
    };
    let items = seen.orders.iter().rev().filter(wanted).cloned().collect();
    Json(Orders { items, silence: seen.silence.clone() })
}

pub(crate) async fn show(
    State(console): State<Arc<Console>>,
    Named(number): Named<u64>,
) -> Result<Json<SeenOrder>, Problem> {
    let order = console.seen().order(number).cloned();
    order.map(Json).ok_or_else(|| Problem::nowhere("order"))
}

/// How far a device is cut off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Far {
    /// It reaches only what its model usually does.
    Restrict,
    /// It reaches only what its patient needs.
    #[default]
    Contain,
    /// It reaches nothing.
    Isolate,
}

impl Far {
    fn text(self) -> &'static str {
        match self {
            Self::Restrict => "restrict",
            Self::Contain => "contain",
            Self::Isolate => "isolate",
        }
    }
}

/// What is thought of.
#[derive(Debug, Default, Clone, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PlanAsked {
    /// How far.
    #[param(inline)]
    level: Far,
}

/// What a containment of a device would do. Nothing is done.
pub(crate) async fn think(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Named(id): Named<String>,
    Asked { asked, .. }: Asked<PlanAsked>,
) -> Result<Json<SeenPlan>, Problem> {
    Ok(Json(plan(&console, &visitor, &id, asked.level.text()).await?))
}

/// What was detected.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Detection)]
pub(crate) struct SeenDetection {
    /// Its number.
    number: i64,
    /// When.
    at: String,
    /// The rule that saw it.
    rule: String,
    /// The technique of MITRE ATT&CK.
    technique: String,
    /// Which device did it; its address where no device is known.
    device: String,
    /// From which address.
    source: String,
    /// What was seen.
    evidence: String,
    /// What a person says that it was: `attack`, `expected` or `mistaken`; nothing where nobody
    /// has.
    judgement: Option<String>,
    /// Who says so.
    judged_by: Option<String>,
    /// Why.
    reason: Option<String>,
}

impl From<Detection> for SeenDetection {
    fn from(own: Detection) -> Self {
        let judged = own.judged.unwrap_or_default();
        let said = |text: String| Some(text).filter(|text| !text.is_empty());
        Self {
            number: own.number,
            at: moment(own.at_ms),
            rule: own.rule,
            technique: own.technique,
            device: own.device,
            source: own.source,
            evidence: own.evidence,
            judgement: said(judged.judgement),
            judged_by: said(judged.by),
            reason: said(judged.reason),
        }
    }
}

/// What was detected on the network.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Detections {
    /// The last of it, the latest first; at most 500.
    items: Vec<SeenDetection>,
    /// Why the agent says nothing now, where it does not.
    silence: Option<String>,
}

pub(crate) async fn detections(
    State(console): State<Arc<Console>>,
) -> Result<Json<Detections>, Problem> {
    let found = console.read(|t| detections::before(t, i64::MAX, detections::PAGE)).await?;
    let items = found.into_iter().map(SeenDetection::from).collect();
    Ok(Json(Detections { items, silence: console.seen().silence.clone() }))
}

/// In which role somebody speaks.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum As {
    /// Information security.
    Security,
    /// Care.
    Clinical,
    /// Biomedical engineering.
    Biomedical,
}

impl From<As> for Role {
    fn from(own: As) -> Self {
        match own {
            As::Security => Self::Security,
            As::Clinical => Self::Clinical,
            As::Biomedical => Self::Biomedical,
        }
    }
}

/// A containment that is asked for.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OrderRequest)]
pub(crate) struct Wanted {
    /// The device, by its id.
    device: String,
    /// How far.
    level: Far,
    /// Why, in a few words: whoever reads it later was not there.
    #[schema(pattern = "\\S")]
    reason: String,
    /// For how long: a minute to seven days.
    #[schema(minimum = 1, maximum = 10_080)]
    minutes: u32,
    /// In which role, where whoever asks has several.
    #[serde(default)]
    role: Option<As>,
}

/// Asks for a containment, once.
pub(crate) async fn request(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
    Sent(wanted): Sent<Wanted>,
) -> Result<Response, Problem> {
    let once = Once::of(&visitor, &headers, &wanted, UNDER)?;
    given(&wanted.reason)?;
    if let Some(answer) = once.begin(&console).await? {
        return Ok(answer);
    }
    // It goes on also where whoever asked has hung up: what was begun is answered.
    let carried = tokio::spawn(async move {
        let Wanted { device, level, reason, minutes, role } = wanted;
        let level = level.text().to_owned();
        let intent = Intent::Request { device, level, reason, seconds: minutes.saturating_mul(60) };
        let told = ask(&console, &visitor, role.map(Role::from), intent).await;
        let told = told.map_err(Problem::from).and_then(|told| order_of(&told));
        once.end(&console, told).await
    });
    carried.await.map_err(|_| Problem::of(Kind::Fault))?
}

/// The order that the agent tells.
fn order_of(told: &impl Serialize) -> Result<SeenOrder, Problem> {
    fn read<T: DeserializeOwned>(told: &impl Serialize) -> Option<T> {
        serde_json::to_value(told).and_then(serde_json::from_value).ok()
    }
    read(told).ok_or_else(|| Problem::of(Kind::Fault))
}

/// A yes, or a word that needs no more.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = OrderAnswer)]
pub(crate) struct Yes {
    /// In which role, where whoever answers has several.
    role: Option<As>,
}

/// A word that needs a reason.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReasonedAnswer)]
pub(crate) struct Because {
    /// Why, in a few words.
    #[schema(pattern = "\\S")]
    reason: String,
    /// In which role, where whoever answers has several.
    #[serde(default)]
    role: Option<As>,
}

/// More time.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Renewal)]
pub(crate) struct More {
    /// How long from now: a minute to seven days.
    #[schema(minimum = 1, maximum = 10_080)]
    minutes: u32,
    /// In which role, where whoever answers has several.
    #[serde(default)]
    role: Option<As>,
}

macro_rules! answers {
    ($($name:ident($sent:ident: $kind:ty, $order:ident) $intent:expr;)*) => {$(
        pub(crate) async fn $name(
            State(console): State<Arc<Console>>,
            Extension(visitor): Extension<Visitor>,
            Named($order): Named<u64>,
            Sent($sent): Sent<$kind>,
        ) -> Result<Json<SeenOrder>, Problem> {
            if console.seen().order($order).is_none() {
                return Err(Problem::nowhere("order"));
            }
            let role = $sent.role.map(Role::from);
            let told = ask(&console, &visitor, role, $intent).await?;
            Ok(Json(order_of(&told)?))
        }
    )*};
}

answers! {
    approve(sent: Yes, order) Intent::Approve { order };
    confirm_substitute(sent: Yes, order) Intent::ConfirmSubstitute { order };
    refuse(sent: Because, order) Intent::Refuse { order, reason: given(&sent.reason)? };
    lift(sent: Because, order) Intent::Lift { order, reason: given(&sent.reason)? };
    renew(sent: More, order) Intent::Renew { order, seconds: sent.minutes.saturating_mul(60) };
}

/// Connects a device again at once, whatever holds it.
pub(crate) async fn break_glass(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Named(device): Named<String>,
    Sent(sent): Sent<Because>,
) -> Result<Json<SeenOrder>, Problem> {
    // Whoever breaks the glass is at the bedside.
    let role = Some(sent.role.map_or(Role::Clinical, Role::from));
    let intent = Intent::BreakGlass { device, reason: given(&sent.reason)? };
    Ok(Json(order_of(&ask(&console, &visitor, role, intent).await?)?))
}
/// The reason that was given; programs are told in English that there is none.
fn given(reason: &str) -> Result<String, crate::console::page::Wrong> {
    because(Text::english(), reason)
}
