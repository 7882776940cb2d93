//! *Map*: the hospital by unit, each device a tile, coloured by what is to be done and signed by
//! how it stands; and for one device with whom it speaks, and what containing it would do.
//!
//! Refuses to draw so many tiles that nobody sees one: beyond that, units are drawn in numbers, and
//! only devices that stand out as tiles. Refuses to say more of a containment than the agent does.

mod drawn;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use axum::response::Html;
use jiff::Timestamp;
use serde::Deserialize;
use store::StoreError;
use store::database::Transaction;
use store::detections::{self, Detection};
use store::devices::{self, Device};
use store::tiles::{self, Grouped, Spoken, Stratum, Tile};

use super::access::Visitor;
use super::flows::{self, Flow, Told, With};
use super::orders::{MINUTES, Seen, is_open};
use super::page::{Frame, Wrong, html};
use super::{Console, words};
use crate::orders::SeenOrder;
use crate::picture::map::{self as picture, Fate, State as Stands};
use crate::planned::SeenPlan;
use crate::sign_in::rights::Right;
use crate::text::{Text, Value};

/// Most devices that are drawn one by one.
const TILES: usize = 900;
/// Most units that are drawn.
const UNITS: usize = 160;
/// Most units that are looked at.
const STRATA: usize = 5_000;
/// Most devices that stand out.
const STANDING_OUT: usize = 60;
/// Most flows that are looked at for who is spoken to for care.
const FLOWS: usize = 50_000;
/// Most detections that nobody has judged that are looked at.
const DETECTIONS: usize = 500;

/// What can be asked of the map, as it stands in the address.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// The device that is looked at.
    device: String,
    /// How far it is thought of to cut it off.
    level: String,
    /// `service`, where care services are drawn in the place of units.
    by: String,
    /// The unit, or care service, that is drawn alone.
    only: String,
}

impl Asked {
    fn by(&self) -> Grouped {
        if self.by == "service" { Grouped::CareService } else { Grouped::Unit }
    }

    fn is_by_service(&self) -> bool {
        self.by() == Grouped::CareService
    }

    /// The address of the map with one thing asked otherwise.
    fn with(&self, name: &str, value: &str) -> String {
        let own = [
            ("device", &self.device),
            ("level", &self.level),
            ("by", &self.by),
            ("only", &self.only),
        ];
        let others = own.into_iter().filter(|(own, _)| *own != name);
        let others = others.map(|(name, value)| (name, value.as_str()));
        format!("/map{}", words::query(&others.chain([(name, value)]).collect::<Vec<_>>()))
    }
}

#[derive(Template)]
#[template(path = "console/map.html")]
struct Page {
    frame: Frame,
    asked: Asked,
    summary: String,
    chosen: Option<Chosen>,
    /// Devices that stand out: what they are called, and how they stand.
    outstanding: Vec<(String, Stands)>,
    drawing: String,
}

/// The device that is looked at.
struct Chosen {
    id: String,
    device: Option<Device>,
    order: Option<SeenOrder>,
    stands: Stands,
    /// How far it is held, asked to be held, or thought of to be; empty where it is only looked at.
    level: String,
    /// Whether it is only thought of.
    is_thought: bool,
    plan: Option<SeenPlan>,
    /// Why there is none.
    silence: Option<String>,
    flows: Vec<Flow>,
    named: BTreeMap<String, Device>,
    minutes: u32,
}

/// What is drawn of the inventory.
struct Ground {
    tiles: Vec<Tile>,
    /// In numbers, where they are too many to draw one by one.
    strata: Vec<Stratum>,
    /// How many units there are beside those.
    more: usize,
    devices: i64,
    /// Who is spoken to for care, where no device was chosen.
    spoken: Vec<Spoken>,
}

pub(super) async fn show(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Wrong> {
    let frame = console.frame(visitor.text.map_title(), "/map", &visitor).await?;
    let seen = console.seen();
    let detected = console.read(|t| detections::open(t, DETECTIONS)).await?.0;
    let stands = standing(&seen, &detected);
    let chosen = match asked.device.as_str() {
        "" => None,
        id => Some(choose(&console, &visitor, id, &asked.level, &stands).await?),
    };
    let (own, out) = (asked.clone(), outstanding(&stands, chosen.as_ref()));
    let ground = console.read(move |t| look(t, &own, &out)).await?;
    let outstanding = stands.iter().map(|(id, stands)| (id.clone(), *stands)).take(STANDING_OUT);
    let outstanding = outstanding.collect();
    let text = visitor.text;
    let (summary, drawing) = (
        drawn::summary(text, &ground, &asked, &stands),
        if ground.devices > 0 {
            picture::draw(&drawn::map(text, &ground, &asked, &stands, chosen.as_ref()))
        } else {
            String::new()
        },
    );
    Ok(html(&Page { frame, asked, summary, chosen, outstanding, drawing }))
}

/// How each device stands that is not simply connected.
fn standing(seen: &Seen, detected: &[Detection]) -> BTreeMap<String, Stands> {
    let mut stands = BTreeMap::new();
    for Detection { device, at_ms, .. } in detected {
        // What was detected before an order was asked for, that order has answered.
        let is_answered = seen.orders.iter().any(|order| {
            let asked = order.asked.parse::<Timestamp>().unwrap_or_default();
            order.device == *device && asked.as_millisecond() >= *at_ms
        });
        if !is_answered && !device.is_empty() {
            stands.insert(device.clone(), Stands::Suspected);
        }
    }
    for order in seen.open() {
        let now = match &*order.state {
            "verified" => Stands::Held,
            "proposed" | "approved" => Stands::Asked,
            "partial" | "failed" | "expired" => Stands::Failing,
            _ => Stands::Acting,
        };
        stands.insert(order.device.clone(), now);
    }
    stands
}

/// The devices that are drawn in any case.
fn outstanding(stands: &BTreeMap<String, Stands>, chosen: Option<&Chosen>) -> Vec<String> {
    let mut ids: Vec<String> = chosen.iter().map(|chosen| chosen.id.clone()).collect();
    ids.extend(stands.keys().take(STANDING_OUT).cloned());
    ids
}

/// What is known of the device that is looked at, and what becomes of what it is connected for.
async fn choose(
    console: &Arc<Console>,
    visitor: &Visitor,
    id: &str,
    level: &str,
    stands: &BTreeMap<String, Stands>,
) -> Result<Chosen, Wrong> {
    let order = console.seen().of_device(id).filter(|order| is_open(order)).cloned();
    let held = order.as_ref().map(|order| order.level.to_string()).unwrap_or_default();
    let is_thought = words::LEVELS.contains(&level) && level != held;
    let level = if is_thought { level.to_owned() } else { held };
    let asked = if level.is_empty() { "contain" } else { &level };
    let Told { mut flows, plan, silence } = flows::of(console, visitor, id, asked).await?;
    if level.is_empty() {
        for flow in &mut flows {
            flow.fate = Fate::Seen;
        }
    }
    let (wanted, own) = (id.to_owned(), flows.clone());
    let (device, named) =
        console.read(move |t| Ok((devices::one(t, &wanted)?, flows::named(t, &own)?))).await?;
    if device.is_none() && plan.is_none() && order.is_none() {
        return Err(Wrong::Nowhere("device"));
    }
    let stands = stands.get(id).copied().unwrap_or_default();
    let (id, minutes) = (id.to_owned(), MINUTES);
    Ok(Chosen {
        id,
        device,
        order,
        stands,
        level,
        is_thought,
        plan,
        silence,
        flows,
        named,
        minutes,
    })
}

fn look(
    transaction: &mut Transaction<'_>,
    asked: &Asked,
    out: &[String],
) -> Result<Ground, StoreError> {
    let only = Some(asked.only.as_str()).filter(|only| !only.is_empty());
    let mut tiles = tiles::tiles(transaction, asked.by(), only, TILES + 1)?;
    let devices = i64::try_from(tiles.len()).unwrap_or(i64::MAX);
    let spoken = if asked.device.is_empty() {
        tiles::spoken(transaction, asked.by(), &flows::for_care(), FLOWS)?
    } else {
        Vec::new()
    };
    if tiles.len() <= TILES {
        tiles.sort_by_cached_key(|tile| words::in_order(drawn::name_of(tile, asked)));
        return Ok(Ground { tiles, strata: Vec::new(), more: 0, devices, spoken });
    }
    let mut strata = tiles::strata(transaction, asked.by(), STRATA)?;
    strata.retain(|stratum| only.is_none_or(|only| stratum.name == only));
    let devices = strata.iter().map(Stratum::devices).sum();
    let more = strata.len().saturating_sub(UNITS);
    if more > 0 {
        strata.sort_by_key(|stratum| {
            let [_, _, _, attend, act] = stratum.by_decision;
            std::cmp::Reverse((act, attend))
        });
        strata.truncate(UNITS);
    }
    strata.sort_by_cached_key(|stratum| words::in_order(&stratum.name));
    let mut tiles = Vec::new();
    for id in out {
        tiles.extend(devices::one(transaction, id)?.map(tile_of));
    }
    tiles.dedup_by(|one, other| one.id == other.id);
    Ok(Ground { tiles, strata, more, devices, spoken })
}

fn tile_of(device: Device) -> Tile {
    Tile {
        id: device.id,
        unit: device.unit,
        care_service: device.care_service,
        manufacturer: device.manufacturer,
        model: device.model,
        criticality: device.criticality,
        decision: device.decision,
        in_use: device.in_use,
    }
}

impl Chosen {
    /// How many flows there are of a fate.
    fn count(&self, fate: Fate) -> usize {
        self.flows.iter().filter(|flow| flow.fate == fate).count()
    }

    /// The device at an address, where the inventory knows it.
    fn at(&self, address: &str) -> Option<&Device> {
        self.named.get(address)
    }

    /// Whom it speaks with, and what becomes of that.
    fn rows(&self, text: impl words::Given<Text>) -> Vec<With> {
        flows::by_peer(text.given(), &self.flows)
    }

    /// Whether its order waits for an answer.
    fn waits(&self) -> bool {
        self.order.as_ref().is_some_and(|order| order.waits_for.is_some())
    }

    /// Whether what ends is cut already.
    fn is_cut(&self) -> bool {
        !self.is_thought && matches!(self.stands, Stands::Held | Stands::Acting)
    }

    /// What becomes of a flow, in a word.
    fn fate(&self, text: impl words::Given<Text>, fate: Fate) -> &'static str {
        let text = text.given();
        match fate {
            Fate::Seen => text.map_seen(),
            Fate::Stays => text.map_stays_open(),
            Fate::Ends if self.is_cut() => text.map_is_cut(),
            Fate::Ends => text.map_would_end(),
        }
    }
}

/// The levels of a containment, each a link to what it would do.
#[derive(Template)]
#[template(path = "console/levels.html")]
struct Levels<'p> {
    all: [(&'static str, String, &'static str); 3],
    chosen: &'p str,
    asked: &'p Asked,
}

impl Page {
    fn levels(&self, chosen: &Chosen) -> Value<'static> {
        let all = words::levels(self.frame.text);
        Value::made(&Levels { all, chosen: &chosen.level, asked: &self.asked })
    }

    /// How many others the device that is looked at speaks with.
    fn peers(&self) -> i64 {
        let flows = self.chosen.iter().flat_map(|chosen| &chosen.flows);
        let peers: BTreeSet<&str> = flows.map(|flow| flow.peer.as_str()).collect();
        i64::try_from(peers.len()).unwrap_or(i64::MAX)
    }

    /// Whether what ends is cut already.
    fn is_cut(&self) -> bool {
        self.chosen.as_ref().is_some_and(Chosen::is_cut)
    }

    /// What each sign means: the sign, and its words.
    fn signs(text: impl words::Given<Text>) -> Vec<(String, &'static str)> {
        let text = text.given();
        let name = |decision| match decision {
            0 => text.map_nothing_known(),
            decision => words::decision(text, i64::try_from(decision).unwrap_or_default()),
        };
        let decisions = [4_usize, 3, 2, 1, 0];
        let decisions =
            decisions.map(|decision| (picture::sample(decision, Stands::Free), name(decision)));
        let states =
            Stands::SIGNED.map(|state| (picture::sample(0, state), words::stands(text, state)));
        decisions.into_iter().chain(states).collect()
    }
}
