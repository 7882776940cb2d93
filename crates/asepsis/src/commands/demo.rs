//! `asepsis demo`: the example hospital, from inside the program, assessed, or at work and
//! attacked.

use std::fs;
use std::num::NonZeroU32;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use collectors::folder;

use crate::arguments::Demo;
use crate::commands::assess::{Inputs, show};
use crate::demo::{self, Play};
use crate::progress::Bar;
use crate::serving::languages;
use crate::{DONE, output};

/// The example's files, as they stand in `examples/saint-brigid`.
static FILES: include_dir::Dir<'static> =
    include_dir::include_dir!("$CARGO_MANIFEST_DIR/../../examples/saint-brigid");

pub(crate) fn run(options: &Demo) -> Result<u8> {
    if let Some(folder) = &options.write {
        write(folder)?;
        output::print(&format!(
            "Wrote the example hospital to {0}; `asepsis assess {0}` assesses it.\n",
            folder.display()
        ))?;
        return Ok(DONE);
    }
    let speed = NonZeroU32::new(options.speed).unwrap_or(NonZeroU32::MIN);
    let play = Play { speed, attack_after: Duration::from_secs(options.attack_after) };
    if options.headless {
        return demo::tell(play);
    }
    if !options.once && !options.shown.is_asked_for() {
        return demo::play(play, languages::of(&options.text)?);
    }
    show(&inputs(options.shown.quiet), &options.shown)
}

/// Reads the example hospital.
pub(crate) fn inputs(quiet: bool) -> Inputs {
    let bar = Bar::new(quiet);
    let collected = folder::read_memory(files(), &bar);
    bar.end();
    Inputs { subject: "Saint Brigid".to_owned(), collected }
}

fn files() -> Vec<(String, Vec<u8>)> {
    fn walk(folder: &include_dir::Dir<'_>, files: &mut Vec<(String, Vec<u8>)>) {
        for file in folder.files() {
            files.push((file.path().to_string_lossy().into_owned(), file.contents().to_vec()));
        }
        folder.dirs().for_each(|folder| walk(folder, files));
    }
    let mut files = Vec::new();
    walk(&FILES, &mut files);
    files.sort();
    files
}

pub(crate) fn write(folder: &Path) -> Result<()> {
    if folder.exists() {
        bail!(
            "`{}` is there already\n\nhint: name a folder that is not there yet",
            folder.display()
        );
    }
    for (name, bytes) in files() {
        let path = folder.join(name);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent)
            .with_context(|| format!("cannot make `{}`", parent.display()))?;
        fs::write(&path, bytes).with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    Ok(())
}
