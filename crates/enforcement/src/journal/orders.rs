//! The form in which the steps of orders are written.
//!
//! Refuses to guess: a step that it does not know is damage, for an order may hang on it.

use domain::device::DeviceId;
use domain::network::Moment;
use domain::order::{Actor, Door, Event, Level, OrderId, PointName, Request, Role, Step};
use serde::{Deserialize, Serialize};

use super::Entry;

impl Entry for Event {
    fn write(&self) -> String {
        serde_json::to_string(&Written::of(self))
            .expect("invariant: the form holds only strings and numbers")
    }

    fn read(written: &str) -> Option<Self> {
        serde_json::from_str::<Written>(written).ok()?.event()
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Written {
    order: u64,
    /// Microseconds since 1970 (UTC).
    at: i64,
    by: By,
    #[serde(flatten)]
    step: Done,
}

/// Who, in writing.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum By {
    Person {
        name: String,
        role: String,
        /// By which way they came; by their account where nothing is said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        door: Option<String>,
    },
    Playbook(String),
    Asepsis,
}

impl By {
    pub(super) fn of(by: &Actor) -> Self {
        match by {
            Actor::Person(name, role, door) => {
                let door = Some(door.text().to_owned()).filter(|_| *door != Door::Account);
                Self::Person { name: name.to_string(), role: role.text().to_owned(), door }
            }
            Actor::Playbook(name) => Self::Playbook(name.to_string()),
            Actor::Asepsis => Self::Asepsis,
        }
    }

    pub(super) fn actor(self) -> Option<Actor> {
        Some(match self {
            Self::Person { name, role, door } => {
                let door = door.map_or(Some(Door::Account), |door| Door::read(&door))?;
                Actor::Person(name.into(), Role::read(&role)?, door)
            }
            Self::Playbook(name) => Actor::Playbook(name.into()),
            Self::Asepsis => Actor::Asepsis,
        })
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
enum Done {
    Requested {
        device: String,
        level: String,
        reason: String,
        holds_seconds: u32,
    },
    Approved,
    Refused {
        reason: String,
    },
    SubstituteRunning,
    Applying {
        point: String,
    },
    Applied {
        point: String,
    },
    Verified {
        last_forbidden: Option<i64>,
        first_essential: Option<i64>,
    },
    Failed {
        point: String,
        reason: String,
    },
    Renewed {
        seconds: u32,
    },
    Drifted {
        point: String,
        found: String,
    },
    Lifted {
        reason: String,
    },
    BrokenGlass {
        reason: String,
    },
    Expired,
    Removed {
        point: String,
    },
    /// Of a kind that was added to the noun and not yet to this form.
    Unknown,
}

impl Written {
    fn of(event: &Event) -> Self {
        let by = By::of(&event.by);
        Self { order: event.order.0, at: event.at.0, by, step: done(&event.step) }
    }

    fn event(self) -> Option<Event> {
        let (order, at) = (OrderId(self.order), Moment(self.at));
        Some(Event { order, at, by: self.by.actor()?, step: step(self.step)? })
    }
}

fn done(step: &Step) -> Done {
    let point = |point: &PointName| point.0.to_string();
    match step {
        Step::Requested(request) => Done::Requested {
            device: request.device.to_string(),
            level: request.level.text().to_owned(),
            reason: request.reason.to_string(),
            holds_seconds: request.holds_seconds,
        },
        Step::Approved => Done::Approved,
        Step::Refused(reason) => Done::Refused { reason: reason.to_string() },
        Step::SubstituteRunning => Done::SubstituteRunning,
        Step::Applying(at) => Done::Applying { point: point(at) },
        Step::Applied(at) => Done::Applied { point: point(at) },
        Step::Verified { last_forbidden, first_essential } => Done::Verified {
            last_forbidden: last_forbidden.map(|moment| moment.0),
            first_essential: first_essential.map(|moment| moment.0),
        },
        Step::Failed(at, why) => Done::Failed { point: point(at), reason: why.to_string() },
        Step::Renewed(seconds) => Done::Renewed { seconds: *seconds },
        Step::Drifted(at, found) => Done::Drifted { point: point(at), found: found.to_string() },
        Step::Lifted(reason) => Done::Lifted { reason: reason.to_string() },
        Step::BrokenGlass(reason) => Done::BrokenGlass { reason: reason.to_string() },
        Step::Expired => Done::Expired,
        Step::Removed(at) => Done::Removed { point: point(at) },
        _ => Done::Unknown,
    }
}

fn step(done: Done) -> Option<Step> {
    let at = |point: String| PointName(point.into());
    Some(match done {
        Done::Requested { device, level, reason, holds_seconds } => Step::Requested(Request {
            device: DeviceId(device.into()),
            level: Level::read(&level)?,
            reason: reason.into(),
            holds_seconds,
        }),
        Done::Approved => Step::Approved,
        Done::Refused { reason } => Step::Refused(reason.into()),
        Done::SubstituteRunning => Step::SubstituteRunning,
        Done::Applying { point } => Step::Applying(at(point)),
        Done::Applied { point } => Step::Applied(at(point)),
        Done::Verified { last_forbidden, first_essential } => Step::Verified {
            last_forbidden: last_forbidden.map(Moment),
            first_essential: first_essential.map(Moment),
        },
        Done::Failed { point, reason } => Step::Failed(at(point), reason.into()),
        Done::Renewed { seconds } => Step::Renewed(seconds),
        Done::Drifted { point, found } => Step::Drifted(at(point), found.into()),
        Done::Lifted { reason } => Step::Lifted(reason.into()),
        Done::BrokenGlass { reason } => Step::BrokenGlass(reason.into()),
        Done::Expired => Step::Expired,
        Done::Removed { point } => Step::Removed(at(point)),
        Done::Unknown => return None,
    })
}
