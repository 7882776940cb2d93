//! What devices usually call, learned from ordinary days: the baseline of new peers.
//!
//! A device is held against all units of its model, where the inventory says its model, and against
//! itself elsewhere. It is known by its hardware address; by its address alone where it is behind a
//! router. An address that another hardware address has now is nobody's that is known.
//!
//! Refuses to learn from a scan: of who knocked on many doors that did not open, only those that
//! did are habits. A clock or a collector of logs that never answers is one.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;

use domain::device::MacAddress;
use domain::network::{End, Service, Transport};
use domain::order::Interface;
use domain::text::Text;

use super::Expected;
use super::scan::{CLOSED_DOORS, is_group};

/// The first port that servers take by chance (RFC 6335, section 6).
const DYNAMIC: u16 = 49_152;

/// A device of the ordinary days, or of the inventory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unit {
    /// Its interfaces with their addresses.
    pub interfaces: Vec<Interface>,
    /// Addresses of it whose hardware address is not known.
    pub others: Vec<IpAddr>,
    /// Its model, where the inventory says it.
    pub model: Option<Text>,
}

/// A service that was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Call {
    /// Who called.
    pub client: IpAddr,
    /// Whom.
    pub server: IpAddr,
    /// What.
    pub service: Service,
    /// Whether anybody answered.
    pub answered: bool,
}

/// What devices usually call. The default knows no device, and expects nothing of any.
#[derive(Debug, Default)]
pub struct Usual {
    groups: Vec<Group>,
    by_mac: HashMap<MacAddress, Known>,
    by_address: HashMap<IpAddr, Known>,
    units: usize,
    assets: Assets,
    /// Networks outside that every device may call.
    outside: Vec<(IpAddr, u8)>,
}

/// The models of the inventory's devices, by number.
#[derive(Debug, Default)]
struct Assets {
    by_mac: HashMap<MacAddress, usize>,
    by_address: HashMap<IpAddr, usize>,
}

/// All units of one model, or one unit alone.
#[derive(Debug, Default)]
struct Group {
    is_model: bool,
    calls: BTreeSet<(IpAddr, Service)>,
}

/// Whose an address is.
#[derive(Debug, Clone)]
struct Known {
    group: usize,
    /// The networks of its addresses; empty where its hardware address is not known.
    networks: BTreeSet<u64>,
}

impl Usual {
    /// Learns from the devices and calls of ordinary days. `inventory` are units of which only the
    /// model may be known: they are held against the others of their model.
    #[must_use]
    pub fn learn(
        units: &[Unit],
        calls: impl IntoIterator<Item = Call>,
        inventory: &[Unit],
    ) -> Self {
        let mut usual = Self { units: units.len(), ..Self::default() };
        let mut models: BTreeMap<&Text, usize> = BTreeMap::new();
        for unit in units {
            let fresh = usual.groups.len();
            let group =
                unit.model.as_ref().map_or(fresh, |model| *models.entry(model).or_insert(fresh));
            if group == fresh {
                usual.groups.push(Group { is_model: unit.model.is_some(), ..Group::default() });
            }
            usual.know(unit, group);
        }
        for unit in inventory {
            if let Some(group) = unit.model.as_ref().and_then(|model| models.get(model)) {
                usual.know(unit, *group);
            }
        }
        usual.assets = Assets::of(inventory);
        let mut of: BTreeMap<IpAddr, Vec<Call>> = BTreeMap::new();
        calls.into_iter().for_each(|call| of.entry(call.client).or_default().push(call));
        for (client, calls) in of {
            usual.add(client, &calls);
        }
        usual
    }

    /// Knows of networks outside that every device may call: a maker's service, by the hospital's
    /// word.
    #[must_use]
    pub fn with_outside(self, outside: Vec<(IpAddr, u8)>) -> Self {
        Self { outside, ..self }
    }

    /// Whoever comes first keeps an address: what was seen comes before what is written.
    fn know(&mut self, unit: &Unit, group: usize) {
        let addresses = unit.interfaces.iter().flat_map(|interface| &interface.addresses);
        let networks: BTreeSet<u64> = addresses.copied().map(network).collect();
        for interface in &unit.interfaces {
            let known = || Known { group, networks: networks.clone() };
            self.by_mac.entry(interface.mac).or_insert_with(known);
            for address in &interface.addresses {
                self.by_address.entry(*address).or_insert_with(known);
            }
        }
        for address in &unit.others {
            let known = || Known { group, networks: BTreeSet::new() };
            self.by_address.entry(*address).or_insert_with(known);
        }
    }

    fn add(&mut self, client: IpAddr, calls: &[Call]) {
        let Some(known) = self.by_address.get(&client) else { return };
        let Some(group) = self.groups.get_mut(known.group) else { return };
        let closed = calls.iter().filter(|call| !call.answered).count();
        let habits = calls.iter().filter(|call| call.answered || closed < CLOSED_DOORS);
        group.calls.extend(habits.map(|call| (call.server, call.service)));
    }

    /// How many devices were learned.
    #[must_use]
    pub fn units(&self) -> usize {
        self.units
    }

    /// How many models they are of.
    #[must_use]
    pub fn models(&self) -> usize {
        self.groups.iter().filter(|group| group.is_model).count()
    }

    /// How many services of machines they call.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.groups.iter().map(|group| group.calls.len()).sum()
    }

    /// Whether something is expected of whoever has this address and this hardware address.
    #[must_use]
    pub fn knows(&self, address: IpAddr, mac: Option<MacAddress>) -> bool {
        self.group(address, mac).is_some()
    }

    fn group(&self, address: IpAddr, mac: Option<MacAddress>) -> Option<&Group> {
        let by_address = self.by_address.get(&address);
        let known = match (by_address, mac) {
            // Behind a router, whose hardware address its frames have.
            (Some(known), _) if known.networks.is_empty() => known,
            (Some(known), None) => known,
            // On another network the frames may be those that a router passes on.
            (_, Some(mac)) => {
                let known = self.by_mac.get(&mac)?;
                let is_own =
                    known.networks.is_empty() || known.networks.contains(&network(address));
                is_own.then_some(known)?
            }
            (None, None) => return None,
        };
        self.groups.get(known.group)
    }
}

impl Expected for Usual {
    fn expects(&self, device: &End, server: IpAddr, service: Service) -> Option<bool> {
        if self.outside.iter().any(|network| is_in(server, *network)) {
            return Some(true);
        }
        let group = self.group(device.address, device.mac)?;
        Some(
            is_group(server)
                || group.calls.contains(&(server, service))
                || group.calls_by_chance(server, service),
        )
    }

    fn model(&self, device: &End) -> Option<usize> {
        let by_mac = device.mac.and_then(|mac| self.assets.by_mac.get(&mac));
        by_mac.or_else(|| self.assets.by_address.get(&device.address)).copied()
    }

    fn whose(&self, device: &End) -> &'static str {
        match self.group(device.address, device.mac) {
            Some(group) if group.is_model => "its model",
            _ => "it",
        }
    }
}

impl Assets {
    fn of(inventory: &[Unit]) -> Self {
        let mut assets = Self::default();
        let mut models: BTreeMap<&Text, usize> = BTreeMap::new();
        for (fresh, unit) in inventory.iter().enumerate() {
            // One of which nobody knows the model is like no other.
            let model =
                unit.model.as_ref().map_or(fresh, |model| *models.entry(model).or_insert(fresh));
            for interface in &unit.interfaces {
                assets.by_mac.entry(interface.mac).or_insert(model);
            }
            let own = unit.interfaces.iter().flat_map(|interface| &interface.addresses);
            for address in own.chain(&unit.others) {
                assets.by_address.entry(*address).or_insert(model);
            }
        }
        assets
    }
}

impl Group {
    /// Whether the port is one that a server takes by chance, and another such port of it was
    /// called.
    fn calls_by_chance(&self, server: IpAddr, service: Service) -> bool {
        let first = Service { transport: Transport::Tcp, port: 0 };
        let of_server = self.calls.range((server, first)..);
        service.port >= DYNAMIC
            && of_server
                .take_while(|(called, _)| *called == server)
                .any(|(_, called)| called.transport == service.transport && called.port >= DYNAMIC)
    }
}

/// Whether an address is in a network, given by its address and the length of its prefix.
fn is_in(address: IpAddr, (network, length): (IpAddr, u8)) -> bool {
    let prefix = |bits: u128, width: u8| {
        let rest = u32::from(width.saturating_sub(length));
        bits.checked_shr(rest).unwrap_or_default()
    };
    match (address, network) {
        (IpAddr::V4(one), IpAddr::V4(other)) => {
            prefix(one.to_bits().into(), 32) == prefix(other.to_bits().into(), 32)
        }
        (IpAddr::V6(one), IpAddr::V6(other)) => {
            prefix(one.to_bits(), 128) == prefix(other.to_bits(), 128)
        }
        _ => false,
    }
}

/// The usual network of an address: 24 bits of IPv4, 64 bits of IPv6.
fn network(address: IpAddr) -> u64 {
    match address {
        IpAddr::V4(four) => u64::from(four.to_bits() >> 8),
        IpAddr::V6(six) => u64::try_from(six.to_bits() >> 64).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use domain::device::MacAddress;
    use domain::network::{End, Service, Transport};
    use domain::order::Interface;

    use super::{Call, Unit, Usual};
    use crate::threat::Expected;

    fn address(network: u8, last: u8) -> IpAddr {
        IpAddr::from([10, 20, network, last])
    }

    fn mac(last: u8) -> MacAddress {
        MacAddress([2, 0, 0, 0, 0, last])
    }

    fn unit(last: u8, model: Option<&str>) -> Unit {
        let interface = Interface { mac: mac(last), addresses: vec![address(0, last)] };
        Unit { interfaces: vec![interface], others: Vec::new(), model: model.map(Into::into) }
    }

    fn tcp(port: u16) -> Service {
        Service { transport: Transport::Tcp, port }
    }

    fn call(client: u8, server: u8, port: u16) -> Call {
        let (client, server) = (address(0, client), address(1, server));
        Call { client, server, service: tcp(port), answered: true }
    }

    fn end(address: IpAddr, mac: Option<MacAddress>) -> End {
        End { address, port: 40_000, mac }
    }

    fn expects(usual: &Usual, last: u8, server: u8, port: u16) -> Option<bool> {
        usual.expects(&end(address(0, last), Some(mac(last))), address(1, server), tcp(port))
    }

    #[test]
    fn a_unit_may_do_what_another_of_its_model_did_and_one_without_a_model_what_it_did_itself() {
        let units = [unit(1, Some("Pump")), unit(2, Some("Pump")), unit(3, None)];
        let calls = [call(1, 9, 6_000), call(3, 8, 443)];
        let usual = Usual::learn(&units, calls, &[unit(4, Some("Pump")), unit(5, Some("Monitor"))]);
        assert_eq!((usual.units(), usual.models(), usual.calls()), (3, 1, 2));
        for (last, server, port, expected) in [
            (1, 9, 6_000, Some(true)),
            (2, 9, 6_000, Some(true)),
            (4, 9, 6_000, Some(true)),
            (2, 8, 443, Some(false)),
            (2, 9, 22, Some(false)),
            (3, 8, 443, Some(true)),
            (3, 9, 6_000, Some(false)),
            (5, 9, 6_000, None),
            (6, 9, 6_000, None),
        ] {
            assert_eq!(expects(&usual, last, server, port), expected, "{last} {server} {port}");
        }
        let whose = |last| usual.whose(&end(address(0, last), Some(mac(last))));
        assert_eq!((whose(2), whose(3)), ("its model", "it"));
    }

    #[test]
    fn a_device_keeps_its_habits_with_a_new_address_and_an_address_does_not() {
        let usual = Usual::learn(&[unit(1, None)], [call(1, 9, 80)], &[]);
        let knows = |address, mac| usual.knows(address, mac);
        assert!(knows(address(0, 1), Some(mac(1))) && knows(address(0, 1), None));
        assert!(knows(address(0, 77), Some(mac(1))), "a new lease");
        assert!(!knows(address(5, 77), Some(mac(1))), "it may be a router's frame");
        assert!(!knows(address(0, 1), Some(mac(2))), "the address has changed hands");
    }

    #[test]
    fn who_is_behind_a_router_is_known_by_address_alone() {
        let unit = Unit { others: vec![address(7, 1)], ..Unit::default() };
        let call = Call { client: address(7, 1), ..call(1, 9, 80) };
        let usual = Usual::learn(&[unit], [call], &[]);
        assert!(usual.knows(address(7, 1), Some(mac(200))));
        assert!(!usual.knows(address(7, 2), Some(mac(200))));
    }

    #[test]
    fn a_scan_is_no_habit_and_a_clock_that_never_answers_is_one() {
        let closed = |client, port| Call { answered: false, ..call(client, 9, port) };
        let scan = (1..100).map(|port| closed(1, port));
        let calls = scan.chain([call(1, 9, 6_000), closed(2, 123)]);
        let usual = Usual::learn(&[unit(1, None), unit(2, None)], calls, &[]);
        assert_eq!(expects(&usual, 1, 9, 6_000), Some(true));
        assert_eq!(expects(&usual, 1, 9, 22), Some(false));
        assert_eq!(expects(&usual, 2, 9, 123), Some(true));
    }

    #[test]
    fn ports_by_chance_and_groups_are_nothing_new() {
        let usual = Usual::learn(&[unit(1, None)], [call(1, 9, 50_000)], &[]);
        assert_eq!(expects(&usual, 1, 9, 61_234), Some(true));
        assert_eq!(expects(&usual, 1, 8, 61_234), Some(false));
        let group = IpAddr::from([224, 0, 0, 251]);
        let all = usual.expects(&end(address(0, 1), Some(mac(1))), group, tcp(5_353));
        assert_eq!(all, Some(true));
    }

    #[test]
    fn nothing_learned_is_nothing_expected() {
        assert_eq!(expects(&Usual::default(), 1, 9, 80), None);
    }
}
