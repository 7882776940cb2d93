//! `asepsis assess FOLDER`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use collectors::folder::{self, Collected};
use presentation::assessment::Assessment;
use presentation::{export, report, terminal};

use crate::arguments::{Assess, FailOn, Shown};
use crate::assess::Judged;
use crate::compiling;
use crate::progress::Bar;
use crate::{DONE, REACHED, WRONG, output};

pub(crate) fn run(options: &Assess) -> Result<u8> {
    let mut inputs = of_folder(&options.folder, options.shown.quiet)?;
    complete(&mut inputs, options.base.as_deref())?;
    show(&inputs, &options.shown)
}

/// What there is to assess.
pub(crate) struct Inputs {
    pub(crate) subject: String,
    pub(crate) collected: Collected,
}

/// Reads a folder.
pub(crate) fn of_folder(folder: &Path, quiet: bool) -> Result<Inputs> {
    let bar = Bar::new(quiet);
    let collected = folder::read(folder, &bar)?;
    bar.end();
    let name = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let subject = name.file_name().unwrap_or(name.as_os_str()).to_string_lossy().into_owned();
    Ok(Inputs { subject, collected })
}

/// Adds what a base has about it, if one is named.
pub(crate) fn complete(inputs: &mut Inputs, base: Option<&Path>) -> Result<()> {
    match base {
        Some(base) => {
            compiling::complete(&mut inputs.collected, &compiling::named(base)?).map(|_| ())
        }
        None => Ok(()),
    }
}

/// Joins and judges what was read.
pub(crate) fn judge(inputs: &Inputs, date: Option<jiff::civil::Date>, quiet: bool) -> Judged<'_> {
    let bar = Bar::new(quiet);
    bar.stage("judging");
    let judged = Judged::new(&inputs.subject, &inputs.collected, date.unwrap_or_else(today));
    bar.end();
    judged
}

/// The day by the machine's own clock and zone.
pub(crate) fn today() -> jiff::civil::Date {
    jiff::ZonedDateTime::now().date()
}

/// Writes an assessment in one form.
type Render = fn(&Assessment, &mut dyn Write) -> io::Result<()>;

/// Writes what was asked for; the status that says what was found.
pub(crate) fn show(inputs: &Inputs, shown: &Shown) -> Result<u8> {
    let is_piped = |path: &&Option<PathBuf>| path.as_deref().is_some_and(|p| p.as_os_str() == "-");
    let piped = [&shown.json, &shown.csv, &shown.html].into_iter().filter(is_piped).count();
    if piped > 1 {
        bail!("only one of --json, --csv and --html can be standard output\n\nhint: name a file");
    }
    let assessment = &judge(inputs, shown.date, shown.quiet).assessment();
    let outputs: [(&Option<PathBuf>, Render); 3] = [
        (&shown.json, |assessment, out| export::json(assessment, out)),
        (&shown.csv, |assessment, out| export::csv(assessment, out)),
        (&shown.html, |assessment, out| out.write_all(report::html(assessment).as_bytes())),
    ];
    for (path, render) in outputs {
        if let Some(path) = path {
            output::write(path, |out| render(assessment, out))?;
        }
    }
    if !shown.quiet && piped == 0 {
        output::print(&terminal::page(assessment, shown.top, output::page(shown.color)))?;
    }
    Ok(status(assessment, shown))
}

/// Problems under `--strict` outrank `--fail-on`: what was not read may hide what was asked for.
fn status(assessment: &Assessment, shown: &Shown) -> u8 {
    let decisions = assessment.summary.decisions;
    let reached = match shown.fail_on {
        None => 0,
        Some(FailOn::Act) => decisions.act,
        Some(FailOn::Attend) => decisions.act + decisions.attend,
        Some(FailOn::TrackClosely) => decisions.act + decisions.attend + decisions.track_closely,
        Some(FailOn::Track) => assessment.devices.len() - decisions.none,
    };
    if shown.strict && assessment.summary.problems > 0 {
        WRONG
    } else if reached > 0 {
        REACHED
    } else {
        DONE
    }
}
