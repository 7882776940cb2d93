//! The book of what each enforcement point was told to hold, and to let go.
//!
//! It is on the disk before a point is told, so that after a crash it is known what may stand
//! there. Refuses to be half written: a new book takes the place of the old one whole.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use decisions::containment::plan::Plan;
use domain::device::DeviceId;
use domain::order::{OrderId, PointName};
use serde::{Deserialize, Serialize};

use crate::written::WrittenPlan;

/// Why the book can't be used.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// The file can't be read or written.
    #[error("cannot {what} the book `{path}`: {source}")]
    File {
        /// What was tried.
        what: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// It is not what was once written.
    #[error("the book `{path}` is damaged: {what}")]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
}

/// What one point was told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// What it was told to hold, by device.
    pub held: BTreeMap<DeviceId, Plan>,
    /// What it was told to let go and has not yet said that it did.
    pub leaving: BTreeMap<OrderId, Plan>,
}

/// What every point was told.
#[derive(Debug)]
pub struct Book {
    path: PathBuf,
    pages: BTreeMap<PointName, Page>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    format: String,
    pages: BTreeMap<String, WrittenPage>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenPage {
    held: Vec<WrittenPlan>,
    leaving: Vec<WrittenPlan>,
}

/// How the form is called; another one is not guessed at.
const FORMAT: &str = "asepsis/book/1";

impl Book {
    /// Opens a book; an empty one where none is there.
    ///
    /// # Errors
    /// Where it can't be read, or is damaged.
    pub fn open(path: &Path) -> Result<Self, BookError> {
        let path = path.to_owned();
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self { path, pages: BTreeMap::new() });
            }
            Err(source) => return Err(BookError::File { what: "read", path, source }),
        };
        match read(&text) {
            Ok(pages) => Ok(Self { path, pages }),
            Err(what) => Err(BookError::Damaged { path, what }),
        }
    }

    /// The page of a point.
    pub fn page(&self, point: &PointName) -> Option<&Page> {
        self.pages.get(point)
    }

    /// The page of a point, to be written on; [`Self::keep`] makes it last.
    pub(crate) fn page_mut(&mut self, point: &PointName) -> &mut Page {
        self.pages.entry(point.clone()).or_default()
    }

    /// Every point with its page.
    pub fn pages(&self) -> impl Iterator<Item = (&PointName, &Page)> {
        self.pages.iter()
    }

    /// Makes what it says last: on the disk when this returns.
    ///
    /// # Errors
    /// Where it can't be written; the old book stands then.
    pub(crate) fn keep(&self) -> Result<(), BookError> {
        let failed = |source| BookError::File { what: "write", path: self.path.clone(), source };
        let mut part = self.path.file_name().unwrap_or_default().to_owned();
        part.push(".part");
        let part = self.path.with_file_name(part);
        let text = serde_json::to_vec(&self.written()).map_err(|e| failed(e.into()))?;
        let mut file = File::create(&part).map_err(failed)?;
        file.write_all(&text).and_then(|()| file.sync_data()).map_err(failed)?;
        fs::rename(&part, &self.path).map_err(failed)?;
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
    }

    fn written(&self) -> Written {
        let page = |page: &Page| WrittenPage {
            held: page.held.values().map(WrittenPlan::of).collect(),
            leaving: page.leaving.values().map(WrittenPlan::of).collect(),
        };
        let pages = self.pages.iter().map(|(name, of)| (name.0.to_string(), page(of))).collect();
        Written { format: FORMAT.to_owned(), pages }
    }
}

fn read(text: &[u8]) -> Result<BTreeMap<PointName, Page>, String> {
    let written: Written = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    if written.format != FORMAT {
        return Err(format!("its form is `{}`, and should be `{FORMAT}`", written.format));
    }
    let plans = |written: &[WrittenPlan]| -> Result<Vec<Plan>, String> {
        let plans: Option<Vec<Plan>> = written.iter().map(WrittenPlan::plan).collect();
        plans.ok_or_else(|| "a plan in it holds a word that is not known".to_owned())
    };
    let mut pages = BTreeMap::new();
    for (name, page) in written.pages {
        let held = plans(&page.held)?.into_iter().map(|plan| (plan.device.clone(), plan));
        let leaving = plans(&page.leaving)?.into_iter().map(|plan| (plan.order, plan));
        let page = Page { held: held.collect(), leaving: leaving.collect() };
        pages.insert(PointName(name.into()), page);
    }
    Ok(pages)
}
