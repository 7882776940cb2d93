//! CVE records made from a seed, for benchmarks: as long as real ones, and with a realistic share
//! that is about what a hospital has.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;

use crate::hospital::Random;

const SEED: u64 = 0xC_0FFE_E123;
/// Packages that records are about; those of a made hospital are among the first of them, so that
/// one component in four has a finding.
const PACKAGES: u64 = 600_000;
/// Products that are no packages.
const PRODUCTS: u64 = 80_000;
/// Files, as a list of all records is kept by years.
pub(crate) const FILES: usize = 30;
const WORDS: [&str; 24] = [
    "a",
    "remote",
    "attacker",
    "crafted",
    "request",
    "buffer",
    "overflow",
    "in",
    "the",
    "parser",
    "allows",
    "to",
    "execute",
    "arbitrary",
    "code",
    "via",
    "input",
    "validation",
    "of",
    "session",
    "header",
    "improper",
    "handling",
    "configuration",
];

/// Writes records in files of one a line, and an estimate for each.
pub(crate) fn make(folder: &Path, records: usize) {
    fs::create_dir_all(folder).unwrap();
    let mut random = Random(SEED);
    for file in 0..FILES {
        let path = folder.join(format!("{}.jsonl", 1997 + file));
        let mut out = BufWriter::new(File::create(path).unwrap());
        for number in (file..records).step_by(FILES) {
            writeln!(out, "{}", record(&mut random, 1997 + file, number)).unwrap();
        }
        out.flush().unwrap();
    }
    let mut epss = BufWriter::new(File::create(folder.join("epss.csv")).unwrap());
    writeln!(epss, "#model_version:v2025.03.14,score_date:2026-11-23T00:00:00+0000").unwrap();
    writeln!(epss, "cve,epss,percentile").unwrap();
    for number in 0..records {
        let (share, rank) = (random.below(1_000), random.below(1_000));
        writeln!(epss, "CVE-{}-{number},0.00{share:03},0.{rank:03}", 1997 + number % FILES)
            .unwrap();
    }
    epss.flush().unwrap();
}

fn record(random: &mut Random, year: usize, number: usize) -> String {
    let affected: Vec<String> = (0..=random.below(3)).map(|_| affected(random)).collect();
    let words: Vec<&str> =
        (0..45).map(|_| WORDS[usize::try_from(random.below(24)).unwrap()]).collect();
    let reference = |place: u64| {
        format!("{{\"url\":\"https://advisories.example/{place}/{number}\",\"tags\":[\"patch\"]}}")
    };
    let (rights, impact) = (["N", "L"][number % 2], ["H", "L"][number / 2 % 2]);
    format!(
        "{{\"dataType\":\"CVE_RECORD\",\"dataVersion\":\"5.1\",\"cveMetadata\":{{\"cveId\":\
         \"CVE-{year}-{number}\",\"assignerOrgId\":\"8254265b-2729-46b6-b9e3-3dfca2d5bfca\",\
         \"state\":\"PUBLISHED\",\"assignerShortName\":\"made\",\"dateReserved\":\
         \"2024-01-01T00:00:00.000Z\",\"datePublished\":\"2024-02-01T00:00:00.000Z\",\"dateUpdated\":\
         \"2024-03-01T00:00:00.000Z\"}},\"containers\":{{\"cna\":{{\"providerMetadata\":{{\"orgId\":\
         \"8254265b-2729-46b6-b9e3-3dfca2d5bfca\",\"shortName\":\"made\",\"dateUpdated\":\
         \"2024-03-01T00:00:00.000Z\"}},\"descriptions\":[{{\"lang\":\"en\",\"value\":\"{}\"}}],\
         \"affected\":[{}],\"references\":[{},{},{}],\"problemTypes\":[{{\"descriptions\":[{{\"type\":\
         \"CWE\",\"lang\":\"en\",\"cweId\":\"CWE-{}\",\"description\":\"A weakness\"}}]}}],\"metrics\":\
         [{{\"cvssV3_1\":{{\"version\":\"3.1\",\"vectorString\":\
         \"CVSS:3.1/AV:N/AC:L/PR:{rights}/UI:N/S:U/C:{impact}/I:H/A:H\",\"baseScore\":8.8,\
         \"baseSeverity\":\"HIGH\"}}}}]}}}}}}",
        words.join(" "),
        affected.join(","),
        reference(1),
        reference(2),
        reference(3),
        20 + random.below(900),
    )
}

/// Half of what records are about are packages.
fn affected(random: &mut Random) -> String {
    let (fixed, minor) = (random.below(12), random.below(20));
    let versions = format!(
        "\"versions\":[{{\"version\":\"0\",\"status\":\"affected\",\"lessThan\":\
         \"{fixed}.{minor}.0\",\"versionType\":\"semver\"}}]"
    );
    if random.below(2) == 0 {
        let package = random.below(PACKAGES);
        return format!(
            "{{\"vendor\":\"made\",\"product\":\"lib{package}\",\"packageName\":\"lib{package}\",\
             \"collectionURL\":\"https://registry.npmjs.org\",\"defaultStatus\":\"unaffected\",{versions}}}"
        );
    }
    let product = random.below(PRODUCTS);
    let vendor = product % 7_000;
    format!(
        "{{\"vendor\":\"Vendor {vendor}\",\"product\":\"Product {product} Server\",\"cpes\":\
         [\"cpe:2.3:a:vendor_{vendor}:product_{product}_server:*:*:*:*:*:*:*:*\"],\
         \"defaultStatus\":\"unaffected\",{versions}}}"
    )
}
