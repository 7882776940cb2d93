//! Texts that clear a version, and those that must not: what is not read never does.

use domain::advisory::Versions;
use proptest::prelude::{Strategy, prop_assert, proptest};
use proptest::sample::select;

use super::{Bearer, Place, place};

fn placed(text: &str, version: &str, model: &str) -> Place {
    let bearer = Bearer { version: Some(version), model, ..Bearer::default() };
    place(&[Versions::Text(text.into())], bearer)
}

fn word(placed: &Place) -> &'static str {
    match placed {
        Place::Outside(_) => "outside",
        Place::Unknown(..) => "unknown",
        _ => "inside",
    }
}

#[track_caller]
fn check(text: &str, version: &str, expected: &str) {
    let found = placed(text, version, "Zorkon");
    assert_eq!(word(&found), expected, "{text} / {version}: {found:?}");
}

#[test]
fn series_with_a_dash_between_are_ranges() {
    for (text, version, expected) in [
        ("8.5.x-8.7.x", "8.6.1", "inside"),
        ("8.5.x-8.7.x", "8.7.9", "inside"),
        ("8.5.x-8.7.x", "8.8.0", "outside"),
        ("8.5.x-8.7.x", "8.4.9", "outside"),
        ("V8.5.x-V8.7.x", "8.6", "inside"),
        ("8.5.* - 8.7.*", "8.6.1", "inside"),
        ("10.0-10.2.x", "10.1", "inside"),
        ("10.0-10.2.x", "10.3", "outside"),
        ("1.x-3.x", "2.4", "inside"),
        ("8.5.x-8.7.x-1", "8.6.1", "unknown"),
        ("2.xx", "2.64", "inside"),
        ("2.xx", "3.0", "outside"),
    ] {
        check(text, version, expected);
    }
}

#[test]
fn a_wild_letter_that_is_no_series_clears_nothing() {
    for text in ["2.6x", "2.6xx", "2.6x and 2.7x", "<= 2.6x", "before 2.6*", "2.x.1", "x.x"] {
        for version in ["2.64", "2.0", "4.0"] {
            check(text, version, "unknown");
        }
    }
}

#[test]
fn a_direction_in_brackets_belongs_to_the_bound_before_it() {
    for text in [
        "7.3 (and earlier)",
        "7.3 (or prior)",
        "7.3 (and all previous versions)",
        "Version 7.3 (and below)",
        "7.3(and older)",
    ] {
        check(text, "7.2", "inside");
        check(text, "7.4", "outside");
    }
    check("7.3 (and later)", "7.4", "inside");
    check("7.3 (and later)", "7.2", "outside");
}

#[test]
fn a_remark_that_may_name_more_versions_clears_nothing() {
    for text in [
        "7.3 (and possibly earlier)",
        "7.3 (earlier versions not tested)",
        "7.3 (other versions may be affected)",
        "7.3 (including all earlier versions)",
        "7.3 (affected by CVE-2020-0001; others too)",
        "7.3 (und früher)",
        "7.3 (see notes)",
        "<= 2.3, and possibly earlier",
        "7.3 (with earlier versions also affected)",
        "7.3 (and possibly earlier) (only with Wi-Fi)",
        "7.3 (only with Wi-Fi; 4.0 always)",
        "7.3 | (all before it as well)",
        "3.0 if option X is installed, all versions otherwise",
        "3.0 if option X is installed, 4.0 if option Y is",
        "3.0 with Wi-Fi and 4.0 without",
        "7.3 with Ethernet interface 2.6x",
        "3.0 when connected; 4.0 always",
    ] {
        for version in ["7.2", "4.0", "2.9"] {
            let found = placed(text, version, "Zorkon");
            assert!(!matches!(found, Place::Outside(_)), "{text} / {version}: {found:?}");
        }
    }
}

#[test]
fn a_condition_leaves_other_versions_outside() {
    for text in [
        "7.3 (integrated into MobileLink)",
        "7.3 (only with activated debug support)",
        "7.3 (non-medical device)",
        "7.3 (also known as Vue)",
        "7.3 (end-of-life 2017)",
        "7.3 (Windows 7, 10, 11, Windows Server 2016)",
        "7.3 (with Wireless Battery Module 2.0 and earlier)",
        "7.3 with Ethernet interface",
        "7.3 when running on ROX",
    ] {
        check(text, "8.0", "outside");
    }
}

#[test]
fn years_of_making_and_measures_are_no_versions() {
    for text in [
        "Manufactured between 2015 and 2018",
        "Produced 2015-2018",
        "Shipped between 2016 and 2018",
        "Manufactured before 2019",
        "sold before 2019",
        "manufactured and sold until 2019",
        "220V",
        "100-240 VAC",
        "64-bit",
        "3.0 | 16GB",
        "OS version 4.4 and below",
        "Android version 4.4 and below",
        "prior to Bluetooth module version 3.2",
    ] {
        check(text, "5.1", "unknown");
        let low = placed(text, "1.0", "Zorkon");
        assert!(!matches!(low, Place::Outside(_)), "{text}: {low:?}");
    }
    check("installed before 4.2", "4.0", "inside");
    check("Zorkon version 4.4 and below", "5.1", "outside");
    check("Zorkon version 4.4 and below", "4.1", "inside");
}

#[test]
fn a_bound_behind_a_series_bounds_it() {
    for (text, version, expected) in [
        ("5.x, up to 5.8", "5.9", "outside"),
        ("5.x, up to 5.8", "4.0", "outside"),
        ("5.x, up to 5.8", "5.8", "inside"),
        ("5.x, up to 5.8", "5.1", "inside"),
        ("12.x, prior to 12.4", "12.5", "outside"),
        ("12.x, prior to 12.4", "12.4", "outside"),
        ("12.x, prior to 12.4", "12.3", "inside"),
        ("12.x, < 12.4", "12.5", "outside"),
        ("5.x or up to 5.8", "5.9", "unknown"),
        ("5.x | up to 5.8", "5.9", "inside"),
        ("5.x, up to 4.8", "4.0", "inside"),
    ] {
        check(text, version, expected);
    }
}

#[test]
fn what_is_excluded_is_not_meant() {
    for text in ["vers:generic/>=1.0|!=1.5|<2.0", ">=1.0|<2.0|!=1.5", ">= 1.0, < 2.0, != 1.5"] {
        check(text, "1.5", "outside");
        check(text, "1.4", "inside");
        check(text, "2.0", "outside");
    }
    check(">=1.0|<2.0|!=1.5x", "1.52", "unknown");
    check("!= 1.5", "1.4", "unknown");
}

#[test]
fn a_system_beside_others_clears_none() {
    let on = |text: &str| {
        let systems = ["Windows 7"];
        let bearer = Bearer {
            version: Some("1.0"),
            model: "Zorkon",
            systems: &systems,
            ..Bearer::default()
        };
        word(&place(&[Versions::Text(text.into())], bearer))
    };
    assert_eq!(on("Windows 10"), "outside");
    assert_eq!(on("Windows 10 and earlier"), "unknown");
    assert_eq!(on("Windows 10 and Windows 7"), "unknown");
    assert_eq!(on("Windows 10/7"), "unknown");
}

/// Pieces that are read.
const KNOWN: [&str; 15] = [
    "7.3",
    "<= 7.3",
    "< 7.3",
    ">= 7.0",
    "7.x",
    "7.0 - 7.3",
    "7.0 through 7.3",
    "7.3 and prior",
    "7.3 (and earlier)",
    "Version 7.3",
    "V7.0, V7.1",
    "7.1 | 7.3",
    "prior to 7.3",
    ">= 7.0, < 7.3",
    "8.5.x-8.7.x",
];

/// Pieces that nobody can read, and that may mean any version.
const UNREAD: [&str; 24] = [
    "(and possibly earlier)",
    "(earlier versions not tested)",
    "(other versions may be affected)",
    "(all others are affected, too)",
    "(and 4.0)",
    "(4.0 as well)",
    "(versions unknown)",
    "(older ones likewise)",
    "(including all before)",
    "(und früher)",
    "and possibly earlier",
    "and perhaps 4.0",
    "earlier versions not tested",
    "other versions may be affected as well",
    "2.6x",
    "2.6*",
    "8.x.5-9.x",
    "manufactured before 2019",
    "all versions otherwise",
    "if X is installed, all versions otherwise",
    "with Wi-Fi, otherwise all",
    "as well as versions in use before it",
    "sold 2015-2018",
    "220V",
];

fn phrases() -> impl Strategy<Value = String> {
    let joints = select(vec![" ", ", ", " | ", "; ", " and ", " or ", " & "]);
    let known = proptest::collection::vec((select(KNOWN.to_vec()), joints.clone()), 1..4);
    (known, select(UNREAD.to_vec()), 0..4_usize).prop_map(|(known, unread, at)| {
        let mut pieces: Vec<(&str, &str)> = known;
        pieces.insert(at.clamp(1, pieces.len()), (unread, " | "));
        let mut text = String::new();
        for (piece, joint) in &pieces {
            text.push_str(piece);
            text.push_str(joint);
        }
        text.trim_end_matches([' ', ',', '|', ';', '&']).to_owned()
    })
}

proptest! {
    #[test]
    fn beside_words_that_nobody_can_read_nothing_is_cleared(
        text in phrases(),
        version in select(vec!["4.0", "1.0", "2.64", "7.2", "9.9", "8.8.1"]),
    ) {
        let found = placed(&text, version, "Zorkon");
        prop_assert!(!matches!(found, Place::Outside(_)), "{text} / {version}: {found:?}");
    }
}
