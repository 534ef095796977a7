//! Whatever is typed.
