//! The logs: structured lines on standard error.
//!
//! No log line contains a token, a secret, a body or the text of a message. Users and apps appear by their
//! ids. Lines of one HTTP request have the span `request` with its number, method, route and app; lines of
//! one WebSocket connection have the span `connection` with its number and app.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;

/// The filter if `RUST_LOG` is not set.
const DEFAULT_FILTER: &str = "info";

/// Starts logging for the process. Does nothing if logging was started before.
pub fn start(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let _ = match format {
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).try_init(),
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).try_init(),
    };
}
