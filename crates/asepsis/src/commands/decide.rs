//! `asepsis decide not-affected | false-positive | accept | list | undo`: what the hospital decides
//! about findings.
//!
//! What may be decided `domain::decision` says, as for the console. Refuses to guess how far a
//! decision reaches: the version is named, or that it is about all of them.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use domain::decision::{FOLDER, Model, Part, Ruling, Scope};
use domain::purl::Purl;
use presentation::decide::{self, About, Made, New, Typed};
use serde_json::{Value, json};
use store::audit::By;
use store::decisions::{self, Bears, Decision, Undone};

use crate::arguments::decide::{self as asked, Decide, DecideWork};
use crate::assess::Judged;
use crate::commands::assess::{judge, of_folder, today};
use crate::commands::people::account;
use crate::commands::store::open_there;
use crate::keeping::{self, now_ms};
use crate::progress::Bar;
use crate::{DONE, WRONG, output};

const WHAT: &str = "keep a decision";
const READ: &str = "read the decisions";

pub(crate) fn run(options: &Decide) -> Result<u8> {
    let typed = |kind| Typed { kind, ..Typed::default() };
    match &options.work {
        DecideWork::NotAffected { about, because } => {
            let typed = Typed {
                justification: because.as_deref().unwrap_or_default(),
                ..typed("not-affected")
            };
            make(options, about, ruling(typed)?)
        }
        DecideWork::FalsePositive { about } => {
            make(options, about, ruling(typed("false-positive"))?)
        }
        DecideWork::Accept { about, until } => make(options, about, Ruling::AcceptedUntil(*until)),
        DecideWork::List { json } => list(options, *json),
        DecideWork::Undo { id } => undo(options, id),
    }
}

fn ruling(typed: Typed<'_>) -> Result<Ruling> {
    decide::ruling(typed).map_err(|wrong| anyhow!(wrong))
}

fn make(options: &Decide, about: &asked::About, ruling: Ruling) -> Result<u8> {
    let own = account();
    let author = about.author.as_deref().unwrap_or(&own);
    let scope = scope(about)?;
    let about_each = about
        .vulnerabilities
        .iter()
        .map(|id| About { vulnerability: id.trim().to_owned(), scope: scope.clone() });
    let new =
        New { ruling, reason: &about.reason, author, at_ms: now_ms(), about: about_each.collect() };
    let made = decide::make(&new, today()).map_err(|wrong| anyhow!(wrong.to_string()))?;
    let kept = match &options.folder {
        Some(folder) => into_folder(folder, &made)?,
        None => into_store(options, &made, &own)?,
    };
    let bears = kept.bears.unwrap_or_default();
    let mut said = format!("Decision {}: {ruling}, about {scope}.\n{}\n", kept.id, words(bears));
    if bears.findings == 0 {
        said.push_str(
            "Is the vulnerability, the product and its version spelt as the inventory has it?\n",
        );
    }
    output::print(&said)?;
    Ok(DONE)
}

fn scope(about: &asked::About) -> Result<Scope> {
    let product = about.product.as_deref().map(|product| {
        let (maker, model) = product.split_once('/').with_context(|| {
            format!("`{product}` is no MAKER/MODEL\n\nhint: --product \"BD/Alaris PCU\"")
        })?;
        Ok::<_, anyhow::Error>(Model {
            manufacturer: maker.trim().into(),
            model: model.trim().into(),
        })
    });
    let product = product.transpose()?;
    if product.is_some() && about.version.is_none() && !about.all_versions {
        bail!("say at which --version, or that it is about --all-versions");
    }
    let component = about.component.as_deref().map(|component| {
        if component.starts_with("pkg:") {
            let purl = Purl::parse(component).map_err(|why| anyhow!("`{component}`: {why}"))?;
            return Ok(Part::Package(purl.to_string().into()));
        }
        if product.is_none() {
            bail!("`{component}` is no package URL, and only in a --product a name is enough");
        }
        let (name, version) = component.rsplit_once('@').unwrap_or((component, ""));
        Ok(Part::Named(name.into(), version.into()))
    });
    let version = about.version.as_deref().map(|version| version.trim().into());
    Ok(Scope { product, version, component: component.transpose()? })
}

/// What it bears on, in words.
fn words(bears: Bears) -> String {
    let many = |count: i64, one: &str, more: &str| {
        if count == 1 { format!("1 {one}") } else { format!("{count} {more}") }
    };
    if bears.findings == 0 {
        return "It bears on nothing that is known now.".to_owned();
    }
    format!(
        "It bears on {} in {}, {}.",
        many(bears.findings, "finding", "findings"),
        many(bears.releases, "release", "releases"),
        many(bears.devices, "device", "devices")
    )
}

fn into_folder(folder: &Path, made: &Made) -> Result<Decision> {
    if !folder.is_dir() {
        bail!("`{}` is no folder", folder.display());
    }
    let path = folder.join(&made.decision.name);
    fs::create_dir_all(folder.join(FOLDER))
        .with_context(|| format!("cannot make the folder `{FOLDER}` in `{}`", folder.display()))?;
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)
        .with_context(|| format!("cannot write `{}`", path.display()))?;
    file.write_all(&made.document).with_context(|| format!("cannot write `{}`", path.display()))?;
    let (all, _) = of_files(folder)?;
    let kept = all.into_iter().find(|one| one.name == made.decision.name);
    kept.with_context(|| format!("`{}` was written and is not read back", path.display()))
}

/// The decisions of a folder, with what each bears on; and what is wrong with their files.
fn of_files(folder: &Path) -> Result<(Vec<Decision>, Vec<String>)> {
    let inputs = of_folder(folder, true)?;
    let judged: Judged<'_> = judge(&inputs, None, true);
    let assessment = judged.assessment();
    let own = format!("{FOLDER}/");
    let documents = assessment.documents.iter().filter(|one| one.name.starts_with(&own));
    let wrong = documents.flat_map(|document| {
        document.problems.iter().map(|problem| {
            let found = if problem.found.is_empty() {
                String::new()
            } else {
                format!(", found `{}`", problem.found)
            };
            format!(
                "{} {}: {}; expected {}{found}",
                document.name, problem.path, problem.meaning, problem.expected
            )
        })
    });
    let wrong = wrong.collect();
    Ok((judged.decisions(&assessment), wrong))
}

fn into_store(options: &Decide, made: &Made, actor: &str) -> Result<Decision> {
    let database = open_there(&options.place)?;
    let by = By { actor, at_ms: made.decision.at_ms };
    let is_new = database.write(WHAT, |transaction| {
        decisions::make(transaction, &made.decision, &made.document, by)
    })?;
    if !is_new {
        bail!("decision {} stands already", made.decision.id);
    }
    judge_anew(&database)?;
    let kept = database.read(READ, |transaction| decisions::one(transaction, &made.decision.id))?;
    kept.context("the decision is gone again: somebody undid it meanwhile")
}

fn judge_anew(database: &store::database::Database) -> Result<()> {
    let bar = Bar::new(false);
    keeping::judge_changed(database, today(), &bar)?;
    bar.end();
    Ok(())
}

fn list(options: &Decide, as_json: bool) -> Result<u8> {
    let (all, wrong) = match &options.folder {
        Some(folder) => of_files(folder)?,
        None => {
            let database = open_there(&options.place)?;
            (every(&database)?, Vec::new())
        }
    };
    let mut text = String::new();
    for decision in &all {
        if as_json {
            let _ = writeln!(text, "{}", shown(decision));
        } else {
            line(&mut text, decision);
        }
    }
    if all.is_empty() && !as_json && wrong.is_empty() {
        text.push_str("Nothing was decided.\n");
    }
    output::print(&text)?;
    for sentence in &wrong {
        output::complain(&format!("error: {sentence}"));
    }
    Ok(if wrong.is_empty() { DONE } else { WRONG })
}

fn every(database: &store::database::Database) -> Result<Vec<Decision>> {
    let mut all: Vec<Decision> = Vec::new();
    loop {
        let last = all.last().map(|last| (last.at_ms, last.id.clone()));
        let page = database.read(READ, |transaction| {
            let after = last.as_ref().map(|(at_ms, id)| (*at_ms, id.as_str()));
            decisions::page(transaction, after, decisions::PAGE)
        })?;
        let is_last = page.len() < decisions::PAGE;
        all.extend(page);
        if is_last {
            return Ok(all);
        }
    }
}

fn line(text: &mut String, decision: &Decision) {
    let about: Vec<decide::Told> = serde_json::from_str(&decision.about).unwrap_or_default();
    let kind = match (decision.kind.as_str(), decision.until.as_str()) {
        ("accepted", until) if until < today().to_string().as_str() => {
            format!("accepted until {until}, which has passed")
        }
        ("accepted", until) => format!("accepted until {until}"),
        (kind, _) => kind.replace('-', " "),
    };
    let _ = writeln!(text, "{}  {kind}, by {}: {}", decision.id, decision.author, decision.reason);
    for one in about.iter().take(8) {
        let _ = writeln!(text, "    {} in {}", one.vulnerability, one.scope);
    }
    if about.len() > 8 {
        let _ = writeln!(text, "    and {} more", about.len() - 8);
    }
    match decision.bears {
        Some(Bears { findings: 0, .. }) => {
            text.push_str("    It no longer applies, or does not yet: it bears on nothing.\n");
        }
        Some(bears) => {
            let _ = writeln!(text, "    {}", words(bears));
            if bears.contradicted > 0 {
                let _ = writeln!(
                    text,
                    "    Somebody else says otherwise of {} of them.",
                    bears.contradicted
                );
            }
        }
        None => text.push_str("    What it bears on is being judged.\n"),
    }
}

fn shown(decision: &Decision) -> Value {
    let about: Value = serde_json::from_str(&decision.about).unwrap_or_default();
    json!({
        "id": decision.id,
        "document": decision.name,
        "kind": decision.kind,
        "until": (!decision.until.is_empty()).then_some(&decision.until),
        "justification": (!decision.justification.is_empty()).then_some(&decision.justification),
        "reason": decision.reason,
        "author": decision.author,
        "at_ms": decision.at_ms,
        "about": about,
        "findings": decision.bears.map(|bears| bears.findings),
        "releases": decision.bears.map(|bears| bears.releases),
        "devices": decision.bears.map(|bears| bears.devices),
        "contradicted": decision.bears.map(|bears| bears.contradicted),
    })
}

fn undo(options: &Decide, id: &str) -> Result<u8> {
    let nowhere =
        || anyhow!("there is no decision `{id}`\n\nhint: `asepsis decide list` shows all of them");
    if id.is_empty() || id.contains(['/', '\\', '!']) || id.starts_with('.') {
        return Err(nowhere());
    }
    if let Some(folder) = &options.folder {
        let path = folder.join(FOLDER).join(format!("{id}.json"));
        match fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(nowhere()),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot remove `{}`", path.display()));
            }
        }
    } else {
        let database = open_there(&options.place)?;
        let actor = account();
        let by = By { actor: &actor, at_ms: now_ms() };
        match database.write(WHAT, |transaction| decisions::undo(transaction, id, by))? {
            Undone::Gone => judge_anew(&database)?,
            Undone::Nowhere => return Err(nowhere()),
            Undone::Elsewhere(source) => {
                bail!("decision {id} came from `{source}`\n\nhint: take its file away there")
            }
        }
    }
    output::print(&format!("Decision {id} is undone.\n"))?;
    Ok(DONE)
}
