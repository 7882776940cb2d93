//! The console under load: a large hospital made from a seed, judged into a store, and fifty people
//! at its pages at once. `cargo xtask bench load [DEVICES RELEASES COMPONENTS VULNERABILITIES]`.
//!
//! The program runs as its users run it, and callers keep their connections. First one of them asks
//! alone, then fifty read what they get for a second on average (as long as an exponential
//! distribution from a seed says), then fifty ask for the next page as soon as they have one.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::format_push_string,
    reason = "a benchmark prints, may stop, and is read beside its output"
)]

#[path = "made/hospital.rs"]
mod hospital;
#[path = "made/process.rs"]
mod process;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use hospital::Random;
use testkit::caller::Caller;

/// Devices, releases, components of each, vulnerabilities: each release has 14 findings or so, and
/// the devices together five million.
const SIZES: [usize; 4] = [350_000, 4_000, 100, 2_600];
const PEOPLE: usize = 50;
const LOAD: Duration = Duration::from_secs(30);
/// How long people read a page, on average, in seconds.
const READS: f64 = 1.0;
/// How fine chance is.
const PARTS: u64 = 1 << 20;
/// How long the server may take to answer for the first time, or to show an advisory.
const PATIENCE: Duration = Duration::from_mins(20);
const PASSWORD: &str = "four words are enough";

fn main() {
    let given: Vec<usize> = std::env::args().skip(1).filter_map(|one| one.parse().ok()).collect();
    let sizes: [usize; 4] = given.try_into().unwrap_or(SIZES);
    let folder = tempfile::tempdir().unwrap();
    let documents = folder.path().join("documents");
    hospital::make(&documents, sizes);
    let store = folder.path().join("asepsis.db");
    let [devices, releases, components, vulnerabilities] = sizes;
    println!(
        "{devices} devices, {releases} releases with {components} components each ({} rows), \
         {vulnerabilities} vulnerabilities",
        releases * components
    );
    let mut put = Command::new(env!("CARGO_BIN_EXE_asepsis"));
    put.args(["store", "put"]).arg(&documents).arg("--store").arg(&store);
    let (seconds, peak) = process::measure(&mut put);
    let bytes = fs::metadata(&store).unwrap().len() as f64 / 1e6;
    println!("taken in and judged: {seconds:.1} s, peak {peak:.0} MB, the store has {bytes:.0} MB");

    let served = Served::start(&documents, &store);
    let anna = served.set_up();
    thread::sleep(Duration::from_secs(5));
    println!("idle: {:.0} MB", served.resident());
    let crowd = |people, reads| Crowd { people, reads };
    table("one person, without a pause", load(&anna, sizes, crowd(1, 0.0)));
    let reading = format!("{PEOPLE} people, who read for {READS} s on average");
    table(&reading, load(&anna, sizes, crowd(PEOPLE, READS)));
    println!("under that: {:.0} MB at the most", served.peak());
    let asking = format!("{PEOPLE} people, without a pause");
    table(&asking, load(&anna, sizes, crowd(PEOPLE, 0.0)));
    println!("under load: {:.0} MB at the most", served.peak());
    advisory(&documents, &anna);
    sbom(&documents, &anna);
}

/// A server, and where it answers.
struct Served {
    program: Child,
    address: String,
    code: String,
}

impl Served {
    fn start(documents: &Path, store: &Path) -> Self {
        let mut program = Command::new(env!("CARGO_BIN_EXE_asepsis"))
            .args(["serve", "--listen", "127.0.0.1:0", "--watch"])
            .arg(documents)
            .arg("--store")
            .arg(store)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(program.stderr.take().unwrap());
        let (to, told) = channel();
        thread::spawn(move || {
            said.lines().map_while(Result::ok).for_each(|line| drop(to.send(line)));
        });
        let (mut address, mut code) = (None, None);
        while address.is_none() || code.is_none() {
            let line = told.recv_timeout(PATIENCE).unwrap();
            if let Some((_, at)) = line.split_once("answers at ") {
                address = Some(at.to_owned());
            }
            if let Some((_, shown)) = line.split_once("for a day: ") {
                code = Some(shown.trim().to_owned());
            }
        }
        Self { program, address: address.unwrap(), code: code.unwrap() }
    }

    /// Makes the first person.
    fn set_up(&self) -> Caller {
        let mut caller = Caller::new(&self.address);
        caller.set_up(&self.code, PASSWORD);
        caller
    }

    fn status(&self, name: &str) -> f64 {
        process::megabytes(self.program.id(), name).unwrap()
    }

    fn resident(&self) -> f64 {
        self.status("VmRSS:")
    }

    fn peak(&self) -> f64 {
        self.status("VmHWM:")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// Who asks at once, and how long they read on average, in seconds.
#[derive(Clone, Copy)]
struct Crowd {
    people: usize,
    reads: f64,
}

type Times = BTreeMap<&'static str, Vec<f64>>;

/// Milliseconds of each kind of page.
fn load(anna: &Caller, sizes: [usize; 4], crowd: Crowd) -> Times {
    let list = anna.again().get("/vulnerabilities").body;
    let links = list.split("href=\"/vulnerabilities/").skip(1);
    let known: Arc<[String]> =
        links.filter_map(|link| Some(link.split_once('"')?.0.to_owned())).collect();
    let until = Instant::now() + LOAD;
    let people: Vec<_> = (0..crowd.people)
        .map(|person| {
            let (caller, known) = (anna.again(), Arc::clone(&known));
            thread::spawn(move || {
                visit(caller, Random(person as u64), (sizes, &known), crowd, until)
            })
        })
        .collect();
    let mut all = Times::new();
    for (kind, took) in people.into_iter().flat_map(|person| person.join().unwrap()) {
        all.entry(kind).or_default().push(took);
        let sort = if kind.starts_with("Search") { "all searches" } else { "all other pages" };
        all.entry(sort).or_default().push(took);
    }
    all
}

/// What one person asks for, and how many milliseconds that took.
fn visit(
    mut caller: Caller,
    mut random: Random,
    (sizes, known): ([usize; 4], &[String]),
    crowd: Crowd,
    until: Instant,
) -> Vec<(&'static str, f64)> {
    let mut times = Vec::new();
    loop {
        // People come one by one, too.
        let chance = (random.below(PARTS) + 1) as f64 / PARTS as f64;
        thread::sleep(Duration::from_secs_f64(-chance.ln() * crowd.reads));
        if Instant::now() >= until {
            return times;
        }
        let (kind, path) = page(&mut random, sizes, known);
        let begun = Instant::now();
        let answer = caller.get(&path);
        times.push((kind, elapsed(begun) * 1e3));
        assert_eq!(answer.status, 200, "{path}: {}", answer.head);
    }
}

/// How long until a new advisory that comes into the folder stands on *Today*.
fn advisory(documents: &Path, anna: &Caller) {
    let mut anna = anna.again();
    let advisory = "{\"id\":\"GHSA-late-seed-made\",\"aliases\":[\"CVE-2099-99999\"],\
         \"modified\":\"2026-01-01T00:00:00Z\",\"summary\":\"The late flaw\",\
         \"severity\":[{\"type\":\"CVSS_V3\",\"score\":\
         \"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H\"}],\"affected\":[{\
         \"package\":{\"ecosystem\":\"npm\",\"name\":\"lib7\"},\"ranges\":[{\"type\":\
         \"SEMVER\",\"events\":[{\"introduced\":\"0\"}]}]}]}\n";
    fs::write(documents.join("late.json"), advisory).unwrap();
    stands(&mut anna, "a new advisory stands on Today", ("/", "CVE-2099-99999"));
}

/// How long until what a new SBOM of a release lists is found.
fn sbom(documents: &Path, anna: &Caller) {
    let mut anna = anna.again();
    let sbom = "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"version\":2,\"metadata\":{\
         \"component\":{\"type\":\"firmware\",\"name\":\"Model 0X\",\"version\":\"1.0\"}},\
         \"components\":[{\"type\":\"library\",\"bom-ref\":\"one\",\"name\":\"lib7\",\
         \"version\":\"1.0.0\",\"purl\":\"pkg:npm/lib7@1.0.0\"},{\"type\":\"library\",\
         \"bom-ref\":\"two\",\"name\":\"onlyhere\",\"version\":\"1.0.0\"}]}\n";
    fs::write(documents.join("sboms/0.json"), sbom).unwrap();
    stands(&mut anna, "a new SBOM is found", ("/search?q=onlyhere", "Model 0X"));
}

/// Waits until a page shows something, and says how long that took.
fn stands(anna: &mut Caller, what: &str, (page, shown): (&str, &str)) {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if anna.get(page).body.contains(shown) {
            println!("{what} after {:.1} s", elapsed(begun));
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
    println!("{what} not within {} s", PATIENCE.as_secs());
}

fn elapsed(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64()
}

/// A page that somebody may ask for next.
fn page(
    random: &mut Random,
    [devices, releases, ..]: [usize; 4],
    known: &[String],
) -> (&'static str, String) {
    let (devices, releases) = (devices as u64, releases as u64);
    match random.below(20) {
        0..=2 => ("Today", "/".to_owned()),
        3..=5 => ("Devices", "/devices".to_owned()),
        6 => ("Devices of a unit", format!("/devices?unit=Unit+{}", random.below(60))),
        7 => ("Devices by model", "/devices?order=model&decision=3".to_owned()),
        8 => ("Devices from the midst", format!("/devices?after=D-{}", random.below(devices))),
        9..=11 => ("Device", format!("/devices/D-{}", random.below(devices))),
        12 => ("Map", "/map".to_owned()),
        13 => ("Vulnerabilities", "/vulnerabilities".to_owned()),
        14 => {
            let one = random.below(known.len() as u64);
            ("Vulnerability", format!("/vulnerabilities/{}", known[one as usize]))
        }
        15 => ("Releases", "/releases".to_owned()),
        16 => ("Search: an asset", format!("/search?q=D-{}", random.below(devices))),
        17 => ("Search: a component", format!("/search?q=lib{}", random.below(9_000))),
        18 => ("Search: a common word", "/search?q=maker".to_owned()),
        _ => ("Search: two words", format!("/search?q=maker+model+{}", random.below(releases))),
    }
}

fn table(who: &str, mut times: Times) {
    let busy = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let busy = busy.split(' ').next().unwrap_or_default();
    println!("\nload {busy}\n\n| page, {who} | asked | median ms | p95 | p99 | worst |");
    println!("|---|---|---|---|---|---|");
    for (kind, times) in &mut times {
        times.sort_unstable_by(f64::total_cmp);
        let at = |part: usize| times[(times.len() * part / 1_000).min(times.len() - 1)];
        println!(
            "| {kind} | {} | {:.0} | {:.0} | {:.0} | {:.0} |",
            times.len(),
            at(500),
            at(950),
            at(990),
            at(1_000)
        );
    }
    println!();
}
