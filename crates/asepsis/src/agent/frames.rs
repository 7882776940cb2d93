//! Where the agent's frames come from: the kernel's taps on real interfaces, or a network that is
//! played.
//!
//! Refuses to mix them: an agent has one of the two, and says which.

use std::time::Duration;

use collectors::tap::{Tap, TapError, Tapped};

/// A source of frames.
pub(crate) trait Frames {
    /// Waits until there are frames or the time is over, and gives what is there.
    fn take(&mut self, wait: Duration, give: &mut dyn FnMut(Tapped<'_>)) -> Result<(), TapError>;

    /// How many of its interfaces, the first of them, are ports of the switch: what comes in is
    /// seen there before it is let through. The others are mirrors.
    fn ports(&self) -> usize;

    /// How many frames were lost for want of room.
    fn dropped(&mut self) -> u64;

    /// Whether the network is played, and nothing of it is real.
    fn is_simulated(&self) -> bool;
}

/// Interfaces of this machine.
#[derive(Debug)]
pub(super) struct Interfaces {
    pub(super) tap: Tap,
    pub(super) ports: usize,
}

impl Frames for Interfaces {
    fn take(&mut self, wait: Duration, give: &mut dyn FnMut(Tapped<'_>)) -> Result<(), TapError> {
        self.tap.take(wait, give)
    }

    fn ports(&self) -> usize {
        self.ports
    }

    fn dropped(&mut self) -> u64 {
        self.tap.dropped()
    }

    fn is_simulated(&self) -> bool {
        false
    }
}
