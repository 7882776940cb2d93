//! Wards and product lines, by hand. Names of makers and products are real and used as facts; that
//! Saint Brigid has them is invented.

/// A ward.
pub(super) struct Ward {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) service: &'static str,
    pub(super) site: &'static str,
}

pub(super) const WARDS: [Ward; 12] = [
    Ward { code: "ICU", name: "Intensive Care", service: "intensive care", site: "Main" },
    Ward { code: "NIC", name: "Neonatal Intensive Care", service: "neonatology", site: "Main" },
    Ward { code: "EMD", name: "Emergency", service: "emergency", site: "Main" },
    Ward { code: "OPR", name: "Operating Theatres", service: "surgery", site: "Main" },
    Ward { code: "RAD", name: "Radiology", service: "radiology", site: "Main" },
    Ward { code: "CAR", name: "Cardiology", service: "cardiology", site: "Main" },
    Ward { code: "ONC", name: "Oncology Day Unit", service: "oncology", site: "Riverside" },
    Ward { code: "DIA", name: "Dialysis", service: "dialysis", site: "Riverside" },
    Ward { code: "LAB", name: "Laboratory", service: "laboratory", site: "Main" },
    Ward { code: "MED", name: "General Medicine", service: "general medicine", site: "Main" },
    Ward { code: "MAT", name: "Maternity", service: "maternity", site: "Riverside" },
    Ward { code: "PHA", name: "Pharmacy", service: "pharmacy", site: "Main" },
];

/// A product line: who makes it, and what of it the hospital has.
pub(super) struct Line {
    pub(super) prefix: &'static str,
    pub(super) maker: &'static str,
    pub(super) model: &'static str,
    pub(super) criticality: &'static str,
    pub(super) system: &'static str,
    /// End of its maker's support; empty where nobody said.
    pub(super) support: &'static str,
    /// Version (empty: unknown), ward, how many, how many of them in store.
    pub(super) units: &'static [(&'static str, &'static str, u32, u32)],
}

macro_rules! line {
    ($prefix:literal $maker:literal $model:literal $criticality:literal $system:literal
     $support:literal; $($unit:expr),+) => {
        Line {
            prefix: $prefix,
            maker: $maker,
            model: $model,
            criticality: $criticality,
            system: $system,
            support: $support,
            units: &[$($unit),+],
        }
    };
}

pub(super) const LINES: &[Line] = &[
    line!("PCU" "BD" "Alaris PC Unit" "therapy" "" "2027-12-31"; ("12.1", "ICU", 14, 1), ("9.33", "MED", 12, 2), ("12.3.1", "ONC", 8, 0), ("", "EMD", 4, 0)),
    line!("AGS" "BD" "Alaris GS" "therapy" "" "2022-06-30"; ("2.3.6", "OPR", 4, 0), ("4.0.1", "NIC", 4, 1)),
    line!("AGW" "BD" "Alaris Gateway Workstation" "therapy" "Windows CE" "2021-12-31"; ("1.1.6", "OPR", 2, 0), ("1.6.1", "NIC", 2, 0)),
    line!("PYX" "BD" "Pyxis MedStation ES" "support" "Windows 10" ""; ("1.6.1", "ICU", 1, 0), ("1.7.1", "MED", 2, 0)),
    line!("FAC" "BD" "FACSLyric IVD" "diagnostic" "Windows 10" "2028-03-31"; ("1.2.1", "LAB", 1, 0)),
    line!("SPS" "B. Braun" "SpaceStation with SpaceCom 2" "therapy" "" ""; ("L81", "ICU", 6, 0), ("L86", "ONC", 6, 1)),
    line!("DRG" "Drägerwerk AG & Co. KGaA" "Infinity Delta" "monitoring" "" "2020-06-30"; ("VF9.1", "OPR", 6, 0), ("VF10.1", "NIC", 6, 0)),
    line!("HT1" "Hamilton Medical" "T1 Ventilator" "life-sustaining" "" "2030-12-31"; ("2.2.3", "EMD", 1, 0), ("3.0.2", "ICU", 4, 0)),
    line!("EVT" "Dräger" "Evita Infinity V500" "life-sustaining" "" "2031-12-31"; ("2.51", "ICU", 8, 1)),
    line!("SSP" "Baxter" "Sigma Spectrum" "therapy" "" "2024-12-31"; ("6.05.13", "MED", 10, 0), ("6.05.13", "DIA", 2, 0)),
    line!("BSP" "Baxter" "Spectrum IQ" "therapy" "" "2032-12-31"; ("9.02.01", "ONC", 6, 0)),
    line!("EXM" "Baxter" "ExactaMix EM2400" "support" "Windows XP" "2019-12-31"; ("1.13", "PHA", 1, 0)),
    line!("EX1" "Baxter" "ExactaMix EM1200" "support" "Windows XP" "2019-12-31"; ("1.10", "PHA", 1, 0)),
    line!("PHX" "Baxter" "Phoenix Hemodialysis Delivery System" "life-sustaining" "" "2025-06-30"; ("3.40", "DIA", 6, 0), ("3.41", "DIA", 4, 1)),
    line!("MXF" "Philips" "IntelliVue MX40" "monitoring" "" ""; ("B.06.10", "CAR", 8, 0), ("B.06.18", "MED", 8, 2)),
    line!("PIC" "Philips" "Patient Information Center iX" "monitoring" "Windows Server 2016" "2027-06-30"; ("C.03", "CAR", 1, 0), ("C.03", "ICU", 1, 0), ("D.01", "NIC", 1, 0)),
    line!("VUE" "Philips" "Vue PACS" "diagnostic" "Windows Server 2016" ""; ("12.2.1", "RAD", 2, 0)),
    line!("MRI" "Philips" "MRI 1.5T" "diagnostic" "Windows 10" "2029-12-31"; ("5.3.0", "RAD", 1, 0)),
    line!("BCT" "Philips" "Brilliance 64" "diagnostic" "Windows 7" "2023-12-31"; ("2.6.2", "RAD", 1, 0), ("4.1.6", "EMD", 1, 0)),
    line!("TCG" "Philips" "PageWriter TC70" "diagnostic" "" ""; ("A.07.10", "CAR", 3, 0), ("A.07.10", "EMD", 2, 0)),
    line!("B65" "GE Healthcare" "B650" "monitoring" "" "2026-12-31"; ("1.5", "EMD", 6, 0), ("2.1", "OPR", 6, 0)),
    line!("B85" "GE Healthcare" "B850" "monitoring" "" "2028-12-31"; ("2.0", "ICU", 14, 0)),
    line!("CCS" "GE Healthcare" "CARESCAPE Central Station (CSCS)" "monitoring" "Windows 10" ""; ("2.0.1", "ICU", 1, 0), ("1.1", "EMD", 1, 0)),
    line!("AES" "GE Healthcare" "Aestiva" "life-sustaining" "" "2021-12-31"; ("7900 MRI", "OPR", 1, 0), ("7100", "OPR", 2, 0)),
    line!("VER" "GE Healthcare" "Versana Essential" "diagnostic" "Windows 10" "2029-06-30"; ("1.0", "MAT", 3, 0)),
    line!("CSM" "Hillrom" "Connex Spot Monitor" "monitoring" "" ""; ("1.51", "MED", 10, 1), ("1.52", "MAT", 8, 0)),
    line!("CVS" "Welch Allyn" "Connex Vital Signs Monitor" "monitoring" "" ""; ("2.43.01", "EMD", 5, 0)),
    line!("M62" "Medtronic" "MiniMed 620G MMT-1710" "therapy" "" ""; ("2.6", "MED", 2, 2)),
    line!("M63" "Medtronic" "MiniMed 630G" "therapy" "" ""; ("3.1", "MED", 2, 2)),
    line!("VFT" "Medtronic" "Valleylab FT10 Energy Platform" "therapy" "" "2027-12-31"; ("2.1.0", "OPR", 2, 0), ("4.0.1", "OPR", 2, 0)),
    line!("PRG" "Medtronic" "CareLink 2090 Programmer" "therapy" "Windows XP" "2022-12-31"; ("2.5", "CAR", 2, 0)),
    line!("CMS" "Contec Health" "CMS8000" "monitoring" "" ""; ("2.0.6", "MAT", 6, 1)),
    line!("BED" "Stryker" "Secure II MedSurg Bed" "support" "" ""; ("3002", "MED", 6, 0)),
    line!("NXS" "Swisslog Healthcare" "Nexus Control Panel" "support" "" ""; ("7.2.4.1", "PHA", 1, 0), ("7.2.5.7", "LAB", 1, 0)),
    line!("ORT" "Orthanc" "Osimis WebViewer" "diagnostic" "" ""; ("1.4.2.0-9d9eff4", "RAD", 1, 0)),
];
