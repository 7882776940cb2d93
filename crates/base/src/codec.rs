//! Facts as bytes, and back: what is written in one order is read in the same.
//!
//! Numbers are written in as few bytes as they need, texts and paths once for each record. Refuses
//! to trust what it reads: a length is held against what is left, and nesting has an end.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;

use domain::advisory::{Product, Rare};
use domain::location::{ListPath, Location};
use domain::text::Text;

/// Why bytes are no facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Broken(pub &'static str);

/// How deep facts may nest: configurations within configurations, products within products.
const DEPTH: u32 = 256;

/// What is written of one record.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    bytes: Vec<u8>,
    /// Texts that were written, each with its number.
    texts: HashMap<Text, u64>,
    /// Shared things that were written, by where they stand in memory.
    shared: HashMap<usize, u64>,
}

/// Texts up to this length are written again rather than looked for.
const SHORT: usize = 3;

impl Writer {
    /// What was written; the writer is as new, and keeps its room.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        self.texts.clear();
        self.shared.clear();
        std::mem::take(&mut self.bytes)
    }

    pub(crate) fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    /// Seven bits a byte, the lowest first (LEB128).
    pub(crate) fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.byte(low_bits(number) | 0x80);
            number >>= 7;
        }
        self.byte(low_bits(number));
    }

    pub(crate) fn count(&mut self, count: usize) {
        self.number(count as u64);
    }

    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// A text: the length twice, or once with the lowest bit the number of one before.
    pub(crate) fn text(&mut self, text: &str) {
        if text.len() > SHORT {
            if let Some(known) = self.texts.get(text) {
                let known = *known;
                return self.number(known << 1 | 1);
            }
            self.texts.insert(text.into(), self.texts.len() as u64);
        }
        self.number((text.len() as u64) << 1);
        self.raw(text.as_bytes());
    }

    /// The number of something shared that was written before; nothing where it is new, and then it
    /// has to be written.
    pub(crate) fn known(&mut self, place: usize) -> bool {
        let next = self.shared.len() as u64;
        let number = *self.shared.entry(place).or_insert(next);
        self.number(number);
        number < next
    }
}

fn low_bits(number: u64) -> u8 {
    (number & 0x7f) as u8
}

/// The bytes of one record.
#[derive(Debug)]
pub(crate) struct Reader<'b> {
    rest: &'b [u8],
    texts: Vec<Text>,
    paths: HashMap<Text, ListPath>,
    /// Shared products, in the order in which they began.
    shared: Vec<Option<Arc<Product>>>,
    depth: u32,
}

impl<'b> Reader<'b> {
    #[must_use]
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes, texts: Vec::new(), paths: HashMap::new(), shared: Vec::new(), depth: 0 }
    }

    /// Whether all was read.
    #[must_use]
    pub(crate) fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Broken> {
        let (first, rest) = self.rest.split_first().ok_or(Broken("it ends too early"))?;
        self.rest = rest;
        Ok(*first)
    }

    pub(crate) fn number(&mut self) -> Result<u64, Broken> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Broken("a number has no end"))
    }

    pub(crate) fn small(&mut self) -> Result<u32, Broken> {
        u32::try_from(self.number()?).map_err(|_| Broken("a number is too large"))
    }

    /// How many follow. Each takes a byte at least.
    pub(crate) fn count(&mut self) -> Result<usize, Broken> {
        let count = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        if count > self.rest.len() {
            return Err(Broken("a list is longer than what is left"));
        }
        Ok(count)
    }

    pub(crate) fn raw(&mut self, length: usize) -> Result<&'b [u8], Broken> {
        let (bytes, rest) =
            self.rest.split_at_checked(length).ok_or(Broken("it ends too early"))?;
        self.rest = rest;
        Ok(bytes)
    }

    pub(crate) fn text(&mut self) -> Result<Text, Broken> {
        let number = self.number()?;
        let length = usize::try_from(number >> 1).unwrap_or(usize::MAX);
        if number & 1 == 1 {
            return self.texts.get(length).cloned().ok_or(Broken("a text is not there"));
        }
        let text = std::str::from_utf8(self.raw(length)?).map_err(|_| Broken("no UTF-8"))?;
        let text = Text::from(text);
        if length > SHORT {
            self.texts.push(text.clone());
        }
        Ok(text)
    }

    /// Something shared: read once, and known by its number from then on.
    pub(crate) fn shared(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<Arc<Product>, Broken>,
    ) -> Result<Arc<Product>, Broken> {
        let number = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        if let Some(known) = self.shared.get(number) {
            return known.clone().ok_or(Broken("something is part of itself"));
        }
        if number != self.shared.len() {
            return Err(Broken("something shared is not there"));
        }
        self.shared.push(None);
        let new = self.nested(read)?;
        if let Some(place) = self.shared.get_mut(number) {
            *place = Some(new.clone());
        }
        Ok(new)
    }

    /// Something within something.
    pub(crate) fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Broken>,
    ) -> Result<T, Broken> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(Broken("it is nested too deep"));
        }
        let inner = read(self);
        self.depth -= 1;
        inner
    }

    fn path(&mut self) -> Result<ListPath, Broken> {
        let text = self.text()?;
        let path = self.paths.entry(text).or_insert_with_key(|text| ListPath::new(text.as_str()));
        Ok(path.clone())
    }
}

/// What can be written and read.
pub(crate) trait Coded: Sized {
    fn write(&self, to: &mut Writer);
    fn read(from: &mut Reader<'_>) -> Result<Self, Broken>;
}

impl Coded for Text {
    fn write(&self, to: &mut Writer) {
        to.text(self);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        from.text()
    }
}

impl Coded for bool {
    fn write(&self, to: &mut Writer) {
        to.byte(u8::from(*self));
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        match from.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Broken("neither yes nor no")),
        }
    }
}

impl Coded for u32 {
    fn write(&self, to: &mut Writer) {
        to.number(u64::from(*self));
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        from.small()
    }
}

impl Coded for NonZeroU32 {
    fn write(&self, to: &mut Writer) {
        to.number(u64::from(self.get()));
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        Self::new(from.small()?).ok_or(Broken("nothing where something counts from 1"))
    }
}

impl Coded for f64 {
    fn write(&self, to: &mut Writer) {
        to.raw(&self.to_le_bytes());
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let bytes = from.raw(size_of::<Self>())?;
        bytes.try_into().map(Self::from_le_bytes).map_err(|_| Broken("it ends too early"))
    }
}

impl<T: Coded> Coded for Option<T> {
    fn write(&self, to: &mut Writer) {
        to.byte(u8::from(self.is_some()));
        if let Some(inner) = self {
            inner.write(to);
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        bool::read(from)?.then(|| T::read(from)).transpose()
    }
}

impl<T: Coded> Coded for Vec<T> {
    fn write(&self, to: &mut Writer) {
        to.count(self.len());
        for item in self {
            item.write(to);
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let count = from.count()?;
        // Not more room than what is there to read can fill.
        let mut items = Self::new();
        for _ in 0..count {
            items.push(T::read(from)?);
        }
        items.shrink_to_fit();
        Ok(items)
    }
}

impl<T: Coded + Clone> Coded for Rare<T> {
    fn write(&self, to: &mut Writer) {
        to.count(self.len());
        for item in self {
            item.write(to);
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        Vec::read(from).map(Self::from)
    }
}

impl<T: Coded> Coded for Box<T> {
    fn write(&self, to: &mut Writer) {
        (**self).write(to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        from.nested(T::read).map(Self::new)
    }
}

impl<A: Coded, B: Coded> Coded for (A, B) {
    fn write(&self, to: &mut Writer) {
        self.0.write(to);
        self.1.write(to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        Ok((A::read(from)?, B::read(from)?))
    }
}

impl Coded for Location {
    fn write(&self, to: &mut Writer) {
        let (list, element) = self.parts();
        to.number(u64::from(self.line));
        to.text(list.as_str());
        to.number(element.map_or(0, |element| u64::from(element) + 1));
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let line = from.small()?;
        let path = from.path()?;
        Ok(match from.number()?.checked_sub(1) {
            None => Self::shared(line, path),
            Some(element) => {
                let element = u32::try_from(element).ok().filter(|element| *element < u32::MAX);
                Self::element(line, &path, element.ok_or(Broken("a number is too large"))?)
            }
        })
    }
}

/// A structure, field by field.
macro_rules! structure {
    ($name:ident { $($field:ident),* $(,)? }) => {
        impl Coded for $name {
            fn write(&self, to: &mut Writer) {
                let Self { $($field),* } = self;
                $($field.write(to);)*
            }

            fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
                Ok(Self { $($field: Coded::read(from)?),* })
            }
        }
    };
}

/// A choice of names, each with its number, which may never become another's.
macro_rules! names {
    ($name:ident { $($variant:ident = $number:literal),* $(,)? }) => {
        impl Coded for $name {
            fn write(&self, to: &mut Writer) {
                to.byte(match self { $(Self::$variant => $number),* });
            }

            fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
                match from.byte()? {
                    $($number => Ok(Self::$variant),)*
                    _ => Err(Broken("a name is not known")),
                }
            }
        }
    };
}

/// A choice of which some hold something.
macro_rules! choice {
    ($name:ident {
        $($bare:ident = $bare_number:literal,)* ;
        $($full:ident = $number:literal),* $(,)?
    }) => {
        impl Coded for $name {
            fn write(&self, to: &mut Writer) {
                match self {
                    $(Self::$bare => to.byte($bare_number),)*
                    $(Self::$full(inner) => {
                        to.byte($number);
                        inner.write(to);
                    })*
                }
            }

            fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
                match from.byte()? {
                    $($bare_number => Ok(Self::$bare),)*
                    $($number => Coded::read(from).map(Self::$full),)*
                    _ => Err(Broken("a choice is not known")),
                }
            }
        }
    };
}

pub(crate) use {choice, names, structure};
