//! The interlock: care decides who must say yes.
//!
//! Refuses to take the unknown for harmless: a device whose use is unknown counts as in use, one
//! whose criticality is unknown as keeping a patient alive, a replay that was not made as one that
//! breaks what care needs. It judges with the facts of the moment, each time anew.

use std::collections::BTreeSet;
use std::fmt;

use domain::device::{Criticality, Use};
use domain::network::Moment;
use domain::order::{Actor, Level, Role};
use domain::text::Text;

use super::order::{Order, Voice};
use super::refusal::Refusal;

/// How old a confirmation at the bedside may be when the device is first cut off: half an hour, in
/// microseconds. It then holds as long as the order does.
pub const BEDSIDE_FRESH: i64 = 30 * 60 * 1_000_000;
/// How long no playbook is heard for a device after a clinician broke the glass: four hours, in
/// microseconds.
pub const COOL_DOWN: i64 = 4 * 60 * 60 * 1_000_000;

/// What is known of a device at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Facts {
    /// What its failure does to a patient.
    pub criticality: Option<Criticality>,
    /// Whether a patient depends on it now.
    pub usage: Option<Use>,
}

/// A row of the interlock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Care {
    /// It keeps a patient alive now, as far as is known.
    LifeSustainingInUse,
    /// It is made to keep a patient alive, or a patient depends on it.
    LifeSustainingOrInUse,
    /// Neither.
    Other,
}

impl Facts {
    /// Whether it may keep a patient alive; unknown counts.
    pub fn may_sustain_life(self) -> bool {
        self.criticality.is_none_or(|criticality| criticality == Criticality::LifeSustaining)
    }

    /// Its row.
    pub fn care(self) -> Care {
        match (self.may_sustain_life(), self.usage.is_none_or(|usage| usage == Use::InUse)) {
            (true, true) => Care::LifeSustainingInUse,
            (false, false) => Care::Other,
            _ => Care::LifeSustainingOrInUse,
        }
    }
}

impl Care {
    /// Every row, the gravest first.
    pub const ALL: [Self; 3] =
        [Self::LifeSustainingInUse, Self::LifeSustainingOrInUse, Self::Other];

    /// As the page of the interlock writes it.
    pub fn text(self) -> &'static str {
        match self {
            Self::LifeSustainingInUse => "life-sustaining and in use",
            Self::LifeSustainingOrInUse => "life-sustaining, or in use",
            Self::Other => "other",
        }
    }
}

/// Whether a playbook's voice is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Playbook {
    /// Yes, once a drill has passed for it.
    Drilled,
    /// Yes, once a drill has passed, and if the replay breaks nothing that care needs.
    DrilledAndNothingBreaks,
    /// No.
    Never,
}

/// Which people have to say yes, none of whom asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum People {
    /// Nobody.
    Nobody,
    /// One person, of any role: it is the second pair of eyes that counts. Where the role counts,
    /// the table asks for both.
    One,
    /// One person from security and one who cares for patients.
    SecurityAndClinical,
}

/// Whether somebody at the bedside has to confirm that a substitute is running.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Bedside {
    /// No.
    NotAsked,
    /// Yes: a clinician who is not one of the approvers, not long before the device is cut off.
    SubstituteRunning,
}

/// What one cell of the interlock asks for: the playbook's voice where that is enough, or else the
/// people's; and the bedside's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Requirement {
    /// Whether a playbook's voice is enough.
    pub playbook: Playbook,
    /// Who else has to say yes.
    pub people: People,
    /// Whether the bedside has to confirm.
    pub bedside: Bedside,
}

impl Requirement {
    const fn new(playbook: Playbook, people: People) -> Self {
        Self { playbook, people, bedside: Bedside::NotAsked }
    }

    const fn and_bedside(self) -> Self {
        Self { bedside: Bedside::SubstituteRunning, ..self }
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.people {
            People::Nobody => "nobody",
            People::One => "one approver",
            People::SecurityAndClinical => "one security and one clinical approver",
        })?;
        f.write_str(match self.playbook {
            Playbook::Never => "",
            Playbook::Drilled => ", or a drilled playbook",
            Playbook::DrilledAndNothingBreaks => {
                ", or a drilled playbook if the replay breaks nothing that care needs"
            }
        })?;
        f.write_str(match self.bedside {
            Bedside::NotAsked => "",
            Bedside::SubstituteRunning => {
                ", **and** a confirmation at the bedside that a substitute is running"
            }
        })
    }
}

/// The interlock's rows, each with what `restrict`, `contain` and `isolate` ask for.
pub type Table = [(Care, [Requirement; 3]); 3];

const ONE: Requirement = Requirement::new(Playbook::Never, People::One);
const PLAYBOOK_OR_ONE: Requirement = Requirement::new(Playbook::Drilled, People::One);
const CAREFUL_PLAYBOOK_OR_ONE: Requirement =
    Requirement::new(Playbook::DrilledAndNothingBreaks, People::One);
const TWO: Requirement = Requirement::new(Playbook::Never, People::SecurityAndClinical);

/// The interlock.
pub const TABLE: Table = [
    (Care::LifeSustainingInUse, [ONE, TWO, TWO.and_bedside()]),
    (Care::LifeSustainingOrInUse, [PLAYBOOK_OR_ONE, CAREFUL_PLAYBOOK_OR_ONE, TWO]),
    (Care::Other, [PLAYBOOK_OR_ONE, PLAYBOOK_OR_ONE, ONE]),
];

/// What the interlock asks for before a device in that place may be held at that level. `watch`
/// cuts nothing, and asks for nobody.
pub fn required(facts: Facts, level: Level) -> Requirement {
    required_by(&TABLE, facts, level)
}

pub(super) fn required_by(table: &Table, facts: Facts, level: Level) -> Requirement {
    let row = table.iter().find(|(care, _)| *care == facts.care());
    let [restrict, contain, isolate] =
        row.map(|(_, cells)| *cells).expect("invariant: the table has every row");
    match level {
        Level::Watch => Requirement::new(Playbook::Never, People::Nobody),
        Level::Restrict => restrict,
        Level::Contain => contain,
        Level::Isolate => isolate,
    }
}

/// What a replay says of the traffic that care needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Replayed {
    /// None of it would break.
    Kept,
    /// Some would.
    Broken,
    /// No replay of this plan was made, or nothing was recorded to replay.
    Unknown,
}

/// What decides whether a playbook is heard.
#[derive(Debug, Clone, Copy)]
pub struct Hearing<'a> {
    /// The playbooks for which a drill has passed, and which are switched on.
    pub drilled: &'a BTreeSet<Text>,
    /// What the replay of the plan says.
    pub replayed: Replayed,
    /// When a clinician last broke the glass for this device.
    pub broken_glass: Option<Moment>,
}

/// What is still missing before the order satisfies the requirement; nothing where it does.
pub fn missing(
    requirement: Requirement,
    order: &Order,
    hearing: Hearing<'_>,
    now: Moment,
) -> Vec<Refusal> {
    let mut missing = Vec::new();
    if let Err(unheard) = heard(requirement.playbook, order, hearing, now) {
        missing.extend(people_missing(requirement.people, order));
        // Why the playbook is not enough comes last: who else has to answer is what to do.
        if !missing.is_empty() {
            missing.extend(unheard);
        }
    }
    if requirement.bedside == Bedside::SubstituteRunning && !confirmed(order, now) {
        missing.push(Refusal::BedsideMissing);
    }
    missing
}

/// Whether the order satisfies the requirement.
pub fn satisfied(
    requirement: Requirement,
    order: &Order,
    hearing: Hearing<'_>,
    now: Moment,
) -> bool {
    missing(requirement, order, hearing, now).is_empty()
}

/// Whether a playbook's voice is enough; else why not, where a playbook spoke.
fn heard(
    playbook: Playbook,
    order: &Order,
    hearing: Hearing<'_>,
    now: Moment,
) -> Result<(), Option<Refusal>> {
    let voices = order.voices().iter().map(|voice| &voice.by).chain([order.by()]);
    let mut names = voices.filter_map(|by| match by {
        Actor::Playbook(name) => Some(name),
        _ => None,
    });
    let Some(first) = names.next() else { return Err(None) };
    let cooling = hearing.broken_glass.is_some_and(|broken| now < broken.plus(COOL_DOWN));
    if playbook == Playbook::Never {
        Err(None)
    } else if cooling {
        Err(Some(Refusal::CoolingDown))
    } else if ![first].into_iter().chain(names).any(|name| hearing.drilled.contains(name)) {
        Err(Some(Refusal::NotDrilled))
    } else if playbook == Playbook::DrilledAndNothingBreaks && hearing.replayed != Replayed::Kept {
        Err(Some(Refusal::BreaksEssential))
    } else {
        Ok(())
    }
}

fn people_missing(people: People, order: &Order) -> Vec<Refusal> {
    let said = |role| order.voices().iter().any(|voice| acts_as(voice, role));
    match people {
        People::Nobody => Vec::new(),
        People::One => {
            let anybody = Role::ALL.into_iter().any(said);
            if anybody { Vec::new() } else { vec![Refusal::ApproverMissing] }
        }
        People::SecurityAndClinical => {
            [(Role::Security, Refusal::SecurityMissing), (Role::Clinical, Refusal::ClinicalMissing)]
                .into_iter()
                .filter_map(|(role, refusal)| (!said(role)).then_some(refusal))
                .collect()
        }
    }
}

fn acts_as(voice: &Voice, role: Role) -> bool {
    matches!(&voice.by, Actor::Person(_, own, _) if *own == role)
}

/// Whether the bedside's word was fresh when the device was first cut off, or is now.
fn confirmed(order: &Order, now: Moment) -> bool {
    let until = order.begun().unwrap_or(now);
    order.bedside().is_some_and(|voice| until <= voice.at.plus(BEDSIDE_FRESH))
}

/// Whether the order may hold a life-sustaining device in use at `isolate`: no playbook can speak
/// for that, so its voices alone decide.
pub(super) fn isolates(order: &Order, now: Moment) -> bool {
    let facts = Facts { criticality: None, usage: None };
    let hearing =
        Hearing { drilled: &BTreeSet::new(), replayed: Replayed::Unknown, broken_glass: None };
    satisfied(required(facts, Level::Isolate), order, hearing, now)
}
