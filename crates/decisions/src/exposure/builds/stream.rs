//! Streams of a distribution: which builds follow each other.
//!
//! Refuses to know every product: a layered one that is not in the table is a stream of its own.

use domain::advisory::Product;
use domain::cpe::Cpe;
use domain::purl::Purl;

/// A stream, as far as a build or a product says it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Stream {
    /// The family of releases (`el`, `fc`, `sles`) and the release.
    release: Option<(&'static str, u32)>,
    /// The minor release that is kept by itself.
    minor: Option<u32>,
    /// The product on top of the distribution: `openshift 4.12`, `eap`.
    layer: Option<String>,
    /// The module and its stream: `nodejs:18`; empty where only that it is one is known.
    module: Option<String>,
}

/// How well a stream fits a build, from the worst to the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// It is about a product on top, and whether the build is that product's is not known.
    Layered,
    /// One of them does not say its release.
    Unknown,
    /// Of the same release, kept by itself for another minor release.
    OtherMinor,
    /// Of the same release.
    Release,
    /// Of the same minor release, or the same product on top.
    Stream,
}

impl Stream {
    /// The stream of a build in an SBOM.
    pub(super) fn of_build(purl: &Purl, version: Option<&str>) -> Self {
        let mut stream = version.map(Self::of_version).unwrap_or_default();
        let distro = purl.qualifier("distro").and_then(of_distro);
        if let Some((family, release, minor)) = distro {
            stream.release = Some((family, release));
            stream.minor = minor.or(stream.minor);
        }
        if let Some(module) = purl.qualifier("rpmmod").or_else(|| purl.qualifier("modularitylabel"))
        {
            stream.module = Some(module_stream(module));
        }
        stream
    }

    /// The stream that an entry of a document is about.
    pub(super) fn of_entry(whole: &Product, purl: &Purl) -> Self {
        let build = purl.version.as_deref().map(Self::of_version).unwrap_or_default();
        let mut stream = Self::of_product(whole);
        stream.release = stream.release.or(build.release);
        // A module's name is in the purl, or in a part between the package and the product.
        let parts = std::iter::successors(Some(whole), |part| part.component.as_deref());
        let parts = parts.filter_map(|part| {
            let purl = part.purls.iter().find(|purl| purl.kind == "rpmmod");
            let version = purl.and_then(|purl| purl.version.as_deref());
            purl.map(|purl| {
                module_stream(&format!("{}:{}", purl.name, version.unwrap_or_default()))
            })
        });
        let own = purl.qualifier("rpmmod").map(module_stream);
        stream.module = own.or_else(|| parts.last()).or(build.module);
        if stream.layer.is_some() && build.layer.is_none() && purl.version.is_some() {
            // A package of the distribution that a product on top brings with it.
            (stream.layer, stream.minor) = (None, build.minor);
        } else if build.layer.is_some() {
            stream.layer = build.layer;
        }
        stream
    }

    /// By the tag that a build has in its release: `38.el9_4.1`, `1.rhaos4.12.el8`, `1.fc39`.
    fn of_version(version: &str) -> Self {
        let release = version.rsplit_once('-').map_or("", |(_, release)| release);
        let mut stream = Self::default();
        let module = release.contains("module+") || release.contains("module_");
        stream.module = module.then(String::new);
        let mut words = release.split(['.', '+', '~', '^']).peekable();
        while let Some(word) = words.next() {
            let next = words.peek().copied().unwrap_or_default();
            if let Some(major) = word.strip_prefix("rhaos") {
                stream.layer = Some(format!("openshift {major}.{next}"));
            } else if let Some((family, tag)) = FAMILIES.iter().find_map(|family| {
                let tag = word.strip_prefix(family)?;
                tag.starts_with(|c: char| c.is_ascii_digit()).then_some((*family, tag))
            }) {
                let (major, rest) = number(tag);
                let Some(major) = major else { continue };
                stream.release = Some((family, major));
                match rest.strip_prefix('_') {
                    Some(minor) => stream.minor = number(minor).0,
                    None if !rest.is_empty() => stream.layer = Some(layer(rest).to_owned()),
                    None if module => stream.minor = number(next).0,
                    None => {}
                }
            }
        }
        if stream.release.is_none() {
            stream.of_suse(release);
        }
        stream
    }

    /// SUSE's builds begin with the code stream: `150400.7.7.1` is of 15 SP4.
    fn of_suse(&mut self, release: &str) {
        if let (Some(code), _) = number(release)
            && (150_000..170_000).contains(&code)
        {
            self.release = Some(("sles", code / 10_000));
            self.minor = Some(code / 100 % 100);
        }
    }

    fn of_product(whole: &Product) -> Self {
        whole.cpes.iter().find_map(of_cpe).unwrap_or_else(|| of_name(&whole.name))
    }

    /// How an entry's stream fits this build's; `None` where it is another one.
    pub(super) fn fit(&self, entry: &Self) -> Option<Fit> {
        if *entry == Self::default() {
            // It holds for the distribution as a whole.
            return Some(Fit::Release);
        }
        if let (Some((a, _)), Some((b, 0))) = (self.release, entry.release) {
            // Any release of this family.
            return (a == b && self.layer == entry.layer).then_some(Fit::Release);
        }
        if let (Some(own), Some(meant)) = (self.release, entry.release)
            && own != meant
        {
            return None;
        }
        self.fits_module(entry)?;
        let known = self.release.is_some() && entry.release.is_some();
        match (&self.layer, &entry.layer) {
            (Some(own), Some(meant)) => {
                let is_same = own == meant || meant.starts_with(&format!("{own} "));
                return is_same.then_some(Fit::Stream);
            }
            (Some(_), None) => return None,
            (None, Some(_)) => return Some(Fit::Layered),
            (None, None) => {}
        }
        Some(match (self.minor, entry.minor) {
            _ if !known => Fit::Unknown,
            (Some(own), Some(meant)) if own == meant => Fit::Stream,
            (_, None) => Fit::Release,
            _ => Fit::OtherMinor,
        })
    }

    /// Builds of a module and of the distribution itself are not compared, nor of two modules.
    fn fits_module(&self, entry: &Self) -> Option<()> {
        let known = |stream: &'_ Self| -> Option<String> {
            stream.module.clone().filter(|module| !module.is_empty())
        };
        match (&self.module, &entry.module) {
            (None, None) => Some(()),
            (Some(_), Some(_)) => match (known(self), known(entry)) {
                (Some(own), Some(meant)) => (own == meant).then_some(()),
                _ => Some(()),
            },
            // Of a package whose version is not known, it is not known either.
            (None, Some(_)) if self.release.is_none() => Some(()),
            _ => None,
        }
    }
}

/// Families of distributions by the tag of their builds.
const FAMILIES: [&str; 9] = ["el", "fc", "amzn", "mga", "oe", "ph", "azl", "cm", "hum"];

/// Marks behind `el8` by the product of their CPE names.
fn layer(mark: &str) -> &str {
    match mark {
        "eap" => "jboss_enterprise_application_platform",
        "sat" | "pc" => "satellite",
        "ost" => "openstack",
        "cp" => "ceph_storage",
        "ev" => "rhev_hypervisor",
        "jws" => "jboss_enterprise_web_server",
        "jbcs" => "jboss_core_services",
        "sso" => "red_hat_single_sign_on",
        "ap" => "ansible_automation_platform",
        "cf" => "cloudforms_managementengine",
        mark => mark,
    }
}

/// `nodejs:18:8090020230…` is the stream `nodejs:18`.
fn module_stream(label: &str) -> String {
    let mut parts = label.split(':');
    let (name, stream) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    format!("{name}:{stream}")
}

/// The number at the start, and the rest.
fn number(text: &str) -> (Option<u32>, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    (digits.parse().ok(), rest)
}

/// `rhel-9.4`, `redhat-8`, `centos-7`, `fedora-39`, `sles-15.4`.
fn of_distro(distro: &str) -> Option<(&'static str, u32, Option<u32>)> {
    let lower = distro.to_ascii_lowercase();
    let start = lower.find(|c: char| c.is_ascii_digit())?;
    let (name, numbers) = lower.split_at(start);
    let family = match name.trim_end_matches(['-', '_', ' ', ':']) {
        "rhel"
        | "redhat"
        | "centos"
        | "rocky"
        | "almalinux"
        | "ol"
        | "oracle"
        | "el"
        | "redhat-enterprise_linux"
        | "rockylinux"
        | "epel"
        | "rocky-linux" => "el",
        "fedora" | "fc" => "fc",
        "sles" | "sle" | "suse" | "opensuse" | "opensuse-leap" | "leap" | "sled" => "sles",
        "amzn" | "amazon" => "amzn",
        "openeuler" => "oe",
        _ => return None,
    };
    let (major, rest) = number(numbers);
    let minor = rest.strip_prefix(['.', ':', '-']).and_then(|rest| number(rest).0);
    Some((family, major?, minor))
}

/// `cpe:/o:redhat:enterprise_linux:9::baseos`, `cpe:/a:redhat:rhel_eus:9.2::appstream`,
/// `cpe:/a:redhat:openshift:4.12::el8`, `cpe:/o:suse:sles:15:sp4`.
fn of_cpe(cpe: &Cpe) -> Option<Stream> {
    let (vendor, product) = (cpe.vendor_value()?, cpe.product_value()?);
    let version = cpe.version.value().unwrap_or_default();
    let (major, rest) = number(version);
    let minor = rest.strip_prefix('.').and_then(|rest| number(rest).0);
    let mut stream = Stream::default();
    match vendor {
        "redhat" if product == "enterprise_linux" => {
            stream.release = major.map(|major| ("el", major));
        }
        "redhat" if product.starts_with("rhel_") => {
            stream.release = major.map(|major| ("el", major));
            stream.minor = minor;
        }
        "redhat" => {
            let edition = cpe.edition().value().unwrap_or_default();
            let on = edition.strip_prefix("el").and_then(|on| number(on).0);
            stream.release = on.map(|major| ("el", major));
            stream.layer = Some(format!("{product} {version}").trim().to_owned());
        }
        "fedoraproject" if product == "fedora" => {
            stream.release = Some(("fc", major.unwrap_or(0)));
        }
        "suse" | "opensuse" if major.is_some_and(|major| major >= 10) => {
            let pack = cpe.update.value().and_then(|update| update.strip_prefix("sp"));
            stream.release = major.map(|major| ("sles", major));
            stream.minor = minor.or_else(|| pack.and_then(|pack| number(pack).0));
        }
        _ => return None,
    }
    Some(stream)
}

/// A distribution by its name: `Fedora 37`, `Extra Packages for Enterprise Linux 8`.
fn of_name(name: &str) -> Stream {
    let lower = name.to_ascii_lowercase();
    let digits = lower.find(|c: char| c.is_ascii_digit()).and_then(|at| lower.get(at..));
    let major = digits.and_then(|digits| number(digits).0).unwrap_or(0);
    let pack = lower.split_once(" sp").and_then(|(_, pack)| number(pack).0);
    let family = match () {
        () if lower.contains("extra packages") || lower.contains("epel") => Some("el"),
        () if lower.contains("enterprise linux") && lower.contains("red hat") => Some("el"),
        () if lower.starts_with("fedora") => Some("fc"),
        () if lower.starts_with("suse linux enterprise") => Some("sles"),
        () => None,
    };
    Stream { release: family.map(|family| (family, major)), minor: pack, ..Stream::default() }
}
