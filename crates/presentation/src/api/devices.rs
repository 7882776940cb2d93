//! Devices for programs: the list, one with all that is known of it, its findings, its changes.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use store::StoreError;
use store::database::Transaction;
use store::devices::{self, Count, Filter, Order};
use store::releases::Finding;
use utoipa::{IntoParams, ToSchema};

use super::answer::{Page, said};
use super::asked::{Asked, Day, Limit, Named};
use super::problem::{Kind, Problem};
use crate::assessment::{self, Range, RankedFinding, Reason, Source};
use crate::console::Console;
use crate::console::devices::{finding_of, ranked};
use crate::console::orders::is_open;
use crate::listed;

/// A decision (SSVC), from the least urgent on.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum AtLeast {
    /// Track.
    Track,
    /// Track*.
    TrackClosely,
    /// Attend.
    Attend,
    /// Act.
    Act,
}

impl AtLeast {
    pub(crate) fn number(self) -> i64 {
        match self {
            Self::Track => 1,
            Self::TrackClosely => 2,
            Self::Attend => 3,
            Self::Act => 4,
        }
    }
}

/// How much hangs on a device, from the least on.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum AtLeastCritical {
    /// It supports care.
    Support,
    /// It diagnoses.
    Diagnostic,
    /// It monitors.
    Monitoring,
    /// It treats.
    Therapy,
    /// It sustains life.
    LifeSustaining,
}

impl AtLeastCritical {
    fn number(self) -> i64 {
        match self {
            Self::Support => 1,
            Self::Diagnostic => 2,
            Self::Monitoring => 3,
            Self::Therapy => 4,
            Self::LifeSustaining => 5,
        }
    }
}

/// In which order devices come.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Sorted {
    /// What is to be done first.
    #[default]
    Decision,
    /// By maker, model and version.
    Model,
    /// By site, unit and room.
    Place,
    /// Those whose support ends first.
    Support,
}

impl From<Sorted> for Order {
    fn from(sorted: Sorted) -> Self {
        match sorted {
            Sorted::Decision => Self::Decision,
            Sorted::Model => Self::Model,
            Sorted::Place => Self::Place,
            Sorted::Support => Self::Support,
        }
    }
}

/// What can be asked of the list of devices.
#[derive(Debug, Default, Clone, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ListAsked {
    /// Words that each begin a word of the device: its id, maker, model, place, addresses.
    q: String,
    /// In that unit.
    unit: Option<String>,
    /// Of that care service.
    care_service: Option<String>,
    /// Decided at least so.
    #[param(inline)]
    decision: Option<AtLeast>,
    /// At least so critical.
    #[param(inline)]
    criticality: Option<AtLeastCritical>,
    /// Of that release, by its id.
    release: Option<String>,
    /// With an open finding of that vulnerability.
    vulnerability: Option<String>,
    /// Whose support ended before that day, `YYYY-MM-DD`.
    #[param(value_type = Option<String>, format = Date)]
    support_before: Option<Day>,
    /// In which order.
    #[param(inline)]
    order: Sorted,
    /// How many at once.
    #[param(inline)]
    limit: Limit,
    /// Where the page begins: from `next` of the page before.
    cursor: Option<String>,
    /// Whether to count all of them, too.
    count: bool,
}

/// The place of a device in a list, in each order.
type Place = (i64, u64, [String; 6], Option<String>, String);

fn place(device: &devices::Device) -> Place {
    let texts = [
        &device.manufacturer,
        &device.model,
        &device.version,
        &device.site,
        &device.unit,
        &device.room,
    ];
    let day = device.end_of_support.clone();
    (device.decision, device.risk.1.to_bits(), texts.map(Clone::clone), day, device.id.clone())
}

fn at((decision, risk, texts, day, id): Place) -> devices::Device {
    let [manufacturer, model, version, site, unit, room] = texts;
    let risk = (0.0, f64::from_bits(risk));
    let end_of_support = day;
    devices::Device {
        id,
        manufacturer,
        model,
        version,
        site,
        unit,
        room,
        decision,
        risk,
        end_of_support,
        ..devices::Device::default()
    }
}

/// A device, as it is listed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ListedDevice)]
pub(crate) struct Device {
    /// Its id in the inventory.
    id: String,
    /// Who makes it; null is unknown, as everywhere.
    manufacturer: Option<String>,
    /// Its model.
    model: Option<String>,
    /// Its version.
    version: Option<String>,
    /// The site that it stands at.
    site: Option<String>,
    /// The unit.
    unit: Option<String>,
    /// The room.
    room: Option<String>,
    /// The care service that it is for.
    care_service: Option<String>,
    /// How much hangs on it.
    criticality: Option<&'static str>,
    /// Whether it is in use.
    in_use: Option<bool>,
    /// What to do (SSVC); null where nothing is known against it.
    decision: Option<&'static str>,
    /// Its risk to care, 0 to 100.
    risk: Range,
    /// The day its maker's support ends.
    #[schema(format = Date)]
    end_of_support: Option<String>,
    /// Its release, by id.
    release: Option<String>,
    /// What to do first, in one sentence.
    next_action: String,
}

pub(crate) fn shown(device: devices::Device) -> Device {
    let word = |word: &'static str| Some(word).filter(|word| !word.is_empty());
    Device {
        criticality: word(listed::criticality_name(device.criticality)),
        decision: word(listed::decision_name(device.decision)),
        id: device.id,
        manufacturer: said(device.manufacturer),
        model: said(device.model),
        version: said(device.version),
        site: said(device.site),
        unit: said(device.unit),
        room: said(device.room),
        care_service: said(device.care_service),
        in_use: device.in_use,
        risk: Range { low: device.risk.0, high: device.risk.1 },
        end_of_support: device.end_of_support,
        release: device.release,
        next_action: device.action,
    }
}

pub(crate) async fn list(
    State(console): State<Arc<Console>>,
    own: Asked<ListAsked>,
) -> Result<Json<Page<Device>>, Problem> {
    let Asked { asked, .. } = own.clone();
    page(&console, own, asked, None).await
}

/// The devices that a query asks for, of one vulnerability where it is named beside.
pub(crate) async fn page<T>(
    console: &Arc<Console>,
    own: Asked<T>,
    asked: ListAsked,
    vulnerability: Option<String>,
) -> Result<Json<Page<Device>>, Problem> {
    let after = own.after::<Place>(asked.cursor.as_deref())?.map(at);
    let (size, order) = (asked.limit.rows(), Order::from(asked.order));
    let (rows, count) = console
        .read(move |transaction| {
            let filter = Filter {
                search: &asked.q,
                care_service: asked.care_service.as_deref(),
                unit: asked.unit.as_deref(),
                decision: asked.decision.map(AtLeast::number),
                criticality: asked.criticality.map(AtLeastCritical::number),
                release: asked.release.as_deref(),
                vulnerability: vulnerability.as_deref().or(asked.vulnerability.as_deref()),
                support_before: asked.support_before.as_ref().map(|day| day.0.as_str()),
            };
            let rows = devices::page(transaction, &filter, order, after.as_ref(), size)?;
            let count = |t: &mut Transaction<'_>| devices::count(t, &filter, usize::MAX);
            let count = asked.count.then(|| count(transaction)).transpose()?.map(Count::number);
            Ok((rows, count))
        })
        .await?;
    let page = Page::new(rows, size, |last| own.next(&place(last)), shown);
    Ok(Json(page.of(count)))
}

/// A device, with all that is known of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Device)]
pub(crate) struct Whole {
    #[serde(flatten)]
    listed: Device,
    /// The maker's serial number.
    serial: Option<String>,
    /// The device identifier of its UDI.
    udi_di: Option<Arc<str>>,
    /// Its operating system.
    operating_system: Option<Arc<str>>,
    /// MAC addresses.
    macs: Vec<String>,
    /// IP addresses.
    ips: Vec<String>,
    /// Units at hand that could take its place; null is unknown.
    substitutes: Option<u32>,
    /// Who answers for it.
    owner: Option<Arc<str>>,
    /// Whether its maker's support has ended; null is unknown.
    past_support: Option<bool>,
    /// The decision with what is unknown at its best.
    least_decision: Option<String>,
    /// Every other column of the inventory: name and value.
    #[schema(value_type = Vec<Vec<String>>)]
    other: Vec<(String, String)>,
    /// Where the inventory has it.
    source: Source,
    /// How many open findings it has.
    findings: usize,
    /// The open order that it is contained by, if there is one.
    order: Option<u64>,
}

pub(crate) async fn show(
    State(console): State<Arc<Console>>,
    Named(id): Named<String>,
) -> Result<Json<Whole>, Problem> {
    let (device, findings) = console
        .read(move |transaction| {
            let Some(device) = devices::one(transaction, &id)? else { return Ok(None) };
            let findings = ranked(transaction, &device)?.len();
            Ok(Some((device, findings)))
        })
        .await?
        .ok_or_else(|| Problem::nowhere("device"))?;
    let rest = rest(&device)?;
    let seen = console.seen();
    let order = seen.of_device(&device.id).filter(|order| is_open(order));
    let order = order.map(|order| order.order);
    Ok(Json(Whole {
        serial: rest.serial,
        udi_di: rest.udi_di,
        operating_system: rest.operating_system,
        macs: rest.macs,
        ips: rest.ips,
        substitutes: rest.substitutes,
        owner: rest.owner,
        past_support: rest.past_support,
        least_decision: rest.least_decision.map(Into::into),
        other: rest.other,
        source: rest.source,
        listed: shown(device),
        findings,
        order,
    }))
}

/// All else that is known of a device.
pub(crate) fn rest(device: &devices::Device) -> Result<assessment::Device, Problem> {
    serde_json::from_str(&device.rest).map_err(|_| Problem::of(Kind::Fault))
}

/// What can be asked of a list that has no filter.
#[derive(Debug, Default, Clone, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PageAsked {
    /// How many at once.
    #[param(inline)]
    pub(crate) limit: Limit,
    /// Where the page begins: from `next` of the page before.
    pub(crate) cursor: Option<String>,
}

/// What a finding means for a device.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeviceFinding {
    #[serde(flatten)]
    ranked: RankedFinding,
    /// What has it: the release itself, its operating system, a component.
    subject: Option<String>,
    /// How certain the match is.
    certainty: Option<String>,
    /// Why, each with its evidence.
    reasons: Vec<Reason>,
}

fn explained((ranked, finding): (RankedFinding, Option<Finding>)) -> DeviceFinding {
    let reasons = finding.as_ref().map(|finding| serde_json::from_str(&finding.reasons));
    DeviceFinding {
        ranked,
        reasons: reasons.and_then(Result::ok).unwrap_or_default(),
        certainty: finding.as_ref().map(|finding| finding.certainty.clone()),
        subject: finding.map(|finding| finding.subject),
    }
}

/// Findings of a device are in an order of their own, under the name of the ranking: another one
/// has another order.
pub(crate) async fn findings(
    State(console): State<Arc<Console>>,
    Named(id): Named<String>,
    own: Asked<PageAsked>,
) -> Result<Json<Page<DeviceFinding>>, Problem> {
    let after = own.after::<(String, usize)>(own.asked.cursor.as_deref())?;
    let size = own.asked.limit.rows();
    let (name, from) = after.map_or((None, 0), |(name, from)| (Some(name), from));
    let (ranking, rows) = console
        .read(move |transaction| {
            let Some(device) = devices::one(transaction, &id)? else { return Ok(None) };
            let ranked = ranked(transaction, &device)?.into_iter().skip(from).take(size);
            let rows = ranked.map(|ranked| with_why(transaction, &device, ranked));
            let rows: Vec<_> = rows.collect::<Result<_, _>>()?;
            Ok(Some((device.ranking.unwrap_or_default(), rows)))
        })
        .await?
        .ok_or_else(|| Problem::nowhere("device"))?;
    if name.is_some_and(|name| name != ranking) {
        let detail = "The findings of this device were judged anew meanwhile. Begin again.";
        return Err(Problem::new(Kind::Cursor, detail));
    }
    let next = |_: &_| own.next(&(&ranking, from + size));
    Ok(Json(Page::new(rows, size, next, explained)))
}

fn with_why(
    transaction: &mut Transaction<'_>,
    device: &devices::Device,
    ranked: RankedFinding,
) -> Result<(RankedFinding, Option<Finding>), StoreError> {
    let finding = finding_of(transaction, device, &ranked)?;
    Ok((ranked, finding))
}

pub(crate) async fn finding(
    State(console): State<Arc<Console>>,
    Named((id, place)): Named<(String, usize)>,
) -> Result<Json<DeviceFinding>, Problem> {
    let found = console
        .read(move |transaction| {
            let Some(device) = devices::one(transaction, &id)? else { return Ok(None) };
            let ranked = ranked(transaction, &device)?;
            let ranked = ranked.into_iter().find(|one| one.finding == place);
            ranked.map(|ranked| with_why(transaction, &device, ranked)).transpose()
        })
        .await?;
    found.map(|found| Json(explained(found))).ok_or_else(|| Problem::nowhere("finding"))
}

impl ListAsked {
    /// The whole list, in such pages.
    pub(crate) fn of(asked: &PageAsked) -> Self {
        Self { limit: asked.limit, cursor: asked.cursor.clone(), ..Self::default() }
    }
}
