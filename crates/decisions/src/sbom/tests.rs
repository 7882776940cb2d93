//! SBOMs judged for themselves, by hand-made facts.

#![expect(clippy::indexing_slicing, reason = "a test may fail by a panic")]

use domain::component::{
    Author, AuthorSort, Component, Dependency, Hash, Sbom, SbomFormat, SupportLevel,
};
use domain::date;
use domain::location::Location;
use domain::purl::Purl;

use super::quality::{Element, List, Quality, Score};

/// An SBOM of a pump with these components, made by nobody and at no time.
pub(super) fn sbom(components: Vec<Component>) -> Sbom {
    Sbom {
        format: SbomFormat::CycloneDx,
        spec_version: "1.6".into(),
        serial: None,
        created: None,
        authors: Vec::new(),
        tools: Vec::new(),
        phases: Vec::new(),
        subject: Some(component("pump", "3.1")),
        components,
        services: Vec::new(),
        dependencies: Vec::new(),
        vulnerabilities: Vec::new(),
        statements: Vec::new(),
    }
}

pub(super) fn component(name: &str, version: &str) -> Component {
    Component {
        reference: Some(name.into()),
        name: name.into(),
        version: (!version.is_empty()).then(|| version.into()),
        ..Component::default()
    }
}

pub(super) fn needs(from: &str, to: &[&str]) -> Dependency {
    let to = to.iter().map(|to| (*to).into()).collect();
    Dependency { from: from.into(), to, at: Location::whole() }
}

/// A component that tells all that any list asks of it.
fn whole(name: &str) -> Component {
    Component {
        supplier: Some("Maker".into()),
        purl: Some(Purl::parse(&format!("pkg:generic/{name}@1")).expect("a purl")),
        hashes: vec![Hash { algorithm: "SHA-256".into(), value: "00".into() }],
        licences: vec!["MIT".into()],
        support: Some(SupportLevel::Maintained),
        end_of_support: date::read("2031"),
        ..component(name, "1")
    }
}

fn whole_sbom() -> Sbom {
    Sbom {
        created: Some("2026-11-23T10:00:00Z".into()),
        authors: vec![Author { name: "Maker".into(), sort: AuthorSort::Organisation }],
        tools: vec!["builder 2".into()],
        phases: vec!["build".into()],
        subject: Some(whole("pump")),
        dependencies: vec![needs("pump", &["zlib"])],
        ..sbom(vec![whole("zlib")])
    }
}

#[test]
fn what_tells_all_is_whole_on_every_list() {
    let sbom = whole_sbom();
    let quality = Quality::of(&sbom);
    let scores = List::ALL.map(|list| quality.score(list));
    assert_eq!(scores.map(|score| score.asked), [12, 18, 16]);
    assert!(List::ALL.into_iter().all(|list| quality.is_whole(list)));
}

#[test]
fn each_element_is_missed_by_the_lists_that_ask_for_it_and_no_other() {
    type Take = fn(&mut Sbom);
    let takes: [(Element, Take, [bool; 3]); 13] = [
        (Element::Supplier, |s| s.components[0].supplier = None, [true, true, true]),
        (Element::Name, |s| s.components[0].name = "NOASSERTION".into(), [true, true, true]),
        (Element::Version, |s| s.components[0].version = Some("unknown".into()), [true; 3]),
        (Element::Identifier, |s| s.components[0].purl = None, [true; 3]),
        (Element::Dependency, |s| s.dependencies.clear(), [true; 3]),
        (Element::Hash, |s| s.components[0].hashes.clear(), [false, true, false]),
        (Element::Licence, |s| s.components[0].licences.clear(), [false, true, false]),
        (Element::SupportLevel, |s| s.components[0].support = None, [false, false, true]),
        (Element::EndOfSupport, |s| s.components[0].end_of_support = None, [false, false, true]),
        (Element::Author, |s| s.authors.clear(), [true; 3]),
        (Element::Timestamp, |s| s.created = Some("yesterday".into()), [true; 3]),
        (Element::Tool, |s| s.tools.clear(), [false, true, false]),
        (Element::GenerationContext, |s| s.phases.clear(), [false, true, false]),
    ];
    for (element, take, expected) in takes {
        let mut sbom = whole_sbom();
        take(&mut sbom);
        let quality = Quality::of(&sbom);
        let broken = List::ALL.map(|list| !quality.is_whole(list));
        assert_eq!(broken, expected, "{element:?}");
        assert!(!quality.of_element(element).is_whole(), "{element:?}");
    }
}

#[test]
fn whoever_made_a_component_is_its_producer_and_not_its_supplier() {
    let mut sbom = whole_sbom();
    sbom.components[0].supplier = None;
    sbom.components[0].manufacturer = Some("Somebody".into());
    let quality = Quality::of(&sbom);
    let missing = |list| quality.components[1].missing(list).collect::<Vec<_>>();
    assert_eq!(missing(List::Ntia), [Element::Supplier]);
    assert_eq!(missing(List::Cisa), []);
}

#[test]
fn to_hold_to_be_held_and_to_need_nothing_are_relationships() {
    let mut sbom = whole_sbom();
    let related = |sbom: &Sbom| Quality::of(sbom).of_element(Element::Dependency);
    sbom.dependencies = vec![needs("zlib", &[])];
    assert_eq!(related(&sbom), Score { told: 1, asked: 2 });
    sbom.dependencies.clear();
    sbom.components[0].is_in_subject = true;
    assert_eq!(related(&sbom), Score { told: 2, asked: 2 });
    sbom.components[0].is_in_subject = false;
    sbom.components.push(Component { parent: Some(0), ..whole("inner") });
    assert_eq!(related(&sbom), Score { told: 2, asked: 3 });
}

#[test]
fn an_sbom_of_nothing_is_not_whole_and_no_share_is_rounded_up() {
    let mut sbom = whole_sbom();
    sbom.subject = None;
    sbom.components.clear();
    assert!(!Quality::of(&sbom).is_whole(List::Ntia));
    assert_eq!(Score { told: 199, asked: 200 }.percent(), 99);
    assert_eq!(Score::default().percent(), 0);
}
