//! The hand: a process of its own, the only one that may change rules, told plans and nothing else.
//!
//! The agent reads what attackers send, so it holds no right to change the network. It speaks with
//! the hand by lines of JSON. Refuses commands: what the hand understands is plans, compiled and
//! proved on its own side; the worst that it can be told is to hold a device that is none.

use std::fmt;
use std::io::{self, BufRead, Write};

use decisions::containment::plan::Plan;
use domain::order::{OrderId, PointName};
use serde::{Deserialize, Serialize};

use crate::point::{Failure, Look, Outcomes, Point, Receipt, Wish};
use crate::written::WrittenPlan;

/// The longest line that either side takes, in bytes: some ten thousand plans.
const LINE: u64 = 64 << 20;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum Told {
    CarryOut { hold: Vec<WrittenPlan>, release: Vec<WrittenPlan> },
    Look { plans: Vec<WrittenPlan> },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Said {
    Outcomes(Vec<(u64, Outcome)>),
    Holds,
    Differs(String),
    CannotTell,
    Failed(String),
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Outcome {
    Proved { changed: bool, classes: usize },
    Acknowledged,
    Failed(String),
}

/// Does what it is told until the other side closes.
///
/// # Errors
/// Where the other side can't be read or written.
pub fn serve(point: &mut dyn Point, mut from: impl BufRead, mut to: impl Write) -> io::Result<()> {
    loop {
        let mut line = Vec::new();
        io::Read::take(&mut from, LINE).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(());
        }
        let said = match serde_json::from_slice(&line) {
            Ok(told) => obey(point, told),
            Err(error) => Said::Failed(format!("what it was told is no plan: {error}")),
        };
        serde_json::to_writer(&mut to, &said)?;
        to.write_all(b"\n")?;
        to.flush()?;
    }
}

fn obey(point: &mut dyn Point, told: Told) -> Said {
    let read = |plans: &[WrittenPlan]| plans.iter().map(WrittenPlan::plan).collect();
    let unknown = || Said::Failed("a plan holds a word that is not known".to_owned());
    match told {
        Told::CarryOut { hold, release } => {
            let (hold, release): (Option<Vec<Plan>>, Option<Vec<Plan>>) =
                (read(&hold), read(&release));
            let (Some(hold), Some(release)) = (hold, release) else { return unknown() };
            let outcomes = point.carry_out(Wish { hold: &hold, release: &release });
            Said::Outcomes(outcomes.into_iter().map(|(id, of)| (id.0, outcome(of))).collect())
        }
        Told::Look { plans } => {
            let plans: Option<Vec<Plan>> = read(&plans);
            let Some(plans) = plans else { return unknown() };
            match point.look(&plans) {
                Ok(Look::Holds) => Said::Holds,
                Ok(Look::Differs(what)) => Said::Differs(what),
                Ok(Look::CannotTell) => Said::CannotTell,
                Err(failure) => Said::Failed(failure.0),
            }
        }
    }
}

fn outcome(outcome: Result<Receipt, Failure>) -> Outcome {
    match outcome {
        Ok(Receipt::Proved { changed, classes }) => Outcome::Proved { changed, classes },
        Ok(Receipt::Acknowledged) => Outcome::Acknowledged,
        Err(failure) => Outcome::Failed(failure.0),
    }
}

/// A point that a hand works.
pub struct Hand {
    name: PointName,
    to: Box<dyn Write + Send>,
    from: Box<dyn BufRead + Send>,
}

impl fmt::Debug for Hand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hand").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Hand {
    /// A hand that reads from `to` and writes to `from`.
    pub fn new(
        name: PointName,
        to: impl Write + Send + 'static,
        from: impl BufRead + Send + 'static,
    ) -> Self {
        Self { name, to: Box::new(to), from: Box::new(from) }
    }

    fn tell(&mut self, told: &Told) -> Result<Said, Failure> {
        let gone = |error: &dyn fmt::Display| Failure(format!("the hand does not answer: {error}"));
        let mut line = serde_json::to_vec(told).map_err(|error| gone(&error))?;
        line.push(b'\n');
        self.to.write_all(&line).and_then(|()| self.to.flush()).map_err(|error| gone(&error))?;
        let mut answer = Vec::new();
        let mut from = io::Read::take(&mut self.from, LINE);
        from.read_until(b'\n', &mut answer).map_err(|error| gone(&error))?;
        if answer.is_empty() {
            return Err(gone(&"it has ended"));
        }
        serde_json::from_slice(&answer).map_err(|error| gone(&error))
    }
}

fn written(plans: &[Plan]) -> Vec<WrittenPlan> {
    plans.iter().map(WrittenPlan::of).collect()
}

impl Point for Hand {
    fn name(&self) -> &PointName {
        &self.name
    }

    fn carry_out(&mut self, wish: Wish<'_>) -> Outcomes {
        let told = Told::CarryOut { hold: written(wish.hold), release: written(wish.release) };
        let failure = match self.tell(&told) {
            Ok(Said::Outcomes(outcomes)) => {
                let outcomes = outcomes.into_iter();
                return outcomes.map(|(order, of)| (OrderId(order), receipt(of))).collect();
            }
            Ok(Said::Failed(why)) => Failure(why),
            Ok(_) => Failure("the hand answered something else".to_owned()),
            Err(failure) => failure,
        };
        let plans = wish.hold.iter().chain(wish.release);
        plans.map(|plan| (plan.order, Err(failure.clone()))).collect()
    }

    fn look(&mut self, plans: &[Plan]) -> Result<Look, Failure> {
        match self.tell(&Told::Look { plans: written(plans) })? {
            Said::Holds => Ok(Look::Holds),
            Said::Differs(what) => Ok(Look::Differs(what)),
            Said::CannotTell => Ok(Look::CannotTell),
            Said::Failed(why) => Err(Failure(why)),
            Said::Outcomes(_) => Err(Failure("the hand answered something else".to_owned())),
        }
    }
}

fn receipt(outcome: Outcome) -> Result<Receipt, Failure> {
    match outcome {
        Outcome::Proved { changed, classes } => Ok(Receipt::Proved { changed, classes }),
        Outcome::Acknowledged => Ok(Receipt::Acknowledged),
        Outcome::Failed(why) => Err(Failure(why)),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Cursor, pipe};
    use std::thread;

    use decisions::containment::plan::Plan;
    use domain::device::{DeviceId, MacAddress};
    use domain::network::Moment;
    use domain::order::{Interface, Level, OrderId, PointName};

    use super::{Hand, serve};
    use crate::point::{Failure, Look, Outcomes, Point, Receipt, Wish};

    #[derive(Debug)]
    struct Holds(PointName, Vec<Plan>);

    impl Point for Holds {
        fn name(&self) -> &PointName {
            &self.0
        }
        fn carry_out(&mut self, wish: Wish<'_>) -> Outcomes {
            self.1 = wish.hold.to_vec();
            let receipt = Receipt::Proved { changed: true, classes: 7 };
            let held = wish.hold.iter().map(|plan| (plan.order, Ok(receipt)));
            held.chain(wish.release.iter().map(|p| (p.order, Err(Failure("no".into()))))).collect()
        }
        fn look(&mut self, plans: &[Plan]) -> Result<Look, Failure> {
            Ok(if self.1 == plans { Look::Holds } else { Look::Differs("else".into()) })
        }
    }

    fn plan(order: u64) -> Plan {
        Plan {
            order: OrderId(order),
            device: DeviceId("PUMP \"11\"\n".into()),
            level: Level::Isolate,
            interfaces: vec![Interface {
                mac: MacAddress([2, 0, 0, 0, 0, 1]),
                addresses: vec!["fe80::1".parse().expect("an address")],
            }],
            openings: Vec::new(),
            essential_version: 3,
            made: Moment(5),
            expires: Moment(6),
        }
    }

    #[test]
    fn what_a_hand_is_told_is_done_and_answered() {
        let ((theirs, to), (from, mine)) = (pipe().expect("a pipe"), pipe().expect("a pipe"));
        let served = thread::spawn(move || {
            let mut point = Holds(PointName("kernel".into()), Vec::new());
            serve(&mut point, BufReader::new(theirs), mine)
        });
        let mut hand = Hand::new(PointName("kernel".into()), to, BufReader::new(from));
        let (held, gone) = ([plan(1)], [plan(2)]);
        let outcomes = hand.carry_out(Wish { hold: &held, release: &gone });
        assert_eq!(outcomes[&OrderId(1)], Ok(Receipt::Proved { changed: true, classes: 7 }));
        assert_eq!(outcomes[&OrderId(2)], Err(Failure("no".into())));
        assert_eq!(hand.look(&held), Ok(Look::Holds));
        assert_eq!(hand.look(&gone), Ok(Look::Differs("else".into())));
        drop(hand);
        served.join().expect("it ends").expect("it ends well");
    }

    #[test]
    fn a_hand_that_is_gone_is_a_failure_of_every_plan() {
        let mut hand = Hand::new(PointName("kernel".into()), std::io::sink(), Cursor::new(b""));
        let outcomes = hand.carry_out(Wish { hold: &[plan(1)], release: &[plan(2)] });
        assert_eq!(outcomes.len(), 2);
        assert!(outcomes.values().all(Result::is_err));
        assert!(hand.look(&[]).is_err());
    }

    #[test]
    fn what_is_no_plan_changes_nothing_and_is_told() {
        let mut point = Holds(PointName("kernel".into()), vec![plan(9)]);
        for told in ["{}", "flush ruleset", "{\"look\":{\"plans\":[{}]}}", "{\"run\":\"nft\"}"] {
            let mut said = Vec::new();
            serve(&mut point, Cursor::new(format!("{told}\n")), &mut said).expect("answered");
            let said = String::from_utf8(said).expect("text");
            assert!(said.contains("failed"), "{told}: {said}");
        }
        assert_eq!(point.1, [plan(9)]);
    }
}
