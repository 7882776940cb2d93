//! How fast the network is observed, side by side with tshark reading the same fields of the same
//! capture: `cargo xtask bench observe [MEGABYTES]`.
//!
//! The capture is a clinical mix made from a seed, written once. Three readers take turns: our
//! observer alone on bytes in memory, our program as its users run it, and tshark. What each took
//! of the processor is the kernel's account. What was read is compared with what was written.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, may stop, and is read beside its output"
)]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use domain::sighting::{Association, Dicom, Http, Said, Seen, Sighting, Smb, Tls};
use sources::network::Seed;
use sources::network::capture::Reader;
use sources::network::observer::{Counters, Limits, Observer};
use testkit::mix::{self, Written};

/// How large the capture is, in millions of bytes.
const MEGABYTES: u64 = 1_100;
/// Turns, of which the median counts.
const TURNS: usize = 3;
/// Pieces in which the bytes in memory are given, as the program reads a file.
const PIECE: usize = 1 << 20;

/// What both are asked for: what our program reads of each frame.
const FIELDS: [&str; 40] = [
    "frame.time_epoch",
    "eth.src",
    "eth.dst",
    "vlan.id",
    "ip.src",
    "ip.dst",
    "ipv6.src",
    "ipv6.dst",
    "tcp.srcport",
    "tcp.dstport",
    "tcp.flags",
    "tcp.len",
    "udp.srcport",
    "udp.dstport",
    "arp.src.hw_mac",
    "arp.src.proto_ipv4",
    "dicom.pdu.type",
    "dicom.assoc.ae.called",
    "dicom.assoc.ae.calling",
    "dicom.pctx.abss.syntax",
    "dicom.pdv.ctx",
    "hl7.message.type",
    "hl7.event.type",
    "http.request.method",
    "http.host",
    "http.request.uri",
    "http.user_agent",
    "http.response.code",
    "http.server",
    "tls.handshake.type",
    "tls.handshake.extensions_server_name",
    "smb2.cmd",
    "smb2.nt_status",
    "smb2.tree",
    "dns.qry.name",
    "dns.flags.response",
    "dns.a",
    "dhcp.option.dhcp",
    "dhcp.hw.mac_addr",
    "dhcp.option.hostname",
];

fn main() {
    let megabytes = std::env::args().skip(1).find_map(|one| one.parse().ok());
    let path = std::env::temp_dir().join(format!("asepsis-mix-{}.pcap", std::process::id()));
    let written = make(&path, megabytes.unwrap_or(MEGABYTES) * 1_000_000);
    show(&written);
    let bytes = fs::read(&path).unwrap();
    compare(&written, &heard(&bytes), &told_by_tshark(&path));
    let mut took: [Vec<Took>; 3] = Default::default();
    for _ in 0..TURNS {
        let [library, program, other] = &mut took;
        library.push(in_memory(&bytes));
        program.push(process(&mut ours(&path)));
        other.push(process(&mut tshark(&path)));
    }
    fs::remove_file(&path).unwrap();
    println!(
        "{:<28} {:>11} {:>7} {:>13} {:>7} {:>8}",
        "one thread", "processor s", "s", "M packets/s", "Gbit/s", "peak MB"
    );
    let [library, program, other] = took.map(median);
    for (name, took) in
        [("observer, bytes in memory", library), ("asepsis observe", program), ("tshark", other)]
    {
        let rate = |amount: u64| amount as f64 / took.processor;
        println!(
            "{name:<28} {:>11.2} {:>7.2} {:>13.3} {:>7.2} {:>8.0}",
            took.processor,
            took.seconds,
            rate(written.frames) / 1e6,
            rate(written.bytes) * 8.0 / 1e9,
            took.peak
        );
    }
    println!(
        "asepsis observe takes {:.1} times less of the processor than tshark; the observer alone {:.1}",
        other.processor / program.processor,
        other.processor / library.processor
    );
}

fn make(path: &Path, bytes: u64) -> Written {
    let mut out = BufWriter::with_capacity(PIECE, File::create(path).unwrap());
    mix::write(mix::SEED, bytes, &mut out).unwrap()
}

fn show(written: &Written) {
    println!(
        "{} frames, {} MB, {:.0} s of a hospital; segments lost and sent again {}, seen twice {}, \
         late {}, never seen {}",
        written.frames,
        written.bytes / 1_000_000,
        written.lasts as f64 / 1e6,
        written.lost,
        written.doubled,
        written.late,
        written.unseen
    );
    for (kind, (frames, bytes)) in &written.kinds {
        let share = |part: u64, whole: u64| part as f64 * 100.0 / whole as f64;
        println!(
            "  {:<6} {:>5.1} % of bytes, {:>5.1} % of frames",
            format!("{kind:?}"),
            share(*bytes, written.bytes),
            share(*frames, written.frames)
        );
    }
}

/// What each says that was said.
fn compare(written: &Written, ours: &Counts, other: &Counts) {
    println!("{:<20} {:>9} {:>9} {:>9}", "what was said", "written", "asepsis", "tshark");
    let mut same = true;
    for (what, count) in &written.said {
        let of = |counts: &Counts| counts.get(what).copied();
        let (ours, other) = (of(ours), of(other));
        let shown = |count: Option<u64>| count.map_or("-".into(), |count| count.to_string());
        println!("{what:<20} {count:>9} {:>9} {:>9}", shown(ours), shown(other));
        same &= ours.is_none_or(|ours| ours == *count);
    }
    assert!(same, "what was heard is not what was said");
}

type Counts = BTreeMap<&'static str, u64>;

/// What our observer hears.
fn heard(bytes: &[u8]) -> Counts {
    let mut counts = Counts::new();
    observe(bytes, &mut |sighting| {
        let what = match &sighting.seen {
            Seen::Lease(lease) if lease.message == 3 => "lease asked",
            Seen::Said(_, _, said) => match said {
                Said::Hl7(message) if message.acknowledgement.is_some() => "acknowledgement",
                Said::Hl7(_) => "measurement",
                Said::Dicom(Dicom::Associate { step: Association::Asked, .. }) => "association",
                Said::Dicom(Dicom::Command { command: 0x8001, .. }) => "image stored",
                Said::Http(Http::Request { .. }) => "library fetched",
                Said::Tls(Tls::Hello { .. }) => "hello",
                Said::Smb(Smb::Share(_)) => "share opened",
                Said::Dns(message) if message.answer.is_none() => "name asked",
                _ => return,
            },
            _ => return,
        };
        *counts.entry(what).or_default() += 1;
    });
    counts
}

/// What tshark prints, counted by field.
fn told_by_tshark(path: &Path) -> Counts {
    let mut child = tshark(path).stdout(Stdio::piped()).spawn().unwrap();
    let mut counts = Counts::new();
    let place = |field: &str| FIELDS.iter().position(|known| *known == field).unwrap();
    let rules = [
        ("lease asked", place("dhcp.option.dhcp"), "3"),
        ("measurement", place("hl7.message.type"), "ORU"),
        ("acknowledgement", place("hl7.message.type"), "ACK"),
        ("association", place("dicom.pdu.type"), "0x01"),
        ("library fetched", place("http.request.method"), "GET"),
        ("hello", place("tls.handshake.type"), "1"),
        ("name asked", place("dns.flags.response"), "0"),
    ];
    let tree = [place("smb2.cmd"), place("smb2.nt_status")];
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        let columns: Vec<&str> = line.split('\t').collect();
        let values = |at: usize| columns.get(at).copied().unwrap_or_default().split(',');
        for (what, at, wanted) in rules {
            let found = values(at).filter(|value| value.starts_with(wanted)).count();
            *counts.entry(what).or_default() += found as u64;
        }
        let [command, status] = tree.map(|at| columns.get(at).copied().unwrap_or_default());
        *counts.entry("share opened").or_default() +=
            u64::from(command == "3" && status.is_empty());
    }
    assert!(child.wait().unwrap().success());
    counts
}

fn ours(path: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_asepsis"));
    command.args(["observe", "--quiet"]).arg(path);
    command
}

fn tshark(path: &Path) -> Command {
    let mut command = Command::new("tshark");
    // Without the first it would not put segments in order that came late, as ours does.
    command.args(["-o", "tcp.reassemble_out_of_order:TRUE", "-n", "-T", "fields"]);
    command.args(FIELDS.iter().flat_map(|field| ["-e", field])).arg("-r").arg(path);
    command.stderr(Stdio::null());
    command
}

/// What a reader took.
#[derive(Debug, Clone, Copy)]
struct Took {
    processor: f64,
    seconds: f64,
    peak: f64,
}

fn median(mut turns: Vec<Took>) -> Took {
    turns.sort_by(|one, other| one.processor.total_cmp(&other.processor));
    turns.get(turns.len() / 2).copied().unwrap()
}

fn observe(bytes: &[u8], tell: &mut dyn FnMut(&Sighting)) -> Counters {
    let mut observer = Observer::new(Limits::default(), Seed([7, 11]));
    let mut reader = Reader::new();
    for piece in bytes.chunks(PIECE) {
        reader.push(piece, &mut |frame| {
            observer.observe(frame.at, frame.link, frame.bytes, &mut |sighting| tell(&sighting));
        });
    }
    observer.finish(&mut |sighting| tell(&sighting));
    assert!(reader.finish().conserves());
    observer.counters()
}

fn in_memory(bytes: &[u8]) -> Took {
    let (begin, start) = (processor_of_thread(), Instant::now());
    let counters = observe(bytes, &mut |sighting| {
        std::hint::black_box(sighting);
    });
    let took = Took {
        processor: processor_of_thread() - begin,
        seconds: start.elapsed().as_secs_f64(),
        peak: f64::NAN,
    };
    assert!(counters.conserves() && counters.in_session > 0);
    took
}

/// Runs a process, which says nothing, to its end.
fn process(command: &mut Command) -> Took {
    let (begin, start) = (processor_of_children(), Instant::now());
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut peak = 0.0_f64;
    let ended = loop {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
        peak = peak.max(kilobytes.unwrap_or(0.0) * 1_024.0 / 1e6);
        if let Some(ended) = child.try_wait().unwrap() {
            break ended;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert!(ended.success(), "{command:?}");
    let processor = processor_of_children() - begin;
    Took { processor, seconds: start.elapsed().as_secs_f64(), peak }
}

/// Seconds that this thread has run (proc(5): `schedstat`, in nanoseconds).
fn processor_of_thread() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1e9
}

/// Seconds that ended children have run (proc(5): `cutime` and `cstime`, in hundredths).
fn processor_of_children() -> f64 {
    let text = fs::read_to_string("/proc/self/stat").unwrap();
    let (_, fields) = text.rsplit_once(')').unwrap();
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).unwrap().parse::<f64>().unwrap();
    (ticks(13) + ticks(14)) / 100.0
}
