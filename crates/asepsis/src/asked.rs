//! Secrets that people type at the terminal or keep in a file.
//!
//! Refuses to show them while they are typed, and a file that others may read.

use std::fs;
use std::io::{self, IsTerminal, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};
use store::secret::Secret;

/// Most bytes of a secret that are read.
const LONGEST: usize = 4_096;
/// The file that stands for what comes in.
const STDIN: &str = "-";
/// What the keys for interrupt, end, and the two for erasing send.
const INTERRUPT: u8 = 0x03;
const END: u8 = 0x04;
const ERASE: [u8; 2] = [0x08, 0x7f];

/// A secret that is typed twice at the terminal.
pub(crate) fn twice(what: &str) -> Result<Secret<String>> {
    ensure!(
        io::stdin().is_terminal(),
        "there is no terminal at which {what} could be typed\n\nhint: name a file with --password-file"
    );
    let silence = Silence::begin()?;
    let first = line(&format!("{what}: "))?;
    let second = line("once more: ")?;
    drop(silence);
    ensure!(first == second, "the two are not the same: nothing was changed");
    Ok(Secret::new(first))
}

/// A secret in a file that nobody but its owner may read, or, where `-` is named, that comes in; a
/// line end behind it is not part of it.
pub(crate) fn file(path: &Path) -> Result<Secret<String>> {
    if path == Path::new(STDIN) {
        return text(io::stdin().lock(), "what comes in");
    }
    let name = path.display();
    let file = fs::File::open(path).with_context(|| format!("cannot read `{name}`"))?;
    let metadata = file.metadata().with_context(|| format!("cannot read `{name}`"))?;
    if metadata.permissions().mode() & 0o077 != 0 {
        bail!("others may read `{name}`\n\nhint: chmod 600 {name}");
    }
    text(file, &format!("`{name}`"))
}

fn text(from: impl Read, name: &str) -> Result<Secret<String>> {
    let mut text = String::new();
    let most = u64::try_from(LONGEST).unwrap_or(u64::MAX);
    // What the error would show is the secret itself.
    let read = from.take(most).read_to_string(&mut text).ok();
    read.with_context(|| format!("{name} holds no text"))?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(Secret::new(text.strip_suffix('\r').unwrap_or(text).to_owned()))
}

/// The terminal shows nothing of what is typed until this ends.
struct Silence(Termios);

impl Silence {
    fn begin() -> Result<Self> {
        let before = tcgetattr(io::stdin()).context("cannot ask the terminal")?;
        let mut silent = before.clone();
        // Keys come one by one, the one for interrupt too: it shall not leave the terminal mute.
        silent.local_flags.remove(LocalFlags::ECHO | LocalFlags::ICANON | LocalFlags::ISIG);
        tcsetattr(io::stdin(), SetArg::TCSAFLUSH, &silent).context("cannot hush the terminal")?;
        Ok(Self(before))
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        // Where the terminal is gone there is nothing to restore.
        let _ = tcsetattr(io::stdin(), SetArg::TCSADRAIN, &self.0);
    }
}

fn line(prompt: &str) -> Result<String> {
    let mut out = io::stderr();
    write!(out, "{prompt}")?;
    out.flush()?;
    let mut typed: Vec<u8> = Vec::new();
    for key in io::stdin().lock().bytes() {
        match key? {
            b'\n' | b'\r' => {
                writeln!(out)?;
                return String::from_utf8(typed).ok().context("what was typed is no text");
            }
            INTERRUPT | END => break,
            key if ERASE.contains(&key) => erase(&mut typed),
            key if typed.len() < LONGEST => typed.push(key),
            _ => {}
        }
    }
    writeln!(out)?;
    bail!("nothing was typed, and nothing was changed")
}

/// Takes the last character away, whatever its bytes.
fn erase(typed: &mut Vec<u8>) {
    while typed.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {}
}
