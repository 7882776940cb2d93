//! With what is judged: this program, and the base that was named to it, if one was.
//!
//! Refuses to judge without a base that was named: what it knows would be gone from the views.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, Error, Result, anyhow};
use base::{Base, BaseError};
use collectors::folder::Collected;
use decisions::exposure::keys::Key;
use domain::fact::Document;
use domain::location::DocumentId;
use store::compiled::{self, Compiled};
use store::database::{Database, Transaction};
use store::{StoreError, settings};

use super::closure::Names;
use crate::compiling;

/// Under which name it is set where the base stands; empty where there is none.
const BASE: &str = "base.path";
/// Under which name it is set with what was judged last: with another it may be judged otherwise.
const JUDGED_BY: &str = "judged.by";
/// This program.
const PROGRAM: &str = env!("CARGO_PKG_VERSION");

/// What is judged with.
pub(crate) struct Means {
    base: Option<Base>,
    /// With what was judged last.
    before: Option<String>,
}

impl Means {
    /// Opens the base that is named.
    pub(crate) fn of(database: &Database) -> Result<Self> {
        let (path, before) = database.read("read the settings", |transaction| {
            Ok((settings::get(transaction, BASE)?, settings::get(transaction, JUDGED_BY)?))
        })?;
        let path = path.filter(|path| !path.is_empty());
        let base = path.map(|path| Base::open(Path::new(&path)).map_err(gone));
        Ok(Self { base: base.transpose()?, before })
    }

    /// Whether with these, and by this program, was judged last.
    pub(crate) fn are_as_before(&self) -> bool {
        self.before.as_ref() == Some(&self.name())
    }

    /// By what they are told from others.
    fn name(&self) -> String {
        match &self.base {
            Some(base) => format!("{PROGRAM} {}", base.print()),
            None => PROGRAM.to_owned(),
        }
    }

    /// The vulnerabilities of which the base says otherwise than when was judged last; nothing
    /// where that can't be told, or another program judged.
    pub(super) fn changed(&self) -> Result<Option<Names>> {
        if self.are_as_before() {
            return Ok(Some(Names::new()));
        }
        let before = self.before.as_deref().and_then(|before| before.split_once(' '));
        let (Some(base), Some((PROGRAM, print))) = (&self.base, before) else { return Ok(None) };
        Ok(base.since(print)?.map(|names| names.into_iter().collect()))
    }

    /// What the base knows of vulnerabilities.
    pub(super) fn about(&self, names: &Names) -> Result<Vec<Document>> {
        let Some(base) = &self.base else { return Ok(Vec::new()) };
        Ok(base.about(&[], names.iter().cloned())?)
    }

    /// What the base has that may be about what bears some keys.
    pub(super) fn about_keys(&self, keys: &[Key]) -> Result<Vec<Document>> {
        let Some(base) = &self.base else { return Ok(Vec::new()) };
        Ok(base.about(keys, [])?)
    }

    /// Adds to what was collected all that the base has about it; says which documents these are.
    pub(super) fn complete(&self, collected: &mut Collected) -> Result<HashSet<DocumentId>> {
        let Some(base) = &self.base else { return Ok(HashSet::new()) };
        compiling::complete(collected, base)
    }

    /// What the base holds, where it is another than before.
    pub(super) fn held(&self) -> Result<Option<Vec<Compiled>>> {
        if self.are_as_before() {
            return Ok(None);
        }
        let mut by_format: BTreeMap<String, Compiled> = BTreeMap::new();
        let ms = |seconds: u64| i64::try_from(seconds).unwrap_or_default().saturating_mul(1_000);
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let listed = self.base.as_ref().map(Base::documents).transpose()?.unwrap_or_default();
        let made_ms = self.base.as_ref().map(|base| ms(base.made())).unwrap_or_default();
        for one in listed {
            let held = by_format.entry(one.format).or_default();
            held.documents += 1;
            held.records += number(one.records);
            held.bytes += number(one.bytes);
            held.broken += i64::from(one.lost > 0);
            held.last_ms = held.last_ms.max(ms(one.compiled));
        }
        let held = by_format.into_iter().map(|(format, held)| Compiled { format, made_ms, ..held });
        Ok(Some(held.collect()))
    }

    /// Notes that with these was judged, and what the base holds, if that is another.
    pub(super) fn note(
        &self,
        transaction: &mut Transaction<'_>,
        held: Option<&[Compiled]>,
    ) -> Result<(), StoreError> {
        if let Some(held) = held {
            compiled::replace(transaction, held)?;
        }
        settings::set(transaction, JUDGED_BY, &self.name())
    }
}

/// What is told where the base can't be used.
fn gone(error: BaseError) -> Error {
    let why = Error::from(error);
    anyhow!(
        "{why:#}; what it told stays as it was judged last\n\nhint: put it back, name another with \
         `asepsis serve --base FILE`, or do without by --no-base"
    )
}

/// Names the base with which is judged from now on, or none.
pub(crate) fn name(database: &Database, base: Option<&Path>) -> Result<()> {
    let path = match base {
        Some(path) => {
            // One that can't be used is told at once.
            compiling::named(path)?;
            let whole = path.canonicalize();
            let whole = whole.with_context(|| format!("cannot find `{}`", path.display()))?;
            let text = whole.to_str().map(str::to_owned);
            text.with_context(|| format!("`{}` is not named in UTF-8", path.display()))?
        }
        None => String::new(),
    };
    database.write("name the base", |transaction| settings::set(transaction, BASE, &path))?;
    Ok(())
}

/// How the base looks that is named: its length, and when it was written. Another is there where it
/// looks otherwise.
pub(crate) fn look(database: &Database) -> Option<(u64, Option<SystemTime>)> {
    let path = database.read("read a setting", |t| settings::get(t, BASE)).ok().flatten()?;
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.len(), metadata.modified().ok()))
}

/// Notes that nobody has judged what stands in the views, while they are being written.
pub(super) fn begin(transaction: &mut Transaction<'_>) -> Result<(), StoreError> {
    settings::set(transaction, JUDGED_BY, "")
}
