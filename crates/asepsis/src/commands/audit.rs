//! `asepsis audit …`: whether the audit chain holds, and what stands in it.

use std::io::{self, Write as _};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use store::audit::{self, Head};

use crate::arguments::serve::{Audit, AuditWork};
use crate::commands::store::open_there;
use crate::{DONE, WRONG, output};

const WHAT: &str = "read the audit chain";

pub(crate) fn run(options: &Audit) -> Result<u8> {
    let database = open_there(&options.place)?;
    match &options.work {
        AuditWork::Verify { head, json } => {
            let noted: Option<Head> = head.as_deref().map(str::parse).transpose()?;
            let found = database.read(WHAT, |t| audit::verify(t, noted.as_ref()))?;
            let (status, sentence) = match &found {
                Ok(head) => (DONE, format!("The chain holds; its head is {head}")),
                Err(broken) => (WRONG, broken.to_string()),
            };
            if *json {
                let head = found.ok().map(|head| head.to_string());
                let told = json!({ "holds": status == DONE, "head": head, "sentence": sentence });
                output::print(&format!("{told:#}\n"))?;
            } else {
                output::print(&format!("{sentence}\n"))?;
            }
            Ok(status)
        }
        AuditWork::Export => {
            let mut out = io::BufWriter::new(io::stdout().lock());
            let mut written = Ok(());
            database.read(WHAT, |t| {
                audit::each(t, |number, hash, entry| {
                    if written.is_ok() {
                        let row = row(number, hash, &entry);
                        written = writeln!(out, "{row}");
                    }
                })
            })?;
            written.and_then(|()| out.flush()).context("cannot write the chain")?;
            Ok(DONE)
        }
    }
}

fn row(number: i64, hash: [u8; 32], entry: &audit::Entry) -> Value {
    let head = Head { number, hash }.to_string();
    json!({
        "number": number,
        "at_ms": entry.at_ms,
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "detail": serde_json::from_str::<Value>(&entry.detail).unwrap_or_default(),
        "head": head,
    })
}
