//! Signatures of others, and tokens that are wrong in one thing.
