//! What the chores need beside Rust, and how it comes onto the machine.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::chores::run;

/// Debian packages, each with the program that shows that it is there.
const DEBIAN: [(&str, &str); 3] =
    [("g++", "/usr/bin/g++"), ("iproute2", "/usr/sbin/ip"), ("nftables", "/usr/sbin/nft")];

/// What a benchmark compares with.
pub(crate) const COMPARED: [(&str, &str); 1] = [("tshark", "/usr/bin/tshark")];

/// Debian packages of the lab. None of their servers is started: the lab starts its own.
const LAB: [(&str, &str); 10] = [
    ("busybox", "/usr/bin/busybox"),
    ("dcmtk", "/usr/bin/storescu"),
    ("dnsmasq-base", "/usr/sbin/dnsmasq"),
    ("nmap", "/usr/bin/nmap"),
    ("openssh-client", "/usr/bin/ssh"),
    ("openssh-server", "/usr/sbin/sshd"),
    ("orthanc", "/usr/sbin/Orthanc"),
    ("python3-hl7", "/usr/lib/python3/dist-packages/hl7/__init__.py"),
    ("samba", "/usr/sbin/smbd"),
    ("smbclient", "/usr/bin/smbclient"),
];

/// What a package asks before it starts a server that it installs; 101 forbids it (invoke-rc.d(8)).
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// Programs from crates.io, each with the version that the project was built with.
const CARGO: [(&str, &str); 1] = [("cargo-deny", "0.20.2")];

/// Installs what is missing, saying so.
pub(crate) fn install() -> Result<()> {
    install_debian(&DEBIAN)?;
    install_lab()?;
    CARGO.iter().try_for_each(|(name, version)| install_cargo(name, version))
}

/// Installs what the lab needs, and lets none of it start by itself: not now, for the policy says
/// so meanwhile, and not at the next boot.
pub(crate) fn install_lab() -> Result<()> {
    let is_missing = |(_, proof): &(&str, &str)| !Path::new(proof).exists();
    let missing: Vec<(&str, &str)> = LAB.into_iter().filter(is_missing).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let is_ours = !Path::new(POLICY).exists();
    if is_ours {
        forbid_starts()?;
    }
    let installed = install_debian(&missing);
    if is_ours {
        std::fs::remove_file(POLICY).with_context(|| format!("cannot remove {POLICY}"))?;
    }
    installed?;
    stay_down(&missing)
}

fn forbid_starts() -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(POLICY, "#!/bin/sh\nexit 101\n")
        .and_then(|()| std::fs::set_permissions(POLICY, std::fs::Permissions::from_mode(0o755)))
        .with_context(|| format!("cannot write {POLICY}"))
}

/// Where systemd runs, the units that came with these packages are disabled.
fn stay_down(installed: &[(&str, &str)]) -> Result<()> {
    const UNITS: [(&str, &str); 3] =
        [("openssh-server", "ssh"), ("orthanc", "orthanc"), ("samba", "smbd nmbd samba-ad-dc")];
    if !Path::new("/run/systemd/system").exists() {
        return Ok(());
    }
    for (package, units) in UNITS {
        if installed.iter().any(|(name, _)| *name == package) {
            run(Command::new("systemctl").args(["--quiet", "disable"]).args(units.split(' ')))?;
        }
    }
    Ok(())
}

/// Installs those Debian packages whose program is not there, saying so.
pub(crate) fn install_debian(wanted: &[(&str, &str)]) -> Result<()> {
    let missing: Vec<&str> = wanted
        .iter()
        .filter(|(_, proof)| !Path::new(proof).exists())
        .map(|(name, _)| *name)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !Path::new("/usr/bin/apt-get").exists() {
        bail!(
            "these Debian packages or their like are missing, install them by hand: {}",
            missing.join(" ")
        );
    }
    say(&format!("installing Debian packages as root: {}", missing.join(" ")));
    run(Command::new("apt-get").args(["-qq", "update"]))?;
    let mut install = Command::new("apt-get");
    install.args(["-qq", "-y", "--no-install-recommends", "install"]).args(&missing);
    run(install.env("DEBIAN_FRONTEND", "noninteractive"))
}

/// Installs a cargo program where its subcommand does not answer.
pub(crate) fn install_cargo(name: &str, version: &str) -> Result<()> {
    let subcommand = name.strip_prefix("cargo-").unwrap_or(name);
    let there = Command::new("cargo").args([subcommand, "--version"]).output();
    if there.is_ok_and(|output| output.status.success()) {
        return Ok(());
    }
    say(&format!("installing {name} {version} from crates.io (a few minutes, once)"));
    run(Command::new("cargo").args(["install", "--locked", "--quiet", name, "--version", version]))
}

/// Says what is about to happen.
#[expect(clippy::print_stderr, reason = "a chore talks to the person who started it")]
pub(crate) fn say(what: &str) {
    eprintln!("xtask: {what}");
}
