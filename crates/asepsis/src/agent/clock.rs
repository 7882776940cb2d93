//! The agent's clock: the machine's, but for jumps of it while an order is open. Then it goes on by
//! the time that passes (`clock_gettime(2)`, `CLOCK_BOOTTIME`), so that no order ends early or late
//! because somebody has set the machine's clock; once none is open it is the machine's again.
//!
//! Refuses to hide it: how far the two are apart is told as long as they are.

use domain::network::Moment;
use nix::time::{ClockId, clock_gettime};

use crate::scene;

/// Up to how far apart, in microseconds, the machine's clock is followed without a word: what
/// keeps it right moves it by less.
const FOLLOWED: i64 = 1_000_000;
/// How far from now, in microseconds, a frame may have come: the ring is read many times a second.
const READ_WITHIN: i64 = 10_000_000;

/// The agent's clock.
#[derive(Debug)]
pub(super) struct Clock {
    /// A moment, and how long the machine had been on then, in microseconds.
    zero: Moment,
    on: i64,
    /// What it said last: it never goes back by little.
    last: Moment,
    /// How far the machine's clock is ahead; 0 where it is followed.
    ahead: i64,
}

/// What the machine says.
#[derive(Debug, Clone, Copy)]
struct Told {
    /// What time it is.
    wall: Moment,
    /// How long it has been on, in microseconds.
    on: i64,
}

impl Told {
    fn now() -> Self {
        let wall = scene::now();
        let on = clock_gettime(ClockId::CLOCK_BOOTTIME).map_or(wall.0, |on| {
            on.tv_sec().saturating_mul(1_000_000).saturating_add(on.tv_nsec() / 1_000)
        });
        Self { wall, on }
    }
}

impl Clock {
    /// One that begins with the machine's.
    pub(super) fn begin() -> Self {
        Self::at(Told::now())
    }

    fn at(Told { wall, on }: Told) -> Self {
        Self { zero: wall, on, last: wall, ahead: 0 }
    }

    /// What time it is. `may_jump` says whether nothing hangs on the time that passes: then the
    /// machine's clock is followed wherever it goes.
    pub(super) fn now(&mut self, may_jump: bool) -> Moment {
        self.told(Told::now(), may_jump)
    }

    fn told(&mut self, told: Told, may_jump: bool) -> Moment {
        let passed = self.zero.plus(told.on.saturating_sub(self.on));
        let ahead = told.wall.0.saturating_sub(passed.0);
        if ahead.abs() <= FOLLOWED {
            *self = Self { last: self.last.max(told.wall), ..Self::at(told) };
        } else if may_jump {
            *self = Self::at(told);
        } else {
            self.last = self.last.max(passed);
            self.ahead = ahead;
        }
        self.last
    }

    /// What it said last.
    pub(super) fn said(&self) -> Moment {
        self.last
    }

    /// How far the machine's clock is ahead, in microseconds, where it is not followed.
    pub(super) fn ahead(&self) -> Option<i64> {
        Some(self.ahead).filter(|ahead| *ahead != 0)
    }

    /// When a frame came, of which the kernel says when by the machine's clock. Where that was set
    /// since then, it came now.
    pub(super) fn of_frame(&self, at: Moment) -> Moment {
        let at = at.plus(-self.ahead);
        let is_near = (at.0.saturating_sub(self.last.0)).abs() <= READ_WITHIN;
        if is_near { at } else { self.last }
    }

    /// The same in a sentence, while it is not followed.
    pub(super) fn trouble(&self) -> Option<String> {
        let ahead = self.ahead()?;
        let way = if ahead > 0 { "ahead" } else { "back" };
        let seconds = ahead.unsigned_abs() / 1_000_000;
        let far = match seconds {
            0..120 => format!("{seconds} s"),
            120..7_200 => format!("{} minutes", seconds / 60),
            7_200..172_800 => format!("{} hours", seconds / 3_600),
            _ => format!("{} days", seconds / 86_400),
        };
        Some(format!(
            "The machine's clock was set {way} by {far} while orders are open. They end by the \
             time that passes, and times here are counted on from before, until none is open"
        ))
    }
}

#[cfg(test)]
mod tests {
    use domain::network::Moment;

    use super::{Clock, FOLLOWED, Told};

    const YEAR: i64 = 365 * 86_400_000_000;
    const DAY: i64 = 86_400_000_000;
    const BEGUN: i64 = 1_764_000_000_000_000;

    fn told(wall: i64, on: i64) -> Told {
        Told { wall: Moment(BEGUN + wall), on }
    }

    #[test]
    fn while_an_order_is_open_time_passes_whatever_the_machine_says_and_then_it_is_right_again() {
        let mut clock = Clock::at(told(0, 0));
        let at = |now: Moment| now.0 - BEGUN;
        assert_eq!(at(clock.told(told(1_000, 1_000), false)), 1_000);
        for (jumped, minute) in [(YEAR, 1), (-DAY, 2), (0, 3), (YEAR, 4)] {
            let on = minute * 60_000_000;
            assert_eq!(at(clock.told(told(jumped + on, on), false)), on, "{jumped}");
            assert_eq!(clock.ahead(), Some(jumped).filter(|ahead| *ahead != 0));
            // The kernel has the machine's clock.
            assert_eq!(at(clock.of_frame(Moment(BEGUN + jumped + on - 5))), on - 5, "{jumped}");
            assert_eq!(at(clock.of_frame(Moment(BEGUN + on - 5 - jumped))), {
                if jumped == 0 { on - 5 } else { on }
            });
        }
        assert!(clock.trouble().expect("told").contains("ahead by 365 days"), "{clock:?}");
        let on = 300_000_000;
        assert_eq!(at(clock.told(told(YEAR + on, on), true)), YEAR + on);
        assert_eq!(clock.trouble(), None);
        assert_eq!(at(clock.told(told(on + 1, on + 1), true)), on + 1, "also back");
    }

    #[test]
    fn what_keeps_the_clock_right_is_followed_and_never_back() {
        let mut clock = Clock::at(told(0, 0));
        let at = |now: Moment| now.0 - BEGUN;
        assert_eq!(at(clock.told(told(1_000_000 + FOLLOWED, 1_000_000), false)), 2_000_000);
        assert_eq!(at(clock.told(told(1_500_000, 1_500_000), false)), 2_000_000, "it waits");
        assert_eq!(at(clock.told(told(2_500_000, 2_500_000), false)), 2_500_000);
        assert_eq!(clock.ahead(), None);
    }
}
