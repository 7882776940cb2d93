//! The Open Cybersecurity Schema Framework, version 1.5.0: detections as Detection Finding (2004),
//! vulnerabilities as Vulnerability Finding (2002), steps of orders as Remediation Activity (7001),
//! all else as Base Event (0).
//!
//! Refuses attributes that the schema does not have.

use serde_json::{Map, Value, json};
use store::alerts::Alert;

use super::{Fact, PRODUCT, VERSION, severity};

/// The version of the schema.
pub const SCHEMA: &str = "1.5.0";

/// A class: its category, its number within that, its name, and the activity with its name.
struct Class {
    category: (i64, &'static str),
    number: i64,
    name: &'static str,
    activity: (i64, &'static str),
}

/// An alert as an event.
#[must_use]
pub fn write(alert: &Alert, fact: &Fact) -> Value {
    let class = class(fact);
    let (category, category_name) = class.category;
    let uid = if class.number == 0 { 0 } else { category * 1_000 + class.number };
    let (activity, activity_name) = class.activity;
    let mut event = json!({
        "category_uid": category,
        "category_name": category_name,
        "class_uid": uid,
        "class_name": class.name,
        "activity_id": activity,
        "activity_name": activity_name,
        "type_uid": uid * 100 + activity,
        "type_name": format!("{}: {activity_name}", class.name),
        "time": alert.at_ms,
        "severity_id": alert.severity,
        "severity": capital(severity(alert.severity)),
        "message": fact.sentence,
        "metadata": {
            "version": SCHEMA,
            "uid": alert.id,
            "event_code": fact.kind,
            "product": { "name": PRODUCT, "vendor_name": PRODUCT, "version": VERSION },
        },
    });
    if let Some(event) = event.as_object_mut() {
        match alert.topic.as_str() {
            "detection" => detection(event, alert, fact),
            "finding" => finding(event, alert, fact),
            "order" => order(event, fact),
            _ => {}
        }
    }
    event
}

fn class(fact: &Fact) -> Class {
    const FINDINGS: (i64, &str) = (2, "Findings");
    const CREATE: (i64, &str) = (1, "Create");
    match fact.kind.as_str() {
        "detection" => {
            Class { category: FINDINGS, number: 4, name: "Detection Finding", activity: CREATE }
        }
        "finding.act" => {
            Class { category: FINDINGS, number: 2, name: "Vulnerability Finding", activity: CREATE }
        }
        kind if kind.starts_with("order.") => {
            let is_freed = matches!(kind, "order.lifted" | "order.broken-glass" | "order.expired");
            let activity = if is_freed { (3, "Restore") } else { (1, "Isolate") };
            let category = (7, "Remediation");
            Class { category, number: 1, name: "Remediation Activity", activity }
        }
        _ => Class {
            category: (0, "Uncategorized"),
            number: 0,
            name: "Base Event",
            activity: (99, "Other"),
        },
    }
}

fn detection(event: &mut Map<String, Value>, alert: &Alert, fact: &Fact) {
    event.insert("is_alert".to_owned(), true.into());
    event.insert("status_id".to_owned(), 1.into());
    event.insert("status".to_owned(), "New".into());
    event.insert(
        "finding_info".to_owned(),
        json!({
            "uid": alert.id,
            "title": fact.sentence,
            "created_time": alert.at_ms,
            "analytic": { "type_id": 2, "type": "Behavioral", "uid": fact.rule, "name": fact.rule },
            "attacks": [{ "technique": { "uid": fact.technique } }],
        }),
    );
    event.insert("resources".to_owned(), resources(&fact.device));
    let mut evidence = Map::new();
    evidence.insert("src_endpoint".to_owned(), json!({ "ip": fact.source, "uid": fact.device }));
    if let Some(target) = fact.targets.first() {
        let mut to = json!({ "ip": target });
        let port = fact.service.split_once('/').and_then(|(_, port)| port.parse::<u16>().ok());
        if let (Some(port), Some(to)) = (port, to.as_object_mut()) {
            to.insert("port".to_owned(), port.into());
        }
        evidence.insert("dst_endpoint".to_owned(), to);
    }
    event.insert("evidences".to_owned(), json!([evidence]));
}

fn finding(event: &mut Map<String, Value>, alert: &Alert, fact: &Fact) {
    event.insert("status_id".to_owned(), 1.into());
    event.insert("status".to_owned(), "New".into());
    let info = json!({ "uid": alert.id, "title": fact.sentence, "created_time": alert.at_ms });
    event.insert("finding_info".to_owned(), info);
    let name = if fact.vulnerability.starts_with("CVE-") { "cve" } else { "advisory" };
    event.insert("vulnerabilities".to_owned(), json!([{ name: { "uid": fact.vulnerability } }]));
}

fn order(event: &mut Map<String, Value>, fact: &Fact) {
    let number = fact.order.unwrap_or_default();
    event.insert("command_uid".to_owned(), format!("order-{number}").into());
    let (id, status) = match fact.kind.as_str() {
        "order.failed" | "order.drifted" => (2, "Failure"),
        "order.verified" | "order.lifted" | "order.broken-glass" | "order.expired" => {
            (1, "Success")
        }
        kind => (99, kind.strip_prefix("order.").unwrap_or(kind)),
    };
    event.insert("status_id".to_owned(), id.into());
    event.insert("status".to_owned(), status.into());
    event.insert("remediation".to_owned(), json!({ "desc": fact.sentence }));
    // The class has no place for a device and a person.
    let unmapped = json!({ "device": fact.device, "actor": fact.actor });
    event.insert("unmapped".to_owned(), unmapped);
}

fn resources(device: &str) -> Value {
    json!([{ "uid": device, "name": device, "type": "Medical device" }])
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
