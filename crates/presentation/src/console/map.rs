//! *Map*: the hospital by unit, each device a tile, coloured by what is to be done and by whether
//! it is held.
//!
//! Refuses to draw so many tiles that nobody sees one: beyond that, units are counted.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Html;
use store::devices::{self, Counted, Group, Tile};

use super::access::Visitor;
use super::orders::is_open;
use super::page::{Frame, Wrong, html};
use super::{Console, words};

/// Most devices that are drawn one by one.
const TILES: usize = 4_000;
/// Most units that are counted.
const UNITS: usize = 500;

#[derive(Template)]
#[template(path = "console/map.html")]
struct Page {
    frame: Frame,
    wards: Vec<Ward>,
    /// Units in numbers, where there are too many devices to draw.
    counted: Vec<Counted>,
}

/// A unit.
struct Ward {
    name: String,
    tiles: Vec<(Tile, &'static str)>,
    to_act_on: usize,
    held: usize,
}

pub(super) async fn show(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Html<String>, Wrong> {
    let frame = console.frame("Map", "/map", &visitor).await?;
    let tiles = console.read(|t| devices::tiles(t, TILES + 1)).await?;
    if tiles.len() > TILES {
        let counted = console.read(|t| devices::groups(t, Group::Unit, UNITS)).await?;
        return Ok(html(&Page { frame, wards: Vec::new(), counted }));
    }
    let seen = console.seen();
    let state = |device: &str| {
        let order = seen.of_device(device).filter(|order| is_open(order));
        order.map_or("", |order| match &*order.state {
            "verified" => "held",
            "proposed" => "asked",
            "partial" | "failed" | "expired" => "failing",
            _ => "acting",
        })
    };
    let mut wards: BTreeMap<String, Vec<(Tile, &'static str)>> = BTreeMap::new();
    for tile in tiles {
        let held = state(&tile.id);
        wards.entry(tile.unit.clone()).or_default().push((tile, held));
    }
    let mut wards: Vec<Ward> =
        wards.into_iter().map(|(name, tiles)| Ward::new(name, tiles)).collect();
    wards.sort_by_key(|ward| (ward.held == 0, std::cmp::Reverse(ward.to_act_on)));
    Ok(html(&Page { frame, wards, counted: Vec::new() }))
}

impl Ward {
    fn new(name: String, tiles: Vec<(Tile, &'static str)>) -> Self {
        let to_act_on = tiles.iter().filter(|(tile, _)| tile.decision == 4).count();
        let held = tiles.iter().filter(|(_, held)| !held.is_empty()).count();
        Self { name, tiles, to_act_on, held }
    }
}

impl Page {
    /// What a tile says to whoever points at it, or can't see it.
    fn about(tile: &Tile, held: &str) -> String {
        let decision = words::decision(tile.decision);
        let held = match held {
            "held" => ", held and proved",
            "asked" => ", asked to be held",
            "failing" => ", not held as it was ordered",
            "acting" => ", being held",
            _ => "",
        };
        let model = words::joined(&[&tile.manufacturer, &tile.model], "unknown product");
        format!("{}: {model}, {decision}, {}{held}", tile.id, words::usage(tile.in_use))
    }
}
