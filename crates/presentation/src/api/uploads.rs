//! Documents that people and programs bring, and take away again.
//!
//! A body is packed and hashed as it comes, outside of any transaction, and kept once it is whole.
//! Refuses names that lead out of a folder, documents over the limit, and to compete with a folder
//! that is watched.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{ETAG, IF_MATCH, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use domain::bounded::DOCUMENT_BYTES;
use domain::decision;
use http_body_util::BodyExt as _;
use serde_json::json;
use store::audit::{self, Entry};
use store::database::Transaction;
use store::documents::{self, Current, Packed, Packer, Receipt};
use store::{StoreError, readings};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::answer;
use super::asked::Named;
use super::documents::{Document, shown};
use super::problem::{Kind, Problem};
use crate::console::access::Visitor;
use crate::console::{Console, words};

/// Documents that are packed, or unpacked, at once; more wait.
pub(crate) const AT_ONCE: usize = 4;
/// How long a whole document may take.
pub(crate) const PATIENCE: Duration = Duration::from_mins(15);
/// How long one may keep still in the midst of it.
const STILL: Duration = Duration::from_secs(30);
/// Pieces that wait to be packed.
const WAITING: usize = 4;
/// Longest name of a document, and longest part of it between two slashes, in bytes.
const NAME: usize = 1_024;
const PART: usize = 255;
/// How the source of what is brought begins; the name of whoever brought it follows.
const BROUGHT: &str = "upload: ";

/// Why a document can't be called so, if it can't.
fn wrong_name(name: &str) -> Option<String> {
    let parts = || name.split('/');
    let why = if name.is_empty() {
        "a name has at least one character".to_owned()
    } else if name.len() > NAME {
        format!("a name has {NAME} bytes at most")
    } else if name.chars().any(|letter| letter.is_control() || letter == '\\') {
        "a name has no control characters and no backslash".to_owned()
    } else if name.starts_with('/') {
        "a name does not begin with a slash".to_owned()
    } else if parts().any(|part| matches!(part, ".." | ".")) {
        "`.` and `..` lead out of a folder, and are no part of a name".to_owned()
    } else if parts().any(str::is_empty) {
        "between two slashes stands something".to_owned()
    } else if parts().any(|part| part.len() > PART) {
        format!("a part between two slashes has {PART} bytes at most")
    } else {
        return None;
    };
    Some(format!("`{}`: {why}.", name.escape_debug()))
}

fn named(name: String) -> Result<String, Problem> {
    match wrong_name(&name) {
        Some(why) => Err(Problem::new(Kind::DocumentName, why)),
        None => no_decision(name),
    }
}

/// Whoever may bring documents may not therefore decide.
fn no_decision(name: String) -> Result<String, Problem> {
    let inside = name.strip_prefix(decision::FOLDER);
    if inside.is_some_and(|rest| rest.starts_with('/')) {
        let detail = format!(
            "`{name}` would be a decision about findings, or is one: those are made and undone \
             at /decisions, and /api/v1/decisions."
        );
        return Err(Problem::new(Kind::DocumentName, detail));
    }
    Ok(name)
}

/// What a document is called, by whom it is brought, and when.
struct Bringing {
    name: String,
    actor: String,
    at_ms: i64,
}

impl Bringing {
    fn of(name: String, visitor: &Visitor) -> Self {
        Self { name, actor: visitor.actor(), at_ms: visitor.now_ms }
    }

    fn source(&self) -> String {
        format!("{BROUGHT}{}", self.actor)
    }

    fn receipt<'r>(&'r self, source: &'r str) -> Receipt<'r> {
        Receipt { name: &self.name, source, at_ms: self.at_ms }
    }

    fn note(
        &self,
        transaction: &mut Transaction<'_>,
        action: &str,
        detail: &serde_json::Value,
    ) -> Result<(), StoreError> {
        let entry = Entry {
            at_ms: self.at_ms,
            actor: self.actor.clone(),
            action: action.to_owned(),
            subject: self.name.clone(),
            detail: detail.to_string(),
        };
        audit::append(transaction, &entry).map(|_| ())
    }
}

/// What has to stand under a name, so that a document may take its place (RFC 9110, section 13.1.1
/// and 13.1.2).
struct Wanted {
    /// Tags, one of which it has; `None` where nothing is asked.
    tags: Option<Vec<String>>,
    /// Whether nothing may stand there.
    nothing: bool,
}

impl Wanted {
    fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let tags = |name: HeaderName| {
            let told: Vec<&HeaderValue> = headers.get_all(&name).iter().collect();
            let wrong = |_| Problem::new(Kind::Header, format!("`{name}` is no list of tags."));
            let lists = told.iter().map(|told| told.to_str().map_err(wrong));
            let lists = lists.collect::<Result<Vec<_>, _>>()?.join(",");
            let tags = lists.split(',').map(|tag| tag.trim().to_owned());
            Ok::<_, Problem>((!told.is_empty()).then(|| tags.collect::<Vec<String>>()))
        };
        let nothing = tags(IF_NONE_MATCH)?;
        if nothing.as_ref().is_some_and(|tags| tags != &["*"]) {
            let detail = "`If-None-Match` is `*` here: only where nothing has that name.";
            return Err(Problem::new(Kind::Header, detail));
        }
        Ok(Self { tags: tags(IF_MATCH)?, nothing: nothing.is_some() })
    }

    /// A weak tag is none here: two documents that are only alike are two.
    fn is_met(&self, before: Option<&Current>) -> bool {
        let Some(tags) = &self.tags else { return !self.nothing || before.is_none() };
        let tag = before.map(|before| format!("\"{}\"", before.hash));
        let is_one = tag.is_some_and(|tag| tags.iter().any(|own| own == "*" || *own == tag));
        is_one && !self.nothing
    }
}

/// What became of a document.
enum Became {
    /// It lies in a folder that is watched.
    Watched(String),
    /// Another stands there than whoever brings it knows.
    Other,
    /// It stands there; whether its name is new, and whether it is another than before.
    Kept { document: Document, is_new: bool, is_other: bool },
}

/// Takes in a document under a name.
pub(crate) async fn put(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Named(name): Named<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let bringing = Bringing::of(named(name)?, &visitor);
    let stated =
        headers.get("content-length").and_then(|length| length.to_str().ok()?.parse().ok());
    if stated.is_some_and(|length: u64| length > DOCUMENT_BYTES) {
        return Err(too_large());
    }
    let wanted = Wanted::of(&headers)?;
    // Whoever is too late need not send all of it.
    let name = bringing.name.clone();
    let before = console.read(move |t| documents::one(t, &name)).await?;
    if !wanted.is_met(before.as_ref()) {
        return Err(Problem::of(Kind::DocumentChanged));
    }
    let _turn = console.packing.acquire().await.map_err(|_| Problem::of(Kind::Fault))?;
    let packed = packed(console.database.packer(), body).await?;
    let own = Arc::clone(&console);
    let became =
        console.write(move |transaction| keep(&own, transaction, &bringing, (&packed, &wanted)));
    match became.await? {
        Became::Watched(name) => Err(watched(&name)),
        Became::Other => Err(Problem::of(Kind::DocumentChanged)),
        Became::Kept { document, is_new, is_other } => {
            if is_other {
                console.documents_came();
            }
            Ok(kept(&document, is_new))
        }
    }
}

fn kept(document: &Document, is_new: bool) -> Response {
    let at = format!("/api/v1/documents/{}", words::address(&document.name));
    let mut response = if is_new {
        answer::made(document, &at)
    } else {
        (StatusCode::OK, Json(document)).into_response()
    };
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", document.hash)) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

fn too_large() -> Problem {
    let detail = format!("A document may have {DOCUMENT_BYTES} bytes at most.");
    Problem::new(Kind::TooLarge, detail)
}

fn watched(name: &str) -> Problem {
    let detail = format!("`{name}` lies in a folder that is watched: change it there.");
    Problem::new(Kind::DocumentWatched, detail)
}

/// The document that a body is, packed while it comes.
async fn packed(mut packer: Packer, mut body: Body) -> Result<Packed, Problem> {
    let (sender, mut pieces) = mpsc::channel::<Bytes>(WAITING);
    let packing = tokio::task::spawn_blocking(move || {
        while let Some(piece) = pieces.blocking_recv() {
            packer.take(&piece)?;
        }
        packer.end()
    });
    let mut bytes = 0;
    loop {
        let frame = timeout(STILL, body.frame()).await.map_err(|_| Problem::of(Kind::Late))?;
        let Some(frame) = frame else { break };
        let broken = |_| Problem::new(Kind::Body, "The body ended before it was whole.");
        let Ok(piece) = frame.map_err(broken)?.into_data() else { continue };
        bytes += piece.len() as u64;
        if bytes > DOCUMENT_BYTES {
            return Err(too_large());
        }
        // Whoever packs says why nothing more is taken.
        if sender.send(piece).await.is_err() {
            break;
        }
    }
    drop(sender);
    Ok(packing.await.map_err(|_| Problem::of(Kind::Fault))??)
}

fn keep(
    console: &Console,
    transaction: &mut Transaction<'_>,
    bringing: &Bringing,
    (packed, wanted): (&Packed, &Wanted),
) -> Result<Became, StoreError> {
    let before = documents::one(transaction, &bringing.name)?;
    if !wanted.is_met(before.as_ref()) {
        return Ok(Became::Other);
    }
    if let Some(before) = before.as_ref().filter(|before| console.watches(&before.source)) {
        return Ok(Became::Watched(before.name.clone()));
    }
    let is_other = before.as_ref().is_none_or(|before| before.hash != packed.hash);
    if is_other {
        let source = bringing.source();
        documents::keep(transaction, packed, &bringing.receipt(&source))?;
        let detail = json!({ "hash": packed.hash, "bytes": packed.bytes });
        bringing.note(transaction, "document.receive", &detail)?;
    }
    became(transaction, &bringing.name, before.is_none(), is_other)
}

fn became(
    transaction: &mut Transaction<'_>,
    name: &str,
    is_new: bool,
    is_other: bool,
) -> Result<Became, StoreError> {
    let Some(current) = documents::one(transaction, name)? else {
        return Err(StoreError::Unreadable { what: "document" });
    };
    let bytes = documents::size(transaction, &current.hash)?;
    let reading = readings::one(transaction, name)?.filter(|_| !is_other);
    let document = shown(current, bytes, reading.as_ref());
    Ok(Became::Kept { document, is_new, is_other })
}

/// Takes a document away: what it told no longer counts. It stays in the store.
pub(crate) async fn delete(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Named(name): Named<String>,
) -> Result<StatusCode, Problem> {
    let bringing = Bringing::of(no_decision(name)?, &visitor);
    let own = Arc::clone(&console);
    let found = console
        .write(move |transaction| {
            let Some(current) = documents::one(transaction, &bringing.name)? else {
                return Ok(None);
            };
            if own.watches(&current.source) {
                return Ok(Some(Err(current.name)));
            }
            let source = bringing.source();
            documents::withdraw(transaction, &bringing.name, &source, bringing.at_ms)?;
            bringing.note(transaction, "document.withdraw", &json!({ "hash": current.hash }))?;
            Ok(Some(Ok(())))
        })
        .await?;
    match found {
        None => Err(Problem::nowhere("document")),
        Some(Err(name)) => Err(watched(&name)),
        Some(Ok(())) => {
            console.documents_came();
            Ok(StatusCode::NO_CONTENT)
        }
    }
}

/// Puts a document back that was taken away.
pub(crate) async fn restore(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Named(name): Named<String>,
) -> Result<Json<Document>, Problem> {
    let bringing = Bringing::of(no_decision(name)?, &visitor);
    let became = console
        .write(move |transaction| {
            let taken: Option<Current> = documents::taken_away(transaction, &bringing.name)?;
            let Some(taken) = taken else { return Ok(None) };
            let source = bringing.source();
            documents::note(transaction, &taken.hash, &bringing.receipt(&source))?;
            bringing.note(transaction, "document.restore", &json!({ "hash": taken.hash }))?;
            became(transaction, &bringing.name, false, true).map(Some)
        })
        .await?;
    match became {
        Some(Became::Kept { document, .. }) => {
            console.documents_came();
            Ok(Json(document))
        }
        _ => Err(Problem::nowhere("document that was taken away")),
    }
}

#[cfg(test)]
mod tests {
    use super::{PART, wrong_name};

    #[test]
    fn no_name_leads_out_of_a_folder_and_each_refusal_says_why() {
        let long = "a".repeat(PART + 1);
        let deep = "a/".repeat(600) + "a";
        for (name, why) in [
            ("", "at least one"),
            ("../x", "lead out of a folder"),
            ("a/../../etc/passwd", "lead out of a folder"),
            ("a/./b", "lead out of a folder"),
            ("..", "lead out of a folder"),
            ("/etc/passwd", "begin with a slash"),
            ("a//b", "between two slashes"),
            ("a/", "between two slashes"),
            ("a\nb", "control characters"),
            ("a\0b", "control characters"),
            ("..\\x", "backslash"),
            (&long, "255 bytes"),
            (&deep, "1024 bytes"),
        ] {
            let told = wrong_name(name).expect(name);
            assert!(told.contains(why), "{name}: {told}");
        }
        let longest = long.get(1..).expect("letters");
        for name in ["a.json", "ward 3/Inventar März.csv", "...", "a..b/c", "-rf *", longest] {
            assert_eq!(wrong_name(name), None, "{name}");
        }
    }
}
