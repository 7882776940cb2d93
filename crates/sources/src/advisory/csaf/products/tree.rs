//! Branches and product names: from the way through the tree to the description of a product.
//!
//! Refuses to read versions out of product names: a name is kept as written.

use std::borrow::Cow;

use memchr::memmem;

use domain::advisory::{Product, Versions};
use domain::cpe::Cpe;
use domain::problem::{Code, Loss};
use domain::purl::Purl;
use domain::text::Text;

use crate::advisory::identifiers::{read_cpe, read_purl};
use crate::advisory::versions;
use crate::json::{Path, Taker, Value};

use super::{Definition, Products};

/// A branch on the way down, with the one above it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Branch<'b> {
    above: Option<&'b Branch<'b>>,
    category: &'b str,
    name: &'b str,
}

/// A `full_product_name_t` (section 3.1.3): what an id is called, and how it is identified.
#[derive(Debug, Default)]
pub(super) struct FullName<'d> {
    pub(super) id: Option<Cow<'d, str>>,
    pub(super) name: Text,
    pub(super) identifiers: Identifiers,
}

/// What a `product_identification_helper` gives (section 3.1.3.3).
#[derive(Debug, Default)]
pub(super) struct Identifiers {
    purls: Vec<Purl>,
    cpes: Vec<Cpe>,
    models: Vec<Text>,
    details: Vec<(&'static str, Text)>,
}

impl Identifiers {
    pub(super) fn is_empty(&self) -> bool {
        let Self { purls, cpes, models, details } = self;
        purls.is_empty() && cpes.is_empty() && models.is_empty() && details.is_empty()
    }

    /// Adds them to a product.
    pub(super) fn give_to(self, product: &mut Product) {
        if product.purls.is_empty() {
            product.purls = self.purls;
        } else {
            product.purls.extend(self.purls);
        }
        product.cpes.extend(self.cpes);
        product.models.extend(self.models);
        product.details.extend(self.details);
    }
}

impl<'d> Products<'d> {
    /// Branches (section 3.1.2) to any depth: the nesting of the document bounds the recursion.
    pub(super) fn branches(
        &mut self,
        taker: &mut Taker,
        list: Value<'d>,
        path: &Path<'_>,
        above: Option<&Branch<'_>>,
    ) {
        for (i, branch) in taker.items(list, path).enumerate() {
            self.branch(taker, branch, &path.index(i), above);
        }
    }

    fn branch(
        &mut self,
        taker: &mut Taker,
        value: Value<'d>,
        path: &Path<'_>,
        above: Option<&Branch<'_>>,
    ) {
        let (mut category, mut name) = (Cow::Borrowed(""), Cow::Borrowed(""));
        let (mut below, mut product) = (None, None);
        for (key, value) in taker.members(value, path) {
            let at = path.field(&key);
            match key.as_ref() {
                "category" => category = taker.borrowed(value, &at).unwrap_or_default(),
                "name" => name = taker.borrowed(value, &at).unwrap_or_default(),
                "branches" => below = Some(value),
                "product" => product = Some(value),
                _ => {}
            }
        }
        let branch = Branch { above, category: &category, name: &name };
        if let Some(product) = product {
            self.full_name(taker, product, &path.field("product"), Some(&branch));
        }
        if let Some(below) = below {
            self.branches(taker, below, &path.field("branches"), Some(&branch));
        }
    }

    /// The list `full_product_names` (section 3.2.2.2).
    pub(super) fn full_names(&mut self, taker: &mut Taker, list: Value<'d>, path: &Path<'_>) {
        for (i, value) in taker.items(list, path).enumerate() {
            self.full_name(taker, value, &path.index(i), None);
        }
    }

    fn full_name(
        &mut self,
        taker: &mut Taker,
        value: Value<'d>,
        path: &Path<'_>,
        branch: Option<&Branch<'_>>,
    ) {
        let mut full = read_full_name(taker, value, path);
        let Some(id) = full.id.take() else {
            let lost = (Code::RecordMissingField, Loss::Field);
            taker.tell(lost, value, path, "a product with a `product_id`");
            return;
        };
        let steps = std::iter::successors(branch, |branch| branch.above);
        let bytes = steps.map(|step| step.name.len()).sum();
        let branch = branch.filter(|_| self.has_room(taker, bytes, (value, path)));
        let definition = Definition::Product(described(full, branch).into_shared());
        self.define(taker, (id, definition), value, path);
    }
}

/// Reads a full product name.
pub(super) fn read_full_name<'d>(
    taker: &mut Taker,
    value: Value<'d>,
    path: &Path<'_>,
) -> FullName<'d> {
    let mut full = FullName::default();
    for (key, value) in taker.members(value, path) {
        let at = path.field(&key);
        match key.as_ref() {
            "name" => full.name = taker.text(value, &at).unwrap_or_default(),
            "product_id" => full.id = taker.borrowed(value, &at),
            "product_identification_helper" => full.identifiers = identifiers(taker, value, &at),
            _ => {}
        }
    }
    full
}

/// A product from the way to it, innermost branch first: of two branches of one category the
/// inner one says more.
fn described(full: FullName<'_>, branch: Option<&Branch<'_>>) -> Product {
    let mut product = Product::default();
    let mut name = None;
    let mut version: Option<&Branch<'_>> = None;
    let (mut pack, mut patch) = (None, None);
    for step in std::iter::successors(branch, |branch| branch.above) {
        let text = step.name;
        match step.category {
            "vendor" if product.vendor.is_none() => product.vendor = Some(text.into()),
            "product_name" if name.is_none() => name = Some(text),
            "product_version" | "product_version_range" => version = version.or(Some(step)),
            "service_pack" => pack = pack.or(Some(text)),
            "patch_level" => patch = patch.or(Some(text)),
            other => product.details.extend(detail(other).map(|kind| (kind, text.into()))),
        }
    }
    let named = full.identifiers.is_empty() && name.is_some() && version.is_some();
    if named && !full.name.is_empty() && repeats(&full.name, branch) != Some(true) {
        product.details.push(("full_name", full.name.clone()));
    }
    product.name = name.map_or(full.name, Text::from);
    full.identifiers.give_to(&mut product);
    let text = version.filter(|branch| branch.category == "product_version").map(|b| b.name);
    if let Some((text, version)) = text.and_then(|text| Some((text, version_in(&product, text)?))) {
        product.versions = vec![Versions::One(version)];
        product.details.push(("product_version", text.into()));
    } else {
        product.versions = version_of(version, [pack, patch]);
    }
    product
}

/// Whether a full name is put together from the names of the branches, as most are; `None` without
/// branches.
fn repeats(full: &str, branch: Option<&Branch<'_>>) -> Option<bool> {
    let mut names: Vec<&str> =
        std::iter::successors(branch, |branch| branch.above).map(|step| step.name).collect();
    names.reverse();
    let letters = |text: &str| -> String { text.split_whitespace().collect() };
    let whole = letters(&names.concat());
    (!names.is_empty()).then(|| whole.ends_with(&letters(full)))
}

/// Distributions name a version with its package, `kernel-0:4.18.0-513.el8.x86_64`, and give the
/// version alone in the purl. The branch's own text is then kept as a detail.
fn version_in(product: &Product, text: &str) -> Option<Text> {
    let purl = product.purls.first()?;
    let version = purl.version.as_deref().filter(|version| *version != text)?;
    if !holds(text, version) {
        return None;
    }
    let epoch = purl.qualifiers.iter().find(|(key, value)| key == "epoch" && value != "0");
    Some(epoch.map_or_else(|| version.into(), |(_, e)| format!("{e}:{version}").into()))
}

/// Whether a text holds another one. Those of real documents are so short that preparing a search
/// costs more than to compare them at each place.
fn holds(text: &str, part: &str) -> bool {
    const SHORT: usize = 256;
    let (text, part) = (text.as_bytes(), part.as_bytes());
    if text.len() > SHORT || part.is_empty() {
        return memmem::find(text, part).is_some();
    }
    text.windows(part.len()).any(|window| window == part)
}

/// The versions of a branch; a service pack or a patch level belongs to the version's text.
fn version_of(branch: Option<&Branch<'_>>, levels: [Option<&str>; 2]) -> Vec<Versions> {
    let levels = levels.into_iter().flatten();
    match branch {
        Some(branch) if levels.clone().next().is_some() => {
            let parts: Vec<&str> = std::iter::once(branch.name).chain(levels).collect();
            versions::range(&parts.join(" "))
        }
        Some(branch) if branch.category == "product_version" => versions::version(branch.name),
        Some(branch) => versions::range(branch.name),
        None => levels.map(|level| Versions::Text(level.into())).collect(),
    }
}

/// The categories of branches (section 3.1.2.2) that narrow a product without being its name or
/// version; an outer `product_name` is one of them.
fn detail(category: &str) -> Option<&'static str> {
    const CATEGORIES: [&str; 8] = [
        "product_family",
        "architecture",
        "host_name",
        "language",
        "legacy",
        "specification",
        "platform",
        "product_name",
    ];
    CATEGORIES.into_iter().find(|known| *known == category)
}

fn identifiers(taker: &mut Taker, value: Value<'_>, path: &Path<'_>) -> Identifiers {
    let mut found = Identifiers::default();
    for (key, value) in taker.members(value, path) {
        let at = path.field(&key);
        match key.as_ref() {
            "cpe" => found.cpes.extend(read_cpe(taker, value, &at)),
            "purl" => {
                found.purls.reserve_exact(1);
                found.purls.extend(read_purl(taker, value, &at));
            }
            "purls" => {
                let items = taker.items(value, &at).enumerate();
                found.purls.extend(items.filter_map(|(i, v)| read_purl(taker, v, &at.index(i))));
            }
            "model_numbers" | "skus" => found.models.extend(taker.texts(value, &at)),
            "serial_numbers" => add(&mut found, "serial_number", taker.texts(value, &at)),
            "sbom_urls" => add(&mut found, "sbom_url", taker.texts(value, &at)),
            "hashes" => add(&mut found, "hash", hashes(taker, value, &at)),
            "x_generic_uris" => {
                add(&mut found, "uri", pairs(taker, value, &at, ["namespace", "uri"]));
            }
            _ => {}
        }
    }
    found
}

fn add(found: &mut Identifiers, kind: &'static str, texts: Vec<Text>) {
    found.details.extend(texts.into_iter().map(|text| (kind, text)));
}

/// Hashes of files as `algorithm value`.
fn hashes(taker: &mut Taker, list: Value<'_>, path: &Path<'_>) -> Vec<Text> {
    let mut texts = Vec::new();
    for (i, group) in taker.items(list, path).enumerate() {
        let group_path = path.index(i);
        for (key, files) in taker.members(group, &group_path) {
            if key == "file_hashes" {
                let at = group_path.field("file_hashes");
                texts.extend(pairs(taker, files, &at, ["algorithm", "value"]));
            }
        }
    }
    texts
}

/// Two members of each object of a list, joined by a blank.
fn pairs(taker: &mut Taker, list: Value<'_>, path: &Path<'_>, names: [&str; 2]) -> Vec<Text> {
    let mut texts = Vec::new();
    for (i, item) in taker.items(list, path).enumerate() {
        let at = path.index(i);
        let mut parts = [None, None];
        for (key, value) in taker.members(item, &at) {
            for (name, part) in names.iter().zip(&mut parts) {
                if key == *name {
                    *part = taker.borrowed(value, &at.field(name));
                }
            }
        }
        if let [Some(first), Some(second)] = parts {
            texts.push(format!("{first} {second}").into());
        }
    }
    texts
}
