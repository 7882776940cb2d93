//! The baseline: what devices usually call, from earlier observations.
//!
//! An earlier observation as JSON is what a hospital keeps: it is small, holds no packet and
//! nothing of a patient, and several days make one baseline. A capture of an ordinary day does,
//! too.
//!
//! Refuses to learn from what it can't read whole: a baseline with a gap would accuse.

use std::collections::HashMap;
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
    let inventory: Vec<Unit> = rows.iter().map(|row| of_row(row)).collect();
    if files.is_empty() {
        return Ok((Usual::learn(&[], [], &inventory), None));
    }
    let (mut units, mut calls) = (Vec::new(), Vec::new());
    let models = Models::of(rows);
    for path in files {
        let learned =
            if is_json(path)? { of_json(path, &models) } else { of_capture(path, &models) };
        let (more, called) = learned?;
        units.extend(more);
        calls.extend(called);
    }
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

fn of_capture(path: &Path, models: &Models) -> Result<Learned> {
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
        models.unit(interfaces, others, None)
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

fn of_json(path: &Path, models: &Models) -> Result<Learned> {
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
        units.push(models.unit(interfaces, device.behind_router, device.id));
    }
    let calls = observed.paths.into_iter().map(|path| {
        let service = Service::read(&path.service)
            .with_context(|| format!("the baseline `{name}`: `{}` is no service", path.service))?;
        let answered = path.answered > 0 || path.successes > 0;
        Ok(Call { client: path.client, server: path.server, service, answered })
    });
    Ok((units, calls.collect::<Result<Vec<Call>>>()?))
}

/// The models of the inventory's rows, by id, hardware address and address.
#[derive(Default)]
struct Models {
    ids: HashMap<DeviceId, Text>,
    macs: HashMap<MacAddress, Text>,
    addresses: HashMap<IpAddr, Text>,
}

impl Models {
    fn of(rows: &[&Device]) -> Self {
        let mut models = Self::default();
        for row in rows {
            let Some(model) = model(row) else { continue };
            models.ids.extend(row.id.clone().map(|id| (id, model.clone())));
            models.macs.extend(row.macs.iter().map(|mac| (*mac, model.clone())));
            models.addresses.extend(row.ips.iter().map(|ip| (*ip, model.clone())));
        }
        models
    }

    /// A device with the model of its row: by its id there, its hardware address, its address.
    fn unit(&self, interfaces: Vec<Interface>, others: Vec<IpAddr>, id: Option<String>) -> Unit {
        let id = id.map(|id| DeviceId(id.into()));
        let by_id = id.and_then(|id| self.ids.get(&id));
        let mut macs = interfaces.iter().map(|interface| interface.mac);
        let by_mac = || macs.find_map(|mac| self.macs.get(&mac));
        let own = interfaces.iter().flat_map(|interface| &interface.addresses);
        let mut addresses = own.chain(&others);
        let by_address = || addresses.find_map(|address| self.addresses.get(address));
        let model = by_id.or_else(by_mac).or_else(by_address).cloned();
        Unit { interfaces, others, model }
    }
}

fn of_row(row: &Device) -> Unit {
    let interfaces =
        row.macs.iter().map(|mac| Interface { mac: *mac, addresses: row.ips.to_vec() });
    let interfaces: Vec<Interface> = interfaces.collect();
    let others = if interfaces.is_empty() { row.ips.to_vec() } else { Vec::new() };
    Unit { interfaces, others, model: model(row) }
}

/// Maker and model as one name, for two makers may have a model of the same name.
fn model(row: &Device) -> Option<Text> {
    let maker = row.manufacturer.as_deref().unwrap_or_default();
    let model = row.model.as_deref()?.trim();
    let name = format!("{} {}", maker.trim(), model).to_lowercase();
    (!model.is_empty()).then(|| name.into())
}
