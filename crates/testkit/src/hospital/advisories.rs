//! Advisories of CISA on medical devices, rewritten to their facts: ids, product names, the text
//! about versions exactly as it stands there, CVEs, weaknesses and vectors. The sentences are ours.

use super::File;

/// What a product branch says of versions.
type Product = (&'static str, &'static str);
/// CVE, CWE, vector, what it is.
type Flaw = (&'static str, u32, &'static str, &'static str);

struct Advisory {
    id: &'static str,
    title: &'static str,
    date: &'static str,
    vendor: &'static str,
    products: &'static [Product],
    flaws: &'static [Flaw],
    /// Kind and words of the remedy.
    remedy: (&'static str, &'static str),
}

const ADVISORIES: &[Advisory] = &[
    Advisory {
        id: "ICSMA-17-017-02",
        title: "BD Alaris 8015 PC Unit",
        date: "2021-03-16",
        vendor: "Becton, Dickinson and Company (BD)",
        products: &[("Alaris 8015 PC unit", "9.7"), ("Alaris 8015 PC unit", "<= 9.33")],
        flaws: &[(
            "CVE-2016-9355",
            284,
            "CVSS:3.0/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "Somebody with the unit in hand can read its network credentials and settings.",
        )],
        remedy: (
            "vendor_fix",
            "Upgrade to a version after 9.33 and change the wireless credentials.",
        ),
    },
    Advisory {
        id: "ICSMA-20-170-06",
        title: "BD Alaris PCU",
        date: "2020-07-28",
        vendor: "Becton, Dickinson and Company (BD)",
        products: &[("Alaris PC Unit", "9.13 | 9.19 | 9.33 | 12.1")],
        flaws: &[(
            "CVE-2019-11479",
            405,
            "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L",
            "Crafted TCP segments can exhaust the unit's network stack and drop its wireless link.",
        )],
        remedy: ("vendor_fix", "Upgrade the unit to 12.1.2 or later."),
    },
    Advisory {
        id: "ICSMA-18-235-01",
        title: "BD Alaris Plus",
        date: "2018-08-23",
        vendor: "Becton, Dickinson and Company (BD)",
        products: &[
            ("Alaris GS", "<= 2.3.6"),
            ("Alaris GH", "<= 2.3.6"),
            ("Alaris CC", "<= 2.3.6"),
            ("Alaris TIVA", "<= 2.3.6"),
        ],
        flaws: &[(
            "CVE-2018-14786",
            287,
            "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:H/A:H",
            "A syringe pump that hangs on a terminal server can be stopped, started and reset over the network without authentication.",
        )],
        remedy: (
            "mitigation",
            "Connect the pump through a workstation of a later generation, and keep it in a network of its own.",
        ),
    },
    Advisory {
        id: "ICSMA-19-164-01",
        title: "BD Alaris Gateway Workstation",
        date: "2019-06-13",
        vendor: "Becton, Dickinson and Company (BD)",
        products: &[
            ("Alaris Gateway Workstation", "1.1.5"),
            ("Alaris Gateway Workstation", "1.1.6"),
            ("Alaris Gateway Workstation", "1.3.0 Build 14"),
        ],
        flaws: &[
            (
                "CVE-2019-10959",
                434,
                "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:C/C:L/I:H/A:H",
                "Files can be put onto the workstation over the network and are run when it starts.",
            ),
            (
                "CVE-2019-10962",
                284,
                "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:L/A:L",
                "Its web pages show status and settings to anyone.",
            ),
        ],
        remedy: (
            "vendor_fix",
            "Update the workstation to firmware 1.3.2 or 1.6.1 and block SMB to it.",
        ),
    },
    Advisory {
        id: "ICSMA-20-091-01",
        title: "BD Pyxis MedStation and Anesthesia ES",
        date: "2020-03-31",
        vendor: "Becton, Dickinson and Company (BD)",
        products: &[("Pyxis MedStation ES System", "1.6.1")],
        flaws: &[(
            "CVE-2020-10598",
            693,
            "CVSS:3.0/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "Somebody at the cabinet can leave its kiosk and reach files with medication data.",
        )],
        remedy: ("vendor_fix", "Update to 1.6.2 or later."),
    },
    Advisory {
        id: "ICSMA-19-029-02",
        title: "BD FACSLyric",
        date: "2019-01-29",
        vendor: "Becton, Dickinson and Company (BD)",
        products: &[("FACSLyric IVD", "Windows 10 Professional Operating System U.S. release")],
        flaws: &[(
            "CVE-2019-6517",
            284,
            "CVSS:3.0/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "A built-in administrator account has no password.",
        )],
        remedy: (
            "vendor_fix",
            "Disable the account or exchange the workstation; BD contacts those concerned.",
        ),
    },
    Advisory {
        id: "ICSMA-21-294-01",
        title: "B. Braun Infusomat Space Large Volume Pump",
        date: "2021-10-21",
        vendor: "B. Braun Medical",
        products: &[
            ("SpaceStation with SpaceCom 2", "<= L81"),
            ("Battery pack SP with WiFi", "<= 028U000061"),
        ],
        flaws: &[
            (
                "CVE-2021-33885",
                345,
                "CVSS:3.0/AV:N/AC:H/PR:N/UI:N/S:C/C:H/I:H/A:H",
                "Data that the pump takes as its own can be sent by an attacker on the network, and change its configuration.",
            ),
            (
                "CVE-2021-33882",
                306,
                "CVSS:3.0/AV:N/AC:H/PR:N/UI:N/S:C/C:N/I:H/A:N",
                "Dosing-relevant settings can be written without authentication.",
            ),
        ],
        remedy: (
            "vendor_fix",
            "Update SpaceCom to L82 or later, and separate the pumps' network from others.",
        ),
    },
    Advisory {
        id: "ICSMA-19-022-01",
        title: "Dräger Infinity Delta",
        date: "2019-01-22",
        vendor: "Dräger",
        products: &[
            ("Infinity Delta", "vers:all/*"),
            ("Delta XL", "vers:all/*"),
            ("Kappa", "vers:all/*"),
            ("Infinity Explorer C700", "vers:all/*"),
        ],
        flaws: &[
            (
                "CVE-2018-19010",
                20,
                "CVSS:3.0/AV:A/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
                "A malformed packet restarts the monitor, and repeated ones take it off the network.",
            ),
            (
                "CVE-2018-19014",
                532,
                "CVSS:3.0/AV:A/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N",
                "Log files can be read over the network without authentication.",
            ),
        ],
        remedy: ("vendor_fix", "Update to Delta VF10.1, and keep the monitors' network closed."),
    },
    Advisory {
        id: "ICSMA-21-047-01",
        title: "Hamilton-T1",
        date: "2021-02-16",
        vendor: "Hamilton Medical AG",
        products: &[("T1 Ventilator", "<= 2.2.3")],
        flaws: &[
            (
                "CVE-2020-27278",
                798,
                "CVSS:3.0/AV:P/AC:L/PR:N/UI:N/S:U/C:L/I:L/A:N",
                "A fixed password opens the ventilator's settings to whoever stands before it.",
            ),
            (
                "CVE-2020-27282",
                112,
                "CVSS:3.0/AV:P/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:H",
                "A crafted configuration file makes the ventilator unusable.",
            ),
        ],
        remedy: ("vendor_fix", "Update to version 2.2.4 or later."),
    },
    Advisory {
        id: "ICSMA-20-170-04",
        title: "Baxter Sigma Spectrum Infusion Pumps",
        date: "2021-04-27",
        vendor: "Baxter",
        products: &[
            ("Sigma Spectrum", "v6.x model 35700BAX"),
            ("Sigma Spectrum LVP", "v6.x (with Wireless Battery Modules v9 | v11 | v13)"),
        ],
        flaws: &[(
            "CVE-2020-12040",
            319,
            "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:L/A:L",
            "The pump speaks to its gateway in clear text.",
        )],
        remedy: ("mitigation", "Give the pumps a network of their own and monitor it."),
    },
    Advisory {
        id: "ICSMA-20-170-01",
        title: "Baxter ExactaMix",
        date: "2020-09-10",
        vendor: "Baxter",
        products: &[
            ("ExactaMix EM2400", "1.10 | 1.11 | 1.13 | 1.14"),
            ("ExactaMix EM1200", "1.1 | 1.2 | 1.4 | 1.5"),
        ],
        flaws: &[(
            "CVE-2020-12016",
            259,
            "CVSS:3.0/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "Fixed administrative credentials open the compounder's operating system.",
        )],
        remedy: (
            "vendor_fix",
            "Upgrade to ExactaMix 1.4 (EM1200) or 1.13 (EM2400) and later, and isolate what can't be.",
        ),
    },
    Advisory {
        id: "ICSMA-20-170-03",
        title: "Baxter Phoenix Hemodialysis Delivery System",
        date: "2020-06-18",
        vendor: "Baxter",
        products: &[("Phoenix Hemodialysis Delivery System", "3.36 | 3.40")],
        flaws: &[(
            "CVE-2020-12048",
            319,
            "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N",
            "Treatment data and prescriptions travel in clear text between the machine and its server.",
        )],
        remedy: ("mitigation", "Keep machine and server on a network of their own."),
    },
    Advisory {
        id: "ICSMA-17-255-01",
        title: "Philips IntelliVue MX40 Patient Worn Monitor",
        date: "2017-09-12",
        vendor: "Philips",
        products: &[("IntelliVue MX40 Patient Worn Monitor (WLAN only)", "< B.06.18")],
        flaws: &[
            (
                "CVE-2017-9657",
                460,
                "CVSS:3.0/AV:A/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
                "Under certain Wi-Fi conditions the monitor loses its link to the central station.",
            ),
            (
                "CVE-2017-9658",
                755,
                "CVSS:3.0/AV:A/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
                "Certain Wi-Fi management frames restart the monitor or keep it from reconnecting.",
            ),
        ],
        remedy: ("vendor_fix", "Update to software B.06.18."),
    },
    Advisory {
        id: "ICSMA-20-254-01",
        title: "Philips Patient Monitoring Devices",
        date: "2021-06-03",
        vendor: "Philips",
        products: &[
            ("Patient Information Center iX (PICiX)", "B.02"),
            ("Patient Information Center iX (PICiX)", "C.02"),
            ("Patient Information Center iX (PICiX)", "C.03"),
        ],
        flaws: &[(
            "CVE-2020-16218",
            79,
            "CVSS:3.1/AV:A/AC:L/PR:L/UI:N/S:U/C:L/I:N/A:N",
            "A web page of the center shows what an attacker put into it.",
        )],
        remedy: ("vendor_fix", "Update to release C.03 with its service pack, or D.01."),
    },
    Advisory {
        id: "ICSMA-21-187-01",
        title: "Philips Vue PACS",
        date: "2022-04-05",
        vendor: "Philips",
        products: &[("Vue PACS", "<= 12.2.x.x"), ("Vue Motion", "<= 12.2.1.5")],
        flaws: &[(
            "CVE-2020-1938",
            20,
            "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "The bundled Tomcat lets anyone on the network read files and, where uploads are possible, run code.",
        )],
        remedy: ("vendor_fix", "Upgrade to 12.2.8.0 or later."),
    },
    Advisory {
        id: "ICSMA-21-313-01",
        title: "Philips MRI 1.5T and 3T",
        date: "2021-11-09",
        vendor: "Philips",
        products: &[("MRI 1.5T", "5.x.x"), ("MRI 3T", "5.x.x")],
        flaws: &[(
            "CVE-2021-26262",
            284,
            "CVSS:3.0/AV:L/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N",
            "Somebody at the console reaches data of patients without permission.",
        )],
        remedy: (
            "mitigation",
            "Let only authorised people to the console until a release mends it.",
        ),
    },
    Advisory {
        id: "ICSMA-18-123-01",
        title: "Philips Brilliance Computed Tomography System",
        date: "2019-10-10",
        vendor: "Philips",
        products: &[
            ("Brilliance 64", "<=2.6.2"),
            ("Brilliance iCT", "<=4.1.6"),
            ("Brilliance CT Big Bore", "<=2.3.5"),
        ],
        flaws: &[(
            "CVE-2018-8857",
            798,
            "CVSS:3.0/AV:L/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "Fixed credentials open the operating system from within the kiosk.",
        )],
        remedy: (
            "no_fix_planned",
            "None is planned for this generation; limit who and what reaches the console.",
        ),
    },
    Advisory {
        id: "ICSMA-18-228-01",
        title: "Philips PageWriter Cardiographs",
        date: "2020-06-09",
        vendor: "Philips",
        products: &[("PageWriter TC70", "<May 2018")],
        flaws: &[(
            "CVE-2018-14799",
            20,
            "CVSS:3.0/AV:L/AC:L/PR:N/UI:N/S:U/C:L/I:L/A:L",
            "Input at the device can overflow a buffer.",
        )],
        remedy: ("vendor_fix", "Install the release of 2019."),
    },
    Advisory {
        id: "ICSMA-20-023-01",
        title: "GE CARESCAPE, ApexPro, and Clinical Information Center",
        date: "2020-01-23",
        vendor: "General Electric (GE)",
        products: &[
            ("B450", "2.X"),
            ("B650", "1.X"),
            ("B650", "2.X"),
            ("B850", "1.X"),
            ("B850", "2.X"),
            ("CARESCAPE Central Station (CSCS)", "1.X"),
            ("CARESCAPE Central Station (CSCS)", "2.X"),
        ],
        flaws: &[
            (
                "CVE-2020-6961",
                256,
                "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H",
                "A private key that all units share lets an attacker take them over by remote login.",
            ),
            (
                "CVE-2020-6962",
                20,
                "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H",
                "The web interface takes input that runs as code.",
            ),
        ],
        remedy: (
            "mitigation",
            "Keep the monitors' two networks apart from all others; GE tells which release mends it.",
        ),
    },
    Advisory {
        id: "ICSMA-19-190-01",
        title: "GE Aestiva and Aespire Anesthesia",
        date: "2019-07-09",
        vendor: "General Electric (GE)",
        products: &[
            ("GE Aestiva", "7100 | 7900 MRI"),
            ("GE Aespire", "7100 | 7900 | 100 | Protiva Carestation | View"),
        ],
        flaws: &[(
            "CVE-2019-10966",
            287,
            "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:L/A:N",
            "Where its serial port is put onto the network by a terminal server, gas composition settings and alarms can be changed.",
        )],
        remedy: ("mitigation", "Use a secure terminal server, or none."),
    },
    Advisory {
        id: "ICSMA-20-049-02",
        title: "GE Healthcare Ultrasound products",
        date: "2024-05-02",
        vendor: "GE Healthcare",
        products: &[("Versana Essential", "vers:all/*")],
        flaws: &[(
            "CVE-2020-6977",
            284,
            "CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "Somebody at the device can leave its restricted desktop.",
        )],
        remedy: ("mitigation", "Lock the system when nobody is at it."),
    },
    Advisory {
        id: "ICSMA-21-152-01",
        title: "Hillrom Medical Device Management",
        date: "2021-12-14",
        vendor: "Hillrom",
        products: &[
            ("Welch Allyn Connex Spot Monitor (CSM)", "< 1.52"),
            ("Welch Allyn Connex Vital Signs Monitor (CVSM)", "< 2.43.02"),
        ],
        flaws: &[(
            "CVE-2021-27410",
            787,
            "CVSS:3.0/AV:A/AC:H/PR:L/UI:N/S:U/C:L/I:H/A:L",
            "A crafted package writes beyond its buffer and may run code.",
        )],
        remedy: (
            "vendor_fix",
            "Update the spot monitor to 1.52 and the vital signs monitor to 2.43.02.",
        ),
    },
    Advisory {
        id: "ICSMA-22-263-01",
        title: "Medtronic NGP 600 Series Insulin Pumps",
        date: "2022-09-20",
        vendor: "Medtronic",
        products: &[
            ("MiniMed 620G", "MMT-1710"),
            ("MiniMed 630G", "MMT-1715 | MMT-1754 | MMT-1755"),
        ],
        flaws: &[(
            "CVE-2022-32537",
            693,
            "CVSS:3.0/AV:A/AC:H/PR:L/UI:N/S:U/C:N/I:H/A:N",
            "Somebody nearby can learn how pump and remote pair, and deliver a bolus.",
        )],
        remedy: ("mitigation", "Turn the remote bolus off where it is not needed."),
    },
    Advisory {
        id: "ICSMA-19-311-01",
        title: "Medtronic Valleylab FT10 and LS10",
        date: "2019-11-07",
        vendor: "Medtronic",
        products: &[
            ("Valleylab FT10 Energy Platform (VLFT10GEN)", "<= 2.1.0"),
            ("Valleylab LS10 Energy Platform (VLLS10GEN)", "<= 1.20.2"),
        ],
        flaws: &[(
            "CVE-2019-13531",
            287,
            "CVSS:3.0/AV:P/AC:H/PR:N/UI:N/S:U/C:N/I:H/A:L",
            "Instruments that are not genuine can be passed off as such.",
        )],
        remedy: ("vendor_fix", "Update the platform's software."),
    },
    Advisory {
        id: "ICSMA-18-347-01",
        title: "Medtronic CareLink Programmers",
        date: "2018-12-13",
        vendor: "Medtronic",
        products: &[
            ("CareLink 2090 Programmer", "vers:all/*"),
            ("CareLink 9790 Programmer", "vers:all/*"),
        ],
        flaws: &[(
            "CVE-2018-18984",
            311,
            "CVSS:3.0/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N",
            "Health data on the programmer's disk is not encrypted.",
        )],
        remedy: ("mitigation", "Keep programmers under lock, and erase them before they leave."),
    },
    Advisory {
        id: "ICSMA-22-244-01",
        title: "Contec Health CMS8000",
        date: "2022-09-01",
        vendor: "Contec Health",
        products: &[("CMS8000 CONTEC ICU CCU Vital Signs Patient Monitor", "vers:all/*")],
        flaws: &[(
            "CVE-2022-38100",
            400,
            "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
            "A malformed packet stops all monitors of one network at once.",
        )],
        remedy: ("mitigation", "No fix was offered; take the monitors off shared networks."),
    },
    Advisory {
        id: "ICSMA-19-029-01",
        title: "Stryker Medical Beds",
        date: "2019-01-29",
        vendor: "Stryker",
        products: &[("Secure II MedSurg Bed (enabled with iBed Wireless)", "3002")],
        flaws: &[(
            "CVE-2017-13077",
            323,
            "CVSS:3.0/AV:A/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:N",
            "The bed's Wi-Fi lets a key be installed again (KRACK).",
        )],
        remedy: ("vendor_fix", "Update the gateway of the beds."),
    },
    Advisory {
        id: "ICSMA-21-215-01",
        title: "Swisslog Healthcare Translogic PTS",
        date: "2021-08-03",
        vendor: "Swisslog Healthcare",
        products: &[("Nexus Control Panel", "< 7.2.5.7")],
        flaws: &[(
            "CVE-2021-37161",
            191,
            "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "A packet to the panel of the tube system runs code of an attacker.",
        )],
        remedy: ("vendor_fix", "Update to 7.2.5.7."),
    },
    Advisory {
        id: "ICSMA-24-023-01",
        title: "Orthanc Osimis DICOM Web Viewer",
        date: "2024-01-23",
        vendor: "Orthanc",
        products: &[("Osimis WebViewer", "1.4.2.0-9d9eff4")],
        flaws: &[(
            "CVE-2023-7238",
            79,
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:L",
            "A crafted image runs script in the viewer's page.",
        )],
        remedy: ("mitigation", "Use the viewer that replaces it."),
    },
];

pub(super) fn files() -> Vec<File> {
    let mut files: Vec<File> = ADVISORIES
        .iter()
        .map(|advisory| {
            (format!("advisories/{}.json", advisory.id.to_lowercase()), csaf(advisory).into_bytes())
        })
        .collect();
    files.push(("vex/space-maker.csaf.json".into(), CSAF_VEX.as_bytes().to_vec()));
    files.push(("vex/alaris-maker.openvex.json".into(), OPENVEX.as_bytes().to_vec()));
    files.push(("vex/vue-maker.cdx.json".into(), CYCLONEDX_VEX.as_bytes().to_vec()));
    files
}

fn csaf(advisory: &Advisory) -> String {
    let branches: Vec<String> = advisory
        .products
        .iter()
        .enumerate()
        .map(|(number, (product, version))| {
            let category = if version.contains(['<', '>', '*', '|']) { "product_version_range" } else { "product_version" };
            format!(
                r#"        {{"category": "product_name", "name": "{product}", "branches": [{{"category": "{category}", "name": "{version}", "product": {{"name": "{product}: {version}", "product_id": "CSAFPID-{:04}"}}}}]}}"#,
                number + 1
            )
        })
        .collect();
    let ids: Vec<String> =
        (1..=advisory.products.len()).map(|n| format!("\"CSAFPID-{n:04}\"")).collect();
    let ids = ids.join(", ");
    let (kind, words) = advisory.remedy;
    let flaws: Vec<String> = advisory
        .flaws
        .iter()
        .map(|(cve, cwe, vector, what)| {
            let version = vector.get(5..8).unwrap_or("3.0");
            format!(
                r#"    {{"cve": "{cve}", "cwe": {{"id": "CWE-{cwe}", "name": "CWE-{cwe}"}}, "notes": [{{"category": "summary", "text": "{what}"}}], "product_status": {{"known_affected": [{ids}]}}, "scores": [{{"cvss_v3": {{"version": "{version}", "vectorString": "{vector}"}}, "products": [{ids}]}}], "remediations": [{{"category": "{kind}", "details": "{words}", "product_ids": [{ids}]}}]}}"#
            )
        })
        .collect();
    format!(
        r#"{{
  "document": {{
    "category": "csaf_security_advisory",
    "csaf_version": "2.0",
    "title": "{}",
    "notes": [{{"category": "general", "text": "Rewritten to its facts for the example hospital; the original is CISA's."}}],
    "publisher": {{"category": "other", "name": "Saint Brigid example", "namespace": "https://example.org"}},
    "tracking": {{"id": "{}", "status": "final", "version": "1", "initial_release_date": "{date}T00:00:00Z", "current_release_date": "{date}T00:00:00Z", "revision_history": [{{"number": "1", "date": "{date}T00:00:00Z", "summary": "example"}}]}}
  }},
  "product_tree": {{
    "branches": [
      {{"category": "vendor", "name": "{}", "branches": [
{}
      ]}}
    ]
  }},
  "vulnerabilities": [
{}
  ]
}}
"#,
        advisory.title,
        advisory.id,
        advisory.vendor,
        branches.join(",\n"),
        flaws.join(",\n"),
        date = advisory.date
    )
}

/// A maker that never was says that its later firmware is fixed.
const CSAF_VEX: &str = r#"{
  "document": {
    "category": "csaf_vex",
    "csaf_version": "2.0",
    "title": "Invented for the example: SpaceCom L86",
    "publisher": {"category": "vendor", "name": "Example maker (invented)", "namespace": "https://example.org"},
    "tracking": {"id": "EX-VEX-0001", "status": "final", "version": "1", "initial_release_date": "2022-02-01T00:00:00Z", "current_release_date": "2022-02-01T00:00:00Z", "revision_history": [{"number": "1", "date": "2022-02-01T00:00:00Z", "summary": "example"}]}
  },
  "product_tree": {"branches": [{"category": "vendor", "name": "B. Braun Medical", "branches": [{"category": "product_name", "name": "SpaceStation with SpaceCom 2", "branches": [{"category": "product_version", "name": "L86", "product": {"name": "SpaceStation with SpaceCom 2 L86", "product_id": "P1"}}]}]}]},
  "vulnerabilities": [
    {"cve": "CVE-2021-33885", "notes": [{"category": "summary", "text": "Mended in L82."}], "product_status": {"fixed": ["P1"]}},
    {"cve": "CVE-2021-33882", "notes": [{"category": "summary", "text": "Mended in L82."}], "product_status": {"fixed": ["P1"]}}
  ]
}
"#;

/// A maker that never was says that zlib and the DHCP client of busybox are not used as the flaws
/// need it.
const OPENVEX: &str = r#"{
  "@context": "https://openvex.dev/ns/v0.2.0",
  "@id": "https://example.org/vex/alaris-12-1",
  "author": "Example maker (invented)",
  "timestamp": "2026-04-01T09:00:00Z",
  "version": 1,
  "statements": [
    {
      "vulnerability": {"name": "CVE-2018-25032"},
      "products": [{"@id": "Alaris PC Unit", "subcomponents": [{"@id": "zlib"}]}],
      "status": "not_affected",
      "justification": "vulnerable_code_not_in_execute_path",
      "impact_statement": "The unit only expands data, and never compresses any."
    },
    {
      "vulnerability": {"name": "CVE-2016-2148"},
      "products": [{"@id": "Alaris PC Unit", "subcomponents": [{"@id": "busybox"}]}],
      "status": "not_affected",
      "justification": "vulnerable_code_not_present",
      "impact_statement": "busybox is built without its DHCP client."
    }
  ]
}
"#;

/// A maker that never was says that jackson is not reachable.
const CYCLONEDX_VEX: &str = r#"{
  "bomFormat": "CycloneDX",
  "specVersion": "1.5",
  "serialNumber": "urn:uuid:3f0c9a52-6a7e-4f5e-9d63-0f8f3c1f7a11",
  "version": 1,
  "metadata": {"timestamp": "2026-05-05T10:00:00Z", "supplier": {"name": "Example maker (invented)"}, "component": {"type": "application", "bom-ref": "vue-pacs", "name": "Vue PACS", "version": "12.2.1", "supplier": {"name": "Philips Healthcare"}}},
  "components": [],
  "vulnerabilities": [
    {
      "id": "CVE-2020-36518",
      "source": {"name": "NVD"},
      "analysis": {"state": "not_affected", "justification": "code_not_reachable", "detail": "JSON comes only from the system itself."},
      "affects": [{"ref": "pkg:maven/com.fasterxml.jackson.core/jackson-databind@2.9.10"}]
    }
  ]
}
"#;
