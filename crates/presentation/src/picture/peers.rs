//! A containment as a picture: the device on the left, whoever it speaks with on the right, and
//! between them what stays open and what would end.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{close, cut, escape};
use crate::planned::SeenPlan;
use crate::text::Text;

const WIDTH: f64 = 760.0;
const ROW: f64 = 34.0;
const TOP: f64 = 12.0;
const PEER: f64 = 500.0;
const DEVICE: f64 = 190.0;
/// Most peers that are drawn; the rest stands in the lists beside.
const PEERS: usize = 24;

/// What becomes of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Stays,
    Ends,
}

/// Draws a plan; whoever has a name of their own is called by it and by their address.
#[must_use]
pub(crate) fn draw(text: Text, plan: &SeenPlan, names: &BTreeMap<String, String>) -> String {
    let mut paths: BTreeMap<(Fate, &str, &str, &str), usize> = BTreeMap::new();
    for open in &plan.stays_open {
        paths.entry((Fate::Stays, &open.peer, &open.role, &open.service)).or_default();
    }
    for (fate, groups) in [(Fate::Stays, &plan.would_stay), (Fate::Ends, &plan.would_end)] {
        for group in groups {
            *paths.entry((fate, &group.peer, &group.role, &group.service)).or_default() +=
                group.sessions;
        }
    }
    let shown: Vec<_> = paths.iter().take(PEERS).collect();
    let left = paths.len() - shown.len();
    let rows = shown.len().max(1) as f64 + if left > 0 { 1.0 } else { 0.0 };
    let height = rows.mul_add(ROW, 2.0 * TOP);
    let title = text.peers_title(&plan.device).plain();
    let mut svg = format!(
        "<svg class=\"peers\" viewBox=\"0 0 {WIDTH} {height:.0}\" role=\"img\" aria-label=\"{}\">",
        escape(&title)
    );
    let middle = height / 2.0;
    for (place, ((fate, peer, role, service), sessions)) in shown.iter().enumerate() {
        let y = (place as f64 + 0.5).mul_add(ROW, TOP);
        path(&mut svg, *fate, middle, y);
        let name = names.get(*peer).map_or((*peer).to_owned(), |name| format!("{name} · {peer}"));
        peer_box(&mut svg, *fate, y, &name, &label(text, role, service, **sessions));
    }
    if left > 0 {
        let y = (shown.len() as f64 + 0.6).mul_add(ROW, TOP);
        let more = escape(&text.count_and_more(left).plain());
        let _ = write!(svg, "<text x=\"{PEER}\" y=\"{y:.0}\" class=\"tick\">{more}</text>");
    }
    device_box(&mut svg, middle, &plan.device);
    close(svg)
}

fn label(text: Text, role: &str, service: &str, sessions: usize) -> String {
    let role = text.peers_role(role).plain();
    match sessions {
        0 => text.peers_role_service(role, service).plain(),
        _ => text.peers_sessions(sessions, role, service).plain(),
    }
}

fn path(svg: &mut String, fate: Fate, from: f64, to: f64) {
    let (class, mark) = match fate {
        Fate::Stays => ("stays", ""),
        Fate::Ends => ("ends", "✕"),
    };
    let (bend, end) = (f64::midpoint(DEVICE, PEER), PEER - 12.0);
    let _ = write!(
        svg,
        "<path class=\"{class}\" d=\"M{DEVICE} {from:.0}C{bend} {from:.0} {bend} {to:.0} {end} \
         {to:.0}\"/>"
    );
    if !mark.is_empty() {
        let _ = write!(
            svg,
            "<text class=\"{class}-mark\" x=\"{:.0}\" y=\"{:.0}\">{mark}</text>",
            end - 28.0,
            to + 5.0
        );
    }
}

fn peer_box(svg: &mut String, fate: Fate, y: f64, peer: &str, label: &str) {
    let class = if fate == Fate::Stays { "stays" } else { "ends" };
    let _ = write!(
        svg,
        "<circle class=\"{class}-dot\" cx=\"{:.0}\" cy=\"{y:.0}\" r=\"5\"/>\
         <text x=\"{:.0}\" y=\"{:.0}\" class=\"peer\">{}</text>\
         <text x=\"{:.0}\" y=\"{:.0}\" class=\"tick\">{}</text>",
        PEER - 6.0,
        PEER + 8.0,
        y - 1.0,
        escape(&cut(peer, WIDTH - PEER - 14.0)),
        PEER + 8.0,
        y + 12.0,
        escape(label)
    );
}

fn device_box(svg: &mut String, middle: f64, name: &str) {
    let _ = write!(
        svg,
        "<rect class=\"device\" x=\"6\" y=\"{:.0}\" width=\"{:.0}\" height=\"36\" rx=\"8\"/>\
         <text class=\"device-name\" x=\"{:.0}\" y=\"{:.0}\">{}</text>",
        middle - 18.0,
        DEVICE - 6.0,
        f64::midpoint(6.0, DEVICE),
        middle + 5.0,
        escape(&cut(name, DEVICE - 26.0))
    );
}

#[cfg(test)]
mod tests {
    use super::draw;
    use crate::planned::{SeenGroup, SeenOpening, SeenPlan};
    use crate::text::Text;

    #[test]
    fn what_stays_and_what_ends_is_drawn_and_no_name_becomes_markup() {
        let plan = SeenPlan {
            device: "PUMP<script>".to_owned(),
            stays_open: vec![SeenOpening {
                peer: "10.0.0.1".to_owned(),
                role: "infusion".to_owned(),
                ..SeenOpening::default()
            }],
            would_end: vec![SeenGroup {
                peer: "10.0.0.9\"><b>".to_owned(),
                sessions: 3,
                ..SeenGroup::default()
            }],
            ..SeenPlan::default()
        };
        let names = [("10.0.0.1".to_owned(), "PACS<i>".to_owned())].into();
        let drawn = draw(Text::english(), &plan, &names);
        assert!(drawn.contains("PACS&lt;i&gt; · 10.0.0.1"), "{drawn}");
        assert!(drawn.contains("class=\"stays\"") && drawn.contains("class=\"ends\""));
        assert!(drawn.contains("3 sessions"), "{drawn}");
        assert!(!drawn.contains("<script") && !drawn.contains("<b>"), "{drawn}");
    }
}
