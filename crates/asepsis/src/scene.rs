//! A network observed from captures or live: frames to sightings, sightings to what is known.
//!
//! Judges nothing itself. Opens what it is told to and gives up every right before it reads live.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use collectors::capture;
use collectors::tap::{self, Tap, Way};
use decisions::threat::Usual;
use domain::device::Device;
use domain::fact::{Document, Fact};
use domain::network::{Conversation, Moment, Session};
use domain::sighting::{Seen, Sighting};
use presentation::observation::Input;
use sources::network::Seed;
use sources::network::link::LinkType;
use sources::network::observer::{Counters, Limits, Observer};

use crate::commands::assess;
use crate::ward::Ward;

/// How long the tap is waited for before the clock and the end are looked at.
const WAIT: Duration = Duration::from_millis(200);
/// Most ended sessions that are kept for a replay.
const SESSIONS: usize = 1_000_000;

/// The documents of an inventory; none where no folder is named.
pub(crate) fn inventory(folder: Option<&Path>, quiet: bool) -> Result<Vec<Document>> {
    folder
        .map_or(Ok(Vec::new()), |folder| Ok(assess::of_folder(folder, quiet)?.collected.documents))
}

/// The devices of a document.
pub(crate) fn devices(document: &Document) -> impl Iterator<Item = &Device> {
    document.reading.facts.iter().filter_map(|fact| match fact {
        Fact::Device(device) => Some(&**device),
        _ => None,
    })
}

/// What is observed, and by what.
pub(crate) struct Scene {
    observer: Observer,
    pub(crate) ward: Ward<Usual>,
    pub(crate) input: Input,
    /// The sessions that ended, the newest up to a bound.
    pub(crate) sessions: VecDeque<Session>,
    most_sessions: usize,
    first: Option<Moment>,
    pub(crate) last: Option<Moment>,
}

impl Scene {
    /// One that keeps the sessions for a replay.
    pub(crate) fn new() -> Self {
        Self { most_sessions: SESSIONS, ..Self::against(Usual::default()) }
    }

    /// One that does both.
    pub(crate) fn watching(usual: Usual) -> Self {
        Self { most_sessions: SESSIONS, ..Self::against(usual) }
    }

    /// One that is held against what devices usually do, and keeps no sessions.
    pub(crate) fn against(usual: Usual) -> Self {
        // A seed that senders can't guess.
        let random = RandomState::new();
        let seed = Seed([random.hash_one(0_u8), random.hash_one(1_u8)]);
        Self {
            observer: Observer::new(Limits::default(), seed),
            ward: Ward::new(usual),
            input: Input::default(),
            sessions: VecDeque::new(),
            most_sessions: 0,
            first: None,
            last: None,
        }
    }

    /// Takes a frame.
    pub(crate) fn frame(&mut self, at: Moment, link: LinkType, bytes: &[u8]) {
        self.input.frame(bytes.len());
        self.first = Some(self.first.map_or(at, |first| first.min(at)));
        self.last = self.last.max(Some(at));
        let Self { observer, ward, sessions, most_sessions, .. } = self;
        let most = *most_sessions;
        observer.observe(at, link, bytes, &mut |sighting| take(ward, sessions, most, &sighting));
    }

    /// Reads files one after the other; whether one of them could not be read.
    pub(crate) fn files(&mut self, files: &[PathBuf]) -> Result<bool> {
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

    /// Watches interfaces. `ready` is asked once every right is given up, before anything is read.
    pub(crate) fn live(
        &mut self,
        interfaces: &[String],
        seconds: Option<u64>,
        ready: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        let mut tap = Tap::open(interfaces)?;
        tap::drop_privileges().context("the tap is open, and nothing was read")?;
        ready()?;
        self.input.names.extend_from_slice(interfaces);
        let began = Instant::now();
        let seconds = seconds.map(Duration::from_secs);
        while seconds.is_none_or(|seconds| began.elapsed() < seconds) {
            let mut newest = None;
            tap.take(WAIT, &mut |frame| {
                newest = Some(frame.at);
                // On its way out of a switch a frame was seen coming in.
                if frame.way == Way::In || interfaces.len() == 1 {
                    self.frame(frame.at, LinkType::Ethernet, frame.bytes);
                }
            })?;
            self.tick(newest.unwrap_or_else(now));
        }
        self.input.counters.insert("frames dropped by the kernel", tap.dropped());
        Ok(())
    }

    /// Time goes on, though no frame came.
    pub(crate) fn tick(&mut self, now: Moment) {
        let Self { observer, ward, sessions, most_sessions, .. } = self;
        let most = *most_sessions;
        observer.tick(now, &mut |sighting| take(ward, sessions, most, &sighting));
    }

    /// The sessions of these addresses that ended or still live.
    pub(crate) fn sessions_of(&self, addresses: &[IpAddr]) -> Vec<Session> {
        let of = |session: &&Session| {
            let Conversation { client, server, .. } = session.conversation;
            addresses.contains(&client.address) || addresses.contains(&server.address)
        };
        self.sessions.iter().chain(self.observer.sessions()).filter(of).cloned().collect()
    }

    /// The observation is over.
    pub(crate) fn end(&mut self) {
        let Self { observer, ward, sessions, most_sessions, .. } = self;
        let most = *most_sessions;
        observer.finish(&mut |sighting| take(ward, sessions, most, &sighting));
        self.input.span(self.first, self.last);
        self.input.counters.extend(lost(&self.observer.counters()));
    }
}

fn take(
    ward: &mut Ward<Usual>,
    sessions: &mut VecDeque<Session>,
    most_sessions: usize,
    sighting: &Sighting,
) {
    ward.see(sighting);
    if let Seen::Ended(session) = &sighting.seen
        && most_sessions > 0
    {
        if sessions.len() >= most_sessions {
            sessions.pop_front();
        }
        sessions.push_back((**session).clone());
    }
}

/// The moment by the machine's clock.
pub(crate) fn now() -> Moment {
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
