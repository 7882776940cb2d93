//! How much an SBOM tells of what three lists ask for, as programs read it.

use decisions::sbom::quality::{self, Element, List};
use serde::Serialize;

/// How much an SBOM tells.
#[derive(Debug, Clone, Serialize)]
pub struct Quality {
    /// How many components count, what the SBOM describes among them.
    pub components: usize,
    /// How many more have no name, so that nothing of them is known.
    pub nameless: usize,
    /// How much of each list is told.
    pub lists: Vec<Listed>,
    /// How often each element is told that a list asks for.
    pub elements: Vec<Told>,
    /// What the document does not tell, once, in all.
    pub missing: Vec<&'static str>,
    /// Each component that does not tell all, in the order of the document.
    pub incomplete: Vec<Incomplete>,
}

/// How much of one list is told.
#[derive(Debug, Clone, Serialize)]
pub struct Listed {
    /// Which list: `ntia`, `cisa`, `fda`.
    pub list: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// How many elements are told, counted once for each component, and once for the document.
    pub told: usize,
    /// How many are asked for.
    pub asked: usize,
    /// In whole percent, never rounded up to 100.
    pub percent: usize,
    /// Whether nothing is missing.
    pub whole: bool,
    /// What it asks for.
    pub elements: Vec<&'static str>,
}

/// How often one element is told.
#[derive(Debug, Clone, Serialize)]
pub struct Told {
    /// Which element.
    pub element: &'static str,
    /// What it is called.
    #[serde(skip)]
    pub title: &'static str,
    /// How many components tell it, or whether the document does.
    pub told: usize,
    /// How many are asked.
    pub asked: usize,
    /// Which lists ask for it.
    pub lists: Vec<&'static str>,
}

/// A component that does not tell all.
#[derive(Debug, Clone, Serialize)]
pub struct Incomplete {
    /// Its name, and its version where it is told.
    pub component: String,
    /// Its id in the document.
    pub reference: Option<String>,
    /// The line where it stands, from 1; 0 where lines say nothing.
    pub line: u32,
    /// Its path in the document.
    pub path: String,
    /// The elements that it does not tell, of those that a list asks for.
    pub missing: Vec<&'static str>,
}

/// What any list asks for, in the order in which it is shown.
const ELEMENTS: [Element; 14] = [
    Element::Supplier,
    Element::Producer,
    Element::Name,
    Element::Version,
    Element::Identifier,
    Element::Dependency,
    Element::Hash,
    Element::Licence,
    Element::SupportLevel,
    Element::EndOfSupport,
    Element::Author,
    Element::Timestamp,
    Element::Tool,
    Element::GenerationContext,
];

impl Quality {
    /// In the form that is shown.
    #[must_use]
    pub fn of(quality: &quality::Quality<'_>) -> Self {
        let of_document = ELEMENTS.into_iter().filter(|element| element.is_of_document());
        let missing = of_document.filter(|element| !quality.document.has(*element));
        let components = quality.components.iter();
        Self {
            components: quality.components.len(),
            nameless: quality.nameless,
            lists: List::ALL.map(|list| Listed::of(quality, list)).into(),
            elements: ELEMENTS.map(|element| Told::of(quality, element)).into(),
            missing: missing.map(Element::key).collect(),
            incomplete: components.filter_map(Incomplete::of).collect(),
        }
    }
}

impl Listed {
    fn of(quality: &quality::Quality<'_>, list: List) -> Self {
        let score = quality.score(list);
        Self {
            list: list.key(),
            title: list.title(),
            told: score.told,
            asked: score.asked,
            percent: score.percent(),
            whole: quality.is_whole(list),
            elements: list.elements().iter().map(|element| element.key()).collect(),
        }
    }
}

impl Told {
    fn of(quality: &quality::Quality<'_>, element: Element) -> Self {
        let score = quality.of_element(element);
        let lists = List::ALL.into_iter().filter(|list| list.elements().contains(&element));
        Self {
            element: element.key(),
            title: element.text(),
            told: score.told,
            asked: score.asked,
            lists: lists.map(List::key).collect(),
        }
    }
}

impl Incomplete {
    fn of(graded: &quality::Graded<'_>) -> Option<Self> {
        let of_component = ELEMENTS.into_iter().filter(|element| !element.is_of_document());
        let missing = of_component.filter(|element| !graded.told.has(*element));
        let missing: Vec<&str> = missing.map(Element::key).collect();
        let component = graded.component;
        (!missing.is_empty()).then(|| Self {
            component: component.label(),
            reference: component.reference.as_ref().map(ToString::to_string),
            line: component.at.line,
            path: component.at.path(),
            missing,
        })
    }
}
