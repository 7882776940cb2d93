//! The servers of the hospital, each a real program on its machine.
//!
//! Refuses to go on before each of them listens.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::cast::{Addressing, CAST, DICOM, HTTP, MLLP, OUTSIDE, REST};
use super::network::Network;
use super::program::Program;
use super::{Error, care, clock, files, finish, ledger, shown};

/// How long all of them together may take to start, in seconds.
const START_SECONDS: u64 = 60;
/// The interpreter that Debian's packages for Python are installed for.
const PYTHON: &str = "/usr/bin/python3";
/// How often a DHCP client asks again, in seconds.
const AGAIN: &str = "1";
/// The SMB accounts of the servers: whose machine, who maps to its one account, the password.
const ACCOUNTS: [(&str, &str, &str); 2] =
    [("files", "nurse", "round-and-round"), ("pump-1", files::SERVICE.0, files::SERVICE.1)];

/// Where things are.
pub(crate) struct Servers<'n> {
    pub(crate) network: &'n Network,
    /// The run's folder; each machine has one of its own in it.
    pub(crate) folder: &'n Path,
    /// Where ledgers are.
    pub(crate) ledgers: &'n Path,
}

impl Servers<'_> {
    /// Starts all of them, and waits until each listens.
    pub(crate) fn start(&self) -> Result<Vec<Program>, Error> {
        let mut programs = vec![self.infra()?];
        programs.extend(self.receivers()?);
        programs.push(self.archive()?);
        programs.push(self.shares("files", &["documents", "ADMIN$"])?);
        programs.push(self.shares("pump-1", &["ADMIN$"])?);
        programs.push(self.console()?);
        self.listening(&[("infra", "udp", 67), ("infra", "udp", 53)])?;
        programs.extend(self.leases()?);
        self.listening(&[
            ("gateway", "tcp", MLLP),
            ("central", "tcp", MLLP),
            ("ehr", "tcp", MLLP),
            ("ehr", "tcp", HTTP),
            ("library", "tcp", HTTP),
            (OUTSIDE, "tcp", HTTP),
            ("pacs", "tcp", DICOM),
            ("pacs", "tcp", REST),
            ("files", "tcp", 445),
            ("pump-1", "tcp", 445),
            ("ct", "tcp", 22),
        ])?;
        Ok(programs)
    }

    fn listening(&self, services: &[(&str, &str, u16)]) -> Result<(), Error> {
        services.iter().try_for_each(|(machine, protocol, port)| {
            clock::until(&format!("{machine} on {protocol}/{port}"), START_SECONDS, || {
                self.network.listens(machine, protocol, *port)
            })
        })
    }

    /// The folder of a machine.
    pub(crate) fn own(&self, machine: &str) -> Result<PathBuf, Error> {
        let path = self.folder.join(machine);
        fs::create_dir_all(&path).map_err(|source| Error::File { path: path.clone(), source })?;
        Ok(path)
    }

    fn start_one(&self, machine: &str, command: &mut Command) -> Result<Program, Error> {
        Program::start(command, &self.own(machine)?.join("printed"))
    }

    fn infra(&self) -> Result<Program, Error> {
        let folder = self.own("infra")?;
        let file = write(folder.join("dnsmasq.conf"), &files::dnsmasq(&folder))?;
        let mut command = self.network.command("infra", "dnsmasq");
        command.arg("--keep-in-foreground").arg(with("--conf-file=", &file));
        self.start_one("infra", &mut command)
    }

    /// A DHCP client on each machine that leases its address; it renews until the end.
    fn leases(&self) -> Result<Vec<Program>, Error> {
        let leased = CAST.iter().filter(|machine| machine.addressing == Addressing::Leased);
        let mut programs = Vec::new();
        for machine in leased.clone() {
            let folder = self.own(machine.name)?;
            let script = write(folder.join("leased.sh"), files::LEASED)?;
            executable(&script)?;
            let asset = machine.asset.expect("invariant: what leases an address is a device");
            let mut command = self.network.command(machine.name, "busybox");
            command.args(["udhcpc", "-f", "-i", "eth0", "-t", "9", "-T", AGAIN, "-s"]).arg(&script);
            command.args(["-x", &format!("hostname:{}", asset.id), "-V"]);
            command.arg(format!("{} {}", asset.maker, asset.model));
            programs.push(Program::start(&mut command, &folder.join("leased"))?);
        }
        for machine in leased {
            clock::until(&format!("the lease of {}", machine.name), START_SECONDS, || {
                care::has_own(self.network.address(machine.name), machine.name)
            })?;
        }
        Ok(programs)
    }

    fn receivers(&self) -> Result<Vec<Program>, Error> {
        let script = write(self.folder.join("receiver.py"), files::RECEIVER)?;
        let (mllp, http) = (MLLP.to_string(), HTTP.to_string());
        let ehr = super::cast::machine_of("ehr").address().to_string();
        let each: [(&str, &str, &[&str]); 6] = [
            ("gateway", "hl7", &[&mllp, &ehr, &mllp, "ehr"]),
            ("central", "hl7", &[&mllp]),
            ("ehr", "hl7", &[&mllp]),
            ("ehr", "web", &[&http, "page.served"]),
            ("library", "web", &[&http, "library.served"]),
            (OUTSIDE, "web", &[&http, "maker.took-note"]),
        ];
        each.iter()
            .map(|(machine, what, rest)| {
                // Two programs of one machine write two ledgers.
                let who = match (*machine, *what) {
                    ("ehr", "web") => "record",
                    (OUTSIDE, _) => "maker",
                    (machine, _) => machine,
                };
                let mut command = self.network.command(machine, PYTHON);
                command
                    .arg(&script)
                    .args([what, who])
                    .arg(ledger::path(self.ledgers, who))
                    .args(*rest);
                Program::start(&mut command, &self.own(machine)?.join(format!("printed-{what}")))
            })
            .collect()
    }

    fn archive(&self) -> Result<Program, Error> {
        let folder = self.own("pacs")?;
        for part in ["store", "worklist"] {
            self.own(&format!("pacs/{part}"))?;
        }
        let list = write(folder.join("worklist.dump"), files::WORKLIST)?;
        finish(
            Command::new("dump2dcm")
                .args(["-q", "-g"])
                .arg(&list)
                .arg(folder.join("worklist/1.wl")),
        )?;
        write(folder.join("worklist/lockfile"), "")?;
        write(folder.join("ledger.lua"), &files::lua(&ledger::path(self.ledgers, "pacs")))?;
        let file = write(folder.join("orthanc.json"), &files::orthanc(&folder))?;
        let mut command = self.network.command("pacs", "Orthanc");
        command.arg(&file);
        self.start_one("pacs", &mut command)
    }

    /// A file server; the accounts that may use it all map to one.
    fn shares(&self, machine: &str, shares: &[&str]) -> Result<Program, Error> {
        let folder = self.own(machine)?;
        for part in shares.iter().copied().chain(["samba", "samba/ncalrpc"]) {
            self.own(&format!("{machine}/{}", part.to_lowercase().replace('$', "")))?;
        }
        let account = ACCOUNTS.iter().find(|(whose, ..)| *whose == machine);
        let (_, who, password) = account.expect("invariant: each file server has an account");
        write(folder.join("users"), &format!("root = {who} administrator\n"))?;
        let file = write(folder.join("smb.conf"), &files::samba(&folder, machine, shares))?;
        let mut add = Command::new("smbpasswd");
        add.arg("-L").arg("-c").arg(&file).args(["-a", "-s", "root"]);
        tell(&mut add, &format!("{password}\n{password}\n"))?;
        let mut command = self.network.command(machine, "smbd");
        command.args(["--foreground", "--no-process-group", "--debug-stdout", "-s"]).arg(&file);
        self.start_one(machine, &mut command)
    }

    /// The scanner's SSH server, and the key of its maker's support.
    fn console(&self) -> Result<Program, Error> {
        let folder = self.own("ct")?;
        for key in ["host-key", "support-key"] {
            let mut make = Command::new("ssh-keygen");
            make.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(folder.join(key));
            finish(&mut make)?;
        }
        let outside = self.own(OUTSIDE)?;
        let key = folder.join("support-key");
        fs::copy(&key, outside.join("support-key"))
            .map_err(|source| Error::File { path: key, source })?;
        write(folder.join("console.sh"), files::CONSOLE)?;
        // Where sshd puts the child that speaks before anybody is let in (sshd(8)).
        let jail = PathBuf::from("/run/sshd");
        fs::create_dir_all(&jail).map_err(|source| Error::File { path: jail, source })?;
        write(folder.join("pixels.raw"), &"\u{1}\u{2}".repeat(64 * 64))?;
        let file = write(folder.join("sshd.conf"), &files::sshd(&folder))?;
        let mut command = self.network.command("ct", "/usr/sbin/sshd");
        command.args(["-D", "-e", "-f"]).arg(&file);
        self.start_one("ct", &mut command)
    }
}

/// Writes a file, and gives its path.
pub(crate) fn write(path: PathBuf, text: &str) -> Result<PathBuf, Error> {
    fs::write(&path, text).map_err(|source| Error::File { path: path.clone(), source })?;
    Ok(path)
}

fn executable(path: &Path) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
        .map_err(|source| Error::File { path: path.to_owned(), source })
}

/// An option whose value is a path.
fn with(option: &str, path: &Path) -> std::ffi::OsString {
    let mut whole = std::ffi::OsString::from(option);
    whole.push(path);
    whole
}

/// Runs a program to its end that reads what it has to know.
fn tell(command: &mut Command, text: &str) -> Result<(), Error> {
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let name = shown(command);
    let start = |source| Error::Start { program: name.clone(), source };
    let mut child = command.spawn().map_err(start)?;
    if let Some(mut input) = child.stdin.take() {
        // Where it has already ended, its status says so.
        let _ = input.write_all(text.as_bytes());
    }
    let output = child.wait_with_output().map_err(start)?;
    if output.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(Error::Failed { command: name, told })
}
