//! How far two names agree: that of an advisory, and that of a device.
//!
//! Refuses to take what one name has more for nothing, unless it says only what the thing is or is
//! for.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::{ProductName, numbers, short, words};

/// How far a product's name agrees with another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Agreement {
    /// The same words.
    Same,
    /// The advisory's name lists several products or models, and the device's is one of them.
    Listed,
    /// The same numbers, and words before them that one of both leaves out.
    Numbered,
    /// The same words, but for some that say what the product is for.
    Described,
    /// The same words, and the advisory's name has a version besides: perhaps the device's.
    Line,
    /// The advisory's name has a model number that the device's lacks: perhaps that model.
    Narrower,
    /// All words of the advisory's name, and the device's has more: a model of that family.
    Family,
}

/// Of more words that differ, none is only beside what both name.
const WORDS_BESIDE: usize = 8;

impl ProductName {
    /// How the name in an advisory (`self`) agrees with a device's model.
    ///
    /// All telling words of the advisory must be among the device's: `Alaris GS` is not `Alaris
    /// PCU`. Where the device has telling words more, the advisory names its family; but a number
    /// more is another model: `MiniMed` is the family of `MiniMed 620G`, while `Sigma` is not
    /// `Sigma 8000`'s sibling and so only its family too. Words that say what a product is for may
    /// be missing, or be others.
    #[must_use]
    pub fn agrees_with(&self, device: &Self) -> Option<Agreement> {
        let (own, theirs) = (self.joined_as(device), device.joined_as(self));
        let agreement = own.agrees_by_words(&theirs);
        // A name in brackets is the device's as well: `PIC iX (Information Center iX)`.
        let in_brackets = || own.agrees_by_words(device.in_brackets.as_deref()?);
        let agreement = match agreement {
            Some(Agreement::Same) => agreement,
            _ => in_brackets().filter(|found| *found == Agreement::Same).or(agreement),
        };
        let shortened = || {
            let (own, theirs) = self.shortened(device)?;
            own.agrees_by_words(&theirs)
        };
        let agreement = match agreement {
            Some(Agreement::Same) => agreement,
            _ => [agreement, shortened()].into_iter().flatten().min(),
        };
        let agreement = agreement.filter(|_| !self.without.iter().any(|one| one.is_meant(device)));
        let perhaps_left_out = || self.without.iter().any(|one| one.is_meant_at_some(device));
        let agreement = agreement.map(|agreement| match agreement {
            Agreement::Family if perhaps_left_out() => Agreement::Narrower,
            agreement => agreement,
        });
        match (agreement?, &self.line, &device.line) {
            (Agreement::Family | Agreement::Narrower, Some(_), None) => agreement,
            (_, Some(_), None) => Some(Agreement::Line),
            (_, Some(own), Some(theirs)) if !own.meets(theirs) => None,
            (agreement, ..) => Some(agreement),
        }
    }

    /// This name with words joined that the other writes together.
    pub(super) fn joined_as(&self, other: &Self) -> Cow<'_, Self> {
        let others = other.in_order.iter().chain(&other.also);
        let joined = self.runs.joined_as(&self.in_order, others);
        joined.map_or(Cow::Borrowed(self), |words| Cow::Owned(self.renamed(words)))
    }

    fn is_meant(&self, device: &Self) -> bool {
        self.agrees_with(device).is_some_and(|agreement| agreement <= Agreement::Described)
    }

    /// Whether some releases of the device are meant: `Venue 40 R1-3`.
    fn is_meant_at_some(&self, device: &Self) -> bool {
        let is_number = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
        let is_release = |word: &String| word.strip_prefix(['r', 'v']).is_some_and(is_number);
        let bare = |name: &Self| {
            let at = name.in_order.iter().rposition(is_release)?;
            let (bare, releases) = name.in_order.split_at(at);
            let named = || Self { runs: words::Runs::of(bare), ..name.renamed(bare.to_vec()) };
            releases.iter().skip(1).all(|word| is_number(word)).then(named)
        };
        bare(self).is_some_and(|own| match bare(device) {
            Some(device) => own.is_meant(&device),
            None => own.is_meant(device),
        })
    }

    fn agrees_by_words(&self, device: &Self) -> Option<Agreement> {
        if self.telling.is_empty() || device.telling.is_empty() {
            return self.agrees_by_kind(device);
        }
        let both_say = !self.kinds.is_empty() && !device.kinds.is_empty();
        if both_say && self.kinds.is_disjoint(&device.kinds) || self.is_of_another_line(device) {
            return None;
        }
        let is_part = self.is_part_of(device);
        let missing = self.lacking_in(device);
        let extra = device.lacking_in(self);
        if missing.is_empty() && extra.is_empty() || self.together == device.together {
            return Some(if is_part { Agreement::Narrower } else { Agreement::Same });
        }
        if self.shares_order_number(device) {
            return Some(Agreement::Numbered);
        }
        if is_part {
            return None;
        }
        if extra.is_empty() && self.is_ordered_as(device) {
            return Some(Agreement::Numbered);
        }
        let says_little = |word: &String, of: &Self, other: &Self| {
            words::is_purpose(word)
                || of.in_lower_case.contains(word)
                || words::is_type(word, other.telling.len())
                || short::abbreviates(word, &other.in_order)
        };
        let few = missing.len() + extra.len() <= WORDS_BESIDE && self.shares_a_name(device);
        let nothing_missing = few && missing.iter().all(|word| says_little(word, self, device));
        let nothing_more =
            nothing_missing && extra.iter().all(|word| says_little(word, device, self));
        if nothing_more {
            return Some(Agreement::Described);
        }
        if missing.is_empty() {
            let same = self.is_numbered_as(device);
            return Some(if same { Agreement::Numbered } else { Agreement::Family });
        }
        self.listed(device)
            .or_else(|| self.narrower(device))
            .or_else(|| self.shares_number(device))
            .or_else(|| (extra.is_empty() && self.may_be(device)).then_some(Agreement::Narrower))
    }

    /// Whether a device whose name says less may be this product: what both have is a name that was
    /// coined for few.
    fn may_be(&self, device: &Self) -> bool {
        const LETTERS: usize = 5;
        let coined = |word: &&String| word.len() >= LETTERS && !words::is_purpose(word);
        // `IntelliSpace Portal` is no `IntelliSpace Cardiovascular` that says less.
        let same_kind = device.kinds.is_empty() || device.kinds == self.kinds;
        same_kind && self.telling.intersection(&device.telling).any(|word| coined(&word))
    }

    /// How names agree that have nothing but words for a kind of thing: `CNC Controller`.
    fn agrees_by_kind(&self, device: &Self) -> Option<Agreement> {
        if self.words.is_empty() || self.kinds.is_empty() && self.words != device.words {
            return None;
        }
        let says_little = |word: &&String| {
            words::is_filler(word) || words::is_purpose(word) || words::is_type(word, 2)
        };
        let more = device.words.difference(&self.words);
        let same = self.kinds == device.kinds
            && self.telling.is_empty()
            && more.filter(|word| !says_little(word)).count() == 0;
        match (self.words == device.words, same) {
            (true, _) => Some(Agreement::Same),
            (_, true) => Some(Agreement::Described),
            _ => None,
        }
    }

    /// An order number that both names have: no other product of the maker bears it.
    pub(super) fn shares_order_number(&self, device: &Self) -> bool {
        const LETTERS: usize = 6;
        let is_long = |word: &&String| {
            word.len() >= LETTERS && word.bytes().filter(u8::is_ascii_digit).count() + 1 >= LETTERS
        };
        let own = || self.also.iter().chain(&self.telling).filter(is_long);
        let has = |number: &String| device.also.contains(number) || device.telling.contains(number);
        // A part of a number in brackets is none by itself, and of several none is the product's.
        let is_part = |number: &&String, other: &&String| {
            other.len() >= number.len() && other.contains(&***number)
        };
        own().any(|number| has(number) && own().all(|other| is_part(&other, &number)))
    }

    /// Whether the device bears nothing but the order number that stands in brackets here.
    fn is_ordered_as(&self, device: &Self) -> bool {
        const LETTERS: usize = 5;
        let all = device.telling.iter().all(|word| self.also.contains(word));
        let numbered = device.together.bytes().any(|b| b.is_ascii_digit());
        all && numbered && device.together.len() >= LETTERS
    }

    /// The telling words that another name lacks. A number that is part of a code there is not
    /// lacking: the `1200` of an `EM1200`.
    pub(super) fn lacking_in(&self, other: &Self) -> Vec<&String> {
        let has = |word: &String| {
            other.all.contains(word)
                || other.also.contains(word)
                || other.starts.iter().any(|start| word.starts_with(start))
                || self.starts.contains(word)
                || self.is_repeated(word, other)
        };
        self.telling.iter().filter(|word| !has(word)).collect()
    }

    /// Whether a bare number is that of a code in either name, or a code that of a bare number.
    fn is_repeated(&self, word: &str, other: &Self) -> bool {
        const DIGITS: usize = 3;
        let digits = |word: &str| word.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
        let is_bare = |word: &str| word.len() >= DIGITS && word.bytes().all(|b| b.is_ascii_digit());
        let is_of = |number: &str, code: &str| {
            is_bare(number)
                && code.len() > number.len()
                && digits(code) == number.len()
                && code.ends_with(number)
        };
        let repeats = |code: &String| is_of(word, code) || is_of(code, word);
        let near = self.also.iter().chain(&other.also);
        numbers::is_numbered(word) && near.chain(&other.telling).any(repeats)
    }

    /// Whether both have a word that names something: no number, kind or purpose.
    fn shares_a_name(&self, device: &Self) -> bool {
        const LETTERS: usize = 3;
        let is_code = |word: &str| {
            word.len() > 1
                && word.bytes().any(|b| b.is_ascii_digit())
                && word.bytes().any(|b| b.is_ascii_alphabetic())
        };
        let names =
            |word: &&String| (word.len() >= LETTERS || is_code(word)) && !words::is_purpose(word);
        let own = self.telling.intersection(&device.all);
        let theirs = device.telling.intersection(&self.all);
        own.chain(theirs).any(|word| names(&word))
    }

    /// Whether two names bear names of makers that are one by now, and not the same: the
    /// `McKesson Cardiology` and the `Change Healthcare Cardiology`.
    fn is_of_another_line(&self, device: &Self) -> bool {
        if self.all.len() == self.words.len() || device.all.len() == device.words.len() {
            return false;
        }
        let (own, theirs) =
            (self.all.difference(&self.words), device.all.difference(&device.words));
        let (own, theirs): (BTreeSet<_>, BTreeSet<_>) = (own.collect(), theirs.collect());
        own.is_disjoint(&theirs) && !self.shares_a_name(device)
    }

    /// Whether this names a part or program that the device's name does not speak of. A model
    /// number that both have says enough: `CareLink 2090 Programmer`.
    fn is_part_of(&self, device: &Self) -> bool {
        let numbered = |word: &&String| word.len() >= 3 && word.bytes().any(|b| b.is_ascii_digit());
        let shared = self.telling.intersection(&device.telling).any(|word| numbered(&word));
        // `Space Station` and `SpaceStation` both say it.
        let part = |word: &String| {
            words::is_part(word)
                && !device.together.contains(word.as_str())
                && !device.also.contains(word)
        };
        !shared && self.kinds.iter().any(part)
    }

    /// The advisory's name has all words of the device's, and more. With the same model numbers it
    /// is only wordier; with one more it is perhaps this model; otherwise it is another product.
    fn narrower(&self, device: &Self) -> Option<Agreement> {
        if !device.telling.is_subset(&self.all) {
            return None;
        }
        let (own, devices) = (&self.numbered, &device.numbered);
        let telling_number = devices.iter().any(|number| number.len() >= 3);
        if own == devices && telling_number {
            return Some(Agreement::Numbered);
        }
        (own.len() > devices.len()).then_some(Agreement::Narrower)
    }
}
