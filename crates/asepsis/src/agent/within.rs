//! An agent within this process, on a network that is played: the same loop and the same rules as
//! the agent's own, with a channel in the place of its socket.
//!
//! Refuses to touch anything real: it opens no interface and no socket, begins no hand, and keeps
//! the rights of its process as they are.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};

use anyhow::{Context, Result, anyhow, bail};
use domain::fact::Document;
use enforcement::point::Point;
use enforcement::reconciler::Coverage;

use super::frames::Frames;
use super::people::{Caller, People};
use super::talk::{Answer, Ask, PATIENCE, Question, Voice};
use super::{Agent, Heard, Knock, Remembered, Senses, Tells, folder, hands};
use crate::configuration::Configuration;

/// Asks the agent from within the process. Clones ask the same agent.
#[derive(Clone)]
pub(crate) struct Asker {
    to: Sender<Heard>,
}

impl fmt::Debug for Asker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asker").finish_non_exhaustive()
    }
}

impl Asker {
    /// Asks as the console does: for somebody who signed in, or for nobody, to look.
    pub(crate) fn ask(&self, question: Question) -> Result<Answer> {
        let (reply, wait) = channel();
        let knock = Knock { caller: Caller::Within, question, reply };
        self.to.send(Heard::Knock(knock)).map_err(|_| anyhow!("the agent has ended"))?;
        wait.recv_timeout(PATIENCE).context("the agent does not answer")
    }

    /// What the agent answers to somebody in a role, or to nobody; an error where it refuses.
    pub(crate) fn told(&self, who: Option<(&str, &str)>, what: Ask) -> Result<serde_json::Value> {
        let voice =
            who.map(|(name, role)| Voice { name: name.to_owned(), roles: vec![role.to_owned()] });
        match self.ask(Question { role: None, voice, what })? {
            Answer::Done(value) => Ok(value),
            Answer::Refused { code, sentence } => bail!("{sentence} ({code})"),
            Answer::Wrong(why) => bail!("{why}"),
        }
    }
}

/// An agent within this process, until it is dropped or ended.
#[derive(Debug)]
pub(crate) struct Within {
    asker: Asker,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Result<()>>>,
}

impl Within {
    /// Asks it.
    pub(crate) fn asker(&self) -> Asker {
        self.asker.clone()
    }

    /// Ends it, and waits until what it knows is written down.
    pub(crate) fn end(mut self) -> Result<()> {
        self.stop.store(true, Ordering::Release);
        let ended = self.thread.take().map(JoinHandle::join);
        ended.unwrap_or(Ok(Ok(()))).unwrap_or_else(|_| bail!("the agent failed"))
    }
}

impl Drop for Within {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            // Whoever drops it does not ask how it ended.
            let _ = thread.join();
        }
    }
}

/// Begins an agent on a network that is played, with the one point that enforces there. Of the
/// configuration it takes what does not name anything real.
pub(crate) fn within<F: Frames + Send + 'static>(
    configuration: Configuration,
    inventory: Vec<Document>,
    frames: F,
    point: Box<dyn Point>,
) -> Result<Within> {
    let stop = Arc::new(AtomicBool::new(false));
    let (to, heard) = channel();
    let (ready, begun) = channel();
    let (asker, over) = (Asker { to: to.clone() }, Arc::clone(&stop));
    let thread = thread::spawn(move || -> Result<()> {
        let begin = || -> Result<Agent> {
            folder(&configuration.state)?;
            let points = vec![(point.name().clone(), Coverage::default())];
            let remembered = Remembered::open(&configuration.state, points.clone())?;
            let hands = vec![hands::work(point, to)];
            let people = People::new(configuration.accounts()?, configuration.console()?);
            let frames = Box::new(frames);
            let senses = Senses { hands, heard, frames, people, tells: Tells::Nobody };
            Agent::new(&configuration, &inventory, points, remembered, senses)
        };
        let (mut agent, told) = match begin() {
            Ok(agent) => (Some(agent), Ok(())),
            Err(error) => (None, Err(error)),
        };
        // Whoever began it may have gone.
        let _ = ready.send(told);
        let Some(agent) = &mut agent else { return Ok(()) };
        while !over.load(Ordering::Acquire) {
            agent.turn()?;
        }
        agent.knowledge.remember()
    });
    begun.recv().context("the agent did not begin")??;
    Ok(Within { asker, stop, thread: Some(thread) })
}

#[cfg(test)]
mod tests;
