//! What may be a reaction, and its one form.
