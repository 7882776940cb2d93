//! Each technique, and what is near it and is none.

use std::net::IpAddr;

use domain::network::{
    Conversation, Direction, End, Moment, Service, Session, SessionState, Transport, Volume,
};
use domain::order::Level;
use domain::sighting::{Dicom, Executable, Http, Said, Seen, Sighting, Smb, Tls};

use super::{Call, Detection, Expected, Reached, Technique, Unit, Usual, Watch};
use crate::identity::Identities;

fn address(last: u8) -> IpAddr {
    IpAddr::from([10, 20, 0, last])
}

fn conversation(client: u8, server: IpAddr, port: u16) -> Conversation {
    Conversation {
        client: End { address: address(client), port: 50_000, mac: None },
        server: End { address: server, port, mac: None },
        transport: Transport::Tcp,
    }
}

fn session(conversation: Conversation, at: i64, state: SessionState) -> Session {
    let bytes = if state == SessionState::Closed { 400 } else { 0 };
    Session {
        conversation,
        vlan: None,
        application: None,
        state,
        first: Moment(at),
        last_to_server: Some(Moment(at)),
        last_to_client: None,
        to_server: Volume { packets: 3, bytes },
        to_client: Volume::default(),
    }
}

fn ended<E: Expected>(watch: &mut Watch<E>, session: Session) -> Vec<Detection> {
    let at = session.first;
    let mut found = watch.see(
        &Sighting { at, seen: Seen::Opened(Box::new(session.clone())) },
        &Identities::default(),
    );
    found.extend(
        watch.see(&Sighting { at, seen: Seen::Ended(Box::new(session)) }, &Identities::default()),
    );
    found
}

fn said(
    watch: &mut Watch<()>,
    spoken: Conversation,
    at: i64,
    way: Direction,
    what: Said,
) -> Vec<Detection> {
    let seen = Seen::Said(Box::new(spoken), way, what);
    watch.see(&Sighting { at: Moment(at), seen }, &Identities::default())
}

fn techniques(found: &[Detection]) -> Vec<Technique> {
    found.iter().map(|detection| detection.technique).collect()
}

#[test]
fn a_scan_of_one_machine_is_told_once_and_with_its_doors() {
    let mut watch = Watch::new(());
    let mut found = Vec::new();
    for port in 1..=100 {
        let knock = conversation(66, address(9), port);
        found.extend(ended(
            &mut watch,
            session(knock, i64::from(port) * 1_000, SessionState::Refused),
        ));
    }
    assert_eq!(techniques(&found), [Technique::ServiceScan]);
    let detection = found.first().expect("one");
    assert_eq!((detection.source, detection.proposed), (address(66), Level::Contain));
    assert_eq!(detection.evidence, "12 doors on 1 machines did not open to it within a minute");
}

#[test]
fn doors_that_stay_shut_over_an_hour_are_no_scan() {
    let mut watch = Watch::new(());
    for port in 1..=100 {
        let knock = conversation(66, address(9), port);
        let at = i64::from(port) * 40_000_000;
        assert_eq!(ended(&mut watch, session(knock, at, SessionState::Refused)), []);
    }
}

#[test]
fn one_service_on_many_machines_is_a_fan_out_and_on_one_it_is_work() {
    let mut watch = Watch::new(());
    let mut found = Vec::new();
    for last in 1..=20 {
        found.extend(ended(
            &mut watch,
            session(conversation(66, address(last), 445), 0, SessionState::Closed),
        ));
        found.extend(ended(
            &mut watch,
            session(conversation(67, address(1), 445), 0, SessionState::Closed),
        ));
    }
    assert_eq!(techniques(&found), [Technique::FanOut]);
    assert_eq!(found.first().expect("one").source, address(66));
}

#[test]
fn a_page_that_is_made_of_many_servers_is_no_fan_out() {
    let mut watch = Watch::new(());
    for last in 1..=20 {
        let server = IpAddr::from([93, 184, 216, last]);
        let page = session(conversation(66, server, 443), 0, SessionState::Closed);
        assert_eq!(ended(&mut watch, page), []);
    }
}

#[test]
fn five_refusals_are_a_brute_force_and_a_success_after_them_is_worse() {
    let mut watch = Watch::new(());
    let smb = conversation(66, address(9), 445);
    let mut found = Vec::new();
    for (at, status) in [0xC000_006D; 6].into_iter().chain([0]).enumerate() {
        let at = i64::try_from(at).expect("small");
        found.extend(said(
            &mut watch,
            smb,
            at,
            Direction::ToClient,
            Said::Smb(Smb::Session(status)),
        ));
    }
    assert_eq!(techniques(&found), [Technique::BruteForce, Technique::BruteForceSuccess]);
    assert_eq!(found.last().map(|last| last.reached), Some(Reached::GotIn));
}

#[test]
fn four_wrong_passwords_are_a_person() {
    let mut watch = Watch::new(());
    let http = conversation(66, address(9), 80);
    for (at, status) in [401, 401, 401, 401, 200].into_iter().enumerate() {
        let answer = Said::Http(Http::Answer { status, server: None });
        let at = i64::try_from(at).expect("small");
        assert_eq!(said(&mut watch, http, at, Direction::ToClient, answer), []);
    }
}

#[test]
fn short_sessions_with_a_login_service_are_a_brute_force_without_reading_a_word() {
    let mut watch = Watch::new(());
    let mut found = Vec::new();
    for at in 0..12 {
        found.extend(ended(
            &mut watch,
            session(conversation(66, address(9), 23), at, SessionState::Closed),
        ));
    }
    assert_eq!(techniques(&found), [Technique::BruteForce]);
}

#[test]
fn movement_over_smb_is_told_by_each_of_its_steps_and_a_file_share_is_not() {
    let mut watch = Watch::new(());
    let smb = conversation(66, address(9), 445);
    let mut found = Vec::new();
    let steps = [
        Smb::Share("medical-images".into()),
        Smb::Share("admin$".into()),
        Smb::ProgramWritten(Executable::PortableExecutable),
        Smb::Pipe("svcctl".into()),
    ];
    for step in steps {
        found.extend(said(&mut watch, smb, 0, Direction::ToServer, Said::Smb(step)));
    }
    assert_eq!(
        techniques(&found),
        [Technique::RemoteShare, Technique::ToolTransfer, Technique::RemoteService]
    );
}

#[test]
fn a_program_in_a_preamble_accuses_who_sent_it() {
    let mut watch = Watch::new(());
    let spoken = conversation(5, address(9), 104);
    let bad = || Said::Dicom(Dicom::ExecutablePreamble(Executable::PortableExecutable));
    let sent = said(&mut watch, spoken, 0, Direction::ToServer, bad());
    assert_eq!(sent.first().map(|found| found.source), Some(address(5)));
    let fetched = said(&mut watch, spoken, 0, Direction::ToClient, bad());
    assert_eq!(fetched.first().map(|found| found.source), Some(address(9)));
}

/// A pump that may call its gateway alone.
struct Pump;

impl Expected for Pump {
    fn expects(&self, device: &End, server: IpAddr, _: Service) -> Option<bool> {
        (device.address == address(11)).then(|| server == address(21))
    }
}

#[test]
fn a_new_peer_is_told_once_and_only_of_devices_that_were_learned() {
    let mut watch = Watch::new(Pump);
    let mut found = Vec::new();
    for client in [11, 12] {
        for server in [address(21), address(30), address(30), IpAddr::from([93, 184, 216, 34])] {
            let spoken = conversation(client, server, 443);
            found.extend(ended(&mut watch, session(spoken, 0, SessionState::Closed)));
        }
    }
    assert_eq!(techniques(&found), [Technique::NewPeer, Technique::Outside]);
    let levels: Vec<Level> = found.iter().map(|found| found.proposed).collect();
    assert_eq!(levels, [Level::Watch, Level::Restrict]);
}

/// Devices 11 and 12 of one model, 13 of another; nothing is known of 66.
fn inventory(outside: &[(IpAddr, u8)]) -> Watch<Usual> {
    let unit = |(last, model): (u8, &str)| Unit {
        others: vec![address(last)],
        model: Some(model.into()),
        ..Unit::default()
    };
    let units = [(11, "pump"), (12, "pump"), (13, "monitor")].map(unit);
    let calls: [Call; 0] = [];
    Watch::new(Usual::learn(&[], calls, &units).with_outside(outside.to_vec()))
}

/// The address outside that is called.
const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 66));

/// Calls at these seconds, each over after a tenth of one; the first is at work within.
fn calls(
    watch: &mut Watch<Usual>,
    client: u8,
    server: IpAddr,
    at: impl IntoIterator<Item = f64>,
) -> Vec<Detection> {
    let mut found = Vec::new();
    for second in at {
        #[expect(clippy::cast_possible_truncation, reason = "some thousand seconds")]
        let at = (second * 1_000_000.0) as i64;
        let call = session(conversation(client, server, 443), at, SessionState::Closed);
        let over = Session { last_to_server: Some(Moment(at + 100_000)), ..call };
        found.extend(ended(watch, over));
    }
    found
}

fn every(pause: u32, from: u32) -> impl Iterator<Item = f64> {
    (0..30).map(move |number| f64::from(from + number * pause))
}

#[test]
fn a_device_that_begins_to_call_home_is_told_once_by_its_tenth_call() {
    let mut watch = inventory(&[]);
    assert_eq!(calls(&mut watch, 11, address(21), [0.0]), []);
    let found = calls(&mut watch, 11, HOME, every(60, 600));
    assert_eq!(techniques(&found), [Technique::Beacon]);
    let beacon = found.first().expect("one");
    assert_eq!((beacon.at, beacon.since), (Moment(1_140_000_000), Moment(600_000_000)));
    assert_eq!((beacon.proposed, beacon.reached), (Level::Contain, Reached::Tried));
    assert_eq!(
        beacon.evidence,
        "it called tcp/443 of 203.0.113.66 10 times, every 60.0 s, and had not in the 600 s before"
    );
}

#[test]
fn a_rhythm_that_is_varied_is_one_and_calls_by_chance_are_none() {
    let mut watch = inventory(&[]);
    calls(&mut watch, 11, address(21), [0.0]);
    // Pauses of ten seconds, by a fifth longer or shorter.
    let pauses = [10, 12, 9, 8, 11, 10, 12, 8, 10, 9, 11];
    let varied = pauses.iter().scan(200, |at, pause| {
        *at += pause;
        Some(f64::from(*at))
    });
    assert_eq!(techniques(&calls(&mut watch, 11, HOME, varied)), [Technique::Beacon]);
    let by_chance = [0, 2, 41, 43, 90, 200, 202, 211, 300, 302, 303, 390, 500, 502, 503];
    let by_chance = by_chance.map(|second| 2_000.0 + f64::from(second));
    let other = IpAddr::from([203, 0, 113, 67]);
    assert_eq!(calls(&mut watch, 11, other, by_chance), []);
}

#[test]
fn what_was_called_from_the_beginning_is_no_news_whatever_its_rhythm() {
    let mut watch = inventory(&[]);
    calls(&mut watch, 11, address(21), [0.0]);
    assert_eq!(calls(&mut watch, 11, HOME, every(60, 30)), []);
}

#[test]
fn a_service_that_another_unit_of_the_model_calls_already_is_none() {
    let mut watch = inventory(&[]);
    for device in [11, 12, 13] {
        calls(&mut watch, device, address(21), [0.0]);
    }
    assert_eq!(calls(&mut watch, 11, HOME, every(60, 30)), []);
    assert_eq!(calls(&mut watch, 12, HOME, every(60, 2_000)), []);
    // Of another model nothing follows. One that was told excuses nobody.
    let home = IpAddr::from([203, 0, 113, 67]);
    assert_eq!(techniques(&calls(&mut watch, 13, HOME, every(60, 2_000))), [Technique::Beacon]);
    assert_eq!(techniques(&calls(&mut watch, 11, home, every(60, 4_000))), [Technique::Beacon]);
    assert_eq!(techniques(&calls(&mut watch, 12, home, every(60, 4_700))), [Technique::Beacon]);
}

#[test]
fn a_service_of_one_name_is_no_news_at_another_address() {
    let mut watch = inventory(&[]);
    calls(&mut watch, 11, address(21), [0.0]);
    let mut found = Vec::new();
    for (number, second) in every(60, 10).enumerate() {
        let at = if number < 15 { 1 } else { 2 };
        let server = IpAddr::from([198, 51, 100, at]);
        let hello =
            Said::Tls(Tls::Hello { server_name: Some("cloud.example".into()), version: 0x303 });
        found.extend(calls(&mut watch, 11, server, [second]));
        let seen = Seen::Said(Box::new(conversation(11, server, 443)), Direction::ToServer, hello);
        #[expect(clippy::cast_possible_truncation, reason = "some thousand seconds")]
        let at = Moment((second * 1_000_000.0) as i64);
        found.extend(watch.see(&Sighting { at, seen }, &Identities::default()));
    }
    assert_eq!(found, []);
}

#[test]
fn what_the_hospital_knows_downloads_clocks_and_computers_are_no_beacons() {
    let mut watch = inventory(&[(IpAddr::from([203, 0, 113, 0]), 24)]);
    for device in [11, 66] {
        calls(&mut watch, device, address(21), [0.0]);
    }
    assert_eq!(calls(&mut watch, 11, HOME, every(60, 600)), [], "the hospital knows it");
    let elsewhere = IpAddr::from([198, 51, 100, 7]);
    // Piece after piece, without a pause.
    let pieces = (0..40_u32).map(|piece| 600.0 + f64::from(piece) * 0.11);
    assert_eq!(calls(&mut watch, 11, elsewhere, pieces), [], "a download");
    let mut clock = Vec::new();
    for number in 0..20 {
        let spoken = conversation(11, IpAddr::from([198, 51, 100, 9]), 123);
        let spoken = Conversation { transport: Transport::Udp, ..spoken };
        let at = 3_000_000_000 + number * 64_000_000;
        clock.extend(ended(&mut watch, session(spoken, at, SessionState::TimedOut)));
    }
    assert_eq!(clock, [], "a clock");
    assert_eq!(calls(&mut watch, 66, elsewhere, every(60, 600)), [], "a computer");
}

#[test]
fn who_hides_a_beacon_among_a_thousand_calls_takes_no_more_room() {
    let mut watch = inventory(&[]);
    for number in 0..5_000_u16 {
        let [high, low] = number.to_be_bytes();
        let server = IpAddr::from([198, 18, high, low]);
        calls(&mut watch, 11, server, [f64::from(number)]);
    }
    let source = watch.sources.get(&address(11)).expect("it is watched");
    assert!(source.beacon.bytes() < 64 << 10, "{}", source.beacon.bytes());
}

#[test]
fn every_technique_has_a_name_of_its_own() {
    let mut names: Vec<&str> = Technique::ALL.iter().map(|technique| technique.text()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Technique::ALL.len());
}
