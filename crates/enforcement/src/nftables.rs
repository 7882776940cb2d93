//! The kernel's nftables as an enforcement point, on a bridge or on a router: one table of our own,
//! changed in one transaction, proved before and after.
//!
//! Refuses to touch anybody else's rules, to leave a moment without old or new rules, and to
//! believe: what the kernel holds is read back and proved to mean what the plans mean.

mod layout;
mod chains;
mod compile;
mod frame;
mod model;
mod proof;
mod text;
mod read;
mod netlink;
mod kernel;
mod point;

#[cfg(test)]
mod tests;

use decisions::containment::plan::Plan;

pub use kernel::{Kernel, Listed, Nft, NftError};
pub use layout::Place;
pub use model::Ruleset;
pub use point::NftablesPoint;
pub use proof::Contradiction;
pub use read::Foreign;

use proof::Proved;

/// The name of our table, in the family of the place.
pub const TABLE: &str = "asepsis";

/// Why an act did not come to a proved end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The kernel, or the program that speaks to it, failed.
    #[error(transparent)]
    Kernel(#[from] NftError),
    /// What was compiled does not mean what the plan means: a fault of ours, and nothing was done.
    #[error("refused before anything was done: {0}")]
    Compiled(Contradiction),
    /// What the kernel holds does not mean what the plans mean; what was there before was put back.
    #[error("the kernel does not hold what was sent: {0}")]
    Held(Contradiction),
    /// In our table stands what we never wrote.
    #[error("the table `{TABLE}` was changed by somebody else: {0}")]
    Changed(Foreign),
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// Whether anything had to be changed.
    pub changed: bool,
    /// How many classes of packets were proved, before and after.
    pub classes: usize,
}

/// Makes the kernel hold exactly these plans, and proves that it does. Doing it again changes
/// nothing.
///
/// # Errors
/// As [`Error`] says. After an error the kernel holds what it held before, as far as it answers.
pub fn apply(kernel: &mut dyn Kernel, place: Place, plans: &[Plan]) -> Result<Receipt, Error> {
    let mut proved = Proved::default();
    let wanted = compile::compile(place, plans);
    let classes = proof::prove(place, &wanted, plans, &mut proved).map_err(Error::Compiled)?;
    let (changed, after) = hold(kernel, place, plans, &wanted, &mut proved)?;
    Ok(Receipt { changed, classes: classes + after })
}

/// Makes the kernel hold what was compiled and proved. Says whether anything had to be changed, and
/// how many classes were proved of what it holds now.
fn hold(
    kernel: &mut dyn Kernel,
    place: Place,
    plans: &[Plan],
    wanted: &Ruleset,
    proved: &mut Proved,
) -> Result<(bool, usize), Error> {
    // What somebody else wrote into our table is replaced with the rest of it.
    let held = read::held(&kernel.list(place)?).ok().map(Option::unwrap_or_default);
    let Some(transaction) = text::transaction(place, held.as_ref(), wanted) else {
        return Ok((false, 0));
    };
    kernel.run(&transaction)?;
    let now = read::held(&kernel.list(place)?).map_err(Error::Changed)?.unwrap_or_default();
    match proof::prove(place, &now, plans, proved) {
        Ok(after) => Ok((true, after)),
        Err(contradiction) => {
            // What was not understood can't be put back; what is there is better than nothing.
            let back = held.and_then(|held| text::transaction(place, Some(&now), &held));
            if let Some(back) = back {
                kernel.run(&back)?;
            }
            Err(Error::Held(contradiction))
        }
    }
}

/// The transaction that would make an empty kernel hold these plans, and how many classes of
/// packets were proved. Nothing is done.
///
/// # Errors
/// Where what was compiled does not mean what the plans mean.
pub fn preview(place: Place, plans: &[Plan]) -> Result<(String, usize), Contradiction> {
    let wanted = compile::compile(place, plans);
    let classes = proof::prove(place, &wanted, plans, &mut Proved::default())?;
    let transaction = text::transaction(place, Some(&Ruleset::default()), &wanted);
    Ok((transaction.unwrap_or_default(), classes))
}

/// Whether the kernel holds exactly these plans; `None` where it does, else what is wrong.
///
/// # Errors
/// Where the kernel does not answer.
pub fn drift(
    kernel: &mut dyn Kernel,
    place: Place,
    plans: &[Plan],
) -> Result<Option<String>, Error> {
    differs(kernel, place, plans, &mut Proved::default())
}

fn differs(
    kernel: &mut dyn Kernel,
    place: Place,
    plans: &[Plan],
    proved: &mut Proved,
) -> Result<Option<String>, Error> {
    let held = match read::held(&kernel.list(place)?) {
        Ok(held) => held.unwrap_or_default(),
        Err(foreign) => return Ok(Some(foreign.to_string())),
    };
    let outcome = proof::prove(place, &held, plans, proved);
    Ok(outcome.err().map(|contradiction| contradiction.to_string()))
}
