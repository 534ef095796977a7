//! Reads the modules of a crate and the modules that each of them uses.
//!
//! A module is a file: an inline module counts as a part of the file that contains it, and code under
//! `#[cfg(test)]` is left out. A path is followed through `pub use`, so a name that a parent re-exports leads
//! to the module that defines it, and re-exporting is no dependency of the parent.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use syn::visit::Visit;
use syn::{Attribute, File, Item, UseTree, Visibility};

/// A module's path from the crate's root, `["store", "sqlite"]`. The root's is empty.
pub(crate) type ModulePath = Vec<String>;

/// The modules of one crate.
pub(crate) struct Crate {
    modules: BTreeMap<ModulePath, Module>,
}

struct Module {
    file: PathBuf,
    /// Every path in the module's code, as absolute segments.
    paths: Vec<Vec<String>>,
    /// `pub use` declarations: the exported name and the path that it stands for. `*` is a glob.
    exports: Vec<(String, Vec<String>)>,
}

impl Crate {
    /// Reads the crate whose root file is `root`.
    pub(crate) fn read(root: &Path) -> Crate {
        let mut krate = Crate { modules: BTreeMap::new() };
        let folder = root.parent().unwrap().to_owned();
        krate.read_module(root, &folder, Vec::new());
        krate
    }

    /// The file of each module.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&ModulePath, &Path)> {
        self.modules.iter().map(|(path, module)| (path, module.file.as_path()))
    }

    /// For each module the other modules that it uses.
    pub(crate) fn uses(&self) -> BTreeMap<ModulePath, BTreeSet<ModulePath>> {
        let mut uses = BTreeMap::new();
        for (path, module) in &self.modules {
            let mut used: BTreeSet<_> =
                module.paths.iter().filter_map(|used| self.defining(used, 0)).collect();
            used.remove(path);
            uses.insert(path.clone(), used);
        }
        uses
    }

    /// Adds a module and its children. `folder` is the folder of the module's children.
    fn read_module(&mut self, file: &Path, folder: &Path, path: ModulePath) {
        let text =
            std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let parsed: File =
            syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let mut reader = Reader { module: path.clone(), children: BTreeSet::new(), paths: Vec::new() };
        let mut exports = Vec::new();
        reader.children = child_modules(&parsed.items);
        for item in &parsed.items {
            if is_test(attributes(item)) {
                continue;
            }
            match item {
                Item::Mod(module) if module.content.is_none() => {
                    let name = module.ident.to_string();
                    let flat = folder.join(format!("{name}.rs"));
                    let file = if flat.exists() { flat } else { folder.join(&name).join("mod.rs") };
                    let mut child = path.clone();
                    child.push(name.clone());
                    self.read_module(&file, &folder.join(&name), child);
                }
                Item::Use(declared) if !matches!(declared.vis, Visibility::Inherited) => {
                    let mut targets = Vec::new();
                    flatten(&declared.tree, &mut Vec::new(), &mut targets);
                    for (name, target) in targets {
                        if let Some(target) = reader.absolute(&target) {
                            exports.push((name, target));
                        }
                    }
                }
                other => reader.visit_item(other),
            }
        }
        self.modules.insert(path, Module { file: file.to_owned(), paths: reader.paths, exports });
    }

    /// The module that defines what an absolute path names.
    fn defining(&self, path: &[String], depth: usize) -> Option<ModulePath> {
        let longest = (0..=path.len()).rev().find(|count| self.modules.contains_key(&path[..*count]))?;
        let module = path[..longest].to_vec();
        let Some(name) = path.get(longest) else { return Some(module) };
        if depth > 8 {
            return Some(module);
        }
        let exports = &self.modules[&module].exports;
        if let Some((_, target)) = exports.iter().find(|(export, _)| export == name) {
            return self.defining(target, depth + 1);
        }
        Some(module)
    }
}

/// Collects the paths in the code of one module.
struct Reader {
    module: ModulePath,
    children: BTreeSet<String>,
    paths: Vec<Vec<String>>,
}

impl Reader {
    /// A path from the crate's root, or `None` for a path that leads to another crate or to a local name.
    fn absolute(&self, segments: &[String]) -> Option<Vec<String>> {
        let mut absolute = self.module.clone();
        let mut rest = segments;
        match segments.first()?.as_str() {
            "crate" => {
                absolute.clear();
                rest = &segments[1..];
            }
            "self" => rest = &segments[1..],
            "super" => {
                while rest.first().is_some_and(|segment| segment == "super") {
                    absolute.pop()?;
                    rest = &rest[1..];
                }
            }
            child if self.children.contains(child) => {}
            _ => return None,
        }
        absolute.extend(rest.iter().cloned());
        Some(absolute)
    }

    fn add(&mut self, segments: &[String]) {
        if let Some(absolute) = self.absolute(segments) {
            self.paths.push(absolute);
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        if is_test(attributes(item)) {
            return;
        }
        if let Item::Mod(inline) = item {
            // `super` inside an inline module is this file.
            for item in inline.content.iter().flat_map(|(_, items)| items) {
                if !is_test(attributes(item)) {
                    self.visit_item(item);
                }
            }
            return;
        }
        syn::visit::visit_item(self, item);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let mut targets = Vec::new();
        flatten(&item.tree, &mut Vec::new(), &mut targets);
        for (_, target) in targets {
            self.add(&target);
        }
    }

    // `pub(crate)` and `pub(super)` name a module, but use nothing of it.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.add(&segments);
        syn::visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        self.visit_path(&called.path);
        self.scan(called.tokens.clone());
    }
}

impl Reader {
    /// Finds paths in the tokens of a macro call, which have no syntax tree.
    fn scan(&mut self, tokens: proc_macro2::TokenStream) {
        use proc_macro2::TokenTree;
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    if colons != 2 {
                        self.add(&std::mem::take(&mut path));
                    }
                    path.push(name.to_string());
                    colons = 0;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' && !path.is_empty() => colons += 1,
                // As in `visit_visibility`.
                TokenTree::Group(_) if path.last().is_some_and(|name| name == "pub") => path.clear(),
                TokenTree::Group(group) => {
                    self.add(&std::mem::take(&mut path));
                    self.scan(group.stream());
                }
                _ => {
                    self.add(&std::mem::take(&mut path));
                    colons = 0;
                }
            }
        }
        self.add(&path);
    }
}

/// The names of the modules that are declared in these items.
fn child_modules(items: &[Item]) -> BTreeSet<String> {
    let declared = items.iter().filter_map(|item| match item {
        Item::Mod(module) if module.content.is_none() => Some(module.ident.to_string()),
        _ => None,
    });
    declared.collect()
}

/// Every name that a `use` declares, with the path that it stands for.
fn flatten(tree: &UseTree, prefix: &mut Vec<String>, into: &mut Vec<(String, Vec<String>)>) {
    match tree {
        UseTree::Path(path) => {
            prefix.push(path.ident.to_string());
            flatten(&path.tree, prefix, into);
            prefix.pop();
        }
        UseTree::Group(group) => group.items.iter().for_each(|tree| flatten(tree, prefix, into)),
        UseTree::Glob(_) => into.push(("*".to_owned(), prefix.clone())),
        UseTree::Name(name) if name.ident == "self" => {
            into.push((prefix.last().cloned().unwrap_or_default(), prefix.clone()));
        }
        UseTree::Name(name) => {
            let target: Vec<_> = prefix.iter().cloned().chain([name.ident.to_string()]).collect();
            into.push((name.ident.to_string(), target));
        }
        UseTree::Rename(renamed) => {
            let target: Vec<_> = prefix.iter().cloned().chain([renamed.ident.to_string()]).collect();
            into.push((renamed.rename.to_string(), target));
        }
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Whether an item is compiled for tests only.
fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Ident>().is_ok_and(|argument| argument == "test")
    })
}
