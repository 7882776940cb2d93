//! Every seed of every fuzz target, through the very function that is fuzzed; and every cut of it.

use std::fs;
use std::path::Path;

#[expect(unreachable_pub, clippy::semicolon_if_nothing_returned, reason = "shared with `fuzz`")]
#[path = "../../../fuzz/src/targets.rs"]
mod targets;

#[test]
fn every_reader_conserves_its_records() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds");
    for (name, act) in targets::TARGETS {
        let folder = seeds.join(name);
        let entries = fs::read_dir(&folder).unwrap_or_else(|_| panic!("{name} has no seeds"));
        let mut count = 0;
        for entry in entries {
            let bytes = fs::read(entry.expect("readable").path()).expect("readable");
            act(&bytes);
            // Cuts, a few hundred of them where the seed is large.
            for end in (0..bytes.len()).step_by(bytes.len() / 300 + 1) {
                act(&bytes[..end]);
            }
            count += 1;
        }
        assert!(count > 0, "{name} has no seeds");
    }
}
