//! Python environments with packages at pinned versions.

use anyhow::{Result, bail};

use crate::paths;
use crate::sh::{self, Run};

/// Installs the packages of a file of requirements with hashes, unless the environment has them already. Both
/// paths are relative to the root of the repository. `name` is printed.
pub(crate) fn install(environment: &str, requirements: &str, name: &str) -> Result<()> {
    let wanted = paths::read(&paths::from_root(requirements))?;
    let environment = paths::from_root(environment);
    let installed = environment.join("installed.txt");
    if std::fs::read_to_string(&installed).is_ok_and(|text| text == wanted) {
        return Ok(());
    }
    if sh::find("python3").is_none() {
        bail!("`python3` is not on PATH: on Debian or Ubuntu run `apt-get install python3-venv`");
    }
    Run::new("python3").args(["-m", "venv", "--clear"]).arg(&environment).quiet("a Python environment")?;
    Run::new(environment.join("bin/pip"))
        .args(["install", "--require-hashes", "--no-deps", "--requirement", requirements])
        .quiet(&format!("pip install, {name}"))?;
    paths::write(&installed, wanted)
}
