//! The baseline: what devices usually call, from earlier observations.
//!
//! An earlier observation as JSON is what a hospital keeps: it is small, holds no packet and nothing
//! of a patient, and several days make one baseline. A capture of an ordinary day does, too.
//!
//! Refuses to learn from what it can't read whole: a baseline with a gap would accuse.

use std::fs::File;
use std::io::{BufReader, Read};
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use decisions::threat::{Call, Unit, Usual};
use domain::device::{Device, DeviceId, MacAddress};
use domain::network::Service;
use domain::order::Interface;
use domain::text::Text;
use presentation::observation::{SCHEMA, SeenBaseline};
use serde::Deserialize;

use crate::scene::Scene;

/// Longest observation that is read, in bytes.
const JSON_BYTES: u64 = 512 << 20;

/// What was learned, and from what, as it is shown.
pub(crate) fn learn(files: &[PathBuf], rows: &[&Device]) -> Result<(Usual, Option<SeenBaseline>)> {
    if files.is_empty() {
        return Ok((Usual::default(), None));
    }
    let (mut units, mut calls) = (Vec::new(), Vec::new());
    for path in files {
        let learned = if is_json(path)? { of_json(path, rows) } else { of_capture(path, rows) };
        let (more, called) = learned?;
        units.extend(more);
        calls.extend(called);
    }
    let inventory: Vec<Unit> = rows.iter().map(|row| of_row(row)).collect();
    let usual = Usual::learn(&units, calls, &inventory);
    let shown = SeenBaseline {
        names: files.iter().map(|path| path.display().to_string()).collect(),
        devices: usual.units(),
        models: usual.models(),
        calls: usual.calls(),
        not_learned: 0,
    };
    Ok((usual, Some(shown)))
}

type Learned = (Vec<Unit>, Vec<Call>);

/// JSON begins with a brace, a capture never does.
fn is_json(path: &Path) -> Result<bool> {
    let mut first = [0; 1];
    let name = path.display();
    let read = File::open(path).and_then(|mut file| file.read(&mut first));
    let read = read.with_context(|| format!("cannot read the baseline `{name}`"))?;
    Ok(read == 1 && first == *b"{")
}

fn of_capture(path: &Path, rows: &[&Device]) -> Result<Learned> {
    let mut scene = Scene::new();
    if scene.files(&[path.to_owned()])? {
        bail!(
            "the baseline `{}` could not be read whole: {}",
            path.display(),
            scene.input.problems.join(", ")
        );
    }
    scene.end();
    let devices = scene.ward.identities.devices();
    let units = devices.into_iter().map(|device| {
        let (interfaces, others) = (device.interfaces, device.behind_router);
        unit(interfaces, others, None, rows)
    });
    let units = units.collect();
    let calls = scene.ward.traffic.paths().map(|path| Call {
        client: path.key.client,
        server: path.key.server,
        service: path.key.service,
        answered: path.answered > 0 || path.successes > 0,
    });
    Ok((units, calls.collect()))
}

/// As much of an observation as is needed.
#[derive(Debug, Deserialize)]
struct Observed {
    schema: String,
    devices: Vec<ObservedDevice>,
    paths: Vec<ObservedPath>,
}

#[derive(Debug, Deserialize)]
struct ObservedDevice {
    id: Option<String>,
    interfaces: Vec<ObservedInterface>,
    behind_router: Vec<IpAddr>,
}

#[derive(Debug, Deserialize)]
struct ObservedInterface {
    mac: String,
    addresses: Vec<IpAddr>,
}

#[derive(Debug, Deserialize)]
struct ObservedPath {
    client: IpAddr,
    server: IpAddr,
    service: String,
    answered: u64,
    successes: u64,
}

fn of_json(path: &Path, rows: &[&Device]) -> Result<Learned> {
    let name = path.display();
    let file = File::open(path).with_context(|| format!("cannot read the baseline `{name}`"))?;
    let observed: Observed = serde_json::from_reader(BufReader::new(file.take(JSON_BYTES)))
        .with_context(|| format!("the baseline `{name}` is no observation\n\nhint: `asepsis observe ordinary-day.pcapng --json {name}` makes one"))?;
    if observed.schema != SCHEMA {
        bail!("the baseline `{name}` is of the form `{}`, not `{SCHEMA}`", observed.schema);
    }
    let mut units = Vec::new();
    for device in observed.devices {
        let interfaces = device.interfaces.into_iter().map(|interface| {
            let mac = MacAddress::parse(&interface.mac).with_context(|| {
                format!("the baseline `{name}`: `{}` is no hardware address", interface.mac)
            })?;
            Ok(Interface { mac, addresses: interface.addresses })
        });
        let interfaces = interfaces.collect::<Result<Vec<Interface>>>()?;
        units.push(unit(interfaces, device.behind_router, device.id.as_deref(), rows));
    }
    let calls = observed.paths.into_iter().map(|path| {
        let service = Service::read(&path.service)
            .with_context(|| format!("the baseline `{name}`: `{}` is no service", path.service))?;
        let answered = path.answered > 0 || path.successes > 0;
        Ok(Call { client: path.client, server: path.server, service, answered })
    });
    Ok((units, calls.collect::<Result<Vec<Call>>>()?))
}

/// A device with the model of its row: by its id there, its hardware address, its address.
fn unit(
    interfaces: Vec<Interface>,
    others: Vec<IpAddr>,
    id: Option<&str>,
    rows: &[&Device],
) -> Unit {
    let addresses = || interfaces.iter().flat_map(|own| &own.addresses).chain(&others);
    let is_called = |row: &&&Device| id.is_some_and(|id| row.id == Some(DeviceId(id.into())));
    let has_mac = |row: &&&Device| interfaces.iter().any(|own| row.macs.contains(&own.mac));
    let has_address = |row: &&&Device| addresses().any(|own| row.ips.contains(own));
    let row = rows.iter().find(is_called);
    let row = row.or_else(|| rows.iter().find(has_mac));
    let row = row.or_else(|| rows.iter().find(has_address));
    let model = row.and_then(|row| model(row));
    Unit { interfaces, others, model }
}

fn of_row(row: &Device) -> Unit {
    let interfaces = row.macs.iter().map(|mac| Interface { mac: *mac, addresses: row.ips.clone() });
    let interfaces: Vec<Interface> = interfaces.collect();
    let others = if interfaces.is_empty() { row.ips.clone() } else { Vec::new() };
    Unit { interfaces, others, model: model(row) }
}

/// Maker and model as one name; a model is none without its maker where two makers have it.
fn model(row: &Device) -> Option<Text> {
    let maker = row.manufacturer.as_deref().unwrap_or_default();
    let model = row.model.as_deref()?.trim();
    let name = format!("{} {}", maker.trim(), model).to_lowercase();
    (!model.is_empty()).then(|| name.into())
}
