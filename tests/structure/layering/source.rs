//! What a source names: every path of it, whole and absolute, however it is spelled.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{
    Attribute, ExprMethodCall, ItemFn, ItemMod, ItemUse, Macro, UseTree,
    visit::{self, Visit},
};

/// A source file without its tests.
pub(crate) struct Source {
    /// `src/store/lock.rs`.
    pub(crate) path: String,
    /// `store`: the module below the crate that it belongs to; `main` and `lib` for those two.
    pub(crate) module: String,
    /// `std::fs::File`, `crate::store::lock`; a glob import ends in `*`.
    pub(crate) names: BTreeSet<String>,
    /// The methods that are called.
    pub(crate) methods: BTreeSet<String>,
}

impl Source {
    /// Reads a source. `path` tells what its `super` and `self` mean.
    pub(crate) fn read(path: &str, text: &str) -> Self {
        let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        let inside = path.trim_start_matches("src/").trim_end_matches(".rs");
        let here: Vec<_> =
            inside.split('/').filter(|part| !matches!(*part, "lib" | "main")).map(str::to_owned).collect();
        let mut reader = Reader { here, names: BTreeSet::new(), methods: BTreeSet::new() };
        reader.visit_file(&file);
        let module = inside.split('/').next().unwrap_or_default().to_owned();
        Self { path: path.to_owned(), module, names: reader.names, methods: reader.methods }
    }

    /// Whether it names that path, something below it, or a glob that has it.
    pub(crate) fn name_of(&self, banned: &str) -> Option<&str> {
        self.names.iter().map(String::as_str).find(|name| names(name, banned))
    }

    /// The modules of the crate that it names.
    pub(crate) fn modules(&self) -> BTreeSet<&str> {
        self.names.iter().filter_map(|name| name.strip_prefix("crate::")?.split("::").next()).collect()
    }
}

/// Whether `name` is `banned`, lies below it, or imports all of what `banned` lies in.
fn names(name: &str, banned: &str) -> bool {
    let below =
        |path: &str, of: &str| path.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
    match name.strip_suffix("::*") {
        Some(all) => below(banned, all) || below(all, banned),
        None => below(name, banned),
    }
}

/// All sources of the crate.
pub(crate) fn all() -> Vec<Source> {
    let mut files = Vec::new();
    collect(Path::new("src"), &mut files);
    files.sort();
    let path = |file: &PathBuf| file.to_str().expect("our names are text").replace('\\', "/");
    files.iter().map(|file| Source::read(&path(file), &fs::read_to_string(file).unwrap())).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("tests") {
            collect(&path, files);
        } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs") {
            files.push(path);
        }
    }
}

struct Reader {
    /// The module that is being read, below the crate.
    here: Vec<String>,
    names: BTreeSet<String>,
    methods: BTreeSet<String>,
}

impl Reader {
    /// Notes a path of two or more segments, or of one that stands for a module: a lone name is a local one.
    fn note(&mut self, segments: &[String]) {
        let mut whole: Vec<String> = Vec::new();
        for (at, segment) in segments.iter().enumerate() {
            match segment.as_str() {
                "self" if at == 0 => whole.extend(self.absolute(0)),
                "super" if at == 0 => whole.extend(self.absolute(1)),
                "super" => _ = whole.pop(),
                "self" => {}
                other => whole.push(other.to_owned()),
            }
        }
        self.names.insert(whole.join("::"));
    }

    /// `crate::a::b`: the module so many steps above this one.
    fn absolute(&self, above: usize) -> Vec<String> {
        let depth = self.here.len().saturating_sub(above);
        std::iter::once("crate".to_owned()).chain(self.here[..depth].iter().cloned()).collect()
    }

    fn tree(&mut self, tree: &UseTree, before: &mut Vec<String>) {
        let mut leaf = |reader: &mut Self, name: String| {
            before.push(name);
            reader.note(before);
            before.pop();
        };
        match tree {
            UseTree::Name(name) => leaf(self, name.ident.to_string()),
            UseTree::Rename(name) => leaf(self, name.ident.to_string()),
            UseTree::Glob(_) => leaf(self, "*".to_owned()),
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.tree(&path.tree, before);
                before.pop();
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(tree, before)),
        }
    }

    /// The paths in a macro's arguments, which are no syntax to the compiler either.
    fn tokens(&mut self, tokens: TokenStream) {
        let (mut path, mut colons) = (Vec::<String>::new(), 0);
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    if colons != 2 {
                        self.end(&mut path);
                    }
                    path.push(name.to_string());
                    colons = 0;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => {
                    self.end(&mut path);
                    colons = 0;
                    self.tokens(group.stream());
                }
                _ => {
                    self.end(&mut path);
                    colons = 0;
                }
            }
        }
        self.end(&mut path);
    }

    fn end(&mut self, path: &mut Vec<String>) {
        if path.len() > 1 {
            self.note(path);
        }
        path.clear();
    }
}

/// `#[cfg(test)]`.
fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| attribute.to_token_stream().to_string().replace(' ', "") == "#[cfg(test)]")
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if !is_test(&item.attrs) {
            self.tree(&item.tree, &mut Vec::new());
        }
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if is_test(&item.attrs) {
            return;
        }
        self.here.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.here.pop();
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        if !is_test(&item.attrs) {
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if segments.len() > 1 {
            self.note(&segments);
        }
        visit::visit_path(self, path);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        self.methods.insert(call.method.to_string());
        visit::visit_expr_method_call(self, call);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.tokens(call.tokens.clone());
        let calls = call.tokens.to_string();
        if calls.contains("expose_secret") {
            self.methods.insert("expose_secret".to_owned());
        }
        visit::visit_macro(self, call);
    }
}
