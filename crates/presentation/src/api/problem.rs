//! What is wrong with a request, told to a program (RFC 9457): one catalogue, each kind with a code
//! that stays.
//!
//! Refuses to answer an error in any other form, whoever finds it: the guard, a reader of the
//! request, a handler, or a fault of ours.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use store::StoreError;
use utoipa::ToSchema;

use super::fhir;
use crate::console::Console;
use crate::console::access::{self, Face, Stop};
use crate::console::page::{self, Wrong};
use crate::intent;
use crate::sign_in::rights::Refused;

/// The media type of a problem.
pub(crate) const MEDIA: &str = "application/problem+json";
/// Where a program finds the catalogue.
pub(crate) const CATALOGUE: &str = "/api/v1/problems";

/// The catalogue, one kind a line.
macro_rules! kinds {
    ($($name:ident $status:ident $code:literal $title:literal $hint:literal;)*) => {
        /// What can be wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Kind {
            $(#[doc = $title] $name),*
        }

        impl Kind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its code, which stays.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// The status that it is told with (RFC 9110).
            pub fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status),* }
            }

            /// In a few words.
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title),* }
            }

            /// What to do.
            pub fn hint(self) -> &'static str {
                match self { $(Self::$name => $hint),* }
            }
        }
    };
}

kinds! {
    Query BAD_REQUEST "request.query" "A query parameter is not understood" "The detail names it, and the ones that are known.";
    Cursor BAD_REQUEST "request.cursor" "The cursor is not of this list" "Take `next` of a page as it is, with the same filters; or begin without a cursor.";
    Path BAD_REQUEST "request.path" "The address is not understood" "Encode each part of it (RFC 3986, section 2.1).";
    Header BAD_REQUEST "request.header" "A header is not understood" "The detail names it.";
    Body BAD_REQUEST "request.body" "The body is no JSON" "Send one JSON value.";
    Value UNPROCESSABLE_ENTITY "request.value" "The body is not what is asked for" "The detail names the field.";
    MediaType UNSUPPORTED_MEDIA_TYPE "request.media-type" "The body has another media type" "Send `application/json`.";
    TooLarge PAYLOAD_TOO_LARGE "request.too-large" "The body is too large" "The detail names the limit.";
    Late REQUEST_TIMEOUT "request.timeout" "It took too long" "Look whether it was done before you send it again.";
    Nowhere NOT_FOUND "not-found" "There is no such thing" "It may have left the inventory, or the address may be misspelt.";
    Method METHOD_NOT_ALLOWED "method" "That can't be done here" "The header Allow names what can.";
    Unknown UNAUTHORIZED "sign-in.needed" "Nobody is known" "Send a token (Authorization: Bearer), or sign in.";
    SecondFactor FORBIDDEN "rights.second-factor" "The second factor was not given" "Give it in the console.";
    Password FORBIDDEN "rights.password" "The password is known to somebody else" "Choose one of your own in the console.";
    NotYours FORBIDDEN "rights.not-yours" "None of your duties allows that" "Whoever keeps the people can change what you are there for.";
    ConfirmAnew FORBIDDEN "rights.confirm-anew" "It has to be shown anew that it is you" "Confirm it in the console, at /confirm.";
    Scope FORBIDDEN "rights.scope" "None of the token's scopes allows that" "Make a token with the scope that the description names.";
    Foreign FORBIDDEN "sign-in.foreign" "It does not come from a page of the console" "With a session, send what the page's forms carry in the header X-Form.";
    SetUp SERVICE_UNAVAILABLE "set-up.needed" "Nobody has been made an administrator yet" "Open /setup in a browser.";
    DocumentName UNPROCESSABLE_ENTITY "document.name" "A document can't be called that" "The detail says why.";
    DocumentWatched CONFLICT "document.watched" "The document lies in a folder that is watched" "Change it there.";
    DocumentChanged PRECONDITION_FAILED "document.changed" "The document is another than you say" "Read it anew, and decide whether yours is to take its place.";
    KeyMissing BAD_REQUEST "idempotency.key-missing" "The header Idempotency-Key is missing" "Send one that is new for each order, and the same when you send it again.";
    KeyReused UNPROCESSABLE_ENTITY "idempotency.key-reused" "The Idempotency-Key was used for another request" "Use a new one.";
    KeyInUse CONFLICT "idempotency.in-progress" "The first request with this Idempotency-Key is not answered yet" "Wait, then send it again.";
    KeyBroken CONFLICT "idempotency.outcome-unknown" "The first request with this Idempotency-Key was broken off" "Look at the orders whether it was carried out, then use a new one.";
    NotUnderstood UNPROCESSABLE_ENTITY "agent.not-understood" "The agent does not take that" "The detail says why.";
    Refused CONFLICT "containment.refused" "The rules of containment say no" "The code in `refusal` says which (docs/reference/codes.md).";
    Silent SERVICE_UNAVAILABLE "agent.silent" "The agent does not answer" "Devices that are held stay held without it.";
    Store SERVICE_UNAVAILABLE "store.failed" "The store does not answer" "What stands in it is safe. Devices that are held stay held without it.";
    Fault INTERNAL_SERVER_ERROR "fault" "A fault of ours" "Nothing was lost. Devices that are held stay held.";
}

/// A problem of one request.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    pub(crate) kind: Kind,
    /// What is wrong with this request.
    pub(crate) detail: String,
    /// The code of the rule that says no.
    refusal: Option<String>,
}

/// A problem, as a program gets it (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Told<'p> {
    /// Its kind, as a reference to the catalogue at `/api/v1/problems`.
    #[serde(rename = "type")]
    kind: String,
    /// The kind, in a few words.
    title: &'static str,
    /// The status of the answer.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What is wrong with this request.
    detail: &'p str,
    /// The code of its kind.
    code: &'static str,
    /// The code of the rule of containment that says no.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    refusal: Option<&'p str>,
}

impl Problem {
    pub(crate) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), refusal: None }
    }

    /// One that needs no more words than its kind.
    pub(crate) fn of(kind: Kind) -> Self {
        Self::new(kind, kind.hint())
    }

    /// There is no such thing.
    pub(crate) fn nowhere(what: &str) -> Self {
        Self::new(Kind::Nowhere, format!("There is no such {what}."))
    }

    pub(crate) fn told(&self) -> Told<'_> {
        let code = self.kind.code();
        Told {
            kind: format!("{CATALOGUE}#{code}"),
            title: self.kind.title(),
            status: self.kind.status().as_u16(),
            detail: &self.detail,
            code,
            refusal: self.refusal.as_deref(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self.told()).unwrap_or_default();
        let mut response = (self.kind.status(), [(CONTENT_TYPE, MEDIA)], body).into_response();
        if let Some((name, value)) = header(self.kind) {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// What a kind of problem says in a header beside its status (RFC 9110).
fn header(kind: Kind) -> Option<(HeaderName, &'static str)> {
    match kind {
        Kind::Unknown => Some((WWW_AUTHENTICATE, "Bearer realm=\"asepsis\"")),
        Kind::Scope => Some((WWW_AUTHENTICATE, "Bearer error=\"insufficient_scope\"")),
        _ => None,
    }
}

/// The same answer as FHIR tells it, where it is a problem (R4, `OperationOutcome`).
pub(crate) fn as_outcome(mut response: Response) -> Response {
    let Some(problem) = response.extensions_mut().remove::<Problem>() else { return response };
    let body = serde_json::to_vec(&fhir::outcome(&problem)).unwrap_or_default();
    *response.body_mut() = Body::from(body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(fhir::MEDIA));
    response
}

impl From<Stop> for Problem {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::SetUp => Self::of(Kind::SetUp),
            Stop::SignIn => Self::of(Kind::Unknown),
            Stop::Refused(refused) => Self::of(kind_of(refused)),
            Stop::Waiting => Self::of(kind_of(Refused::NotYours)),
            Stop::Wrong(wrong) => wrong.into(),
            Stop::TooLong => Self::of(Kind::TooLarge),
            Stop::Late => Self::of(Kind::Late),
            Stop::Fault => Self::of(Kind::Fault),
        }
    }
}

/// The kind that tells of a refusal of the table of rights, under the same code.
pub(crate) fn kind_of(refused: Refused) -> Kind {
    match refused {
        Refused::SecondFactor => Kind::SecondFactor,
        Refused::Password => Kind::Password,
        Refused::NotYours => Kind::NotYours,
        Refused::ConfirmAnew => Kind::ConfirmAnew,
        Refused::Scope => Kind::Scope,
    }
}

impl From<Wrong> for Problem {
    fn from(wrong: Wrong) -> Self {
        match wrong {
            Wrong::Nowhere(what) => Self::nowhere(what),
            Wrong::Store(error) => error.into(),
            Wrong::NotAllowed(refused) => Self::of(kind_of(refused)),
            Wrong::Foreign => Self::of(Kind::Foreign),
            Wrong::Typed(why) => Self::new(Kind::Value, why),
            Wrong::Refused(intent::Refused::Rules { code, sentence }) => {
                Self { refusal: Some(code), ..Self::new(Kind::Refused, sentence) }
            }
            Wrong::Refused(intent::Refused::Wrong(why)) => Self::new(Kind::NotUnderstood, why),
            Wrong::Refused(intent::Refused::Silent(why)) => Self::new(Kind::Silent, why),
            Wrong::Fault => Self::of(Kind::Fault),
        }
    }
}

/// What the database says may tell of the machine, and is not for everybody.
impl From<StoreError> for Problem {
    fn from(_: StoreError) -> Self {
        Self::of(Kind::Store)
    }
}

/// What programs ask for.
pub(crate) fn is_for_programs(path: &str) -> bool {
    ["/api", "/health", "/metrics"].iter().any(|start| {
        path.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// Where nothing is.
pub(crate) async fn nowhere(
    State(console): State<Arc<Console>>,
    request: Request<Body>,
) -> Response {
    let path = request.uri().path();
    if !is_for_programs(path) {
        let text = access::language(&console, Face::Page, request.headers());
        return page::nowhere().page(text);
    }
    in_its_form(path, Problem::nowhere("address"))
}

/// Where something is, and can't be done.
pub(crate) async fn no_method(request: Request<Body>) -> Response {
    let path = request.uri().path();
    if !is_for_programs(path) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let method = request.method();
    in_its_form(path, Problem::new(Kind::Method, format!("{method} can't be done here.")))
}

fn in_its_form(path: &str, problem: Problem) -> Response {
    let response = problem.into_response();
    if path.starts_with(fhir::BASE) { as_outcome(response) } else { response }
}

/// A kind of problem, as the catalogue lists it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListedKind {
    /// Its code.
    code: &'static str,
    /// The status that it is told with.
    status: u16,
    /// In a few words.
    title: &'static str,
    /// What to do.
    hint: &'static str,
}

/// Every kind of problem.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Catalogue {
    problems: Vec<ListedKind>,
}

/// Answers with the catalogue.
pub(crate) async fn catalogue() -> Json<Catalogue> {
    let listed = |kind: &Kind| ListedKind {
        code: kind.code(),
        status: kind.status().as_u16(),
        title: kind.title(),
        hint: kind.hint(),
    };
    Json(Catalogue { problems: Kind::ALL.iter().map(listed).collect() })
}

#[cfg(test)]
mod tests {
    use super::{Kind, is_for_programs, kind_of};
    use crate::sign_in::rights::Refused;

    #[test]
    fn no_two_kinds_share_a_code_and_rights_keep_theirs() {
        let mut codes: Vec<&str> = Kind::ALL.iter().map(|kind| kind.code()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Kind::ALL.len());
        for refused in Refused::ALL {
            assert_eq!(kind_of(refused).code(), refused.code());
        }
    }

    #[test]
    fn programs_ask_below_their_own_addresses_only() {
        assert!(["/api", "/api/v1/x", "/metrics", "/health/x"].into_iter().all(is_for_programs));
        assert!(!["/", "/apiary", "/metricsx", "/devices"].into_iter().any(is_for_programs));
    }
}
