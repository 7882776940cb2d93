//! `asepsis observe FILE… | -i INTERFACE`.

use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use collectors::capture;
use collectors::tap::{self, Tap, Way};
use domain::device::Device;
use domain::fact::{Document, Fact};
use domain::network::Moment;
use presentation::observation::Input;
use presentation::{export, terminal};
use sources::network::Seed;
use sources::network::link::LinkType;
use sources::network::observer::{Counters, Limits, Observer};

use crate::arguments::Observe;
use crate::ward::Ward;
use crate::{DONE, REACHED, WRONG, output};

/// How long the tap is waited for before the clock and the end are looked at.
const WAIT: Duration = Duration::from_millis(200);

pub(crate) fn run(options: &Observe) -> Result<u8> {
    let inventory = match &options.inventory {
        Some(folder) => super::assess::of_folder(folder, options.quiet)?.collected.documents,
        None => Vec::new(),
    };
    let devices: Vec<&Device> = inventory.iter().flat_map(devices).collect();
    let mut scene = Scene::new();
    let failed = if options.interface.is_empty() {
        scene.files(&options.files)?
    } else {
        scene.live(options)?;
        false
    };
    let observation = scene.end(&devices);
    if let Some(path) = &options.json {
        output::write(path, |out| export::observation(&observation, out))?;
    }
    if !options.quiet {
        let page = output::page(options.color);
        output::print(&terminal::observation::page(&observation, options.top, page))?;
    }
    Ok(match (failed, options.fail_on_detection && !observation.detections.is_empty()) {
        (true, _) => WRONG,
        (false, true) => REACHED,
        (false, false) => DONE,
    })
}

fn devices(document: &Document) -> impl Iterator<Item = &Device> {
    document.reading.facts.iter().filter_map(|fact| match fact {
        Fact::Device(device) => Some(&**device),
        _ => None,
    })
}

/// What is observed, and by what.
struct Scene {
    observer: Observer,
    ward: Ward<()>,
    input: Input,
    first: Option<Moment>,
    last: Option<Moment>,
}

impl Scene {
    fn new() -> Self {
        // A seed that senders can't guess.
        let random = RandomState::new();
        let seed = Seed([random.hash_one(0_u8), random.hash_one(1_u8)]);
        Self {
            observer: Observer::new(Limits::default(), seed),
            ward: Ward::new(()),
            input: Input::default(),
            first: None,
            last: None,
        }
    }

    fn frame(&mut self, at: Moment, link: LinkType, bytes: &[u8]) {
        self.input.frame(bytes.len());
        self.first = Some(self.first.map_or(at, |first| first.min(at)));
        self.last = self.last.max(Some(at));
        let ward = &mut self.ward;
        self.observer.observe(at, link, bytes, &mut |sighting| ward.see(&sighting));
    }

    /// Reads files one after the other; whether one of them could not be read.
    fn files(&mut self, files: &[std::path::PathBuf]) -> Result<bool> {
        let mut failed = false;
        for path in files {
            self.input.names.push(path.display().to_string());
            failed |= self.file(path);
        }
        if failed && self.input.frames == 0 && files.len() == 1 {
            bail!("{}", self.input.problems.join("\n"));
        }
        Ok(failed)
    }

    fn file(&mut self, path: &Path) -> bool {
        let read = capture::read(path, &mut |frame| self.frame(frame.at, frame.link, frame.bytes));
        let name = path.display();
        match read {
            Ok(summary) => {
                for problem in summary.problems.listed() {
                    self.input.problems.push(format!("{name}: {problem}"));
                }
                summary.problems.lost_document()
            }
            Err(error) => {
                self.input.problems.push(error.to_string());
                true
            }
        }
    }

    fn live(&mut self, options: &Observe) -> Result<()> {
        let mut tap = Tap::open(&options.interface)?;
        tap::drop_privileges().context("the tap is open, and nothing was read")?;
        self.input.names.clone_from(&options.interface);
        let began = Instant::now();
        let seconds = options.seconds.map(Duration::from_secs);
        while seconds.is_none_or(|seconds| began.elapsed() < seconds) {
            let mut newest = None;
            tap.take(WAIT, &mut |frame| {
                newest = Some(frame.at);
                // On its way out of a switch a frame was seen coming in.
                if frame.way == Way::In || options.interface.len() == 1 {
                    self.frame(frame.at, LinkType::Ethernet, frame.bytes);
                }
            })?;
            let ward = &mut self.ward;
            let now = newest.unwrap_or_else(now);
            self.observer.tick(now, &mut |sighting| ward.see(&sighting));
        }
        self.input.counters.insert("frames dropped by the kernel", tap.dropped());
        Ok(())
    }

    fn end(mut self, devices: &[&Device]) -> presentation::observation::Observation {
        let ward = &mut self.ward;
        self.observer.finish(&mut |sighting| ward.see(&sighting));
        self.input.span(self.first, self.last);
        self.input.counters.extend(lost(&self.observer.counters()));
        self.ward.observation(self.input, devices)
    }
}

fn now() -> Moment {
    Moment(jiff::Timestamp::now().as_microsecond())
}

/// What was not read or given up, in words.
fn lost(counters: &Counters) -> [(&'static str, u64); 10] {
    [
        ("frames of other protocols than IP and ARP", counters.other),
        ("frames cut within their headers", counters.cut),
        ("frames whose headers contradict themselves", counters.malformed),
        ("frames of an unknown kind of link", counters.unknown_link),
        ("sessions given up for room", counters.sessions_evicted),
        ("dialogues given up for room", counters.dialogues_evicted),
        ("streams given up for room", counters.streams_evicted),
        ("packets whose fragments did not all come", counters.packets_given_up),
        ("bytes of streams that were never seen", counters.lost_bytes),
        ("segments that came again with other bytes", counters.differing_overlaps),
    ]
}
