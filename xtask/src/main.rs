//! Every chore of the project: `cargo xtask setup | test | lint | gate | versions | bench | fuzz |
//! api-fuzz | screenshots | lab`.
//!
//! Refuses to hide what it does: each command is printed before it runs.

mod api_fuzz;
mod chores;
mod lab;
mod packages;
mod screenshots;
mod versions;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Chores of the Asepsis project.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// Install what tests and lints need and the machine lacks.
    Setup,
    /// Set up, lint, and run every test: what has to be true before a change lands.
    Test,
    /// Format, clippy, licences, banned and duplicate dependencies, known vulnerabilities.
    Lint,
    /// Ask the matcher the labelled questions, and show how well it answers.
    Gate,
    /// Compare each order of versions with its ecosystem's own tool, where that is installed, on
    /// pairs made from a seed.
    Versions {
        /// How many pairs.
        #[arg(long, default_value_t = 100_000)]
        pairs: usize,
        /// Where they begin.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// How many differences of each are shown.
        #[arg(long, default_value_t = 20)]
        shown: usize,
        /// With which tools; all of them where none is named.
        tools: Vec<String>,
    },
    /// Measure. Without a name: every benchmark.
    Bench {
        /// Which benchmark: `read` (MB/s and peak memory per format), `assess` (a whole large
        /// hospital), `base` (compiled feeds), `observe` (frames a second, beside tshark),
        /// `contain` (decision to verified; needs root) or `radius` (exchanges under loss).
        name: Option<String>,
        /// What it takes: `read` a folder of documents instead of made ones, `assess` the sizes.
        inputs: Vec<String>,
    },
    /// Fuzz the readers, each for some minutes.
    Fuzz {
        /// Which target; all of them where none is named.
        target: Option<String>,
        /// How long each target runs.
        #[arg(long, default_value_t = 10)]
        minutes: u32,
    },
    /// Try the API of a running console with made-up requests, by its own description, and look at
    /// each answer (Schemathesis, from PyPI).
    ApiFuzz {
        /// How many requests for each operation and phase, at most.
        #[arg(long, default_value_t = 40)]
        examples: u32,
    },
    /// Take pictures of every page of the console, to be looked at.
    Screenshots {
        /// Where to.
        #[arg(default_value = "target/screenshots")]
        folder: PathBuf,
    },
    /// A small hospital in network namespaces: real programs, real traffic, real attacks.
    Lab {
        #[command(subcommand)]
        work: lab::Work,
    },
}

fn main() -> Result<()> {
    match Arguments::parse().chore {
        Chore::Setup => chores::setup(),
        Chore::Test => chores::test(),
        Chore::Lint => chores::lint(),
        Chore::Gate => chores::gate(),
        Chore::Versions { pairs, seed, shown, tools } => versions::run(pairs, seed, shown, &tools),
        Chore::Bench { name, inputs } => chores::bench(name.as_deref(), &inputs),
        Chore::Fuzz { target, minutes } => chores::fuzz(target.as_deref(), minutes),
        Chore::ApiFuzz { examples } => api_fuzz::run(examples),
        Chore::Screenshots { folder } => screenshots::take(&folder),
        Chore::Lab { work } => lab::run(work),
    }
}
