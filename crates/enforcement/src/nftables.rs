//! The kernel's nftables as an enforcement point: one table of our own, changed in one transaction,
//! proved before and after.
//!
//! Refuses to touch anybody else's rules, to leave a moment without old or new rules, and to
//! believe: what the kernel holds is read back and proved to mean what the plans mean.

mod compile;
mod kernel;
mod model;
mod point;
mod proof;
mod read;
mod text;

#[cfg(test)]
mod tests;

use decisions::containment::plan::Plan;

pub use kernel::{Kernel, Nft, NftError};
pub use model::Ruleset;
pub use point::NftablesPoint;
pub use proof::Contradiction;
pub use read::Foreign;

/// The name of our table, in the family `bridge`.
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
pub fn apply(kernel: &mut dyn Kernel, plans: &[Plan]) -> Result<Receipt, Error> {
    let wanted = compile::compile(plans);
    let classes = proof::prove(&wanted, plans).map_err(Error::Compiled)?;
    // What somebody else wrote into our table is replaced with the rest of it.
    let held = read::held(&kernel.list()?).ok().map(Option::unwrap_or_default);
    let Some(transaction) = text::transaction(held.as_ref(), &wanted) else {
        return Ok(Receipt { changed: false, classes });
    };
    kernel.run(&transaction)?;
    let now = read::held(&kernel.list()?).map_err(Error::Changed)?.unwrap_or_default();
    match proof::prove(&now, plans) {
        Ok(after) => Ok(Receipt { changed: true, classes: classes + after }),
        Err(contradiction) => {
            if let Some(back) = text::transaction(None, &held.unwrap_or_default()) {
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
pub fn preview(plans: &[Plan]) -> Result<(String, usize), Contradiction> {
    let wanted = compile::compile(plans);
    let classes = proof::prove(&wanted, plans)?;
    Ok((text::transaction(Some(&Ruleset::default()), &wanted).unwrap_or_default(), classes))
}

/// Whether the kernel holds exactly these plans; `None` where it does, else what is wrong.
///
/// # Errors
/// Where the kernel does not answer.
pub fn drift(kernel: &mut dyn Kernel, plans: &[Plan]) -> Result<Option<String>, Error> {
    let held = match read::held(&kernel.list()?) {
        Ok(held) => held.unwrap_or_default(),
        Err(foreign) => return Ok(Some(foreign.to_string())),
    };
    Ok(proof::prove(&held, plans).err().map(|contradiction| contradiction.to_string()))
}
