//! Of several doubts the one that is nearest to a decision is told: that an update is not known
//! says more than that the word beside it can't be read.
//!
//! Refuses to decide: which doubt is told changes no verdict.

use domain::cpe::Cpe;

use crate::reason::Rule;

/// How many platforms a sentence names.
const PLATFORMS: usize = 4;

/// How far a doubt is from a decision: what is left to find out, from one thing beside the version
/// to which product is meant.
pub(super) fn distance(rule: Rule) -> u8 {
    match rule {
        Rule::PlatformUnknown | Rule::ConditionUnread => 1,
        Rule::VersionUnknown | Rule::ModelUnknown => 2,
        Rule::VersionsNotComparable => 3,
        Rule::ProductFamily | Rule::VendorUnknown => 4,
        Rule::VersionTextUnread => 5,
        Rule::VersionNotNamed | Rule::FixedElsewhere => 6,
        _ => 0,
    }
}

/// Why nobody can tell whether a configuration holds.
pub(super) struct Doubt<'c> {
    rule: Rule,
    words: String,
    /// Where all that is open is a platform: the first of those of which one would do.
    platforms: Vec<&'c Cpe>,
    /// How many there are.
    count: usize,
}

impl<'c> Doubt<'c> {
    pub(super) fn new(rule: Rule, words: String) -> Self {
        Self { rule, words, platforms: Vec::new(), count: 0 }
    }

    /// Nobody states whether this platform is there.
    pub(super) fn of_platform(platform: &'c Cpe) -> Self {
        Self {
            rule: Rule::PlatformUnknown,
            words: String::new(),
            platforms: vec![platform],
            count: 1,
        }
    }

    /// What to tell where either doubt, settled, would do.
    pub(super) fn or(mut self, other: Self) -> Self {
        if !self.platforms.is_empty() && !other.platforms.is_empty() {
            let mut more = other.count;
            for platform in other.platforms {
                if self.platforms.contains(&platform) {
                    more -= 1;
                } else if self.platforms.len() < PLATFORMS {
                    self.platforms.push(platform);
                }
            }
            self.count += more;
            return self;
        }
        if distance(other.rule) < distance(self.rule) { other } else { self }
    }

    /// What to tell where both doubts have to be settled.
    pub(super) fn and(self, other: Self) -> Self {
        if distance(other.rule) > distance(self.rule) { other } else { self }
    }

    /// By which rule it is told, in which words.
    pub(super) fn told(self) -> (Rule, String) {
        let Some((last, before)) = self.platforms.split_last() else {
            return (self.rule, self.words);
        };
        let mut names: Vec<String> = before.iter().map(ToString::to_string).collect();
        let more = self.count - self.platforms.len();
        let last = if more > 0 {
            names.push(last.to_string());
            format!("one of {more} more")
        } else {
            last.to_string()
        };
        let names = names.join(", ");
        let or = if names.is_empty() { "" } else { " or " };
        let words =
            format!("it is named on {names}{or}{last}, and whether that is here is not stated");
        (self.rule, words)
    }
}

#[cfg(test)]
mod tests {
    use domain::cpe::Cpe;

    use super::Doubt;
    use crate::reason::Rule;

    fn words(platforms: &[&str]) -> String {
        let names: Vec<Cpe> = platforms
            .iter()
            .map(|name| Cpe::parse(&format!("cpe:/o:x:{name}")).expect("a name"))
            .collect();
        let doubts = names.iter().map(Doubt::of_platform);
        let words = doubts.reduce(Doubt::or).expect("a doubt").told().1;
        words.replace("cpe:2.3:o:x:", "").replace(":*", "")
    }

    #[test]
    fn all_platforms_of_which_one_would_do_are_named_up_to_four() {
        let end = ", and whether that is here is not stated";
        assert_eq!(words(&["a"]), format!("it is named on a{end}"));
        assert_eq!(words(&["a", "b", "a"]), format!("it is named on a or b{end}"));
        assert_eq!(words(&["a", "b", "c"]), format!("it is named on a, b or c{end}"));
        let six = words(&["a", "b", "c", "d", "e", "f"]);
        assert_eq!(six, format!("it is named on a, b, c, d or one of 2 more{end}"));
    }

    #[test]
    fn the_nearest_of_several_is_told_and_the_farthest_of_what_all_has_to_be_settled() {
        let unread = || Doubt::new(Rule::VersionTextUnread, "unread".into());
        let update = || Doubt::new(Rule::VersionUnknown, "update".into());
        assert_eq!(unread().or(update()).told().0, Rule::VersionUnknown);
        assert_eq!(update().or(unread()).told().0, Rule::VersionUnknown);
        assert_eq!(unread().and(update()).told().0, Rule::VersionTextUnread);
        assert_eq!(update().and(unread()).told().0, Rule::VersionTextUnread);
    }
}
