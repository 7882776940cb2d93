//! The pages of docs/reference that are made from the code.

use std::fmt::Write;

use decisions::containment::Refusal;
use decisions::reason::Rule;
use decisions::threat::Technique;
use decisions::traffic::RoleRule;
use domain::person::{Duty, Scope};
use domain::problem::Code;
use expect_test::expect_file;
use presentation::api::problem::Kind;
use presentation::console::access::Face;
use presentation::sign_in::oidc::Refusal as Unbelieved;
use presentation::sign_in::rights::{FRESH_MS, Presence, Refused, Right, of_scope};
use presentation::sign_in::{entry, limits, own, password, session};

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
fn the_page_of_rights_is_made_from_the_table() {
    let mut page = String::from(
        "# Rights\n\nWho may do what in the console and by the API. What then happens to a device, the interlock says on top of it ([concepts/containment.md](../concepts/containment.md)). Made from the code; do not edit.\n\n## People\n\nA person may have several duties; their rights add up. *Confirmed anew*: the code or the password was given within",
    );
    let _ = write!(page, " {} minutes.\n\n| right | allows |", FRESH_MS / MINUTE);
    for duty in Duty::ALL {
        let _ = write!(page, " {duty} |");
    }
    page.push_str(" asks for |\n|---|---|---|---|---|---|---|---|\n");
    for right in Right::ALL {
        let _ = write!(page, "| `{}` | {} |", right.text(), right.meaning());
        for duty in Duty::ALL {
            page.push_str(if right.duties().contains(&duty) { " yes |" } else { " |" });
        }
        let asks = match right.presence() {
            Presence::SignedIn => "",
            presence => presence.text(),
        };
        let _ = writeln!(page, " {asks} |");
    }
    page.push_str("\n## Programs\n\nA token acts in its owner's name, within its scopes, and never does what its owner may not. No scope answers an order, confirms at a bedside or breaks a glass.\n\n| scope | rights |\n|---|---|\n");
    for scope in Scope::ALL {
        let rights: Vec<String> =
            of_scope(scope).iter().map(|right| format!("`{}`", right.text())).collect();
        let _ = writeln!(page, "| `{scope}` | {} |", rights.join(", "));
    }
    for (title, is_page) in [("Pages of the console", true), ("The API", false)] {
        let _ = write!(page, "\n## {title}\n\n| method | path | asks for |\n|---|---|---|\n");
        let all = presentation::console::pages().into_iter();
        for (method, path, needs, _) in all.filter(|(.., face)| (*face == Face::Page) == is_page) {
            let _ = writeln!(page, "| {method} | `{path}` | {} |", needs.text());
        }
    }
    page.push_str("\n## Refusals\n\n| code | says |\n|---|---|\n");
    for refused in Refused::ALL {
        let _ = writeln!(page, "| `{}` | {refused} |", refused.code());
    }
    page.push_str("\n## Refusals of a provider's word\n\nThe guide is [guides/sign-in-oidc.md](../guides/sign-in-oidc.md).\n\n| code | says |\n|---|---|\n");
    for refused in Unbelieved::ALL {
        let _ = writeln!(page, "| `{}` | {} |", refused.code(), refused.text());
    }
    page.push_str("\n## Limits\n\n| what | limit |\n|---|---|\n");
    for (what, limit) in sign_in_limits() {
        let _ = writeln!(page, "| {what} | {limit} |");
    }
    expect_file!["../../../docs/reference/rights.md"].assert_eq(&page);
}

#[test]
fn the_description_of_the_api_is_made_from_its_types() {
    let description = presentation::api::openapi::description();
    let mut text = serde_json::to_string_pretty(&description).expect("JSON");
    text.push('\n');
    expect_file!["../../../docs/reference/openapi.json"].assert_eq(&text);
}

#[test]
fn the_page_of_problems_is_made_from_the_catalogue() {
    let mut page = String::from(
        "# Problems of the API\n\nEvery error of the API is a problem (RFC 9457, `application/problem+json`): `type` (`/api/v1/problems#CODE`), `title`, `status`, `detail`, `code`. Codes stay. Below `/api/v1/fhir` the same is told as an OperationOutcome. Made from the code; do not edit.\n\n| code | status | means | what to do |\n|---|---|---|---|\n",
    );
    for kind in Kind::ALL {
        let (code, status) = (kind.code(), kind.status().as_u16());
        let _ = writeln!(page, "| `{code}` | {status} | {} | {} |", kind.title(), kind.hint());
    }
    expect_file!["../../../docs/reference/problems.md"].assert_eq(&page);
}

const MINUTE: i64 = 60 * 1_000;

fn sign_in_limits() -> Vec<(&'static str, String)> {
    let minutes = |ms: i64| format!("{} minutes", ms / MINUTE);
    let hours = |ms: i64| format!("{} hours", ms / (60 * MINUTE));
    vec![
        ("a password", format!("{} characters to {} bytes", password::SHORTEST, password::LONGEST)),
        ("a session that is not used", minutes(session::IDLE_MS)),
        ("a session at all", hours(session::LASTS_MS)),
        ("sessions of a person", session::SESSIONS.to_string()),
        ("browsers of a person that are known", entry::BROWSERS.to_string()),
        (
            "a known browser that is not used",
            format!("{} days", entry::KNOWN_MS / (1_440 * MINUTE)),
        ),
        ("a token of a program", format!("{} days", own::TOKEN_DAYS)),
        ("tokens of a person", own::TOKENS.to_string()),
        (
            "guesses at one name in a day, from all browsers that are not known",
            limits::GUESSES_A_DAY.to_string(),
        ),
        (
            "guesses at one name in a day, from one browser that is known",
            limits::GUESSES_A_DAY_KNOWN.to_string(),
        ),
        (
            "guesses in a day over all names, from browsers that are not known",
            limits::GUESSES_A_DAY_ALL.to_string(),
        ),
        ("longest wait after failures", minutes(limits::LONGEST_WAIT_MS)),
        (
            "what failures elsewhere make a known browser wait",
            minutes(limits::KNOWN_WAITS_FOR_OTHERS_MS),
        ),
        ("a code of the set-up", hours(presentation::sign_in::setup::LASTS_MS)),
    ]
}

#[test]
fn no_two_codes_share_a_name() {
    let mut names: Vec<&str> = Code::ALL.iter().map(|code| code.text()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Code::ALL.len());
}
