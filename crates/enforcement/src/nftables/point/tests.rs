//! The point as the loop sees it: outcomes, bad plans, failing calls, and being killed.

use std::fs::OpenOptions;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use decisions::containment::plan::Plan;
use domain::order::{Level, OrderId, PointName};

use super::super::proof::{Proved, prove};
use super::super::tests::{Faulty, in_namespace, plan, plans, pump};
use super::super::{Kernel, Listed, Nft, NftError, Place, drift, read};
use super::NftablesPoint;
use crate::point::{Look, Outcomes, Point, Receipt, Wish};

fn point(place: Place, kernel: impl Kernel + Send + 'static) -> NftablesPoint {
    NftablesPoint::new(PointName("core".into()), Box::new(kernel), place)
}

fn holds(point: &mut dyn Point, plans: &[Plan]) -> Outcomes {
    point.carry_out(Wish { hold: plans, release: &[] })
}

fn is_held(place: Place, plans: &[Plan]) -> bool {
    drift(&mut Nft, place, plans).expect("asked").is_none()
}

#[test]
fn a_point_holds_lets_go_and_says_so_of_every_plan() {
    for place in Place::ALL {
        in_namespace(move || {
            let mut point = point(place, Nft);
            let all = plans();
            let outcomes = holds(&mut point, &all);
            assert_eq!(outcomes.len(), all.len());
            let changed = |outcomes: &Outcomes, wanted| {
                outcomes.values().all(|outcome| {
                    matches!(outcome, Ok(Receipt::Proved { changed, classes: 1.. }) if *changed == wanted)
                })
            };
            assert!(changed(&outcomes, true), "{outcomes:?}");
            assert!(changed(&holds(&mut point, &all), false), "it is idempotent");
            assert_eq!(point.look(&all), Ok(Look::Holds));
            let (hold, release) = all.split_at(2);
            let outcomes = point.carry_out(Wish { hold, release });
            assert!(outcomes.len() == all.len() && changed(&outcomes, true), "{outcomes:?}");
            assert_eq!(point.look(hold), Ok(Look::Holds));
            assert!(matches!(point.look(&all), Ok(Look::Differs(_))));
            // What somebody changes for a device that was proved before is seen, too.
            let add = format!(
                "add element {} asepsis ip4_client_tcp {{ 10.20.0.11 . 10.20.0.66 . 445 }}\n",
                place.family()
            );
            Nft.run(&add).expect("meddled");
            assert!(matches!(point.look(hold), Ok(Look::Differs(_))));
        });
    }
}

#[test]
fn a_plan_that_cannot_be_held_keeps_no_other_device_uncontained() {
    for place in Place::ALL {
        in_namespace(move || {
            let mut nameless = plan(40, Level::Contain, Vec::new());
            nameless.interfaces.clear();
            // The pump once more, of which this plan knows no address: no rule holds both.
            let mut unknown = Plan { order: OrderId(42), ..pump() };
            unknown.interfaces.iter_mut().for_each(|interface| interface.addresses.clear());
            let mut all = plans();
            all.splice(1..1, [nameless, unknown]);
            let mut point = point(place, Nft);
            for changed in [true, false] {
                let outcomes = holds(&mut point, &all);
                assert_eq!(outcomes.len(), all.len());
                for (order, outcome) in &outcomes {
                    match outcome {
                        Ok(Receipt::Proved { changed: did, .. }) => assert_eq!(*did, changed),
                        other => assert!([40, 42].contains(&order.0), "{order}: {other:?}"),
                    }
                }
                assert!(is_held(place, &plans()));
            }
        });
    }
}

#[test]
fn whichever_call_of_a_point_fails_the_old_or_the_new_is_held_and_all_are_told() {
    for place in Place::ALL {
        in_namespace(move || {
            let (old, new) = (vec![pump()], plans());
            for fails_at in 1.. {
                holds(&mut point(place, Nft), &old);
                let faulty = Faulty { calls: 0, fails_at, lies: false };
                let outcomes = holds(&mut point(place, faulty), &new);
                let (is_old, is_new) = (is_held(place, &old), is_held(place, &new));
                assert!(is_old || is_new, "a mixture after call {fails_at}");
                assert_eq!(outcomes.len(), new.len());
                if outcomes.values().all(Result::is_ok) {
                    assert!(is_new && fails_at > 3, "each of its calls has failed once");
                    break;
                }
                assert!(outcomes.values().all(Result::is_err), "{outcomes:?}");
            }
        });
    }
}

/// A kernel that does not answer any more after so many calls; what it was told last it still does.
struct Silent(Arc<AtomicUsize>);

impl Silent {
    fn answers(&self) -> Result<(), NftError> {
        let left = |left: usize| Some(left.saturating_sub(1));
        match self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left) {
            Ok(1..) => Ok(()),
            _ => Err(NftError::Refused("no answer".into())),
        }
    }
}

impl Kernel for Silent {
    fn list(&mut self, place: Place) -> Result<Listed, NftError> {
        self.answers()?;
        Nft.list(place)
    }

    fn run(&mut self, transaction: &str) -> Result<(), NftError> {
        Nft.run(transaction)?;
        self.answers()
    }
}

#[test]
fn a_kernel_that_falls_silent_holds_the_old_or_the_new_and_is_put_right_later() {
    for place in Place::ALL {
        in_namespace(move || {
            let (old, new) = (vec![pump()], plans());
            for answers in 0..4 {
                holds(&mut point(place, Nft), &old);
                let left = Arc::new(AtomicUsize::new(answers));
                let mut silent = point(place, Silent(Arc::clone(&left)));
                let outcomes = holds(&mut silent, &new);
                assert_eq!(outcomes.values().all(Result::is_ok), answers == 3, "{answers}");
                assert!(is_held(place, &old) || is_held(place, &new), "a mixture: {answers}");
                left.store(usize::MAX, Ordering::Relaxed);
                assert!(holds(&mut silent, &new).values().all(Result::is_ok));
                assert!(is_held(place, &new));
            }
        });
    }
}

/// The name of the variable by which this test runs itself as the process that is killed.
const VICTIM: &str = "ASEPSIS_TEST_NFTABLES";
/// Kills, so that each step is met by some.
const KILLS: u64 = 30;

/// So many devices that what is sent does not go through a pipe at once.
fn many(level: Level) -> Vec<Plan> {
    let openings = match level {
        Level::Isolate => Vec::new(),
        _ => pump().openings.into_iter().take(2).collect(),
    };
    (1..=150).map(|number| plan(number, level, openings.clone())).collect()
}

/// A process holds one and then the other without end, and says when it did; it is killed at any
/// moment.
fn killed(place: Place, test: &str) {
    let states = [many(Level::Contain), many(Level::Isolate)];
    if let Some(told) = std::env::var_os(VICTIM) {
        let mut told = OpenOptions::new().append(true).open(told).expect("open");
        let mut point = point(place, Nft);
        for state in states.iter().cycle() {
            let outcomes = holds(&mut point, state);
            assert!(outcomes.values().all(Result::is_ok), "{outcomes:?}");
            told.write_all(b".").expect("told");
        }
    }
    let test = test.to_owned();
    in_namespace(move || {
        let told = tempfile::NamedTempFile::new().expect("a file");
        let count = || told.as_file().metadata().map_or(0, |metadata| metadata.len());
        let mut seen = [0; 2];
        for round in 0..KILLS {
            let before = count();
            let mut child = Command::new(std::env::current_exe().expect("its own path"))
                .args(["--exact", &format!("nftables::point::tests::{test}")])
                .env(VICTIM, told.path())
                .stdout(Stdio::null())
                .spawn()
                .expect("it starts");
            let deadline = Instant::now() + Duration::from_secs(30);
            while count() <= before + round % 2 {
                assert!(Instant::now() < deadline, "the process holds nothing");
                std::thread::yield_now();
            }
            std::thread::sleep(Duration::from_millis(round * 37 % 300));
            child.kill().expect("killed");
            child.wait().expect("ended");
            // The transaction that it began may end even now, so it is looked at once for both.
            let held = read::held(&Nft.list(place).expect("listed")).expect("ours");
            let held = held.unwrap_or_default();
            let is = |plans: &Vec<Plan>| prove(place, &held, plans, &mut Proved::default()).is_ok();
            let state = states.iter().position(is);
            let state = state.unwrap_or_else(|| panic!("round {round}: a mixture: {held:?}"));
            seen[state] += 1;
        }
        assert!(seen.iter().all(|count| *count > 0), "{seen:?}");
    });
}

#[test]
fn a_process_killed_at_any_moment_leaves_a_bridge_with_the_old_or_the_new() {
    let test = "a_process_killed_at_any_moment_leaves_a_bridge_with_the_old_or_the_new";
    killed(Place::Bridge, test);
}

#[test]
fn a_process_killed_at_any_moment_leaves_a_router_with_the_old_or_the_new() {
    let test = "a_process_killed_at_any_moment_leaves_a_router_with_the_old_or_the_new";
    killed(Place::Router, test);
}
