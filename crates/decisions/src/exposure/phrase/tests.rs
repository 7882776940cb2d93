//! Phrases that real advisories use, and near-misses.

use domain::advisory::{Bound, Versions};

use super::read;

fn shown(text: &str) -> String {
    let Ok(phrase) = read(text) else { return "unread".to_owned() };
    let mut words: Vec<String> = phrase.versions.iter().map(one).collect();
    words.extend(phrase.names.iter().map(|name| format!("named {name}")));
    let mut out = words.join(" or ");
    if let Some(condition) = phrase.condition {
        out.push_str(" if ");
        out.push_str(&condition);
    }
    out
}

fn one(versions: &Versions) -> String {
    let Versions::Range(range) = versions else {
        return match versions {
            Versions::All => "all".to_owned(),
            Versions::One(version) => version.to_string(),
            _ => "?".to_owned(),
        };
    };
    let from = match &range.from {
        Bound::Open => "(".to_owned(),
        Bound::Including(version) => format!("[{version}"),
        Bound::Excluding(version) => format!("({version}"),
    };
    let to = match &range.to {
        Bound::Open => ")".to_owned(),
        Bound::Including(version) => format!("{version}]"),
        Bound::Excluding(version) => format!("{version})"),
    };
    format!("{from}, {to}")
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(shown(text), expected, "{text}");
}

#[test]
fn operators_are_bounds() {
    check("<=3.64", "(, 3.64]");
    check("<= 12.2.1.5", "(, 12.2.1.5]");
    check("< 1.52", "(, 1.52)");
    check(">= 4.0.1", "[4.0.1, )");
    check("> 2.0", "(2.0, )");
    check("≤ 2.1", "(, 2.1]");
    check("<= R4.1L1", "(, r4.1l1]");
    check("<=N", "(, n]");
    check("<= 4107600010.23", "(, 4107600010.23]");
    check("<= U61 |<= L81", "(, u61] or (, l81]");
    check("<=2023.3_Build_9342", "(, 2023.3 build 9342]");
    check("< 1.8.4 Service Pack 01", "(, 1.8.4 service pack 01)");
    check("= 3.0", "3.0");
}

#[test]
fn a_lower_bound_and_an_upper_one_are_a_range() {
    check(">= 5.01 | <= 6.3.1", "[5.01, 6.3.1]");
    check(">= 1.3.4 | < 1.5.3", "[1.3.4, 1.5.3)");
    check(">= 1.0, < 2.0", "[1.0, 2.0)");
    check(">=1.0 <2.0", "[1.0, 2.0)");
    check(">=1.0 and <2.0", "[1.0, 2.0)");
    check(">= 2018-1 | <= 2021-1", "[2018-1, 2021-1]");
}

#[test]
fn bounds_that_meet_nowhere_are_alternatives() {
    check("<= 6.0 | >= 7.0", "(, 6.0] or [7.0, )");
}

#[test]
fn plain_versions_are_alternatives() {
    check("9.13 | 9.19 | 9.33 | 12.1", "9.13 or 9.19 or 9.33 or 12.1");
    check("3.0|3.1", "3.0 or 3.1");
    check("1.1.3 Build 10", "1.1.3 build 10");
    check("1.1.3 MR Build 11", "1.1.3 mr build 11");
    check("A.01", "a.01");
    check("Version 2.2", "2.2");
    check("V3.1", "3.1");
    check("B.02, C.02, C.03", "b.02 or c.02 or c.03");
    check("1.4.2.0-9d9eff4", "1.4.2.0-9d9eff4");
}

#[test]
fn words_are_bounds_too() {
    check("Versions 3.64 and prior", "(, 3.64]");
    check("2.3.6 and  below", "(, 2.3.6]");
    check("4.1 or earlier", "(, 4.1]");
    check("4.1 and earlier versions", "(, 4.1]");
    check("Version 4.1 and all prior versions", "(, 4.1]");
    check("prior to 4.2", "(, 4.2)");
    check("All versions prior to and including 3.1", "(, 3.1]");
    check("Version: 3.1", "3.1");
    check("all versions prior to 4.2", "(, 4.2)");
    check("All versions before V4.2 SP1", "(, 4.2 sp1)");
    check("earlier than 7.0", "(, 7.0)");
    check("up to and including 3.1", "(, 3.1]");
    check("up to 3.1", "(, 3.1]");
    check("1.0 and later", "[1.0, )");
    check("2.0+", "[2.0, )");
    check("from 2.0 onwards", "[2.0, )");
    check("later than 3.2", "(3.2, )");
    check("less than or equal to 3.2", "(, 3.2]");
}

#[test]
fn two_versions_with_a_word_between_are_a_range() {
    check("V2.0 through V2.4", "[2.0, 2.4]");
    check("2.0 to 2.4", "[2.0, 2.4]");
    check("from 2.0 to 2.4", "[2.0, 2.4]");
    check("between 2.0 and 2.4", "[2.0, 2.4]");
    check("2.0 - 2.4", "[2.0, 2.4]");
    check("versions 12.0 through 12.x", "[12.0, 13)");
}

#[test]
fn a_series_is_a_range() {
    check("12.x", "[12, 13)");
    check("5.x.x", "[5, 6)");
    check("14.1.x", "[14.1, 14.2)");
    check("4.X | 5.X", "[4, 5) or [5, 6)");
    check("<= 12.2.x.x", "(, 12.3)");
    check("< 12.x", "(, 12)");
    check("> 12.x", "[13, )");
}

#[test]
fn all_is_all() {
    check("vers:all/*", "all");
    check("*", "all");
    check("All versions", "all");
    check("all", "all");
    check("* (end-of-life 2011)", "all");
}

#[test]
fn a_remark_is_a_condition_unless_it_is_harmless() {
    check("<= 1.54 (integrated into GE MobileLink)", "(, 1.54] if integrated into GE MobileLink");
    check("<= 2.01 (end-of-life Nov 2017)", "(, 2.01]");
    check(
        "v9.x (with Wireless Battery Module >= v22D19 | <= v22D28)",
        "[9, 10) if with Wireless Battery Module >= v22D19 | <= v22D28",
    );
}

#[test]
fn names_are_kept_as_names() {
    check("MMT-1710", "named mmt-1710");
    check("MMT-1715 | MMT-1754", "named mmt-1715 or named mmt-1754");
    check("2nd Edition", "named 2nd edition");
    check("IGS", "named igs");
}

#[test]
fn days_are_bounds_too() {
    check("<  november 29 2017", "(, november 29 2017)");
    check("<May 2018", "(, may 2018)");
    check("<8/30/2024", "(, 8/30/2024)");
    check("distributed  < april 1, 2018", "(, april 1 2018)");
    check("manufactured before 2018-05-01", "(, 2018-05-01)");
}

#[test]
fn a_list_needs_no_commas() {
    check("(Release 1.3.2 1.4.0 1.4.1)", "1.3.2 or 1.4.0 or 1.4.1");
    check("with software Revisions F.0 G.0 and J.3", "f.0 or g.0 or j.3");
}

#[test]
fn a_version_text_that_cannot_be_read_is_undecided() {
    check("with wireless option (shipped between 2016-August 2018)", "unread");
    check(
        "* running on old, unsupported operating systems such as Windows 2000",
        "all if running on old, unsupported operating systems such as Windows 2000",
    );
    check(
        "Windows 10 Professional Operating System, U.S. and Malaysian Releases, between November 2017 and November 2018",
        "unread",
    );
    check("", "unread");
    check("contact the vendor for affected versions", "unread");
}

#[test]
fn all_versions_below_a_bound_are_those_below_it() {
    check("All Versions < V5.3", "(, 5.3)");
    check("All versions < V4.7 SP10 HF5", "(, 4.7 sp10 hf5)");
    check("All versions >= V2.3", "[2.3, )");
    check("All BIOS versions < V25.02.10", "(, 25.02.10)");
    check("All versions < V15.1 Upd4", "(, 15.1 upd4)");
    check("< V17.0 Upd 2", "(, 17.0 upd 2)");
    check("all versions through 2.1", "(, 2.1]");
}

#[test]
fn a_build_in_brackets_is_of_its_version() {
    check("9.2(1)", "9.2(1)");
    check("7.0(3)I4(6t)", "7.0(3)i4(6t)");
    check("6.2(24)", "6.2(24)");
    check("1.2.0.14\\(408\\)", "1.2.0.14(408)");
    check("MMT-522(K)", "named mmt-522k");
    check("Version(s) 3.2 and prior", "(, 3.2]");
    check("(Release 1.3.2)", "1.3.2");
}

#[test]
fn versions_in_a_sentence_are_alternatives() {
    check("V15, V15.1 and V16", "15 or 15.1 or 16");
    check("1.0, 1.1, and 1.2", "1.0 or 1.1 or 1.2");
    check("2131 and 2141", "2131 or 2141");
    check("3.0 or 3.1", "3.0 or 3.1");
    check("3.0 & 3.1", "3.0 or 3.1");
    check("4.0, 4.1 and earlier", "4.0 or (, 4.1]");
}

#[test]
fn spans_with_a_dash_are_ranges_and_suffixes_are_not() {
    check("1.0-1.5", "[1.0, 1.5]");
    check("V1.0-V1.5", "[1.0, 1.5]");
    check("Rev B-M", "[b, m]");
    check("Rev C", "c");
    check("1.5-1.0", "1.5-1.0");
    check("2.1.4-1", "2.1.4-1");
    check("6.5.4.12-101n and earlier versions", "(, 6.5.4.12-101n]");
}

#[test]
fn what_may_mean_two_things_is_not_read() {
    check("<=5.008 & 5.028", "unread");
    check("prior to 4.2, 5.0", "unread");
    check("All versions up to and including 17.1, 16.5, 13.10", "unread");
    check("All versions <= V2.3.0 and Function State (FS) <= 3", "unread");
    check("A10 < A11", "unread");
    check("NMC2 <= 6.9.6", "unread");
    check("10.5.x.x: 10.5.1.0 and below", "unread");
    check("serial number 17X**** or later, and versions 1.280 and prior", "unread");
    check("see references", "unread");
    check("-", "unread");
    check("3.2 except 3.1.5", "named 3.2 except 3.1.5");
    check("< 3.2 except 3.1.5", "unread");
    check("not 3.2", "named not 3.2");
}

#[test]
fn the_words_of_other_makers_are_read_too() {
    check("All versions between V2.5 (including) and V2.7 (excluding)", "[2.5, 2.7)");
    check("between 2.5 (excluding) and 2.7 (inclusive)", "(2.5, 2.7]");
    check("< CPC80 V16.30", "(, 16.30)");
    check("All versions V14 < V14 SP3", "[14, 14 sp3)");
    check("V4.7: < V4.7 HF27", "[4.7, 4.7 hf27)");
    check("< 6.6 (6.x series)", "[6, 6.6)");
    check("All versions < V14.00.15.00_51.25.00.01", "(, 14.00.15.00_51.25.00.01)");
    check("< V2023 MP1", "(, 2023 mp1)");
    check("All versions with Ethernet interface", "all if with Ethernet interface");
    check(">= V5.2.0 < V5.3 only when running on ROX", "[5.2.0, 5.3) if only when running on ROX");
}

#[test]
fn directions_in_brackets_and_spans_of_series_are_bounds() {
    check("7.3 (and earlier)", "(, 7.3]");
    check("7.3 (or prior)", "(, 7.3]");
    check("7.3 (and all previous versions)", "(, 7.3]");
    check("7.3 (and possibly earlier)", "7.3 if and possibly earlier");
    check("8.5.x-8.7.x", "[8.5, 8.8)");
    check("10.0-10.2.x", "[10.0, 10.3)");
    check("5.x, up to 5.8", "[5, 5.8]");
    check("12.x, prior to 12.4", "[12, 12.4)");
    check("2.6x", "named 2.6x");
    check("220V", "named 220v");
    check("Manufactured between 2015 and 2018", "unread");
    check("manufactured between 2018-05-01 and 2019-03-01", "[2018-05-01, 2019-03-01]");
    check(">=1.0|!=1.5|<2.0", "[1.0, 2.0)");
}
