//! What people intend to be done on the network, and who does it for them.
//!
//! An intent is words: whoever hands one over has changed nothing. Refuses to know how it is
//! carried out.

use std::fmt;

use domain::order::Role;
use serde::Serialize;
use serde_json::Value;

/// Somebody who signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Speaker {
    /// Their name for signing in.
    pub name: String,
    /// The roles in which they may speak.
    #[serde(serialize_with = "roles")]
    pub roles: Vec<Role>,
}

impl Speaker {
    /// The console itself, which looks and does not act.
    #[must_use]
    pub fn console() -> Self {
        Self { name: String::new(), roles: Vec::new() }
    }

    /// Whether it is that.
    #[must_use]
    pub fn is_console(&self) -> bool {
        self.name.is_empty()
    }
}

fn roles<S: serde::Serializer>(roles: &[Role], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(roles.iter().map(|role| role.text()))
}

/// What somebody intends, in the agent's own words (docs/reference/agent.md).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "ask", rename_all = "kebab-case")]
pub enum Intent {
    /// To see what a containment would do.
    Plan {
        /// The device.
        device: String,
        /// How far.
        level: String,
    },
    /// To have a device contained.
    Request {
        /// The device.
        device: String,
        /// How far.
        level: String,
        /// Why.
        reason: String,
        /// For how long, in seconds.
        seconds: u32,
    },
    /// To say yes.
    Approve {
        /// The order.
        order: u64,
    },
    /// To say no.
    Refuse {
        /// The order.
        order: u64,
        /// Why.
        reason: String,
    },
    /// To confirm at the bedside that a substitute is running.
    ConfirmSubstitute {
        /// The order.
        order: u64,
    },
    /// To give an order more time.
    Renew {
        /// The order.
        order: u64,
        /// How long from now, in seconds.
        seconds: u32,
    },
    /// To end an order.
    Lift {
        /// The order.
        order: u64,
        /// Why.
        reason: String,
    },
    /// To connect a device again at once, whatever holds it.
    BreakGlass {
        /// The device.
        device: String,
        /// Why.
        reason: String,
    },
    /// To see what happened after these: a step's number, a detection's, and a moment in
    /// microseconds.
    News {
        /// The step.
        after: u64,
        /// The detection.
        detections_after: u64,
        /// The moment.
        seen_after: i64,
    },
    /// To see who was seen and which flows were walked after these moments, in microseconds.
    Known {
        /// Of devices.
        seen_after: i64,
        /// Of flows.
        flows_after: i64,
    },
    /// To see the orders.
    Status {
        /// One, or all.
        order: Option<u64>,
    },
}

/// Why an intent came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// The rules say no.
    Rules {
        /// The stable code.
        code: String,
        /// One sentence.
        sentence: String,
    },
    /// It was asked wrongly.
    Wrong(String),
    /// No agent answers.
    Silent(String),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rules { sentence, .. } => f.write_str(sentence),
            Self::Wrong(why) | Self::Silent(why) => f.write_str(why),
        }
    }
}

/// Whoever watches the network, and carries out what the rules allow.
pub trait Agent: Send + Sync {
    /// Asks for somebody, in one of their roles where it matters.
    ///
    /// # Errors
    /// Where the rules say no, the question is wrong, or nobody answers.
    fn ask(&self, by: &Speaker, role: Option<Role>, what: &Intent) -> Result<Value, Refused>;

    /// Whether one was named at all.
    fn is_there(&self) -> bool {
        true
    }
}

/// What is said where no agent was named.
pub(crate) const NO_AGENT: &str = "no agent watches the network; --agent names one";

/// No agent: what the console says where none was named.
#[derive(Debug, Clone, Copy)]
pub struct NoAgent;

impl Agent for NoAgent {
    fn ask(&self, _by: &Speaker, _role: Option<Role>, _what: &Intent) -> Result<Value, Refused> {
        Err(Refused::Silent(NO_AGENT.to_owned()))
    }

    fn is_there(&self) -> bool {
        false
    }
}
