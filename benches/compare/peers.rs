//! The other programs: where they come from, and how each is asked for the same.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// One of them.
pub(crate) struct Peer {
    /// Where its program is.
    program: PathBuf,
    recipe: &'static Recipe,
}

/// How it is asked.
struct Recipe {
    /// Its name at its registry.
    package: &'static str,
    version: &'static str,
    /// Its program; node has none, and runs [`BATCH`].
    program: &'static str,
    /// Prints its version.
    version_of: Option<&'static [&'static str]>,
    /// Decodes the token that is put behind it, and ends.
    decode: Option<&'static [&'static str]>,
    /// Shows the token that is put behind it, until ^C or q ends it.
    screen: Option<&'static [&'static str]>,
}

const RECIPES: [Recipe; 4] = [
    Recipe {
        package: "jwt-ui",
        version: "1.3.0",
        program: "jwtui",
        version_of: Some(&["--version"]),
        decode: Some(&["-s", "-n"]),
        screen: Some(&[]),
    },
    Recipe {
        package: "jwt-cli",
        version: "6.2.0",
        program: "jwt",
        version_of: Some(&["--version"]),
        decode: Some(&["decode", "--json"]),
        screen: None,
    },
    Recipe {
        package: "jwtinfo",
        version: "0.7.0",
        program: "jwtinfo",
        version_of: Some(&["--version"]),
        decode: Some(&[]),
        screen: None,
    },
    Recipe { package: "jose", version: "6.1.0", program: "node", version_of: None, decode: None, screen: None },
];

/// What the table calls them.
pub(crate) const NAMES: [&str; 4] = ["jwt-ui 1.3.0", "jwt-cli 6.2.0", "jwtinfo 0.7.0", "node jose 6.1.0"];

/// A line is a token; each becomes a line of JSON, as `tokscope decode --lines` does it.
const BATCH: &str = "
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { readFileSync } from 'node:fs';
let out = [];
for (const line of readFileSync(0, 'latin1').split('\\n')) {
  if (line) out.push(JSON.stringify({ header: decodeProtectedHeader(line), claims: decodeJwt(line) }));
}
process.stdout.write(out.join('\\n'));
";

/// All of them, installed where they are not yet.
pub(crate) fn installed() -> Vec<Peer> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/compare");
    fs::create_dir_all(&root).expect("a folder for the others");
    RECIPES.iter().map(|recipe| Peer { program: recipe.install(&root), recipe }).collect()
}

impl Recipe {
    fn install(&'static self, root: &Path) -> PathBuf {
        if self.program == "node" {
            let script = root.join("batch.mjs");
            fs::write(&script, BATCH).expect("room for a script");
            if !root.join("node_modules").join(self.package).exists() {
                let package = format!("{}@{}", self.package, self.version);
                done(Command::new("npm").current_dir(root).args(["install", "--silent", "--no-save", &package]));
            }
            return script;
        }
        let program = root.join("bin").join(self.program);
        if !program.exists() {
            let arguments = ["install", "--locked", self.package, "--version", self.version, "--root"];
            done(Command::new("cargo").args(arguments).arg(root).env("CARGO_TARGET_DIR", root.join("build")));
        }
        program
    }
}

fn done(command: &mut Command) {
    let status = command.status().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?}: {status}");
}

impl Peer {
    pub(crate) fn version(&self) -> Option<Command> {
        self.recipe.version_of.map(|arguments| self.command(arguments))
    }

    pub(crate) fn decode(&self, token: &str) -> Option<Command> {
        self.recipe.decode.map(|arguments| {
            let mut command = self.command(arguments);
            command.arg(token);
            command
        })
    }

    /// Decodes a token a line from its standard input.
    pub(crate) fn batch(&self) -> Option<Command> {
        (self.recipe.program == "node").then(|| {
            let mut command = Command::new("node");
            command.arg(&self.program);
            command
        })
    }

    /// The program of its screen, and its arguments before the token.
    pub(crate) fn screen(&self) -> Option<(&str, &'static [&'static str])> {
        self.recipe.screen.map(|arguments| (self.program.to_str().expect("a path in UTF-8"), arguments))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments);
        command
    }
}
