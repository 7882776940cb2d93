//! Who speaks to which service of whom, and what for, as an agent has seen it.
//!
//! Summed up by path, kept up to a time after which it is forgotten; lost, it is learned again.
//! Refuses to say what is allowed: `decisions` knows what care needs.

use crate::StoreError;
use crate::audit::number;
use crate::database::{Query, Row, Transaction, Value};

const READ: &str = "read who speaks with whom";
const WRITE: &str = "write who speaks with whom";

/// Most flows that are read at once.
pub const PAGE: usize = 5_000;
/// How much later a flow has to be seen again before that is written, in milliseconds: a minute.
/// Else each packet of a ward would be a row that changes.
pub const COARSE_MS: i64 = 60_000;

const COLUMNS: &str = "select client, server, service, client_device, server_device, role, rule, \
     application, rhythm_ms, sessions, answered, bytes, first_ms, last_ms from flow where true";

/// A path between two ends. Times are in milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Flow {
    /// Who begins: an address.
    pub client: String,
    /// Who is spoken to: an address.
    pub server: String,
    /// On what: a transport and a port, `tcp/6000`.
    pub service: String,
    /// The device that begins, by id; empty where none is known.
    pub client_device: String,
    /// The device that is spoken to; empty where none is known.
    pub server_device: String,
    /// What care loses when it is cut, as `domain::care::CareRole` writes it.
    pub role: String,
    /// The rule that says so: `role.hl7-alarm`.
    pub rule: String,
    /// The protocol, by content; empty where it is not known.
    pub application: String,
    /// How often it is walked, where that is regular, in milliseconds.
    pub rhythm_ms: Option<i64>,
    /// Sessions that were begun since the agent watches.
    pub sessions: i64,
    /// How many of them were answered.
    pub answered: i64,
    /// Bytes both ways since the agent watches.
    pub bytes: i64,
    /// When it was first seen.
    pub first_ms: i64,
    /// When it was last seen.
    pub last_ms: i64,
}

impl Flow {
    /// The other end of a device's flow: its device if that is known, and its address.
    #[must_use]
    pub fn peer(&self, device: &str) -> (&str, &str) {
        if self.client_device == device {
            (&self.server_device, &self.server)
        } else {
            (&self.client_device, &self.client)
        }
    }

    /// Whether that device is the one that begins.
    #[must_use]
    pub fn begins_at(&self, device: &str) -> bool {
        self.client_device == device
    }
}

/// Takes a flow as it is now; whether that was written. It is not where nothing but the time
/// changed, and that by less than [`COARSE_MS`].
pub fn put(transaction: &mut Transaction<'_>, flow: &Flow) -> Result<bool, StoreError> {
    const PUT: &str = "insert into flow (client, server, service, client_device, server_device, \
         role, rule, application, rhythm_ms, sessions, answered, bytes, first_ms, last_ms) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) \
         on conflict (client, server, service) do update set \
         client_device = excluded.client_device, server_device = excluded.server_device, \
         role = excluded.role, rule = excluded.rule, application = excluded.application, \
         rhythm_ms = coalesce(excluded.rhythm_ms, flow.rhythm_ms), \
         sessions = excluded.sessions, answered = excluded.answered, bytes = excluded.bytes, \
         first_ms = case when excluded.first_ms < flow.first_ms then excluded.first_ms \
         else flow.first_ms end, \
         last_ms = case when excluded.last_ms > flow.last_ms then excluded.last_ms \
         else flow.last_ms end \
         where excluded.last_ms - flow.last_ms >= ?15 \
         or excluded.client_device <> flow.client_device \
         or excluded.server_device <> flow.server_device \
         or excluded.role <> flow.role or excluded.rule <> flow.rule \
         or excluded.application <> flow.application";
    let values: [Value<'_>; 15] = [
        flow.client.as_str().into(),
        flow.server.as_str().into(),
        flow.service.as_str().into(),
        flow.client_device.as_str().into(),
        flow.server_device.as_str().into(),
        flow.role.as_str().into(),
        flow.rule.as_str().into(),
        flow.application.as_str().into(),
        flow.rhythm_ms.into(),
        flow.sessions.into(),
        flow.answered.into(),
        flow.bytes.into(),
        flow.first_ms.into(),
        flow.last_ms.into(),
        COARSE_MS.into(),
    ];
    Ok(transaction.execute(WRITE, PUT, &values)? > 0)
}

/// The flows of a device at either end, those seen last first; at most so many.
pub fn of(
    transaction: &mut Transaction<'_>,
    device: &str,
    most: usize,
) -> Result<Vec<Flow>, StoreError> {
    let mut query = Query::default();
    query.put(COLUMNS, []);
    query.put(
        " and (client_device = ? or server_device = ?) \
         order by last_ms desc, client, server, service limit ?",
        [device.into(), device.into(), limit(most)],
    );
    transaction.select(READ, &query, flow)
}

/// All flows that were seen since a time, by client, server and service, from the one after `after`
/// on; at most so many.
pub fn page(
    transaction: &mut Transaction<'_>,
    since_ms: i64,
    after: Option<&Flow>,
    most: usize,
) -> Result<Vec<Flow>, StoreError> {
    let mut query = Query::default();
    query.put(COLUMNS, []);
    query.put(" and last_ms >= ?", [since_ms.into()]);
    if let Some(last) = after {
        query.put(
            " and (client, server, service) > (?, ?, ?)",
            [&last.client, &last.server, &last.service].map(|text| text.as_str().into()),
        );
    }
    query.put(" order by client, server, service limit ?", [limit(most)]);
    transaction.select(READ, &query, flow)
}

fn limit(most: usize) -> Value<'static> {
    i64::try_from(most.min(PAGE)).unwrap_or(i64::MAX).into()
}

fn flow(row: &Row<'_>) -> Result<Flow, StoreError> {
    let text = |column| Ok::<_, StoreError>(row.text(column)?.unwrap_or_default());
    Ok(Flow {
        client: text(0)?,
        server: text(1)?,
        service: text(2)?,
        client_device: text(3)?,
        server_device: text(4)?,
        role: text(5)?,
        rule: text(6)?,
        application: text(7)?,
        rhythm_ms: row.integer(8)?,
        sessions: number(row, 9)?,
        answered: number(row, 10)?,
        bytes: number(row, 11)?,
        first_ms: number(row, 12)?,
        last_ms: number(row, 13)?,
    })
}
