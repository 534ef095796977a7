//! Applies the patches that several rules share.

use causerie_protocol::params::{Custom, CustomPatch};
use causerie_protocol::patch::Patch;
use causerie_protocol::validation;

use super::error::RuleResult;

/// Returns custom data after a patch. Refuses it if the result is over the limits, even if the patch is
/// within them.
pub(super) fn patched_custom(patch: Patch<CustomPatch>, current: &Custom) -> RuleResult<Custom> {
    let patch = match patch {
        Patch::Keep => return Ok(current.clone()),
        Patch::Clear => return Ok(Custom::new()),
        Patch::Set(patch) => patch,
    };
    let mut custom = current.clone();
    for (key, value) in patch {
        match value {
            Some(value) => custom.insert(key, value),
            None => custom.remove(&key),
        };
    }
    validation::check_custom(
        "custom",
        custom.iter().map(|(key, value)| (key.as_str(), Some(value.as_str()))),
    )?;
    Ok(custom)
}

/// Returns a setting after a patch; a cleared one is the default.
pub(super) fn patched<T: Copy + Default>(patch: &Patch<T>, current: T) -> T {
    match patch {
        Patch::Keep => current,
        Patch::Clear => T::default(),
        Patch::Set(value) => *value,
    }
}

/// Returns an optional text after a patch. An empty text means that it is not set.
pub(super) fn set_text(patch: Patch<String>, current: Option<String>) -> Option<String> {
    patch.apply(current).filter(|text| !text.is_empty())
}
