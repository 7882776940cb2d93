//! What must hold for every device and every vulnerability.

use domain::advisory::{Exploitation, Score, SsvcInputs};
use domain::device::{Criticality, Use};
use proptest::option;
use proptest::prelude::*;

use super::{
    Decision, DeviceInputs, DeviceRisk, Exposure, Impact, Inputs, Interval, Listing, PatientData,
    Rated, VulnerabilityInputs, device, explain, judge, rubric, ssvc,
};
use crate::exposure::Verdict;

/// The answers to the metrics of a vector, as places in these lists, from the least to the worst.
const METRICS: [(&str, &[&str]); 7] = [
    ("AV", &["P", "L", "A", "N"]),
    ("AC", &["H", "L"]),
    ("PR", &["H", "L", "N"]),
    ("UI", &["R", "N"]),
    ("C", &["N", "L", "H"]),
    ("I", &["N", "L", "H"]),
    ("A", &["N", "L", "H"]),
];

type Metrics = [usize; 7];

fn rated(metrics: Metrics) -> Rated {
    let fields = metrics.into_iter().zip(METRICS);
    let fields = fields.map(|(place, (name, values))| format!("/{name}:{}", values[place]));
    let vector = format!("CVSS:3.1/S:U{}", fields.collect::<String>());
    Rated::read(&Score { vector: vector.into(), stated: None, origin: None, applies: Vec::new() })
        .expect("a vector")
}

fn metrics() -> impl Strategy<Value = Metrics> {
    METRICS.map(|(_, values)| 0..values.len())
}

/// Everything that the rank takes, in a form that can be made worse or better known.
#[derive(Debug, Clone)]
struct Case {
    device: DeviceInputs,
    metrics: Option<Metrics>,
    listing: Option<Listing>,
    epss: Option<f64>,
    ssvc: SsvcInputs,
    verdict: Verdict,
}

fn listings() -> impl Strategy<Value = Listing> {
    prop_oneof![
        Just(Listing::NotListed),
        option::of(any::<bool>()).prop_map(|ransomware| Listing::Listed { ransomware }),
    ]
}

fn exploitations() -> impl Strategy<Value = Exploitation> {
    prop::sample::select(
        &[Exploitation::None, Exploitation::ProofOfConcept, Exploitation::Active][..],
    )
}

fn devices() -> impl Strategy<Value = DeviceInputs> {
    let exposures = [Exposure::OffNetwork, Exposure::Segmented, Exposure::Connected];
    let data = [PatientData::None, PatientData::Some, PatientData::Many];
    (
        option::of(prop::sample::select(&Criticality::ALL[..])),
        option::of(prop::sample::select(vec![Use::NotInUse, Use::InUse])),
        option::of(0_u32..5),
        option::of(prop::sample::select(exposures.to_vec())),
        option::of(prop::sample::select(data.to_vec())),
    )
        .prop_map(|(criticality, usage, substitutes, exposure, patient_data)| DeviceInputs {
            criticality,
            usage,
            substitutes,
            exposure,
            patient_data,
        })
}

fn cases() -> impl Strategy<Value = Case> {
    let ssvc = (option::of(exploitations()), option::of(any::<bool>()), option::of(any::<bool>()))
        .prop_map(|(exploitation, automatable, total_impact)| SsvcInputs {
            exploitation,
            automatable,
            total_impact,
        });
    let verdict = prop::sample::select(vec![Verdict::Undecided, Verdict::Affected]);
    let metrics = option::of(metrics());
    (devices(), metrics, option::of(listings()), option::of(0.0..=1.0), ssvc, verdict).prop_map(
        |(device, metrics, listing, epss, ssvc, verdict)| Case {
            device,
            metrics,
            listing,
            epss,
            ssvc,
            verdict,
        },
    )
}

impl Case {
    fn vulnerability(&self) -> VulnerabilityInputs {
        VulnerabilityInputs {
            rated: self.metrics.into_iter().map(rated).collect(),
            unreadable: Vec::new(),
            known_exploited: self.listing,
            epss: self.epss,
            ssvc: self.ssvc,
        }
    }
}

fn judged(case: &Case) -> Impact {
    let vulnerability = case.vulnerability();
    judge(&Inputs { device: &case.device, vulnerability: &vulnerability, verdict: case.verdict })
}

/// Every case that differs from this one by one known input that is worse.
fn worse(case: &Case) -> Vec<(&'static str, Case)> {
    let mut cases = Vec::new();
    let mut add = |name, change: &dyn Fn(&mut Case) -> Option<()>| {
        let mut changed = case.clone();
        if change(&mut changed).is_some() {
            cases.push((name, changed));
        }
    };
    add("role", &|case| {
        let role = case.device.criticality?;
        let next = Criticality::ALL.into_iter().find(|other| *other > role)?;
        case.device.criticality.replace(next).map(drop)
    });
    add("use", &|case| case.device.usage.replace(Use::InUse).map(drop));
    add("substitutes", &|case| {
        let fewer = case.device.substitutes?.checked_sub(1)?;
        case.device.substitutes.replace(fewer).map(drop)
    });
    add("exposure", &|case| match case.device.exposure? {
        Exposure::OffNetwork => case.device.exposure.replace(Exposure::Segmented).map(drop),
        _ => case.device.exposure.replace(Exposure::Connected).map(drop),
    });
    add("patients' data", &|case| match case.device.patient_data? {
        PatientData::None => case.device.patient_data.replace(PatientData::Some).map(drop),
        _ => case.device.patient_data.replace(PatientData::Many).map(drop),
    });
    add("EPSS", &|case| {
        let more = f64::midpoint(case.epss?, 1.0);
        case.epss.replace(more).map(drop)
    });
    add("listed", &|case| {
        let ransomware = match case.listing? {
            Listing::NotListed => false,
            Listing::Listed { ransomware } => ransomware.map(|_| true)?,
        };
        case.listing.replace(Listing::Listed { ransomware: Some(ransomware) }).map(drop)
    });
    add("exploitation", &|case| {
        let next = match case.ssvc.exploitation? {
            Exploitation::None => Exploitation::ProofOfConcept,
            Exploitation::ProofOfConcept | Exploitation::Active => Exploitation::Active,
        };
        case.ssvc.exploitation.replace(next).map(drop)
    });
    add("verdict", &|case| {
        let decided = std::mem::replace(&mut case.verdict, Verdict::Affected);
        (decided == Verdict::Undecided).then_some(())
    });
    add("automatable", &|case| case.ssvc.automatable.replace(true).map(drop));
    add("technical impact", &|case| case.ssvc.total_impact.replace(true).map(drop));
    for (place, (name, values)) in METRICS.into_iter().enumerate() {
        add(name, &|case| {
            let metric = &mut case.metrics.as_mut()?[place];
            (*metric + 1 < values.len()).then(|| *metric += 1)
        });
    }
    cases
}

/// An input, and how it is forgotten.
type Change = (&'static str, fn(&mut Case));

/// Every case that differs from this one by one input that is no longer known.
fn less_known(case: &Case) -> Vec<(&'static str, Case)> {
    let changes: [Change; 12] = [
        ("role", |case| case.device.criticality = None),
        ("use", |case| case.device.usage = None),
        ("substitutes", |case| case.device.substitutes = None),
        ("exposure", |case| case.device.exposure = None),
        ("patients' data", |case| case.device.patient_data = None),
        ("vector", |case| case.metrics = None),
        ("EPSS", |case| case.epss = None),
        ("listing", |case| case.listing = None),
        ("ransomware", |case| {
            if let Some(Listing::Listed { ransomware }) = &mut case.listing {
                *ransomware = None;
            }
        }),
        ("exploitation", |case| case.ssvc.exploitation = None),
        ("automatable", |case| case.ssvc.automatable = None),
        ("technical impact", |case| case.ssvc.total_impact = None),
    ];
    changes
        .into_iter()
        .map(|(name, change)| {
            let mut changed = case.clone();
            change(&mut changed);
            (name, changed)
        })
        .collect()
}

/// SSVC says that it is exploited, KEV that this is not known; or the coordinator answers what the
/// vector clearly denies. No third source can agree with both, so learning the one when the other
/// was believed may leave the former range.
fn contradicts_itself(case: &Case) -> bool {
    let vulnerability = case.vulnerability();
    let silent = VulnerabilityInputs { ssvc: SsvcInputs::default(), ..case.vulnerability() };
    let [one, other] = [&vulnerability, &silent].map(ssvc::automatable);
    let automatable = !other.contains(one.least);
    let [one, other] = [&vulnerability, &silent].map(ssvc::technical);
    case.listing == Some(Listing::NotListed) && case.ssvc.exploitation == Some(Exploitation::Active)
        || automatable
        || !other.contains(one.least)
}

fn risk(impacts: &[Impact]) -> DeviceRisk {
    device(impacts).expect("some findings")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(250))]

    #[test]
    fn every_range_lies_within_bounds_and_the_risk_is_the_product(case in cases()) {
        let impact = judged(&case);
        for range in [impact.likelihood, impact.care, impact.risk] {
            prop_assert!(0.0 <= range.low() && range.low() <= range.high() && range.high() <= 1.0);
        }
        prop_assert_eq!(impact.risk, impact.likelihood.times(impact.care));
        let vulnerability = case.vulnerability();
        let (device, verdict) = (&case.device, case.verdict);
        let (told, steps) = explain(&Inputs { device, vulnerability: &vulnerability, verdict });
        prop_assert_eq!(&impact, &told);
        for range in steps.iter().filter_map(|step| step.range) {
            prop_assert!(range.is_within(Interval::FULL));
        }
        for score in rubric::environmental(device, &vulnerability.rated) {
            prop_assert!(0.0 <= score.lowest && score.lowest <= score.highest);
            prop_assert!(score.highest <= 10.0);
        }
        prop_assert!(impact.ssvc.least <= impact.ssvc.decision);
    }

    #[test]
    fn a_worse_input_never_lowers_the_risk_nor_the_decision(case in cases()) {
        let before = judged(&case);
        for (input, case) in worse(&case) {
            let after = judged(&case);
            prop_assert!(after.risk.low() >= before.risk.low() - 1e-12, "{}: {:?}", input, case);
            prop_assert!(after.risk.high() >= before.risk.high() - 1e-12, "{}: {:?}", input, case);
            prop_assert!(after.ssvc.decision >= before.ssvc.decision, "{}: {:?}", input, case);
            prop_assert!(after.ssvc.least >= before.ssvc.least, "{}: {:?}", input, case);
        }
    }

    #[test]
    fn knowing_more_never_widens(case in cases()) {
        prop_assume!(!contradicts_itself(&case));
        let known = judged(&case);
        for (input, case) in less_known(&case) {
            let unknown = judged(&case);
            prop_assert!(known.likelihood.is_within(unknown.likelihood), "{}: {:?}", input, case);
            prop_assert!(known.care.is_within(unknown.care), "{}: {:?}", input, case);
            prop_assert!(known.risk.is_within(unknown.risk), "{}: {:?}", input, case);
            prop_assert!(unknown.ssvc.least <= known.ssvc.least, "{}: {:?}", input, case);
            if case.verdict == Verdict::Undecided {
                prop_assert!(unknown.ssvc.decision <= Decision::Attend);
            }
            prop_assert!(known.ssvc.decision <= unknown.ssvc.decision);
        }
    }

    #[test]
    fn another_finding_never_lowers_a_devices_risk(all in prop::collection::vec(cases(), 1..8)) {
        let impacts: Vec<Impact> = all.iter().map(judged).collect();
        for count in 1..impacts.len() {
            let [fewer, more] = [&impacts[..count], &impacts[..=count]].map(risk);
            prop_assert!(more.risk.low() >= fewer.risk.low() - 1e-12);
            prop_assert!(more.risk.high() >= fewer.risk.high() - 1e-12);
            prop_assert!(more.decision >= fewer.decision && more.least >= fewer.least);
        }
        let worst = impacts.iter().map(|impact| impact.risk.high()).fold(0.0, f64::max);
        let all = risk(&impacts).risk;
        prop_assert!(all.low() <= all.high() && all.high() <= 1.0);
        prop_assert!(worst <= all.high() + 1e-12 && all.high() <= 2.0 * worst + 1e-12);
        let backwards = impacts.into_iter().rev().collect::<Vec<Impact>>();
        prop_assert_eq!(risk(&backwards).risk, all);
    }

    #[test]
    fn a_worse_finding_never_lowers_a_devices_risk(
        all in prop::collection::vec(cases(), 1..6),
        which in any::<prop::sample::Index>(),
    ) {
        let impacts: Vec<Impact> = all.iter().map(judged).collect();
        let before = risk(&impacts).risk;
        let place = which.index(all.len());
        for (_, case) in worse(&all[place]) {
            let mut changed = impacts.clone();
            changed[place] = judged(&case);
            let after = risk(&changed).risk;
            prop_assert!(after.low() >= before.low() - 1e-12);
            prop_assert!(after.high() >= before.high() - 1e-12);
        }
    }
}
