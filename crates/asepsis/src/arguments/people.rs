//! What can be asked about people on the command line. A password is never an argument, for others
//! on the machine see arguments.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::person::Duty;

#[derive(Debug, Args)]
#[command(after_help = "\
For whoever keeps the machine. Duties: security, clinical, biomedical, administrator, reader; what
each may do, docs/reference/rights.md says. A password that you set has to be changed by its person
at the first sign-in. Each change stands in the audit chain, with your account.

Examples:
  asepsis people --store /var/lib/asepsis/asepsis.db list
  asepsis people add anna --shown \"Anna Berg\" --duty clinical
  asepsis people reset-password anna --password-file /root/anna.password
  asepsis people reset-second-factor anna")]
pub(crate) struct People {
    /// The store: a file, or the URL of a PostgreSQL server
    // As a text: what can't be a place is told without the password that it may hold.
    #[arg(long, value_name = "PLACE", env = "ASEPSIS_STORE", hide_env_values = true)]
    pub(crate) store: String,
    /// Print JSON instead
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) work: PeopleWork,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PeopleWork {
    /// Show who may sign in, and how
    List,
    /// Add a person; the password is asked for
    Add {
        /// By which they sign in
        name: String,
        /// As others see it; the name where nothing is said
        #[arg(long, value_name = "NAME")]
        shown: Option<String>,
        /// What they are there for; several may be given
        #[arg(long = "duty", value_name = "DUTY", required = true, value_parser = duty)]
        duties: Vec<Duty>,
        /// Take the password from a file that only you may read
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// Let a person sign in no longer, and end what they have begun
    Disable {
        /// Who
        name: String,
    },
    /// Let a person sign in again
    Enable {
        /// Who
        name: String,
    },
    /// Set another password, and end what the person has begun
    ResetPassword {
        /// Who
        name: String,
        /// Take the password from a file that only you may read
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// Take a person's second factor and recovery codes away
    ResetSecondFactor {
        /// Who
        name: String,
    },
    /// Make a code by which the first administrator is made in the browser
    SetupCode,
}

pub(super) fn duty(text: &str) -> Result<Duty, String> {
    Duty::read(text).ok_or_else(|| {
        let all: Vec<&str> = Duty::ALL.iter().map(|duty| duty.text()).collect();
        format!("a duty is one of {}", all.join(", "))
    })
}
