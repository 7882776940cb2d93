//! What is compiled: into a base, what it holds, and bundles of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::{Context, Result};
use base::bundle::{SigningKey, seal};
use base::{Base, Listed};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::size;
use crate::arguments::feed::{FeedBundle, FeedImport, FeedKey};
use crate::asked;
use crate::compiling::{self, Import, Imported};
use crate::progress::Bar;
use crate::{DONE, WRONG, output};

/// How many documents are named where many have the same fate.
const NAMED: usize = 10;

fn text_of(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))
}

/// Makes a key that signs, readable by its owner only, and one for those who are to trust it.
pub(super) fn key(options: &FeedKey) -> Result<u8> {
    let key = SigningKey::generate()?;
    let secret = &options.file;
    let public = secret.with_added_extension("pub");
    for (path, mode, text) in
        [(secret, 0o600, key.secret_text()), (&public, 0o644, key.public_text())]
    {
        let mut open = File::options();
        let file = open.write(true).create_new(true).mode(mode).open(path);
        file.and_then(|mut file| file.write_all(text.as_bytes()))
            .with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    output::print(&format!(
        "{}: signs bundles; keep it where nobody else can read it\n{}: give it to those who take bundles in\n",
        secret.display(),
        public.display()
    ))?;
    Ok(DONE)
}

/// Signs a base, for a site that is not on the internet.
pub(super) fn bundle(options: &FeedBundle) -> Result<u8> {
    let secret = asked::file(&options.key)?;
    let key = SigningKey::parse(secret.expose())
        .with_context(|| format!("`{}` can't be used", options.key.display()))?;
    let bytes = seal(&options.base, &key, &options.to)?;
    output::print(&format!("{}: {}\n", options.to.display(), size(bytes)))?;
    Ok(DONE)
}

/// Compiles what is named into a base.
pub(super) fn import(options: &FeedImport) -> Result<u8> {
    let trusted = options.trust.as_deref().map(text_of).transpose()?;
    let asked = Import {
        paths: &options.paths,
        trusted: trusted.as_deref(),
        base: &options.base,
        prune: options.prune,
    };
    let compiled = compile(asked, options.json)?;
    let json = compiled.json();
    output::print(&if options.json { format!("{json:#}\n") } else { compiled.text() })?;
    Ok(compiled.status())
}

/// Compiles what is asked for, and tells on standard error what was wrong with it.
pub(super) fn compile(asked: Import<'_>, is_quiet: bool) -> Result<Compiled> {
    let bar = Bar::new(is_quiet);
    let imported = compiling::import(asked, &bar)?;
    bar.end();
    let refused = imported.refused.iter().map(|(name, why)| format!("{name}: {why}"));
    told("not compiled", &refused.collect::<Vec<_>>());
    let problems = imported.problems.iter().map(|(name, problem)| format!("{name}: {problem}"));
    told("in what was compiled", &problems.collect::<Vec<_>>());
    Ok(Compiled { base: asked.base.display().to_string(), imported })
}

/// What was compiled into a base.
pub(super) struct Compiled {
    base: String,
    imported: Imported,
}

/// Tells the first of many on standard error, and how many more there are.
fn told(what: &str, lines: &[String]) {
    let more = lines.len().saturating_sub(NAMED);
    for line in lines.iter().take(NAMED) {
        output::complain(&format!("{what}: {line}"));
    }
    if more > 0 {
        output::complain(&format!("{what}: {more} more; --json names all"));
    }
}

impl Compiled {
    pub(super) fn status(&self) -> u8 {
        if self.imported.refused.is_empty() { DONE } else { WRONG }
    }

    pub(super) fn text(&self) -> String {
        let Imported { written, bundled, unchanged, removed, refused, left_out, .. } =
            &self.imported;
        let mut text = format!(
            "{}: {} records of {} documents, {}\n  compiled {}, unchanged {unchanged}",
            self.base,
            written.records,
            written.documents,
            size(written.bytes),
            written.compiled,
        );
        let counts = [
            ("from bundles", *bundled),
            ("removed", removed.len()),
            ("not compiled", refused.len()),
            ("no input", left_out.len()),
        ];
        for (what, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
            let _ = write!(text, ", {what} {count}");
        }
        text.push('\n');
        text
    }

    pub(super) fn json(&self) -> Value {
        let imported = &self.imported;
        let named = |all: &[(String, String)]| -> Vec<Value> {
            all.iter().map(|(name, why)| json!({ "document": name, "why": why })).collect()
        };
        let problems = imported
            .problems
            .iter()
            .map(|(name, problem)| json!({ "document": name, "problem": problem.to_string() }));
        json!({
            "base": self.base,
            "documents": imported.written.documents,
            "records": imported.written.records,
            "bytes": imported.written.bytes,
            "compiled": imported.written.compiled,
            "from_bundles": imported.bundled,
            "unchanged": imported.unchanged,
            "removed": imported.removed,
            "not_compiled": named(&imported.refused),
            "no_input": named(&imported.left_out),
            "problems": problems.collect::<Vec<_>>(),
        })
    }
}

/// What a base holds of one source: the first part of the names of its documents.
#[derive(Debug, Default)]
struct Source {
    documents: u64,
    records: u64,
    lost: u64,
    bytes: u64,
    /// In seconds since 1970 (UTC).
    compiled: u64,
}

impl Source {
    fn add(&mut self, listed: &Listed) {
        self.documents += 1;
        self.records += listed.records;
        self.lost += listed.lost;
        self.bytes += listed.bytes;
        self.compiled = self.compiled.max(listed.compiled);
    }
}

/// Says what a base holds.
pub(super) fn status(path: &Path, json: bool) -> Result<u8> {
    let base = compiling::named(path)?;
    let mut sources: BTreeMap<String, Source> = BTreeMap::new();
    for listed in base.documents()? {
        let source = listed.name.split(['/', '!']).next().unwrap_or_default().to_owned();
        sources.entry(source).or_default().add(&listed);
    }
    let path = path.display().to_string();
    let now = Timestamp::now();
    let shown = if json {
        status_json(&base, &path, &sources)
    } else {
        status_text(&base, &path, &sources, now)
    };
    output::print(&shown)?;
    Ok(DONE)
}

fn status_json(base: &Base, path: &str, sources: &BTreeMap<String, Source>) -> String {
    let all: Vec<Value> = sources
        .iter()
        .map(|(name, source)| {
            json!({
                "source": name,
                "documents": source.documents,
                "records": source.records,
                "records_lost": source.lost,
                "bytes": source.bytes,
                "compiled": moment(source.compiled).to_string(),
            })
        })
        .collect();
    let made = moment(base.made()).to_string();
    let shown = json!({ "base": path, "bytes": base.bytes(), "made": made, "sources": all });
    format!("{shown:#}\n")
}

fn status_text(
    base: &Base,
    path: &str,
    sources: &BTreeMap<String, Source>,
    now: Timestamp,
) -> String {
    let made = moment(base.made());
    let mut text = format!("{path}: {}, made {}\n\n", size(base.bytes()), age(made, now));
    let width = sources.keys().map(|name| name.chars().count()).max().unwrap_or_default().max(6);
    let _ = writeln!(
        text,
        "{:width$}  {:>9}  {:>9}  {:>6}  {:>9}  LAST CHANGED",
        "SOURCE", "DOCUMENTS", "RECORDS", "LOST", "SIZE"
    );
    for (name, source) in sources {
        let _ = writeln!(
            text,
            "{name:width$}  {:>9}  {:>9}  {:>6}  {:>9}  {}",
            source.documents,
            source.records,
            source.lost,
            size(source.bytes),
            age(moment(source.compiled), now),
        );
    }
    text
}

fn moment(seconds: u64) -> Timestamp {
    i64::try_from(seconds)
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .unwrap_or_default()
}

/// How long ago something was, in the largest unit that tells.
fn age(then: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(then.as_second()).max(0);
    match seconds {
        0..=119 => "just now".to_owned(),
        120..=7_199 => format!("{} minutes ago", seconds / 60),
        7_200..=172_799 => format!("{} hours ago", seconds / 3_600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}
