//! What a model usually does, and what of it care needs.
//!
//! Refuses to confirm: the essential set is a proposal with its evidence, until a named person
//! says yes.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use domain::care::CareRole;
use domain::network::{Application, Moment, Service};
use domain::order::Side;

use super::{Path, RoleRule, Traffic};

/// One thing that the units of a model do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Habit {
    /// What for.
    pub role: CareRole,
    /// Which end the device is.
    pub side: Side,
    /// With whom.
    pub peer: IpAddr,
    /// On what.
    pub service: Service,
}

/// How sure a habit is: who had it, and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The rule that gave the role.
    pub rule: RoleRule,
    /// The protocol, by content.
    pub application: Option<Application>,
    /// The units of the model that were seen doing it.
    pub units: BTreeSet<IpAddr>,
    /// Sessions of all of them.
    pub sessions: u64,
    /// Successes of all of them.
    pub successes: u64,
    /// The first and the last time.
    pub seen: (Moment, Moment),
    /// How often, of the unit that was seen last.
    pub rhythm: Option<super::Rhythm>,
}

/// What the units of one model do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    /// Each habit with its evidence.
    pub habits: BTreeMap<Habit, Evidence>,
}

impl Baseline {
    /// Learns from what was seen of these addresses, which are all of one model. Paths that were
    /// never answered teach nothing: a scan is no habit.
    #[must_use]
    pub fn learn(traffic: &Traffic, units: &BTreeSet<IpAddr>) -> Self {
        let mut baseline = Self::default();
        for path in traffic.paths().filter(|path| path.answered > 0 || path.successes > 0) {
            for (unit, peer, side) in [
                (path.key.client, path.key.server, Side::Client),
                (path.key.server, path.key.client, Side::Server),
            ] {
                if units.contains(&unit) {
                    baseline.add(path, unit, (peer, side));
                }
            }
        }
        baseline
    }

    fn add(&mut self, path: &Path, unit: IpAddr, (peer, side): (IpAddr, Side)) {
        let habit = Habit { role: path.role.care, side, peer, service: path.key.service };
        let evidence = self.habits.entry(habit).or_insert_with(|| Evidence {
            rule: path.role.rule,
            application: path.application,
            units: BTreeSet::new(),
            sessions: 0,
            successes: 0,
            seen: (path.first, path.last),
            rhythm: None,
        });
        evidence.units.insert(unit);
        evidence.sessions += path.sessions;
        evidence.successes += path.successes;
        evidence.rhythm = path.rhythm().or(evidence.rhythm);
        evidence.seen = (evidence.seen.0.min(path.first), evidence.seen.1.max(path.last));
    }

    /// What care needs of it, proposed: the roles that are essential until a person says otherwise.
    pub fn essential(&self) -> impl Iterator<Item = (&Habit, &Evidence)> {
        self.habits.iter().filter(|(habit, _)| habit.role.essential_by_default())
    }

    /// Whether a unit of the model does this usually.
    #[must_use]
    pub fn knows(&self, side: Side, peer: IpAddr, service: Service) -> bool {
        self.habits
            .keys()
            .any(|habit| (habit.side, habit.peer, habit.service) == (side, peer, service))
    }
}
