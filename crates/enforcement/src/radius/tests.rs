//! Packets against hand-made minima and every cut, answers against every flipped bit, and the
//! client and the point against a server that lies in every way it can.

mod rules;
mod server;

use std::net::IpAddr;
use std::time::Duration;

use decisions::containment::plan::Plan;
use domain::device::{DeviceId, MacAddress};
use domain::network::Moment;
use domain::order::{Interface, Level, OrderId, PointName};
use expect_test::expect;
use proptest::prelude::*;

use super::answer::{Answer, Cause, Ignored, judge};
use super::attribute::{self, Attribute, StationForm, number};
use super::client::{Client, IN_FLIGHT, Kind, Outcome, Request};
use super::pace::Pace;
use super::packet::{Code, HEADER_BYTES, Malformed, PACKET_BYTES, Packet};
use super::seal::{self, MessageAuthenticator, Secret};
use super::settings::Settings;
use super::{BadSettings, Radius};
use crate::point::{Look, Point, Receipt, Wish};
use server::{Lie, Said, Server};

const MAC: MacAddress = MacAddress([0, 0x10, 0xa4, 0x23, 0x19, 0xc0]);

fn secret() -> Secret {
    Secret::new("a secret of sixteen").expect("a secret")
}

/// Fast, so that silence is soon told.
const QUICK: Pace = Pace {
    first: Duration::from_millis(20),
    longest: Duration::from_millis(40),
    whole: Duration::from_millis(300),
};

/// As long as it takes on a busy machine, where an answer is to come.
fn pace(lie: Lie) -> Pace {
    if Lie::FALSE.contains(&lie) || lie == Lie::Malformed { QUICK } else { Pace::DEFAULT }
}

fn change() -> Request {
    let filter = Attribute::text(number::FILTER_ID, "asepsis-contain").expect("a text");
    let station = Attribute::station(MAC, StationForm::UpperHyphens);
    Request::new(Kind::Change, vec![station, filter]).expect("short")
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[test]
fn a_request_is_sealed_as_worked_out_by_hand() {
    // With the steps of RFC 5176, sections 2.3 and 3.4, by another program's MD5 and HMAC.
    let sealed = change().seal(7, 0x6000_0000, &secret());
    let header = hex(&sealed.bytes[..4]);
    let message = hex(&sealed.bytes[HEADER_BYTES..HEADER_BYTES + 18]);
    expect!["2b070050"].assert_eq(&header);
    expect!["6a404ff90d9830484933834cdb293d61"].assert_eq(&hex(&sealed.authenticator));
    expect!["50123a90a61124da8a18b9c94aa36626694d"].assert_eq(&message);
    assert_eq!(&sealed.bytes[4..HEADER_BYTES], sealed.authenticator);
    expect!["3706600000001f1330302d31302d41342d32332d31392d43300b11617365707369732d636f6e7461696e"]
        .assert_eq(&hex(&sealed.bytes[HEADER_BYTES + 18..]));
}

#[test]
fn a_packet_cut_anywhere_is_malformed_and_padding_is_ignored() {
    let mut bytes = change().seal(7, 1, &secret()).bytes;
    let whole = Packet::decode(&bytes).expect("a packet");
    for end in 0..bytes.len() {
        assert_eq!(Packet::decode(&bytes[..end]), Err(Malformed::Cut), "{end}");
    }
    bytes.extend([0xff; 9]);
    assert_eq!(Packet::decode(&bytes), Ok(whole));
}

#[test]
fn what_is_no_packet_says_why() {
    let minimum = |code: u8, length: u16, rest: &[u8]| {
        let [high, low] = length.to_be_bytes();
        let mut bytes = vec![code, 1, high, low];
        bytes.extend([0; 16]);
        bytes.extend(rest);
        Packet::decode(&bytes)
    };
    assert_eq!(minimum(44, 20, &[]).expect("a minimum").code, Code::CoaAck);
    assert_eq!(minimum(44, 22, &[1, 2]).expect("an empty value").attributes.len(), 1);
    assert_eq!(minimum(2, 20, &[]), Err(Malformed::Code(2)));
    assert_eq!(minimum(44, 19, &[]), Err(Malformed::Length(19)));
    assert_eq!(minimum(44, 4_097, &[0; 4_077]), Err(Malformed::Length(4_097)));
    assert_eq!(minimum(44, 21, &[1]), Err(Malformed::Attribute(20)));
    assert_eq!(minimum(44, 23, &[1, 1, 0]), Err(Malformed::Attribute(20)));
    assert_eq!(minimum(44, 26, &[1, 3, 9, 1, 4, 9]), Err(Malformed::Attribute(23)));
}

#[test]
fn a_packet_holds_no_more_than_it_may() {
    let full = vec![Attribute::new(200, [0; 253]).expect("short"); 15];
    let fill = |count| {
        let rest = Attribute::new(201, vec![1; count]).expect("short");
        full.iter().cloned().chain([rest]).collect::<Vec<_>>()
    };
    // 20 of the header, 24 of what is always sent, 15 × 255, and 2 with the last value.
    let fits = PACKET_BYTES - 20 - 24 - 15 * 255 - 2;
    let request = Request::new(Kind::Change, fill(fits)).expect("it fits");
    assert_eq!(request.seal(1, 1, &secret()).bytes.len(), PACKET_BYTES);
    let refused = Request::new(Kind::Change, fill(fits + 1)).expect_err("one too many");
    expect!["it would take 4097 bytes, and a RADIUS packet holds 4096"]
        .assert_eq(&refused.to_string());
}

#[test]
fn attributes_are_written_as_the_standards_say() {
    let stations = StationForm::ALL.map(|form| form.write(MAC));
    expect![[r#"
        [
            "00-10-A4-23-19-C0",
            "00-10-a4-23-19-c0",
            "00:10:A4:23:19:C0",
            "00:10:a4:23:19:c0",
            "0010.a423.19c0",
            "0010A42319C0",
            "0010a42319c0",
        ]
    "#]]
    .assert_debug_eq(&stations);
    let written = |attributes: &[Attribute]| {
        let attributes = attributes.iter();
        attributes.map(|a| format!("{} {}", a.number(), hex(a.value()))).collect::<Vec<_>>()
    };
    // Tag nought and VLAN, tag nought and 802, "66" without a tag.
    let vlan = attribute::vlan(66).expect("a VLAN");
    assert_eq!(written(&vlan), ["64 0000000d", "65 00000006", "81 3636"]);
    assert_eq!((attribute::vlan(0), attribute::vlan(4_095)), (None, None));
    let pair = Attribute::vendor(9, 1, "a=b").expect("a pair");
    assert_eq!(written(&[pair]), ["26 000000090105613d62"]);
    assert_eq!(Attribute::vendor(9, 1, &"a".repeat(248)), None);
    assert!(Attribute::vendor(9, 1, &"a".repeat(247)).is_some());
    let four: IpAddr = [10, 20, 0, 3].into();
    let six: IpAddr = "fd00::3".parse().expect("an address");
    assert_eq!(
        written(&[Attribute::nas(four), Attribute::nas(six)]),
        ["4 0a140003", "95 fd000000000000000000000000000003"]
    );
    assert_eq!((Attribute::text(11, ""), Attribute::text(11, &"a".repeat(254))), (None, None));
}

#[test]
fn filter_rules_go_on_across_attributes() {
    let rules: Vec<String> =
        (0..9).map(|n| format!("permit in 6 from any to 10.0.0.{n} 80")).collect();
    let attributes = attribute::filter_rules(&rules);
    assert_eq!(attributes.len(), 2);
    let joined: Vec<u8> = attributes.iter().flat_map(|a| a.value().to_vec()).collect();
    let read: Vec<&str> = std::str::from_utf8(&joined).expect("text").split('\0').collect();
    assert_eq!(read, rules);
    assert_eq!(attribute::filter_rules(&[]), []);
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        code in 0..Code::ALL.len(),
        identifier in any::<u8>(),
        authenticator in any::<[u8; 16]>(),
        values in prop::collection::vec((any::<u8>(), prop::collection::vec(any::<u8>(), 0..=253)), 0..12),
    ) {
        let attributes = values.into_iter();
        let attributes = attributes.filter_map(|(n, value)| Attribute::new(n, value)).collect();
        let packet = Packet { code: Code::ALL[code], identifier, authenticator, attributes };
        let bytes = packet.encode().expect("short");
        prop_assert_eq!(Packet::decode(&bytes), Ok(packet));
    }

    #[test]
    fn rubbish_is_no_packet_or_means_what_it_says(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(packet) = Packet::decode(&bytes) {
            let written = packet.encode().expect("it was shorter");
            prop_assert_eq!(&written, &bytes[..written.len()]);
        }
        let sent = change().seal(7, 1, &secret());
        prop_assert!(judge(&bytes, &sent, &secret(), MessageAuthenticator::Optional).is_err());
    }
}

/// Answers to one request: `(what is sent back, whether it has Message-Authenticator)`.
fn answers() -> Vec<(Vec<u8>, bool)> {
    let request = Packet::decode(&change().seal(7, 1, &secret()).bytes).expect("a packet");
    let cause = || vec![Attribute::word(number::ERROR_CAUSE, 503)];
    let mut answers = Vec::new();
    for signed in [true, false] {
        let seal =
            |code, attributes| seal::server::answer(code, &request, attributes, &secret(), signed);
        answers.push((seal(Code::CoaAck, Vec::new()), signed));
        answers.push((seal(Code::CoaNak, cause()), signed));
    }
    answers
}

#[test]
fn no_bit_of_an_answer_can_be_changed() {
    use MessageAuthenticator::{Optional, Required};
    let sent = change().seal(7, 1, &secret());
    for (answer, signed) in answers() {
        assert!(judge(&answer, &sent, &secret(), Optional).is_ok());
        assert_eq!(judge(&answer, &sent, &secret(), Required).is_ok(), signed);
        for bit in 0..answer.len() * 8 {
            let mut changed = answer.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            for message in [Required, Optional] {
                let judged = judge(&changed, &sent, &secret(), message);
                assert!(judged.is_err(), "bit {bit}: {judged:?}");
            }
        }
        for end in 0..answer.len() {
            let judged = judge(&answer[..end], &sent, &secret(), Optional);
            assert_eq!(judged, Err(Ignored::Malformed), "{end}");
        }
    }
}

#[test]
fn an_answer_without_message_authenticator_is_unsigned_and_not_forged() {
    let sent = change().seal(7, 1, &secret());
    let judged = |answer: &[u8], message| judge(answer, &sent, &secret(), message);
    let [(ack, _), (nak, _), (unsigned, _), _] = &answers()[..] else { panic!("four") };
    assert_eq!(judged(ack, MessageAuthenticator::Required), Ok(Answer::Ack));
    let cause = Some(Cause::SESSION_CONTEXT_NOT_FOUND);
    assert_eq!(judged(nak, MessageAuthenticator::Required), Ok(Answer::Nak(cause)));
    assert_eq!(judged(unsigned, MessageAuthenticator::Required), Err(Ignored::Unsigned));
    assert_eq!(judged(unsigned, MessageAuthenticator::Optional), Ok(Answer::Ack));
    // The answer to another request of the same second does not fit this one.
    let other = change().seal(8, 1, &secret());
    assert_eq!(judge(ack, &other, &secret(), MessageAuthenticator::Required), Err(Ignored::Stray));
    let later = change().seal(7, 2, &secret());
    assert_eq!(judge(ack, &later, &secret(), MessageAuthenticator::Required), Err(Ignored::Forged));
    // Twice is once too often, whatever the other seal says.
    let request = Packet::decode(&sent.bytes).expect("a packet");
    let again = Attribute::new(number::MESSAGE_AUTHENTICATOR, [0; 16]).expect("short");
    let twice = seal::server::answer(Code::CoaAck, &request, vec![again], &secret(), true);
    assert_eq!(judged(&twice, MessageAuthenticator::Optional), Err(Ignored::Forged));
    let other = Secret::new("another secret").expect("a secret");
    assert_eq!(judge(ack, &sent, &other, MessageAuthenticator::Required), Err(Ignored::Forged));
}

fn ask(lie: Lie) -> (Outcome, u32) {
    let server = Server::start(lie);
    let mut client = Client::new(server.address(), secret(), MessageAuthenticator::Required, QUICK);
    let told = client.ask(&[change()]).expect("a socket");
    (told.each[0], told.stray.stray)
}

#[test]
fn a_server_that_lies_is_not_believed() {
    for lie in Lie::FALSE {
        let (outcome, _) = ask(lie);
        assert_eq!(outcome.answer, None, "{lie:?}: {outcome:?}");
        assert!(outcome.tries > 1, "{lie:?}: {outcome:?}");
        assert!(outcome.took >= QUICK.whole, "{lie:?}: {outcome:?}");
    }
}

#[test]
fn what_is_ignored_is_counted() {
    let told = [
        (Lie::WrongSecret, "forged or for another request"),
        (Lie::ForgedMessageAuthenticator, "forged or for another request"),
        (Lie::AnotherRequest, "forged or for another request"),
        (Lie::Unsigned, "without Message-Authenticator"),
        (Lie::Malformed, "malformed"),
        (Lie::AnotherKind, "to nothing that was asked"),
    ];
    for (lie, why) in told {
        let (outcome, _) = ask(lie);
        assert!(outcome.ignored.to_string().ends_with(why), "{lie:?}: {}", outcome.ignored);
    }
    let (_, stray) = ask(Lie::WrongIdentifier);
    assert!(stray > 0);
}

#[test]
fn an_honest_answer_is_found_among_lies() {
    let cause = Some(Cause(504));
    for (lie, answer) in [
        (Lie::None, Answer::Ack),
        (Lie::Twice, Answer::Ack),
        (Lie::AfterForgeries, Answer::Ack),
        (Lie::Late, Answer::Ack),
        (Lie::Refuses(504), Answer::Nak(cause)),
        (Lie::RefusesWithoutCause, Answer::Nak(None)),
    ] {
        let (outcome, _) = ask(lie);
        assert_eq!(outcome.answer, Some(answer), "{lie:?}: {outcome:?}");
    }
    assert_eq!(ask(Lie::AfterForgeries).0.ignored.forged, 3);
    assert!(ask(Lie::Late).0.tries > 1);
}

#[test]
fn a_retransmission_is_the_same_packet_and_no_identifier_is_used_twice() {
    let server = Server::start(Lie::None);
    let mut client =
        Client::new(server.address(), secret(), MessageAuthenticator::Required, Pace::DEFAULT);
    // More than identifiers, and each for another station.
    let requests: Vec<Request> = (0..600_u16)
        .map(|number| {
            let [high, low] = number.to_be_bytes();
            let mac = MacAddress([2, 0, 0, 0, high, low]);
            let station = Attribute::station(mac, StationForm::default());
            Request::new(Kind::Change, vec![station]).expect("short")
        })
        .collect();
    let told = client.ask(&requests).expect("a socket");
    assert!(told.each.iter().all(|outcome| outcome.answer == Some(Answer::Ack)), "{told:?}");
    let mut seen = server.seen();
    let count = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 600, "of {count} packets");
    for packets in seen.iter().map(|bytes| Packet::decode(bytes).expect("a packet")) {
        assert_eq!(packets.attributes[0].number(), number::MESSAGE_AUTHENTICATOR);
    }

    let silent = Server::start(Lie::Silent);
    let mut client = Client::new(silent.address(), secret(), MessageAuthenticator::Required, QUICK);
    let told = client.ask(&requests).expect("a socket");
    let asked = told.each.iter().filter(|outcome| outcome.tries > 0).count();
    assert_eq!(asked, IN_FLIGHT, "where nobody answers the rest is not asked");
    let mut seen = silent.seen();
    assert!(seen.len() > IN_FLIGHT);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), IN_FLIGHT, "a retransmission is the same packet");
}

#[test]
fn a_port_where_nobody_listens_is_told() {
    let closed = std::net::UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let server = closed.local_addr().expect("an address");
    drop(closed);
    let mut client = Client::new(server, secret(), MessageAuthenticator::Required, QUICK);
    let told = client.ask(&[change()]).expect("a socket");
    assert!(told.unreachable);
    assert_eq!(told.each[0].answer, None);
}

#[test]
fn the_secret_never_shows() {
    let settings = settings("127.0.0.1:1", r#"{"contain": "disconnect"}"#, r#""disconnect""#);
    let point = Radius::paced(PointName("s".into()), settings, secret(), QUICK).expect("a point");
    let shown = format!("{point:?} {:?}", secret());
    assert!(shown.contains("Secret"));
    let mut point = point;
    let failures = point.carry_out(Wish { hold: &[plan(1, Level::Contain, &[1])], release: &[] });
    let shown = format!("{shown} {failures:?}");
    for bytes in ["sixteen", &hex(b"sixteen"), "115, 105, 120"] {
        assert!(!shown.contains(bytes), "{shown}");
    }
    assert!(Secret::new("").is_err() && Secret::new([1; 1_025]).is_err());
}

fn settings(server: &str, levels: &str, lift: &str) -> Settings {
    let text = format!(
        r#"{{"server": "{server}", "nas-ip-address": "10.20.0.3", "levels": {levels}, "lift": {lift}}}"#
    );
    serde_json::from_str(&text).expect("settings")
}

const LEVELS: &str = r#"{"restrict": {"change": {"filter-id": "restrict"}},
    "contain": {"change": {"filter-id": "contain", "vlan": 66}}, "isolate": "disconnect"}"#;
const LIFT: &str = r#"{"change": {"filter-id": "open"}}"#;

fn point(server: &Server) -> Radius {
    paced(server, Pace::DEFAULT)
}

fn paced(server: &Server, pace: Pace) -> Radius {
    let settings = settings(&server.address().to_string(), LEVELS, LIFT);
    Radius::paced(PointName("switch-3".into()), settings, secret(), pace).expect("a point")
}

fn plan(order: u64, level: Level, macs: &[u8]) -> Plan {
    let interface =
        |last: &u8| Interface { mac: MacAddress([2, 0, 0, 0, 0, *last]), addresses: Vec::new() };
    Plan {
        order: OrderId(order),
        device: DeviceId(format!("PUMP-{order}").into()),
        level,
        interfaces: macs.iter().map(interface).collect(),
        openings: Vec::new(),
        essential_version: 1,
        made: Moment(0),
        expires: Moment(0),
    }
}

/// What the server was asked, as `code station filter`, in the order in which it first came.
fn asked(server: &Server) -> Vec<String> {
    let mut asked = Vec::new();
    for bytes in server.seen() {
        let packet = Packet::decode(&bytes).expect("a packet");
        let text = |number| {
            let mut values = packet.all(number);
            values.next().map(|a| String::from_utf8_lossy(a.value()).into_owned())
        };
        let station = text(number::CALLING_STATION_ID).unwrap_or_default();
        let filter = text(number::FILTER_ID).unwrap_or_default();
        let said = format!("{:?} {station} {filter}", packet.code);
        if !asked.contains(&said) {
            asked.push(said);
        }
    }
    asked
}

#[test]
fn a_point_holds_every_interface_and_lets_go_of_each() {
    let server = Server::start(Lie::None);
    let mut point = point(&server);
    let held = plan(1, Level::Contain, &[1, 2]);
    let outcomes = point.carry_out(Wish { hold: std::slice::from_ref(&held), release: &[] });
    assert_eq!(outcomes[&OrderId(1)], Ok(Receipt::Acknowledged));
    assert_eq!(point.look(std::slice::from_ref(&held)), Ok(Look::CannotTell));
    assert_eq!(
        asked(&server),
        ["CoaRequest 02-00-00-00-00-01 contain", "CoaRequest 02-00-00-00-00-02 contain"]
    );
    let outcomes = point.carry_out(Wish { hold: &[], release: std::slice::from_ref(&held) });
    assert_eq!(outcomes[&OrderId(1)], Ok(Receipt::Acknowledged));
    assert_eq!(
        asked(&server)[2..],
        ["CoaRequest 02-00-00-00-00-01 open", "CoaRequest 02-00-00-00-00-02 open"]
    );
}

#[test]
fn a_session_is_not_ended_again_and_what_is_new_is_asked_first() {
    let server = Server::start(Lie::None);
    let mut point = point(&server);
    let (isolated, contained) = (plan(1, Level::Isolate, &[9]), plan(2, Level::Contain, &[1]));
    for _ in 0..2 {
        let outcomes =
            point.carry_out(Wish { hold: std::slice::from_ref(&isolated), release: &[] });
        assert_eq!(outcomes[&OrderId(1)], Ok(Receipt::Acknowledged));
    }
    let ends = |server: &Server| {
        let seen = server.seen();
        seen.iter().filter(|bytes| bytes[0] == Code::DisconnectRequest.number()).count()
    };
    assert_eq!(ends(&server), 1);
    point.carry_out(Wish { hold: &[isolated.clone(), contained.clone()], release: &[] });
    let newer = plan(3, Level::Contain, &[2]);
    let hold = [isolated.clone(), contained, newer];
    let before = server.seen().len();
    let outcomes = point.carry_out(Wish { hold: &hold, release: &[] });
    assert!(outcomes.values().all(Result::is_ok), "{outcomes:?}");
    let first = Packet::decode(&server.seen()[before]).expect("a packet");
    let station = first.all(number::CALLING_STATION_ID).next().expect("a station");
    assert_eq!(station.value(), b"02-00-00-00-00-02");
    assert_eq!(ends(&server), 1);
}

#[test]
fn the_stricter_of_two_orders_for_one_station_is_asked_for() {
    let server = Server::start(Lie::None);
    let mut point = point(&server);
    let hold = [plan(1, Level::Contain, &[1]), plan(2, Level::Restrict, &[1])];
    let outcomes = point.carry_out(Wish { hold: &hold, release: &[] });
    assert_eq!(outcomes.len(), 2);
    assert_eq!(asked(&server), ["CoaRequest 02-00-00-00-00-01 contain"]);
    // The stricter one is lifted, the other stays: nothing is opened in between.
    let [stricter, other] = hold;
    let outcomes = point.carry_out(Wish { hold: &[other], release: &[stricter] });
    assert!(outcomes.values().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(asked(&server)[1..], ["CoaRequest 02-00-00-00-00-01 restrict"]);
}

#[test]
fn an_order_that_falls_to_watch_is_let_go() {
    let server = Server::start(Lie::None);
    let mut point = point(&server);
    let (before, after) = (plan(1, Level::Contain, &[1]), plan(1, Level::Watch, &[1]));
    point.carry_out(Wish { hold: std::slice::from_ref(&before), release: &[] });
    let outcomes = point.carry_out(Wish { hold: &[after], release: &[before] });
    assert_eq!(outcomes[&OrderId(1)], Ok(Receipt::Acknowledged));
    assert_eq!(asked(&server)[1..], ["CoaRequest 02-00-00-00-00-01 open"]);
}

/// What the outcomes say.
fn outcomes(lie: Lie, wish: Wish<'_>) -> String {
    let server = Server::start(lie);
    let outcomes = paced(&server, pace(lie)).carry_out(wish).into_values();
    let said = outcomes.map(|outcome| match outcome {
        Ok(receipt) => format!("{receipt:?}"),
        Err(failure) => failure.0,
    });
    said.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_no_or_silence_on_one_interface_is_a_failure_that_says_which() {
    let two = [plan(1, Level::Contain, &[1, 2])];
    let hold = |lie| outcomes(lie, Wish { hold: &two, release: &[] });
    expect!["02:00:00:00:00:02: it refused: session context not found (503)"]
        .assert_eq(&hold(Lie::RefusesStation(2, 503)));
    let silent = hold(Lie::Silent);
    for last in ["01", "02"] {
        let told = format!("02:00:00:00:00:{last}: no answer to ");
        assert!(silent.contains(&told) && silent.ends_with(" tries within 0.3 s"), "{silent}");
    }
    expect!["Acknowledged"].assert_eq(&hold(Lie::None));
    // Where it lets go, a session that is not there is no failure, and another no is one.
    let lift = |lie| outcomes(lie, Wish { hold: &[], release: &two });
    expect!["Acknowledged"].assert_eq(&lift(Lie::RefusesStation(2, 503)));
    expect!["02:00:00:00:00:02: it refused: administratively prohibited (501)"]
        .assert_eq(&lift(Lie::RefusesStation(2, 501)));
    let unknown = [plan(1, Level::Contain, &[])];
    expect!["no interface of the device is known, so nothing was asked"]
        .assert_eq(&outcomes(Lie::None, Wish { hold: &unknown, release: &[] }));
    // What can't be said is not sent.
    let server = Server::start(Lie::None);
    let text = r#"{"contain": "disconnect"}"#;
    let settings = settings(&server.address().to_string(), text, LIFT);
    let mut point = Radius::new(PointName("s".into()), settings, secret()).expect("a point");
    let hold = [plan(1, Level::Restrict, &[1]), plan(2, Level::Contain, &[2])];
    let outcomes = point.carry_out(Wish { hold: &hold, release: &[] });
    let told = outcomes[&OrderId(1)].as_ref().expect_err("it is not configured").to_string();
    expect!["02:00:00:00:00:01: `restrict` is not configured at this point"].assert_eq(&told);
    assert_eq!(outcomes[&OrderId(2)], Ok(Receipt::Acknowledged));
    assert_eq!(asked(&server), ["DisconnectRequest 02-00-00-00-00-02 "]);
}

#[test]
fn whatever_each_interface_gets_for_an_answer_the_outcome_says_so() {
    let said = [Said::Yes, Said::No, Said::Nothing];
    // Side by side, for each waits for those that say nothing.
    std::thread::scope(|scope| {
        for number in 0..27 {
            let each = [said[number / 9], said[number / 3 % 3], said[number % 3]];
            scope.spawn(move || says(each));
        }
    });
}

/// Whether a hold and a lift each say of every station what it got.
fn says(each: [Said; 3]) {
    let server = Server::start(Lie::Each(each));
    let mut point = paced(&server, Pace { whole: Duration::from_secs(1), ..Pace::DEFAULT });
    let three = [plan(1, Level::Contain, &[1, 2, 3])];
    for wish in [Wish { hold: &three, release: &[] }, Wish { hold: &[], release: &three }] {
        let outcomes = point.carry_out(wish);
        let failure = outcomes[&OrderId(1)].as_ref().err().map(|failure| failure.0.as_str());
        for (last, said) in (1..).zip(each) {
            let named = |why: &str| {
                let told = format!("02:00:00:00:00:0{last}: {why}");
                failure.is_some_and(|failure| failure.contains(&told))
            };
            let refused = named("it refused: session context not removable (504)");
            let wanted = (said == Said::No, said == Said::Nothing);
            assert_eq!((refused, named("no answer to ")), wanted, "{each:?}: {failure:?}");
        }
        assert_eq!(failure.is_none(), each == [Said::Yes; 3]);
    }
}

#[test]
fn settings_that_cannot_be_said_are_refused() {
    let check = |levels: &str, lift: &str| {
        let settings = settings("127.0.0.1:3799", levels, lift);
        Radius::new(PointName("s".into()), settings, secret()).map(drop)
    };
    assert_eq!(check(LEVELS, LIFT), Ok(()));
    // As the page for the network engineer has them.
    let page = r#"{"restrict": {"change": {"filter-id": "asepsis-restrict"}},
        "contain": {"change": {"filter-rules": "known"}}, "isolate": {"change": {"vlan": 666}}}"#;
    assert_eq!(check(page, LIFT), Ok(()));
    assert_eq!(check("{}", LIFT), Err(BadSettings::NoLevel));
    assert_eq!(check(LEVELS, r#"{"change": {}}"#), Err(BadSettings::Nothing("lift")));
    let contain = |change: &str| check(&format!(r#"{{"contain": {{"change": {change}}}}}"#), LIFT);
    assert_eq!(contain(r#"{"vlan": 4095}"#), Err(BadSettings::Vlan("contain", 4_095)));
    assert_eq!(contain(r#"{"filter-id": ""}"#), Err(BadSettings::Text("contain")));
    assert_eq!(contain(r#"{"cisco-pairs": ["a=b", ""]}"#), Err(BadSettings::Text("contain")));
    let both = r#"{"filter-id": "a", "filter-rules": "known"}"#;
    assert_eq!(contain(both), Err(BadSettings::Twice("contain")));
    let vendor = r#"{"vendor": [{"vendor": 14823, "number": 1, "text": "quarantine"}]}"#;
    assert_eq!(contain(vendor), Ok(()));
    let unknown = serde_json::from_str::<Settings>(
        r#"{"server": "[::1]:3799", "levels": {"contian": "disconnect"}, "lift": "disconnect"}"#,
    );
    assert!(unknown.is_err());
}
