//! What can be asked about SBOMs.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use decisions::sbom::quality::List;

use super::When;

#[derive(Debug, Args)]
pub(crate) struct Sbom {
    #[command(subcommand)]
    pub(crate) work: SbomWork,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SbomWork {
    /// Say whether SBOMs keep to their specification, and how much they tell
    Check(SbomCheck),
    /// Say what differs between the SBOMs of two releases
    Diff(SbomDiff),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Three lists say what an SBOM should tell: NTIA's minimum elements (2021), CISA's (draft of 2025),
and what the FDA asks for before a device is sold (NTIA's, level of support, end of support).
What is missing fails nothing unless --require asks for it.

Exit status:
  0  every SBOM keeps to its specification, and tells all that --require asks for
  2  one does not, or is no SBOM

Examples:
  asepsis sbom check vendor.cdx.json
  asepsis sbom check vendor.cdx.json --components
  asepsis sbom check ./sboms --require ntia --require fda
  asepsis sbom check ./sboms --json")]
pub(crate) struct SbomCheck {
    /// Files, or folders of them
    #[arg(required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// Fail where an SBOM does not tell all that a list asks for
    #[arg(long, value_enum, value_name = "LIST")]
    pub(crate) require: Vec<Required>,
    /// Name every component that does not tell all, not just the first few
    #[arg(long, conflicts_with = "json")]
    pub(crate) components: bool,
    /// One JSON object a line instead of text
    #[arg(long)]
    pub(crate) json: bool,
    /// When to use colour
    #[arg(long, value_enum, default_value_t = When::Auto)]
    pub(crate) color: When,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Components are the same by their package URL up to the version, or else by their name. With
--against, both releases are judged as `asepsis assess` does, and what is open in one of them only
is told.

Exit status:
  0  done                   1  something differs, under --fail-on-change
  2  a file is no SBOM, or cannot be read

Examples:
  asepsis sbom diff pump-3.0.cdx.json pump-3.1.cdx.json
  asepsis sbom diff pump-3.0.cdx.json pump-3.1.spdx.json --json
  asepsis sbom diff pump-3.0.cdx.json pump-3.1.cdx.json --against ./feeds --against ./vex")]
pub(crate) struct SbomDiff {
    /// The SBOM of the one release
    pub(crate) old: PathBuf,
    /// The SBOM of the other
    pub(crate) new: PathBuf,
    /// Advisories, feeds and VEX by which both are judged: a file or a folder
    #[arg(long, value_name = "PATH")]
    pub(crate) against: Vec<PathBuf>,
    /// Exit with 1 where anything differs
    #[arg(long)]
    pub(crate) fail_on_change: bool,
    /// Write JSON instead of text
    #[arg(long)]
    pub(crate) json: bool,
    /// When to use colour
    #[arg(long, value_enum, default_value_t = When::Auto)]
    pub(crate) color: When,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Required {
    /// NTIA, The Minimum Elements For an SBOM, 2021
    Ntia,
    /// CISA, 2025 Minimum Elements for an SBOM, draft
    Cisa,
    /// FDA, premarket guidance on cybersecurity, 2023
    Fda,
}

impl Required {
    pub(crate) fn list(self) -> List {
        match self {
            Self::Ntia => List::Ntia,
            Self::Cisa => List::Cisa,
            Self::Fda => List::Fda,
        }
    }
}
