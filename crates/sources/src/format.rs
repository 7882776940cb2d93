//! Which format a document is in, told by its content and never by its name.
