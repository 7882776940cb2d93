//! Time in the lab: when something was, how long a scene runs, and a wait that ends at once when
//! the scene does.
//!
//! Refuses to sleep past the end of a scene.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::Error;

/// How often something is looked at that is waited for.
const LOOK: Duration = Duration::from_millis(20);

/// Microseconds since 1970 (UTC), as captures and ledgers write them.
#[must_use]
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// Whether a scene is over; shared by all who act in it.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<(Mutex<bool>, Condvar)>);

impl Stop {
    /// It is over: every wait ends.
    pub fn end(&self) {
        let (over, bell) = &*self.0;
        *over.lock().unwrap_or_else(PoisonError::into_inner) = true;
        bell.notify_all();
    }

    /// Whether it is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits; whether the scene goes on after it.
    #[must_use]
    pub fn pause(&self, time: Duration) -> bool {
        let (over, bell) = &*self.0;
        let held = over.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = bell.wait_timeout_while(held, time, |over| !*over);
        let (over, _) = waited.unwrap_or_else(PoisonError::into_inner);
        !*over
    }
}

/// Waits until something is so.
pub(crate) fn until(what: &str, seconds: u64, is_so: impl Fn() -> bool) -> Result<(), Error> {
    let end = Instant::now() + Duration::from_secs(seconds);
    while !is_so() {
        if Instant::now() > end {
            return Err(Error::Late { what: what.to_owned(), seconds });
        }
        std::thread::sleep(LOOK);
    }
    Ok(())
}
