//! When to send again, and when to give up (RFC 5080, section 2.2.1).
//!
//! Refuses to look at a clock or to roll dice: moments and rolls are arguments.

use std::time::Duration;

/// The timing of an exchange.
///
/// RFC 5080, section 2.2.1, has a wait that doubles up to a largest, each with a jitter of a tenth
/// either way, and an end. Its own figures (2 s, 16 s, 30 s) are for logging in; a device that is
/// being cut off can't wait as long, and the server is in the same hospital.
///
/// With [`Pace::DEFAULT`] a request goes out at 0, 50, 150, 300, 450, 600, 750, 900 ms and so on.
/// Where three in ten packets are lost each way, a try succeeds with 0.7 × 0.7 = 0.49, so that five
/// tries fail with 0.51⁵ = 0.035: in 95 of 100 cases the answer is there after the fifth, at
/// 450 ms, and in 99 of 100 (0.51⁷ = 0.009) after the seventh, at 750 ms, each with a tenth of
/// jitter and the time that the server takes. All 21 tries of three seconds fail with less than
/// one in a million.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How long the first try waits (IRT).
    pub first: Duration,
    /// How long a try waits at most (MRT).
    pub longest: Duration,
    /// How long an exchange may take in all (MRD).
    pub whole: Duration,
}

impl Pace {
    /// For a server in the same hospital.
    pub const DEFAULT: Self = Self {
        first: Duration::from_millis(50),
        longest: Duration::from_millis(150),
        whole: Duration::from_secs(3),
    };

    /// How long to wait after a try. `before` is how long the one before it waited, `roll` is any
    /// number, evenly distributed.
    #[must_use]
    pub fn wait(self, before: Option<Duration>, roll: u32) -> Duration {
        let Some(before) = before else { return jittered(self.first, self.first, roll) };
        let doubled = jittered(before.saturating_mul(2), before, roll);
        if doubled > self.longest { jittered(self.longest, self.longest, roll) } else { doubled }
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// `wait`, with a tenth of `of` more or less.
fn jittered(wait: Duration, of: Duration, roll: u32) -> Duration {
    let tenth = of / 10;
    let twice = tenth.as_nanos().saturating_mul(2).saturating_mul(u128::from(roll));
    let part = u64::try_from(twice >> u32::BITS).unwrap_or(u64::MAX);
    wait.saturating_sub(tenth).saturating_add(Duration::from_nanos(part))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Pace;

    #[test]
    fn waits_double_up_to_the_longest_with_a_tenth_of_jitter() {
        let mut schedule = [Duration::ZERO; 8];
        let mut before = None;
        for at in 1..schedule.len() {
            let wait = Pace::DEFAULT.wait(before, u32::MAX / 2);
            schedule[at] = schedule[at - 1] + wait;
            before = Some(wait);
        }
        let told = schedule.map(|at| (at.as_micros() + 500) / 1_000);
        assert_eq!(told, [0, 50, 150, 300, 450, 600, 750, 900]);
        for (roll, least, most) in [(0, 45_000, 45_000), (u32::MAX, 54_999, 55_000)] {
            let micros = Pace::DEFAULT.wait(None, roll).as_micros();
            assert!((least..=most).contains(&micros), "{micros}");
        }
        let longest = Pace::DEFAULT.wait(Some(Duration::from_secs(9)), u32::MAX).as_micros();
        assert!((164_999..=165_000).contains(&longest), "{longest}");
    }

    #[test]
    fn absurd_waits_do_not_overflow() {
        let absurd = Pace { first: Duration::MAX, longest: Duration::MAX, whole: Duration::MAX };
        for before in [None, Some(Duration::MAX)] {
            let _ = absurd.wait(before, u32::MAX);
        }
    }
}
