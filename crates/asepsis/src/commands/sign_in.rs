//! `asepsis sign-in set | show | check | link | unlink | remove`: whom the hospital asks who
//! somebody is.
//!
//! What may be typed, `presentation::sign_in::oidc` says. Refuses a secret as an argument, and to
//! show it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};
use collectors::outward::Reach;
use domain::person::PersonId;
use presentation::sign_in::oidc::client::Client;
use presentation::sign_in::oidc::flow::BACK;
use presentation::sign_in::oidc::{came, new, new::Typed};
use presentation::sign_in::people::named;
use serde_json::json;
use store::StoreError;
use store::audit::By;
use store::database::Database;
use store::people;
use store::provider::{self, Link, Provider};

use crate::arguments::sign_in::{Set, SignIn, SignInWork};
use crate::commands::people::account;
use crate::commands::store::open;
use crate::keeping::now_ms;
use crate::serving::identities::{Asker, reach};
use crate::{DONE, WRONG, asked, output, randomness};

const WHAT: &str = "change who is asked who somebody is";

pub(crate) fn run(options: &SignIn) -> Result<u8> {
    let database = open(&options.place)?;
    let actor = account();
    let by = By { actor: &actor, at_ms: now_ms() };
    let said = match &options.work {
        SignInWork::Set(typed) => set(&database, typed, by)?,
        SignInWork::Show { json } => return show(&database, *json),
        SignInWork::Check { sign_in_may_reach } => {
            return check(&database, reach(sign_in_may_reach.clone()));
        }
        SignInWork::Link { name, subject } => link(&database, name, subject, by)?,
        SignInWork::Unlink { name } => unlink(&database, name, by)?,
        SignInWork::Remove => {
            if !database.write(WHAT, |t| came::end(t, by))? {
                bail!("no provider is asked");
            }
            "No provider is asked any more; whoever has no password here is signed out.".to_owned()
        }
    };
    output::print(&format!("{said}\n"))?;
    Ok(DONE)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))
}

fn set(database: &Database, options: &Set, by: By<'_>) -> Result<String> {
    let secret = options.secret_file.as_deref().map(asked::file).transpose()?;
    let authority = options.authority.as_deref().map(read).transpose()?.unwrap_or_default();
    let typed = Typed {
        name: &options.name,
        issuer: &options.issuer,
        client: &options.client,
        secret,
        authentication: &options.authentication,
        authority: &authority,
        console: &options.console,
        scopes: options.scope.clone(),
        acr: options.acr.clone(),
        amr: options.amr.clone(),
        claim: options.claim.as_deref(),
        duties: options.give.clone(),
    };
    let made = new::make(&typed, &Asker::new(Reach::default()));
    let provider = made.map_err(|wrong| anyhow!(wrong))?;
    database.write(WHAT, |t| provider::set(t, &provider, by))?;
    Ok(format!(
        "{} is asked from now on who somebody is. It has to know this address: {}{BACK}",
        provider.name, provider.console
    ))
}

fn the_provider(database: &Database) -> Result<Provider> {
    let found = database.read("read who is asked", provider::get)?;
    found.context("no provider is asked\n\nhint: `asepsis sign-in set --help`")
}

fn check(database: &Database, reach: Reach) -> Result<u8> {
    let provider = the_provider(database)?;
    let client = Client::new(Arc::new(Asker::new(reach)), &mut randomness::random());
    match client.anew(&provider, now_ms()) {
        Ok(_) => {
            output::print("It answers, and what it says of itself can be used.\n")?;
            Ok(DONE)
        }
        Err(failure) => {
            output::print(&format!("{}\n", failure.sentence()))?;
            Ok(WRONG)
        }
    }
}

fn link(database: &Database, name: &str, subject: &str, by: By<'_>) -> Result<String> {
    let provider = the_provider(database)?;
    let done = database.write(WHAT, |t| match named(t, name)? {
        Err(wrong) => Ok(Err(wrong.to_string())),
        Ok(person) => came::link(t, (&provider, subject), &person, by),
    })?;
    done.map_err(|wrong| anyhow!(wrong))?;
    Ok(format!("{name} may come in by the word of {}, too.", provider.name))
}

fn unlink(database: &Database, name: &str, by: By<'_>) -> Result<String> {
    let was = database.write(WHAT, |t| match named(t, name)? {
        Err(wrong) => Ok(Err(wrong)),
        Ok(person) => came::unlink(t, &person, by).map(Ok),
    })??;
    if !was {
        bail!("{name} comes in by no provider's word");
    }
    Ok(format!("{name} comes in by no provider's word any more; their sessions have ended."))
}

fn show(database: &Database, as_json: bool) -> Result<u8> {
    let (provider, links) = database.read("read who is asked", |transaction| {
        let provider = provider::get(transaction)?;
        let mut links = Vec::new();
        for link in provider::links(transaction)? {
            let name = name_of(people::find(transaction, &link.person)?, &link.person);
            links.push((link, name));
        }
        Ok::<_, StoreError>((provider, links))
    })?;
    if as_json {
        let links: Vec<_> = links
            .iter()
            .map(|(link, name)| {
                json!({ "name": name, "issuer": link.issuer, "subject": link.subject })
            })
            .collect();
        let provider = provider.as_ref().map(seen);
        output::print(&format!("{:#}\n", json!({ "provider": provider, "links": links })))?;
        return Ok(DONE);
    }
    let mut text = String::new();
    match &provider {
        None => text.push_str("No provider is asked.\n"),
        Some(own) => lines(&mut text, own),
    }
    for (Link { issuer, subject, .. }, name) in &links {
        let _ = writeln!(text, "{name}  comes in as {subject} of {issuer}");
    }
    output::print(&text)?;
    Ok(DONE)
}

fn name_of(person: Option<people::Person>, id: &PersonId) -> String {
    person.map_or_else(|| id.0.to_string(), |person| person.name)
}

fn lines(text: &mut String, own: &Provider) {
    let _ = writeln!(
        text,
        "{}  {}  client {}  by {}",
        own.name, own.issuer, own.client, own.authentication
    );
    let _ = writeln!(text, "comes back to {}{BACK}", own.console);
    let _ = writeln!(text, "asked for openid {}", own.scopes.join(" "));
    for (what, words) in [("one acr of", &own.acr), ("every amr of", &own.amr)] {
        if !words.is_empty() {
            let _ = writeln!(text, "needs {what} {}", words.join(" "));
        }
    }
    match &own.claim {
        None => text.push_str("duties are given here; whoever is new has none\n"),
        Some(claim) => {
            for (value, duty) in &own.duties {
                let _ = writeln!(text, "{claim} {value} gives {duty}");
            }
        }
    }
}

fn seen(own: &Provider) -> serde_json::Value {
    let duties: Vec<_> = own
        .duties
        .iter()
        .map(|(value, duty)| json!({ "value": value, "duty": duty.text() }))
        .collect();
    json!({
        "name": own.name,
        "issuer": own.issuer,
        "client": own.client,
        "has_secret": own.secret.is_some(),
        "authentication": own.authentication,
        "console": own.console,
        "scopes": own.scopes,
        "acr": own.acr,
        "amr": own.amr,
        "claim": own.claim,
        "duties": duties,
    })
}
