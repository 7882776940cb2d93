//! Operating systems as inventories write them, and as CPE names do.
//!
//! Refuses to take a distribution's number for its kernel's, and to say that a Windows is patched:
//! an inventory rarely knows its build.

use domain::cpe::{Cpe, Part};

/// An operating system in CPE's spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct System<'t> {
    pub(super) vendor: &'static str,
    pub(super) product: &'static str,
    pub(super) version: Option<&'t str>,
    /// The service pack, as CPE's dictionary writes it: `sp1`.
    pub(super) update: Option<String>,
}

/// Systems that share a kernel and are no platform for each other's programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Windows,
    WindowsCe,
    Linux,
    Apple,
    Android,
    Bsd,
    VxWorks,
    Qnx,
    ThreadX,
    Integrity,
    Nucleus,
    FreeRtos,
}

/// Whether the number after the name is a version that advisories compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Number {
    /// It is the version.
    Version,
    /// It is in the name already; a version would be a build.
    InName,
}

use Family as F;
use Number::{InName, Version};

/// The words, then vendor and product in CPE's dictionary. Longer names stand before those that
/// they hold; distributions before their kernel.
const SYSTEMS: [(&str, &str, &str, Family, Number); 43] = [
    ("windows embedded compact", "microsoft", "windows_embedded_compact", F::WindowsCe, Version),
    ("windows ce", "microsoft", "windows_ce", F::WindowsCe, Version),
    ("windows embedded standard 7", "microsoft", "windows_7", F::Windows, InName),
    ("windows embedded 8", "microsoft", "windows_8.1", F::Windows, InName),
    ("windows xp", "microsoft", "windows_xp", F::Windows, InName),
    ("windows nt", "microsoft", "windows_nt", F::Windows, Version),
    ("windows 2000", "microsoft", "windows_2000", F::Windows, InName),
    ("windows vista", "microsoft", "windows_vista", F::Windows, InName),
    ("windows server 2003", "microsoft", "windows_server_2003", F::Windows, InName),
    ("windows server 2008", "microsoft", "windows_server_2008", F::Windows, InName),
    ("windows server 2012", "microsoft", "windows_server_2012", F::Windows, InName),
    ("windows server 2016", "microsoft", "windows_server_2016", F::Windows, InName),
    ("windows server 2019", "microsoft", "windows_server_2019", F::Windows, InName),
    ("windows server 2022", "microsoft", "windows_server_2022", F::Windows, InName),
    ("windows server 2025", "microsoft", "windows_server_2025", F::Windows, InName),
    ("windows 7", "microsoft", "windows_7", F::Windows, InName),
    ("windows 8.1", "microsoft", "windows_8.1", F::Windows, InName),
    ("windows 8", "microsoft", "windows_8", F::Windows, InName),
    ("windows 10", "microsoft", "windows_10", F::Windows, InName),
    ("windows 11", "microsoft", "windows_11", F::Windows, InName),
    ("vxworks", "windriver", "vxworks", F::VxWorks, Version),
    ("qnx", "blackberry", "qnx_neutrino_rtos", F::Qnx, Version),
    ("threadx", "microsoft", "azure_rtos_threadx", F::ThreadX, Version),
    ("integrity", "ghs", "integrity_rtos", F::Integrity, Version),
    ("nucleus", "siemens", "nucleus_rtos", F::Nucleus, Version),
    ("freertos", "amazon", "freertos", F::FreeRtos, Version),
    ("red hat enterprise linux", "redhat", "enterprise_linux", F::Linux, Version),
    ("rhel", "redhat", "enterprise_linux", F::Linux, Version),
    ("centos", "centos", "centos", F::Linux, Version),
    ("ubuntu", "canonical", "ubuntu_linux", F::Linux, Version),
    ("debian", "debian", "debian_linux", F::Linux, Version),
    ("fedora", "fedoraproject", "fedora", F::Linux, Version),
    ("suse linux enterprise", "suse", "linux_enterprise_server", F::Linux, Version),
    ("opensuse", "opensuse", "leap", F::Linux, Version),
    ("oracle linux", "oracle", "linux", F::Linux, Version),
    ("wind river linux", "windriver", "linux", F::Linux, Version),
    ("yocto", "yoctoproject", "yocto", F::Linux, Version),
    ("alpine", "alpinelinux", "alpine_linux", F::Linux, Version),
    ("android", "google", "android", F::Android, Version),
    ("freebsd", "freebsd", "freebsd", F::Bsd, Version),
    ("macos", "apple", "macos", F::Apple, Version),
    ("apple ios", "apple", "iphone_os", F::Apple, Version),
    ("linux", "linux", "linux_kernel", F::Linux, Version),
];

/// Reads an operating system; `None` where its name is not known.
pub(super) fn read(text: &str) -> Option<System<'_>> {
    // "Microsoft Windows 10", "Windows10", "WINDOWS® 7" are one way to write a name each.
    let lower: String =
        text.chars().map(|c| if c.is_ascii() { c.to_ascii_lowercase() } else { ' ' }).collect();
    let (name, end, vendor, product, number) =
        SYSTEMS.iter().find_map(|(name, vendor, product, _, number)| {
            Some((name, find(&lower, name)?, *vendor, *product, *number))
        })?;
    let _ = name;
    let version = tail(text, end).split_whitespace().find(|word| {
        let word = word.trim_start_matches(['v', 'V']);
        let dotted = word.contains('.');
        word.starts_with(|c: char| c.is_ascii_digit()) && (dotted || number == Version)
    });
    let version = version.map(|word| word.trim_matches(|c: char| !c.is_ascii_alphanumeric()));
    Some(System {
        vendor,
        product,
        version: version.map(|word| word.trim_start_matches(['v', 'V'])),
        update: service_pack(lower.get(end..).unwrap_or_default()),
    })
}

/// The service pack that a text in lower case says: `SP1`, `Service Pack 3`.
fn service_pack(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let number = |text: &str| text.parse::<u8>().ok();
    words.iter().enumerate().find_map(|(at, word)| {
        let behind = |places: usize| words.get(at + places).copied().unwrap_or_default();
        let number = match (word.strip_prefix("sp"), *word, behind(1)) {
            (Some(""), ..) => number(behind(1)),
            (Some(rest), ..) => number(rest),
            (None, "service", "pack") => number(behind(2)),
            _ => None,
        };
        number.map(|number| format!("sp{number}"))
    })
}

/// The same place in the text as in its ASCII copy, which has one byte for each character.
fn tail(text: &str, characters: usize) -> &str {
    let at = text.char_indices().nth(characters).map_or(text.len(), |(at, _)| at);
    text.get(at..).unwrap_or_default()
}

/// Where a name ends in a text: its words in order, however they are parted, none of them a piece
/// of another word.
fn find(text: &str, name: &str) -> Option<usize> {
    let starts = text.char_indices().filter(|(at, _)| {
        let before = at.checked_sub(1).and_then(|before| text.as_bytes().get(before));
        !before.is_some_and(u8::is_ascii_alphanumeric)
    });
    starts.into_iter().find_map(|(start, _)| {
        let mut rest = text.get(start..)?;
        for word in name.split(' ') {
            rest = rest.trim_start_matches([' ', '-', '_']).strip_prefix(word)?;
        }
        let whole = match name.bytes().last() {
            Some(last) if last.is_ascii_digit() => !rest.starts_with(|c: char| c.is_ascii_digit()),
            _ => !rest.starts_with(|c: char| c.is_ascii_alphabetic()),
        };
        whole.then(|| text.len() - rest.len())
    })
}

/// The family of an operating system that a CPE name names; `None` where it is not known.
pub(super) fn family(cpe: &Cpe) -> Option<Family> {
    match (cpe.part, cpe.product_value()?) {
        (Part::Hardware, _) => None,
        // `windows_media_encoder` runs on it.
        (Part::Application, product) => known_family(product),
        (_, product) => family_of(product),
    }
}

/// The family of operating systems that a CPE name says its program is made for.
pub(super) fn target(cpe: &Cpe) -> Option<Family> {
    family_of(cpe.target_software().value()?)
}

/// The family by the product alone; CPE names what a program runs on so, too.
pub(super) fn family_of(product: &str) -> Option<Family> {
    let other = || product.starts_with("windows_").then_some(F::Windows);
    known_family(product).or_else(other)
}

fn known_family(product: &str) -> Option<Family> {
    let listed = SYSTEMS.iter().find(|(_, _, known, ..)| *known == product);
    if let Some((.., family, _)) = listed {
        return Some(*family);
    }
    match product {
        "windows" => Some(F::Windows),
        "macos" | "mac_os_x" | "mac_os" | "iphone_os" | "ipados" | "watchos" | "tvos" => {
            Some(F::Apple)
        }
        "linux" => Some(F::Linux),
        _ if base(product) != product => Some(F::Windows),
        _ => None,
    }
}

/// Whether a name stands for every system of its family: `microsoft:windows`, `linux:linux_kernel`.
pub(super) fn is_whole_family(product: &str) -> bool {
    matches!(product, "windows" | "linux_kernel" | "linux")
}

/// A Windows without its feature update: `windows_10_1809` is a `windows_10`.
pub(super) fn base(product: &str) -> &str {
    const NAMES: [&str; 3] = ["windows_10_", "windows_11_", "windows_server_2022_"];
    match NAMES.iter().find(|name| product.starts_with(**name)) {
        Some(name) => product.get(..name.len() - 1).unwrap_or(product),
        None => product,
    }
}

#[cfg(test)]
mod tests {
    use super::{base, read};

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = read(text).map(|system| {
            let (version, update) = (system.version.unwrap_or("?"), system.update);
            let update = update.map(|update| format!(" {update}")).unwrap_or_default();
            format!("{} {} {version}{update}", system.vendor, system.product)
        });
        assert_eq!(found.unwrap_or_default(), expected, "{text}");
    }

    #[test]
    fn systems_are_read_as_inventories_write_them() {
        check("Windows 10", "microsoft windows_10 ?");
        check("Microsoft Windows 10 IoT Enterprise LTSC 2019", "microsoft windows_10 ?");
        check("Windows® 7 SP1", "microsoft windows_7 ? sp1");
        check("Windows10 10.0.17763.1217", "microsoft windows_10 10.0.17763.1217");
        check("Windows XP Embedded SP3", "microsoft windows_xp ? sp3");
        check("Windows Vista Service Pack 2", "microsoft windows_vista ? sp2");
        check("Windows 7 SP", "microsoft windows_7 ?");
        check("Windows Server 2012 R2", "microsoft windows_server_2012 ?");
        check("VxWorks 6.9.4.1", "windriver vxworks 6.9.4.1");
        check("QNX 6.5.0", "blackberry qnx_neutrino_rtos 6.5.0");
        check("Linux 4.14.98", "linux linux_kernel 4.14.98");
        check("Wind River VxWorks 6.9", "windriver vxworks 6.9");
    }

    #[test]
    fn a_distributions_number_is_not_its_kernels() {
        check("Ubuntu Linux 20.04", "canonical ubuntu_linux 20.04");
        check("Red Hat Enterprise Linux 7.9", "redhat enterprise_linux 7.9");
        check("Debian GNU/Linux 11", "debian debian_linux 11");
        check("Yocto Linux 3.1", "yoctoproject yocto 3.1");
    }

    #[test]
    fn a_name_in_another_word_is_not_meant() {
        check("Cisco IOS-XE like radios", "");
        check("BiosWare", "");
        check("Windows 100", "");
        check("Proprietary", "");
        check("", "");
    }

    #[test]
    fn a_feature_update_is_of_its_windows() {
        assert_eq!(base("windows_10_1809"), "windows_10");
        assert_eq!(base("windows_10"), "windows_10");
        assert_eq!(base("windows_xp"), "windows_xp");
    }
}
