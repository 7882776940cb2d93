//! What the lab's programs read: their configurations, images, scripts.
//!
//! Refuses to hold anything harmful: the attacker's programs are a few bytes that begin like one
//! and do nothing.

use std::fmt::Write;
use std::path::Path;

use super::actor::Stage;
use super::cast::{Addressing, CAST, DICOM, DOMAIN, REST, machine_of};
use super::clock::now;

/// Who works at the desks, with the password; as `smbclient` takes it.
pub(crate) const NURSE: &str = "nurse%round-and-round";
/// The account that the pumps' maker left on them, and the password that everybody knows.
pub(crate) const SERVICE: (&str, &str) = ("service", "service1");
/// What the ultrasound unit is.
pub(crate) const MODALITY: &str = include_str!("modality.py");
/// What the receivers of the lab are.
pub(crate) const RECEIVER: &str = include_str!("receiver.py");

/// The DHCP and name server.
pub(crate) fn dnsmasq(folder: &Path) -> String {
    let mut out = format!(
        "interface=eth0\nbind-interfaces\nno-resolv\nno-hosts\nno-ping\nno-daemon\nuser=root\n\
         domain={DOMAIN}\ndhcp-authoritative\ndhcp-range=10.20.0.100,10.20.0.150,2m\n\
         dhcp-option=option:router,10.20.0.1\ndhcp-option=option:dns-server,10.20.0.2\n\
         dhcp-leasefile={}\n",
        folder.join("leases").display()
    );
    for machine in &CAST {
        let _ = writeln!(out, "host-record={}.{DOMAIN},{}", machine.name, machine.address());
        if machine.addressing == Addressing::Leased {
            let _ = writeln!(out, "dhcp-host={},{}", machine.mac_text(), machine.address());
        }
    }
    out
}

/// What a DHCP client does with its lease (udhcpc's environment).
pub(crate) const LEASED: &str = "#!/bin/sh
case \"$1\" in
bound|renew)
    ip addr replace \"$ip/$mask\" dev \"$interface\"
    [ -z \"$router\" ] || ip route replace default via \"$router\"
    ;;
esac
";

/// The archive, with its worklist.
pub(crate) fn orthanc(folder: &Path) -> String {
    let path = |name: &str| folder.join(name).display().to_string();
    serde_json::json!({
        "Name": "ARCHIVE",
        "StorageDirectory": path("store"),
        "IndexDirectory": path("store"),
        "Plugins": ["/usr/share/orthanc/plugins/libModalityWorklists.so"],
        "Worklists": { "Enable": true, "Database": path("worklist") },
        "LuaScripts": [path("ledger.lua")],
        "HttpServerEnabled": true,
        "HttpPort": REST,
        "RemoteAccessAllowed": true,
        "AuthenticationEnabled": false,
        "DicomServerEnabled": true,
        "DicomAet": "ORTHANC",
        "DicomPort": DICOM,
        "DicomCheckCalledAet": false,
        "DicomAlwaysAllowFind": true,
        "DicomAlwaysAllowFindWorklist": true,
        "DicomAlwaysAllowStore": true,
    })
    .to_string()
}

/// The archive's own ledger: it calls this when it has stored an image, and when it is asked for
/// what it has. Its clock counts seconds.
pub(crate) fn lua(ledger: &Path) -> String {
    format!(
        r#"local number = 0
local function note(other, kind, key)
  number = number + 1
  local file = io.open("{}", "a")
  file:write(string.format('{{"at":%d000000,"number":%d,"who":"pacs","with":"%s","kind":"%s","key":"%s"}}\n',
    os.time(), number, other or "", kind, key or ""))
  file:close()
end
function OnStoredInstance(id, tags, metadata, origin)
  note(origin["RemoteIp"], "dicom.kept", tags["SOPInstanceUID"])
end
function IncomingFindRequestFilter(query, origin)
  note(origin["RemoteIp"], "dicom.asked", query["0020,000d"])
  return query
end
"#,
        ledger.display()
    )
}

/// A worklist entry, as `dump2dcm` reads it.
pub(crate) const WORKLIST: &str = "(0008,0050) SH LAB4711
(0010,0010) PN Kirschbaum^Lioba
(0010,0020) LO LAB-000419
(0020,000d) UI 2.25.130318902749219025.1
(0032,1060) LO CT of the head
(0040,0100) SQ
(fffe,e000) na
(0008,0060) CS CT
(0040,0001) AE CT64
(0040,0002) DA 20270101
(0040,0003) TM 080000
(0040,0009) SH STEP1
(fffe,e00d) na
(fffe,e0dd) na
(0040,1001) SH PROC1
";

/// The UID of a new image, series or study: 128 bits that no other run has (PS3.5, B.2).
pub(crate) fn uid(number: u32) -> String {
    let time = u128::try_from(now()).unwrap_or_default();
    format!("2.25.{}", time << 64 | u128::from(std::process::id()) << 32 | u128::from(number))
}

/// An image of a CT, as `dump2dcm` reads it: 64 by 64 grey pixels.
pub(crate) fn image(uid: &str, stage: &Stage) -> String {
    let pixels = stage.file("pixels.raw");
    format!(
        "(0008,0016) UI 1.2.840.10008.5.1.4.1.1.2\n(0008,0018) UI {uid}\n(0008,0060) CS CT\n\
         (0010,0010) PN Kirschbaum^Lioba\n(0010,0020) LO LAB-000419\n\
         (0020,000d) UI {}\n(0020,000e) UI {}\n(0020,0013) IS 1\n\
         (0028,0002) US 1\n(0028,0004) CS MONOCHROME2\n(0028,0010) US 64\n(0028,0011) US 64\n\
         (0028,0100) US 16\n(0028,0101) US 12\n(0028,0102) US 11\n(0028,0103) US 0\n\
         (7fe0,0010) OW ={}\n",
        self::uid(0),
        self::uid(1),
        pixels.display()
    )
}

/// An image with a program's first bytes in its preamble (CVE-2019-11687): `MZ`, and nothing that
/// could run.
pub(crate) fn poisoned(image: &[u8]) -> Vec<u8> {
    let mut preamble = [0; 128];
    preamble[..2].copy_from_slice(b"MZ");
    let rest = image.get(128..).unwrap_or_default();
    [&preamble[..], rest].concat()
}

/// What the attacker carries about: it begins like a Windows program and is none.
pub(crate) fn payload() -> Vec<u8> {
    let mut bytes = b"MZ\x90\0".to_vec();
    bytes.resize(8_192, 0);
    bytes
}

/// A file server's configuration. `roots` are its shares with their folders.
pub(crate) fn samba(folder: &Path, name: &str, shares: &[&str]) -> String {
    let path = |name: &str| folder.join(name).display().to_string();
    let mut out = format!(
        "[global]\nnetbios name = {name}\nworkgroup = BRIGID\nserver role = standalone server\n\
         security = user\nmap to guest = never\nsmb ports = 445\ndisable netbios = yes\n\
         load printers = no\nprinting = bsd\nprintcap name = /dev/null\ndisable spoolss = yes\n\
         private dir = {0}\nlock directory = {0}\nstate directory = {0}\ncache directory = {0}\n\
         pid directory = {0}\nncalrpc dir = {0}/ncalrpc\npassdb backend = smbpasswd:{0}/passwords\n\
         username map = {1}\nlog file = {0}/log\nforce user = root\n",
        folder.join("samba").display(),
        path("users")
    );
    for share in shares {
        let folder = path(&share.to_lowercase().replace('$', ""));
        let _ = write!(out, "[{share}]\npath = {folder}\nread only = no\n");
    }
    out
}

/// What every call of `smbclient` is given: a configuration of nobody's.
pub(crate) fn smb(stage: &Stage) -> [String; 3] {
    let none = stage.file("smb.conf");
    if !none.exists() {
        let _ = std::fs::write(&none, "[global]\n");
    }
    ["-s".to_owned(), none.display().to_string(), "-t8".to_owned()]
}

/// The scanner's remote console: one answer for each line, whatever is asked.
pub(crate) const CONSOLE: &str = "#!/bin/sh
while read -r asked; do
    echo \"ready: $asked\"
done
";

/// The SSH server of the scanner: only the maker's key, only the console.
pub(crate) fn sshd(folder: &Path) -> String {
    let path = |name: &str| folder.join(name).display().to_string();
    format!(
        "Port 22\nListenAddress {}\nHostKey {}\nAuthorizedKeysFile {}\nStrictModes no\nUsePAM no\n\
         PasswordAuthentication no\nKbdInteractiveAuthentication no\n\
         PermitRootLogin prohibit-password\nPidFile none\nForceCommand /bin/sh {}\n",
        machine_of("ct").address(),
        path("host-key"),
        path("support-key.pub"),
        path("console.sh")
    )
}
