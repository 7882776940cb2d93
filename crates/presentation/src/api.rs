//! The API: what the console knows, for programs; and the documents and intents that they bring.
//!
//! Its routes stand in the same table as the pages and behind the same guard; the description
//! (OpenAPI 3.1) is made from them and from the types that they answer with. Refuses to decide, and
//! to answer an error in any other form than as a problem.

pub(crate) mod answer;
mod asked;
mod cursor;
mod decisions;
mod devices;
mod documents;
pub(crate) mod fhir;
pub(crate) mod health;
mod history;
mod me;
pub(crate) mod meter;
mod metrics;
mod once;
pub mod openapi;
pub(crate) mod operation;
mod orders;
pub mod problem;
mod releases;
pub(crate) mod uploads;
mod vulnerabilities;

use axum::http::StatusCode;
use serde_json::{Value, json};

use self::operation::Operation;
use self::problem::Kind;
use crate::console::access::Needs::{Nothing, Session};
use crate::console::access::Route;
use crate::console::events;
use crate::orders::SeenOrder;
use crate::planned::SeenPlan;
use crate::sign_in::rights::Right::{
    AnswerOrder, BreakGlass, ConfirmSubstitute, Export, JudgeFindings, LiftOrder, RenewOrder,
    RequestOrder, SeeAudit, SeeDevices, SeeOrders, UploadDocuments,
};

const OK: StatusCode = StatusCode::OK;

/// Every route of the API, with what it asks of whoever calls.
pub(crate) fn routes() -> Vec<Route> {
    let all = [
        of_devices(),
        of_what_is_known(),
        of_documents(),
        of_decisions(),
        of_orders(),
        of_people(),
        of_fhir(),
        of_the_program(),
    ];
    let mut routes: Vec<Route> = all.into_iter().flatten().collect();
    for route in &mut routes {
        let needs = route.needs;
        let Some(operation) = &mut route.operation else { continue };
        if needs != Nothing {
            operation.kinds.extend(openapi::ANY);
        }
        operation.kinds.insert(Kind::Fault);
    }
    routes
}

fn said(id: &'static str, summary: &'static str) -> Operation {
    Operation::new(id, summary)
}

/// What answers about one thing, which may not be there.
fn one(id: &'static str, summary: &'static str) -> Operation {
    said(id, summary).may([Kind::Nowhere, Kind::Path])
}

fn of_devices() -> Vec<Route> {
    use self::devices::{self, Device, DeviceFinding, ListAsked, PageAsked, Whole};
    vec![
        Route::get("/api/v1/devices", SeeDevices, devices::list).api(
            said("listDevices", "Devices, filtered and in order")
                .pages::<ListAsked>()
                .lists::<Device>(),
        ),
        Route::get("/api/v1/devices/{id}", SeeDevices, devices::show)
            .api(one("getDevice", "A device, with all that is known of it").answers::<Whole>(OK)),
        Route::get("/api/v1/devices/{id}/findings", SeeDevices, devices::findings).api(
            one(
                "listDeviceFindings",
                "The open findings of a device, the worst first, with reasons",
            )
            .pages::<PageAsked>()
            .lists::<DeviceFinding>(),
        ),
        Route::get("/api/v1/devices/{id}/findings/{place}", SeeDevices, devices::finding).api(
            one("getDeviceFinding", "One finding of a device, by its place in its release")
                .answers::<DeviceFinding>(OK),
        ),
        Route::get("/api/v1/devices/{id}/changes", SeeDevices, history::of_device).api(
            one("listDeviceChanges", "What changed of a device, the last first")
                .pages::<PageAsked>()
                .lists::<history::Changed>(),
        ),
    ]
}

fn of_what_is_known() -> Vec<Route> {
    use self::devices::{Device, PageAsked};
    use self::releases::{FindingsAsked, ListedRelease, Part, ReleaseFinding, ReleasesAsked};
    use self::vulnerabilities::{ListedVulnerability, VulnerabilitiesAsked};
    vec![
        Route::get("/api/v1/releases", SeeDevices, releases::list).api(
            said("listReleases", "Models at their versions")
                .pages::<ReleasesAsked>()
                .lists::<ListedRelease>(),
        ),
        Route::get("/api/v1/releases/{id}", SeeDevices, releases::show)
            .api(one("getRelease", "A release").answers::<releases::Whole>(OK)),
        Route::get("/api/v1/releases/{id}/components", SeeDevices, releases::components).api(
            one("listComponents", "What a release is made of").pages::<PageAsked>().lists::<Part>(),
        ),
        Route::get("/api/v1/releases/{id}/findings", SeeDevices, releases::findings).api(
            one("listReleaseFindings", "What is known of a release, with reasons")
                .pages::<FindingsAsked>()
                .lists::<ReleaseFinding>(),
        ),
        Route::get("/api/v1/vulnerabilities", SeeDevices, vulnerabilities::list).api(
            said("listVulnerabilities", "Vulnerabilities, the gravest first")
                .pages::<VulnerabilitiesAsked>()
                .lists::<ListedVulnerability>(),
        ),
        Route::get("/api/v1/vulnerabilities/{id}", SeeDevices, vulnerabilities::show).api(
            one("getVulnerability", "A vulnerability, and what it means for releases")
                .answers::<vulnerabilities::Whole>(OK),
        ),
        Route::get("/api/v1/vulnerabilities/{id}/devices", SeeDevices, vulnerabilities::devices)
            .api(
                one("listVulnerableDevices", "Devices with an open finding of a vulnerability")
                    .pages::<PageAsked>()
                    .lists::<Device>(),
            ),
        Route::get("/api/v1/changes", SeeDevices, history::changes).api(
            said("listChanges", "What changed from one judgement to the next, the last first")
                .pages::<PageAsked>()
                .lists::<history::Changed>(),
        ),
        Route::get("/api/v1/audit", SeeAudit, history::chain).api(
            said("listAudit", "The audit chain, the last row first")
                .pages::<PageAsked>()
                .lists::<history::AuditEntry>(),
        ),
        Route::get("/api/v1/search", SeeDevices, me::search).api(
            said("search", "The first of everything whose words begin so")
                .asks::<me::SearchAsked>()
                .answers::<me::Found>(OK),
        ),
    ]
}

fn of_documents() -> Vec<Route> {
    use self::documents::{self, Document, Whole};
    const CONTENT: &str = "/api/v1/documents/{name}/content";
    let bytes = || json!({ "type": "string", "format": "binary" });
    vec![
        Route::get("/api/v1/documents", SeeDevices, documents::list).api(
            said("listDocuments", "Documents that count, by name")
                .pages::<devices::PageAsked>()
                .lists::<Document>(),
        ),
        Route::get("/api/v1/documents/{name}", SeeDevices, documents::show)
            .api(one("getDocument", "A document, and what was read of it").answers::<Whole>(OK)),
        Route::get(CONTENT, Export, documents::content).api(
            one("getDocumentContent", "The bytes of a document, as they were received")
                .answers_with(OK, "application/octet-stream", bytes()),
        ),
        Route::put(CONTENT, UploadDocuments, uploads::put).within(uploads::PATIENCE).api(
            said("putDocument", "Take in a document under a name; it is judged at once")
                .takes_bytes()
                .heeds(
                    "If-Match",
                    "Only where the document is the one of that tag, as the ETag of its content \
                     says it; `*` for any that is there.",
                )
                .heeds("If-None-Match", "`*`: only where no document has that name.")
                .answers::<Document>(StatusCode::CREATED)
                .answers::<Document>(OK)
                .may([Kind::Path, Kind::DocumentName, Kind::DocumentWatched, Kind::Foreign])
                .may([Kind::Body, Kind::Header, Kind::DocumentChanged]),
        ),
        Route::delete("/api/v1/documents/{name}", UploadDocuments, uploads::delete).api(
            one("withdrawDocument", "Take a document away: what it told no longer counts")
                .answers_with(StatusCode::NO_CONTENT, "", Value::Null)
                .may([Kind::DocumentWatched, Kind::Foreign]),
        ),
        Route::post("/api/v1/documents/{name}/restore", UploadDocuments, uploads::restore).api(
            one("restoreDocument", "Put a document back that was taken away")
                .answers::<Document>(OK)
                .may([Kind::Foreign]),
        ),
    ]
}

/// The form of an Idempotency-Key.
fn key() -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" })
}

fn of_decisions() -> Vec<Route> {
    use self::decisions::{Decided, Wanted};
    vec![
        Route::get("/api/v1/decisions", SeeDevices, decisions::list).api(
            said("listDecisions", "What was decided about findings, the last first")
                .pages::<devices::PageAsked>()
                .lists::<Decided>(),
        ),
        Route::post("/api/v1/decisions", JudgeFindings, decisions::make).api(
            said("decide", "Decide about findings, once for each Idempotency-Key")
                .header(
                    "Idempotency-Key",
                    "New for each decision; the same when it is sent again. Kept for 24 hours.",
                    key(),
                )
                .takes::<Wanted>()
                .answers::<Decided>(StatusCode::CREATED)
                .may([Kind::Header, Kind::KeyMissing, Kind::KeyReused, Kind::KeyInUse])
                .may([Kind::KeyBroken, Kind::Foreign]),
        ),
        Route::get("/api/v1/decisions/{id}", SeeDevices, decisions::show)
            .api(one("getDecision", "A decision, and what it bears on").answers::<Decided>(OK)),
        Route::delete("/api/v1/decisions/{id}", JudgeFindings, decisions::undo).api(
            one("undoDecision", "Take a decision back: what it was about is as it was before")
                .answers_with(StatusCode::NO_CONTENT, "", Value::Null)
                .may([Kind::DocumentWatched, Kind::Foreign]),
        ),
    ]
}

fn of_orders() -> Vec<Route> {
    vec![
        Route::get("/api/v1/orders", SeeOrders, orders::list).api(
            said("listOrders", "Orders of containment, the last first")
                .asks::<orders::OrdersAsked>()
                .answers::<orders::Orders>(OK),
        ),
        Route::post("/api/v1/orders", RequestOrder, orders::request).api(
            said("requestOrder", "Ask for a containment, once for each Idempotency-Key")
                .header(
                    "Idempotency-Key",
                    "New for each order; the same when it is sent again. Kept for 24 hours.",
                    key(),
                )
                .takes::<orders::Wanted>()
                .answers::<SeenOrder>(StatusCode::CREATED)
                .may([Kind::Header, Kind::KeyMissing, Kind::KeyReused, Kind::KeyInUse])
                .may([Kind::KeyBroken, Kind::Foreign])
                .may(REFUSED),
        ),
        Route::get("/api/v1/orders/{order}", SeeOrders, orders::show)
            .api(one("getOrder", "An order, with every step").answers::<SeenOrder>(OK)),
        Route::get("/api/v1/devices/{id}/plan", SeeOrders, orders::think).api(
            one("planContainment", "What cutting off a device would do. Nothing is done")
                .asks::<orders::PlanAsked>()
                .answers::<SeenPlan>(OK)
                .may(REFUSED),
        ),
        Route::get("/api/v1/detections", SeeDevices, orders::detections).api(
            said("listDetections", "What was detected on the network, the last first")
                .answers::<orders::Detections>(OK),
        ),
    ]
}

/// What the agent may say.
const REFUSED: [Kind; 3] = [Kind::NotUnderstood, Kind::Refused, Kind::Silent];

/// What only people do: no scope of a token gives these rights.
fn of_people() -> Vec<Route> {
    use self::orders::{Because, More, Yes};
    let of = |id, summary| {
        let fresh = [Kind::Foreign, Kind::ConfirmAnew];
        one(id, summary).answers::<SeenOrder>(OK).may(fresh).may(REFUSED)
    };
    vec![
        Route::post("/api/v1/orders/{order}/approve", AnswerOrder, orders::approve)
            .api(of("approveOrder", "Say yes").takes::<Yes>()),
        Route::post("/api/v1/orders/{order}/refuse", AnswerOrder, orders::refuse)
            .api(of("refuseOrder", "Say no").takes::<Because>()),
        Route::post(
            "/api/v1/orders/{order}/confirm-substitute",
            ConfirmSubstitute,
            orders::confirm_substitute,
        )
        .api(
            of("confirmSubstitute", "Confirm at the bedside that a substitute is running")
                .takes::<Yes>(),
        ),
        Route::post("/api/v1/orders/{order}/renew", RenewOrder, orders::renew)
            .api(of("renewOrder", "Give an order more time").takes::<More>()),
        Route::post("/api/v1/orders/{order}/lift", LiftOrder, orders::lift)
            .api(of("liftOrder", "End an order").takes::<Because>()),
        Route::post("/api/v1/devices/{id}/break-glass", BreakGlass, orders::break_glass)
            .api(of("breakGlass", "Connect a device again at once").takes::<Because>()),
    ]
}

fn of_fhir() -> Vec<Route> {
    use self::fhir::{MEDIA, ReadAsked, Resource, SearchAsked};
    vec![
        Route::get("/api/v1/fhir/metadata", Nothing, fhir::metadata).fhir(
            said("fhirMetadata", "What of FHIR R4 is spoken here")
                .asks::<ReadAsked>()
                .answers_as::<Resource>(OK, MEDIA),
        ),
        Route::get("/api/v1/fhir/Device", SeeDevices, fhir::search).fhir(
            said("fhirSearchDevices", "Devices as a Bundle of FHIR R4")
                .pages::<SearchAsked>()
                .answers_as::<Resource>(OK, MEDIA),
        ),
        Route::get("/api/v1/fhir/Device/{id}", SeeDevices, fhir::read).fhir(
            one("fhirReadDevice", "A device as FHIR R4")
                .asks::<ReadAsked>()
                .answers_as::<Resource>(OK, MEDIA),
        ),
    ]
}

fn of_the_program() -> Vec<Route> {
    let text = || json!({ "type": "string" });
    vec![
        Route::get("/api/v1/me", Session, me::show)
            .api(said("getMe", "Who calls, and what they may").answers::<me::Me>(OK)),
        Route::get("/api/v1/events", SeeDevices, events::stream).api(
            said("events", "What changes, as it changes (server-sent events)").answers_with(
                OK,
                "text/event-stream",
                text(),
            ),
        ),
        Route::get("/api/v1/problems", Nothing, problem::catalogue)
            .api(said("listProblems", "Every kind of problem").answers::<problem::Catalogue>(OK)),
        Route::get(openapi::PATH, Nothing, openapi::show).api(
            said("openapi", "This description").answers_with(
                OK,
                "application/json",
                json!({ "type": "object" }),
            ),
        ),
        Route::get("/health/live", Nothing, health::live)
            .api(said("live", "Whether the program lives").answers::<health::Alive>(OK)),
        Route::get("/health/ready", Nothing, health::ready).api(
            said("ready", "Whether the program can serve")
                .answers::<health::Health>(OK)
                .answers::<health::Health>(StatusCode::SERVICE_UNAVAILABLE),
        ),
        Route::get("/metrics", SeeDevices, metrics::show).api(
            said("metrics", "Numbers for whoever watches the console (OpenMetrics)").answers_with(
                OK,
                metrics::MEDIA,
                text(),
            ),
        ),
    ]
}

#[cfg(test)]
mod tests;
