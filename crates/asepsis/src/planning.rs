//! What is known of a device for planning, and the plan that it makes.
//!
//! Judges nothing itself: it gathers what `decisions` asks for.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use decisions::containment::Refusal;
use decisions::containment::essential::{
    EssentialFlow, ModelFlows, Openings, Peer, Site, openings_for,
};
use decisions::containment::order::Order;
use decisions::containment::plan::{Made, make};
use decisions::identity::{Identified, Identities, Reach};
use decisions::traffic::Traffic;
use decisions::traffic::baseline::Baseline;
use domain::device::{Device, DeviceId};
use domain::network::{Moment, Transport};
use domain::order::{Interface, Level, Side};
use domain::text::Text;

/// The addresses of each name.
pub(crate) type Names = BTreeMap<Text, BTreeSet<IpAddr>>;

/// A device as the inventory, the network, or both know it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) row: Option<&'a Device>,
    pub(crate) seen: Option<&'a Identified>,
}

impl Subject<'_> {
    /// What it is called: by the inventory, or else by its first hardware address, or an address.
    pub(crate) fn id(&self) -> Option<DeviceId> {
        let row = self.row.and_then(|row| row.id.clone());
        row.or_else(|| {
            let seen = self.seen?;
            let mac = seen.interfaces.first().map(|interface| interface.mac.to_string());
            let address = || seen.behind_router.first().map(ToString::to_string);
            mac.or_else(address).map(|name| DeviceId(name.into()))
        })
    }

    /// Every address of it.
    pub(crate) fn addresses(&self) -> Vec<IpAddr> {
        self.seen.map(Identified::addresses).unwrap_or_default()
    }
}

/// What a device usually does, and by what it is on the network.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Surroundings {
    pub(crate) interfaces: Vec<Interface>,
    /// Each flow, and when it was first seen.
    pub(crate) flows: BTreeMap<EssentialFlow, Moment>,
    /// The router by which it reaches each peer in another network.
    pub(crate) routers: BTreeMap<IpAddr, IpAddr>,
    /// Peers of which it is not known how they are reached.
    pub(crate) unreached: BTreeSet<IpAddr>,
}

/// What counts as news of a suspected device: what began within this span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct News {
    /// After when.
    pub(crate) after: Moment,
    /// Until when, where it is suspected no longer.
    pub(crate) until: Option<Moment>,
}

impl News {
    fn is(&self, first: Moment) -> bool {
        first > self.after && self.until.is_none_or(|until| first <= until)
    }
}

impl Surroundings {
    /// As they were seen.
    pub(crate) fn seen(device: &Identified, traffic: &Traffic, identities: &Identities) -> Self {
        let own: BTreeSet<IpAddr> = device.addresses().into_iter().collect();
        let baseline = Baseline::learn(traffic, &own);
        let mut around = Self { interfaces: device.interfaces.clone(), ..Self::default() };
        for (habit, evidence) in &baseline.habits {
            let flow = EssentialFlow {
                role: habit.role,
                side: habit.side,
                peer: Peer::Addresses([habit.peer].into()),
                service: habit.service,
                application: evidence.application,
            };
            around.flows.insert(flow, evidence.seen.0);
        }
        for (peer, reach) in identities.reach(baseline.habits.keys().map(|habit| habit.peer)) {
            match reach {
                Reach::By(router) => drop(around.routers.insert(peer, router)),
                Reach::Unknown => drop(around.unreached.insert(peer)),
                Reach::Directly => {}
            }
        }
        around
    }

    /// Takes what was known before, too.
    pub(crate) fn absorb(&mut self, older: &Self) {
        for interface in &older.interfaces {
            match self.interfaces.iter_mut().find(|own| own.mac == interface.mac) {
                None => self.interfaces.push(interface.clone()),
                Some(own) => {
                    let new = interface.addresses.iter();
                    let new: Vec<IpAddr> =
                        new.filter(|address| !own.addresses.contains(address)).copied().collect();
                    own.addresses.extend(new);
                }
            }
        }
        for (flow, first) in &older.flows {
            let own = self.flows.entry(flow.clone()).or_insert(*first);
            *own = (*own).min(*first);
        }
        for (peer, router) in &older.routers {
            self.routers.entry(*peer).or_insert(*router);
        }
    }

    /// Without what may be the attacker's.
    pub(crate) fn without_news(mut self, news: &[News]) -> Self {
        self.flows.retain(|_, first| !news.iter().any(|news| news.is(*first)));
        self
    }

    /// What stays open at a level.
    pub(crate) fn openings(
        &self,
        level: Level,
        model: Option<&ModelFlows>,
        names: &Names,
    ) -> Openings {
        let flows: Vec<EssentialFlow> = self.flows.keys().cloned().collect();
        let served = |port: u16| -> Vec<IpAddr> {
            let asked = flows.iter().filter(|flow| {
                let is_port = (flow.service.transport, flow.service.port) == (Transport::Udp, port);
                flow.side == Side::Client && is_port
            });
            let own = |peer: &IpAddr| self.interfaces.iter().any(|i| i.addresses.contains(peer));
            let peers = asked.flat_map(|flow| match &flow.peer {
                Peer::Addresses(addresses) => addresses.iter().copied().collect::<Vec<_>>(),
                Peer::Named(_) => Vec::new(),
            });
            peers.filter(|peer| !own(peer)).collect()
        };
        let (leased_from, resolvers) = (served(67), served(53));
        let open = |routers: &[IpAddr]| {
            let (leased_from, resolvers) = (&leased_from, &resolvers);
            openings_for(level, model, &flows, &Site { names, leased_from, resolvers, routers })
        };
        // Only the way to what stays open stays open. To a peer that this device was never seen to
        // call, the way is not known: then every way is kept.
        let called = |peer: IpAddr| {
            flows
                .iter()
                .any(|flow| matches!(&flow.peer, Peer::Addresses(peers) if peers.contains(&peer)))
        };
        let mut routers = BTreeSet::new();
        for peer in open(&[]).kept.into_iter().map(|kept| kept.opening.peer) {
            match self.routers.get(&peer) {
                Some(router) => drop(routers.insert(*router)),
                None if !called(peer) => routers.extend(self.routers.values()),
                None => {}
            }
        }
        open(&routers.into_iter().collect::<Vec<_>>())
    }

    /// The plan of an order at a level.
    pub(crate) fn plan(
        &self,
        order: &Order,
        openings: &Openings,
        compromised: &BTreeSet<IpAddr>,
        now: Moment,
    ) -> Result<Made, Refusal> {
        make(order, &self.interfaces, openings, compromised, now)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::net::IpAddr;

    use decisions::containment::essential::{EssentialFlow, Peer};
    use domain::care::CareRole;
    use domain::device::MacAddress;
    use domain::network::{Moment, Service, Transport};
    use domain::order::{Interface, Side};

    use super::{News, Surroundings};

    fn around(addresses: &[u8], first: i64) -> Surroundings {
        let address = |last: &u8| IpAddr::from([10, 0, 0, *last]);
        let flow = EssentialFlow {
            role: CareRole::Result,
            side: Side::Client,
            peer: Peer::Addresses(BTreeSet::from([address(&9)])),
            service: Service { transport: Transport::Tcp, port: 6000 },
            application: None,
        };
        Surroundings {
            interfaces: vec![Interface {
                mac: MacAddress([2, 0, 0, 0, 0, 1]),
                addresses: addresses.iter().map(address).collect(),
            }],
            flows: [(flow, Moment(first))].into(),
            ..Surroundings::default()
        }
    }

    #[test]
    fn what_was_known_before_stays_known() {
        let mut now = around(&[2], 900);
        now.absorb(&around(&[1, 2], 100));
        assert_eq!(now.interfaces[0].addresses.len(), 2);
        assert_eq!(now.flows.values().copied().collect::<Vec<_>>(), [Moment(100)]);
    }

    #[test]
    fn what_began_within_the_span_of_a_suspicion_is_not_kept_open() {
        let left = |news: &[(i64, Option<i64>)]| {
            let of = |(after, until): &(i64, Option<i64>)| News {
                after: Moment(*after),
                until: until.map(Moment),
            };
            let news: Vec<News> = news.iter().map(of).collect();
            around(&[1], 1_000).without_news(&news).flows.len()
        };
        assert_eq!(left(&[]), 1);
        assert_eq!(left(&[(1_000, None)]), 1);
        assert_eq!(left(&[(999, None)]), 0);
        assert_eq!(left(&[(500, Some(999))]), 1, "it began when that was over");
        assert_eq!(left(&[(500, Some(999)), (999, Some(1_000))]), 0);
    }
}
