//! The compiled base: documents into it, and out of it what can be about the releases at hand.

use std::collections::{BTreeSet, HashSet};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use base::bundle::{self, Opened};
use base::{Base, BaseError, Compiler, Piece, Place, Refused, Written};
use collectors::folder::{self, Collected, Watcher};
use decisions::exposure::keys;
use decisions::hospital::Hospital;
use domain::advisory::VulnerabilityId;
use domain::fact::Document;
use domain::location::DocumentId;
use domain::problem::Problem;
use sha2::{Digest as _, Sha256};
use sources::format::{self, Role};

use crate::keeping::each_record;

/// What became of the documents that were to be compiled.
#[derive(Debug, Default)]
pub(crate) struct Imported {
    pub(crate) written: Written,
    /// Documents that came in bundles.
    pub(crate) bundled: usize,
    /// Documents that are in the base as they were.
    pub(crate) unchanged: usize,
    /// Names of documents that were taken out, for they are no longer there.
    pub(crate) removed: Vec<String>,
    /// Documents that have no place in a base, each with the reason.
    pub(crate) refused: Vec<(String, String)>,
    /// What else lay there, each with what it is.
    pub(crate) left_out: Vec<(String, String)>,
    /// What was wrong in those that were compiled, each with its document.
    pub(crate) problems: Vec<(String, Problem)>,
}

/// What became of one document.
enum Outcome {
    Unchanged(String),
    Compiled(Box<Piece>, Vec<Problem>),
    Refused(String, String),
    LeftOut(String, String),
}

/// What is to be compiled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Import<'a> {
    /// Folders, files, and bundles.
    pub(crate) paths: &'a [PathBuf],
    /// Who may have signed bundles, in minisign's form.
    pub(crate) trusted: Option<&'a str>,
    /// The base.
    pub(crate) base: &'a Path,
    /// Whether what is no longer below a path, or in a bundle, leaves the base.
    pub(crate) prune: bool,
}

/// Compiles documents into a base. What it holds already is not compiled again.
pub(crate) fn import(asked: Import<'_>, watcher: &dyn Watcher) -> Result<Imported> {
    let place = Place::take(asked.base)?;
    let old = there(asked.base)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let (bundles, folders): (Vec<&PathBuf>, Vec<_>) =
        asked.paths.iter().partition(|path| bundle::is_one(path));
    let opened = open(&bundles, asked, old.as_ref().map(Base::bundle).unwrap_or_default())?;
    let bundled = bundled(&opened)?;
    let (bases, _files): (Vec<Base>, Vec<_>) = opened.into_iter().map(Opened::into_parts).unzip();
    let made: Vec<u64> = bases.iter().map(Base::made).collect();
    let mut compiler = Compiler::new(bases.into_iter().chain(old), now)?;
    for made in made {
        compiler.took_in(made);
    }
    let mut imported = Imported { bundled: bundled.len(), ..Imported::default() };
    if asked.prune && !bundles.is_empty() {
        imported.remove(&mut compiler, |name| !bundled.contains(name));
    }
    for folder in folders {
        imported.add(&mut compiler, (folder, asked.prune), watcher)?;
    }
    imported.written = compiler.write(place)?;
    Ok(imported)
}

impl Imported {
    /// Compiles what stands below a path.
    fn add(
        &mut self,
        compiler: &mut Compiler,
        (path, prune): (&Path, bool),
        watcher: &dyn Watcher,
    ) -> Result<()> {
        let root = root_of(path)?;
        let compile = |name: String, unpacked| compiled(compiler, &root, name, unpacked);
        let outcomes = folder::visit(path, watcher, &compile)?.documents;
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let mut unread: Vec<String> = Vec::new();
        for outcome in outcomes {
            match outcome {
                Outcome::Unchanged(name) => {
                    seen.insert(name);
                    self.unchanged += 1;
                }
                Outcome::Compiled(piece, problems) => {
                    let name = piece.listed().name.clone();
                    let told = problems.into_iter().map(|problem| (name.clone(), problem));
                    self.problems.extend(told);
                    seen.insert(name);
                    compiler.put(*piece);
                }
                Outcome::Refused(name, why) => {
                    unread.push(name.clone());
                    self.refused.push((name, why));
                }
                Outcome::LeftOut(name, kind) => self.left_out.push((name, kind)),
            }
        }
        if prune {
            // What can't be read just now, or stands in what can't, is not gone.
            let is_unread = |name: &str| unread.iter().any(|unread| is_below(name, unread));
            self.remove(compiler, |name| {
                is_below(name, &root) && !seen.contains(name) && !is_unread(name)
            });
        }
        Ok(())
    }

    /// Takes documents out that were there before.
    fn remove(&mut self, compiler: &mut Compiler, is_gone: impl Fn(&str) -> bool) {
        let gone: Vec<String> =
            compiler.before().filter(|name| is_gone(name)).map(str::to_owned).collect();
        for name in gone {
            compiler.remove(&name);
            self.removed.push(name);
        }
    }
}

/// Whether a document is the one of this name, or stands in the folder or the archive of it.
fn is_below(name: &str, outer: &str) -> bool {
    let inner = name.strip_prefix(outer);
    inner.is_some_and(|inner| inner.is_empty() || inner.starts_with(['/', '!']))
}

/// The base that is there already.
fn there(base: &Path) -> Result<Option<Base>> {
    match Base::open(base) {
        Ok(old) => Ok(Some(old)),
        Err(BaseError::Io { source, .. }) if source.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Opens a base that somebody has named.
pub(crate) fn named(base: &Path) -> Result<Base> {
    there(base)?.with_context(|| {
        format!(
            "there is no base `{}`\n\nhint: make it with `asepsis feed import FOLDER --base FILE`, \
             or with `asepsis feed sync --into FOLDER --base FILE`",
            base.display()
        )
    })
}

/// Opens bundles that a trusted key signed, none older than what was taken in before.
fn open(bundles: &[&PathBuf], asked: Import<'_>, before: u64) -> Result<Vec<Opened>> {
    let beside = asked.base.parent().filter(|folder| !folder.as_os_str().is_empty());
    let beside = beside.unwrap_or(Path::new("."));
    let open = |path: &&PathBuf| {
        let trusted = asked.trusted.with_context(|| {
            format!(
                "`{}` is a bundle, and nobody is trusted to have signed it\n\nhint: name the public \
                 key of whoever made it with --trust",
                path.display()
            )
        })?;
        Ok(bundle::open(path, trusted, (before, beside))?)
    };
    bundles.iter().map(open).collect()
}

/// Names of all documents in bundles.
fn bundled(opened: &[Opened]) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for one in opened {
        names.extend(one.base.documents()?.into_iter().map(|listed| listed.name));
    }
    Ok(names)
}

/// The name of a path, under which its documents are kept.
fn root_of(path: &Path) -> Result<String> {
    let name = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    match name.file_name() {
        Some(name) => Ok(name.to_string_lossy().into_owned()),
        None => bail!("`{}` has no name under which it could be kept", path.display()),
    }
}

fn compiled(
    compiler: &Compiler,
    root: &str,
    name: String,
    unpacked: Result<Vec<u8>, Problem>,
) -> Outcome {
    let is_file = name == root || name.starts_with(&format!("{root}!"));
    let name = if is_file { name } else { format!("{root}/{name}") };
    let bytes = match unpacked {
        Ok(bytes) => bytes,
        Err(problem) => return Outcome::Refused(name, problem.to_string()),
    };
    let hash: [u8; 32] = Sha256::digest(&bytes).into();
    if compiler.holds(&name, &hash) {
        return Outcome::Unchanged(name);
    }
    let read = format::read(&bytes);
    if read.role == Role::Other {
        return Outcome::LeftOut(name, read.format);
    }
    if read.reading.facts.is_empty()
        && let Some(problem) = read.reading.problems.listed().first()
    {
        return Outcome::Refused(name, problem.to_string());
    }
    let document = Document {
        id: DocumentId(0),
        name,
        format: read.format,
        bytes: bytes.len() as u64,
        reading: read.reading,
    };
    match Piece::of(&document, hash) {
        Ok(piece) => {
            let problems = document.reading.problems.listed().to_vec();
            Outcome::Compiled(Box::new(piece), problems)
        }
        Err(refused @ (Refused::Kind(_) | Refused::Broken(_))) => {
            Outcome::Refused(document.name, refused.to_string())
        }
    }
}

/// Adds to what was collected all that a base has about it; says which documents these are.
pub(crate) fn complete(collected: &mut Collected, base: &Base) -> Result<HashSet<DocumentId>> {
    let (keys, names) = {
        let hospital = Hospital::assemble(&collected.documents);
        (keys::borne_by(&hospital), names_in(&collected.documents))
    };
    let own = collected.documents.drain(..).map(|document| (false, document));
    let mut all: Vec<(bool, Document)> = own.collect();
    all.extend(base.about(&keys, names)?.into_iter().map(|document| (true, document)));
    all.sort_by(|(_, one), (_, other)| one.name.cmp(&other.name));
    let mut of_base = HashSet::new();
    for (number, (is_of_base, document)) in (0..).zip(all) {
        let id = DocumentId(number);
        of_base.extend(is_of_base.then_some(id));
        collected.documents.push(Document { id, ..document });
    }
    Ok(of_base)
}

/// All vulnerabilities that documents name.
fn names_in(documents: &[Document]) -> BTreeSet<VulnerabilityId> {
    let mut names = BTreeSet::new();
    for fact in documents.iter().flat_map(|document| &document.reading.facts) {
        each_record(fact, &mut |record| names.extend(record.iter().copied().cloned()));
    }
    names
}
