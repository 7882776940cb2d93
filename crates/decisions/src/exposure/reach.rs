//! How far a statement about a package reaches that names no product which holds it.
//!
//! Refuses to clear one product by a reason that depends on another: that code is never run is
//! true of a program, not of the library in it.

use domain::advisory::Status;

/// What a stated reason is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ground {
    /// The package's own code: it holds wherever the package is.
    Code,
    /// How a product uses or guards the package.
    Use,
    /// Nothing that a machine can tell.
    Unsaid,
}

/// What a reason is about, by its label (OpenVEX 0.2.0, "Status Justifications"; CSAF 2.0, section
/// 3.2.3.5; ECMA-424, `analysis.justification`).
pub(super) fn ground(justification: Option<&str>) -> Ground {
    match justification.map(|label| label.trim().to_ascii_lowercase()).as_deref() {
        Some("component_not_present" | "vulnerable_code_not_present" | "code_not_present") => {
            Ground::Code
        }
        Some(
            "vulnerable_code_not_in_execute_path"
            | "vulnerable_code_cannot_be_controlled_by_adversary"
            | "inline_mitigations_already_exist"
            | "code_not_reachable"
            | "requires_configuration"
            | "requires_dependency"
            | "requires_environment"
            | "protected_by_compiler"
            | "protected_at_runtime"
            | "protected_at_perimeter"
            | "protected_by_mitigating_control",
        ) => Ground::Use,
        _ => Ground::Unsaid,
    }
}

/// Whether the statement names the very version that the package has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// It does.
    Named,
    /// It is about all versions, or says none.
    Any,
}

/// Why a statement about a package alone is not applied to what holds the package; `None` where it
/// is. What accuses always is.
pub(super) fn refusal(
    status: Status,
    justification: Option<&str>,
    version: Version,
) -> Option<&'static str> {
    match (status, version, ground(justification)) {
        (Status::Affected | Status::UnderInvestigation, ..) => None,
        (Status::NotAffected, _, Ground::Use) => Some(
            "it speaks of the package alone, and its reason depends on the product that uses it",
        ),
        (Status::NotAffected, _, Ground::Unsaid) => {
            Some("it speaks of the package alone, and gives no reason that holds in every product")
        }
        (_, Version::Any, _) => Some("it speaks of the package alone, and names no version of it"),
        (Status::NotAffected, Version::Named, Ground::Code) | (Status::Fixed, ..) => None,
    }
}
