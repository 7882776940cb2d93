//! What each package type asks of its purls: the type definitions that belong to ECMA-427.
//!
//! Refuses nothing of a type it does not know: such a purl follows the general rules only.

use super::{Purl, PurlError};
use crate::text::Text;

/// Whether a type's purls have a namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Namespace {
    Required,
    Optional,
    Prohibited,
}

/// Which spelling of a component is the canonical one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    Kept,
    Lower,
    Upper,
}

/// What only one or two types ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Special {
    Nothing,
    /// Dashes and underscores are the same letter.
    Dashes,
    /// Every letter but a-z and 0-9 is an underscore.
    Underscores,
    /// The version is a digest or a commit, in lower case.
    LowerVersion,
    /// The name is all of the path behind the host.
    PathName,
    /// The name is 32 letters of a-p, the version one to four numbers.
    ChromeExtension,
    /// Names are one word that can't start with a period.
    Cocoapods,
    /// Names of distributions, never of modules.
    Cpan,
    /// Upper and lower case are the same on a Databricks server only.
    Mlflow,
    /// A `uuid` tells packages of one name apart.
    Julia,
    /// A namespace of at most two segments, and a `tag_id`.
    Swid,
}

/// The rules of one type.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    namespace: Namespace,
    namespace_case: Case,
    name_case: Case,
    special: Special,
}

const FREE: Rule = Rule {
    namespace: Namespace::Optional,
    namespace_case: Case::Kept,
    name_case: Case::Kept,
    special: Special::Nothing,
};

const fn required(namespace_case: Case, name_case: Case) -> Rule {
    Rule { namespace: Namespace::Required, namespace_case, name_case, ..FREE }
}

const fn optional(namespace_case: Case, name_case: Case) -> Rule {
    Rule { namespace_case, name_case, ..FREE }
}

const fn prohibited(name_case: Case) -> Rule {
    Rule { namespace: Namespace::Prohibited, name_case, ..FREE }
}

impl Rule {
    const fn and(self, special: Special) -> Self {
        Self { special, ..self }
    }

    /// The rules of a type, given in lower case.
    pub(super) fn of(kind: &str) -> Self {
        use Case::{Kept, Lower, Upper};
        match kind {
            "alpm" | "apk" | "bitbucket" | "composer" | "deb" | "github" | "vscode-extension" => {
                required(Lower, Lower)
            }
            "maven" | "swift" => required(Kept, Kept),
            "qpkg" | "rpm" => required(Lower, Kept),
            "git" => required(Lower, Lower).and(Special::PathName),
            "huggingface" => required(Kept, Kept).and(Special::LowerVersion),
            // Go's own definition requires a namespace, yet its standard library has none
            // (`pkg:golang/bytes`) and SBOMs name it: it is let through.
            "brew" | "gitlab" | "golang" | "hex" | "luarocks" => optional(Lower, Lower),
            "yocto" => optional(Lower, Kept),
            "cpan" => optional(Upper, Kept).and(Special::Cpan),
            "swid" => optional(Kept, Kept).and(Special::Swid),
            "bazel" | "cargo" | "conda" | "cran" | "gem" | "nuget" | "opam" | "vcpkg" => {
                prohibited(Kept)
            }
            "bitnami" | "otp" => prohibited(Lower),
            "chrome-extension" => prohibited(Lower).and(Special::ChromeExtension),
            "cocoapods" => prohibited(Kept).and(Special::Cocoapods),
            "hackage" => prohibited(Kept).and(Special::Dashes),
            "julia" => prohibited(Kept).and(Special::Julia),
            "mlflow" => prohibited(Kept).and(Special::Mlflow),
            "oci" => prohibited(Lower).and(Special::LowerVersion),
            "pub" => prohibited(Lower).and(Special::Underscores),
            "pypi" => prohibited(Lower).and(Special::Dashes),
            _ => FREE,
        }
    }

    /// Whether the slashes of a name separate its segments.
    pub(super) fn name_is_a_path(self) -> bool {
        self.special == Special::PathName
    }

    /// The qualifier without which a purl of this type names nothing.
    pub(super) fn required_qualifier(self) -> Option<&'static str> {
        match self.special {
            Special::Julia => Some("uuid"),
            Special::Swid => Some("tag_id"),
            _ => None,
        }
    }

    /// The namespace and the name of a path.
    pub(super) fn split_name(self, path: &str) -> (&str, &str) {
        let split = if self.name_is_a_path() {
            path.trim_start_matches('/').split_once('/')
        } else {
            path.rsplit_once('/')
        };
        split.unwrap_or(("", path))
    }

    /// Brings a purl of decoded components into its canonical form, or says why it has none.
    pub(super) fn apply(self, purl: &mut Purl) -> Result<(), PurlError> {
        if purl.name.is_empty() {
            return Err(PurlError::because("no name"));
        }
        self.check_namespace(purl)?;
        if let Some(namespace) = &mut purl.namespace {
            fold(namespace, self.namespace_case);
        }
        fold(&mut purl.name, self.name_case);
        self.apply_special(purl)
    }

    fn check_namespace(self, purl: &Purl) -> Result<(), PurlError> {
        match (self.namespace, &purl.namespace) {
            (Namespace::Required, None) => {
                Err(PurlError::because(format!("a purl of type `{}` needs a namespace", purl.kind)))
            }
            (Namespace::Prohibited, Some(namespace)) => Err(PurlError::because(format!(
                "a purl of type `{}` has no namespace, here `{namespace}`",
                purl.kind
            ))),
            _ => Ok(()),
        }
    }

    fn apply_special(self, purl: &mut Purl) -> Result<(), PurlError> {
        match self.special {
            Special::Nothing | Special::PathName | Special::Julia => {}
            Special::Dashes => replace_letters(&mut purl.name, |letter| letter == '_', "-"),
            Special::Underscores => {
                replace_letters(&mut purl.name, |letter| !letter.is_ascii_alphanumeric(), "_");
            }
            Special::LowerVersion => {
                if let Some(version) = &mut purl.version {
                    fold(version, Case::Lower);
                }
            }
            Special::Mlflow => {
                let server = purl.qualifier("repository_url").unwrap_or_default();
                if server.contains("databricks") {
                    fold(&mut purl.name, Case::Lower);
                }
            }
            Special::ChromeExtension => return check_chrome_extension(purl),
            Special::Cocoapods => return check_pod(&purl.name),
            Special::Cpan => return check_distribution(&purl.name),
            Special::Swid => return check_swid(purl),
        }
        Ok(())
    }
}

fn replace_letters(text: &mut Text, replaced: impl Fn(char) -> bool + Copy, by: &str) {
    if text.contains(replaced) {
        *text = text.replace(replaced, by).into();
    }
}

/// Lower case is Unicode's full mapping (ECMA-427, "Case folding").
fn fold(text: &mut Text, case: Case) {
    // Nearly all names are in their case already.
    let has_others = |text: &str| {
        // Without a way out in the middle, for many bytes are looked at at once then.
        text.bytes().fold(false, |any, byte| any | !byte.is_ascii() | byte.is_ascii_uppercase())
    };
    match case {
        Case::Kept => {}
        Case::Lower if !has_others(text) => {}
        Case::Lower => *text = text.to_lowercase().into(),
        Case::Upper => *text = text.to_uppercase().into(),
    }
}

fn check_chrome_extension(purl: &Purl) -> Result<(), PurlError> {
    let name = purl.name.as_bytes();
    if name.len() != 32 || !name.iter().all(|letter| (b'a'..=b'p').contains(letter)) {
        return Err(PurlError::because("the name of an extension is 32 letters of a-p"));
    }
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match &purl.version {
        Some(version) if version.split('.').count() > 4 || !version.split('.').all(number) => {
            Err(PurlError::because("the version of an extension is one to four numbers"))
        }
        _ => Ok(()),
    }
}

fn check_pod(name: &str) -> Result<(), PurlError> {
    if name.starts_with('.')
        || name.contains(|letter: char| letter == '+' || letter.is_whitespace())
    {
        return Err(PurlError::because("a pod's name has no blank, no `+` and no leading period"));
    }
    Ok(())
}

fn check_distribution(name: &str) -> Result<(), PurlError> {
    if name.contains("::") {
        return Err(PurlError::because("`::` names a module, not a distribution"));
    }
    Ok(())
}

fn check_swid(purl: &Purl) -> Result<(), PurlError> {
    let segments = purl.namespace.as_deref().map_or(0, |namespace| namespace.split('/').count());
    if segments > 2 {
        return Err(PurlError::because("a swid namespace has at most two segments"));
    }
    Ok(())
}

/// Where a type's packages come from by default (each type definition's `default_repository_url`).
pub(super) fn default_repository_url(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "bazel" => "https://bcr.bazel.build",
        "bitbucket" => "https://bitbucket.org",
        "bitnami" => "https://downloads.bitnami.com/files/stacksmith",
        "brew" => "https://formulae.brew.sh/",
        "cargo" => "https://crates.io/",
        "chrome-extension" => "https://chromewebstore.google.com/",
        "cocoapods" => "https://cdn.cocoapods.org/",
        "composer" => "https://packagist.org",
        "conan" => "https://center.conan.io",
        "conda" => "https://repo.anaconda.com",
        "cpan" => "https://www.cpan.org/",
        "cran" => "https://cran.r-project.org",
        "docker" => "https://hub.docker.com",
        "gem" => "https://rubygems.org",
        "github" => "https://github.com",
        "hackage" => "https://hackage.haskell.org",
        "hex" => "https://repo.hex.pm",
        "julia" => "https://github.com/JuliaRegistries/General",
        "maven" => "https://repo.maven.apache.org/maven2/",
        "npm" => "https://registry.npmjs.org/",
        "nuget" => "https://www.nuget.org",
        "opam" => "https://opam.ocaml.org",
        "pub" => "https://pub.dartlang.org",
        "pypi" => "https://pypi.org",
        "vcpkg" => "https://github.com/microsoft/vcpkg/",
        "vscode-extension" => "https://marketplace.visualstudio.com/vscode-extension",
        _ => return None,
    })
}
