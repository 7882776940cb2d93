//! FIRST's exploit predictions (EPSS) as the daily CSV: `#model_version:…,score_date:…`, a
//! header, and a row for each CVE.
//!
//! Each row is a record. Refuses a probability outside 0 to 1.

use domain::advisory::{ExploitPrediction, ExploitPredictions, VulnerabilityId};
use domain::fact::{Fact, Reading};
use domain::location::Location;
use domain::problem::{Code, Loss, Problem, Problems};

/// Where the columns stand.
#[derive(Debug, Clone, Copy)]
struct Columns {
    id: usize,
    probability: usize,
    percentile: Option<usize>,
}

/// Reads the CSV of one day.
#[must_use]
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let (mut columns, mut predictions) = (None, ExploitPredictions::default());
    for (line, row) in (1..).zip(text.lines()) {
        let at = Location::line(line);
        match columns {
            _ if row.trim().is_empty() || row.starts_with('#') => {}
            None => match header(row) {
                Some(found) => columns = Some(found),
                None => break,
            },
            Some(columns) => {
                reading.records_seen += 1;
                predictions.0.extend(prediction(row, columns, at, &mut reading.problems));
            }
        }
    }
    reading.records_made = predictions.0.len();
    if reading.records_made > 0 {
        reading.facts.push(Fact::Predictions(Box::new(predictions)));
    }
    if columns.is_none() {
        let lost = Problem::new(Code::RecordMissingField, Location::line(1), Loss::Document);
        reading.problems.tell(lost.expected("a header with the columns `cve` and `epss`"));
    }
    reading
}

fn header(row: &str) -> Option<Columns> {
    let find = |name: &str| row.split(',').position(|c| unquoted(c).eq_ignore_ascii_case(name));
    Some(Columns { id: find("cve")?, probability: find("epss")?, percentile: find("percentile") })
}

fn unquoted(value: &str) -> &str {
    value.trim().trim_matches('"')
}

fn prediction(
    row: &str,
    columns: Columns,
    at: Location,
    problems: &mut Problems,
) -> Option<ExploitPrediction> {
    let value = |index: usize| row.split(',').nth(index).map(unquoted);
    let share = |index: usize| {
        let number: f64 = value(index)?.parse().ok()?;
        (0.0..=1.0).contains(&number).then_some(number)
    };
    let id = value(columns.id).filter(|id| !id.is_empty());
    let (Some(id), Some(probability)) = (id, share(columns.probability)) else {
        let lost = Problem::new(Code::RecordNotUsable, at, Loss::Record);
        problems.tell(lost.expected("a CVE id and a probability from 0 to 1").found(row));
        return None;
    };
    let percentile = columns.percentile.and_then(share);
    if columns.percentile.is_some() && percentile.is_none() {
        let odd = Problem::new(Code::RecordUnknownValue, at.clone(), Loss::Field);
        problems.tell(odd.expected("a percentile from 0 to 1").found(row));
    }
    Some(ExploitPrediction { id: VulnerabilityId::new(id), probability, percentile, at })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::needless_raw_string_hashes, reason = "the snapshot tool writes them so")]

    use expect_test::{Expect, expect};

    use super::read;
    use crate::advisory::trials;

    const SAMPLE: &str = "#model_version:v2023.03.01,score_date:2024-01-01T00:00:00+0000\n\
        cve,epss,percentile\nCVE-1999-0001,0.01167,0.83285\nCVE-1999-0002,1e-2,1\n";

    fn check(text: &str, expected: &Expect) {
        let reading = read(text);
        assert!(reading.conserves());
        expected.assert_eq(&trials::shown(&reading));
    }

    #[test]
    fn the_daily_file_is_read() {
        check(
            SAMPLE,
            &expect![[r#"
                Predictions(ExploitPredictions([ExploitPrediction { id:
                    VulnerabilityId("CVE-1999-0001"), probability: 0.01167, percentile:
                    Some(0.83285), at: Location { line: 3, path: "" } }, ExploitPrediction {
                    id: VulnerabilityId("CVE-1999-0002"), probability: 0.01, percentile:
                    Some(1.0), at: Location { line: 4, path: "" } }]))
                2 seen, 2 made
            "#]],
        );
    }

    #[test]
    fn a_row_that_is_no_prediction_is_a_lost_record() {
        let text = "cve,epss\nCVE-1-1,0.5\n,0.5\nCVE-1-2,high\nCVE-1-3,NaN\nCVE-1-4,1.5\nCVE-1-5";
        check(
            text,
            &expect![[r#"
                Predictions(ExploitPredictions([ExploitPrediction { id:
                    VulnerabilityId("CVE-1-1"), probability: 0.5, percentile: None, at:
                    Location { line: 2, path: "" } }]))
                ! Record line 3: The record holds too little to be used; expected a CVE id and
                    a probability from 0 to 1, found `,0.5`
                ! Record line 4: The record holds too little to be used; expected a CVE id and
                    a probability from 0 to 1, found `CVE-1-2,high`
                ! Record line 5: The record holds too little to be used; expected a CVE id and
                    a probability from 0 to 1, found `CVE-1-3,NaN`
                ! Record line 6: The record holds too little to be used; expected a CVE id and
                    a probability from 0 to 1, found `CVE-1-4,1.5`
                ! Record line 7: The record holds too little to be used; expected a CVE id and
                    a probability from 0 to 1, found `CVE-1-5`
                6 seen, 1 made
            "#]],
        );
        check(
            "cve,epss,percentile\r\n\"CVE-1-1\",\"0.5\",2\r\n",
            &expect![[r#"
                Predictions(ExploitPredictions([ExploitPrediction { id:
                    VulnerabilityId("CVE-1-1"), probability: 0.5, percentile: None, at:
                    Location { line: 2, path: "" } }]))
                ! Field line 2: A field has a value outside its list; expected a percentile
                    from 0 to 1, found `"CVE-1-1","0.5",2`
                1 seen, 1 made
            "#]],
        );
    }

    #[test]
    fn a_file_without_the_columns_is_refused() {
        check(
            "",
            &expect![[r#"
            ! Document line 1: A field that the format requires is not there; expected a
                header with the columns `cve` and `epss`
            0 seen, 0 made
        "#]],
        );
        check(
            "a,b\n1,2\n",
            &expect![[r#"
            ! Document line 1: A field that the format requires is not there; expected a
                header with the columns `cve` and `epss`
            0 seen, 0 made
        "#]],
        );
    }

    #[test]
    fn a_cut_at_every_byte_conserves() {
        for cut in trials::cuts(SAMPLE) {
            assert!(read(cut).conserves());
        }
    }
}
