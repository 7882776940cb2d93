//! What others' systems are told, word for word, and that no value ends its field.

use std::collections::BTreeMap;

use expect_test::expect;
use serde_json::{Value, json};
use store::alerts::{Alert, Target};
use store::detections::Detection;
use store::secret::Secret;
use store::steps::Step;
use store::vulnerabilities::Vulnerability;

use super::{Courier, Fact, Format, Sent, new, ocsf, syslog, trial, webhook};
use crate::sign_in::token::Random;

/// What tries to end every field that it may come to stand in.
const HOSTILE: &str = "a|b=c\\d\"e]f\r\ng\0h\u{1b}[31m\u{2028}cs1=x <164>1 <script>'";

fn detection(evidence: &str) -> Alert {
    Fact::detection(&Detection {
        hash: "d1".to_owned(),
        at_ms: 1_764_470_400_123,
        rule: "threat.scan".to_owned(),
        technique: "T1046".to_owned(),
        device: "SB-ICU-EVT-03".to_owned(),
        source: "10.20.0.7".to_owned(),
        evidence: evidence.to_owned(),
        rest: json!({ "targets": ["10.20.0.9", "10.20.0.10"], "service": "tcp/445" }).to_string(),
        ..Detection::default()
    })
}

fn step(step: &str) -> Option<Alert> {
    Fact::step(&Step {
        hash: step.to_owned(),
        order: 3,
        device: "PUMP-1".to_owned(),
        at_ms: 7,
        actor: "anna (security), by the console".to_owned(),
        step: step.to_owned(),
        what: "contain, because Mr Miller in bed 4 is asleep".to_owned(),
        event: json!({ "reason": "Mr Miller in bed 4 is asleep" }).to_string(),
        ..Step::default()
    })
}

fn act() -> Alert {
    let vulnerability = Vulnerability {
        id: "CVE-2020-11896".to_owned(),
        title: String::new(),
        is_exploited: true,
        epss: None,
        base: None,
        devices: 2,
        releases: 1,
        decision: 4,
        risk: 80.0,
        first_ms: 5,
        rest: "{}".to_owned(),
    };
    Fact::act(&vulnerability, 5)
}

fn all() -> Vec<Alert> {
    let steps = ["requested", "approved", "refused", "verified", "failed", "lifted"];
    let more = ["drifted", "broken-glass", "expired"];
    let mut all: Vec<Alert> = steps.iter().chain(&more).filter_map(|name| step(name)).collect();
    assert_eq!(all.len(), 9);
    all.extend([detection("It called 12 doors"), act(), Fact::silent(1, 2), Fact::back(1, 3)]);
    all.push(trial("test_1".to_owned(), 4));
    all
}

#[test]
fn a_detection_in_each_form() {
    let alert = Alert { number: 41, ..detection("It called 12 doors of 10.20.0.9") };
    let forms = Format::ALL.map(|format| format.write(&alert)).join("\n");
    expect![[r#"
        {"at":"2025-11-30T02:40:00.123Z","device":"SB-ICU-EVT-03","id":"alert_26ba6a5987dfc3d2b9d11b9c8a885138","kind":"detection","product":{"name":"Asepsis","version":"0.1.0"},"rule":"threat.scan","schema":"asepsis/alert/1","sentence":"It called 12 doors of 10.20.0.9","service":"tcp/445","severity":"high","source":"10.20.0.7","subject":"SB-ICU-EVT-03","targets":["10.20.0.9","10.20.0.10"],"technique":"T1046","topic":"detection"}
        {"activity_id":1,"activity_name":"Create","category_name":"Findings","category_uid":2,"class_name":"Detection Finding","class_uid":2004,"evidences":[{"dst_endpoint":{"ip":"10.20.0.9","port":445},"src_endpoint":{"ip":"10.20.0.7","uid":"SB-ICU-EVT-03"}}],"finding_info":{"analytic":{"name":"threat.scan","type":"Behavioral","type_id":2,"uid":"threat.scan"},"attacks":[{"technique":{"uid":"T1046"}}],"created_time":1764470400123,"title":"It called 12 doors of 10.20.0.9","uid":"alert_26ba6a5987dfc3d2b9d11b9c8a885138"},"is_alert":true,"message":"It called 12 doors of 10.20.0.9","metadata":{"event_code":"detection","product":{"name":"Asepsis","vendor_name":"Asepsis","version":"0.1.0"},"uid":"alert_26ba6a5987dfc3d2b9d11b9c8a885138","version":"1.5.0"},"resources":[{"name":"SB-ICU-EVT-03","type":"Medical device","uid":"SB-ICU-EVT-03"}],"severity":"High","severity_id":4,"status":"New","status_id":1,"time":1764470400123,"type_name":"Detection Finding: Create","type_uid":200401}
        CEF:0|Asepsis|Asepsis|0.1.0|detection|It called 12 doors of 10.20.0.9|8|rt=1764470400123 externalId=alert_26ba6a5987dfc3d2b9d11b9c8a885138 cat=detection shost=SB-ICU-EVT-03 src=10.20.0.7 dst=10.20.0.9 proto=TCP dpt=445 cs1Label=rule cs1=threat.scan cs2Label=technique cs2=T1046 msg=It called 12 doors of 10.20.0.9"#]]
    .assert_eq(&forms);
    let message = String::from_utf8(syslog::write(&alert, Format::Cef, "asepsis-1")).expect("text");
    let head = "<130>1 2025-11-30T02:40:00.123Z asepsis-1 asepsis - detection";
    let text = Format::Cef.write(&alert);
    assert_eq!(message, format!("{head} [meta sequenceId=\"42\"] {text}"));
}

#[test]
fn no_value_ends_the_field_that_it_stands_in() {
    let alert = Alert { id: "alert_1".to_owned(), ..detection(HOSTILE) };
    let hostile = Alert { fact: alert.fact.replace("SB-ICU-EVT-03", "x|y=z\\\\w"), ..alert };
    let line = Format::Cef.write(&hostile);
    assert!(!line.chars().any(char::is_control), "{line:?}");
    let (header, fields) = parse_cef(&line);
    assert_eq!(header.len(), 7, "{header:?}");
    assert!(header[5].starts_with("a|b=c\\d\"e]f  g h [31m"), "{header:?}");
    assert_eq!(fields["shost"], "x|y=z\\w");
    assert_eq!(fields["msg"].replace('\n', "~"), "a|b=c\\d\"e]f\r~g h [31m cs1=x <164>1 <script>'");
    assert_eq!(fields["cs1"], "threat.scan", "nothing of it became a field");
    for format in Format::ALL {
        let message = syslog::write(&hostile, format, "host\nname");
        let text = String::from_utf8(message).expect("text");
        assert!(text.starts_with("<130>1 2025-11-30T02:40:00.123Z hostname asepsis - detection ["));
        assert!(!text.chars().any(char::is_control), "{text:?}");
    }
    for format in [Format::Json, Format::Ocsf] {
        let read: Value = serde_json::from_str(&format.write(&hostile)).expect("JSON");
        assert!(read.is_object());
    }
    let long = detection(&"ä".repeat(10_000));
    assert!(Format::ALL.iter().all(|format| format.write(&long).len() < 4_096));
}

/// Reads CEF as its standard says: the header's seven parts, and the fields.
fn parse_cef(line: &str) -> (Vec<String>, BTreeMap<String, String>) {
    let (mut header, mut part, mut letters) = (Vec::new(), String::new(), line.chars());
    while header.len() < 7 {
        match letters.next() {
            Some('\\') => part.extend(letters.next()),
            Some('|') => header.push(std::mem::take(&mut part)),
            Some(letter) => part.push(letter),
            None => break,
        }
    }
    // A key is a word before a `=` that is not escaped; a value goes on to the next key.
    let text: Vec<char> = letters.collect();
    let mut fields = BTreeMap::new();
    let mut starts = Vec::new();
    for (place, letter) in text.iter().enumerate() {
        let is_escaped =
            text[..place].iter().rev().take_while(|one| **one == '\\').count() % 2 == 1;
        if *letter == '=' && !is_escaped {
            let before = &text[..place];
            let begin = before.iter().rposition(|one| *one == ' ').map_or(0, |space| space + 1);
            starts.push((begin, place));
        }
    }
    for (number, (begin, equals)) in starts.iter().enumerate() {
        let end = starts.get(number + 1).map_or(text.len(), |(next, _)| next.saturating_sub(1));
        let key: String = text[*begin..*equals].iter().collect();
        let mut value = String::new();
        let mut letters = text[equals + 1..end].iter();
        while let Some(letter) = letters.next() {
            match letter {
                '\\' => match letters.next() {
                    Some('n') => value.push('\n'),
                    Some('r') => value.push('\r'),
                    other => value.extend(other),
                },
                letter => value.push(*letter),
            }
        }
        fields.insert(key, value);
    }
    (header, fields)
}

#[test]
fn what_people_typed_is_told_to_nobody_and_steps_that_say_nothing_are_left_out() {
    for alert in all() {
        for format in Format::ALL {
            let told = format.write(&alert);
            assert!(!told.contains("Miller") && !told.contains("asleep"), "{told}");
        }
    }
    for name in ["applying", "applied", "renewed", "substitute-running", "removed", "other"] {
        assert_eq!(step(name), None, "{name}");
    }
    assert_eq!(step("lifted"), step("lifted"), "the same id each time");
    assert_ne!(step("lifted").map(|alert| alert.id), step("failed").map(|alert| alert.id));
}

/// What OCSF 1.5.0 requires of each class, and which attributes it has.
fn class(uid: i64) -> (&'static [&'static str], &'static [&'static str]) {
    match uid {
        2_004 => (
            &["finding_info"],
            &["evidences", "is_alert", "resources", "confidence_id", "vulnerabilities"],
        ),
        2_002 => (&["finding_info", "vulnerabilities"], &["resources"]),
        7_001 => (&["command_uid"], &["countermeasures", "remediation", "scan"]),
        0 => (&[], &[]),
        other => panic!("no class {other}"),
    }
}

#[test]
fn events_have_what_their_class_of_ocsf_requires_and_nothing_that_it_does_not_know() {
    const REQUIRED: [&str; 7] =
        ["activity_id", "category_uid", "class_uid", "metadata", "severity_id", "time", "type_uid"];
    const OPTIONAL: [&str; 9] = [
        "activity_name",
        "category_name",
        "class_name",
        "message",
        "severity",
        "status",
        "status_id",
        "type_name",
        "unmapped",
    ];
    let mut classes = BTreeMap::new();
    for alert in all() {
        let event = ocsf::write(&alert, &Fact::read(&alert.fact));
        let fields = event.as_object().expect("an object");
        let number = |name: &str| event[name].as_i64().expect("a number");
        let uid = number("class_uid");
        *classes.entry(uid).or_insert(0) += 1;
        let (required, optional) = class(uid);
        for name in REQUIRED.iter().chain(required) {
            assert!(fields.contains_key(*name), "{name} of {uid}");
        }
        for name in fields.keys() {
            let name = name.as_str();
            let lists = [&REQUIRED[..], required, &OPTIONAL[..], optional];
            assert!(lists.iter().any(|list| list.contains(&name)), "{name} of {uid}");
        }
        assert_eq!(number("category_uid"), uid / 1_000);
        assert_eq!(number("type_uid"), uid * 100 + number("activity_id"));
        assert!((1..=5).contains(&number("severity_id")));
        assert_eq!(event["metadata"]["version"], "1.5.0");
        assert!(event["metadata"]["product"].is_object());
        match uid {
            2_004 => {
                let info = &event["finding_info"];
                assert!(info["uid"].is_string() && info["analytic"]["type_id"] == 2);
                assert_eq!(info["attacks"][0]["technique"]["uid"], "T1046");
                assert_eq!(event["evidences"][0]["dst_endpoint"]["port"], 445);
            }
            2_002 => {
                let one = event["vulnerabilities"][0].as_object().expect("an object");
                assert_eq!(one.keys().collect::<Vec<_>>(), ["cve"], "just one of them");
                assert_eq!(one["cve"]["uid"], "CVE-2020-11896");
            }
            7_001 => {
                assert!(event["remediation"]["desc"].is_string());
                assert!([1, 2, 99].contains(&number("status_id")));
                assert!([1, 3].contains(&number("activity_id")));
            }
            _ => assert_eq!(number("activity_id"), 99),
        }
    }
    assert_eq!(classes, BTreeMap::from([(0, 3), (2_002, 1), (2_004, 1), (7_001, 9)]));
}

#[test]
fn a_webhook_is_signed_as_the_specification_says() {
    // The example of the Standard Webhooks specification.
    let secret = Secret::new(
        base64::Engine::decode(
            &base64::engine::general_purpose::STANDARD,
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        )
        .expect("base64"),
    );
    let body = r#"{"test": 2432232314}"#;
    let fields =
        webhook::fields("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body, Some(&secret));
    let signature = fields.iter().find(|(name, _)| *name == "webhook-signature").expect("signed");
    assert_eq!(signature.1, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    let (first, shown) = webhook::secret(&mut Random::new([1; 32]));
    assert!(shown.expose().starts_with("whsec_") && shown.expose().len() == 50);
    assert!(!format!("{first:?} {shown:?}").contains("whsec_"));
}

struct Anywhere;

impl Courier for Anywhere {
    fn check(&self, place: &str, _: &str) -> Result<(&'static str, String), String> {
        let kind = if place.starts_with("https") { "webhook" } else { "syslog" };
        if place.is_empty() { Err("it is empty".to_owned()) } else { Ok((kind, place.to_owned())) }
    }

    fn send(&self, _: &Target, _: &[Alert]) -> Sent {
        Sent::Taken(String::new())
    }
}

#[test]
fn what_is_typed_of_a_target_is_looked_at_before_it_is_one() {
    let typed = |name, place, format, topics: &[&str]| {
        let topics = topics.iter().map(|&topic| topic.to_owned()).collect();
        let typed = new::Typed { name, place, format, authority: "", topics };
        new::make(&typed, &Anywhere, &mut Random::new([7; 32]))
    };
    let (hook, secret) = typed(" Chat ", "https://x/", "", &["order"]).expect("a target");
    assert_eq!((&*hook.name, &*hook.kind, &*hook.format), ("Chat", "webhook", "json"));
    assert!(hook.secret.is_some() && secret.is_some());
    let (siem, secret) = typed("SIEM", "syslog+udp://x", "", &["order", "agent"]).expect("one");
    assert_eq!(
        (&*siem.kind, &*siem.format, siem.secret, secret.is_some()),
        ("syslog", "cef", None, false)
    );
    for (name, place, format, topics) in [
        ("", "https://x/", "", &["order"][..]),
        ("a\nb", "https://x/", "", &["order"]),
        ("a", "", "", &["order"]),
        ("a", "https://x/", "cef", &["order"]),
        ("a", "https://x/", "xml", &["order"]),
        ("a", "https://x/", "", &[]),
        ("a", "https://x/", "", &["everything"]),
    ] {
        let wrong = typed(name, place, format, topics).expect_err("refused");
        assert!(wrong.ends_with('.'), "{wrong}");
    }
}
