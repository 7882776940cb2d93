//! A switch that filters its ports as RADIUS tells it: a Linux bridge, `FreeRADIUS` in front of it,
//! and a script between them that writes a table of the switch's own.
//!
//! Refuses to share that table with anybody: what is tested enforces nothing itself, and only asks.

use std::fmt::Write as _;
use std::process::Stdio;

use super::program::{Folder, command};
use super::server::{Server, Settings};

/// A switch with port filters, on a bridge that is there already.
#[derive(Debug)]
pub struct Switch {
    _server: Server,
    _folder: Folder,
}

/// A list of rules that is on the switch under a name, as Filter-Id gives it.
#[derive(Debug, Clone, Copy)]
pub struct List<'a> {
    /// Its name; of letters, digits and hyphens.
    pub name: &'a str,
    /// What passes either way, a rule of nft(8) on each line, such as
    /// `ip daddr 10.20.0.21 tcp dport 6000 accept`. The rest is dropped.
    pub rules: &'a str,
}

/// What a filter that lets everything pass is called.
pub const OPEN: &str = "open";

impl Switch {
    /// Writes the switch's table into the namespace of a bridge, and starts its server there, with
    /// the script of a switch in the place of any. A station that the bridge has not heard has no
    /// session.
    ///
    /// # Panics
    /// Where that fails; it needs root.
    #[must_use]
    pub fn start(settings: Settings<'_>, bridge: &str, lists: &[List<'_>]) -> Self {
        let folder = settings.files("switch");
        let table = folder.write("table.nft", &table(lists));
        let mut nft = command(settings.namespace, "nft");
        let status = nft.arg("-f").arg(&table).stdin(Stdio::null()).status().expect("nft runs");
        assert!(status.success(), "the switch's table: {}", self::table(lists));
        let script = folder.write("switch.sh", &SCRIPT.replace("BRIDGE", bridge));
        let server = Server::start(Settings { script: Some(&script), ..settings });
        Self { _server: server, _folder: folder }
    }
}

fn table(lists: &[List<'_>]) -> String {
    let mut text = String::from("table bridge switch {\n");
    for list in lists {
        let (name, rules) = (chain(list.name), list.rules);
        let _ = writeln!(text, "chain list_{name} {{\n{rules}\ndrop\n}}");
    }
    text.push_str(
        "map from { type ether_addr : verdict; }
map to { type ether_addr : verdict; }
chain forward {
  type filter hook forward priority 10; policy accept;
  ether type arp accept
  ether saddr vmap @from
  ether daddr vmap @to
}
}
",
    );
    text
}

fn chain(name: &str) -> String {
    name.replace('-', "_")
}

/// What the switch does with a request. Arguments: kind, station, filter's name, filter rules with
/// commas between. It reads the rules as RFC 6733, section 4.3.1, says.
const SCRIPT: &str = r#"
kind=$1; filter=$3; rules=$4
mac=$(echo "$2" | tr 'A-Z-' 'a-z:')
hex=$(echo "$mac" | tr -d :)
t='bridge switch'

no() { echo "Error-Cause = $1"; exit 1; }

bridge fdb show br BRIDGE | grep -v permanent | grep -q "^$mac " || no Session-Context-Not-Found

clear() {
  for map in from to; do
    if nft get element $t $map "{ $mac }" >/dev/null 2>&1; then
      echo "delete element $t $map { $mac }"
    fi
  done
}

end() { # which address port: one end of a rule, as nft says it
  case $2 in
    any) ;;
    *:*) printf ' ip6 %saddr %s' "$1" "$2" ;;
    0.0.0.0/0) printf ' meta protocol ip' ;;
    *) printf ' ip %saddr %s' "$1" "$2" ;;
  esac
  case $3:$4 in
    :*) ;;
    *:6) printf ' tcp %sport %s' "$1" "$3" ;;
    *:17) printf ' udp %sport %s' "$1" "$3" ;;
  esac
}

translate() {
  for way in in out; do
    echo "add chain $t ${way}_$hex"
    echo "flush chain $t ${way}_$hex"
  done
  echo "$rules" | tr ',' '\n' | while read -r action way protocol _ from rest; do
    set -- $rest
    fromport=; toport=; flags=
    [ "$1" = to ] || { fromport=$1; shift; }
    shift; to=$1; shift
    case $1 in ''|established) ;; *) toport=$1; shift ;; esac
    [ "$1" = established ] && flags=' tcp flags & (rst | ack) != 0'
    verdict=accept; [ "$action" = deny ] && verdict=drop
    carried=; [ "$protocol" = ip ] || carried=" meta l4proto $protocol"
    echo "add rule $t ${way}_$hex$carried$(end s "$from" "$fromport" "$protocol")$(end d "$to" "$toport" "$protocol")$flags $verdict"
  done
  echo "add element $t from { $mac : goto in_$hex }"
  echo "add element $t to { $mac : goto out_$hex }"
}

change() {
  if [ -n "$rules" ]; then
    clear
    translate
  elif [ "$filter" = open ]; then
    clear
  else
    list=list_$(echo "$filter" | tr - _)
    nft list chain $t "$list" >/dev/null 2>&1 || return 1
    clear
    echo "add element $t from { $mac : goto $list }"
    echo "add element $t to { $mac : goto $list }"
  fi
}

case $kind in
  CoA-Request) ;;
  *) no Unsupported-Service ;;
esac
written=$(change) || no Invalid-Attribute-Value
echo "$written" | nft -f - >/dev/null 2>&1 || no Resources-Unavailable
exit 0
"#;
