//! The description of the API (OpenAPI 3.1), made from the routes and the types of their answers.

use std::collections::BTreeMap;

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use domain::person::Scope;
use serde_json::{Map, Value, json};
use utoipa::{PartialSchema, ToSchema};

use super::operation::reference;
use super::problem::{self, Kind, Told};
use super::{fhir, routes};
use crate::console::access::{Face, Needs, Route};
use crate::sign_in::rights::{Right, of_scope};

/// Where programs find it.
pub(crate) const PATH: &str = "/api/v1/openapi.json";
/// The session of a browser.
const COOKIE: &str = "session";
/// The token of a program.
const TOKEN: &str = "token";

const ABOUT: &str = "What the console knows of a hospital's devices, for programs; and the \
     documents and intents that programs bring. Tokens are made in the console, at /account. Lists \
     come in pages: `next` is the address of the next one. Every answer that can be had again has \
     an ETag. Every error is a problem (RFC 9457), its kinds at /api/v1/problems.";

/// The description.
#[must_use]
pub fn description() -> Value {
    let mut schemas: BTreeMap<String, Value> = BTreeMap::new();
    schemas.insert(Told::name().into_owned(), json!(Told::schema()));
    schemas.insert("OperationOutcome".to_owned(), fhir::outcome_schema());
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for route in routes() {
        let Some(operation) = &route.operation else { continue };
        let known = operation.schemas.iter();
        schemas.extend(known.map(|(name, schema)| (name.clone(), json!(schema))));
        let method = route.method.as_str().to_lowercase();
        paths.entry(route.path).or_default().insert(method, described(&route));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Asepsis",
            "version": "1",
            "description": ABOUT,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                TOKEN: {
                    "type": "http", "scheme": "bearer",
                    "description": "A token that somebody has made for a program; it does what its scopes allow and its owner may.",
                },
                COOKIE: {
                    "type": "apiKey", "in": "cookie", "name": "asepsis",
                    "description": "The session of somebody who has signed in. A change needs the header X-Form, too.",
                },
            },
        },
    })
}

fn described(route: &Route) -> Value {
    let Some(operation) = &route.operation else { return Value::Null };
    let told = match route.face {
        Face::Fhir => (fhir::MEDIA, json!({ "$ref": reference("OperationOutcome") })),
        Face::Api | Face::Page => (problem::MEDIA, json!({ "$ref": reference(&Told::name()) })),
    };
    let mut described = operation.described(route.path, (told.0, &told.1));
    let security = match route.needs {
        Needs::Nothing => json!([]),
        Needs::Session => json!([{ TOKEN: [] }, { COOKIE: [] }]),
        Needs::Right(right) => security(right),
    };
    described.insert("security".to_owned(), security);
    if let Needs::Right(right) = route.needs {
        described.insert("x-right".to_owned(), json!(right.text()));
    }
    Value::Object(described)
}

/// What shows that somebody has a right: a token with one of the scopes that give it, where there
/// is one, or a session.
fn security(right: Right) -> Value {
    let scopes = Scope::ALL.into_iter().filter(|scope| of_scope(*scope).contains(&right));
    let mut ways: Vec<Value> = scopes.map(|scope| json!({ TOKEN: [scope.text()] })).collect();
    ways.push(json!({ COOKIE: [] }));
    Value::Array(ways)
}

/// What may be wrong with any request that needs a right.
pub(crate) const ANY: [Kind; 8] = [
    Kind::Unknown,
    Kind::SecondFactor,
    Kind::Password,
    Kind::NotYours,
    Kind::Scope,
    Kind::SetUp,
    Kind::Store,
    Kind::Late,
];

/// Answers with the description.
pub(crate) async fn show() -> Response {
    let text = serde_json::to_string(&description()).unwrap_or_default();
    ([(CONTENT_TYPE, "application/json")], text).into_response()
}
