//! What can be asked of the server, the store and the audit chain.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use collectors::outward::Range;

/// Where the store stands.
#[derive(Debug, Args)]
pub(crate) struct StorePlace {
    /// The store: a file, which `serve` and `store put` make where there is none, or
    /// `postgres://user@host/database`
    #[arg(
        long,
        global = true,
        value_name = "PLACE",
        default_value = "asepsis.db",
        env = "ASEPSIS_STORE",
        hide_env_values = true
    )]
    pub(crate) store: String,
}

/// What is known of vulnerabilities, compiled.
#[derive(Debug, Args)]
pub(crate) struct NamedBase {
    /// Judge by this base, beside the documents, from now on; made by `asepsis feed import`, and
    /// looked at again whenever it changes
    #[arg(long, value_name = "FILE")]
    pub(crate) base: Option<PathBuf>,
    /// Judge by no base any more
    #[arg(long, conflicts_with = "base")]
    pub(crate) no_base: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
The first start prints a code, by which the first administrator is made in the browser; there is no
default password. Beyond this machine the console is reached over TLS only.

Programs reach the same by the API: /api/v1/openapi.json describes it, tokens are made at /account;
/metrics, /health/live and /health/ready are for whoever keeps it running.

Examples:
  asepsis serve --watch ./hospital
  asepsis serve --watch ./hospital --base asepsis.base
  asepsis serve --listen 0.0.0.0:8443 --tls-certificate cert.pem --tls-key key.pem
  asepsis serve --listen 0.0.0.0:8443 --tls-generate asepsis.hospital.example
  asepsis serve --store postgres://asepsis@db/asepsis --watch /srv/feeds --watch /srv/inventory")]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) place: StorePlace,
    /// A folder whose documents are taken in, now and whenever they change
    #[arg(long, value_name = "FOLDER")]
    pub(crate) watch: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) base: NamedBase,
    /// Where the console is reached
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// The certificate, and those that lead to its authority, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_certificate: Option<PathBuf>,
    /// The certificate's key, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Speak TLS by a certificate of the console's own making, for this name or address of the
    /// machine; it is kept beside the store, and its fingerprint is shown
    #[arg(long, value_name = "NAME", conflicts_with = "tls_certificate")]
    pub(crate) tls_generate: Vec<String>,
    /// Speak plain HTTP beyond this machine, behind a proxy that speaks TLS
    #[arg(long, conflicts_with_all = ["tls_certificate", "tls_generate"])]
    pub(crate) behind_proxy: bool,
    /// Where the agent answers: what it sees is shown, and what people intend is handed to it
    #[arg(long, value_name = "SOCKET", env = "ASEPSIS_SOCKET")]
    pub(crate) agent: Option<PathBuf>,
    /// The hospital's name, from now on
    #[arg(long, value_name = "NAME")]
    pub(crate) hospital: Option<String>,
    /// Addresses of your own network to which alerts may go; may be named again
    #[arg(long, value_name = "RANGE", env = "ASEPSIS_ALERTS_MAY_REACH", value_delimiter = ',')]
    pub(crate) alerts_may_reach: Vec<Range>,
    /// Addresses of your own network at which a provider of identities may be asked who somebody
    /// is; may be named again
    #[arg(long, value_name = "RANGE", env = "ASEPSIS_SIGN_IN_MAY_REACH", value_delimiter = ',')]
    pub(crate) sign_in_may_reach: Vec<Range>,
    /// What the console says in another language, a file such as de.ftl; may be named again
    #[arg(long, value_name = "FILE")]
    pub(crate) text: Vec<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  asepsis store put ./hospital            take in the documents of a folder, and judge
  asepsis store backup asepsis.backup.db  copy the store while it is in use
  asepsis store check                     whether the file and the audit chain are sound
  asepsis store retention                 for how long what is kept
  asepsis store restore asepsis.backup.db --store new.db")]
pub(crate) struct Store {
    #[command(flatten)]
    pub(crate) place: StorePlace,
    #[command(subcommand)]
    pub(crate) work: StoreWork,
}

#[derive(Debug, Subcommand)]
pub(crate) enum StoreWork {
    /// Take in the documents of a folder, and judge what they change
    Put {
        /// The folder, or a single file
        folder: PathBuf,
    },
    /// Judge everything anew
    Judge {
        #[command(flatten)]
        base: NamedBase,
        /// Only what the documents change that came since the last time, where that can be told
        #[arg(long)]
        changed: bool,
    },
    /// Copy the store to another file while it is in use
    Backup {
        /// The file, which must not be there yet
        to: PathBuf,
    },
    /// Make the store from a backup, where none stands yet
    Restore {
        /// The backup
        from: PathBuf,
    },
    /// Say whether the file, and the audit chain in it, are sound
    Check,
    /// Say for how long what is kept, and how much of it is older; or set that
    Retention(Retention),
}

#[derive(Debug, Args)]
#[command(after_help = "\
The server that runs over the same store forgets once a day what is older. Never forgotten: the
audit chain, orders and their steps, what was decided, when which document came, and what counts.

Examples:
  asepsis store retention                     for how long what is kept, and how much is older
  asepsis store retention flows 30            keep who speaks with whom for 30 days
  asepsis store retention documents never     forget no document that came
  asepsis store retention --now               forget now what is older")]
pub(crate) struct Retention {
    /// flows, devices, detections, documents, changes or judgements
    pub(crate) what: Option<String>,
    /// For how many days it is kept from now on, or `never` to forget none of it
    #[arg(requires = "what")]
    pub(crate) days: Option<String>,
    /// Forget now what is older
    #[arg(long)]
    pub(crate) now: bool,
    /// Print JSON instead
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Keep the head that `verify` prints where nobody who may write the store can change it: only such a
copy shows that rows at the end were taken away, or that all of them were made anew.

Examples:
  asepsis audit verify
  asepsis audit verify --head 1204:9f2c…
  asepsis audit export > audit.jsonl")]
pub(crate) struct Audit {
    #[command(flatten)]
    pub(crate) place: StorePlace,
    #[command(subcommand)]
    pub(crate) work: AuditWork,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditWork {
    /// Follow the whole chain; name the first row that was changed or is missing
    Verify {
        /// A head that was noted before, which the chain must lead past
        #[arg(long, value_name = "NUMBER:HASH")]
        head: Option<String>,
        /// Print JSON instead
        #[arg(long)]
        json: bool,
    },
    /// Print every row as a line of JSON, with its hash
    Export,
}
