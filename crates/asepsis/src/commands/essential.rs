//! `asepsis essential list | propose | confirm | amend`: what care needs of each model.
//!
//! Decides nothing: who may confirm, the rules say, at the agent.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result};
use serde_json::Value;

use super::contain::Caller;
use crate::agent::talk::Ask;
use crate::arguments::{Essential, EssentialWork};
use crate::{DONE, output};

pub(crate) fn run(options: &Essential) -> Result<u8> {
    let caller = Caller { socket: &options.socket, role: options.role.clone() };
    let (what, json) = match &options.work {
        EssentialWork::List { of, json } => (Ask::EssentialList { of: of.clone() }, json),
        EssentialWork::Propose { device, json } => {
            (Ask::EssentialPropose { of: device.clone() }, json)
        }
        EssentialWork::Confirm { number, json } => {
            (Ask::EssentialConfirm { number: *number }, json)
        }
        EssentialWork::Amend { of, flows, reason, json } => {
            let name = flows.display();
            let text = fs::read(flows).with_context(|| format!("cannot read `{name}`"))?;
            let flows = serde_json::from_slice(&text).with_context(|| {
                format!("`{name}` is no list of flows\n\nhint: take the `flows` of `asepsis essential list --json`")
            })?;
            let (of, reason) = (of.clone(), reason.clone());
            (Ask::EssentialAmend { of, flows, reason }, json)
        }
    };
    let answer = caller.ask(what)?;
    if *json {
        output::print(&format!("{answer:#}\n"))?;
        return Ok(DONE);
    }
    match answer.get("models").and_then(Value::as_array) {
        Some(models) if models.is_empty() => output::print(
            "Nothing was proposed for any model. `asepsis essential propose DEVICE` does, from what the agent saw.\n",
        )?,
        Some(models) => models.iter().try_for_each(|model| output::print(&page(model)))?,
        None => output::print(&page(&answer))?,
    }
    Ok(DONE)
}

fn page(model: &Value) -> String {
    let text = |name: &str| model.get(name).and_then(Value::as_str).unwrap_or_default();
    let mut page = format!("{} {} {}\n", text("manufacturer"), text("model"), text("version"));
    for (name, title) in [("confirmed", "Confirmed"), ("proposed", "Proposed, not confirmed")] {
        let Some(version) = model.get(name).filter(|version| !version.is_null()) else { continue };
        let text = |name: &str| version.get(name).and_then(Value::as_str).unwrap_or_default();
        let number = version.get("number").and_then(Value::as_u64).unwrap_or_default();
        let _ = writeln!(page, "  {title}: version {number}, {}", text("rests_on"));
        if let Some(confirmed) = version.get("confirmed").filter(|by| !by.is_null()) {
            let text = |name: &str| confirmed.get(name).and_then(Value::as_str).unwrap_or_default();
            let _ = writeln!(page, "    by {} at {}", text("by"), text("at"));
        }
        for flow in version.get("flows").and_then(Value::as_array).into_iter().flatten() {
            let _ = writeln!(page, "    {}", flow_line(flow));
        }
    }
    page
}

fn flow_line(flow: &Value) -> String {
    let text = |name: &str| flow.get(name).and_then(Value::as_str).unwrap_or_default();
    let addresses = flow.get("addresses").and_then(Value::as_array).into_iter().flatten();
    let mut peers: Vec<&str> = addresses.filter_map(Value::as_str).collect();
    peers.extend(flow.get("name").and_then(Value::as_str));
    let port = flow.get("port").and_then(Value::as_u64).unwrap_or_default();
    format!(
        "{:9} as {} with {} on {}/{port} {}",
        text("role"),
        text("side"),
        peers.join(", "),
        text("transport"),
        text("application")
    )
    .trim_end()
    .to_owned()
}
