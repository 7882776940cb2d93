//! The program, serving a store of its own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

/// What everybody's password is.
pub(crate) const PASSWORD: &str = "four words are enough";
/// How long the program may take to begin.
const PATIENCE: Duration = Duration::from_mins(1);

/// A server that runs until this goes.
pub(crate) struct Served {
    /// Its process.
    pub(crate) program: Child,
    address: String,
    /// The code of the set-up; empty where the store was there before.
    pub(crate) code: String,
    folder: Option<tempfile::TempDir>,
}

impl Served {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut served = Self::start_in(folder.path(), arguments);
        served.folder = Some(folder);
        served
    }

    /// One whose store stands in a folder, and stays there.
    pub(crate) fn start_in(folder: &Path, arguments: &[&str]) -> Self {
        let store = folder.join("asepsis.db");
        let is_new = !store.exists();
        let store = store.display().to_string();
        let mut program = Command::new(env!("CARGO_BIN_EXE_asepsis"))
            .args(["serve", "--listen", "127.0.0.1:0", "--store", &store])
            .args(arguments)
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
        }
    }

    /// The address of a page.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
        self.folder.take();
    }
}

/// Where the example hospital's files are.
pub(crate) fn example() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/saint-brigid");
    folder.display().to_string()
}
