//! Movement from machine to machine over SMB (T1021.002, T1569.002, T1570), and programs hidden in
//! DICOM files (T1027.009).
//!
//! Refuses to call every share an attack: an ordinary share is what file servers are for.

use domain::network::{Conversation, Direction, Moment};
use domain::sighting::{Dicom, Executable, Said, Smb};

use super::{Detection, Reached, Technique};

/// Something was said within a session.
pub(super) fn said(
    at: Moment,
    spoken: &Conversation,
    direction: Direction,
    said: &Said,
) -> Option<Detection> {
    let (technique, evidence, reached) = match said {
        Said::Smb(Smb::Share(share)) if is_administrators(share) => {
            let evidence = format!("it opened the share `{}`", share.to_ascii_uppercase());
            (Technique::RemoteShare, evidence, Reached::Tried)
        }
        Said::Smb(Smb::Pipe(pipe)) if makes_services(pipe) => {
            let evidence = format!("it opened the pipe `{pipe}`");
            (Technique::RemoteService, evidence, Reached::GotIn)
        }
        Said::Smb(Smb::ProgramWritten(kind)) if direction == Direction::ToServer => {
            let evidence = format!("it wrote {} over SMB", words(*kind));
            (Technique::ToolTransfer, evidence, Reached::GotIn)
        }
        Said::Dicom(Dicom::ExecutablePreamble(kind)) => {
            let evidence = format!("the preamble of a DICOM file is {}", words(*kind));
            (Technique::EmbeddedProgram, evidence, Reached::GotIn)
        }
        _ => return None,
    };
    let (source, target) = match direction {
        Direction::ToServer => (spoken.client.address, spoken.server.address),
        Direction::ToClient => (spoken.server.address, spoken.client.address),
    };
    Some(Detection {
        at,
        since: at,
        technique,
        source,
        targets: [target].into(),
        service: Some(spoken.service()),
        evidence,
        proposed: technique.level(),
        reached,
    })
}

/// Windows' administrative shares: `ADMIN$`, and a drive's letter with a dollar.
fn is_administrators(share: &str) -> bool {
    let share = share.to_ascii_uppercase();
    share == "ADMIN$" || matches!(share.as_bytes(), [letter, b'$'] if letter.is_ascii_uppercase())
}

/// The pipes of the service manager and of the task scheduler (MS-SCMR 2.1, MS-TSCH 2.1).
fn makes_services(pipe: &str) -> bool {
    let pipe = pipe.to_ascii_lowercase();
    ["svcctl", "atsvc", "psexesvc"].iter().any(|name| pipe.ends_with(name))
}

fn words(kind: Executable) -> &'static str {
    match kind {
        Executable::PortableExecutable => "a Windows program",
        Executable::Elf => "a Linux program",
        Executable::MachO => "a macOS program",
        Executable::Script => "a script",
    }
}
