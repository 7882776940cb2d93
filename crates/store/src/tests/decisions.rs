//! Decisions about findings, on both databases: made, listed, undone, and made anew from documents.

use super::on_both;
use crate::audit::{self, By};
use crate::decisions::{self, Bears, Decision, Undone};
use crate::documents::{self, Receipt};

fn by(at_ms: i64) -> By<'static> {
    By { actor: "anna", at_ms }
}

fn decision(id: &str, at_ms: i64, until: &str) -> Decision {
    Decision {
        name: format!("decisions/{id}.json"),
        id: id.to_owned(),
        kind: if until.is_empty() { "false-positive" } else { "accepted" }.to_owned(),
        until: until.to_owned(),
        reason: "we looked".to_owned(),
        author: "anna".to_owned(),
        at_ms,
        about: "[]".to_owned(),
        ..Decision::default()
    }
}

#[test]
fn a_decision_is_made_once_and_undoing_it_leaves_what_was_there_before_but_for_the_chain() {
    on_both(|database| {
        let done = database.write("test", |transaction| {
            let before = documents::current(transaction)?;
            let one = decision("a", 5, "");
            assert!(decisions::make(transaction, &one, b"{}", by(5))?);
            assert!(!decisions::make(transaction, &one, b"{}", by(6))?, "it is there");
            assert_eq!(decisions::one(transaction, "a")?, Some(one.clone()));
            let document = documents::one(transaction, &one.name)?.expect("kept");
            assert_eq!(documents::bytes(transaction, &document.hash)?.as_deref(), Some(&b"{}"[..]));
            assert_eq!(decisions::undo(transaction, "b", by(7))?, Undone::Nowhere);
            assert_eq!(decisions::undo(transaction, "a", by(7))?, Undone::Gone);
            assert_eq!(decisions::undo(transaction, "a", by(8))?, Undone::Nowhere);
            assert_eq!(decisions::one(transaction, "a")?, None);
            assert_eq!(documents::current(transaction)?, before);
            let told = audit::last(transaction, i64::MAX, 9)?;
            Ok(told.into_iter().map(|(_, entry)| (entry.action, entry.actor)).collect::<Vec<_>>())
        });
        let anna = |action: &str| (action.to_owned(), "anna".to_owned());
        assert_eq!(done.expect("done"), [anna("decision.undo"), anna("decision.make")]);
    });
}

#[test]
fn a_decision_from_a_folder_is_undone_there() {
    on_both(|database| {
        let undone = database.write("test", |transaction| {
            let one = decision("a", 5, "");
            let receipt = Receipt { name: &one.name, source: "/srv/hospital", at_ms: 5 };
            documents::receive(transaction, b"{}", &receipt)?;
            decisions::replace(transaction, std::slice::from_ref(&one), 1)?;
            let undone = decisions::undo(transaction, "a", by(7))?;
            assert!(documents::one(transaction, &one.name)?.is_some(), "it counts");
            Ok(undone)
        });
        let elsewhere = Undone::Elsewhere("/srv/hospital".to_owned());
        assert_eq!(undone.expect("written"), elsewhere);
    });
}

#[test]
fn what_was_judged_replaces_the_list_but_for_what_came_or_went_meanwhile() {
    on_both(|database| {
        let left = database.write("test", |transaction| {
            for (id, at_ms) in [("a", 1), ("b", 2)] {
                decisions::make(transaction, &decision(id, at_ms, ""), b"{}", by(at_ms))?;
            }
            let receipt = documents::last_receipt(transaction)?;
            // While it is judged, one goes and one comes.
            decisions::undo(transaction, "a", by(3))?;
            decisions::make(transaction, &decision("c", 4, "2027-03-01"), b"{}", by(4))?;
            let bears = Some(Bears { findings: 7, releases: 2, devices: 9, contradicted: 1 });
            let judged = ["a", "b"].map(|id| Decision { bears, ..decision(id, 1, "") });
            decisions::replace(transaction, &judged, receipt)?;
            decisions::page(transaction, None, 9)
        });
        let left: Vec<_> = left
            .expect("read")
            .into_iter()
            .map(|one| (one.id, one.bears.map(|b| b.devices)))
            .collect();
        assert_eq!(left, [("c".to_owned(), None), ("b".to_owned(), Some(9))]);
    });
}

#[test]
fn decisions_are_leafed_through_and_those_that_end_soon_are_found() {
    on_both(|database| {
        let (pages, ending) = database
            .write("test", |transaction| {
                for (id, until) in
                    [("a", ""), ("b", "2027-01-01"), ("c", "2026-12-01"), ("d", "2028-01-01")]
                {
                    decisions::make(transaction, &decision(id, 5, until), b"{}", by(5))?;
                }
                let (mut pages, mut after) = (Vec::new(), None::<(i64, String)>);
                loop {
                    let from = after.as_ref().map(|(at_ms, id)| (*at_ms, id.as_str()));
                    let page = decisions::page(transaction, from, 3)?;
                    let Some(last) = page.last() else { break };
                    after = Some((last.at_ms, last.id.clone()));
                    pages.push(page.iter().map(|one| one.id.clone()).collect::<String>());
                }
                let ending = decisions::ending(transaction, "2027-01-01", 9)?;
                Ok((pages, ending.into_iter().map(|one| one.id).collect::<String>()))
            })
            .expect("read");
        assert_eq!((pages, ending), (vec!["dcb".to_owned(), "a".to_owned()], "cb".to_owned()));
    });
}
