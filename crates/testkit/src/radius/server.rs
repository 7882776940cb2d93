//! `FreeRADIUS` as a server of dynamic authorization, with a configuration of its own.
//!
//! Refuses to decide: what a request means is a script's to say, or nobody's, and then every
//! request is acknowledged and nothing is done.

use std::net::SocketAddr;
use std::path::Path;

use super::program::{Folder, Program, command};

/// A running `FreeRADIUS`.
#[derive(Debug)]
pub struct Server {
    _program: Program,
    _folder: Folder,
}

/// Where it listens and what it does.
#[derive(Debug, Clone, Copy)]
pub struct Settings<'a> {
    /// The network namespace that it runs in.
    pub namespace: Option<&'a str>,
    /// Where it listens.
    pub listen: SocketAddr,
    /// What it shares with every client.
    pub secret: &'a str,
    /// Where the folder of its files goes; among temporary ones where none is named.
    pub folder: Option<&'a Path>,
    /// A shell script that gets the kind of the request, the station, the filter's name and the
    /// filter rules, and ends with success where it did what they say. What it prints goes into
    /// the answer.
    pub script: Option<&'a Path>,
}

impl Settings<'_> {
    /// A folder for files.
    pub(super) fn files(&self, name: &str) -> Folder {
        self.folder.map_or_else(|| Folder::new(name), |parent| Folder::inside(parent, name))
    }
}

impl Server {
    /// Starts one, and waits until it listens.
    ///
    /// # Panics
    /// Where it can't be started.
    #[must_use]
    pub fn start(settings: Settings<'_>) -> Self {
        let folder = settings.files("freeradius");
        folder.write("radiusd.conf", &configuration(folder.path(), settings));
        let mut run = command(settings.namespace, "freeradius");
        run.args(["-f", "-l", "stdout", "-d"]).arg(folder.path());
        let program = Program::start(run, "Ready to process requests");
        Self { _program: program, _folder: folder }
    }
}

/// The configuration, with words in capitals for what changes.
///
/// Answers carry no Message-Authenticator, as `FreeRADIUS` sends them by itself: version 3.2.1
/// computes it over sixteen zero octets where RFC 5176, section 3.4, has the Request Authenticator,
/// and its own client refuses that.
const CONFIGURATION: &str = r#"name = freeradius
prefix = /usr
libdir = /usr/lib/freeradius
logdir = FOLDER
raddbdir = FOLDER
run_dir = FOLDER
pidfile = FOLDER/pid
max_request_time = 5
cleanup_delay = 5
max_requests = 65536
hostname_lookups = no
security {
  allow_core_dumps = no
  max_attributes = 200
  reject_delay = 0
  status_server = no
}
thread pool {
  start_servers = 2
  max_servers = 8
  min_spare_servers = 1
  max_spare_servers = 4
  max_requests_per_server = 0
}
modules {
  always ok {
    rcode = ok
  }
  MODULE
}
client everybody {
  ipaddr = 0.0.0.0/0
  secret = "SECRET"
  require_message_authenticator = yes
}
server coa {
  listen {
    type = coa
    ipaddr = ADDRESS
    port = PORT
  }
  recv-coa {
    ACT
  }
  send-coa {
    ok
  }
}
"#;

/// How a script is asked.
const SCRIPT: &str = r#"exec switch {
    wait = yes
    input_pairs = request
    output_pairs = reply
    shell_escape = no
    timeout = 5
    program = "/bin/sh SCRIPT '%{Packet-Type}' '%{Calling-Station-Id}' '%{Filter-Id}' '%{NAS-Filter-Rule[*]}'"
  }"#;

fn configuration(folder: &Path, settings: Settings<'_>) -> String {
    let (module, act) = match settings.script {
        None => (String::new(), "ok"),
        Some(script) => (SCRIPT.replace("SCRIPT", &script.display().to_string()), "switch"),
    };
    CONFIGURATION
        .replace("FOLDER", &folder.display().to_string())
        .replace("ADDRESS", &settings.listen.ip().to_string())
        .replace("PORT", &settings.listen.port().to_string())
        .replace("SECRET", settings.secret)
        .replace("MODULE", &module)
        .replace("ACT", act)
}
