//! What can be asked of feeds.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use collectors::feeds::{Label, Source};
use collectors::outward::Range;

#[derive(Debug, Args)]
pub(crate) struct Feed {
    #[command(subcommand)]
    pub(crate) work: FeedWork,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FeedWork {
    /// Fetch what is new of feeds into a folder, which `assess` and `serve --watch` read
    Sync(FeedSync),
    /// Compile advisories and feeds into a base, of which only what matters is ever opened
    Import(FeedImport),
    /// Say of each feed in a folder, or of what a base holds, how much there is and how old it is
    Status(FeedStatus),
    /// Make a pair of keys: one signs bundles, the other is for those who take them in
    Key(FeedKey),
    /// Put a base into one signed file, for a site that is not on the internet
    Bundle(FeedBundle),
}

/// The base, where no other is named.
const BASE: &str = "asepsis.base";

#[derive(Debug, Args)]
#[command(after_help = "\
Sources:
  nvd            National Vulnerability Database, API 2.0
  nvd:feeds      the same by its files of years, which needs no key; either goes on with the other's
  cve            CVE list: the archive of all, then what changed
  osv:ECOSYSTEM  open source vulnerabilities, such as osv:PyPI, osv:npm, osv:Debian
  kev            known exploited vulnerabilities, by CISA
  epss           predictions of exploitation, by FIRST
  csaf:DOMAIN    advisories of a maker or coordinator, such as csaf:www.cisa.gov; or csaf:https://…
                 of its provider-metadata.json

A key for the NVD is read from ASEPSIS_NVD_KEY or from --nvd-key-file, a proxy's password from
ASEPSIS_PROXY_PASSWORD or from the file that the configuration names. What did not change is not
fetched again; what was broken off goes on where it was. The guide is docs/guides/feeds.md.

Exit status:
  0  every source was taken     2  one was not, or an error

Examples:
  asepsis feed sync --into ./feeds nvd kev epss osv:PyPI csaf:www.cisa.gov
  asepsis feed sync --into ./feeds nvd:feeds      and `nvd` from then on, or not
  asepsis feed sync --into ./feeds        the sources that were fetched there before
  asepsis feed sync --into ./feeds --base asepsis.base        and compile what came into the base
  asepsis feed sync --into ./feeds --dry-run      what would be asked, and where
  asepsis feed sync --into ./feeds --config mirror.toml --feeds-may-reach 10.20.0.0/16")]
pub(crate) struct FeedSync {
    /// The folder; it is made where there is none
    #[arg(long, value_name = "FOLDER")]
    pub(crate) into: PathBuf,
    /// What to fetch; what was fetched there before, where nothing is named
    #[arg(value_name = "SOURCE")]
    pub(crate) sources: Vec<Source>,
    /// Compile all of the folder into this base, as `asepsis feed import --prune` does; what could
    /// be fetched also where a source was not
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    pub(crate) base: Option<PathBuf>,
    /// What is asked elsewhere, at a mirror or through a proxy, and whom else to trust
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// A file with a key for the NVD, which only its owner may read
    #[arg(long, value_name = "FILE")]
    pub(crate) nvd_key_file: Option<PathBuf>,
    /// Under which label advisories are wanted, beside none; may be named again
    #[arg(long, value_name = "LABEL", default_value = "white")]
    pub(crate) tlp: Vec<Label>,
    /// Addresses of your own network that may be asked; may be named again
    #[arg(long, value_name = "RANGE", env = "ASEPSIS_FEEDS_MAY_REACH", value_delimiter = ',')]
    pub(crate) feeds_may_reach: Vec<Range>,
    /// Ask nobody: say what would be asked of each source and where, and how it stands
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Print JSON instead
    #[arg(long)]
    pub(crate) json: bool,
    /// No progress
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
A feed is due when it was last asked with success too long ago: EPSS 2 days, KEV 3, NVD, CVE and
OSV 7, CSAF 14. That nothing changed there is no reason.

Exit status:
  0  none is due     1  one is     2  an error

Examples:
  asepsis feed status ./feeds
  asepsis feed status ./feeds --json | jq '.sources[] | select(.is_due)'
  asepsis feed status --base asepsis.base         what a base holds")]
pub(crate) struct FeedStatus {
    /// The folder that feeds were fetched into; the base where none is named
    pub(crate) folder: Option<PathBuf>,
    /// The base
    #[arg(long, value_name = "FILE", default_value = BASE, conflicts_with = "folder")]
    pub(crate) base: PathBuf,
    /// Print JSON instead
    #[arg(long)]
    pub(crate) json: bool,
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
