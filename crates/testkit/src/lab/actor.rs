//! Actors: threads that play a machine's firmware or a person, each in its machine's network.
//!
//! Refuses to outlive its scene: an actor ends after the exchange that it is in.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::JoinHandle;
use std::time::Duration;

use super::cast::{DOMAIN, machine_of};
use super::clock::Stop;
use super::ledger::Ledger;
use super::network::{Run, go};

/// How long a name server may take, and how often it is asked (RFC 1035, 4.2.1).
const DNS_PATIENCE: Duration = Duration::from_secs(1);
const DNS_TRIES: usize = 3;

/// What an actor has at hand.
#[derive(Debug, Clone)]
pub(crate) struct Stage {
    pub(crate) stop: Stop,
    pub(crate) ledger: Ledger,
    pub(crate) machine: &'static str,
    /// Where its files are.
    pub(crate) folder: PathBuf,
    pub(crate) run: Run,
}

impl Stage {
    /// Begins to play in the machine's network.
    pub(crate) fn play(self, part: impl FnOnce(&Self) + Send + 'static) -> JoinHandle<()> {
        std::thread::spawn(move || {
            // Where there is no network any more, the scene is over.
            if go(&self.run.path(self.machine)).is_ok() {
                part(&self);
            }
        })
    }

    /// A program on the actor's machine.
    pub(crate) fn program(&self, program: &str) -> Command {
        // The thread is in the machine's network already, and so is what it starts.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--", program]);
        command.stdin(std::process::Stdio::null()).current_dir(&self.folder);
        command
    }

    /// A file of the actor's own.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        Path::new(&self.folder).join(name)
    }
}

/// Asks the hospital's name server for a machine's address (RFC 1035, 4.1).
pub(crate) fn resolve(name: &str) -> std::io::Result<Ipv4Addr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    socket.set_read_timeout(Some(DNS_PATIENCE))?;
    socket.connect((machine_of("infra").address(), 53))?;
    let id = socket.local_addr()?.port().to_be_bytes();
    // A standard query that asks for recursion, with one question.
    let mut query = [&id[..], &[1, 0, 0, 1, 0, 0, 0, 0, 0, 0]].concat();
    for label in name.split('.').chain(DOMAIN.split('.')) {
        query.push(u8::try_from(label.len()).unwrap_or(0));
        query.extend_from_slice(label.as_bytes());
    }
    // The root, type A, class IN.
    query.extend_from_slice(&[0, 0, 1, 0, 1]);
    let mut failed = std::io::ErrorKind::TimedOut.into();
    for _ in 0..DNS_TRIES {
        socket.send(&query)?;
        let mut answer = [0; 512];
        match socket.recv(&mut answer) {
            Ok(length) => {
                // One record behind the question: its data are its last four bytes.
                let answer = answer.get(..length).unwrap_or_default();
                let is_ours = answer.starts_with(&id) && answer.get(6..8) == Some(&[0, 1]);
                if let Some(address) = answer.last_chunk::<4>().filter(|_| is_ours) {
                    return Ok(Ipv4Addr::from(*address));
                }
                return Err(std::io::Error::other("the name server has no address for it"));
            }
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// A service of a machine, found by its name.
pub(crate) fn find(name: &str, port: u16) -> std::io::Result<SocketAddr> {
    Ok((IpAddr::from(resolve(name)?), port).into())
}
