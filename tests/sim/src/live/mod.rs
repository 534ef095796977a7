//! Live data end to end: engines with lists of their own, the real server behind its real sockets, and the failing
//! network between them.
//!
//! [`server`] brings texts to the server one at a time and reads after each what is in every conversation, the
//! [`truth`]; [`person`] is an engine with a driver's [`lists`] and somebody who talks, edits, deletes, comes and goes;
//! [`judging`] says afterwards whether each list, whenever something came for it, was what had been there at that number,
//! and whether in the end everybody has what a newcomer is given. [`sabotage`] breaks promises, to see that it is noticed.
//!
//! The order of events is decided by the seed, but for when the server's own pushes are gathered: those come from tasks
//! and threads of its own, and may be a step late, as over any network.

mod judging;
mod lists;
mod person;
mod sabotage;
mod server;
mod tests;
mod truth;
