//! The program, serving a store of its own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use crate::postgres::Server;

/// What everybody's password is.
pub const PASSWORD: &str = "four words are enough";
/// How long the program may take to begin.
const PATIENCE: Duration = Duration::from_mins(1);

/// A server that runs until this goes.
#[derive(Debug)]
pub struct Served {
    /// Its process.
    pub program: Child,
    address: String,
    /// The code of the set-up; empty where the store was there before.
    pub code: String,
    folder: Option<tempfile::TempDir>,
    server: Option<Server>,
}

/// Where this says `postgres`, stores of tests stand at a PostgreSQL server, each at its own.
pub const STORE: &str = "ASEPSIS_TESTS_STORE";

impl Served {
    /// One with a new store of its own.
    ///
    /// # Panics
    /// Where it does not begin to answer.
    #[must_use]
    pub fn start(arguments: &[&str]) -> Self {
        if std::env::var(STORE).is_ok_and(|kind| kind == "postgres") {
            let server = Server::start();
            let mut served = Self::run(&server.url(), true, arguments, &[]);
            served.server = Some(server);
            return served;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let mut served = Self::start_in(folder.path(), arguments);
        served.folder = Some(folder);
        served
    }

    /// One whose store is a file in a folder, and stays there.
    ///
    /// # Panics
    /// As above.
    #[must_use]
    pub fn start_in(folder: &Path, arguments: &[&str]) -> Self {
        Self::start_as(folder, arguments, &[])
    }

    /// The same, in an environment of its own beside what there is.
    ///
    /// # Panics
    /// As above.
    #[must_use]
    pub fn start_as(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let store = folder.join("asepsis.db");
        Self::run(&store.display().to_string(), !store.exists(), arguments, environment)
    }

    fn run(store: &str, is_new: bool, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut program = Command::new(program())
            .args(["serve", "--listen", "127.0.0.1:0", "--store", store])
            .args(arguments)
            .envs(environment.iter().copied())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let said = BufReader::new(program.stderr.take().expect("piped"));
        let (to, told) = channel();
        thread::spawn(move || {
            // Whoever stops reading makes the program wait.
            said.lines().map_while(Result::ok).for_each(|line| drop(to.send(line)));
        });
        let (mut address, mut code) = (None, None);
        while address.is_none() || (is_new && code.is_none()) {
            let line = told.recv_timeout(PATIENCE).expect("it says where it answers");
            if let Some((_, at)) = line.split_once("answers at ") {
                address = Some(at.trim_end_matches('/').to_owned());
            }
            if let Some((_, shown)) = line.split_once("for a day: ") {
                code = Some(shown.trim().to_owned());
            }
        }
        Self {
            program,
            address: address.expect("an address"),
            code: code.unwrap_or_default(),
            folder: None,
            server: None,
        }
    }

    /// The address of a page.
    #[must_use]
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
        self.folder.take();
        self.server.take();
    }
}

/// The program under test, which stands beside the tests.
///
/// # Panics
/// Where it was not built.
#[must_use]
pub fn program() -> PathBuf {
    let test = std::env::current_exe().expect("a test");
    let folder = test.parent().and_then(Path::parent).expect("a folder of the build");
    let program = folder.join("asepsis");
    assert!(program.exists(), "{} is not built", program.display());
    program
}

/// Where the example hospital's files are.
#[must_use]
pub fn example() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/saint-brigid");
    folder.display().to_string()
}
