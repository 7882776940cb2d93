//! Who calls, and what they may; and the search over everything.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use store::devices::{self, Filter, Order};
use store::{releases, vulnerabilities};
use utoipa::{IntoParams, ToSchema};

use super::asked::Asked;
use super::devices::{self as shown_devices, Device};
use super::problem::Problem;
use super::releases::{self as shown_releases, ListedRelease, Part};
use super::vulnerabilities::{self as shown_vulnerabilities, ListedVulnerability};
use crate::console::Console;
use crate::console::access::Visitor;
use crate::sign_in::rights::{self, Right, Who};

/// How many of each kind are found.
const EACH: usize = 10;

/// Whoever calls.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Me {
    /// The name by which they sign in, or the owner of the token does.
    name: String,
    /// What the token is called; null for somebody who has signed in.
    token: Option<String>,
    /// What they are there for.
    duties: Vec<&'static str>,
    /// What the token may be used for; empty for somebody who has signed in.
    scopes: Vec<&'static str>,
    /// Every right, and whether they have it.
    rights: Vec<Own>,
}

/// A right, and whether somebody has it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OwnRight)]
pub(crate) struct Own {
    /// Which.
    right: &'static str,
    /// Whether it is theirs now.
    allowed: bool,
    /// Why not: the code of a problem.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    refused: Option<&'static str>,
}

pub(crate) async fn show(Extension(visitor): Extension<Visitor>) -> Json<Me> {
    let who = visitor.who.as_ref();
    let holder = who.and_then(|who| match who {
        Who::Program(holder) => Some(holder),
        Who::Person(_) => None,
    });
    let own = |right: &Right| {
        let refused = who.and_then(|who| rights::allows(who, *right, visitor.now_ms).err());
        let refused = refused.map(rights::Refused::code);
        Own { right: right.text(), allowed: refused.is_none(), refused }
    };
    Json(Me {
        name: who.map(Who::name).unwrap_or_default().to_owned(),
        token: holder.map(|holder| holder.token.clone()),
        duties: who.into_iter().flat_map(Who::duties).map(|duty| duty.text()).collect(),
        scopes: holder.into_iter().flat_map(|own| &own.scopes).map(|one| one.text()).collect(),
        rights: Right::ALL.iter().map(own).collect(),
    })
}

/// What is searched for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct SearchAsked {
    /// Words that each begin a word.
    q: String,
}

/// A release that has a component.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FoundComponent {
    /// The release.
    release: ListedRelease,
    /// The component.
    component: Part,
}

/// What was found, the first ten of each kind.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct Found {
    devices: Vec<Device>,
    releases: Vec<ListedRelease>,
    components: Vec<FoundComponent>,
    vulnerabilities: Vec<ListedVulnerability>,
}

pub(crate) async fn search(
    State(console): State<Arc<Console>>,
    Asked { asked, .. }: Asked<SearchAsked>,
) -> Result<Json<Found>, Problem> {
    let wanted = asked.q.trim().to_owned();
    if wanted.is_empty() {
        return Ok(Json(Found::default()));
    }
    let found = console
        .read(move |transaction| {
            let filter = Filter { search: &wanted, ..Filter::default() };
            let devices = devices::page(transaction, &filter, Order::Decision, None, EACH)?;
            let releases = releases::page(transaction, &wanted, None, EACH)?;
            let components = releases::with_component(transaction, &wanted, EACH)?;
            let filter = vulnerabilities::Filter { search: &wanted, ..Default::default() };
            let vulnerabilities = vulnerabilities::page(transaction, &filter, None, EACH)?;
            let components = components.into_iter().map(|(release, component)| FoundComponent {
                release: shown_releases::shown(release),
                component: shown_releases::part(component),
            });
            Ok(Found {
                devices: devices.into_iter().map(shown_devices::shown).collect(),
                releases: releases.into_iter().map(shown_releases::shown).collect(),
                components: components.collect(),
                vulnerabilities: vulnerabilities
                    .into_iter()
                    .map(shown_vulnerabilities::shown)
                    .collect(),
            })
        })
        .await?;
    Ok(Json(found))
}
