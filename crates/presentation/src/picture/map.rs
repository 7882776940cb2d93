//! The hospital as a picture: units on both sides, each device a tile, clinical systems in the
//! middle, and between them what a device is connected for.
//!
//! Refuses to say anything by colour alone: each decision and each state has a sign of its own, and
//! each tile and line its words. Refuses to place anything by what it is at the moment: a tile
//! stays where it is while its state changes.

mod layout;

use std::fmt::Write as _;

use self::layout::{Layout, MIDDLE, Place, SYSTEM, TILE, WIDTH, span};
use super::{cut, escape};
use crate::text::Text;

/// Most systems that are drawn; the rest stands in the lists beside.
pub const SYSTEMS: usize = 14;
/// Most lines that are drawn.
pub const LINES: usize = 80;

/// How a device stands with regard to containment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum State {
    /// Connected, and nobody asks.
    #[default]
    Free,
    /// Something was detected of it, and no order has come of it.
    Suspected,
    /// Asked to be held.
    Asked,
    /// Being held.
    Acting,
    /// Held, and proved.
    Held,
    /// Not held as it was ordered.
    Failing,
}

impl State {
    /// Every state that has a sign.
    pub const SIGNED: [Self; 5] =
        [Self::Suspected, Self::Asked, Self::Acting, Self::Held, Self::Failing];

    /// The class by which it is drawn.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Suspected => "suspected",
            Self::Asked => "asked",
            Self::Acting => "acting",
            Self::Held => "held",
            Self::Failing => "failing",
        }
    }

    /// Its sign, in a box of 14.
    fn sign(self) -> &'static str {
        match self {
            Self::Free => "",
            Self::Suspected => {
                "<path d=\"M5 5.2A2 2 0 1 1 7.4 7.2L7 8.4\"/><path d=\"M7 10.4V10.6\"/>"
            }
            Self::Asked => "<path d=\"M3.6 7H3.8M6.9 7H7.1M10.2 7H10.4\"/>",
            Self::Acting => "<path d=\"M7 3.4V7H10\"/>",
            Self::Held => "<path d=\"M3.8 7.2L6.2 9.6L10.4 4.8\"/>",
            Self::Failing => "<path d=\"M4.5 4.5L9.5 9.5M9.5 4.5L4.5 9.5\"/>",
        }
    }
}

/// What becomes of what a device is connected for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It is there, and nothing is thought of.
    Seen,
    /// It stays open.
    Stays,
    /// It ends, or would.
    Ends,
}

impl Fate {
    fn class(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::Stays => "stays",
            Self::Ends => "ends",
        }
    }
}

/// A device.
#[derive(Debug, Clone, Default)]
pub struct Tile {
    /// Its id.
    pub id: String,
    /// What to do, from 0 to 4.
    pub decision: i64,
    /// How it stands.
    pub state: State,
    /// What it says to whoever points at it, or can't see it.
    pub about: String,
}

/// Devices that stand together within a unit.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// What they have in common; empty where that goes without saying.
    pub label: String,
    /// They.
    pub tiles: Vec<Tile>,
}

/// A unit.
#[derive(Debug, Clone)]
pub struct Card {
    /// Its name.
    pub name: String,
    /// What stands beside it.
    pub count: String,
    /// Where it leads.
    pub href: String,
    /// How many devices there are of each decision, from 0 to 4, where they are too many to draw.
    pub bar: Option<[i64; 5]>,
    /// The devices that are drawn: all, or those that stand out.
    pub groups: Vec<Group>,
}

/// Whoever devices speak with.
#[derive(Debug, Clone)]
pub struct System {
    /// Its address, or whatever else tells it from the others.
    pub key: String,
    /// What it is called.
    pub name: String,
    /// What is said beside it.
    pub about: String,
    /// Whether care needs it.
    pub is_clinical: bool,
    /// What becomes of the ways to it.
    pub fates: Vec<Fate>,
}

/// Where a line begins or ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// At a device; where its tile is not drawn, nowhere.
    Device(String),
    /// At a unit.
    Unit(String),
    /// At a system, by its key.
    System(String),
}

/// A way between two.
#[derive(Debug, Clone)]
pub struct Line {
    /// From whom.
    pub from: End,
    /// To whom.
    pub to: End,
    /// What becomes of it.
    pub fate: Fate,
    /// What it says to whoever points at it, or can't see it.
    pub about: String,
}

/// All of it.
#[derive(Debug, Clone, Default)]
pub struct Map {
    /// The language of what it says of itself.
    pub(crate) text: Text,
    /// What the picture is of, in one sentence.
    pub title: String,
    /// The units, in their order.
    pub cards: Vec<Card>,
    /// Whoever devices speak with, the most urgent for care first.
    pub systems: Vec<System>,
    /// The ways between them.
    pub lines: Vec<Line>,
    /// The device that was chosen.
    pub chosen: Option<String>,
    /// What stands in the middle where there is no system, line by line.
    pub idle: Vec<String>,
}

/// Draws it.
#[must_use]
pub fn draw(map: &Map) -> String {
    let layout = Layout::of(map);
    let mut svg = String::with_capacity(64 << 10);
    let chosen = if map.chosen.is_some() { " has-chosen" } else { "" };
    let _ = write!(
        svg,
        "<svg class=\"map{chosen}\" viewBox=\"0 0 {WIDTH} {:.0}\" role=\"group\" aria-label=\"{}\">",
        layout.height,
        escape(&map.title)
    );
    signs(&mut svg);
    for (card, place) in map.cards.iter().zip(&layout.cards) {
        frame(&mut svg, card, *place);
    }
    for line in map.lines.iter().take(LINES) {
        way(&mut svg, line, &layout);
    }
    middle(&mut svg, map, &layout);
    for (card, place) in map.cards.iter().zip(&layout.cards) {
        devices(&mut svg, map, card, *place, &layout);
    }
    for system in &map.systems {
        if let Some(place) = layout.system(&system.key) {
            system_box(&mut svg, system, place);
        }
    }
    if let Some(id) = &map.chosen {
        name_tag(&mut svg, id, &layout);
    }
    svg.push_str("</svg>");
    svg
}

/// The sign of a decision within a tile of 22, as paths: a triangle, a diamond, a star, a dot.
const DECISIONS: [(&str, &str); 5] = [
    ("none", ""),
    ("track", "<circle cx=\"11\" cy=\"11\" r=\"2.4\"/>"),
    (
        "track-closely",
        "<path d=\"M11 4.6L12.6 9.2L17.4 9.3L13.6 12.2L15 16.8L11 14.1L7 16.8L8.4 12.2L4.6 9.3L9.4 9.2Z\"/>",
    ),
    ("attend", "<path d=\"M11 4.4L17.6 11L11 17.6L4.4 11Z\"/>"),
    ("act", "<path d=\"M11 4.6L18 16.6H4Z\"/>"),
];

/// What tiles and signs are made of, once.
fn signs(svg: &mut String) {
    svg.push_str("<defs>");
    for (place, (class, sign)) in DECISIONS.iter().enumerate() {
        let _ = write!(
            svg,
            "<g id=\"d{place}\"><rect class=\"face {class}\" width=\"{TILE}\" height=\"{TILE}\" \
             rx=\"5\"/><g class=\"sign {class}\">{sign}</g></g>"
        );
    }
    for state in State::SIGNED {
        let class = state.class();
        let _ = write!(
            svg,
            "<g id=\"s-{class}\" class=\"state-{class}\"><rect class=\"ring\" x=\"-3\" y=\"-3\" \
             width=\"28\" height=\"28\" rx=\"7.500\"/><g transform=\"translate(14 -8)\"><circle class=\"badge\" \
             cx=\"7\" cy=\"7\" r=\"7.500\"/><g class=\"glyph\">{}</g></g></g>",
            state.sign()
        );
    }
    svg.push_str("</defs>");
}

/// A tile that stands in a legend: a decision's, or a state's over one of which nothing is known.
#[must_use]
pub fn sample(decision: usize, state: State) -> String {
    let over = match state {
        State::Free => String::new(),
        state => format!("<use href=\"#s-{}\"/>", state.class()),
    };
    format!(
        "<svg class=\"map sample\" viewBox=\"-5 -10 36 36\" width=\"30\" height=\"30\" \
         aria-hidden=\"true\"><use href=\"#d{}\"/>{over}</svg>",
        decision.min(4)
    )
}

/// How much wider a letter of a unit's name is than one of 12 px.
const TITLE: f64 = 1.35;

fn frame(svg: &mut String, card: &Card, place: Place) {
    let Place { x, y, width, height } = place;
    let count_width = 7.0 * card.count.chars().count() as f64;
    let _ = write!(
        svg,
        "<rect class=\"unit\" x=\"{x:.0}\" y=\"{y:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" \
         rx=\"10\"/><a href=\"{}\"><text class=\"unit-name\" x=\"{:.0}\" y=\"{:.0}\">{}\
         <title>{}</title></text></a><text class=\"tick\" x=\"{:.0}\" y=\"{:.0}\" \
         text-anchor=\"end\">{}</text>",
        escape(&card.href),
        x + 14.0,
        y + 24.0,
        escape(&cut(&card.name, (width - count_width - 44.0) / TITLE)),
        escape(&card.name),
        x + width - 14.0,
        y + 24.0,
        escape(&card.count)
    );
}

fn devices(svg: &mut String, map: &Map, card: &Card, place: Place, layout: &Layout<'_>) {
    if let Some(counts) = card.bar {
        bar(svg, map.text, &card.name, counts, place);
    }
    let label = format!("{}: {}", card.name, card.count);
    let _ = write!(svg, "<g role=\"group\" aria-label=\"{}\">", escape(&label));
    for (number, group) in card.groups.iter().enumerate() {
        if let Some((x, y)) = layout.label(&card.name, number) {
            let _ = write!(
                svg,
                "<text class=\"tick\" x=\"{x:.0}\" y=\"{y:.0}\">{}</text>",
                escape(&cut(&group.label, place.width - 28.0))
            );
        }
        for tile in &group.tiles {
            tile_at(svg, map, tile, layout);
        }
    }
    svg.push_str("</g>");
}

fn tile_at(svg: &mut String, map: &Map, tile: &Tile, layout: &Layout<'_>) {
    let Some((x, y)) = layout.tile(&tile.id) else { return };
    let is_chosen = map.chosen.as_ref() == Some(&tile.id);
    let is_met = || {
        let end = End::Device(tile.id.clone());
        map.lines.iter().take(LINES).any(|line| line.from == end || line.to == end)
    };
    let is_on = is_chosen || tile.state != State::Free || (map.chosen.is_some() && is_met());
    let class = if is_on { "t on" } else { "t" };
    let current = if is_chosen { " aria-current=\"true\"" } else { "" };
    let _ = write!(
        svg,
        "<a class=\"{class}\" href=\"/map?device={}\"{current}><title>{}</title>\
         <use href=\"#d{}\" x=\"{x:.0}\" y=\"{y:.0}\"/>",
        crate::console::words::address(&tile.id),
        escape(&tile.about),
        tile.decision.clamp(0, 4),
    );
    if is_chosen && tile.state == State::Free {
        let (x, y) = (x - 4.0, y - 4.0);
        let _ = write!(
            svg,
            "<rect class=\"chosen\" x=\"{x:.0}\" y=\"{y:.0}\" width=\"30\" height=\"30\" rx=\"8\"/>"
        );
    }
    if tile.state != State::Free {
        let _ = write!(svg, "<use href=\"#s-{}\" x=\"{x:.0}\" y=\"{y:.0}\"/>", tile.state.class());
    }
    svg.push_str("</a>");
}

/// How many devices of a unit there are of each decision, the gravest first.
fn bar(svg: &mut String, text: Text, name: &str, counts: [i64; 5], place: Place) {
    let all = counts.iter().sum::<i64>().max(1) as f64;
    let (room, y) = (place.width - 28.0, place.y + 36.0);
    let mut x = place.x + 14.0;
    for ((class, _), count) in DECISIONS.iter().zip(counts).rev().filter(|(_, count)| *count > 0) {
        let width = count as f64 / all * room;
        let what = crate::console::words::decision(text, decision_of(class));
        let about = text.map_share(count, what, name).plain();
        let _ = write!(
            svg,
            "<rect class=\"face {class}\" x=\"{x:.1}\" y=\"{y:.0}\" width=\"{width:.1}\" \
             height=\"16\"><title>{}</title></rect>",
            escape(&about)
        );
        let number = count.to_string();
        if width > 8.0 * number.len() as f64 + 6.0 {
            let _ = write!(
                svg,
                "<text class=\"in {class}\" x=\"{:.1}\" y=\"{:.0}\" text-anchor=\"middle\">{number}</text>",
                x + width / 2.0,
                y + 12.5
            );
        }
        x += width;
    }
}

fn decision_of(class: &str) -> i64 {
    let found = DECISIONS.iter().position(|(own, _)| *own == class).unwrap_or_default();
    i64::try_from(found).unwrap_or_default()
}

fn middle(svg: &mut String, map: &Map, layout: &Layout<'_>) {
    let x = MIDDLE.x + MIDDLE.width / 2.0;
    for (heading, y) in &layout.headings {
        let _ = write!(
            svg,
            "<text class=\"tick heading\" x=\"{x:.0}\" y=\"{y:.0}\" text-anchor=\"middle\">{}</text>",
            escape(heading)
        );
    }
    if map.systems.is_empty() {
        let top = layout.idle;
        for (number, line) in map.idle.iter().enumerate() {
            let y = (number as f64).mul_add(19.0, top);
            let _ = write!(
                svg,
                "<text class=\"tick idle\" x=\"{x:.0}\" y=\"{y:.0}\" text-anchor=\"middle\">{}</text>",
                escape(line)
            );
        }
    }
    let left = map.systems.len().saturating_sub(layout.systems.len());
    if left > 0 {
        let y = layout.systems.last().map_or(0.0, |place| place.y + SYSTEM + 18.0);
        let _ = write!(
            svg,
            "<text class=\"tick\" x=\"{x:.0}\" y=\"{y:.0}\" text-anchor=\"middle\">{}</text>",
            escape(&map.text.map_and_more_below(left).plain())
        );
    }
}

fn system_box(svg: &mut String, system: &System, place: Place) {
    let Place { x, y, width, height } = place;
    let worst = system.fates.iter().max().copied().unwrap_or(Fate::Seen);
    let class = match (system.fates.contains(&Fate::Stays), worst) {
        (true, Fate::Ends) => "both",
        (_, fate) => fate.class(),
    };
    let kind = if system.is_clinical { "clinical" } else { "other" };
    let marks = system.fates.iter().filter(|fate| **fate != Fate::Seen).count();
    let _ = write!(
        svg,
        "<g class=\"system {kind} {class}\"><title>{}</title><rect x=\"{x:.0}\" y=\"{y:.0}\" \
         width=\"{width:.0}\" height=\"{height:.0}\" rx=\"9\"/><text class=\"system-name\" \
         x=\"{:.0}\" y=\"{:.0}\">{}</text><text class=\"tick\" x=\"{:.0}\" y=\"{:.0}\">{}</text>",
        escape(&format!("{}, {}", system.name, system.about)),
        x + 14.0,
        y + 19.0,
        // The name is wider than the text that widths are known of, and the signs need room.
        escape(&cut(&system.name, 17.0f64.mul_add(-(marks as f64), width - 30.0) * 0.88)),
        x + 14.0,
        y + 35.0,
        escape(&cut(&system.about, width - 30.0))
    );
    let mut right = x + width - 14.0;
    for fate in system.fates.iter().rev() {
        let sign = match fate {
            Fate::Seen => continue,
            Fate::Stays => "✓",
            Fate::Ends => "✕",
        };
        let _ = write!(
            svg,
            "<text class=\"{}-mark\" x=\"{right:.0}\" y=\"{:.0}\" text-anchor=\"end\">{sign}</text>",
            fate.class(),
            y + 20.0
        );
        right -= 17.0;
    }
    svg.push_str("</g>");
}

fn way(svg: &mut String, line: &Line, layout: &Layout<'_>) {
    let Some((from, to)) = span(layout, &line.from, &line.to) else { return };
    let ((left, top), (right, bottom)) = (from, to);
    // What stays and what ends with one system lie side by side.
    let beside = match (&line.to, line.fate) {
        (End::System(_), Fate::Stays) => -6.0,
        (End::System(_), Fate::Ends) => 6.0,
        _ => 0.0,
    };
    let bottom = bottom + beside;
    let bend = if matches!(line.to, End::System(_)) {
        f64::midpoint(left, right)
    } else {
        // Between two tiles it goes by the middle, so that it is seen beside others.
        MIDDLE.x + MIDDLE.width / 2.0
    };
    let class = line.fate.class();
    let path = format!(
        "M{left:.0} {top:.0}C{bend:.0} {top:.0} {bend:.0} {bottom:.0} {right:.0} {bottom:.0}"
    );
    let _ = write!(
        svg,
        "<g class=\"way {class}\"><title>{}</title><path class=\"halo\" d=\"{path}\"/><path d=\"{path}\"/>",
        escape(&line.about)
    );
    match line.fate {
        Fate::Ends => {
            // Where no system stands before it.
            let part = if matches!(line.to, End::System(_)) { 0.66 } else { 0.85 };
            let (x, y) = at([left, bend, bend, right], [top, top, bottom, bottom], part);
            let _ = write!(
                svg,
                "<circle class=\"stop\" cx=\"{x:.0}\" cy=\"{y:.0}\" r=\"7.500\"/><path class=\"cross\" \
                 d=\"M{:.1} {:.1}l6 6m0 -6l-6 6\"/>",
                x - 3.0,
                y - 3.0
            );
        }
        Fate::Stays | Fate::Seen => {
            let _ =
                write!(svg, "<circle class=\"dot\" cx=\"{right:.0}\" cy=\"{bottom:.0}\" r=\"4\"/>");
        }
    }
    svg.push_str("</g>");
}

/// A point of a Bézier curve of the third order.
fn at(x: [f64; 4], y: [f64; 4], t: f64) -> (f64, f64) {
    let own = 1.0 - t;
    let weights = [own * own * own, 3.0 * own * own * t, 3.0 * own * t * t, t * t * t];
    let sum = |values: [f64; 4]| values.iter().zip(weights).map(|(v, w)| v * w).sum();
    (sum(x), sum(y))
}

/// What the chosen device is called, above it.
fn name_tag(svg: &mut String, id: &str, layout: &Layout<'_>) {
    let Some((x, y)) = layout.tile(id) else { return };
    let text = cut(id, 190.0);
    let width = 8.4f64.mul_add(text.chars().count() as f64, 18.0);
    let left = (x + TILE / 2.0 - width / 2.0).clamp(2.0, WIDTH - width - 2.0);
    let top = if y < 44.0 { y + 32.0 } else { y - 36.0 };
    let _ = write!(
        svg,
        "<g class=\"tag\" aria-hidden=\"true\"><rect x=\"{left:.0}\" y=\"{top:.0}\" \
         width=\"{width:.0}\" height=\"23\" rx=\"6\"/><text x=\"{:.0}\" y=\"{:.0}\" \
         text-anchor=\"middle\">{}</text></g>",
        left + width / 2.0,
        top + 16.0,
        escape(&text)
    );
}

#[cfg(test)]
mod tests;
