//! The pages of docs/reference that are made from the code.

use std::fmt::Write;

use decisions::containment::Refusal;
use decisions::reason::Rule;
use decisions::threat::Technique;
use decisions::traffic::RoleRule;
use domain::problem::Code;
use expect_test::expect_file;

#[test]
fn the_page_of_codes_is_made_from_the_catalogues() {
    let mut page = String::from(
        "# Codes\n\nEverything that can be wrong with an input, every rule behind a judgement, and everything that containment refuses. Made from the code; do not edit.\n\n## Problems\n\n| code | means | what to do |\n|---|---|---|\n",
    );
    for code in Code::ALL {
        let _ = writeln!(page, "| `{code}` | {} | {} |", code.meaning(), code.hint());
    }
    page.push_str("\n## Rules\n\n| rule | means | reversed by |\n|---|---|---|\n");
    for rule in Rule::ALL {
        let _ = writeln!(page, "| `{rule}` | {} | {} |", rule.meaning(), rule.reversed_by());
    }
    page.push_str("\n## Refusals\n\n| code | says |\n|---|---|\n");
    for refusal in Refusal::ALL {
        let _ = writeln!(page, "| `{}` | {} |", refusal.code(), refusal.sentence());
    }
    expect_file!["../../../docs/reference/codes.md"].assert_eq(&page);
}

#[test]
fn the_page_of_detections_is_made_from_the_catalogues() {
    let mut page = String::from(
        "# Detections and roles\n\nWhat is looked for on the network, by the techniques of MITRE ATT&CK, and the rules by which a path gets its care role. Made from the code; do not edit.\n\n## Detections\n\n| rule | ATT&CK | what was seen | level proposed |\n|---|---|---|---|\n",
    );
    for technique in Technique::ALL {
        let (rule, attack) = (technique.text(), technique.attack());
        let (meaning, level) = (technique.meaning(), technique.level());
        let _ = writeln!(page, "| `{rule}` | {attack} | {meaning} | {level} |");
    }
    page.push_str("\n## Roles\n\n| rule | role | what was seen |\n|---|---|---|\n");
    for rule in RoleRule::ALL {
        let _ = writeln!(page, "| `{}` | {} | {} |", rule.text(), rule.care(), rule.meaning());
    }
    expect_file!["../../../docs/reference/detections.md"].assert_eq(&page);
}

#[test]
fn no_two_codes_share_a_name() {
    let mut names: Vec<&str> = Code::ALL.iter().map(|code| code.text()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Code::ALL.len());
}
