//! `asepsis store …`: what stands in the store, from the command line.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use store::Place;
use store::audit;
use store::database::Database;

use crate::arguments::serve::{NamedBase, Store, StorePlace, StoreWork};
use crate::commands::assess::today;
use crate::commands::retention;
use crate::keeping::{self, means};
use crate::progress::Bar;
use crate::serving::intake::{self, Watched};
use crate::{DONE, WRONG, output};

pub(crate) fn run(options: &Store) -> Result<u8> {
    match &options.work {
        StoreWork::Put { folder } => put(&open(&options.place)?, folder),
        StoreWork::Judge { base, changed } => {
            let database = open_there(&options.place)?;
            name_base(&database, base)?;
            judge(&database, *changed)
        }
        StoreWork::Backup { to } => backup(&open_there(&options.place)?, to),
        StoreWork::Restore { from } => restore(&options.place.store.parse()?, from),
        StoreWork::Check => check(&open_there(&options.place)?),
        StoreWork::Retention(own) => retention::run(&open_there(&options.place)?, own),
    }
}

/// Opens the store that is named.
pub(crate) fn open(place: &StorePlace) -> Result<Database> {
    let place: Place = place.store.parse()?;
    Ok(Database::open(&place)?)
}

/// Opens the store that is named, which has to be there: an empty one would look sound.
pub(crate) fn open_there(place: &StorePlace) -> Result<Database> {
    let there: Place = place.store.parse()?;
    if let Place::File(path) = &there
        && !path.exists()
    {
        bail!(
            "there is no store `{}`\n\nhint: `--store` names one; `asepsis serve` and `asepsis store \
             put` make one where there is none",
            path.display()
        );
    }
    Ok(Database::open(&there)?)
}

/// Notes by which base is judged from now on, where that is said.
pub(crate) fn name_base(database: &Database, named: &NamedBase) -> Result<()> {
    match &named.base {
        Some(base) => means::name(database, Some(base)),
        None if named.no_base => means::name(database, None),
        None => Ok(()),
    }
}

fn put(database: &Database, from: &Path) -> Result<u8> {
    let taken = intake::take(database, &Watched::only(from), &mut HashMap::new())?;
    output::print(&format!(
        "{} documents: {} new or changed, {} taken away.\n",
        taken.documents, taken.changed, taken.withdrawn
    ))?;
    judge(database, true)
}

fn judge(database: &Database, changed: bool) -> Result<u8> {
    let bar = Bar::new(false);
    let judgement = if changed {
        keeping::judge_changed(database, today(), &bar)?
    } else {
        keeping::judge(database, today(), &bar)?
    };
    bar.end();
    let took = judgement.ended_ms - judgement.begun_ms;
    output::print(&format!("Judged in {}.{:03} s.\n", took / 1_000, took % 1_000))?;
    Ok(DONE)
}

fn backup(database: &Database, to: &Path) -> Result<u8> {
    if to.exists() {
        bail!("`{}` is there already\n\nhint: name a file that is not there yet", to.display());
    }
    if database.backup(to)?.is_none() {
        bail!(
            "this store stands at a server, which makes backups of its own\n\nhint: pg_dump \
             copies it while it is in use"
        );
    }
    output::print(&format!("Copied the store to {}.\n", to.display()))?;
    Ok(DONE)
}

/// A backup is looked at before it counts as a store.
fn restore(place: &Place, from: &Path) -> Result<u8> {
    let Place::File(to) = place else {
        bail!(
            "a store at a server is restored with the server's own tools\n\nhint: pg_restore, or \
             psql with what pg_dump wrote"
        );
    };
    if to.exists() {
        bail!(
            "`{}` is there already\n\nhint: move it aside, or name another store with --store",
            to.display()
        );
    }
    let part = to.with_added_extension("part");
    fs::copy(from, &part).with_context(|| format!("cannot copy `{}`", from.display()))?;
    let looked = Database::open(&Place::File(part.clone())).map_err(Into::into).and_then(|copy| {
        let wrong = wrong(&copy)?;
        if !wrong.is_empty() {
            bail!("`{}` is not sound: {}", from.display(), wrong.join("; "));
        }
        Ok(())
    });
    let settled = looked.and_then(|()| {
        fs::rename(&part, to).with_context(|| format!("cannot make `{}`", to.display()))
    });
    for extension in ["part", "part-wal", "part-shm"] {
        // What is left of a copy that does not count is of no use to anyone.
        let _ = fs::remove_file(to.with_added_extension(extension));
    }
    settled?;
    output::print(&format!("Made the store {} from {}.\n", to.display(), from.display()))?;
    Ok(DONE)
}

fn check(database: &Database) -> Result<u8> {
    let wrong = wrong(database)?;
    for sentence in &wrong {
        output::complain(sentence);
    }
    if wrong.is_empty() {
        output::print(&format!("The store {} is sound.\n", database.place()))?;
        return Ok(DONE);
    }
    Ok(WRONG)
}

/// What is wrong with a store.
fn wrong(database: &Database) -> Result<Vec<String>> {
    let mut wrong = database.check()?;
    let chain = database.read("read the audit chain", |t| audit::verify(t, None))?;
    wrong.extend(chain.err().map(|broken| broken.to_string()));
    Ok(wrong)
}
