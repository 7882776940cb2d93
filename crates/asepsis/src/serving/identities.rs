//! A provider of identities is asked over the network by this alone.
//!
//! Refuses addresses within the own network that whoever runs the program has not named, whatever
//! the provider says of itself, and every redirect.

use collectors::outward::fetch::{Asked, fetch};
use collectors::outward::{OutwardError, Place, Range, Reach, System, tls};
use presentation::sign_in::oidc::{LONGEST, Question, Web};

/// By which option its addresses are named.
const OPTION: &str = "--sign-in-may-reach";

/// What may be reached: what is public, and those ranges.
pub(crate) fn reach(named: Vec<Range>) -> Reach {
    Reach::new(named).named_by(OPTION)
}

/// Asks within what may be reached.
pub(crate) struct Asker {
    reach: Reach,
}

impl Asker {
    pub(crate) fn new(reach: Reach) -> Self {
        Self { reach }
    }
}

fn place(address: &str) -> Result<Place, String> {
    let place: Place = address.parse().map_err(|error: OutwardError| error.to_string())?;
    if place.scheme().is_http() { Ok(place) } else { Err(format!("`{place}` is no page")) }
}

impl Web for Asker {
    fn check(&self, address: &str, authority: &str) -> Result<(), String> {
        place(address)?;
        if !authority.is_empty() {
            tls::authority(authority).map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    fn ask(&self, question: &Question<'_>) -> Result<(u16, Vec<u8>), String> {
        let place = place(question.address)?;
        let mut fields = vec![("accept", "application/json")];
        if let Some(authorization) = question.authorization {
            fields.push(("authorization", authorization));
        }
        if question.form.is_some() {
            fields.push(("content-type", "application/x-www-form-urlencoded"));
        }
        let asked = Asked {
            place: &place,
            authority: question.authority,
            fields: &fields,
            body: question.form.map(str::as_bytes),
            most: LONGEST,
            within: question.within,
        };
        let page = fetch(&asked, (&self.reach, &System)).map_err(|error| error.to_string())?;
        Ok((page.status, page.body))
    }
}
