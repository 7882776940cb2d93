//! Alerts for others' systems: what is told, in which form, and by whom it is carried.
//!
//! A fact is written when it happens; its form is made when it is sent. Refuses to tell what people
//! typed, for a patient's name may stand in it, and to let any value end the field that it stands in.

pub mod cef;
mod fact;
pub mod new;
pub mod ocsf;
pub mod syslog;
pub mod webhook;

use jiff::Timestamp;
use serde_json::{Value, json};
use store::alerts::{Alert, Target};

pub use fact::{Fact, TOPICS};

/// The form of an alert as plain JSON.
pub const SCHEMA: &str = "asepsis/alert/1";
/// What this program is called in what it sends.
const PRODUCT: &str = "Asepsis";
/// Its version.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// In which form a target is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON of our own, described by docs/reference/alert.schema.json.
    Json,
    /// The Open Cybersecurity Schema Framework.
    Ocsf,
    /// The Common Event Format, for syslog alone.
    Cef,
}

impl Format {
    /// Every form.
    pub const ALL: [Self; 3] = [Self::Json, Self::Ocsf, Self::Cef];

    /// As it is written.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Ocsf => "ocsf",
            Self::Cef => "cef",
        }
    }

    /// The form of that name.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.text() == text)
    }

    /// An alert in this form.
    #[must_use]
    pub fn write(self, alert: &Alert) -> String {
        let fact = Fact::read(&alert.fact);
        match self {
            Self::Json => plain(alert, &fact).to_string(),
            Self::Ocsf => ocsf::write(alert, &fact).to_string(),
            Self::Cef => cef::write(alert, &fact),
        }
    }
}

/// Severities in words, from 1 to 5.
const SEVERITIES: [&str; 5] = ["informational", "low", "medium", "high", "critical"];

fn severity(number: i64) -> &'static str {
    let place = usize::try_from(number - 1).unwrap_or_default();
    SEVERITIES.get(place).copied().unwrap_or("critical")
}

fn moment(at_ms: i64) -> String {
    let at = Timestamp::from_millisecond(at_ms).unwrap_or_default();
    format!("{at:.3}")
}

/// An alert as plain JSON.
fn plain(alert: &Alert, fact: &Fact) -> Value {
    let mut whole = json!({
        "schema": SCHEMA,
        "id": alert.id,
        "at": moment(alert.at_ms),
        "topic": alert.topic,
        "severity": severity(alert.severity),
        "subject": alert.subject,
        "product": { "name": PRODUCT, "version": VERSION },
    });
    if let (Some(whole), Ok(Value::Object(fact))) =
        (whole.as_object_mut(), serde_json::to_value(fact))
    {
        whole.extend(fact);
    }
    whole
}

/// What became of what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// It was taken; what was said with it.
    Taken(String),
    /// It was understood and is not wanted: another like it will not be, either.
    Refused(String),
    /// It was not taken now; after how many seconds to come again, where that was said.
    Failed(String, Option<u32>),
    /// Nothing is wanted any more.
    Gone(String),
}

impl Sent {
    /// In a sentence, for whoever tried it.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Taken(said) => format!("It was taken: {said}."),
            Self::Refused(said) => format!("It was refused: {said}."),
            Self::Failed(said, _) => format!("It was not taken: {said}."),
            Self::Gone(said) => format!("Nothing is wanted there any more: {said}."),
        }
    }
}

/// Whoever carries alerts out: the program has one, and knows what may be reached.
pub trait Courier: Send + Sync {
    /// The kind of target at a place, `webhook` or `syslog`, and the place without what may be a
    /// secret.
    ///
    /// # Errors
    /// What is wrong with the place, or with the authority (PEM), in a sentence.
    fn check(&self, place: &str, authority: &str) -> Result<(&'static str, String), String>;

    /// Sends alerts to a target, in order: by webhook the first of them alone.
    fn send(&self, target: &Target, alerts: &[Alert]) -> Sent;
}

/// An alert by which somebody tries a target.
#[must_use]
pub fn trial(id: String, at_ms: i64) -> Alert {
    let fact = Fact {
        kind: "agent.test".to_owned(),
        sentence: "This is a test: nothing has happened".to_owned(),
        ..Fact::default()
    };
    fact.alert(id, at_ms, "console")
}

/// A text of at most so many bytes, cut between letters where it is longer.
fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let end = (0..=most.saturating_sub(3)).rev().find(|end| text.is_char_boundary(*end));
    format!("{}…", text.get(..end.unwrap_or_default()).unwrap_or_default())
}
