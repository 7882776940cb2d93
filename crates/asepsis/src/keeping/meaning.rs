//! What vulnerabilities mean for devices, by what stands in the store.

use std::collections::{BTreeMap, HashMap, HashSet};

use anyhow::{Context, Result};
use presentation::assessment::RankedFinding;
use store::database::Database;
use store::{devices, rankings, releases};

use super::rows::Meaning;

/// What each of some vulnerabilities means, and for how many releases something is known of it.
pub(super) fn of<'v>(
    database: &Database,
    vulnerabilities: impl Iterator<Item = &'v str>,
) -> Result<BTreeMap<&'v str, (Meaning, usize)>> {
    let mut meanings: BTreeMap<&str, (Meaning, usize)> =
        vulnerabilities.map(|id| (id, Default::default())).collect();
    // Devices of each ranking, over all releases of which something is known of one of them.
    let counted = database.read("read what findings mean", |transaction| {
        let mut seen: HashSet<String> = HashSet::new();
        let mut counted: HashMap<String, i64> = HashMap::new();
        for (id, (_, count)) in &mut meanings {
            for release in releases::named_with(transaction, id)? {
                *count += 1;
                if seen.insert(release.clone()) {
                    for (ranking, devices) in devices::rankings_of(transaction, &release)? {
                        *counted.entry(ranking).or_default() += devices;
                    }
                }
            }
        }
        Ok(counted)
    })?;
    for (ranking, devices) in counted {
        let json = database.read("read what findings mean", |t| rankings::json(t, &ranking))?;
        let findings: Vec<RankedFinding> = serde_json::from_str(&json.unwrap_or_default())
            .context("what findings mean is not kept as it was written")?;
        let mut of_device: HashMap<&str, Meaning> = HashMap::new();
        for finding in &findings {
            if let Some((id, _)) = meanings.get_key_value(&*finding.vulnerability) {
                of_device.entry(id).or_default().take(&finding.decision, finding.risk);
            }
        }
        for (id, of_device) in of_device {
            if let Some((meaning, _)) = meanings.get_mut(id) {
                meaning.add(of_device, devices);
            }
        }
    }
    Ok(meanings)
}
