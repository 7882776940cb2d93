//! Why something was not done, in the language of whoever asked.
//!
//! The rules of `sign_in` say it in English, to the API and to the audit chain; a test holds the
//! English of both to be the same.

use super::words::Given;
use crate::sign_in::oidc::{Failure, Refusal};
use crate::sign_in::password::{self, Weak};
use crate::sign_in::rights::Refused;
use crate::sign_in::{own, people, setup};
use crate::text::Text;

/// Why somebody may not.
pub(super) fn right(text: Text, refused: Refused) -> &'static str {
    match refused {
        Refused::SecondFactor => text.refusals_second_factor(),
        Refused::Password => text.refusals_password(),
        Refused::NotYours => text.refusals_not_yours(),
        Refused::ConfirmAnew => text.refusals_confirm_anew(),
        Refused::Scope => text.refusals_scope(),
    }
}

/// Why a password is not taken.
pub(super) fn weak(text: Text, weak: Weak) -> String {
    match weak {
        Weak::Short => text.refusals_too_short(password::SHORTEST).plain(),
        Weak::Long => text.refusals_too_long(password::LONGEST.to_string()).plain(),
        Weak::Name => text.refusals_holds_the_name().to_owned(),
        Weak::Common => text.refusals_first_tried().to_owned(),
        Weak::Control => text.refusals_control().to_owned(),
    }
}

/// Why nothing was done to one's own account.
pub(super) fn own(text: Text, wrong: own::Wrong) -> String {
    match wrong {
        own::Wrong::Code => text.refusals_not_the_code().to_owned(),
        own::Wrong::TokenName => text.refusals_token_name(own::TOKEN_NAME).plain(),
        own::Wrong::NoScope => text.refusals_no_scope().to_owned(),
        own::Wrong::Scope(scope) => text.refusals_scope_allows_nothing(scope.text()).plain(),
        own::Wrong::TooLong => text.refusals_token_lives(own::TOKEN_DAYS).plain(),
        own::Wrong::TooMany => text.refusals_too_many_tokens(own::TOKENS).plain(),
    }
}

/// Why nothing was done to people.
pub(super) fn people(text: Text, wrong: &people::Wrong) -> String {
    match wrong {
        people::Wrong::Name => text.refusals_name(people::NAME).plain(),
        people::Wrong::Shown => text.refusals_shown(people::SHOWN).plain(),
        people::Wrong::Taken(name) => text.refusals_taken(name).plain(),
        people::Wrong::Nobody(name) => text.refusals_nobody(name).plain(),
        people::Wrong::LastAdministrator => text.refusals_last_administrator().to_owned(),
        people::Wrong::Oneself => text.refusals_oneself().to_owned(),
    }
}

/// Why the first run did not end.
pub(super) fn setup(text: Text, wrong: &setup::Wrong) -> String {
    match wrong {
        setup::Wrong::Done => text.refusals_set_up_already().to_owned(),
        setup::Wrong::Code => text.refusals_set_up_code().to_owned(),
        setup::Wrong::Person(wrong) => people(text, wrong),
    }
}

/// Why nobody was let in by a provider's word.
pub(super) fn provider(text: Text, why: Refusal) -> &'static str {
    match why {
        Refusal::NotAsked => text.refusals_oidc_not_asked(),
        Refusal::Used => text.refusals_oidc_used(),
        Refusal::Denied => text.refusals_oidc_denied(),
        Refusal::Silent => text.refusals_oidc_silent(),
        Refusal::Metadata => text.refusals_oidc_metadata(),
        Refusal::Code => text.refusals_oidc_code(),
        Refusal::Token => text.refusals_oidc_token(),
        Refusal::Algorithm => text.refusals_oidc_algorithm(),
        Refusal::Key => text.refusals_oidc_key(),
        Refusal::Signature => text.refusals_oidc_signature(),
        Refusal::Issuer => text.refusals_oidc_issuer(),
        Refusal::Audience => text.refusals_oidc_audience(),
        Refusal::Expired => text.refusals_oidc_expired(),
        Refusal::Nonce => text.refusals_oidc_nonce(),
        Refusal::Subject => text.refusals_oidc_subject(),
        Refusal::Strength => text.refusals_oidc_strength(),
        Refusal::NotFresh => text.refusals_oidc_not_fresh(),
        Refusal::Somebody => text.refusals_oidc_somebody_else(),
        Refusal::Disabled => text.refusals_oidc_disabled(),
        Refusal::NoDuty => text.refusals_oidc_no_duty(),
        Refusal::Full => text.refusals_oidc_full(),
        Refusal::TooOften => text.refusals_oidc_too_often(),
    }
}

/// The same with all that is known of it, for whoever keeps the console. More of it is English.
pub(super) fn failure(text: impl Given<Text>, failure: &Failure) -> String {
    let text = text.given();
    let why = provider(text, failure.why);
    if failure.more.is_empty() {
        return why.to_owned();
    }
    text.provider_failure(&failure.more, why).plain()
}

#[cfg(test)]
mod tests {
    use super::{own as of_own, people as of_people, provider, right, setup as of_setup, weak};
    use crate::sign_in::oidc::Refusal;
    use crate::sign_in::password::Weak;
    use crate::sign_in::rights::Refused;
    use crate::sign_in::{own, people, setup};
    use crate::text::Text;

    #[test]
    fn the_english_of_a_refusal_is_that_of_the_rules() {
        use own::Wrong::{Code, NoScope, Scope, TokenName, TooLong, TooMany};
        use people::Wrong::{LastAdministrator, Name, Nobody, Oneself, Shown, Taken};
        let text = Text::english();
        for refused in Refused::ALL {
            assert_eq!(right(text, refused), refused.to_string());
        }
        for own in [Weak::Short, Weak::Long, Weak::Name, Weak::Common, Weak::Control] {
            assert_eq!(weak(text, own).replace('\u{202f}', ""), own.to_string());
        }
        let scope = domain::person::Scope::Read;
        for wrong in [Code, TokenName, NoScope, Scope(scope), TooLong, TooMany] {
            assert_eq!(of_own(text, wrong), wrong.to_string());
        }
        let (taken, nobody) = (Taken("<b>".to_owned()), Nobody("a".to_owned()));
        for wrong in [Name, Shown, taken, nobody, LastAdministrator, Oneself] {
            assert_eq!(of_people(text, &wrong), wrong.to_string());
        }
        for wrong in [setup::Wrong::Done, setup::Wrong::Code, setup::Wrong::Person(Name)] {
            assert_eq!(of_setup(text, &wrong), wrong.to_string());
        }
        for why in Refusal::ALL {
            assert_eq!(provider(text, *why), why.text());
        }
    }
}
