//! A bar on standard error while files are read, only where a person watches.

use std::io::IsTerminal;

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
