//! What a hospital tells the agent: where it looks, who its people are, by what it may act.
//!
//! Refuses a word that it does not know, so that a misspelt safety is told and not ignored. Holds
//! no secret: a secret is the name of a file that only its owner may read.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use decisions::threat::Technique;
use domain::order::{Door, Level, PointName, Role};
use domain::text::Text;
use enforcement::radius::seal::Secret;
use enforcement::radius::settings::Settings;
use enforcement::reconciler::Coverage;
use serde::Deserialize;

mod account;
pub(crate) use account::Account;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Configuration {
    /// The folder of what is remembered.
    #[serde(default = "state")]
    pub(crate) state: PathBuf,
    /// Where people reach the agent.
    #[serde(default = "socket")]
    pub(crate) socket: PathBuf,
    /// A folder with the inventory, as `assess` reads it.
    pub(crate) inventory: Option<PathBuf>,
    /// The ports of the switch or router that the agent is on: what comes in and what goes out is
    /// seen at each.
    #[serde(default)]
    pub(crate) interfaces: Vec<String>,
    /// Interfaces to which a switch copies what it lets through.
    #[serde(default)]
    pub(crate) mirrors: Vec<String>,
    /// After how many seconds something that a device does is usual. What began later before a
    /// detection is taken for the attacker's, and not kept open.
    #[serde(default = "ten_minutes")]
    pub(crate) usual_after: u32,
    /// Networks outside the hospital that every device may call: makers' services.
    #[serde(default)]
    outside: Vec<String>,
    /// Each person by name.
    #[serde(default)]
    people: BTreeMap<String, Person>,
    /// The program that people sign in to, and for whom it may speak.
    console: Option<Console>,
    /// By what the network is changed, the first choice first.
    #[serde(default)]
    pub(crate) point: Vec<Point>,
    /// What may be done without asking.
    #[serde(default)]
    playbook: Vec<Playbook>,
}

fn state() -> PathBuf {
    PathBuf::from("/var/lib/asepsis")
}

pub(crate) fn socket() -> PathBuf {
    PathBuf::from("/run/asepsis/agent.sock")
}

fn ten_minutes() -> u32 {
    600
}

fn four_hours() -> u32 {
    240
}

/// A person.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Person {
    /// The account on this machine by which the person is known: its name or its number.
    account: AccountName,
    /// The roles that the person may act in.
    roles: Vec<String>,
}

/// The console.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Console {
    /// The account on this machine that it runs as, which may speak for whoever signed in there:
    /// its name or its number. It is nobody's.
    account: AccountName,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum AccountName {
    Number(u32),
    Name(String),
}

/// An enforcement point.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "kind")]
pub(crate) enum Point {
    /// The kernel that the agent runs on.
    #[serde(rename_all = "kebab-case")]
    Nftables {
        /// A name to know it by.
        name: String,
        /// Whether the box bridges or routes.
        #[serde(default)]
        place: Place,
        /// The networks whose devices it can cut off; all where none is named.
        #[serde(default)]
        covers: Vec<String>,
    },
    /// A switch, an access point or a NAC, by RADIUS.
    #[serde(rename_all = "kebab-case")]
    Radius {
        /// A name to know it by.
        name: String,
        /// As for nftables.
        #[serde(default)]
        covers: Vec<String>,
        /// The file that holds the shared secret.
        secret_file: PathBuf,
        /// Whom to ask, and how each level is said.
        radius: Box<Settings>,
    },
}

/// Where the kernel stands in the traffic.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Place {
    #[default]
    Bridge,
    Router,
}

impl Place {
    /// As it is written.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Bridge => "bridge",
            Self::Router => "router",
        }
    }

    /// The place of that name.
    pub(crate) fn read(text: &str) -> Option<Self> {
        [Self::Bridge, Self::Router].into_iter().find(|place| place.text() == text)
    }
}

impl From<Place> for enforcement::nftables::Place {
    fn from(place: Place) -> Self {
        match place {
            Place::Bridge => Self::Bridge,
            Place::Router => Self::Router,
        }
    }
}

impl Point {
    /// As the journal names it.
    pub(crate) fn name(&self) -> PointName {
        let (Self::Nftables { name, .. } | Self::Radius { name, .. }) = self;
        PointName(name.as_str().into())
    }

    /// Whom it can cut off.
    pub(crate) fn coverage(&self) -> Result<Coverage> {
        let (Self::Nftables { covers, .. } | Self::Radius { covers, .. }) = self;
        let networks = covers.iter().map(|text| network(text)).collect::<Result<_>>()?;
        Ok(Coverage { networks })
    }
}

/// Reads a secret, which nobody but its owner may read.
pub(crate) fn secret(path: &Path) -> Result<Secret> {
    let name = path.display();
    let metadata =
        fs::metadata(path).with_context(|| format!("cannot read the secret `{name}`"))?;
    if metadata.permissions().mode() & 0o077 != 0 {
        bail!("others may read the secret `{name}`\n\nhint: chmod 600 {name}");
    }
    let mut bytes = fs::read(path).with_context(|| format!("cannot read the secret `{name}`"))?;
    while bytes.last().is_some_and(u8::is_ascii_whitespace) {
        bytes.pop();
    }
    Secret::new(bytes).with_context(|| format!("the secret `{name}` can't be used"))
}

fn network(text: &str) -> Result<(IpAddr, u8)> {
    let parts = text.split_once('/').unwrap_or((text, "128"));
    let (Ok(address), Ok(length)) = (parts.0.parse::<IpAddr>(), parts.1.parse::<u8>()) else {
        bail!("`{text}` is no network\n\nhint: write it as 10.20.0.0/16");
    };
    let length = if text.contains('/') || address.is_ipv6() { length } else { 32 };
    let longest = if address.is_ipv4() { 32 } else { 128 };
    ensure!(length <= longest, "`{text}` is no network: its prefix has more than {longest} bits");
    Ok((address, length))
}

/// What may be done without asking, if the interlock allows it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Playbook {
    /// Its name, as the journal will have it.
    pub(crate) name: String,
    /// The rules of detection on which it acts.
    on: Vec<String>,
    /// How far it goes.
    level: String,
    /// The day on which a drill passed; without one it only proposes.
    drilled: Option<String>,
    /// For how long it holds, in minutes.
    #[serde(default = "four_hours")]
    minutes: u32,
}

impl Playbook {
    /// Whether it acts on that technique.
    pub(crate) fn acts_on(&self, technique: Technique) -> bool {
        self.on.iter().any(|rule| rule == technique.text())
    }

    /// How far it goes.
    pub(crate) fn level(&self) -> Level {
        Level::read(&self.level).unwrap_or(Level::Watch)
    }

    /// For how long it holds, in seconds.
    pub(crate) fn holds_seconds(&self) -> u32 {
        self.minutes.saturating_mul(60)
    }
}

impl Configuration {
    /// Reads and checks a file. Paths in it are taken from the file's own folder.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let name = path.display();
        let text = fs::read_to_string(path)
            .with_context(|| format!("cannot read the configuration `{name}`"))?;
        let mut read =
            Self::parse(&text).with_context(|| format!("in the configuration `{name}`"))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        read.state = folder.join(&read.state);
        read.socket = folder.join(&read.socket);
        read.inventory = read.inventory.map(|inventory| folder.join(inventory));
        for point in &mut read.point {
            if let Point::Radius { secret_file, .. } = point {
                *secret_file = folder.join(&secret_file);
            }
        }
        Ok(read)
    }

    /// Reads and checks a text; paths stay as they are written.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let read: Self = toml::from_str(text)?;
        for playbook in &read.playbook {
            playbook.check()?;
        }
        read.outside()?;
        for (name, person) in &read.people {
            for role in &person.roles {
                ensure!(
                    Role::read(role).is_some(),
                    "`{name}` has the role `{role}`\n\nhint: write security, clinical or biomedical"
                );
            }
        }
        let mut names = BTreeSet::new();
        for point in &read.point {
            point.coverage()?;
            let name = point.name();
            ensure!(!name.0.trim().is_empty(), "an enforcement point has no name");
            ensure!(names.insert(name.clone()), "two points are called `{}`", name.0);
        }
        Ok(read)
    }

    /// Who may act, by the number of the account.
    pub(crate) fn accounts(&self) -> Result<BTreeMap<u32, Account>> {
        let mut accounts = BTreeMap::new();
        for (name, person) in &self.people {
            let number = person.account.number(name)?;
            let roles = person.roles.iter().filter_map(|role| Role::read(role)).collect();
            let account = Account { name: name.as_str().into(), roles, door: Door::Account };
            if let Some(other) = accounts.insert(number, account) {
                bail!(
                    "`{name}` and `{}` have one account\n\nhint: a person acts by an account of \
                       their own",
                    other.name
                );
            }
        }
        Ok(accounts)
    }

    /// The account that may speak for people, which is no person's.
    pub(crate) fn console(&self) -> Result<Option<u32>> {
        let Some(console) = &self.console else { return Ok(None) };
        let number = console.account.number("the console")?;
        if let Some(person) = self.accounts()?.get(&number) {
            bail!(
                "the console and `{}` have one account\n\nhint: the console runs as an account of \
                   its own, as which nobody works",
                person.name
            );
        }
        Ok(Some(number))
    }

    /// The networks outside that every device may call.
    pub(crate) fn outside(&self) -> Result<Vec<(IpAddr, u8)>> {
        self.outside.iter().map(|text| network(text)).collect()
    }

    /// What may be done without asking.
    pub(crate) fn playbooks(&self) -> &[Playbook] {
        &self.playbook
    }

    /// The playbooks for which a drill has passed.
    pub(crate) fn drilled(&self) -> BTreeSet<Text> {
        let drilled = self.playbook.iter().filter(|playbook| playbook.drilled.is_some());
        drilled.map(|playbook| playbook.name.as_str().into()).collect()
    }
}

impl Playbook {
    fn check(&self) -> Result<()> {
        let Self { name, level, .. } = self;
        ensure!(
            Level::read(level).is_some(),
            "the playbook `{name}` has the level `{level}`\n\nhint: write watch, restrict, contain or isolate"
        );
        for rule in &self.on {
            ensure!(
                Technique::ALL.iter().any(|technique| technique.text() == rule),
                "the playbook `{name}` acts on `{rule}`, which is no rule\n\nhint: docs/reference/detections.md lists them"
            );
        }
        if let Some(day) = &self.drilled {
            ensure!(
                day.parse::<jiff::civil::Date>().is_ok(),
                "the playbook `{name}` was drilled on `{day}`\n\nhint: write the day as YYYY-MM-DD"
            );
        }
        Ok(())
    }
}

impl AccountName {
    fn number(&self, person: &str) -> Result<u32> {
        match self {
            Self::Number(number) => Ok(*number),
            Self::Name(name) => {
                let user = nix::unistd::User::from_name(name)
                    .with_context(|| format!("cannot look up the account `{name}`"))?;
                let user = user.with_context(|| {
                    format!(
                        "`{person}` has the account `{name}`, which is not on this machine\n\nhint: make it, or write its number"
                    )
                })?;
                Ok(user.uid.as_raw())
            }
        }
    }
}

#[cfg(test)]
mod tests;
