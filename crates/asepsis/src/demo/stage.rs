//! The demonstration in a browser: the console over the example hospital and the agent that is
//! within this process, for three made-up people of whom anybody who comes in may be each.
//!
//! Refuses other machines: it answers on this one only, and what it remembers is gone when it ends.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;

use anyhow::{Context, Result};
use collectors::outward::Reach;
use domain::order::Role;
use domain::person::{Duty, PersonId};
use presentation::console::cookies::Channel;
use presentation::console::{Console, Player};
use presentation::sign_in::people::{self, New};
use presentation::text::Languages;
use store::audit::By;
use store::database::Database;
use store::people::PasswordOf;
use store::{Place, settings};

use super::folder::Folder;
use super::{Live, Play};
use crate::commands::demo::write;
use crate::keeping::{HOSPITAL, now_ms};
use crate::serving::intake::Watched;
use crate::serving::watcher::AtHand;
use crate::serving::{Service, listen};
use crate::{output, randomness};

/// Where it answers, where that is free.
const PORT: u16 = 8080;
/// Whose hospital it is: the name for signing in, the one that is shown, the part, the duties.
const CAST: [(&str, &str, Role, &[Duty]); 3] = [
    ("anna", "Anna Berg", Role::Security, &[Duty::Acts(Role::Security), Duty::Administers]),
    ("nora", "Nora Quinn", Role::Clinical, &[Duty::Acts(Role::Clinical)]),
    ("ben", "Ben Ortiz", Role::Biomedical, &[Duty::Acts(Role::Biomedical)]),
];

/// Plays the demonstration until the program is asked to end.
pub(crate) fn play(play: Play, languages: Languages) -> Result<u8> {
    let folder = Folder::new()?;
    let hospital = folder.path().join("hospital");
    write(&hospital)?;
    let store = folder.path().join("asepsis.db");
    let database = Arc::new(Database::open(&Place::File(store.clone()))?);
    let cast = cast(&database)?;
    let first = cast.first().map(|player| player.id.clone());
    let live = Live::begin(play)?;
    let service = Service {
        database,
        place: store.display().to_string(),
        folders: vec![Watched::only(&hospital)],
        listener: free()?,
        tls: None,
        channel: Channel::Plain,
        agent: Arc::new(AtHand(live.asker())),
        reach: Reach::nowhere(),
        identities: Reach::nowhere(),
        cast,
        languages,
    };
    let seconds = play.attack_after.as_secs() / u64::from(play.speed.get());
    let ended = service.serve(|address, console| tell(address, console, first.as_ref(), seconds));
    live.end()?;
    ended
}

fn tell(
    address: &str,
    console: &Arc<Console>,
    first: Option<&PersonId>,
    seconds: u64,
) -> Result<()> {
    let first = first.context("a demonstration has people")?;
    let code = console.invite(first.clone());
    output::print(&format!(
        "Saint Brigid, a made-up hospital, is at work. In {seconds} seconds something on its \
         network begins to attack; the agent that watches is real, the switch that it tells is \
         simulated.\n\nOpen this in a browser; it lets one person in, once:\n\n  \
         {address}/enter/{}\n\n\
         There you may be each of three people, for it takes two to contain a device at a patient. \
         Ctrl-C ends it.\n",
        code.expose()
    ))
}

/// Adds the people, none of whom has a password: they come in by invitation.
fn cast(database: &Database) -> Result<Vec<Player>> {
    let mut random = randomness::random();
    let mut cast = Vec::new();
    database.write("write a setting", |t| settings::set(t, HOSPITAL, "Saint Brigid"))?;
    for (name, shown, part, duties) in CAST {
        let duties: BTreeSet<Duty> = duties.iter().copied().collect();
        let added = database.write("add people", |transaction| {
            let password_of = PasswordOf::Person;
            let new = New { name, shown, duties, password: None, password_of };
            let by = By { actor: "demonstration", at_ms: now_ms() };
            people::add(transaction, &new, by, &mut random)
        })?;
        cast.push(Player { id: added?, shown: shown.to_owned(), part });
    }
    Ok(cast)
}

/// The usual port, or any that is free.
fn free() -> Result<TcpListener> {
    let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    listen(at(PORT)).or_else(|_| listen(at(0)))
}
