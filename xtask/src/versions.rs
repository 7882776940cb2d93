//! `cargo xtask versions`: the orders of versions beside the tools of their ecosystems.
//!
//! Refuses to install anything: a tool that is not there is named with the package that has it.

use anyhow::{Context, Result, bail};

use testkit::orders::TOOLS;

use crate::packages::say;

/// Compares, and shows what differs; fails where something does.
pub(crate) fn run(pairs: usize, seed: u64, shown: usize, tools: &[String]) -> Result<()> {
    let mut differs = Vec::new();
    for tool in &TOOLS {
        if !tools.is_empty() && !tools.iter().any(|name| name == tool.name) {
            continue;
        }
        if !tool.is_there() {
            say(&format!("{}: not there (Debian package {})", tool.name, tool.package));
            continue;
        }
        let found = tool.differences(pairs, seed).with_context(|| tool.name)?;
        say(&format!(
            "{} ({:?}): {} pairs, {} differ; the tool can't read {}, of which we order {}",
            tool.name,
            tool.scheme,
            found.pairs,
            found.wrong.len(),
            found.unread.0,
            found.unread.1
        ));
        for words in found.wrong.iter().take(shown) {
            say(&format!("    {words}"));
        }
        if !found.wrong.is_empty() {
            differs.push(tool.name);
        }
    }
    if !differs.is_empty() {
        bail!("other orders than those of {}", differs.join(", "));
    }
    Ok(())
}
