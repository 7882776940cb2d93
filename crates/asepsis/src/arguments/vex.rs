//! What can be asked of VEX.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct Vex {
    #[command(subcommand)]
    pub(crate) work: VexWork,
}

#[derive(Debug, Subcommand)]
pub(crate) enum VexWork {
    /// Write what is known of products and their flaws, for whoever has them or makes them
    Export(VexExport),
}

#[derive(Debug, Args)]
#[command(after_help = "\
What was judged and decided is stated: what is undecided is under investigation. Products whose
version nobody knows are left out, and counted.

Examples:
  asepsis vex export ./hospital --author \"Saint Brigid\" > hospital.openvex.json
  asepsis vex export ./pump --format csaf --author \"Maker\" --namespace https://maker.example \\
      --product \"BD/Alaris PCU\" --to pump.csaf.json
  asepsis vex export ./pump --format cyclonedx --author \"Maker\" --product \"BD/Alaris PCU\" \\
      --version 12.1.2")]
pub(crate) struct VexExport {
    /// The folder, or a single file
    pub(crate) folder: PathBuf,
    /// In which form
    #[arg(long, value_enum, default_value_t = VexForm::Openvex)]
    pub(crate) format: VexForm,
    /// Who says it
    #[arg(long, value_name = "NAME")]
    pub(crate) author: String,
    /// An address that is the author's own, which CSAF asks for
    #[arg(long, value_name = "URL", required_if_eq("format", "csaf"))]
    pub(crate) namespace: Option<String>,
    /// Of which product only, as the inventory or its SBOM calls it
    #[arg(long, value_name = "MAKER/MODEL")]
    pub(crate) product: Option<String>,
    /// At which version only
    #[arg(long, value_name = "VERSION", requires = "product")]
    pub(crate) version: Option<String>,
    /// Where to write; standard output where nothing is named
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub(crate) to: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum VexForm {
    /// OpenVEX 0.2.0
    Openvex,
    /// CycloneDX 1.6, about one product
    Cyclonedx,
    /// CSAF 2.0, VEX profile
    Csaf,
}
