//! Every column name that inventories use, and the one field that each of them means.
//!
//! Names come from maintenance systems (TMS, AIMS, Nuvolo, Infor, `ServiceNow` CMDB), from the
//! platforms that watch medical networks (Claroty xDome, Armis, Asimily, Nozomi, Palo Alto,
//! Forescout, Cylera), from UDI rules, and from German, French and Spanish lists. Refuses names
//! that mean one thing here and another there: those stand in [`CONTEXT`], with what they mean
//! where.

use super::Field;

/// The names of each field, the most telling first: where a table has several columns for one
/// field, the first of this list that is not blank in a row is used, and the rest is kept.
#[rustfmt::skip]
pub(super) const ALIASES: &[(Field, &[&str])] = &[
    (
        Field::Id,
        &[
            "Asset tag", "Device CMMS asset tag", "CMMS asset tag", "Device asset ID",
            "Asset ID", "Asset number", "Asset no", "Tag number", "Tag no", "Equipment ID",
            "Equipment number", "Equipment no", "Equipment tag", "Equipment control number",
            "Control number", "Control no", "CEID", "CE number", "CE tag", "CE asset number",
            "Biomed ID", "Biomed tag", "Biomed number", "BME number", "HTM ID", "ECN",
            "Inventory number", "Inventory no", "Inventory ID", "Inventory tag", "Property number",
            "Property tag", "CMMS ID", "CMMS asset ID", "ID", "Device ID", "Device UID", "UID",
            "Asimily device ID", "Armis ID", "Armis device ID", "Medigate ID", "Nozomi ID",
            "Cylera ID", "Forescout ID", "CI ID", "Configuration item ID", "Sys ID", "External ID",
            "UUID", "GUID", "Inventarnummer", "Inventar-Nr.", "Inventar", "Geräte-ID",
            "Gerätenummer", "Geräte-Nr.", "Anlagennummer", "Anlagen-Nr.", "Equipmentnummer",
            "Equipment-Nr.", "Numéro d'inventaire", "N° d'inventaire", "N° inventaire",
            "No inventaire", "Numéro d'équipement", "N° équipement", "Identifiant",
            "Code équipement", "Número de inventario", "N.º de inventario", "Nº inventario",
            "Código de equipo", "Código del equipo", "Número de activo", "Identificador",
        ],
    ),
    (
        Field::Serial,
        &[
            "Serial number", "Serial no", "Serial", "Serial num", "Device serial number",
            "Device CMMS serial number", "CMMS serial number", "Manufacturer serial number",
            "Mfr serial number", "Hardware serial number", "Equipment serial number",
            "Asimily device serial number", "Chassis serial number", "Serial ID", "S/N",
            "Seriennummer", "Serien-Nr.", "Serial-Nr.", "Fabriknummer", "Fabrik-Nr.",
            "Herstellernummer", "Numéro de série", "N° de série", "No de série", "N° série",
        ],
    ),
    (
        Field::Manufacturer,
        &[
            "Manufacturer", "Manufacturer name", "Device manufacturer", "Device CMMS manufacturer",
            "CMMS manufacturer", "Mfr", "Mfr name", "Mfg", "Mfgr", "Manuf", "Maker", "Make", "OEM",
            "Brand", "Brand owner", "Hardware vendor", "HW vendor", "Equipment manufacturer",
            "Asset manufacturer", "Asimily device manufacturer", "Model manufacturer", "Hersteller",
            "Herstellername", "Fabrikat", "Fabricant", "Constructeur", "Marque", "Fabricante",
            "Marca",
        ],
    ),
    (
        Field::Model,
        &[
            "Model", "Model name", "Device model", "Device model name", "Device CMMS model",
            "CMMS model", "Asimily device model", "Equipment model", "Asset model",
            "Hardware model", "Product model", "Manufacturer model", "Mfr model", "Model/Version",
            "Model number", "Model no", "Model num", "Model ID", "Product name", "Product",
            "HW product", "Modell", "Modellbezeichnung", "Modellname", "Modellnummer",
            "Gerätemodell", "Typbezeichnung", "Typenbezeichnung", "Gerätetyp", "Modèle",
            "Modèle d'équipement", "Référence modèle", "Modelo", "Modelo del equipo",
        ],
    ),
    (
        Field::Version,
        &[
            "Software version", "SW version", "Version", "Device software or firmware version",
            "Software or firmware version", "Software/firmware version", "SW/FW version",
            "Asimily device software version", "Asimily device software verison",
            "Application version", "App version", "Software revision", "Software rev", "SW rev",
            "Software release", "Software level", "Current software version", "Installed version",
            "Installed software version", "Device version", "Firmware version", "FW version",
            "Firmware", "Firmware revision", "Firmware rev", "FW rev", "FW", "Softwarestand",
            "SW-Stand", "Firmwarestand", "Versionsstand", "Version logicielle", "Version logiciel",
            "Version du logiciel", "Version de logiciel", "Version du firmware",
            "Versión de software", "Versión del software", "Versión de firmware",
            "Versión del firmware",
        ],
    ),
    (
        Field::UdiDi,
        &[
            "UDI-DI", "DI", "Device identifier", "UDI device identifier", "Primary DI",
            "Primary device identifier", "UDI", "Unique device identifier",
            "Unique device identification", "Full UDI", "UDI string", "UDI number", "UDI code",
            "UDI carrier", "FDA UDI", "GTIN", "GTIN-14", "UDI-Nummer", "Device UDI",
        ],
    ),
    (
        Field::OperatingSystem,
        &[
            "Operating system", "Device combined OS", "Combined OS", "OS", "OS name",
            "Device OS name", "Operating system name", "Device OS", "Asimily device OS",
            "OS product", "OS full name", "OS caption", "Betriebssystem", "Système d'exploitation",
            "Sistema operativo",
        ],
    ),
    (
        Field::OperatingSystemVersion,
        &[
            "Operating system version", "OS version", "Device OS version",
            "Asimily device OS version", "OS release", "Betriebssystemversion",
            "Version du système d'exploitation", "Versión del sistema operativo",
        ],
    ),
    (
        Field::Mac,
        &[
            "MAC", "MAC address", "MAC addresses", "Device MAC list", "MAC list", "MACs",
            "MAC addr", "MAC addrs", "Asimily device MAC address", "Device MAC address",
            "Ethernet MAC", "Ethernet MAC address", "Wired MAC", "Wired MAC address", "LAN MAC",
            "Wireless MAC", "Wireless MAC address", "WiFi MAC", "WiFi MAC address", "WLAN MAC",
            "Primary MAC", "Primary MAC address", "Physical address", "Hardware address",
            "HW address", "Ethernet address", "NIC MAC", "NIC MAC address", "MAC ID", "MAC 1",
            "MAC 2", "MAC 3", "MAC address 1", "MAC address 2", "MAC address 3", "MAC-Adresse",
            "MAC-Adressen", "Adresse MAC", "Adresses MAC", "Dirección MAC", "Direcciones MAC",
        ],
    ),
    (
        Field::Ip,
        &[
            "IP", "IP address", "IP addresses", "Device IP list", "IP list", "IPs", "IP addr",
            "IP addrs", "Device IP address", "IPv4", "IPv4 address", "IPv4 addresses", "IPv6",
            "IPv6 address", "IPv6 addresses", "v4 IP addrs", "v6 IP addrs",
            "Asimily device IPv4 address", "Asimily device IPv6 address", "Primary IP",
            "Primary IP address", "Static IP", "Static IP address", "Current IP address",
            "Last IP address", "Last known IP", "Network address", "Wired IP", "Wired IP address",
            "Wireless IP", "Wireless IP address", "Management IP", "IP address 1", "IP address 2",
            "IP-Adresse", "IP-Adressen", "Adresse IP", "Adresses IP", "Dirección IP",
            "Direcciones IP",
        ],
    ),
    (
        Field::Site,
        &[
            "Site", "Site name", "Device site name", "Facility", "Facility name",
            "Asimily device facility", "Hospital", "Hospital name", "Campus", "Device CMMS campus",
            "CMMS campus", "Institution", "Building", "Building name", "Device CMMS building",
            "CMMS building", "Klinikum", "Krankenhaus", "Liegenschaft", "Gebäude", "Haus",
            "Établissement", "Hôpital", "Bâtiment", "Sede", "Centro", "Edificio",
        ],
    ),
    (
        Field::Unit,
        &[
            "Unit", "Unit name", "Ward", "Care unit", "Nursing unit", "Clinical unit", "Department",
            "Department name", "Dept", "Dept name", "Device CMMS department", "CMMS department",
            "Asimily device department", "Clinical department", "Owning department",
            "Using department", "User department", "Assigned department", "Location department",
            "Department description", "Station", "Abteilung", "Fachabteilung", "Klinik",
            "Organisationseinheit", "OE", "Bereich", "Unité", "Unité fonctionnelle",
            "Unité de soins", "UF", "Département", "Pôle", "Unidad", "Departamento", "Servicio",
            "Área",
        ],
    ),
    (
        Field::Room,
        &[
            "Room", "Room number", "Room no", "Room name", "Room location", "Device CMMS room",
            "CMMS room", "Room/Bed", "Bed", "Bed number", "Bed no", "Bed space", "Bay",
            "Point of care", "Raum", "Raumnummer", "Raum-Nr.", "Zimmer", "Zimmernummer",
            "Bettplatz", "Bett", "Salle", "Chambre", "Local", "Pièce", "Lit", "Sala", "Habitación",
            "Cuarto", "Cama",
        ],
    ),
    (
        Field::CareService,
        &[
            "Care service", "Clinical service", "Clinical service line", "Service line",
            "Clinical area", "Care area", "Clinical specialty", "Medical specialty", "Specialty",
            "Care setting", "Fachbereich", "Fachrichtung", "Spécialité", "Discipline",
            "Especialidad",
        ],
    ),
    (
        Field::Criticality,
        &[
            "Criticality", "Clinical criticality", "Device criticality", "Asset criticality",
            "Care criticality", "Patient impact", "Kritikalität", "Klinische Kritikalität",
            "Criticité", "Criticidad",
        ],
    ),
    (
        Field::LifeSupport,
        &[
            "Life support", "Life support equipment", "Is life support", "Life sustaining",
            "Life supporting", "Lebenserhaltend", "Support de vie", "Soporte vital",
        ],
    ),
    (
        Field::Usage,
        &[
            "In use", "In use now", "Usage", "Use status", "Usage status", "In clinical use",
            "In Betrieb", "In Gebrauch", "En service", "En uso",
        ],
    ),
    (
        Field::Retired,
        &[
            "Retired", "Device retired", "Is retired", "Decommissioned", "Ausgemustert",
            "Stillgelegt", "Réformé", "Retirado", "Dado de baja",
        ],
    ),
    (
        Field::Substitutes,
        &[
            "Substitutes", "Number of substitutes", "Substitutes available", "Spares",
            "Spare units", "Spares available", "Backup units", "Ersatzgeräte",
            "Anzahl Ersatzgeräte", "Équipements de remplacement", "Équipements de secours",
            "Equipos sustitutos", "Equipos de reemplazo",
        ],
    ),
    (
        Field::Owner,
        &[
            "Owner", "Owner name", "Asset owner", "Device owner", "Equipment owner", "Owned by",
            "Clinical owner", "Business owner", "Service owner", "Responsible",
            "Responsible person", "Responsible party", "Custodian", "Managed by",
            "Device managed by", "Device CMMS ownership", "CMMS ownership", "Support group",
            "Assigned to", "Device assignees", "Primary technician", "Assigned technician",
            "Technician", "Device CMMS technician", "Verantwortlich", "Verantwortlicher",
            "Geräteverantwortlicher", "Zuständig", "Ansprechpartner", "Betreiber", "Eigentümer",
            "Responsable", "Propriétaire", "Détenteur", "Propietario", "Encargado",
        ],
    ),
    (
        Field::EndOfSupport,
        &[
            "End of support", "End of support date", "EOS", "EOS date",
            "Manufacturer end of support", "End of guaranteed support", "EOGS", "End of service",
            "End of service date", "End of service life", "EOSL", "Support end", "Support end date",
            "Support ends", "Support until", "End of life", "End of life date", "EOL", "EOL date",
            "Supportende", "Support bis", "Ende des Supports", "Herstellersupport bis",
            "Fin de support", "Date de fin de support", "Fin de vie", "Fin de soporte",
            "Fecha de fin de soporte", "Fin de vida útil",
        ],
    ),
];

/// Names that mean one thing in one table and another in the next: a set of names, and the
/// fields that they may mean. The first field that no other column of the table has is meant;
/// where there is none, the column is kept as it stands. An unknown word in such a column is kept
/// and not told, for it may well be a word of another matter.
#[rustfmt::skip]
pub(super) const CONTEXT: &[(&[&str], &[Field])] = &[
    (
        &[
            "Location", "Location name", "Device location", "Current location", "Physical location",
            "Device CMMS location", "CMMS location", "Asimily device location", "Standort",
            "Aufstellort", "Einsatzort", "Lokation", "Emplacement", "Localisation", "Lieu",
            "Ubicación", "Localización",
        ],
        &[Field::Room, Field::Unit, Field::Site],
    ),
    (&["Service", "Service name"], &[Field::Unit, Field::CareService]),
    (&["Type", "Typ"], &[Field::Model]),
    (&["Vendor", "Vendor name", "Device vendor"], &[Field::Manufacturer]),
    (
        &[
            "Status", "State", "Operational status", "Install status", "Installation status",
            "Asset status", "Equipment status", "Device status", "Lifecycle status",
            "Lifecycle stage", "Asset state", "Device CMMS state", "CMMS state",
            "Deployment status", "Active", "Zustand", "Statut", "État", "Estado",
        ],
        &[Field::Usage],
    ),
    (
        &[
            "Risk category", "Equipment risk category", "Equipment class", "Device equipment class",
            "Equipment function", "Device function", "Consequence of failure",
            "Device consequence of failure", "Business criticality", "Busines criticality",
            "Business impact", "Clinical impact",
        ],
        &[Field::Criticality],
    ),
    (&["Number", "No", "Nr", "Num", "Nummer", "Numéro"], &[Field::Id]),
    (
        &[
            "Name", "Asset", "Equipment", "Barcode", "Device name", "Asset name", "Equipment name",
            "Hostname", "Host", "Computer name", "DNS name", "FQDN", "CI name",
            "Configuration item", "Label", "Gerätename", "Nom", "Nombre",
        ],
        &[Field::Name],
    ),
];
