//! `asepsis observe FILE… | -i INTERFACE`.

use std::fs;
use std::path::Path;

use anyhow::{Result, anyhow};
use decisions::identity::Identified;
use domain::device::Device;
use presentation::{export, terminal};

use crate::arguments::Observe;
use crate::scene::{self, Scene};
use crate::{DONE, REACHED, WRONG, baseline, output};

pub(crate) fn run(options: &Observe) -> Result<u8> {
    let inventory = scene::inventory(options.inventory.as_deref(), options.quiet)?;
    let devices: Vec<&Device> = inventory.iter().flat_map(scene::devices).collect();
    let (usual, mut compared) = baseline::learn(&options.baseline, &devices)?;
    let mut scene = Scene::against(usual);
    let failed = if options.interface.is_empty() {
        scene.files(&options.files)?
    } else {
        scene.live(&options.interface, options.seconds, || may_write(options.json.as_deref()))?;
        false
    };
    scene.end();
    if let Some(compared) = &mut compared {
        compared.not_learned = not_learned(&scene);
    }
    let mut observation = scene.ward.observation(scene.input, &devices);
    observation.baseline = compared;
    if let Some(path) = &options.json {
        output::write(path, |out| export::observation(&observation, out))?;
    }
    if !options.quiet {
        let page = output::page(options.color);
        output::print(&terminal::observation::page(&observation, options.top, page))?;
    }
    Ok(match (failed, options.fail_on_detection && !observation.detections.is_empty()) {
        (true, _) => WRONG,
        (false, true) => REACHED,
        (false, false) => DONE,
    })
}

/// How many devices were seen of which nothing is expected: neither they nor their model were
/// learned.
fn not_learned(scene: &Scene) -> usize {
    let usual = scene.ward.expected();
    let devices = scene.ward.identities.devices();
    let is_learned = |device: &Identified| {
        let own = device.interfaces.iter();
        let mut own = own.flat_map(|own| own.addresses.iter().map(|ip| (*ip, Some(own.mac))));
        let mut others = device.behind_router.iter().map(|ip| (*ip, None));
        own.any(|(ip, mac)| usual.knows(ip, mac)) || others.any(|(ip, mac)| usual.knows(ip, mac))
    };
    devices.iter().filter(|device| !is_learned(device)).count()
}

/// Makes sure, before an hour is watched, that what is seen can be written at its end.
fn may_write(path: Option<&Path>) -> Result<()> {
    let Some(path) = path.filter(|path| path.as_os_str() != "-") else { return Ok(()) };
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    fs::write(&part, "").and_then(|()| fs::remove_file(&part)).map_err(|error| {
        let name = path.display();
        anyhow!(
            "`nobody`, who the program is from now on, can't write `{name}`: {error}\n\nhint: write to standard output, `--json - > {name}`"
        )
    })
}
