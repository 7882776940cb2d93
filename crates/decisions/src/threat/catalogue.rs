//! The techniques that are looked for, by the names of MITRE ATT&CK (Enterprise), and the level
//! that each proposes.
//!
//! Refuses to hide a number: what makes a rule complete stands beside it.

use domain::order::Level;

macro_rules! techniques {
    ($($name:ident $text:literal $attack:literal $level:ident $meaning:literal;)*) => {
        /// A technique that is looked for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Technique {
            $(#[doc = $meaning] $name,)*
        }

        impl Technique {
            /// Every technique.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable name of the rule.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// ATT&CK's identifier.
            #[must_use]
            pub fn attack(self) -> &'static str {
                match self { $(Self::$name => $attack),* }
            }

            /// One sentence: what it means.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning),* }
            }

            /// The level proposed for who does it.
            #[must_use]
            pub fn level(self) -> Level {
                match self { $(Self::$name => Level::$level),* }
            }
        }
    };
}

techniques! {
    ServiceScan "threat.service-scan" "T1046" Contain "It knocks on many services that do not answer";
    FanOut "threat.fan-out" "T1018" Contain "It calls one service on many machines";
    BruteForce "threat.brute-force" "T1110" Contain "It fails to log in, again and again";
    BruteForceSuccess "threat.brute-force-success" "T1110.001" Contain "It logs in after many failures";
    RemoteShare "threat.remote-share" "T1021.002" Contain "It opens an administrator's share of another machine";
    RemoteService "threat.remote-service" "T1569.002" Contain "It reaches for the service manager or the task scheduler of another machine";
    ToolTransfer "threat.tool-transfer" "T1570" Contain "It writes a program to another machine";
    EmbeddedProgram "threat.embedded-program" "T1027.009" Contain "It sends a DICOM file whose preamble is a program";
    Beacon "threat.beacon" "T1071" Contain "It calls an address outside the hospital at a regular rhythm, and never did before";
    NewPeer "threat.new-peer" "T1021" Watch "It calls a machine or a service that its model never called";
    Outside "threat.outside" "T1071" Restrict "It calls an address outside the hospital that its model never called";
}
