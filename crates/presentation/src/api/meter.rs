//! What programs are told of how the console is used: requests by route and status, and how long
//! their answers took to begin.
//!
//! Labels are routes, methods and statuses alone, so that nobody can make more of them by asking.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{Method, StatusCode};

/// Upper bounds of the histogram, in milliseconds.
pub(crate) const BOUNDS_MS: [u32; 11] = [1, 5, 10, 25, 50, 100, 250, 500, 1_000, 5_000, 30_000];

/// A request that was answered.
#[derive(Debug)]
pub(crate) struct Served<'r> {
    pub(crate) method: &'r Method,
    pub(crate) path: &'static str,
    /// Until its answer began.
    pub(crate) took: Duration,
}

/// How long answers took to begin.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Took {
    /// How many took at most so long, for each bound; those beyond the last are in `count` alone.
    pub(crate) within: [u64; BOUNDS_MS.len()],
    pub(crate) count: u64,
    pub(crate) seconds: f64,
}

/// The counts since the program began.
#[derive(Debug)]
pub(crate) struct Meter {
    pub(crate) begun: Instant,
    counts: Mutex<Counts>,
}

/// Requests by method, route and status, and how long they took by method and route.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counts {
    pub(crate) answers: BTreeMap<(String, &'static str, u16), u64>,
    pub(crate) took: BTreeMap<(String, &'static str), Took>,
}

impl Meter {
    pub(crate) fn new() -> Self {
        Self { begun: Instant::now(), counts: Mutex::default() }
    }

    pub(crate) fn note(&self, served: &Served<'_>, status: StatusCode) {
        let method = served.method.to_string();
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (method.clone(), served.path, status.as_u16());
        *counts.answers.entry(key).or_default() += 1;
        let took = counts.took.entry((method, served.path)).or_default();
        took.count += 1;
        took.seconds += served.took.as_secs_f64();
        for (bound, within) in BOUNDS_MS.into_iter().zip(&mut took.within) {
            *within += u64::from(served.took <= Duration::from_millis(u64::from(bound)));
        }
    }

    pub(crate) fn counts(&self) -> Counts {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
