//! Why something was judged so: the rule, the sentence, the evidence, and what would reverse it.

use std::fmt;

use domain::location::{DocumentId, Location};

/// A place in a document, and what it says there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Which document.
    pub document: DocumentId,
    /// Where in it.
    pub at: Location,
    /// What it says, quoted and short.
    pub says: String,
}

/// One reason for a judgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The rule.
    pub rule: Rule,
    /// What it found, in one sentence.
    pub sentence: String,
    /// Where it found it.
    pub evidence: Vec<Evidence>,
}

macro_rules! rules {
    ($($name:ident $text:literal $meaning:literal $reversed_by:literal;)*) => {
        /// The catalogue of rules.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Rule {
            $(#[doc = $meaning] $name,)*
        }

        impl Rule {
            /// Every rule, in the order of the catalogue.
            pub const ALL: &'static [Rule] = &[$(Rule::$name),*];

            /// The stable name, as users and scripts see it.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self { $(Rule::$name => $text),* }
            }

            /// One sentence: what it means.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Rule::$name => $meaning),* }
            }

            /// What would reverse it.
            #[must_use]
            pub fn reversed_by(self) -> &'static str {
                match self { $(Rule::$name => $reversed_by),* }
            }
        }
    };
}

rules! {
    PackageInRange "match.package-in-range" "The component's package and version are among those named" "another version in the SBOM, or a VEX statement by its maker";
    CpeInRange "match.cpe-in-range" "The CPE name and version are among those named" "another version in the inventory or SBOM, or a VEX statement";
    NameInRange "match.name-in-range" "Vendor, product and version are among those named" "another version in the inventory, a corrected product name, or a VEX statement";
    NameAllVersions "match.name-all-versions" "Vendor and product are named with all their versions" "a corrected product name, or a VEX statement";
    VersionOutside "match.version-outside" "The version lies outside those named" "another version in the inventory or SBOM";
    VersionUnknown "match.version-unknown" "The version of the product is not known" "the version in the inventory or SBOM";
    VersionTextUnread "match.version-text-unread" "The advisory's words about versions can't be read" "reading the advisory, and a decision by hand";
    VersionNotNamed "match.version-not-named" "The document names the product without versions, or by commits only" "a document that names versions";
    VersionsNotComparable "match.versions-not-comparable" "The two versions are not written in one way, so neither is known to come first" "the version in the maker's own form, or a decision by hand";
    ConditionUnread "match.condition-unread" "The advisory adds a condition that can't be checked" "reading the advisory, and a decision by hand";
    PlatformUnknown "match.platform-unknown" "It holds only on a platform that is not stated for the release" "hardware or operating system in the SBOM or inventory";
    VendorUnknown "match.vendor-unknown" "Only the name agrees; the maker is not stated" "the manufacturer in the inventory, the supplier in the SBOM";
    ProductFamily "match.product-family" "The advisory names a family of products, not this model" "reading the advisory, and a decision by hand";
    ModelUnknown "match.model-unknown" "The advisory names a model more exactly than the inventory does" "the model number in the inventory";
    FixedElsewhere "match.fixed-elsewhere" "The advisory names only the version in which it is fixed, and this is another one" "the fixed version, or reading the advisory";
    FixedInLaterBuild "match.fixed-in-later-build" "The distribution fixes it in a later build of this package, of the same stream" "the fixed build in the SBOM, or a statement by the distribution";
    DistributionUnknown "match.distribution-unknown" "The advisory is about one distribution, and the component does not say its own" "the distribution in the component's package URL";
    StatedNotAffected "statement.not-affected" "Its maker states that it is not affected" "a later statement, or another version";
    StatedFixed "statement.fixed" "Its maker states that it is fixed" "a later statement, or another version";
    StatedAffected "statement.affected" "Its maker states that it is affected" "a later statement, or another version";
    StatedInvestigation "statement.under-investigation" "Its maker is looking into it" "the maker's answer";
    StatementNotApplied "statement.not-applied" "A statement that clears was found and not applied, for its reason or its scope does not reach this product" "a statement that names the product itself";
    DecidedNotAffected "decision.not-affected" "The hospital has decided that it is not affected" "undoing the decision, or a narrower statement";
    DecidedFalsePositive "decision.false-positive" "The hospital has decided that the match is wrong" "undoing the decision, or a narrower statement";
    DecidedAccepted "decision.accepted" "The hospital accepts the risk until a day; the finding stays open" "undoing the decision, or the day";
    DecidedRanOut "decision.ran-out" "The day has passed until which the hospital accepted the risk" "deciding anew";
    DecidedElsewhere "decision.other-version" "The hospital has decided about another version, which does not carry over" "deciding anew for this version";
    DecidedOtherwise "decision.superseded" "Another decision of the hospital, narrower or newer, takes the place of this one" "undoing the other";
    Conflict "statement.conflict" "Two statements disagree; the more specific, then the hospital's own, then the newer, was followed; without a date the graver" "asking the maker";
    SbomByLink "sbom.by-releases-table" "A line of the table of releases says that the SBOM describes this release" "another line in that table";
    SbomByItself "sbom.by-its-own-metadata" "The SBOM says itself that it describes this release" "a line in `releases.csv`";
    SbomAnyVersion "sbom.version-not-stated" "The SBOM names the model without a version, so it was taken for every version of it" "a line in `releases.csv`";
    SbomOtherUnits "sbom.release-version-unknown" "The SBOM is of one version of this model, and the version of these units is not known" "the version in the inventory";
    OperatingSystem "match.operating-system" "The inventory names the operating system" "a corrected operating system in the inventory";
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::Rule;

    #[test]
    fn every_rule_has_a_name_of_its_own() {
        let mut names: Vec<&str> = Rule::ALL.iter().map(|rule| rule.text()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Rule::ALL.len());
    }
}
