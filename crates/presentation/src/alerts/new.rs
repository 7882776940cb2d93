//! A new target: what may be typed of one, and what is made of it.
//!
//! Refuses what can't be sent to, a form that its way does not carry, and a name that stands
//! already.

use store::StoreError;
use store::alerts::{self, TARGETS, Target};
use store::audit::By;
use store::database::Transaction;
use store::secret::Secret;

use super::{Courier, Format, TOPICS, webhook};
use crate::sign_in::token::Random;

/// The longest name, in characters.
const NAME: usize = 60;
/// The longest authority, in bytes.
const AUTHORITY: usize = 32 << 10;

/// What is typed.
#[derive(Debug, Default)]
pub struct Typed<'t> {
    /// What people call it.
    pub name: &'t str,
    /// Where it is.
    pub place: &'t str,
    /// In which form it is told; the usual one of its way where that is empty.
    pub format: &'t str,
    /// Whom else to trust, in PEM.
    pub authority: &'t str,
    /// What it is told of.
    pub topics: Vec<String>,
}

/// A target as it was typed, and the secret that signs what it is sent, to be shown once.
///
/// # Errors
/// What is wrong, in a sentence.
pub fn make(
    typed: &Typed<'_>,
    courier: &dyn Courier,
    random: &mut Random,
) -> Result<(Target, Option<Secret<String>>), String> {
    let name = typed.name.trim();
    if name.is_empty() || name.chars().count() > NAME || name.chars().any(char::is_control) {
        return Err(format!("A name has from one to {NAME} characters."));
    }
    if typed.authority.len() > AUTHORITY {
        return Err("An authority is one certificate, or a few, in PEM.".to_owned());
    }
    let authority = typed.authority.trim();
    let place = typed.place.trim();
    let (kind, _) = courier.check(place, authority).map_err(|why| format!("{why}."))?;
    let usual = if kind == "webhook" { Format::Json } else { Format::Cef };
    let format = match typed.format {
        "" => Some(usual),
        name => Format::read(name),
    };
    let format = format.ok_or("The form is json, ocsf or cef.")?;
    if kind == "webhook" && format == Format::Cef {
        return Err("CEF goes by syslog; a webhook is told in json or ocsf.".to_owned());
    }
    let is_known = |topic: &String| TOPICS.iter().any(|(known, _)| known == topic);
    if typed.topics.is_empty() || !typed.topics.iter().all(is_known) {
        return Err("Choose what it is told of: detection, order, finding, agent.".to_owned());
    }
    let (secret, shown) = if kind == "webhook" {
        let (secret, shown) = webhook::secret(random);
        (Some(secret), Some(shown))
    } else {
        (None, None)
    };
    let target = Target {
        id: random.id(),
        name: name.to_owned(),
        kind: kind.to_owned(),
        format: format.text().to_owned(),
        place: place.to_owned(),
        secret,
        authority: authority.to_owned(),
        topics: typed.topics.clone(),
        ..Target::default()
    };
    Ok((target, shown))
}

/// Adds a target.
///
/// # Errors
/// Within: where its name stands already, or there are too many.
pub fn add(
    transaction: &mut Transaction<'_>,
    target: &Target,
    by: By<'_>,
) -> Result<Result<(), String>, StoreError> {
    let all = alerts::targets(transaction)?;
    if all.iter().any(|other| other.name == target.name) {
        return Ok(Err(format!("There is a target called {} already.", target.name)));
    }
    if all.len() >= TARGETS {
        return Ok(Err(format!("There are {TARGETS} targets, which is the most.")));
    }
    alerts::add(transaction, target, by).map(Ok)
}
