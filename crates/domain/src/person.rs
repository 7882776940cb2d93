//! People who use the program, what they are there for, and what a program may do in their name.
//!
//! Refuses to say who may do what: one table does, in `presentation::sign_in::rights`.

use std::fmt;

use crate::order::Role;
use crate::text::Text;

/// A person, by an id that stays when everything else of them changes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PersonId(pub Text);

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What a person is there for. One may have several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Duty {
    /// Answers for something in the interlock.
    Acts(Role),
    /// Keeps people and settings.
    Administers,
    /// Sees and does nothing: buyers, executives.
    Reads,
}

impl Duty {
    /// Every duty.
    pub const ALL: [Self; 5] = [
        Self::Acts(Role::Security),
        Self::Acts(Role::Clinical),
        Self::Acts(Role::Biomedical),
        Self::Administers,
        Self::Reads,
    ];

    /// As commands and outputs write it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Acts(role) => role.text(),
            Self::Administers => "administrator",
            Self::Reads => "reader",
        }
    }

    /// The duty of that name.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|duty| duty.text() == text)
    }

    /// The role that it gives in the interlock, if it gives one.
    #[must_use]
    pub fn role(self) -> Option<Role> {
        match self {
            Self::Acts(role) => Some(role),
            Self::Administers | Self::Reads => None,
        }
    }
}

impl fmt::Display for Duty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}

/// What a program may do that comes with a token of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// See devices, findings, orders; export them.
    Read,
    /// Read what was done and by whom.
    ReadAudit,
    /// Bring documents: inventories, SBOMs, advisories.
    WriteDocuments,
    /// Decide about findings.
    WriteFindings,
    /// Ask for a containment. To answer is for people.
    RequestOrders,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 5] = [
        Self::Read,
        Self::ReadAudit,
        Self::WriteDocuments,
        Self::WriteFindings,
        Self::RequestOrders,
    ];

    /// As commands and outputs write it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::ReadAudit => "audit.read",
            Self::WriteDocuments => "documents.write",
            Self::WriteFindings => "findings.write",
            Self::RequestOrders => "orders.request",
        }
    }

    /// The scope of that name.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.text() == text)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::{Duty, Scope};

    #[test]
    fn every_word_is_read_as_it_is_written() {
        for duty in Duty::ALL {
            assert_eq!(Duty::read(duty.text()), Some(duty));
        }
        for scope in Scope::ALL {
            assert_eq!(Scope::read(scope.text()), Some(scope));
        }
        assert_eq!(Duty::read("Administrator"), None);
    }
}
