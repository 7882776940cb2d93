//! What a device most likely is: from what it does, and from the words in its names.
//!
//! Refuses to be surer than its signs: a deed alone or a word alone is fair, both together strong.

use std::collections::BTreeSet;

use domain::network::Moment;
use domain::text::Text;

use super::claim::named;
use super::{Attribute, Claim, Confidence, Known, Origin};

named! {
    /// What a device is for.
    Kind:
    InfusionPump "infusion pump" "Gives drugs or food.";
    PatientMonitor "patient monitor" "Watches a patient and alarms.";
    Ventilator "ventilator" "Breathes for a patient.";
    Modality "imaging modality" "Makes images.";
    Archive "image archive" "Keeps images.";
    Worklist "worklist provider" "Says what is to be done for whom.";
    Gateway "integration gateway" "Passes clinical messages on.";
    ClinicalSystem "clinical system" "Takes clinical messages: records, a central station.";
    LibraryServer "library server" "Gives out drug libraries and configurations.";
    FileServer "file server" "Shares files.";
    NetworkServer "network server" "Gives addresses, names or access.";
}

named! {
    /// What a device was seen to do.
    Act:
    SendsMeasurements "sends measurements" "It begins HL7 observations.";
    SendsAlarms "sends alarms" "It begins HL7 alarms.";
    TakesMessages "takes messages" "It acknowledges HL7 messages.";
    PassesOn "passes on" "It sends what it received.";
    SendsImages "sends images" "It begins DICOM stores.";
    KeepsImages "keeps images" "It answers DICOM stores.";
    ServesWorklist "serves worklists" "It answers DICOM worklist queries.";
    FetchesLibrary "fetches a library" "It asks for a library by HTTP.";
    ServesLibrary "serves a library" "It is asked for a library by HTTP.";
    SharesFiles "shares files" "It lets in over SMB.";
    GivesLeases "gives addresses" "It answers DHCP.";
    AnswersNames "answers names" "It answers DNS.";
}

impl Kind {
    /// Whether it treats, watches or examines patients itself.
    #[must_use]
    pub fn is_medical(self) -> bool {
        matches!(
            self,
            Self::InfusionPump | Self::PatientMonitor | Self::Ventilator | Self::Modality
        )
    }
}

/// Words that makers and hospitals put into names. [`word_of`] says how they have to stand.
const WORDS: [(&str, Kind); 26] = [
    ("pump", Kind::InfusionPump),
    ("infus", Kind::InfusionPump),
    ("syringe", Kind::InfusionPump),
    ("pcu", Kind::InfusionPump),
    ("monitor", Kind::PatientMonitor),
    ("bedside", Kind::PatientMonitor),
    ("vitals", Kind::PatientMonitor),
    ("ecg", Kind::PatientMonitor),
    ("ventilat", Kind::Ventilator),
    ("respirator", Kind::Ventilator),
    ("ct", Kind::Modality),
    ("mr", Kind::Modality),
    ("us", Kind::Modality),
    ("xray", Kind::Modality),
    ("scanner", Kind::Modality),
    ("pacs", Kind::Archive),
    ("archive", Kind::Archive),
    ("orthanc", Kind::Archive),
    ("worklist", Kind::Worklist),
    ("ris", Kind::Worklist),
    ("gateway", Kind::Gateway),
    ("mirth", Kind::Gateway),
    ("ehr", Kind::ClinicalSystem),
    ("his", Kind::ClinicalSystem),
    ("central", Kind::ClinicalSystem),
    ("library", Kind::LibraryServer),
];

/// Judges one device.
pub(super) fn of(known: &Known) -> Option<(Kind, Claim)> {
    let deed = by_deeds(&known.acts);
    let word = by_words(known);
    let (kind, confidence, evidence) = match (deed, &word) {
        (Some((deed, why)), Some((word, _))) if deed == *word => (deed, Confidence::Strong, why),
        // A pump that only sends measurements does what a monitor does, too: its name decides.
        (Some((deed, why)), Some((word, _))) if is_refined(deed, *word) => {
            (*word, Confidence::Fair, why)
        }
        (Some((deed, why)), _) => (deed, Confidence::Fair, why),
        (None, Some((word, _))) => (*word, Confidence::Weak, "a word in its names"),
        (None, None) => return None,
    };
    let seen = known.seen.unwrap_or((Moment(0), Moment(0)));
    let value = word.map_or_else(Text::default, |(_, name)| name);
    Some((kind, Claim { value, origin: Origin::Itself, confidence, evidence, times: 1, seen }))
}

/// What it does, the most telling first.
fn by_deeds(acts: &BTreeSet<Act>) -> Option<(Kind, &'static str)> {
    let does = |act| acts.contains(&act);
    let rules: [(bool, Kind, &'static str); 11] = [
        (does(Act::GivesLeases), Kind::NetworkServer, "it gives addresses"),
        (does(Act::AnswersNames), Kind::NetworkServer, "it answers names"),
        // Archives serve worklists, too; who only serves them keeps no images.
        (does(Act::KeepsImages), Kind::Archive, "it keeps images"),
        (does(Act::ServesWorklist), Kind::Worklist, "it serves worklists"),
        (does(Act::SendsImages), Kind::Modality, "it sends images"),
        (does(Act::PassesOn), Kind::Gateway, "it passes on what it received"),
        (does(Act::TakesMessages), Kind::ClinicalSystem, "it takes clinical messages"),
        (does(Act::SendsAlarms), Kind::PatientMonitor, "it sends alarms"),
        (
            does(Act::SendsMeasurements) && does(Act::FetchesLibrary),
            Kind::InfusionPump,
            "it sends measurements and fetches a library",
        ),
        (does(Act::SendsMeasurements), Kind::PatientMonitor, "it sends measurements"),
        (does(Act::ServesLibrary), Kind::LibraryServer, "it serves a library"),
    ];
    let found = rules.into_iter().find(|(met, ..)| *met).map(|(_, kind, why)| (kind, why));
    found.or_else(|| does(Act::SharesFiles).then_some((Kind::FileServer, "it shares files")))
}

/// Whether a name may say more exactly what the deed leaves open.
fn is_refined(deed: Kind, word: Kind) -> bool {
    use Kind::{ClinicalSystem, Gateway, InfusionPump, PatientMonitor, Ventilator};
    matches!((deed, word), (PatientMonitor, InfusionPump | Ventilator) | (ClinicalSystem, Gateway))
}

/// The first word of the surest names that is known.
fn by_words(known: &Known) -> Option<(Kind, Text)> {
    const NAMING: [Attribute; 5] = [
        Attribute::VendorClass,
        Attribute::HostName,
        Attribute::ApplicationEntity,
        Attribute::Application,
        Attribute::Software,
    ];
    NAMING.iter().find_map(|attribute| {
        let names = known.claims.iter().filter(|((of, _), _)| of == attribute);
        names.map(|((_, name), _)| name).find_map(|name| {
            let kind = word_of(&name.to_ascii_lowercase())?;
            Some((kind, name.clone()))
        })
    })
}

/// Short words have to be whole; longer ones may begin or end one: `smartpump`.
fn word_of(name: &str) -> Option<Kind> {
    let words = || name.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty());
    let fits = |word: &str, known: &str| match known.len() {
        ..=3 => word == known,
        _ => word.starts_with(known) || word.ends_with(known),
    };
    WORDS.iter().find(|(known, _)| words().any(|word| fits(word, known))).map(|(_, kind)| *kind)
}
