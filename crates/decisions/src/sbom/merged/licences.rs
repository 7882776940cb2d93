//! Licences of documents' own in the one that they become.
//!
//! `LicenseRef-1` of two documents is one licence only where both tell the same text of it, or
//! neither tells any (SPDX 2.3, clause 10.1: an id holds within its document). Otherwise the later
//! one gets another id.

use std::collections::BTreeSet;

use domain::component::{Component, LicenceText, OwnLicence};
use domain::text::Text;

use super::{Differing, Input, Merger};

/// How such an id begins.
const OWN: &str = "LicenseRef-";
/// How much of a text is shown where two differ, in characters.
const SHOWN: usize = 60;

impl Merger<'_> {
    /// Takes the licences of a document's own, under ids of their own.
    pub(super) fn licences(&mut self, input: Input<'_>) {
        self.renames.clear();
        let sbom = input.sbom;
        let components = sbom.subject.iter().chain(&sbom.components);
        let used = components.flat_map(|one| &one.licences).flat_map(|text| words(text));
        let used = used.map(|(word, _)| word).filter(|word| word.starts_with(OWN));
        let defined = sbom.carried.licences.iter().map(|licence| licence.id.as_str());
        let ids: BTreeSet<&str> = used.chain(defined).collect();
        for id in &ids {
            let own = sbom.carried.licences.iter().find(|licence| licence.id == *id);
            let text = own.and_then(|licence| licence.text.clone());
            let is_other = self.own_licences.get(*id).is_some_and(|known| *known != text);
            let mut new = Text::from(*id);
            let mut number = 1_usize;
            while is_other && (self.own_licences.contains_key(&new) || ids.contains(new.as_str())) {
                number += 1;
                new = format!("{id}-{number}").into();
            }
            if is_other {
                let document = input.name.to_owned();
                self.merged.renamed.push(((*id).to_owned(), new.to_string(), document));
                self.renames.insert((*id).into(), new.clone());
            }
            let is_new = self.own_licences.insert(new.clone(), text).is_none();
            if let Some(own) = own.filter(|_| is_new) {
                let own = OwnLicence { id: new, ..own.clone() };
                self.merged.sbom.carried.licences.push(own);
            }
        }
    }

    /// The component with the ids that its licences have now.
    pub(super) fn relicensed(&self, component: &Component) -> Component {
        let mut own = component.clone();
        if !self.renames.is_empty() {
            own.licences.iter_mut().for_each(|licence| *licence = self.renamed(licence));
            for text in &mut own.texts {
                text.licence = self.renamed(&text.licence);
            }
        }
        own
    }

    fn renamed(&self, licence: &Text) -> Text {
        let words = words(licence)
            .flat_map(|(word, end)| [self.renames.get(word).map_or(word, Text::as_str), end]);
        words.collect::<String>().into()
    }
}

/// The ids of an expression, each with what follows it up to the next. One that leads into another
/// document (`DocumentRef-x:LicenseRef-1`) is one word.
fn words(expression: &str) -> impl Iterator<Item = (&str, &str)> {
    let ends = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':' | '_'));
    expression.split_inclusive(ends).map(move |part| {
        let word = part.trim_end_matches(ends);
        (word, part.get(word.len()..).unwrap_or_default())
    })
}

/// Takes texts of licences that the first did not tell, and tells where two differ.
pub(super) fn texts(known: &mut Component, other: &Component, found: &mut Differing) {
    let mut all: Vec<LicenceText> = known.texts.to_vec();
    for text in &other.texts {
        match known.texts.iter().find(|one| one.licence == text.licence) {
            None if known.licences.contains(&text.licence) => all.push(text.clone()),
            Some(one) if one.text != text.text => {
                found.push(("licence text", shown(one), shown(text)));
            }
            _ => {}
        }
    }
    known.texts = all.into();
}

fn shown(text: &LicenceText) -> String {
    let content = text.text.get("content").and_then(|content| content.text()).unwrap_or_default();
    let short: String = content.trim().chars().take(SHOWN).collect();
    format!("{}: {short}", text.licence)
}
