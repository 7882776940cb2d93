//! `asepsis feed sync --dry-run`: what would be asked of each source, where, and how it stands.
//!
//! Refuses to ask anybody, and to write anything.

use std::fmt::Write as _;

use anyhow::Result;
use collectors::feeds::plan::{self, Plan};
use collectors::feeds::status::Standing;
use collectors::feeds::{Settings, Source};
use serde_json::{Value, json};

use super::{standing, table};
use crate::keeping::now_ms;
use crate::{DONE, output};

pub(super) fn show(sources: &[Source], settings: &Settings, json: bool) -> Result<u8> {
    let now_ms = now_ms();
    let plans = plan::plan(sources, settings, now_ms)?;
    let proxy = settings.proxy.as_ref().map(|proxy| proxy.place.to_string());
    let text = if json {
        let all: Vec<Value> = plans.iter().map(|plan| as_json(plan, now_ms)).collect();
        let folder = settings.into.display().to_string();
        format!("{}\n", json!({ "folder": folder, "proxy": proxy, "sources": all }))
    } else {
        in_words(&plans, proxy.as_deref(), now_ms)
    };
    output::print(&text)?;
    Ok(DONE)
}

fn as_json(plan: &Plan, now_ms: i64) -> Value {
    let mut value = standing(&plan.standing, now_ms);
    let asks = plan.requests.iter();
    let asks = asks.map(|one| json!({ "what": one.what, "address": one.url })).collect();
    if let Some(fields) = value.as_object_mut() {
        fields.insert("would_ask".to_owned(), Value::Array(asks));
    }
    value
}

fn in_words(plans: &[Plan], proxy: Option<&str>, now_ms: i64) -> String {
    let all: Vec<Standing> = plans.iter().map(|plan| plan.standing.clone()).collect();
    let mut text = table(&all, now_ms);
    for plan in plans {
        let source = &plan.standing.source;
        // Memory takes whatever is written.
        let _ = writeln!(text, "\n{source} would be asked for");
        for one in &plan.requests {
            let _ = writeln!(text, "  {}\n    {}", one.what, one.url);
        }
        if plan.requests.is_empty() {
            let _ = writeln!(text, "  nothing: it was asked less than two hours ago");
        }
    }
    if let Some(proxy) = proxy {
        let _ = writeln!(text, "\nwhat is asked over TLS would be asked through {proxy}");
    }
    text
}
