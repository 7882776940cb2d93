//! Joining, on facts made by hand.

use domain::advisory::{
    Advisory, ExploitPrediction, ExploitPredictions, Feed, KnownExploited, Score, Vulnerability,
    VulnerabilityId,
};
use domain::component::{Component, Sbom, SbomFormat};
use domain::device::{Device, DeviceId, Use};
use domain::fact::{Document, Fact, Reading};
use domain::location::{DocumentId, Location};
use domain::problem::Code;
use domain::release::{ReleaseKey, ReleaseLink};

use super::Hospital;

fn document(number: u32, name: &str, facts: Vec<Fact>) -> Document {
    let reading = Reading { facts, ..Reading::default() };
    Document { id: DocumentId(number), name: name.into(), format: String::new(), bytes: 0, reading }
}

fn device(id: &str, maker: &str, model: &str, version: &str) -> Fact {
    Fact::Device(Box::new(Device {
        id: Some(DeviceId(id.into())),
        manufacturer: Some(maker.into()),
        model: Some(model.into()),
        version: (!version.is_empty()).then(|| version.into()),
        ..Device::default()
    }))
}

fn sbom(maker: Option<&str>, name: &str, version: Option<&str>) -> Fact {
    Fact::Sbom(Box::new(Sbom {
        serial: Some("urn:uuid:1".into()),
        subject: Some(Component {
            name: name.into(),
            manufacturer: maker.map(Into::into),
            version: version.map(Into::into),
            ..Component::default()
        }),
        components: vec![Component { name: "openssl".into(), ..Component::default() }],
        ..Sbom::new(SbomFormat::CycloneDx, "1.6".into())
    }))
}

fn advisory(id: &str, aliases: &[&str]) -> Fact {
    let mut vulnerability = Vulnerability::new(VulnerabilityId::new(id), Location::whole());
    vulnerability.aliases = aliases.iter().map(|alias| VulnerabilityId::new(alias)).collect();
    Fact::Advisory(Box::new(Advisory {
        id: id.into(),
        feed: Feed::Osv,
        publisher: None,
        title: None,
        updated: None,
        revision: None,
        stage: None,
        language: None,
        withdrawn: false,
        vulnerabilities: vec![vulnerability],
        at: Location::whole(),
    }))
}

fn sboms_of(documents: &[Document]) -> Vec<(String, usize)> {
    let hospital = Hospital::assemble(documents);
    hospital.releases.iter().map(|release| (release.key.to_string(), release.sboms.len())).collect()
}

#[test]
fn units_of_one_model_and_version_share_a_release() {
    let facts = vec![
        device("1", "B. Braun", "Space Station", "3.1"),
        device("2", "B Braun", "SpaceStation", "v3.1"),
        device("3", "B Braun", "SpaceStation", "3.2"),
    ];
    let documents = [document(0, "a.csv", facts)];
    let hospital = Hospital::assemble(&documents);
    let units: Vec<usize> = hospital.releases.iter().map(|release| release.units.len()).collect();
    assert_eq!(units, [2, 1]);
}

#[test]
fn an_sbom_finds_its_release_by_its_own_metadata() {
    let devices = vec![
        device("1", "Baxter", "Sigma Spectrum", "8.0"),
        device("2", "Baxter", "Sigma Spectrum", "9.0"),
    ];
    let made = |sbom| [document(0, "a.csv", devices.clone()), document(1, "b.json", vec![sbom])];
    let found =
        sboms_of(&made(sbom(Some("Baxter Healthcare Corporation"), "Sigma Spectrum", Some("8.0"))));
    assert_eq!(found.iter().map(|(_, n)| *n).collect::<Vec<_>>(), [1, 0]);
    let found = sboms_of(&made(sbom(Some("Spectrum Ltd"), "Sigma Spectrum", Some("8.0"))));
    assert_eq!(found.iter().map(|(_, n)| *n).collect::<Vec<_>>(), [0, 0, 1], "another maker");
    let found = sboms_of(&made(sbom(Some("Baxter"), "Baxter SIGMA Spectrum", Some("8.0"))));
    assert_eq!(found.iter().map(|(_, n)| *n).collect::<Vec<_>>(), [1, 0]);
    let found = sboms_of(&made(sbom(Some("Baxter"), "Sigma Spectrum", None)));
    assert_eq!(found.iter().map(|(_, n)| *n).collect::<Vec<_>>(), [1, 1]);
}

#[test]
fn an_sbom_without_a_release_is_told() {
    let documents = [document(0, "b.json", vec![sbom(Some("Nobody"), "Nothing", Some("1"))])];
    let hospital = Hospital::assemble(&documents);
    let codes: Vec<Code> = hospital.problems.iter().map(|(_, problem)| problem.code).collect();
    assert_eq!(codes, [Code::SbomNoUnits]);
}

#[test]
fn a_line_of_the_table_of_releases_goes_before_what_an_sbom_says() {
    let link = Fact::Link(Box::new(ReleaseLink {
        release: ReleaseKey::new("Baxter", "Sigma Spectrum", "8.0").expect("a key"),
        sbom: "sboms/b.json".into(),
        identifiers: vec![],
        at: Location::line(2),
    }));
    let documents = [
        document(0, "a.csv", vec![device("1", "Baxter", "Sigma Spectrum", "8.0")]),
        document(1, "x/sboms/b.json", vec![sbom(Some("Other"), "Other", Some("1"))]),
        document(2, "releases.csv", vec![link]),
    ];
    assert_eq!(sboms_of(&documents), [("Baxter Sigma Spectrum 8.0".to_owned(), 1)]);
}

#[test]
fn a_flaw_with_three_ids_is_one() {
    let exploited = Fact::KnownExploited(Box::new(KnownExploited {
        id: VulnerabilityId::new("cve-2020-1"),
        added: None,
        due: None,
        ransomware: None,
        action: None,
        at: Location::whole(),
    }));
    let facts = vec![
        advisory("GHSA-a", &["CVE-2020-1"]),
        advisory("PYSEC-1", &["GHSA-a"]),
        advisory("CVE-2020-1", &[]),
        exploited,
    ];
    let documents = [document(0, "a", facts)];
    let hospital = Hospital::assemble(&documents);
    assert_eq!(hospital.vulnerabilities.len(), 1);
    let known = hospital.vulnerabilities.first().expect("one");
    assert_eq!(
        (known.id.0.as_str(), known.tellings.len(), known.exploited.is_some()),
        ("CVE-2020-1", 3, true)
    );
}

#[test]
fn a_feed_predicts_before_what_an_sbom_repeats_whichever_is_read_first() {
    let says = |probability| {
        let (id, at) = (VulnerabilityId::new("CVE-2020-1"), Location::whole());
        let alone = ExploitPrediction { id, probability, percentile: None, at };
        Fact::Predictions(Box::new(ExploitPredictions(vec![alone])))
    };
    let stale = |probability| vec![sbom(None, "Pump", None), says(probability)];
    let feed = || vec![says(0.9), advisory("CVE-2020-1", &[])];
    let kept = |facts: [Vec<Fact>; 3]| {
        let numbered = (0..).zip(facts);
        let documents: Vec<Document> = numbered.map(|(i, facts)| document(i, "a", facts)).collect();
        let known = Hospital::assemble(&documents).vulnerabilities.swap_remove(0);
        known.prediction.map(|(_, prediction)| prediction.probability)
    };
    let empty = || vec![advisory("CVE-2020-1", &[])];
    assert_eq!(kept([stale(0.1), feed(), stale(0.95)]), Some(0.9));
    assert_eq!(kept([feed(), stale(0.1), stale(0.95)]), Some(0.9));
    assert_eq!(kept([stale(0.2), stale(0.1), empty()]), Some(0.2));
    assert_eq!(kept([stale(0.1), stale(0.2), empty()]), Some(0.2));
}

#[test]
fn an_advisory_over_several_flaws_does_not_make_them_one() {
    let facts =
        vec![advisory("RHSA-1", &["CVE-2020-1", "CVE-2020-2"]), advisory("CVE-2020-1", &[])];
    let documents = [document(0, "a", facts)];
    assert_eq!(Hospital::assemble(&documents).vulnerabilities.len(), 3);
}

#[test]
fn two_cves_stay_two_flaws_whatever_joins_them_and_in_whatever_order() {
    let facts = vec![
        advisory("GHSA-a", &["CVE-2020-1"]),
        advisory("PYSEC-1", &["GHSA-a", "CVE-2020-2"]),
        advisory("CVE-2020-1", &[]),
        advisory("CVE-2020-2", &[]),
    ];
    let names = |facts: Vec<Fact>| {
        let documents = [document(0, "a", facts)];
        let hospital = Hospital::assemble(&documents);
        let mut sets: Vec<String> = hospital
            .vulnerabilities
            .iter()
            .map(|known| {
                let mut ids: Vec<&str> = known.aliases.iter().map(|id| id.0.as_str()).collect();
                ids.push(&known.id.0);
                ids.sort_unstable();
                ids.join(" ")
            })
            .collect();
        sets.sort();
        sets
    };
    let reversed: Vec<Fact> = facts.iter().rev().cloned().collect();
    let expected = ["CVE-2020-1 GHSA-a", "CVE-2020-2 PYSEC-1"];
    assert_eq!(names(facts), expected);
    assert_eq!(names(reversed), expected);
}

#[test]
fn a_withdrawn_advisory_is_kept_to_be_seen_and_says_nothing() {
    let mut fact = advisory("CVE-2020-1", &[]);
    if let Fact::Advisory(advisory) = &mut fact {
        advisory.withdrawn = true;
    }
    let documents = [document(0, "a", vec![fact])];
    let hospital = Hospital::assemble(&documents);
    assert_eq!((hospital.vulnerabilities.len(), hospital.withdrawn.len()), (0, 1));
}

#[test]
fn a_release_that_only_an_sbom_describes_is_kept() {
    let documents = [document(0, "b.json", vec![sbom(Some("Baxter"), "Novum", Some("1"))])];
    assert_eq!(sboms_of(&documents), [("Baxter Novum 1".to_owned(), 1)]);
}

#[test]
fn units_of_unknown_version_get_every_sbom_of_their_model() {
    let documents = [
        document(0, "a.csv", vec![device("1", "Baxter", "Sigma Spectrum", "")]),
        document(1, "b.json", vec![sbom(Some("Baxter"), "Sigma Spectrum", Some("8.0"))]),
        document(2, "c.json", vec![sbom(Some("Baxter"), "Sigma Spectrum", Some("9.0"))]),
    ];
    let hospital = Hospital::assemble(&documents);
    let unknown = hospital.releases.first().expect("the device's");
    let rules: Vec<&str> = unknown.sboms.iter().map(|sbom| sbom.reason.rule.text()).collect();
    assert_eq!(rules, ["sbom.release-version-unknown", "sbom.release-version-unknown"]);
}

#[test]
fn what_is_wrong_with_a_line_of_the_table_of_releases_is_told() {
    let link = |model: &str, sbom: &str, identifier: &str| {
        Fact::Link(Box::new(ReleaseLink {
            release: ReleaseKey::new("Baxter", model, "8.0").expect("a key"),
            sbom: sbom.into(),
            identifiers: vec![identifier.into()],
            at: Location::line(2),
        }))
    };
    let documents = [
        document(0, "a.csv", vec![device("1", "Baxter", "Sigma Spectrum", "8.0")]),
        document(1, "b.json.gz", vec![sbom(Some("Other"), "Other", Some("1"))]),
        document(
            2,
            "releases.csv",
            vec![
                link("Sigma Spectrum", "absent.json", "cpe:2.3:x"),
                link("Sigma Spectrum", "b.json", "pkg:npm"),
                link("Novum", "b.json", "pkg:generic/novum@8.0"),
            ],
        ),
    ];
    let hospital = Hospital::assemble(&documents);
    let codes: Vec<Code> = hospital.problems.iter().map(|(_, problem)| problem.code).collect();
    assert_eq!(
        codes,
        [
            Code::ReleaseUnknownSbom,
            Code::IdentifierBadCpe,
            Code::IdentifierBadPurl,
            Code::SbomNoUnits,
        ]
    );
}

#[test]
fn an_sbom_that_names_no_maker_is_of_the_model_whose_maker_its_name_holds() {
    let devices = vec![
        device("1", "Baxter", "Sigma Spectrum", "8.0"),
        device("2", "Medtronic", "Sigma", "8.0"),
    ];
    let documents = [
        document(0, "a.csv", devices),
        document(1, "b.json", vec![sbom(None, "Baxter Sigma Spectrum", Some("8.0"))]),
    ];
    let counts: Vec<usize> = sboms_of(&documents).iter().map(|(_, count)| *count).collect();
    assert_eq!(counts, [1, 0]);
}

#[test]
fn a_line_of_the_table_of_releases_may_spell_the_maker_in_its_own_way() {
    let link = Fact::Link(Box::new(ReleaseLink {
        release: ReleaseKey::new("Baxter Healthcare Corp.", "SIGMA-Spectrum", "v8.0")
            .expect("a key"),
        sbom: "b.json".into(),
        identifiers: vec![],
        at: Location::line(2),
    }));
    let documents = [
        document(0, "a.csv", vec![device("1", "Baxter", "Sigma Spectrum", "8.0")]),
        document(1, "b.json", vec![sbom(Some("Other"), "Other", Some("1"))]),
        document(2, "releases.csv", vec![link]),
    ];
    let counts: Vec<usize> = sboms_of(&documents).iter().map(|(_, count)| *count).collect();
    assert_eq!(counts, [1]);
    assert!(Hospital::assemble(&documents).problems.is_empty());
}

/// What became of two entries for the device `A1`: what is listed, and what is told.
fn listed_twice(change: impl Fn(&mut Device, &mut Device)) -> String {
    let plain = || Device {
        id: Some(DeviceId("A1".into())),
        manufacturer: Some("BD".into()),
        model: Some("Alaris PCU".into()),
        ..Device::default()
    };
    let (mut first, mut second) = (plain(), plain());
    change(&mut first, &mut second);
    let documents = [
        document(0, "cmms.csv", vec![Fact::Device(Box::new(first))]),
        document(1, "platform.csv", vec![Fact::Device(Box::new(second))]),
    ];
    let hospital = Hospital::assemble(&documents);
    let mut out: Vec<String> = Vec::new();
    for unit in &hospital.devices {
        let release = unit.release.and_then(|index| hospital.releases.get(index.0 as usize));
        let key = release.map(|release| release.key.to_string()).unwrap_or_default();
        out.push(format!("{key} use {:?} ips {}", unit.device.usage, unit.device.ips.len()));
    }
    out.extend(hospital.problems.iter().map(|(_, problem)| problem.to_string()));
    out.join("; ")
}

#[test]
fn a_device_of_two_inventories_is_one_device() {
    let joined = listed_twice(|first, second| {
        first.version = Some("9.19".into());
        second.id = Some(DeviceId("a1".into()));
        second.manufacturer = Some("Becton, Dickinson and Company".into());
        second.ips.push("10.0.0.1".parse().expect("an address"));
    });
    assert_eq!(joined, "BD Alaris PCU 9.19 use None ips 1");
    let by_serial = listed_twice(|first, second| {
        first.serial = Some("S77".into());
        second.id = Some(DeviceId("S77".into()));
        second.usage = Some(Use::InUse);
    });
    assert_eq!(by_serial, "BD Alaris PCU use Some(InUse) ips 0");
}

#[test]
fn what_two_inventories_contradict_each_other_in_is_told() {
    let usage = listed_twice(|first, second| {
        first.usage = Some(Use::NotInUse);
        second.usage = Some(Use::InUse);
    });
    let told = |field: &str, found: &str| {
        format!(
            "the whole document: Two inventories say different things of one device; expected the \
             same {field} of `A1` as in the other inventory{found}"
        )
    };
    assert_eq!(usage, format!("BD Alaris PCU use None ips 0; {}", told("use", "")));
    let version = listed_twice(|first, second| {
        first.version = Some("9.19".into());
        second.version = Some("12.1".into());
    });
    let both = "BD Alaris PCU 9.19 use None ips 0; BD Alaris PCU 12.1 use None ips 0; ";
    assert_eq!(version, format!("{both}{}", told("version", ", found `12.1`")));
    let model = listed_twice(|_, second| second.model = Some("Alaris GS".into()));
    assert!(model.contains("the same manufacturer and model of `A1`"), "{model}");
}

#[test]
fn a_vector_that_gives_no_score_is_told() {
    let score = |vector: &str| Score {
        vector: vector.into(),
        stated: Some(9.8),
        origin: None,
        applies: Vec::new(),
    };
    let mut fact = advisory("CVE-1", &[]);
    if let Fact::Advisory(advisory) = &mut fact {
        let good = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
        advisory.vulnerabilities[0].scores = vec![score(good), score("CVSS:3.1/AV:X")];
    }
    let documents = [document(0, "a.json", vec![fact])];
    let hospital = Hospital::assemble(&documents);
    let [(_, problem)] = hospital.problems.as_slice() else { panic!("{:?}", hospital.problems) };
    assert_eq!(
        (problem.code, problem.found.as_str()),
        (Code::IdentifierBadVector, "CVSS:3.1/AV:X")
    );
}
