//! The page at the bedside: one sentence, and what a clinician may do about it.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Form, Path, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use domain::order::Role;
use store::database::Transaction;
use store::devices::{self, Device};
use store::steps::{self, Step};

use super::access::Visitor;
use super::orders::{Said, ask, because, is_begun, roles};
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
    /// By which it stands as it does.
    order: Option<SeenOrder>,
    /// The last step that was heard of it, where the agent is silent.
    last: Option<Step>,
    /// For which a clinician's yes is missing.
    asked: Option<SeenOrder>,
    is_clinical: bool,
}

pub(super) async fn show(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
) -> Result<Html<String>, Wrong> {
    let seen = console.seen();
    let order = seen.of_device(&id).cloned();
    let asked = seen.asks_a_clinician(&id).cloned();
    let wanted = id.clone();
    let is_silent = seen.silence.is_some();
    let look = move |transaction: &mut Transaction<'_>| {
        let last = if is_silent { steps::of_device(transaction, &wanted, 1)? } else { Vec::new() };
        Ok((devices::one(transaction, &wanted)?, last.into_iter().next()))
    };
    let (device, last) = console.read(look).await?;
    let frame = console.frame(&id, "/orders", &visitor).await?;
    let is_clinical = roles(&visitor).contains(&Role::Clinical);
    Ok(html(&Page { frame, id, device, order, last, asked, is_clinical }))
}

impl Page {
    /// What is asked, where that is not what is shown already.
    fn further(&self) -> Option<&SeenOrder> {
        let shown = self.order.as_ref().map(|order| order.order);
        self.asked.as_ref().filter(|asked| Some(asked.order) != shown)
    }

    fn is_held(&self) -> bool {
        self.order.as_ref().is_some_and(is_begun)
    }
}

pub(super) async fn break_glass(
    State(console): State<Arc<Console>>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    Form(said): Form<Said>,
) -> Result<Response, Wrong> {
    let intent =
        Intent::BreakGlass { device: id.clone(), reason: because(visitor.text, &said.reason)? };
    ask(&console, &visitor, Some(Role::Clinical), intent).await?;
    Ok(Redirect::to(&format!("/devices/{}/bedside", words::address(&id))).into_response())
}
