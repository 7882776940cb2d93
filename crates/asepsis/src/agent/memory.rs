//! What the agent knew of devices when it last ran: by what they are on the network, and what they
//! usually do, and who is suspected.
//!
//! Refuses to be ground: it is made of what was seen, and a lost memory costs time, not truth.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use decisions::containment::essential::Peer;
use decisions::threat::{Call, Unit, Usual};
use domain::device::{Device, DeviceId, MacAddress};
use domain::network::Moment;
use domain::order::{Interface, Side};
use domain::text::Text;
use enforcement::written::{WrittenFlow, WrittenInterface};
use serde::{Deserialize, Serialize};

use super::suspicion::{Suspicions, Written};
use crate::planning::Surroundings;

/// Most devices remembered.
const DEVICES: usize = 200_000;
/// How long was watched before what devices do is a baseline, in microseconds: a day.
const LEARNED: i64 = 24 * 3_600_000_000;
/// Most flows remembered of one device; the eldest are the most usual.
const FLOWS: usize = 2_000;

/// What was known, by device.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    path: PathBuf,
    pub(crate) devices: BTreeMap<DeviceId, Surroundings>,
    pub(super) suspicions: Suspicions,
}

/// A line of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    device: String,
    interfaces: Vec<WrittenInterface>,
    flows: Vec<Known>,
    routers: BTreeMap<IpAddr, IpAddr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    suspected: Option<Written>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Known {
    first: i64,
    flow: WrittenFlow,
}

impl Memory {
    /// Opens a memory; an empty one where none is there.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let mut memory = Self { path: path.to_owned(), ..Self::default() };
        let file = match fs::File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(memory),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read `{}`", path.display()));
            }
        };
        for (number, line) in (1..).zip(BufReader::new(file).lines()) {
            let line = line.with_context(|| format!("cannot read `{}`", path.display()))?;
            let Some((device, around, suspected)) = read(&line) else {
                bail!(
                    "line {number} of `{}` is no device\n\nhint: move the file away; what it holds is learned again from traffic",
                    path.display()
                );
            };
            if let Some(suspected) = suspected {
                memory.suspicions.restore(device.clone(), suspected);
            }
            // One of which nothing else was known is there for the suspicion alone.
            if !around.interfaces.is_empty() {
                memory.devices.insert(device, around);
            }
        }
        Ok(memory)
    }

    /// What devices usually call, by what was usual at that moment; nothing while we have watched
    /// for less than a day, for what comes once a day would stand out. The inventory is known
    /// from the beginning.
    pub(crate) fn usual(&self, rows: &[Device], until: Moment) -> Usual {
        let model =
            |row: &Device| row.release().map(|key| format!("{} {}", key.manufacturer, key.model));
        let known = rows.iter().map(|row| Unit {
            interfaces: row.macs.iter().map(|mac| interface(*mac)).collect(),
            others: row.ips.to_vec(),
            model: model(row).map(Text::from),
        });
        let known: Vec<Unit> = known.collect();
        let firsts = self.devices.values().flat_map(|around| around.flows.values());
        if firsts.min().is_none_or(|first| until.since(*first) < LEARNED) {
            return Usual::learn(&[], [], &known);
        }
        let named: BTreeMap<&DeviceId, &Device> =
            rows.iter().filter_map(|row| Some((row.id.as_ref()?, row))).collect();
        let units = self.devices.iter().map(|(id, around)| Unit {
            interfaces: around.interfaces.clone(),
            others: Vec::new(),
            model: named.get(id).and_then(|row| model(row)).map(Text::from),
        });
        let units: Vec<Unit> = units.collect();
        let calls = self.devices.values().flat_map(|around| calls(around, until));
        Usual::learn(&units, calls, &known)
    }

    /// Takes what is known now, but for what may be an attacker's.
    pub(crate) fn learn(&mut self, device: &DeviceId, seen: &Surroundings) {
        let full = self.devices.len() >= DEVICES && !self.devices.contains_key(device);
        if seen.interfaces.is_empty() || full {
            return;
        }
        let known = self.devices.entry(device.clone()).or_default();
        // What is seen now comes first: an address that another device has by now is not this
        // one's.
        let mut now = seen.clone();
        let before = Surroundings { interfaces: Vec::new(), ..std::mem::take(known) };
        now.absorb(&before);
        let mut now = now.without_news(&self.suspicions.of(device));
        while now.flows.len() > FLOWS {
            let newest = now.flows.iter().max_by_key(|(_, first)| **first);
            let Some(newest) = newest.map(|(flow, _)| flow.clone()) else { break };
            now.flows.remove(&newest);
        }
        *known = now;
    }

    /// Writes it down, whole or not at all.
    pub(crate) fn save(&self) -> Result<()> {
        let part = self.path.with_extension("part");
        let write = || -> io::Result<()> {
            let mut out = io::BufWriter::new(fs::File::create(&part)?);
            let mut suspected: BTreeMap<&DeviceId, Written> = self.suspicions.open().collect();
            for (device, around) in &self.devices {
                let line = line(device, around, suspected.remove(device));
                serde_json::to_writer(&mut out, &line)?;
                out.write_all(b"\n")?;
            }
            for (device, suspected) in suspected {
                let line = line(device, &Surroundings::default(), Some(suspected));
                serde_json::to_writer(&mut out, &line)?;
                out.write_all(b"\n")?;
            }
            out.into_inner()?.sync_data()?;
            fs::rename(&part, &self.path)
        };
        write().with_context(|| format!("cannot write `{}`", self.path.display()))
    }
}

fn interface(mac: MacAddress) -> Interface {
    Interface { mac, addresses: Vec::new() }
}

/// The calls of a device, and to it, that were usual.
fn calls(around: &Surroundings, until: Moment) -> Vec<Call> {
    let own: Vec<IpAddr> =
        around.interfaces.iter().flat_map(|interface| interface.addresses.clone()).collect();
    let mut calls = Vec::new();
    for (flow, _) in around.flows.iter().filter(|(_, first)| **first <= until) {
        let Peer::Addresses(peers) = &flow.peer else { continue };
        for (own, peer) in own.iter().flat_map(|own| peers.iter().map(move |peer| (*own, *peer))) {
            let (client, server) = match flow.side {
                Side::Client => (own, peer),
                Side::Server => (peer, own),
            };
            calls.push(Call { client, server, service: flow.service, answered: true });
        }
    }
    calls
}

fn line(device: &DeviceId, around: &Surroundings, suspected: Option<Written>) -> Line {
    let flow = |(flow, first): (&_, &Moment)| Known { first: first.0, flow: WrittenFlow::of(flow) };
    Line {
        device: device.to_string(),
        interfaces: around.interfaces.iter().map(WrittenInterface::of).collect(),
        flows: around.flows.iter().map(flow).collect(),
        routers: around.routers.clone(),
        suspected,
    }
}

fn read(text: &str) -> Option<(DeviceId, Surroundings, Option<Written>)> {
    let line: Line = serde_json::from_str(text).ok()?;
    let mut around = Surroundings { routers: line.routers, ..Surroundings::default() };
    for interface in &line.interfaces {
        around.interfaces.push(interface.interface()?);
    }
    for known in line.flows {
        around.flows.insert(known.flow.flow()?, Moment(known.first));
    }
    Some((DeviceId(line.device.into()), around, line.suspected))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::net::IpAddr;

    use decisions::containment::essential::{EssentialFlow, Peer};
    use domain::care::CareRole;
    use domain::device::{DeviceId, MacAddress};
    use domain::network::{Moment, Service, Transport};
    use domain::order::{Interface, Side};

    use super::{Memory, Surroundings};

    /// A device with flows to machines of these last numbers, first seen at these moments.
    fn seen(flows: &[(u8, i64)]) -> Surroundings {
        let flow = |last: u8| EssentialFlow {
            role: CareRole::Result,
            side: Side::Client,
            peer: Peer::Addresses(BTreeSet::from([IpAddr::from([10, 0, 0, last])])),
            service: Service { transport: Transport::Tcp, port: 6000 },
            application: None,
        };
        Surroundings {
            interfaces: vec![Interface {
                mac: MacAddress([2, 0, 0, 0, 0, 1]),
                addresses: vec![IpAddr::from([10, 0, 0, 1])],
            }],
            flows: flows.iter().map(|(last, first)| (flow(*last), Moment(*first))).collect(),
            ..Surroundings::default()
        }
    }

    #[test]
    fn what_began_before_it_was_suspected_is_unlearned() {
        let mut memory = Memory::default();
        let id = DeviceId("PUMP-1".into());
        memory.learn(&id, &seen(&[(9, 7), (50, 90)]));
        memory.suspicions.accuse(&id, Moment(80), Moment(100));
        memory.learn(&id, &seen(&[(60, 120)]));
        let firsts: Vec<Moment> = memory.devices[&id].flows.values().copied().collect();
        assert_eq!(firsts, [Moment(7)]);
    }

    #[test]
    fn what_was_known_is_there_after_a_new_beginning() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("known.jsonl");
        let mut memory = Memory::open(&path).expect("an empty one");
        memory.learn(&DeviceId("PUMP-1".into()), &seen(&[(9, 7)]));
        // Of another device nothing is known but that it is suspected.
        for device in ["PUMP-1", "PUMP-2"] {
            memory.suspicions.accuse(&DeviceId(device.into()), Moment(7), Moment(9));
        }
        memory.save().expect("written");
        let again = Memory::open(&path).expect("read");
        assert_eq!(again.devices, memory.devices);
        assert_eq!(again.suspicions, memory.suspicions);
        std::fs::write(&path, "{}\n").expect("written");
        assert!(Memory::open(&path).expect_err("damaged").to_string().contains("line 1"));
    }
}
