//! How often somebody may try to sign in, so that nobody guesses a password and nobody locks others
//! out.
//!
//! A browser at which a person has signed in before has a count of its own for that person: what is
//! tried elsewhere never makes it wait. All others share counts: by name and address, by address,
//! by name, and over all. A count that is full delays and never blocks; an attempt that is refused
//! is not counted, so that whoever goes on trying makes nobody wait longer, and what is held stays
//! bounded. Refuses to know the store: counts come in, counts go out.

use std::net::IpAddr;

use domain::person::PersonId;
use sha2::{Digest, Sha256};
use store::attempts::Count;
use store::secret::Fingerprint;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const DAY: i64 = 24 * 60 * MINUTE;

/// After this long nothing that was counted matters.
pub const FORGOTTEN_MS: i64 = DAY;
/// Most guesses at one name in a day, over all browsers that its person has not signed in at.
pub const GUESSES_A_DAY: i64 = 130;
/// Most guesses at one name in a day from one browser that its person has signed in at.
pub const GUESSES_A_DAY_KNOWN: i64 = 110;
/// Most guesses in a day over all names, from browsers that their people have not signed in at.
pub const GUESSES_A_DAY_ALL: i64 = 17_400;
/// The longest that one waits after failures of one's own, or of others where the browser is not
/// known.
pub const LONGEST_WAIT_MS: i64 = 15 * MINUTE;
/// What failures elsewhere make a known browser wait.
pub const KNOWN_WAITS_FOR_OTHERS_MS: i64 = 0;

/// How a count delays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// After so many failures that are free one waits, each time twice as long, up to the longest.
    Doubling {
        /// How many are free.
        free: i64,
        /// The first wait, in milliseconds.
        first_ms: i64,
        /// The longest.
        longest_ms: i64,
    },
    /// So many at once, and one more each time that this many milliseconds are over.
    Bucket {
        /// How many at once.
        burst: i64,
        /// How long one takes.
        every_ms: i64,
    },
}

/// For a person at a browser where they have signed in before.
const KNOWN: Limit = Limit::Doubling { free: 5, first_ms: SECOND, longest_ms: LONGEST_WAIT_MS };
/// For a name from an address.
const PAIR: Limit = Limit::Doubling { free: 5, first_ms: 2 * SECOND, longest_ms: LONGEST_WAIT_MS };
/// For an address, behind which many people may sit.
const SOURCE: Limit = Limit::Doubling { free: 30, first_ms: SECOND, longest_ms: 5 * MINUTE };
/// For a name.
const NAME: Limit = Limit::Doubling { free: 20, first_ms: SECOND, longest_ms: LONGEST_WAIT_MS };
/// For all.
const ALL: Limit = Limit::Bucket { burst: 100, every_ms: 5 * SECOND };

/// Whom an attempt is for.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'s> {
    /// A person.
    Person(&'s PersonId),
    /// A name that nobody has. It may be a password that was typed into the wrong field.
    Nobody(&'s str),
}

/// What vouches for an attempt, so that it is not counted with everybody's.
#[derive(Debug, Clone, Copy)]
pub enum Voucher<'v> {
    /// A browser at which the person has signed in before.
    Browser(&'v Fingerprint),
    /// A recovery code of theirs, which nobody guesses.
    RecoveryCode(&'v Fingerprint),
}

/// What an attempt counts against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// Under which key the store counts.
    pub key: String,
    /// How it delays.
    pub limit: Limit,
}

/// How long to wait before the next attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many attempts: try again in {} seconds", self.seconds())]
pub struct Wait {
    /// In milliseconds; more than none.
    pub ms: i64,
}

impl Wait {
    /// In whole seconds, for `Retry-After` (RFC 9110, section 10.2.3).
    #[must_use]
    pub fn seconds(&self) -> i64 {
        self.ms.div_euclid(SECOND) + i64::from(self.ms.rem_euclid(SECOND) > 0)
    }
}

/// What an attempt counts against; its own count comes first.
#[must_use]
pub fn charges(subject: Subject<'_>, source: IpAddr, voucher: Option<Voucher<'_>>) -> Vec<Charge> {
    let charge = |key: String, limit| Charge { key, limit };
    if let (Subject::Person(person), Some(voucher)) = (subject, voucher) {
        let (kind, fingerprint) = match voucher {
            Voucher::Browser(fingerprint) => ("browser", fingerprint),
            Voucher::RecoveryCode(fingerprint) => ("recovery", fingerprint),
        };
        // Half of it tells any two apart.
        let [high, low, ..] = fingerprint.bytes().as_chunks::<8>().0 else { return Vec::new() };
        let [high, low] = [high, low].map(|part| u64::from_be_bytes(*part));
        return vec![charge(format!("{kind} {person} {high:016x}{low:016x}"), KNOWN)];
    }
    let (subject, source) = (named(subject), network(source));
    vec![
        charge(format!("pair {subject} {source}"), PAIR),
        charge(format!("source {source}"), SOURCE),
        charge(format!("name {subject}"), NAME),
        charge("all".to_owned(), ALL),
    ]
}

/// Lets an attempt through, and counts it as a failure at once, so that none that is tried
/// meanwhile goes uncounted; or says how long to wait, and counts nothing.
pub fn admit(charges: &[(Charge, Count)], now_ms: i64) -> Result<Vec<Count>, Wait> {
    let wait = charges.iter().map(|(charge, count)| charge.limit.wait_ms(*count, now_ms)).max();
    match wait.unwrap_or(0) {
        0 => {
            Ok(charges.iter().map(|(charge, count)| charge.limit.failed(*count, now_ms)).collect())
        }
        ms => Err(Wait { ms }),
    }
}

/// What the counts are once an attempt that was counted as a failure turns out to be none: its own
/// is as new, the others are as if it had not been.
#[must_use]
pub fn succeeded(counts: &[Count]) -> Vec<Count> {
    let others = counts.iter().skip(1).map(|count| match count.failures {
        ..=1 => Count::default(),
        failures => Count { failures: failures - 1, at_ms: count.at_ms },
    });
    counts.iter().take(1).map(|_| Count::default()).chain(others).collect()
}

impl Limit {
    /// How long to wait from now; 0 where an attempt may be made.
    fn wait_ms(self, count: Count, now_ms: i64) -> i64 {
        let passed = passed(count, now_ms);
        match self {
            Self::Doubling { free, first_ms, longest_ms } => {
                if count.failures < free || passed >= FORGOTTEN_MS {
                    return 0;
                }
                let doublings = u32::try_from(count.failures - free).unwrap_or(u32::MAX);
                let factor = 1_i64.checked_shl(doublings.min(40)).unwrap_or(i64::MAX);
                let wait = first_ms.saturating_mul(factor).min(longest_ms);
                (wait - passed).max(0)
            }
            Self::Bucket { burst, every_ms } => {
                let over = count.failures - passed / every_ms - burst;
                if over < 0 { 0 } else { (over + 1) * every_ms - passed % every_ms }
            }
        }
    }

    fn failed(self, count: Count, now_ms: i64) -> Count {
        let passed = passed(count, now_ms);
        match self {
            Self::Doubling { .. } if passed >= FORGOTTEN_MS => Count { failures: 1, at_ms: now_ms },
            Self::Doubling { .. } => Count { failures: count.failures + 1, at_ms: now_ms },
            Self::Bucket { every_ms, .. } => match count.failures - passed / every_ms {
                ..=0 => Count { failures: 1, at_ms: now_ms },
                left => Count { failures: left + 1, at_ms: now_ms - passed % every_ms },
            },
        }
    }
}

/// How long ago the last failure was. One that lies in the future is as if it were now; further in
/// the future than anybody waits, it was told by a clock that was wrong, and is forgotten: else
/// nobody would come in until the clock is there again.
fn passed(count: Count, now_ms: i64) -> i64 {
    match now_ms.saturating_sub(count.at_ms) {
        passed @ 0.. => passed,
        ahead if ahead >= -LONGEST_WAIT_MS => 0,
        _ => FORGOTTEN_MS,
    }
}

/// A name that nobody has is counted by two bytes of its hash: enough to be treated as one that
/// somebody has, too few to tell what was typed.
fn named(subject: Subject<'_>) -> String {
    match subject {
        Subject::Person(person) => person.to_string(),
        Subject::Nobody(name) => {
            let hash = Sha256::digest(name.trim().to_lowercase());
            let two = hash.iter().take(2).fold(0_u16, |two, byte| two << 8 | u16::from(*byte));
            format!("nobody-{two:04x}")
        }
    }
}

/// An address; of IPv6 the network of 64 bits, all of which one machine may use (RFC 4291, section
/// 2.5.1).
#[must_use]
pub fn network(source: IpAddr) -> IpAddr {
    match source.to_canonical() {
        IpAddr::V6(address) => {
            let network = address.to_bits() & !u128::from(u64::MAX);
            IpAddr::V6(network.into())
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}
