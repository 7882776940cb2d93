//! `observe` and `contain plan` as people and scripts run them, on captures that were made by real
//! programs.

#![expect(clippy::indexing_slicing, clippy::panic, reason = "a test may fail by a panic")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

#[path = "program/schema.rs"]
mod schema;

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_asepsis")).args(arguments).output().expect("it starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

fn capture(name: &str) -> String {
    let path = testkit::shared_data("captures/dicom-hl7-generated").join(name);
    path.to_str().expect("UTF-8").to_owned()
}

fn observed(files: &[&str]) -> Value {
    let output = run(&[&["observe", "--quiet", "--json", "-"], files].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

const HL7: &str = "hl7-mllp-split-segments-port2575.pcap";
const DICOM: [&str; 3] = [
    "dicom-echo-store-dcmtk-port104.pcap",
    "dicom-find-reject-abort-pynetdicom-port11112.pcap",
    "dicom-store-nonstandard-port6661.pcap",
];

#[test]
fn devices_are_known_by_what_they_say_and_do_whatever_the_port() {
    let stores = observed(&[&capture(DICOM[0]), &capture(DICOM[2])]);
    let kinds: Vec<&str> =
        stores["devices"].as_array().expect("devices").iter().filter_map(kind).collect();
    assert_eq!(kinds, ["imaging modality", "image archive"]);
    let paths = stores["paths"].as_array().expect("paths");
    assert!(paths.iter().all(|path| path["application"] == "dicom" && path["role"] == "result"));
    let services: Vec<&Value> = paths.iter().map(|path| &path["service"]).collect();
    assert_eq!(services, ["tcp/104", "tcp/6661"]);
}

fn kind(device: &Value) -> Option<&str> {
    device["kind"].as_str()
}

#[test]
fn a_monitor_that_reports_is_in_use() {
    let seen = observed(&[&capture(HL7)]);
    let monitor = &seen["devices"][0];
    assert_eq!(
        (kind(monitor), &monitor["in_use"]["state"]),
        (Some("patient monitor"), &"yes".into())
    );
    assert_eq!(seen["paths"][0]["role"], "result");
}

/// The names, ids and values of the messages and objects in the captures.
const PATIENTS: [&str; 8] =
    ["DOE^", "MÜLLER", "Müller", "JOHN", "JANE", "CompressedSamples", "19800101", "MRN"];

#[test]
fn nothing_of_a_patient_reaches_any_output() {
    for name in DICOM.iter().chain(&[HL7]) {
        let file = capture(name);
        let table = run(&["observe", &file, "--top", "1000"]);
        let json = run(&["observe", &file, "--quiet", "--json", "-"]);
        let plan = run(&["contain", "plan", "10.77.1.20", &file]);
        for output in [table, json, plan] {
            assert!(output.status.success(), "{}", text(&output.stderr));
            let all = text(&output.stdout) + &text(&output.stderr);
            for word in PATIENTS {
                assert!(!all.contains(word), "{name}: `{word}` is in the output");
            }
            for word in
                words_of_patients(&testkit::shared_data("captures/dicom-hl7-generated").join(name))
            {
                assert!(!all.contains(&word), "{name}: `{word}` is in the output");
            }
        }
    }
}

/// The third and fifth fields of every PID segment in a file, in their parts: ids and names.
fn words_of_patients(path: &Path) -> Vec<String> {
    let bytes = std::fs::read(path).expect("a capture");
    let all = String::from_utf8_lossy(&bytes).into_owned();
    let segments = all.split('\r').filter(|segment| segment.starts_with("PID|"));
    let fields = segments.flat_map(|segment| segment.split('|').skip(3).take(5));
    let parts = fields.flat_map(|field| field.split('^'));
    parts.filter(|part| part.len() > 3).map(str::to_owned).collect()
}

#[test]
fn the_leak_test_has_something_to_look_for() {
    let path = testkit::shared_data("captures/dicom-hl7-generated").join(HL7);
    assert!(!words_of_patients(&path).is_empty());
}

#[test]
fn a_plan_says_what_stays_what_ends_and_who_has_to_say_yes() {
    let file = capture(HL7);
    let contain = text(&run(&["contain", "plan", "10.77.1.20", &file]).stdout);
    assert!(contain.starts_with("contain 10.77.1.20: Nothing that care needs would break"));
    assert!(contain.contains("10.77.2.10 tcp/2575 as client (essential by default)"));
    assert!(contain.contains("one security and one clinical approver"));
    assert!(contain.contains("Nothing was done."));
    let isolate =
        text(&run(&["contain", "plan", "10.77.1.20", &file, "--level", "isolate"]).stdout);
    assert!(isolate.starts_with("isolate 10.77.1.20: Would break results to 10.77.2.10"));
    assert!(isolate.contains("a substitute is running"));
}

#[test]
fn a_plan_says_the_same_to_programs() {
    let output = run(&["contain", "plan", "10.77.1.20", &capture(HL7), "--json"]);
    let plan: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(plan["stays_open"][0]["peer"], "10.77.2.10");
    assert_eq!(plan["would_end"], Value::Array(Vec::new()));
    assert!(plan["verdict"].as_str().is_some_and(|v| v.starts_with("Nothing that care needs")));
}

fn form(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).expect("the schema")).expect("JSON")
}

#[test]
fn what_is_observed_and_planned_keeps_to_its_schema() {
    let observation = form("observation.schema.json");
    let all: Vec<String> = DICOM.iter().chain(&[HL7]).map(|name| capture(name)).collect();
    let files: Vec<&str> = all.iter().map(String::as_str).collect();
    let against = ["--baseline", files[0]];
    for seen in [observed(&files), observed(&[&files[..], &against].concat())] {
        assert!(
            seen["detections"].as_array().is_some()
                && seen["devices"][0]["interfaces"][0].is_object()
        );
        let breaches = schema::breaches(&observation, &seen);
        assert!(breaches.is_empty(), "{}", breaches.join("\n"));
    }
    let plan_form = form("containment-plan.schema.json");
    for level in ["restrict", "contain", "isolate"] {
        let output = run(&["contain", "plan", "10.77.1.20", files[3], "--json", "--level", level]);
        let plan: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let breaches = schema::breaches(&plan_form, &plan);
        assert!(breaches.is_empty(), "{level}: {}", breaches.join("\n"));
    }
}

#[test]
fn the_schemas_of_the_network_can_be_broken() {
    let mut seen = observed(&[&capture(HL7)]);
    seen["input"]["counters"]["surprise"] = "many".into();
    seen["devices"][0]["interfaces"][0]["maker"] = 7.into();
    assert_eq!(schema::breaches(&form("observation.schema.json"), &seen).len(), 2);
}

#[test]
fn the_rules_of_a_plan_are_taken_by_nft() {
    let file = capture(HL7);
    let rules = run(&["contain", "plan", "10.77.1.20", &file, "--rules"]).stdout;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rules.nft");
    std::fs::write(&path, rules).expect("written");
    let checked = Command::new("unshare")
        .args(["-n", "nft", "-c", "-f"])
        .arg(&path)
        .output()
        .expect("`unshare` runs");
    assert!(checked.status.success(), "needs root: {}", text(&checked.stderr));
}

#[test]
fn a_wrong_call_gets_one_clear_error() {
    let file = capture(HL7);
    for (arguments, told) in [
        (vec!["contain", "plan", "PUMP-9", &file], "no device `PUMP-9` was seen"),
        (vec!["contain", "plan", "10.77.1.20", &file, "--level", "quarantine"], "is no level"),
        (vec!["observe", "no-such-file.pcap"], "cannot read the capture `no-such-file.pcap`"),
        (vec!["observe", "-i", "no-such-if"], "there is no interface `no-such-if`"),
    ] {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).contains(told), "{}", text(&output.stderr));
    }
}

/// Every capture of the real data: many are damaged on purpose.
#[test]
fn no_real_capture_makes_it_panic_or_hang() {
    let files: Vec<PathBuf> = testkit::shared_files("captures");
    let captures: Vec<&str> = files
        .iter()
        .filter(|path| {
            let name = path.extension().unwrap_or_default().to_string_lossy();
            ["pcap", "pcapng", "cap", "trace"].contains(&name.as_ref())
        })
        .filter_map(|path| path.to_str())
        .collect();
    assert!(captures.len() > 1_000, "{}", captures.len());
    // One run over many: what one file leaves behind must not trip the next.
    for files in captures.chunks(100) {
        let output = run(&[&["observe", "--quiet", "--json", "-"], files].concat());
        let complaint = text(&output.stderr);
        assert!(matches!(output.status.code(), Some(0 | 2)), "{files:?}\n{complaint}");
        assert!(!complaint.contains("panicked"), "{complaint}");
        let seen: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert!(seen["input"]["frames"].as_u64() > Some(0));
    }
}

/// A capture of connections: who, with the last octet of each address, whom, on which port.
fn of_calls(path: &Path, calls: &[(u8, u8, u16)]) {
    let mut bytes: Vec<u8> = [0xA1B2_C3D4_u32, 0x0002_0004, 0, 0, 65_535, 1]
        .into_iter()
        .flat_map(u32::to_be_bytes)
        .collect();
    for (second, (client, server, port)) in (1_u32..).zip(calls) {
        let steps: [(bool, u8, [u32; 2]); 4] =
            [(true, 2, [0, 0]), (false, 18, [0, 1]), (true, 16, [1, 1]), (true, 20, [1, 1])];
        for (is_clients, flags, numbers) in steps {
            let (from, to) = if is_clients { (client, server) } else { (server, client) };
            let ports = if is_clients { [40_000, *port] } else { [*port, 40_000] };
            let mut frame = vec![2, 0, 0, 0, 0, *to, 2, 0, 0, 0, 0, *from, 8, 0];
            frame.extend([0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6, 0, 0]);
            frame.extend([10, 20, 0, *from, 10, 20, 0, *to]);
            frame.extend(ports.into_iter().flat_map(u16::to_be_bytes));
            frame.extend(numbers.into_iter().flat_map(u32::to_be_bytes));
            frame.extend([0x50, flags, 0xFF, 0xFF, 0, 0, 0, 0]);
            let length = u32::try_from(frame.len()).expect("short");
            bytes.extend([second, 0, length, length].into_iter().flat_map(u32::to_be_bytes));
            bytes.extend(frame);
        }
    }
    std::fs::write(path, bytes).expect("written");
}

fn new_peers(seen: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let found = seen["detections"].as_array().expect("detections").iter();
    let found = found.filter(|found| found["rule"] == "threat.new-peer");
    found.map(|f| (text(&f["source"]), text(&f["targets"][0]), text(&f["evidence"]))).collect()
}

#[test]
fn a_new_peer_is_told_against_an_earlier_observation_and_by_model() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let (monday, today, json) = (path("monday.pcap"), path("today.pcap"), path("monday.json"));
    std::fs::create_dir(path("hospital")).expect("a folder");
    let rows = "id,manufacturer,model,mac_address\n\
                PUMP-11,Acme,Flow,02:00:00:00:00:0b\nPUMP-12,Acme,Flow,02:00:00:00:00:0c\n\
                PUMP-13,Acme,Flow,02:00:00:00:00:0d\n";
    std::fs::write(path("hospital/inventory.csv"), rows).expect("written");
    let inventory = path("hospital");
    // Two pumps call their gateway, one its library, and a monitor its central station.
    of_calls(
        Path::new(&monday),
        &[(11, 21, 6_000), (12, 21, 6_000), (11, 22, 80), (31, 41, 2_575)],
    );
    // The third pump was never seen. Another calls a new machine, and so does the monitor.
    let calls =
        [(12, 22, 80), (13, 21, 6_000), (13, 50, 445), (12, 50, 445), (31, 50, 22), (77, 50, 22)];
    of_calls(Path::new(&today), &calls);
    let alone = observed(&[&monday, "--inventory", &inventory]);
    assert!(alone["baseline"].is_null() && new_peers(&alone).is_empty());
    std::fs::write(&json, alone.to_string()).expect("written");
    for baseline in [&json, &monday] {
        let seen = observed(&[&today, "--inventory", &inventory, "--baseline", baseline]);
        let told = |client: u8, service: &str, whose: &str| {
            let evidence = format!("it called {service} of 10.20.0.50, which {whose} never did");
            (format!("10.20.0.{client}"), "10.20.0.50".to_owned(), evidence)
        };
        let expected = [
            told(13, "tcp/445", "its model"),
            told(12, "tcp/445", "its model"),
            told(31, "tcp/22", "it"),
        ];
        assert_eq!(new_peers(&seen), expected, "{baseline}");
        let learned = &seen["baseline"];
        assert_eq!((&learned["models"], &learned["calls"]), (&1.into(), &3.into()), "{learned}");
    }
    let page = text(&run(&["observe", &today, "--baseline", &json]).stdout);
    assert!(page.contains("Held against") && page.contains("new-peer"), "{page}");
    let wrong = run(&["observe", &today, "--baseline", &path("hospital/inventory.csv")]);
    assert_eq!(wrong.status.code(), Some(2));
}

#[test]
fn an_ordinary_hospital_is_heard_whole_and_raises_no_alarm() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mix.pcap");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path).expect("a file"));
    let written = testkit::mix::write(7, 24_000_000, &mut file).expect("written");
    let seen = observed(&[path.to_str().expect("UTF-8")]);
    assert_eq!(seen["detections"], Value::Array(Vec::new()));
    assert_eq!(seen["input"]["frames"], written.frames);
    let sum = |service: &str, count: &str| -> u64 {
        let paths = seen["paths"].as_array().expect("paths").iter();
        paths
            .filter(|path| path["service"] == service)
            .filter_map(|path| path[count].as_u64())
            .sum()
    };
    for (service, count, what) in [
        ("tcp/2575", "successes", "acknowledgement"),
        ("tcp/104", "successes", "image stored"),
        ("tcp/80", "successes", "library fetched"),
        ("tcp/443", "sessions", "hello"),
        ("tcp/445", "successes", "share opened"),
        ("udp/53", "successes", "name asked"),
    ] {
        let said = written.said.get(what).copied().expect(what);
        assert!(said > 10, "{what}: {said}");
        assert_eq!(sum(service, count), said, "{what}");
    }
    for trouble in ["segments that came again with other bytes", "streams given up for room"] {
        assert_eq!(seen["input"]["counters"][trouble], 0, "{trouble}");
    }
}
