//! `asepsis people list | add | disable | enable | reset-password | reset-second-factor |
//! setup-code`: for whoever keeps the machine.
//!
//! What may be done, `presentation::sign_in` says, as it does for the console. Refuses a password
//! as an argument.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result, bail};
use domain::person::Duty;
use nix::unistd::{User, getuid};
use presentation::sign_in::people::{self as rules, New, Wrong};
use presentation::sign_in::{password, setup};
use serde_json::{Value, json};
use store::audit::By;
use store::database::{Database, Transaction};
use store::people::{self, Access, PasswordOf, Person};
use store::secret::Secret;
use store::{Place, StoreError};

use crate::arguments::{People, PeopleWork};
use crate::randomness::random;
use crate::{DONE, asked, output};

const WHAT: &str = "change the people";

pub(crate) fn run(options: &People) -> Result<u8> {
    let database = open(options)?;
    let actor = account();
    let by = By { actor: &actor, at_ms: jiff::Timestamp::now().as_millisecond() };
    let said = match &options.work {
        PeopleWork::List => return list(&database, options.json),
        PeopleWork::Add { name, shown, duties, password_file } => {
            let shown = shown.as_deref().unwrap_or(name);
            let duties = duties.iter().copied().collect();
            add(&database, (name, shown, duties), password_file.as_deref(), by)?
        }
        PeopleWork::Disable { name } => {
            change(&database, name, |t, person| rules::disable(t, person, (None, by)))?;
            format!("{name} may not sign in any more; whatever they had begun has ended.")
        }
        PeopleWork::Enable { name } => {
            change(&database, name, |t, person| rules::enable(t, person, by).map(Ok))?;
            format!("{name} may sign in again.")
        }
        PeopleWork::ResetPassword { name, password_file } => {
            let hash = password(name, password_file.as_deref())?;
            change(&database, name, |t, person| {
                rules::reset_password(t, person, &hash, by).map(Ok)
            })?;
            format!("{name} signs in with the new password, and has to change it then.")
        }
        PeopleWork::ResetSecondFactor { name } => {
            change(&database, name, |t, person| rules::reset_second_factor(t, person, by).map(Ok))?;
            format!("{name} signs in without a second factor, until they set one up.")
        }
        PeopleWork::SetupCode => return setup_code(&database, by, options.json),
    };
    let text = if options.json { format!("{}\n", json!({ "done": said })) } else { said + "\n" };
    output::print(&text)?;
    Ok(DONE)
}

/// Opens a store that is there. Only who adds the first person makes one: elsewhere a place without
/// a store is misspelt.
fn open(options: &People) -> Result<Database> {
    let makes = matches!(options.work, PeopleWork::Add { .. } | PeopleWork::SetupCode);
    let place: Place = options.store.parse()?;
    if let Place::File(path) = &place
        && !makes
        && !path.exists()
    {
        bail!("there is no store at `{}`\n\nhint: is --store right?", path.display());
    }
    Ok(Database::open(&place)?)
}

/// Who calls: an account of this machine, which is nobody's name in the store.
pub(crate) fn account() -> String {
    let user = getuid();
    let name = User::from_uid(user).ok().flatten().map_or(user.to_string(), |user| user.name);
    format!("account {name} of the machine")
}

fn add(
    database: &Database,
    (name, shown, duties): (&str, &str, BTreeSet<Duty>),
    password_file: Option<&Path>,
    by: By<'_>,
) -> Result<String> {
    rules::names(name, shown)?;
    let known = database.read(WHAT, |t| people::by_name(t, name))?;
    if known.is_some() {
        return Err(Wrong::Taken(name.to_owned()).into());
    }
    let hash = password(name, password_file)?;
    let password_of = PasswordOf::SomebodyElse;
    let new = New { name, shown, duties, password: Some(&hash), password_of };
    let mut random = random();
    database.write(WHAT, |t| rules::add(t, &new, by, &mut random))??;
    Ok(format!("{name} may sign in, and has to change the password then."))
}

fn password(name: &str, file: Option<&Path>) -> Result<Secret<String>> {
    let typed = match file {
        Some(file) => asked::file(file)?,
        None => asked::twice(&format!("the password for {name}"))?,
    };
    password::judge(typed.expose(), name)?;
    Ok(password::hash(typed.expose(), &mut random()))
}

fn change(
    database: &Database,
    name: &str,
    change: impl FnOnce(&mut Transaction<'_>, &Person) -> Result<Result<(), Wrong>, StoreError>,
) -> Result<()> {
    let done = database.write(WHAT, |t| match rules::named(t, name)? {
        Err(wrong) => Ok(Err(wrong)),
        Ok(person) => change(t, &person),
    })?;
    Ok(done?)
}

fn setup_code(database: &Database, by: By<'_>, json: bool) -> Result<u8> {
    let mut random = random();
    let code = database.write(WHAT, |t| setup::begin(t, by, &mut random))?;
    let code = code.context(setup::Wrong::Done)?;
    let code = code.expose();
    output::print(&if json {
        format!("{}\n", json!({ "setup_code": code }))
    } else {
        format!(
            "{code}\n\nWhoever types it at the console within a day is the first administrator.\n"
        )
    })?;
    Ok(DONE)
}

fn list(database: &Database, json: bool) -> Result<u8> {
    let everybody = database.read("read the people", |t| {
        let people = people::all(t)?;
        let with_codes = people.into_iter().map(|person| {
            let codes = people::recovery_codes(t, &person.id)?;
            Ok((person, codes))
        });
        with_codes.collect::<Result<Vec<_>, StoreError>>()
    })?;
    if json {
        let everybody: Vec<Value> =
            everybody.iter().map(|(person, codes)| as_json(person, *codes)).collect();
        output::print(&format!("{:#}\n", json!({ "people": everybody })))?;
        return Ok(DONE);
    }
    let mut page = String::new();
    for (person, codes) in &everybody {
        let _ = writeln!(page, "{}", as_line(person, *codes));
    }
    if everybody.is_empty() {
        page.push_str(
            "Nobody may sign in. `asepsis people add NAME --duty administrator` adds the first.\n",
        );
    }
    output::print(&page)?;
    Ok(DONE)
}

fn as_line(person: &Person, codes: i64) -> String {
    let duties: Vec<&str> = person.duties.iter().map(|duty| duty.text()).collect();
    let mut line = format!("{}  {}  {}", person.name, person.shown, duties.join(", "));
    line.push_str(match (person.access, person.password_of) {
        (Access::Disabled, _) => "  may not sign in",
        (Access::Open, PasswordOf::SomebodyElse) => "  has to change the password",
        (Access::Open, PasswordOf::Person) => "",
    });
    if person.totp.is_some() {
        let _ = write!(line, "  second factor, {codes} recovery codes");
    }
    line
}

fn as_json(person: &Person, codes: i64) -> Value {
    let created = jiff::Timestamp::from_millisecond(person.created_ms);
    json!({
        "id": person.id.0.as_str(),
        "name": person.name,
        "shown": person.shown,
        "duties": person.duties.iter().map(|duty| duty.text()).collect::<Vec<_>>(),
        "may_sign_in": person.access == Access::Open,
        "has_password": person.password.is_some(),
        "has_to_change_password": person.password_of == PasswordOf::SomebodyElse,
        "second_factor": person.totp.is_some(),
        "recovery_codes": codes,
        "created": created.ok().map(|created| created.to_string()),
    })
}
