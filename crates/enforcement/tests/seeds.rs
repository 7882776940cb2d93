//! Every seed of every fuzz target of enforcement, through the very function that is fuzzed; and
//! every cut of it.

use std::fs;
use std::path::Path;

#[expect(unreachable_pub, reason = "shared with `fuzz`")]
#[path = "../../../fuzz/src/enforcing.rs"]
mod enforcing;

#[test]
fn what_the_network_says_is_believed_only_whole() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds");
    for (name, act) in enforcing::TARGETS {
        let entries = fs::read_dir(seeds.join(name)).expect("it has seeds");
        let mut count = 0;
        for entry in entries {
            let bytes = fs::read(entry.expect("readable").path()).expect("readable");
            for end in 0..=bytes.len() {
                act(&bytes[..end]);
            }
            count += 1;
        }
        assert!(count > 0, "{name} has no seeds");
    }
}
