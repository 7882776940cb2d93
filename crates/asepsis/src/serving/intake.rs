//! Documents from a folder into the store: what is new or changed is received, what is no longer
//! there is taken away.
//!
//! Refuses to take in half a file: one that changed while it was read comes with the next look.

use std::collections::HashMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use collectors::folder;
use domain::bounded::DOCUMENT_BYTES;
use store::database::Database;
use store::documents::{self, Packed, Receipt};

use crate::keeping::now_ms;

const WHAT: &str = "take in documents";

/// What was done.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    /// Documents in the folder.
    pub(crate) documents: usize,
    /// Of these, how many are new or changed.
    pub(crate) changed: usize,
    /// How many were there before and are no longer.
    pub(crate) withdrawn: usize,
}

/// A folder, or a single file, whose documents are taken in.
#[derive(Debug, Clone)]
pub(crate) struct Watched {
    /// Where it is.
    pub(crate) root: PathBuf,
    /// What its documents are called before their own names; empty where it is the only one.
    prefix: String,
    /// From where its documents come, as the store says it.
    source: String,
}

impl Watched {
    /// The only one.
    pub(crate) fn only(root: &Path) -> Self {
        Self::new(root, String::new())
    }

    /// Several: documents of one name in two of them are told apart by the names of the folders.
    pub(crate) fn all(roots: &[PathBuf]) -> Result<Vec<Self>> {
        if let [root] = roots {
            return Ok(vec![Self::only(root)]);
        }
        let mut all: Vec<Self> = Vec::new();
        for root in roots {
            let whole = root.canonicalize().unwrap_or_else(|_| root.clone());
            let name = whole.file_name().unwrap_or(whole.as_os_str()).to_string_lossy();
            let watched = Self::new(root, format!("{name}/"));
            if let Some(other) = all.iter().find(|other| other.prefix == watched.prefix) {
                bail!(
                    "`{}` and `{}` are both called `{name}`, by which their documents are told \
                     apart\n\nhint: rename one, or watch a folder that holds both",
                    other.root.display(),
                    root.display()
                );
            }
            all.push(watched);
        }
        Ok(all)
    }

    /// From where its documents come, as the store says it.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    fn new(root: &Path, prefix: String) -> Self {
        let source = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        Self { root: root.to_owned(), prefix, source: source.display().to_string() }
    }
}

/// How much of a file is read at once, in bytes.
const READ_AT_ONCE: usize = 1 << 16;

/// How files looked when they were last read: length, and when they were written.
pub(crate) type Looks = HashMap<String, (u64, Option<SystemTime>)>;

/// Takes in the documents of a folder; what looks as it did is not read again.
pub(crate) fn take(database: &Database, from: &Watched, looks: &mut Looks) -> Result<Taken> {
    let files = folder::files(&from.root)?;
    let source = from.source.as_str();
    let mut known: HashMap<String, String> = database
        .read(WHAT, documents::current)?
        .into_iter()
        .filter(|current| current.source == source)
        .map(|current| (current.name, current.hash))
        .collect();
    let mut taken = Taken { documents: files.len(), ..Taken::default() };
    for (name, path) in files {
        let name = format!("{}{name}", from.prefix);
        let before = known.remove(&name);
        let look = look(&path);
        if before.is_some() && look.is_some() && looks.get(&name) == look.as_ref() {
            continue;
        }
        let Some(packed) = packed(database, &path)? else { continue };
        if self::look(&path) != look {
            continue;
        }
        looks.extend(look.map(|look| (name.clone(), look)));
        if before.as_ref() == Some(&packed.hash) {
            continue;
        }
        let receipt = Receipt { name: &name, source, at_ms: now_ms() };
        database.write(WHAT, |transaction| documents::keep(transaction, &packed, &receipt))?;
        taken.changed += 1;
    }
    for name in known.keys() {
        database.write(WHAT, |t| documents::withdraw(t, name, source, now_ms()))?;
        looks.remove(name);
        taken.withdrawn += 1;
    }
    Ok(taken)
}

fn look(path: &Path) -> Option<(u64, Option<SystemTime>)> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.len(), metadata.modified().ok()))
}

/// A file as it is kept, up to the limit of a document and one byte more, so that the reader can
/// tell; `None` where it went away meanwhile.
fn packed(database: &Database, path: &Path) -> Result<Option<Packed>> {
    let unread = || format!("cannot read `{}`", path.display());
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(unread),
    };
    let (mut file, mut packer) = (file.take(DOCUMENT_BYTES + 1), database.packer());
    let mut piece = vec![0; READ_AT_ONCE];
    loop {
        let read = file.read(&mut piece).with_context(unread)?;
        let Some(read) = piece.get(..read).filter(|read| !read.is_empty()) else { break };
        packer.take(read)?;
    }
    Ok(Some(packer.end()?))
}
