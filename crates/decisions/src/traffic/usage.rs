//! Whether a patient depends on a device now, from what it sends.
//!
//! Refuses to say "not in use" from silence alone: a device that is quiet may be in store, and may
//! have lost its network at a bedside. Silence is unknown, with the time of the last sign.

use domain::care::CareRole;
use domain::network::Moment;

use super::Path;

/// How many of its own rhythms a path may miss before its last beat is no sign any more.
const MISSED_BEATS: i64 = 3;
/// The shortest and the longest time that a beat counts as a sign, in microseconds: 30 s, 15 min.
const FRESH_LEAST: i64 = 30_000_000;
const FRESH_MOST: i64 = 900_000_000;

/// Whether a device is in use, as its traffic tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InUse {
    /// It is, by this sign.
    Yes(Sign),
    /// There is no fresh sign; the last, if any was ever seen.
    Unknown(Option<Sign>),
}

/// What tells of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sign {
    /// What the traffic was for.
    pub role: CareRole,
    /// When it was last seen.
    pub at: Moment,
}

/// Judges by the paths that the device itself walks.
pub(super) fn in_use<'a>(paths: impl Iterator<Item = &'a Path>, now: Moment) -> InUse {
    let mut last: Option<Sign> = None;
    let mut fresh: Option<Sign> = None;
    for path in paths.filter(|path| tells_of_use(path.role.care)) {
        let at = path.last_success.unwrap_or(path.last);
        let sign = Sign { role: path.role.care, at };
        let rhythm = path.rhythm().map_or(FRESH_LEAST, |rhythm| rhythm.median * MISSED_BEATS);
        let holds = rhythm.clamp(FRESH_LEAST, FRESH_MOST);
        if last.is_none_or(|last| last.at < at) {
            last = Some(sign);
        }
        if now.since(at) <= holds && fresh.is_none_or(|fresh| fresh.at < at) {
            fresh = Some(sign);
        }
    }
    fresh.map_or(InUse::Unknown(last), InUse::Yes)
}

/// Measurements, alarms and treatment come from a patient; a worklist or a library does not.
fn tells_of_use(role: CareRole) -> bool {
    matches!(role, CareRole::Therapy | CareRole::Alarm | CareRole::Result)
}
