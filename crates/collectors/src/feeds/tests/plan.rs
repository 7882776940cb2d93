//! What would be asked, beside what is asked then.

use super::super::plan::{Plan, plan};
use super::files::{KEV, catalogue};
use super::nvd::{DAY_MS, record};
use super::{Bench, HOUR_MS, NOON_MS};

fn planned(bench: &Bench, source: &str) -> Plan {
    let sources = [source.parse().expect("a source")];
    let now_ms = bench.clock.now_ms.get();
    plan(&sources, &bench.settings, now_ms).expect("a plan").remove(0)
}

/// Path and query of what would be asked for first.
fn first(bench: &Bench, source: &str) -> String {
    let url = planned(bench, source).requests.remove(0).url;
    url.strip_prefix(bench.server.address()).expect("at the mirror").to_owned()
}

#[test]
fn what_a_plan_names_first_is_what_is_asked_first() {
    let all = ["nvd", "nvd:feeds", "cve", "osv:Red Hat", "kev", "epss", "csaf:vendor.example"];
    for source in all {
        let mut bench = Bench::new();
        bench.settings.into = bench.at("not/there/yet");
        let expected = first(&bench, source);
        assert!(!bench.at("not").exists(), "{source}: a plan makes no folder");
        assert_eq!(bench.paths().len(), 0, "{source}: a plan asks nobody");
        let plan = planned(&bench, source);
        assert!(plan.standing.is_due(NOON_MS) && plan.standing.asked_ms.is_none(), "{plan:?}");
        // Little is published: most fail, and yet they have asked.
        let failed = bench.try_sync(source).is_err();
        assert_eq!(bench.paths()[0], expected, "{source}");
        assert_eq!(planned(&bench, source).standing.error.is_some(), failed, "{source}");
    }
}

#[test]
fn a_plan_knows_how_far_it_is() {
    let bench = Bench::new();
    bench.server.put(KEV, catalogue(3).as_bytes());
    assert_eq!(planned(&bench, "kev").requests[0].what, "the file");
    assert_eq!(planned(&bench, "nvd:feeds").requests.len(), 2, "everything by the years");
    bench.sync("kev");
    let plan = planned(&bench, "kev");
    assert_eq!(plan.requests[0].what, "the file, where it is another");
    assert_eq!((plan.standing.documents, plan.standing.asked_ms), (3, Some(NOON_MS)));
    // The NVD is not asked twice within two hours, and from then on for what changed.
    bench.server.put_nvd(vec![record(1, "2026-10-01T00:00:00.000", "x")], 10);
    assert_eq!(planned(&bench, "nvd").requests[0].what, "everything, page by page");
    bench.sync("nvd");
    assert_eq!(planned(&bench, "nvd").requests, []);
    assert_eq!(planned(&bench, "nvd:feeds").requests.len(), 1, "what changed is enough");
    bench.later(3 * HOUR_MS);
    let what = &planned(&bench, "nvd").requests[0].what;
    assert!(what.starts_with("what changed since 2026-11-30T11:45:00Z"), "{what}");
    let _ = bench.paths();
    let expected = first(&bench, "nvd");
    bench.sync("nvd");
    assert_eq!(bench.paths(), [expected], "the same window");
    bench.later(8 * DAY_MS);
    assert_eq!(planned(&bench, "nvd:feeds").requests.len(), 2, "and the years");
    assert!(planned(&bench, "nvd").standing.is_due(bench.clock.now_ms.get()));
}
