//! A person who may act: by an account of this machine, or by the console for whom it speaks.
//!
//! Refuses to choose a role where several would do: who acts says in which.

use std::collections::BTreeSet;

use domain::order::{Actor, Door, Role};
use domain::text::Text;

/// A person who may act, and as what.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) name: Text,
    pub(crate) roles: BTreeSet<Role>,
    /// By which way the person came.
    pub(crate) door: Door,
}

impl Account {
    /// The person, in the role that was named, or in the only one that fits.
    ///
    /// # Errors
    /// In words, where the role is not theirs or several would do.
    pub(crate) fn acts(&self, named: Option<&str>, fitting: &[Role]) -> Result<Actor, String> {
        let own = || self.roles.iter().map(|role| role.text()).collect::<Vec<_>>().join(", ");
        if let Some(named) = named {
            let role = Role::read(named).filter(|role| self.roles.contains(role));
            let role = role.ok_or_else(|| {
                format!("{} may not act as `{named}`, but as {}", self.name, own())
            })?;
            return Ok(Actor::Person(self.name.clone(), role, self.door));
        }
        let mut fit = self.roles.iter().filter(|role| fitting.contains(role));
        // Where none fits, the rules say why this role does not do.
        let role = fit.next().or(self.roles.first());
        if fit.next().is_some() {
            return Err(format!("{} may act as {}: say which with --as", self.name, own()));
        }
        let role = role.ok_or_else(|| format!("{} has no role in the configuration", self.name))?;
        Ok(Actor::Person(self.name.clone(), *role, self.door))
    }
}
