//! The lab removes what it made, whatever ends it. Needs root.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long it may take to come up, and to be gone.
const PATIENCE: Duration = Duration::from_secs(90);

/// A lab that works until somebody ends it.
fn up() -> Child {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lab-up");
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(["lab", "up", "--folder"]).arg(folder).stdout(Stdio::null());
    let child = command.spawn().expect("it starts");
    // The archive is the slowest to come up; its machine has work from then on.
    until("the lab works", || !processes(&child, "pacs").is_empty());
    child
}

fn until(what: &str, is_so: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "in vain: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn namespace(child: &Child, machine: &str) -> String {
    format!("asepsis-lab-{}-0-{machine}", child.id())
}

fn namespaces(child: &Child) -> Vec<String> {
    let output = Command::new("ip").args(["netns", "list"]).output().expect("`ip` runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let own = format!("asepsis-lab-{}-", child.id());
    text.lines().filter(|line| line.starts_with(&own)).map(str::to_owned).collect()
}

fn processes(child: &Child, machine: &str) -> Vec<String> {
    let namespace = namespace(child, machine);
    let output = Command::new("ip").args(["netns", "pids", &namespace]).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    text.unwrap_or_default().lines().map(str::to_owned).collect()
}

fn folder(child: &Child) -> std::path::PathBuf {
    std::env::temp_dir().join(format!("asepsis-lab-{}-0", child.id()))
}

#[test]
fn an_interrupted_lab_ends_in_order_and_leaves_nothing() {
    let mut child = up();
    let number = child.id().to_string();
    Command::new("kill").args(["-INT", &number]).status().expect("`kill` runs");
    let status = child.wait().expect("it ends");
    assert!(status.success(), "{status}");
    assert_eq!(namespaces(&child), [] as [&str; 0]);
    assert!(!folder(&child).exists());
}

#[test]
fn what_a_killed_lab_leaves_behind_is_removed_by_the_next() {
    let mut child = up();
    let programs = processes(&child, "pacs");
    child.kill().expect("killed");
    child.wait().expect("it ends");
    assert!(!namespaces(&child).is_empty(), "there is something to remove");
    let down = Command::new(env!("CARGO_BIN_EXE_xtask")).args(["lab", "down"]).status();
    assert!(down.expect("it starts").success());
    assert_eq!(namespaces(&child), [] as [&str; 0]);
    assert!(!folder(&child).exists());
    for program in programs {
        assert!(dies(&program), "{program} lives on");
    }
}

/// Whether a program is gone within some seconds. One that nobody has waited for yet is dead, too
/// (`proc(5)`: state `Z`).
fn dies(program: &str) -> bool {
    let stat = Path::new("/proc").join(program).join("stat");
    for _ in 0..500 {
        let Ok(text) = std::fs::read_to_string(&stat) else { return true };
        let state = text.rsplit_once(')').map(|(_, rest)| rest.trim_start());
        if state.is_none_or(|state| state.starts_with(['Z', 'X'])) {
            return true;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    false
}
