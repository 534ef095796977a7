//! Linear time.
