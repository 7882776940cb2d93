//! What the report's pictures show.

use std::collections::BTreeMap;

use super::class;
use crate::assessment::{Assessment, Device};
use crate::picture::{Bar, Part, Span, bars, columns, spans};

/// The pictures, as SVG.
pub(super) struct Figures {
    pub services: String,
    pub devices: String,
    pub support: String,
    pub undecided: String,
}

/// Undecided findings by the rule that could not decide.
pub(super) struct Undecided {
    pub rule: String,
    pub count: usize,
    pub example: String,
    pub reversed_by: String,
}

const DECISIONS: [(&str, &str, &str); 5] = [
    ("Act", "act", "to act on"),
    ("Attend", "attend", "to attend to"),
    ("Track*", "track-closely", "to track closely"),
    ("Track", "track", "to track"),
    ("", "none", "with nothing known"),
];

pub(super) fn figures(assessment: &Assessment) -> Figures {
    Figures {
        services: bars("Devices by care service and decision", &services(assessment)),
        devices: spans("Risk to care of the first devices", &top(assessment)),
        support: columns("Devices by the year their support ends", &support(assessment)),
        undecided: bars("Undecided findings by reason", &undecided_bars(assessment)),
    }
}

/// Care services with most to act on first; the unit stands in where no service is named.
fn services(assessment: &Assessment) -> Vec<Bar> {
    const SERVICES: usize = 12;
    let mut counts: BTreeMap<String, [usize; 5]> = BTreeMap::new();
    for device in &assessment.devices {
        // Two inventories write one service in two cases.
        let service = device.care_service.as_deref().or(device.unit.as_deref());
        let service = service.unwrap_or("unknown").to_lowercase();
        let decision = device.decision.as_deref().unwrap_or_default();
        let place = DECISIONS.iter().position(|(name, ..)| *name == decision).unwrap_or(4);
        if let Some(count) = counts.entry(service).or_default().get_mut(place) {
            *count += 1;
        }
    }
    let mut counts: Vec<(String, [usize; 5])> = counts.into_iter().collect();
    counts.sort_by(|(_, a), (_, b)| b.cmp(a));
    counts
        .into_iter()
        .take(SERVICES)
        .map(|(service, counts)| Bar {
            label: service,
            parts: DECISIONS
                .iter()
                .zip(counts)
                .map(|((_, class, name), count)| Part { class, name, count })
                .collect(),
        })
        .collect()
}

fn top(assessment: &Assessment) -> Vec<Span> {
    const TOP: usize = 12;
    let ranked = assessment.devices.iter().filter(|device| device.decision.is_some());
    let span = |device: &Device| Span {
        label: format!("{} {}", device.id, device.model.as_deref().unwrap_or_default()),
        class: class(device.decision.as_deref()),
        range: device.risk,
    };
    ranked.take(TOP).map(span).collect()
}

/// Years from the earliest to the latest end of support; what lies far off is gathered at the ends.
fn support(assessment: &Assessment) -> Vec<Bar> {
    const BACK: i32 = 6;
    const AHEAD: i32 = 7;
    let year_of = |date: &str| date.get(..4).and_then(|year| year.parse::<i32>().ok());
    let now = year_of(&assessment.date).unwrap_or_default();
    let mut years: BTreeMap<i32, [usize; 2]> =
        (now - BACK..=now + AHEAD).map(|y| (y, [0, 0])).collect();
    let mut unknown = 0;
    for device in &assessment.devices {
        match device.end_of_support.as_deref().and_then(year_of) {
            None => unknown += 1,
            Some(year) => {
                let year = year.clamp(now - BACK, now + AHEAD);
                let ended = usize::from(device.past_support != Some(true));
                if let Some(count) = years.get_mut(&year).and_then(|counts| counts.get_mut(ended)) {
                    *count += 1;
                }
            }
        }
    }
    let label = |year: i32| match year {
        year if year == now - BACK => format!("≤{year}"),
        year if year == now + AHEAD => format!("≥{year}"),
        year => year.to_string(),
    };
    let mut bars: Vec<Bar> = years
        .into_iter()
        .map(|(year, [ended, supported])| Bar {
            label: label(year),
            parts: vec![
                Part { class: "past", name: "past support", count: ended },
                Part { class: "track", name: "supported", count: supported },
            ],
        })
        .collect();
    let parts = vec![Part { class: "none", name: "with no date", count: unknown }];
    bars.push(Bar { label: "none".to_owned(), parts });
    bars
}

fn undecided_bars(assessment: &Assessment) -> Vec<Bar> {
    let bar = |undecided: Undecided| Bar {
        label: words_of(&undecided.rule),
        parts: vec![Part { class: "track-closely", name: "undecided", count: undecided.count }],
    };
    undecided(assessment).into_iter().map(bar).collect()
}

/// A rule's name without its family: `match.version-unknown` is "version unknown".
fn words_of(rule: &str) -> String {
    rule.split_once('.').map_or(rule, |(_, name)| name).replace('-', " ")
}

pub(super) fn undecided(assessment: &Assessment) -> Vec<Undecided> {
    let mut by_rule: BTreeMap<&str, Undecided> = BTreeMap::new();
    let findings = assessment.releases.iter().flat_map(|release| &release.findings);
    for finding in findings.filter(|finding| finding.verdict == "undecided") {
        let Some(reason) = finding.reasons.first() else { continue };
        let entry = by_rule.entry(&reason.rule).or_insert_with(|| Undecided {
            rule: reason.rule.to_string(),
            count: 0,
            example: reason.sentence.clone(),
            reversed_by: reason.reversed_by.to_string(),
        });
        entry.count += 1;
    }
    let mut undecided: Vec<Undecided> = by_rule.into_values().collect();
    undecided.sort_by_key(|undecided| std::cmp::Reverse(undecided.count));
    undecided
}
