//! What people and the agent say to each other: one line of JSON each way.
//!
//! Refuses to say who speaks: that, the kernel tells (`unix(7)`, `SO_PEERCRED`). For whom somebody
//! speaks is heard from the console alone.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use enforcement::written::WrittenFlow;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The longest question, in bytes.
pub(super) const QUESTION: u64 = 256 << 10;
/// The longest answer, in bytes.
const ANSWER: u64 = 256 << 20;
/// How long an answer may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// What is asked.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Ask {
    Plan {
        device: String,
        level: String,
    },
    Request {
        device: String,
        level: String,
        reason: String,
        seconds: u32,
    },
    Approve {
        order: u64,
    },
    Refuse {
        order: u64,
        reason: String,
    },
    ConfirmSubstitute {
        order: u64,
    },
    Renew {
        order: u64,
        seconds: u32,
    },
    Lift {
        order: u64,
        reason: String,
    },
    BreakGlass {
        device: String,
        reason: String,
    },
    Status {
        order: Option<u64>,
    },
    EssentialList {
        of: Option<String>,
    },
    EssentialPropose {
        of: String,
    },
    EssentialConfirm {
        number: u32,
    },
    EssentialAmend {
        of: String,
        flows: Vec<WrittenFlow>,
        reason: String,
    },
    /// What happened after these: a step's number, a detection's, and a moment in microseconds.
    News {
        after: u64,
        #[serde(default)]
        detections_after: u64,
        #[serde(default)]
        seen_after: i64,
    },
    /// Who was seen and which flows were walked after these moments, in microseconds.
    Known {
        #[serde(default)]
        seen_after: i64,
        #[serde(default)]
        flows_after: i64,
    },
}

/// A person for whom the console speaks: who signed in there, and with which roles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Voice {
    pub(crate) name: String,
    pub(crate) roles: Vec<String>,
}

/// A question, the role in which it is asked, and for whom where the console asks.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Question {
    #[serde(rename = "as", default, skip_serializing_if = "Option::is_none")]
    pub(crate) role: Option<String>,
    #[serde(rename = "for", default, skip_serializing_if = "Option::is_none")]
    pub(crate) voice: Option<Voice>,
    pub(crate) what: Ask,
}

/// What is answered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Answer {
    /// It was done, or is so.
    Done(Value),
    /// The rules say no.
    Refused { code: String, sentence: String },
    /// The question was wrong.
    Wrong(String),
}

/// Asks the agent.
pub(crate) fn ask(socket: &Path, question: &Question) -> Result<Answer> {
    let name = socket.display();
    let mut stream = UnixStream::connect(socket).with_context(|| {
        format!("no agent answers at `{name}`\n\nhint: start it with `asepsis agent --config FILE`, or name its socket with --socket")
    })?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut line = serde_json::to_vec(question)?;
    line.push(b'\n');
    stream.write_all(&line).with_context(|| format!("the agent at `{name}` hung up"))?;
    let mut answer = Vec::new();
    let mut from = BufReader::new(stream).take(ANSWER);
    from.read_until(b'\n', &mut answer)
        .with_context(|| format!("the agent at `{name}` did not answer"))?;
    if answer.is_empty() {
        bail!("the agent at `{name}` hung up without an answer");
    }
    serde_json::from_slice(&answer)
        .with_context(|| format!("the agent at `{name}` said what is no answer"))
}
