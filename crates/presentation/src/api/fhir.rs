//! Devices as HL7 FHIR R4 (4.0.1): one, a search, and what of FHIR is spoken here.
//!
//! Says of a device what its inventory says, nothing of what is judged, and nothing of a patient.
//! Refuses parameters that it does not know, instead of giving more than was asked for.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_TYPE, HOST};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use store::StoreError;
use store::database::Transaction;
use store::devices::{self, Device, Filter, Order};
use utoipa::{IntoParams, ToSchema};

use super::asked::{Asked, MOST, Named};
use super::devices::rest;
use super::problem::{Kind, Problem};
use crate::assessment;
use crate::console::Console;
use crate::console::cookies::Channel;
use crate::sign_in::base32;

/// Below which address FHIR is spoken.
pub(crate) const BASE: &str = "/api/v1/fhir";
/// The media type (FHIR R4, section 3.1.0.1.9).
pub(crate) const MEDIA: &str = "application/fhir+json";
/// Devices of a page, where nothing else is asked for.
const ROWS: usize = 50;
/// Devices whose words begin like an identifier that is searched for, at most.
const ALIKE: usize = 200;
/// How an id begins that stands for one that FHIR does not allow.
const ENCODED: &str = "b32.";
/// Longest id that FHIR allows (R4, section 2.24.0.1).
const ID: usize = 64;

/// A resource, which says itself what it is.
#[derive(Debug, ToSchema)]
#[schema(as = FhirResource)]
pub(crate) struct Resource {
    /// What it is: `Device`, `Bundle`, `CapabilityStatement`.
    #[expect(dead_code, reason = "it stands for what FHIR itself describes")]
    #[schema(rename = "resourceType")]
    resource_type: String,
}

/// What is said of errors.
pub(crate) fn outcome_schema() -> Value {
    json!({
        "type": "object",
        "description": "What is wrong (FHIR R4, OperationOutcome).",
        "required": ["resourceType", "issue"],
        "properties": {
            "resourceType": { "const": "OperationOutcome" },
            "issue": { "type": "array", "minItems": 1, "items": { "type": "object" } },
        },
    })
}

/// A problem in FHIR's words; the type of an issue by its value set.
pub(crate) fn outcome(problem: &Problem) -> Value {
    let code = match problem.kind {
        Kind::Nowhere => "not-found",
        Kind::Unknown => "login",
        Kind::Method => "not-supported",
        Kind::Late => "timeout",
        Kind::Store | Kind::SetUp | Kind::Silent => "transient",
        Kind::Fault => "exception",
        kind if kind.status().as_u16() == 403 => "forbidden",
        _ => "invalid",
    };
    json!({ "resourceType": "OperationOutcome", "issue": [issue("error", code, problem)] })
}

fn issue(severity: &str, code: &str, problem: &Problem) -> Value {
    json!({
        "severity": severity,
        "code": code,
        "details": { "text": format!("{} ({})", problem.kind.title(), problem.kind.code()) },
        "diagnostics": problem.detail,
    })
}

fn answer(resource: &Value) -> Response {
    ([(CONTENT_TYPE, MEDIA)], Body::from(resource.to_string())).into_response()
}

/// The id of a device as FHIR allows it; none where it is too long for that.
fn id_of(id: &str) -> Option<String> {
    let fits = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'.');
    let is_one = (1..=ID).contains(&id.len()) && id.bytes().all(fits) && !id.starts_with(ENCODED);
    if is_one {
        return Some(id.to_owned());
    }
    let encoded = format!("{ENCODED}{}", base32::encode(id.as_bytes()));
    Some(encoded).filter(|encoded| encoded.len() <= ID)
}

/// The id of a device, of one as FHIR allows it.
fn id_from(id: &str) -> Option<String> {
    match id.strip_prefix(ENCODED) {
        Some(encoded) => String::from_utf8(base32::decode(encoded)?).ok(),
        None => Some(id.to_owned()),
    }
}

/// What every request may say of the form of its answer.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
pub(crate) enum Format {
    /// JSON.
    #[serde(rename = "json")]
    Json,
    /// JSON, by its media type.
    #[serde(rename = "application/json")]
    JsonMedia,
    /// FHIR's own JSON.
    #[serde(rename = "application/fhir+json")]
    Fhir,
}

/// What can be asked of one device.
#[derive(Debug, Default, Clone, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ReadAsked {
    /// The form of the answer.
    #[serde(rename = "_format")]
    #[param(inline)]
    format: Option<Format>,
}

/// How many devices are asked for; more than a page holds are as many as it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "i64")]
struct Count(usize);

impl TryFrom<i64> for Count {
    type Error = String;

    fn try_from(count: i64) -> Result<Self, String> {
        let count = usize::try_from(count).map_err(|_| "expected 0 or more".to_owned())?;
        Ok(Self(count.min(usize::from(MOST))))
    }
}

/// What can be asked of a search.
#[derive(Debug, Default, Clone, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SearchAsked {
    /// With that identifier: an id, a serial number, a device identifier, an address. A token of
    /// FHIR; none of them has a system here.
    identifier: Option<String>,
    /// How many at once, 500 at most; 0 counts them.
    #[serde(rename = "_count")]
    #[param(value_type = Option<i64>, minimum = 0)]
    count: Option<Count>,
    /// Where the page begins: from the link `next` of the page before.
    cursor: Option<String>,
    /// The form of the answer.
    #[serde(rename = "_format")]
    #[param(inline)]
    format: Option<Format>,
}

pub(crate) async fn read(
    State(console): State<Arc<Console>>,
    Named(id): Named<String>,
    _: Asked<ReadAsked>,
) -> Result<Response, Problem> {
    let id = id_from(&id).ok_or_else(|| Problem::nowhere("device"))?;
    let device = console.read(move |t| devices::one(t, &id)).await?;
    let device = device.ok_or_else(|| Problem::nowhere("device"))?;
    Ok(answer(&resource(&device)?))
}

pub(crate) async fn search(
    State(console): State<Arc<Console>>,
    headers: HeaderMap,
    own: Asked<SearchAsked>,
) -> Result<Response, Problem> {
    let base = base(&console, &headers);
    let asked = own.asked.clone();
    if let Some(identifier) = asked.identifier {
        let found = console.read(move |t| identified(t, &identifier)).await?;
        let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
        let found = if asked.count == Some(Count(0)) { Vec::new() } else { found };
        let links = vec![link("self", &format!("{base}{}", own.address()))];
        return Ok(answer(&bundle(&base, links, Some(total), &found)?));
    }
    let mut links = vec![link("self", &format!("{base}{}", own.address()))];
    let size = asked.count.map_or(ROWS, |count| count.0);
    if size == 0 {
        let all = |t: &mut Transaction<'_>| devices::count(t, &Filter::default(), usize::MAX);
        let total = console.read(all).await?.number();
        return Ok(answer(&bundle(&base, links, Some(total), &[])?));
    }
    let after = own.after::<[String; 4]>(asked.cursor.as_deref())?;
    let after = after.map(|[manufacturer, model, version, id]| Device {
        id,
        manufacturer,
        model,
        version,
        ..Device::default()
    });
    let found = console.read(move |transaction| {
        devices::page(transaction, &Filter::default(), Order::Model, after.as_ref(), size)
    });
    let found = found.await?;
    if let Some(last) = found.last().filter(|_| found.len() >= size) {
        let next = own.next(&[&last.manufacturer, &last.model, &last.version, &last.id]);
        links.push(link("next", &format!("{base}{next}")));
    }
    Ok(answer(&bundle(&base, links, None, &found)?))
}

/// Devices with an identifier.
fn identified(transaction: &mut Transaction<'_>, token: &str) -> Result<Vec<Device>, StoreError> {
    let value = match token.split_once('|') {
        Some(("", value)) => value,
        // None of our identifiers has a system.
        Some(_) => return Ok(Vec::new()),
        None => token,
    };
    let filter = Filter { search: value, ..Filter::default() };
    let mut found = devices::page(transaction, &filter, Order::Model, None, ALIKE)?;
    found.retain(|device| {
        let rest = rest(device).ok();
        let any = |own: &[String]| own.iter().any(|own| own.eq_ignore_ascii_case(value));
        rest.is_some_and(|rest| {
            let one = [rest.serial.as_deref(), rest.udi_di.as_deref()];
            one.contains(&Some(value)) || any(&rest.macs) || any(&rest.ips)
        }) && device.id != value
    });
    found.extend(devices::one(transaction, value)?);
    Ok(found)
}

/// From where whoever asks reaches this server, as their request says.
fn base(console: &Console, headers: &HeaderMap) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let scheme = if console.channel == Channel::Plain { "http" } else { "https" };
    format!("{scheme}://{host}")
}

fn link(relation: &str, url: &str) -> Value {
    json!({ "relation": relation, "url": url })
}

/// A page of what was found (R4, section 2.36). No array of FHIR's is empty.
fn bundle(
    base: &str,
    links: Vec<Value>,
    total: Option<i64>,
    found: &[Device],
) -> Result<Value, Problem> {
    let entries = found.iter().map(|device| match id_of(&device.id) {
        Some(id) => Ok(json!({
            "fullUrl": format!("{base}{BASE}/Device/{id}"),
            "resource": resource(device)?,
            "search": { "mode": "match" },
        })),
        None => Ok(unsaid(device)),
    });
    let entries: Vec<Value> = entries.collect::<Result<_, Problem>>()?;
    let mut bundle = Map::new();
    bundle.insert("resourceType".to_owned(), json!("Bundle"));
    bundle.insert("type".to_owned(), json!("searchset"));
    bundle.extend(total.map(|total| ("total".to_owned(), json!(total))));
    bundle.insert("link".to_owned(), Value::Array(links));
    if !entries.is_empty() {
        bundle.insert("entry".to_owned(), Value::Array(entries));
    }
    Ok(Value::Object(bundle))
}

/// What is said in the place of a device that FHIR has no id for.
fn unsaid(device: &Device) -> Value {
    let detail = format!("`{}` has an id that is too long for FHIR.", device.id);
    let problem = Problem::new(Kind::Path, detail);
    let outcome = json!({
        "resourceType": "OperationOutcome",
        "issue": [issue("warning", "too-long", &problem)],
    });
    json!({ "resource": outcome, "search": { "mode": "outcome" } })
}

/// A device, as FHIR says it.
fn resource(device: &Device) -> Result<Value, Problem> {
    let rest = rest(device)?;
    let mut said = Map::new();
    let mut say = |name: &str, value: Option<Value>| {
        said.extend(value.map(|value| (name.to_owned(), value)));
    };
    let text = |text: &str| Some(text.trim()).filter(|text| !text.is_empty()).map(Value::from);
    let elements = ["lotNumber", "partNumber", "distinctIdentifier"];
    say("resourceType", Some(json!("Device")));
    say("id", id_of(&device.id).map(Value::from));
    let (contained, location) = place(device);
    say("contained", Some(contained).filter(|all| !all.is_empty()).map(Value::Array));
    say("identifier", Some(Value::Array(identifiers(device, &rest))));
    let carrier = rest.udi_di.as_deref().and_then(text);
    say("udiCarrier", carrier.map(|di| json!([{ "deviceIdentifier": di }])));
    say("status", Some(json!(status(device.in_use))));
    for name in elements {
        let own = rest.other.iter().find(|(own, _)| own == name);
        say(name, own.and_then(|(_, value)| text(value)));
    }
    say("manufacturer", text(&device.manufacturer));
    say("serialNumber", rest.serial.as_deref().and_then(text));
    let model = text(&device.model);
    say("deviceName", model.map(|name| json!([{ "name": name, "type": "model-name" }])));
    let version = text(&device.version);
    let kind = json!({ "text": "software" });
    say("version", version.map(|value| json!([{ "type": kind, "value": value }])));
    let properties = properties(device, &rest, &elements);
    say("property", Some(properties).filter(|all| !all.is_empty()).map(Value::Array));
    say("owner", rest.owner.as_deref().and_then(text).map(|name| json!({ "display": name })));
    say("location", location);
    Ok(Value::Object(said))
}

fn status(in_use: Option<bool>) -> &'static str {
    match in_use {
        Some(true) => "active",
        Some(false) => "inactive",
        None => "unknown",
    }
}

fn identifiers(device: &Device, rest: &assessment::Device) -> Vec<Value> {
    let of = |kind: &str, value: &str| json!({ "type": { "text": kind }, "value": value });
    let mut all = vec![of("inventory number", &device.id)];
    all.extend(rest.macs.iter().map(|mac| of("MAC address", mac)));
    all.extend(rest.ips.iter().map(|ip| of("IP address", ip)));
    all
}

/// Room in unit in site, as locations within the device, and the innermost of them.
fn place(device: &Device) -> (Vec<Value>, Option<Value>) {
    let levels =
        [("room", "ro", &device.room), ("unit", "wa", &device.unit), ("site", "si", &device.site)];
    let levels: Vec<_> = levels.into_iter().filter(|(.., name)| !name.trim().is_empty()).collect();
    let refer = |id: &str| json!({ "reference": format!("#{id}") });
    let outer = levels.iter().skip(1).map(|(id, ..)| Some(*id)).chain([None]);
    let locations = levels.iter().zip(outer).map(|((id, code, name), outer)| {
        let mut location = json!({
            "resourceType": "Location",
            "id": id,
            "name": name,
            "physicalType": { "coding": [{
                "system": "http://terminology.hl7.org/CodeSystem/location-physical-type",
                "code": code,
            }] },
        });
        if let (Some(outer), Some(own)) = (outer, location.as_object_mut()) {
            own.insert("partOf".to_owned(), refer(outer));
        }
        location
    });
    (locations.collect(), levels.first().map(|(id, ..)| refer(id)))
}

/// What FHIR has no element for, in the words of an inventory's columns.
fn properties(device: &Device, rest: &assessment::Device, elements: &[&str]) -> Vec<Value> {
    let substitutes = rest.substitutes.map(|count| count.to_string());
    let own = [
        ("operating system", rest.operating_system.as_deref()),
        ("care service", Some(device.care_service.as_str())),
        ("criticality", rest.criticality.as_deref()),
        ("substitutes", substitutes.as_deref()),
        ("end of support", device.end_of_support.as_deref()),
    ];
    let own = own.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let other = rest.other.iter().filter(|(name, _)| !elements.contains(&name.as_str()));
    let other =
        other.map(|(name, value)| (name.strip_prefix("property ").unwrap_or(name), value.as_str()));
    let all = own
        .chain(other)
        .filter(|(name, value)| !name.trim().is_empty() && !value.trim().is_empty());
    all.map(|(name, value)| json!({ "type": { "text": name }, "valueCode": [{ "text": value }] }))
        .collect()
}

/// What of FHIR is spoken here (R4, `CapabilityStatement`).
pub(crate) async fn metadata(
    State(console): State<Arc<Console>>,
    headers: HeaderMap,
    _: Asked<ReadAsked>,
) -> Response {
    let interactions = ["read", "search-type"].map(|code| json!({ "code": code }));
    answer(&json!({
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-11-30",
        "kind": "instance",
        "software": { "name": "Asepsis", "version": env!("CARGO_PKG_VERSION") },
        "implementation": {
            "description": "Devices of the hospital's inventory, to be read.",
            "url": format!("{}{BASE}", base(&console, &headers)),
        },
        "fhirVersion": "4.0.1",
        "format": [MEDIA, "json"],
        "rest": [{
            "mode": "server",
            "security": { "description": "A token with the scope `read`, as Authorization: Bearer." },
            "resource": [{
                "type": "Device",
                "interaction": interactions,
                "versioning": "no-version",
                "searchParam": [{ "name": "identifier", "type": "token" }],
            }],
        }],
    }))
}

#[cfg(test)]
mod tests {
    use super::{ID, id_from, id_of};

    #[test]
    fn an_id_that_fhir_does_not_allow_is_one_that_it_does_and_comes_back() {
        for id in ["SB-ICU-01", "Pumpe 1/ä", "b32.x", "a_b", "", "ward 3, bed 12, left of the door"]
        {
            let said = id_of(id).expect(id);
            let fits = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'.');
            assert!(said.len() <= ID && said.bytes().all(fits) && !said.is_empty(), "{said}");
            assert_eq!(id_from(&said).as_deref(), Some(id));
        }
        assert_eq!(id_of("SB-ICU-01").as_deref(), Some("SB-ICU-01"));
        assert_eq!(id_of(&"ä".repeat(40)), None);
    }
}
