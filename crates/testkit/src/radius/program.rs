//! A program that runs beside a test, in a folder of its own.
//!
//! Refuses to be forgotten: it is ended, waited for, and its folder removed when it is dropped.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a program may take to say that it is ready.
const READY: Duration = Duration::from_secs(20);

/// A folder for one program's files, removed when it is dropped.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Makes one.
    ///
    /// # Panics
    /// Where it can't be made.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self::inside(&std::env::temp_dir(), name)
    }

    /// Makes one in another folder.
    ///
    /// # Panics
    /// Where it can't be made.
    #[must_use]
    pub fn inside(parent: &Path, name: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("asepsis-test-{}-{count}-{name}", std::process::id());
        let folder = parent.join(name);
        std::fs::create_dir(&folder).expect("a folder for a test");
        Self(folder)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file into it, and says where.
    ///
    /// # Panics
    /// Where it can't be written.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).expect("a file for a test");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A command, in a network namespace where one is named.
#[must_use]
pub fn command(namespace: Option<&str>, program: &str) -> Command {
    match namespace {
        None => Command::new(program),
        Some(namespace) => {
            // `ip` becomes the program, so that its number is the program's.
            let mut command = Command::new("ip");
            command.args(["netns", "exec", namespace, program]);
            command
        }
    }
}

/// A program that is running.
#[derive(Debug)]
pub struct Program {
    child: Child,
    /// Behind a lock, so that threads of a test may share what holds the program.
    lines: Mutex<Receiver<String>>,
    said: Vec<String>,
}

impl Program {
    /// Starts a program, and waits until one of its lines contains `ready`.
    ///
    /// # Panics
    /// Where it can't be started, ends, or does not say so in time: with all that it said.
    #[must_use]
    pub fn start(mut command: Command, ready: &str) -> Self {
        let shown = format!("{command:?}");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic_with(&shown, &error));
        let (sender, lines) = channel();
        let streams: [Option<Box<dyn Read + Send>>; 2] = [
            child.stdout.take().map(|stream| Box::new(stream) as _),
            child.stderr.take().map(|stream| Box::new(stream) as _),
        ];
        for stream in streams.into_iter().flatten() {
            let sender = sender.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    if sender.send(line).is_err() {
                        return;
                    }
                }
            });
        }
        let mut program = Self { child, lines: Mutex::new(lines), said: Vec::new() };
        assert!(program.says(ready, READY), "{shown} was not ready: {:#?}", program.said);
        program
    }

    /// Whether it says a line with that text within that time, or has said so already.
    pub fn says(&mut self, text: &str, within: Duration) -> bool {
        let until = Instant::now() + within;
        if self.said.iter().any(|line| line.contains(text)) {
            return true;
        }
        loop {
            match self
                .lines
                .get_mut()
                .unwrap_or_else(PoisonError::into_inner)
                .recv_timeout(until.saturating_duration_since(Instant::now()))
            {
                Ok(line) => {
                    let found = line.contains(text);
                    self.said.push(line);
                    if found {
                        return true;
                    }
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return false,
            }
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[expect(clippy::panic, reason = "a missing program must fail the test that needs it")]
fn panic_with(shown: &str, error: &std::io::Error) -> ! {
    panic!("this test needs to run {shown}: {error}; `cargo xtask setup` installs it")
}
