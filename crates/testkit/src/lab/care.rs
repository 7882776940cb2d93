//! The work of the hospital: what its devices and people do all day.
//!
//! Refuses to know of the attack: who does this does the same in every scene.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::actor::{Stage, find};
use super::cast::{DICOM, HTTP, MLLP, VENDOR, machine_of};
use super::files;
use super::hl7::{Measured, Session, Speaker};
use super::ledger::Deed;
use super::program::outcome;
use super::python::interpreter;

/// How often a device reports.
const REPORT: Duration = Duration::from_secs(1);
/// How often a pump looks for a new library.
const LIBRARY: Duration = Duration::from_secs(7);
/// Every how many reports a monitor alarms.
const ALARM: u64 = 9;
/// How often the scanner and the ultrasound unit have a study, and how many images that of the
/// scanner has.
const STUDY: Duration = Duration::from_secs(6);
const IMAGES: u32 = 2;
/// How often the scanner tells its maker how it is.
const TELEMETRY: Duration = Duration::from_secs(2);
/// How often people open a page and file a document.
const DESK: Duration = Duration::from_secs(5);
/// How long the maker's support stays on, and how often it asks.
const SUPPORT: u32 = 12;
const SUPPORT_ASKS: Duration = Duration::from_secs(1);
/// How long a page may take.
const PAGE: Duration = Duration::from_secs(8);

/// A device that sends messages over one session that it keeps open.
struct Reporter<'s> {
    stage: &'s Stage,
    speaker: Speaker,
    receiver: &'static str,
    session: Option<Session>,
    sent: u64,
}

impl Reporter<'_> {
    /// Sends one message, and writes down what came of it.
    fn report(&mut self, make: impl FnOnce(&Speaker, &str) -> String) {
        self.sent += 1;
        let (ledger, id) = (&self.stage.ledger, format!("{}-{}", self.stage.machine, self.sent));
        if self.session.is_none() {
            match find(self.receiver, MLLP).and_then(Session::open) {
                Ok(session) => {
                    ledger.write(self.receiver, Deed::Connected, "");
                    self.session = Some(session);
                }
                Err(_) => ledger.write(self.receiver, Deed::Broken, &id),
            }
        }
        let Some(session) = &mut self.session else {
            ledger.write(self.receiver, Deed::Unacknowledged, &id);
            return;
        };
        match session.send(&id, &make(&self.speaker, &id)) {
            Ok(true) => ledger.write(self.receiver, Deed::Acknowledged, &id),
            Ok(false) => ledger.write(self.receiver, Deed::Unacknowledged, &id),
            Err(_) => {
                ledger.write(self.receiver, Deed::Unacknowledged, &id);
                ledger.write(self.receiver, Deed::Broken, &id);
                self.session = None;
            }
        }
    }
}

/// The firmware of an infusion pump: reports to the gateway, and fetches its library.
pub(crate) fn pump(stage: &Stage) {
    let speaker = Speaker {
        machine: machine_of(stage.machine),
        application: "CONSTANT4",
        receiver: "GATEWAY",
        patient: "LAB-000417^^^SAINT BRIGID^MR||Quellwasser^Ottilie^^^^^L",
        system: "69985^MDC_DEV_PUMP_INFUS_MDS^MDC",
    };
    let mut reporter = Reporter { stage, speaker, receiver: "gateway", session: None, sent: 0 };
    let mut library = Beat::new(LIBRARY);
    let mut rate = Beat::new(REPORT);
    let mut versions = 0;
    while rate.wait(stage) {
        let given = format!(
            "{:.1}",
            12.0 + f64::from(u32::try_from(reporter.sent % 10).unwrap_or(0)) / 10.0
        );
        let measured: [Measured; 1] =
            [("157784^MDC_FLOW_FLUID_PUMP^MDC", given, "265266^MDC_DIM_MILLI_L_PER_HR^MDC")];
        reporter.report(|speaker, id| speaker.measurements(id, &measured));
        if library.is_due() {
            versions += 1;
            let id = format!("{}-library-{versions}", stage.machine);
            let got = find("library", HTTP).and_then(|server| {
                fetch(server, "library", "/druglibrary/current.xml", ("Constant/4.1", &id))
            });
            let deed = if got.is_ok() { Deed::Fetched } else { Deed::FetchFailed };
            stage.ledger.write("library", deed, &id);
        }
    }
}

/// The firmware of a patient monitor: reports to the central station, and alarms now and then.
pub(crate) fn monitor(stage: &Stage) {
    let speaker = Speaker {
        machine: machine_of(stage.machine),
        application: "BEDSIDE8",
        receiver: "CENTRAL",
        patient: "LAB-000418^^^SAINT BRIGID^MR||Haselnuss^Benedikt^^^^^L",
        system: "69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC",
    };
    let mut reporter = Reporter { stage, speaker, receiver: "central", session: None, sent: 0 };
    let mut rate = Beat::new(REPORT);
    while rate.wait(stage) {
        let beats = (72 + reporter.sent % 9).to_string();
        let measured: [Measured; 2] = [
            ("147842^MDC_ECG_HEART_RATE^MDC", beats, "264864^MDC_DIM_BEAT_PER_MIN^MDC"),
            ("150456^MDC_PULS_OXIM_SAT_O2^MDC", "97".to_owned(), "262688^MDC_DIM_PERCENT^MDC"),
        ];
        let is_alarm = reporter.sent % ALARM == ALARM - 1;
        let make = if is_alarm { Speaker::alarm } else { Speaker::measurements };
        reporter.report(|speaker, id| make(speaker, id, &measured));
    }
}

/// A scanner with DCMTK's programs: asks for the worklist, makes images, sends them.
pub(crate) fn scanner(stage: &Stage) {
    let archive = machine_of("pacs").address().to_string();
    let port = DICOM.to_string();
    let mut rate = Beat::new(STUDY);
    let mut images = 0;
    while rate.wait(stage) {
        let mut ask = stage.program("findscu");
        ask.args(["-W", "-to", "8", "-aet", "CT64", "-aec", "ORTHANC"]);
        ask.args(["-k", "(0040,0100)[0].Modality=CT", "-k", "PatientID"]).args([&archive, &port]);
        let deed = if outcome(&mut ask).0 { Deed::Listed } else { Deed::ListFailed };
        stage.ledger.write("pacs", deed, "");
        for _ in 0..IMAGES {
            images += 1;
            let uid = files::uid(images + 1);
            let file = stage.file(&format!("{images}.dcm"));
            let mut make = stage.program("dump2dcm");
            let dump = stage.file("image.dump");
            let made = std::fs::write(&dump, files::image(&uid, stage)).is_ok()
                && outcome(make.arg("-q").args([&dump, &file])).0;
            let mut send = stage.program("storescu");
            send.args(["-R", "-to", "8", "-aet", "CT64", "-aec", "ORTHANC", &archive, &port])
                .arg(&file);
            let deed = if made && outcome(&mut send).0 { Deed::Stored } else { Deed::StoreFailed };
            stage.ledger.write("pacs", deed, &uid);
        }
    }
}

/// An ultrasound unit with pynetdicom: told of a study, it stores it and asks for it again. Its
/// program writes its ledger itself.
pub(crate) fn ultrasound(stage: &Stage) {
    let failed = || stage.ledger.write("pacs", Deed::EchoFailed, "");
    let script = stage.file("modality.py");
    let (Ok(python), Ok(())) = (interpreter(), std::fs::write(&script, files::MODALITY)) else {
        return failed();
    };
    let (archive, port) = (machine_of("pacs").address().to_string(), DICOM.to_string());
    let mut command = stage.program(&python);
    command.arg(&script).arg(stage.ledger.who()).arg(stage.ledger.path()).args([archive, port]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let Ok(mut child) = command.spawn() else { return failed() };
    if let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) {
        let mut said = BufReader::new(output).lines();
        let mut says = |word: &str| said.next().and_then(Result::ok).is_some_and(|w| w == word);
        let mut works = says("ready");
        let mut rate = Beat::new(STUDY);
        while works && rate.wait(stage) {
            works = writeln!(input, "study").is_ok() && says("done");
        }
        if !works {
            failed();
        }
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// The scanner tells its maker, outside, how it is: from the first day on, at a rhythm that never
/// changes. Nothing of it is an attack.
pub(crate) fn telemetry(stage: &Stage) {
    let mut rate = Beat::new(TELEMETRY);
    let mut told = 0;
    while rate.wait(stage) {
        told += 1;
        let id = format!("{}-state-{told}", stage.machine);
        let maker = (VENDOR, HTTP).into();
        let got = fetch(maker, "service.lab-imaging.example", "/state", ("Slice/12.0", &id));
        let deed = if got.is_ok() { Deed::Told } else { Deed::TellFailed };
        stage.ledger.write("maker", deed, &id);
    }
}

/// Somebody at a desk: opens pages of the record, files documents on the share.
pub(crate) fn desk(stage: &Stage) {
    let share = format!("//{}/documents", machine_of("files").address());
    let mut rate = Beat::new(DESK);
    let mut done = 0;
    let _ = std::fs::write(stage.file("note.txt"), "Minutes of the ward's round.\n");
    while rate.wait(stage) {
        done += 1;
        let id = format!("{}-page-{done}", stage.machine);
        let got = find("ehr", HTTP)
            .and_then(|server| fetch(server, "ehr", "/record/rounds", ("Mozilla/5.0", &id)));
        let deed = if got.is_ok() { Deed::Opened } else { Deed::OpenFailed };
        stage.ledger.write("ehr", deed, &id);
        let name = format!("{}-{done}.txt", stage.machine);
        let put = format!("put note.txt {name}");
        let mut file = stage.program("smbclient");
        file.args(files::smb(stage)).args([&share, "-U", files::NURSE, "-c", &put]);
        let deed = if outcome(&mut file).0 { Deed::Filed } else { Deed::FileFailed };
        stage.ledger.write("files", deed, &name);
    }
}

/// The maker's support: one remote session with the scanner over SSH, asking now and then.
pub(crate) fn support(stage: &Stage) {
    let scanner = format!("root@{}", machine_of("ct").address());
    let mut command = stage.program("ssh");
    for option in ["BatchMode=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null"] {
        command.args(["-o", option]);
    }
    command.args(["-F", "/dev/null", "-i"]).arg(stage.file("support-key")).args(["-T", &scanner]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let Ok(mut child) = command.spawn() else {
        stage.ledger.write("ct", Deed::SupportFailed, "");
        return;
    };
    if let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) {
        let mut answers = BufReader::new(output).lines();
        for number in 1..=SUPPORT {
            let asked = writeln!(input, "status {number}").is_ok();
            let answer = answers.next().and_then(Result::ok);
            let is_answer = asked && answer.is_some_and(|line| line.ends_with(&number.to_string()));
            let deed = if is_answer { Deed::Supported } else { Deed::SupportFailed };
            stage.ledger.write("ct", deed, &format!("status-{number}"));
            if !is_answer || !stage.stop.pause(SUPPORT_ASKS) {
                break;
            }
        }
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// Gets a page whole (RFC 9112); its length.
fn fetch(
    server: SocketAddr,
    host: &str,
    path: &str,
    (agent, id): (&str, &str),
) -> std::io::Result<usize> {
    let mut stream = TcpStream::connect_timeout(&server, PAGE)?;
    stream.set_read_timeout(Some(PAGE))?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {agent}\r\nX-Request-Id: {id}\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let text = String::from_utf8_lossy(&answer);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_default();
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    let is_whole = length.and_then(|length| length.parse().ok()) == Some(body.len());
    if head.starts_with("HTTP/1.1 200") && is_whole {
        return Ok(body.len());
    }
    Err(std::io::ErrorKind::UnexpectedEof.into())
}

/// The address that a device leased; whether it has one.
pub(crate) fn has_own(address: Option<Ipv4Addr>, machine: &str) -> bool {
    address == Some(machine_of(machine).address())
}

/// Something that is due again and again, kept to the clock and not to its own length.
struct Beat {
    every: Duration,
    next: Instant,
}

impl Beat {
    fn new(every: Duration) -> Self {
        Self { every, next: Instant::now() }
    }

    /// Waits for the next; whether the scene goes on.
    fn wait(&mut self, stage: &Stage) -> bool {
        let goes_on = stage.stop.pause(self.next.saturating_duration_since(Instant::now()));
        self.next = (self.next + self.every).max(Instant::now());
        goes_on
    }

    /// Whether it is due; if so, it is put off.
    fn is_due(&mut self) -> bool {
        let is_due = self.next <= Instant::now();
        if is_due {
            self.next += self.every;
        }
        is_due
    }
}
