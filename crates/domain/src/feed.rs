//! Kinds of sources of what is known of vulnerabilities, and after how long each is due again.
//!
//! Refuses to say where they are and how they are asked.

/// A kind of source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Predictions of exploitation (EPSS), made anew each day.
    Epss,
    /// The catalogue of what is exploited (CISA KEV).
    Kev,
    /// The National Vulnerability Database.
    Nvd,
    /// The CVE list.
    Cve,
    /// Advisories of makers and coordinators (CSAF).
    Csaf,
    /// Open source vulnerabilities (OSV).
    Osv,
    /// What makers say of their products (VEX).
    Vex,
    /// What products are made of (SBOM).
    Sbom,
}

impl Kind {
    /// After how many days without anything new from there it is old: twice to three times as long
    /// as such a source usually takes to change.
    #[must_use]
    pub const fn due_days(self) -> i64 {
        match self {
            Self::Epss => 2,
            Self::Kev => 3,
            Self::Nvd | Self::Cve | Self::Osv => 7,
            Self::Csaf => 14,
            Self::Vex => 30,
            Self::Sbom => 90,
        }
    }
}
