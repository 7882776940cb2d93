//! What can be asked of decisions about findings.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::decision::Justification;

use super::day;
use super::serve::StorePlace;

#[derive(Debug, Args)]
#[command(after_help = "\
A decision is an OpenVEX document. With --in it is a file in the folder `decisions` of the folder
that is assessed; else it stands in the store, and everything is judged anew. It is about the very
version that is named, and carries over to no other. The guide is docs/guides/decisions.md.

Examples:
  asepsis decide not-affected CVE-2020-11896 --product \"BD/Alaris PCU\" --version 12.1.2 \\
      --because vulnerable_code_not_present --reason \"built without IPv6\" --in ./hospital
  asepsis decide false-positive CVE-2021-3712 --product \"BD/Alaris PCU\" --all-versions \\
      --component openssl --reason \"it is another openssl\"
  asepsis decide accept CVE-2020-11896 --product \"BD/Alaris PCU\" --version 12.1.2 \\
      --until 2027-03-01 --reason \"on its own network until the fix comes\"
  asepsis decide list
  asepsis decide undo 3f2a9c0d11e4b865")]
pub(crate) struct Decide {
    #[command(flatten)]
    pub(crate) place: StorePlace,
    /// A folder that is assessed, instead of a store
    #[arg(long = "in", global = true, value_name = "FOLDER")]
    pub(crate) folder: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) work: DecideWork,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DecideWork {
    /// Say that a product or a component does not have a vulnerability
    NotAffected {
        #[command(flatten)]
        about: About,
        /// Why, as OpenVEX labels it
        #[arg(long, value_name = "LABEL", value_parser = Justification::ALL.map(Justification::text))]
        because: Option<String>,
    },
    /// Say that what was matched is something else
    FalsePositive {
        #[command(flatten)]
        about: About,
    },
    /// Accept a risk up to and with a day; it stays affected, and is open again afterwards
    Accept {
        #[command(flatten)]
        about: About,
        /// The last day
        #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
        until: jiff::civil::Date,
    },
    /// List the decisions, and what each bears on
    List {
        /// Print JSON instead
        #[arg(long)]
        json: bool,
    },
    /// Take a decision back: what it was about is as it was before
    Undo {
        /// The decision, as `list` calls it
        id: String,
    },
}

/// What is decided about, why, and by whom.
#[derive(Debug, Args)]
pub(crate) struct About {
    /// The vulnerabilities, by any of their ids
    #[arg(required = true)]
    pub(crate) vulnerabilities: Vec<String>,
    /// The product, as the inventory calls it; where none is named, all that hold the component
    #[arg(long, value_name = "MAKER/MODEL", required_unless_present = "component")]
    pub(crate) product: Option<String>,
    /// At which version
    #[arg(long, value_name = "VERSION", requires = "product", conflicts_with = "all_versions")]
    pub(crate) version: Option<String>,
    /// At all of its versions, also those to come
    #[arg(long, requires = "product")]
    pub(crate) all_versions: bool,
    /// The component: a package URL, or, in a product, NAME or NAME@VERSION
    #[arg(long, value_name = "COMPONENT")]
    pub(crate) component: Option<String>,
    /// Why: whoever reads it later was not there
    #[arg(long)]
    pub(crate) reason: String,
    /// Who decides it; your account on this machine where nobody is named
    #[arg(long, value_name = "NAME")]
    pub(crate) author: Option<String>,
}
