//! A view: every release, what it is made of, and what is known against it.
//!
//! Refuses to judge: verdicts come as they are.

use crate::StoreError;
use crate::database::{Query, Row, Transaction, Value};
use crate::print::print;
use crate::words;

/// Most rows of one page.
pub const PAGE: usize = 500;

/// A release, as it is listed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Release {
    /// Stands for its manufacturer, model and version, in addresses.
    pub id: String,
    /// Who makes it; empty where that is unknown.
    pub manufacturer: String,
    /// Its model.
    pub model: String,
    /// Its version; empty where that is unknown.
    pub version: String,
    /// How many devices run it.
    pub units: i64,
    /// How many components its SBOMs list.
    pub components: i64,
    /// Findings by verdict: affected, undecided, fixed, not affected.
    pub verdicts: [i64; 4],
    /// The gravest decision among its devices, from 0 (nothing known against them) to 4 (act).
    pub decision: i64,
    /// All else, as one JSON object.
    pub rest: String,
}

/// What is known of a release, by one vulnerability and one subject.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Finding {
    /// Whether it is about the release itself (0), its operating system (1) or a component (2).
    pub part: i64,
    /// Which vulnerability.
    pub vulnerability: String,
    /// `affected`, `undecided`, `fixed` or `not_affected`.
    pub verdict: String,
    /// `exact`, `strong` or `weak`.
    pub certainty: String,
    /// What has it: the release itself, its operating system, a component.
    pub subject: String,
    /// Why, as a JSON array.
    pub reasons: String,
    /// Up to and with which day its risk is accepted, as YYYY-MM-DD; empty where it is not.
    pub accepted: String,
}

/// A part of a release.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Component {
    /// Its name.
    pub name: String,
    /// Its version; empty where none is told.
    pub version: String,
    /// All else, as one JSON object.
    pub rest: String,
}

/// Puts a release with all that is known of it in the place of what stood there, unless it is that;
/// whether it is not.
pub fn put(
    transaction: &mut Transaction<'_>,
    release: &Release,
    findings: &[Finding],
    components: &[Component],
) -> Result<bool, StoreError> {
    const WHAT: &str = "write the releases";
    const KNOWN: &str = "select print from release where id = ?1";
    const REMOVE: &str = "delete from release where id = ?1";
    const RELEASE: &str = "insert into release (id, manufacturer, model, version, units, components, \
         affected, undecided, fixed, not_affected, decision, found_by, rest, print) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
    const FINDING: &str = "insert into finding (release, place, vulnerability, verdict, certainty, \
         subject, reasons, part, accepted) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    const COMPONENT: &str = "insert into component (release, place, name, version, found_by, rest) \
         values (?1, ?2, ?3, ?4, ?5, ?6)";
    let found_by = words::line(&[&release.manufacturer, &release.model, &release.version]);
    let mut values = release.values(&found_by);
    let print = print(&everything(&values, findings, components), "");
    let id = Value::from(release.id.as_str());
    let known = transaction.one(WHAT, KNOWN, &[id], |row| row.text(0))?.flatten();
    if known.as_deref() == Some(&*print) {
        return Ok(false);
    }
    transaction.execute(WHAT, REMOVE, &[id])?;
    values.push(print.as_str().into());
    transaction.execute(WHAT, RELEASE, &values)?;
    for (place, finding) in (0_i64..).zip(findings) {
        let values = [&[id, place.into()][..], &finding.values()].concat();
        transaction.execute(WHAT, FINDING, &values)?;
    }
    for (place, component) in (0_i64..).zip(components) {
        let found_by = words::beginning(&format!("{} {}", component.name, component.version));
        let [name, version, rest] = component.values();
        let values = [id, place.into(), name, version, found_by.as_str().into(), rest];
        transaction.execute(WHAT, COMPONENT, &values)?;
    }
    Ok(true)
}

fn everything<'v>(
    release: &[Value<'v>],
    findings: &'v [Finding],
    components: &'v [Component],
) -> Vec<Value<'v>> {
    let mut values = release.to_vec();
    values.extend(findings.iter().flat_map(Finding::values));
    values.extend(components.iter().flat_map(Component::values));
    values
}

impl Release {
    fn values<'v>(&'v self, found_by: &'v str) -> Vec<Value<'v>> {
        let texts = [&self.id, &self.manufacturer, &self.model, &self.version];
        let mut values: Vec<Value<'v>> = texts.map(|text| text.as_str().into()).to_vec();
        values.extend([self.units, self.components].map(Value::from));
        values.extend(self.verdicts.map(Value::from));
        values.extend([Value::from(self.decision), found_by.into(), self.rest.as_str().into()]);
        values
    }
}

impl Finding {
    fn values(&self) -> [Value<'_>; 7] {
        [
            self.vulnerability.as_str().into(),
            self.verdict.as_str().into(),
            self.certainty.as_str().into(),
            self.subject.as_str().into(),
            self.reasons.as_str().into(),
            self.part.into(),
            self.accepted.as_str().into(),
        ]
    }
}

impl Component {
    fn values(&self) -> [Value<'_>; 3] {
        [&self.name, &self.version, &self.rest].map(|text| text.as_str().into())
    }
}

/// Takes a release out of the view.
pub fn remove(transaction: &mut Transaction<'_>, id: &str) -> Result<(), StoreError> {
    let sql = "delete from release where id = ?1";
    transaction.execute("write the releases", sql, &[id.into()]).map(|_| ())
}

/// The ids of all releases.
pub fn ids(transaction: &mut Transaction<'_>) -> Result<Vec<String>, StoreError> {
    let ids = transaction.all("list releases", "select id from release", &[], |row| row.text(0))?;
    Ok(ids.into_iter().flatten().collect())
}

const COLUMNS: &str = "select id, manufacturer, model, version, units, components, affected, \
     undecided, fixed, not_affected, decision, rest from release where true";

/// A page of the releases whose words begin with those of a search, by manufacturer and model, from
/// the one after `after` on.
pub fn page(
    transaction: &mut Transaction<'_>,
    search: &str,
    after: Option<&Release>,
    size: usize,
) -> Result<Vec<Release>, StoreError> {
    let patterns = words::patterns(search);
    let mut query = Query::default();
    query.put(COLUMNS, []);
    for pattern in &patterns {
        query.put(" and found_by like ? escape '~'", [pattern.as_str().into()]);
    }
    if let Some(last) = after {
        query.put(
            " and (manufacturer, model, version, id) > (?, ?, ?, ?)",
            [&last.manufacturer, &last.model, &last.version, &last.id]
                .map(|text| text.as_str().into()),
        );
    }
    query.put(
        " order by manufacturer, model, version, id limit ?",
        [i64::try_from(size.min(PAGE)).unwrap_or(i64::MAX).into()],
    );
    transaction.select("list releases", &query, release)
}

/// One release.
pub fn one(transaction: &mut Transaction<'_>, id: &str) -> Result<Option<Release>, StoreError> {
    let mut query = Query::default();
    query.put(COLUMNS, []);
    query.put(" and id = ?", [id.into()]);
    Ok(transaction.select("read a release", &query, release)?.pop())
}

/// The findings of a release, at most so many, each with its place.
pub fn findings(
    transaction: &mut Transaction<'_>,
    id: &str,
    most: usize,
) -> Result<Vec<(i64, Finding)>, StoreError> {
    const FINDINGS: &str = "select place, vulnerability, verdict, certainty, subject, reasons, \
         part, accepted from finding where release = ?1 \
         order by case verdict when 'affected' then 0 when 'undecided' then 1 when 'fixed' then 2 \
         else 3 end, place limit ?2";
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    transaction.all("list findings", FINDINGS, &[id.into(), most.into()], |row| {
        Ok((row.integer(0)?.unwrap_or_default(), finding(row)?))
    })
}

/// The findings of a release from a place on, in the order in which they were judged; of one
/// verdict, where one is named.
pub fn findings_from(
    transaction: &mut Transaction<'_>,
    id: &str,
    verdict: Option<&str>,
    from: i64,
    most: usize,
) -> Result<Vec<(i64, Finding)>, StoreError> {
    let mut query = Query::default();
    query.put(
        "select place, vulnerability, verdict, certainty, subject, reasons, part, accepted from finding \
         where release = ? and place >= ?",
        [id.into(), from.into()],
    );
    if let Some(verdict) = verdict {
        query.put(" and verdict = ?", [verdict.into()]);
    }
    let most = i64::try_from(most.min(PAGE)).unwrap_or(i64::MAX);
    query.put(" order by place limit ?", [most.into()]);
    transaction.select("list findings", &query, |row| {
        Ok((row.integer(0)?.unwrap_or_default(), finding(row)?))
    })
}

/// One finding of a release, by its place.
pub fn finding_at(
    transaction: &mut Transaction<'_>,
    id: &str,
    place: i64,
) -> Result<Option<Finding>, StoreError> {
    const FINDING: &str = "select place, vulnerability, verdict, certainty, subject, reasons, \
         part, accepted from finding where release = ?1 and place = ?2";
    transaction.one("read a finding", FINDING, &[id.into(), place.into()], finding)
}

/// The findings of a release about one vulnerability.
pub fn findings_about(
    transaction: &mut Transaction<'_>,
    id: &str,
    vulnerability: &str,
) -> Result<Vec<Finding>, StoreError> {
    const FINDINGS: &str = "select place, vulnerability, verdict, certainty, subject, reasons \
         from finding where vulnerability = ?1 and release = ?2 order by place";
    transaction.all("list findings", FINDINGS, &[vulnerability.into(), id.into()], finding)
}

/// The component of a release that is called so, with its version where it has one.
pub fn component_called(
    transaction: &mut Transaction<'_>,
    id: &str,
    label: &str,
) -> Result<Option<Component>, StoreError> {
    const COMPONENT: &str = "select name, version, rest from component where release = ?1 \
         and (case version when '' then name else name || ' ' || version end) = ?2 \
         order by place limit 1";
    transaction.one("list components", COMPONENT, &[id.into(), label.into()], |row| {
        let text = |column| Ok::<_, StoreError>(row.text(column)?.unwrap_or_default());
        Ok(Component { name: text(0)?, version: text(1)?, rest: text(2)? })
    })
}

/// The releases of which something is known about a vulnerability, each with what.
pub fn of_vulnerability(
    transaction: &mut Transaction<'_>,
    vulnerability: &str,
    most: usize,
) -> Result<Vec<(Release, Finding)>, StoreError> {
    const RELEASES: &str = "select release.id, manufacturer, model, version, units, components, \
         affected, undecided, fixed, not_affected, decision, rest, \
         vulnerability, verdict, certainty, subject, reasons, part, accepted \
         from finding join release on release.id = finding.release where vulnerability = ?1 \
         order by case verdict when 'affected' then 0 when 'undecided' then 1 when 'fixed' then 2 \
         else 3 end, decision desc, units desc, release.id, place limit ?2";
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    transaction.all("list findings", RELEASES, &[vulnerability.into(), most.into()], |row| {
        Ok((release(row)?, finding_from(row, 12)?))
    })
}

/// All that is known of a release, in its order.
pub fn all_findings(
    transaction: &mut Transaction<'_>,
    id: &str,
) -> Result<Vec<Finding>, StoreError> {
    let sql = "select place, vulnerability, verdict, certainty, subject, reasons, part, accepted \
               from finding where release = ?1 order by place";
    transaction.all("list findings", sql, &[id.into()], finding)
}

/// All components of a release, in their order.
pub fn all_components(
    transaction: &mut Transaction<'_>,
    id: &str,
) -> Result<Vec<Component>, StoreError> {
    let sql = "select name, version, rest from component where release = ?1 order by place";
    transaction.all("list components", sql, &[id.into()], |row| {
        let text = |column| Ok::<_, StoreError>(row.text(column)?.unwrap_or_default());
        Ok(Component { name: text(0)?, version: text(1)?, rest: text(2)? })
    })
}

/// The ids of the releases of which something is known about a vulnerability.
pub fn named_with(
    transaction: &mut Transaction<'_>,
    vulnerability: &str,
) -> Result<Vec<String>, StoreError> {
    let sql = "select distinct release from finding where vulnerability = ?1";
    let ids = transaction.all("list findings", sql, &[vulnerability.into()], |row| row.text(0))?;
    Ok(ids.into_iter().flatten().collect())
}

/// How many findings there are by verdict, over all releases: affected, undecided, fixed, not
/// affected.
pub fn verdicts(transaction: &mut Transaction<'_>) -> Result<[i64; 4], StoreError> {
    let sql = "select cast(sum(affected) as bigint), cast(sum(undecided) as bigint), \
               cast(sum(fixed) as bigint), cast(sum(not_affected) as bigint) from release";
    let counts = transaction.one("count findings", sql, &[], |row| {
        let number = |column| Ok::<_, StoreError>(row.integer(column)?.unwrap_or_default());
        Ok([number(0)?, number(1)?, number(2)?, number(3)?])
    })?;
    Ok(counts.unwrap_or_default())
}

/// The components of a release, from a place on.
pub fn components(
    transaction: &mut Transaction<'_>,
    id: &str,
    from: i64,
    most: usize,
) -> Result<Vec<(i64, Component)>, StoreError> {
    const COMPONENTS: &str = "select place, name, version, rest from component \
         where release = ?1 and place >= ?2 order by place limit ?3";
    let most = i64::try_from(most.min(PAGE)).unwrap_or(i64::MAX);
    transaction.all("list components", COMPONENTS, &[id.into(), from.into(), most.into()], |row| {
        let component = Component {
            name: row.text(1)?.unwrap_or_default(),
            version: row.text(2)?.unwrap_or_default(),
            rest: row.text(3)?.unwrap_or_default(),
        };
        Ok((row.integer(0)?.unwrap_or_default(), component))
    })
}

/// The releases that have a component whose name and version begin so, each with the component.
pub fn with_component(
    transaction: &mut Transaction<'_>,
    search: &str,
    most: usize,
) -> Result<Vec<(Release, Component)>, StoreError> {
    const RELEASES: &str = "select release.id, manufacturer, model, release.version, units, \
         components, affected, undecided, fixed, not_affected, decision, release.rest, \
         component.name, component.version, component.rest \
         from component join release on release.id = component.release \
         where component.found_by >= ?1 and component.found_by < ?2 \
         order by component.found_by, release.id limit ?3";
    let from = words::beginning(search);
    if from.is_empty() {
        return Ok(Vec::new());
    }
    let to = words::end(&from);
    let most = i64::try_from(most.min(PAGE)).unwrap_or(i64::MAX);
    let values = [from.as_str().into(), to.as_str().into(), most.into()];
    transaction.all("search components", RELEASES, &values, |row| {
        let text = |column| Ok::<_, StoreError>(row.text(column)?.unwrap_or_default());
        let component = Component { name: text(12)?, version: text(13)?, rest: text(14)? };
        Ok((release(row)?, component))
    })
}

fn release(row: &Row<'_>) -> Result<Release, StoreError> {
    let text = |column| Ok::<_, StoreError>(row.text(column)?.unwrap_or_default());
    let number = |column| Ok::<_, StoreError>(row.integer(column)?.unwrap_or_default());
    Ok(Release {
        id: text(0)?,
        manufacturer: text(1)?,
        model: text(2)?,
        version: text(3)?,
        units: number(4)?,
        components: number(5)?,
        verdicts: [number(6)?, number(7)?, number(8)?, number(9)?],
        decision: number(10)?,
        rest: text(11)?,
    })
}

fn finding(row: &Row<'_>) -> Result<Finding, StoreError> {
    finding_from(row, 1)
}

fn finding_from(row: &Row<'_>, first: usize) -> Result<Finding, StoreError> {
    let text = |column| Ok::<_, StoreError>(row.text(first + column)?.unwrap_or_default());
    Ok(Finding {
        vulnerability: text(0)?,
        verdict: text(1)?,
        certainty: text(2)?,
        subject: text(3)?,
        reasons: text(4)?,
        part: row.integer(first + 5)?.unwrap_or_default(),
        accepted: text(6)?,
    })
}
