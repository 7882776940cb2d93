//! A port with IEEE 802.1X on the switch: `hostapd` asks who is there, `FreeRADIUS` says whether
//! they may, `wpa_supplicant` on the device answers. `hostapd` decides and does not filter: the
//! bridge's own port is locked, and hostapd's events open and close it, both ways.
//!
//! Refuses to let a device on that has not signed on, and to sign it on by itself: who was put off
//! stays off until the device asks anew.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::cast::{SWITCH, machine_of};
use super::network::Network;
use super::program::{Program, outcome};
use super::servers::write;
use super::{Error, clock, finish, ledger};

/// The device that is on it.
pub const STATION: &str = "ultrasound";
/// Where hostapd takes changes (RFC 5176): on the switch's own machine, as the agent.
pub(crate) const LISTEN: &str = "127.0.0.1:3800";
/// What it shares with the agent.
pub(crate) const SECRET: &str = "asecretofthelabs";
/// Whose ledger the port's is.
const BOOK: &str = "access";
/// How long a program may take to start, and a device to sign on, in seconds.
const READY_SECONDS: u64 = 20;

/// The port at work. Fields are dropped in order: the device first.
#[derive(Debug)]
pub(crate) struct Access {
    folder: PathBuf,
    _supplicant: Program,
    _events: Program,
    _hostapd: Program,
    _server: Program,
}

impl Access {
    /// Closes the port, starts its programs, and waits until the device has signed on.
    pub(crate) fn start(network: &Network, folder: &Path, ledgers: &Path) -> Result<Self, Error> {
        let (folder, port) = (folder.join("access"), machine_of(STATION).port());
        let made = |path: &Path| {
            std::fs::create_dir_all(path)
                .map_err(|source| Error::File { path: path.to_owned(), source })
        };
        ["radius", "sockets"].iter().try_for_each(|name| made(&folder.join(name)))?;
        let on_switch = |program: &str| network.command(SWITCH, program);
        let script = write(folder.join("port.sh"), &script(&ledger::path(ledgers, BOOK)))?;
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755))
            .map_err(|source| Error::File { path: script.clone(), source })?;
        finish(on_switch("sh").arg(&script).args([&port, "closed", ""]))?;

        write(folder.join("radius/radiusd.conf"), &server(&folder.join("radius")))?;
        let mut run = on_switch("freeradius");
        run.args(["-f", "-l", "stdout", "-d"]).arg(folder.join("radius"));
        let server = started(&mut run, &folder.join("server"), "Ready to process requests")?;
        let configuration = write(folder.join("hostapd.conf"), &hostapd(&folder, &port))?;
        let mut run = on_switch("hostapd");
        let hostapd = started(run.arg(configuration), &folder.join("hostapd"), "AP-ENABLED")?;
        let mut run = on_switch("hostapd_cli");
        run.arg("-p").arg(folder.join("control")).arg("-s").arg(folder.join("sockets"));
        run.args(["-i", &port, "-a"]).arg(&script);
        let events = Program::start(&mut run, &folder.join("events"))?;
        let configuration = write(folder.join("wpa.conf"), &supplicant(&folder))?;
        let mut run = network.command(STATION, "wpa_supplicant");
        run.args(["-D", "wired", "-i", "eth0", "-c"]).arg(configuration);
        let supplicant = started(&mut run, &folder.join("supplicant"), "Successfully initialized")?;
        let access = Self {
            folder,
            _supplicant: supplicant,
            _events: events,
            _hostapd: hostapd,
            _server: server,
        };
        access.sign_on(network)?;
        Ok(access)
    }

    /// The device asks anew to be let on, until it is.
    pub(crate) fn sign_on(&self, network: &Network) -> Result<(), Error> {
        clock::until("a device that has signed on", READY_SECONDS, || {
            if is_open(network) {
                return true;
            }
            let mut ask = network.command(STATION, "wpa_cli");
            ask.arg("-p").arg(self.folder.join("device")).args(["-i", "eth0", "reassociate"]);
            let _ = outcome(&mut ask);
            // It waits for two seconds before it asks by itself (IEEE 802.1X-2004, 8.2.2.1.2 has 30
            // between tries): asked again at once it would begin anew each time.
            clock::until("it", 4, || is_open(network)).is_ok()
        })
    }
}

/// Whether the bridge lets the device on.
fn is_open(network: &Network) -> bool {
    let machine = machine_of(STATION);
    let mut show = network.command(SWITCH, "bridge");
    let shown = finish(show.args(["fdb", "show", "dev", &machine.port()]));
    shown.is_ok_and(|shown| shown.lines().any(|line| line.starts_with(&machine.mac_text())))
}

fn started(command: &mut std::process::Command, log: &Path, ready: &str) -> Result<Program, Error> {
    let program = Program::start(command, log)?;
    clock::until(&format!("`{ready}` in {}", log.display()), READY_SECONDS, || {
        std::fs::read_to_string(log).is_ok_and(|said| said.contains(ready))
    })?;
    Ok(program)
}

/// What the switch does at each of hostapd's events: it opens the port for one hardware address, or
/// closes it both ways (IEEE 802.1X: `AdminControlledDirections` is `Both`). It notes what it did.
fn script(ledger: &Path) -> String {
    format!(
        r#"#!/bin/sh
note() {{
    printf '{{"at":%s,"number":1,"who":"{BOOK}","with":"{STATION}","kind":"%s","key":""}}\n' \
        "$(date +%s%6N)" "$1" >> "{}"
}}
flood() {{
    bridge link set dev "$1" locked on learning off flood "$2" mcast_flood "$2" bcast_flood "$2"
}}
case "$2" in
closed)
    flood "$1" off
    ip link set dev "$1" type bridge_slave fdb_flush
    ;;
AP-STA-CONNECTED)
    bridge fdb replace "$3" dev "$1" master static && flood "$1" on && note port.opened
    ;;
AP-STA-DISCONNECTED)
    flood "$1" off
    bridge fdb del "$3" dev "$1" master && note port.closed
    ;;
esac
"#,
        ledger.display()
    )
}

/// `hostapd` on a wire, which asks `FreeRADIUS` whom to let on.
fn hostapd(folder: &Path, port: &str) -> String {
    let listen = LISTEN.rsplit_once(':').map_or("", |(_, port)| port);
    format!(
        "interface={port}\ndriver=wired\nctrl_interface={}\nieee8021x=1\nuse_pae_group_addr=1\n\
         eap_server=0\neap_reauth_period=0\nown_ip_addr=127.0.0.1\nnas_identifier=lab\n\
         auth_server_addr=127.0.0.1\nauth_server_port=1812\nauth_server_shared_secret={SECRET}\n\
         radius_das_port={listen}\nradius_das_client=127.0.0.1 {SECRET}\n\
         radius_das_require_event_timestamp=1\nradius_das_require_message_authenticator=1\n",
        folder.join("control").display()
    )
}

/// The device's side. The password is no secret of anybody's.
fn supplicant(folder: &Path) -> String {
    format!(
        "ctrl_interface={}\nap_scan=0\nnetwork={{\n  key_mgmt=IEEE8021X\n  eap=MD5\n  \
         identity=\"{STATION}\"\n  password=\"word\"\n  eapol_flags=0\n}}\n",
        folder.join("device").display()
    )
}

/// `FreeRADIUS` as the server of authentication (RFC 3579), for one device.
fn server(folder: &Path) -> String {
    AUTHENTICATION
        .replace("FOLDER", &folder.display().to_string())
        .replace("SECRET", SECRET)
        .replace("STATION", STATION)
}

const AUTHENTICATION: &str = r#"name = freeradius
prefix = /usr
libdir = /usr/lib/freeradius
logdir = FOLDER
raddbdir = FOLDER
run_dir = FOLDER
pidfile = FOLDER/pid
security {
  allow_core_dumps = no
  max_attributes = 200
  reject_delay = 0
  status_server = no
}
thread pool {
  start_servers = 1
  max_servers = 4
  min_spare_servers = 1
  max_spare_servers = 2
  max_requests_per_server = 0
}
modules {
  eap {
    default_eap_type = md5
    timer_expire = 60
    md5 {
    }
  }
}
client switch {
  ipaddr = 127.0.0.1
  secret = "SECRET"
}
server access {
  listen {
    type = auth
    ipaddr = 127.0.0.1
    port = 1812
  }
  authorize {
    if (&User-Name == "STATION") {
      update control {
        Cleartext-Password := "word"
      }
    }
    eap
  }
  authenticate {
    eap
  }
}
"#;
