//! SBOMs in every format that is read: what software a few releases are made of, by hand.
//!
//! Which component is in which product is invented; the components' versions and identifiers, and
//! so their vulnerabilities, are real.

use std::fmt::Write;

use super::File;
use super::packed::{gzip, zip};
use crate::seed::Seed;

/// Lines of the table of releases: maker, model, version, SBOM, CPE name of the release.
pub(super) const LINKS: [(&str, &str, &str, &str, &str); 3] = [
    ("Philips", "IntelliVue MX40", "B.06.10", "sbom/mx40.spdx", ""),
    (
        "GE Healthcare",
        "B850",
        "2.0",
        "sbom/carescape-b850.cdx.xml",
        "cpe:2.3:o:gehealthcare:carescape_b850_firmware:2.0:*:*:*:*:*:*:*",
    ),
    ("Hillrom", "Connex Spot Monitor", "1.51", "connex-spot.spdx3.json", ""),
];

/// One component.
struct Part {
    name: &'static str,
    version: &'static str,
    supplier: &'static str,
    purl: &'static str,
    cpe: &'static str,
    licence: &'static str,
    /// The day its support ends, and its level of support; empty where nobody says.
    support: (&'static str, &'static str),
}

const fn part(
    name: &'static str,
    version: &'static str,
    supplier: &'static str,
    purl: &'static str,
    cpe: &'static str,
) -> Part {
    Part { name, version, supplier, purl, cpe, licence: "", support: ("", "") }
}

const OPENSSL_101: Part = Part {
    licence: "OpenSSL",
    support: ("2016-12-31", "abandoned"),
    ..part(
        "openssl",
        "1.0.1e",
        "OpenSSL Software Foundation",
        "",
        "cpe:2.3:a:openssl:openssl:1.0.1e:*:*:*:*:*:*:*",
    )
};
const OPENSSL_102: Part = Part {
    licence: "OpenSSL",
    support: ("2019-12-31", "no longer maintained"),
    ..part(
        "openssl",
        "1.0.2k",
        "OpenSSL Software Foundation",
        "pkg:generic/openssl@1.0.2k",
        "cpe:2.3:a:openssl:openssl:1.0.2k:*:*:*:*:*:*:*",
    )
};
const OPENSSL_30: Part = Part {
    licence: "Apache-2.0",
    support: ("2026-09-07", "actively maintained"),
    ..part(
        "openssl",
        "3.0.13",
        "OpenSSL Software Foundation",
        "",
        "cpe:2.3:a:openssl:openssl:3.0.13:*:*:*:*:*:*:*",
    )
};
const ZLIB_8: Part = Part {
    licence: "Zlib",
    ..part("zlib", "1.2.8", "zlib", "", "cpe:2.3:a:zlib:zlib:1.2.8:*:*:*:*:*:*:*")
};
const ZLIB_131: Part = Part {
    licence: "Zlib",
    ..part("zlib", "1.3.1", "zlib", "", "cpe:2.3:a:zlib:zlib:1.3.1:*:*:*:*:*:*:*")
};
const BUSYBOX: Part = Part {
    licence: "GPL-2.0-only",
    ..part("busybox", "1.24.1", "BusyBox", "", "cpe:2.3:a:busybox:busybox:1.24.1:*:*:*:*:*:*:*")
};
const DROPBEAR: Part = Part {
    licence: "MIT",
    ..part(
        "dropbear",
        "2015.67",
        "Dropbear SSH Project",
        "",
        "cpe:2.3:a:dropbear_ssh_project:dropbear_ssh:2015.67:*:*:*:*:*:*:*",
    )
};
const LINUX_44: Part = Part {
    licence: "GPL-2.0-only",
    support: ("2022-02-03", "no longer maintained"),
    ..part(
        "linux_kernel",
        "4.4.97",
        "Linux",
        "",
        "cpe:2.3:o:linux:linux_kernel:4.4.97:*:*:*:*:*:*:*",
    )
};
const VXWORKS: Part =
    part("VxWorks", "6.9.3", "Wind River", "", "cpe:2.3:o:windriver:vxworks:6.9.3:*:*:*:*:*:*:*");
const VXWORKS_7: Part = part("VxWorks", "7.0", "Wind River", "", "");
const TRECK: Part =
    part("TCP/IP", "6.0.1.28", "Treck", "", "cpe:2.3:a:treck:tcp\\/ip:6.0.1.28:*:*:*:*:*:*:*");
const LOG4J: Part = Part {
    licence: "Apache-2.0",
    ..part(
        "log4j-core",
        "2.14.1",
        "Apache Software Foundation",
        "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1",
        "cpe:2.3:a:apache:log4j:2.14.1:*:*:*:*:*:*:*",
    )
};
const TOMCAT: Part = Part {
    licence: "Apache-2.0",
    ..part(
        "tomcat",
        "9.0.30",
        "Apache Software Foundation",
        "pkg:maven/org.apache.tomcat/tomcat-catalina@9.0.30",
        "cpe:2.3:a:apache:tomcat:9.0.30:*:*:*:*:*:*:*",
    )
};
const JACKSON: Part = Part {
    licence: "Apache-2.0",
    ..part(
        "jackson-databind",
        "2.9.10",
        "FasterXML",
        "pkg:maven/com.fasterxml.jackson.core/jackson-databind@2.9.10",
        "",
    )
};
const CURL: Part = Part {
    licence: "curl",
    ..part(
        "curl",
        "7.74.0",
        "haxx",
        "pkg:deb/debian/curl@7.74.0-1.3%2Bdeb11u7?distro=debian-11",
        "cpe:2.3:a:haxx:curl:7.74.0:*:*:*:*:*:*:*",
    )
};
const SQLITE: Part = part("sqlite", "3.31.1", "", "", "");
const QT: Part = part("Qt", "5.12.2", "The Qt Company", "", "");
const QNX: Part = part("QNX Neutrino RTOS", "7.1", "BlackBerry", "", "");

/// A release and what is in it.
struct Release {
    maker: &'static str,
    model: &'static str,
    version: &'static str,
    parts: &'static [Part],
}

const PCU: Release = Release {
    maker: "Becton, Dickinson and Company (BD)",
    model: "Alaris PC Unit",
    version: "12.1",
    parts: &[LINUX_44, OPENSSL_102, ZLIB_8, BUSYBOX, SQLITE],
};
const SPACE: Release = Release {
    maker: "B. Braun Melsungen AG",
    model: "SpaceStation with SpaceCom 2",
    version: "L81",
    parts: &[LINUX_44, DROPBEAR, OPENSSL_101, BUSYBOX],
};
const T1: Release = Release {
    maker: "Hamilton Medical AG",
    model: "T1 Ventilator",
    version: "2.2.3",
    parts: &[VXWORKS, QT, ZLIB_131],
};
const B850: Release =
    Release { maker: "", model: "unknown", version: "", parts: &[VXWORKS_7, OPENSSL_102, ZLIB_8] };
const SIGMA: Release = Release {
    maker: "Baxter Healthcare",
    model: "Sigma Spectrum",
    version: "6.05.13",
    parts: &[TRECK, ZLIB_8, SQLITE],
};
const V500: Release = Release {
    maker: "Drägerwerk AG & Co. KGaA",
    model: "Evita Infinity V500",
    version: "2.51",
    parts: &[QNX, OPENSSL_30, ZLIB_131],
};
const VUE: Release = Release {
    maker: "Philips Healthcare",
    model: "Vue PACS",
    version: "12.2.1",
    parts: &[LOG4J, TOMCAT, JACKSON, OPENSSL_102],
};
const MX40: Release = Release {
    maker: "",
    model: "patient worn monitor",
    version: "",
    parts: &[DROPBEAR, BUSYBOX, OPENSSL_101],
};
const CONNEX: Release =
    Release { maker: "", model: "connex", version: "", parts: &[CURL, OPENSSL_30, ZLIB_131] };
const PIC: Release = Release {
    maker: "Philips",
    model: "Patient Information Center iX",
    version: "C.03",
    parts: &[LOG4J, OPENSSL_102],
};
const PYXIS: Release = Release {
    maker: "BD",
    model: "Pyxis MedStation ES",
    version: "1.6.1",
    parts: &[OPENSSL_102, CURL],
};
const PHOENIX: Release = Release {
    maker: "Baxter",
    model: "Phoenix Hemodialysis Delivery System",
    version: "3.40",
    parts: &[VXWORKS, ZLIB_8],
};

pub(super) fn files(seed: u64) -> Vec<File> {
    let mut maker = Maker { seed: Seed::new(seed ^ 0x5B0A) };
    let text = |name: &str, text: String| (format!("sbom/{name}"), text.into_bytes());
    vec![
        text("alaris-pc-unit.cdx.json", maker.cyclonedx_json("1.6", &PCU)),
        text("spacestation.cdx.xml", maker.cyclonedx_xml("1.5", &SPACE)),
        text("hamilton-t1.cdx.json", maker.cyclonedx_json("1.4", &T1)),
        text("carescape-b850.cdx.xml", maker.cyclonedx_xml("1.2", &B850)),
        text("sigma-spectrum.cdx.json", maker.cyclonedx_json("1.3", &SIGMA)),
        text("evita-v500.cdx.json", maker.cyclonedx_json("1.7", &V500)),
        text("vue-pacs.spdx.json", maker.spdx_json(&VUE)),
        text("mx40.spdx", maker.tag_value(&MX40)),
        text("connex-spot.spdx3.json", maker.spdx_three(&CONNEX)),
        ("sbom/picix.cdx.json.gz".into(), gzip(maker.cyclonedx_json("1.5", &PIC).as_bytes())),
        (
            "sbom/vendor-drop.zip".into(),
            zip(&[
                ("pyxis/medstation-es.cdx.json", maker.cyclonedx_json("1.5", &PYXIS).into_bytes()),
                ("baxter/phoenix.cdx.xml", maker.cyclonedx_xml("1.6", &PHOENIX).into_bytes()),
            ]),
        ),
    ]
}

struct Maker {
    seed: Seed,
}

impl Maker {
    fn uuid(&mut self) -> String {
        let parts = [8, 4, 3, 3, 12].map(|count| self.seed.digits(count));
        let [time, middle, version, variant, node] = parts;
        format!("{time}-{middle}-4{version}-8{variant}-{node}")
    }

    fn cyclonedx_json(&mut self, version: &str, release: &Release) -> String {
        let named_maker =
            if matches!(version, "1.6" | "1.7") { "manufacturer" } else { "supplier" };
        let mut parts = Vec::new();
        for (number, part) in release.parts.iter().enumerate() {
            let mut fields = vec![
                r#""type": "library""#.to_owned(),
                format!(r#""bom-ref": "part-{number}""#),
                format!(r#""name": "{}", "version": "{}""#, part.name, part.version),
            ];
            if !part.supplier.is_empty() {
                fields.push(format!(r#""supplier": {{"name": "{}"}}"#, part.supplier));
            }
            fields.push(format!(
                r#""hashes": [{{"alg": "SHA-256", "content": "{}"}}]"#,
                self.seed.digits(64)
            ));
            if !part.licence.is_empty() {
                fields
                    .push(format!(r#""licenses": [{{"license": {{"id": "{}"}}}}]"#, part.licence));
            }
            if !part.cpe.is_empty() {
                fields.push(format!(r#""cpe": "{}""#, part.cpe.replace('\\', "\\\\")));
            }
            if !part.purl.is_empty() {
                fields.push(format!(r#""purl": "{}""#, part.purl));
            }
            let (ends, level) = part.support;
            if !ends.is_empty() && version != "1.2" {
                fields.push(format!(
                    r#""properties": [{{"name": "fda:levelOfSupport", "value": "{level}"}}, {{"name": "fda:endOfSupport", "value": "{ends}"}}]"#
                ));
            }
            parts.push(format!("    {{{}}}", fields.join(", ")));
        }
        let dependencies: Vec<String> =
            (0..release.parts.len()).map(|n| format!("\"part-{n}\"")).collect();
        format!(
            "{{\n  \"bomFormat\": \"CycloneDX\",\n  \"specVersion\": \"{version}\",\n  \"serialNumber\": \"urn:uuid:{}\",\n  \"version\": 1,\n  \"metadata\": {{\n    \"timestamp\": \"2026-03-02T08:00:00Z\",\n    \"component\": {{\"type\": \"device\", \"bom-ref\": \"device\", \"name\": \"{}\", \"version\": \"{}\", \"{named_maker}\": {{\"name\": \"{}\"}}}}\n  }},\n  \"components\": [\n{}\n  ],\n  \"dependencies\": [{{\"ref\": \"device\", \"dependsOn\": [{}]}}]\n}}\n",
            self.uuid(),
            release.model,
            release.version,
            release.maker,
            parts.join(",\n"),
            dependencies.join(", ")
        )
    }

    fn cyclonedx_xml(&mut self, version: &str, release: &Release) -> String {
        let mut parts = String::new();
        for (number, part) in release.parts.iter().enumerate() {
            let _ = writeln!(parts, "    <component type=\"library\" bom-ref=\"part-{number}\">");
            if !part.supplier.is_empty() {
                let _ =
                    writeln!(parts, "      <supplier><name>{}</name></supplier>", part.supplier);
            }
            let _ = writeln!(
                parts,
                "      <name>{}</name>\n      <version>{}</version>",
                part.name, part.version
            );
            let _ = writeln!(
                parts,
                "      <hashes><hash alg=\"SHA-256\">{}</hash></hashes>",
                self.seed.digits(64)
            );
            if !part.licence.is_empty() {
                let _ = writeln!(
                    parts,
                    "      <licenses><license><id>{}</id></license></licenses>",
                    part.licence
                );
            }
            if !part.cpe.is_empty() {
                let _ = writeln!(parts, "      <cpe>{}</cpe>", part.cpe);
            }
            if !part.purl.is_empty() {
                let _ = writeln!(parts, "      <purl>{}</purl>", part.purl);
            }
            parts.push_str("    </component>\n");
        }
        let subject_version = if release.version.is_empty() { "0" } else { release.version };
        let supplier = if release.maker.is_empty() {
            String::new()
        } else {
            format!("<supplier><name>{}</name></supplier>", release.maker)
        };
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<bom xmlns=\"http://cyclonedx.org/schema/bom/{version}\" serialNumber=\"urn:uuid:{}\" version=\"1\">\n  <metadata>\n    <timestamp>2025-11-17T10:30:00Z</timestamp>\n    <component type=\"device\" bom-ref=\"device\">{supplier}<name>{}</name><version>{subject_version}</version></component>\n  </metadata>\n  <components>\n{parts}  </components>\n</bom>\n",
            self.uuid(),
            release.model
        )
    }

    fn spdx_json(&mut self, release: &Release) -> String {
        let mut packages = vec![format!(
            r#"    {{"SPDXID": "SPDXRef-device", "name": "{}", "versionInfo": "{}", "supplier": "Organization: {}", "downloadLocation": "NOASSERTION", "filesAnalyzed": false, "primaryPackagePurpose": "DEVICE"}}"#,
            release.model, release.version, release.maker
        )];
        let mut relations = vec![relation("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-device")];
        for (number, part) in release.parts.iter().enumerate() {
            let mut references = Vec::new();
            if !part.purl.is_empty() {
                references.push(format!(r#"{{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "{}"}}"#, part.purl));
            }
            if !part.cpe.is_empty() {
                references.push(format!(r#"{{"referenceCategory": "SECURITY", "referenceType": "cpe23Type", "referenceLocator": "{}"}}"#, part.cpe));
            }
            packages.push(format!(
                r#"    {{"SPDXID": "SPDXRef-part-{number}", "name": "{}", "versionInfo": "{}", "supplier": "Organization: {}", "downloadLocation": "NOASSERTION", "filesAnalyzed": false, "licenseConcluded": "{}", "checksums": [{{"algorithm": "SHA256", "checksumValue": "{}"}}], "externalRefs": [{}]}}"#,
                part.name, part.version, part.supplier, part.licence, self.seed.digits(64), references.join(", ")
            ));
            relations.push(relation(
                "SPDXRef-device",
                "CONTAINS",
                &format!("SPDXRef-part-{number}"),
            ));
        }
        format!(
            "{{\n  \"spdxVersion\": \"SPDX-2.3\",\n  \"dataLicense\": \"CC0-1.0\",\n  \"SPDXID\": \"SPDXRef-DOCUMENT\",\n  \"name\": \"{}\",\n  \"documentNamespace\": \"https://example.org/spdx/{}\",\n  \"creationInfo\": {{\"created\": \"2025-06-11T09:00:00Z\", \"creators\": [\"Organization: Example\"]}},\n  \"packages\": [\n{}\n  ],\n  \"relationships\": [\n{}\n  ]\n}}\n",
            release.model,
            self.uuid(),
            packages.join(",\n"),
            relations.join(",\n")
        )
    }

    fn tag_value(&mut self, release: &Release) -> String {
        let mut out = format!(
            "SPDXVersion: SPDX-2.2\nDataLicense: CC0-1.0\nSPDXID: SPDXRef-DOCUMENT\nDocumentName: {}\nDocumentNamespace: https://example.org/spdx/{}\nCreator: Organization: Example\nCreated: 2024-02-20T12:00:00Z\n\nPackageName: {}\nSPDXID: SPDXRef-device\nPackageDownloadLocation: NOASSERTION\nFilesAnalyzed: false\n\nRelationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-device\n",
            release.model,
            self.uuid(),
            release.model
        );
        for (number, part) in release.parts.iter().enumerate() {
            let _ = write!(
                out,
                "\nPackageName: {}\nSPDXID: SPDXRef-part-{number}\nPackageVersion: {}\nPackageSupplier: Organization: {}\nPackageDownloadLocation: NOASSERTION\nFilesAnalyzed: false\nPackageLicenseConcluded: {}\nPackageLicenseDeclared: NOASSERTION\nPackageCopyrightText: NOASSERTION\n",
                part.name, part.version, part.supplier, part.licence
            );
            if !part.cpe.is_empty() {
                let _ = writeln!(out, "ExternalRef: SECURITY cpe23Type {}", part.cpe);
            }
            let _ = writeln!(out, "Relationship: SPDXRef-device CONTAINS SPDXRef-part-{number}");
        }
        out
    }

    fn spdx_three(&mut self, release: &Release) -> String {
        let base = format!("https://example.org/spdx3/{}", self.uuid());
        let mut graph = vec![
            r#"    {"type": "CreationInfo", "@id": "_:creation", "specVersion": "3.0.1", "created": "2026-01-15T07:45:00Z", "createdBy": ["BASE/example"]}"#.to_owned(),
            r#"    {"type": "Organization", "spdxId": "BASE/example", "creationInfo": "_:creation", "name": "Example"}"#.to_owned(),
            r#"    {"type": "SpdxDocument", "spdxId": "BASE/document", "creationInfo": "_:creation", "rootElement": ["BASE/device"], "profileConformance": ["core", "software"]}"#.to_owned(),
            format!(r#"    {{"type": "software_Package", "spdxId": "BASE/device", "creationInfo": "_:creation", "name": "{}"}}"#, release.model),
        ];
        let mut ids = Vec::new();
        for (number, part) in release.parts.iter().enumerate() {
            let purl = if part.purl.is_empty() {
                String::new()
            } else {
                format!(r#", "software_packageUrl": "{}""#, part.purl)
            };
            graph.push(format!(
                r#"    {{"type": "software_Package", "spdxId": "BASE/part-{number}", "creationInfo": "_:creation", "name": "{}", "software_packageVersion": "{}", "externalIdentifier": [{{"type": "ExternalIdentifier", "externalIdentifierType": "cpe23", "identifier": "{}"}}]{purl}}}"#,
                part.name, part.version, part.cpe
            ));
            ids.push(format!("\"BASE/part-{number}\""));
        }
        graph.push(format!(
            r#"    {{"type": "Relationship", "spdxId": "BASE/contains", "creationInfo": "_:creation", "from": "BASE/device", "relationshipType": "contains", "to": [{}]}}"#,
            ids.join(", ")
        ));
        let graph = graph.join(",\n").replace("BASE", &base);
        format!(
            "{{\n  \"@context\": \"https://spdx.org/rdf/3.0.1/spdx-context.jsonld\",\n  \"@graph\": [\n{graph}\n  ]\n}}\n"
        )
    }
}

fn relation(from: &str, kind: &str, to: &str) -> String {
    format!(
        r#"    {{"spdxElementId": "{from}", "relationshipType": "{kind}", "relatedSpdxElement": "{to}"}}"#
    )
}
