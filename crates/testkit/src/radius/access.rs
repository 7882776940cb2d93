//! A port with IEEE 802.1X: `hostapd` with its server of dynamic authorization on one end, and
//! `wpa_supplicant` on the other.
//!
//! Refuses to filter: `hostapd` on a wire says who is authorized, and whoever asks reads it there.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use super::program::{Folder, Program, command};

/// How long a station may take to sign on: `hostapd` begins after three seconds by itself.
const SIGN_ON: Duration = Duration::from_secs(20);

/// An access port.
#[derive(Debug)]
pub struct Port {
    namespace: String,
    folder: Folder,
    _program: Program,
}

/// Where a port is, and who may change it.
#[derive(Debug, Clone, Copy)]
pub struct Settings<'a> {
    /// The switch's network namespace.
    pub namespace: &'a str,
    /// The interface that the station is on.
    pub interface: &'a str,
    /// Where changes are taken.
    pub listen: SocketAddr,
    /// Who may ask for one.
    pub client: IpAddr,
    /// What they share; of one word.
    pub secret: &'a str,
}

impl Port {
    /// Starts the port: it demands Event-Timestamp and Message-Authenticator of whoever asks.
    ///
    /// # Panics
    /// Where that fails; it needs root.
    #[must_use]
    pub fn start(settings: Settings<'_>) -> Self {
        let folder = Folder::new("hostapd");
        let users = folder.write("users", "\"pump\" MD5 \"word\"\n");
        let Settings { interface, listen, client, secret, .. } = settings;
        let (folder_path, users) = (folder.path().display(), users.display());
        let text = format!(
            "interface={interface}
driver=wired
ctrl_interface={folder_path}/control
ieee8021x=1
use_pae_group_addr=1
eap_server=1
eap_user_file={users}
eap_reauth_period=0
own_ip_addr={}
nas_identifier=switch-3
radius_das_port={}
radius_das_client={client} {secret}
radius_das_require_event_timestamp=1
radius_das_require_message_authenticator=1
",
            listen.ip(),
            listen.port()
        );
        let configuration = folder.write("hostapd.conf", &text);
        let mut run = command(Some(settings.namespace), "hostapd");
        run.arg(configuration);
        let program = Program::start(run, "AP-ENABLED");
        Self { namespace: settings.namespace.to_owned(), folder, _program: program }
    }

    /// What the port says of a station: `Some(true)` where it is authorized, `None` where it is not
    /// known.
    ///
    /// # Panics
    /// Where the port does not answer.
    #[must_use]
    pub fn authorizes(&self, station: &str) -> Option<bool> {
        let mut ask = command(Some(&self.namespace), "hostapd_cli");
        ask.arg("-p").arg(self.folder.path().join("control")).args(["sta", station]);
        let output = ask.output().expect("hostapd_cli runs");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        said.lines().find(|line| line.starts_with("flags=")).map(|line| line.contains("AUTHORIZED"))
    }

    /// Whether the port comes to say so of a station within the time of signing on.
    #[must_use]
    pub fn comes_to(&self, station: &str, wanted: Option<bool>) -> bool {
        let until = Instant::now() + SIGN_ON;
        while Instant::now() < until {
            if self.authorizes(station) == wanted {
                return true;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        false
    }
}

/// A device that signs on.
#[derive(Debug)]
pub struct Station {
    _program: Program,
    _folder: Folder,
}

impl Station {
    /// Starts a device's supplicant, and waits until it has signed on.
    ///
    /// # Panics
    /// Where it does not.
    #[must_use]
    pub fn start(namespace: &str, interface: &str) -> Self {
        let folder = Folder::new("wpa");
        let text = "ap_scan=0
network={
  key_mgmt=IEEE8021X
  eap=MD5
  identity=\"pump\"
  password=\"word\"
  eapol_flags=0
}
";
        let configuration = folder.write("wpa.conf", text);
        let mut run = command(Some(namespace), "wpa_supplicant");
        run.args(["-D", "wired", "-i", interface, "-c"]).arg(configuration);
        let program = Program::start(run, "CTRL-EVENT-CONNECTED");
        Self { _program: program, _folder: folder }
    }
}
