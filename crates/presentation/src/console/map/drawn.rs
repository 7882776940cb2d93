//! From what is known to what is drawn: units as cards, flows as lines, their other ends as
//! systems.
//!
//! Refuses to judge: colours, signs and words come from what others have judged.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use domain::care::CareRole;
use store::tiles::{Spoken, Stratum, Tile};

use super::super::flows::Flow;
use super::super::words;
use super::{Asked, Chosen, Ground};
use crate::picture::map::{
    Card, End, Fate, Group, Line, Map, SYSTEMS, State, System, Tile as Drawn,
};
use crate::text::Text;

/// Most letters of what a tile says.
const ABOUT: usize = 160;

type Stands = BTreeMap<String, State>;

/// What the map shows, in one sentence.
pub(super) fn summary(text: Text, ground: &Ground, asked: &Asked, stands: &Stands) -> String {
    let cards = if ground.strata.is_empty() {
        ground.tiles.iter().map(|tile| name_of(tile, asked)).collect::<BTreeSet<_>>().len()
    } else {
        ground.strata.len() + ground.more
    };
    let places =
        if asked.is_by_service() { text.map_care_services(cards) } else { text.map_units(cards) };
    let mut said = text.map_devices_in_units(text.count_devices(ground.devices), places).plain();
    for state in State::SIGNED {
        let count = stands.values().filter(|own| **own == state).count();
        if count > 0 {
            let _ =
                write!(said, " · {}", text.map_how_many(count, words::stands(text, state)).plain());
        }
    }
    said
}

/// All that is drawn.
pub(super) fn map(
    text: Text,
    ground: &Ground,
    asked: &Asked,
    stands: &Stands,
    chosen: Option<&Chosen>,
) -> Map {
    let mut map = Map {
        text,
        title: title(text, chosen),
        cards: cards(text, ground, asked, stands),
        chosen: chosen.map(|chosen| chosen.id.clone()),
        ..Map::default()
    };
    match chosen {
        Some(chosen) => connect(&mut map, ground, chosen),
        None if !ground.spoken.is_empty() => serve(&mut map, ground, asked),
        None => {
            let idle = [
                text.map_choose_first_line(),
                text.map_choose_second_line(),
                text.map_choose_third_line(),
            ];
            map.idle = idle.map(str::to_owned).to_vec();
        }
    }
    map
}

fn title(text: Text, chosen: Option<&Chosen>) -> String {
    let Some(chosen) = chosen else { return text.map_picture_of_all().to_owned() };
    let (stays, ends) = (chosen.count(Fate::Stays), chosen.count(Fate::Ends));
    text.map_picture_of_one(&chosen.id, ends, stays).plain()
}

/// Where a tile stands.
pub(super) fn name_of<'t>(tile: &'t Tile, asked: &Asked) -> &'t str {
    if asked.is_by_service() { &tile.care_service } else { &tile.unit }
}

fn cards(text: Text, ground: &Ground, asked: &Asked, stands: &Stands) -> Vec<Card> {
    let mut tiles: BTreeMap<&str, Vec<&Tile>> = BTreeMap::new();
    for tile in &ground.tiles {
        tiles.entry(name_of(tile, asked)).or_default().push(tile);
    }
    // What is known comes first.
    let unknown = tiles.remove_entry("");
    if ground.strata.is_empty() {
        let whole = tiles.into_iter().chain(unknown);
        return whole
            .map(|(name, tiles)| whole_card(text, name, &tiles, (asked, stands)))
            .collect();
    }
    let in_numbers = |stratum: &Stratum| {
        let own = if stratum.name.is_empty() {
            unknown.as_ref().map(|(_, tiles)| tiles)
        } else {
            tiles.get(stratum.name.as_str())
        };
        let out = own.map(Vec::as_slice).unwrap_or_default();
        let [.., act] = stratum.by_decision;
        let count = counted(text, stratum.devices(), act);
        let groups = match out {
            [] => Vec::new(),
            out => vec![Group { label: String::new(), tiles: drawn(text, out, stands) }],
        };
        card(text, &stratum.name, count, asked, (Some(stratum.by_decision), groups))
    };
    let (named, unnamed): (Vec<_>, Vec<_>) =
        ground.strata.iter().partition(|stratum| !stratum.name.is_empty());
    named.into_iter().chain(unnamed).map(in_numbers).collect()
}

fn whole_card(text: Text, name: &str, tiles: &[&Tile], (asked, stands): (&Asked, &Stands)) -> Card {
    let act = tiles.iter().filter(|tile| tile.decision == 4).count();
    let whole = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let count = counted(text, whole(tiles.len()), whole(act));
    let mut groups: BTreeMap<&str, Vec<&Tile>> = BTreeMap::new();
    for tile in tiles {
        let other = if asked.is_by_service() { &tile.unit } else { &tile.care_service };
        groups.entry(other).or_default().push(tile);
    }
    // Where a unit is for one care service, that goes without saying.
    let is_one = groups.len() == 1;
    let unknown = if asked.is_by_service() {
        text.map_group_unit_unknown()
    } else {
        text.map_group_care_service_unknown()
    };
    let groups = groups.into_iter().map(|(label, tiles)| Group {
        label: match label {
            _ if is_one => String::new(),
            "" => unknown.to_owned(),
            label => label.to_owned(),
        },
        tiles: drawn(text, &tiles, stands),
    });
    card(text, name, count, asked, (None, groups.collect()))
}

/// How many devices, and how many of them have to be acted on.
fn counted(text: Text, devices: i64, act: i64) -> String {
    let mut count = text.number(devices);
    if act > 0 {
        let _ = write!(count, " · {}", text.map_to_act_on(act).plain());
    }
    count
}

fn card(
    text: Text,
    name: &str,
    count: String,
    asked: &Asked,
    (bar, groups): (Option<[i64; 5]>, Vec<Group>),
) -> Card {
    let parameter = if asked.is_by_service() { "service" } else { "unit" };
    // What is drawn in numbers opens as tiles; else its devices are listed.
    let href = match (name, bar) {
        ("", _) => "/devices".to_owned(),
        (name, Some(_)) if asked.only.is_empty() => asked.with("only", name),
        _ => format!("/devices{}", words::query(&[(parameter, name)])),
    };
    let name = if name.is_empty() { unknown(text, asked) } else { name };
    Card { name: name.to_owned(), count, href, bar, groups }
}

fn drawn(text: Text, tiles: &[&Tile], stands: &Stands) -> Vec<Drawn> {
    let one = |tile: &&Tile| {
        let state = stands.get(&tile.id).copied().unwrap_or_default();
        let id = tile.id.clone();
        Drawn { id, decision: tile.decision, state, about: about(text, tile, state) }
    };
    tiles.iter().map(one).collect()
}

/// What a tile says to whoever points at it, or can't see it.
fn about(text: Text, tile: &Tile, state: State) -> String {
    let decision = match tile.decision {
        0 => text.map_nothing_known_against_it(),
        decision => words::decision(text, decision),
    };
    let model = words::joined(&[&tile.manufacturer, &tile.model], text.words_unknown_product());
    let used = words::usage(text, tile.in_use);
    let mut said = text.map_tile(decision, &tile.id, model, used).plain();
    if let Some((end, _)) = said.char_indices().nth(ABOUT) {
        said.truncate(end);
        said.push('…');
    }
    if state == State::Free {
        return said;
    }
    text.map_tile_with_state(words::stands(text, state), said).plain()
}

/// Who is spoken to for care, and from which units.
fn serve(map: &mut Map, ground: &Ground, asked: &Asked) {
    let text = map.text;
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
        let name = called(map.text, &roles, device);
        let mut places: BTreeMap<&str, i64> = BTreeMap::new();
        for one in &spoken {
            let devices = places.entry(&one.place).or_default();
            *devices = (*devices).max(one.devices);
        }
        let all = places.values().sum::<i64>();
        for (place, devices) in places {
            let unit = if place.is_empty() { unknown(text, asked) } else { place };
            let devices = text.count_devices(devices);
            let about = text.map_unit_with(devices, &name, unit).plain();
            map.lines.push(Line {
                from: End::Unit(unit.to_owned()),
                to: End::System(server.to_owned()),
                fate: Fate::Seen,
                about,
            });
        }
        map.systems.push(System {
            key: server.to_owned(),
            about: format!("{server} · {}", text.count_devices(all).plain()),
            name,
            is_clinical: true,
            fates: vec![Fate::Seen],
        });
    }
}

fn unknown(text: Text, asked: &Asked) -> &'static str {
    if asked.is_by_service() { text.map_care_service_unknown() } else { text.map_unit_unknown() }
}

/// Whoever is at the other end, and the ways to them.
fn connect(map: &mut Map, ground: &Ground, chosen: &Chosen) {
    let text = map.text;
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
            let said: Vec<String> = own.map(|flow| said(text, chosen, flow)).collect();
            map.lines.push(Line {
                from: End::Device(chosen.id.clone()),
                to: to.clone(),
                fate: *fate,
                about: text.map_device_with(&chosen.id, peer, said.join("; ")).plain(),
            });
        }
        if tile.is_none() {
            let roles: Vec<&str> = flows.iter().map(|flow| flow.role.as_str()).collect();
            map.systems.push(System {
                key: peer.to_owned(),
                name: called(text, &roles, device.map(|device| device.id.as_str())),
                about: format!("{peer} · {}", services(text, &flows)),
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
    let text = map.text;
    let lines: &[&str] = match (&chosen.silence, map.lines.is_empty()) {
        (Some(_), _) => &[text.map_not_known_first_line(), text.map_not_known_second_line()],
        (None, true) => &[text.map_not_seen_first_line(), text.map_not_seen_second_line()],
        (None, false) => &[],
    };
    lines.iter().map(|line| (*line).to_owned()).collect()
}

fn said(text: Text, chosen: &Chosen, flow: &Flow) -> String {
    let role = words::paths(text, &flow.role).to_lowercase();
    text.map_flow(chosen.fate(text, flow.fate), role, &flow.service).plain()
}

/// What a system is called: by the inventory, or by what it is spoken with for.
fn called(text: Text, roles: &[&str], device: Option<&str>) -> String {
    let mut roles: Vec<(CareRole, &str)> =
        roles.iter().map(|role| (CareRole::read(role).unwrap_or(CareRole::Other), *role)).collect();
    roles.sort_unstable();
    roles.dedup();
    let roles: Vec<&str> =
        roles.into_iter().take(2).map(|(_, role)| words::paths(text, role)).collect();
    let roles = roles.join(", ");
    match device {
        Some(device) => format!("{device} · {roles}"),
        None => roles,
    }
}

fn services(text: Text, flows: &[&Flow]) -> String {
    let services: BTreeSet<&str> = flows.iter().map(|flow| flow.service.as_str()).collect();
    let mut shown: Vec<&str> = services.iter().copied().take(2).collect();
    let more = text.count_and_more(services.len().saturating_sub(2)).plain();
    if services.len() > 2 {
        shown.push(&more);
    }
    shown.join(", ")
}
