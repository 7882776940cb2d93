//! A containment that is thought of, as `contain plan --json` tells it (schema
//! `asepsis/containment-plan/1`) and as it is shown.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is shown of a plan.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
#[schema(as = Plan)]
pub struct SeenPlan {
    /// The device.
    pub device: String,
    /// How far it is cut off.
    pub level: String,
    /// What it would do, in one sentence.
    pub verdict: String,
    /// How much hangs on the device.
    pub criticality: Option<String>,
    /// Whether it is in use.
    pub in_use: SeenUse,
    /// Who has to say yes.
    pub requires: String,
    /// What else whoever decides should know.
    pub notes: Vec<String>,
    /// What stays open for care.
    pub stays_open: Vec<SeenOpening>,
    /// Sessions that would end.
    pub would_end: Vec<SeenGroup>,
    /// Sessions that would go on.
    pub would_stay: Vec<SeenGroup>,
    /// For how many classes of packets the rules were proved.
    pub classes_proved: usize,
}

/// Whether a device is in use.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
#[schema(as = PlanUse)]
pub struct SeenUse {
    /// `yes` or `unknown`.
    pub state: String,
    /// The last sign of it.
    pub last_sign: Option<String>,
}

/// A flow that stays open.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
#[schema(as = PlanOpening)]
pub struct SeenOpening {
    /// What it is for.
    pub role: String,
    /// The address at the other end.
    pub peer: String,
    /// Transport and port.
    pub service: String,
    /// Which side the device is.
    pub side: String,
    /// Why it stays.
    pub because: String,
}

/// Sessions of one kind.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
#[schema(as = PlanGroup)]
pub struct SeenGroup {
    /// What they are for.
    pub role: String,
    /// The address at the other end.
    pub peer: String,
    /// Transport and port.
    pub service: String,
    /// What is spoken.
    pub protocol: Option<String>,
    /// How many there were.
    pub sessions: usize,
    /// When the last began.
    pub last: String,
}
