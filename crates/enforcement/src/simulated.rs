//! A simulated switch: some lines of this program in the place of an enforcement point, for a
//! demonstration and for tests. Whoever plays a network asks it for every packet, and puts on the
//! far side only what it lets through.
//!
//! Refuses to be taken for a switch: its name says what it is, and it never vouches for more than
//! that it was told. Only the wire can show that it does it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use decisions::containment::passes::{Packet, passes};
use decisions::containment::plan::Plan;
use domain::device::DeviceId;
use domain::order::PointName;

use crate::point::{Failure, Look, Outcomes, Point, Receipt, Wish};

/// The name under which the journal and every sentence know it.
pub const NAME: &str = "simulated switch";

/// How it behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Conduct {
    /// It does what it is told.
    #[default]
    Obeys,
    /// It says so, and does nothing.
    OnlySaysSo,
    /// It does nothing, and says so.
    Refuses,
}

/// The switch as the network sees it. Clones are one switch.
#[derive(Debug, Clone, Default)]
pub struct SimulatedSwitch {
    plans: Arc<Mutex<BTreeMap<DeviceId, Plan>>>,
    conduct: Conduct,
}

impl SimulatedSwitch {
    /// One that behaves so.
    #[must_use]
    pub fn new(conduct: Conduct) -> Self {
        Self { conduct, ..Self::default() }
    }

    /// Whether it lets a packet through: every plan that it holds has to.
    #[must_use]
    pub fn forwards(&self, packet: &Packet) -> bool {
        // A table of plans is never half changed, whoever panicked meanwhile.
        let plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        plans.values().all(|plan| passes(plan, packet))
    }

    /// The switch as whoever enforces sees it.
    #[must_use]
    pub fn point(&self) -> SimulatedPoint {
        SimulatedPoint { name: PointName(NAME.into()), switch: self.clone() }
    }
}

/// The enforcement point of a [`SimulatedSwitch`].
#[derive(Debug)]
pub struct SimulatedPoint {
    name: PointName,
    switch: SimulatedSwitch,
}

impl Point for SimulatedPoint {
    fn name(&self) -> &PointName {
        &self.name
    }

    fn carry_out(&mut self, wish: Wish<'_>) -> Outcomes {
        let plans = wish.hold.iter().chain(wish.release);
        if self.switch.conduct == Conduct::Refuses {
            let no = || Err(Failure("it was told to refuse".to_owned()));
            return plans.map(|plan| (plan.order, no())).collect();
        }
        if self.switch.conduct == Conduct::Obeys {
            let held = wish.hold.iter().map(|plan| (plan.device.clone(), plan.clone())).collect();
            *self.switch.plans.lock().unwrap_or_else(PoisonError::into_inner) = held;
        }
        plans.map(|plan| (plan.order, Ok(Receipt::Acknowledged))).collect()
    }

    fn look(&mut self, plans: &[Plan]) -> Result<Look, Failure> {
        if self.switch.conduct == Conduct::OnlySaysSo {
            return Ok(Look::Holds);
        }
        let held = self.switch.plans.lock().unwrap_or_else(PoisonError::into_inner);
        let is_held = |plan: &Plan| held.get(&plan.device) == Some(plan);
        if held.len() == plans.len() && plans.iter().all(is_held) {
            return Ok(Look::Holds);
        }
        Ok(Look::Differs(format!("it holds {} plans, and not those", held.len())))
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use decisions::containment::passes::{Carried, Content, Internet, Packet, Segment, passes};
    use decisions::containment::plan::Plan;
    use domain::care::CareRole;
    use domain::device::{DeviceId, MacAddress};
    use domain::network::{Moment, Service, Transport};
    use domain::order::{Interface, Level, Opening, OrderId, Side};

    use super::{Conduct, SimulatedSwitch};
    use crate::point::{Look, Point, Receipt, Wish};

    fn address(last: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, last])
    }

    fn mac(last: u8) -> MacAddress {
        MacAddress([2, 0, 0, 0, 0, last])
    }

    /// A plan that keeps a gateway open for a device.
    fn plan(last: u8, level: Level) -> Plan {
        Plan {
            order: OrderId(last.into()),
            device: DeviceId(format!("D-{last}").as_str().into()),
            level,
            interfaces: vec![Interface { mac: mac(last), addresses: vec![address(last)] }],
            openings: vec![Opening {
                role: CareRole::Result,
                side: Side::Client,
                peer: address(9),
                service: Service { transport: Transport::Tcp, port: 2_575 },
            }],
            essential_version: 0,
            made: Moment(1),
            expires: Moment(2),
        }
    }

    /// Packets among some machines, on some ports, each way, ARP among them.
    fn packets() -> Vec<Packet> {
        let mut packets = Vec::new();
        let ends = [1_u8, 2, 9, 50];
        for (from, to) in ends.iter().flat_map(|from| ends.map(|to| (*from, to))) {
            let packet =
                |content| Packet { source: mac(from), destination: mac(to), vlan: None, content };
            let internet = |carried| {
                let (source, destination) = (address(from), address(to));
                packet(Content::Internet(Internet { source, destination, carried }))
            };
            for (one, other) in [(40_000, 2_575), (2_575, 40_000), (40_000, 445), (445, 40_000)] {
                for segment in [Segment::Initial, Segment::Later] {
                    packets.push(internet(Carried::Tcp(one, other, segment)));
                }
                packets.push(internet(Carried::Udp(one, other)));
            }
            packets.push(packet(Content::Arp(four(from), four(to))));
            packets.push(packet(Content::Other(0x88CC)));
        }
        packets
    }

    fn four(last: u8) -> Ipv4Addr {
        Ipv4Addr::new(10, 0, 0, last)
    }

    #[test]
    fn it_lets_through_what_every_plan_lets_pass_and_nothing_else() {
        let switch = SimulatedSwitch::new(Conduct::Obeys);
        let mut point = switch.point();
        assert!(packets().iter().all(|packet| switch.forwards(packet)), "it holds nothing yet");
        for levels in [[Level::Contain, Level::Isolate], [Level::Watch, Level::Restrict]] {
            let [one, other] = levels;
            let held = [plan(1, one), plan(2, other)];
            let outcomes = point.carry_out(Wish { hold: &held, release: &[] });
            assert!(outcomes.values().all(|outcome| *outcome == Ok(Receipt::Acknowledged)));
            assert_eq!(point.look(&held), Ok(Look::Holds));
            let mut stopped = 0;
            for packet in packets() {
                let passes = held.iter().all(|plan| passes(plan, &packet));
                assert_eq!(switch.forwards(&packet), passes, "{packet:?}");
                stopped += usize::from(!passes);
            }
            assert!(stopped > 0 || one == Level::Watch);
        }
        let gone = [plan(1, Level::Watch)];
        point.carry_out(Wish { hold: &[], release: &gone });
        assert!(packets().iter().all(|packet| switch.forwards(packet)), "it let go");
        assert!(matches!(point.look(&gone), Ok(Look::Differs(_))));
    }

    #[test]
    fn one_that_only_says_so_or_refuses_stops_nothing() {
        let held = [plan(1, Level::Isolate)];
        for conduct in [Conduct::OnlySaysSo, Conduct::Refuses] {
            let switch = SimulatedSwitch::new(conduct);
            let outcomes = switch.point().carry_out(Wish { hold: &held, release: &[] });
            let said = outcomes.values().all(Result::is_ok);
            assert_eq!(said, conduct == Conduct::OnlySaysSo);
            assert!(packets().iter().all(|packet| switch.forwards(packet)));
        }
    }
}
