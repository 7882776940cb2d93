//! Relationships: products that are another product in, on or with a third (section 3.2.2.4).
//!
//! Refuses circles and joins of more than a few products: hostile input could otherwise make each
//! join twice as large as the one before.

use std::sync::Arc;

use domain::advisory::Product;
use domain::problem::{Code, Loss};
use domain::text::Text;

use crate::json::{Path, Taker, Value};

use super::tree::{FullName, read_full_name};
use super::{Definition, ProductIndex, Products};

/// Most products that one relationship may join, and the most relationships in a row.
const JOINED_PRODUCTS: usize = 16;

/// How one product relates to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The first is a component of the second.
    ComponentOf,
    /// The first stands on or beside the second.
    InstalledOn,
}

/// A relationship before it is followed.
#[derive(Debug)]
pub(super) struct Relationship<'d> {
    kind: Kind,
    product: Option<Value<'d>>,
    relates_to: Option<Value<'d>>,
    full: FullName<'d>,
    value: Value<'d>,
    position: usize,
}

/// Why a side of a relationship has no description.
enum Refusal {
    /// The reference points to nothing; that has been told.
    Dangling,
    /// It leads back to itself.
    Circle,
    /// It joins too much.
    TooMuch,
}

impl<'d> Products<'d> {
    /// Notes the relationships; they are followed once all products are known.
    pub(super) fn relationships(&mut self, taker: &mut Taker, list: Value<'d>, path: &Path<'_>) {
        for (position, value) in taker.items(list, path).enumerate() {
            let at = path.index(position);
            let mut joined = Relationship {
                kind: Kind::ComponentOf,
                product: None,
                relates_to: None,
                full: FullName::default(),
                value,
                position,
            };
            for (key, member) in taker.members(value, &at) {
                let at = at.field(&key);
                match key.as_ref() {
                    "category" => joined.kind = read_kind(taker, member, &at),
                    "product_reference" => joined.product = Some(member),
                    "relates_to_product_reference" => joined.relates_to = Some(member),
                    "full_product_name" => joined.full = read_full_name(taker, member, &at),
                    _ => {}
                }
            }
            if let Some(id) = joined.full.id.take() {
                let definition = Definition::Joined(Box::new(joined));
                self.define(taker, (id, definition), value, &at);
            } else {
                let lost = (Code::RecordMissingField, Loss::Field);
                taker.tell(lost, value, &at, "`full_product_name.product_id`");
            }
        }
    }

    /// Describes every product that a relationship makes.
    pub(super) fn follow_all(&mut self, taker: &mut Taker) {
        for index in 0..u32::try_from(self.definitions.len()).unwrap_or(u32::MAX) {
            // At depth 0 nothing is being followed, so nothing is refused.
            let _ = self.follow(taker, ProductIndex(index), 0);
        }
    }

    /// The description behind an index. The recursion is bounded by [`JOINED_PRODUCTS`].
    fn follow(
        &mut self,
        taker: &mut Taker,
        index: ProductIndex,
        depth: usize,
    ) -> Result<Arc<Product>, Refusal> {
        let Some(definition) = self.definitions.get_mut(index.0 as usize) else {
            return Err(Refusal::Dangling);
        };
        let joined = match std::mem::replace(definition, Definition::Following) {
            Definition::Product(product) => {
                *definition = Definition::Product(product.clone());
                return Ok(product);
            }
            Definition::Following => return Err(Refusal::Circle),
            Definition::Joined(joined) if depth >= JOINED_PRODUCTS => {
                *definition = Definition::Joined(joined);
                return Err(Refusal::TooMuch);
            }
            Definition::Joined(joined) => *joined,
        };
        let product = self.join(taker, joined, depth);
        if let Some(definition) = self.definitions.get_mut(index.0 as usize) {
            *definition = Definition::Product(product.clone());
        }
        Ok(product)
    }

    /// Joins the two sides; where one cannot be had, the full name remains. The side that does not
    /// change is shared: a package belongs to very many products.
    fn join(&mut self, taker: &mut Taker, joined: Relationship<'d>, depth: usize) -> Arc<Product> {
        let tree = Path::ROOT.field("product_tree");
        let list = tree.field("relationships");
        let at = list.index(joined.position);
        let product = at.field("product_reference");
        let product = self.side(taker, joined.product, &product, depth);
        let relates_to = at.field("relates_to_product_reference");
        let relates_to = self.side(taker, joined.relates_to, &relates_to, depth);
        let (Some(product), Some(relates_to)) = (product, relates_to) else {
            return alone(joined.full);
        };
        if size(&product) + size(&relates_to) > JOINED_PRODUCTS {
            tell(taker, &Refusal::TooMuch, joined.value, &at);
            return alone(joined.full);
        }
        if !self.has_room(taker, weight(&product) + weight(&relates_to), (joined.value, &at)) {
            return alone(joined.full);
        }
        let (mut part, mut whole) = (product, relates_to);
        // Identifiers of the pair name the part: a package's purl is not its platform's.
        if !joined.full.identifiers.is_empty() {
            joined.full.identifiers.give_to(Arc::make_mut(&mut part));
        }
        match joined.kind {
            Kind::ComponentOf => {
                *innermost(&mut whole, |product| &mut product.component) = Some(part);
                whole
            }
            Kind::InstalledOn => {
                *innermost(&mut part, |product| &mut product.platform) = Some(whole);
                part
            }
        }
    }

    fn side(
        &mut self,
        taker: &mut Taker,
        id: Option<Value<'d>>,
        path: &Path<'_>,
        depth: usize,
    ) -> Option<Arc<Product>> {
        let id = id?;
        let index = self.find(taker, id, path)?;
        let found = self.follow(taker, index, depth + 1);
        found.map_err(|refusal| tell(taker, &refusal, id, path)).ok()
    }
}

fn read_kind(taker: &mut Taker, value: Value<'_>, path: &Path<'_>) -> Kind {
    match taker.borrowed(value, path).as_deref() {
        Some("installed_on" | "installed_with") => Kind::InstalledOn,
        Some("default_component_of" | "optional_component_of" | "external_component_of") | None => {
            Kind::ComponentOf
        }
        Some(_) => {
            let lost = (Code::RecordUnknownValue, Loss::Field);
            taker.tell(lost, value, path, "a category of relationships, such as `installed_on`");
            Kind::ComponentOf
        }
    }
}

fn tell(taker: &mut Taker, refusal: &Refusal, value: Value<'_>, path: &Path<'_>) {
    let (code, expected) = match refusal {
        Refusal::Dangling => return,
        Refusal::Circle => (Code::RecordNotUsable, "a relationship that ends at a product"),
        Refusal::TooMuch => (Code::InputTooDeep, "at most 16 products in one relationship"),
    };
    taker.tell((code, Loss::Field), value, path, expected);
}

/// A product of which only its own full name is known.
fn alone(full: FullName<'_>) -> Arc<Product> {
    let mut product = Product { name: full.name, ..Product::default() };
    full.identifiers.give_to(&mut product);
    product.into_shared()
}

/// The free end of a chain of components or platforms, which is at most [`JOINED_PRODUCTS`] long.
///
/// What others share on the way there is copied, one product each: not what hangs on it.
fn innermost(
    product: &mut Arc<Product>,
    next: fn(&mut Product) -> &mut Option<Arc<Product>>,
) -> &mut Option<Arc<Product>> {
    let mut length = 0;
    let mut product = Arc::make_mut(product);
    while next(product).is_some() && length < JOINED_PRODUCTS {
        length += 1;
        let inner = next(product).as_mut().expect("invariant: looked at in the line above");
        product = Arc::make_mut(inner);
    }
    next(product)
}

/// How many products a description holds, itself included.
fn size(product: &Product) -> usize {
    let inner = [&product.component, &product.platform];
    1 + inner.into_iter().flatten().map(|inner| size(inner)).sum::<usize>()
}

/// About how many bytes a copy of a description takes.
fn weight(product: &Product) -> usize {
    let details = product.details.iter().map(|(_, text)| text.len()).sum::<usize>();
    let models = product.models.iter().map(Text::len).sum::<usize>();
    let identifiers = 100 * (product.purls.len() + product.cpes.len());
    let inner = [&product.component, &product.platform];
    let inner = inner.into_iter().flatten().map(|inner| weight(inner)).sum::<usize>();
    let names = product.name.len() + product.vendor.as_ref().map_or(0, Text::len);
    names + details + models + identifiers + inner
}
