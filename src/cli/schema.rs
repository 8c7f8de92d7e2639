//! `tokscope schema`: what is printed for programs, as JSON Schemas made from the types that are printed.

use schemars::{JsonSchema, Schema, generate::SchemaSettings};

use super::{
    Exit, Failure, bindings, diff, doctor, failure, forget, history, json, lines, logout, output, probe, profile,
    providers, revoke, rotate, scan, status, token, token_set, verify,
};
use crate::session::rotate::receipt::Receipt;

/// The arguments of `tokscope schema`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
  tokscope schema status
  tokscope schema profile show

Without COMMAND, it lists the names: the commands with --json; token (--format
json); lines (decode --lines, one object per line); receipt (the report of a
rotation); error (standard error of any command with --json).

Exit code: 0; 2 no such schema.")]
pub struct Schemas {
    /// The command
    #[arg(value_name = "COMMAND")]
    pub command: Vec<String>,
}

/// A name, and the schema of it.
struct Row(&'static str, fn() -> Schema);

/// Everything that is printed for programs.
const ALL: &[Row] = &[
    Row("decode", of::<json::token::Decoded<'_>>),
    Row("diff", of::<diff::Difference<'_>>),
    Row("doctor", of::<doctor::Diagnosis<'_>>),
    Row("error", of::<failure::Error<'_>>),
    Row("forget", of::<Vec<forget::Forgotten<'_>>>),
    Row("history", of::<history::Report<'_>>),
    Row("keys", of::<Vec<bindings::Row>>),
    Row("lines", of::<lines::Line<'_>>),
    Row("login", of::<token_set::Tokens<'_>>),
    Row("logout", of::<Vec<logout::LoggedOut<'_>>>),
    Row("probe", of::<probe::Probed<'_>>),
    Row("profile list", of::<Vec<profile::Shown<'_>>>),
    Row("profile show", of::<profile::Shown<'_>>),
    Row("providers", of::<Vec<providers::System>>),
    Row("receipt", of::<Receipt>),
    Row("refresh", of::<token_set::Tokens<'_>>),
    Row("revoke", of::<revoke::Report<'_>>),
    Row("rotate", of::<rotate::Line>),
    Row("scan", of::<Vec<scan::Object<'_>>>),
    Row("status", of::<Vec<status::Object<'_>>>),
    Row("token", of::<token::TokenObject<'_>>),
    Row("verify", of::<verify::Verified<'_>>),
];

/// Prints a schema, or the names of all.
pub fn run(schemas: &Schemas) -> Result<Exit, Failure> {
    let wanted = schemas.command.join(" ");
    let text = match ALL.iter().find(|Row(name, _)| *name == wanted) {
        Some(row) => row.text(),
        None if wanted.is_empty() => ALL.iter().map(|Row(name, _)| format!("{name}\n")).collect(),
        None => return Err(Failure::usage("there is no such schema").hint("`tokscope schema` lists them")),
    };
    output::print(&text).map(|()| Exit::Yes)
}

fn of<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>()
}

impl Row {
    fn text(&self) -> String {
        let Self(name, schema) = self;
        let mut schema = schema();
        // The type's own name tells a reader nothing.
        schema.insert("title".to_owned(), format!("tokscope {name}").into());
        serde_json::to_string_pretty(&schema).expect("a schema is JSON") + "\n"
    }
}

#[cfg(test)]
mod tests {
    use std::{env, fs, path::Path};

    use super::*;

    /// The files are what the types say: `SNAPSHOTS=overwrite` writes them.
    #[test]
    fn the_files_are_those_of_the_types() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/schema");
        let file = |Row(name, _): &Row| format!("{}.json", name.replace(' ', "-"));
        if env::var_os("SNAPSHOTS").is_some_and(|word| word == "overwrite") {
            fs::create_dir_all(&folder).unwrap();
            ALL.iter().for_each(|row| fs::write(folder.join(file(row)), row.text()).unwrap());
        }
        for row in ALL {
            let text = fs::read_to_string(folder.join(file(row))).unwrap_or_default();
            assert_eq!(text, row.text(), "{}: SNAPSHOTS=overwrite cargo test --lib schema", file(row));
        }
        let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        files.sort();
        assert_eq!(files, ALL.iter().map(|row| file(row).into()).collect::<Vec<std::ffi::OsString>>());
    }
}
