//! The model proof: rules mean what the plans mean, for every class of packet.
//!
//! Classes are made by every value that a rule or a plan names, and one more for all others: two
//! packets of one class are the same to all rules and all plans, so one of them speaks for it.
//! Refuses to trust the compiler: what it says is only looked at through the rules' own meaning.
//!
//! A device is proved with the elements that begin with one of its own addresses, and no others.
//! That is enough, and [`shape`] holds what it rests on: a set that is looked at by what leaves
//! devices begins with the source, and one that is looked at by what reaches devices with the
//! destination; so for a packet of this device no rule can find an element of another. Devices that
//! share an address are proved together, and a stranger that is wholly cut off beside each, so that
//! a device's rules can't let pass what another's forbid. What was proved is not proved again while
//! the chains are the same: [`Proved`] remembers plans and elements, whole, up to the addresses
//! that they name ([`likeness`] says why). What somebody changes for any device is another
//! likeness. It also remembers all rules with all plans that were proved last: the same are proved
//! already.

mod classes;
mod likeness;
mod shape;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;

use decisions::containment::passes::{Packet, passes};
use decisions::containment::plan::Plan;
use domain::device::MacAddress;
use domain::network::Moment;
use domain::order::{Interface, Level, OrderId};

use super::frame::Frame;
use super::layout::{Name, Place};
use super::model::{Chain, Chains, Elements, Field, Ruleset, Sets, TCP, UDP, Walk, number, of_mac};
use likeness::Likeness;
use values::Values;

/// A class of packets that the rules treat otherwise than the plans say, or a shape that they must
/// not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    what: String,
    /// The orders whose packets those are; none where it is about the rules as a whole.
    pub(super) orders: Vec<OrderId>,
}

impl Contradiction {
    fn whole(what: impl Into<String>) -> Self {
        Self { what: what.into(), orders: Vec::new() }
    }
}

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

/// What was proved already.
#[derive(Debug, Default)]
pub(super) struct Proved {
    chains: Chains,
    place: Option<Place>,
    known: likeness::Known,
    last: Option<(Ruleset, Vec<Plan>, usize)>,
}

/// Proves rules against plans, and says how many classes were looked at, now or before.
pub(super) fn prove(
    place: Place,
    rules: &Ruleset,
    plans: &[Plan],
    proved: &mut Proved,
) -> Result<usize, Contradiction> {
    let active: Vec<&Plan> = plans.iter().filter(|plan| plan.level != Level::Watch).collect();
    if active.is_empty() {
        *proved = Proved::default();
        return if rules.chains.is_empty() && rules.sets.is_empty() {
            Ok(0)
        } else {
            Err(Contradiction::whole("there are rules, and no plan asks for any"))
        };
    }
    let last = proved.last.as_ref().filter(|_| proved.place == Some(place));
    if let Some((same, of, classes)) = last
        && (same, of.as_slice()) == (rules, plans)
    {
        return Ok(*classes);
    }
    shape::hold(place, rules)?;
    let groups = groups(&active);
    let owned: BTreeSet<Own> = groups.iter().flat_map(|group| group.own.clone()).collect();
    elements(rules, &owned)?;
    if proved.place != Some(place) || proved.chains != rules.chains {
        let (place, chains) = (Some(place), rules.chains.clone());
        *proved = Proved { chains, place, ..Proved::default() };
    }
    let classes = alone(place, rules, &groups, &mut proved.known)?;
    proved.last = Some((rules.clone(), plans.to_vec(), classes));
    Ok(classes)
}

/// Proves each group, and nobody's packets.
fn alone(
    place: Place,
    rules: &Ruleset,
    groups: &[Group<'_>],
    known: &mut likeness::Known,
) -> Result<usize, Contradiction> {
    let fixed = likeness::fixed(&rules.chains);
    let others = Group { plans: Vec::new(), own: BTreeSet::new() };
    let mut classes = others.prove(place, rules, &Sets::new())?;
    // One of each likeness that is not known is proved, and the others with it.
    let mut unknown: Vec<Unknown<'_>> = Vec::new();
    let mut at: BTreeMap<Sets, Vec<usize>> = BTreeMap::new();
    for group in groups {
        let sets = slice(&rules.sets, &group.own);
        let like = likeness::of(group, &sets, &fixed);
        if let Some(before) = known.classes(&like) {
            classes += before;
            continue;
        }
        let alike = at.entry(like.sets.clone()).or_default();
        let same = alike
            .iter()
            .copied()
            .find(|at| unknown.get(*at).is_some_and(|(.., other, _)| other.plans == like.plans));
        match same.and_then(|at| unknown.get_mut(at)) {
            Some((.., count)) => *count += 1,
            None => {
                alike.push(unknown.len());
                unknown.push((group, sets, like, 1));
            }
        }
    }
    let outcomes = each(place, rules, &unknown);
    for ((.., like, count), outcome) in unknown.into_iter().zip(outcomes) {
        let each = outcome?;
        classes += each * count;
        known.learn(like, each);
    }
    Ok(classes)
}

/// A group, its elements, its likeness, and how many are like it.
type Unknown<'g> = (&'g Group<'g>, Sets, Likeness, usize);

/// Fewer groups than this are not worth a second thread.
const WORTH_A_THREAD: usize = 16;

/// Proves each group; groups have nothing to do with each other.
fn each(
    place: Place,
    rules: &Ruleset,
    groups: &[Unknown<'_>],
) -> Vec<Result<usize, Contradiction>> {
    let prove = |some: &[Unknown<'_>]| -> Vec<Result<usize, Contradiction>> {
        some.iter().map(|(group, sets, ..)| group.prove(place, rules, sets)).collect()
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    if threads == 1 || groups.len() < WORTH_A_THREAD {
        return prove(groups);
    }
    std::thread::scope(|scope| {
        let parts = groups.chunks(groups.len().div_ceil(threads));
        let running: Vec<_> = parts.map(|part| scope.spawn(move || prove(part))).collect();
        let done = running.into_iter().map(|thread| {
            thread.join().expect("invariant: a proof does not panic; what it looks at is data")
        });
        done.flatten().collect()
    })
}

/// An address of a device, as sets have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Own {
    Mac(u128),
    Ip4(u128),
    Ip6(u128),
}

impl Own {
    fn of(plan: &Plan) -> impl Iterator<Item = Self> {
        plan.interfaces.iter().flat_map(|interface| {
            let addresses = interface.addresses.iter().map(|address| match address {
                IpAddr::V4(_) => Self::Ip4(number(*address)),
                IpAddr::V6(_) => Self::Ip6(number(*address)),
            });
            addresses.chain([Self::Mac(of_mac(interface.mac))])
        })
    }

    /// As it begins the elements of a set.
    fn begins(name: Name, element: &[u128]) -> Option<Self> {
        let value = *element.first()?;
        Some(match name.kinds().first()? {
            Field::EtherSource => Self::Mac(value),
            Field::Ip4Source => Self::Ip4(value),
            _ => Self::Ip6(value),
        })
    }

    fn value(self) -> u128 {
        match self {
            Self::Mac(value) | Self::Ip4(value) | Self::Ip6(value) => value,
        }
    }
}

/// Plans that share an address, and all of their addresses; or nobody's.
#[derive(Debug)]
struct Group<'p> {
    plans: Vec<&'p Plan>,
    own: BTreeSet<Own>,
}

/// The plans, those that share an address together.
fn groups<'p>(plans: &[&'p Plan]) -> Vec<Group<'p>> {
    let mut groups: Vec<Option<Group<'p>>> = Vec::new();
    let mut by_own: BTreeMap<Own, usize> = BTreeMap::new();
    for plan in plans {
        let mut group = Group { plans: vec![*plan], own: Own::of(plan).collect() };
        let met: BTreeSet<usize> =
            group.own.iter().filter_map(|own| by_own.get(own)).copied().collect();
        for at in met {
            if let Some(other) = groups.get_mut(at).and_then(Option::take) {
                group.plans.splice(0..0, other.plans);
                group.own.extend(other.own);
            }
        }
        by_own.extend(group.own.iter().map(|own| (*own, groups.len())));
        groups.push(Some(group));
    }
    groups.into_iter().flatten().collect()
}

/// The elements that begin with one of these addresses.
fn slice(sets: &Sets, own: &BTreeSet<Own>) -> Sets {
    let sets = sets.iter().map(|(name, elements)| {
        let own = own.iter().flat_map(|own| {
            let from = elements.range(vec![own.value()]..);
            let own = *own;
            from.take_while(move |element| element.first() == Some(&own.value()))
                .filter(move |element| Own::begins(*name, element) == Some(own))
        });
        (*name, own.cloned().collect::<Elements>())
    });
    sets.collect()
}

/// That no element begins with an address of no plan, and that only TCP and UDP are quoted.
fn elements(rules: &Ruleset, owned: &BTreeSet<Own>) -> Result<(), Contradiction> {
    for (name, elements) in &rules.sets {
        let quotes =
            |field: &Field| matches!(field, Field::Quote4Transport | Field::Quote6Transport);
        let quoted = name.kinds().iter().position(quotes);
        let strange = |element: &&Vec<u128>| {
            let transport = quoted.and_then(|at| element.get(at));
            Own::begins(*name, element).is_none_or(|own| !owned.contains(&own))
                || transport.is_some_and(|transport| ![TCP, UDP].contains(transport))
        };
        if let Some(element) = elements.iter().find(strange) {
            let what = format!("the set `{}` has an element of no plan: {element:?}", name.text());
            return Err(Contradiction::whole(what));
        }
    }
    Ok(())
}

impl Group<'_> {
    fn prove(&self, place: Place, rules: &Ruleset, sets: &Sets) -> Result<usize, Contradiction> {
        let stranger = stranger(self);
        let plans: Vec<&Plan> = self.plans.iter().copied().chain([&stranger]).collect();
        let sets = beside(rules, sets, &stranger);
        let walk = Walk::new(&rules.chains, &sets);
        let bases = bases(&rules.chains, &walk);
        let mut classes = 0;
        for way in values::Way::BOTH {
            let values = Values::new(way, rules, &sets, &self.plans, &stranger);
            classes::each(place, &values, &mut |packet| {
                classes += 1;
                let wanted = plans.iter().all(|plan| passes(plan, packet));
                let agrees = Frame::each(packet, values.forms(packet), |frame| {
                    let is = |base: &usize, frame: &Frame<'_>| walk.lets_pass(*base, frame);
                    match place {
                        Place::Bridge => bases.iter().all(|base| is(base, &frame) == wanted),
                        Place::Router => hidden(frame, values.other_mac)
                            .all(|frame| bases.iter().all(|base| is(base, &frame)) == wanted),
                    }
                });
                if agrees { Ok(()) } else { Err(self.contradiction(wanted, packet)) }
            })?;
        }
        Ok(classes)
    }

    fn contradiction(&self, wanted: bool, packet: &Packet) -> Contradiction {
        let orders: Vec<OrderId> = self.plans.iter().map(|plan| plan.order).collect();
        let named: Vec<String> = orders.iter().map(ToString::to_string).collect();
        let whose = match named.as_slice() {
            [] => "nobody's order says".to_owned(),
            [order] => format!("order {order} says"),
            all => format!("orders {} say", all.join(", ")),
        };
        let (is, should) = if wanted { ("is dropped", "passes") } else { ("passes", "is dropped") };
        let what = format!("this packet {is}, and {whose} that it {should}: {packet:?}");
        Contradiction { what, orders }
    }
}

/// A packet of nobody's hardware address at a router may as well come without any.
fn hidden(frame: Frame<'_>, nobody: MacAddress) -> impl Iterator<Item = Frame<'_>> {
    let hides_mac = frame.packet.source == nobody;
    [Some(frame), hides_mac.then_some(frame.without_mac())].into_iter().flatten()
}

/// The base chains, of those with the same rules one, by their places.
fn bases(chains: &Chains, walk: &Walk<'_>) -> Vec<usize> {
    let mut bases: Vec<(usize, &Chain)> = Vec::new();
    for (name, chain) in chains.iter().filter(|(_, chain)| chain.hook.is_some()) {
        if !bases.iter().any(|(_, known)| known.rules == chain.rules) {
            bases.extend(walk.place(name).map(|place| (place, chain)));
        }
    }
    bases.into_iter().map(|(place, _)| place).collect()
}

/// A device that is wholly cut off, with addresses that are nobody's in the group.
fn stranger(group: &Group<'_>) -> Plan {
    let free = |of: fn(u8) -> IpAddr| {
        let all = (1..=u8::MAX).map(of);
        let mut free = all.filter(|ip| !group.names(*ip));
        free.next().unwrap_or_else(|| of(0))
    };
    let four = free(|last| IpAddr::from([198, 51, 100, last]));
    let six = free(|last| IpAddr::from([0x2001, 0xDB8, 0xFFFF, 0, 0, 0, 0, u16::from(last)]));
    let macs = (0..=u8::MAX).map(|last| MacAddress([0x0A, 0xFE, 0, 0, 0, last]));
    let mac = macs.into_iter().find(|mac| !group.own.contains(&Own::Mac(of_mac(*mac))));
    let mac = mac.unwrap_or(MacAddress([0x0A, 0xFE, 0, 0, 1, 0]));
    Plan {
        order: OrderId(u64::MAX),
        device: domain::device::DeviceId("a stranger".into()),
        level: Level::Isolate,
        interfaces: vec![Interface { mac, addresses: vec![four, six] }],
        openings: Vec::new(),
        essential_version: 0,
        made: Moment(0),
        expires: Moment(0),
    }
}

impl Group<'_> {
    fn names(&self, ip: IpAddr) -> bool {
        self.plans.iter().any(|plan| {
            plan.openings.iter().any(|opening| opening.peer == ip)
                || plan.interfaces.iter().any(|interface| interface.addresses.contains(&ip))
        })
    }
}

/// The elements of a group, and those that cut the stranger off.
fn beside(rules: &Ruleset, sets: &Sets, stranger: &Plan) -> Sets {
    let mut sets = sets.clone();
    for own in Own::of(stranger) {
        let name = match own {
            Own::Mac(_) => "macs",
            Own::Ip4(_) => "ip4s",
            Own::Ip6(_) => "ip6s",
        };
        let name = Name::of(name).filter(|name| rules.sets.contains_key(name));
        if let Some(name) = name {
            sets.entry(name).or_default().insert(vec![own.value()]);
        }
    }
    sets
}
