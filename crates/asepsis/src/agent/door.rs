//! The door: where people reach the agent. The kernel says who calls; the agent decides.
//!
//! Refuses long questions, slow callers and crowds, each by a named limit.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::people::Caller;
use super::talk::{Answer, QUESTION, Question};
use super::{Heard, Knock};

/// Most callers at once.
const CALLERS: usize = 64;
/// How long a caller may take to ask, and to take the answer.
const CALLER_PATIENCE: Duration = Duration::from_secs(5);

/// Opens the door. A socket that nobody answers at is left over, and is replaced.
pub(super) fn open(socket: &Path) -> Result<UnixListener> {
    let name = socket.display();
    if let Some(folder) = socket.parent() {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder of `{name}`"))?;
    }
    if socket.exists() {
        if UnixStream::connect(socket).is_ok() {
            bail!("another agent answers at `{name}`\n\nhint: end it first");
        }
        fs::remove_file(socket).with_context(|| format!("cannot replace `{name}`"))?;
    }
    let listener = UnixListener::bind(socket).with_context(|| format!("cannot open `{name}`"))?;
    // Everybody may knock: who they are is asked for each question.
    fs::set_permissions(socket, fs::Permissions::from_mode(0o666))
        .with_context(|| format!("cannot open `{name}` to everybody"))?;
    Ok(listener)
}

/// Answers the door in threads of its own, until the agent ends.
pub(super) fn answer(listener: UnixListener, to: Sender<Heard>) {
    let callers = Arc::new(AtomicUsize::new(0));
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(stream) = stream else { continue };
            let (callers, to) = (Arc::clone(&callers), to.clone());
            if callers.fetch_add(1, Ordering::AcqRel) >= CALLERS {
                callers.fetch_sub(1, Ordering::AcqRel);
                continue;
            }
            thread::spawn(move || {
                // Whoever hangs up gets no answer, and there is nobody to tell.
                let _ = serve(stream, &to);
                callers.fetch_sub(1, Ordering::AcqRel);
            });
        }
    });
}

fn serve(mut stream: UnixStream, to: &Sender<Heard>) -> Result<()> {
    stream.set_read_timeout(Some(CALLER_PATIENCE))?;
    stream.set_write_timeout(Some(CALLER_PATIENCE))?;
    let who = nix::sys::socket::getsockopt(&stream, nix::sys::socket::sockopt::PeerCredentials)?;
    let mut line = Vec::new();
    BufReader::new((&stream).take(QUESTION)).read_until(b'\n', &mut line)?;
    let answer = match serde_json::from_slice::<Question>(&line) {
        Err(error) => Answer::Wrong(format!("the question is not understood: {error}")),
        Ok(question) => {
            let (reply, wait) = channel();
            let caller = Caller::Account(who.uid());
            to.send(Heard::Knock(Knock { caller, question, reply }))?;
            wait.recv()?
        }
    };
    let mut line = serde_json::to_vec(&answer)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    Ok(())
}
