//! Configurations that are right, and each way of being wrong.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use domain::order::{Actor, Door, Role};

use super::{Configuration, Place, Point, secret};

#[test]
fn a_whole_configuration_is_read() {
    let read = Configuration::parse(
        r#"
        state = "state"
        inventory = "hospital"
        interfaces = ["port1", "port2"]

        [people.anna]
        account = 20001
        roles = ["security"]

        [people.ben]
        account = 20002
        roles = ["clinical", "biomedical"]

        [[point]]
        kind = "nftables"
        name = "ward"
        covers = ["10.20.0.0/16"]

        [[point]]
        kind = "radius"
        name = "switch-3"
        secret-file = "switch-3.secret"
        [point.radius]
        server = "10.20.0.3:3799"
        levels = { contain = { change = { filter-id = "asepsis-contain" } } }
        lift = "disconnect"

        [[playbook]]
        name = "worm"
        on = ["threat.tool-transfer"]
        level = "contain"
        drilled = "2026-10-01"
        "#,
    )
    .expect("it is right");
    let accounts = read.accounts().expect("they are told apart");
    let ben = &accounts[&20_002];
    assert!(
        ben.acts(None, &[Role::Clinical, Role::Biomedical]).expect_err("which").contains("--as")
    );
    let clinical = Actor::Person("ben".into(), Role::Clinical, Door::Account);
    assert_eq!(ben.acts(Some("clinical"), &[]), Ok(clinical.clone()));
    assert_eq!(ben.acts(None, &[Role::Clinical]), Ok(clinical));
    assert!(ben.acts(Some("security"), &[]).is_err());
    assert!(matches!(read.point[0], Point::Nftables { place: Place::Bridge, .. }));
    assert!(matches!(read.point[1], Point::Radius { .. }));
    assert_eq!(read.playbooks()[0].holds_seconds(), 240 * 60);
    assert!(read.drilled().contains("worm"));
}

#[test]
fn what_is_misspelt_is_told_and_not_ignored() {
    for (text, told) in [
        ("interface = []", "unknown field `interface`"),
        ("[people.anna]\naccount = 1\nroles = [\"nurse\"]", "write security"),
        ("[[point]]\nkind = \"iptables\"", "unknown variant `iptables`"),
        ("[[point]]\nkind = \"nftables\"\nname = \"a\"\ncovers = [\"ward\"]", "is no network"),
        ("[[point]]\nkind = \"nftables\"\nname = \"a\"\ncovers = [\"10.0.0.0/33\"]", "32 bits"),
        (
            "[[point]]\nkind = \"nftables\"\nname = \"a\"\n[[point]]\nkind = \"nftables\"\nname = \"a\"",
            "two points",
        ),
        ("[[playbook]]\nname = \"a\"\non = []\nlevel = \"quarantine\"", "write watch, restrict"),
        ("[[playbook]]\nname = \"a\"\non = [\"x\"]\nlevel = \"watch\"", "which is no rule"),
        ("[[playbook]]\nname = \"a\"\non = []\nlevel = \"watch\"\ndrilled = \"May\"", "YYYY-MM-DD"),
    ] {
        let error = Configuration::parse(text).expect_err(text);
        assert!(format!("{error:#}").contains(told), "{error:#}");
    }
}

#[test]
fn one_account_is_one_person() {
    let text = "[people.anna]\naccount = 7\nroles = []\n[people.ben]\naccount = 7\nroles = []";
    let read = Configuration::parse(text).expect("it is right so far");
    assert!(read.accounts().expect_err("one account").to_string().contains("one account"));
}

#[test]
fn a_secret_that_others_may_read_is_refused_and_none_is_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("secret");
    fs::write(&path, "s3cret-and-long-enough\n").expect("written");
    let may = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode));
    may(0o644).expect("set");
    assert!(secret(&path).expect_err("refused").to_string().contains("chmod 600"));
    may(0o600).expect("set");
    let read = format!("{:?}", secret(&path).expect("read"));
    assert!(!read.contains("s3cret"), "{read}");
}

#[test]
fn the_console_has_an_account_of_its_own() {
    let anna = "[people.anna]\naccount = 7\nroles = [\"security\"]\n";
    let with = |account: u32| {
        let text = format!("{anna}[console]\naccount = {account}\n");
        Configuration::parse(&text).expect("it is right so far").console()
    };
    assert_eq!(with(8).expect("nobody's"), Some(8));
    assert!(with(7).expect_err("anna's").to_string().contains("one account"));
    assert_eq!(Configuration::parse(anna).expect("right").console().expect("none"), None);
    let unknown = Configuration::parse("[console]\naccount = 8\nroles = []");
    assert!(format!("{:#}", unknown.expect_err("no roles there")).contains("unknown field"));
}
