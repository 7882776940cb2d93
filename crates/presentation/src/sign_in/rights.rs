//! The one place that says who may do what.
//!
//! A right is what somebody may ask for; what then happens to a device, the interlock says on top
//! of it (`decisions::containment`). Refuses what the table does not allow, whoever asks.

use std::collections::BTreeSet;

use domain::order::Role;
use domain::person::{Duty, PersonId, Scope};

/// How long ago a person may have proved to be there for what asks for it: a quarter of an hour, in
/// milliseconds.
pub const FRESH_MS: i64 = 15 * 60 * 1_000;

const SECURITY: Duty = Duty::Acts(Role::Security);
const CLINICAL: Duty = Duty::Acts(Role::Clinical);
const BIOMEDICAL: Duty = Duty::Acts(Role::Biomedical);

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// A person who has signed in.
    Person(Signed),
    /// A program, with a token.
    Program(Holder),
}

/// A person who has signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Their id.
    pub id: PersonId,
    /// The name by which they sign in.
    pub name: String,
    /// What they are there for.
    pub duties: BTreeSet<Duty>,
    /// What is still to be done before anything else.
    pub pending: Option<Pending>,
    /// When they last proved to be there, in milliseconds since 1970.
    pub confirmed_ms: i64,
}

/// What a person still has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pending {
    /// Give the second factor.
    SecondFactor,
    /// Choose a password that nobody else knows.
    Password,
}

/// A program that has shown a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// In whose name it acts.
    pub owner: PersonId,
    /// The name by which its owner signs in.
    pub owner_name: String,
    /// What its owner is there for: a token does not do what its owner may not.
    pub duties: BTreeSet<Duty>,
    /// What the token is called.
    pub token: String,
    /// What may be done with it.
    pub scopes: BTreeSet<Scope>,
}

impl Who {
    /// As the audit chain writes it.
    #[must_use]
    pub fn actor(&self) -> String {
        match self {
            Self::Person(person) => person.name.clone(),
            Self::Program(program) => format!("{} by {}", program.owner_name, program.token),
        }
    }

    /// The person who answers for it.
    #[must_use]
    pub fn person(&self) -> &PersonId {
        match self {
            Self::Person(person) => &person.id,
            Self::Program(program) => &program.owner,
        }
    }

    /// The name by which the person signs in who answers for it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Person(person) => &person.name,
            Self::Program(program) => &program.owner_name,
        }
    }

    /// What they are there for, or the owner of their token.
    #[must_use]
    pub fn duties(&self) -> &BTreeSet<Duty> {
        match self {
            Self::Person(person) => &person.duties,
            Self::Program(program) => &program.duties,
        }
    }
}

/// How sure it has to be that the person is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// They have signed in.
    SignedIn,
    /// They have proved it within [`FRESH_MS`].
    Fresh,
    /// A patient may wait for it: they have signed in, and nothing else is asked.
    Urgent,
}

impl Presence {
    /// As the page of rights writes it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::SignedIn => "signed in",
            Self::Fresh => "confirmed anew",
            Self::Urgent => "signed in; nothing else is asked",
        }
    }
}

/// The catalogue, one right a line.
macro_rules! rights {
    ($($name:ident $text:literal $meaning:literal $presence:ident [$($duty:ident)*];)*) => {
        /// What may be asked for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Right {
            $(#[doc = $meaning] $name),*
        }

        impl Right {
            /// Every right.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its name.
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// What it allows.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning),* }
            }

            /// How sure it has to be that the person is there.
            pub fn presence(self) -> Presence {
                match self { $(Self::$name => Presence::$presence),* }
            }

            /// Whose it is.
            pub fn duties(self) -> &'static [Duty] {
                match self { $(Self::$name => &[$($duty),*]),* }
            }
        }
    };
}

const ADMINISTRATOR: Duty = Duty::Administers;
const READER: Duty = Duty::Reads;

rights! {
    SeeDevices "devices.see" "See devices, findings and what the network shows" SignedIn [SECURITY CLINICAL BIOMEDICAL ADMINISTRATOR READER];
    SeeOrders "orders.see" "See orders, plans and what became of them" SignedIn [SECURITY CLINICAL BIOMEDICAL ADMINISTRATOR READER];
    Export "export" "Take lists and reports away" SignedIn [SECURITY BIOMEDICAL ADMINISTRATOR READER];
    SeeAudit "audit.see" "Read what was done and by whom" SignedIn [SECURITY ADMINISTRATOR];
    UploadDocuments "documents.upload" "Bring inventories, SBOMs and advisories" SignedIn [SECURITY BIOMEDICAL];
    JudgeFindings "findings.judge" "Decide about findings" SignedIn [SECURITY BIOMEDICAL];
    ProposeFlows "flows.propose" "Propose what care needs of a model" SignedIn [SECURITY CLINICAL BIOMEDICAL];
    ConfirmFlows "flows.confirm" "Confirm or amend what care needs of a model" Fresh [CLINICAL BIOMEDICAL];
    RequestOrder "orders.request" "Ask for a containment" SignedIn [SECURITY CLINICAL BIOMEDICAL];
    AnswerOrder "orders.answer" "Say yes or no to a containment" Fresh [SECURITY CLINICAL BIOMEDICAL];
    ConfirmSubstitute "orders.confirm-substitute" "Confirm at the bedside that a substitute is running" Fresh [CLINICAL];
    RenewOrder "orders.renew" "Give an order more time" Fresh [SECURITY CLINICAL BIOMEDICAL];
    LiftOrder "orders.lift" "End an order" Fresh [SECURITY CLINICAL BIOMEDICAL];
    BreakGlass "orders.break-glass" "Free a device at once" Urgent [CLINICAL];
    ManagePeople "people.manage" "Add people, change what they are there for, let them in or not" Fresh [ADMINISTRATOR];
    ManageTokens "tokens.manage" "See and revoke everybody's tokens" Fresh [ADMINISTRATOR];
    ManageSettings "settings.manage" "Change settings" Fresh [ADMINISTRATOR];
    OwnTokens "own.tokens" "Make and revoke one's own tokens" Fresh [SECURITY BIOMEDICAL ADMINISTRATOR READER];
    OwnAccount "own.account" "Change one's own password and second factor, end one's own sessions" Fresh [SECURITY CLINICAL BIOMEDICAL ADMINISTRATOR READER];
}

/// The rights that a scope gives a program, as far as its owner has them. None of them answers an
/// order, confirms at a bedside or breaks a glass: those are a person's.
#[must_use]
pub fn of_scope(scope: Scope) -> &'static [Right] {
    match scope {
        Scope::Read => &[Right::SeeDevices, Right::SeeOrders, Right::Export],
        Scope::ReadAudit => &[Right::SeeAudit],
        Scope::WriteDocuments => &[Right::UploadDocuments],
        Scope::WriteFindings => &[Right::JudgeFindings],
        Scope::RequestOrders => &[Right::RequestOrder],
    }
}

/// Why somebody may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The second factor was not given.
    #[error("give the code of your second factor first")]
    SecondFactor,
    /// The password is known to whoever has set it.
    #[error("choose a password of your own first")]
    Password,
    /// None of their duties gives the right.
    #[error("none of your duties allows that")]
    NotYours,
    /// The person has to prove anew to be there.
    #[error("confirm that it is you: give your code or password again")]
    ConfirmAnew,
    /// None of the token's scopes gives the right.
    #[error("none of the token's scopes allows that")]
    Scope,
}

impl Refused {
    /// Every reason.
    pub const ALL: [Self; 5] =
        [Self::SecondFactor, Self::Password, Self::NotYours, Self::ConfirmAnew, Self::Scope];

    /// Its code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::SecondFactor => "rights.second-factor",
            Self::Password => "rights.password",
            Self::NotYours => "rights.not-yours",
            Self::ConfirmAnew => "rights.confirm-anew",
            Self::Scope => "rights.scope",
        }
    }
}

/// Says whether somebody may, at a time in milliseconds since 1970. Nothing that is asked for is
/// done without it.
pub fn allows(who: &Who, right: Right, now_ms: i64) -> Result<(), Refused> {
    match who {
        Who::Person(person) => {
            pending(person, right)?;
            owned(who.duties(), right)?;
            let is_fresh = (0..=FRESH_MS).contains(&(now_ms - person.confirmed_ms));
            match right.presence() {
                Presence::Fresh if !is_fresh => Err(Refused::ConfirmAnew),
                _ => Ok(()),
            }
        }
        Who::Program(program) => {
            owned(who.duties(), right)?;
            let is_given = program.scopes.iter().any(|scope| of_scope(*scope).contains(&right));
            is_given.then_some(()).ok_or(Refused::Scope)
        }
    }
}

/// The roles of the interlock in which somebody may do it, to be named when it is asked for.
#[must_use]
pub fn roles(who: &Who, right: Right) -> Vec<Role> {
    let own = who.duties().iter().filter(|duty| right.duties().contains(duty));
    own.filter_map(|duty| duty.role()).collect()
}

fn owned(duties: &BTreeSet<Duty>, right: Right) -> Result<(), Refused> {
    let is_own = right.duties().iter().any(|duty| duties.contains(duty));
    is_own.then_some(()).ok_or(Refused::NotYours)
}

/// A glass is broken with a password that somebody else has set, too: a patient may wait. Without
/// the second factor nobody does anything.
fn pending(person: &Signed, right: Right) -> Result<(), Refused> {
    match person.pending {
        Some(Pending::SecondFactor) => Err(Refused::SecondFactor),
        Some(Pending::Password)
            if right != Right::OwnAccount && right.presence() != Presence::Urgent =>
        {
            Err(Refused::Password)
        }
        Some(Pending::Password) | None => Ok(()),
    }
}
