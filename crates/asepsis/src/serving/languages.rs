//! The languages of the console: those that come with the program, and files that somebody has.
//!
//! Refuses a file that is none of messages; what of it can't be used is told, and English fills in.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use presentation::text::Languages;

use crate::output;

/// Those that come with the program, and those of the files, each named as its language.
pub(crate) fn of(files: &[PathBuf]) -> Result<Languages> {
    let mut languages = Languages::shipped();
    for file in files {
        add(&mut languages, file)?;
    }
    Ok(languages)
}

fn add(languages: &mut Languages, file: &Path) -> Result<()> {
    let shown = file.display();
    let source = fs::read_to_string(file).with_context(|| format!("cannot read `{shown}`"))?;
    let name = file.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    let problems = languages.add(name, &source).with_context(|| format!("`{shown}`"))?;
    for problem in problems {
        output::complain(&format!("`{shown}`: {problem}"));
    }
    Ok(())
}
