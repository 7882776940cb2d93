//! Every seed of the fuzz target of a base, through the very function that is fuzzed; and every cut
//! of it.

use std::fs;
use std::path::Path;

#[expect(unreachable_pub, reason = "shared with `fuzz`")]
#[path = "../../../fuzz/src/compiled.rs"]
mod compiled;

#[test]
fn bytes_of_a_base_are_facts_or_refused() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds");
    for (name, act) in compiled::TARGETS {
        let entries = fs::read_dir(seeds.join(name)).expect("it has seeds");
        let mut count = 0;
        for entry in entries {
            let bytes = fs::read(entry.expect("readable").path()).expect("readable");
            assert!(base::read_as_parts(&bytes) > 0, "a seed that is nothing");
            for end in 0..=bytes.len() {
                act(&bytes[..end]);
            }
            count += 1;
        }
        assert!(count > 0, "{name} has no seeds");
    }
}
