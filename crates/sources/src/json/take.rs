//! Taking typed fields out of a document: what has the wrong type is told and left out.

use std::borrow::Cow;

use domain::bounded::room;
use domain::problem::{Code, Loss, Problem, Problems};
use domain::text::Text;

use super::{Items, Kind, Members, Path, Value};

/// Collects the problems of one document while its fields are taken.
///
/// `null` is taken as "not there" and not told: many producers write it for every empty field.
#[derive(Debug, Default)]
pub struct Taker {
    /// What was wrong so far.
    pub problems: Problems,
}

impl Taker {
    /// A string.
    pub fn text(&mut self, value: Value<'_>, path: &Path<'_>) -> Option<Text> {
        self.borrowed(value, path).map(Text::from)
    }

    /// A string, borrowed from the document where it has no escapes.
    pub fn borrowed<'d>(&mut self, value: Value<'d>, path: &Path<'_>) -> Option<Cow<'d, str>> {
        self.checked(value.as_str(), value, path, "a string")
    }

    /// A string with something in it besides white space, trimmed.
    pub fn filled(&mut self, value: Value<'_>, path: &Path<'_>) -> Option<Text> {
        self.trimmed(value, path).map(Text::from)
    }

    /// The same, borrowed from the document where it has no escapes.
    pub fn trimmed<'d>(&mut self, value: Value<'d>, path: &Path<'_>) -> Option<Cow<'d, str>> {
        let trimmed = match self.borrowed(value, path)? {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        };
        (!trimmed.is_empty()).then_some(trimmed)
    }

    /// A number.
    pub fn number(&mut self, value: Value<'_>, path: &Path<'_>) -> Option<f64> {
        self.checked(value.as_f64(), value, path, "a number")
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, value: Value<'_>, path: &Path<'_>) -> Option<bool> {
        self.checked(value.as_bool(), value, path, "true or false")
    }

    /// The elements of an array; none where it is none.
    pub fn items<'d>(&mut self, value: Value<'d>, path: &Path<'_>) -> Items<'d> {
        let is_array = (value.kind() == Kind::Array).then_some(());
        self.checked(is_array, value, path, "an array");
        value.items()
    }

    /// The members of an object; none where it is none.
    pub fn members<'d>(&mut self, value: Value<'d>, path: &Path<'_>) -> Members<'d> {
        let is_object = (value.kind() == Kind::Object).then_some(());
        self.checked(is_object, value, path, "an object");
        value.members()
    }

    /// The strings of an array; an element that is none is told and left out.
    pub fn texts(&mut self, value: Value<'_>, path: &Path<'_>) -> Vec<Text> {
        let items = self.items(value, path);
        let mut texts = Vec::with_capacity(room(items.clone().count()));
        texts.extend(items.enumerate().filter_map(|(i, item)| self.text(item, &path.index(i))));
        texts
    }

    /// Tells a problem at a value; what stands there is quoted.
    pub fn tell(
        &mut self,
        (code, loss): (Code, Loss),
        value: Value<'_>,
        path: &Path<'_>,
        expected: impl Into<String>,
    ) {
        self.problems.tell_with(code, loss, || {
            Problem::new(code, value.at(path), loss).expected(expected).found(&shown(value))
        });
    }

    fn checked<T>(
        &mut self,
        taken: Option<T>,
        value: Value<'_>,
        path: &Path<'_>,
        expected: &str,
    ) -> Option<T> {
        if taken.is_none() && !value.is_null() {
            self.tell((Code::RecordWrongType, Loss::Field), value, path, expected);
        }
        taken
    }
}

/// A value as a message shows it: scalars as they stand, containers by their kind.
fn shown(value: Value<'_>) -> Cow<'_, str> {
    match value.kind() {
        Kind::Array | Kind::Object => Cow::Borrowed(value.kind().text()),
        _ => value.as_str().unwrap_or(Cow::Borrowed(value.raw())),
    }
}

#[cfg(test)]
mod tests {
    use super::Taker;
    use crate::json::{Json, Path};

    #[test]
    fn a_wrong_type_is_told_with_its_place_and_left_out() {
        let json = Json::parse("{\"name\":\n 7}");
        let mut taker = Taker::default();
        let value = json.root().get("name").expect("there");
        assert_eq!(taker.text(value, &Path::ROOT.field("name")), None);
        let told = taker.problems.listed().first().expect("told").to_string();
        let expected = "line 2, $.name: A field has another type than its format says; expected a string, found `7`";
        assert_eq!(told, expected);
    }

    #[test]
    fn null_is_not_there_and_not_told() {
        let json = Json::parse("null");
        let mut taker = Taker::default();
        assert_eq!(taker.text(json.root(), &Path::ROOT), None);
        assert!(taker.problems.is_empty());
    }
}
