//! What can be shown of devices in a list, column by column; the same on the page and in files.
//!
//! Refuses columns that nobody knows: they are left out.

use serde::Deserialize;
use serde_json::{Map, Value};
use store::devices::Device;

use super::super::words;
use crate::listed;
use crate::text::Text;

/// The catalogue, one column a line: its key, what stands above it, by what order of the list it is
/// sorted (`-` for none), and whether it is shown unless something else is asked for.
macro_rules! columns {
    ($($name:ident $key:literal $title:ident $order:literal $usual:literal;)*) => {
        /// A column.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(in super::super) enum Column {
            $($name),*
        }

        impl Column {
            /// Every column, in their order.
            pub(super) const ALL: &[Self] = &[$(Self::$name),*];

            /// Its name in addresses and files.
            pub(in super::super) fn key(self) -> &'static str {
                match self { $(Self::$name => $key),* }
            }

            /// What stands above it.
            pub(super) fn title(self, text: impl words::Given<Text>) -> &'static str {
                let text = text.given();
                match self { $(Self::$name => text.$title()),* }
            }

            /// By what order of the list it is sorted, where it is.
            pub(super) fn order(self) -> Option<&'static str> {
                match self { $(Self::$name => Some($order)),* }.filter(|order| *order != "-")
            }

            fn is_usual(self) -> bool {
                match self { $(Self::$name => $usual),* }
            }
        }
    };
}

columns! {
    Decision "decision" devices_column_decision "" true;
    Risk "risk" devices_column_risk "" true;
    Device "device" devices_column_device "id" true;
    What "what" devices_column_what "model" true;
    Where "where" devices_column_where "place" true;
    Care "care" devices_column_care "-" true;
    Action "next_action" devices_column_action "-" true;
    Manufacturer "manufacturer" devices_column_manufacturer "model" false;
    Model "model" devices_column_model "model" false;
    Version "version" devices_column_version "-" false;
    Site "site" devices_column_site "place" false;
    Unit "unit" devices_column_unit "-" false;
    Room "room" devices_column_room "-" false;
    Service "care_service" devices_column_service "-" false;
    Criticality "criticality" devices_column_criticality "-" false;
    Use "in_use" devices_column_use "-" false;
    Support "end_of_support" devices_column_support "support" false;
    Address "ip" devices_column_address "-" false;
    Mac "mac" devices_column_mac "-" false;
    Serial "serial" devices_column_serial "-" false;
    System "operating_system" devices_column_system "-" false;
    Owner "owner" devices_column_owner "-" false;
}

/// What is kept of a device beside what lists are made of.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Rest {
    ips: Vec<String>,
    macs: Vec<String>,
    serial: Option<String>,
    operating_system: Option<String>,
    owner: Option<String>,
}

impl Column {
    /// The columns of a list of keys; the usual ones where it names none.
    pub(super) fn chosen(keys: &str) -> Vec<Self> {
        let named: Vec<&str> = keys.split(',').collect();
        let own = |column: &Self| named.contains(&column.key());
        let chosen: Vec<Self> = Self::ALL.iter().copied().filter(own).collect();
        if chosen.is_empty() {
            return Self::ALL.iter().copied().filter(|column| column.is_usual()).collect();
        }
        chosen
    }

    /// Whether numbers stand in it.
    pub(super) fn is_number(self) -> bool {
        self == Self::Risk
    }

    /// What stands in it, as text.
    pub(in super::super) fn text(self, text: impl words::Given<Text>, device: &Device) -> String {
        let text = text.given();
        let rest = || serde_json::from_str::<Rest>(&device.rest).unwrap_or_default();
        match self {
            Self::Decision => listed::decision_name(device.decision).to_owned(),
            Self::Risk => words::risk(device.risk),
            Self::Device => device.id.clone(),
            Self::What => words::product(text, device),
            Self::Where => words::place(text, device),
            Self::Care => {
                let criticality = words::criticality(text, device.criticality);
                text.devices_care(criticality, words::usage(text, device.in_use)).plain()
            }
            Self::Action => device.action.clone(),
            Self::Manufacturer => device.manufacturer.clone(),
            Self::Model => device.model.clone(),
            Self::Version => device.version.clone(),
            Self::Site => device.site.clone(),
            Self::Unit => device.unit.clone(),
            Self::Room => device.room.clone(),
            Self::Service => device.care_service.clone(),
            Self::Criticality if device.criticality == 0 => String::new(),
            Self::Criticality => words::criticality(text, device.criticality).to_owned(),
            Self::Use => match device.in_use {
                Some(true) => text.devices_yes().to_owned(),
                Some(false) => text.devices_no().to_owned(),
                None => String::new(),
            },
            Self::Support => device.end_of_support.clone().unwrap_or_default(),
            Self::Address => rest().ips.join(" "),
            Self::Mac => rest().macs.join(" "),
            Self::Serial => rest().serial.unwrap_or_default(),
            Self::System => rest().operating_system.unwrap_or_default(),
            Self::Owner => rest().owner.unwrap_or_default(),
        }
    }
}

/// A device as an object, a value a column.
pub(super) fn object(columns: &[Column], device: &Device) -> Value {
    let fields = columns
        .iter()
        .map(|column| (column.key().to_owned(), column.text(Text::english(), device).into()));
    Value::Object(fields.collect::<Map<String, Value>>())
}

#[cfg(test)]
mod tests {
    use store::devices::Device;

    use super::{Column, object};
    use crate::text::Text;

    #[test]
    fn columns_are_those_that_are_named_in_their_own_order_and_else_the_usual_ones() {
        assert_eq!(Column::chosen("unit,device,no-such"), [Column::Device, Column::Unit]);
        assert_eq!(Column::chosen("").len(), 7);
        assert_eq!(Column::chosen("no-such").len(), 7);
    }

    #[test]
    fn what_a_column_shows_comes_from_the_device_or_from_what_is_kept_beside_it() {
        let device = Device {
            id: "P-1".to_owned(),
            decision: 4,
            rest: r#"{"ips":["10.0.0.1","10.0.0.2"]}"#.to_owned(),
            ..Device::default()
        };
        let shown = object(&[Column::Device, Column::Decision, Column::Address], &device);
        let said = r#"{"decision":"act","device":"P-1","ip":"10.0.0.1 10.0.0.2"}"#;
        assert_eq!(shown.to_string().to_lowercase(), said.to_lowercase());
        assert_eq!(Column::Owner.text(Text::english(), &Device::default()), "");
    }
}
