//! Writes the lists of parts (SBOM, in the format CycloneDX 1.6) of what users get: the server's program, and
//! the npm package.
//!
//! The parts are what `cargo tree` finds for one crate and one platform: with their exact versions and
//! features, and the checksums of `Cargo.lock`. What only builds them has the scope `excluded`. The C code of
//! SQLite and jemalloc, and Rust's standard library, are parts, too.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use serde_json::{Value, json};

use crate::paths;
use crate::sh::{Progress, Run};

const FOLDER: &str = "target/sbom";
const SERVER: &str = "causerie-server";
const BINDING: &str = "causerie";
const WASM: &str = "wasm32-unknown-unknown";
const SQLITE: &str = "libsqlite3-sys";
const JEMALLOC: &str = "tikv-jemalloc-sys";

/// Writes both lists.
pub(crate) fn run() -> Result<()> {
    let progress = Progress::start("the lists of parts (SBOM)");
    let rustc = Run::new("rustc").arg("-vV").output()?;
    let from_rustc = |name: &str| {
        let line = rustc.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.ok_or_else(|| anyhow!("`rustc -vV` prints no {name}"))
    };
    let lock = checksums(&paths::read(&paths::from_root("Cargo.lock"))?);
    let std = Package { name: "rust-std".to_owned(), version: from_rustc("release")?.to_owned() };
    let std = Foreign { package: std, license: "MIT OR Apache-2.0", used_by: None };
    let package = paths::read_json(&paths::from_root("pkg/package.json"))?;
    ensure!(
        package.get("dependencies").is_none(),
        "pkg/package.json: the list of parts lacks npm dependencies"
    );

    let server = Tree::read(SERVER, from_rustc("host")?)?;
    let sqlite = Foreign { package: sqlite()?, license: "blessing", used_by: Some(SQLITE) };
    let jemalloc = Foreign { package: server.jemalloc()?, license: "BSD-2-Clause", used_by: Some(JEMALLOC) };
    let root = server.root()?.clone();
    let of_server = server.bom(&root.purl(), &root, &[&std, &sqlite, &jemalloc], &lock)?;
    let binding = Tree::read(BINDING, WASM)?;
    let root = Package { name: BINDING.to_owned(), version: binding.root()?.version.clone() };
    let of_npm = binding.bom(&format!("pkg:npm/{BINDING}@{}", root.version), &root, &[&std], &lock)?;
    let version = &root.version;
    let mut counts = Vec::new();
    for (name, bom) in [("server", of_server), ("npm", of_npm)] {
        verify(&bom).with_context(|| format!("the list of the parts of {name}"))?;
        counts.push(format!("{name}: {}", list(&bom, "components").len()));
        let text = serde_json::to_string_pretty(&bom).context("cannot write the list")?;
        paths::write(&paths::from_root(FOLDER).join(format!("causerie-{name}-{version}.cdx.json")), text)?;
    }
    progress.done();
    println!("    parts in {FOLDER}: {}", counts.join(", "));
    Ok(())
}

/// A package of Cargo or, for a [`Foreign`] part, of nobody.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Package {
    name: String,
    version: String,
}

impl Package {
    /// The package's URL, which identifies it in a list.
    fn purl(&self) -> String {
        format!("pkg:cargo/{}@{}", self.name, self.version)
    }
}

/// A part that is no Cargo package.
struct Foreign {
    package: Package,
    license: &'static str,
    /// The Cargo package that contains it; the program itself if `None`.
    used_by: Option<&'static str>,
}

impl Foreign {
    fn purl(&self) -> String {
        format!("pkg:generic/{}@{}", self.package.name, self.package.version)
    }
}

/// The packages of a program.
#[derive(Default)]
struct Tree {
    root: Option<Package>,
    /// The licence of each package.
    licenses: BTreeMap<Package, String>,
    uses: BTreeMap<Package, BTreeSet<Package>>,
    /// The packages that are in the program, and not only in its build.
    linked: BTreeSet<Package>,
}

impl Tree {
    fn read(package: &str, target: &str) -> Result<Tree> {
        let tree = |edges: &str| {
            Run::cargo()
                .args(["tree", "--locked", "--package", package, "--target", target, "--edges", edges])
                .args(["--prefix", "depth", "--format", "\t{p}\t{l}"])
                .output()
        };
        let mut all = Tree::parse(&tree("normal,build")?)?;
        all.linked = Tree::parse(&tree("normal,no-proc-macro")?)?.licenses.into_keys().collect();
        Ok(all)
    }

    /// Reads lines of depth, package and licence, as in `2⇥serde v1.0.0 (*)⇥MIT`.
    fn parse(lines: &str) -> Result<Tree> {
        let mut tree = Tree::default();
        let mut path: Vec<Package> = Vec::new();
        for line in lines.lines().filter(|line| !line.is_empty()) {
            let mut fields = line.split('\t');
            let (Some(depth), Some(package), Some(license)) = (fields.next(), fields.next(), fields.next())
            else {
                bail!("cargo tree: unexpected line: {line}");
            };
            let depth: usize = depth.parse().with_context(|| format!("cargo tree: no depth: {line}"))?;
            let (name, rest) = package.split_once(" v").ok_or_else(|| anyhow!("no version: {line}"))?;
            let version = rest.split(' ').next().unwrap_or_default();
            let package = Package { name: name.to_owned(), version: version.to_owned() };
            let license = license.trim_end_matches(" (*)").replace('/', " OR ");
            path.truncate(depth);
            match path.last() {
                Some(parent) => {
                    tree.uses.entry(parent.clone()).or_default().insert(package.clone());
                }
                None => tree.root = Some(package.clone()),
            }
            tree.licenses.insert(package.clone(), license);
            path.push(package);
        }
        Ok(tree)
    }

    fn root(&self) -> Result<&Package> {
        self.root.as_ref().ok_or_else(|| anyhow!("cargo tree printed nothing"))
    }

    /// The C code of jemalloc, whose version is the second part of that of the crate: `0.7.1+5.3.1-0-g…`.
    fn jemalloc(&self) -> Result<Package> {
        let package = self.licenses.keys().find(|package| package.name == JEMALLOC);
        let version = package.and_then(|package| package.version.split(['+', '-']).nth(1));
        let version = version.ok_or_else(|| anyhow!("{JEMALLOC} is no longer a dependency"))?;
        Ok(Package { name: "jemalloc".to_owned(), version: version.to_owned() })
    }

    /// Returns the list of the parts. `purl` is that of the whole.
    fn bom(
        &self,
        purl: &str,
        whole: &Package,
        foreign: &[&Foreign],
        checksums: &BTreeMap<Package, String>,
    ) -> Result<Value> {
        let root = self.root()?;
        let is_root = |package: &Package| package == root && purl == root.purl();
        let mut components = Vec::new();
        let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (package, license) in self.licenses.iter().filter(|(package, _)| !is_root(package)) {
            let of = package.purl();
            let scope = if self.linked.contains(package) { "required" } else { "excluded" };
            let mut component = component("library", package, &of, license);
            if let Some(fields) = component.as_object_mut() {
                fields.insert("scope".to_owned(), scope.into());
                if let Some(checksum) = checksums.get(package) {
                    let hashes = json!([{ "alg": "SHA-256", "content": checksum }]);
                    fields.insert("hashes".to_owned(), hashes);
                }
            }
            components.push(component);
            uses.entry(of).or_default();
        }
        for (package, used) in &self.uses {
            uses.entry(package.purl()).or_default().extend(used.iter().map(Package::purl));
        }
        if purl != root.purl() {
            uses.entry(purl.to_owned()).or_default().insert(root.purl());
        }
        for part in foreign {
            components.push(component("library", &part.package, &part.purl(), part.license));
            let user = match part.used_by {
                None => purl.to_owned(),
                Some(name) => {
                    let user = self.licenses.keys().find(|package| package.name == name);
                    user.ok_or_else(|| anyhow!("{name} is no longer a dependency"))?.purl()
                }
            };
            uses.entry(user).or_default().insert(part.purl());
            uses.entry(part.purl()).or_default();
        }
        let dependencies: Vec<Value> =
            uses.iter().map(|(of, on)| json!({ "ref": of, "dependsOn": on })).collect();
        let license = self.licenses.get(root).map_or("", String::as_str);
        Ok(json!({
            "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "version": 1,
            "metadata": {
                "tools": { "components": [{ "type": "application", "name": "cargo xtask sbom" }] },
                "component": component("application", whole, purl, license),
            },
            "components": components,
            "dependencies": dependencies,
        }))
    }
}

fn component(kind: &str, package: &Package, purl: &str, license: &str) -> Value {
    json!({
        "type": kind, "bom-ref": purl, "name": package.name, "version": package.version, "purl": purl,
        "licenses": [{ "expression": license }],
    })
}

/// Fails unless each part has a licence and is used by another one, and each reference leads to a part.
fn verify(bom: &Value) -> Result<()> {
    let parts = list(bom, "components");
    let root = text(bom, "/metadata/component/purl");
    let mut refs = BTreeSet::from([root]);
    for part in parts {
        let purl = text(part, "/purl");
        ensure!(!text(part, "/licenses/0/expression").is_empty(), "{purl} has no licence");
        let is_ours = purl.starts_with("pkg:cargo/causerie") || purl.starts_with("pkg:generic/");
        ensure!(is_ours || !text(part, "/hashes/0/content").is_empty(), "{purl} has no checksum");
        ensure!(refs.insert(purl), "{purl} is listed twice");
    }
    let mut used = BTreeSet::from([root]);
    for dependency in list(bom, "dependencies") {
        used.extend(list(dependency, "dependsOn").iter().filter_map(Value::as_str));
        ensure!(refs.contains(text(dependency, "/ref")), "{dependency} is about no part");
    }
    let different = Vec::from_iter(used.symmetric_difference(&refs));
    ensure!(parts.len() > 1 && different.is_empty(), "not listed, or not used: {different:?}");
    Ok(())
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Returns the checksums in a `Cargo.lock`.
fn checksums(lock: &str) -> BTreeMap<Package, String> {
    let field = |entry: &str, name: &str| {
        let line = entry.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = \""))?;
        Some(line.trim_end_matches('"').to_owned())
    };
    (lock.split("[[package]]"))
        .filter_map(|entry| {
            let package = Package { name: field(entry, "name")?, version: field(entry, "version")? };
            Some((package, field(entry, "checksum")?))
        })
        .collect()
}

/// The C code of SQLite, which a crate contains.
fn sqlite() -> Result<Package> {
    let metadata = Run::cargo().args(["metadata", "--format-version", "1", "--locked"]).output()?;
    let metadata: Value = serde_json::from_str(&metadata).context("cargo metadata printed no JSON")?;
    let package = list(&metadata, "packages").iter().find(|package| text(package, "/name") == SQLITE);
    let package = package.ok_or_else(|| anyhow!("{SQLITE} is no longer a dependency"))?;
    let manifest = Path::new(text(package, "/manifest_path"));
    let header = paths::read(&manifest.with_file_name("sqlite3").join("sqlite3.h"))?;
    let line = header.lines().find_map(|line| line.strip_prefix("#define SQLITE_VERSION "));
    let version = line.ok_or_else(|| anyhow!("{SQLITE}: sqlite3.h has no version"))?;
    Ok(Package { name: "sqlite".to_owned(), version: version.trim().trim_matches('"').to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "0\tprogram v0.1.0 (/a/path)\tMIT\n1\tone v1.2.3\tMIT/Apache-2.0\n2\ttwo v0.4.0\tZlib\n\
                        1\tmacro v3.0.0 (proc-macro)\tMIT\n2\ttwo v0.4.0\tZlib (*)\n";
    const LOCK: &str = "version = 4\n\n[[package]]\nname = \"one\"\nversion = \"1.2.3\"\nchecksum = \"aa\"\n\n\
                        [[package]]\nname = \"two\"\nversion = \"0.4.0\"\nsource = \"x\"\nchecksum = \"bb\"\n\n\
                        [[package]]\nname = \"macro\"\nversion = \"3.0.0\"\nchecksum = \"cc\"\n";

    fn bom(tree: &Tree, lock: &str) -> Value {
        let root = tree.root().unwrap().clone();
        let std = Package { name: "rust-std".to_owned(), version: "1.0.0".to_owned() };
        let std = Foreign { package: std, license: "MIT", used_by: None };
        tree.bom(&root.purl(), &root, &[&std], &checksums(lock)).unwrap()
    }

    #[test]
    fn each_part_of_the_tree_is_listed_once_with_what_it_uses() {
        let mut tree = Tree::parse(TREE).unwrap();
        tree.linked = tree.licenses.keys().filter(|package| package.name != "macro").cloned().collect();
        let bom = bom(&tree, LOCK);
        verify(&bom).unwrap();
        let parts: Vec<(&str, &str)> = (bom["components"].as_array().unwrap().iter())
            .map(|part| (part["purl"].as_str().unwrap(), part["scope"].as_str().unwrap_or_default()))
            .collect();
        let expected = [
            ("pkg:cargo/macro@3.0.0", "excluded"),
            ("pkg:cargo/one@1.2.3", "required"),
            ("pkg:cargo/two@0.4.0", "required"),
            ("pkg:generic/rust-std@1.0.0", ""),
        ];
        assert_eq!(parts, expected);
        assert_eq!(bom["components"][1]["licenses"][0]["expression"], "MIT OR Apache-2.0");
        assert_eq!(bom["components"][1]["hashes"][0]["content"], "aa");
        let uses = bom["dependencies"].as_array().unwrap();
        let of_root = uses.iter().find(|uses| uses["ref"] == "pkg:cargo/program@0.1.0").unwrap();
        let expected = json!(["pkg:cargo/macro@3.0.0", "pkg:cargo/one@1.2.3", "pkg:generic/rust-std@1.0.0"]);
        assert_eq!(of_root["dependsOn"], expected);
    }

    #[test]
    fn a_list_with_a_part_that_lacks_something_is_refused() {
        let tree = Tree::parse(TREE).unwrap();
        let refusal = |bom: &Value| verify(bom).unwrap_err().to_string();
        let unlocked = LOCK.replace("name = \"one\"", "name = \"other\"");
        assert!(refusal(&bom(&tree, &unlocked)).contains("one@1.2.3 has no checksum"));
        let mut unlicensed = bom(&tree, LOCK);
        unlicensed["components"][2]["licenses"][0]["expression"] = "".into();
        assert!(refusal(&unlicensed).contains("two@0.4.0 has no licence"));
        let mut incomplete = bom(&tree, LOCK);
        incomplete["components"].as_array_mut().unwrap().remove(2);
        assert!(refusal(&incomplete).contains("two@0.4.0"));
    }
}
