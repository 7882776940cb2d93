//! Fuzzes `radius`; see `enforcing.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| asepsis_fuzz::run("radius", bytes));
