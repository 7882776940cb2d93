//! `asepsis agent`, and the hand that it begins.

use anyhow::{Result, anyhow};

use crate::DONE;
use crate::agent;
use crate::arguments::{Agent, Hand};
use crate::configuration::Place;

pub(crate) fn run(options: &Agent) -> Result<u8> {
    agent::run(&options.config, options.json)
}

/// The hand is begun by the agent alone.
pub(crate) fn hand(options: &Hand) -> Result<u8> {
    let place = Place::read(&options.place)
        .ok_or_else(|| anyhow!("the hand is begun by the agent, and not by hand"))?;
    agent::serve_hand(place, &options.name)?;
    Ok(DONE)
}
