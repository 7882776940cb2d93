//! Holds judging what changed equal to judging everything, row by row, over changes by chance.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use collectors::folder::Unwatched;
use domain::decision::{Justification, Ruling};
use jiff::civil::date;
use presentation::decide::{self, New, Reach};
use serde_json::{Value, json};
use store::database::{Database, Transaction};
use store::documents::{self, Receipt};
use store::releases;

use super::means::{self, Means};
use super::{change, judge};
use crate::compiling::{self, Import};

/// How often SBOMs and tables of releases are changed.
const STEPS: usize = 150;

/// Everything that a judgement writes; of a vulnerability not when it first came up.
const VIEWS: [(&str, &str); 10] = [
    (
        "release",
        "select id || ' ' || units || ' ' || components || ' ' || affected || ' ' || \
      undecided || ' ' || fixed || ' ' || not_affected || ' ' || decision || ' ' || rest || \
      ' ' || print from release order by id",
    ),
    (
        "finding",
        "select release || ' ' || place || ' ' || vulnerability || ' ' || verdict || ' ' \
      || certainty || ' ' || subject || ' ' || reasons || ' ' || part || ' ' || accepted \
      from finding order by release, place",
    ),
    (
        "component",
        "select release || ' ' || place || ' ' || name || ' ' || version || ' ' || rest \
      from component order by release, place",
    ),
    (
        "vulnerability",
        "select id || ' ' || devices || ' ' || releases || ' ' || decision || ' ' \
      || risk || ' ' || rest || ' ' || print from vulnerability order by id",
    ),
    ("ranking", "select id from ranking order by id"),
    (
        "device",
        "select id || ' ' || decision || ' ' || risk_low || ' ' || risk_high || ' ' || \
      coalesce(ranking, '') || ' ' || action || ' ' || rest || ' ' || print \
      from device order by id",
    ),
    (
        "reading",
        "select name || ' ' || records || ' ' || records_read || ' ' || refused || ' ' || \
      problems || ' ' || rest from reading order by name",
    ),
    (
        "tally",
        "select kind || ' ' || name || ' ' || maker || ' ' || devices || ' ' || decision || \
      ' ' || to_act_on from tally order by kind, name, maker",
    ),
    (
        "decision",
        "select name || ' ' || about || ' ' || coalesce(findings, -1) || ' ' || \
         coalesce(releases, -1) || ' ' || coalesce(devices, -1) || ' ' || \
         coalesce(contradicted, -1) from decision order by name",
    ),
    ("judgement", "select summary from judgement order by number desc limit 1"),
];

fn views(database: &Database) -> Vec<(&'static str, Vec<String>)> {
    let read = |transaction: &mut Transaction<'_>| {
        let of = |(name, sql): &(&'static str, &'static str)| {
            let rows = transaction.all("look", sql, &[], |row| row.text(0))?;
            Ok((*name, rows.into_iter().flatten().collect()))
        };
        VIEWS.iter().map(of).collect()
    };
    database.read("look", read).expect("views")
}

fn changes(database: &Database) -> i64 {
    let sql = "select count(*) from change";
    let count = database.read("look", |t| t.one("look", sql, &[], |row| row.integer(0)));
    count.expect("a count").flatten().unwrap_or_default()
}

/// A stream of numbers that depends on its seed alone (Marsaglia's xorshift, 64 bits).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).expect("a small number")
    }
}

/// A store, and what counts in it.
struct Scene {
    database: Database,
    files: BTreeMap<String, Vec<u8>>,
    clock: i64,
}

impl Scene {
    fn new(folder: &Path, files: BTreeMap<String, Vec<u8>>) -> Self {
        let place = folder.join("asepsis.db").display().to_string().parse().expect("a place");
        let database = Database::open(&place).expect("a store");
        let mut scene = Self { database, files: BTreeMap::new(), clock: 0 };
        for (name, bytes) in files {
            scene.put(&name, bytes);
        }
        judge(&scene.database, today(), &Unwatched).expect("judged");
        scene
    }

    fn put(&mut self, name: &str, bytes: Vec<u8>) {
        self.clock += 1;
        let receipt = Receipt { name, source: "test", at_ms: self.clock };
        let kept = |t: &mut Transaction<'_>| documents::receive(t, &bytes, &receipt);
        self.database.write("put", kept).expect("kept");
        self.files.insert(name.to_owned(), bytes);
    }

    /// Decides about a finding or two, whichever chance brings; under which name.
    fn decide(&mut self, chance: &mut Chance) -> Option<String> {
        let sql = "select release || ' ' || vulnerability from finding order by release, place";
        let all = self.database.read("look", |t| t.all("look", sql, &[], |row| row.text(0)));
        let all: Vec<String> = all.expect("findings").into_iter().flatten().collect();
        let mut about = Vec::new();
        for _ in 0..=chance.below(2) {
            let (release, vulnerability) = all[chance.below(all.len())].split_once(' ')?;
            let reach = [Reach::Release, Reach::Product, Reach::Anywhere][chance.below(3)];
            let chosen = self
                .database
                .read("look", |t| decide::chosen(t, (release, vulnerability, None), reach));
            about.extend(chosen.expect("read").unwrap_or_default().into_iter().map(|c| c.about));
        }
        let until = today().checked_add(jiff::Span::new().days(30)).expect("a day");
        let ruling = [
            Ruling::FalsePositive,
            Ruling::NotAffected(Some(Justification::ComponentNotPresent)),
            Ruling::AcceptedUntil(until),
        ][chance.below(3)];
        self.clock += 1_000;
        let new = New { ruling, reason: "by chance", author: "test", at_ms: self.clock, about };
        let made = decide::make(&new, today()).ok()?;
        let name = made.decision.name.clone();
        self.put(&name, made.document);
        Some(name)
    }

    fn take(&mut self, name: &str) {
        self.clock += 1;
        let at_ms = self.clock;
        self.database
            .write("take", |t| documents::withdraw(t, name, "test", at_ms))
            .expect("taken away");
        self.files.remove(name);
    }

    /// Judges what changed, or everything where it has to; whether it did not have to.
    fn judge_change(&self) -> bool {
        let means = Means::of(&self.database).expect("means");
        let judged = change::judge(&self.database, today(), &means).expect("judged");
        if judged.is_none() {
            judge(&self.database, today(), &Unwatched).expect("judged");
        }
        judged.is_some()
    }

    /// Judges what changed, and looks whether all would be judged the same; whether it could.
    #[track_caller]
    fn judge_and_compare(&self, what: &str) -> bool {
        let means = Means::of(&self.database).expect("means");
        let judged = change::judge(&self.database, today(), &means).expect("judged");
        let could = judged.is_some();
        let (by_change, told) = (views(&self.database), changes(&self.database));
        judge(&self.database, today(), &Unwatched).expect("judged");
        let anew = views(&self.database);
        if !could {
            return false;
        }
        for ((view, one), (_, other)) in by_change.iter().zip(&anew) {
            let differ = one.iter().zip(other).find(|(one, other)| one != other);
            assert!(differ.is_none(), "after {what}, {view} differs: {differ:#?}");
            assert_eq!(one.len(), other.len(), "after {what}, {view} has other rows");
        }
        assert_eq!(changes(&self.database), told, "after {what}, something more was told");
        true
    }
}

fn today() -> jiff::civil::Date {
    // The day of the judgements themselves: on another day everything is judged.
    crate::commands::assess::today()
}

fn example() -> BTreeMap<String, Vec<u8>> {
    testkit::hospital::files(testkit::hospital::SEED).into_iter().collect()
}

/// Changes a letter here and there, an id to another, or cuts the end off.
fn edited(bytes: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    match chance.below(8) {
        0 => bytes.truncate(chance.below(bytes.len().max(1))),
        1 | 2 => {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let ids: Vec<&str> =
                text.match_indices("CVE-20").filter_map(|(at, _)| text.get(at..at + 13)).collect();
            if ids.len() > 1 {
                let (one, other) = (ids[chance.below(ids.len())], ids[chance.below(ids.len())]);
                bytes = text.replace(one, other).into_bytes();
            }
        }
        _ => {
            let digits: Vec<usize> = bytes
                .iter()
                .enumerate()
                .filter(|(_, byte)| byte.is_ascii_digit())
                .map(|(at, _)| at)
                .collect();
            for _ in 0..=chance.below(4) {
                if !digits.is_empty() {
                    let digit = b'0' + u8::try_from(chance.below(10)).expect("a digit");
                    bytes[digits[chance.below(digits.len())]] = digit;
                }
            }
        }
    }
    bytes
}

#[test]
fn what_documents_change_is_what_judging_everything_would_change() {
    let folder = tempfile::tempdir().expect("a folder");
    let original = example();
    let mut scene = Scene::new(folder.path(), original.clone());
    let told: Vec<&String> = original
        .keys()
        .filter(|name| {
            ["advisories/", "vex/", "feeds/"].iter().any(|folder| name.starts_with(folder))
        })
        .collect();
    let mut chance = Chance(0x5EED);
    let mut could = 0;
    let mut decided: Vec<String> = Vec::new();
    for step in 0..60 {
        let mut what = vec![format!("step {step}")];
        match chance.below(4) {
            0 => {
                let name = scene.decide(&mut chance);
                what.push(format!("decided {name:?}"));
                decided.extend(name);
            }
            1 if !decided.is_empty() => {
                let name = decided.swap_remove(chance.below(decided.len()));
                scene.take(&name);
                what.push(format!("undone {name}"));
            }
            _ => {}
        }
        for _ in 0..=chance.below(3) {
            let name = told[chance.below(told.len())];
            match (scene.files.get(name).cloned(), chance.below(5)) {
                (Some(_), 0) => {
                    scene.take(name);
                    what.push(format!("{name} taken away"));
                }
                (Some(bytes), _) => {
                    let bytes = edited(&bytes, &mut chance);
                    scene.put(name, bytes);
                    what.push(format!("{name} edited"));
                }
                (None, _) => {
                    scene.put(name, original[name].clone());
                    what.push(format!("{name} back"));
                }
            }
        }
        could += usize::from(scene.judge_and_compare(&what.join(", ")));
    }
    assert!(could >= 40, "only {could} of 60 changes were judged by themselves");
}

#[test]
fn real_advisories_that_come_and_go_change_what_judging_everything_would_change() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/advisories");
    let mut real: Vec<PathBuf> = ["icsma", "icsa"]
        .iter()
        .flat_map(|folder| fs::read_dir(data.join(folder)).expect("real advisories"))
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    real.sort();
    let folder = tempfile::tempdir().expect("a folder");
    let mut scene = Scene::new(folder.path(), example());
    let mut chance = Chance(0x0ABE);
    for step in 0..24 {
        for _ in 0..6 {
            let path = &real[chance.below(real.len())];
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if scene.files.contains_key(&name) {
                scene.take(&name);
            } else {
                scene.put(&name, fs::read(path).expect("an advisory"));
            }
        }
        assert!(scene.judge_and_compare(&format!("step {step}")), "step {step}");
    }
}

#[test]
fn what_sboms_and_tables_change_is_what_judging_everything_would_change() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut original = example();
    original
        .insert("sbom/told.cdx.json".to_owned(), telling(&original["sbom/evita-v500.cdx.json"]));
    let mut scene = Scene::new(folder.path(), original.clone());
    let of = |folders: &[&str]| -> Vec<&String> {
        let is_in = |name: &&String| folders.iter().any(|folder| name.starts_with(folder));
        original.keys().filter(is_in).collect()
    };
    let (describing, telling) = (of(&["sbom/", "releases"]), of(&["advisories/", "vex/"]));
    let mut chance = Chance(0x5B0_A11);
    let mut could = 0;
    for step in 0..STEPS {
        let mut what = vec![format!("step {step}")];
        if chance.below(4) == 0 {
            what.push(format!("decided {:?}", scene.decide(&mut chance)));
        }
        for _ in 0..=chance.below(3) {
            let among = if chance.below(2) == 0 { &telling } else { &describing };
            let name = among[chance.below(among.len())];
            match (scene.files.get(name).cloned(), chance.below(5)) {
                (Some(_), 0) => {
                    scene.take(name);
                    what.push(format!("{name} taken away"));
                }
                (Some(bytes), _) => {
                    // Sometimes it is as another one, which describes another release.
                    let other = among[chance.below(among.len())];
                    let bytes = if chance.below(4) == 0 { &original[other] } else { &bytes };
                    scene.put(name, edited(bytes, &mut chance));
                    what.push(format!("{name} edited"));
                }
                (None, _) => {
                    scene.put(name, original[name].clone());
                    what.push(format!("{name} back"));
                }
            }
        }
        // Sometimes what was kept of one change has to serve for the next.
        if chance.below(2) == 0 {
            could += usize::from(scene.judge_change());
        } else {
            could += usize::from(scene.judge_and_compare(&what.join(", ")));
        }
    }
    assert!(could >= STEPS - 10, "only {could} of {STEPS} changes were judged by themselves");
}

#[test]
fn an_sbom_meets_what_came_before_it_and_what_comes_after_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut scene = Scene::new(folder.path(), example());
    let sbom = json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": { "component": { "type": "device", "name": "Evita Infinity V500",
            "version": "2.51", "manufacturer": { "name": "Drägerwerk AG & Co. KGaA" } } },
        "components": [{ "type": "library", "name": "only-here", "version": "1.0.0",
            "bom-ref": "one", "purl": "pkg:npm/only-here@1.0.0" }],
    });
    let advisory = |id: &str| {
        let event = json!([{ "introduced": "0" }, { "fixed": "2.0.0" }]);
        json!({ "id": id, "modified": "2026-01-01T00:00:00Z", "affected": [{
            "package": { "ecosystem": "npm", "name": "only-here" },
            "ranges": [{ "type": "SEMVER", "events": event }] }] })
    };
    let statement = |status: &str| {
        json!({ "@context": "https://openvex.dev/ns/v0.2.0", "@id": "urn:example:one",
            "author": "Dräger", "timestamp": "2026-01-01T00:00:00Z", "version": 1,
            "statements": [{ "vulnerability": { "name": "CVE-2099-1003" }, "status": status,
                "action_statement": "Wait for the next release.",
                "products": [{ "@id": "pkg:npm/only-here@1.0.0" }] }] })
    };
    let mut put = |name: &str, document: &Value, after: &str, compare: bool| {
        scene.put(name, serde_json::to_vec(document).expect("JSON"));
        if compare {
            assert!(scene.judge_and_compare(after), "{after}: could not be judged by itself");
        } else {
            assert!(scene.judge_change(), "{after}: could not be judged by itself");
        }
    };
    put("one.json", &advisory("CVE-2099-1001"), "an advisory before", true);
    put("two.json", &statement("affected"), "a statement before", false);
    put("only.cdx.json", &sbom, "an SBOM", false);
    put("three.json", &advisory("CVE-2099-1002"), "an advisory after", true);
    put("two.json", &statement("under_investigation"), "a statement after", true);
    let found = scene.database.read("look", |t| releases::named_with(t, "CVE-2099-1002"));
    assert_eq!(found.expect("read").len(), 1, "the advisory after it is about its release");
    scene.take("only.cdx.json");
    assert!(scene.judge_and_compare("the SBOM is gone"));
}

/// An SBOM that tells of vulnerabilities itself, and what became of them.
fn telling(sbom: &[u8]) -> Vec<u8> {
    let mut sbom: Value = serde_json::from_slice(sbom).expect("JSON");
    sbom["serialNumber"] = json!("urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79");
    let component = |place: usize| sbom["components"][place]["bom-ref"].clone();
    let told = [("CVE-2021-44228", "exploitable"), ("CVE-2020-11896", "not_affected")];
    let told = told.iter().enumerate().map(|(place, (id, state))| {
        json!({ "id": id, "analysis": { "state": state },
            "affects": [{ "ref": component(place) }] })
    });
    sbom["vulnerabilities"] = told.collect();
    serde_json::to_vec(&sbom).expect("JSON")
}

fn is_sbom((name, _): &(String, Vec<u8>)) -> bool {
    name.starts_with("sbom/")
}

/// A folder of what is known, and the base that is made of it.
struct Known {
    folder: PathBuf,
    base: PathBuf,
}

impl Known {
    fn put(&self, name: &str, bytes: &[u8]) {
        let path = self.folder.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, bytes).expect("written");
    }

    fn compile(&self) {
        let paths = [self.folder.clone()];
        let import = Import { paths: &paths, trusted: None, base: &self.base, prune: true };
        compiling::import(import, &Unwatched).expect("compiled");
    }
}

#[test]
fn what_a_base_changes_is_what_judging_everything_would_change() {
    let folder = tempfile::tempdir().expect("a folder");
    let known = Known { folder: folder.path().join("known"), base: folder.path().join("a.base") };
    let is_known = |name: &str| ["advisories/", "feeds/"].iter().any(|at| name.starts_with(at));
    let (compiled, mut own): (BTreeMap<_, _>, BTreeMap<_, _>) =
        example().into_iter().partition(|(name, _)| is_known(name));
    // Some of what is known stands in the store, in other words than in the base.
    let shared: Vec<String> = compiled.keys().step_by(3).cloned().collect();
    let mut chance = Chance(0xBA5E);
    for name in &shared {
        own.insert(format!("known/{name}"), edited(&compiled[name], &mut chance));
    }
    let mut scene = Scene::new(folder.path(), own);
    for (name, bytes) in &compiled {
        known.put(name, bytes);
    }
    known.compile();
    means::name(&scene.database, Some(&known.base)).expect("named");
    assert!(!scene.judge_and_compare("a base is named"), "it may change everything");
    let names: Vec<&String> = compiled.keys().collect();
    let sboms: Vec<(String, Vec<u8>)> = example().into_iter().filter(is_sbom).collect();
    let mut could = 0;
    for step in 0..60 {
        let mut what = vec![format!("step {step}")];
        if chance.below(3) == 0 {
            let (name, bytes) = &sboms[chance.below(sboms.len())];
            scene.put(name, edited(bytes, &mut chance));
            what.push(format!("{name} edited"));
        }
        for _ in 0..=chance.below(3) {
            let name = names[chance.below(names.len())];
            let bytes = edited(&compiled[name], &mut chance);
            match chance.below(4) {
                0 => drop(fs::remove_file(known.folder.join(name))),
                1 => known.put(name, &compiled[name]),
                2 => scene.put(&format!("known/{name}"), bytes),
                _ => known.put(name, &bytes),
            }
            what.push(name.clone());
        }
        known.compile();
        // Sometimes more than one import lies between two judgements.
        if chance.below(4) > 0 {
            could += usize::from(scene.judge_and_compare(&what.join(", ")));
        }
    }
    assert!(could >= 35, "only {could} of 60 changes were judged by themselves");
    let held = scene.database.read("look", store::compiled::all).expect("read");
    assert!(held.iter().any(|one| one.format.starts_with("CSAF") && one.documents > 5), "{held:?}");
    fs::remove_file(&known.base).expect("gone");
    let Err(error) = Means::of(&scene.database) else { panic!("judged without its base") };
    assert!(format!("{error:#}").contains("--no-base"), "{error:#}");
    means::name(&scene.database, None).expect("none is named");
    assert!(!scene.judge_and_compare("no base is named"), "it may change everything");
    assert_eq!(scene.database.read("look", store::compiled::all).expect("read"), []);
}

#[test]
fn another_day_or_inventory_is_judged_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut scene = Scene::new(folder.path(), example());
    let means = Means::of(&scene.database).expect("means");
    let other_day = change::judge(&scene.database, date(2001, 1, 1), &means).expect("looked");
    assert!(other_day.is_none());
    let (name, bytes) =
        scene.files.iter().find(|(name, _)| name.starts_with("inventory/")).expect("an inventory");
    let (name, mut bytes) = (name.clone(), bytes.clone());
    bytes.truncate(bytes.len() / 2);
    scene.put(&name, bytes);
    assert!(!scene.judge_and_compare("half an inventory"));
}

#[test]
fn what_was_broken_off_is_judged_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut scene = Scene::new(folder.path(), example());
    super::begin(&scene.database).expect("begun");
    let name = "advisories/icsma-19-190-01.json";
    scene.take(name);
    assert!(!scene.judge_and_compare("one that was broken off"));
    scene.put(name, example()[name].clone());
    assert!(scene.judge_and_compare("one that was whole"));
}
