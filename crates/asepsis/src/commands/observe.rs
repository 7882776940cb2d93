//! `asepsis observe FILE… | -i INTERFACE`.

use std::fs;
use std::path::Path;

use anyhow::{Result, anyhow};
use domain::device::Device;
use presentation::{export, terminal};

use crate::arguments::Observe;
use crate::scene::{self, Scene};
use crate::{DONE, REACHED, WRONG, output};

pub(crate) fn run(options: &Observe) -> Result<u8> {
    let inventory = scene::inventory(options.inventory.as_deref(), options.quiet)?;
    let devices: Vec<&Device> = inventory.iter().flat_map(scene::devices).collect();
    let mut scene = Scene::new();
    let failed = if options.interface.is_empty() {
        scene.files(&options.files)?
    } else {
        scene.live(&options.interface, options.seconds, || may_write(options.json.as_deref()))?;
        false
    };
    scene.end();
    let observation = scene.ward.observation(scene.input, &devices);
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
