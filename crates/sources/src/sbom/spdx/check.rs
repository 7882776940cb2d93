//! What the specification asks of a document beyond what reading needs: SPDX 2.3 clauses 6, 7 and
//! 11, and of SPDX 3.0 the core.

pub(super) mod licence;

use domain::location::Location;
use domain::problem::{Code, Loss, Problem};

use super::draft::{Draft, Element};

const ALGORITHMS: [&str; 17] = [
    "SHA1",
    "SHA224",
    "SHA256",
    "SHA384",
    "SHA512",
    "MD2",
    "MD4",
    "MD5",
    "MD6",
    "SHA3-256",
    "SHA3-384",
    "SHA3-512",
    "BLAKE2b-256",
    "BLAKE2b-384",
    "BLAKE2b-512",
    "BLAKE3",
    "ADLER32",
];

const RELATIONS: [&str; 45] = [
    "DESCRIBES",
    "DESCRIBED_BY",
    "CONTAINS",
    "CONTAINED_BY",
    "DEPENDS_ON",
    "DEPENDENCY_OF",
    "DEPENDENCY_MANIFEST_OF",
    "BUILD_DEPENDENCY_OF",
    "DEV_DEPENDENCY_OF",
    "OPTIONAL_DEPENDENCY_OF",
    "PROVIDED_DEPENDENCY_OF",
    "TEST_DEPENDENCY_OF",
    "RUNTIME_DEPENDENCY_OF",
    "EXAMPLE_OF",
    "GENERATES",
    "GENERATED_FROM",
    "ANCESTOR_OF",
    "DESCENDANT_OF",
    "VARIANT_OF",
    "DISTRIBUTION_ARTIFACT",
    "PATCH_FOR",
    "PATCH_APPLIED",
    "COPY_OF",
    "FILE_ADDED",
    "FILE_DELETED",
    "FILE_MODIFIED",
    "EXPANDED_FROM_ARCHIVE",
    "DYNAMIC_LINK",
    "STATIC_LINK",
    "DATA_FILE_OF",
    "TEST_CASE_OF",
    "BUILD_TOOL_OF",
    "DEV_TOOL_OF",
    "TEST_OF",
    "TEST_TOOL_OF",
    "DOCUMENTATION_OF",
    "OPTIONAL_COMPONENT_OF",
    "METAFILE_OF",
    "PACKAGE_OF",
    "AMENDS",
    "PREREQUISITE_FOR",
    "HAS_PREREQUISITE",
    "REQUIREMENT_DESCRIPTION_FOR",
    "SPECIFICATION_FOR",
    "OTHER",
];

/// Where an SPDX 2.x document breaks its specification.
pub(super) fn draft(draft: &Draft<'_>) -> Vec<Problem> {
    let mut told: Vec<Problem> = draft.problems.listed().to_vec();
    head(draft, &mut told);
    for element in &draft.elements {
        of_element(element, &mut told);
    }
    for relation in &draft.relations {
        if !RELATIONS.contains(&relation.kind.as_ref()) {
            let problem =
                Problem::new(Code::RecordUnknownValue, relation.at.clone(), Loss::Nothing);
            told.push(problem.expected("a relationship type of clause 11.1").found(&relation.kind));
        }
    }
    told
}

fn head(draft: &Draft<'_>, told: &mut Vec<Problem>) {
    let mut need = |there: bool, what: &str| {
        if !there {
            let problem = Problem::new(Code::RecordMissingField, Location::whole(), Loss::Nothing);
            told.push(problem.expected(what));
        }
    };
    need(!draft.version.is_empty(), "the SPDX version (clause 6.1)");
    need(draft.data_license.is_some(), "the data licence (clause 6.2)");
    need(draft.id.is_some(), "the document's SPDXID (clause 6.3)");
    need(draft.name.is_some(), "the document's name (clause 6.4)");
    need(draft.namespace.is_some(), "the document's namespace (clause 6.5)");
    need(!draft.creators.is_empty(), "a creator (clause 6.8)");
    need(draft.created.is_some(), "when it was created (clause 6.9)");
    if let Some(licence) = draft.data_license.as_deref().filter(|licence| *licence != "CC0-1.0") {
        let problem = Problem::new(Code::RecordUnknownValue, Location::whole(), Loss::Nothing);
        told.push(problem.expected("`CC0-1.0` (clause 6.2)").found(licence));
    }
    if let Some(created) = draft.created.as_deref().filter(|created| !is_time(created)) {
        let problem = Problem::new(Code::RecordUnknownValue, Location::whole(), Loss::Nothing);
        told.push(problem.expected("YYYY-MM-DDThh:mm:ssZ (clause 6.9)").found(created));
    }
}

/// `2010-01-29T18:30:22Z`, and as many tools have it with a fraction of a second.
fn is_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once('T') else { return false };
    let time = time.strip_suffix('Z').unwrap_or_default();
    let time = time.split('.').next().unwrap_or_default();
    let of = |text: &str, separator: char, lengths: [usize; 3]| {
        let parts: Vec<&str> = text.split(separator).collect();
        parts.len() == 3
            && parts.iter().zip(lengths).all(|(part, length)| {
                part.len() == length && part.bytes().all(|b| b.is_ascii_digit())
            })
    };
    of(date, '-', [4, 2, 2]) && of(time, ':', [2, 2, 2])
}

fn of_element(element: &Element<'_>, told: &mut Vec<Problem>) {
    let mut tell = |code, expected: &str, found: &str| {
        let problem = Problem::new(code, element.at.clone(), Loss::Nothing);
        told.push(problem.expected(expected).found(found));
    };
    if element.name.is_none() {
        tell(Code::RecordMissingField, "a name (clause 7.1)", "");
    }
    match element.id.as_deref() {
        None => tell(Code::RecordMissingField, "an SPDXID (clause 7.2)", ""),
        Some(id) if !is_id(id) => {
            tell(
                Code::RecordUnknownValue,
                "`SPDXRef-` and letters, digits, `.` and `-` (clause 7.2)",
                id,
            );
        }
        Some(_) => {}
    }
    if element.download.is_none() && !element.is_file {
        tell(Code::RecordMissingField, "a download location (clause 7.7)", "");
    }
    for hash in &element.hashes {
        if !ALGORITHMS.contains(&hash.algorithm.as_str()) {
            tell(Code::RecordUnknownValue, "a checksum algorithm of clause 7.10", &hash.algorithm);
        }
        if !hash.value.bytes().all(|b| b.is_ascii_hexdigit()) {
            tell(
                Code::RecordUnknownValue,
                "a checksum in hexadecimal digits (clause 7.10)",
                &hash.value,
            );
        }
    }
}

fn is_id(id: &str) -> bool {
    id.strip_prefix("SPDXRef-").is_some_and(|rest| {
        !rest.is_empty()
            && rest.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
    })
}

/// Where an SPDX 3.0 document breaks the core of its specification.
pub(super) fn three(draft: &Draft<'_>) -> Vec<Problem> {
    let mut told: Vec<Problem> = draft.problems.listed().to_vec();
    let mut need = |there: bool, what: &str| {
        if !there {
            let problem = Problem::new(Code::RecordMissingField, Location::whole(), Loss::Nothing);
            told.push(problem.expected(what));
        }
    };
    need(!draft.version.is_empty(), "a CreationInfo with specVersion (Core)");
    need(draft.created.is_some(), "a CreationInfo with created (Core)");
    need(!draft.creators.is_empty(), "a CreationInfo with createdBy (Core)");
    for element in &draft.elements {
        if element.id.is_none() {
            let problem = Problem::new(Code::RecordMissingField, element.at.clone(), Loss::Nothing);
            told.push(problem.expected("an spdxId (Core, Element)"));
        }
    }
    told
}
