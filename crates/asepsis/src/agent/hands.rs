//! The hands: a thread for each enforcement point, so that one that does not answer keeps nobody
//! waiting; and for the kernel's rules a process of its own, which alone has the right to change
//! them.
//!
//! Refuses to keep that right in the process that reads what attackers send.

use std::io::{self, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use anyhow::{Context, Result};
use caps::{CapSet, Capability, CapsHashSet};
use domain::order::PointName;
use enforcement::hand::{self, Hand};
use enforcement::nftables::{Nft, NftablesPoint};
use enforcement::point::Point;
use enforcement::radius::Radius;
use enforcement::reconciler::Errand;

use super::Heard;
use crate::configuration::{self, Place};

/// Opens every point, in the order of the configuration.
pub(super) fn open(
    points: &[configuration::Point],
    to: &Sender<Heard>,
) -> Result<Vec<Sender<Errand>>> {
    points.iter().map(|point| Ok(work(hand(point)?, to.clone()))).collect()
}

/// Lets a point do its errands, one after the other.
pub(super) fn work(mut point: Box<dyn Point>, to: Sender<Heard>) -> Sender<Errand> {
    let (sender, errands) = channel::<Errand>();
    thread::spawn(move || {
        for errand in errands {
            let answer = errand.work.run(&mut *point);
            if to.send(Heard::Done(errand, answer)).is_err() {
                return;
            }
        }
    });
    sender
}

fn hand(point: &configuration::Point) -> Result<Box<dyn Point>> {
    match point {
        configuration::Point::Nftables { place, .. } => {
            let program = std::env::current_exe().context("cannot find the program itself")?;
            let name = point.name();
            let mut child = Command::new(program)
                .args(["hand", place.text(), &name.0])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .with_context(|| format!("cannot begin the hand of `{}`", name.0))?;
            let streams = child.stdin.take().zip(child.stdout.take());
            let (to, from) = streams.context("the hand has no streams")?;
            // It ends when its input does, and is waited for so that nothing is left of it.
            thread::spawn(move || child.wait());
            Ok(Box::new(Hand::new(name, to, BufReader::new(from))))
        }
        configuration::Point::Radius { secret_file, radius, .. } => {
            let secret = configuration::secret(secret_file)?;
            let name = point.name();
            let failed = format!("the point `{}` can't be used", name.0);
            Ok(Box::new(Radius::new(name, (**radius).clone(), secret).context(failed)?))
        }
    }
}

/// The hand itself: `asepsis hand PLACE NAME`, begun by the agent alone.
pub(crate) fn serve(place: Place, name: &str) -> Result<()> {
    keep_one_right().context("cannot give up all rights but that to change rules")?;
    let mut point = NftablesPoint::new(PointName(name.into()), Box::new(Nft), place.into());
    hand::serve(&mut point, io::stdin().lock(), io::stdout().lock())
        .context("the agent does not answer")
}

/// Becomes `nobody`, with the one right to change the network's rules (`capabilities(7)`), which
/// `nft` inherits. Does nothing where the process is not root's.
fn keep_one_right() -> Result<()> {
    use nix::unistd::{Gid, Uid, setgid, setgroups, setuid};
    const NOBODY: u32 = 65_534;
    if !Uid::effective().is_root() {
        return Ok(());
    }
    let one = CapsHashSet::from([Capability::CAP_NET_ADMIN]);
    nix::sys::prctl::set_keepcaps(true)?;
    setgroups(&[])?;
    setgid(Gid::from_raw(NOBODY))?;
    setuid(Uid::from_raw(NOBODY))?;
    caps::set(None, CapSet::Inheritable, &one)?;
    caps::set(None, CapSet::Permitted, &one)?;
    caps::set(None, CapSet::Effective, &one)?;
    caps::set(None, CapSet::Ambient, &one)?;
    Ok(())
}
