//! SPDX 2.2 and 2.3 in tag-value: lines of `Tag: value`, values over several lines in `<text>`.

use std::borrow::Cow;

use domain::component::Hash;
use domain::location::Location;
use domain::problem::{Code, Loss, Problem};

use super::draft::{Draft, Element, Relation, licence};

pub(super) fn read(text: &str) -> Draft<'static> {
    let mut reader = Reader { draft: Draft::default(), open: None, other: Other::None };
    each(text, |number, line| match line {
        Ok((tag, value)) => reader.tag(tag, &value, number),
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Other {
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

struct Reader {
    draft: Draft<'static>,
    open: Option<Element<'static>>,
    other: Other,
}

impl Reader {
    fn odd_line(&mut self, number: u32, line: &str) {
        let problem = Problem::new(Code::InputSyntax, Location::line(number), Loss::Nothing);
        self.draft.problems.tell(problem.expected("`Tag: value`").found(line));
    }

    fn close(&mut self) {
        self.draft.elements.extend(self.open.take());
        self.other = Other::None;
    }

    fn start(&mut self, name: &str, sort: Sort, number: u32) {
        self.close();
        let name = (!name.is_empty()).then(|| name.to_owned());
        let is_file = sort == Sort::File;
        let at = Location::new(number, if is_file { "FileName" } else { "PackageName" });
        self.open = Some(Element { is_file, name, at, ..Element::default() });
    }

    fn tag(&mut self, tag: &str, value: &str, number: u32) {
        let filled = || Some(value.to_owned()).filter(|value| !value.is_empty());
        match tag {
            "SPDXVersion" => value.clone_into(&mut self.draft.version),
            "DataLicense" => self.draft.data_license = filled(),
            "DocumentName" => self.draft.name = filled(),
            "DocumentNamespace" => self.draft.namespace = filled(),
            "Creator" => self.draft.creators.extend(filled()),
            "Created" => self.draft.created = filled(),
            "PackageName" => self.start(value, Sort::Package, number),
            "FileName" => self.start(value, Sort::File, number),
            "SnippetSPDXID" => {
                self.close();
                self.other = Other::Snippet;
                self.draft.others.extend(filled().map(Cow::Owned));
            }
            "LicenseID" => {
                self.close();
                self.other = Other::Licence;
                self.draft.others.extend(filled().map(Cow::Owned));
            }
            "SPDXID" => match &mut self.open {
                Some(element) => element.id = filled(),
                None if self.other == Other::None => self.draft.id = filled(),
                None => {}
            },
            "Relationship" => self.relation(value, number),
            _ => self.of_element(tag, value, number),
        }
    }

    fn of_element(&mut self, tag: &str, value: &str, number: u32) {
        let Some(element) = &mut self.open else { return };
        let filled = || Some(value.to_owned()).filter(|value| !value.is_empty());
        match tag {
            "PackageVersion" => element.version = filled(),
            "PackageSupplier" => element.supplier = filled().map(Cow::Owned),
            "PackageOriginator" => element.originator = filled().map(Cow::Owned),
            "PackageDownloadLocation" => element.download = filled().map(Cow::Owned),
            "PrimaryPackagePurpose" => element.purpose = filled().map(Cow::Owned),
            "ValidUntilDate" => element.valid_until = filled().map(Cow::Owned),
            "PackageLicenseConcluded" | "PackageLicenseDeclared" | "LicenseConcluded" => {
                let text = licence(value).filter(|text| !element.licences.contains(text));
                element.licences.extend(text);
            }
            "PackageChecksum" | "FileChecksum" => {
                if let Some((algorithm, value)) = value.split_once(':') {
                    let (algorithm, value) = (algorithm.trim().to_owned(), value.trim().to_owned());
                    element.hashes.push(Hash { algorithm, value });
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
                    _ => {}
                }
            }
            "PackageComment" => element.remarks.extend(filled()),
            _ => {}
        }
    }

    fn relation(&mut self, value: &str, number: u32) {
        let words: Vec<&str> = value.split_whitespace().collect();
        let at = Location::new(number, "Relationship");
        let [from, kind, to, ..] = words.as_slice() else {
            let problem = Problem::new(Code::InputSyntax, at, Loss::Field);
            let expected = "two ids and a type between them";
            return self.draft.problems.tell(problem.expected(expected).found(value));
        };
        self.draft.relations.push(Relation {
            from: (*from).to_owned().into(),
            kind: kind.to_ascii_uppercase().into(),
            to: (*to).to_owned().into(),
            at,
        });
    }
}
