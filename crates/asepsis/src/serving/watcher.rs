//! The agent, as the console reaches it: by its socket.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::order::Role;
use presentation::intent::{Agent, Intent, NoAgent, Refused, Speaker};
use serde_json::Value;

use crate::agent::talk::{self, Answer, Ask, Question, Voice};
use crate::agent::within::Asker;

/// The agent at a socket; none where no socket is named.
pub(super) fn of(socket: Option<&Path>) -> Arc<dyn Agent> {
    match socket {
        Some(socket) => Arc::new(AtSocket(socket.to_owned())),
        None => Arc::new(NoAgent),
    }
}

struct AtSocket(PathBuf);

impl Agent for AtSocket {
    fn ask(&self, by: &Speaker, role: Option<Role>, what: &Intent) -> Result<Value, Refused> {
        let question = question(by, role, what)?;
        match talk::ask(&self.0, &question) {
            Ok(answer) => told(answer),
            Err(error) => Err(Refused::Silent(first_line(&format!("{error:#}")))),
        }
    }
}

/// The agent within this process.
pub(crate) struct AtHand(pub(crate) Asker);

impl Agent for AtHand {
    fn ask(&self, by: &Speaker, role: Option<Role>, what: &Intent) -> Result<Value, Refused> {
        match self.0.ask(question(by, role, what)?) {
            Ok(answer) => told(answer),
            Err(error) => Err(Refused::Silent(first_line(&format!("{error:#}")))),
        }
    }
}

/// An intent in the agent's words. The console itself only looks.
fn question(by: &Speaker, role: Option<Role>, what: &Intent) -> Result<Question, Refused> {
    let what = serde_json::to_value(what).and_then(serde_json::from_value::<Ask>);
    let what = what.map_err(|error| Refused::Wrong(error.to_string()))?;
    let roles = by.roles.iter().map(|role| role.text().to_owned());
    let voice = (!by.is_console()).then(|| Voice { name: by.name.clone(), roles: roles.collect() });
    Ok(Question { role: role.map(|role| role.text().to_owned()), voice, what })
}

/// What the agent answers.
fn told(answer: Answer) -> Result<Value, Refused> {
    match answer {
        Answer::Done(value) => Ok(value),
        Answer::Refused { code, sentence } => Err(Refused::Rules { code, sentence }),
        Answer::Wrong(why) => Err(Refused::Wrong(why)),
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
