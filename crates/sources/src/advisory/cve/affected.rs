//! The `affected` list of a container: products, and which of their versions have the flaw.
//!
//! The record format decides a version by the first entry of `versions` that holds it, and by
//! `defaultStatus` where none does. So an entry becomes one statement, in the order given (those of
//! one status in a row share one), all with the place of their product, and then:
//!
//! | `defaultStatus` | with entries | without entries |
//! |---|---|---|
//! | `affected` | last, *affected*, all versions | *affected*, all versions |
//! | `unaffected` | nothing more: no statement is none | *not affected*, all versions |
//! | `unknown`, none | nothing more | *under investigation*, versions not said |
//!
//! Of `changes` each stretch between two of them becomes a statement with its own status.
//! Refuses to hold that a version which no entry names is affected because its status is unknown.

use std::sync::Arc;

use domain::advisory::{Affected, Product, Status, Target, Versions};
use domain::location::Location;
use domain::problem::{Code, Loss};
use domain::text::Text;

use crate::advisory::identifiers::{read_cpe, read_purl};
use crate::json::{Path, Taker, Value};

use super::packages::{Found, Named};
use super::versions;

/// The statements of an `affected` list.
pub(super) fn statements(taker: &mut Taker, list: Value<'_>, path: &Path<'_>) -> Vec<Affected> {
    let mut statements = Vec::new();
    for (i, item) in taker.items(list, path).enumerate() {
        product(taker, &mut statements, item, &path.index(i));
    }
    statements
}

fn product(taker: &mut Taker, statements: &mut Vec<Affected>, value: Value<'_>, path: &Path<'_>) {
    let mut product = Product::default();
    let mut named = Named::default();
    let mut default = None;
    let mut entries: Vec<(Status, Vec<Versions>)> = Vec::new();
    let mut is_named = false;
    for (key, member) in taker.members(value, path) {
        let at = path.field(&key);
        is_named |= matches!(key.as_ref(), "vendor" | "product" | "packageName" | "packageURL");
        match key.as_ref() {
            "vendor" => product.vendor = taker.text(member, &at).filter(|text| is_said(text)),
            "product" => named.product = taker.text(member, &at).filter(|text| is_said(text)),
            "packageName" => named.package = taker.filled(member, &at),
            "collectionURL" => named.collection = taker.borrowed(member, &at),
            "packageURL" => product.purls.extend(read_purl(taker, member, &at)),
            "repo" => named.repository = taker.borrowed(member, &at),
            "cpes" => {
                let names = taker.items(member, &at).enumerate();
                product.cpes.extend(names.filter_map(|(i, v)| read_cpe(taker, v, &at.index(i))));
            }
            "platforms" => add(&mut product, "platform", taker.texts(member, &at)),
            "modules" => add(&mut product, "module", taker.texts(member, &at)),
            "defaultStatus" => default = versions::status(taker, member, &at),
            "versions" => (entries, named.in_versions) = versions::entries(taker, member, &at),
            _ => {}
        }
    }
    if !is_named {
        let lost = (Code::RecordMissingField, Loss::Field);
        taker.tell(lost, value, path, "a vendor and a product");
    }
    if named.is_nothing() && !is_identified(&product) {
        return;
    }
    let found = named.found(&product, &entries);
    if let Some(repository) = &named.repository {
        product.details.push(("repository", repository.as_ref().into()));
    }
    let at = value.at(path);
    let mut state = |mut product: Product, (status, versions)| {
        put(&mut product, &named, &found, versions);
        statements.push(statement(status, product.into(), at.clone()));
    };
    let mut entries = with_default(entries, default);
    let last = entries.pop();
    for entry in entries {
        state(product.clone(), entry);
    }
    if let Some(last) = last {
        state(product, last);
    }
}

/// Whether something besides a name says which product it is. Old records have `n/a` everywhere.
fn is_identified(product: &Product) -> bool {
    product.vendor.is_some() || !product.cpes.is_empty() || !product.purls.is_empty()
}

fn statement(status: Status, target: Target, at: Location) -> Affected {
    Affected { status, justification: None, target, at }
}

/// Fields that a form made their author fill: `n/a` says nothing.
fn is_said(text: &str) -> bool {
    let text = text.trim();
    !(text.is_empty() || text.eq_ignore_ascii_case("n/a") || text == "-" || text == "unspecified")
}

fn add(product: &mut Product, kind: &'static str, texts: Vec<Text>) {
    product.details.extend(texts.into_iter().map(|text| (kind, text)));
}

/// Adds the default to the entries, as the table above says.
fn with_default(
    mut entries: Vec<(Status, Vec<Versions>)>,
    default: Option<Status>,
) -> Vec<(Status, Vec<Versions>)> {
    match (default, entries.is_empty()) {
        (Some(Status::Affected), _) => entries.push((Status::Affected, vec![Versions::All])),
        (Some(Status::NotAffected), true) => {
            entries.push((Status::NotAffected, vec![Versions::All]));
        }
        (_, true) => entries.push((Status::UnderInvestigation, Vec::new())),
        (_, false) => {}
    }
    entries
}

/// Names the product and gives it its versions. A package of a registry is identified by its purl;
/// a package of a distribution is a component of the product, and the versions are then the
/// package's.
fn put(product: &mut Product, named: &Named<'_>, found: &Found, versions: Vec<Versions>) {
    let package = named.package.as_deref();
    let name = named.product.as_deref().or(package).unwrap_or_default();
    product.name = name.into();
    product.versions = versions;
    match found {
        Found::Packages(purls) => product.purls.extend(purls.iter().cloned()),
        Found::Part(name, purls) => {
            let versions = std::mem::replace(&mut product.versions, vec![Versions::All]);
            let (name, purls) = (name.clone(), purls.clone());
            product.component =
                Some(Arc::new(Product { name, versions, purls, ..Product::default() }));
        }
        Found::Nothing => {
            product.details.extend(package.map(|package| ("package", package.into())));
        }
    }
}
