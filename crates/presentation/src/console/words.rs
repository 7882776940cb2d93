//! The console's words for what stands in its lists: which message is for which value. What they
//! say stands with all else in `text/en.ftl`.

use domain::care::CareRole;
use domain::decision::Justification;
use domain::order::Role;
use domain::person::Duty;
use jiff::Timestamp;
use store::devices::{Count, Device};
use store::releases::{Finding, Release};

pub use domain::decision::REASON_CHARS;

use super::asked;
use crate::assessment::Range;
use crate::listed;
use crate::orders::SeenOrder;
use crate::picture::map::State;
use crate::text::Text;

/// A value, or a reference to one: templates hand over either.
pub trait Given<T> {
    /// The value.
    fn given(self) -> T;
}

impl<T: Copy> Given<T> for T {
    fn given(self) -> T {
        self
    }
}

impl<T: Copy> Given<T> for &T {
    fn given(self) -> T {
        *self
    }
}

impl<T: Copy> Given<T> for &&T {
    fn given(self) -> T {
        **self
    }
}

/// Decisions that can be asked for, each with those that are graver.
pub(crate) fn decisions(text: impl Given<Text>) -> [(&'static str, &'static str); 4] {
    let text = text.given();
    [
        ("4", text.words_act()),
        ("3", text.words_attend_or_graver()),
        ("2", text.words_track_closely_or_graver()),
        ("1", text.words_track_or_graver()),
    ]
}

/// Criticalities that can be asked for, each with those that are more.
pub(crate) fn criticalities(text: impl Given<Text>) -> [(&'static str, &'static str); 5] {
    let text = text.given();
    [
        ("5", text.words_life_sustaining()),
        ("4", text.words_therapy_or_more()),
        ("3", text.words_monitoring_or_more()),
        ("2", text.words_diagnostic_or_more()),
        ("1", text.words_support_or_more()),
    ]
}

/// Orders of the list of devices.
pub(crate) fn orders(text: impl Given<Text>) -> [(&'static str, &'static str); 5] {
    let text = text.given();
    [
        ("", text.words_by_what_to_do_first()),
        ("model", text.words_by_maker_and_model()),
        ("place", text.words_by_place()),
        ("support", text.words_by_end_of_support()),
        ("id", text.words_by_device()),
    ]
}

/// The levels of a containment: as they are written, as they are called, and what each leaves.
pub(crate) fn levels(text: impl Given<Text>) -> [(&'static str, String, &'static str); 3] {
    let text = text.given();
    let leaves = [text.words_leaves_usual(), text.words_leaves_care(), text.words_leaves_nothing()];
    let mut leaves = leaves.into_iter();
    LEVELS.map(|level| {
        let name = text.words_level(level).plain();
        (level, name, leaves.next().unwrap_or_default())
    })
}

/// The levels of a containment at which something is cut, from the least.
pub(crate) const LEVELS: [&str; 3] = ["restrict", "contain", "isolate"];

/// That a level is said yes to.
pub(crate) fn yes(text: impl Given<Text>, level: impl AsRef<str>) -> String {
    text.given().words_yes(level).plain()
}

/// That a level is asked for.
pub(crate) fn ask(text: impl Given<Text>, level: impl AsRef<str>) -> String {
    text.given().words_ask(level).plain()
}

/// How an order stands.
pub(crate) fn state(text: impl Given<Text>, state: impl AsRef<str>) -> String {
    text.given().words_order_state(state).plain()
}

/// The class by which an order is coloured.
pub(crate) fn badge_class(order: &SeenOrder) -> String {
    asked::class(order)
}

/// A decision, in a word.
pub(crate) fn decision(text: impl Given<Text>, number: impl Given<i64>) -> &'static str {
    let text = text.given();
    match number.given() {
        4 => text.words_act(),
        3 => text.words_attend(),
        2 => text.words_track_closely(),
        1 => text.words_track(),
        _ => text.words_no_decision(),
    }
}

/// A decision before or after it changed, as the store keeps it.
pub(crate) fn changed(text: impl Given<Text>, decision: impl AsRef<str>) -> String {
    let text = text.given();
    match decision.as_ref() {
        "" => text.words_no_decision_before().to_owned(),
        name => match listed::decision(Some(name)) {
            0 => name.to_owned(),
            number => self::decision(text, number).to_owned(),
        },
    }
}

/// What a decision asks for.
pub(crate) fn meaning(text: impl Given<Text>, number: impl Given<i64>) -> &'static str {
    let text = text.given();
    match number.given() {
        4 => text.words_act_means(),
        3 => text.words_attend_means(),
        2 => text.words_track_closely_means(),
        1 => text.words_track_means(),
        _ => text.words_no_decision_means(),
    }
}

/// The class by which a decision is coloured.
#[must_use]
pub fn class(number: impl Given<i64>) -> &'static str {
    match number.given() {
        4 => "act",
        3 => "attend",
        2 => "track-closely",
        1 => "track",
        _ => "none",
    }
}

/// A risk, as one number or two.
#[must_use]
pub fn risk(risk: impl Given<(f64, f64)>) -> String {
    let (low, high) = risk.given();
    Range { low, high }.whole()
}

/// A criticality, in words.
pub(crate) fn criticality(text: impl Given<Text>, number: impl Given<i64>) -> &'static str {
    let text = text.given();
    match number.given() {
        5 => text.words_life_sustaining(),
        4 => text.words_therapy(),
        3 => text.words_monitoring(),
        2 => text.words_diagnostic(),
        1 => text.words_support(),
        _ => text.words_criticality_unknown(),
    }
}

/// Whether it is in use, in words.
pub(crate) fn usage(text: impl Given<Text>, in_use: impl Given<Option<bool>>) -> &'static str {
    let text = text.given();
    match in_use.given() {
        Some(true) => text.words_in_use(),
        Some(false) => text.words_not_in_use(),
        None => text.words_use_unknown(),
    }
}

/// Manufacturer, model and version.
pub(crate) fn product(text: impl Given<Text>, device: &Device) -> String {
    let unknown = text.given().words_unknown_product();
    joined(&[&device.manufacturer, &device.model, &device.version], unknown)
}

/// Manufacturer, model and version of a release.
pub(crate) fn release(text: impl Given<Text>, release: &Release) -> String {
    let unknown = text.given().words_unknown_product();
    joined(&[&release.manufacturer, &release.model, &release.version], unknown)
}

/// Site, unit and room.
pub(crate) fn place(text: impl Given<Text>, device: &Device) -> String {
    let unknown = text.given().words_place_unknown();
    joined(&[&device.site, &device.unit, &device.room], unknown)
}

/// Any of some words.
pub(crate) fn one_of(text: impl Given<Text>, words: &[String]) -> String {
    let text = text.given();
    let add = |all: String, word: &String| text.provider_or(all, word).plain();
    let mut words = words.iter();
    let first = words.next().cloned().unwrap_or_default();
    words.fold(first, add)
}

/// All of some words.
pub(crate) fn all_of(text: impl Given<Text>, words: &[String]) -> String {
    let text = text.given();
    let add = |all: String, word: &String| text.provider_and(all, word).plain();
    let mut words = words.iter();
    let first = words.next().cloned().unwrap_or_default();
    words.fold(first, add)
}

/// Texts that are there, with a space between.
#[must_use]
pub fn joined(texts: &[&str], none: &str) -> String {
    let said: Vec<&str> = texts.iter().copied().filter(|text| !text.trim().is_empty()).collect();
    if said.is_empty() { none.to_owned() } else { said.join(" ") }
}

/// A moment for a machine (RFC 3339).
#[must_use]
pub fn moment(at_ms: impl Given<i64>) -> String {
    let at = Timestamp::from_millisecond(at_ms.given()).unwrap_or_default();
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A verdict, in words.
pub(crate) fn verdict(text: impl Given<Text>, name: &str) -> &'static str {
    let text = text.given();
    match name {
        "affected" => text.words_affected(),
        "undecided" => text.words_undecided(),
        "fixed" => text.words_fixed(),
        _ => text.words_not_affected(),
    }
}

/// Why something is not affected, as it is written and as it is said.
pub(crate) fn justifications(text: impl Given<Text>) -> [(&'static str, &'static str); 5] {
    let text = text.given();
    Justification::ALL.map(|one| (one.text(), justification(text, one)))
}

/// Why something is not affected, as it is said.
pub(crate) fn justification(text: Text, why: Justification) -> &'static str {
    match why {
        Justification::ComponentNotPresent => text.words_component_not_present(),
        Justification::VulnerableCodeNotPresent => text.words_code_not_present(),
        Justification::VulnerableCodeNotInExecutePath => text.words_code_never_runs(),
        Justification::VulnerableCodeCannotBeControlledByAdversary => {
            text.words_nobody_can_control_it()
        }
        Justification::InlineMitigationsAlreadyExist => text.words_mitigated(),
    }
}

/// What the hospital has decided about a finding, in words; nothing where it has not.
pub(crate) fn decided(text: impl Given<Text>, finding: &Finding) -> &'static str {
    let text = text.given();
    let known = [
        ("\"decision.accepted\"", text.words_risk_accepted()),
        ("\"decision.ran-out\"", text.words_acceptance_ran_out()),
        ("\"decision.false-positive\"", text.words_decided_false_positive()),
        ("\"decision.not-affected\"", text.words_decided_here()),
    ];
    let known = known.into_iter().find(|(rule, _)| finding.reasons.contains(rule));
    known.map_or("", |(_, said)| said)
}

/// What a detection may have been, as it is written and as it is said.
pub(crate) fn judgements(text: impl Given<Text>) -> [(&'static str, &'static str); 3] {
    let text = text.given();
    [
        ("attack", text.detection_attack()),
        ("expected", text.detection_expected()),
        ("mistaken", text.detection_mistaken()),
    ]
}

/// What somebody says that a detection was.
pub(crate) fn judged(text: impl Given<Text>, name: &str) -> &'static str {
    let text = text.given();
    let known = judgements(text).into_iter().find(|(known, _)| *known == name);
    known.map_or(text.words_judged(), |(_, said)| said)
}

/// The same at the beginning of a sentence.
pub(crate) fn judgement(text: impl Given<Text>, name: &str) -> &'static str {
    let text = text.given();
    match name {
        "attack" => text.detection_judged_attack(),
        "expected" => text.detection_judged_expected(),
        "mistaken" => text.detection_judged_mistaken(),
        _ => text.words_judged_at_beginning(),
    }
}

/// What somebody is there for.
pub(crate) fn duties(text: impl Given<Text>) -> [(&'static str, &'static str); Duty::ALL.len()] {
    let text = text.given();
    Duty::ALL.map(|one| (one.text(), duty(text, one.text())))
}

/// A duty, in words.
pub(crate) fn duty(text: impl Given<Text>, name: impl AsRef<str>) -> &'static str {
    let text = text.given();
    match name.as_ref() {
        "security" => text.words_information_security(),
        "clinical" => text.words_in_charge_of_patients(),
        "biomedical" => text.words_biomedical_engineering(),
        "administrator" => text.words_keeps_people_and_settings(),
        _ => text.words_reads_only(),
    }
}

/// What somebody of a demonstration is.
pub(crate) fn part(text: impl Given<Text>, role: impl Given<Role>) -> &'static str {
    let text = text.given();
    match role.given() {
        Role::Security => text.words_information_security(),
        Role::Clinical => text.base_nurse_in_charge(),
        Role::Biomedical => text.base_biomedical_engineer(),
    }
}

/// What a device says of itself, as the agent calls it.
pub(crate) fn attribute(text: impl Given<Text>, name: &str) -> String {
    let text = text.given();
    let said = match name {
        "host name" => text.words_says_host_name(),
        "vendor class" => text.words_says_vendor_class(),
        "DHCP options" => text.words_says_dhcp_options(),
        "AE title" => text.words_says_ae_title(),
        "DICOM implementation" => text.words_says_dicom_implementation(),
        "HL7 application" => text.words_says_hl7_application(),
        "equipment id" => text.words_says_equipment_id(),
        "software" => text.words_says_software(),
        "certificate name" => text.words_says_certificate_name(),
        "SMB" => text.words_says_smb(),
        "maker" => text.words_says_maker(),
        other => other,
    };
    said.to_owned()
}

/// What a path on the network is for.
pub(crate) fn path(text: impl Given<Text>, role: impl AsRef<str>) -> String {
    text.given().words_path(role).plain()
}

/// As what somebody answers.
pub(crate) fn role(text: impl Given<Text>, role: impl Given<Role>) -> &'static str {
    let text = text.given();
    match role.given() {
        Role::Security => text.words_role_security(),
        Role::Clinical => text.words_role_clinical(),
        Role::Biomedical => text.words_role_biomedical(),
    }
}

/// How a device stands on the map.
pub(crate) fn stands(text: impl Given<Text>, state: impl Given<State>) -> &'static str {
    let text = text.given();
    match state.given() {
        State::Free => text.words_connected(),
        State::Suspected => text.words_suspected(),
        State::Asked => text.words_asked_to_be_held(),
        State::Acting => text.words_being_held(),
        State::Held => text.words_held_and_proved(),
        State::Failing => text.words_not_held_as_ordered(),
    }
}

/// What paths on the network are for.
pub(crate) fn paths(text: Text, role: &str) -> &'static str {
    match CareRole::read(role) {
        Some(CareRole::Therapy) => text.words_for_therapy(),
        Some(CareRole::Alarm) => text.words_for_alarms(),
        Some(CareRole::Result) => text.words_for_results(),
        Some(CareRole::Order) => text.words_for_orders(),
        Some(CareRole::Library) => text.words_for_libraries(),
        Some(CareRole::Time) => text.words_for_time(),
        Some(CareRole::Identity) => text.words_for_addresses(),
        Some(CareRole::Service) => text.words_for_support(),
        Some(CareRole::Other) | None => text.words_for_other(),
    }
}

/// A rhythm in milliseconds, in a unit that people read: `every 5 s`.
pub(crate) fn every(text: Text, rhythm_ms: i64) -> String {
    let said = match rhythm_ms {
        ..1_000 => text.words_every_ms(rhythm_ms),
        1_000..120_000 => text.words_every_s((rhythm_ms + 500) / 1_000),
        120_000..7_200_000 => text.words_every_min((rhythm_ms + 30_000) / 60_000),
        _ => text.words_every_h((rhythm_ms + 1_800_000) / 3_600_000),
    };
    said.plain()
}

/// A probability in percent.
pub(crate) fn percent(text: impl Given<Text>, part: impl Given<f64>) -> String {
    let text = text.given();
    text.words_percent(text.decimal(part.given() * 100.0, 1)).plain()
}

/// A number with one decimal, or a dash.
pub(crate) fn score(text: impl Given<Text>, score: impl Given<Option<f64>>) -> String {
    let text = text.given();
    score.given().map_or_else(|| "–".to_owned(), |score| text.decimal(score, 1))
}

/// A count of devices, also one that was not counted to its end.
pub(crate) fn devices(text: impl Given<Text>, count: impl Given<Count>) -> String {
    let text = text.given();
    match count.given() {
        Count::Exactly(count) => text.count_devices(count).plain(),
        Count::MoreThan(count) => text.count_more_than_devices(count).plain(),
    }
}

/// A size in bytes, in a unit that people read.
pub(crate) fn size(text: impl Given<Text>, bytes: impl Given<i64>) -> String {
    let text = text.given();
    let bytes = bytes.given() as f64;
    let said = match bytes {
        ..1e3 => text.words_bytes(text.decimal(bytes, 0)),
        1e3..1e6 => text.words_kilobytes(text.decimal(bytes / 1e3, 1)),
        1e6..1e9 => text.words_megabytes(text.decimal(bytes / 1e6, 1)),
        _ => text.words_gigabytes(text.decimal(bytes / 1e9, 1)),
    };
    said.plain()
}

/// What is asked of a page, as its address says it: names with values, but for empty ones.
#[must_use]
pub fn query(asked: &[(&str, &str)]) -> String {
    let asked = asked.iter().filter(|(_, value)| !value.is_empty());
    let asked: Vec<String> =
        asked.map(|(name, value)| format!("{name}={}", address(value))).collect();
    if asked.is_empty() { String::new() } else { format!("?{}", asked.join("&")) }
}

/// A text as part of an address (RFC 3986, section 2.1).
#[must_use]
pub fn address(text: impl AsRef<str>) -> String {
    let text = text.as_ref();
    let mut address = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                address.push(char::from(byte));
            }
            _ => {
                use std::fmt::Write as _;
                let _ = write!(address, "%{byte:02X}");
            }
        }
    }
    address
}

/// A part of a name: a number, or what stands between two.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    Number(u64),
    Text(String),
}

/// By what names are put in the order that people expect: Ward 2 before Ward 10.
pub(crate) fn in_order(name: &str) -> Vec<Part> {
    let parts =
        name.as_bytes().chunk_by(|one, other| one.is_ascii_digit() == other.is_ascii_digit());
    let part = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        text.parse().map_or_else(|_| Part::Text(text.to_lowercase()), Part::Number)
    };
    parts.map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::{address, every, in_order, size};
    use crate::text::Text;

    #[test]
    fn counts_sizes_and_addresses_are_written_for_people_and_browsers() {
        let text = Text::english();
        assert_eq!(text.number(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!((text.number(-1_000), text.number(999)), ("-1\u{202f}000".into(), "999".into()));
        assert_eq!(text.count_devices(1).plain(), "1 device");
        let size = |bytes| size(text, bytes);
        let every = |rhythm_ms| every(text, rhythm_ms);
        assert_eq!((size(999), size(1_250_000)), ("999 B".to_owned(), "1.2 MB".to_owned()));
        assert_eq!(
            [400, 5_000, 119_600, 600_000, 86_400_000].map(every),
            ["every 400 ms", "every 5 s", "every 120 s", "every 10 min", "every 24 h"]
        );
        assert_eq!(address("PUMP 1/ä?"), "PUMP%201%2F%C3%A4%3F");
    }

    #[test]
    fn names_stand_in_the_order_that_people_expect() {
        let mut names = ["Ward 10", "Ward 2b", "Übergabe", "ward 2", "Ward", "3 West", "Ward 2 B"];
        names.sort_by_cached_key(|name| in_order(name));
        assert_eq!(
            names,
            ["3 West", "Ward", "ward 2", "Ward 2 B", "Ward 2b", "Ward 10", "Übergabe"]
        );
    }
}
