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
