//! What an order says to whoever reads it: whose yes is missing, that theirs counted, how many have
//! said yes, and how much time is left.
//!
//! Refuses to decide: who is missing, the agent says, and whether a yes counts, when it is given.

use domain::order::Role;
use jiff::Timestamp;

use super::page::Frame;
use super::words;
use crate::orders::{SeenOrder, SeenStep};
use crate::sign_in::rights::Right;

const SECURITY: &str = "containment.security-missing";
const CLINICAL: &str = "containment.clinical-missing";
const ANYBODY: &str = "containment.approver-missing";
const BEDSIDE: &str = "containment.bedside-missing";

/// Who is missing.
struct Missing {
    security: bool,
    clinical: bool,
    anybody: bool,
    bedside: bool,
}

impl Missing {
    /// Of an order that is not carried out yet; nothing where no person is missing.
    fn of(order: &SeenOrder) -> Option<Self> {
        let is = |code| order.missing.iter().any(|one| one.code == code);
        let missing = Self {
            security: is(SECURITY),
            clinical: is(CLINICAL),
            anybody: is(ANYBODY),
            bedside: is(BEDSIDE),
        };
        let Self { security, clinical, anybody, bedside } = missing;
        let waits = matches!(&*order.state, "proposed" | "approved");
        (waits && (security || clinical || anybody || bedside)).then_some(missing)
    }

    fn is_two(&self) -> bool {
        self.security && self.clinical
    }

    fn is_one_of_two(&self) -> bool {
        self.security != self.clinical
    }
}

/// Whether an actor, as orders tell it (`nora (clinical), by the console`), is that person.
fn is(by: &str, name: &str) -> bool {
    let own = by.rsplit_once(" (").map_or(by, |(own, _)| own);
    !name.is_empty() && own.trim().to_lowercase() == name.trim().to_lowercase()
}

impl Frame {
    /// Where an order stands, as whoever looks at it has to know it.
    pub(crate) fn stands(&self, order: &SeenOrder) -> String {
        let Some(missing) = Missing::of(order) else { return self.said(&order.sentence) };
        let mut told = vec![self.text.asked_not_cut_off(&order.device).plain()];
        if let Some(yes) = self.own_yes(order) {
            told.push(self.text.asked_you_said_yes(self.clock(&yes.at)).plain());
        } else if is(&order.by, &self.name) {
            told.push(self.text.asked_by_you().to_owned());
        }
        told.extend(self.whose_yes(order, &missing).map(str::to_owned));
        if missing.bedside {
            told.push(self.text.asked_bedside().to_owned());
        }
        told.join(" ")
    }

    /// Whose yes is missing; of whoever looks first.
    fn whose_yes(&self, order: &SeenOrder, missing: &Missing) -> Option<&'static str> {
        let text = self.text;
        let counts = self.counts(order);
        let own = |role| counts && self.roles.contains(&role);
        let (security, clinical) = (own(Role::Security), own(Role::Clinical));
        Some(match (missing.security, missing.clinical) {
            (true, true) if security && clinical => text.asked_yours_and_one_more(),
            (true, true) if security => text.asked_yours_and_clinical(),
            (true, true) if clinical => text.asked_yours_and_security(),
            (true, false) if security => text.asked_yours(),
            (false, true) if clinical => text.asked_yours(),
            (true, true) => text.asked_both(),
            (true, false) => text.asked_security(),
            (false, true) => text.asked_clinical(),
            (false, false) if !missing.anybody => return None,
            (false, false) if counts && !self.roles.is_empty() => text.asked_yours(),
            (false, false) => text.asked_one_more(),
        })
    }

    /// Whether a yes of whoever looks would count: they may give one, and have neither asked for
    /// the order nor answered for it.
    pub(crate) fn counts(&self, order: &SeenOrder) -> bool {
        let confirmed = order.substitute_confirmed_by.as_deref();
        let has_spoken = is(&order.by, &self.name)
            || self.own_yes(order).is_some()
            || confirmed.is_some_and(|by| is(by, &self.name));
        self.may(Right::AnswerOrder) && !self.name.is_empty() && !has_spoken
    }

    /// The yes of whoever looks.
    fn own_yes<'o>(&self, order: &'o SeenOrder) -> Option<&'o SeenStep> {
        let mut steps = order.steps.iter();
        steps.find(|step| step.step == "approved" && is(&step.by, &self.name))
    }

    /// How an order stands, in a word or a few: while a person is missing it is not approved.
    pub(crate) fn badge(&self, order: &SeenOrder) -> String {
        match Missing::of(order) {
            Some(missing) if missing.is_one_of_two() => self.text.asked_said_yes("2", "1").plain(),
            Some(missing) if missing.is_two() || missing.anybody => {
                words::state(self.text, "proposed")
            }
            _ => words::state(self.text, &order.state),
        }
    }

    /// The class by which that is coloured.
    pub(crate) fn badge_class(&self, order: &SeenOrder) -> String {
        let waits = Missing::of(order).is_some();
        if waits { "proposed".to_owned() } else { order.state.to_string() }
    }

    /// How much time is left to answer an order, or for what it holds; nothing where it is over.
    pub(crate) fn time_left(&self, order: &SeenOrder) -> Option<String> {
        self.time_left_at(order, Timestamp::now())
    }

    fn time_left_at(&self, order: &SeenOrder, now: Timestamp) -> Option<String> {
        let read = |at: &Option<String>| at.as_deref().and_then(|at| at.parse::<Timestamp>().ok());
        let text = self.text;
        if let Some(until) = read(&order.answer_until) {
            let left = self.left(now, until);
            let is_asked = Missing::of(order).is_some();
            let at = self.time(until.as_millisecond());
            let said =
                if is_asked { text.asked_lapses(at, left) } else { text.asked_ends(at, left) };
            return Some(said.plain());
        }
        let is_held =
            !matches!(&*order.state, "expired" | "refused" | "lapsed" | "lifted" | "broken-glass");
        let until = read(&order.expires).filter(|_| is_held)?;
        let at = self.time(until.as_millisecond());
        Some(text.asked_held_until(at, self.left(now, until)).plain())
    }

    /// What is left until a moment, to the minute; a begun minute counts.
    fn left(&self, now: Timestamp, until: Timestamp) -> String {
        let seconds = until.as_second().saturating_sub(now.as_second()).max(0);
        let minutes = seconds.saturating_add(59) / 60;
        let (hours, rest) = ((minutes / 60).to_string(), (minutes % 60).to_string());
        match minutes {
            ..60 => self.text.asked_minutes(rest).plain(),
            _ if minutes % 60 == 0 => self.text.asked_hours(hours).plain(),
            _ => self.text.asked_hours_and_minutes(hours, rest).plain(),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::order::Role;
    use jiff::Timestamp;
    use jiff::tz::{TimeZone, offset};

    use super::Frame;
    use crate::orders::{SeenOrder, SeenStep, Waits};
    use crate::sign_in::rights::Right;
    use crate::text::Text;

    fn frame(name: &str, role: Role) -> Frame {
        let zone = TimeZone::fixed(offset(1));
        let frame = Frame::new(Text::english(), "", "", String::new(), zone);
        let (name, roles, rights) = (name.to_owned(), vec![role], vec![Right::AnswerOrder]);
        Frame { name, roles, rights, ..frame }
    }

    fn order(missing: &[&'static str], yes: &[&str]) -> SeenOrder {
        let missing: Vec<Waits> = missing
            .iter()
            .map(|code| Waits {
                code: format!("containment.{code}-missing").into(),
                sentence: "".into(),
            })
            .collect();
        let step = |by: &&str| SeenStep {
            at: "2026-12-01T01:49:00Z".to_owned(),
            by: (*by).to_owned(),
            step: "approved".into(),
            what: String::new(),
        };
        SeenOrder {
            device: "VENT-1".to_owned(),
            by: "ben (security), by the console".to_owned(),
            state: if yes.is_empty() { "proposed" } else { "approved" }.into(),
            waits_for: missing.first().cloned(),
            missing,
            steps: yes.iter().map(step).collect(),
            ..SeenOrder::default()
        }
    }

    #[test]
    fn whoever_has_to_answer_is_told_so_and_afterwards_that_it_counted() {
        let (nora, anna) = (frame("nora", Role::Clinical), frame("anna", Role::Security));
        let (ben, kim) = (frame("Ben", Role::Security), frame("kim", Role::Biomedical));
        let both = order(&["security", "clinical"], &[]);
        let said = |frame: &Frame, order: &SeenOrder| {
            let stands = frame.stands(order);
            stands.strip_prefix("VENT-1 is not cut off yet. ").expect("how it stands").to_owned()
        };
        assert_eq!(
            said(&nora, &both),
            "Your yes is missing, and that of somebody from information security."
        );
        assert_eq!(
            said(&anna, &both),
            "Your yes is missing, and that of somebody who cares for the patient."
        );
        let others = "Somebody from information security and somebody who cares for the patient \
                      still have to say yes.";
        assert_eq!(said(&kim, &both), others);
        assert_eq!(said(&ben, &both), format!("You asked for this yourself. {others}"));
        assert_eq!(nora.badge(&both), "proposed");
        // After her yes.
        let half = order(&["security"], &["nora (clinical), by the console"]);
        assert_eq!(
            said(&nora, &half),
            "You said yes at 1 Dec, 02:49:00. Somebody from information security still has to say \
             yes."
        );
        assert_eq!(said(&anna, &half), "Your yes is missing.");
        assert_eq!(
            (nora.badge(&half), nora.badge_class(&half)),
            ("1 of 2 said yes".into(), "proposed".into())
        );
        // Any one person.
        let one = order(&["approver"], &[]);
        assert_eq!(said(&kim, &one), "Your yes is missing.");
        assert!(said(&ben, &one).ends_with("One more person has to say yes."));
        let bedside = order(&["bedside"], &["nora (clinical)", "anna (security)"]);
        assert!(said(&anna, &bedside).starts_with("You said yes at"));
        assert!(said(&anna, &bedside).ends_with("that a substitute is running."));
    }

    #[test]
    fn an_order_says_how_much_time_is_left_in_the_hospitals_zone() {
        let nora = frame("nora", Role::Clinical);
        let now: Timestamp = "2026-12-01T01:51:00Z".parse().expect("a moment");
        let mut asked = order(&["clinical"], &[]);
        asked.answer_until = Some("2026-12-01T05:49:00Z".to_owned());
        assert_eq!(
            nora.time_left_at(&asked, now).as_deref(),
            Some("Lapses in 3 h 58 min if nobody answers, at 1 Dec 2026, 06:49.")
        );
        let held = SeenOrder {
            state: "verified".into(),
            expires: Some("2026-12-01T05:49:00Z".to_owned()),
            ..SeenOrder::default()
        };
        let held_at = |at: &str| nora.time_left_at(&held, at.parse().expect("a moment"));
        let said = |left: &str| Some(format!("Held until 1 Dec 2026, 06:49, {left} left."));
        assert_eq!(held_at("2026-12-01T02:49:00Z"), said("3 h"));
        assert_eq!(held_at("2026-12-01T05:48:30Z"), said("1 min"));
        assert_eq!(held_at("2026-12-01T06:49:00Z"), said("0 min"));
        let over = SeenOrder { state: "expired".into(), ..held.clone() };
        assert_eq!(nora.time_left_at(&over, now), None);
    }
}
