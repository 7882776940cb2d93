//! What an inventory says of a device that no field of ours holds: a name and a value each.
//!
//! Refuses to drop or to change any of it. A wide table has a dozen such columns and more, so the
//! values of a device stand in one piece of memory, and their names are shared by all of its rows.

use std::fmt;

use crate::text::Shared;

/// Names and values, in the order in which they were given.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Others(Option<Box<Values>>);

#[derive(Clone, PartialEq, Eq, Default)]
struct Values {
    text: String,
    /// The name of each value, and where the value ends in the text.
    ends: Vec<(Shared, u32)>,
}

impl Others {
    /// Keeps one more value. Values beyond 4 GiB of one device are cut, which no document can hold.
    pub fn push(&mut self, name: impl Into<Shared>, value: &str) {
        let values = self.0.get_or_insert_default();
        let room = (u32::MAX as usize).saturating_sub(values.text.len());
        values.text.push_str(value.get(..value.floor_char_boundary(room)).unwrap_or_default());
        let end = u32::try_from(values.text.len()).unwrap_or(u32::MAX);
        values.ends.push((name.into(), end));
    }

    /// Each name with its value.
    pub fn iter(&self) -> impl Iterator<Item = (&Shared, &str)> {
        let (text, ends) = match &self.0 {
            Some(values) => (values.text.as_str(), values.ends.as_slice()),
            None => ("", &[][..]),
        };
        let mut start = 0;
        ends.iter().map(move |(name, end)| {
            let end = *end as usize;
            let value = text.get(start..end).unwrap_or_default();
            start = end;
            (name, value)
        })
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Gives back the room to grow, where it is worth the while: there will be no more.
    pub fn shrink_to_fit(&mut self) {
        const FEW: usize = 4;
        if let Some(values) = self.0.as_mut().filter(|values| values.ends.len() > FEW) {
            values.text.shrink_to_fit();
            values.ends.shrink_to_fit();
        }
    }
}

impl fmt::Debug for Others {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::Others;

    #[test]
    fn every_value_comes_back_with_its_name() {
        let given = [("Vendor", "BD"), ("", ""), ("Größe", "3 µl"), ("Vendor", "Baxter")];
        let mut others = Others::default();
        assert!(others.is_empty());
        for (name, value) in given {
            others.push(name, value);
        }
        others.shrink_to_fit();
        let found: Vec<(&str, &str)> =
            others.iter().map(|(name, value)| (&**name, value)).collect();
        assert_eq!(found, given);
        assert_eq!(format!("{others:?}"), format!("{given:?}"));
    }
}
