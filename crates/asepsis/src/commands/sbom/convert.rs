//! `asepsis sbom convert FILE --to FORM`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use anyhow::Result;
use domain::component::Sbom;
use domain::date;
use jiff::Timestamp;
use presentation::sbom::written::{self, Lost, Written};
use presentation::terminal::plain;
use serde_json::{Value, json};
use sources::sbom::beyond::Beyond;

use super::read;
use crate::arguments::sbom::{SbomConvert, SbomForm};
use crate::{DONE, epoch, output};

pub(super) fn run(options: &SbomConvert) -> Result<u8> {
    let input = read::one(&options.file)?;
    let Written { document, lost } = written(&input.sbom, options.to, options.timestamp)?;
    write(&options.output, &document)?;
    let mut all = Lossy { problems: input.problems, ..Lossy::default() };
    all.beyond(input.beyond);
    all.lost(lost);
    if options.json {
        let report = json!({ "to": options.to.key(), "unread": all.problems, "lost": all.json() });
        output::complain(&report.to_string());
    } else {
        output::complain(all.text(options.to).trim_end());
    }
    Ok(DONE)
}

/// An SBOM in a form, made when whoever asks says, or its makers said.
pub(super) fn written(sbom: &Sbom, to: SbomForm, stated: Option<Timestamp>) -> Result<Written> {
    let told = || {
        let seconds = sbom.created.as_deref().and_then(date::moment)?;
        Timestamp::from_second(seconds).ok()
    };
    let at = match stated {
        Some(at) => at,
        None => epoch::stated()?.or_else(told).unwrap_or_else(Timestamp::now),
    };
    let program = concat!("asepsis ", env!("CARGO_PKG_VERSION"));
    Ok(written::write(sbom, to.form(), at, program))
}

pub(super) fn write(path: &Path, document: &Value) -> Result<()> {
    let text = serde_json::to_string_pretty(document)?;
    output::write(path, |out| writeln!(out, "{text}"))
}

/// What is lost, by kind: what no fact holds, and what the form has no place for.
#[derive(Debug, Default)]
pub(super) struct Lossy {
    /// How many things could not be read.
    pub(super) problems: usize,
    kinds: BTreeMap<String, (usize, String)>,
}

impl Lossy {
    pub(super) fn beyond(&mut self, beyond: BTreeMap<String, Beyond>) {
        for (kind, Beyond { count, line, example }) in beyond {
            let at = if line > 0 { format!("line {line}") } else { String::new() };
            let example = [at, example].into_iter().filter(|text| !text.is_empty());
            self.add(kind, count, example.collect::<Vec<_>>().join(": "));
        }
    }

    pub(super) fn lost(&mut self, lost: Vec<Lost>) {
        for Lost { kind, count, example } in lost {
            self.add(kind, count, example);
        }
    }

    fn add(&mut self, kind: String, count: usize, example: String) {
        let known = self.kinds.entry(kind).or_insert_with(|| (0, example));
        known.0 += count;
    }

    pub(super) fn json(&self) -> Value {
        let kinds = self.kinds.iter().map(
            |(kind, (count, example))| json!({ "kind": kind, "count": count, "example": example }),
        );
        kinds.collect()
    }

    pub(super) fn text(&self, to: SbomForm) -> String {
        let mut text = String::new();
        if self.problems > 0 {
            let problems = self.problems;
            let _ = writeln!(text, "not read: {problems} (`asepsis sbom check` says what)");
        }
        if self.kinds.is_empty() {
            let _ = writeln!(text, "nothing that was read is lost in {}", to.title());
            return text;
        }
        let _ = writeln!(text, "not carried over to {}:", to.title());
        for (kind, (count, example)) in &self.kinds {
            let _ = match example.as_str() {
                "" => writeln!(text, "  {}: {count}", plain(kind)),
                example => writeln!(text, "  {}: {count}, first {}", plain(kind), plain(example)),
            };
        }
        text
    }
}
