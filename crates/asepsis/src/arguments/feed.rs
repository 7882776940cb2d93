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
    /// Make a pair of keys: one signs bundles, the other is for those who take them in
    Key(FeedKey),
    /// Put a base into one signed file, for a site that is not on the internet
    Bundle(FeedBundle),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Keys and signatures are minisign's. A key has no password: its file is for its owner only.

Examples:
  asepsis feed key /etc/asepsis/feeds.key     and feeds.key.pub beside it")]
pub(crate) struct FeedKey {
    /// The file of the key that signs; the other one gets .pub behind its name
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Where it is taken in, the signature is checked first; a bundle that is changed, cut short, signed by
somebody else, or older than the one before, is refused.

Examples:
  asepsis feed bundle --key feeds.key --to feeds.bundle
  asepsis feed import feeds.bundle --trust feeds.key.pub     at the other site")]
pub(crate) struct FeedBundle {
    /// The base
    #[arg(long, value_name = "FILE", default_value = BASE)]
    pub(crate) base: PathBuf,
    /// The key that signs
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
    /// The bundle
    #[arg(long, value_name = "FILE")]
    pub(crate) to: PathBuf,
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
  asepsis feed import feeds.bundle --trust feeds.key.pub     a bundle of `asepsis feed bundle`
  asepsis assess ./hospital --base asepsis.base")]
pub(crate) struct FeedImport {
    /// Folders, single files, and bundles
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// The base
    #[arg(long, value_name = "FILE", default_value = BASE)]
    pub(crate) base: PathBuf,
    /// The public key of whoever signed the bundles
    #[arg(long, value_name = "FILE")]
    pub(crate) trust: Option<PathBuf>,
    /// Take out of the base what stood below these paths, or is in no bundle, and no longer is
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
