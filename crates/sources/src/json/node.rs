//! A node of a document, packed into eight bytes: they are most of what a parsed document takes.

use domain::bounded::DOCUMENT_BYTES;

use super::Kind;

/// One value, or one key of an object. Members of an object are a key node and then a value node.
///
/// Both words hold a number in their lower 30 bits; their upper bits hold, together, three bits of
/// the kind and one that tells a string or key with a backslash in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    /// First byte; of a string, the first one inside the quotes.
    start: u32,
    /// Length in bytes; of a container, the node after it and all that it holds.
    extent: u32,
}

const NUMBER_BITS: u32 = 30;
const NUMBER: u32 = (1 << NUMBER_BITS) - 1;
const _: () = assert!(DOCUMENT_BYTES <= 1 << NUMBER_BITS);

const KINDS: [Kind; 8] = [
    Kind::Null,
    Kind::True,
    Kind::False,
    Kind::Number,
    Kind::String,
    Kind::Key,
    Kind::Array,
    Kind::Object,
];
const ESCAPED: u32 = 8;

impl Node {
    /// What nothing has been read of.
    pub(super) const NULL: Self = Self { start: 0, extent: 0 };

    /// A container still open, or a scalar without a backslash.
    #[inline]
    pub(super) fn new(kind: Kind, start: u32, extent: u32) -> Self {
        Self::tagged(kind as u32, start, extent)
    }

    /// A string or key, perhaps with a backslash in it.
    #[inline]
    pub(super) fn string(kind: Kind, is_escaped: bool, start: u32, extent: u32) -> Self {
        Self::tagged(kind as u32 | (u32::from(is_escaped) * ESCAPED), start, extent)
    }

    #[inline]
    fn tagged(tag: u32, start: u32, extent: u32) -> Self {
        let (low, high) = (tag & 3, tag >> 2);
        Self {
            start: start & NUMBER | low << NUMBER_BITS,
            extent: extent & NUMBER | high << NUMBER_BITS,
        }
    }

    /// The same container, closed: `next` is the node after all that it holds.
    #[inline]
    pub(super) fn close(&mut self, next: u32) {
        *self = Self::new(self.kind(), self.start(), next);
    }

    #[inline]
    fn tag(self) -> u32 {
        self.start >> NUMBER_BITS | self.extent >> NUMBER_BITS << 2
    }

    #[inline]
    pub(super) fn kind(self) -> Kind {
        let [null, ..] = KINDS;
        KINDS.get((self.tag() & 7) as usize).copied().unwrap_or(null)
    }

    #[inline]
    pub(super) fn is_escaped(self) -> bool {
        self.tag() & ESCAPED != 0
    }

    #[inline]
    pub(super) fn is_container(self) -> bool {
        matches!(self.kind(), Kind::Array | Kind::Object)
    }

    #[inline]
    pub(super) fn start(self) -> u32 {
        self.start & NUMBER
    }

    /// One past the last byte of a scalar: of a string, the closing quote.
    #[inline]
    pub(super) fn end(self) -> u32 {
        self.start() + (self.extent & NUMBER)
    }

    /// The node after this one, which stands at `index`, and all that it holds.
    #[inline]
    pub(super) fn next(self, index: u32) -> u32 {
        if self.is_container() { self.extent & NUMBER } else { index + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::{ESCAPED, KINDS, NUMBER, Node};

    #[test]
    fn a_node_keeps_what_was_put_into_it() {
        for (tag, kind) in (0_u32..).zip(KINDS) {
            assert_eq!(kind as u32, tag);
            for (start, extent) in [(0, 0), (1, NUMBER), (NUMBER, 0), (7, 9)] {
                let node = Node::tagged(tag | ESCAPED, start, extent);
                assert_eq!((node.kind(), node.is_escaped()), (kind, true));
                assert_eq!((node.start(), node.extent & NUMBER), (start, extent));
            }
        }
    }
}
