//! Holds `docs/concepts/ranking.md` equal with the code: its tables, its codes and its example.

use std::fmt::Write as _;

use domain::advisory::Exploitation;
use expect_test::expect_file;

use super::Rule;
use super::ssvc::{self, Automatable, Mission, Technical, WellBeing};
use super::tables::{self, Factor};
use super::tests::{example, example_steps, listed_example};

fn factor<K>(factor: &Factor<K>) -> String {
    let values: Vec<String> =
        factor.rows.iter().map(|row| format!("{} **{:.2}**", row.name, row.weight)).collect();
    format!("| {} | {} |\n", factor.name, values.join(" · "))
}

fn threat() -> String {
    let mut table = "| exploitation | band |\n|---|---|\n".to_owned();
    for (_, name, band) in tables::EXPLOITATION {
        let _ = writeln!(table, "| {name} | **{band}** |");
    }
    table
}

fn ease() -> String {
    let mut table = "| input | weights |\n|---|---|\n".to_owned();
    table += &factor(&tables::ATTACK_VECTOR);
    table += &factor(&tables::ATTACK_COMPLEXITY);
    table += &factor(&tables::PRIVILEGES);
    table += &factor(&tables::INTERACTION);
    table
}

fn reach() -> String {
    let mut table = "| the device | an attack comes from no further than |\n|---|---|\n".to_owned();
    for (_, name, from) in tables::REACH {
        let _ = writeln!(table, "| {name} | {} |", tables::ATTACK_VECTOR.words([*from]));
    }
    table
}

fn harm() -> String {
    let mut table =
        "| role | confidentiality | integrity | availability |\n|---|---|---|---|\n".to_owned();
    for row in tables::HARM {
        let cells = row.weights.iter().zip(row.questions);
        let cells: Vec<String> =
            cells.map(|(weight, question)| format!("**{weight:.2}** {question}")).collect();
        let _ = writeln!(table, "| {} | {} |", row.role, cells.join(" | "));
    }
    table
}

fn care() -> String {
    let mut table = "| input | weights |\n|---|---|\n".to_owned();
    table += &factor(&tables::LOSS);
    table += &factor(&tables::PATIENT_DATA);
    table += &factor(&tables::USE);
    table += &factor(&tables::SUBSTITUTES);
    table
}

fn requirement() -> String {
    let [high, medium] = tables::REQUIREMENT;
    format!("High from a weight of **{high:.2}**, Medium from **{medium:.2}**, Low below.\n")
}

fn diminishing() -> String {
    format!("Each further finding counts **{:.2}** of the one before.\n", tables::DIMINISHING)
}

fn mission(mission: Mission) -> &'static str {
    match mission {
        Mission::Minimal => "minimal",
        Mission::Support => "support",
        Mission::Essential => "essential",
    }
}

fn roles() -> String {
    let mut table =
        "| role | mission, in use | not in use | well-being | level, in use | not in use |\n\
         |---|---|---|---|---|---|\n"
            .to_owned();
    for (role, used, unused, people) in ssvc::ROLES {
        let level = |mission| {
            let row = ssvc::LEVELS.iter().find(|row| (row.0, row.1) == (mission, *people));
            row.map_or("", |row| row.2.text())
        };
        let well_being = match people {
            WellBeing::Minimal => "minimal",
            WellBeing::Material => "material",
            WellBeing::Irreversible => "irreversible",
        };
        let _ = writeln!(
            table,
            "| {role} | {} | {} | {well_being} | **{}** | **{}** |",
            mission(*used),
            mission(*unused),
            level(*used),
            level(*unused)
        );
    }
    table
}

fn tree() -> String {
    let mut table = "| exploitation | automatable | technical impact | low | medium | high |\n\
                     |---|---|---|---|---|---|\n"
        .to_owned();
    for (exploitation, automatable, technical, decisions) in ssvc::TREE {
        let exploitation = match exploitation {
            Exploitation::None => "none",
            Exploitation::ProofOfConcept => "public PoC",
            Exploitation::Active => "active",
        };
        let automatable = if *automatable == Automatable::Yes { "yes" } else { "no" };
        let technical = if *technical == Technical::Total { "total" } else { "partial" };
        // A star would begin emphasis in Markdown.
        let decisions = decisions.map(|decision| decision.text().replace('*', "\\*"));
        let _ = writeln!(
            table,
            "| {exploitation} | {automatable} | {technical} | {} |",
            decisions.join(" | ")
        );
    }
    table
}

fn worked() -> String {
    let steps = example_steps();
    let lines: Vec<String> =
        steps.iter().map(|step| step.to_string().trim_end().to_owned()).collect();
    format!("```text\n{}\n```\n", lines.join("\n"))
}

#[test]
fn the_page_holds_every_table_and_the_example_as_the_code_has_them() {
    let page = expect_file!["../../../../docs/concepts/ranking.md"];
    let mut text = page.data();
    for (name, rendered) in [
        ("threat", threat()),
        ("ease", ease()),
        ("reach", reach()),
        ("harm", harm()),
        ("care", care()),
        ("requirement", requirement()),
        ("diminishing", diminishing()),
        ("roles", roles()),
        ("tree", tree()),
        ("example", worked()),
    ] {
        let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
        let (before, rest) = text.split_once(&open).unwrap_or_else(|| panic!("no {open}"));
        let (_, after) = rest.split_once(&close).unwrap_or_else(|| panic!("no {close}"));
        text = format!("{before}{open}{rendered}{close}{after}");
    }
    page.assert_eq(&text);
}

#[test]
fn the_numbers_of_the_example_by_hand_are_those_of_the_code() {
    let page = expect_file!["../../../../docs/concepts/ranking.md"].data();
    let impact = example();
    let steps = example_steps();
    let threat = steps.iter().find(|step| step.rule == Rule::Threat).expect("a threat");
    for number in [
        format!("(0.80 − 0.30) = **{:.2}**", threat.range.expect("a range").high()),
        format!("(nobody else) = **{:.3}**", impact.likelihood.high()),
        format!("(one substitute) = **{:.2}**", impact.care.high()),
        format!("shown as **{}**", impact.risk.of_hundred()),
    ] {
        assert!(page.contains(&number), "the page lacks {number}");
    }
    assert!(page.contains(&format!("and the risk {}.", listed_example().risk.of_hundred())));
}
