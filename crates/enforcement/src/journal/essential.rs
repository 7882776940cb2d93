//! The form in which it is written what care needs of a model: proposed, confirmed, amended.
//!
//! Refuses to lose who said so: care hangs on it.

use decisions::containment::essential::{Change, EssentialFlow, Event};
use domain::network::Moment;
use domain::release::ReleaseKey;
use serde::{Deserialize, Serialize};

use super::Entry;
use super::orders::By;
use crate::written::WrittenFlow;

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
    manufacturer: String,
    model: String,
    version: String,
    /// Microseconds since 1970 (UTC).
    at: i64,
    by: By,
    #[serde(flatten)]
    change: Done,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
enum Done {
    Proposed { flows: Vec<WrittenFlow>, evidence: String },
    Confirmed { number: u32 },
    Amended { flows: Vec<WrittenFlow>, reason: String },
}

impl Written {
    fn of(event: &Event) -> Self {
        let written = |flows: &[EssentialFlow]| flows.iter().map(WrittenFlow::of).collect();
        Self {
            manufacturer: event.model.manufacturer.to_string(),
            model: event.model.model.to_string(),
            version: event.model.version.to_string(),
            at: event.at.0,
            by: By::of(&event.by),
            change: match &event.change {
                Change::Proposed(flows, evidence) => {
                    Done::Proposed { flows: written(flows), evidence: evidence.to_string() }
                }
                Change::Confirmed(number) => Done::Confirmed { number: *number },
                Change::Amended(flows, reason) => {
                    Done::Amended { flows: written(flows), reason: reason.to_string() }
                }
            },
        }
    }

    fn event(self) -> Option<Event> {
        let read = |flows: Vec<WrittenFlow>| -> Option<Vec<EssentialFlow>> {
            flows.into_iter().map(WrittenFlow::flow).collect()
        };
        let change = match self.change {
            Done::Proposed { flows, evidence } => Change::Proposed(read(flows)?, evidence.into()),
            Done::Confirmed { number } => Change::Confirmed(number),
            Done::Amended { flows, reason } => Change::Amended(read(flows)?, reason.into()),
        };
        let model = ReleaseKey::new(&self.manufacturer, &self.model, &self.version)?;
        Some(Event { model, at: Moment(self.at), by: self.by.actor()?, change })
    }
}
