//! A component's licences in CycloneDX 1.6, with their texts.
//!
//! One expression stands alone, or licences by id and name. An expression that only joins licences
//! by AND becomes their list where it has texts to tell: an expression has no place for them.

use domain::component::{Component, OwnLicence, Sbom};
use serde_json::{Map, Value, json};

use super::known::value;
use super::licence::{Licence, joined};
use super::{Out, asserted};

/// Licences of a component.
pub(super) fn of(one: &Component, out: &mut Out) -> Vec<Value> {
    let texts: Vec<&str> = asserted(one).collect();
    let all = match texts.as_slice() {
        [text] => apart(text, one, out),
        texts => texts.iter().map(|text| (*text).to_owned()).collect(),
    };
    let read: Vec<Licence> = all.iter().map(|text| Licence::read(text)).collect();
    if let [Licence::Expression(expression, _)] = read.as_slice()
        && text_of(expression, one, out).is_none()
    {
        return vec![json!({ "expression": expression })];
    }
    let mut list = Vec::new();
    for licence in read {
        let (key, text) = match licence {
            Licence::Listed(id) => ("id", id),
            Licence::Name(name) => ("name", name),
            Licence::Expression(expression, ids) => {
                if ids != [expression.as_str()] {
                    let example = format!("{}: {expression}", one.label());
                    out.lost.one("that a licence beside others is an expression", &example);
                }
                ("name", expression)
            }
        };
        let mut licence = Map::from_iter([(key.to_owned(), json!(text))]);
        if let Some(text) = text_of(&text, one, out) {
            licence.insert("text".to_owned(), text);
        }
        if let Some(own) = out.own.get(text.as_str())
            && let Some(address) = own.see_also.first().filter(|address| is_address(address))
        {
            licence.insert("url".to_owned(), json!(address.as_str()));
        }
        if out.own.contains_key(text.as_str()) {
            out.told.insert(text.as_str().into());
        }
        let licence = json!({ "license": licence });
        if !list.contains(&licence) {
            list.push(licence);
        }
    }
    list
}

/// An expression as the licences that it joins by AND, where that keeps texts; itself otherwise.
fn apart(text: &str, one: &Component, out: &Out) -> Vec<String> {
    let whole = vec![text.to_owned()];
    let Licence::Expression(_, ids) = Licence::read(text) else { return whole };
    if ids == [text] || !ids.iter().any(|id| text_of(id, one, out).is_some()) {
        return whole;
    }
    let parts = joined(text);
    let is_single = |part: &String| match Licence::read(part) {
        Licence::Listed(_) => true,
        Licence::Expression(own, ids) => ids == [own],
        Licence::Name(_) => false,
    };
    if parts.iter().all(is_single) { parts } else { whole }
}

/// What is told as the text of a licence: of this component, or of the document's own.
fn text_of(licence: &str, one: &Component, out: &Out) -> Option<Value> {
    let told = one.texts.iter().find(|told| told.licence.trim() == licence);
    told.map(|told| value(&told.text)).or_else(|| {
        let text = out.own.get(licence)?.text.as_ref()?;
        Some(json!({ "content": text.as_str() }))
    })
}

fn is_address(text: &str) -> bool {
    !text.contains(char::is_whitespace)
}

/// Tells what of the document's own licences has no place.
pub(super) fn tell(sbom: &Sbom, out: &mut Out) {
    for own in &sbom.carried.licences {
        let OwnLicence { id, name, text, see_also, comment } = own;
        if !out.told.contains(id) {
            let kind = "licences of the document's own, which no component has by itself";
            out.lost.one(kind, text.as_deref().or(name.as_deref()).unwrap_or(id));
            continue;
        }
        if let Some(name) = name.as_ref().filter(|name| *name != id) {
            out.lost.one("names of licences of the document's own", &format!("{id}: {name}"));
        }
        if let Some(comment) = comment {
            out.lost.one("remarks on licences of the document's own", &format!("{id}: {comment}"));
        }
        let is_kept = see_also.first().is_some_and(|address| is_address(address));
        for address in see_also.iter().skip(usize::from(is_kept)) {
            let kind = "addresses of licences of the document's own, but for one";
            out.lost.one(kind, &format!("{id}: {address}"));
        }
    }
}
