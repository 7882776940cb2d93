//! `asepsis sbom check PATH…`.

use std::fmt::Write;

use anyhow::Result;
use collectors::folder;
use domain::problem::Problem;
use sources::format;

use crate::arguments::{Sbom, SbomCheck, SbomWork};
use crate::progress::Bar;
use crate::{DONE, WRONG, output};

pub(crate) fn run(options: &Sbom) -> Result<u8> {
    match &options.work {
        SbomWork::Check(options) => check(options),
    }
}

/// One checked document.
struct Checked {
    name: String,
    /// Its format and its deviations; `None` where it is no SBOM.
    outcome: Option<(String, Vec<Problem>)>,
}

fn check(options: &SbomCheck) -> Result<u8> {
    let mut status = DONE;
    for path in &options.paths {
        let bar = Bar::new(false);
        let visit = folder::visit(path, &bar, &|name, unpacked| Checked {
            name,
            outcome: match unpacked {
                Ok(bytes) => format::check(&bytes),
                Err(problem) => Some(("unread".to_owned(), vec![problem])),
            },
        })?;
        bar.end();
        for checked in &visit.documents {
            if !checked.keeps() {
                status = WRONG;
            }
            let shown = if options.json { checked.as_json() } else { checked.as_text() };
            output::print(&shown)?;
        }
    }
    Ok(status)
}

impl Checked {
    fn keeps(&self) -> bool {
        self.outcome.as_ref().is_some_and(|(_, problems)| problems.is_empty())
    }

    fn as_text(&self) -> String {
        let Some((format, problems)) = &self.outcome else {
            return format!("{}: no SBOM\n", self.name);
        };
        if problems.is_empty() {
            return format!("{}: {format}, keeps to its specification\n", self.name);
        }
        let mut text = format!("{}: {format}, breaks its specification\n", self.name);
        for problem in problems {
            let _ = writeln!(text, "  {problem} [{}]", problem.code);
        }
        text
    }

    fn as_json(&self) -> String {
        let (format, problems) = match &self.outcome {
            Some((format, problems)) => (Some(format.as_str()), problems.as_slice()),
            None => (None, [].as_slice()),
        };
        let line = serde_json::json!({
            "document": self.name,
            "format": format,
            "keeps": self.keeps(),
            "problems": problems.iter().map(|problem| serde_json::json!({
                "code": problem.code.text(),
                "line": problem.at.line,
                "path": problem.at.path(),
                "meaning": problem.code.meaning(),
                "expected": problem.expected,
                "found": problem.found,
            })).collect::<Vec<_>>(),
        });
        format!("{line}\n")
    }
}
