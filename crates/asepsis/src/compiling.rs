//! The compiled base: documents into it, and out of it what can be about the releases at hand.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Result, bail};
use base::bundle::{self, Opened};
use base::{Base, BaseError, Compiler, Piece, Refused, Written};
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
#[derive(Debug)]
pub(crate) struct Imported {
    pub(crate) written: Written,
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
    let Import { paths, trusted, base, prune } = asked;
    let old = match Base::open(base) {
        Ok(old) => Some(old),
        Err(BaseError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => None,
        // The documents are here: what another version wrote is written anew.
        Err(BaseError::Format { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let before = old.as_ref().map(Base::bundle).unwrap_or_default();
    let (bundles, paths): (Vec<_>, Vec<_>) = paths.iter().partition(|path| bundle::is_one(path));
    let mut opened = Vec::with_capacity(bundles.len());
    for path in bundles {
        let Some(trusted) = trusted else {
            bail!(
                "`{}` is a bundle, and nobody is trusted to have signed it\n\nhint: name the public key of whoever made it with --trust",
                path.display()
            );
        };
        let folder = base.parent().filter(|folder| !folder.as_os_str().is_empty());
        opened.push(bundle::open(path, trusted, (before, folder.unwrap_or(Path::new("."))))?);
    }
    let taken: Vec<u64> = opened.iter().map(|opened| opened.base.made()).collect();
    let is_bundled = bundled_names(&opened)?;
    let (bases, _files): (Vec<Base>, Vec<_>) = opened.into_iter().map(Opened::into_parts).unzip();
    let mut compiler = Compiler::new(bases.into_iter().chain(old), now)?;
    for made in &taken {
        compiler.took_in(*made);
    }
    let mut removed: Vec<String> = Vec::new();
    if prune && !taken.is_empty() {
        let gone = compiler.before().filter(|name| !is_bundled.contains(*name));
        removed.extend(gone.map(str::to_owned));
    }
    for name in &removed {
        compiler.remove(name);
    }
    let mut imported = Imported {
        written: Written::default(),
        unchanged: 0,
        removed,
        refused: Vec::new(),
        left_out: Vec::new(),
        problems: Vec::new(),
    };
    for path in paths {
        let root = root_of(path)?;
        let compile = |name: String, unpacked| compiled(&compiler, &root, name, unpacked);
        let outcomes = folder::visit(path, watcher, &compile)?.documents;
        let mut seen: BTreeSet<String> = BTreeSet::new();
        for outcome in outcomes {
            match outcome {
                Outcome::Unchanged(name) => {
                    seen.insert(name);
                    imported.unchanged += 1;
                }
                Outcome::Compiled(piece, problems) => {
                    let name = piece.listed().name.clone();
                    let told = problems.into_iter().map(|problem| (name.clone(), problem));
                    imported.problems.extend(told);
                    seen.insert(name);
                    compiler.put(*piece);
                }
                Outcome::Refused(name, why) => imported.refused.push((name, why)),
                Outcome::LeftOut(name, kind) => imported.left_out.push((name, kind)),
            }
        }
        let below = |name: &&str| {
            let inner = name.strip_prefix(root.as_str());
            inner.is_some_and(|inner| inner.is_empty() || inner.starts_with(['/', '!']))
        };
        let gone = compiler.before().filter(below).filter(|name| !seen.contains(*name));
        let gone: Vec<String> = gone.filter(|_| prune).map(str::to_owned).collect();
        for name in &gone {
            compiler.remove(name);
        }
        imported.removed.extend(gone);
    }
    imported.written = compiler.write(base)?;
    Ok(imported)
}

/// Names of all documents in bundles.
fn bundled_names(opened: &[Opened]) -> Result<BTreeSet<String>> {
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

/// Adds to what was collected all that a base has about it.
pub(crate) fn complete(collected: &mut Collected, base: &Base) -> Result<()> {
    let (keys, names) = {
        let hospital = Hospital::assemble(&collected.documents);
        (keys::borne_by(&hospital), names_in(&collected.documents))
    };
    collected.documents.extend(base.about(&keys, names)?);
    collected.documents.sort_by(|a, b| a.name.cmp(&b.name));
    for (number, document) in (0..).zip(&mut collected.documents) {
        document.id = DocumentId(number);
    }
    Ok(())
}

/// All vulnerabilities that documents name.
fn names_in(documents: &[Document]) -> BTreeSet<VulnerabilityId> {
    let mut names = BTreeSet::new();
    for fact in documents.iter().flat_map(|document| &document.reading.facts) {
        each_record(fact, &mut |record| names.extend(record.iter().copied().cloned()));
    }
    names
}
