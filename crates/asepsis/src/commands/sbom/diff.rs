//! `asepsis sbom diff OLD NEW`.

use anyhow::Result;
use collectors::folder;
use decisions::exposure::{self, Verdict};
use decisions::hospital::{Hospital, ReleaseIndex};
use decisions::sbom::difference::{self, Item, Opened};
use domain::fact::{Document, Fact, Reading};
use domain::location::{DocumentId, Location};
use domain::release::{ReleaseKey, ReleaseLink};
use presentation::sbom::compared::Compared;
use presentation::terminal;

use super::read::{self, Input};
use crate::arguments::sbom::SbomDiff;
use crate::commands::assess::today;
use crate::progress::Bar;
use crate::{DONE, REACHED, output};

pub(super) fn run(options: &SbomDiff) -> Result<u8> {
    let [old, new] = [read::one(&options.old)?, read::one(&options.new)?];
    let found = difference::components(&items(&old), &items(&new));
    let names = (old.label(), new.label());
    let opened = if options.against.is_empty() { None } else { Some(opened(options, old, new)?) };
    let compared = Compared::of(names, &found, opened.as_ref());
    let shown = if options.json {
        format!("{}\n", serde_json::to_string_pretty(&compared)?)
    } else {
        terminal::sbom::compared(&compared, output::page(options.color))
    };
    output::print(&shown)?;
    Ok(if options.fail_on_change && compared.differs() { REACHED } else { DONE })
}

fn items(input: &Input) -> Vec<Item<'_>> {
    input.sbom.components.iter().map(Item::of).collect()
}

/// What is open in one of the two only, by what the paths tell.
fn opened(options: &SbomDiff, old: Input, new: Input) -> Result<Opened> {
    let bar = Bar::new(options.json);
    let mut documents = Vec::new();
    for path in &options.against {
        for mut document in folder::read(path, &bar)?.documents {
            document.id = DocumentId(u32::try_from(documents.len()).unwrap_or(u32::MAX));
            documents.push(document);
        }
    }
    bar.end();
    let first = judged(&mut documents, old);
    let second = judged(&mut documents, new);
    Ok(difference::findings(told(&first), told(&second)))
}

fn told(known: &[(String, Verdict)]) -> impl Iterator<Item = (&str, Verdict)> {
    known.iter().map(|(id, verdict)| (id.as_str(), *verdict))
}

/// What is judged of the release that an SBOM describes.
fn judged(documents: &mut Vec<Document>, input: Input) -> Vec<(String, Verdict)> {
    let own = DocumentId(u32::try_from(documents.len()).unwrap_or(u32::MAX));
    let release = release_of(&input);
    let Input { name, sbom, .. } = input;
    let name = format!("sbom under comparison/{name}");
    let link = release.map(|release| {
        let at = Location::whole();
        let link = ReleaseLink { release, sbom: name.as_str().into(), identifiers: vec![], at };
        Fact::Link(Box::new(link))
    });
    let facts = [Fact::Sbom(Box::new(sbom))].into_iter().chain(link).collect();
    let reading = Reading { facts, ..Reading::default() };
    documents.push(Document { id: own, name, format: String::new(), bytes: 0, reading });
    let hospital = Hospital::assemble(documents);
    let is_own = |release: ReleaseIndex| {
        let release = hospital.releases.get(release.0 as usize);
        release.is_some_and(|release| release.sboms.iter().any(|one| one.document == own))
    };
    let mut findings = exposure::judge(&hospital);
    exposure::lapse(&mut findings, today());
    let known = findings.iter().filter(|finding| is_own(finding.release)).filter_map(|finding| {
        let known = hospital.vulnerabilities.get(finding.vulnerability.0 as usize)?;
        Some((known.id.0.to_string(), finding.verdict))
    });
    let known = known.collect();
    documents.pop();
    known
}

/// The release that an SBOM is taken for, where it can't say so itself.
fn release_of(input: &Input) -> Option<ReleaseKey> {
    match &input.sbom.subject {
        Some(_) => None,
        None => ReleaseKey::of_unknown_maker(&input.name, ""),
    }
}
