//! The network: a namespace for each machine, a bridge in the switch's, a router to the outside.
//!
//! Every name begins with `asepsis-lab-` and the run. Refuses to touch what is not the lab's: only
//! namespaces of that name are removed, and only processes in them are ended.

use std::fs::{self, File};
use std::io::Write;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use nix::sched::{CloneFlags, setns};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::cast::{Addressing, BEACON, CAST, Machine, OUTSIDE, SWITCH, VENDOR};
use super::{Error, clock, finish, shown};

const PREFIX: &str = "asepsis-lab-";
/// Where `ip netns` keeps its namespaces.
const NAMESPACES: &str = "/run/netns";
/// How long ended processes may take to be gone, in seconds.
const GONE_SECONDS: u64 = 5;

/// One run of the lab: whose it is, and its folder.
#[derive(Debug, Clone)]
pub struct Run {
    id: String,
    folder: PathBuf,
}

impl Run {
    /// A new run of this process, with an empty folder.
    pub fn new() -> Result<Self, Error> {
        static RUNS: AtomicU32 = AtomicU32::new(0);
        let id = format!("{}-{}", std::process::id(), RUNS.fetch_add(1, Ordering::Relaxed));
        let run = Self { folder: std::env::temp_dir().join(format!("{PREFIX}{id}")), id };
        let failed = |source| Error::File { path: run.folder.clone(), source };
        // The folder says whose it is from the moment on that it is there: one that does not say so
        // is a dead run's, and somebody else may be removing those.
        let part = std::env::temp_dir().join(format!(".{PREFIX}{}", run.id));
        for left in [&part, &run.folder] {
            let _ = fs::remove_dir_all(left);
        }
        fs::create_dir_all(&part).map_err(failed)?;
        fs::write(part.join("owner"), birth(std::process::id()).unwrap_or_default())
            .map_err(failed)?;
        fs::rename(&part, &run.folder).map_err(failed)?;
        Ok(run)
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The namespace of a machine.
    #[must_use]
    pub fn namespace(&self, machine: &str) -> String {
        format!("{PREFIX}{}-{machine}", self.id)
    }

    /// Where the namespace of a machine is.
    #[must_use]
    pub fn path(&self, machine: &str) -> PathBuf {
        Path::new(NAMESPACES).join(self.namespace(machine))
    }

    /// Whether its process lives: of that number, and begun at the moment that it wrote down.
    fn is_alive(&self) -> bool {
        let process = self.id.split('-').next().and_then(|number| number.parse().ok());
        let written = fs::read_to_string(self.folder.join("owner")).unwrap_or_default();
        process.and_then(birth).is_some_and(|birth| birth == written)
    }

    /// Ends what still runs in its namespaces, and removes them and its folder.
    fn remove(&self) {
        let own: Vec<String> =
            namespaces().filter(|(id, _)| *id == self.id).map(|(_, n)| n).collect();
        for name in &own {
            for process in processes(name) {
                let _ = kill(Pid::from_raw(process), Signal::SIGKILL);
            }
        }
        let gone = || own.iter().all(|name| processes(name).is_empty());
        let _ = clock::until("the end of the lab's processes", GONE_SECONDS, gone);
        for name in &own {
            let _ = Command::new("ip").args(["netns", "del", name]).stderr(Stdio::null()).status();
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// When a process began, as the kernel counts it.
fn birth(process: u32) -> Option<String> {
    let line = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name may hold blanks and brackets; what follows its last bracket does not (proc(5)).
    let (_, fields) = line.rsplit_once(')')?;
    fields.split_whitespace().nth(19).map(str::to_owned)
}

/// Every namespace of a lab: the run's id, and the name.
fn namespaces() -> impl Iterator<Item = (String, String)> {
    let names = fs::read_dir(NAMESPACES).into_iter().flatten().flatten();
    names.filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let mut parts = name.strip_prefix(PREFIX)?.splitn(3, '-');
        let (process, number) = (parts.next()?, parts.next()?);
        parts.next()?;
        Some((format!("{process}-{number}"), name))
    })
}

/// The processes in a namespace. A thread of this process that works in it is none.
fn processes(namespace: &str) -> Vec<i32> {
    let output = Command::new("ip").args(["netns", "pids", namespace]).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let own = i32::try_from(std::process::id()).unwrap_or_default();
    let text = text.unwrap_or_default();
    text.lines().filter_map(|line| line.trim().parse().ok()).filter(|id| *id != own).collect()
}

/// Removes what runs that were killed left behind; says how many there were.
pub fn clean() -> usize {
    let folders = fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten();
    let folders = folders
        .filter_map(|entry| Some(entry.file_name().to_str()?.strip_prefix(PREFIX)?.to_owned()));
    let mut ids: Vec<String> = namespaces().map(|(id, _)| id).chain(folders).collect();
    ids.sort();
    ids.dedup();
    let runs = ids
        .into_iter()
        .map(|id| Run { folder: std::env::temp_dir().join(format!("{PREFIX}{id}")), id });
    let dead: Vec<Run> = runs.filter(|run| !run.is_alive()).collect();
    dead.iter().for_each(Run::remove);
    dead.len()
}

/// The machines with their cables; gone when it is dropped.
#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) run: Run,
}

impl Network {
    /// Lays the cables. Nothing is plugged in yet, so that a capture can begin before the first
    /// frame.
    pub(crate) fn new(run: Run) -> Result<Self, Error> {
        let network = Self { run };
        let (switch, outside) = (network.run.namespace(SWITCH), network.run.namespace(OUTSIDE));
        let mut all = vec![format!("netns add {switch}"), format!("netns add {outside}")];
        let ports = ["link set lo up", "link add br0 type bridge", "link set br0 up"];
        let mut ports = ports.map(str::to_owned).to_vec();
        for machine in &CAST {
            let (name, port) = (network.run.namespace(machine.name), machine.port());
            all.push(format!("netns add {name}"));
            all.push(format!(
                "link add {port} netns {switch} type veth peer name eth0 netns {name}"
            ));
            ports.push(format!("link set {port} gso_max_segs 1 master br0 up"));
        }
        let router = network.run.namespace("router");
        all.push(format!("link add wan0 netns {router} type veth peer name eth0 netns {outside}"));
        batch(None, &all)?;
        batch(Some(&switch), &ports)?;
        Ok(network)
    }

    /// Plugs every machine in.
    pub(crate) fn plug(&self) -> Result<(), Error> {
        for machine in &CAST {
            batch(Some(&self.run.namespace(machine.name)), &cables(machine))?;
        }
        let router = self.run.namespace("router");
        batch(
            Some(&router),
            &[
                "link set wan0 up",
                "addr add 198.51.100.1/24 dev wan0",
                "route add 203.0.113.0/24 dev wan0",
            ]
            .map(str::to_owned),
        )?;
        batch(
            Some(&self.run.namespace(OUTSIDE)),
            &[
                "link set lo up".to_owned(),
                "link set eth0 up".to_owned(),
                format!("addr add {VENDOR}/24 dev eth0"),
                format!("addr add {BEACON}/32 dev eth0"),
                "route add 10.20.0.0/24 via 198.51.100.1".to_owned(),
            ],
        )?;
        self.enter("router", || fs::write("/proc/sys/net/ipv4/ip_forward", "1"))?
            .map_err(|source| Error::Network { machine: "router".into(), source })?;
        Ok(())
    }

    /// Does something on a machine, in a thread of its own.
    pub(crate) fn enter<T: Send>(
        &self,
        machine: &str,
        act: impl FnOnce() -> T + Send,
    ) -> Result<T, Error> {
        let path = self.run.path(machine);
        let failed = |source| Error::Network { machine: machine.to_owned(), source };
        let worked =
            std::thread::scope(|scope| scope.spawn(move || go(&path).map(|()| act())).join());
        match worked {
            Ok(worked) => worked.map_err(failed),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }

    /// A program on a machine, yet to be started. It dies with the thread that starts it.
    pub(crate) fn command(&self, machine: &str, program: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.run.namespace(machine)]);
        command.args(["setpriv", "--pdeathsig", "KILL", "--", program]);
        command.stdin(Stdio::null());
        command
    }

    /// Whether somebody listens on a port of a machine, as its kernel says; nothing is sent.
    pub(crate) fn listens(&self, machine: &str, protocol: &str, port: u16) -> bool {
        let wanted = format!(":{port:04X}");
        let text = self.enter(machine, || {
            ["", "6"].map(|family| {
                fs::read_to_string(format!("/proc/thread-self/net/{protocol}{family}"))
            })
        });
        text.is_ok_and(|texts| {
            texts.iter().flatten().flat_map(|text| text.lines()).any(|line| {
                let mut fields = line.split_whitespace().skip(1);
                let local = fields.next().is_some_and(|local| local.ends_with(&wanted));
                let state = fields.nth(1);
                local && (protocol == "udp" || state == Some("0A"))
            })
        })
    }

    /// The address that a machine has.
    pub(crate) fn address(&self, machine: &str) -> Option<Ipv4Addr> {
        let name = self.run.namespace(machine);
        let shown =
            finish(Command::new("ip").args(["-n", &name, "-4", "-o", "addr", "show", "eth0"]));
        let shown = shown.ok()?;
        let after = shown.split_whitespace().skip_while(|word| *word != "inet").nth(1)?;
        after.split('/').next()?.parse().ok()
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.run.remove();
    }
}

/// Puts the calling thread onto a machine.
pub(crate) fn go(namespace: &Path) -> std::io::Result<()> {
    setns(File::open(namespace)?, CloneFlags::CLONE_NEWNET).map_err(std::io::Error::from)
}

/// What is set on a machine. Frames keep to the size of the cable, so that captures look as they
/// would on a real one.
fn cables(machine: &Machine) -> Vec<String> {
    let mut lines = vec![
        "link set lo up".to_owned(),
        format!("link set eth0 address {} gso_max_segs 1 up", machine.mac_text()),
    ];
    if machine.addressing == Addressing::Static {
        lines.push(format!("addr add {}/24 dev eth0", machine.address()));
        if machine.name != "router" {
            lines.push("route add default via 10.20.0.1".to_owned());
        }
    }
    lines
}

/// Many calls of `ip` in one process.
pub(crate) fn batch(namespace: Option<&str>, lines: &[String]) -> Result<(), Error> {
    let mut command = Command::new("ip");
    if let Some(namespace) = namespace {
        command.args(["-n", namespace]);
    }
    command.args(["-batch", "-"]).stdin(Stdio::piped()).stderr(Stdio::piped());
    let program = shown(&command);
    let start = |source| Error::Start { program: program.clone(), source };
    let mut child = command.spawn().map_err(start)?;
    let mut input = child.stdin.take();
    if let Some(input) = &mut input {
        // Where it has already ended, its status says so.
        let _ = input.write_all((lines.join("\n") + "\n").as_bytes());
    }
    drop(input);
    let output = child.wait_with_output().map_err(start)?;
    if output.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(Error::Failed { command: format!("{program}: {}", lines.join("; ")), told })
}
