//! Each meaning has one look, which the theme knows: what a view draws is a role, never a colour or a reversal of its own.

use std::{fs, path::Path};

use quote::ToTokens as _;
use syn::visit::{self, Visit};

/// The one that translates roles into colours.
const NAMED: &str = "theme.rs";

#[test]
fn only_the_theme_names_a_color() {
    let view = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tui/view");
    let mut left = vec![view.clone(), view.with_extension("rs")];
    let (mut found, mut count) = (Vec::new(), 0);
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("an entry").path()));
        } else if path != view.join(NAMED) {
            let named = named_in(&fs::read_to_string(&path).expect("a source"));
            found.extend(named.into_iter().map(|name| format!("{}: {name}", path.display())));
            count += 1;
        }
    }
    assert!(count > 15, "only {count} files are looked at");
    assert!(found.is_empty(), "draw a role of the theme:\n{}", found.join("\n"));
}

#[test]
fn planted_colors_are_found() {
    for code in [
        "use ratatui::style::Color;",
        "use ratatui::style::{Color as Paint, Style};",
        "use ratatui::style::*;",
        "use ratatui::style::Stylize as _;",
        "use ratatui::prelude::*;",
        "fn f() { style.fg(ratatui::style::Color::Red) }",
        "fn f() { style.add_modifier(Modifier::REVERSED) }",
        "fn f() { cell.set_bg(it) }",
        "fn f() { Style::new().fg(it) }",
        "fn f() { Style { fg: it, ..Style::new() } }",
        "fn f() { theme::Color::Ansi(3) }",
        "const RED: &str = \"\\x1b[31m\";",
    ] {
        assert!(!named_in(code).is_empty(), "{code}");
    }
    for fine in ["use ratatui::style::Style;", "fn f() { theme.good().patch(theme.row) }", "// Color::Red\nfn f() {}"] {
        assert_eq!(named_in(fine), Vec::<String>::new(), "{fine}");
    }
}

/// What of a source is, or makes, a colour.
fn named_in(source: &str) -> Vec<String> {
    let mut finder = Finder(Vec::new());
    finder.visit_file(&syn::parse_file(source).expect("a source"));
    finder.0
}

struct Finder(Vec<String>);

impl Finder {
    fn check(&mut self, name: &syn::Ident) {
        const NAMES: [&str; 10] =
            ["Color", "Modifier", "Stylize", "fg", "bg", "set_fg", "set_bg", "fg_opt", "bg_opt", "prelude"];
        if NAMES.iter().any(|banned| name == banned) {
            self.0.push(name.to_string());
        }
    }
}

impl<'a> Visit<'a> for Finder {
    fn visit_ident(&mut self, name: &'a syn::Ident) {
        self.check(name);
    }

    fn visit_use_tree(&mut self, tree: &'a syn::UseTree) {
        let path = tree.to_token_stream().to_string().replace(' ', "");
        if path.contains("style::*") {
            self.0.push(path);
        }
        visit::visit_use_tree(self, tree);
    }

    fn visit_lit_str(&mut self, text: &'a syn::LitStr) {
        if text.value().contains('\x1b') {
            self.0.push("an escape sequence".to_owned());
        }
    }
}
