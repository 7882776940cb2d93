//! XML by hand, cut and hostile.

use std::fmt::Write;

use domain::problem::{Code, Loss};

use super::{Element, Xml};

fn shown(element: Element<'_>) -> String {
    let mut out = format!("{}@{}", element.name(), element.line());
    for (name, _) in element.attributes() {
        if let Some(value) = element.attribute(name) {
            let _ = write!(out, " {name}={value:?}");
        }
    }
    let text = element.text();
    if !text.trim().is_empty() {
        let _ = write!(out, " {text:?}");
    }
    let children: Vec<String> = element.children().map(shown).collect();
    if children.is_empty() { out } else { format!("{out} ({})", children.join(", ")) }
}

#[track_caller]
fn check(text: &str, expected: &str, problem: Option<Code>) {
    let xml = Xml::parse(text);
    assert_eq!(shown(xml.root()), expected, "{text}");
    assert_eq!(xml.problem().map(|problem| problem.code), problem, "{text}");
}

#[test]
fn elements_attributes_and_text_are_read() {
    check("<a/>", "a@1", None);
    check(
        "<?xml version=\"1.0\"?>\n<a>\n <b x='1' y = \"2\"/>\n</a>\n",
        "a@2 (b@3 x=\"1\" y=\"2\")",
        None,
    );
    check("<a>1<b/>2</a>", "a@1 \"12\" (b@1)", None);
    check("\u{FEFF}<a><!-- no --></a>", "a@1", None);
}

#[test]
fn references_and_sections_are_resolved() {
    check("<a>x &lt; y &amp; &#65;&#x42;</a>", "a@1 \"x < y & AB\"", None);
    check("<a>1&amp; &amp;2</a>", "a@1 \"1& &2\"", None);
    check("<a><![CDATA[<b> & ]]>c</a>", "a@1 \"<b> & c\"", None);
    check("<a x='&quot;&#10;'/>", "a@1 x=\"\\\"\\n\"", None);
    check("<a>1\r\n2</a>", "a@1 \"1\\n2\"", None);
}

#[test]
fn a_reference_that_is_not_known_stays_as_written() {
    check("<a>R & D &nbsp;</a>", "a@1 \"R & D &nbsp;\"", Some(Code::InputSyntax));
    let problem = Xml::parse("<a>&x;</a>").problem().expect("told");
    assert_eq!(problem.loss, Loss::Nothing);
}

#[test]
fn namespaces_are_known_by_their_uri() {
    let xml = Xml::parse("<x:a xmlns:x='u'><x:b/><b xmlns='v'><c/></b><d/></x:a>");
    let spaces: Vec<&str> = xml.root().children().map(Element::namespace).collect();
    assert_eq!(xml.root().namespace(), "u");
    assert_eq!(spaces, ["u", "v", ""]);
    assert!(xml.root().child("b").is_some_and(|b| b.shares_namespace(xml.root())));
}

#[test]
fn a_document_type_is_refused() {
    let bomb = "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'bb'><!ENTITY c '&b;&b;'>]><a>&c;</a>";
    check(bomb, "@1", Some(Code::InputDeclaresEntities));
    check("<!DOCTYPE a", "@1", Some(Code::InputDeclaresEntities));
    assert_eq!(Xml::parse(bomb).problem().map(|problem| problem.loss), Some(Loss::Document));
}

#[test]
fn damage_keeps_what_was_complete() {
    check("", "@1", Some(Code::InputTruncated));
    check("x", "@1", Some(Code::InputSyntax));
    check("<a><b><c>1</c><c>2", "a@1 (b@1 (c@1 \"1\"))", Some(Code::InputTruncated));
    check("<a><b><c>1</c><c", "a@1 (b@1 (c@1 \"1\"))", Some(Code::InputTruncated));
    check("<a><b><c>1</c><c>2</d></c></b></a>", "a@1 (b@1 (c@1 \"1\"))", Some(Code::InputSyntax));
    check("<a><b x=1/></a>", "a@1", Some(Code::InputSyntax));
    check("<a/><b/>", "a@1", Some(Code::InputSyntax));
}

#[test]
fn nesting_is_bounded() {
    let deep = |levels: usize| format!("{}{}", "<a>".repeat(levels), "</a>".repeat(levels));
    assert!(Xml::parse(&deep(512)).problem().is_none());
    let problem = Xml::parse(&deep(100_000)).problem().expect("told");
    assert_eq!(problem.code, Code::InputTooDeep);
}

#[test]
fn every_cut_is_told() {
    let text =
        "<?xml version='1.0'?><a xmlns='u'>\n<b c='&lt;'>é&#233;<![CDATA[x]]></b><!--y--></a>";
    for cut in (0..text.len()).filter_map(|end| text.get(..end)) {
        let xml = Xml::parse(cut);
        assert!(xml.problem().is_some_and(|problem| problem.loss == Loss::Document), "{cut}");
        shown(xml.root());
    }
}
