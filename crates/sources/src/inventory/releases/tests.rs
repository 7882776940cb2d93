//! What is read as a list of releases, and how.
#![expect(clippy::needless_raw_string_hashes, reason = "the snapshot tool writes them so")]

use domain::fact::Fact;
use expect_test::{Expect, expect};

use super::{read, recognise};
use crate::inventory::open;
use crate::table::tests::folded;

#[expect(clippy::needless_pass_by_value, reason = "expect! makes a value")]
#[track_caller]
fn check(text: &str, expected: Expect) {
    let table = open(text).expect("a table");
    assert!(recognise(&table));
    let reading = read(&table);
    assert!(reading.conserves());
    let links = reading.facts.iter().map(|fact| match fact {
        Fact::Link(link) => format!("{} = {} {:?}", link.release, link.sbom, link.identifiers),
        other => panic!("no link: {other:?}"),
    });
    let problems = reading.problems.listed().iter().map(|problem| format!("! {problem}"));
    expected.assert_eq(&folded(&links.chain(problems).collect::<Vec<_>>().join("\n")));
}

#[test]
fn releases_are_linked_to_their_sboms() {
    check(
        "Manufacturer,Model,Version,SBOM,CPE,purl\n\
         BD,Alaris 8015,12.1.2,alaris.cdx.json,\
         cpe:2.3:h:bd:alaris:12.1:*:*:*:*:*:*:*,pkg:generic/a@1\n\
         GE,CARESCAPE B650,,b650.spdx,,\n",
        expect![[r#"
            BD Alaris 8015 12.1.2 = alaris.cdx.json
                ["cpe:2.3:h:bd:alaris:12.1:*:*:*:*:*:*:*", "pkg:generic/a@1"]
            GE CARESCAPE B650 = b650.spdx []"#]],
    );
}

#[test]
fn several_identifiers_may_stand_in_one_value() {
    check(
        "Hersteller;Modell;Version;SBOM;Identifiers\nX;Y;1;a.json;\"cpe:/h:x:y,pkg:a/b pkg:c/d|cpe:/h:x:z\\,1\"\n",
        expect![[r#"X Y 1 = a.json ["cpe:/h:x:y", "pkg:a/b", "pkg:c/d", "cpe:/h:x:z\\,1"]"#]],
    );
}

#[test]
fn a_row_without_model_or_sbom_is_told() {
    check(
        "manufacturer,model,version,sbom\nX,,1,a.json\nX,Y,1,\n\nX,Y,2,b.json\n",
        expect![[r#"
            X Y 2 = b.json []
            ! line 2: The record holds too little to be used; expected a manufacturer and a
                model, found `X, , 1, a.json`
            ! line 3: The record holds too little to be used; expected an SBOM, found `X, Y,
                1, `"#]],
    );
}

#[test]
fn other_tables_are_no_releases() {
    for text in ["id,manufacturer,model,sbom\n", "manufacturer,model,version\n", "a,b\n1,2\n"] {
        assert!(!recognise(&open(text).expect("a table")), "{text}");
    }
}

#[test]
fn a_cut_at_every_byte_conserves() {
    let text = "manufacturer,model,version,sbom\nX,\"Y\"\"\",1,a.json\nZ,\"W,\nV\",1,b.json\n";
    for end in 0..text.len() {
        if let Some(table) = text.get(..end).and_then(open) {
            assert!(read(&table).conserves());
        }
    }
}
