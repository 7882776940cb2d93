//! `asepsis observe FILE… | -i INTERFACE`.

use anyhow::Result;
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
        scene.live(&options.interface, options.seconds)?;
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
