//! The orders of versions beside the tools that every machine of ours has.

use testkit::orders::TOOLS;

/// How many pairs: enough to see an order that is wrong, few enough for every run.
const PAIRS: usize = 5_000;

#[test]
fn debian_rpm_and_python_order_versions_as_we_do() {
    for name in ["dpkg", "rpm", "packaging"] {
        let tool = TOOLS.iter().find(|tool| tool.name == name).expect("a tool of that name");
        assert!(tool.is_there(), "install {}, or run `cargo xtask setup`", tool.package);
        let found = tool.differences(PAIRS, 7).expect("the tool answers");
        assert_eq!(found.pairs, PAIRS, "{name}");
        assert!(found.unread.0 < PAIRS / 3, "{name} reads too few: {found:?}");
        assert!(found.wrong.is_empty(), "{name}: {:?}", found.wrong);
    }
}
