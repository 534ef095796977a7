//! The plain HTTP endpoints: the REST API for backends, files, health checks and static files.

pub(crate) mod files;
pub(crate) mod health;
pub(crate) mod rest;
pub(crate) mod static_files;
