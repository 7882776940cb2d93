//! What can be shown of devices in a list, column by column; the same on the page and in files.
//!
//! Refuses columns that nobody knows: they are left out.

use serde::Deserialize;
use serde_json::{Map, Value};
use store::devices::Device;

use super::super::words;
use crate::listed;

/// The catalogue, one column a line: its key, what stands above it, by what order of the list it is
/// sorted (`-` for none), and whether it is shown unless something else is asked for.
macro_rules! columns {
    ($($name:ident $key:literal $title:literal $order:literal $usual:literal;)*) => {
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
            pub(super) fn title(self) -> &'static str {
                match self { $(Self::$name => $title),* }
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
    Decision "decision" "Decision" "" true;
    Risk "risk" "Risk" "" true;
    Device "device" "Device" "id" true;
    What "what" "What" "model" true;
    Where "where" "Where" "place" true;
    Care "care" "In care" "-" true;
    Action "next_action" "Do first" "-" true;
    Manufacturer "manufacturer" "Maker" "model" false;
    Model "model" "Model" "model" false;
    Version "version" "Version" "-" false;
    Site "site" "Site" "place" false;
    Unit "unit" "Unit" "-" false;
    Room "room" "Room" "-" false;
    Service "care_service" "Care service" "-" false;
    Criticality "criticality" "Criticality" "-" false;
    Use "in_use" "In use" "-" false;
    Support "end_of_support" "Support ends" "support" false;
    Address "ip" "IP" "-" false;
    Mac "mac" "MAC" "-" false;
    Serial "serial" "Serial" "-" false;
    System "operating_system" "System" "-" false;
    Owner "owner" "Owner" "-" false;
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
    pub(in super::super) fn text(self, device: &Device) -> String {
        let rest = || serde_json::from_str::<Rest>(&device.rest).unwrap_or_default();
        match self {
            Self::Decision => listed::decision_name(device.decision).to_owned(),
            Self::Risk => words::risk(device.risk),
            Self::Device => device.id.clone(),
            Self::What => words::product(device),
            Self::Where => words::place(device),
            Self::Care => {
                let (criticality, used) =
                    (words::criticality(device.criticality), words::usage(device.in_use));
                format!("{criticality}, {used}")
            }
            Self::Action => device.action.clone(),
            Self::Manufacturer => device.manufacturer.clone(),
            Self::Model => device.model.clone(),
            Self::Version => device.version.clone(),
            Self::Site => device.site.clone(),
            Self::Unit => device.unit.clone(),
            Self::Room => device.room.clone(),
            Self::Service => device.care_service.clone(),
            Self::Criticality => listed::criticality_name(device.criticality).to_owned(),
            Self::Use => match device.in_use {
                Some(true) => "yes".to_owned(),
                Some(false) => "no".to_owned(),
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
    let fields = columns.iter().map(|column| (column.key().to_owned(), column.text(device).into()));
    Value::Object(fields.collect::<Map<String, Value>>())
}

#[cfg(test)]
mod tests {
    use store::devices::Device;

    use super::{Column, object};

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
        assert_eq!(Column::Owner.text(&Device::default()), "");
    }
}
