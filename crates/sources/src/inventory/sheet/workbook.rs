//! What a workbook says besides its cells: which sheets it has, its shared texts, and which of its
//! number formats are dates (ECMA-376 part 1, sections 18.2, 18.4, 18.8).

use std::collections::{HashMap, HashSet};

use domain::date::Date;
use quick_xml::events::Event;

use super::package::{Fault, Package, Part, attribute, push_reference};

/// A workbook without its cells.
#[derive(Debug, Default)]
pub(super) struct Workbook {
    /// Name and part of each sheet, in order; no part twice.
    sheets: Vec<(String, String)>,
    texts: Texts,
    /// By style number: whether it shows a number as a date.
    dates: Vec<bool>,
    epoch: Epoch,
}

/// From which day dates are counted (section 18.17.4.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Epoch {
    #[default]
    Year1900,
    Year1904,
}

/// Shared texts, end to end.
#[derive(Debug, Default)]
struct Texts {
    text: String,
    ends: Vec<usize>,
}

impl Workbook {
    /// Reads a package's workbook.
    pub(super) fn open(package: &mut Package<'_>) -> Result<Self, Fault> {
        let roots = relations(package, "_rels/.rels", "")?;
        let root = roots.into_values().find(|relation| relation.kind == "officeDocument");
        let main = root.ok_or(Fault::Unsupported)?.target;
        if !main.to_ascii_lowercase().ends_with(".xml") {
            return Err(Fault::Unsupported);
        }
        let (folder, file) = main.rsplit_once('/').unwrap_or(("", &main));
        let relations = relations(package, &join(folder, &format!("_rels/{file}.rels")), folder)?;
        let mut workbook = Self::default();
        workbook.read_main(package.part(&main)?.ok_or(Fault::Missing)?, &relations)?;
        for relation in relations.values() {
            let Some(part) = (match relation.kind.as_str() {
                "sharedStrings" | "styles" => package.part(&relation.target)?,
                _ => None,
            }) else {
                continue;
            };
            if relation.kind == "styles" {
                workbook.dates = date_styles(part)?;
            } else {
                workbook.texts = Texts::read(part)?;
            }
        }
        Ok(workbook)
    }

    /// The sheets, each with its part.
    pub(super) fn sheets(&self) -> impl Iterator<Item = (&str, &str)> {
        self.sheets.iter().map(|(name, part)| (name.as_str(), part.as_str()))
    }

    /// A shared text.
    pub(super) fn text(&self, number: usize) -> Option<&str> {
        let end = *self.texts.ends.get(number)?;
        let start = number.checked_sub(1).and_then(|before| self.texts.ends.get(before));
        self.texts.text.get(start.copied().unwrap_or(0)..end)
    }

    /// Whether a style shows a number as a date.
    pub(super) fn is_date(&self, style: usize) -> bool {
        self.dates.get(style).copied().unwrap_or(false)
    }

    /// The day of a serial number; `None` where it is none.
    pub(super) fn date(&self, serial: f64) -> Option<Date> {
        let first = match self.epoch {
            Epoch::Year1904 => Date::new(1904, 1, 1),
            // Excel counts a 29 February 1900 that never was, as number 60.
            Epoch::Year1900 if serial < 60.0 => Date::new(1899, 12, 31),
            Epoch::Year1900 => Date::new(1899, 12, 30),
        };
        let days = std::time::Duration::try_from_secs_f64(serial.floor() * 86_400.0).ok()?;
        first.ok()?.checked_add(days).ok()
    }

    fn read_main(
        &mut self,
        mut part: Part<'_>,
        relations: &HashMap<String, Relation>,
    ) -> Result<(), Fault> {
        let mut known = HashSet::new();
        while let Some(event) = part.next()? {
            let Event::Start(element) = event else { continue };
            match element.local_name().as_ref() {
                "workbookPr" => {
                    let value = attribute(&element, "date1904");
                    if matches!(value.as_deref(), Some("1" | "true" | "on")) {
                        self.epoch = Epoch::Year1904;
                    }
                }
                "sheet" => {
                    let relation = attribute(&element, "id").and_then(|id| relations.get(&id));
                    let Some(relation) = relation.filter(|r| r.kind == "worksheet") else {
                        continue;
                    };
                    if known.insert(relation.target.clone()) {
                        let name = attribute(&element, "name").unwrap_or_default();
                        self.sheets.push((name, relation.target.clone()));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// A relation of one part to another (ECMA-376 part 2, section 6.5).
struct Relation {
    /// The last word of its type.
    kind: String,
    /// The part's name from the root.
    target: String,
}

fn relations(
    package: &mut Package<'_>,
    name: &str,
    folder: &str,
) -> Result<HashMap<String, Relation>, Fault> {
    let mut part = package.part(name)?.ok_or(Fault::Unsupported)?;
    let mut relations = HashMap::new();
    while let Some(event) = part.next()? {
        let Event::Start(element) = event else { continue };
        let (Some(id), Some(kind), Some(target)) =
            (attribute(&element, "Id"), attribute(&element, "Type"), attribute(&element, "Target"))
        else {
            continue;
        };
        let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
        relations.insert(id, Relation { kind, target: join(folder, &target) });
    }
    Ok(relations)
}

/// A target as seen from a folder.
fn join(folder: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut steps: Vec<&str> = folder.split('/').filter(|step| !step.is_empty()).collect();
    for step in target.split('/') {
        match step {
            "." | "" => {}
            ".." => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    steps.join("/")
}

impl Texts {
    /// Reads shared texts: each is one run or several, without what is there to pronounce it.
    fn read(mut part: Part<'_>) -> Result<Self, Fault> {
        let mut texts = Self::default();
        let (mut in_text, mut in_sound) = (false, false);
        while let Some(event) = part.next()? {
            match event {
                Event::Start(element) => match element.local_name().as_ref() {
                    "t" => in_text = !in_sound,
                    "rPh" => in_sound = true,
                    _ => {}
                },
                Event::End(element) => match element.local_name().as_ref() {
                    "t" => in_text = false,
                    "rPh" => in_sound = false,
                    "si" => texts.ends.push(texts.text.len()),
                    _ => {}
                },
                Event::Text(text) if in_text => texts.text.push_str(&text.xml10_content()),
                Event::CData(text) if in_text => texts.text.push_str(&text.xml10_content()),
                Event::GeneralRef(reference) if in_text => {
                    push_reference(&mut texts.text, &reference);
                }
                _ => {}
            }
        }
        Ok(texts)
    }
}

/// By style number, whether it shows dates.
fn date_styles(mut part: Part<'_>) -> Result<Vec<bool>, Fault> {
    let mut custom: HashMap<u32, bool> = HashMap::new();
    let (mut styles, mut in_cell_formats) = (Vec::new(), false);
    while let Some(event) = part.next()? {
        match event {
            Event::Start(element) => match element.local_name().as_ref() {
                "numFmt" => {
                    let id = attribute(&element, "numFmtId").and_then(|id| id.parse().ok());
                    if let (Some(id), Some(code)) = (id, attribute(&element, "formatCode")) {
                        custom.insert(id, shows_date(&code));
                    }
                }
                "cellXfs" => in_cell_formats = true,
                "xf" if in_cell_formats => {
                    let id = attribute(&element, "numFmtId").and_then(|id| id.parse().ok());
                    let id = id.unwrap_or(0);
                    styles.push(custom.get(&id).copied().unwrap_or_else(|| built_in_date(id)));
                }
                _ => {}
            },
            Event::End(element) if element.local_name().as_ref() == "cellXfs" => {
                in_cell_formats = false;
            }
            _ => {}
        }
    }
    Ok(styles)
}

/// Whether a built-in format shows a date (section 18.8.30; 27 to 36 and 50 to 58 do so in East
/// Asian languages).
fn built_in_date(id: u32) -> bool {
    matches!(id, 14..=17 | 22 | 27..=31 | 36 | 50..=54 | 57 | 58)
}

/// Whether a format code shows a year or a day, outside of quoted texts, escapes and brackets.
fn shows_date(code: &str) -> bool {
    let (mut quoted, mut bracketed, mut escaped) = (false, false, false);
    for c in code.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' | '_' | '*' => escaped = true,
            '"' => quoted = !quoted,
            '[' if !quoted => bracketed = true,
            ']' => bracketed = false,
            'y' | 'Y' | 'd' | 'D' if !quoted && !bracketed => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{Epoch, Workbook, join, shows_date};

    #[test]
    fn serial_numbers_are_dates_of_either_epoch() {
        let date = |epoch, serial| {
            let workbook = Workbook { epoch, ..Workbook::default() };
            workbook.date(serial).map(|date| date.to_string()).unwrap_or_default()
        };
        assert_eq!(date(Epoch::Year1900, 1.0), "1900-01-01");
        assert_eq!(date(Epoch::Year1900, 61.0), "1900-03-01");
        assert_eq!(date(Epoch::Year1900, 46_568.75), "2027-06-30");
        assert_eq!(date(Epoch::Year1904, 45_106.0), "2027-06-30");
        for serial in [-1.0, 1e12, f64::NAN, f64::INFINITY] {
            assert_eq!(date(Epoch::Year1900, serial), "", "{serial}");
        }
    }

    #[test]
    fn date_formats_are_told_from_others() {
        for code in ["yyyy\\-mm\\-dd", "d/m/yy", "[$-409]d\\-mmm\\-yy;@", "m/d/yyyy h:mm"] {
            assert!(shows_date(code), "{code}");
        }
        for code in ["General", "0.00", "[Red]0", "\"day \"0", "h:mm:ss", "0_d", "@"] {
            assert!(!shows_date(code), "{code}");
        }
    }

    #[test]
    fn targets_are_joined_to_their_folder() {
        assert_eq!(join("xl", "worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(join("xl", "/xl/a.xml"), "xl/a.xml");
        assert_eq!(join("xl/b", "../../../a.xml"), "a.xml");
    }
}
