//! What a hospital tells the agent: who its people are, where it looks, by what it may act.
//!
//! Refuses a word that it does not know, so that a misspelt safety is told and not ignored. Holds
//! no secret: a secret is the name of a file that only its owner may read.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Configuration {
    /// A folder with the inventory, as `assess` reads it.
    pub(crate) inventory: Option<PathBuf>,
    /// The interfaces that are watched.
    #[serde(default)]
    pub(crate) interfaces: Vec<String>,
    /// Each account, and the roles that its person may act in.
    #[serde(default)]
    pub(crate) people: BTreeMap<String, Vec<RoleName>>,
    /// By what the network is changed, the first choice first.
    #[serde(default)]
    pub(crate) point: Vec<Point>,
    /// What may be done without asking.
    #[serde(default)]
    pub(crate) playbook: Vec<Playbook>,
}

/// A role, as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RoleName {
    Security,
    Clinical,
    Biomedical,
}

/// An enforcement point.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "kind")]
pub(crate) enum Point {
    /// The kernel that the agent runs on.
    #[serde(rename_all = "kebab-case")]
    Nftables {
        /// Whether the box bridges or routes.
        #[serde(default)]
        place: Place,
    },
    /// A switch or an access point, by RADIUS (RFC 5176).
    #[serde(rename_all = "kebab-case")]
    Radius {
        /// A name to know it by.
        name: String,
        /// Its dynamic-authorization server.
        server: SocketAddr,
        /// The file that holds the shared secret.
        secret_file: PathBuf,
        /// The Filter-Id (RFC 2865, 5.11) per level; where none is named, the port is disconnected.
        #[serde(default)]
        filter_id: BTreeMap<String, String>,
    },
}

/// Where the kernel stands in the traffic.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Place {
    #[default]
    Bridge,
    Router,
}

/// What may be done without asking, if the interlock allows it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Playbook {
    /// Its name, as the journal will have it.
    pub(crate) name: String,
    /// The rules of detection on which it acts.
    pub(crate) on: Vec<String>,
    /// How far it goes.
    pub(crate) level: String,
    /// The day on which a drill passed; without one it only proposes.
    pub(crate) drilled: Option<String>,
    /// For how long it holds, in minutes.
    #[serde(default = "four_hours")]
    pub(crate) minutes: u32,
}

fn four_hours() -> u32 {
    240
}

impl Configuration {
    /// Reads and checks a file.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path)
            .with_context(|| format!("cannot read the configuration `{}`", path.display()))?;
        Self::parse(&text).with_context(|| format!("in the configuration `{}`", path.display()))
    }

    fn parse(text: &str) -> Result<Self> {
        let read: Self = toml::from_str(text)?;
        for playbook in &read.playbook {
            let Playbook { name, level, .. } = playbook;
            let known = domain::order::Level::read(level);
            ensure!(
                known.is_some(),
                "the playbook `{name}` has the level `{level}`\n\nhint: write watch, restrict, contain or isolate"
            );
            for rule in &playbook.on {
                let known = decisions::threat::Technique::ALL.iter().any(|t| t.text() == rule);
                ensure!(
                    known,
                    "the playbook `{name}` acts on `{rule}`, which is no rule\n\nhint: docs/reference/detections.md lists them"
                );
            }
            if let Some(day) = &playbook.drilled {
                ensure!(
                    day.parse::<jiff::civil::Date>().is_ok(),
                    "the playbook `{name}` was drilled on `{day}`\n\nhint: write the day as YYYY-MM-DD"
                );
            }
        }
        Ok(read)
    }
}

/// Reads a secret, which nobody but its owner may read.
pub(crate) fn secret(path: &Path) -> Result<Vec<u8>> {
    let name = path.display();
    let metadata =
        fs::metadata(path).with_context(|| format!("cannot read the secret `{name}`"))?;
    if metadata.permissions().mode() & 0o077 != 0 {
        bail!("others may read the secret `{name}`\n\nhint: chmod 600 {name}");
    }
    let mut secret = fs::read(path).with_context(|| format!("cannot read the secret `{name}`"))?;
    while secret.last().is_some_and(u8::is_ascii_whitespace) {
        secret.pop();
    }
    ensure!(!secret.is_empty(), "the secret `{name}` is empty");
    Ok(secret)
}

#[cfg(test)]
#[expect(clippy::indexing_slicing, reason = "a test may fail by a panic")]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::{Configuration, Place, Point, RoleName, secret};

    #[test]
    fn a_whole_configuration_is_read() {
        let read = Configuration::parse(
            r#"
            inventory = "hospital"
            interfaces = ["port1", "port2"]

            [people]
            anna = ["security"]
            ben = ["clinical", "biomedical"]

            [[point]]
            kind = "nftables"

            [[point]]
            kind = "radius"
            name = "switch-3"
            server = "10.20.0.3:3799"
            secret-file = "/etc/asepsis/switch-3"
            filter-id = { contain = "asepsis-contain" }

            [[playbook]]
            name = "worm"
            on = ["threat.tool-transfer"]
            level = "contain"
            drilled = "2026-10-01"
            "#,
        )
        .expect("it is right");
        assert_eq!(read.people["ben"], [RoleName::Clinical, RoleName::Biomedical]);
        assert!(matches!(read.point[0], Point::Nftables { place: Place::Bridge }));
        assert_eq!(read.playbook[0].minutes, 240);
    }

    #[test]
    fn what_is_misspelt_is_told_and_not_ignored() {
        for (text, told) in [
            ("interface = []", "unknown field `interface`"),
            ("[people]\nanna = [\"nurse\"]", "unknown variant `nurse`"),
            ("[[point]]\nkind = \"iptables\"", "unknown variant `iptables`"),
            (
                "[[playbook]]\nname = \"a\"\non = []\nlevel = \"quarantine\"",
                "write watch, restrict",
            ),
            ("[[playbook]]\nname = \"a\"\non = [\"x\"]\nlevel = \"watch\"", "which is no rule"),
            (
                "[[playbook]]\nname = \"a\"\non = []\nlevel = \"watch\"\ndrilled = \"May\"",
                "YYYY-MM-DD",
            ),
        ] {
            let error = Configuration::parse(text).expect_err(text);
            assert!(format!("{error:#}").contains(told), "{error:#}");
        }
    }

    #[test]
    fn a_secret_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret");
        fs::write(&path, "s3cret\n").expect("written");
        let may = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode));
        may(0o644).expect("set");
        assert!(secret(&path).expect_err("refused").to_string().contains("chmod 600"));
        may(0o600).expect("set");
        assert_eq!(secret(&path).expect("read"), b"s3cret");
    }
}
