//! SPDX 2.2 and 2.3 in tag-value: lines of `Tag: value`, values over several lines in `<text>`.

use std::borrow::Cow;

use domain::component::Hash;
use domain::location::{ListPath, Location};
use domain::problem::{Code, Loss, Problem};
use domain::text::Text;

use super::draft::{Draft, Element, Relation, add, identifies, in_capitals, phases_of};

pub(super) fn read(text: &str) -> Draft<'_> {
    let mut reader = Reader::default();
    each(text, |number, line| match line {
        Ok((tag, value)) => reader.tag(tag, value, number),
        Err(line) => reader.odd_line(number, line),
    });
    reader.close();
    reader.draft
}

/// Each tag with its value and line, and each line that is neither tag nor comment.
pub(super) fn each<'t>(
    text: &'t str,
    mut take: impl FnMut(u32, Result<(&'t str, Cow<'t, str>), &'t str>),
) {
    let mut lines = (1_u32..).zip(text.lines());
    while let Some((number, line)) = lines.next() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let Some((tag, value)) = trimmed.split_once(':') else {
            take(number, Err(trimmed));
            continue;
        };
        let value = match value.trim().strip_prefix("<text>") {
            Some(start) => Cow::Owned(long_text(start, &mut lines)),
            None => Cow::Borrowed(value.trim()),
        };
        take(number, Ok((tag.trim(), value)));
    }
}

/// The rest of a value up to `</text>`; to the end of the document where it never comes.
fn long_text<'t>(start: &str, lines: &mut impl Iterator<Item = (u32, &'t str)>) -> String {
    let mut text = String::new();
    let mut part = start;
    loop {
        if let Some((before, _)) = part.split_once("</text>") {
            text.push_str(before);
            return text.trim().to_owned();
        }
        text.push_str(part);
        text.push('\n');
        match lines.next() {
            Some((_, line)) => part = line,
            None => return text.trim().to_owned(),
        }
    }
}

/// A section that is neither package nor file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Other {
    #[default]
    None,
    Snippet,
    Licence,
}

/// Package or file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Package,
    File,
}

#[derive(Default)]
struct Reader<'t> {
    draft: Draft<'t>,
    open: Option<Element<'t>>,
    other: Other,
    places: Places,
}

/// The paths of what there is most of, spelt once.
struct Places {
    package: ListPath,
    file: ListPath,
    relation: ListPath,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            package: ListPath::new("PackageName"),
            file: ListPath::new("FileName"),
            relation: ListPath::new("Relationship"),
        }
    }
}

impl<'t> Reader<'t> {
    fn odd_line(&mut self, number: u32, line: &str) {
        let problem = Problem::new(Code::InputSyntax, Location::line(number), Loss::Nothing);
        self.draft.problems.tell(problem.expected("`Tag: value`").found(line));
    }

    fn close(&mut self) {
        self.draft.elements.extend(self.open.take().map(Element::complete));
        self.other = Other::None;
    }

    fn start(&mut self, name: &str, sort: Sort, number: u32) {
        self.close();
        let name = (!name.is_empty()).then(|| name.into());
        let is_file = sort == Sort::File;
        let path = if is_file { &self.places.file } else { &self.places.package };
        let at = Location::shared(number, path.clone());
        self.open = Some(Element { is_file, name, at, ..Element::default() });
    }

    fn tag(&mut self, tag: &str, value: Cow<'t, str>, number: u32) {
        let filled = || (!value.is_empty()).then(|| Text::from(value.as_ref()));
        match tag {
            "SPDXVersion" => self.draft.version = value.into(),
            "DataLicense" => self.draft.data_license = filled(),
            "DocumentName" => self.draft.name = filled(),
            "DocumentNamespace" => self.draft.namespace = filled(),
            "Creator" => self.draft.creators.extend(filled()),
            "Created" => self.draft.created = filled(),
            "CreatorComment" => self.draft.phases.extend(phases_of(&value)),
            "PackageName" => self.start(&value, Sort::Package, number),
            "FileName" => self.start(&value, Sort::File, number),
            "SnippetSPDXID" => {
                self.close();
                self.other = Other::Snippet;
                self.draft.others.extend(Some(value).filter(|value| !value.is_empty()));
            }
            "LicenseID" => {
                self.close();
                self.other = Other::Licence;
                self.draft.others.extend(Some(value).filter(|value| !value.is_empty()));
            }
            "SPDXID" => match &mut self.open {
                Some(element) => element.id = Some(value).filter(|value| !value.is_empty()),
                None if self.other == Other::None => self.draft.id = filled(),
                None => {}
            },
            "Relationship" => self.relation(value, number),
            _ => self.of_element(tag, value, number),
        }
    }

    fn of_element(&mut self, tag: &str, value: Cow<'t, str>, number: u32) {
        let Some(element) = &mut self.open else { return };
        if value.is_empty() {
            return;
        }
        match tag {
            "PackageVersion" => element.version = Some(value.into()),
            "PackageSupplier" => element.supplier = Some(value),
            "PackageOriginator" => element.originator = Some(value),
            "PackageDownloadLocation" => element.download = Some(value),
            "PrimaryPackagePurpose" => element.purpose = Some(value),
            "ValidUntilDate" => element.valid_until = Some(value),
            "PackageLicenseConcluded" | "PackageLicenseDeclared" | "LicenseConcluded" => {
                element.take_licence(&value);
            }
            "PackageChecksum" | "FileChecksum" => {
                if let Some((algorithm, value)) = value.split_once(':') {
                    let (algorithm, value) = (algorithm.trim().into(), value.trim().into());
                    add(&mut element.hashes, Hash { algorithm, value });
                }
            }
            "ExternalRef" => {
                let mut words = value.split_whitespace();
                let (_, kind, locator) = (words.next(), words.next(), words.next());
                let place = || Location::new(number, tag);
                match (kind.and_then(|kind| kind.rsplit('/').next()), locator) {
                    (Some("purl"), Some(locator)) => element.take_purl(locator, place),
                    (Some("cpe22Type" | "cpe23Type"), Some(locator)) => {
                        element.take_cpe(locator, place);
                    }
                    (Some(kind), Some(_)) if identifies(kind) => {
                        element.has_other_identifier = true;
                    }
                    _ => {}
                }
            }
            "PackageComment" => element.remarks.push(value.into()),
            _ => {}
        }
    }

    fn relation(&mut self, value: Cow<'t, str>, number: u32) {
        let at = Location::shared(number, self.places.relation.clone());
        match <[_; 3]>::try_from(words(value)) {
            Ok([from, kind, to]) => {
                let kind = in_capitals(kind);
                self.draft.relations.push(Relation { from, kind, to, at });
            }
            Err(words) => {
                let problem = Problem::new(Code::InputSyntax, at, Loss::Field);
                let expected = "two ids and a type between them";
                self.draft.problems.tell(problem.expected(expected).found(&words.join(" ")));
            }
        }
    }
}

/// The first three words of a value, borrowed where it is.
fn words(value: Cow<'_, str>) -> Vec<Cow<'_, str>> {
    match value {
        Cow::Borrowed(value) => value.split_whitespace().take(3).map(Cow::Borrowed).collect(),
        Cow::Owned(value) => {
            value.split_whitespace().take(3).map(|word| word.to_owned().into()).collect()
        }
    }
}
