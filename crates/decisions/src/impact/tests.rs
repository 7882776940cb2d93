//! CISA's table row by row, the rules one by one, and an example worked by hand.

use domain::advisory::{
    Exploitation, Remediation, Score, SsvcInputs, Vulnerability, VulnerabilityId,
};
use domain::device::{Criticality, Use};
use domain::location::Location;
use domain::severity::{
    AttackComplexity, AttackVector, Impact as Loss, PrivilegesRequired, UserInteraction,
};
use expect_test::{Expect, expect};

use super::ssvc::{self, Automatable, Level, Mission, Technical, WellBeing};
use super::tables::{self, Factor, Substitutes};
use super::{
    Decision, DeviceInputs, Exposure, Impact, Inputs, Interval, Listing, PatientData, Rated,
    Remedy, Rule, Situation, Step, Support, VulnerabilityInputs, device, explain, idle, judge,
    next, rubric,
};
use crate::exposure::Verdict;

fn rated(vectors: &[&str]) -> Vec<Rated> {
    let read = |vector: &&str| {
        let score =
            Score { vector: (*vector).into(), stated: None, origin: None, applies: Vec::new() };
        Rated::read(&score).expect("a vector")
    };
    vectors.iter().map(read).collect()
}

/// An infusion pump with a patient on it.
fn pump() -> DeviceInputs {
    DeviceInputs {
        criticality: Some(Criticality::Therapy),
        usage: Some(Use::InUse),
        substitutes: Some(1),
        exposure: Some(Exposure::Connected),
        patient_data: Some(PatientData::None),
    }
}

/// A flaw with a public proof of concept, open to the network.
fn flaw() -> VulnerabilityInputs {
    VulnerabilityInputs {
        rated: rated(&["CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:N/I:H/A:L"]),
        unreadable: Vec::new(),
        known_exploited: Some(Listing::NotListed),
        epss: Some(0.20),
        ssvc: SsvcInputs {
            exploitation: Some(Exploitation::ProofOfConcept),
            automatable: Some(true),
            total_impact: Some(true),
        },
    }
}

fn judged(device: &DeviceInputs, vulnerability: &VulnerabilityInputs) -> Impact {
    judge(&Inputs { device, vulnerability, verdict: Verdict::Affected })
}

fn steps(device: &DeviceInputs, vulnerability: &VulnerabilityInputs) -> Vec<Step> {
    explain(&Inputs { device, vulnerability, verdict: Verdict::Affected }).1
}

/// The worked example of the page.
pub(super) fn example() -> Impact {
    judged(&pump(), &flaw())
}

/// Its steps.
pub(super) fn example_steps() -> Vec<Step> {
    steps(&pump(), &flaw())
}

#[test]
fn the_worked_example_is_what_a_hand_computes() {
    let impact = example();
    let threat = 0.30 + 0.20 * (0.80 - 0.30);
    assert!(f64::abs(threat - 0.40) < 1e-12);
    let likelihood = 0.40 * 1.00 * 1.00 * 0.73 * 1.00;
    let harm = f64::max(0.90 * 1.00, 0.80 * 0.39);
    let care = harm * 1.00 * 0.80;
    let close = |range: Interval, value: f64| f64::abs(range.high() - value) < 1e-12;
    assert!(close(impact.likelihood, likelihood) && impact.likelihood.is_known());
    assert!(close(impact.care, care) && impact.care.is_known());
    assert!(close(impact.risk, 0.292 * 0.72));
    assert!(f64::abs(care - 0.72) < 1e-12);
    assert_eq!(impact.risk.of_hundred(), "21");
    assert_eq!(impact.ssvc.to_string(), "Attend");
}

/// The rows of CISA's decision table, as CERT/CC publishes it (version 2.0.3).
const CISA: &str = "
    none no partial low Track | none no partial medium Track | none no partial high Track
    none no total low Track | none no total medium Track | none no total high Track*
    none yes partial low Track | none yes partial medium Track | none yes partial high Attend
    none yes total low Track | none yes total medium Track | none yes total high Attend
    poc no partial low Track | poc no partial medium Track | poc no partial high Track*
    poc no total low Track | poc no total medium Track* | poc no total high Attend
    poc yes partial low Track | poc yes partial medium Track | poc yes partial high Attend
    poc yes total low Track | poc yes total medium Track* | poc yes total high Attend
    active no partial low Track | active no partial medium Track | active no partial high Attend
    active no total low Track | active no total medium Attend | active no total high Act
    active yes partial low Attend | active yes partial medium Attend | active yes partial high Act
    active yes total low Attend | active yes total medium Act | active yes total high Act";

fn leaves() -> impl Iterator<Item = (Exploitation, Automatable, Technical, Level, Decision)> {
    ssvc::TREE.iter().flat_map(move |(exploitation, automatable, technical, decisions)| {
        let leaf = |(level, decision)| (*exploitation, *automatable, *technical, level, decision);
        Level::ALL.into_iter().zip(*decisions).map(leaf)
    })
}

#[test]
fn all_36_rows_of_cisas_table_are_as_published() {
    let published: Vec<Vec<&str>> =
        CISA.split(['|', '\n']).map(|row| row.split_whitespace().collect()).collect();
    let published: Vec<Vec<&str>> = published.into_iter().filter(|row| !row.is_empty()).collect();
    let ours: Vec<Vec<&str>> = leaves()
        .map(|(exploitation, automatable, technical, level, decision)| {
            vec![
                match exploitation {
                    Exploitation::None => "none",
                    Exploitation::ProofOfConcept => "poc",
                    Exploitation::Active => "active",
                },
                if automatable == Automatable::Yes { "yes" } else { "no" },
                if technical == Technical::Total { "total" } else { "partial" },
                level.text(),
                decision.text(),
            ]
        })
        .collect();
    assert_eq!(published.len(), 36);
    assert_eq!(ours, published);
}

#[test]
fn a_worse_answer_never_softens_cisas_decision() {
    let leaves: Vec<_> = leaves().collect();
    for one in &leaves {
        for other in &leaves {
            if one.0 <= other.0 && one.1 <= other.1 && one.2 <= other.2 && one.3 <= other.3 {
                assert!(one.4 <= other.4, "{one:?} {other:?}");
            }
        }
    }
}

#[test]
fn mission_and_well_being_give_the_level_that_cisa_says() {
    for (mission, people, level) in ssvc::LEVELS {
        let expected = match (mission, people) {
            (Mission::Essential, _) | (_, WellBeing::Irreversible) => Level::High,
            (Mission::Minimal, WellBeing::Minimal) => Level::Low,
            _ => Level::Medium,
        };
        assert_eq!(*level, expected);
    }
    assert_eq!(ssvc::LEVELS.len(), 9);
}

fn check_table<K: PartialEq + std::fmt::Debug>(factor: &Factor<K>, keys: &[K]) {
    let listed: Vec<&K> = factor.rows.iter().map(|row| &row.key).collect();
    assert_eq!(listed, keys.iter().collect::<Vec<&K>>(), "{}", factor.name);
    for pair in factor.rows.windows(2) {
        assert!(pair[0].weight < pair[1].weight, "{}: {pair:?}", factor.name);
    }
    for row in factor.rows {
        assert!((0.0..=1.0).contains(&row.weight), "{}: {row:?}", factor.name);
    }
}

#[test]
fn every_table_has_every_value_and_rises() {
    use AttackVector::{Adjacent, Local, Network, Physical};
    check_table(&tables::ATTACK_VECTOR, &[Physical, Local, Adjacent, Network]);
    check_table(
        &tables::ATTACK_COMPLEXITY,
        &[AttackComplexity::High, AttackComplexity::Medium, AttackComplexity::Low],
    );
    check_table(
        &tables::PRIVILEGES,
        &[PrivilegesRequired::High, PrivilegesRequired::Low, PrivilegesRequired::None],
    );
    check_table(&tables::INTERACTION, &[UserInteraction::Required, UserInteraction::None]);
    check_table(&tables::LOSS, &[Loss::None, Loss::Low, Loss::High]);
    check_table(&tables::USE, &[Use::NotInUse, Use::InUse]);
    check_table(&tables::PATIENT_DATA, &[PatientData::None, PatientData::Some, PatientData::Many]);
    check_table(&tables::SUBSTITUTES, &[Substitutes::Several, Substitutes::One, Substitutes::None]);
}

#[test]
fn harm_bands_and_places_in_the_tree_rise_with_the_role_and_the_evidence() {
    let roles: Vec<Criticality> = tables::HARM.iter().map(|row| row.role).collect();
    assert_eq!(roles, Criticality::ALL);
    assert_eq!(ssvc::ROLES.iter().map(|row| row.0).collect::<Vec<_>>(), Criticality::ALL);
    for pair in tables::HARM.windows(2) {
        assert!(pair[0].weights.iter().zip(pair[1].weights).all(|(less, more)| *less <= more));
    }
    for pair in ssvc::ROLES.windows(2) {
        assert!(pair[0].1 <= pair[1].1 && pair[0].2 <= pair[1].2 && pair[0].3 <= pair[1].3);
    }
    assert!(ssvc::ROLES.iter().all(|row| row.2 <= row.1));
    for pair in tables::EXPLOITATION.windows(2) {
        assert!(pair[0].2.low() < pair[1].2.low() && pair[0].2.high() <= pair[1].2.high());
    }
    assert_eq!(tables::REACH.len(), 3);
}

fn weights<K>(factor: &Factor<K>) -> Vec<f64> {
    factor.rows.iter().map(|row| row.weight).collect()
}

#[test]
fn the_weights_of_cvss_are_those_of_the_standard_over_the_greatest() {
    let check = |weights: Vec<f64>, standard: &[f64]| {
        let greatest = standard.iter().copied().fold(0.0, f64::max);
        for (weight, value) in weights.iter().zip(standard) {
            assert!(f64::abs(weight - value / greatest) <= 0.005, "{weight} {value}");
        }
        assert_eq!(weights.len(), standard.len());
    };
    check(weights(&tables::ATTACK_VECTOR), &[0.20, 0.55, 0.62, 0.85]);
    check(weights(&tables::PRIVILEGES), &[0.27, 0.62, 0.85]);
    check(weights(&tables::INTERACTION), &[0.62, 0.85]);
    check(weights(&tables::LOSS), &[0.0, 0.22, 0.56]);
    let complexity = weights(&tables::ATTACK_COMPLEXITY);
    check(vec![complexity[0], complexity[2]], &[0.44, 0.77]);
    check(complexity[1..].to_vec(), &[0.61, 0.71]);
}

#[expect(clippy::needless_pass_by_value, reason = "as expect-test is written everywhere")]
fn check_explained(steps: &[Step], expected: Expect) {
    let lines: Vec<String> = steps.iter().map(|step| step.to_string() + "\n").collect();
    expected.assert_eq(&lines.concat());
}

#[test]
fn the_steps_tell_the_whole_arithmetic() {
    check_explained(
        &example_steps(),
        expect![[r"
            impact.exploitation       0.30 to 0.80  exploitation: a public proof of concept (not listed in KEV)
            impact.prediction         0.20          EPSS probability
            impact.threat             0.40          low end of the band + EPSS × its width
            impact.attack-vector      1.00          attack from: any network; the device is on the network
            impact.attack-complexity  1.00          attack complexity: low
            impact.privileges         0.73          rights needed before: a user's
            impact.interaction        1.00          who must take part: nobody
            impact.likelihood         0.29          the product of the last five
            impact.patient-data       0.00          patients' data on the device (XCP, XCPM): none
            impact.confidentiality    0.00          confidentiality lost: none, 0.00 × 0.20 for therapy (XCT)
            impact.integrity          0.90          integrity lost: all, 1.00 × 0.90 for therapy (XIT)
            impact.availability       0.31          availability lost: some, 0.39 × 0.80 for therapy (XAT)
            impact.harm               0.90          the worst of the last three
            impact.use                1.00          in use: yes
            impact.substitutes        0.80          substitutes in the unit: one
            impact.care               0.72          the product of the last three
            impact.risk               0.21          likelihood × care effect
            impact.ssvc                             exploitation public PoC → automatable yes → technical impact total → mission and well-being high (role therapy, in use) → Attend
            impact.environmental                    CVSS 3.1 7.1 becomes 8.6 on this device: CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:N/I:H/A:L/CR:L/IR:H/AR:H
        "]],
    );
}

#[test]
fn where_nothing_is_known_every_step_says_so() {
    let nothing = steps(&DeviceInputs::default(), &VulnerabilityInputs::default());
    check_explained(
        &nothing,
        expect![[r"
            impact.exploitation       0.10 to 1.00  exploitation: unknown (KEV not at hand)
            impact.prediction         0.00 to 1.00  EPSS: unknown
            impact.ransomware                       used by ransomware: unknown, so up to the top of the band
            impact.threat             0.10 to 1.00  low end of the band + EPSS × its width
            impact.attack-vector      0.24 to 1.00  attack from: unknown; the device may be on a network or not
            impact.attack-complexity  0.57 to 1.00  attack complexity: unknown
            impact.privileges         0.32 to 1.00  rights needed before: unknown
            impact.interaction        0.73 to 1.00  who must take part: unknown
            impact.likelihood         0.00 to 1.00  the product of the last five
            impact.patient-data       0.00 to 0.50  patients' data on the device (XCP, XCPM): unknown
            impact.confidentiality    0.00 to 0.50  confidentiality lost: unknown, 0.00 to 1.00 × 0.10 to 0.50 for an unknown role (XCW, XCD, XCT)
            impact.integrity          0.00 to 1.00  integrity lost: unknown, 0.00 to 1.00 × 0.20 to 1.00 for an unknown role (XIW, XID, XIT)
            impact.availability       0.00 to 1.00  availability lost: unknown, 0.00 to 1.00 × 0.20 to 1.00 for an unknown role (XAW, XAD, XAT)
            impact.harm               0.00 to 1.00  the worst of the last three
            impact.use                0.20 to 1.00  in use: unknown
            impact.substitutes        0.60 to 1.00  substitutes in the unit: unknown
            impact.care               0.00 to 1.00  the product of the last three
            impact.risk               0.00 to 1.00  likelihood × care effect
            impact.ssvc                             exploitation none or public PoC or active → automatable no or yes → technical impact partial or total → mission and well-being low or medium or high (role unknown, use unknown) → Track..Act
        "]],
    );
}

#[test]
fn sources_that_differ_widen_and_both_are_shown() {
    let mut both = flaw();
    both.rated = rated(&[
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:3.1/AV:A/AC:H/PR:N/UI:N/S:U/C:N/I:L/A:H",
    ]);
    check_explained(
        &steps(&pump(), &both),
        expect![[r"
            impact.exploitation       0.30 to 0.80  exploitation: a public proof of concept (not listed in KEV)
            impact.prediction         0.20          EPSS probability
            impact.threat             0.40          low end of the band + EPSS × its width
            impact.attack-vector      0.73 to 1.00  attack from: the same network segment or any network; the device is on the network
            impact.attack-complexity  0.57 to 1.00  attack complexity: high or low
            impact.privileges         1.00          rights needed before: none
            impact.interaction        1.00          who must take part: nobody
            impact.likelihood         0.17 to 0.40  the product of the last five
            impact.patient-data       0.00          patients' data on the device (XCP, XCPM): none
            impact.confidentiality    0.00 to 0.20  confidentiality lost: none or all, 0.00 to 1.00 × 0.20 for therapy (XCT)
            impact.integrity          0.35 to 0.90  integrity lost: some or all, 0.39 to 1.00 × 0.90 for therapy (XIT)
            impact.availability       0.80          availability lost: all, 1.00 × 0.80 for therapy (XAT)
            impact.harm               0.80 to 0.90  the worst of the last three
            impact.use                1.00          in use: yes
            impact.substitutes        0.80          substitutes in the unit: one
            impact.care               0.64 to 0.72  the product of the last three
            impact.risk               0.11 to 0.29  likelihood × care effect
            impact.ssvc                             exploitation public PoC → automatable yes → technical impact total → mission and well-being high (role therapy, in use) → Attend
            impact.environmental                    CVSS 3.1 9.8 becomes 9.8 on this device: CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/CR:L/IR:H/AR:H
            impact.environmental                    CVSS 3.1 5.9 becomes 7.4 on this device: CVSS:3.1/AV:A/AC:H/PR:N/UI:N/S:U/C:N/I:L/A:H/CR:L/IR:H/AR:H
        "]],
    );
}

/// The same flaw, had KEV listed it.
pub(super) fn listed_example() -> Impact {
    let mut listed = flaw();
    listed.known_exploited = Some(Listing::Listed { ransomware: None });
    judged(&pump(), &listed)
}

#[test]
fn a_known_exploited_flaw_outranks_the_same_flaw_without_it() {
    let listed = listed_example();
    assert_eq!(listed.risk.of_hundred(), "44 to 53");
    assert_eq!(listed.ssvc.decision, Decision::Act);
    assert!(listed.order(&example()).is_gt());
}

#[test]
fn a_flaw_that_is_exploited_but_not_listed_counts_as_exploited() {
    let mut contradicted = flaw();
    contradicted.ssvc.exploitation = Some(Exploitation::Active);
    assert_eq!(judged(&pump(), &contradicted).ssvc.decision, Decision::Act);
}

#[test]
fn off_the_network_every_attack_needs_hands_on_the_device() {
    let mut alone = pump();
    alone.exposure = Some(Exposure::OffNetwork);
    assert_eq!(judged(&alone, &flaw()).likelihood.to_string(), "0.07");
    assert!(score(&alone, &flaw()).vector.ends_with("/MAV:P"));
}

#[test]
fn unknown_use_counts_as_in_use() {
    let unknown = judged(&DeviceInputs { usage: None, ..pump() }, &flaw());
    assert!(f64::abs(unknown.risk.high() - example().risk.high()) < 1e-12);
    assert_eq!(unknown.ssvc.decision, example().ssvc.decision);
}

#[test]
fn an_undecided_finding_may_be_nothing_and_is_to_be_found_out() {
    let mut exploited = flaw();
    exploited.known_exploited = Some(Listing::Listed { ransomware: Some(true) });
    let (device, vulnerability) = (&pump(), &exploited);
    let inputs = Inputs { device, vulnerability, verdict: Verdict::Undecided };
    let (undecided, affected) = (judge(&inputs), judged(device, vulnerability));
    assert!(undecided.risk.low() < 1e-12);
    assert!(f64::abs(undecided.risk.high() - affected.risk.high()) < 1e-12);
    assert_eq!(affected.ssvc.decision, Decision::Act);
    assert_eq!(undecided.ssvc.decision, Decision::Attend);
    assert!(explain(&inputs).1.iter().any(|step| step.rule == Rule::Undecided));
}

#[test]
fn where_the_coordinator_is_silent_only_a_clear_vector_answers() {
    let mut lines = String::new();
    for vector in [
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:L/I:L/A:N",
        "CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "AV:N/AC:L/Au:N/C:C/I:C/A:C",
    ] {
        let silent = VulnerabilityInputs { rated: rated(&[vector]), ..Default::default() };
        let path = judged(&pump(), &silent).ssvc.path.to_string();
        let answers: Vec<&str> = path.split(" → ").skip(1).take(2).collect();
        lines.extend([format!("{vector}: {}\n", answers.join(", "))]);
    }
    expect![[r"
        CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H: automatable yes, technical impact total
        CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N: automatable yes, technical impact partial or total
        CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:L/I:L/A:N: automatable no, technical impact partial
        CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H: automatable no, technical impact total
        CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H: automatable no or yes, technical impact total
        AV:N/AC:L/Au:N/C:C/I:C/A:C: automatable no or yes, technical impact total
    "]]
    .assert_eq(&lines);
}

fn score(device: &DeviceInputs, vulnerability: &VulnerabilityInputs) -> rubric::Environmental {
    rubric::environmental(device, &vulnerability.rated).swap_remove(0)
}

#[test]
fn the_score_on_this_device_follows_its_role_and_its_place() {
    let support = DeviceInputs { criticality: Some(Criticality::Support), ..pump() };
    let devices = [
        ("pump", pump()),
        ("support", support),
        ("records", DeviceInputs { patient_data: Some(PatientData::Many), ..support }),
        ("segmented", DeviceInputs { exposure: Some(Exposure::Segmented), ..pump() }),
        ("unknown", DeviceInputs::default()),
    ];
    let vectors = [
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:L/A:L",
        "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:L/VA:L/SC:N/SI:N/SA:N/S:P/U:Red",
        "(AV:N/AC:L/Au:N/C:C/I:P/A:P/CDP:H/TD:L)",
    ];
    let mut lines = String::new();
    for vector in vectors {
        let rated = rated(&[vector]);
        let vulnerability = VulnerabilityInputs { rated, ..Default::default() };
        for (name, device) in &devices {
            let score = score(device, &vulnerability);
            lines.extend([format!("{name:<10}{score}\n")]);
        }
    }
    expect![[r"
        pump      CVSS 3.1 8.6 becomes 8.3 on this device: CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:L/A:L/CR:L/IR:H/AR:H
        support   CVSS 3.1 8.6 becomes 6.7 on this device: CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:L/A:L/CR:L/IR:L/AR:L
        records   CVSS 3.1 8.6 becomes 9.5 on this device: CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:L/A:L/CR:H/IR:L/AR:L
        segmented CVSS 3.1 8.6 becomes 7.2 on this device: CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:L/A:L/CR:L/IR:H/AR:H/MAV:A
        unknown   CVSS 3.1 8.6 becomes 3.7 to 9.8 on this device: CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:L/A:L/CR:H/IR:H/AR:H
        pump      CVSS 4.0 8.8 becomes 8.0 on this device: CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:L/VA:L/SC:N/SI:N/SA:N/CR:L/IR:H/AR:H
        support   CVSS 4.0 8.8 becomes 7.8 on this device: CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:L/VA:L/SC:N/SI:N/SA:N/CR:L/IR:L/AR:L
        records   CVSS 4.0 8.8 becomes 8.7 on this device: CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:L/VA:L/SC:N/SI:N/SA:N/CR:H/IR:L/AR:L
        segmented CVSS 4.0 8.8 becomes 5.7 on this device: CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:L/VA:L/SC:N/SI:N/SA:N/CR:L/IR:H/AR:H/MAV:A
        unknown   CVSS 4.0 8.8 becomes 3.4 to 8.8 on this device: CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:L/VA:L/SC:N/SI:N/SA:N/CR:H/IR:H/AR:H
        pump      CVSS 2.0 9.0 becomes 8.6 on this device: AV:N/AC:L/Au:N/C:C/I:P/A:P/CR:L/IR:H/AR:H
        support   CVSS 2.0 9.0 becomes 6.6 on this device: AV:N/AC:L/Au:N/C:C/I:P/A:P/CR:L/IR:L/AR:L
        records   CVSS 2.0 9.0 becomes 10.0 on this device: AV:N/AC:L/Au:N/C:C/I:P/A:P/CR:H/IR:L/AR:L
        segmented CVSS 2.0 9.0 becomes 8.6 on this device: AV:N/AC:L/Au:N/C:C/I:P/A:P/CR:L/IR:H/AR:H
        unknown   CVSS 2.0 9.0 becomes 6.6 to 10.0 on this device: AV:N/AC:L/Au:N/C:C/I:P/A:P/CR:H/IR:H/AR:H
    "]].assert_eq(&lines);
}

#[test]
fn every_vector_of_the_conformance_set_has_a_score_on_a_device() {
    let mut vectors = 0;
    for file in testkit::shared_files("conformance/cvss") {
        let text = std::fs::read_to_string(&file).expect("a readable file");
        // A sample: each is scored in up to 27 environments.
        for line in text.lines().step_by(67) {
            let vector = line.split_once(" - ").map_or(line, |(vector, _)| vector);
            let vulnerability =
                VulnerabilityInputs { rated: rated(&[vector]), ..Default::default() };
            let unknown = score(&DeviceInputs::default(), &vulnerability);
            let known = score(&pump(), &vulnerability);
            assert!(known.lowest <= known.highest, "{vector}");
            assert!(unknown.lowest <= known.lowest, "{vector}");
            assert!(known.highest <= unknown.highest, "{vector}");
            vectors += 1;
        }
    }
    assert!(vectors > 100, "{vectors}");
}

#[test]
fn what_is_unknown_is_shown_as_a_range_of_decisions() {
    let mut half = flaw();
    half.ssvc.automatable = None;
    half.ssvc.exploitation = None;
    let impact = judged(&pump(), &half);
    assert_eq!(impact.ssvc.to_string(), "Track*..Attend");
    assert!(!impact.ssvc.is_certain());
    expect!["exploitation none or public PoC → automatable no or yes → technical impact total → mission and well-being high (role therapy, in use)"].assert_eq(&impact.ssvc.path.to_string());
}

#[test]
fn records_of_one_vulnerability_are_gathered() {
    let record = |vectors: &[&str], ssvc| {
        let mut record = Vulnerability::new(VulnerabilityId::new("CVE-1"), at());
        record.scores = vectors
            .iter()
            .map(|vector| Score {
                vector: (*vector).into(),
                stated: None,
                origin: None,
                applies: Vec::new(),
            })
            .collect();
        record.ssvc = ssvc;
        record
    };
    let new = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:L/A:L";
    let old = "AV:N/AC:L/Au:N/C:C/I:P/A:P";
    let poc = SsvcInputs {
        exploitation: Some(Exploitation::ProofOfConcept),
        automatable: None,
        total_impact: Some(false),
    };
    let active = SsvcInputs { exploitation: Some(Exploitation::Active), ..poc };
    let records = [record(&[old, new, "n/a"], Some(poc)), record(&[new], Some(active))];
    let gathered = VulnerabilityInputs::gather(&records);
    let vectors: Vec<&str> = gathered.rated.iter().map(|rated| rated.vector.as_str()).collect();
    assert_eq!(vectors, [new]);
    assert_eq!(gathered.unreadable, ["n/a"]);
    assert_eq!(gathered.ssvc, active);
    assert_eq!(VulnerabilityInputs::gather([&record(&[old], None)]).rated.len(), 1);
    assert!(steps(&pump(), &gathered).iter().any(|step| step.rule == Rule::Unreadable));
}

#[test]
fn many_small_findings_never_outrank_a_serious_one() {
    let mut small = flaw();
    small.rated = rated(&["CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"]);
    let small = judged(&pump(), &small);
    let many = device(std::iter::repeat_n(&small, 1_000)).expect("a risk");
    assert!(many.risk.high() < 2.0 * small.risk.high() + 1e-9);
    let serious = example();
    assert!(device([&serious]).expect("a risk").order(&many).is_gt());
    let two = super::device::explain([&serious, &serious]).expect("a step");
    expect![
        "impact.device             0.29          high end: 1 − (1 − 0.21 × 1) × (1 − 0.21 × 0.5)"
    ]
    .assert_eq(&two.to_string());
    assert_eq!(device([]), None);
}

fn situation(decision: Decision, remedy: Remedy<'static>) -> Situation<'static> {
    Situation {
        device: pump(),
        manufacturer: Some("BD"),
        support: Support::Unknown,
        vulnerability: "CVE-2020-25165",
        verdict: Verdict::Affected,
        decision,
        remedy,
    }
}

const DECISIONS: [Decision; 4] =
    [Decision::Act, Decision::Attend, Decision::TrackClosely, Decision::Track];
const REMEDIES: [Remedy<'static>; 5] = [
    Remedy::Fix("Update to 12.1.2.\n Ask your representative."),
    Remedy::Workaround("Change the default password."),
    Remedy::NoneYet,
    Remedy::NoneComing,
    Remedy::Unknown,
];

#[test]
fn the_first_thing_to_do_is_one_sentence_for_each_decision_and_remedy() {
    let mut lines = String::new();
    for remedy in REMEDIES {
        for decision in DECISIONS {
            lines.extend([format!("{decision:<6} {}\n", next(&situation(decision, remedy)))]);
        }
    }
    expect![[r"
        Act    Contain it now to what its patient needs, and install the fix for CVE-2020-25165 as soon as another unit has taken over at the bedside: Update to 12.1.2
        Attend Install the fix for CVE-2020-25165 before the next maintenance round: Update to 12.1.2
        Track* Install the fix for CVE-2020-25165 at the next maintenance: Update to 12.1.2
        Track  Install the fix for CVE-2020-25165 at the next maintenance: Update to 12.1.2
        Act    Contain it now to what its patient needs, and apply what lessens CVE-2020-25165 as soon as another unit has taken over at the bedside: Change the default password
        Attend Apply what lessens CVE-2020-25165 before the next maintenance round: Change the default password
        Track* Apply what lessens CVE-2020-25165 at the next maintenance: Change the default password
        Track  Apply what lessens CVE-2020-25165 at the next maintenance: Change the default password
        Act    Contain it now to what its patient needs, and ask BD today for a fix for CVE-2020-25165
        Attend Ask BD this week for a fix for CVE-2020-25165
        Track* Look every week whether BD has a fix for CVE-2020-25165
        Track  Nothing to do now; look at each maintenance for a fix for CVE-2020-25165
        Act    Contain it now to what its patient needs, and plan its replacement, for BD will not fix CVE-2020-25165
        Attend Plan its replacement, for BD will not fix CVE-2020-25165
        Track* Plan its replacement, for BD will not fix CVE-2020-25165
        Track  Plan its replacement, for BD will not fix CVE-2020-25165
        Act    Contain it now to what its patient needs, and ask BD today for a fix for CVE-2020-25165
        Attend Ask BD this week for a fix for CVE-2020-25165
        Track* Look every week whether BD has a fix for CVE-2020-25165
        Track  Nothing to do now; look at each maintenance for a fix for CVE-2020-25165
    "]]
    .assert_eq(&lines);
}

#[test]
fn a_device_in_use_is_not_to_be_switched_off() {
    for usage in [Some(Use::InUse), None] {
        for remedy in REMEDIES {
            let mut situation = situation(Decision::Act, remedy);
            situation.device.usage = usage;
            let sentence = next(&situation);
            assert!(sentence.contains("to what its patient needs"), "{sentence}");
            for word in ["switch off", "shut down", "disconnect", "unplug", "cut off"] {
                assert!(!sentence.contains(word), "{sentence}");
            }
        }
    }
    let in_use = next(&situation(Decision::Act, REMEDIES[0]));
    assert!(in_use.contains("as soon as another unit has taken over at the bedside"), "{in_use}");
}

#[test]
fn what_to_do_follows_the_device() {
    let mut lines = String::new();
    let base = situation(Decision::Act, REMEDIES[0]);
    let with = |change: fn(&mut Situation<'static>)| {
        let mut changed = base;
        change(&mut changed);
        next(&changed) + "\n"
    };
    lines += &with(|s| s.device.exposure = Some(Exposure::OffNetwork));
    lines += &with(|s| s.device.usage = Some(Use::NotInUse));
    lines += &with(|s| s.device.criticality = Some(Criticality::Support));
    lines += &with(|s| s.support = Support::Ended);
    lines += &with(|s| (s.remedy, s.support) = (Remedy::NoneComing, Support::Ended));
    lines += &with(|s| (s.verdict, s.decision) = (Verdict::Undecided, Decision::Attend));
    lines += &with(|s| (s.manufacturer, s.remedy) = (None, Remedy::NoneYet));
    lines += &(idle(Support::Ended) + "\n" + &idle(Support::Unknown) + "\n");
    expect![[r"
        Keep it off every network, and install the fix for CVE-2020-25165 as soon as another unit has taken over at the bedside: Update to 12.1.2
        Contain it now to what its patient needs, and install the fix for CVE-2020-25165 before it is used again: Update to 12.1.2
        Contain it now to what care needs of it, and install the fix for CVE-2020-25165 as soon as the unit can spare it: Update to 12.1.2
        Contain it now to what its patient needs, and install the fix for CVE-2020-25165 as soon as another unit has taken over at the bedside: Update to 12.1.2; its support has ended, so plan its replacement
        Contain it now to what its patient needs, and plan its replacement, for BD will not fix CVE-2020-25165
        Find out this week whether CVE-2020-25165 applies: compare its version with the advisory, or ask BD
        Contain it now to what its patient needs, and ask its maker today for a fix for CVE-2020-25165
        No vulnerability of it is known, but its support has ended: plan its replacement
        No vulnerability of it is known
    "]]
    .assert_eq(&lines);
}

#[test]
fn the_best_remedy_of_several_documents_is_taken() {
    let stated = |kind: &str, details: &str| Remediation {
        kind: kind.into(),
        details: details.into(),
        url: None,
        applies: Vec::new(),
        at: at(),
    };
    let remedies = [
        stated("mitigation", "Close port 20012."),
        stated("vendor_fix", "Update to 12.1.2 or later."),
        stated("none_available", ""),
    ];
    assert_eq!(Remedy::best(&remedies), Remedy::Fix("Update to 12.1.2 or later."));
    assert_eq!(Remedy::best(&remedies[..1]), Remedy::Workaround("Close port 20012."));
    assert_eq!(Remedy::best([]), Remedy::Unknown);
}

fn at() -> Location {
    Location::default()
}
