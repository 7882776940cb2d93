//! The words that inventories use as values, and what they mean.
//!
//! Refuses to read a word that is not clear: "high" is no criticality, for it does not say what
//! happens to a patient, and a network's "online" does not say that a patient depends on it.

use std::collections::HashMap;
use std::sync::LazyLock;

use domain::device::{Criticality, Use};

use super::fold;

/// Words for each criticality, after IEC 60601-1 and 21 CFR 860.3 (class III sustains or supports
/// life) and the function classes that maintenance systems took from Fennigkoh and Smith.
#[rustfmt::skip]
pub const CRITICALITIES: &[(Criticality, &[&str])] = &[
    (
        Criticality::LifeSustaining,
        &[
            "life-sustaining", "life support", "life supporting", "life critical", "life-saving",
            "life-supporting or life-sustaining", "life support equipment", "class III", "class 3",
            "FDA class III", "III", "death", "patient death", "potential patient death",
            "lebenserhaltend", "lebenserhaltung", "lebenswichtig", "maintien en vie",
            "support de vie", "soporte vital", "soporte de vida",
        ],
    ),
    (
        Criticality::Therapy,
        &[
            "therapy", "therapeutic", "treatment", "high risk therapy", "high risk therapeutic",
            "therapy device", "surgical", "surgical and intensive care",
            "physical therapy and treatment", "physical therapy", "therapie", "therapeutisch",
            "behandlung", "thérapeutique", "traitement", "terapia", "terapéutico", "tratamiento",
        ],
    ),
    (
        Criticality::Monitoring,
        &[
            "monitoring", "monitor", "patient monitor", "patient monitoring",
            "physiological monitoring", "vital signs monitoring",
            "surgical and intensive care monitoring", "überwachung", "patientenüberwachung",
            "surveillance", "monitorage", "monitorización", "monitoreo",
        ],
    ),
    (
        Criticality::Diagnostic,
        &[
            "diagnostic", "diagnostics", "diagnosis", "imaging", "diagnostic imaging",
            "medical imaging", "laboratory", "analytical", "analytical laboratory", "IVD",
            "in vitro diagnostic", "diagnostik", "diagnostisch", "bildgebung", "labor", "imagerie",
            "laboratoire", "diagnóstico", "laboratorio",
        ],
    ),
    (
        Criticality::Support,
        &[
            "support", "non-patient", "non-patient care", "non-clinical", "no patient impact",
            "not patient related", "administrative", "infrastructure", "unterstützend",
            "nicht patientenbezogen", "kein patientenbezug", "soporte",
        ],
    ),
];

/// Words for whether a unit is in use.
#[rustfmt::skip]
pub const USES: &[(Use, &[&str])] = &[
    (
        Use::InUse,
        &[
            "in use", "yes", "y", "true", "1", "x", "active", "deployed", "in service",
            "operational", "installed", "in operation", "operating", "in production", "live",
            "in clinical use", "on patient", "in betrieb", "in gebrauch", "in nutzung", "aktiv",
            "ja", "j", "wahr", "vrai", "oui", "o", "actif", "en service", "si", "activo", "en uso",
            "en servicio", "verdadero",
        ],
    ),
    (
        Use::NotInUse,
        &[
            "not in use", "no", "n", "false", "0", "inactive", "unused", "spare", "in storage",
            "storage", "stored", "in stock", "stock", "retired", "in repair", "under repair",
            "repair", "in maintenance", "maintenance", "out of service", "out of order",
            "decommissioned", "disposed", "disposed of", "scrapped", "missing", "lost", "stolen",
            "sold", "surplus", "broken", "destroyed", "removed", "on order", "pending install",
            "pending installation", "awaiting installation", "absent", "not installed",
            "nicht in betrieb", "nicht in gebrauch", "außer betrieb", "inaktiv", "nein", "falsch",
            "ausgemustert", "stillgelegt", "eingelagert", "im lager", "lager", "reserve",
            "in reparatur", "reparatur", "in wartung", "defekt", "verschrottet", "non", "faux",
            "inactif", "hors service", "en panne", "réformé", "en réparation", "en réserve",
            "inactivo", "fuera de servicio", "en reparación", "almacenado", "baja", "dado de baja",
            "retirado", "falso",
        ],
    ),
];

/// Words that stand where a value is not known.
#[rustfmt::skip]
pub const BLANKS: &[&str] = &[
    "n/a",
    "#n/a",
    "not available",
    "not applicable",
    "unknown",
    "null",
    "none",
    "nan",
    "tbd",
    "undefined",
    "unassigned",
    "unbekannt",
    "k.a.",
    "keine angabe",
    "inconnu",
    "desconocido",
    "s/d",
];

static CRITICALITY_WORDS: LazyLock<HashMap<String, Criticality>> =
    LazyLock::new(|| by_word(CRITICALITIES));
static USE_WORDS: LazyLock<HashMap<String, Use>> = LazyLock::new(|| by_word(USES));

fn by_word<T: Copy>(table: &[(T, &[&str])]) -> HashMap<String, T> {
    table.iter().flat_map(|(value, words)| words.iter().map(|w| (fold(w), *value))).collect()
}

/// What a criticality's word says; `None` where it is not clear.
#[must_use]
pub fn criticality(text: &str) -> Option<Criticality> {
    CRITICALITY_WORDS.get(&fold(text)).copied()
}

/// Whether a unit is in use; `None` where the word is not clear.
#[must_use]
pub fn usage(text: &str) -> Option<Use> {
    USE_WORDS.get(&fold(text)).copied()
}

/// Yes or no; `None` where it is neither.
#[must_use]
pub fn flag(text: &str) -> Option<bool> {
    match fold(text).as_str() {
        "yes" | "y" | "true" | "1" | "x" | "ja" | "j" | "wahr" | "oui" | "o" | "vrai" | "si"
        | "verdadero" => Some(true),
        "no" | "n" | "false" | "0" | "nein" | "falsch" | "non" | "faux" | "falso" => Some(false),
        _ => None,
    }
}

/// Whether a value says only that it is not known.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    // Most values are longer than any of these words, and are not compared.
    text.len() <= 16
        && (text.chars().all(|c| matches!(c, '-' | '–' | '.' | '?' | '_' | ' '))
            || BLANKS.iter().any(|word| text.eq_ignore_ascii_case(word)))
}

/// A count of units: `3`, `3.0`, `3 units`.
#[must_use]
pub fn count(text: &str) -> Option<u32> {
    let number = text.split_whitespace().next()?;
    let whole = number.strip_suffix(".0").or_else(|| number.strip_suffix(",0")).unwrap_or(number);
    whole.parse().ok()
}
