//! Groups of sessions in words: what, with whom, how often, how long ago.
//!
//! Refuses to be exact where exactness hides the meaning: "every 60 minutes" is what a ward knows.

use domain::care::CareRole;
use domain::network::Moment;
use domain::order::Side;

use super::Group;

/// What flows of each role are called on a ward, by which end the device is.
fn named(role: CareRole, side: Side) -> (&'static str, &'static str) {
    let (name, client) = match role {
        CareRole::Therapy => ("treatment data", "with"),
        CareRole::Alarm => ("alarms", "to"),
        CareRole::Result => ("results", "to"),
        CareRole::Order => ("orders and worklists", "from"),
        CareRole::Library => ("drug library downloads", "from"),
        CareRole::Time => ("clock setting", "from"),
        CareRole::Identity => ("network address and names", "from"),
        CareRole::Service => ("remote support", "with"),
        CareRole::Other => ("traffic of unknown purpose", "with"),
    };
    // A server does not show in which direction its content goes.
    (name, if side == Side::Client { client } else { "with" })
}

/// A group, as the object of a sentence.
pub(super) fn group(group: &Group, now: Moment) -> String {
    let (name, with) = named(group.kind.role, group.kind.side);
    let protocol = match group.kind.application {
        Some(application) => application.to_string(),
        None => group.kind.service.to_string(),
    };
    let often = often(group);
    let ago = duration(now.since(group.last));
    format!("{name} {with} {} ({protocol}), {often}, last {ago} ago", group.kind.peer)
}

fn often(group: &Group) -> String {
    match (group.rhythm, group.sessions) {
        (Some(gap), _) if gap < 1_000_000 => "several times a second".to_owned(),
        (Some(gap), _) => format!("every {}", duration(gap)),
        (None, 1) => "once".to_owned(),
        (None, 2) => "twice".to_owned(),
        (None, many) => format!("{many} times"),
    }
}

/// A duration in the largest unit of which it has at least two; a hundred minutes are minutes.
fn duration(microseconds: i64) -> String {
    let seconds = (microseconds.max(0).saturating_add(500_000)) / 1_000_000;
    let (count, unit) = match seconds {
        ..120 => (seconds, "second"),
        120..7_200 => ((seconds + 30) / 60, "minute"),
        7_200..172_800 => ((seconds + 1_800) / 3_600, "hour"),
        _ => ((seconds + 43_200) / 86_400, "day"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}
