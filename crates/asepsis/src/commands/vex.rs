//! `asepsis vex export FOLDER`.

use anyhow::{Context, Result, bail};
use domain::release::ReleaseKey;
use jiff::Timestamp;
use presentation::vex::{self, Form};

use crate::arguments::vex::{Vex, VexExport, VexForm, VexWork};
use crate::commands::assess::{judge, of_folder};
use crate::{DONE, epoch, output};

pub(crate) fn run(options: &Vex) -> Result<u8> {
    match &options.work {
        VexWork::Export(options) => export(options),
    }
}

fn export(options: &VexExport) -> Result<u8> {
    // CSAF and OpenVEX ask for a name that is one, and CSAF for a URL (section 3.2.1.8.5).
    if options.author.trim().is_empty() {
        bail!("--author names nobody");
    }
    let namespace = options.namespace.as_deref().unwrap_or_default();
    let is_url = namespace.split_once("://").is_some_and(|(_, rest)| !rest.is_empty());
    if options.format == VexForm::Csaf && (!is_url || namespace.contains(char::is_whitespace)) {
        bail!("`{namespace}` is no URL\n\nhint: --namespace https://maker.example");
    }
    let wanted = options.product.as_deref().map(|product| {
        let (maker, model) = product.split_once('/').with_context(|| {
            format!("`{product}` is no MAKER/MODEL\n\nhint: --product \"BD/Alaris PCU\"")
        })?;
        let version = options.version.as_deref().unwrap_or_default();
        let key = if maker.trim().is_empty() {
            ReleaseKey::of_unknown_maker(model, version)
        } else {
            ReleaseKey::new(maker, model, version)
        };
        key.with_context(|| format!("`{product}` names no product"))
    });
    let wanted = wanted.transpose()?;
    let inputs = of_folder(&options.folder, true)?;
    let judged = judge(&inputs, None, true);
    let stated = judged.statements(&|release| {
        wanted.as_ref().is_none_or(|wanted| {
            let is_version = options.version.is_none() || release.key.same_version(wanted);
            release.key.same_model(wanted) && is_version
        })
    });
    if stated.unversioned > 0 {
        let releases = match stated.unversioned {
            1 => "1 release has".to_owned(),
            more => format!("{more} releases have"),
        };
        output::complain(&format!("{releases} no version, and nothing can be stated of them"));
    }
    if stated.statements.is_empty() {
        bail!("nothing is known that could be stated of such a product");
    }
    let all = vex::Vex {
        author: options.author.clone(),
        namespace: options.namespace.clone().unwrap_or_default(),
        at: epoch::stated()?.unwrap_or_else(Timestamp::now),
        products: stated.products,
        statements: stated.statements,
    };
    let form = match options.format {
        VexForm::Openvex => Form::OpenVex,
        VexForm::Cyclonedx => Form::CycloneDx,
        VexForm::Csaf => Form::Csaf,
    };
    let document = all.document(form).with_context(|| {
        format!(
            "CycloneDX is about one product, and these are {}\n\nhint: name it with --product and \
             --version",
            all.products.len()
        )
    })?;
    let text = serde_json::to_string_pretty(&document)?;
    output::write(&options.to, |out| writeln!(out, "{text}"))?;
    Ok(DONE)
}
