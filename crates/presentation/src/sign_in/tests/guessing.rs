//! Whoever guesses gets no further than is stated, and makes nobody wait who is known.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use domain::order::Role;
use domain::person::{Duty, PersonId};
use proptest::prelude::*;
use store::attempts::Count;
use store::secret::Fingerprint;

use super::{Entered, MINUTE, PASSWORD, START, desk, on_both};
use crate::sign_in::entry::{self, Caller};
use crate::sign_in::limits::{
    self, Charge, FORGOTTEN_MS, GUESSES_A_DAY, GUESSES_A_DAY_ALL, GUESSES_A_DAY_KNOWN,
    KNOWN_WAITS_FOR_OTHERS_MS, LONGEST_WAIT_MS, Subject, Voucher, Wait,
};

const DAY: i64 = 24 * 60 * MINUTE;

/// Counts as the store keeps them.
#[derive(Default)]
struct Counts(HashMap<String, Count>);

impl Counts {
    fn of(&self, charges: &[Charge]) -> Vec<(Charge, Count)> {
        let count = |charge: &Charge| self.0.get(&charge.key).copied().unwrap_or_default();
        charges.iter().map(|charge| (charge.clone(), count(charge))).collect()
    }

    fn put(&mut self, charges: &[Charge], counts: &[Count]) {
        for (charge, count) in charges.iter().zip(counts) {
            self.0.insert(charge.key.clone(), *count);
        }
    }

    fn attempt(&mut self, charges: &[Charge], now_ms: i64) -> Result<(), Wait> {
        let counts = limits::admit(&self.of(charges), now_ms)?;
        self.put(charges, &counts);
        Ok(())
    }

    fn success(&mut self, charges: &[Charge]) {
        let counts: Vec<Count> = self.of(charges).into_iter().map(|(_, count)| count).collect();
        self.put(charges, &limits::succeeded(&counts));
    }
}

fn anna() -> PersonId {
    PersonId("anna".into())
}

fn address(number: u32) -> IpAddr {
    Ipv4Addr::from_bits(number).into()
}

/// The most guesses within any 24 hours.
fn most_in_a_day(guesses: &[i64]) -> i64 {
    let within =
        |from: &i64| guesses.iter().filter(|at| (*from..*from + DAY).contains(*at)).count();
    guesses.iter().map(within).max().unwrap_or(0).try_into().expect("few")
}

/// What an attacker does next.
#[derive(Debug, Clone)]
enum Move {
    /// Guesses as fast as may be, from ever new addresses, so often.
    Guess(u32),
    /// Guesses from an address, whether it may be or not.
    From(u32),
    /// Guesses at another name.
    Other(u16),
    /// Signs in as oneself, from such an address.
    Oneself(u32),
    /// Waits.
    Rest(i64),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        4 => (1..60_u32).prop_map(Move::Guess),
        2 => (0..4_u32).prop_map(Move::From),
        1 => any::<u16>().prop_map(Move::Other),
        1 => (0..4_u32).prop_map(Move::Oneself),
        2 => (0..2 * DAY).prop_map(Move::Rest),
        2 => (0..MINUTE).prop_map(Move::Rest),
    ];
    prop::collection::vec(one, 1..60)
}

/// Plays an attack on Anna; when guesses at her name were let through.
fn play(counts: &mut Counts, moves: &[Move]) -> (Vec<i64>, i64) {
    let (mut now_ms, mut fresh, mut guesses) = (START, 1_000, Vec::new());
    let (anna, mallory) = (anna(), PersonId("mallory".into()));
    for one in moves {
        match one {
            Move::Guess(times) => {
                for _ in 0..*times {
                    fresh += 1;
                    let charges = limits::charges(Subject::Person(&anna), address(fresh), None);
                    while let Err(wait) = counts.attempt(&charges, now_ms) {
                        now_ms += wait.ms;
                    }
                    guesses.push(now_ms);
                }
            }
            Move::From(source) => {
                let charges = limits::charges(Subject::Person(&anna), address(*source), None);
                guesses.extend(counts.attempt(&charges, now_ms).is_ok().then_some(now_ms));
            }
            Move::Other(name) => {
                let name = format!("name {name}");
                let charges = limits::charges(Subject::Nobody(&name), address(1), None);
                let _ = counts.attempt(&charges, now_ms);
            }
            Move::Oneself(source) => {
                let charges = limits::charges(Subject::Person(&mallory), address(*source), None);
                if counts.attempt(&charges, now_ms).is_ok() {
                    counts.success(&charges);
                }
            }
            Move::Rest(ms) => now_ms += ms,
        }
    }
    (guesses, now_ms)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_attack_guesses_oftener_at_a_name_than_is_stated(moves in moves()) {
        let (guesses, _) = play(&mut Counts::default(), &moves);
        let most = most_in_a_day(&guesses);
        prop_assert!(most <= GUESSES_A_DAY, "{most} guesses in a day");
    }

    #[test]
    fn no_attack_from_elsewhere_makes_a_known_browser_wait(moves in moves(), own in 0..5_u32) {
        let mut counts = Counts::default();
        let browser = Fingerprint::of("anna's");
        let (_, now_ms) = play(&mut counts, &moves);
        // She sits where the attacker does, and mistypes some times.
        let voucher = Some(Voucher::Browser(&browser));
        let charges = limits::charges(Subject::Person(&anna()), address(1), voucher);
        for _ in 0..own {
            prop_assert_eq!(counts.attempt(&charges, now_ms), Ok(()));
        }
        let waited = counts.attempt(&charges, now_ms).map_or_else(|wait| wait.ms, |()| 0);
        prop_assert_eq!(waited, KNOWN_WAITS_FOR_OTHERS_MS);
    }

    #[test]
    fn nobody_waits_longer_than_is_stated_whatever_the_clock_does(
        moves in moves(),
        back in -400 * DAY..400 * DAY,
    ) {
        let mut counts = Counts::default();
        let (_, now_ms) = play(&mut counts, &moves);
        let charges = limits::charges(Subject::Person(&anna()), address(2), None);
        if let Err(wait) = counts.attempt(&charges, now_ms - back) {
            prop_assert!((1..=LONGEST_WAIT_MS).contains(&wait.ms), "{wait}");
            prop_assert!(wait.seconds() * 1_000 >= wait.ms);
            // And comes in once they have waited as long as they were told, or that once again.
            let later_ms = now_ms - back + wait.ms;
            if let Err(more) = counts.attempt(&charges, later_ms) {
                prop_assert!(more.ms <= LONGEST_WAIT_MS, "{more}");
                prop_assert_eq!(counts.attempt(&charges, later_ms + more.ms + 1), Ok(()));
            }
        }
    }
}

/// How many guesses an attacker who never rests gets in a day.
fn greedy(mut charges: impl FnMut(u32) -> Vec<Charge>) -> (i64, Counts) {
    let (mut counts, mut now_ms, mut guesses) = (Counts::default(), START, 0);
    while now_ms < START + DAY {
        let charges = charges(guesses);
        match counts.attempt(&charges, now_ms) {
            Ok(()) => guesses += 1,
            Err(wait) => now_ms += wait.ms,
        }
    }
    (i64::from(guesses), counts)
}

#[test]
fn the_numbers_that_are_stated_are_those_that_an_attacker_reaches() {
    let anna = anna();
    let subject = Subject::Person(&anna);
    let (guesses, _) = greedy(|number| limits::charges(subject, address(number), None));
    assert!((GUESSES_A_DAY - 10..=GUESSES_A_DAY).contains(&guesses), "{guesses}");
    let stolen = Fingerprint::of("stolen");
    let voucher = Some(Voucher::Browser(&stolen));
    let (guesses, _) = greedy(|number| limits::charges(subject, address(number), voucher));
    assert!((GUESSES_A_DAY_KNOWN - 10..=GUESSES_A_DAY_KNOWN).contains(&guesses), "{guesses}");
    let spray = |number: u32| {
        let name = format!("name {number}");
        limits::charges(Subject::Nobody(&name), address(number), None)
    };
    let (guesses, counts) = greedy(spray);
    assert!((GUESSES_A_DAY_ALL - 100..=GUESSES_A_DAY_ALL).contains(&guesses), "{guesses}");
    // And what is held of it is bounded by the same number: by pair, address and name.
    assert!(counts.0.len() <= usize::try_from(GUESSES_A_DAY_ALL).expect("few") * 3 + 1);
}

#[test]
fn whoever_goes_on_trying_does_not_make_it_longer() {
    let mut counts = Counts::default();
    let anna = anna();
    let charges = limits::charges(Subject::Person(&anna), address(1), None);
    let mut now_ms = START;
    for _ in 0..5 {
        assert_eq!(counts.attempt(&charges, now_ms), Ok(()));
    }
    for left in [2_000, 1_500, 1_000, 500] {
        assert_eq!(counts.attempt(&charges, now_ms), Err(Wait { ms: left }));
        now_ms += 500;
    }
    assert_eq!(counts.attempt(&charges, now_ms), Ok(()));
    assert_eq!(counts.attempt(&charges, now_ms), Err(Wait { ms: 4_000 }));
    assert_eq!(counts.attempt(&charges, now_ms + FORGOTTEN_MS), Ok(()));
}

#[test]
fn an_address_is_a_machine_and_of_ipv6_a_network() {
    let anna = anna();
    let source = |text: &str| {
        let source: IpAddr = text.parse().expect("an address");
        limits::charges(Subject::Person(&anna), source, None)[1].key.clone()
    };
    assert_eq!(source("10.0.0.1"), source("::ffff:10.0.0.1"));
    assert_ne!(source("10.0.0.1"), source("10.0.0.2"));
    assert_eq!(source("2001:db8::1"), source("2001:db8::ffff:0:0:1"));
    assert_ne!(source("2001:db8::1"), source("2001:db8:0:1::1"));
    let local: IpAddr = Ipv6Addr::LOCALHOST.into();
    assert_eq!(limits::charges(Subject::Nobody("a"), local, None).len(), 4);
}

#[test]
fn a_name_that_nobody_has_is_counted_without_being_kept() {
    let typed = "four words, typed into the wrong field";
    let charges = limits::charges(Subject::Nobody(typed), address(1), None);
    let keys: Vec<&str> = charges.iter().map(|charge| charge.key.as_str()).collect();
    assert!(keys.iter().all(|key| key.len() < 40 && !key.contains("four")), "{keys:?}");
    let other = limits::charges(Subject::Nobody(&typed.to_uppercase()), address(1), None);
    assert_eq!(other, charges, "in whatever case");
}

#[test]
fn while_everybodys_name_is_attacked_a_known_browser_and_a_recovery_code_get_in_at_once() {
    on_both(|house| {
        house.person("anna", Duty::Acts(Role::Clinical));
        let mut ward = desk("10.0.0.1");
        let welcome = house.enter(&mut ward, "anna", PASSWORD, "").welcome();
        assert!(welcome.browser.is_some());
        let (_, codes) = house.second(&welcome);
        // From everywhere, and from Anna's own address, as much as is let through.
        let mut refused = 0;
        for number in 0..300 {
            let source = if number % 3 == 0 { ward.source } else { address(number) };
            let caller = Caller { source, browser: None, agent: "", now_ms: house.now_ms };
            let name = ["anna", "bo", "cleo"][number as usize / 3 % 3];
            let admit =
                |t: &mut store::database::Transaction<'_>| entry::admit(t, name, None, &caller);
            refused += u32::from(house.database.write("test", admit).expect("written").is_err());
        }
        assert!(refused > 200, "{refused}");
        let mut elsewhere = desk("10.0.0.9");
        let waits = house.enter(&mut elsewhere, "anna", PASSWORD, "");
        assert!(matches!(waits, Entered::Wait(_)), "not known there");
        let code = codes[1].expose();
        let there = house.enter(&mut elsewhere, "anna", PASSWORD, code).welcome();
        assert!(there.browser.is_some(), "known from now on");
        assert!(house.enter(&mut ward, "anna", "mistyped, mistyped", "").is_refused());
        house.enter(&mut ward, "anna", PASSWORD, codes[2].expose()).welcome();
        let half = house.enter(&mut ward, "anna", PASSWORD, "").welcome();
        assert!(house.living(&half).is_some());
    });
}

#[test]
fn whoever_guesses_many_times_at_once_gets_no_further() {
    on_both(|house| {
        let anna = house.person("anna", Duty::Acts(Role::Clinical));
        let (database, now_ms) = (house.database, house.now_ms);
        let admit = |number| {
            let caller = Caller { source: address(number), browser: None, agent: "", now_ms };
            let admitted = database.write("test", |t| entry::admit(t, "anna", None, &caller));
            admitted.expect("written").is_ok()
        };
        let through: usize = std::thread::scope(|scope| {
            let guess = |thread: u32| move || (0..10).filter(|n| admit(thread * 10 + n)).count();
            let threads: Vec<_> = (0..6).map(|thread| scope.spawn(guess(thread))).collect();
            threads.into_iter().map(|thread| thread.join().expect("it ends")).sum()
        });
        assert_eq!(through, 20, "as many as are free for the name of {anna}");
    });
}

#[test]
fn a_browser_that_one_person_knows_vouches_for_nobody_else() {
    on_both(|house| {
        house.person("anna", Duty::Acts(Role::Clinical));
        house.person("mallory", Duty::Reads);
        let mut shared = desk("10.0.0.1");
        house.enter(&mut shared, "mallory", PASSWORD, "").welcome();
        let browser = shared.browser.clone();
        let mut waits = 0;
        for _ in 0..8 {
            let tried = house.enter(&mut shared, "anna", "guess after guess", "");
            waits += u32::from(matches!(tried, Entered::Wait(_)));
        }
        assert_eq!(waits, 3, "five are free from one address");
        house.now_ms += MINUTE;
        house.enter(&mut shared, "anna", PASSWORD, "").welcome();
        assert_eq!(shared.browser, browser, "one token, known to both from now on");
        // One that nobody was known by is not taken over: somebody may have put it there.
        let mut planted = desk("10.0.0.2");
        planted.browser = Some(store::secret::Secret::new("a".repeat(52)));
        let welcome = house.enter(&mut planted, "anna", PASSWORD, "").welcome();
        assert!(welcome.browser.is_some());
    });
}
