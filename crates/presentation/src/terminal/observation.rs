//! The page of what was seen on the network.

use std::fmt::Write;

use super::layout::{Cell, Page, Style, table};
use crate::observation::{Observation, SeenDetection, SeenDevice, SeenPath};

/// The whole page: what was read, what attackers did, the devices, and the paths between them.
#[must_use]
pub fn page(seen: &Observation, top: usize, page: Page) -> String {
    let mut out = String::new();
    head(&mut out, seen, page);
    let all = seen.detections.len();
    let detections: Vec<Vec<Cell>> = seen.detections.iter().take(top).map(detection).collect();
    let titles = ["WHEN (UTC)", "WHAT", "ATT&CK", "WHO", "EVIDENCE", "PROPOSED"];
    part(&mut out, page, ("Detections", "detections"), &titles, detections, all);
    let all = seen.devices.len();
    let devices: Vec<Vec<Cell>> = seen.devices.iter().take(top).map(device).collect();
    let titles = ["DEVICE", "KIND", "SURE", "ADDRESS", "CALLS ITSELF", "IN USE", "WHY"];
    part(&mut out, page, ("Devices", "devices"), &titles, devices, all);
    let all = seen.paths.len();
    let paths: Vec<Vec<Cell>> = seen.paths.iter().take(top).map(path).collect();
    let titles = ["ROLE", "FROM", "TO", "SERVICE", "PROTOCOL", "SESSIONS", "DONE", "HOW OFTEN"];
    part(&mut out, page, ("Paths", "paths"), &titles, paths, all);
    out
}

fn head(out: &mut String, seen: &Observation, page: Page) {
    let input = &seen.input;
    let _ = writeln!(
        out,
        "{} · {} frames, {} bytes · {} devices · {} paths · {} detections",
        page.styled(&input.names.join(", "), Style::Strong),
        input.frames,
        input.bytes,
        seen.devices.len(),
        seen.paths.len(),
        seen.detections.len(),
    );
    if let (Some(from), Some(to)) = (&input.from, &input.to) {
        let _ = writeln!(out, "From {from} to {to}.");
    }
    if let Some(baseline) = &seen.baseline {
        let _ = writeln!(
            out,
            "Held against {}: {} devices of {} models with {} calls. Of {} devices seen now nothing was \
             learned.",
            baseline.names.join(", "),
            baseline.devices,
            baseline.models,
            baseline.calls,
            baseline.not_learned,
        );
    }
    let lost: Vec<String> = input
        .counters
        .iter()
        .filter(|(_, count)| **count > 0)
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    if !lost.is_empty() {
        out.push_str(&page.wrapped(&lost.join(", "), "Not read: ", "          "));
    }
    for problem in &input.problems {
        out.push_str(&page.wrapped(problem, "Problem:  ", "          "));
    }
    out.push('\n');
}

fn part(
    out: &mut String,
    page: Page,
    (title, name): (&str, &str),
    titles: &[&str],
    rows: Vec<Vec<Cell>>,
    all: usize,
) {
    if all == 0 {
        let _ = writeln!(out, "No {name}.\n");
        return;
    }
    let top = rows.len();
    let _ = writeln!(out, "{}", page.styled(title, Style::Strong));
    let header = titles.iter().map(|title| Cell::new(*title, Style::Faint)).collect();
    let shown: Vec<Vec<Cell>> = std::iter::once(header).chain(rows).collect();
    out.push_str(&table(&shown, page));
    if all > top {
        let _ = writeln!(out, "… and {} more; `--top {all}` shows all", all - top);
    }
    out.push('\n');
}

fn detection(seen: &SeenDetection) -> Vec<Cell> {
    let style = if seen.got_in { Style::Act } else { Style::Attend };
    let who = seen.device.clone().unwrap_or_else(|| seen.source.to_string());
    let time = seen.at.split('T').nth(1).unwrap_or(&seen.at).trim_end_matches('Z');
    vec![
        Cell::new(time, Style::Plain),
        Cell::new(seen.rule.trim_start_matches("threat."), style),
        Cell::new(seen.attack, Style::Plain),
        Cell::new(who, Style::Strong),
        Cell::new(&seen.evidence, Style::Plain),
        Cell::new(seen.proposed, style),
    ]
}

fn device(seen: &SeenDevice) -> Vec<Cell> {
    let interfaces = seen.interfaces.iter().flat_map(|interface| &interface.addresses);
    let mut addresses = interfaces.chain(&seen.behind_router).map(ToString::to_string);
    let macs = seen.interfaces.iter().map(|interface| interface.mac.clone());
    let address = addresses.next().or_else(|| macs.clone().next()).unwrap_or_default();
    let others = addresses.count() + macs.count().saturating_sub(1);
    let address = if others == 0 { address } else { format!("{address} +{others}") };
    let names = seen.claims.iter().filter(|claim| claim.attribute != "maker");
    let name = names.max_by_key(|claim| naming(claim.attribute));
    let used = match (seen.in_use.state, &seen.in_use.last_sign) {
        ("yes", _) => "yes".to_owned(),
        (_, Some(last)) => format!("unknown since {}", last.split('T').nth(1).unwrap_or(last)),
        _ => "unknown".to_owned(),
    };
    vec![
        Cell::new(seen.id.clone().unwrap_or_else(|| "not in inventory".to_owned()), Style::Strong),
        Cell::new(kind(seen), Style::Plain),
        Cell::new(seen.confidence.unwrap_or_default(), Style::Plain),
        Cell::new(address, Style::Plain),
        Cell::new(name.map(|claim| claim.value.clone()).unwrap_or_default(), Style::Plain),
        Cell::new(used, Style::Plain),
        Cell::new(seen.because.unwrap_or_default(), Style::Plain),
    ]
}

/// What it is; where that is not known, who made it.
fn kind(seen: &SeenDevice) -> String {
    let maker = seen.interfaces.iter().find_map(|interface| interface.maker);
    match (seen.kind, maker) {
        (Some(kind), _) => kind.to_owned(),
        (None, Some(maker)) => format!("unknown, by {maker}"),
        (None, None) => "unknown".to_owned(),
    }
}

/// Which names say most to a person.
fn naming(attribute: &str) -> u8 {
    match attribute {
        "host name" => 5,
        "AE title" => 4,
        "HL7 application" => 3,
        "certificate name" => 2,
        "software" => 1,
        _ => 0,
    }
}

fn path(seen: &SeenPath) -> Vec<Cell> {
    let style = if seen.essential { Style::Strong } else { Style::Plain };
    vec![
        Cell::new(seen.role, style),
        Cell::new(seen.client.to_string(), Style::Plain),
        Cell::new(seen.server.to_string(), Style::Plain),
        Cell::new(&seen.service, Style::Plain),
        Cell::new(seen.application.unwrap_or_default(), Style::Plain),
        Cell::new(format!("{} of {}", seen.answered, seen.sessions), Style::Plain),
        Cell::new(seen.successes.to_string(), Style::Plain),
        Cell::new(seen.rhythm.clone().unwrap_or_default(), Style::Plain),
    ]
}
