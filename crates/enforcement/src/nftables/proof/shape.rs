//! What rules must look like, so that each device can be proved with its own elements alone.
//!
//! Refuses rules that might well be right: those that can't be proved are as good as wrong.

use std::collections::BTreeMap;

use decisions::containment::passes::LINK_LOCAL;

use super::super::compile::named;
use super::super::layout::Place;
use super::super::model::{Chain, Chains, Field, Is, Match, ON_LINK, PLAIN_HEADER, Rule, Ruleset};
use super::super::model::{SYN, TOGETHER, TOO_BIG, Values, Verdict};
use super::super::text::of_kind;
use super::Contradiction;
use super::values::Way;

/// Holds rules to their shape.
pub(super) fn hold(place: Place, rules: &Ruleset) -> Result<(), Contradiction> {
    hooks(place, rules)?;
    if !named(&rules.chains).iter().all(|name| rules.sets.contains_key(name)) {
        return wrong("a rule looks at a set that is not there");
    }
    let mut ways: BTreeMap<&str, Way> = BTreeMap::new();
    for (name, chain) in &rules.chains {
        for rule in &chain.rules {
            if !rule.matches.iter().all(is_ours) {
                return wrong(format!("the chain `{name}` compares what we never compare"));
            }
            if !rule.matches.iter().all(|condition| is_there(condition, rule)) {
                return wrong(format!("the chain `{name}` looks for what only some packets have"));
            }
            if !looks_at_one_thing(place, rule) {
                return wrong(format!(
                    "the chain `{name}` looks at what is quoted and who says so"
                ));
            }
            for way in rule.matches.iter().filter_map(way) {
                if *ways.entry(name).or_insert(way) != way {
                    return wrong(format!("the chain `{name}` looks at both ends of a packet"));
                }
            }
        }
    }
    for (name, chain) in &rules.chains {
        if !keeps_its_way(place, &rules.chains, &ways, (name, chain)) {
            return wrong(format!("the chain `{name}` leads to one that looks at another end"));
        }
    }
    Ok(())
}

fn wrong<T>(what: impl Into<String>) -> Result<T, Contradiction> {
    Err(Contradiction::whole(what))
}

fn hooks(place: Place, rules: &Ruleset) -> Result<(), Contradiction> {
    for (hook, priority, _) in place.hooks() {
        let entry = rules.chains.get(*hook).and_then(|chain| chain.hook.as_ref());
        let right = entry.is_some_and(|entry| {
            (entry.name.as_str(), entry.priority, entry.policy.as_str())
                == (*hook, *priority, "accept")
        });
        if !right {
            return wrong(format!("the chain at the hook `{hook}` is not ours"));
        }
    }
    if rules.chains.values().filter(|chain| chain.hook.is_some()).count() != place.hooks().len() {
        return wrong("there is a hook that is not ours");
    }
    Ok(())
}

/// Which end of a packet a condition looks at, where that decides which elements it can find.
fn way(condition: &Match) -> Option<Way> {
    let looked_up = matches!(condition.values, Values::Named(_)).then(|| condition.fields.first());
    match looked_up.flatten() {
        Some(Field::EtherSource | Field::Ip4Source | Field::Ip6Source) => Some(Way::Leaves),
        Some(Field::EtherDestination | Field::Ip4Destination | Field::Ip6Destination) => {
            Some(Way::Reaches)
        }
        _ if condition.fields.contains(&Field::EtherSource) => Some(Way::Leaves),
        _ if condition.fields.contains(&Field::EtherDestination) => Some(Way::Reaches),
        _ => None,
    }
}

/// Whether a chain leads only to chains that look at the same end. A hook of a bridge sees both
/// ends; of those of a router one sees what leaves devices and the other what reaches them.
fn keeps_its_way(
    place: Place,
    chains: &Chains,
    ways: &BTreeMap<&str, Way>,
    (name, chain): (&str, &Chain),
) -> bool {
    let own = match (&chain.hook, place) {
        (Some(_), Place::Bridge) => return !ways.contains_key(name),
        (Some(hook), Place::Router) if hook.name == "prerouting" => Some(Way::Leaves),
        (Some(_), Place::Router) => Some(Way::Reaches),
        (None, _) => ways.get(name).copied(),
    };
    let here = ways.get(name).is_none_or(|way| own.is_none_or(|own| own == *way));
    here && chain.rules.iter().all(|rule| {
        let (Verdict::Jump(target) | Verdict::Goto(target)) = &rule.verdict else { return true };
        let to = ways.get(target.as_str()).copied();
        // A chain without a way of its own may not lead out of itself: it could lead to either.
        let leads_on = chains.get(target).is_some_and(|chain| {
            chain.rules.iter().any(|r| matches!(r.verdict, Verdict::Jump(_) | Verdict::Goto(_)))
        });
        match (own, to) {
            (Some(own), Some(to)) => own == to,
            (_, None) => !leads_on,
            (None, Some(_)) => false,
        }
    })
}

/// Whether a condition compares fields with what we compare them with: sets with those fields that
/// they are made of, and where a packet has forms that are not tried one by one, the one value that
/// we ask for.
fn is_ours(condition: &Match) -> bool {
    let fields = condition.fields.as_slice();
    let fits = match &condition.values {
        Values::Named(name) => {
            let kinds = name.kinds().iter().map(|field| of_kind(*field));
            let own = matches!(
                fields.first(),
                Some(
                    Field::EtherSource
                        | Field::EtherDestination
                        | Field::Ip4Source
                        | Field::Ip4Destination
                        | Field::Ip6Source
                        | Field::Ip6Destination
                )
            );
            own && condition.is == Is::In && fields.iter().map(|field| of_kind(*field)).eq(kinds)
        }
        Values::Listed(listed) => fields.iter().enumerate().all(|(at, field)| {
            let mut values = listed.iter().filter_map(|values| values.get(at));
            match field {
                Field::DiscoveryNet => values.all(|value| *value == u128::from(LINK_LOCAL)),
                Field::HopLimit => values.all(|value| *value == ON_LINK),
                Field::TcpSynAck => values.all(|value| *value == SYN),
                Field::Quote4Start => values.all(|value| *value == PLAIN_HEADER),
                Field::Ip4Offset | Field::Ip6Offset | Field::Quote4Offset => {
                    values.all(|value| *value == 0)
                }
                field => field.only_in().is_none(),
            }
        }),
    };
    fits && (1..=TOGETHER).contains(&fields.len())
}

/// Whether a rule that looks at what an error quotes does not look at who says so, and whether a
/// router's looks at no hardware address that a packet goes to.
fn looks_at_one_thing(place: Place, rule: &Rule) -> bool {
    let fields = || rule.matches.iter().flat_map(|condition| condition.fields.iter().copied());
    let is_quote = |field: Field| {
        matches!(field.only_in(), Some((Field::Icmp4Type, _)))
            || matches!(field.only_in(), Some((_, [TOO_BIG])))
    };
    let beside = |field| {
        is_quote(field)
            || matches!(
                field,
                Field::Icmp4Type
                    | Field::Icmp4Code
                    | Field::Icmp6Type
                    | Field::Ip4Destination
                    | Field::Ip6Destination
            )
    };
    let sees = place == Place::Bridge || fields().all(|field| field != Field::EtherDestination);
    sees && (!fields().any(is_quote) || fields().all(beside))
}

/// Whether the same rule makes sure that there is what a condition reads by its place alone.
fn is_there(condition: &Match, rule: &Rule) -> bool {
    condition.fields.iter().filter_map(|field| field.only_in()).all(|(kind, types)| {
        rule.matches.iter().any(|other| {
            other.fields == [kind]
                && other.is == Is::In
                && match &other.values {
                    Values::Listed(listed) => listed
                        .iter()
                        .all(|value| matches!(value.as_slice(), [one] if types.contains(one))),
                    Values::Named(_) => false,
                }
        })
    })
}
