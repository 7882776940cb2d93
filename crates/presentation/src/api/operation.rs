//! What the description of the API says of one route: made beside the route itself, from the types
//! that the route reads and answers with.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use utoipa::openapi::RefOr;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::openapi::schema::Schema;
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::answer::Page;
use super::problem::Kind;

const JSON: &str = "application/json";

/// A header that a route reads.
struct Header {
    name: &'static str,
    meaning: &'static str,
    schema: Value,
    is_required: bool,
}

/// What is said of a route.
pub(crate) struct Operation {
    /// Its name.
    pub(crate) id: &'static str,
    summary: &'static str,
    parameters: Vec<Parameter>,
    headers: Vec<Header>,
    body: Option<(&'static str, Value)>,
    answers: Vec<(StatusCode, &'static str, Value)>,
    pub(crate) kinds: BTreeSet<Kind>,
    pub(crate) schemas: Vec<(String, RefOr<Schema>)>,
}

impl Operation {
    /// One of that name, which does that.
    pub(crate) fn new(id: &'static str, summary: &'static str) -> Self {
        Self {
            id,
            summary,
            parameters: Vec::new(),
            headers: Vec::new(),
            body: None,
            answers: Vec::new(),
            kinds: BTreeSet::new(),
            schemas: Vec::new(),
        }
    }

    /// Reads that query.
    pub(crate) fn asks<P: IntoParams>(mut self) -> Self {
        self.parameters.extend(P::into_params(|| Some(ParameterIn::Query)));
        self.may([Kind::Query])
    }

    /// Goes on with a cursor.
    pub(crate) fn pages<P: IntoParams>(self) -> Self {
        self.asks::<P>().may([Kind::Cursor])
    }

    /// Reads a header, which must be there.
    pub(crate) fn header(
        mut self,
        name: &'static str,
        meaning: &'static str,
        schema: Value,
    ) -> Self {
        self.headers.push(Header { name, meaning, schema, is_required: true });
        self
    }

    /// Reads a header, which may be missing.
    pub(crate) fn heeds(mut self, name: &'static str, meaning: &'static str) -> Self {
        let schema = json!({ "type": "string" });
        self.headers.push(Header { name, meaning, schema, is_required: false });
        self
    }

    /// Reads that body, in JSON.
    pub(crate) fn takes<T: ToSchema>(mut self) -> Self {
        self.learn::<T>();
        self.body = Some((JSON, json!({ "$ref": reference(&T::name()) })));
        self.may([Kind::Body, Kind::Value, Kind::MediaType, Kind::TooLarge])
    }

    /// Reads a body of any kind.
    pub(crate) fn takes_bytes(mut self) -> Self {
        self.body =
            Some(("application/octet-stream", json!({ "type": "string", "format": "binary" })));
        self.may([Kind::TooLarge])
    }

    /// Answers with that.
    pub(crate) fn answers<T: ToSchema>(self, status: StatusCode) -> Self {
        self.answers_as::<T>(status, JSON)
    }

    /// Answers with pages of that.
    pub(crate) fn lists<T: ToSchema>(mut self) -> Self {
        self.learn::<T>();
        // The name of a page alone would be one for all of them.
        let name = format!("{}Page", T::name());
        let schema = json!({ "$ref": reference(&name) });
        self.schemas.push((name, Page::<T>::schema()));
        Page::<T>::schemas(&mut self.schemas);
        self.answers.push((StatusCode::OK, JSON, schema));
        self
    }

    /// Answers with that, under another media type.
    pub(crate) fn answers_as<T: ToSchema>(
        mut self,
        status: StatusCode,
        media: &'static str,
    ) -> Self {
        self.learn::<T>();
        self.answers.push((status, media, json!({ "$ref": reference(&T::name()) })));
        self
    }

    /// Answers with a text or with bytes.
    pub(crate) fn answers_with(
        mut self,
        status: StatusCode,
        media: &'static str,
        schema: Value,
    ) -> Self {
        self.answers.push((status, media, schema));
        self
    }

    /// May be wrong so.
    pub(crate) fn may(mut self, kinds: impl IntoIterator<Item = Kind>) -> Self {
        self.kinds.extend(kinds);
        self
    }

    fn learn<T: ToSchema>(&mut self) {
        self.schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(&mut self.schemas);
    }

    /// As the description writes it (OpenAPI 3.1, section 4.8.10), of a route at a path.
    pub(crate) fn described(&self, path: &str, problem: (&str, &Value)) -> Map<String, Value> {
        let mut parameters: Vec<Value> = names(path).map(path_parameter).collect();
        parameters.extend(self.parameters.iter().map(|parameter| said(json!(parameter))));
        parameters.extend(self.headers.iter().map(|own| {
            json!({
                "name": own.name, "in": "header", "required": own.is_required,
                "description": own.meaning, "schema": own.schema,
            })
        }));
        let mut described = Map::new();
        described.insert("operationId".to_owned(), json!(self.id));
        described.insert("summary".to_owned(), json!(self.summary));
        if !parameters.is_empty() {
            described.insert("parameters".to_owned(), json!(parameters));
        }
        if let Some((media, schema)) = &self.body {
            let content = json!({ *media: { "schema": schema } });
            // Nothing is a document too.
            let body = json!({ "required": *media == JSON, "content": content });
            described.insert("requestBody".to_owned(), body);
        }
        described.insert("responses".to_owned(), self.responses(problem));
        described
    }

    fn responses(&self, (media, schema): (&str, &Value)) -> Value {
        let mut responses = Map::new();
        for (status, media, schema) in &self.answers {
            let mut response = json!({ "description": status.canonical_reason() });
            if let (false, Some(response)) = (schema.is_null(), response.as_object_mut()) {
                let content = json!({ *media: { "schema": schema } });
                response.insert("content".to_owned(), content);
            }
            responses.insert(status.as_u16().to_string(), response);
        }
        for kind in &self.kinds {
            let name = kind.status().as_u16().to_string();
            let codes = self.kinds.iter().filter(|other| other.status() == kind.status());
            let codes: Vec<String> = codes.map(|kind| format!("`{}`", kind.code())).collect();
            let description = format!("One of {}.", codes.join(", "));
            let content = json!({ media: { "schema": schema } });
            responses.insert(name, json!({ "description": description, "content": content }));
        }
        Value::Object(responses)
    }
}

/// A parameter that may be missing; one that is there is not null.
fn said(mut parameter: Value) -> Value {
    let Some(schema) = parameter.get_mut("schema") else { return parameter };
    if let Some(kind) = schema.get_mut("type")
        && let Some(kinds) = kind.as_array()
    {
        let only = kinds.iter().find(|kind| *kind != "null").cloned();
        *kind = json!(only);
    }
    let only = schema.get("oneOf").and_then(Value::as_array).and_then(|all| {
        all.iter().find(|own| own.get("type").is_none_or(|kind| kind != "null")).cloned()
    });
    if let Some(only) = only {
        *schema = only;
    }
    parameter
}

/// Where the description has a schema.
pub(crate) fn reference(name: &str) -> String {
    format!("#/components/schemas/{name}")
}

/// The names in a path, in their order.
fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|part| part.split('}').next())
}

fn path_parameter(name: &str) -> Value {
    let (meaning, schema) = match name {
        "order" => ("The number of the order.", json!({ "type": "integer", "minimum": 0 })),
        "place" => {
            ("The place of the finding in its release.", json!({ "type": "integer", "minimum": 0 }))
        }
        "name" => (
            "The name of the document. A slash in it is written as `%2F`.",
            json!({ "type": "string", "minLength": 1 }),
        ),
        _ => ("The id.", json!({ "type": "string", "minLength": 1 })),
    };
    json!({ "name": name, "in": "path", "required": true, "description": meaning, "schema": schema })
}
