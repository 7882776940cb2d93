//! `asepsis sbom check PATH…`.

use std::fmt::Write;

use anyhow::Result;
use collectors::folder;
use decisions::sbom::quality::{self, List};
use domain::component::Sbom;
use domain::fact::Fact;
use domain::problem::Problem;
use presentation::sbom::checked::Quality;
use presentation::terminal::{self, Page, sbom::Components};
use sources::format;

use crate::arguments::sbom::SbomCheck;
use crate::progress::Bar;
use crate::{DONE, WRONG, output};

/// One checked document.
struct Checked {
    name: String,
    /// Its format and its deviations; `None` where it is no SBOM.
    outcome: Option<(String, Vec<Problem>)>,
    /// How much it tells, and which lists in all; `None` where it could not be read.
    told: Option<(Quality, Vec<List>)>,
}

pub(super) fn run(options: &SbomCheck) -> Result<u8> {
    let required: Vec<List> = options.require.iter().map(|required| required.list()).collect();
    let components = if options.components { Components::All } else { Components::First };
    let page = output::page(options.color);
    let mut status = DONE;
    for path in &options.paths {
        let bar = Bar::new(false);
        let visit = folder::visit(path, &bar, &|name, unpacked| match unpacked {
            Ok(bytes) => Checked::of(name, &bytes),
            Err(problem) => {
                let outcome = Some(("unread".to_owned(), vec![problem]));
                Checked { name, outcome, told: None }
            }
        })?;
        bar.end();
        for checked in &visit.documents {
            if !checked.keeps() || !required.iter().all(|list| checked.tells(*list)) {
                status = WRONG;
            }
            let shown = if options.json {
                checked.as_json()
            } else {
                checked.as_text(&required, components, page)
            };
            output::print(&shown)?;
        }
    }
    Ok(status)
}

impl Checked {
    fn of(name: String, bytes: &[u8]) -> Self {
        let outcome = format::check(bytes);
        let facts = outcome.is_some().then(|| format::read(bytes).reading.facts);
        let sbom = facts.iter().flatten().find_map(of_sbom);
        let told = sbom.map(|sbom| {
            let quality = quality::Quality::of(sbom);
            let whole = List::ALL.into_iter().filter(|list| quality.is_whole(*list)).collect();
            (Quality::of(&quality), whole)
        });
        Self { name, outcome, told }
    }

    fn keeps(&self) -> bool {
        self.outcome.as_ref().is_some_and(|(_, problems)| problems.is_empty())
    }

    fn tells(&self, list: List) -> bool {
        self.told.as_ref().is_some_and(|(_, whole)| whole.contains(&list))
    }

    fn as_text(&self, required: &[List], components: Components, page: Page) -> String {
        let Some((format, problems)) = &self.outcome else {
            return format!("{}: no SBOM\n", self.name);
        };
        let keeps = if problems.is_empty() { "keeps to" } else { "breaks" };
        let mut text = format!("{}: {format}, {keeps} its specification\n", self.name);
        for problem in problems {
            let _ = writeln!(text, "  {problem} [{}]", problem.code);
        }
        for list in required.iter().filter(|list| !self.tells(**list)) {
            let _ = writeln!(text, "  does not tell all that is required: {}", list.title());
        }
        if let Some((quality, _)) = &self.told {
            text.push_str(&terminal::sbom::quality(quality, components, page));
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
            "quality": self.told.as_ref().map(|(quality, _)| quality),
        });
        format!("{line}\n")
    }
}

fn of_sbom(fact: &Fact) -> Option<&Sbom> {
    match fact {
        Fact::Sbom(sbom) => Some(sbom),
        _ => None,
    }
}
