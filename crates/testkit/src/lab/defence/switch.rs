//! A switch of the hospital that filters its ports itself, and is told what by RADIUS, over a way
//! that loses packets. `FreeRADIUS` answers for it; its table is its own and not ours.
//!
//! Refuses to be fair: it may say yes and do nothing, or say nothing at all.

use std::fs::{self, Permissions};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;

use super::super::Error;
use super::super::cast::SWITCH;
use super::super::servers::write;
use super::Post;
use crate::radius::relay::Relay;
use crate::radius::server::{Server, Settings};
use crate::radius::switch::{OPEN, Switch};

/// Where the switch listens for changes (RFC 5176, section 2.1): on its own machine, as the agent.
const LISTEN: ([u8; 4], u16) = ([127, 0, 0, 1], 3_799);
const SECRET: &str = "a secret of the lab";
/// Which packets are lost: with this seed the first three, and the first answer.
const SEED: u64 = 8;
/// As the agent's journal calls it.
pub const EDGE: &str = "edge";

/// How a switch takes what RADIUS tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Manner {
    /// It does what it is told.
    #[default]
    Obeys,
    /// It says yes, and does nothing.
    OnlySaysSo,
    /// Nobody listens there.
    Silent,
}

/// A switch that is told by RADIUS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Edge {
    /// Of a hundred packets so many are lost, each way.
    pub loss_percent: u64,
    /// How it takes what it is told.
    pub manner: Manner,
}

/// The switch at work.
#[derive(Debug)]
pub(super) struct AtWork {
    way: Relay,
    _answers: Answers,
}

#[derive(Debug)]
enum Answers {
    Switch { _switch: Switch },
    Server { _server: Server },
    Nobody,
}

impl AtWork {
    /// Starts it, and the way to it.
    pub(super) fn start(edge: Edge, post: &Post<'_>) -> Result<Self, Error> {
        let (namespace, listen) = (post.network.run.namespace(SWITCH), SocketAddr::from(LISTEN));
        let settings = Settings {
            namespace: Some(&namespace),
            listen,
            secret: SECRET,
            folder: Some(post.folder),
            script: None,
        };
        let answers = match edge.manner {
            Manner::Obeys => Answers::Switch { _switch: Switch::start(settings, "br0", &[]) },
            Manner::OnlySaysSo => Answers::Server { _server: Server::start(settings) },
            Manner::Silent => Answers::Nobody,
        };
        let way = post.network.enter(SWITCH, || Relay::start(listen, edge.loss_percent, SEED))?;
        let secret = write(post.folder.join("radius.secret"), SECRET)?;
        fs::set_permissions(&secret, Permissions::from_mode(0o600))
            .map_err(|source| Error::File { path: secret, source })?;
        Ok(Self { way, _answers: answers })
    }

    /// As the agent is told of it.
    pub(super) fn configuration(&self) -> String {
        let rules = "{ change = { filter-rules = \"known\" } }";
        format!(
            "\n[[point]]\nkind = \"radius\"\nname = \"{EDGE}\"\nsecret-file = \"radius.secret\"\n\
             [point.radius]\nserver = \"{}\"\nmessage-authenticator = \"optional\"\n\
             lift = {{ change = {{ filter-id = \"{OPEN}\" }} }}\n\
             [point.radius.levels]\nrestrict = {rules}\ncontain = {rules}\nisolate = {rules}\n",
            self.way.address()
        )
    }

    /// How many packets came on the way, and how many of them it lost.
    pub(super) fn lost(&self) -> (u64, u64) {
        self.way.lost()
    }
}
