//! The page at the bedside: one sentence, and what a clinician may do about it.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Form, Path, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use domain::order::Role;
use store::devices::{self, Device};

use super::access::Visitor;
use super::orders::{Said, ask, because, is_open, roles};
use super::page::{Frame, Wrong, html};
use super::{Console, words};
use crate::intent::Intent;
use crate::orders::SeenOrder;
use crate::sign_in::rights::Right;

#[derive(Template)]
#[template(path = "console/bedside.html")]
struct Page {
    frame: Frame,
    id: String,
    device: Option<Device>,
    order: Option<SeenOrder>,
    is_clinical: bool,
}

pub(super) async fn show(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
) -> Result<Html<String>, Wrong> {
    let order = console.seen().of_device(&id).cloned();
    let wanted = id.clone();
    let device = console.read(move |t| devices::one(t, &wanted)).await?;
    let frame = console.frame(&id, "/orders", &visitor).await?;
    let is_clinical = roles(&visitor).contains(&Role::Clinical);
    Ok(html(&Page { frame, id, device, order, is_clinical }))
}

impl Page {
    /// Whether a yes of a clinician is missing.
    fn is_asked(&self) -> bool {
        let open = self.order.as_ref().filter(|order| is_open(order));
        let waits = open.filter(|order| order.waits_for.is_some());
        waits.is_some_and(|order| !order.approved_as.iter().any(|role| role == "clinical"))
    }

    fn is_held(&self) -> bool {
        let open = self.order.as_ref().filter(|order| is_open(order));
        open.is_some_and(|order| order.points.iter().any(|point| point.state != "removed"))
    }
}

pub(super) async fn break_glass(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    Form(said): Form<Said>,
) -> Result<Response, Wrong> {
    let intent = Intent::BreakGlass { device: id.clone(), reason: because(&said.reason)? };
    ask(&console, &visitor, Some(Role::Clinical), intent).await?;
    Ok(Redirect::to(&format!("/devices/{}/bedside", words::address(&id))).into_response())
}
