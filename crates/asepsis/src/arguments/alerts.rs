//! What can be asked of those who are told.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use collectors::outward::Range;

use super::serve::StorePlace;

#[derive(Debug, Args)]
#[command(after_help = "\
A target is told from then on, by the server that runs over the same store. What is signed by a
secret shows it once, when the target is made.

Examples:
  asepsis alerts add SIEM syslog+tls://siem.example:6514 --authority hospital-ca.pem
  asepsis alerts add chat https://chat.example/hook --topic detection --topic order
  asepsis alerts test SIEM --alerts-may-reach 10.20.0.0/16
  asepsis alerts list")]
pub(crate) struct Alerts {
    #[command(flatten)]
    pub(crate) place: StorePlace,
    #[command(subcommand)]
    pub(crate) work: AlertsWork,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AlertsWork {
    /// Tell somebody else from now on
    Add {
        /// What you call them
        name: String,
        /// Where: https://…, syslog+tls://HOST:PORT, syslog+tcp://… or syslog+udp://…
        to: String,
        /// json, ocsf or cef; CEF by syslog and JSON by webhook where nothing is said
        #[arg(long, value_name = "FORM", default_value = "", hide_default_value = true)]
        format: String,
        /// detection, order, finding or agent; may be named again, and all of them where none is
        #[arg(long, value_name = "TOPIC")]
        topic: Vec<String>,
        /// An authority to trust beside the system's, in PEM
        #[arg(long, value_name = "FILE")]
        authority: Option<PathBuf>,
    },
    /// List who is told, and whether that succeeds
    List {
        /// Print JSON instead
        #[arg(long)]
        json: bool,
    },
    /// Send a test to somebody, and say what is answered
    Test {
        /// What you call them
        name: String,
        /// Addresses of your own network that may be reached; may be named again
        #[arg(long, value_name = "RANGE", env = "ASEPSIS_ALERTS_MAY_REACH", value_delimiter = ',')]
        alerts_may_reach: Vec<Range>,
    },
    /// Try somebody anew who was given up
    Resume {
        /// What you call them
        name: String,
    },
    /// Tell somebody nothing any more
    Remove {
        /// What you call them
        name: String,
    },
}
