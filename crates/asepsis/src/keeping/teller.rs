//! What is new against the judgement before, noted beside the row that shows it.
//!
//! Refuses to tell of a first judgement: what is new against nothing is no news.

use presentation::alerts::Fact;
use presentation::listed;
use store::database::Transaction;
use store::judgements::{self, Change};
use store::{Put, StoreError, alerts, devices, vulnerabilities};

/// The decision that asks to act.
const ACT: i64 = 4;

/// Who notes changes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Teller {
    /// When the judgement began, in milliseconds since 1970.
    pub(super) begun_ms: i64,
    /// Whether changes are told.
    pub(super) tells: bool,
}

impl Teller {
    /// Tells what became of a device.
    pub(super) fn device(
        &self,
        transaction: &mut Transaction<'_>,
        device: &devices::Device,
        put: &Put,
    ) -> Result<(), StoreError> {
        match put {
            Put::Same => Ok(()),
            Put::New => self.tell(transaction, "device.new", &device.id, "", ""),
            Put::Changed { decision, version } => {
                if *decision != device.decision {
                    let (before, after) =
                        (listed::decision_name(*decision), listed::decision_name(device.decision));
                    self.tell(transaction, "device.decision", &device.id, before, after)?;
                }
                if *version != device.version {
                    let after = &device.version;
                    self.tell(transaction, "device.version", &device.id, version, after)?;
                }
                Ok(())
            }
        }
    }

    /// Tells one change.
    pub(super) fn tell(
        &self,
        transaction: &mut Transaction<'_>,
        kind: &str,
        subject: &str,
        before: &str,
        after: &str,
    ) -> Result<(), StoreError> {
        if !self.tells {
            return Ok(());
        }
        let change = Change {
            at_ms: self.begun_ms,
            kind: kind.to_owned(),
            subject: subject.to_owned(),
            before: before.to_owned(),
            after: after.to_owned(),
        };
        judgements::note(transaction, &change)
    }

    /// Puts a vulnerability, and tells of it where it is new, or asks to act and did not before.
    pub(super) fn put(
        &self,
        transaction: &mut Transaction<'_>,
        row: &vulnerabilities::Vulnerability,
        also: &str,
    ) -> Result<(), StoreError> {
        let asks = self.tells
            && row.decision == ACT
            && vulnerabilities::decision(transaction, &row.id)? != Some(ACT);
        if asks {
            alerts::put(transaction, &Fact::act(row, self.begun_ms))?;
        }
        if vulnerabilities::put(transaction, row, also)? {
            let after = row.devices.to_string();
            self.tell(transaction, "vulnerability.new", &row.id, "", &after)?;
        }
        Ok(())
    }
}
