//! Who is who on a small ward, with relays, routers and contradictions.

use std::net::IpAddr;

use domain::device::{Device, DeviceId, MacAddress};
use domain::network::{
    Conversation, Direction, End, Moment, Session, SessionState, Transport, Volume,
};
use domain::sighting::{Dicom, Hl7, Http, Lease, Said, Seen, Sighting};

use super::{Attribute, Confidence, Identities, JoinRule, Kind, Origin, Rows, join};

fn address(last: u8) -> IpAddr {
    IpAddr::from([10, 20, 0, last])
}

fn mac(last: u8) -> MacAddress {
    MacAddress([0x02, 0, 0, 0, 0, last])
}

fn spoken(client: u8, server: u8, port: u16) -> Conversation {
    let end = |last, port| End { address: address(last), port, mac: Some(mac(last)) };
    Conversation {
        client: end(client, 40_000),
        server: end(server, port),
        transport: Transport::Tcp,
    }
}

fn see(identities: &mut Identities, seen: Seen) {
    identities.see(&Sighting { at: Moment(1), seen });
}

fn observation(equipment: &str) -> Said {
    Said::Hl7(Hl7 {
        message: "ORU^R01".into(),
        sending_application: Some("SMARTPUMP".into()),
        equipment: vec![equipment.into()],
        ..Hl7::default()
    })
}

fn acknowledgement() -> Said {
    let acknowledgement = Some("AA".into());
    Said::Hl7(Hl7 { message: "ACK".into(), acknowledgement, ..Hl7::default() })
}

fn says(identities: &mut Identities, conversation: Conversation, way: Direction, said: Said) {
    see(identities, Seen::Said(Box::new(conversation), way, said));
}

fn established(conversation: Conversation) -> Seen {
    let volume = Volume { packets: 5, bytes: 50 };
    Seen::Ended(Box::new(Session {
        conversation,
        vlan: None,
        application: None,
        state: SessionState::Closed,
        first: Moment(0),
        last_to_server: Some(Moment(1)),
        last_to_client: Some(Moment(1)),
        to_server: volume,
        to_client: volume,
    }))
}

const EQUIPMENT: &str = "020000FFFE00000B^PUMP^020000^EUI-64";

/// A pump that reports by a gateway to the record.
fn ward() -> Identities {
    let mut ward = Identities::default();
    for last in [11, 21, 31] {
        see(&mut ward, Seen::Address(mac(last), address(last)));
    }
    for (client, server) in [(11, 21), (21, 31)] {
        let way = spoken(client, server, 6000);
        says(&mut ward, way, Direction::ToServer, observation(EQUIPMENT));
        says(&mut ward, way, Direction::ToClient, acknowledgement());
        see(&mut ward, established(way));
    }
    ward
}

#[test]
fn a_relay_is_not_taken_for_the_device_that_it_speaks_for() {
    let devices = ward().devices();
    let kinds: Vec<Option<Kind>> =
        devices.iter().map(|device| device.kind.as_ref().map(|(kind, _)| *kind)).collect();
    let expected = [Kind::InfusionPump, Kind::Gateway, Kind::ClinicalSystem];
    assert_eq!(kinds, expected.map(Some));
    let [pump, gateway, _] = devices.as_slice() else { panic!("three") };
    assert_eq!(pump.best(Attribute::Equipment).map(|c| c.confidence), Some(Confidence::Strong));
    assert_eq!(gateway.best(Attribute::Equipment), None);
}

#[test]
fn two_interfaces_that_begin_messages_of_one_equipment_are_one_device() {
    let mut ward = ward();
    see(&mut ward, Seen::Address(mac(12), address(12)));
    says(&mut ward, spoken(12, 21, 6000), Direction::ToServer, observation(EQUIPMENT));
    let devices = ward.devices();
    assert_eq!(devices.len(), 3);
    let pump = devices.first().expect("the pump");
    let macs: Vec<MacAddress> = pump.interfaces.iter().map(|interface| interface.mac).collect();
    assert_eq!(macs, [mac(11), mac(12)]);
    assert_eq!(pump.merged, [format!("both begin messages of the equipment `{EQUIPMENT}`")]);
}

#[test]
fn addresses_behind_a_router_are_devices_of_their_own_without_its_hardware_address() {
    let mut identities = Identities::default();
    for last in [101, 102, 103] {
        let mut way = spoken(last, 21, 443);
        way.client.mac = Some(mac(1));
        see(&mut identities, established(way));
    }
    let devices = identities.devices();
    assert_eq!(devices.len(), 4);
    assert!(devices.iter().filter(|device| device.interfaces.is_empty()).count() == 3);
}

#[test]
fn an_address_that_changes_hands_belongs_to_who_said_so_last() {
    let mut identities = Identities::default();
    see(&mut identities, Seen::Address(mac(1), address(9)));
    see(&mut identities, Seen::Address(mac(2), address(9)));
    let devices = identities.devices();
    assert_eq!(devices.len(), 1);
    assert_eq!(devices.first().expect("one").interfaces.first().expect("one").mac, mac(2));
}

#[test]
fn one_machine_behind_a_router_is_not_the_router() {
    let mut identities = Identities::default();
    see(&mut identities, Seen::Address(mac(1), address(1)));
    see(&mut identities, Seen::Address(mac(11), address(11)));
    let mut from_afar = spoken(1, 11, 22);
    from_afar.client.address = IpAddr::from([198, 51, 100, 20]);
    see(&mut identities, established(from_afar));
    let devices = identities.devices();
    let [router, pump, afar] = devices.as_slice() else { panic!("three: {devices:?}") };
    assert_eq!((router.addresses(), pump.addresses()), (vec![address(1)], vec![address(11)]));
    assert_eq!(afar.interfaces, []);
    assert_eq!(afar.behind_router, [from_afar.client.address]);
}

#[test]
fn a_lease_names_the_device_and_its_server() {
    let mut identities = Identities::default();
    let lease = |message| Lease {
        mac: Some(mac(11)),
        message,
        address: Some(address(11)),
        server: Some(address(2)),
        host_name: Some("pump-11".into()),
        ..Lease::default()
    };
    see(&mut identities, Seen::Lease(Box::new(lease(3))));
    see(&mut identities, Seen::Lease(Box::new(lease(5))));
    let devices = identities.devices();
    let [server, pump] = devices.as_slice() else { panic!("two") };
    assert_eq!(server.kind.as_ref().map(|(kind, _)| *kind), Some(Kind::NetworkServer));
    assert_eq!(pump.best(Attribute::HostName).map(|c| c.value.as_str()), Some("pump-11"));
    assert_eq!(pump.addresses(), [address(11)]);
}

#[test]
fn what_a_device_does_and_what_it_is_called_make_it_strong() {
    let mut ward = ward();
    let path = "/library/*".into();
    let request = Http::Request { method: "GET".into(), host: None, path, agent: None };
    says(&mut ward, spoken(11, 41, 80), Direction::ToServer, Said::Http(request));
    let devices = ward.devices();
    let (kind, claim) = devices.first().expect("the pump").kind.clone().expect("a kind");
    assert_eq!((kind, claim.confidence), (Kind::InfusionPump, Confidence::Strong));
    assert_eq!(claim.evidence, "it sends measurements and fetches a library");
}

#[test]
fn who_stores_images_and_who_keeps_them_are_told_apart() {
    let mut identities = Identities::default();
    let way = spoken(51, 61, 104);
    let step = |command, status| Said::Dicom(Dicom::Command { command, service: None, status });
    says(&mut identities, way, Direction::ToServer, step(1, None));
    says(&mut identities, way, Direction::ToClient, step(0x8001, Some(0)));
    let kinds: Vec<Kind> = identities
        .devices()
        .iter()
        .filter_map(|device| device.kind.as_ref().map(|(kind, _)| *kind))
        .collect();
    assert_eq!(kinds, [Kind::Modality, Kind::Archive]);
}

#[test]
fn an_archive_that_serves_worklists_is_an_archive() {
    const WORKLIST: &str = "1.2.840.10008.5.1.4.31";
    let kinds = |stores: bool| {
        let mut identities = Identities::default();
        let way = spoken(51, 61, 104);
        let step = |command, service: Option<&str>| {
            let (service, status) = (service.map(Into::into), Some(0));
            Said::Dicom(Dicom::Command { command, service, status })
        };
        says(&mut identities, way, Direction::ToClient, step(0x8020, Some(WORKLIST)));
        if stores {
            says(&mut identities, way, Direction::ToClient, step(0x8001, None));
        }
        let devices = identities.devices();
        devices.last().and_then(|device| device.kind.as_ref().map(|(kind, _)| *kind))
    };
    assert_eq!(kinds(true), Some(Kind::Archive));
    assert_eq!(kinds(false), Some(Kind::Worklist));
}

#[test]
fn a_device_is_found_in_the_inventory_by_its_surest_sign_and_contradictions_are_told() {
    let row = |id: &str, mac: Option<MacAddress>, ip: Option<IpAddr>| Device {
        id: Some(DeviceId(id.into())),
        macs: mac.into_iter().collect(),
        ips: ip.into_iter().collect(),
        ..Device::default()
    };
    let inventory = [
        row("B", None, Some(address(11))),
        row("A", Some(mac(11)), None),
        row("C", Some(MacAddress([9; 6])), Some(address(99))),
    ];
    let devices = ward().devices();
    let found = join(devices.first().expect("the pump"), inventory.iter()).expect("a row");
    assert_eq!(found.device.id, inventory[1].id);
    assert_eq!(found.rule, JoinRule::Mac);
    assert_eq!(found.against, [(&inventory[0], JoinRule::Address)]);
    assert_eq!(join(devices.last().expect("the record"), inventory.iter()), None);
    let rows = Rows::new(&inventory.iter().collect::<Vec<_>>());
    for device in &devices {
        assert_eq!(rows.find(device), join(device, inventory.iter()));
    }
}

#[test]
fn an_eui_64_holds_a_hardware_address() {
    assert_eq!(super::join::eui64(EQUIPMENT), Some(mac(11)));
    assert_eq!(super::join::eui64("PUMP-11^X"), None);
}

#[test]
fn every_sign_of_a_row_is_found_as_fast_as_by_comparing_each_with_each() {
    let mut ward = ward();
    let name = |text: &str| Lease {
        mac: Some(mac(11)),
        message: 3,
        host_name: Some(text.into()),
        ..Lease::default()
    };
    see(&mut ward, Seen::Lease(Box::new(name("Pump-0011.ward.example"))));
    let named = |id: &str, serial: Option<&str>| Device {
        id: Some(DeviceId(id.into())),
        serial: serial.map(Into::into),
        ..Device::default()
    };
    let own = Device { macs: [mac(11)].into_iter().collect(), ..named("X", None) };
    let serial = named("Y", Some("020000fffe00000b"));
    let behind = Device { ips: [address(31)].into_iter().collect(), ..named("Z", None) };
    for row in [own, serial, named("PUMP-0011", None), named("Z", Some("pump-0011")), behind] {
        let rows = Rows::new(&[&row]);
        let devices = ward.devices();
        let found = devices.iter().filter(|device| rows.find(device).is_some()).count();
        assert_eq!(found, 1, "{row:?}");
        for device in &devices {
            assert_eq!(rows.find(device), join(device, std::iter::once(&row)), "{row:?}");
        }
    }
}

#[test]
fn a_maker_is_a_weak_sign_and_an_address_that_was_made_up_has_none() {
    let mut identities = Identities::default();
    let philips = MacAddress([0x00, 0x09, 0xFB, 1, 2, 3]);
    see(&mut identities, Seen::Address(philips, address(1)));
    see(&mut identities, Seen::Address(mac(2), address(2)));
    let devices = identities.devices();
    let makers: Vec<Option<&super::Claim>> =
        devices.iter().map(|device| device.best(Attribute::Maker)).collect();
    let [Some(claim), None] = makers.as_slice() else { panic!("{makers:?}") };
    assert_eq!(claim.value, "Philips (healthcare)");
    assert_eq!((claim.confidence, claim.origin), (Confidence::Weak, Origin::Registry));
    assert_eq!(claim.evidence, "the first three bytes of its hardware address");
}
