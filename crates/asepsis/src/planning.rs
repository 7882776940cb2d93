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

/// What counts as news.
#[derive(Debug, Clone, Copy)]
pub(crate) struct News {
    /// Since when we watch.
    pub(crate) watches: Moment,
    /// After how long something is usual, in microseconds.
    pub(crate) usual_after: i64,
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

    /// Without what began so shortly before it was suspected that it may be the attacker's. What
    /// was there when we began to watch is no news: we know no day on which it was not.
    pub(crate) fn without_news(mut self, suspected: Option<Moment>, news: News) -> Self {
        if let Some(suspected) = suspected {
            self.flows.retain(|_, first| {
                news.watches.plus(news.usual_after) >= *first
                    || suspected.since(*first) >= news.usual_after
            });
        }
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
    fn what_began_shortly_before_it_was_suspected_is_not_kept_open() {
        let news = |watches| News { watches: Moment(watches), usual_after: 500 };
        let left = |suspected: Option<i64>, watches| {
            let around = around(&[1], 1_000);
            around.without_news(suspected.map(Moment), news(watches)).flows.len()
        };
        assert_eq!(left(None, 0), 1);
        assert_eq!(left(Some(1_500), 0), 1);
        assert_eq!(left(Some(1_499), 0), 0);
        assert_eq!(left(Some(1_499), 500), 1, "we had only just begun to watch");
    }
}
