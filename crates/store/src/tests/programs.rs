//! What the API needs of the store, on both databases.

use super::on_both;
use crate::database::Database;
use crate::documents::{self, Receipt};
use crate::judgements::{self, Change};
use crate::readings::{self, Reading};
use crate::releases::{self, Finding, Release};
use crate::repeats::{self, Before, Request};

fn begin(database: &Database, request: &Request<'_>, forget_before_ms: i64) -> Before {
    let asked = database.write("test", |transaction| {
        repeats::forget_before(transaction, forget_before_ms)?;
        repeats::begin(transaction, request)
    });
    asked.expect("written")
}

#[test]
fn a_request_is_begun_once_answered_again_and_forgotten_in_time() {
    on_both(|database| {
        let own = Request { owner: "anna", key: "one", hash: [1; 32], at_ms: 5 };
        assert_eq!(begin(database, &own, 0), Before::New);
        assert_eq!(begin(database, &Request { at_ms: 9, ..own }, 0), Before::Begun(5));
        assert_eq!(begin(database, &Request { hash: [2; 32], ..own }, 0), Before::Other);
        // Another's key is another.
        assert_eq!(begin(database, &Request { owner: "nora", ..own }, 0), Before::New);
        database.write("test", |t| repeats::end(t, &own, 201, "{}")).expect("written");
        let answered = Before::Answered { status: 201, answer: "{}".to_owned() };
        assert_eq!(begin(database, &own, 0), answered);
        // What was answered is not forgotten by mistake; what was not may be sent again.
        database.write("test", |t| repeats::forget(t, &own)).expect("written");
        assert_eq!(begin(database, &own, 5), answered);
        assert_eq!(begin(database, &own, 6), Before::New);
        database.write("test", |t| repeats::forget(t, &own)).expect("written");
        assert_eq!(begin(database, &own, 0), Before::New);
    });
}

#[test]
fn a_document_that_comes_in_pieces_is_the_same_as_one_that_comes_whole() {
    on_both(|database| {
        let bytes: Vec<u8> = (0..50_000_u32).flat_map(u32::to_be_bytes).collect();
        let mut packer = database.packer();
        for piece in bytes.chunks(777) {
            packer.take(piece).expect("room");
        }
        assert_eq!(packer.bytes(), 200_000);
        let packed = packer.end().expect("room");
        assert_eq!(packed.hash, documents::hash_of(&bytes));
        let receipt = |name| Receipt { name, source: "test", at_ms: 5 };
        let kept = database.write("test", |transaction| {
            assert!(documents::keep(transaction, &packed, &receipt("b"))?, "it is new");
            assert!(!documents::keep(transaction, &packed, &receipt("a"))?, "it is known");
            assert!(!documents::receive(transaction, &bytes, &receipt("c"))?.1);
            assert_eq!(documents::bytes(transaction, &packed.hash)?.as_deref(), Some(&*bytes));
            assert_eq!(documents::size(transaction, &packed.hash)?, 200_000);
            documents::count(transaction)
        });
        assert_eq!(kept.expect("kept"), 3);
    });
}

/// From what stands in one row to what stands in several, and what is a piece to the byte.
#[test]
fn a_document_that_cannot_be_packed_stands_in_pieces_and_comes_out_as_it_went_in() {
    on_both(|database| {
        let mut state = 7_u64;
        let mut noise = |bytes: usize| -> Vec<u8> {
            let next = |_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                state.to_le_bytes()
            };
            (0..bytes / 8).flat_map(next).collect()
        };
        // What can't be packed becomes a little longer.
        let sizes = [(0, 0), (1 << 10, 0), (900_000, 0), (1 << 20, 2), ((3 << 20) + 8, 4)];
        for (bytes, wanted) in sizes {
            let document = noise(bytes);
            let mut packer = database.packer();
            for piece in document.chunks(70_000) {
                packer.take(piece).expect("room");
            }
            let packed = packer.end().expect("room");
            let receipt = Receipt { name: "noise", source: "test", at_ms: 5 };
            let pieces = database.write("test", |transaction| {
                assert!(documents::keep(transaction, &packed, &receipt)?, "it is new");
                let back = documents::bytes(transaction, &packed.hash)?;
                assert!(back.as_deref() == Some(&*document), "{bytes}");
                let count = "select count(*) from document_piece where document = ?1";
                transaction.one("test", count, &[packed.hash.as_str().into()], |row| row.integer(0))
            });
            let pieces = pieces.expect("kept").flatten();
            assert_eq!(pieces, Some(wanted), "{bytes}");
        }
    });
}

#[test]
fn documents_that_count_are_leafed_through_with_what_was_read_of_them() {
    on_both(|database| {
        let names = database.write("test", |transaction| {
            for name in ["c", "a", "b", "gone"] {
                let receipt = Receipt { name, source: "test", at_ms: 5 };
                documents::receive(transaction, name.as_bytes(), &receipt)?;
            }
            documents::withdraw(transaction, "gone", "test", 6)?;
            let reading = Reading { name: "b".to_owned(), records: 7, ..Reading::default() };
            readings::replace(transaction, &[reading])?;
            assert!(documents::one(transaction, "gone")?.is_none());
            let taken = documents::taken_away(transaction, "gone")?.expect("it was");
            assert_eq!(taken.hash, documents::hash_of(b"gone"));
            assert!(documents::taken_away(transaction, "a")?.is_none(), "it counts");
            assert_eq!(documents::waits_since(transaction, 4)?, Some(6));
            assert_eq!(documents::waits_since(transaction, 5)?, None);
            let (mut names, mut after) = (Vec::new(), None);
            loop {
                let page = documents::page(transaction, after.as_deref(), 2)?;
                let records = page.iter().map(|one| one.reading.as_ref().map(|own| own.records));
                names.extend(page.iter().map(|one| one.current.name.clone()).zip(records));
                if page.len() < 2 {
                    return Ok(names);
                }
                after = page.into_iter().last().map(|last| last.current.name);
            }
        });
        let expected = [("a", None), ("b", Some(7)), ("c", None)];
        assert_eq!(names.expect("read"), expected.map(|(name, read)| (name.to_owned(), read)));
    });
}

#[test]
fn changes_and_findings_go_on_from_a_place() {
    on_both(|database| {
        let read = database.write("test", |transaction| {
            for subject in ["P-1", "P-2", "P-1"] {
                let change = Change { subject: subject.to_owned(), ..Change::default() };
                judgements::note(transaction, &change)?;
            }
            let release = Release { id: "r".to_owned(), ..Release::default() };
            let finding =
                |verdict: &str| Finding { verdict: verdict.to_owned(), ..Default::default() };
            let findings = ["fixed", "affected", "fixed"].map(finding);
            releases::put(transaction, &release, &findings, &[])?;
            let numbers = |found: Vec<(i64, Change)>| -> Vec<i64> {
                found.into_iter().map(|(number, _)| number).collect()
            };
            let all = numbers(judgements::changes_before(transaction, None, i64::MAX, 2)?);
            let rest = numbers(judgements::changes_before(transaction, None, 2, 2)?);
            let own = numbers(judgements::changes_before(transaction, Some("P-1"), 3, 9)?);
            let places = |found: Vec<(i64, Finding)>| -> Vec<i64> {
                found.into_iter().map(|(place, _)| place).collect()
            };
            let fixed = releases::findings_from(transaction, "r", Some("fixed"), 1, 9)?;
            let any = releases::findings_from(transaction, "r", None, 1, 9)?;
            Ok((all, rest, own, places(fixed), places(any)))
        });
        let expected = (vec![3, 2], vec![1], vec![1], vec![2], vec![1, 2]);
        assert_eq!(read.expect("read"), expected);
    });
}

#[test]
fn a_store_says_how_large_it_is_and_whether_it_could_be_written() {
    on_both(|database| {
        assert!(database.bytes().expect("measured") > 10_000);
        database.could_write().expect("it could");
    });
}

/// A text that PostgreSQL can't hold does not make a question fail.
#[test]
fn a_text_that_no_database_holds_is_found_nowhere() {
    on_both(|database| {
        let found = database.read("test", |t| documents::one(t, "a\0b"));
        assert_eq!(found.expect("read"), None);
    });
}
