//! The table of rights, against what it is for.

use std::collections::BTreeSet;

use domain::order::Role;
use domain::person::{Duty, PersonId, Scope};

use crate::sign_in::rights::{
    FRESH_MS, Holder, Pending, Presence, Refused, Right, Signed, Who, allows, of_scope, roles,
};

const NOW: i64 = 1_000_000_000;

fn person(duties: &[Duty]) -> Signed {
    Signed {
        id: PersonId("1".into()),
        name: "anna".to_owned(),
        duties: duties.iter().copied().collect(),
        pending: None,
        confirmed_ms: NOW,
    }
}

fn program(duties: &[Duty], scopes: &[Scope]) -> Who {
    Who::Program(Holder {
        owner: PersonId("1".into()),
        owner_name: "anna".to_owned(),
        duties: duties.iter().copied().collect(),
        token: "nightly".to_owned(),
        scopes: scopes.iter().copied().collect(),
    })
}

fn allowed(who: &Who) -> BTreeSet<Right> {
    Right::ALL.iter().copied().filter(|right| allows(who, *right, NOW).is_ok()).collect()
}

#[test]
fn a_reader_does_nothing_and_an_administrator_touches_no_device() {
    let sees = [Right::SeeDevices, Right::SeeOrders, Right::Export];
    let own = [Right::OwnTokens, Right::OwnAccount];
    let reader = allowed(&Who::Person(person(&[Duty::Reads])));
    assert_eq!(reader, sees.into_iter().chain(own).collect());
    let administers =
        [Right::SeeAudit, Right::ManagePeople, Right::ManageTokens, Right::ManageSettings];
    let administrator = allowed(&Who::Person(person(&[Duty::Administers])));
    assert_eq!(administrator, sees.into_iter().chain(own).chain(administers).collect());
    assert_eq!(allowed(&Who::Person(person(&[]))), BTreeSet::new());
}

#[test]
fn only_a_clinician_breaks_a_glass_or_confirms_at_a_bedside() {
    for duty in Duty::ALL {
        let who = Who::Person(person(&[duty]));
        for right in [Right::BreakGlass, Right::ConfirmSubstitute] {
            let is_clinical = duty == Duty::Acts(Role::Clinical);
            assert_eq!(allows(&who, right, NOW).is_ok(), is_clinical, "{duty} {right:?}");
        }
    }
}

#[test]
fn duties_add_up_and_each_names_the_role_in_which_it_is_done() {
    let both = person(&[Duty::Acts(Role::Security), Duty::Acts(Role::Clinical), Duty::Reads]);
    let who = Who::Person(both);
    assert_eq!(roles(&who, Right::AnswerOrder), [Role::Security, Role::Clinical]);
    assert_eq!(roles(&who, Right::BreakGlass), [Role::Clinical]);
    assert_eq!(roles(&who, Right::ManagePeople), []);
    assert_eq!(allows(&who, Right::Export, NOW), Ok(()));
    assert_eq!(allows(&who, Right::ManagePeople, NOW), Err(Refused::NotYours));
}

#[test]
fn what_is_pending_comes_first_for_every_right() {
    let every: Vec<Duty> = Duty::ALL.to_vec();
    for right in Right::ALL {
        let with = |pending| Who::Person(Signed { pending: Some(pending), ..person(&every) });
        let second = allows(&with(Pending::SecondFactor), *right, NOW);
        assert_eq!(second, Err(Refused::SecondFactor), "{right:?}");
        let is_open = matches!(right, Right::OwnAccount | Right::BreakGlass);
        let password = allows(&with(Pending::Password), *right, NOW);
        assert_eq!(password.err(), (!is_open).then_some(Refused::Password), "{right:?}");
    }
}

#[test]
fn what_asks_for_presence_is_refused_a_moment_after() {
    let every: Vec<Duty> = Duty::ALL.to_vec();
    let who = Who::Person(person(&every));
    for right in Right::ALL {
        assert_eq!(allows(&who, *right, NOW + FRESH_MS), Ok(()), "{right:?}");
        let late = allows(&who, *right, NOW + FRESH_MS + 1);
        let asks = right.presence() == Presence::Fresh;
        assert_eq!(late.err(), asks.then_some(Refused::ConfirmAnew), "{right:?}");
        // A clock that was set back proves nothing.
        let early = allows(&who, *right, NOW - 1);
        assert_eq!(early.err(), asks.then_some(Refused::ConfirmAnew), "{right:?}");
    }
}

#[test]
fn no_program_answers_for_a_person() {
    let every: Vec<Duty> = Duty::ALL.to_vec();
    let may = allowed(&program(&every, &Scope::ALL));
    for right in &may {
        assert_eq!(right.presence(), Presence::SignedIn, "{right:?}");
    }
    let of_people = [
        Right::ConfirmFlows,
        Right::AnswerOrder,
        Right::ConfirmSubstitute,
        Right::RenewOrder,
        Right::LiftOrder,
        Right::BreakGlass,
        Right::ManagePeople,
        Right::ManageTokens,
        Right::ManageSettings,
        Right::OwnTokens,
        Right::OwnAccount,
    ];
    for right in of_people {
        assert!(!may.contains(&right), "{right:?}");
        assert_eq!(allows(&program(&every, &Scope::ALL), right, NOW), Err(Refused::Scope));
    }
}

#[test]
fn a_program_has_no_more_than_its_owner_and_no_more_than_its_scopes() {
    for scope in Scope::ALL {
        for duty in Duty::ALL {
            let owner = allowed(&Who::Person(person(&[duty])));
            let scoped: BTreeSet<Right> = of_scope(scope).iter().copied().collect();
            let both: BTreeSet<Right> = owner.intersection(&scoped).copied().collect();
            assert_eq!(allowed(&program(&[duty], &[scope])), both, "{scope} {duty}");
        }
    }
    assert_eq!(allowed(&program(&Duty::ALL, &[])), BTreeSet::new());
}

#[test]
fn no_two_rights_or_refusals_share_a_name() {
    let names: BTreeSet<&str> = Right::ALL.iter().map(|right| right.text()).collect();
    assert_eq!(names.len(), Right::ALL.len());
    let codes: BTreeSet<&str> = Refused::ALL.iter().map(|refused| refused.code()).collect();
    assert_eq!(codes.len(), Refused::ALL.len());
}
