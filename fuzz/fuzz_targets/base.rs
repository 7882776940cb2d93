//! Fuzzes `base`; see `compiled.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| asepsis_fuzz::run("base", bytes));
