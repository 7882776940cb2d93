//! How two CPE names relate as sets of products (NISTIR 7696).
//!
//! Refuses to compare a name that has wildcards as a target: the standard leaves it undefined
//! (section 6.1), and a guess would match devices that nobody meant.

use super::binding::{Letter, formatted_letters};
use super::{Attribute, Cpe, Part};

/// What a source is to a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    /// Everything that the target names, and maybe more.
    Superset,
    /// A part of what the target names.
    Subset,
    /// The same.
    Equal,
    /// Nothing in common.
    Disjoint,
    /// Nothing that the standard defines: the target has wildcards, or some attributes are wider
    /// and others narrower.
    Undetermined,
}

impl Attribute {
    /// How this attribute, of a source, relates to that of a target (NISTIR 7696, table 6-2).
    pub fn relation(&self, target: &Self) -> Relation {
        match (self, target) {
            (_, Self::Pattern(_)) => Relation::Undetermined,
            (Self::Any, Self::Any) | (Self::NotApplicable, Self::NotApplicable) => Relation::Equal,
            (Self::Any, _) => Relation::Superset,
            (_, Self::Any) => Relation::Subset,
            (Self::Value(source), Self::Value(target)) if source == target => Relation::Equal,
            (Self::Pattern(source), Self::Value(target)) if matches(source, target) => {
                Relation::Superset
            }
            _ => Relation::Disjoint,
        }
    }
}

impl Part {
    fn relation(self, target: Self) -> Relation {
        match (self, target) {
            (source, target) if source == target => Relation::Equal,
            (Self::Any, _) => Relation::Superset,
            (_, Self::Any) => Relation::Subset,
            _ => Relation::Disjoint,
        }
    }
}

impl Cpe {
    /// How this name, as the source, relates to a target (NISTIR 7696, section 6.2, table 6-4):
    /// disjoint as soon as one attribute is, otherwise what all attributes agree on.
    pub fn relation(&self, target: &Self) -> Relation {
        let mut all = self.part.relation(target.part);
        for (source, target) in self.attributes().zip(target.attributes()) {
            all = match (all, source.relation(target)) {
                (Relation::Disjoint, _) | (_, Relation::Disjoint) => return Relation::Disjoint,
                (all, Relation::Equal) => all,
                (Relation::Equal, one) => one,
                (all, one) if all == one => all,
                _ => Relation::Undetermined,
            };
        }
        all
    }
}

/// Whether a pattern covers a value (section 7.3, `compareStrings`): a run of `?` stands for at
/// most as many characters.
fn matches(pattern: &str, value: &str) -> bool {
    let Ok(letters) = formatted_letters(pattern) else {
        return false;
    };
    let (before, rest) = limit(letters.iter());
    let (after, _) = limit(letters.iter().skip(rest).rev());
    let body: String = letters
        .iter()
        .filter_map(|letter| match letter {
            Letter::Plain(character) => Some(*character),
            Letter::One | Letter::Many => None,
        })
        .collect();
    value.len().checked_sub(body.len()).is_some_and(|spare| {
        let fits = |place: usize| within(place, before) && within(spare - place, after);
        (0..=spare)
            .filter(|place| fits(*place))
            .any(|place| value.get(place..).is_some_and(|tail| tail.starts_with(&body)))
    })
}

/// How many characters the wildcards in front stand for, none for any count, and how many
/// wildcards there are.
fn limit<'a>(letters: impl Iterator<Item = &'a Letter>) -> (Option<usize>, usize) {
    let mut count = 0;
    for letter in letters {
        match letter {
            Letter::Many => return (None, count + 1),
            Letter::One => count += 1,
            Letter::Plain(_) => break,
        }
    }
    (Some(count), count)
}

fn within(length: usize, limit: Option<usize>) -> bool {
    limit.is_none_or(|limit| length <= limit)
}
