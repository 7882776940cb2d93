//! What the severity blocks of CSAF, CVE and NVD have in common: a CVSS object and a CWE id.
//!
//! Refuses to compute or to correct a score: a vector is kept as written.

use domain::advisory::Score;
use domain::problem::{Code, Loss};
use domain::text::Text;

use crate::json::{Path, Taker, Value};

/// A CVSS object (FIRST's JSON schemas of CVSS 2.0, 3.0, 3.1 and 4.0): its vector and base score.
pub(super) fn cvss(
    taker: &mut Taker,
    value: Value<'_>,
    path: &Path<'_>,
    origin: Option<&str>,
) -> Option<Score> {
    let (mut vector, mut stated) = (None, None);
    for (key, member) in taker.members(value, path) {
        match key.as_ref() {
            "vectorString" => vector = taker.filled(member, &path.field("vectorString")),
            "baseScore" => stated = taker.number(member, &path.field("baseScore")),
            _ => {}
        }
    }
    if vector.is_none() && !value.is_null() {
        let lost = (Code::RecordMissingField, Loss::Field);
        taker.tell(lost, value, path, "a CVSS object with a `vectorString`");
    }
    let origin = origin.map(Text::from);
    Some(Score { vector: vector?, stated, origin, applies: Vec::new() })
}

/// The number of a weakness: 79 of `CWE-79`, of `cwe-79: …`, of `CWE-79 Cross-site Scripting`.
pub(super) fn cwe(text: &str) -> Option<u32> {
    let text = text.trim();
    let start = text.get(..4).filter(|start| start.eq_ignore_ascii_case("cwe-"))?;
    let digits = text.get(start.len()..)?;
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits.get(..end)?.parse().ok()
}

/// Adds a weakness unless it is there already.
pub(super) fn add_cwe(cwes: &mut Vec<u32>, text: &str) {
    if let Some(number) = cwe(text)
        && !cwes.contains(&number)
    {
        cwes.push(number);
    }
}

#[cfg(test)]
mod tests {
    use super::{cvss, cwe};
    use crate::json::{Json, Path, Taker};

    #[test]
    fn a_weakness_is_a_number() {
        assert_eq!(cwe("CWE-79"), Some(79));
        assert_eq!(cwe(" cwe-1188 Insecure Default"), Some(1188));
        assert_eq!(cwe("NVD-CWE-noinfo"), None);
        assert_eq!(cwe("CWE-"), None);
        assert_eq!(cwe("é"), None);
    }

    #[test]
    fn an_object_without_a_vector_is_told() {
        let json = Json::parse(r#"{"baseScore": "9"}"#);
        let mut taker = Taker::default();
        assert!(cvss(&mut taker, json.root(), &Path::ROOT, None).is_none());
        assert_eq!(taker.problems.told(), 2);
    }
}
