//! What the chores need beside Rust, and how it comes onto the machine.

use std::fs::Permissions;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use testkit::lab::python;

use crate::chores::run;

/// Debian packages, each with the program that shows that it is there.
const DEBIAN: [(&str, &str); 17] = [
    ("freeradius", "/usr/sbin/freeradius"),
    ("freeradius-utils", "/usr/bin/radclient"),
    ("g++", "/usr/bin/g++"),
    ("glewlwyd", "/usr/bin/glewlwyd"),
    ("hostapd", "/usr/sbin/hostapd"),
    ("iproute2", "/usr/sbin/ip"),
    ("libdpkg-perl", "/usr/share/perl5/Dpkg/Version.pm"),
    ("libfaketime", "/usr/share/doc/libfaketime/copyright"),
    ("minisign", "/usr/bin/minisign"),
    ("nftables", "/usr/sbin/nft"),
    ("openssl", "/usr/bin/openssl"),
    ("postgresql", "/usr/share/doc/postgresql/copyright"),
    ("python3-packaging", "/usr/lib/python3/dist-packages/packaging/version.py"),
    ("rpm", "/usr/bin/rpm"),
    ("rsyslog", "/usr/sbin/rsyslogd"),
    ("rsyslog-gnutls", "/usr/share/doc/rsyslog-gnutls/copyright"),
    ("wpasupplicant", "/usr/sbin/wpa_supplicant"),
];

/// Services that come with packages and that the tests start themselves where they need them.
const SERVICES: [(&str, &str); 11] = [
    ("freeradius", "freeradius.service"),
    ("glewlwyd", "glewlwyd.service"),
    ("hostapd", "hostapd.service"),
    ("openssh-server", "ssh.service"),
    ("orthanc", "orthanc.service"),
    ("postgresql", "postgresql.service"),
    ("rsyslog", "rsyslog.service"),
    ("samba", "smbd.service"),
    ("samba", "nmbd.service"),
    ("samba", "samba-ad-dc.service"),
    ("wpasupplicant", "wpa_supplicant.service"),
];

/// What `invoke-rc.d` asks whether a package may start its service.
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// The browser in which the console is tried.
pub(crate) const BROWSER: [(&str, &str); 2] =
    [("chromium", "/usr/bin/chromium"), ("chromium-driver", "/usr/bin/chromedriver")];

/// What a benchmark compares with.
pub(crate) const COMPARED: [(&str, &str); 1] = [("tshark", "/usr/bin/tshark")];

/// Debian packages of the lab. None of their servers is started: the lab starts its own.
const LAB: [(&str, &str); 13] = [
    ("busybox", "/usr/bin/busybox"),
    ("dcmtk", "/usr/bin/storescu"),
    ("dnsmasq-base", "/usr/sbin/dnsmasq"),
    ("freeradius", "/usr/sbin/freeradius"),
    ("hostapd", "/usr/sbin/hostapd"),
    ("nmap", "/usr/bin/nmap"),
    ("openssh-client", "/usr/bin/ssh"),
    ("openssh-server", "/usr/sbin/sshd"),
    ("orthanc", "/usr/sbin/Orthanc"),
    ("python3-hl7", "/usr/lib/python3/dist-packages/hl7/__init__.py"),
    ("samba", "/usr/sbin/smbd"),
    ("smbclient", "/usr/bin/smbclient"),
    ("wpasupplicant", "/usr/sbin/wpa_supplicant"),
];

/// What makes an environment of Python's own.
const PYTHON: [(&str, &str); 1] = [("python3-venv", "/usr/lib/python3.11/ensurepip/__init__.py")];

/// Programs from crates.io, each with the version that the project was built with.
const CARGO: [(&str, &str); 1] = [("cargo-deny", "0.20.2")];

/// Installs what is missing, saying so.
pub(crate) fn install() -> Result<()> {
    install_debian(&DEBIAN)?;
    install_debian(&BROWSER)?;
    install_lab()?;
    CARGO.iter().try_for_each(|(name, version)| install_cargo(name, version))
}

/// Installs what the lab needs.
pub(crate) fn install_lab() -> Result<()> {
    install_debian(&LAB)?;
    install_python()
}

/// Makes the environment of Python with what Debian does not have, each file by its hash.
fn install_python() -> Result<()> {
    if python::is_there() {
        return Ok(());
    }
    install_debian(&PYTHON)?;
    say(&format!("installing pynetdicom from PyPI into {}", python::HOME));
    let home = Path::new(python::HOME);
    // What is there is of another version, or half made.
    match std::fs::remove_dir_all(home) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", home.display()))?;
        }
        _ => {}
    }
    run(Command::new("/usr/bin/python3").args(["-m", "venv", python::HOME]))?;
    let wanted = home.join("wanted.txt");
    let written = |path: &Path| format!("cannot write {}", path.display());
    std::fs::write(&wanted, python::REQUIREMENTS).with_context(|| written(&wanted))?;
    let mut install = Command::new(home.join("bin/python"));
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]);
    install.args(["--require-hashes", "--only-binary", ":all:", "--no-deps", "--requirement"]);
    run(install.arg(&wanted)).context(
        "the lab needs pynetdicom, and pip could not fetch it\n\nhint: give pip a way to PyPI or \
         to a mirror of it (PIP_INDEX_URL, HTTPS_PROXY, or a folder of wheels by PIP_FIND_LINKS \
         with PIP_NO_INDEX=1), then run this again; without it `cargo test` runs, but for \
         the tests of the lab",
    )?;
    let stamp = python::stamp();
    std::fs::rename(&wanted, &stamp).with_context(|| written(&stamp))
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
    without_services(&missing, || run(install.env("DEBIAN_FRONTEND", "noninteractive")))
}

/// Installs so that no service starts: neither now, for a policy forbids it meanwhile, nor when the
/// machine starts next, for those that came with these packages are disabled again.
fn without_services(packages: &[&str], install: impl FnOnce() -> Result<()>) -> Result<()> {
    let ours = !Path::new(POLICY).exists();
    if ours {
        std::fs::write(POLICY, "#!/bin/sh\nexit 101\n")
            .and_then(|()| std::fs::set_permissions(POLICY, Permissions::from_mode(0o755)))
            .with_context(|| format!("cannot write {POLICY}; run this as root"))?;
    }
    let installed = install();
    if ours {
        std::fs::remove_file(POLICY).with_context(|| format!("cannot remove {POLICY}"))?;
    }
    for (_, service) in SERVICES.iter().filter(|(package, _)| packages.contains(package)) {
        // A machine without systemd starts none.
        let _ = Command::new("systemctl").args(["--no-reload", "disable", service]).output();
    }
    installed
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
