//! Which points are in charge of a device, when one is too slow or has failed.
//!
//! Refuses to wait for a point while a device is loose and another point could hold it, and to call
//! a device held before every point that is in charge of it holds it.

use std::collections::BTreeSet;

use decisions::containment::plan::Plan;
use domain::device::DeviceId;
use domain::network::Moment;
use domain::order::{Interface, Step};

use super::posts::{PATIENCE, Post, Standing, Waits, chosen};
use super::{Reconciler, ReconcilerError, ours};
use crate::wire::Vouched;

impl Reconciler {
    /// How far the point can vouch that holds a device and is trusted to, if one does.
    pub(super) fn trusted(&self, device: &DeviceId) -> Option<Vouched> {
        let post = self.posts.iter().find(|post| post.is_trusted(device))?;
        post.slots.get(device).map(|slot| slot.vouched)
    }

    /// Where one point was told in vain, the wire goes by the one that holds the device.
    pub(super) fn still_applied(&mut self, device: &DeviceId, now: Moment) {
        if let Some(vouched) = self.trusted(device) {
            self.wire.still_applied(device, vouched, now);
        }
    }

    /// Points that have not answered for too long are given up for what waits for them, where
    /// another point can take it.
    pub(super) fn hurry(&mut self, now: Moment) -> Result<(), ReconcilerError> {
        let mut late = Vec::new();
        for (place, post) in self.posts.iter().enumerate().filter(|(_, post)| post.is_late(now)) {
            let waiting = post.waiting().filter(|(plan, _)| !post.given_up.contains(&plan.device));
            let waiting = waiting.filter(|(plan, _)| self.elsewhere(place, plan, now));
            late.extend(waiting.map(|(plan, how)| (place, plan.order, plan.device.clone(), how)));
        }
        let mut events = Vec::new();
        for (place, order, device, how) in late {
            let Some(post) = self.posts.get_mut(place) else { continue };
            post.staged.remove(&device);
            post.given_up.insert(device.clone());
            if how == Waits::Told {
                let seconds = PATIENCE / 1_000_000;
                let why = format!(
                    "it has not answered for {seconds} s, so the next point is asked meanwhile"
                );
                events.push(ours(order, Step::Failed(post.name.clone(), why.into()), now));
            }
            // It is judged at once.
            self.planned.remove(&device);
            self.judged.remove(&order);
            self.still_applied(&device, now);
        }
        let events = self.admitted(events);
        self.write(&events)
    }

    /// Whether a point that is not late itself can take what waits for another.
    fn elsewhere(&self, place: usize, plan: &Plan, now: Moment) -> bool {
        let others = || (0..).zip(&self.posts).filter(|(other, _)| *other != place);
        let fit = || {
            others().map(|(_, post)| post).filter(|post| {
                let barred =
                    post.given_up.contains(&plan.device) || post.cut_care.contains(&plan.order);
                !barred && !post.is_late(now)
            })
        };
        let own = |interface: &&Interface| {
            self.posts.get(place).is_some_and(|post| post.covers(interface))
        };
        let mut own = plan.interfaces.iter().filter(own);
        own.any(|interface| fit().any(|post| post.covers(interface)))
    }

    /// Whether every point that is to hold a device does.
    pub(super) fn is_wholly_held(&self, device: &DeviceId) -> bool {
        self.in_charge(device).is_some_and(|places| {
            let mut posts = places.iter().filter_map(|place| self.posts.get(*place));
            posts.all(|post| {
                post.slots.get(device).is_some_and(|slot| slot.standing == Standing::Held)
            })
        })
    }

    /// Whether others hold a device in the place of that point.
    pub(super) fn is_replaced(&self, place: usize, device: &DeviceId) -> bool {
        let not_in_charge = |places: BTreeSet<usize>| !places.contains(&place);
        self.in_charge(device).is_some_and(not_in_charge) && self.is_wholly_held(device)
    }

    /// The points that are to hold a device as it is held now.
    pub(super) fn in_charge(&self, device: &DeviceId) -> Option<BTreeSet<usize>> {
        let of = |post: &Post| post.slots.get(device).map(|slot| slot.plan.clone());
        let trusted = self.posts.iter().filter(|post| post.is_trusted(device)).find_map(of);
        let plan = trusted.or_else(|| self.posts.iter().find_map(of))?;
        chosen(&self.posts, &plan).ok()
    }

    /// Once the wire shows that a device is held, points that are not in charge of it are left.
    pub(super) fn leave_others(&mut self, device: &DeviceId) {
        let Some(places) = self.in_charge(device) else { return };
        for (place, post) in self.posts.iter_mut().enumerate() {
            if post.slots.contains_key(device) && !places.contains(&place) {
                post.leave(device);
            }
        }
    }
}
