//! The catalogue of what containment refuses, each with a code and one sentence for a ward.
//!
//! Refuses to blame: a sentence says what holds and what to do next.

use std::fmt;

macro_rules! refusals {
    ($($name:ident $text:literal $sentence:literal;)*) => {
        /// Why a step was not taken.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Refusal {
            $(#[doc = $sentence] $name,)*
        }

        impl Refusal {
            /// Every refusal, in the order of the catalogue.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable code, as users and scripts see it.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// One sentence: what holds, and what to do.
            #[must_use]
            pub fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence),* }
            }
        }
    };
}

refusals! {
    NotARequest "containment.not-a-request" "An order begins with a request, and has only one.";
    OtherOrder "containment.other-order" "This belongs to another order or another device.";
    NoReason "containment.no-reason" "Say in a few words why.";
    NoTime "containment.no-time" "Say for how long: at least a minute, at most seven days.";
    Closed "containment.closed" "This order is over. Ask anew if the device has to be cut off again.";
    Lapsed "containment.lapsed" "Nobody carried out this request in its time. Ask anew if it is still needed.";
    AlreadyCarriedOut "containment.already-carried-out" "This order is carried out already. End it if it should not be.";
    NotCarriedOut "containment.not-carried-out" "This order is not carried out yet.";
    OwnRequest "containment.own-request" "You asked for this yourself, so somebody else has to say yes.";
    PersonCounted "containment.person-counted" "You have answered for this order already. Somebody else has to answer, too.";
    RoleCounted "containment.role-counted" "Somebody of this role has said yes already. Another role may still have to.";
    NotAPerson "containment.not-a-person" "Only a person may do this.";
    NotOurs "containment.not-ours" "Only the program writes down what it did on the network.";
    NotClinical "containment.not-clinical" "Only somebody who cares for patients may do this.";
    MayNotLift "containment.may-not-lift" "Security or a clinician ends this order. At the bedside, break the glass.";
    NotBegunHere "containment.not-begun-here" "Nothing was begun at this enforcement point.";
    NothingApplied "containment.nothing-applied" "It is applied at no point yet, or still being told to one, so there is nothing to verify.";
    ApproverMissing "containment.approver-missing" "One more person has to say yes, and not the one who asked.";
    SecurityMissing "containment.security-missing" "Somebody from information security still has to say yes.";
    ClinicalMissing "containment.clinical-missing" "Somebody who cares for the patient still has to say yes.";
    BedsideMissing "containment.bedside-missing" "Somebody at the bedside has to confirm, now, that a substitute is running.";
    NotDrilled "containment.not-drilled" "No drill has passed for this playbook, so a person has to say yes.";
    BreaksEssential "containment.breaks-essential" "This would end traffic that care needs, or it is not known whether it would, so a person has to say yes.";
    CoolingDown "containment.cooling-down" "A clinician broke the glass here not long ago, so a person has to say yes.";
    NotYetExpired "containment.not-yet-expired" "The time of this order is not over yet.";
    AboveApproved "containment.above-approved" "This would cut off more, or for longer, than was approved. Ask anew for more.";
    Stale "containment.stale" "What was reviewed is no longer what holds. Look again.";
    ClockBehind "containment.clock-behind" "The clock stands before the last step of this order. Set the clock.";
    NoInterfaces "containment.no-interfaces" "No network interface of this device is known, so it can't be cut off.";
    NoPoint "containment.no-point" "No enforcement point covers every network interface of this device.";
    CutCare "containment.cut-care" "What care needs did not get through when this was carried out, so it was taken back. Look at the network, then ask anew.";
    BadInterface "containment.bad-interface" "An interface of this device has an address that belongs to no single device.";
    VersionNotProposed "containment.version-not-proposed" "What you saw is not the newest proposal. Look again.";
    NoFlows "containment.no-flows" "A list of essential flows can't be empty.";
    MayNotConfirm "containment.may-not-confirm" "A clinician or a biomedical engineer confirms what care needs.";
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.sentence(), self.code())
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::Refusal;

    #[test]
    fn every_refusal_has_a_code_of_its_own() {
        let mut codes: Vec<&str> = Refusal::ALL.iter().map(|refusal| refusal.code()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Refusal::ALL.len());
        assert!(codes.iter().all(|code| code.starts_with("containment.")));
    }
}
