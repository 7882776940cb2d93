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
    /// Say of each feed in a folder how much there is, how old it is, and what went wrong
    Status(FeedStatus),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Sources:
  nvd            National Vulnerability Database, API 2.0
  cve            CVE list: the archive of all, then what changed
  osv:ECOSYSTEM  open source vulnerabilities, such as osv:PyPI, osv:npm, osv:Debian
  kev            known exploited vulnerabilities, by CISA
  epss           predictions of exploitation, by FIRST
  csaf:DOMAIN    advisories of a maker or coordinator, such as csaf:www.cisa.gov; or csaf:https://…
                 of its provider-metadata.json

A key for the NVD is read from ASEPSIS_NVD_KEY or from --nvd-key-file. What did not change is not
fetched again; what was broken off goes on where it was. The guide is docs/guides/feeds.md.

Exit status:
  0  every source was taken     2  one was not, or an error

Examples:
  asepsis feed sync --into ./feeds nvd kev epss osv:PyPI csaf:www.cisa.gov
  asepsis feed sync --into ./feeds        the sources that were fetched there before
  asepsis feed sync --into ./feeds --config mirror.toml --feeds-may-reach 10.20.0.0/16")]
pub(crate) struct FeedSync {
    /// The folder; it is made where there is none
    #[arg(long, value_name = "FOLDER")]
    pub(crate) into: PathBuf,
    /// What to fetch; what was fetched there before, where nothing is named
    #[arg(value_name = "SOURCE")]
    pub(crate) sources: Vec<Source>,
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
  asepsis feed status ./feeds --json | jq '.sources[] | select(.is_due)'")]
pub(crate) struct FeedStatus {
    /// The folder
    pub(crate) folder: PathBuf,
    /// Print JSON instead
    #[arg(long)]
    pub(crate) json: bool,
}
