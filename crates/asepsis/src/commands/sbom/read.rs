//! One SBOM from one file.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Result, bail};
use collectors::folder;
use domain::component::Sbom;
use domain::fact::Fact;
use sources::format;
use sources::sbom::beyond::{Beyond, Rest};

use crate::progress::Bar;

/// An SBOM with what it was read from.
pub(super) struct Input {
    /// The file's name, without the folders before it.
    pub(super) name: String,
    pub(super) sbom: Sbom,
    /// How many things in it could not be read.
    pub(super) problems: usize,
    /// What it holds that no fact does.
    pub(super) beyond: BTreeMap<String, Beyond>,
}

impl Input {
    /// What it describes, or the file where it does not say.
    pub(super) fn label(&self) -> String {
        let subject = self.sbom.subject.as_ref();
        subject.map_or_else(|| self.name.clone(), domain::component::Component::label)
    }
}

/// Reads the one SBOM of a file, which may be packed.
pub(super) fn one(path: &Path) -> Result<Input> {
    let shown = path.display();
    if path.is_dir() {
        bail!("`{shown}` is a folder\n\nhint: name one file");
    }
    let bar = Bar::new(false);
    let visit = folder::visit(path, &bar, &|name, unpacked| (name, unpacked))?;
    bar.end();
    let mut found = Vec::new();
    for (name, unpacked) in visit.documents {
        let bytes = match unpacked {
            Ok(bytes) => bytes,
            Err(problem) => bail!("cannot read `{name}`: {problem}"),
        };
        let reading = format::read(&bytes).reading;
        let problems = reading.problems.told();
        if reading.problems.lost_document() && !reading.facts.is_empty() {
            bail!(
                "`{name}` is cut off or damaged: what could be read is not all of it\n\nhint: \
                 `asepsis sbom check` says where"
            );
        }
        let sboms = reading.facts.into_iter().filter_map(|fact| match fact {
            Fact::Sbom(sbom) => Some(*sbom),
            _ => None,
        });
        found.extend(sboms.map(|mut sbom| {
            let Rest { carried, beyond } = format::rest(&bytes);
            sbom.carry(carried);
            Input { name: name.clone(), sbom, problems, beyond }
        }));
    }
    if found.len() > 1 {
        bail!("`{shown}` holds {} SBOMs\n\nhint: unpack it and name one", found.len());
    }
    let Some(input) = found.pop() else {
        bail!("`{shown}` is no SBOM\n\nhint: `asepsis sbom check` says what it is");
    };
    Ok(input)
}
