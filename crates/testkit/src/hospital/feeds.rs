//! Excerpts of the public feeds for what is in the SBOMs: ids, ranges, vectors and dates are facts;
//! the sentences are ours. EPSS changes every day, so its numbers only show the order of size.

use std::fmt::Write;

use super::File;

/// Part, vendor, product, from (including), before (excluding) or up to.
type Range = (&'static str, &'static str, &'static str, &'static str, Limit);

#[derive(Clone, Copy)]
enum Limit {
    Before(&'static str),
    UpTo(&'static str),
}
use Limit::{Before, UpTo};

struct Record {
    cve: &'static str,
    cwe: u32,
    vector: &'static str,
    what: &'static str,
    ranges: &'static [Range],
    epss: (&'static str, &'static str),
}

const NETWORK: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";

const RECORDS: &[Record] = &[
    Record {
        cve: "CVE-2014-0160",
        cwe: 125,
        vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N",
        what: "OpenSSL gives out its memory to whoever asks by heartbeat (Heartbleed).",
        ranges: &[("a", "openssl", "openssl", "1.0.1", Before("1.0.1g"))],
        epss: ("0.94400", "0.99990"),
    },
    Record {
        cve: "CVE-2022-0778",
        cwe: 835,
        vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
        what: "A crafted certificate sends OpenSSL into an endless loop.",
        ranges: &[
            ("a", "openssl", "openssl", "1.0.2", Before("1.0.2zd")),
            ("a", "openssl", "openssl", "1.1.0", Before("1.1.1n")),
            ("a", "openssl", "openssl", "3.0.0", Before("3.0.2")),
        ],
        epss: ("0.07200", "0.91000"),
    },
    Record {
        cve: "CVE-2018-25032",
        cwe: 787,
        vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
        what: "zlib corrupts memory when it compresses certain input.",
        ranges: &[("a", "zlib", "zlib", "", Before("1.2.12"))],
        epss: ("0.00120", "0.31000"),
    },
    Record {
        cve: "CVE-2022-37434",
        cwe: 787,
        vector: NETWORK,
        what: "zlib reads beyond a gzip header's extra field.",
        ranges: &[("a", "zlib", "zlib", "", UpTo("1.2.12"))],
        epss: ("0.92100", "0.99700"),
    },
    Record {
        cve: "CVE-2016-2148",
        cwe: 119,
        vector: NETWORK,
        what: "The DHCP client of busybox overflows a buffer.",
        ranges: &[("a", "busybox", "busybox", "", Before("1.25.0"))],
        epss: ("0.03100", "0.86000"),
    },
    Record {
        cve: "CVE-2022-48174",
        cwe: 787,
        vector: NETWORK,
        what: "The shell of busybox overflows its stack.",
        ranges: &[("a", "busybox", "busybox", "", Before("1.35.0"))],
        epss: ("0.00300", "0.50000"),
    },
    Record {
        cve: "CVE-2016-7406",
        cwe: 20,
        vector: NETWORK,
        what: "A format string in a name runs code in Dropbear.",
        ranges: &[("a", "dropbear_ssh_project", "dropbear_ssh", "", Before("2016.74"))],
        epss: ("0.05200", "0.89000"),
    },
    Record {
        cve: "CVE-2019-12255",
        cwe: 120,
        vector: NETWORK,
        what: "A TCP urgent pointer overflows a buffer of VxWorks (URGENT/11).",
        ranges: &[("o", "windriver", "vxworks", "6.5", Before("6.9.4"))],
        epss: ("0.80100", "0.99100"),
    },
    Record {
        cve: "CVE-2019-12256",
        cwe: 120,
        vector: NETWORK,
        what: "IP options overflow the stack of VxWorks (URGENT/11).",
        ranges: &[("o", "windriver", "vxworks", "6.9", Before("6.9.4.12"))],
        epss: ("0.34000", "0.96800"),
    },
    Record {
        cve: "CVE-2020-11896",
        cwe: 787,
        vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H",
        what: "Fragments in a tunnel run code in Treck's TCP/IP stack (Ripple20).",
        ranges: &[("a", "treck", "tcp\\\\/ip", "", Before("6.0.1.66"))],
        epss: ("0.02400", "0.84000"),
    },
    Record {
        cve: "CVE-2016-5195",
        cwe: 362,
        vector: "CVSS:3.1/AV:L/AC:H/PR:L/UI:N/S:U/C:H/I:H/A:H",
        what: "A race in the Linux kernel lets a user write what only root may (Dirty COW).",
        ranges: &[
            ("o", "linux", "linux_kernel", "2.6.22", Before("3.2.83")),
            ("o", "linux", "linux_kernel", "4.1", Before("4.4.26")),
            ("o", "linux", "linux_kernel", "4.7", Before("4.7.9")),
        ],
        epss: ("0.94100", "0.99900"),
    },
    Record {
        cve: "CVE-2019-11479",
        cwe: 405,
        vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
        what: "Small TCP segments exhaust the Linux kernel.",
        ranges: &[
            ("o", "linux", "linux_kernel", "4.4", Before("4.4.182")),
            ("o", "linux", "linux_kernel", "4.14", Before("4.14.127")),
        ],
        epss: ("0.09300", "0.92500"),
    },
    Record {
        cve: "CVE-2023-38545",
        cwe: 787,
        vector: NETWORK,
        what: "A long host name overflows curl's heap on the way to a SOCKS5 proxy.",
        ranges: &[
            ("a", "haxx", "libcurl", "7.69.0", Before("8.4.0")),
            ("a", "haxx", "curl", "7.69.0", Before("8.4.0")),
        ],
        epss: ("0.26000", "0.96200"),
    },
];

/// Known exploited: CVE, product, added, due, in ransomware campaigns.
const EXPLOITED: &[(&str, &str, &str, &str, &str)] = &[
    ("CVE-2021-44228", "Log4j2", "2021-12-10", "2021-12-24", "Known"),
    ("CVE-2020-1938", "Tomcat", "2022-03-03", "2022-03-17", "Unknown"),
    ("CVE-2014-0160", "OpenSSL", "2022-05-04", "2022-05-25", "Unknown"),
    ("CVE-2016-5195", "Kernel", "2022-03-03", "2022-03-24", "Unknown"),
];

pub(super) fn files() -> Vec<File> {
    let file = |name: &str, text: String| (format!("feeds/{name}"), text.into_bytes());
    vec![
        file("nvd.json", nvd()),
        file("cve.jsonl", CVE.to_owned()),
        file("known_exploited_vulnerabilities.json", kev()),
        file("epss.csv", epss()),
        file("osv/GHSA-jfh8-c2jp-5v3q.json", OSV_LOG4J.to_owned()),
        file("osv/GHSA-57j2-w4cx-62h2.json", OSV_JACKSON.to_owned()),
        file("osv/DEBIAN-CVE-2023-38545.json", OSV_CURL.to_owned()),
    ]
}

fn nvd() -> String {
    let records: Vec<String> = RECORDS.iter().map(nvd_record).collect();
    format!(
        "{{\"resultsPerPage\": {0}, \"startIndex\": 0, \"totalResults\": {0}, \"format\": \"NVD_CVE\", \"version\": \"2.0\", \"timestamp\": \"2026-11-20T00:00:00.000\", \"vulnerabilities\": [\n{1}\n]}}\n",
        records.len(),
        records.join(",\n")
    )
}

fn nvd_record(record: &Record) -> String {
    let matches: Vec<String> = record
        .ranges
        .iter()
        .map(|(part, vendor, product, from, limit)| {
            let mut bounds = String::new();
            if !from.is_empty() {
                let _ = write!(bounds, r#", "versionStartIncluding": "{from}""#);
            }
            let (name, version) = match limit {
                Before(version) => ("versionEndExcluding", version),
                UpTo(version) => ("versionEndIncluding", version),
            };
            let _ = write!(bounds, r#", "{name}": "{version}""#);
            format!(r#"{{"vulnerable": true, "criteria": "cpe:2.3:{part}:{vendor}:{product}:*:*:*:*:*:*:*:*"{bounds}}}"#)
        })
        .collect();
    format!(
        r#"  {{"cve": {{"id": "{}", "sourceIdentifier": "example", "vulnStatus": "Analyzed", "published": "2026-01-01T00:00:00.000", "lastModified": "2026-01-01T00:00:00.000", "descriptions": [{{"lang": "en", "value": "{}"}}], "metrics": {{"cvssMetricV31": [{{"source": "nvd@nist.gov", "type": "Primary", "cvssData": {{"version": "3.1", "vectorString": "{}"}}}}]}}, "weaknesses": [{{"source": "nvd@nist.gov", "type": "Primary", "description": [{{"lang": "en", "value": "CWE-{}"}}]}}], "configurations": [{{"nodes": [{{"operator": "OR", "negate": false, "cpeMatch": [{}]}}]}}]}}}}"#,
        record.cve,
        record.what,
        record.vector,
        record.cwe,
        matches.join(", ")
    )
}

fn kev() -> String {
    let entries: Vec<String> = EXPLOITED
        .iter()
        .map(|(cve, product, added, due, ransomware)| {
            format!(
                r#"    {{"cveID": "{cve}", "vendorProject": "example", "product": "{product}", "vulnerabilityName": "{product}", "dateAdded": "{added}", "shortDescription": "Known to be exploited.", "requiredAction": "Apply updates per vendor instructions.", "dueDate": "{due}", "knownRansomwareCampaignUse": "{ransomware}", "notes": ""}}"#
            )
        })
        .collect();
    format!(
        "{{\n  \"title\": \"Excerpt for the example hospital\",\n  \"catalogVersion\": \"2026.11.20\",\n  \"dateReleased\": \"2026-11-20T00:00:00.0000Z\",\n  \"count\": {},\n  \"vulnerabilities\": [\n{}\n  ]\n}}\n",
        entries.len(),
        entries.join(",\n")
    )
}

fn epss() -> String {
    let mut out = String::from(
        "#model_version:example,score_date:2026-11-20T00:00:00+0000\ncve,epss,percentile\n",
    );
    let others = [
        ("CVE-2021-44228", ("0.94500", "0.99999")),
        ("CVE-2020-1938", ("0.94300", "0.99980")),
        ("CVE-2020-6961", ("0.00900", "0.75000")),
        ("CVE-2020-6962", ("0.01200", "0.79000")),
        ("CVE-2021-33885", ("0.00400", "0.60000")),
        ("CVE-2019-10959", ("0.01900", "0.83000")),
        ("CVE-2018-14786", ("0.00600", "0.69000")),
        ("CVE-2021-37161", ("0.01500", "0.81000")),
        ("CVE-2017-13077", ("0.00300", "0.52000")),
    ];
    let records = RECORDS.iter().map(|record| (record.cve, record.epss)).chain(others);
    for (cve, (epss, percentile)) in records {
        let _ = writeln!(out, "{cve},{epss},{percentile}");
    }
    out
}

/// Records of the CVE programme, one a line: with CISA's SSVC, and with a range in the record
/// itself.
const CVE: &str = concat!(
    r#"{"dataType": "CVE_RECORD", "dataVersion": "5.1", "cveMetadata": {"cveId": "CVE-2021-44228", "assignerOrgId": "f0158376-9dc2-43b6-827c-5f631a4d8d09", "assignerShortName": "apache", "state": "PUBLISHED"}, "containers": {"cna": {"providerMetadata": {"orgId": "f0158376-9dc2-43b6-827c-5f631a4d8d09"}, "title": "Log4j runs code from log messages", "descriptions": [{"lang": "en", "value": "A message with a lookup makes Log4j fetch and run code."}], "affected": [{"vendor": "Apache Software Foundation", "product": "Apache Log4j2", "defaultStatus": "unaffected", "versions": [{"version": "2.0-beta9", "status": "affected", "lessThan": "2.15.0", "versionType": "custom"}]}]}, "adp": [{"title": "CISA ADP Vulnrichment", "providerMetadata": {"orgId": "134c704f-9b21-4f2e-91b3-4a467353bcc0", "shortName": "CISA-ADP"}, "metrics": [{"cvssV3_1": {"version": "3.1", "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", "baseScore": 10.0, "baseSeverity": "CRITICAL"}}, {"other": {"type": "ssvc", "content": {"id": "CVE-2021-44228", "role": "CISA Coordinator", "options": [{"Exploitation": "active"}, {"Automatable": "yes"}, {"Technical Impact": "total"}], "version": "2.0.3"}}}]}]}}"#,
    "\n",
    r#"{"dataType": "CVE_RECORD", "dataVersion": "5.1", "cveMetadata": {"cveId": "CVE-2020-1938", "assignerOrgId": "f0158376-9dc2-43b6-827c-5f631a4d8d09", "assignerShortName": "apache", "state": "PUBLISHED"}, "containers": {"cna": {"providerMetadata": {"orgId": "f0158376-9dc2-43b6-827c-5f631a4d8d09"}, "title": "Ghostcat", "descriptions": [{"lang": "en", "value": "Tomcat's AJP connector trusts whoever reaches it."}], "affected": [{"vendor": "Apache", "product": "Tomcat", "cpes": ["cpe:2.3:a:apache:tomcat:*:*:*:*:*:*:*:*"], "defaultStatus": "unaffected", "versions": [{"version": "9.0.0", "status": "affected", "lessThanOrEqual": "9.0.30", "versionType": "semver"}]}]}, "adp": [{"title": "CISA ADP Vulnrichment", "providerMetadata": {"orgId": "134c704f-9b21-4f2e-91b3-4a467353bcc0", "shortName": "CISA-ADP"}, "metrics": [{"other": {"type": "ssvc", "content": {"id": "CVE-2020-1938", "role": "CISA Coordinator", "options": [{"Exploitation": "active"}, {"Automatable": "yes"}, {"Technical Impact": "total"}], "version": "2.0.3"}}}]}]}}"#,
    "\n",
);

const OSV_LOG4J: &str = r#"{
  "schema_version": "1.6.0",
  "id": "GHSA-jfh8-c2jp-5v3q",
  "modified": "2026-01-01T00:00:00Z",
  "aliases": ["CVE-2021-44228"],
  "summary": "Log4j runs code from log messages",
  "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H"}],
  "affected": [{"package": {"ecosystem": "Maven", "name": "org.apache.logging.log4j:log4j-core"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "2.13.0"}, {"fixed": "2.15.0"}]}]}]
}
"#;

const OSV_JACKSON: &str = r#"{
  "schema_version": "1.6.0",
  "id": "GHSA-57j2-w4cx-62h2",
  "modified": "2026-01-01T00:00:00Z",
  "aliases": ["CVE-2020-36518"],
  "summary": "Deeply nested JSON exhausts the stack of jackson-databind",
  "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"}],
  "affected": [{"package": {"ecosystem": "Maven", "name": "com.fasterxml.jackson.core:jackson-databind"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.12.6.1"}]}]}]
}
"#;

/// Debian mended its own curl 7.74 before: its range knows what the upstream number does not tell.
const OSV_CURL: &str = r#"{
  "schema_version": "1.6.0",
  "id": "DEBIAN-CVE-2023-38545",
  "modified": "2026-01-01T00:00:00Z",
  "upstream": ["CVE-2023-38545"],
  "summary": "A long host name overflows curl's heap",
  "affected": [{"package": {"ecosystem": "Debian:11", "name": "curl"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "7.74.0-1.3+deb11u10"}]}]}]
}
"#;
