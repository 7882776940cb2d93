//! How long a component is supported, as properties tell it: CycloneDX has no field for it, so
//! makers write what the FDA asks for under many names.
//!
//! Refuses to guess from free text: what is not recognised stays a property.

use domain::component::{Component, SupportLevel};
use domain::date;
use domain::text::Text;

/// What a property's name asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Level,
    /// The day support ends, or what stands in for it; a lower number is the better source.
    End(u8),
}

/// Takes properties of one component.
#[derive(Debug, Default)]
pub(super) struct Support {
    end_rank: Option<u8>,
}

impl Support {
    /// Takes a property; what tells nothing of support goes to the others.
    pub(super) fn take(&mut self, component: &mut Component, name: Text, value: Text) {
        match meaning(&name) {
            Some(Meaning::Level) => {
                if let Some(level) = level(&value) {
                    component.support = Some(level);
                    return;
                }
            }
            Some(Meaning::End(rank)) => {
                if let Some(day) = date::read(&value) {
                    if self.end_rank.is_none_or(|other| rank < other) {
                        component.end_of_support = Some(day);
                        self.end_rank = Some(rank);
                    }
                    return;
                }
            }
            None => {}
        }
        component.other.push((name, value));
    }
}

/// Letters and digits only, in lower case.
fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

fn meaning(name: &str) -> Option<Meaning> {
    let segment = plain(name.rsplit([':', '/', '#']).next().unwrap_or(name));
    let is_end = |words: &[&str]| {
        let bare = segment.strip_suffix("date").unwrap_or(&segment);
        words.iter().any(|word| bare.ends_with(word))
    };
    match segment.as_str() {
        "eos" | "eosdate" => return Some(Meaning::End(0)),
        "eol" | "eoldate" => return Some(Meaning::End(2)),
        "support" | "maintenance" | "maintenancestatus" | "lifecyclestatus" => {
            return Some(Meaning::Level);
        }
        _ => {}
    }
    if is_end(&["endofsupport", "supportend", "supportends", "supporteduntil", "supportuntil"]) {
        return Some(Meaning::End(0));
    }
    if is_end(&["endofregularsupport", "endofsecuritysupport", "endofmaintenance"]) {
        return Some(Meaning::End(1));
    }
    if is_end(&["endoflife"]) {
        return Some(Meaning::End(2));
    }
    let is_fda = name.to_ascii_lowercase().contains("fda");
    let is_level = ["supportlevel", "levelofsupport", "supportstatus"];
    let is_level = is_level.iter().any(|word| segment.ends_with(word));
    (is_level || is_fda && segment.contains("support")).then_some(Meaning::Level)
}

fn level(value: &str) -> Option<SupportLevel> {
    match plain(value).as_str() {
        "maintained" | "activelymaintained" | "activemaintenance" | "active" | "supported"
        | "activelysupported" | "fullsupport" | "fullysupported" => Some(SupportLevel::Maintained),
        "nolongermaintained" | "notmaintained" | "unmaintained" | "unsupported"
        | "notsupported" | "nolongersupported" | "endoflife" | "eol" | "endofsupport" | "eos" => {
            Some(SupportLevel::NoLongerMaintained)
        }
        "abandoned" => Some(SupportLevel::Abandoned),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use domain::component::Component;

    use super::Support;

    #[track_caller]
    fn check(properties: &[(&str, &str)], expected: &str) {
        let (mut component, mut support) = (Component::default(), Support::default());
        for (name, value) in properties {
            support.take(&mut component, (*name).into(), (*value).into());
        }
        let Component { support, end_of_support, other, .. } = component;
        let end = end_of_support.map_or_else(|| "-".to_owned(), |day| day.to_string());
        assert_eq!(format!("{support:?} {end} {}", other.len()), expected, "{properties:?}");
    }

    #[test]
    fn the_level_is_found_under_many_names() {
        check(&[("supportLevel", "actively maintained")], "Some(Maintained) - 0");
        check(&[("cdx:lifecycle:support-level", "Abandoned")], "Some(Abandoned) - 0");
        check(&[("Level of Support", "No longer maintained")], "Some(NoLongerMaintained) - 0");
        check(&[("fda:softwareSupport", "unmaintained")], "Some(NoLongerMaintained) - 0");
        check(&[("supportLevel", "gold")], "None - 1");
        check(&[("support:phone", "active")], "None - 1");
    }

    #[test]
    fn the_end_of_support_comes_before_the_end_of_life() {
        check(&[("cdx:lifecycle:milestone:endOfSupport", "2027-06-30")], "None 2027-06-30 0");
        check(&[("eos", "2027"), ("endOfLife", "2030-01-01")], "None 2027-12-31 0");
        check(
            &[("end-of-life", "2030-01-01"), ("fda:end_of_support_date", "2027")],
            "None 2027-12-31 0",
        );
        check(&[("EOL", "2030-01-01")], "None 2030-01-01 0");
        check(&[("endOfSupport", "unknown")], "None - 1");
    }
}
