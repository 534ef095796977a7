//! Reading content, saying what is wrong with it, and what may be sent by whom.
