//! What can be asked of feeds.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// The base, where no other is named.
const BASE: &str = "asepsis.base";

#[derive(Debug, Args)]
pub(crate) struct Feed {
    #[command(subcommand)]
    pub(crate) work: FeedWork,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FeedWork {
    /// Compile advisories and feeds into a base, of which only what matters is ever opened
    Import(FeedImport),
    /// Say what a base holds, how old it is and how large
    Status(FeedStatus),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Compiled are CSAF 2.0, CVE 5.x, NVD 2.0, OSV, KEV and EPSS, in any depth and also in .gz, .xz and
.zip. Documents that the base holds already are not compiled again. It is written beside the old
one and takes its place once it is whole. What is no advisory and no feed is refused and told.

Exit status:
  0  done     2  something was refused or could not be read; all else is in the base

Examples:
  asepsis feed import ./feeds
  asepsis feed import ./cve ./csaf --base /var/lib/asepsis/known.base
  asepsis feed import ./csaf --prune      what is no longer in ./csaf leaves the base, too
  asepsis assess ./hospital --base asepsis.base")]
pub(crate) struct FeedImport {
    /// Folders, or single files
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// The base
    #[arg(long, value_name = "FILE", default_value = BASE)]
    pub(crate) base: PathBuf,
    /// Take out of the base what stood below these paths and no longer does
    #[arg(long)]
    pub(crate) prune: bool,
    /// JSON instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  asepsis feed status
  asepsis feed status --base /var/lib/asepsis/known.base --json")]
pub(crate) struct FeedStatus {
    /// The base
    #[arg(long, value_name = "FILE", default_value = BASE)]
    pub(crate) base: PathBuf,
    /// JSON instead of a table
    #[arg(long)]
    pub(crate) json: bool,
}
