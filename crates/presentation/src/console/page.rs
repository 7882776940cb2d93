//! What all pages have in common: the frame, the headers, and what is shown where there is no page.

use std::sync::Arc;

use askama::Template;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use domain::order::Role;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use store::StoreError;

use super::Player;
use super::access::Visitor;
use super::orders::{Seen, roles};
use super::words::Given;
use super::{refusals, statics};
use crate::intent;
use crate::sign_in::rights::{self, Right, Who};
use crate::text::Text;

/// Under which name the hospital's own is set.
pub(crate) const HOSPITAL: &str = "hospital.name";

/// What every answer carries: nothing from elsewhere is loaded, framed, or told where a link came
/// from (W3C Content Security Policy Level 3).
const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
             connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
    ),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
];

/// What stands around a page.
pub(crate) struct Frame {
    /// The language of whoever looks at it.
    pub(crate) text: Text,
    pub(crate) title: String,
    /// Which place of the navigation is this one.
    pub(crate) here: &'static str,
    pub(crate) hospital: String,
    /// What was searched for.
    pub(crate) search: String,
    pub(crate) css: String,
    pub(crate) script: String,
    pub(crate) icon: String,
    pub(crate) zone: TimeZone,
    /// Whoever is signed in, as the navigation shows them.
    pub(crate) who: String,
    /// Their name for signing in, or that of the owner of their token.
    pub(crate) name: String,
    /// The roles of the interlock that they have.
    pub(crate) roles: Vec<Role>,
    /// What each form on the page carries, to show that it is ours.
    pub(crate) form: String,
    /// Rights that change what a page offers.
    pub(crate) rights: Vec<Right>,
    /// Whether it was only looked at.
    pub(crate) is_looking: bool,
    /// How many orders wait for somebody.
    pub(crate) waiting: usize,
    /// What the agent's silence means, where it is silent.
    pub(crate) silence: Option<String>,
    /// Whom one may be, where all of it is a demonstration.
    pub(crate) cast: Vec<Player>,
}

/// What something is called in a language.
type Name = fn(Text) -> &'static str;

/// A place of the navigation: its address, its name, and the right to see it.
const PLACES: [(&str, Name, Right); 11] = [
    ("/", Text::base_today, Right::SeeDevices),
    ("/devices", Text::base_devices, Right::SeeDevices),
    ("/map", Text::base_map, Right::SeeDevices),
    ("/orders", Text::base_containment, Right::SeeOrders),
    ("/vulnerabilities", Text::base_vulnerabilities, Right::SeeDevices),
    ("/releases", Text::base_releases, Right::SeeDevices),
    ("/feeds", Text::base_feeds, Right::SeeDevices),
    ("/documents", Text::base_documents, Right::SeeDevices),
    ("/audit", Text::base_audit, Right::SeeAudit),
    ("/people", Text::base_people, Right::ManagePeople),
    ("/settings", Text::settings_title, Right::ManageSettings),
];

impl Frame {
    pub(crate) fn new(
        text: Text,
        title: impl Into<String>,
        here: &'static str,
        hospital: String,
        zone: TimeZone,
    ) -> Self {
        Self {
            text,
            title: title.into(),
            here,
            hospital,
            search: String::new(),
            css: statics::path(".css"),
            script: statics::path(".js"),
            icon: statics::path(".svg"),
            zone,
            who: String::new(),
            name: String::new(),
            roles: Vec::new(),
            form: String::new(),
            rights: Vec::new(),
            is_looking: true,
            waiting: 0,
            silence: None,
            cast: Vec::new(),
        }
    }

    /// For whoever is not in yet.
    pub(crate) fn outside(text: Text, title: impl Into<String>) -> Self {
        Self::new(text, title, "", String::new(), TimeZone::UTC)
    }

    /// The same, for somebody.
    pub(crate) fn of(mut self, visitor: &Visitor, seen: &Seen) -> Self {
        self.who = visitor.living.as_ref().map(|own| own.person.shown.clone()).unwrap_or_default();
        self.name = visitor.who.as_ref().map(Who::name).unwrap_or_default().to_owned();
        self.roles = roles(visitor);
        self.form.clone_from(&visitor.form);
        self.is_looking = visitor.is_looking;
        self.rights = Right::ALL.iter().copied().filter(|right| visitor.may(*right)).collect();
        self.waiting = seen.orders.iter().filter(|order| order.waits_for.is_some()).count();
        self.silence = seen.silence.as_deref().map(|silence| match silence {
            intent::NO_AGENT => self.text.base_no_agent().to_owned(),
            silence => silence.to_owned(),
        });
        self
    }

    /// Whether the page is told what changes, and fetched anew: not by whoever may see nothing yet,
    /// and not where it answers a form.
    pub(super) fn listens(&self) -> bool {
        self.may(Right::SeeDevices) && self.is_looking
    }

    /// Whether the page offers what a right allows.
    pub(crate) fn may(&self, right: Right) -> bool {
        self.rights.contains(&right)
    }

    /// The places that somebody may go to: address, name, whether it is here, and a number.
    pub(crate) fn places(&self) -> Vec<(&'static str, &'static str, bool, usize)> {
        let own = PLACES.into_iter().filter(|(.., right)| self.may(*right));
        let number = |path| if path == "/orders" { self.waiting } else { 0 };
        own.map(|(path, name, _)| (path, name(self.text), path == self.here, number(path)))
            .collect()
    }

    /// A moment in the hospital's zone: `30 Nov 2026, 03:05`.
    pub(crate) fn time(&self, at_ms: impl Given<i64>) -> String {
        let at = Timestamp::from_millisecond(at_ms.given()).unwrap_or_default();
        self.text.to_minute(&at.to_zoned_datetime(self.zone.clone()))
    }

    /// A moment that the agent told (RFC 3339), to the second, in the hospital's zone:
    /// `30 Nov, 03:05:12`. What is no moment is shown as it is.
    pub(crate) fn clock(&self, at: &str) -> String {
        match at.parse::<Timestamp>() {
            Ok(at) => self.text.to_second(&at.to_zoned_datetime(self.zone.clone())),
            Err(_) => at.to_owned(),
        }
    }

    /// A sentence of the agent's, its moments in the hospital's zone.
    pub(crate) fn said(&self, sentence: &str) -> String {
        let in_words = |word: &str| {
            let moment = word.trim_end_matches(['.', ';', ',', ':']);
            let after = word.get(moment.len()..).unwrap_or_default();
            // A moment ends in a Z; anything else that might be read as one is a word.
            if moment.ends_with('Z') { self.clock(moment) + after } else { word.to_owned() }
        };
        sentence.split(' ').map(in_words).collect::<Vec<_>>().join(" ")
    }

    /// The day, in the hospital's zone, `YYYY-MM-DD`.
    pub(crate) fn today(&self) -> String {
        Timestamp::now().to_zoned_datetime(self.zone.clone()).date().to_string()
    }
}

/// Why there is no page.
#[derive(Debug)]
pub(crate) enum Wrong {
    /// There is nothing at this address; what there would be, as `wrong-no-such` names it.
    Nowhere(&'static str),
    /// The store fails.
    Store(StoreError),
    /// They may not.
    NotAllowed(rights::Refused),
    /// The form came from elsewhere, or is too old.
    Foreign,
    /// What was typed can't be taken.
    Typed(String),
    /// The agent, or the rules, say no.
    Refused(intent::Refused),
    /// Something of ours failed.
    Fault,
}

impl From<intent::Refused> for Wrong {
    fn from(refused: intent::Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<StoreError> for Wrong {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

#[derive(Template)]
#[template(path = "console/wrong.html")]
struct WrongPage {
    frame: Frame,
    sentence: String,
    hint: &'static str,
}

/// Why there is no page, beside the page that says so in English: whoever knows in which language
/// it is to be said makes it anew.
#[derive(Clone)]
struct Told(Arc<Wrong>);

impl IntoResponse for Wrong {
    fn into_response(self) -> Response {
        let mut response = self.page(Text::english());
        response.extensions_mut().insert(Told(Arc::new(self)));
        response
    }
}

impl Wrong {
    /// The same answer, in the language of whoever reads it.
    pub(super) fn spoken(response: Response, text: Text) -> Response {
        let told = response.extensions().get::<Told>().cloned();
        told.map_or(response, |Told(wrong)| wrong.page(text))
    }

    /// The page that says it.
    pub(crate) fn page(&self, text: Text) -> Response {
        let status = self.status();
        let (title, sentence, hint) = self.said(text);
        let frame = Frame::outside(text, title);
        (status, html(&WrongPage { frame, sentence, hint })).into_response()
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Nowhere(_) => StatusCode::NOT_FOUND,
            Self::NotAllowed(_) | Self::Foreign => StatusCode::FORBIDDEN,
            Self::Typed(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Store(_) | Self::Refused(intent::Refused::Silent(_)) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Refused(_) => StatusCode::CONFLICT,
            Self::Fault => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Its title, what it is, and what to do.
    fn said(&self, text: Text) -> (&'static str, String, &'static str) {
        let nothing = text.wrong_nothing_was_done();
        match self {
            Self::Nowhere(what) => (
                text.wrong_not_found(),
                text.wrong_no_such(what).plain(),
                text.wrong_not_found_hint(),
            ),
            Self::Store(error) => (text.wrong_store(), error.to_string(), text.wrong_store_hint()),
            Self::NotAllowed(refused) => {
                let why = text.wrong_this_is_not_done(refusals::right(text, *refused)).plain();
                (text.wrong_not_for_you(), why, text.wrong_not_for_you_hint())
            }
            Self::Foreign => (nothing, text.wrong_foreign().to_owned(), text.wrong_foreign_hint()),
            Self::Typed(why) => (nothing, why.clone(), text.wrong_typed_hint()),
            Self::Refused(intent::Refused::Silent(why)) if why == intent::NO_AGENT => {
                (text.wrong_agent(), text.base_no_agent().to_owned(), text.wrong_agent_hint())
            }
            Self::Refused(intent::Refused::Silent(why)) => {
                (text.wrong_agent(), why.clone(), text.wrong_agent_hint())
            }
            Self::Refused(refused) => (nothing, refused.to_string(), text.wrong_rules_hint()),
            Self::Fault => {
                (text.wrong_fault(), text.wrong_fault_why().to_owned(), text.wrong_fault_hint())
            }
        }
    }
}

/// A page as an answer.
pub(crate) fn html(page: &impl Template) -> Html<String> {
    Html(page.render().expect("invariant: the template writes to memory"))
}

/// Puts on an answer what every one carries.
pub(crate) async fn with_headers(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}

pub(crate) fn nowhere() -> Wrong {
    Wrong::Nowhere("page")
}

#[cfg(test)]
mod tests {
    use jiff::tz::{TimeZone, offset};

    use super::Frame;
    use crate::text::Text;

    #[test]
    fn moments_in_a_sentence_are_in_the_hospitals_zone_and_all_else_stays() {
        let zone = TimeZone::fixed(offset(1));
        let frame = Frame::new(Text::english(), "", "", String::new(), zone);
        let said = frame.said("Shown at 2026-11-30T23:24:16.608Z; by Z and UNIZ 2.0.");
        assert_eq!(said, "Shown at 1 Dec, 00:24:16; by Z and UNIZ 2.0.");
    }
}
