//! From what is known to what is drawn: units as cards, flows as lines, their other ends as
//! systems.
//!
//! Refuses to judge: colours, signs and words come from what others have judged.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use domain::care::CareRole;
use store::tiles::{Spoken, Stratum, Tile};

use super::super::flows::{self, Flow};
use super::super::words;
use super::{Asked, Chosen, Ground};
use crate::picture::map::{
    Card, End, Fate, Group, Line, Map, SYSTEMS, State, System, Tile as Drawn,
};

/// Most letters of what a tile says.
const ABOUT: usize = 160;

type Stands = BTreeMap<String, State>;

/// What the map shows, in one sentence.
pub(super) fn summary(ground: &Ground, asked: &Asked, stands: &Stands) -> String {
    let cards = if ground.strata.is_empty() {
        ground.tiles.iter().map(|tile| name_of(tile, asked)).collect::<BTreeSet<_>>().len()
    } else {
        ground.strata.len() + ground.more
    };
    let kind =
        if asked.is_by_service() { ("care service", "care services") } else { ("unit", "units") };
    let cards = i64::try_from(cards).unwrap_or(i64::MAX);
    let mut text = format!(
        "{} in {}",
        words::many(ground.devices, "device", "devices"),
        words::many(cards, kind.0, kind.1)
    );
    for state in State::SIGNED {
        let count = stands.values().filter(|own| **own == state).count();
        if count > 0 {
            let _ = write!(text, " · {count} {}", state.text());
        }
    }
    text
}

/// All that is drawn.
pub(super) fn map(ground: &Ground, asked: &Asked, stands: &Stands, chosen: Option<&Chosen>) -> Map {
    let mut map = Map {
        title: title(chosen),
        cards: cards(ground, asked, stands),
        chosen: chosen.map(|chosen| chosen.id.clone()),
        ..Map::default()
    };
    match chosen {
        Some(chosen) => connect(&mut map, ground, chosen),
        None if !ground.spoken.is_empty() => serve(&mut map, ground, asked),
        None => {
            let idle =
                ["Choose a device", "to see whom it speaks with,", "and what holding it does."];
            map.idle = idle.map(str::to_owned).to_vec();
        }
    }
    map
}

fn title(chosen: Option<&Chosen>) -> String {
    match chosen {
        None => "The hospital by unit, each device a tile".to_owned(),
        Some(chosen) => format!(
            "The hospital by unit, and whom {} speaks with: {} stay open, {} end",
            chosen.id,
            chosen.count(Fate::Stays),
            chosen.count(Fate::Ends)
        ),
    }
}

fn name_of<'t>(tile: &'t Tile, asked: &Asked) -> &'t str {
    if asked.is_by_service() { &tile.care_service } else { &tile.unit }
}

fn cards(ground: &Ground, asked: &Asked, stands: &Stands) -> Vec<Card> {
    let mut tiles: BTreeMap<&str, Vec<&Tile>> = BTreeMap::new();
    for tile in &ground.tiles {
        tiles.entry(name_of(tile, asked)).or_default().push(tile);
    }
    // What is known comes first.
    let unknown = tiles.remove_entry("");
    if ground.strata.is_empty() {
        let whole = tiles.into_iter().chain(unknown);
        return whole.map(|(name, tiles)| whole_card(name, &tiles, asked, stands)).collect();
    }
    let in_numbers = |stratum: &Stratum| {
        let own = if stratum.name.is_empty() {
            unknown.as_ref().map(|(_, tiles)| tiles)
        } else {
            tiles.get(stratum.name.as_str())
        };
        let out = own.map(Vec::as_slice).unwrap_or_default();
        let [.., act] = stratum.by_decision;
        let mut count = words::thousands(stratum.devices());
        add(&mut count, act, "to act on");
        let groups = match out {
            [] => Vec::new(),
            out => vec![Group { label: String::new(), tiles: drawn(out, stands) }],
        };
        card(&stratum.name, count, asked, Some(stratum.by_decision), groups)
    };
    let (named, unnamed): (Vec<_>, Vec<_>) =
        ground.strata.iter().partition(|stratum| !stratum.name.is_empty());
    named.into_iter().chain(unnamed).map(in_numbers).collect()
}

fn whole_card(name: &str, tiles: &[&Tile], asked: &Asked, stands: &Stands) -> Card {
    let act = tiles.iter().filter(|tile| tile.decision == 4).count();
    let mut count = words::thousands(i64::try_from(tiles.len()).unwrap_or(i64::MAX));
    add(&mut count, i64::try_from(act).unwrap_or(i64::MAX), "to act on");
    let mut groups: BTreeMap<&str, Vec<&Tile>> = BTreeMap::new();
    for tile in tiles {
        let other = if asked.is_by_service() { &tile.unit } else { &tile.care_service };
        groups.entry(other).or_default().push(tile);
    }
    // Where a unit is for one care service, that goes without saying.
    let is_one = groups.len() == 1;
    let unknown = if asked.is_by_service() { "unit unknown" } else { "care service unknown" };
    let groups = groups.into_iter().map(|(label, tiles)| Group {
        label: match label {
            _ if is_one => String::new(),
            "" => unknown.to_owned(),
            label => label.to_owned(),
        },
        tiles: drawn(&tiles, stands),
    });
    card(name, count, asked, None, groups.collect())
}

fn add(text: &mut String, count: i64, what: &str) {
    if count > 0 {
        let _ = write!(text, " · {} {what}", words::thousands(count));
    }
}

fn card(
    name: &str,
    count: String,
    asked: &Asked,
    bar: Option<[i64; 5]>,
    groups: Vec<Group>,
) -> Card {
    let parameter = if asked.is_by_service() { "service" } else { "unit" };
    // What is drawn in numbers opens as tiles; else its devices are listed.
    let href = match (name, bar) {
        ("", _) => "/devices".to_owned(),
        (name, Some(_)) if asked.only.is_empty() => asked.with("only", name),
        _ => format!("/devices{}", words::query(&[(parameter, name)])),
    };
    let name = if name.is_empty() { unknown(asked) } else { name };
    Card { name: name.to_owned(), count, href, bar, groups }
}

fn drawn(tiles: &[&Tile], stands: &Stands) -> Vec<Drawn> {
    let one = |tile: &&Tile| {
        let state = stands.get(&tile.id).copied().unwrap_or_default();
        let id = tile.id.clone();
        Drawn { id, decision: tile.decision, state, about: about(tile, state) }
    };
    tiles.iter().map(one).collect()
}

/// What a tile says to whoever points at it, or can't see it.
fn about(tile: &Tile, state: State) -> String {
    let decision = match tile.decision {
        0 => "nothing known against it",
        decision => words::decision(decision),
    };
    let model = words::joined(&[&tile.manufacturer, &tile.model], "unknown product");
    let mut text = format!("{}: {model}, {decision}, {}", tile.id, words::usage(tile.in_use));
    if let Some((end, _)) = text.char_indices().nth(ABOUT) {
        text.truncate(end);
        text.push('…');
    }
    if state != State::Free {
        let _ = write!(text, ", {}", state.text());
    }
    text
}

/// Who is spoken to for care, and from which units.
fn serve(map: &mut Map, ground: &Ground, asked: &Asked) {
    let mut by_server: BTreeMap<&str, Vec<&Spoken>> = BTreeMap::new();
    for spoken in &ground.spoken {
        by_server.entry(&spoken.server).or_default().push(spoken);
    }
    let count = |spoken: &[&Spoken]| spoken.iter().map(|spoken| spoken.devices).sum::<i64>();
    let mut servers: Vec<(&str, Vec<&Spoken>)> = by_server.into_iter().collect();
    servers.sort_by_key(|(_, spoken)| std::cmp::Reverse(count(spoken)));
    servers.truncate(SYSTEMS);
    let urgent = |spoken: &[&Spoken]| spoken.iter().filter_map(|s| CareRole::read(&s.role)).min();
    servers.sort_by_key(|(_, spoken)| urgent(spoken));
    for (server, spoken) in servers {
        let roles: Vec<&str> = spoken.iter().map(|spoken| spoken.role.as_str()).collect();
        let device = spoken.iter().map(|spoken| spoken.device.as_str()).find(|id| !id.is_empty());
        let name = called(&roles, device);
        let mut places: BTreeMap<&str, i64> = BTreeMap::new();
        for one in &spoken {
            let devices = places.entry(&one.place).or_default();
            *devices = (*devices).max(one.devices);
        }
        let all = places.values().sum::<i64>();
        for (place, devices) in places {
            let unit = if place.is_empty() { unknown(asked) } else { place };
            let about =
                format!("{unit}: {} with {name}", words::many(devices, "device", "devices"));
            map.lines.push(Line {
                from: End::Unit(unit.to_owned()),
                to: End::System(server.to_owned()),
                fate: Fate::Seen,
                about,
            });
        }
        map.systems.push(System {
            key: server.to_owned(),
            about: format!("{server} · {}", words::many(all, "device", "devices")),
            name,
            is_clinical: true,
            fates: vec![Fate::Seen],
        });
    }
}

fn unknown(asked: &Asked) -> &'static str {
    if asked.is_by_service() { "Care service unknown" } else { "Unit unknown" }
}

/// Whoever is at the other end, and the ways to them.
fn connect(map: &mut Map, ground: &Ground, chosen: &Chosen) {
    let mut by_peer: BTreeMap<&str, Vec<&Flow>> = BTreeMap::new();
    for flow in &chosen.flows {
        by_peer.entry(&flow.peer).or_default().push(flow);
    }
    let drawn: BTreeSet<&str> = ground.tiles.iter().map(|tile| tile.id.as_str()).collect();
    for (peer, flows) in by_peer {
        let device = chosen.named.get(peer);
        let is_clinical = flows.iter().any(|flow| flow.is_for_care());
        let tile = device.filter(|device| drawn.contains(device.id.as_str()) && !is_clinical);
        let to = match tile {
            Some(device) => End::Device(device.id.clone()),
            None => End::System(peer.to_owned()),
        };
        let fates: BTreeSet<Fate> = flows.iter().map(|flow| flow.fate).collect();
        for fate in &fates {
            let own = flows.iter().filter(|flow| flow.fate == *fate);
            let said: Vec<String> = own.map(|flow| said(chosen, flow)).collect();
            map.lines.push(Line {
                from: End::Device(chosen.id.clone()),
                to: to.clone(),
                fate: *fate,
                about: format!("{} with {peer}: {}", chosen.id, said.join("; ")),
            });
        }
        if tile.is_none() {
            let roles: Vec<&str> = flows.iter().map(|flow| flow.role.as_str()).collect();
            map.systems.push(System {
                key: peer.to_owned(),
                name: called(&roles, device.map(|device| device.id.as_str())),
                about: format!("{peer} · {}", services(&flows)),
                is_clinical,
                fates: fates.into_iter().collect(),
            });
        }
    }
    // What stays is drawn last, over all else.
    map.lines.sort_by_key(|line| std::cmp::Reverse(line.fate == Fate::Ends));
    let urgent = |system: &System| {
        let own = chosen.flows.iter().filter(|flow| flow.peer == system.key);
        own.filter_map(|flow| CareRole::read(&flow.role)).min()
    };
    map.systems.sort_by_cached_key(|system| (!system.is_clinical, urgent(system)));
    if map.systems.is_empty() {
        map.idle = idle(map, chosen);
    }
}

/// What stands in the middle where there is nobody.
fn idle(map: &Map, chosen: &Chosen) -> Vec<String> {
    let lines: &[&str] = match (&chosen.silence, map.lines.is_empty()) {
        (Some(_), _) => &["What it is connected for", "is not known."],
        (None, true) => &["It was not seen to speak", "with anybody yet."],
        (None, false) => &[],
    };
    lines.iter().map(|line| (*line).to_owned()).collect()
}

fn said(chosen: &Chosen, flow: &Flow) -> String {
    let role = flows::role(&flow.role).to_lowercase();
    format!("{role}, {}, {}", flow.service, chosen.fate(flow.fate))
}

/// What a system is called: by the inventory, or by what it is spoken with for.
fn called(roles: &[&str], device: Option<&str>) -> String {
    let mut roles: Vec<(CareRole, &str)> =
        roles.iter().map(|role| (CareRole::read(role).unwrap_or(CareRole::Other), *role)).collect();
    roles.sort_unstable();
    roles.dedup();
    let roles: Vec<&str> = roles.into_iter().take(2).map(|(_, role)| flows::role(role)).collect();
    let roles = roles.join(", ");
    match device {
        Some(device) => format!("{device} · {roles}"),
        None => roles,
    }
}

fn services(flows: &[&Flow]) -> String {
    let services: BTreeSet<&str> = flows.iter().map(|flow| flow.service.as_str()).collect();
    let mut shown: Vec<&str> = services.iter().copied().take(2).collect();
    let more = format!("and {} more", services.len().saturating_sub(2));
    if services.len() > 2 {
        shown.push(&more);
    }
    shown.join(", ")
}
