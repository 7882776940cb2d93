//! A provider to be asked: what may be typed of one, and what is made of it.
//!
//! Refuses what is not reached safely, a console without an address, and a claim that gives
//! nothing.

use domain::person::Duty;
use store::provider::Provider;
use store::secret::Secret;

use super::{Web, is_safe, metadata};

/// The longest name, in characters; the longest client, claim, value and secret, in bytes.
const NAME: usize = 60;
const WORD: usize = 255;
const SECRET: usize = 2_048;
/// Most scopes, ways of authentication, and values of a claim.
const WORDS: usize = 20;
const DUTIES: usize = 200;
/// What is asked for where nothing is said: names.
const SCOPES: [&str; 1] = ["profile"];

/// What is typed.
#[derive(Debug, Default)]
pub struct Typed<'t> {
    /// As people know it.
    pub name: &'t str,
    /// Its issuer identifier.
    pub issuer: &'t str,
    /// Under which it knows the console.
    pub client: &'t str,
    /// The secret that goes with it; none of a public client.
    pub secret: Option<Secret<String>>,
    /// How it is shown; the usual way where that is empty.
    pub authentication: &'t str,
    /// Whom else to trust, in PEM.
    pub authority: &'t str,
    /// Where browsers reach the console.
    pub console: &'t str,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// Classes of authentication, of which one is asked for.
    pub acr: Vec<String>,
    /// Methods of authentication, all of which are asked for.
    pub amr: Vec<String>,
    /// The claim that says what somebody is there for.
    pub claim: Option<&'t str>,
    /// What values of it give.
    pub duties: Vec<(String, Duty)>,
}

/// A provider as it was typed.
///
/// # Errors
/// What is wrong, in a sentence.
pub fn make(typed: &Typed<'_>, web: &dyn Web) -> Result<Provider, String> {
    let name = typed.name.trim();
    if name.is_empty() || name.chars().count() > NAME || name.chars().any(char::is_control) {
        return Err(format!("A name has from one to {NAME} characters."));
    }
    let issuer = typed.issuer.trim();
    if !is_safe(issuer) || issuer.contains('?') {
        return Err("An issuer is an address that begins with https://, without a query.".into());
    }
    let checked = web.check(&metadata::place(issuer), typed.authority.trim());
    checked.map_err(|why| format!("{why}."))?;
    let console = typed.console.trim().trim_end_matches('/');
    let rest = console.split_once("://").map(|(_, rest)| rest).unwrap_or_default();
    if !is_safe(console) || rest.is_empty() || rest.contains(['/', '?']) {
        let wanted = "https://asepsis.hospital.example";
        return Err(format!("Say where browsers reach the console, such as {wanted}."));
    }
    let is_word = |text: &str| {
        (1..=WORD).contains(&text.len()) && text.bytes().all(|one| (b'!'..=b'~').contains(&one))
    };
    if !is_word(typed.client) {
        return Err("A client has 1 to 255 letters, as the provider knows it.".into());
    }
    let authentication = authentication(typed)?;
    let words = [&typed.scopes, &typed.acr, &typed.amr];
    if words.iter().any(|all| all.len() > WORDS || !all.iter().all(|one| is_word(one))) {
        return Err(format!("Scopes, acr and amr are words, at most {WORDS} of each."));
    }
    let is_value =
        |value: &str| (1..=WORD).contains(&value.len()) && !value.chars().any(char::is_control);
    let claim = typed.claim.map(str::trim).filter(|claim| !claim.is_empty());
    if claim.is_some() == typed.duties.is_empty() || claim.is_some_and(|claim| !is_value(claim)) {
        return Err("Name a claim, and what its values give, or neither of them.".into());
    }
    if typed.duties.len() > DUTIES || !typed.duties.iter().all(|(value, _)| is_value(value)) {
        return Err(format!("A claim gives by at most {DUTIES} values of up to {WORD} letters."));
    }
    let mut scopes: Vec<String> =
        typed.scopes.iter().filter(|one| *one != "openid").cloned().collect();
    if typed.scopes.is_empty() {
        scopes = SCOPES.map(str::to_owned).to_vec();
    }
    Ok(Provider {
        name: name.to_owned(),
        issuer: issuer.to_owned(),
        client: typed.client.to_owned(),
        secret: typed.secret.clone(),
        authentication: authentication.to_owned(),
        authority: typed.authority.trim().to_owned(),
        console: console.to_owned(),
        scopes,
        acr: typed.acr.clone(),
        amr: typed.amr.clone(),
        claim: claim.map(str::to_owned),
        duties: typed.duties.iter().cloned().collect(),
        made_ms: 0,
        made_by: String::new(),
    })
}

/// How the console shows that it is itself (OpenID Connect Core 1.0, section 9).
fn authentication<'t>(typed: &Typed<'t>) -> Result<&'t str, String> {
    let secret = typed.secret.as_ref().map(Secret::expose);
    let is_one = |secret: &String| {
        (1..=SECRET).contains(&secret.len()) && !secret.chars().any(char::is_control)
    };
    if secret.is_some_and(|secret| !is_one(secret)) {
        return Err(format!("A secret is a text of up to {SECRET} letters on one line."));
    }
    match (typed.authentication, secret.is_some()) {
        ("" | "basic" | "client_secret_basic", true) => Ok("client_secret_basic"),
        ("post" | "client_secret_post", true) => Ok("client_secret_post"),
        ("" | "none", false) => Ok("none"),
        ("none", true) => Err("A public client has no secret.".into()),
        (_, false) => Err("This way needs a secret.".into()),
        _ => Err("The secret is shown by basic or by post.".into()),
    }
}
