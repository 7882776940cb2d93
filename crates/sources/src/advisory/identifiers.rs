//! CPE names and package URLs where advisories give them: one that is none is told and left out.
//!
//! Refuses to repair: a repaired name could be another product's.

use domain::cpe::Cpe;
use domain::problem::{Code, Loss};
use domain::purl::Purl;

use crate::json::{Path, Taker, Value};

/// A CPE name (NISTIR 7695).
pub(super) fn read_cpe(taker: &mut Taker, value: Value<'_>, path: &Path<'_>) -> Option<Cpe> {
    let text = taker.borrowed(value, path)?;
    match Cpe::parse(text.trim()) {
        Ok(cpe) => Some(cpe),
        Err(error) => {
            let lost = (Code::IdentifierBadCpe, Loss::Field);
            taker.tell(lost, value, path, format!("a CPE name ({error})"));
            None
        }
    }
}

/// A package URL (ECMA-427).
pub(super) fn read_purl(taker: &mut Taker, value: Value<'_>, path: &Path<'_>) -> Option<Purl> {
    let text = taker.borrowed(value, path)?;
    match Purl::parse(text.trim()) {
        Ok(purl) => Some(purl),
        Err(error) => {
            let lost = (Code::IdentifierBadPurl, Loss::Field);
            taker.tell(lost, value, path, format!("a package URL ({error})"));
            None
        }
    }
}
