//! Beacons (T1071): a medical device that begins to call an address outside the hospital, again and
//! again, at a regular rhythm.
//!
//! This needs no baseline of a day. What counts as news is measured by the rhythm itself: for as
//! long as its calls took, the device had been at work without them. So a maker's service that is
//! called from the beginning is none, whatever its rhythm; nor is one that another unit of the
//! model calls already.
//!
//! Refuses to judge by rhythm alone: computers call their services all day. Refuses to take a
//! download for a beacon: whoever calls home rests between two calls.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

use domain::network::{Moment, Service, Session};
use domain::text::Text;

use super::peers::is_outside;
use super::scan::counts;
use super::{Detection, Expected, Reached, Technique};

/// So many calls make a rhythm.
const CALLS: usize = 10;
/// Of the pauses between them, so many have to be alike, and so many of them spent at rest.
const REGULAR: usize = 7;
/// Pauses are alike within this much of the middle one, in percent: a program that hides varies
/// its own.
const ALIKE_PERCENT: i64 = 30;
/// The shortest rhythm that is a beacon's, in microseconds.
const SHORTEST: i64 = 100_000;
/// Services remembered of a source, and names; the one called longest ago makes room.
const MOST: usize = 64;

/// A service of an address.
type Place = (IpAddr, Service);

/// What is remembered of a source.
#[derive(Debug, Default)]
pub(super) struct State {
    /// When it was first seen to call anybody.
    began: Option<Moment>,
    called: BTreeMap<Place, Called>,
    /// When each name was first called; a service in many places keeps its name.
    names: BTreeMap<Text, Moment>,
    name_bytes: usize,
}

/// The calls of one service outside.
#[derive(Debug, Default)]
struct Called {
    first: Moment,
    /// The end of the last call, as far as it was seen.
    ended: Moment,
    /// The last calls, each with the rest before it, in microseconds.
    calls: VecDeque<(Moment, i64)>,
    is_told: bool,
}

impl State {
    /// What it takes, in bytes, where nodes are half empty and queues as large as they get.
    pub(super) fn bytes(&self) -> usize {
        let called = size_of::<(Place, Called)>() + CALLS * size_of::<(Moment, i64)>();
        self.called.len() * 2 * called
            + self.names.len() * 2 * size_of::<(Text, Moment)>()
            + self.name_bytes
    }

    /// A session began. `is_medical` is asked only where the answer matters.
    pub(super) fn opened(
        &mut self,
        session: &Session,
        expected: &impl Expected,
        is_medical: impl FnOnce() -> bool,
    ) -> Option<Detection> {
        let (at, spoken) = (session.first, &session.conversation);
        let began = *self.began.get_or_insert(at);
        let (server, service) = (spoken.server.address, spoken.service());
        if !is_outside(server)
            || !counts(service)
            || expected.expects(&spoken.client, server, service) == Some(true)
        {
            return None;
        }
        self.make_room((server, service));
        let fresh = || Called { first: at, ..Called::default() };
        let called = self.called.entry((server, service)).or_insert_with(fresh);
        called.put(at);
        let (span, every) = called.rhythm()?;
        let without = called.first.since(began);
        if called.is_told || without < span || !is_medical() {
            return None;
        }
        called.is_told = true;
        Some(Detection {
            at,
            since: called.first,
            technique: Technique::Beacon,
            source: spoken.client.address,
            targets: [server].into(),
            service: Some(service),
            evidence: format!(
                "it called {service} of {server} {CALLS} times, every {:.1} s, and had not in \
                 the {:.0} s before",
                seconds(every),
                seconds(without)
            ),
            proposed: Technique::Beacon.level(),
            reached: Reached::Tried,
        })
    }

    /// A session ended.
    pub(super) fn ended(&mut self, session: &Session) {
        let place = (session.conversation.server.address, session.conversation.service());
        if let Some(called) = self.called.get_mut(&place) {
            called.ended = called.ended.max(session.last());
        }
    }

    /// It called a service by a name: what has a name is as old as that.
    pub(super) fn named(&mut self, at: Moment, place: Place, name: &Text) {
        if !self.called.contains_key(&place) {
            return;
        }
        if !self.names.contains_key(name) {
            if self.names.len() >= MOST {
                return;
            }
            self.name_bytes += name.len();
        }
        let first = *self.names.entry(name.clone()).or_insert(at);
        if let Some(called) = self.called.get_mut(&place) {
            called.first = called.first.min(first);
        }
    }

    /// Whether it called that service before a moment, and not as a beacon.
    pub(super) fn called_before(&self, place: &Place, moment: Moment) -> bool {
        self.called.get(place).is_some_and(|called| !called.is_told && called.first < moment)
    }

    fn make_room(&mut self, place: Place) {
        if self.called.len() < MOST || self.called.contains_key(&place) {
            return;
        }
        let last = |called: &Called| called.calls.back().map(|(at, _)| *at);
        let oldest = self.called.iter().min_by_key(|(_, called)| last(called));
        if let Some(oldest) = oldest.map(|(place, _)| *place) {
            self.called.remove(&oldest);
        }
    }
}

impl Called {
    fn put(&mut self, at: Moment) {
        // Where the last call was not seen to end, nobody answered, or it goes on beside this one.
        let before = self.calls.back().map_or(at, |(before, _)| *before);
        let rest = at.since(before.max(self.ended));
        if self.calls.len() >= CALLS {
            self.calls.pop_front();
        }
        self.calls.push_back((at, rest));
    }

    /// How long the calls took and the middle pause between two of them, where they have a rhythm.
    fn rhythm(&self) -> Option<(i64, i64)> {
        if self.calls.len() < CALLS {
            return None;
        }
        let later = self.calls.iter().skip(1);
        let pauses = self.calls.iter().zip(later);
        let pauses: Vec<(i64, i64)> =
            pauses.map(|((before, _), (at, rest))| (at.since(*before), *rest)).collect();
        let mut sorted: Vec<i64> = pauses.iter().map(|(pause, _)| *pause).collect();
        sorted.sort_unstable();
        let middle = *sorted.get(sorted.len() / 2)?;
        let is_alike = |pause: i64| (pause - middle).abs() <= middle / 100 * ALIKE_PERCENT;
        let is_rest = |(pause, rest): &&(i64, i64)| is_alike(*pause) && rest * 2 >= *pause;
        let regular = pauses.iter().filter(is_rest).count();
        let span = self.calls.back()?.0.since(self.calls.front()?.0);
        (regular >= REGULAR && middle >= SHORTEST).then_some((span, middle))
    }
}

fn seconds(microseconds: i64) -> f64 {
    microseconds as f64 / 1_000_000.0
}
