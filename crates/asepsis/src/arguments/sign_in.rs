//! What can be asked of signing in by a provider of identities.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use collectors::outward::Range;
use domain::person::Duty;

use super::people::duty;
use super::serve::StorePlace;

#[derive(Debug, Args)]
#[command(after_help = "\
The guide is docs/guides/sign-in-oidc.md. Register the console at the provider as a web application
whose answers come back to CONSOLE/sign-in/provider/back. Local accounts go on working beside it.

Examples:
  asepsis sign-in set https://id.hospital.example --client asepsis --secret-file secret \\
      --console https://asepsis.hospital.example --name \"the hospital's directory\"
  asepsis sign-in set … --scope profile --scope groups --claim groups \\
      --give icu-nurses=clinical --give it-security=security
  asepsis sign-in check --sign-in-may-reach 10.20.0.0/16
  asepsis sign-in link anna 248289761001")]
pub(crate) struct SignIn {
    #[command(flatten)]
    pub(crate) place: StorePlace,
    #[command(subcommand)]
    pub(crate) work: SignInWork,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SignInWork {
    /// Ask this provider from now on who somebody is, and no other
    Set(Box<Set>),
    /// Say who is asked, and who comes in by its word
    Show {
        /// Print JSON instead
        #[arg(long)]
        json: bool,
    },
    /// Ask the provider what it is, and say whether that can be used
    Check {
        /// Addresses of your own network that may be reached; may be named again
        #[arg(
            long,
            value_name = "RANGE",
            env = "ASEPSIS_SIGN_IN_MAY_REACH",
            value_delimiter = ','
        )]
        sign_in_may_reach: Vec<Range>,
    },
    /// Let somebody who is here already come in by the provider's word
    Link {
        /// The name by which they sign in here
        name: String,
        /// The provider's name for them, which it never changes: `sub`
        subject: String,
    },
    /// Let somebody come in by no provider's word any more, and end their sessions
    Unlink {
        /// The name by which they sign in here
        name: String,
    },
    /// Ask no provider any more; whoever has no password here is signed out
    Remove,
}

#[derive(Debug, Args)]
pub(crate) struct Set {
    /// The provider's issuer identifier, as its configuration has it
    pub(crate) issuer: String,
    /// Under which name the provider knows the console
    #[arg(long, value_name = "ID")]
    pub(crate) client: String,
    /// A file with the secret that goes with it, which nobody else may read; `-` for what comes in.
    /// Without it the console is a public client
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_file: Option<PathBuf>,
    /// How the secret is shown: basic or post; basic where nothing is said
    #[arg(long, value_name = "WAY", default_value = "", hide_default_value = true)]
    pub(crate) authentication: String,
    /// Where browsers reach the console
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) console: String,
    /// What people call it: the button says `Sign in with` and this
    #[arg(long, value_name = "NAME", default_value = "the hospital's sign-in")]
    pub(crate) name: String,
    /// An authority to trust beside the system's, in PEM
    #[arg(long, value_name = "FILE")]
    pub(crate) authority: Option<PathBuf>,
    /// What is asked for beside openid; may be named again, and profile where none is
    #[arg(long, value_name = "SCOPE")]
    pub(crate) scope: Vec<String>,
    /// A class of authentication that will do; may be named again, and any where none is
    #[arg(long, value_name = "CLASS")]
    pub(crate) acr: Vec<String>,
    /// A method of authentication that has to be among those used, such as mfa; may be named again
    #[arg(long, value_name = "METHOD")]
    pub(crate) amr: Vec<String>,
    /// The claim that says what somebody is there for, such as groups
    #[arg(long, value_name = "CLAIM", requires = "give")]
    pub(crate) claim: Option<String>,
    /// What a value of that claim gives: a duty, such as icu-nurses=clinical; may be named again
    #[arg(long, value_name = "VALUE=DUTY", value_parser = given, requires = "claim")]
    pub(crate) give: Vec<(String, Duty)>,
}

fn given(text: &str) -> Result<(String, Duty), String> {
    let (value, duty_text) = text.rsplit_once('=').ok_or("expected VALUE=DUTY")?;
    Ok((value.to_owned(), duty(duty_text)?))
}
