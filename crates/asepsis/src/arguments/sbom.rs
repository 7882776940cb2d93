//! What can be asked about SBOMs.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use decisions::sbom::quality::List;
use presentation::sbom::written::Form;

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
    /// Write an SBOM in another format, and say what is lost
    Convert(SbomConvert),
    /// Make one SBOM of those of a product's parts
    Merge(SbomMerge),
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
Components are the same by their package URL up to the version, or else by their name, as where only
one side tells a package URL. With --against, both releases are judged as `asepsis assess` does, and
what is open in one of them only is told.

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

#[derive(Debug, Args)]
#[command(after_help = "\
Any SBOM is read that `asepsis assess` reads. What the new format has no place for is said on
standard error: of each kind how often it was there, and the first. The same input gives the same
bytes; the time in it is --timestamp, or else SOURCE_DATE_EPOCH, or else that of the input.

Exit status:
  0  written                 2  the file is no SBOM, or cannot be read

Examples:
  asepsis sbom convert vendor.spdx --to cyclonedx-1.6 --output vendor.cdx.json
  asepsis sbom convert pump.cdx.xml --to spdx-2.3 --json > pump.spdx.json 2> lost.json")]
pub(crate) struct SbomConvert {
    /// The SBOM
    pub(crate) file: PathBuf,
    /// Into which format, in JSON
    #[arg(long, value_enum)]
    pub(crate) to: SbomForm,
    /// Where to write; standard output where nothing is named
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    pub(crate) output: PathBuf,
    /// The time in the new document, such as 2026-11-23T10:00:00Z
    #[arg(long, value_name = "TIME")]
    pub(crate) timestamp: Option<jiff::Timestamp>,
    /// Say what is lost as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
What each SBOM describes becomes a component of the product, with its parts in it. A component with
the same package URL and version is there once; where two tell different things of it, the first
counts, and the other is told on standard error, as is what is lost.

Exit status:
  0  written                 2  a file is no SBOM, or cannot be read

Examples:
  asepsis sbom merge os.cdx.json app.spdx.json --name \"Infusion pump\" --version 3.1 -o pump.json
  asepsis sbom merge board.cdx.json firmware.cdx.json --to spdx-2.3 > whole.spdx.json")]
pub(crate) struct SbomMerge {
    /// The SBOMs, in the order in which they count
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// The product's name; without one nothing stands above what the SBOMs describe
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// The product's version
    #[arg(long, value_name = "VERSION", requires = "name")]
    pub(crate) version: Option<String>,
    /// In which format, in JSON
    #[arg(long, value_enum, default_value_t = SbomForm::CycloneDx)]
    pub(crate) to: SbomForm,
    /// Where to write; standard output where nothing is named
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    pub(crate) output: PathBuf,
    /// The time in the new document, such as 2026-11-23T10:00:00Z
    #[arg(long, value_name = "TIME")]
    pub(crate) timestamp: Option<jiff::Timestamp>,
    /// Say what was merged and lost as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SbomForm {
    /// CycloneDX 1.6
    #[value(name = "cyclonedx-1.6")]
    CycloneDx,
    /// SPDX 2.3
    #[value(name = "spdx-2.3")]
    Spdx,
}

impl SbomForm {
    pub(crate) fn form(self) -> Form {
        match self {
            Self::CycloneDx => Form::CycloneDx,
            Self::Spdx => Form::Spdx,
        }
    }

    /// As the option writes it.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::CycloneDx => "cyclonedx-1.6",
            Self::Spdx => "spdx-2.3",
        }
    }

    /// As people write it.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::CycloneDx => "CycloneDX 1.6",
            Self::Spdx => "SPDX 2.3",
        }
    }
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
