//! Where everything of a map is: units in two columns in their order, systems between them.

use std::collections::HashMap;

use super::{Card, End, Map, SYSTEMS};

/// How wide the picture is.
pub(super) const WIDTH: f64 = 1050.0;
/// How wide and high a tile is.
pub(super) const TILE: f64 = 22.0;
/// How high a system is.
pub(super) const SYSTEM: f64 = 46.0;

/// From one tile to the next, and from one row of them to the next.
const STEP: f64 = 29.0;
const ROW: f64 = 30.0;
/// How wide a unit is, and the room within it at each side.
const UNIT: f64 = 376.0;
const INSIDE: f64 = 14.0;
/// The room above the first row of tiles, below the last, and for a label.
const HEAD: f64 = 38.0;
const FOOT: f64 = 6.0;
const LABEL: f64 = 16.0;
/// How high a bar is, with the room below it.
const BAR: f64 = 30.0;
/// Between two units, and two systems.
const GAP: f64 = 12.0;
/// How high a heading of the middle is.
const HEADING: f64 = 26.0;

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Place {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// The column of the systems.
pub(super) const MIDDLE: Place = Place { x: 412.0, y: 0.0, width: 226.0, height: 0.0 };

/// Where everything is.
#[derive(Debug, Default)]
pub(super) struct Layout<'m> {
    pub(super) height: f64,
    pub(super) cards: Vec<Place>,
    /// As many as are drawn.
    pub(super) systems: Vec<Place>,
    pub(super) headings: Vec<(&'static str, f64)>,
    /// Where what stands in the empty middle begins.
    pub(super) idle: f64,
    tiles: HashMap<&'m str, (f64, f64)>,
    labels: HashMap<(&'m str, usize), (f64, f64)>,
    units: HashMap<&'m str, Place>,
    keys: HashMap<&'m str, Place>,
}

impl<'m> Layout<'m> {
    pub(super) fn of(map: &'m Map) -> Self {
        let mut layout = Self::default();
        let heights: Vec<f64> = map.cards.iter().map(height).collect();
        let split = split(&heights);
        let (mut left, mut right) = (1.0, 1.0);
        for (number, (card, height)) in map.cards.iter().zip(heights).enumerate() {
            let is_left = number < split;
            let (x, y) = if is_left { (1.0, left) } else { (WIDTH - UNIT - 1.0, right) };
            let place = Place { x, y, width: UNIT, height };
            *(if is_left { &mut left } else { &mut right }) += height + GAP;
            layout.cards.push(place);
            layout.units.insert(&card.name, place);
            layout.tiles_of(card, place);
        }
        let around = left.max(right) - GAP + 1.0;
        layout.middle(map, around);
        layout.height = around.max(layout.bottom()).max(120.0);
        layout.idle = (around / 2.0 - 20.0).clamp(40.0, 320.0);
        layout
    }

    fn tiles_of(&mut self, card: &'m Card, place: Place) {
        let mut top = place.y + HEAD + card.bar.map_or(0.0, |_| BAR);
        for (number, group) in card.groups.iter().enumerate() {
            if !group.label.is_empty() {
                self.labels.insert((&card.name, number), (place.x + INSIDE, top + 6.0));
                top += LABEL;
            }
            for (number, tile) in group.tiles.iter().enumerate() {
                let (row, column) = ((number / PER_ROW) as f64, (number % PER_ROW) as f64);
                let x = column.mul_add(STEP, place.x + INSIDE + 2.0);
                self.tiles.insert(&tile.id, (x, row.mul_add(ROW, top)));
            }
            top += rows(group.tiles.len()) * ROW;
        }
    }

    /// Systems stand beside the device that was chosen, so that both are seen at once; clinical
    /// ones above all others.
    fn middle(&mut self, map: &'m Map, around: f64) {
        let shown = map.systems.iter().take(SYSTEMS);
        let shown: Vec<_> = shown.collect();
        let text = map.text;
        let kinds = [(text.map_clinical_systems(), true), (text.map_other_systems(), false)];
        let count = |is_clinical| shown.iter().filter(|s| s.is_clinical == is_clinical).count();
        let headings = kinds.iter().filter(|(_, kind)| count(*kind) > 0).count() as f64;
        let tall = headings.mul_add(HEADING + 8.0, shown.len() as f64 * (SYSTEM + GAP));
        let beside = map.chosen.as_deref().and_then(|id| self.tile(id));
        let middle = beside.map_or(around / 2.0, |(_, y)| y + TILE / 2.0);
        let mut y = (middle - tall / 2.0).min(around - tall).max(1.0);
        for (heading, kind) in kinds {
            if count(kind) == 0 {
                continue;
            }
            self.headings.push((heading, y + 15.0));
            y += HEADING;
            for system in shown.iter().filter(|system| system.is_clinical == kind) {
                let place = Place { y, height: SYSTEM, ..MIDDLE };
                self.systems.push(place);
                self.keys.insert(&system.key, place);
                y += SYSTEM + GAP;
            }
            y += 8.0;
        }
    }

    fn bottom(&self) -> f64 {
        self.systems.last().map_or(0.0, |place| place.y + SYSTEM + 28.0)
    }

    /// The upper left corner of a device's tile.
    pub(super) fn tile(&self, id: &str) -> Option<(f64, f64)> {
        self.tiles.get(id).copied()
    }

    /// Where a system is, where it is drawn.
    pub(super) fn system(&self, key: &str) -> Option<Place> {
        self.keys.get(key).copied()
    }

    /// Where the label of a group begins.
    pub(super) fn label(&self, unit: &str, group: usize) -> Option<(f64, f64)> {
        self.labels.get(&(unit, group)).copied()
    }
}

/// From where to where a line goes; nowhere where one of its ends is not drawn.
pub(super) fn span(layout: &Layout<'_>, from: &End, to: &End) -> Option<((f64, f64), (f64, f64))> {
    let towards = middle_of(layout, to)?;
    let from = edge(layout, from, towards.0)?;
    Some((from, edge(layout, to, from.0)?))
}

fn middle_of(layout: &Layout<'_>, end: &End) -> Option<(f64, f64)> {
    match end {
        End::Device(id) => layout.tile(id).map(|(x, y)| (x + TILE / 2.0, y + TILE / 2.0)),
        End::Unit(name) => layout.units.get(name.as_str()).map(Place::middle),
        End::System(key) => layout.keys.get(key.as_str()).map(Place::middle),
    }
}

/// The point of an end at which a line comes in that comes from so far to the left or right.
fn edge(layout: &Layout<'_>, end: &End, from: f64) -> Option<(f64, f64)> {
    let side = |place: &Place| {
        let (x, y) = place.middle();
        let half = place.width / 2.0;
        (if from < x { x - half } else { x + half }, y)
    };
    match end {
        End::Device(_) => {
            let (x, y) = middle_of(layout, end)?;
            let half = TILE / 2.0 + 2.0;
            Some((if from < x { x - half } else { x + half }, y))
        }
        End::Unit(name) => layout.units.get(name.as_str()).map(side),
        End::System(key) => layout.keys.get(key.as_str()).map(side),
    }
}

impl Place {
    fn middle(&self) -> (f64, f64) {
        (self.x + self.width / 2.0, self.y + self.height / 2.0)
    }
}

/// How many units stand in the first column, so that neither is much higher than the other.
fn split(heights: &[f64]) -> usize {
    let all: f64 = heights.iter().map(|height| height + GAP).sum();
    let (mut best, mut least, mut left) = (0, all, 0.0);
    for (number, height) in (1..).zip(heights) {
        left += height + GAP;
        let higher = left.max(all - left);
        if higher < least {
            (best, least) = (number, higher);
        }
    }
    best
}

fn height(card: &Card) -> f64 {
    let labels = card.groups.iter().filter(|group| !group.label.is_empty()).count() as f64;
    let rows: f64 = card.groups.iter().map(|group| rows(group.tiles.len())).sum();
    let bar = card.bar.map_or(0.0, |_| BAR);
    labels.mul_add(LABEL, rows.mul_add(ROW, HEAD + FOOT + bar))
}

fn rows(tiles: usize) -> f64 {
    tiles.div_ceil(PER_ROW) as f64
}

/// How many tiles stand in a row of a unit: as many as have room within it.
const PER_ROW: usize = 12;
