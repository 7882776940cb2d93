//! The first thing to do about a device, in one sentence that the people who do it understand.
//!
//! Refuses to send anyone to switch off or cut off a device: it says to *contain* it, which leaves
//! what its patient needs; whether to do more is for people, with what they see at the bedside.

use domain::advisory::Remediation;
use domain::bounded::quote;
use domain::date::Date;
use domain::device::{Criticality, Use};

use super::{Decision, DeviceInputs, Exposure};
use crate::exposure::Verdict;

/// What the maker offers, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remedy<'r> {
    /// A fix, in the maker's words.
    Fix(&'r str),
    /// Something that lessens it, in the maker's words.
    Workaround(&'r str),
    /// None will come.
    NoneComing,
    /// None yet.
    NoneYet,
    /// Nothing is known.
    Unknown,
}

impl<'r> Remedy<'r> {
    /// The best of what documents state (CSAF 2.0, section 3.2.3.12.1, `category`).
    #[must_use]
    pub fn best(stated: impl IntoIterator<Item = &'r Remediation>) -> Self {
        Self::best_of(stated).map_or(Self::Unknown, Self::of)
    }

    /// The statement that is the best; of several of a kind the first.
    #[must_use]
    pub fn best_of(stated: impl IntoIterator<Item = &'r Remediation>) -> Option<&'r Remediation> {
        stated.into_iter().min_by_key(|remedy| Self::of(remedy).place())
    }

    /// What one statement offers.
    #[must_use]
    pub fn of(remedy: &'r Remediation) -> Self {
        match remedy.kind.as_str() {
            "vendor_fix" => Self::Fix(&remedy.details),
            "mitigation" | "workaround" => Self::Workaround(&remedy.details),
            "none_available" => Self::NoneYet,
            "no_fix_planned" => Self::NoneComing,
            _ => Self::Unknown,
        }
    }

    /// Its place among remedies: 0 is the best.
    #[must_use]
    pub fn place(self) -> u8 {
        match self {
            Self::Fix(_) => 0,
            Self::Workaround(_) => 1,
            Self::NoneComing => 2,
            Self::NoneYet => 3,
            Self::Unknown => 4,
        }
    }
}

/// Whether the maker still supports the device. The caller compares the date: there is no clock
/// here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Support {
    /// It does.
    Supported,
    /// It no longer does.
    Ended,
    /// Not known.
    Unknown,
}

/// What the next action depends on: the device and its worst finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Situation<'s> {
    /// The device.
    pub device: DeviceInputs,
    /// Who makes it.
    pub manufacturer: Option<&'s str>,
    /// Whether it is still supported.
    pub support: Support,
    /// The vulnerability.
    pub vulnerability: &'s str,
    /// Whether it is there.
    pub verdict: Verdict,
    /// What SSVC says, at worst.
    pub decision: Decision,
    /// What the maker offers.
    pub remedy: Remedy<'s>,
}

/// The first thing to do about a device of which nothing is known.
#[must_use]
pub fn idle(support: Support) -> String {
    match support {
        Support::Ended => {
            "No vulnerability of it is known, but its support has ended: plan its replacement"
                .into()
        }
        Support::Supported | Support::Unknown => "No vulnerability of it is known".into(),
    }
}

/// The first thing to do about a device whose worst finding is of a risk that the hospital accepts
/// up to and with a day.
#[must_use]
pub fn accepted(vulnerability: &str, until: Date, support: Support) -> String {
    let sentence =
        format!("Nothing before {until}: the risk of {vulnerability} is accepted so long");
    match support {
        Support::Ended => sentence + "; its support has ended, so plan its replacement",
        Support::Supported | Support::Unknown => sentence,
    }
}

/// The first thing to do about a device for its worst finding.
#[must_use]
pub fn next(situation: &Situation<'_>) -> String {
    let sentence = if situation.verdict == Verdict::Undecided {
        find_out(situation)
    } else {
        remedy(situation)
    };
    let replaced = situation.remedy == Remedy::NoneComing;
    match situation.support {
        Support::Ended if !replaced => {
            sentence + "; its support has ended, so plan its replacement"
        }
        _ => sentence,
    }
}

fn find_out(situation: &Situation<'_>) -> String {
    let Situation { vulnerability, .. } = situation;
    let maker = situation.manufacturer.unwrap_or("its maker");
    let when = match situation.decision {
        Decision::Act | Decision::Attend => "this week",
        Decision::TrackClosely | Decision::Track => "at the next maintenance",
    };
    format!(
        "Find out {when} whether {vulnerability} applies: compare its version with the advisory, or ask {maker}"
    )
}

fn remedy(situation: &Situation<'_>) -> String {
    let Situation { vulnerability, .. } = situation;
    let maker = situation.manufacturer.unwrap_or("its maker");
    let contain = match situation.decision {
        Decision::Act => contain(&situation.device),
        _ => String::new(),
    };
    let when = match situation.decision {
        Decision::Act => at_once(&situation.device),
        Decision::Attend => "before the next maintenance round",
        Decision::TrackClosely | Decision::Track => "at the next maintenance",
    };
    let words = match situation.remedy {
        Remedy::Fix(words) => {
            format!("install the fix for {vulnerability} {when}: {}", clause(words))
        }
        Remedy::Workaround(words) => {
            format!("apply what lessens {vulnerability} {when}: {}", clause(words))
        }
        Remedy::NoneComing => {
            format!("plan its replacement, for {maker} will not fix {vulnerability}")
        }
        Remedy::NoneYet | Remedy::Unknown => match situation.decision {
            Decision::Act => format!("ask {maker} today for a fix for {vulnerability}"),
            Decision::Attend => format!("ask {maker} this week for a fix for {vulnerability}"),
            Decision::TrackClosely => {
                format!("look every week whether {maker} has a fix for {vulnerability}")
            }
            Decision::Track => {
                format!("nothing to do now; look at each maintenance for a fix for {vulnerability}")
            }
        },
    };
    capitalised(&(contain + &words))
}

/// What to do first. A device that is on no network has nothing to be contained to.
fn contain(device: &DeviceInputs) -> String {
    let treats = device.criticality.is_none_or(|role| role >= Criticality::Monitoring);
    match device.exposure {
        Some(Exposure::OffNetwork) => "keep it off every network, and ".to_owned(),
        _ if treats => "contain it now to what its patient needs, and ".to_owned(),
        _ => "contain it now to what care needs of it, and ".to_owned(),
    }
}

/// When work on the device itself can begin. Whether a patient depends on it is unknown more often
/// than not, and unknown is yes.
fn at_once(device: &DeviceInputs) -> &'static str {
    let treats = device.criticality.is_none_or(|role| role >= Criticality::Monitoring);
    match device.usage {
        Some(Use::NotInUse) => "before it is used again",
        _ if treats => "as soon as another unit has taken over at the bedside",
        _ => "as soon as the unit can spare it",
    }
}

/// Words of a document as a part of our sentence: the first of its sentences, on one line.
fn clause(details: &str) -> String {
    let line = details.split_whitespace().collect::<Vec<&str>>().join(" ");
    let first = line.split(". ").next().unwrap_or(&line);
    quote(first.trim_end_matches('.'))
}

fn capitalised(sentence: &str) -> String {
    let mut characters = sentence.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + characters.as_str()
    })
}
