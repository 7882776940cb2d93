//! CVSS vectors of versions 2.0, 3.0, 3.1 and 4.0, and the scores computed from them.
//!
//! Refuses to take a score from a document: a stated score is only ever compared with ours.

/// What a vector's metrics say, with the scores computed from them.
#[derive(Debug, Clone, PartialEq)]
pub struct Severity {
    /// `2.0`, `3.0`, `3.1` or `4.0`.
    pub version: &'static str,
    /// Base score, 0.0 to 10.0 (4.0: CVSS-B).
    pub base: f64,
    /// Base with threat (temporal) metrics, where any is given.
    pub threat: Option<f64>,
    /// Base with threat and environmental metrics, where any environmental one is given.
    pub environmental: Option<f64>,
}
