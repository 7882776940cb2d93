//! A PostgreSQL server of a test's own, on a socket in a folder of its own.
//!
//! Refuses to touch a server that the machine has: nothing listens on the network.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, chown};
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
        Self::start_with("-c listen_addresses=")
    }

    /// Starts one that is reached at a port of `localhost` over TLS alone, with a certificate of
    /// its own; the port.
    ///
    /// # Panics
    /// As above.
    #[must_use]
    pub fn start_over_tls() -> (Self, u16) {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|taken| taken.local_addr());
        let port = free.expect("a free port").port();
        let options = format!(
            "-c listen_addresses=127.0.0.1 -c port={port} -c ssl=on \
             -c ssl_cert_file=../certificate.pem -c ssl_key_file=../key.pem"
        );
        (Self::start_with(&options), port)
    }

    /// The certificate by which it shows who it is, over TLS.
    #[must_use]
    pub fn certificate(&self) -> PathBuf {
        self.folder.join("certificate.pem")
    }

    fn start_with(more: &str) -> Self {
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
        server.keep_certificate();
        let data = server.data();
        // In the order of English words, as a hospital's server may be.
        let order = ["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US"];
        let mut init = vec!["-A", "trust", "-U", "asepsis", "-E", "UTF8", "--no-sync"];
        init.extend(order.into_iter().chain(["-D", &data]));
        server.run("initdb", &init);
        let folder = server.folder.display().to_string();
        let options = format!("-k {folder} -c hba_file={folder}/hba -c fsync=off {more}");
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

    /// Who it is, and from where it lets people in: the socket, and TLS.
    fn keep_certificate(&self) {
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("made");
        let hba = "local all all trust\nhostssl all all 127.0.0.1/32 trust\n".to_owned();
        let files = [
            ("certificate.pem", own.cert.pem()),
            ("key.pem", own.signing_key.serialize_pem()),
            ("hba", hba),
        ];
        for (name, text) in files {
            let path = self.folder.join(name);
            fs::write(&path, text).expect("kept");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("kept");
            if geteuid().is_root() {
                let account = User::from_name(ACCOUNT).expect("accounts").expect("PostgreSQL's");
                let (user, group) = (account.uid.as_raw(), account.gid.as_raw());
                chown(&path, Some(user), Some(group)).expect("given to it");
            }
        }
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
