//! The facts that a base keeps, as [`codec`](super::codec) writes them.
//!
//! Whoever changes a fact changes [`FORMAT`](super::file::FORMAT) with it. Refuses to keep anything
//! but advisories, catalogues of what is exploited, and predictions.

use std::num::NonZeroU32;
use std::sync::Arc;

use domain::advisory::{
    Advisory, Affected, Bound, Configuration, CpeMatch, ExploitPrediction, Exploitation, Feed,
    Involvement, JustificationIndex, KnownExploited, Package, Product, Remediation, Score,
    SsvcInputs, Status, Target, VersionRange, Versions, Vulnerability, VulnerabilityId, detail,
};
use domain::cpe::{Attribute, Cpe, Part, Rest};
use domain::date::Date;
use domain::purl::Purl;
use domain::version::Scheme;

use super::codec::{Broken, Coded, Reader, Writer, choice, names, structure};

structure!(Advisory {
    id,
    feed,
    publisher,
    title,
    updated,
    revision,
    stage,
    language,
    withdrawn,
    vulnerabilities,
    at,
});
structure!(Vulnerability {
    id,
    aliases,
    title,
    description,
    cwes,
    scores,
    ssvc,
    affected,
    justifications,
    remediations,
    involvements,
    at,
});
structure!(Score { vector, stated, origin, applies });
structure!(SsvcInputs { exploitation, automatable, total_impact });
structure!(Affected { status, justification, target, at });
structure!(Package { purl, versions });
structure!(Product {
    vendor,
    name,
    versions,
    purls,
    packages,
    cpes,
    models,
    details,
    component,
    platform,
});
structure!(VersionRange { scheme, from, to });
structure!(CpeMatch { cpe, vulnerable, from, to });
structure!(Remediation { kind, details, url, applies, at });
structure!(Involvement { party, status, summary });
structure!(Purl { kind, namespace, name, version, qualifiers, subpath });
structure!(Cpe { part, vendor, product, version, update, rest });
structure!(KnownExploited { id, added, due, ransomware, action, at });
structure!(ExploitPrediction { id, probability, percentile, at });

names!(Feed { Csaf = 0, Cve = 1, Nvd = 2, Osv = 3, Sbom = 4 });
names!(Exploitation { None = 0, ProofOfConcept = 1, Active = 2 });
names!(Status { Affected = 0, NotAffected = 1, Fixed = 2, UnderInvestigation = 3 });
names!(Part { Application = 0, OperatingSystem = 1, Hardware = 2, Any = 3 });
names!(Scheme {
    Generic = 0,
    Semver = 1,
    Golang = 2,
    Pep440 = 3,
    Deb = 4,
    Rpm = 5,
    Apk = 6,
    Maven = 7,
    Gem = 8,
    Nuget = 9,
    Composer = 10,
});

choice!(Target { ; Package = 0, Configuration = 1, Product = 2 });
choice!(Versions { All = 0, ; One = 1, Range = 2, Text = 3 });
choice!(Bound { Open = 0, ; Including = 1, Excluding = 2 });
choice!(Configuration { ; All = 0, Any = 1, Not = 2, Match = 3 });
choice!(Attribute { Any = 0, NotApplicable = 1, ; Value = 2, Pattern = 3 });

impl Coded for VulnerabilityId {
    fn write(&self, to: &mut Writer) {
        to.text(&self.0);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        from.text().map(Self)
    }
}

impl Coded for JustificationIndex {
    fn write(&self, to: &mut Writer) {
        self.number().write(to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        NonZeroU32::read(from).map(Self::from)
    }
}

impl Coded for Arc<Product> {
    fn write(&self, to: &mut Writer) {
        if !to.known(Arc::as_ptr(self).addr()) {
            (**self).write(to);
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        from.shared(|from| Product::read(from).map(Product::into_shared))
    }
}

/// The kind of a detail.
impl Coded for &'static str {
    fn write(&self, to: &mut Writer) {
        to.text(self);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        detail(&from.text()?).ok_or(Broken("a kind of detail is not known"))
    }
}

impl Coded for Box<str> {
    fn write(&self, to: &mut Writer) {
        to.text(self);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        from.text().map(|text| text.as_str().into())
    }
}

impl Coded for Rest {
    fn write(&self, to: &mut Writer) {
        let is_said = self.iter().any(|attribute| *attribute != Attribute::Any);
        is_said.write(to);
        if is_said {
            self.iter().for_each(|attribute| attribute.write(to));
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        if !bool::read(from)? {
            return Ok(Self::default());
        }
        let mut attributes: [Attribute; 6] = Default::default();
        for attribute in &mut attributes {
            *attribute = Coded::read(from)?;
        }
        Ok(attributes.into())
    }
}

impl Coded for Date {
    fn write(&self, to: &mut Writer) {
        to.raw(&self.year().to_le_bytes());
        to.raw(&self.month().to_le_bytes());
        to.raw(&self.day().to_le_bytes());
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let bytes: [u8; 4] = from.raw(4)?.try_into().map_err(|_| Broken("it ends too early"))?;
        let [low, high, month, day] = bytes;
        let year = i16::from_le_bytes([low, high]);
        let [month, day] = [month, day].map(u8::cast_signed);
        Self::new(year, month, day).map_err(|_| Broken("no day of the calendar"))
    }
}

/// A fact as bytes.
pub(crate) fn encode<T: Coded>(fact: &T, writer: &mut Writer) -> Vec<u8> {
    fact.write(writer);
    writer.take()
}

/// A fact from bytes, all of them.
///
/// # Errors
/// Where they are none, or more than one.
pub(crate) fn decode<T: Coded>(bytes: &[u8]) -> Result<T, Broken> {
    let mut reader = Reader::new(bytes);
    let fact = T::read(&mut reader)?;
    reader.is_done().then_some(fact).ok_or(Broken("more follows"))
}
