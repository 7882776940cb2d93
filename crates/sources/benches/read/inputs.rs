//! Documents made from a seed, of the size and shape that hospitals and feeds have.

use std::fmt::Write;

/// A name and how the document is made.
pub(crate) type Input = (&'static str, fn() -> String);

/// Every input; what ends in `json` is compared with `serde_json::Value`.
pub(crate) const INPUTS: [Input; 13] = [
    ("cyclonedx.json", cyclonedx_json),
    ("spdx.json", spdx_json),
    ("spdx3.json", spdx3_json),
    ("csaf.json", csaf_json),
    ("nvd.json", nvd_json),
    ("cve.json", cve_json),
    ("osv.json", osv_json),
    ("openvex.json", openvex_json),
    ("kev.json", kev_json),
    ("fhir.json", fhir_json),
    ("cyclonedx.xml", cyclonedx_xml),
    ("spdx.spdx", spdx_tag_value),
    ("inventory.csv", inventory_csv),
];

const SEED: u64 = 0x5E_ED0F_A5E9;

/// `SplitMix64` (Steele, Lea, Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn version(&mut self) -> String {
        format!("{}.{}.{}", self.below(12), self.below(40), self.below(60))
    }

    fn hexadecimal(&mut self, digits: usize) -> String {
        (0..digits).map(|_| char::from_digit(self.below(16) as u32, 16).unwrap_or('0')).collect()
    }
}

fn cyclonedx_json() -> String {
    let mut random = Random(SEED);
    let mut out = String::from(
        "{\n  \"bomFormat\": \"CycloneDX\",\n  \"specVersion\": \"1.6\",\n  \"version\": 1,\n  \"components\": [\n",
    );
    for n in 0..50_000 {
        let version = random.version();
        let _ = write!(
            out,
            "    {{\n      \"type\": \"library\",\n      \"bom-ref\": \"ref-{n}\",\n      \"name\": \"lib{}\",\n      \"version\": \"{version}\",\n      \"purl\": \"pkg:npm/lib{}@{version}\",\n      \"hashes\": [{{\"alg\": \"SHA-256\", \"content\": \"{}\"}}],\n      \"licenses\": [{{\"license\": {{\"id\": \"MIT\"}}}}],\n      \"supplier\": {{\"name\": \"Maker {}\"}}\n    }}{}\n",
            n % 9_000,
            n % 9_000,
            random.hexadecimal(64),
            random.below(400),
            if n == 49_999 { "" } else { "," }
        );
    }
    out.push_str("  ],\n  \"dependencies\": [\n");
    for n in 0..50_000 {
        let _ = write!(
            out,
            "    {{\"ref\": \"ref-{n}\", \"dependsOn\": [\"ref-{}\", \"ref-{}\"]}}{}\n",
            random.below(50_000),
            random.below(50_000),
            if n == 49_999 { "" } else { "," }
        );
    }
    out.push_str("  ]\n}\n");
    out
}

fn cyclonedx_xml() -> String {
    let mut random = Random(SEED);
    let mut out = String::from(
        "<?xml version=\"1.0\"?>\n<bom xmlns=\"http://cyclonedx.org/schema/bom/1.6\" version=\"1\">\n  <components>\n",
    );
    for n in 0..50_000 {
        let version = random.version();
        let _ = write!(
            out,
            "    <component type=\"library\" bom-ref=\"ref-{n}\">\n      <name>lib{}</name>\n      <version>{version}</version>\n      <hashes><hash alg=\"SHA-256\">{}</hash></hashes>\n      <licenses><license><id>MIT</id></license></licenses>\n      <purl>pkg:npm/lib{}@{version}</purl>\n    </component>\n",
            n % 9_000,
            random.hexadecimal(64),
            n % 9_000
        );
    }
    out.push_str("  </components>\n</bom>\n");
    out
}

fn spdx_json() -> String {
    let mut random = Random(SEED);
    let mut out = String::from(
        "{\n  \"spdxVersion\": \"SPDX-2.3\",\n  \"dataLicense\": \"CC0-1.0\",\n  \"SPDXID\": \"SPDXRef-DOCUMENT\",\n  \"name\": \"bench\",\n  \"documentNamespace\": \"https://example.org/bench\",\n  \"creationInfo\": {\"created\": \"2026-01-01T00:00:00Z\", \"creators\": [\"Tool: bench\"]},\n  \"packages\": [\n",
    );
    for n in 0..50_000 {
        let version = random.version();
        let _ = write!(
            out,
            "    {{\n      \"SPDXID\": \"SPDXRef-{n}\",\n      \"name\": \"lib{}\",\n      \"versionInfo\": \"{version}\",\n      \"downloadLocation\": \"NOASSERTION\",\n      \"supplier\": \"Organization: Maker {}\",\n      \"licenseConcluded\": \"MIT\",\n      \"checksums\": [{{\"algorithm\": \"SHA256\", \"checksumValue\": \"{}\"}}],\n      \"externalRefs\": [{{\"referenceCategory\": \"PACKAGE-MANAGER\", \"referenceType\": \"purl\", \"referenceLocator\": \"pkg:npm/lib{}@{version}\"}}]\n    }}{}\n",
            n % 9_000,
            random.below(400),
            random.hexadecimal(64),
            n % 9_000,
            if n == 49_999 { "" } else { "," }
        );
    }
    out.push_str("  ],\n  \"relationships\": [\n");
    for n in 0..50_000 {
        let _ = write!(
            out,
            "    {{\"spdxElementId\": \"SPDXRef-{n}\", \"relationshipType\": \"DEPENDS_ON\", \"relatedSpdxElement\": \"SPDXRef-{}\"}}{}\n",
            random.below(50_000),
            if n == 49_999 { "" } else { "," }
        );
    }
    out.push_str("  ]\n}\n");
    out
}

fn spdx3_json() -> String {
    let mut random = Random(SEED);
    let count = 50_000;
    let mut out = String::from(
        "{\n  \"@context\": \"https://spdx.org/rdf/3.0.1/spdx-context.jsonld\",\n  \"@graph\": [\n    {\"type\": \"CreationInfo\", \"@id\": \"_:creation\", \"specVersion\": \"3.0.1\", \"created\": \"2026-01-01T00:00:00Z\", \"createdBy\": [\"https://example.org/agent\"]},\n    {\"type\": \"Organization\", \"spdxId\": \"https://example.org/agent\", \"creationInfo\": \"_:creation\", \"name\": \"bench\"},\n    {\"type\": \"SpdxDocument\", \"spdxId\": \"https://example.org/document\", \"creationInfo\": \"_:creation\", \"rootElement\": [\"https://example.org/p0\"], \"profileConformance\": [\"core\", \"software\"]},\n",
    );
    for n in 0..count {
        let version = random.version();
        let _ = write!(
            out,
            "    {{\"type\": \"software_Package\", \"spdxId\": \"https://example.org/p{n}\", \"creationInfo\": \"_:creation\", \"name\": \"lib{0}\", \"software_packageVersion\": \"{version}\", \"software_packageUrl\": \"pkg:npm/lib{0}@{version}\", \"verifiedUsing\": [{{\"type\": \"Hash\", \"algorithm\": \"sha256\", \"hashValue\": \"{1}\"}}]}}{2}\n",
            n % 9_000,
            random.hexadecimal(64),
            if n == count - 1 { "" } else { "," }
        );
    }
    out.push_str("  ]\n}\n");
    out
}

fn spdx_tag_value() -> String {
    let mut random = Random(SEED);
    let mut out = String::from(
        "SPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\nSPDXID: SPDXRef-DOCUMENT\nDocumentName: bench\nDocumentNamespace: https://example.org/bench\nCreator: Tool: bench\nCreated: 2026-01-01T00:00:00Z\n",
    );
    for n in 0..50_000 {
        let version = random.version();
        let _ = write!(
            out,
            "\nPackageName: lib{}\nSPDXID: SPDXRef-{n}\nPackageVersion: {version}\nPackageDownloadLocation: NOASSERTION\nPackageChecksum: SHA256: {}\nPackageLicenseConcluded: MIT\nExternalRef: PACKAGE-MANAGER purl pkg:npm/lib{}@{version}\n",
            n % 9_000,
            random.hexadecimal(64),
            n % 9_000
        );
    }
    out
}

fn csaf_json() -> String {
    let mut random = Random(SEED);
    let products = 20_000;
    let mut out = String::from(
        "{\n \"document\": {\"category\": \"csaf_security_advisory\", \"csaf_version\": \"2.0\", \"title\": \"bench\", \"publisher\": {\"category\": \"vendor\", \"name\": \"bench\", \"namespace\": \"https://example.org\"}, \"tracking\": {\"id\": \"BENCH-1\", \"status\": \"final\", \"version\": \"1\", \"initial_release_date\": \"2026-01-01T00:00:00Z\", \"current_release_date\": \"2026-01-01T00:00:00Z\", \"revision_history\": []}},\n \"product_tree\": {\"branches\": [{\"category\": \"vendor\", \"name\": \"Maker\", \"branches\": [\n",
    );
    for n in 0..products {
        let _ = write!(
            out,
            "  {{\n   \"category\": \"product_name\",\n   \"name\": \"Product {n}\",\n   \"branches\": [{{\n    \"category\": \"product_version\",\n    \"name\": \"<{}\",\n    \"product\": {{\"name\": \"Maker Product {n}\", \"product_id\": \"P{n}\"}}\n   }}]\n  }}{}\n",
            random.version(),
            if n == products - 1 { "" } else { "," }
        );
    }
    out.push_str(" ]}]},\n \"vulnerabilities\": [\n");
    for n in 0..10 {
        let _ = write!(
            out,
            "  {{\"cve\": \"CVE-2026-{:04}\", \"scores\": [{{\"cvss_v3\": {{\"version\": \"3.1\", \"vectorString\": \"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\", \"baseScore\": 9.8, \"baseSeverity\": \"CRITICAL\"}}, \"products\": [\"P0\"]}}], \"product_status\": {{\"known_affected\": [",
            n + 1
        );
        for product in 0..products {
            let _ = write!(out, "{}\n   \"P{product}\"", if product == 0 { "" } else { "," });
        }
        let _ = write!(out, "]}}}}{}\n", if n == 9 { "" } else { "," });
    }
    out.push_str(" ]\n}\n");
    out
}

fn nvd_json() -> String {
    let mut random = Random(SEED);
    let count = 20_000;
    let mut out = format!(
        "{{\"resultsPerPage\": {count}, \"startIndex\": 0, \"totalResults\": {count}, \"format\": \"NVD_CVE\", \"version\": \"2.0\", \"vulnerabilities\": [\n"
    );
    for n in 0..count {
        let _ = write!(
            out,
            "{{\"cve\": {{\"id\": \"CVE-2026-{:05}\", \"sourceIdentifier\": \"cve@example.org\", \"published\": \"2026-01-01T00:00:00.000\", \"lastModified\": \"2026-01-02T00:00:00.000\", \"vulnStatus\": \"Analyzed\", \"descriptions\": [{{\"lang\": \"en\", \"value\": \"A flaw in product {n} lets an attacker on the network run code of their choice by a crafted packet.\"}}], \"metrics\": {{\"cvssMetricV31\": [{{\"source\": \"nvd@nist.gov\", \"type\": \"Primary\", \"cvssData\": {{\"version\": \"3.1\", \"vectorString\": \"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\", \"baseScore\": 9.8, \"baseSeverity\": \"CRITICAL\"}}, \"exploitabilityScore\": 3.9, \"impactScore\": 5.9}}]}}, \"weaknesses\": [{{\"source\": \"nvd@nist.gov\", \"type\": \"Primary\", \"description\": [{{\"lang\": \"en\", \"value\": \"CWE-787\"}}]}}], \"configurations\": [{{\"nodes\": [{{\"operator\": \"OR\", \"negate\": false, \"cpeMatch\": [{{\"vulnerable\": true, \"criteria\": \"cpe:2.3:a:maker{}:product{n}:*:*:*:*:*:*:*:*\", \"versionEndExcluding\": \"{}\", \"matchCriteriaId\": \"{}\"}}]}}]}}], \"references\": [{{\"url\": \"https://example.org/{n}\", \"source\": \"cve@example.org\"}}]}}}}{}\n",
            n + 1,
            n % 700,
            random.version(),
            random.hexadecimal(32),
            if n == count - 1 { "" } else { "," }
        );
    }
    out.push_str("]}\n");
    out
}

/// One CVE record with very many products: the largest that one document can be.
fn cve_json() -> String {
    let mut random = Random(SEED);
    let count = 60_000;
    let mut out = String::from(
        "{\"dataType\": \"CVE_RECORD\", \"dataVersion\": \"5.1\", \"cveMetadata\": {\"cveId\": \"CVE-2026-0001\", \"assignerOrgId\": \"00000000-0000-4000-9000-000000000000\", \"state\": \"PUBLISHED\"}, \"containers\": {\"cna\": {\"providerMetadata\": {\"orgId\": \"00000000-0000-4000-9000-000000000000\"}, \"descriptions\": [{\"lang\": \"en\", \"value\": \"bench\"}], \"affected\": [\n",
    );
    for n in 0..count {
        let _ = write!(
            out,
            "{{\"vendor\": \"Maker {}\", \"product\": \"Product {n}\", \"defaultStatus\": \"unaffected\", \"versions\": [{{\"version\": \"0\", \"lessThan\": \"{}\", \"status\": \"affected\", \"versionType\": \"custom\"}}]}}{}\n",
            n % 700,
            random.version(),
            if n == count - 1 { "" } else { "," }
        );
    }
    out.push_str("]}}}\n");
    out
}

/// One OSV entry with very many packages: the largest that one document can be.
fn osv_json() -> String {
    let mut random = Random(SEED);
    let count = 50_000;
    let mut out = String::from(
        "{\"schema_version\": \"1.7.0\", \"id\": \"GHSA-0000-0000-0001\", \"modified\": \"2026-01-01T00:00:00Z\", \"aliases\": [\"CVE-2026-0001\"], \"details\": \"bench\", \"severity\": [{\"type\": \"CVSS_V3\", \"score\": \"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\"}], \"affected\": [\n",
    );
    for n in 0..count {
        let _ = write!(
            out,
            "{{\"package\": {{\"ecosystem\": \"npm\", \"name\": \"lib{n}\", \"purl\": \"pkg:npm/lib{n}\"}}, \"ranges\": [{{\"type\": \"SEMVER\", \"events\": [{{\"introduced\": \"0\"}}, {{\"fixed\": \"{}\"}}]}}], \"versions\": [\"{}\", \"{}\"]}}{}\n",
            random.version(),
            random.version(),
            random.version(),
            if n == count - 1 { "" } else { "," }
        );
    }
    out.push_str("]}\n");
    out
}

fn openvex_json() -> String {
    let mut random = Random(SEED);
    let count = 40_000;
    let mut out = String::from(
        "{\"@context\": \"https://openvex.dev/ns/v0.2.0\", \"@id\": \"https://example.org/vex\", \"author\": \"bench\", \"timestamp\": \"2026-01-01T00:00:00Z\", \"version\": 1, \"statements\": [\n",
    );
    for n in 0..count {
        let version = random.version();
        let _ = write!(
            out,
            "{{\"vulnerability\": {{\"name\": \"CVE-2026-{:05}\"}}, \"products\": [{{\"@id\": \"pkg:generic/maker/product{}@{version}\", \"subcomponents\": [{{\"@id\": \"pkg:npm/lib{n}@{version}\"}}]}}], \"status\": \"not_affected\", \"justification\": \"vulnerable_code_not_in_execute_path\"}}{}\n",
            n + 1,
            n % 400,
            if n == count - 1 { "" } else { "," }
        );
    }
    out.push_str("]}\n");
    out
}

fn kev_json() -> String {
    let mut random = Random(SEED);
    let count = 30_000;
    let mut out = format!(
        "{{\n  \"title\": \"bench\",\n  \"catalogVersion\": \"2026.01.01\",\n  \"dateReleased\": \"2026-01-01T00:00:00Z\",\n  \"count\": {count},\n  \"vulnerabilities\": [\n"
    );
    for n in 0..count {
        let _ = write!(
            out,
            "    {{\n      \"cveID\": \"CVE-2026-{:05}\",\n      \"vendorProject\": \"Maker {}\",\n      \"product\": \"Product\",\n      \"vulnerabilityName\": \"A flaw\",\n      \"dateAdded\": \"2026-01-01\",\n      \"shortDescription\": \"A flaw lets an attacker run code.\",\n      \"requiredAction\": \"Apply mitigations per vendor instructions.\",\n      \"dueDate\": \"2026-02-01\",\n      \"knownRansomwareCampaignUse\": \"Unknown\",\n      \"notes\": \"\"\n    }}{}\n",
            n + 1,
            random.below(400),
            if n == count - 1 { "" } else { "," }
        );
    }
    out.push_str("  ]\n}\n");
    out
}

fn fhir_json() -> String {
    let mut random = Random(SEED);
    let count = 40_000;
    let mut out =
        String::from("{\"resourceType\": \"Bundle\", \"type\": \"collection\", \"entry\": [\n");
    for n in 0..count {
        let _ = write!(
            out,
            "{{\"fullUrl\": \"urn:uuid:{}\", \"resource\": {{\"resourceType\": \"Device\", \"id\": \"d{n}\", \"identifier\": [{{\"system\": \"https://example.org/assets\", \"value\": \"A{n}\"}}], \"status\": \"active\", \"manufacturer\": \"Maker {}\", \"serialNumber\": \"S{n}\", \"deviceName\": [{{\"name\": \"Pump\", \"type\": \"model-name\"}}], \"modelNumber\": \"P{}\", \"version\": [{{\"value\": \"{}\"}}]}}}}{}\n",
            random.hexadecimal(32),
            random.below(60),
            random.below(90),
            random.version(),
            if n == count - 1 { "" } else { "," }
        );
    }
    out.push_str("]}\n");
    out
}

fn inventory_csv() -> String {
    let mut random = Random(SEED);
    let mut out = String::from(
        "Asset Tag,Manufacturer,Model,Software Version,Serial Number,MAC Address,IP Address,Department,Room,Criticality,In Use,End of Support\r\n",
    );
    for n in 0..350_000 {
        let _ = write!(
            out,
            "A{n},\"Maker {}, Inc.\",Model {},{},S{n},02:00:{:02x}:{:02x}:{:02x}:{:02x},10.{}.{}.{},Ward {},R{},monitoring,yes,2029-06-30\r\n",
            random.below(60),
            random.below(400),
            random.version(),
            random.below(256),
            random.below(256),
            random.below(256),
            random.below(256),
            random.below(256),
            random.below(256),
            random.below(256),
            random.below(60),
            random.below(900)
        );
    }
    out
}
