//! Frames as they pass: a tap on the kernel's packet sockets.
//!
//! Refuses to keep what it does not need: once the sockets are open, [`drop_privileges`] gives up
//! every right of the process. Refuses to lose in silence: what the kernel dropped is counted.

mod ring;

use std::ffi::CString;
use std::io;
use std::time::Duration;

use domain::network::Moment;

use ring::Ring;

/// Why there is no tap.
#[derive(Debug, thiserror::Error)]
pub enum TapError {
    /// The interface is not there.
    #[error("there is no interface `{0}`")]
    NoInterface(String),
    /// The kernel refused the socket.
    #[error("cannot listen on `{interface}`: {source}; it needs root or CAP_NET_RAW")]
    Open {
        /// Which interface.
        interface: String,
        /// Why.
        source: io::Error,
    },
    /// Waiting for frames failed.
    #[error("cannot wait for frames: {0}")]
    Wait(io::Error),
    /// A right could not be given up.
    #[error("cannot give up the rights of root: {0}")]
    Privileges(io::Error),
}

/// A frame as the tap saw it.
#[derive(Debug, Clone, Copy)]
pub struct Tapped<'a> {
    /// When, by the kernel's clock.
    pub at: Moment,
    /// Which interface, by its place among those that were asked for.
    pub interface: usize,
    /// Which way it went at that interface.
    pub way: Way,
    /// The frame, from its Ethernet header on. A VLAN tag that the kernel took off is put back.
    pub bytes: &'a [u8],
}

/// Which way a frame went at an interface of a switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Into the switch: somebody sent it.
    In,
    /// Out of the switch: it was let through.
    Out,
}

/// A tap on some interfaces.
#[derive(Debug)]
pub struct Tap {
    rings: Vec<Ring>,
    dropped: u64,
}

impl Tap {
    /// Opens a tap.
    ///
    /// # Errors
    /// Where an interface is not there or the kernel refuses.
    pub fn open(interfaces: &[String]) -> Result<Self, TapError> {
        let open = |interface: &String| {
            let missing = || TapError::NoInterface(interface.clone());
            let name = CString::new(interface.as_str()).map_err(|_| missing())?;
            let index = nix::net::if_::if_nametoindex(name.as_c_str()).map_err(|_| missing())?;
            Ring::open(index)
                .map_err(|source| TapError::Open { interface: interface.clone(), source })
        };
        let rings: Result<Vec<Ring>, TapError> = interfaces.iter().map(open).collect();
        Ok(Self { rings: rings?, dropped: 0 })
    }

    /// Waits until there are frames or the time is over, and gives what is there. The frames of
    /// one interface come in their order; those of several as the kernel hands them over.
    ///
    /// # Errors
    /// Where the kernel's wait fails, other than by a signal.
    pub fn take(
        &mut self,
        wait: Duration,
        give: &mut dyn FnMut(Tapped<'_>),
    ) -> Result<(), TapError> {
        ring::wait(&self.rings, wait).map_err(TapError::Wait)?;
        for (interface, ring) in self.rings.iter_mut().enumerate() {
            ring.take(&mut |at, way, bytes| give(Tapped { at, interface, way, bytes }));
        }
        Ok(())
    }

    /// How many frames the kernel dropped for want of room, since the tap was opened.
    pub fn dropped(&mut self) -> u64 {
        self.dropped += self.rings.iter().map(Ring::dropped).sum::<u64>();
        self.dropped
    }
}

/// Gives up every right of root for good: groups, group and user become those of `nobody`.
///
/// # Errors
/// Where the kernel refuses; the process should end then.
pub fn drop_privileges() -> Result<(), TapError> {
    const NOBODY: u32 = 65_534;
    become_user(NOBODY, NOBODY)
}

/// As [`drop_privileges`], but becomes that user and that group alone. Does nothing where the
/// process is not root's.
///
/// # Errors
/// Where the kernel refuses; the process should end then.
pub fn become_user(user: u32, group: u32) -> Result<(), TapError> {
    use nix::unistd::{Gid, Uid, setgid, setgroups, setuid};
    if !Uid::effective().is_root() {
        return Ok(());
    }
    let failed = |error: nix::Error| TapError::Privileges(error.into());
    setgroups(&[]).map_err(failed)?;
    setgid(Gid::from_raw(group)).map_err(failed)?;
    setuid(Uid::from_raw(user)).map_err(failed)
}
