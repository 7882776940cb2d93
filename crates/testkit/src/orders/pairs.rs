//! Versions as each ecosystem writes them, by chance from a seed: half of the pairs are two that
//! differ in one place, for those are what an order is made for.

use std::fmt::Write as _;

use crate::seed::Seed;

/// How an ecosystem writes versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Deb,
    Rpm,
    Pep440,
    Semver,
    Maven,
    Gem,
    Golang,
    Composer,
}

/// So many pairs.
pub(super) fn pairs(form: Form, count: usize, seed: u64) -> Vec<(String, String)> {
    let mut chance = Chance(Seed::new(seed));
    let pair = |_| {
        let a = form.version(&mut chance);
        let b =
            if chance.of(2) { form.changed(&a, &mut chance) } else { form.version(&mut chance) };
        if chance.of(2) { (a, b) } else { (b, a) }
    };
    (0..count).map(pair).collect()
}

struct Chance(Seed);

impl Chance {
    /// Once in so many times.
    fn of(&mut self, times: u64) -> bool {
        self.0.below(times) == 0
    }

    fn up_to(&mut self, most: usize) -> usize {
        let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
        usize::try_from(self.0.below(limit)).unwrap_or(0)
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        let place = self.up_to(from.len().saturating_sub(1));
        from.get(place).copied().unwrap_or_default()
    }

    /// A number: mostly small, sometimes with zeros in front or very long.
    fn number(&mut self) -> String {
        match self.0.below(20) {
            0 => format!("0{}", self.0.below(20)),
            1 => "20240930123456789012345".to_owned(),
            2 => self.0.below(100_000).to_string(),
            3..=8 => self.0.below(30).to_string(),
            _ => self.0.below(4).to_string(),
        }
    }

    /// A number as semantic versions write it: without zeros in front.
    fn plain(&mut self) -> String {
        match self.0.below(20) {
            0 => self.0.below(100_000).to_string(),
            1..=6 => self.0.below(30).to_string(),
            _ => self.0.below(4).to_string(),
        }
    }

    fn numbers(&mut self, least: usize, most: usize, plain: bool) -> String {
        let count = least + self.up_to(most - least);
        let one = |_| if plain { self.plain() } else { self.number() };
        (0..count).map(one).collect::<Vec<_>>().join(".")
    }
}

impl Form {
    fn version(self, chance: &mut Chance) -> String {
        match self {
            Self::Deb => deb(chance),
            Self::Rpm => rpm(chance),
            Self::Pep440 => pep440(chance),
            Self::Semver => semver(chance),
            Self::Maven => maven(chance),
            Self::Gem => gem(chance),
            Self::Golang => golang(chance),
            Self::Composer => composer(chance),
        }
    }

    /// The version with one piece more, less, or another one in its place.
    fn changed(self, version: &str, chance: &mut Chance) -> String {
        let pieces: &[&str] = match self {
            Self::Deb => &["~", "+", ".", "-1", "0", "~rc1", "+b1", "ubuntu1", "a", "Z", ".0"],
            Self::Rpm => &["~", "^", ".", "0", "~rc1", "^git1", "a", "Z", ".el9", "_", ".0"],
            Self::Pep440 => &[".0", "a1", "b2", "rc1", ".post1", ".dev3", "+local.1", "1", "-1"],
            Self::Semver => &["-0", "-alpha", "-alpha.1", "-rc.2", "+build", ".1", "-a-b", "0"],
            Self::Maven => &[
                ".0",
                "-0",
                ".1",
                "-1",
                "-SNAPSHOT",
                ".Final",
                "-alpha-1",
                "-sp",
                ".x",
                "a1",
                "-ga",
                "-rc2",
                "-jre",
                "m3",
                "0",
            ],
            Self::Gem => &[".0", ".1", ".a", ".pre", "-1", ".rc1", "0", ".b2"],
            Self::Golang => &["-0", "-rc.1", "+incompatible", "-alpha", "-beta.2"],
            Self::Composer => &[".0", ".1", "-beta1", "RC2", "-dev", "-p1", "-alpha", ".0.0", "0"],
        };
        let piece = chance.pick(pieces);
        let at = if chance.of(2) { version.len() } else { chance.up_to(version.len()) };
        let at = (0..=at).rev().find(|at| version.is_char_boundary(*at)).unwrap_or(0);
        let (before, after) = version.split_at(at);
        let cut = after.get(1..).filter(|_| chance.of(4) && !before.is_empty());
        cut.map_or_else(|| format!("{before}{piece}{after}"), |cut| format!("{before}{cut}"))
    }
}

fn deb(chance: &mut Chance) -> String {
    let mut version = String::new();
    if chance.of(6) {
        let _ = write!(version, "{}:", chance.0.below(3));
    }
    version += &chance.numbers(1, 4, false);
    for _ in 0..chance.up_to(2) {
        version +=
            chance.pick(&["~", "+", ".", "-", "a", "rc", "~rc", "+dfsg", "~beta", "Z", "git"]);
        version += &chance.number();
    }
    if chance.of(2) {
        version.push('-');
        version += &chance.number();
        if chance.of(3) {
            version += chance.pick(&["ubuntu0.1", "+deb12u1", "~bpo11+1", "build1", "+b1", ".1"]);
        }
    }
    version
}

fn rpm(chance: &mut Chance) -> String {
    let mut version = String::new();
    if chance.of(6) {
        let _ = write!(version, "{}:", chance.0.below(3));
    }
    version += &chance.numbers(1, 4, false);
    for _ in 0..chance.up_to(2) {
        version += chance.pick(&["~", "^", ".", "_", "a", "rc", "~rc", "+", "^git", "Z", "p"]);
        version += &chance.number();
    }
    if chance.of(2) {
        version.push('-');
        version += &chance.number();
        version += chance.pick(&["", ".el8", ".el9_4.1", ".fc39", ".1.module+el8.9.0+1+abc", "~1"]);
    }
    version
}

fn pep440(chance: &mut Chance) -> String {
    let mut version = String::new();
    if chance.of(10) {
        version.push('v');
    }
    if chance.of(10) {
        let _ = write!(version, "{}!", chance.0.below(3));
    }
    version += &chance.numbers(1, 4, true);
    if chance.of(3) {
        version += chance.pick(&["", ".", "-", "_"]);
        version += chance.pick(&["a", "b", "rc", "c", "alpha", "beta", "pre", "preview", "RC"]);
        version += chance.pick(&["", ".", "-"]);
        version += &chance.plain();
    }
    if chance.of(4) {
        version += chance.pick(&[".post", "-", ".rev", "post", ".r"]);
        version += &chance.plain();
    }
    if chance.of(4) {
        version += chance.pick(&[".dev", "dev", "-dev"]);
        version += &chance.plain();
    }
    if chance.of(6) {
        version += chance.pick(&["+local", "+1.a", "+ubuntu.1", "+abc-1", "+10"]);
    }
    version
}

fn semver(chance: &mut Chance) -> String {
    let mut version = chance.numbers(3, 3, true);
    if chance.of(2) {
        version.push('-');
        let words = ["alpha", "beta", "rc", "0", "1", "10", "a-b", "x7", "Alpha", "-"];
        let count = 1 + chance.up_to(3);
        let part = |_| chance.pick(&words);
        version += &(0..count).map(part).collect::<Vec<_>>().join(".");
    }
    if chance.of(5) {
        version += chance.pick(&["+build", "+1.2", "+sha.5114f85"]);
    }
    version
}

fn maven(chance: &mut Chance) -> String {
    let mut version = chance.numbers(1, 4, false);
    if chance.of(2) {
        version += chance.pick(&[".", "-", "-"]);
        version += chance.pick(&[
            "alpha",
            "beta",
            "milestone",
            "rc",
            "cr",
            "M",
            "SNAPSHOT",
            "ga",
            "Final",
            "RELEASE",
            "sp",
            "a",
            "b",
            "m",
            "jre",
            "android",
            "b09",
            "x",
        ]);
        if chance.of(2) {
            version += chance.pick(&["", "-", "."]);
            version += &chance.number();
        }
    }
    if chance.of(6) {
        version += chance.pick(&["-SNAPSHOT", "-jre8", "-1", ".redhat-00001", "-incubating"]);
    }
    version
}

fn gem(chance: &mut Chance) -> String {
    let mut version = chance.numbers(1, 4, false);
    for _ in 0..chance.up_to(2) {
        version += chance.pick(&[".", ".", "-"]);
        version += chance.pick(&["a", "b", "rc", "pre", "beta", "alpha", "0", "1", "Z"]);
        if chance.of(2) {
            version += &chance.number();
        }
    }
    version
}

fn golang(chance: &mut Chance) -> String {
    let mut version = format!("v{}", chance.numbers(3, 3, true));
    match chance.up_to(5) {
        0 => version += chance.pick(&["-rc.1", "-beta", "-alpha.2", "-0", "-rc1"]),
        1 => {
            version += chance.pick(&["-", "-0.", "-rc.1.0."]);
            let _ = write!(version, "202{}0102030405-", chance.0.below(5));
            version += &chance.0.digits(12);
        }
        2 => version += "+incompatible",
        _ => {}
    }
    version
}

fn composer(chance: &mut Chance) -> String {
    let mut version = String::from(if chance.of(5) { "v" } else { "" });
    version += &chance.numbers(1, 4, true);
    if chance.of(2) {
        version += chance.pick(&["-", "", ".", "_"]);
        version += chance.pick(&["alpha", "beta", "RC", "a", "b", "patch", "pl", "p", "stable"]);
        if chance.of(2) {
            version += &chance.plain();
        }
    }
    if chance.of(8) {
        version += "-dev";
    }
    version
}
