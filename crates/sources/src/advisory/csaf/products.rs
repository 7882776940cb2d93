//! The product tree of a CSAF document (CSAF 2.0, section 3.2.2): which product an id means.
//!
//! Each product is described once and shared by all that is said of it. Refuses to follow
//! relationships in circles or without end.

mod join;
mod tree;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use domain::advisory::Product;
use domain::problem::{Code, Loss};
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::json::{Path, Taker, Value};

use join::Relationship;

/// How many times the length of the tree the descriptions of its products may take, in bytes of
/// text. Real ones take less than once; a long vendor name over very many products would take a
/// multiple that grows with the document.
const COPIES: usize = 8;
/// About how many bytes of a tree describe one product: room for so many is made at once.
const PRODUCT_BYTES: usize = 256;
/// Below this many bytes of text there is nothing to guard.
const COPIES_FREE_BYTES: usize = 1 << 20;

/// A product of the tree, by its position in the order of definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ProductIndex(u32);

impl ProductIndex {
    pub(super) fn place(self) -> usize {
        self.0 as usize
    }
}

/// What stands behind a product id.
#[derive(Debug)]
enum Definition<'d> {
    /// A product, described.
    Product(Arc<Product>),
    /// A relationship that nobody has asked for yet.
    Joined(Box<Relationship<'d>>),
    /// A relationship that is being followed: meeting it again is a circle.
    Following,
}

/// The products of a document, by id.
#[derive(Debug, Default)]
pub(super) struct Products<'d> {
    definitions: Vec<Definition<'d>>,
    /// The ids of the definitions.
    ids: Vec<Cow<'d, str>>,
    /// The definitions by the hash of their id.
    by_id: HashTable<ProductIndex>,
    hashing: RandomState,
    /// Which definition was found last.
    last: usize,
    groups: HashMap<Cow<'d, str>, Vec<ProductIndex>>,
    /// Ids that point to nothing and were told already.
    dangling: HashSet<Cow<'d, str>>,
    /// Bytes of text that descriptions may still take.
    room: usize,
}

impl<'d> Products<'d> {
    /// Reads a tree; an absent one has no products.
    pub(super) fn read(taker: &mut Taker, tree: Option<Value<'d>>) -> Self {
        let mut products = Self::default();
        let Some(tree) = tree else { return products };
        products.room = tree.raw().len().saturating_mul(COPIES).saturating_add(COPIES_FREE_BYTES);
        let path = Path::ROOT.field("product_tree");
        let expected = tree.raw().len() / PRODUCT_BYTES;
        products.ids.reserve(expected);
        products.definitions.reserve(expected);
        products.by_id.reserve(expected, |_| 0);
        let mut groups = None;
        for (key, value) in taker.members(tree, &path) {
            let at = path.field(&key);
            match key.as_ref() {
                "branches" => products.branches(taker, value, &at, None),
                "full_product_names" => products.full_names(taker, value, &at),
                "relationships" => products.relationships(taker, value, &at),
                "product_groups" => groups = Some(value),
                _ => {}
            }
        }
        products.follow_all(taker);
        if let Some(groups) = groups {
            products.product_groups(taker, groups, &path.field("product_groups"));
        }
        products
    }

    /// The product with an index.
    pub(super) fn product(&self, index: ProductIndex) -> Option<&Arc<Product>> {
        match self.definitions.get(index.0 as usize)? {
            Definition::Product(product) => Some(product),
            Definition::Joined(_) | Definition::Following => None,
        }
    }

    /// The product that an id means; an id that means none is told, once.
    pub(super) fn find(
        &mut self,
        taker: &mut Taker,
        id: Value<'d>,
        path: &Path<'_>,
    ) -> Option<ProductIndex> {
        let text = taker.borrowed(id, path)?;
        // Lists name products in the order of the tree more often than not.
        let next = self.ids.get(self.last + 1).filter(|id| **id == text);
        let next = next.and_then(|_| u32::try_from(self.last + 1).ok()).map(ProductIndex);
        let found = next.or_else(|| self.by_text(&text));
        self.last = found.map_or(self.last, ProductIndex::place);
        if found.is_none() && self.dangling.insert(text) {
            let lost = (Code::RecordDanglingReference, Loss::Field);
            taker.tell(lost, id, path, "the id of a product of `product_tree`");
        }
        found
    }

    fn by_text(&self, text: &str) -> Option<ProductIndex> {
        let is_it = |index: &ProductIndex| self.ids.get(index.place()).is_some_and(|id| id == text);
        self.by_id.find(self.hashing.hash_one(text), is_it).copied()
    }

    /// The products of a group; a group that is not there is told, once.
    pub(super) fn group(
        &mut self,
        taker: &mut Taker,
        id: Value<'d>,
        path: &Path<'_>,
    ) -> &[ProductIndex] {
        let Some(text) = taker.borrowed(id, path) else { return &[] };
        if !self.groups.contains_key(&text) && self.dangling.insert(text.clone()) {
            let lost = (Code::RecordDanglingReference, Loss::Field);
            taker.tell(lost, id, path, "the id of a group of `product_groups`");
        }
        self.groups.get(&text).map_or(&[], Vec::as_slice)
    }

    /// Whether there is room for a description; where there is none, that is told.
    fn has_room(&mut self, taker: &mut Taker, bytes: usize, at: (Value<'_>, &Path<'_>)) -> bool {
        let left = self.room.checked_sub(bytes);
        if left.is_none() {
            let lost = (Code::InputTooLarge, Loss::Field);
            taker.tell(lost, at.0, at.1, "names that do not outgrow the document");
        }
        self.room = left.unwrap_or(self.room);
        left.is_some()
    }

    /// Notes what an id means; the first definition of an id counts, another one is told.
    fn define(
        &mut self,
        taker: &mut Taker,
        (id, definition): (Cow<'d, str>, Definition<'d>),
        value: Value<'_>,
        path: &Path<'_>,
    ) {
        let Ok(next) = u32::try_from(self.definitions.len()) else { return };
        let text = |index: &ProductIndex| self.ids.get(index.place()).map_or("", |id| &**id);
        let hash = |index: &ProductIndex| self.hashing.hash_one(text(index));
        let is_it = |index: &ProductIndex| text(index) == id;
        match self.by_id.entry(self.hashing.hash_one(&*id), is_it, hash) {
            Entry::Occupied(_) => {
                let lost = (Code::RecordDuplicate, Loss::Field);
                taker.tell(lost, value, path, "a product id that is defined once");
            }
            Entry::Vacant(entry) => {
                entry.insert(ProductIndex(next));
                self.ids.push(id);
                self.definitions.push(definition);
            }
        }
    }

    /// Groups of products (section 3.2.2.3).
    fn product_groups(&mut self, taker: &mut Taker, list: Value<'d>, path: &Path<'_>) {
        for (i, group) in taker.items(list, path).enumerate() {
            let at = path.index(i);
            let (mut id, mut members) = (None, Vec::new());
            for (key, value) in taker.members(group, &at) {
                let at = at.field(&key);
                match key.as_ref() {
                    "group_id" => id = taker.borrowed(value, &at),
                    "product_ids" => {
                        let ids = taker.items(value, &at).enumerate();
                        members =
                            ids.filter_map(|(i, id)| self.find(taker, id, &at.index(i))).collect();
                    }
                    _ => {}
                }
            }
            if let Some(id) = id {
                self.groups.entry(id).or_insert(members);
            }
        }
    }
}
