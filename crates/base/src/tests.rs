//! A base gives back what was put in, opens what is asked for, and is always whole.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use collectors::folder::{self, Unwatched};
use decisions::exposure::keys::Key;
use domain::advisory::{Advisory, VulnerabilityId};
use domain::fact::{Document, Fact};
use testkit::shared_data;

use super::codec::Writer;
use super::facts::{decode, encode};
use super::{Base, BaseError, Compiler, Piece, Place, Refused};

fn documents(path: &str) -> Vec<Document> {
    let read = folder::read(&shared_data(path), &Unwatched).expect(path);
    assert!(!read.documents.is_empty(), "nothing in {path}");
    let named = |document: Document| {
        let name = format!("{path}/{}", document.name);
        Document { name, ..document }
    };
    read.documents.into_iter().map(named).collect()
}

/// Documents of all feeds, some of each.
fn feeds() -> Vec<Document> {
    let folders = ["advisories/icsma", "kev", "osv", "nvd-configurations", "cve/2017.jsonl.gz"];
    let all = folders.iter().flat_map(|folder| documents(folder));
    all.filter(|document| Piece::of(document, [0; 32]).is_ok()).collect()
}

fn advisories(documents: &[Document]) -> Vec<&Advisory> {
    let facts = documents.iter().flat_map(|document| &document.reading.facts);
    facts
        .filter_map(|fact| match fact {
            Fact::Advisory(advisory) => Some(&**advisory),
            _ => None,
        })
        .collect()
}

fn compiled(base: &Path, documents: &[Document], now: u64) {
    let mut compiler = Compiler::new(Base::open(base).ok(), now).expect("a compiler");
    for document in documents {
        compiler.put(Piece::of(document, [1; 32]).expect(&document.name));
    }
    compiler.write(Place::take(base).expect("a place")).expect("a base");
}

fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("known.base");
    (folder, path)
}

/// All that a base knows, by all of its names.
fn everything(base: &Base, documents: &[Document]) -> Vec<Document> {
    let told = advisories(documents).into_iter().flat_map(|advisory| &advisory.vulnerabilities);
    base.about(&[], told.map(|one| one.id.clone())).expect("all of it")
}

#[test]
fn every_fact_of_every_feed_comes_back_as_it_was() {
    let documents = feeds();
    let mut writer = Writer::default();
    let mut count = 0;
    for document in &documents {
        for fact in &document.reading.facts {
            match fact {
                Fact::Advisory(advisory) => {
                    let back = decode(&encode(&**advisory, &mut writer));
                    assert_eq!(back.as_ref(), Ok(&**advisory), "{}", document.name);
                }
                Fact::KnownExploited(known) => {
                    assert_eq!(decode(&encode(&**known, &mut writer)).as_ref(), Ok(&**known));
                }
                Fact::Predictions(told) => {
                    for one in &told.0 {
                        assert_eq!(decode(&encode(one, &mut writer)).as_ref(), Ok(one));
                    }
                }
                other => panic!("{other:?} is not of a feed"),
            }
            count += 1;
        }
    }
    assert!(count > 30_000, "{count} facts");
}

#[test]
fn a_base_holds_what_was_put_in_and_the_same_twice() {
    let documents = feeds();
    let (_folder, path) = place();
    compiled(&path, &documents, 7);
    let base = Base::open(&path).expect("a base");
    assert_eq!(base.made(), 7);
    assert_eq!(base.documents().expect("a list").len(), documents.len());
    let back = everything(&base, &documents);
    let mut given = advisories(&documents);
    let mut found = advisories(&back);
    given.sort_by_key(|advisory| (&advisory.id, &advisory.at));
    found.sort_by_key(|advisory| (&advisory.id, &advisory.at));
    assert_eq!(found.len(), given.len());
    assert!(found == given, "advisories are not as they were");
    let first = fs::read(&path).expect("bytes");
    fs::remove_file(&path).expect("gone");
    compiled(&path, &documents, 7);
    assert!(fs::read(&path).expect("bytes") == first, "the same documents give other bytes");
}

#[test]
fn only_what_is_asked_for_is_opened_and_all_that_tells_of_the_same() {
    let documents = feeds();
    let (_folder, path) = place();
    compiled(&path, &documents, 0);
    let base = Base::open(&path).expect("a base");
    let count = |documents: &[Document]| advisories(documents).len();
    let nothing = base.about(&[], []).expect("the catalogue");
    assert_eq!(count(&nothing), 0);
    assert!(!nothing.is_empty(), "the catalogue of what is exploited is always there");
    let all = advisories(&documents);
    let told = |name: &VulnerabilityId| {
        let tells = |one: &&&Advisory| one.vulnerabilities.iter().any(|told| told.id == *name);
        all.iter().filter(tells).count()
    };
    let candidates = all.iter().take(200).flat_map(|one| &one.vulnerabilities);
    let one = candidates.map(|told| &told.id).find(|name| told(name) > 1).expect("a shared name");
    let about = base.about(&[], [one.clone()]).expect("some");
    let opened = advisories(&about);
    assert!(opened.len() > 1 && opened.len() < 100, "{}", opened.len());
    // Whatever tells of one of these names is there.
    let names = |advisory: &Advisory| -> BTreeSet<VulnerabilityId> {
        let all = advisory.vulnerabilities.iter();
        all.flat_map(|one| std::iter::once(&one.id).chain(&one.aliases)).cloned().collect()
    };
    let known: BTreeSet<VulnerabilityId> = opened.iter().flat_map(|one| names(one)).collect();
    assert!(known.contains(one));
    for advisory in advisories(&documents) {
        let tells = !names(advisory).is_disjoint(&known);
        assert_eq!(tells, opened.contains(&advisory), "{}", advisory.id);
    }
    let none = base.about(&[Key::of("no such thing")], []).expect("none");
    assert_eq!(count(&none), 0);
}

#[test]
fn what_changes_is_compiled_and_all_else_stays() {
    let documents = feeds();
    let (_folder, path) = place();
    let (first, second) = documents.split_at(documents.len() / 2);
    compiled(&path, first, 0);
    compiled(&path, second, 0);
    let (_other, whole) = place();
    compiled(&whole, &documents, 0);
    let [grown, whole] = [&path, &whole].map(|path| Base::open(path).expect("a base"));
    assert!(everything(&grown, &documents) == everything(&whole, &documents));
    // One is taken out, another is put in anew.
    let mut compiler = Compiler::new([grown], 9).expect("a compiler");
    assert!(compiler.holds(&documents[0].name, &[1; 32]));
    assert!(!compiler.holds(&documents[0].name, &[2; 32]));
    compiler.remove(&documents[0].name);
    compiler.put(Piece::of(&documents[1], [2; 32]).expect("a piece"));
    let written = compiler.write(Place::take(&path).expect("a place")).expect("a base");
    assert_eq!((written.documents, written.compiled), (documents.len() - 1, 1));
    let base = Base::open(&path).expect("a base");
    let listed = base.documents().expect("a list");
    assert!(listed.iter().all(|one| one.name != documents[0].name));
    assert_eq!(listed.iter().filter(|one| one.compiled == 9).count(), 1);
    assert!(
        everything(&base, &documents[1..]) == everything(&whole_of(&documents[1..]), &documents)
    );
}

fn whole_of(documents: &[Document]) -> Base {
    let (_folder, path) = place();
    compiled(&path, documents, 0);
    Base::open(&path).expect("a base")
}

#[test]
fn a_block_of_which_little_stays_is_packed_anew() {
    let documents = documents("advisories/icsma");
    let (_folder, path) = place();
    compiled(&path, &documents, 0);
    let before = fs::metadata(&path).expect("a base").len();
    let mut compiler = Compiler::new(Base::open(&path).ok(), 0).expect("a compiler");
    let (kept, gone) = documents.split_at(documents.len() / 10);
    for document in gone {
        compiler.remove(&document.name);
    }
    compiler.write(Place::take(&path).expect("a place")).expect("a base");
    let base = Base::open(&path).expect("a base");
    assert!(base.bytes() * 4 < before, "{} of {before}", base.bytes());
    assert_eq!(advisories(&everything(&base, &documents)), advisories(kept));
}

/// The names of which a base says otherwise than another, in words.
fn since(path: &Path, before: &str) -> Option<Vec<String>> {
    let names = Base::open(path).expect("a base").since(before).expect("names")?;
    Some(names.iter().map(|name| name.0.to_string()).collect())
}

#[test]
fn a_base_tells_of_which_vulnerabilities_it_says_otherwise_than_those_before_it() {
    let documents = documents("advisories/icsma");
    let (_folder, path) = place();
    let print = || Base::open(&path).expect("a base").print();
    let named = |some: &[Document]| -> Vec<String> {
        let told = advisories(some).into_iter().flat_map(|one| &one.vulnerabilities);
        let names = told.flat_map(|one| std::iter::once(&one.id).chain(&one.aliases));
        names.map(|name| name.0.to_string()).collect::<BTreeSet<_>>().into_iter().collect()
    };
    compiled(&path, &documents[..40], 0);
    let first = print();
    assert_eq!(since(&path, &first), Some(Vec::new()));
    assert_eq!(since(&path, "another"), None);
    // The same again changes nothing.
    compiled(&path, &documents[3..9], 0);
    assert_eq!(since(&path, &first), Some(Vec::new()));
    // New ones, one that is gone, and one that says something else: what it said, and what it says.
    compiled(&path, &documents[40..42], 0);
    assert_eq!(since(&path, &first), Some(named(&documents[40..42])));
    let second = print();
    let mut compiler = Compiler::new(Base::open(&path).ok(), 5).expect("a compiler");
    compiler.remove(&documents[7].name);
    let other = Document { name: documents[8].name.clone(), ..documents[43].clone() };
    compiler.put(Piece::of(&other, [2; 32]).expect("a piece"));
    compiler.write(Place::take(&path).expect("a place")).expect("a base");
    let third: Vec<Document> = [7, 8, 43].map(|place| documents[place].clone()).into();
    assert_eq!(since(&path, &second), Some(named(&third)));
    let both = [third, documents[40..42].to_vec()].concat();
    assert_eq!(since(&path, &first), Some(named(&both)));
}

#[test]
fn a_base_that_takes_another_in_tells_what_came_by_it() {
    let documents = documents("advisories/icsma");
    let (_folder, path) = place();
    let (_other, carried) = place();
    compiled(&path, &documents[..40], 0);
    compiled(&carried, &documents[30..42], 3);
    let before = Base::open(&path).expect("a base");
    let print = before.print();
    let carried = Base::open(&carried).expect("a base");
    let mut compiler = Compiler::new([carried, before], 5).expect("a compiler");
    compiler.remove(&documents[41].name);
    compiler.write(Place::take(&path).expect("a place")).expect("a base");
    let told = advisories(&documents[40..41]).into_iter().flat_map(|one| &one.vulnerabilities);
    let named: BTreeSet<String> = told.map(|one| one.id.0.to_string()).collect();
    assert_eq!(since(&path, &print), Some(named.into_iter().collect()));
}

#[test]
fn a_catalogue_that_comes_and_very_much_at_once_change_everything() {
    let (_folder, path) = place();
    compiled(&path, &documents("advisories/icsma")[..5], 0);
    let first = Base::open(&path).expect("a base").print();
    compiled(&path, &documents("kev"), 0);
    assert_eq!(since(&path, &first), None);
    let second = Base::open(&path).expect("a base").print();
    compiled(&path, &documents("cve/2017.jsonl.gz"), 0);
    assert_eq!(since(&path, &second), None);
}

#[test]
fn what_is_no_feed_is_refused() {
    for (path, expected) in [("sbom/ntia", "an SBOM"), ("vex", "VEX statements")] {
        let refused = documents(path).into_iter().filter_map(|document| {
            let holds = !document.reading.facts.is_empty();
            holds.then(|| Piece::of(&document, [0; 32]).map(|_| ()))
        });
        let refused: Vec<_> = refused.collect();
        assert!(refused.contains(&Err(Refused::Kind(expected))), "{path}: {refused:?}");
    }
}

#[test]
fn damage_anywhere_is_told_and_never_opened() {
    let documents = documents("advisories/icsma");
    let (folder, path) = place();
    compiled(&path, &documents[..12], 0);
    let whole = fs::read(&path).expect("bytes");
    let damaged = folder.path().join("damaged.base");
    let reads = |bytes: &[u8]| {
        fs::write(&damaged, bytes).expect("a file");
        let base = Base::open(&damaged)?;
        base.documents()?;
        base.since("another")?;
        let told = advisories(&documents).into_iter().flat_map(|one| &one.vulnerabilities);
        base.about(&[], told.map(|one| one.id.clone())).map(|_| ())
    };
    assert!(reads(&whole).is_ok());
    assert!(matches!(reads(b"something else"), Err(BaseError::NoBase { .. })));
    for length in [300, whole.len() / 2, whole.len() - 1] {
        assert!(reads(&whole[..length]).is_err(), "cut at {length}");
    }
    for at in (0..whole.len()).step_by(whole.len() / 400) {
        let mut changed = whole.clone();
        changed[at] ^= 0x10;
        assert!(reads(&changed).is_err(), "a changed byte at {at}");
    }
    let mut newer = whole;
    newer[8] += 1;
    assert!(matches!(reads(&newer), Err(BaseError::Format { found: 2, .. })));
}

#[test]
fn bytes_that_are_no_facts_are_refused() {
    let documents = documents("advisories/icsma");
    let mut writer = Writer::default();
    let bytes = encode(advisories(&documents)[0], &mut writer);
    for length in 0..bytes.len() {
        assert!(decode::<Advisory>(&bytes[..length]).is_err(), "cut at {length}");
    }
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            // Another fact, or none; never a panic, and no more memory than there are bytes.
            let _ = decode::<Advisory>(&changed);
        }
    }
}

#[test]
fn one_program_at_a_time_writes_a_base_and_leaves_nothing_behind() {
    let (folder, path) = place();
    let first = Place::take(&path).expect("a place");
    assert!(matches!(Place::take(&path), Err(BaseError::Busy { .. })));
    drop(first);
    assert_eq!(fs::read_dir(folder.path()).expect("files").count(), 0);
    compiled(&path, &documents("advisories/icsma")[..3], 0);
    assert_eq!(fs::read_dir(folder.path()).expect("files").count(), 1);
    // What a program left that was killed is written over.
    fs::write(path.with_added_extension("part"), vec![7; 100_000]).expect("a file");
    compiled(&path, &documents("advisories/icsma")[..3], 0);
    let base = Base::open(&path).expect("a base");
    assert_eq!(base.bytes(), fs::metadata(&path).expect("a base").len());
    assert!(base.bytes() < 100_000 && base.documents().is_ok());
}
