//! Each technique, and what is near it and is none.

use std::net::IpAddr;

use domain::network::{
    Conversation, Direction, End, Moment, Service, Session, SessionState, Transport, Volume,
};
use domain::order::Level;
use domain::sighting::{Dicom, Executable, Http, Said, Seen, Sighting, Smb};

use super::{Detection, Expected, Reached, Technique, Watch};

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
    let mut found = watch.see(&Sighting { at, seen: Seen::Opened(Box::new(session.clone())) });
    found.extend(watch.see(&Sighting { at, seen: Seen::Ended(Box::new(session)) }));
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
    watch.see(&Sighting { at: Moment(at), seen })
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

#[test]
fn every_technique_has_a_name_of_its_own() {
    let mut names: Vec<&str> = Technique::ALL.iter().map(|technique| technique.text()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Technique::ALL.len());
}
