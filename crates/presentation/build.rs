//! Makes a method of each message in `text/en.ftl`, which takes exactly what the message does.
//!
//! So code that asks for a message that is not there, or with other values, does not compile; and
//! the compiler tells of a message that nothing asks for, as of any code that is dead. Refuses a
//! file that can't be read whole, a message that is there twice, and one in parts.

#[path = "src/text/shape.rs"]
mod shape;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use fluent_syntax::ast::Entry;
use fluent_syntax::{parser, serializer};
use shape::Shape;

const ENGLISH: &str = "text/en.ftl";

struct Message {
    /// The lines of the file that hold it.
    lines: String,
    shape: Shape,
}

fn main() -> Result<(), String> {
    println!("cargo::rerun-if-changed={ENGLISH}");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/text/shape.rs");
    let source = fs::read_to_string(ENGLISH).map_err(|error| format!("{ENGLISH}: {error}"))?;
    let messages = messages(&source)?;
    let folder = env::var("OUT_DIR").map_err(|error| error.to_string())?;
    let code = code(&messages).map_err(|error| error.to_string())?;
    fs::write(Path::new(&folder).join("messages.rs"), code).map_err(|error| error.to_string())
}

/// All messages, by name.
fn messages(source: &str) -> Result<BTreeMap<String, Message>, String> {
    let read = parser::parse(source)
        .map_err(|(_, errors)| format!("{ENGLISH} can't be read: {errors:?}"))?;
    let mut messages = BTreeMap::new();
    for entry in read.body {
        let Entry::Message(message) = entry else { continue };
        let name = message.id.name.to_owned();
        let value = message.value.as_ref().filter(|_| message.attributes.is_empty());
        let value = value.ok_or_else(|| format!("{name}: a message has a text, and no parts"))?;
        let shape = Shape::of(value);
        if !shape.wrong.is_empty() {
            return Err(format!("{name}: {}", shape.wrong.join(", ")));
        }
        let own = fluent_syntax::ast::Resource { body: vec![Entry::Message(message)] };
        let lines = serializer::serialize(&own).trim_end().to_owned();
        if messages.insert(name.clone(), Message { lines, shape }).is_some() {
            return Err(format!("{name} is there twice"));
        }
    }
    Ok(messages)
}

/// The list of what messages take, and a method for each.
fn code(messages: &BTreeMap<String, Message>) -> Result<String, std::fmt::Error> {
    let mut code = String::new();
    writeln!(code, "/// Each message, by name: what it is called, and the slots that it has.")?;
    writeln!(code, "static MESSAGES: [(&str, &[&str], &[&str]); {}] = [", messages.len())?;
    for (name, Message { shape, .. }) in messages {
        writeln!(code, "    ({name:?}, &{:?}, &{:?}),", list(&shape.values), list(&shape.slots))?;
    }
    writeln!(code, "];\n\nimpl Text {{")?;
    for (place, (name, message)) in messages.iter().enumerate() {
        method(&mut code, place, name, message)?;
    }
    writeln!(code, "}}")?;
    Ok(code)
}

fn list(names: &std::collections::BTreeSet<String>) -> Vec<&String> {
    names.iter().collect()
}

fn method(
    code: &mut String,
    place: usize,
    name: &str,
    Message { lines, shape }: &Message,
) -> std::fmt::Result {
    let rust = |name: &str| name.replace('-', "_");
    writeln!(code, "    /// ```text")?;
    for line in lines.lines() {
        writeln!(code, "    /// {line}")?;
    }
    writeln!(code, "    /// ```")?;
    if shape.values.is_empty() && !shape.is_marked {
        return writeln!(
            code,
            "    pub(crate) fn {}(self) -> &'static str {{ self.plain({place}) }}",
            rust(name)
        );
    }
    write!(code, "    pub(crate) fn {}<'a>(self", rust(name))?;
    for value in &shape.values {
        let kind = if shape.choices.contains(value) { "AsRef<str>" } else { "Into<Value<'a>>" };
        write!(code, ", {}: impl {kind}", rust(value))?;
    }
    for slot in &shape.slots {
        write!(code, ", {}_slot: Slot", rust(slot))?;
    }
    write!(code, ") -> Said<'a> {{ Said::new(self, {place}, vec![")?;
    for value in &shape.values {
        let name = rust(value);
        if shape.choices.contains(value) {
            write!(code, "({value:?}, Value::choice({name}.as_ref())), ")?;
        } else {
            write!(code, "({value:?}, {name}.into()), ")?;
        }
    }
    write!(code, "], vec![")?;
    for slot in &shape.slots {
        write!(code, "({slot:?}, {}_slot), ", rust(slot))?;
    }
    writeln!(code, "]) }}")
}
