//! The one program: `asepsis assess | explain | demo | decide | feed | sbom | vex | observe |
//! contain | essential | agent | serve | store | alerts | audit | people | sign-in`.
//!
//! Holds what may touch the world on behalf of the rest: arguments, the clock, the terminal, and
//! where output goes. Judges nothing itself.

mod agent;
mod arguments;
mod asked;
mod assess;
mod baseline;
mod commands;
mod compiling;
mod configuration;
mod demo;
mod epoch;
mod keeping;
mod output;
mod planned;
mod planning;
mod progress;
mod randomness;
mod scene;
mod serving;
mod ward;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command};

/// Exit status of a program that did what was asked and found nothing that the caller wanted to
/// know by status.
const DONE: u8 = 0;
/// A device reached the decision that `--fail-on` names.
const REACHED: u8 = 1;
/// The input or the call was wrong: an error, or a problem under `--strict`.
const WRONG: u8 = 2;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.command {
        Command::Assess(options) => commands::assess::run(&options),
        Command::Demo(options) => commands::demo::run(&options),
        Command::Explain(options) => commands::explain::run(&options),
        Command::Decide(options) => commands::decide::run(&options),
        Command::Feed(options) => commands::feed::run(&options),
        Command::Observe(options) => commands::observe::run(&options),
        Command::Contain(options) => commands::contain::run(&options),
        Command::Essential(options) => commands::essential::run(&options),
        Command::Agent(options) => commands::agent::run(&options),
        Command::People(options) => commands::people::run(&options),
        Command::Hand(options) => commands::agent::hand(&options),
        Command::Sbom(options) => commands::sbom::run(&options),
        Command::Vex(options) => commands::vex::run(&options),
        Command::Serve(options) => commands::serve::run(&options),
        Command::Store(options) => commands::store::run(&options),
        Command::Alerts(options) => commands::alerts::run(&options),
        Command::Audit(options) => commands::audit::run(&options),
        Command::SignIn(options) => commands::sign_in::run(&options),
    };
    match outcome {
        Ok(status) => ExitCode::from(status),
        Err(error) if output::is_broken_pipe(&error) => ExitCode::from(DONE),
        Err(error) => {
            output::complain(&format!("error: {error:#}"));
            ExitCode::from(WRONG)
        }
    }
}
