//! A TCP connection: from its first segment to its end (RFC 9293, section 3.3.2).
//!
//! Refuses to believe a segment that neither end would: a reset outside the window (RFC 5961) ends
//! nothing, and a SYN within a live connection begins no other until the server has answered it.

use domain::network::{Direction, Session, SessionState};
use domain::sighting::Said;

use super::talk::Talk;
use crate::network::stream::{Half, Oddities, Segment};

/// Which ends have sent what only an end sends that has heard the other.
#[derive(Debug, Default, PartialEq, Eq)]
struct Answered {
    client: bool,
    server: bool,
}

/// Both directions of a connection, and what is said on it.
#[derive(Debug)]
pub(super) struct Connection {
    to_server: Half,
    to_client: Half,
    answered: Answered,
    /// A SYN that would begin another connection between the same ports.
    reopening: Option<u32>,
    pub talk: Talk,
}

impl Connection {
    /// That which a segment begins, or is the first to be seen of.
    pub(super) fn new(first: &Segment<'_>) -> Self {
        let talk = if first.opens() { Talk::from_the_start() } else { Talk::midway() };
        Self {
            to_server: Half::default(),
            to_client: Half::default(),
            answered: Answered::default(),
            reopening: None,
            talk,
        }
    }

    /// Bytes held.
    pub(super) fn held(&self) -> usize {
        self.to_server.held() + self.to_client.held() + self.talk.held()
    }

    /// Whether a SYN had this number: what an ICMP error must quote to be believed (RFC 5927).
    pub(super) fn began_at(&self, sequence: u32) -> bool {
        self.to_server.initial == Some(sequence)
    }

    /// The direction's own half, and that of the other.
    fn halves(&mut self, direction: Direction) -> (&mut Half, &mut Half) {
        match direction {
            Direction::ToServer => (&mut self.to_server, &mut self.to_client),
            Direction::ToClient => (&mut self.to_client, &mut self.to_server),
        }
    }

    /// Whether a segment begins another connection between the same ports.
    pub(super) fn is_another(
        &mut self,
        state: SessionState,
        direction: Direction,
        segment: &Segment<'_>,
    ) -> bool {
        if !segment.opens() {
            return false;
        }
        if let Some(acknowledged) = segment.acknowledges {
            return self.reopening == Some(acknowledged.wrapping_sub(1));
        }
        let (own, peer) = self.halves(direction);
        let known = own.initial;
        let ending = own.has_ended() || peer.has_ended();
        if known == Some(segment.sequence) {
            return false;
        }
        match state {
            SessionState::Closed | SessionState::Reset | SessionState::Refused => true,
            SessionState::Attempted => known.is_some(),
            SessionState::Established | SessionState::TimedOut => {
                self.reopening = Some(segment.sequence);
                ending
            }
        }
    }

    /// Takes a segment; the session's state follows.
    pub(super) fn take(
        &mut self,
        session: &mut Session,
        direction: Direction,
        segment: &Segment<'_>,
        odd: &mut Oddities,
        say: &mut dyn FnMut(Direction, Said),
    ) {
        if segment.resets() {
            return self.reset(session, direction, segment, odd);
        }
        let (own, peer) = self.halves(direction);
        // The SYN of another connection says nothing of this one.
        if segment.opens() && own.initial.is_some_and(|known| known != segment.sequence) {
            odd.out_of_window += 1;
            return;
        }
        let window = peer.window();
        own.advertises(segment);
        if let Some(acknowledged) = segment.acknowledges {
            peer.acknowledge(acknowledged);
        }
        self.listen(direction, segment, window, odd, say);
        match direction {
            Direction::ToServer => self.answered.client |= segment.acknowledges.is_some(),
            Direction::ToClient => self.answered.server |= segment.acknowledges.is_some(),
        }
        self.follow_state(session);
    }

    /// Gives what is in order to whoever listens.
    fn listen(
        &mut self,
        direction: Direction,
        segment: &Segment<'_>,
        window: u64,
        odd: &mut Oddities,
        say: &mut dyn FnMut(Direction, Said),
    ) {
        let Self { to_server, to_client, talk, .. } = self;
        let (own, peer, back) = match direction {
            Direction::ToServer => (to_server, to_client, Direction::ToClient),
            Direction::ToClient => (to_client, to_server, Direction::ToServer),
        };
        if matches!(talk, Talk::Deaf) {
            own.pass(segment, window, odd);
            return;
        }
        // An acknowledgement may be what settles a gap of the other direction.
        if peer.held() > 0 {
            peer.settle(odd, &mut |heard| talk.hear(back, heard, say));
        }
        own.take(segment, window, odd, &mut |heard| talk.hear(direction, heard, say));
        if matches!(talk, Talk::Deaf) {
            own.drop_held();
            peer.drop_held();
        }
    }

    fn follow_state(&mut self, session: &mut Session) {
        if session.state == SessionState::Attempted && self.answered.client && self.answered.server
        {
            session.state = SessionState::Established;
        }
        if self.to_server.has_ended() && self.to_client.has_ended() {
            session.state = SessionState::Closed;
        }
    }

    /// Whether a closed connection has nothing more to come.
    pub(super) fn is_over(&self) -> bool {
        self.to_server.end_is_acknowledged() && self.to_client.end_is_acknowledged()
    }

    /// A reset: an answer to a SYN must acknowledge it, any other must lie in the window.
    fn reset(
        &mut self,
        session: &mut Session,
        direction: Direction,
        segment: &Segment<'_>,
        odd: &mut Oddities,
    ) {
        let attempted = session.state == SessionState::Attempted;
        let unanswered = attempted && self.to_client.initial.is_none();
        let (own, peer) = self.halves(direction);
        if direction == Direction::ToClient && unanswered && peer.initial.is_some() {
            if segment.acknowledges.is_some() && segment.acknowledges == peer.next_sequence() {
                session.state = SessionState::Refused;
            } else {
                odd.out_of_window += 1;
            }
        } else if own.accepts(segment.sequence, peer.window()) {
            // After both ends have closed in order, a reset only tidies up.
            if session.state != SessionState::Closed {
                session.state = SessionState::Reset;
            }
        } else {
            odd.out_of_window += 1;
        }
    }

    /// Gives up all that is held, for room: first the gaps, then the message that is not whole.
    pub(super) fn give_up(&mut self, odd: &mut Oddities, say: &mut dyn FnMut(Direction, Said)) {
        let Self { to_server, to_client, talk, .. } = self;
        let halves = [(to_server, Direction::ToServer), (to_client, Direction::ToClient)];
        for (half, direction) in halves {
            while half.held() > 0 {
                half.give_up_gap(odd, &mut |heard| talk.hear(direction, heard, say));
            }
        }
        if talk.held() > 0 {
            talk.begin_again();
        }
    }

    /// Nothing more will come.
    pub(super) fn finish(&mut self, odd: &mut Oddities, say: &mut dyn FnMut(Direction, Said)) {
        let Self { to_server, to_client, talk, .. } = self;
        if !matches!(talk, Talk::Deaf) {
            to_server.finish(odd, &mut |heard| talk.hear(Direction::ToServer, heard, say));
            to_client.finish(odd, &mut |heard| talk.hear(Direction::ToClient, heard, say));
        }
        *talk = Talk::Deaf;
    }
}
