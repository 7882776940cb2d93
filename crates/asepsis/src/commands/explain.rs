//! `asepsis explain DEVICE [VULNERABILITY]`.

use anyhow::{Result, bail};
use presentation::explanation::{self, Unknown};
use presentation::export;

use crate::arguments::Explain;
use crate::commands::{assess, demo};
use crate::{DONE, output};

pub(crate) fn run(options: &Explain) -> Result<u8> {
    let mut inputs = match &options.folder {
        Some(folder) => assess::of_folder(folder, false)?,
        None => demo::inputs(false),
    };
    assess::complete(&mut inputs, options.base.as_deref())?;
    let judged = assess::judge(&inputs, options.date, false);
    let assessment = judged.assessment();
    let vulnerability = options.vulnerability.as_deref();
    let explained = explanation::find(&assessment, &options.device).and_then(|device| {
        let arithmetic = judged.arithmetic(device);
        if options.json {
            let gathered = explanation::gather(&assessment, device, vulnerability, &arithmetic)?;
            return Ok(export::explanation(&gathered));
        }
        explanation::explain(&assessment, device, vulnerability, &arithmetic)
    });
    match explained {
        Ok(text) => {
            output::print(&text)?;
            Ok(DONE)
        }
        Err(Unknown::Device(near)) if near.is_empty() => bail!(
            "no device has the id `{}`\n\nhint: name the folder with `--folder`; `asepsis assess` lists the ids",
            options.device
        ),
        Err(Unknown::Device(near)) => {
            bail!("no device has the id `{}`\n\nhint: is it {}?", options.device, near.join(", "))
        }
        Err(Unknown::Vulnerability(known)) => bail!(
            "nothing was judged about `{}` and `{}`: no document names its product\n\nhint: judged were {}",
            vulnerability.unwrap_or_default(),
            options.device,
            if known.is_empty() { "none".to_owned() } else { known.join(", ") }
        ),
    }
}
