//! As much of JSON Schema 2020-12 as our own schema uses: type, enum, const, properties, required,
//! additionalProperties (false, or of which form), items, $ref, and bounds of numbers and lists.

use serde_json::Value;

/// Where a value breaks a schema, in words.
pub(crate) fn breaches(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(schema, schema, value, "$", &mut found);
    found
}

fn check(root: &Value, schema: &Value, value: &Value, path: &str, found: &mut Vec<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.strip_prefix("#/$defs/").expect("a local definition");
        return check(root, &root["$defs"][name], value, path, found);
    }
    if !is_of_type(&schema["type"], value) {
        return found.push(format!("{path}: {value} is not {}", schema["type"]));
    }
    if let Some(values) = schema["enum"].as_array()
        && !values.contains(value)
    {
        found.push(format!("{path}: {value} is not among {}", schema["enum"]));
    }
    if !schema["const"].is_null() && schema["const"] != *value {
        found.push(format!("{path}: {value} is not {}", schema["const"]));
    }
    let number = |key: &str| schema[key].as_f64();
    if let Some(value) = value.as_f64() {
        let below = number("minimum").is_some_and(|least| value < least);
        let above = number("maximum").is_some_and(|most| value > most);
        if below || above {
            found.push(format!("{path}: {value} is out of bounds"));
        }
    }
    if let Some(items) = value.as_array() {
        let count = items.len() as f64;
        if number("minItems").is_some_and(|n| count < n)
            || number("maxItems").is_some_and(|n| count > n)
        {
            found.push(format!("{path}: {count} items"));
        }
        for (index, item) in items.iter().enumerate() {
            check(root, &schema["items"], item, &format!("{path}[{index}]"), found);
        }
    }
    if let Some(members) = value.as_object() {
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !members.contains_key(name) {
                found.push(format!("{path}: {name} is missing"));
            }
        }
        for (name, member) in members {
            match schema["properties"].get(name) {
                Some(property) => check(root, property, member, &format!("{path}.{name}"), found),
                None if schema["additionalProperties"].is_object() => {
                    let form = &schema["additionalProperties"];
                    check(root, form, member, &format!("{path}.{name}"), found);
                }
                None if schema["additionalProperties"] == false => {
                    found.push(format!("{path}: {name} is not foreseen"));
                }
                None => {}
            }
        }
    }
}

fn is_of_type(wanted: &Value, value: &Value) -> bool {
    let is = |name: &str| match name {
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        other => panic!("the schema has a type {other}"),
    };
    match wanted {
        Value::Null => true,
        Value::String(name) => is(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(is),
        other => panic!("the schema has a type {other}"),
    }
}
