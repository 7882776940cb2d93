//! A bar on standard error while files are read or fetched, only where a person watches.

use std::io::IsTerminal;
use std::time::Duration;

use collectors::feeds::FeedError;
use collectors::feeds::asking::Watch;
use collectors::folder::Watcher;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar in bytes.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    /// A bar; an invisible one where standard error is no terminal or nobody wants it.
    pub(crate) fn new(quiet: bool) -> Self {
        let bar = ProgressBar::new(0);
        let style = ProgressStyle::with_template("{msg} {bar:30} {bytes}/{total_bytes} {eta}")
            .expect("invariant: the template is fixed");
        bar.set_style(style);
        if quiet || !std::io::stderr().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        Self(bar)
    }

    /// Says what goes on after reading.
    pub(crate) fn stage(&self, stage: &'static str) {
        self.0.set_message(stage);
        self.0.tick();
    }

    /// Takes the bar away.
    pub(crate) fn end(&self) {
        self.0.finish_and_clear();
    }
}

impl Watcher for Bar {
    fn planned(&self, files: usize, bytes: u64) {
        self.0.set_length(bytes);
        self.0.set_message(format!("reading {files} files"));
    }

    fn done(&self, bytes: u64) {
        self.0.inc(bytes);
    }
}

/// A line that says what is fetched, and how much of it came.
pub(crate) struct Fetching(ProgressBar);

impl Fetching {
    /// A line; an invisible one where standard error is no terminal or nobody wants it.
    pub(crate) fn new(quiet: bool) -> Self {
        let bar = Bar::new(quiet).0;
        let style = ProgressStyle::with_template("{spinner} {wide_msg} {bytes}/{total_bytes}")
            .expect("invariant: the template is fixed");
        bar.set_style(style);
        Self(bar)
    }

    /// Takes the line away.
    pub(crate) fn end(&self) {
        self.0.finish_and_clear();
    }
}

impl Watch for Fetching {
    fn says(&self, what: &str) {
        self.0.set_message(what.to_owned());
        self.0.tick();
    }

    fn begins(&self, there: u64, whole: Option<u64>) {
        match whole {
            Some(whole) => self.0.set_length(whole),
            None => self.0.unset_length(),
        }
        self.0.set_position(there);
    }

    fn came(&self, bytes: u64) {
        self.0.inc(bytes);
    }

    fn waits(&self, why: &FeedError, time: Duration) {
        self.0.set_message(format!("{why}; again in {} s", time.as_secs().max(1)));
        self.0.tick();
    }
}
