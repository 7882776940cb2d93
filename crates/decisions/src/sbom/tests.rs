//! SBOMs judged for themselves, by hand-made facts.

use domain::component::{
    Author, AuthorSort, Component, Dependency, Hash, Sbom, SbomFormat, SupportLevel,
};
use domain::date;
use domain::location::Location;
use domain::purl::Purl;

use crate::exposure::Verdict;

use super::difference::{Difference, Item, components, findings};
use super::quality::{Element, List, Quality, Score};

/// An SBOM of a pump with these components, made by nobody and at no time.
pub(super) fn sbom(components: Vec<Component>) -> Sbom {
    Sbom {
        subject: Some(component("pump", "3.1")),
        components,
        ..Sbom::new(SbomFormat::CycloneDx, "1.6".into())
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
    let takes: [(Element, Take, [bool; 3]); 14] = [
        (Element::Name, |s| s.nameless = 1, [true; 3]),
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

fn difference(first: &[Component], second: &[Component]) -> Difference {
    let first: Vec<Item> = first.iter().map(Item::of).collect();
    let second: Vec<Item> = second.iter().map(Item::of).collect();
    components(&first, &second)
}

fn turn(before: &str, after: &str) -> (Vec<String>, Vec<String>) {
    let list = |text: &str| text.split_whitespace().map(str::to_owned).collect();
    (list(before), list(after))
}

#[test]
fn a_component_is_the_same_whatever_its_version_and_changes_are_told_each() {
    let mut before = [whole("zlib"), whole("openssl"), component("busybox", "1.31")];
    let mut after = [whole("zlib"), whole("openssl"), component("sqlite", "")];
    after[1].version = Some("3.0.13".into());
    after[1].licences = vec!["Apache-2.0".into()];
    let found = difference(&before, &after);
    assert_eq!(found.same, 1);
    assert_eq!((found.added[0].name.as_str(), found.added[0].versions.len()), ("sqlite", 0));
    assert_eq!(
        (found.removed[0].name.as_str(), &*found.removed[0].versions[0]),
        ("busybox", "1.31")
    );
    let [changed] = found.changed.as_slice() else { panic!("{found:?}") };
    assert_eq!(changed.versions, turn("1", "3.0.13"));
    assert_eq!(changed.licences, Some(turn("MIT", "Apache-2.0")));
    // A digest changes with the version; only where the version stays is that told.
    assert_eq!((&changed.suppliers, &changed.hashes), (&None, &None));
    before[0].hashes[0].algorithm = "SHA256".into();
    assert_eq!(difference(&before[..1], &after[..1]).same, 1);
    before[0].hashes[0].value = "11".into();
    before[0].supplier = Some("Another".into());
    let found = difference(&before[..1], &after[..1]);
    assert_eq!(found.changed[0].hashes, Some(turn("SHA256:11", "SHA256:00")));
    assert_eq!(found.changed[0].suppliers, Some(turn("Another", "Maker")));
    before[0].supplier = None;
    assert_eq!(difference(&before[..1], &after[..1]).changed[0].suppliers, None);
}

#[test]
fn a_package_url_on_one_side_only_does_not_part_what_has_one_name() {
    let (named, known) = (component("OpenSSL", "1"), whole("openssl"));
    let changes = |before: &[Component], after: &[Component]| {
        let found = difference(before, after);
        (found.added.len(), found.removed.len(), found.changed.len())
    };
    let (named, known) = (&[named][..], &[known][..]);
    assert_eq!(changes(named, known), (0, 0, 1));
    assert_eq!(changes(known, named), (0, 0, 1));
    // Two packages of one name: nobody knows which of them it was.
    let mut other = whole("openssl");
    other.purl = Some(Purl::parse("pkg:deb/debian/openssl@1").expect("a purl"));
    assert_eq!(changes(named, &[known[0].clone(), other.clone()]), (2, 1, 0));
    // Two different packages stay two.
    assert_eq!(changes(known, &[other]), (1, 1, 0));
}

#[test]
fn of_several_verdicts_the_gravest_counts() {
    use Verdict::{Affected, Fixed, NotAffected, Undecided};

    let before = [("CVE-1", Affected), ("CVE-2", Affected), ("CVE-5", Affected)];
    let after = [
        ("CVE-2", NotAffected),
        ("CVE-2", Affected),
        ("CVE-1", NotAffected),
        ("CVE-1", Fixed),
        ("CVE-3", Undecided),
        ("CVE-4", Fixed),
    ];
    let opened = findings(before, after);
    assert_eq!(opened.gained, [("CVE-3".to_owned(), Undecided)]);
    let lost = [("CVE-1".to_owned(), Some(Fixed)), ("CVE-5".to_owned(), None)];
    assert_eq!(opened.lost, lost);
}
