//! The nouns of medical-device security and what makes each of them valid.
//!
//! Refuses to do any input or output, to know any file format, and to judge: a type here says what
//! is known and where it was read, never what follows from it.

pub mod advisory;
pub mod bounded;
pub mod care;
pub mod component;
pub mod cpe;
pub mod date;
pub mod decision;
pub mod device;
pub mod fact;
pub mod feed;
pub mod location;
pub mod network;
pub mod packet;
pub mod order;
pub mod person;
pub mod problem;
pub mod purl;
pub mod release;
pub mod severity;
pub mod sighting;
pub mod text;
pub mod version;
pub mod vex;
