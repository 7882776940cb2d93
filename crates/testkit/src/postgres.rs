//! A PostgreSQL server of a test's own, on a socket in a folder of its own.
//!
//! Refuses to touch a server that the machine has: nothing listens on the network.

use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use nix::unistd::{User, geteuid};

/// The account under which Debian runs the server, which refuses to run as root.
const ACCOUNT: &str = "postgres";

/// How many servers this process has started.
static SERVERS: AtomicU32 = AtomicU32::new(0);

/// A running server; it ends with this.
#[derive(Debug)]
pub struct Server {
    folder: PathBuf,
    programs: PathBuf,
}

impl Server {
    /// Starts one with an empty database.
    ///
    /// # Panics
    /// Where PostgreSQL is not installed or does not start.
    #[must_use]
    pub fn start() -> Self {
        let number = SERVERS.fetch_add(1, Ordering::Relaxed);
        let name = format!("asepsis-postgres-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).expect("a folder");
        if geteuid().is_root() {
            let account = User::from_name(ACCOUNT).expect("accounts").expect("PostgreSQL's");
            let (user, group) = (account.uid.as_raw(), account.gid.as_raw());
            chown(&folder, Some(user), Some(group)).expect("given to it");
        }
        let server = Self { folder, programs: programs() };
        let data = server.data();
        // In the order of English words, as a hospital's server may be.
        let order = ["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US"];
        let mut init = vec!["-A", "trust", "-U", "asepsis", "-E", "UTF8", "--no-sync"];
        init.extend(order.into_iter().chain(["-D", &data]));
        server.run("initdb", &init);
        let folder = server.folder.display().to_string();
        let options = format!("-k {folder} -c listen_addresses= -c fsync=off");
        let log = format!("{folder}/log");
        server.run("pg_ctl", &["-w", "-D", &data, "-l", &log, "-o", &options, "start"]);
        server
    }

    /// By which URL it is reached.
    #[must_use]
    pub fn url(&self) -> String {
        let folder = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://asepsis@{folder}/postgres")
    }

    fn data(&self) -> String {
        self.folder.join("data").display().to_string()
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let program = self.programs.join(program);
        let mut command = if geteuid().is_root() {
            let mut command = Command::new("setpriv");
            let to = [format!("--reuid={ACCOUNT}"), format!("--regid={ACCOUNT}")];
            command.args(to).args(["--clear-groups", "--"]).arg(&program);
            command
        } else {
            Command::new(&program)
        };
        command.args(arguments).current_dir(&self.folder).stdout(Stdio::null());
        let status = command.stderr(Stdio::null()).status();
        let ran = status.is_ok_and(|status| status.success());
        assert!(ran || std::thread::panicking(), "{} {arguments:?}", program.display());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.run("pg_ctl", &["-w", "-m", "immediate", "-D", &self.data(), "stop"]);
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The programs of the newest version that is installed.
fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL is installed");
    let newest = versions
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path())))
        .max();
    newest.map(|(_, path)| Path::new(&path).join("bin")).expect("PostgreSQL is installed")
}
