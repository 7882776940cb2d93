//! Ranking: bounds, monotony, and every row of CISA's table.

use domain::advisory::{Exploitation, Remediation, SsvcInputs};
use domain::device::{Criticality, Use};
use domain::location::Location;
use domain::severity::Severity;
use expect_test::expect_file;
use proptest::prelude::*;

use super::*;

const NETWORK: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";

fn pump() -> DeviceInputs {
    DeviceInputs {
        criticality: Some(Criticality::Therapy),
        usage: Some(Use::InUse),
        substitutes: Some(0),
        networked: Some(true),
    }
}

fn flaw(vector: &str) -> VulnerabilityInputs<'_> {
    let severity = Severity::parse(vector).ok();
    VulnerabilityInputs { severity, vector: Some(vector), ..VulnerabilityInputs::default() }
}

/// The page's worked example, recomputed.
#[test]
fn the_example_of_the_page_comes_out_as_it_says() {
    let flaw = VulnerabilityInputs {
        severity: Severity::parse("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:N/I:H/A:H").ok(),
        epss: Some(0.12),
        ..VulnerabilityInputs::default()
    };
    let device = DeviceInputs { usage: None, substitutes: Some(2), ..pump() };
    let impact = judge(&device, &flaw, Verdict::Affected);
    assert_eq!(impact.likelihood.to_string(), "0.48");
    assert_eq!(impact.care.to_string(), "[0.19 to 0.64]");
    assert_eq!(impact.risk.percent(), "9 to 31");
}

#[test]
fn the_page_prints_the_tables_of_the_code() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/concepts/ranking.md");
    let page = std::fs::read_to_string(path).expect("the page");
    let (before, rest) = page.split_once("<!-- tables -->\n").expect("a mark before");
    let (_, after) = rest.split_once("<!-- end of tables -->").expect("a mark after");
    let expected = format!("{before}<!-- tables -->\n{}<!-- end of tables -->{after}", tables());
    expect_file![path].assert_eq(&expected);
}

#[test]
fn unknown_use_counts_as_in_use() {
    let unknown = judge(&DeviceInputs { usage: None, ..pump() }, &flaw(NETWORK), Verdict::Affected);
    let used = judge(&pump(), &flaw(NETWORK), Verdict::Affected);
    assert!((unknown.risk.high() - used.risk.high()).abs() < 1e-9);
    assert_eq!(unknown.ssvc.decision, used.ssvc.decision);
}

#[test]
fn an_undecided_finding_may_be_nothing_and_is_to_be_found_out() {
    let exploited =
        VulnerabilityInputs { known_exploited: Some(Ransomware::Known), ..flaw(NETWORK) };
    let impact = judge(&pump(), &exploited, Verdict::Undecided);
    assert_eq!((impact.risk.low(), impact.ssvc.decision), (0.0, Decision::Attend));
}

#[test]
fn a_device_in_use_is_not_to_be_switched_off() {
    let remediation = Remediation {
        kind: "vendor_fix".into(),
        details: "Update to 12.1.3".into(),
        url: None,
        applies: vec![],
        at: Location::whole(),
    };
    for usage in [Some(Use::InUse), None] {
        let situation = Situation {
            decision: Some(Decision::Act),
            verdict: Verdict::Affected,
            vulnerability: "CVE-2020-1",
            fix: Fix::best([&remediation]),
            usage,
            manufacturer: Some("BD"),
            past_support: false,
        };
        let sentence = next_action(&situation);
        assert!(sentence.contains("when the ward can spare it"), "{sentence}");
        assert!(sentence.contains("only what its patient needs"), "{sentence}");
        for word in ["switch off", "shut down", "disconnect", "unplug"] {
            assert!(!sentence.contains(word), "{sentence}");
        }
    }
}

/// CISA's table, row by row, in the order of its guide.
#[test]
fn every_row_of_the_table_is_as_cisa_has_it() {
    const ROWS: &str = "TTT TTt TTA TTA TTt TtA TTA TtA TTA TAX AAX AXX";
    let letters: Vec<char> = ROWS.chars().filter(|c| *c != ' ').collect();
    let roles = [Criticality::Support, Criticality::Monitoring, Criticality::Therapy];
    let mut number = 0;
    for exploitation in [Exploitation::None, Exploitation::ProofOfConcept, Exploitation::Active] {
        for automatable in [false, true] {
            for total_impact in [false, true] {
                for role in roles {
                    let ssvc = SsvcInputs {
                        exploitation: Some(exploitation),
                        automatable: Some(automatable),
                        total_impact: Some(total_impact),
                    };
                    let device = DeviceInputs { criticality: Some(role), ..pump() };
                    let flaw = VulnerabilityInputs { ssvc: Some(ssvc), ..flaw(NETWORK) };
                    let decision = judge(&device, &flaw, Verdict::Affected).ssvc.decision;
                    let expected = match letters[number] {
                        'T' => Decision::Track,
                        't' => Decision::TrackClosely,
                        'A' => Decision::Attend,
                        _ => Decision::Act,
                    };
                    assert_eq!(decision, expected, "row {number}");
                    number += 1;
                }
            }
        }
    }
    assert_eq!(number, 36);
}

fn devices() -> impl Strategy<Value = DeviceInputs> {
    let role = prop::option::of(prop::sample::select(Criticality::ALL.to_vec()));
    let usage = prop::option::of(prop::sample::select(vec![Use::InUse, Use::NotInUse]));
    (role, usage, prop::option::of(0_u32..8), prop::option::of(any::<bool>())).prop_map(
        |(criticality, usage, substitutes, networked)| DeviceInputs {
            criticality,
            usage,
            substitutes,
            networked,
        },
    )
}

fn flaws() -> impl Strategy<Value = VulnerabilityInputs<'static>> {
    let part = |values: &'static [&'static str]| prop::sample::select(values.to_vec());
    let vector = (
        part(&["N", "A", "L", "P"]),
        part(&["L", "H"]),
        part(&["N", "L", "H"]),
        part(&["N", "R"]),
        part(&["N", "L", "H"]),
        part(&["N", "L", "H"]),
        part(&["N", "L", "H"]),
    )
        .prop_map(|(av, ac, pr, ui, c, i, a)| {
            let text = format!("CVSS:3.1/AV:{av}/AC:{ac}/PR:{pr}/UI:{ui}/S:U/C:{c}/I:{i}/A:{a}");
            Severity::parse(&text).ok()
        });
    let exploited =
        prop::option::of(prop::sample::select(vec![Ransomware::Known, Ransomware::Unknown]));
    (prop::option::of(vector), exploited, prop::option::of(0.0..=1.0)).prop_map(
        |(severity, known_exploited, epss)| VulnerabilityInputs {
            severity: severity.flatten(),
            known_exploited,
            epss,
            ssvc: None,
            vector: None,
        },
    )
}

fn within(inner: Interval, outer: Interval) -> bool {
    inner.low() >= outer.low() - 1e-9 && inner.high() <= outer.high() + 1e-9
}

proptest! {
    #[test]
    fn knowing_more_never_widens(device in devices(), flaw in flaws()) {
        let known = judge(&device, &flaw, Verdict::Affected);
        let blind = [
            DeviceInputs { criticality: None, ..device },
            DeviceInputs { usage: None, ..device },
            DeviceInputs { substitutes: None, ..device },
            DeviceInputs { networked: None, ..device },
        ];
        for blind in blind {
            let unknown = judge(&blind, &flaw, Verdict::Affected);
            prop_assert!(within(known.risk, unknown.risk), "{blind:?}");
            prop_assert!(known.ssvc.decision <= unknown.ssvc.decision);
        }
        let blind = VulnerabilityInputs { severity: None, ..flaw };
        let unknown = judge(&device, &blind, Verdict::Affected);
        prop_assert!(within(known.risk, unknown.risk));
    }

    #[test]
    fn worse_never_ranks_lower(device in devices(), flaw in flaws()) {
        let before = judge(&device, &flaw, Verdict::Affected);
        let exploited = VulnerabilityInputs { known_exploited: Some(Ransomware::Known), ..flaw };
        let after = judge(&device, &exploited, Verdict::Affected);
        prop_assert!(after.risk.high() >= before.risk.high() - 1e-9);
        prop_assert!(after.risk.low() >= before.risk.low() - 1e-9);
        prop_assert!(after.ssvc.decision >= before.ssvc.decision);
        let in_use = DeviceInputs { usage: Some(Use::InUse), ..device };
        prop_assert!(judge(&in_use, &flaw, Verdict::Affected).risk.high() >= before.risk.high() - 1e-9);
        let alone = DeviceInputs { substitutes: Some(0), ..device };
        prop_assert!(judge(&alone, &flaw, Verdict::Affected).risk.high() >= before.risk.high() - 1e-9);
        let vital = DeviceInputs { criticality: Some(Criticality::LifeSustaining), ..device };
        // Roles weigh a loss of confidentiality differently; without it the order is strict.
        if flaw.severity.is_none_or(|s| s.impacts().integrity == domain::severity::Impact::High) {
            prop_assert!(judge(&vital, &flaw, Verdict::Affected).risk.high() >= before.risk.high() - 1e-9);
        }
    }

    #[test]
    fn every_range_is_one(device in devices(), flaw in flaws()) {
        for verdict in [Verdict::Affected, Verdict::Undecided] {
            let impact = judge(&device, &flaw, verdict);
            for range in [impact.likelihood, impact.care, impact.risk] {
                prop_assert!(0.0 <= range.low() && range.low() <= range.high() && range.high() <= 1.0);
            }
            prop_assert!(impact.ssvc.possible.contains(&impact.ssvc.decision));
        }
    }
}
