//! The live demonstration from beginning to end, by an account without any right.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// `nobody`.
const NOBODY: u32 = 65_534;

#[test]
fn the_attack_on_saint_brigid_is_contained_and_care_loses_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    // Where every account can begin the program.
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("ours");
    let (program, temporary) = (folder.path().join("asepsis"), folder.path().join("tmp"));
    fs::copy(env!("CARGO_BIN_EXE_asepsis"), &program).expect("copied");
    fs::create_dir(&temporary).expect("made");
    fs::set_permissions(&temporary, Permissions::from_mode(0o777)).expect("ours");
    let mut command = Command::new(&program);
    command.args(["demo", "--headless", "--speed", "6"]).env("TMPDIR", &temporary);
    if nix::unistd::Uid::effective().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    let output = command.output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{complained}");
    assert_eq!(complained, "");
    for told in [
        "detected: SB-RAD-BCT-01",
        "detected: SB-ICU-EVT-03",
        "It needs one security and one clinical approver.",
        "SB-ICU-EVT-03: anna (security), by the console says yes",
        "SB-ICU-EVT-03: nora (clinical), by the console says yes",
        "SB-ICU-EVT-03: simulated switch holds it",
        "SB-ICU-EVT-03: the wire shows it, what care needs went on",
        "SB-RAD-BCT-01: the wire shows it, what care needs went on",
        "SB-ICU-EVT-03: simulated switch has let go of it",
        "libraries and images that lost a packet: 0.",
        "the last of them before the wire had shown that it was held",
    ] {
        assert!(said.contains(told), "{told}\n{said}");
    }
    let left = fs::read_dir(&temporary).expect("the folder").count();
    assert_eq!(left, 0, "what it remembered is gone");
}
