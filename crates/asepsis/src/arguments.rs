//! What can be asked on the command line.

pub(crate) mod alerts;
pub(crate) mod decide;
pub(crate) mod feed;
mod people;
pub(crate) mod sbom;
pub(crate) mod serve;
pub(crate) mod sign_in;
pub(crate) mod vex;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::demo::ATTACK_AFTER_SECONDS;
pub(crate) use people::{People, PeopleWork};

/// Know every connected device, match it against vulnerabilities, rank by effect on care.
#[derive(Debug, Parser)]
#[command(name = "asepsis", version, max_term_width = 100, after_help = AFTER)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTER: &str = "\
Examples:
  asepsis demo                            a made-up hospital at work and attacked, in your browser
  asepsis assess ./hospital               which devices endanger care, why, and what to do first
  asepsis assess ./hospital --html r.html the same as a report to read, send and print
  asepsis explain PUMP-0017 CVE-2020-11896 --folder ./hospital
  asepsis observe ward.pcapng             who is on the network, what for, and what attackers do
  asepsis contain plan PUMP-0017 ward.pcapng   what cutting it off would do, and to whom
  asepsis sbom check vendor.cdx.json      whether an SBOM keeps to its specification";

/// The most times faster that the hospital is played: with more, what takes the agent its time
/// comes too late.
const SPEEDS: i64 = 10;
/// When the attack may begin, in seconds: once all have done what they do.
const ATTACKS: std::ops::RangeInclusive<u64> = 12..=86_400;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Read a folder (inventory, SBOMs, advisories, VEX) and rank its devices by risk to care
    Assess(Assess),
    /// Show it all with the made-up hospital that is inside this program
    Demo(Demo),
    /// Show the whole chain of reasons behind a device's rank, or behind one finding
    Explain(Explain),
    /// Decide about findings: not affected, a false positive, a risk accepted until a day
    Decide(decide::Decide),
    /// Fetch what is published of vulnerabilities, compile it into one file, say how old it is
    Feed(feed::Feed),
    /// Check, compare, convert and merge SBOMs
    Sbom(sbom::Sbom),
    /// Write VEX, for whoever has a product or makes it
    Vex(vex::Vex),
    /// Say who is on the network, what for, and what attackers do: from captures or live
    Observe(Observe),
    /// Cut off a device without cutting off its patient: plan, ask, approve, watch, lift
    Contain(Contain),
    /// Say what care needs of each model: propose, confirm, amend
    Essential(Essential),
    /// Watch the network, detect, propose, and carry out what may be done
    Agent(Agent),
    /// Serve the console, and keep what it shows up to date
    Serve(serve::Serve),
    /// Take in documents, back the store up, restore it, check it
    Store(serve::Store),
    /// Tell other systems what happens: a SIEM, a chat, a pager
    Alerts(alerts::Alerts),
    /// Verify and export the audit chain
    Audit(serve::Audit),
    /// Say who may sign in, and help them in again
    People(People),
    /// Have a provider of identities asked who somebody is (OpenID Connect)
    SignIn(sign_in::SignIn),
    /// The hand of the agent
    #[command(hide = true)]
    Hand(Hand),
}

#[derive(Debug, Args)]
#[command(after_help = "\
The configuration says where to watch, who the people are, and by what to act; the guide is
docs/guides/agent.md.
Begun as root, the agent goes on as the owner of its state folder; a process of its own keeps the
one right to change rules.

Examples:
  asepsis agent --config /etc/asepsis/agent.toml
  asepsis agent --config agent.toml --json | tee events.jsonl")]
pub(crate) struct Agent {
    /// The configuration
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// One JSON object a line instead of sentences
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Hand {
    pub(crate) place: String,
    pub(crate) name: String,
}

#[derive(Debug, Args)]
#[command(after_help = "\
A model is named by one of its devices, or as MANUFACTURER/MODEL. A clinician or a biomedical
engineer confirms; anybody may propose.

Examples:
  asepsis essential propose PUMP-0017      from what the agent saw of it and the other units
  asepsis essential list
  asepsis essential confirm 3
  asepsis essential amend PUMP-0017 --flows flows.json --reason \"the new drug library server\"")]
pub(crate) struct Essential {
    /// Where the agent answers
    #[arg(long, value_name = "PATH", default_value_os_t = crate::configuration::socket(), env = "ASEPSIS_SOCKET")]
    pub(crate) socket: PathBuf,
    /// In which of your roles you act
    #[arg(long = "as", value_name = "ROLE")]
    pub(crate) role: Option<String>,
    #[command(subcommand)]
    pub(crate) work: EssentialWork,
}

#[derive(Debug, Subcommand)]
pub(crate) enum EssentialWork {
    /// Show what care needs, confirmed and proposed
    List {
        /// Of which model only
        of: Option<String>,
        /// Print JSON instead
        #[arg(long)]
        json: bool,
    },
    /// Propose what a device and the other units of its model do for care
    Propose {
        /// The device
        device: String,
        /// Print JSON instead
        #[arg(long)]
        json: bool,
    },
    /// Confirm a proposal, by the number that you saw
    Confirm {
        /// The number
        number: u32,
        /// Print JSON instead
        #[arg(long)]
        json: bool,
    },
    /// Put other flows in the place of what was confirmed
    Amend {
        /// The model, or one of its devices
        of: String,
        /// A file with the flows, as `list --json` writes them
        #[arg(long, value_name = "FILE")]
        flows: PathBuf,
        /// Why
        #[arg(long)]
        reason: String,
        /// Print JSON instead
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
#[command(after_help = "\
Who you are, the agent knows by the account that you call from. Levels: watch (nothing is cut),
restrict (only what the model usually does), contain (only what its patient needs), isolate (nothing
at all).

Exit status:
  0  done            1  the state that was waited for did not come            2  an error, or a no

Examples:
  asepsis contain plan PUMP-0017                     what it would do, from what the agent sees
  asepsis contain request PUMP-0017 --reason \"it scans the ward\"
  asepsis contain approve 7
  asepsis contain status 7 --wait verified
  asepsis contain lift 7 --reason \"cleaned, checked by biomed\"
  asepsis contain break-glass PUMP-0017 --reason \"alarm does not reach us\"")]
pub(crate) struct Contain {
    /// Where the agent answers
    #[arg(long, value_name = "PATH", default_value_os_t = crate::configuration::socket(), env = "ASEPSIS_SOCKET")]
    pub(crate) socket: PathBuf,
    /// In which of your roles you act, where you have several
    #[arg(long = "as", value_name = "ROLE")]
    pub(crate) role: Option<String>,
    #[command(subcommand)]
    pub(crate) work: ContainWork,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ContainWork {
    /// Plan a containment, replay it, prove its rules, and do nothing
    Plan(ContainPlan),
    /// Say which of the recorded sessions would end, and which would stay
    Replay(ContainPlan),
    /// Ask for a containment
    Request {
        /// The device: its id, an address, or the name that it gives itself
        device: String,
        /// How far to cut it off
        #[arg(long, default_value = "contain", value_name = "LEVEL")]
        level: String,
        /// Why
        #[arg(long)]
        reason: String,
        /// For how long
        #[arg(long, default_value_t = 240, value_name = "MINUTES")]
        minutes: u32,
        /// Print JSON instead
        #[arg(long)]
        json: bool,
    },
    /// Say yes
    Approve {
        /// The order
        order: u64,
        /// Print JSON instead
        #[arg(long)]
        json: bool,
    },
    /// Say no
    Refuse {
        /// The order
        order: u64,
        /// Why
        #[arg(long)]
        reason: String,
        /// Print JSON instead
        #[arg(long)]
        json: bool,
    },
    /// Confirm, at the bedside, that a substitute is running
    ConfirmSubstitute {
        /// The order
        order: u64,
        /// Print JSON instead
        #[arg(long)]
        json: bool,
    },
    /// Give an order more time
    Renew {
        /// The order
        order: u64,
        /// How much from now
        #[arg(long, default_value_t = 240, value_name = "MINUTES")]
        minutes: u32,
        /// Print JSON instead
        #[arg(long)]
        json: bool,
    },
    /// End an order
    Lift {
        /// The order
        order: u64,
        /// Why
        #[arg(long)]
        reason: String,
        /// Print JSON instead
        #[arg(long)]
        json: bool,
    },
    /// Free a device at once: any clinician, with a reason, without waiting
    BreakGlass {
        /// The device
        device: String,
        /// Why
        #[arg(long)]
        reason: String,
        /// Print JSON instead
        #[arg(long)]
        json: bool,
    },
    /// Show where orders stand, or the whole life of one
    Status(Status),
}

#[derive(Debug, Args)]
pub(crate) struct Status {
    /// The order; all where none is named
    pub(crate) order: Option<u64>,
    /// Wait until it is in this state: verified, applied, lifted …
    #[arg(long, value_name = "STATE", requires = "order")]
    pub(crate) wait: Option<String>,
    /// How long to wait
    #[arg(long, default_value_t = 10, value_name = "SECONDS")]
    pub(crate) timeout: u64,
    /// Print JSON instead
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Without captures the agent is asked, from what it has seen.

Examples:
  asepsis contain plan 10.20.0.11 ward.pcapng
  asepsis contain plan PUMP-0017 ward.pcapng --inventory ./hospital --level isolate
  asepsis contain plan PUMP-0017 ward.pcapng --rules | sudo nft -c -f -
  asepsis contain replay PUMP-0017 --level isolate")]
pub(crate) struct ContainPlan {
    /// The device: its id in the inventory, an address, or the name that it gives itself
    pub(crate) device: String,
    /// Captures of its ordinary traffic
    pub(crate) files: Vec<PathBuf>,
    /// How far to cut it off
    #[arg(long, default_value = "contain", value_name = "LEVEL")]
    pub(crate) level: String,
    /// A folder with the inventory
    #[arg(long, value_name = "FOLDER")]
    pub(crate) inventory: Option<PathBuf>,
    /// An address that is known to be compromised: no flow to it stays open
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) compromised: Vec<std::net::IpAddr>,
    /// Print the rules for nft(8) instead
    #[arg(long)]
    pub(crate) rules: bool,
    /// Print JSON instead
    #[arg(long, conflicts_with = "rules")]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Captures are pcap and pcapng, in .gz and .xz too. Nothing of a patient is kept or shown. Live needs
root or CAP_NET_RAW for the moment of opening; then every right is given up.

Exit status:
  0  done
  1  something was detected, under --fail-on-detection
  2  an error, or a file that could not be read

Examples:
  asepsis observe ward.pcapng
  asepsis observe *.pcap --inventory ./hospital --json monday.json
  asepsis observe today.pcapng --inventory ./hospital --baseline monday.json --baseline tuesday.json
  asepsis observe -i span0 --seconds 60")]
pub(crate) struct Observe {
    /// Captures
    #[arg(required_unless_present = "interface", conflicts_with = "interface")]
    pub(crate) files: Vec<PathBuf>,
    /// Watch an interface; several, where each is a port of one switch
    #[arg(long, short, value_name = "INTERFACE")]
    pub(crate) interface: Vec<String>,
    /// End after so many seconds
    #[arg(long, requires = "interface", value_name = "N")]
    pub(crate) seconds: Option<u64>,
    /// A folder with the inventory, to name devices by
    #[arg(long, value_name = "FOLDER")]
    pub(crate) inventory: Option<PathBuf>,
    /// An ordinary day: an earlier observation as JSON, or a capture; several make one baseline.
    /// What a device calls that neither it nor another of its model ever called is told
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Vec<PathBuf>,
    /// How many rows each table shows
    #[arg(long, default_value_t = 30, value_name = "N")]
    pub(crate) top: usize,
    /// Write JSON to a file, or to standard output with `-`
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// No tables
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// End with status 1 where something was detected
    #[arg(long)]
    pub(crate) fail_on_detection: bool,
    /// When to use colour
    #[arg(long, value_enum, default_value_t = When::Auto)]
    pub(crate) color: When,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Read are, in any depth and also in .gz, .xz and .zip, each known by its content and not its name:
  inventories   CSV, TSV, XLSX, FHIR R4/R5 Device; releases.csv says which SBOM is whose
  SBOMs         CycloneDX 1.2-1.7 (JSON, XML), SPDX 2.2/2.3 (JSON, YAML, tag-value), 3.0 (JSON-LD)
  advisories    CSAF 2.0, CVE 5.x, NVD 2.0, OSV, KEV, EPSS; VEX in CycloneDX, OpenVEX and CSAF

Exit status:
  0  done
  1  a device reached the decision of --fail-on
  2  an error, or --strict and a problem

Examples:
  asepsis assess ./hospital
  asepsis assess ./hospital --top 50 --html report.html --csv devices.csv
  asepsis assess ./hospital --json - | jq '.devices[0]'
  asepsis assess ./hospital --quiet --strict --fail-on act
  asepsis assess ./hospital --base asepsis.base   advisories from a base (`asepsis feed import`)")]
pub(crate) struct Assess {
    /// The folder, or a single file
    pub(crate) folder: PathBuf,
    /// A base of advisories, beside those in the folder
    #[arg(long, value_name = "FILE")]
    pub(crate) base: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) shown: Shown,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  asepsis demo                            the hospital at work and attacked, in your browser
  asepsis demo --once                     its devices, ranked, in the terminal
  asepsis demo --html demo.html
  asepsis demo --headless --speed 4       an attack on it, and how it is contained, line by line
  asepsis demo --write ./saint-brigid     write the example's files, to look at and to change")]
pub(crate) struct Demo {
    /// Assess the example hospital and end; so does every option of what is shown
    #[arg(long, conflicts_with = "headless")]
    pub(crate) once: bool,
    /// Play an attack on the hospital at work, and tell in the terminal how it is contained
    #[arg(long, conflicts_with_all = ["write", "Shown"])]
    pub(crate) headless: bool,
    /// How many times faster than recorded the hospital is played
    #[arg(long, value_name = "N", default_value = "1",
          value_parser = clap::value_parser!(u32).range(1..=SPEEDS))]
    pub(crate) speed: u32,
    /// After how many seconds of the recording the attack begins
    #[arg(long, value_name = "SECONDS", default_value_t = ATTACK_AFTER_SECONDS,
          value_parser = clap::value_parser!(u64).range(ATTACKS))]
    pub(crate) attack_after: u64,
    /// What the console says in another language, a file such as de.ftl; may be named again
    #[arg(long, value_name = "FILE")]
    pub(crate) text: Vec<PathBuf>,
    /// Write the example hospital's files into this folder, which must not be there yet
    #[arg(long, value_name = "FOLDER")]
    pub(crate) write: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) shown: Shown,
}

/// What is shown, and where it goes.
#[derive(Debug, Args)]
pub(crate) struct Shown {
    /// How many devices the table shows
    #[arg(long, default_value_t = presentation::terminal::TOP, value_name = "N")]
    pub(crate) top: usize,
    /// Write JSON to a file, or to standard output with `-`
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Write CSV to a file, or to standard output with `-`
    #[arg(long, value_name = "FILE")]
    pub(crate) csv: Option<PathBuf>,
    /// Write the report as one HTML file, or to standard output with `-`
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// No table and no progress
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// End with status 2 where any input has a problem
    #[arg(long)]
    pub(crate) strict: bool,
    /// End with status 1 where a device's decision is this or worse
    #[arg(long, value_name = "DECISION", value_enum)]
    pub(crate) fail_on: Option<FailOn>,
    /// Assess for this day instead of today
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub(crate) date: Option<jiff::civil::Date>,
    /// When to use colour
    #[arg(long, value_enum, default_value_t = When::Auto)]
    pub(crate) color: When,
}

impl Shown {
    /// Whether anything of it was asked for.
    pub(crate) fn is_asked_for(&self) -> bool {
        let is_written = [&self.json, &self.csv, &self.html].iter().any(|path| path.is_some());
        let is_judged = self.quiet || self.strict || self.fail_on.is_some() || self.date.is_some();
        is_written || is_judged || self.top != presentation::terminal::TOP
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    Act,
    Attend,
    #[value(name = "track*")]
    TrackClosely,
    Track,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  asepsis explain PUMP-0017 --folder ./hospital
  asepsis explain PUMP-0017 CVE-2020-11896 --folder ./hospital
  asepsis explain SB-ICU-SPS-01           a device of the example hospital, where no folder is named")]
pub(crate) struct Explain {
    /// The device's id, as the inventory has it
    pub(crate) device: String,
    /// A vulnerability, by any of its ids
    pub(crate) vulnerability: Option<String>,
    /// The folder that was assessed; the example hospital where none is named
    #[arg(long, short, value_name = "FOLDER")]
    pub(crate) folder: Option<PathBuf>,
    /// A base of advisories, beside those in the folder
    #[arg(long, value_name = "FILE")]
    pub(crate) base: Option<PathBuf>,
    /// Assess for this day instead of today
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub(crate) date: Option<jiff::civil::Date>,
    /// Write JSON instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

fn day(text: &str) -> Result<jiff::civil::Date, String> {
    text.parse().map_err(|_| "write the day as YYYY-MM-DD, such as 2026-11-23".to_owned())
}
