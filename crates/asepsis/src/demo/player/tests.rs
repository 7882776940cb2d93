//! The play's clock, and that nothing is played which can't have happened.

use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use collectors::tap::Way;
use decisions::containment::plan::Plan;
use domain::device::{DeviceId, MacAddress};
use domain::network::Moment;
use domain::order::{Interface, Level, OrderId};
use enforcement::point::{Point as _, Wish};
use enforcement::simulated::{Conduct, SimulatedSwitch};
use sources::network::glance::glance;

use super::super::recording::{Recording, Recordings};
use super::{BEHIND, Play, Player};
use crate::demo::track::talk;

/// When the play begins.
const BEGAN: Moment = Moment(1_000_000_000);
const SECOND: i64 = 1_000_000;

fn mac(last: u8) -> MacAddress {
    MacAddress([2, 0, 0, 0, 0, last])
}

/// A frame of UDP between machines of these last numbers, on these ports.
fn frame((from, to): (u8, u8), ports: [u16; 2]) -> Box<[u8]> {
    let mut frame = [mac(to).0, mac(from).0].concat();
    frame.extend([0x08, 0x00, 0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0]);
    frame.extend([10, 0, 0, from, 10, 0, 0, to]);
    frame.extend(ports.into_iter().flat_map(u16::to_be_bytes));
    frame.extend([0, 8, 0, 0]);
    frame.into()
}

/// A question and its answer, at these moments.
fn exchange(ends: (u8, u8), client: u16, at: [i64; 2]) -> Vec<(i64, Box<[u8]>)> {
    let [asked, answered] = at;
    let (there, back) = (ends, (ends.1, ends.0));
    vec![(asked, frame(there, [client, 53])), (answered, frame(back, [53, client]))]
}

/// Care of machine 1 with 9; machine 2 enters 1, which spreads to 9.
fn recordings() -> Recordings {
    Recordings {
        care: Recording::new(exchange((1, 9), 40_000, [0, SECOND])),
        entry: Recording::new(exchange((2, 1), 41_000, [0, SECOND])),
        entry_goes_on: Recording::new(exchange((2, 1), 42_000, [0, SECOND])),
        spread: Recording::new(exchange((1, 8), 43_000, [0, SECOND])),
        spread_goes_on: Recording::new(exchange((1, 8), 44_000, [0, SECOND])),
    }
}

fn player(speed: u32, attack_after: Duration) -> (Player, SimulatedSwitch) {
    let switch = SimulatedSwitch::new(Conduct::Obeys);
    let speed = NonZeroU32::new(speed).expect("a speed");
    let play = Play { speed, attack_after };
    (Player::new(recordings(), switch.clone(), play), switch)
}

/// What a player gives at a moment after it began: when, which way, from whom to whom.
fn given(player: &mut Player, after: i64) -> Vec<(i64, Way, u8, u8)> {
    let mut given = Vec::new();
    player.play(BEGAN.plus(after), &mut |frame| {
        let packet = glance(frame.bytes).expect("a frame");
        let (from, to) = (packet.source.0[5], packet.destination.0[5]);
        given.push((frame.at.since(BEGAN), frame.way, from, to));
    });
    given
}

/// A plan that isolates a machine.
fn isolates(last: u8) -> Plan {
    let address = IpAddr::V4(Ipv4Addr::new(10, 0, 0, last));
    Plan {
        order: OrderId(last.into()),
        device: DeviceId(format!("D-{last}").as_str().into()),
        level: Level::Isolate,
        interfaces: vec![Interface { mac: mac(last), addresses: vec![address] }],
        openings: Vec::new(),
        essential_version: 0,
        made: Moment(1),
        expires: Moment(2),
    }
}

const NEVER: Duration = Duration::from_secs(1_000_000);

#[test]
fn each_frame_comes_at_its_time_at_the_pace_of_the_play() {
    for speed in [1, 4] {
        let (mut player, _) = player(speed, NEVER);
        let pace = i64::from(speed);
        let both = |at, from, to| [(at, Way::In, from, to), (at, Way::Out, from, to)];
        assert_eq!(given(&mut player, 0), both(0, 1, 9));
        assert_eq!(given(&mut player, SECOND / pace - 1), []);
        assert_eq!(given(&mut player, SECOND / pace), both(SECOND / pace, 9, 1));
        // The next round: half a second after the end of the first.
        let again = SECOND * 3 / 2 / pace;
        assert_eq!(given(&mut player, again - 1), []);
        assert_eq!(given(&mut player, again), both(again, 1, 9));
    }
}

#[test]
fn where_the_machine_stood_still_the_play_did_too() {
    let (mut player, _) = player(1, NEVER);
    assert_eq!(given(&mut player, 0).len(), 2);
    let late = SECOND + BEHIND + 1;
    let came = given(&mut player, late);
    assert_eq!(came.iter().map(|(at, ..)| *at).collect::<Vec<i64>>(), [late, late]);
    assert_eq!(player.director().place(), Duration::from_secs(1));
    assert_eq!(given(&mut player, late + SECOND / 2 - 1), []);
    assert_eq!(given(&mut player, late + SECOND / 2).len(), 2);
}

#[test]
fn each_round_speaks_on_ports_of_its_own() {
    let (mut player, _) = player(1, NEVER);
    let mut talks = Vec::new();
    for round in 0..3 {
        player.play(BEGAN.plus(round * SECOND * 3 / 2), &mut |frame| {
            talks.push(talk(&glance(frame.bytes).expect("a frame")).expect("a talk"));
        });
    }
    let clients: Vec<u16> = talks.iter().map(|talk| talk[0].1.max(talk[1].1)).collect();
    // Of the first round the question, then the answer with the next question.
    assert_eq!(
        clients,
        [40_000, 40_000, 40_000, 40_000, 40_001, 40_001, 40_001, 40_001, 40_002, 40_002]
    );
}

#[test]
fn what_is_dropped_is_seen_on_one_side_and_its_conversation_is_over() {
    let (mut player, switch) = player(1, NEVER);
    switch.point().carry_out(Wish { hold: &[isolates(1)], release: &[] });
    assert_eq!(given(&mut player, 0), [(0, Way::In, 1, 9)]);
    assert_eq!(given(&mut player, SECOND), [], "nobody answers what never came");
    assert_eq!(player.ledger().counts().cut, [(53, 1)].into());
    switch.point().carry_out(Wish { hold: &[], release: &[isolates(1)] });
    assert_eq!(given(&mut player, SECOND * 3 / 2).len(), 2, "the next one is another");
    assert_eq!(given(&mut player, SECOND * 5 / 2).len(), 2);
    assert_eq!(player.ledger().counts().cut, [(53, 1)].into());
}

/// Between whom something was given until some seconds after the beginning.
fn pairs(player: &mut Player, seconds: i64) -> Vec<(u8, u8)> {
    let mut pairs: Vec<(u8, u8)> = (0..=seconds * 10)
        .flat_map(|tenth| given(player, tenth * SECOND / 10))
        .map(|(_, _, from, to)| (from.min(to), from.max(to)))
        .collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

#[test]
fn the_attack_begins_when_it_is_to_and_spreads_from_whom_it_got_into() {
    let (mut one, _) = player(1, Duration::from_secs(5));
    assert_eq!(pairs(&mut one, 4), [(1, 9)]);
    let (mut one, _) = player(1, Duration::from_secs(5));
    assert_eq!(pairs(&mut one, 9), [(1, 2), (1, 8), (1, 9)]);
    // Whoever isolates the attacker in time keeps it from spreading, and it tries on in vain.
    let (mut other, switch) = player(1, Duration::from_secs(5));
    switch.point().carry_out(Wish { hold: &[isolates(2)], release: &[] });
    assert_eq!(pairs(&mut other, 9), [(1, 2), (1, 9)]);
    assert_eq!(other.ledger().counts().attack.0, 0);
    assert!(other.ledger().counts().attack.1 > 1);
}

#[test]
fn an_attack_ends_when_somebody_says_so() {
    let (mut player, _) = player(1, Duration::ZERO);
    let now = given(&mut player, 0);
    assert!(now.contains(&(0, Way::Out, 2, 1)), "{now:?}");
    player.director().clean();
    assert_eq!(pairs(&mut player, 9), [(1, 9)]);
}
