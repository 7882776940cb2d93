//! What the chores need beside Rust, and how it comes onto the machine.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::chores::run;

/// Debian packages, each with the program that shows that it is there.
const DEBIAN: [(&str, &str); 7] = [
    ("freeradius", "/usr/sbin/freeradius"),
    ("freeradius-utils", "/usr/bin/radclient"),
    ("g++", "/usr/bin/g++"),
    ("hostapd", "/usr/sbin/hostapd"),
    ("iproute2", "/usr/sbin/ip"),
    ("nftables", "/usr/sbin/nft"),
    ("wpasupplicant", "/usr/sbin/wpa_supplicant"),
];

/// Programs from crates.io, each with the version that the project was built with.
const CARGO: [(&str, &str); 1] = [("cargo-deny", "0.20.2")];

/// Installs what is missing, saying so.
pub(crate) fn install() -> Result<()> {
    install_debian()?;
    CARGO.iter().try_for_each(|(name, version)| install_cargo(name, version))
}

fn install_debian() -> Result<()> {
    let missing: Vec<&str> = DEBIAN
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
