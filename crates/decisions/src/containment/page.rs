//! Holds `docs/concepts/containment.md` equal with the code: its tables, times and codes.

use std::fmt::Write as _;

use domain::care::CareRole;
use domain::network::{Service, Transport};
use domain::order::{Level, Side};
use expect_test::expect_file;

use super::essential::Note;
use super::interlock::{BEDSIDE_FRESH, COOL_DOWN, TABLE};
use super::order::{HOLDS_SECONDS, LONGEST_SECONDS, SHORTEST_SECONDS};
use super::refusal::Refusal;
use super::review::{APPROVED_FOR, CLOCKS_DIFFER, PLAN_FRESH};
use super::tests::opening;

fn interlock() -> String {
    let mut table =
        "| device | `restrict` | `contain` | `isolate` |\n|---|---|---|---|\n".to_owned();
    for (care, cells) in TABLE {
        let cells = cells.map(|cell| cell.to_string());
        let _ = writeln!(table, "| {} | {} |", care.text(), cells.join(" | "));
    }
    table
}

fn duration(microseconds: i64) -> String {
    let seconds = microseconds / 1_000_000;
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let unit = units.iter().find(|(size, _)| seconds % size == 0).expect("a second is a unit");
    let count = seconds / unit.0;
    format!("{count} {}{}", unit.1, if count == 1 { "" } else { "s" })
}

fn times() -> String {
    let seconds = |seconds: u32| i64::from(seconds) * 1_000_000;
    let mut table = "| what | how long |\n|---|---|\n".to_owned();
    for (name, microseconds) in [
        ("an order holds, unless somebody says otherwise", seconds(HOLDS_SECONDS)),
        ("the shortest that may be asked for", seconds(SHORTEST_SECONDS)),
        ("the longest that may be asked for at once", seconds(LONGEST_SECONDS)),
        ("the bedside's confirmation is fresh", BEDSIDE_FRESH),
        ("no playbook is heard after a broken glass", COOL_DOWN),
        ("a plan may wait for its review", PLAN_FRESH),
        ("what a review approved may be carried out", APPROVED_FOR),
        ("clocks of one hospital may differ", CLOCKS_DIFFER),
    ] {
        let _ = writeln!(table, "| {name} | **{}** |", duration(microseconds));
    }
    table
}

fn notes() -> String {
    let service = Service { transport: Transport::Tcp, port: 80 };
    let compromised = opening(CareRole::Library, Side::Client, "10.0.0.5", service);
    let mut table = "| code | says, for example |\n|---|---|\n".to_owned();
    for note in [
        Note::Unconfirmed,
        Note::NothingKnown,
        Note::PeerUnknown("pacs.example".into()),
        Note::PeerCompromised(compromised),
    ] {
        let _ = writeln!(table, "| `{}` | {note} |", note.code());
    }
    table
}

fn refusals() -> String {
    let mut table = "| code | says |\n|---|---|\n".to_owned();
    for refusal in Refusal::ALL {
        let _ = writeln!(table, "| `{}` | {} |", refusal.code(), refusal.sentence());
    }
    table
}

#[test]
fn the_page_holds_every_table_as_the_code_has_it() {
    let page = expect_file!["../../../../docs/concepts/containment.md"];
    let mut text = page.data();
    for (name, rendered) in [
        ("interlock", interlock()),
        ("times", times()),
        ("notes", notes()),
        ("refusals", refusals()),
    ] {
        let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
        let (before, rest) = text.split_once(&open).unwrap_or_else(|| panic!("no {open}"));
        let (_, after) = rest.split_once(&close).unwrap_or_else(|| panic!("no {close}"));
        text = format!("{before}{open}{rendered}{close}{after}");
    }
    page.assert_eq(&text);
    for level in Level::ALL {
        assert!(text.contains(&format!("\n| `{level}` | ")), "the page lacks {level}");
    }
}

#[test]
fn the_roles_that_the_page_calls_essential_by_default_are_those_of_the_code() {
    let page = expect_file!["../../../../docs/concepts/containment.md"].data();
    let roles = CareRole::ALL.iter().filter(|role| role.essential_by_default());
    let roles: Vec<&str> = roles.map(|role| role.text()).collect();
    let (last, others) = roles.split_last().expect("some are essential");
    assert!(page.contains(&format!(": {} and {last}. ", others.join(", "))));
}
