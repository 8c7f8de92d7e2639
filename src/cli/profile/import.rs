//! `tokscope profile import`.

use std::{ffi::OsString, path::Path};

use super::change::{check, set};
use crate::{
    auth::import::{Imported, Reads, sources},
    cli::{Failure, Verdict, output},
    clock, providers,
    store::{import, profiles},
};

/// `tokscope profile import`.
#[derive(Debug, Clone, clap::Args)]
pub struct Import {
    /// Where from.
    #[command(subcommand)]
    pub from: From,

    /// A setting that what is found lacks; may be given many times
    #[arg(long = "set", value_name = "KEY=VALUE", global = true)]
    pub settings: Vec<String>,

    /// Replace profiles of the same names
    #[arg(long, global = true)]
    pub replace: bool,
}

/// A source that profiles are imported from: a row of the providers' own table, with what it needs.
#[derive(Debug, Clone)]
pub struct From {
    source: String,
    given: Option<OsString>,
}

/// The one argument of a source.
const GIVEN: &str = "given";

impl clap::FromArgMatches for From {
    fn from_arg_matches(matches: &clap::ArgMatches) -> Result<Self, clap::Error> {
        let (source, own) =
            matches.subcommand().ok_or_else(|| clap::Error::new(clap::error::ErrorKind::MissingSubcommand))?;
        // A source that needs nothing has no such argument.
        let given = own.try_get_one::<OsString>(GIVEN).ok().flatten().cloned();
        Ok(Self { source: source.to_owned(), given })
    }

    fn update_from_arg_matches(&mut self, matches: &clap::ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl clap::Subcommand for From {
    fn augment_subcommands(command: clap::Command) -> clap::Command {
        command.subcommands(sources(providers::ALL).into_iter().map(|source| {
            let argument = clap::Arg::new(GIVEN).value_parser(clap::value_parser!(OsString));
            let argument = match source.reads {
                Reads::Variables(_) => None,
                Reads::File { usual, .. } => {
                    Some(argument.value_name("FILE").help(format!("The file, if it is not {usual}")))
                }
                Reads::Address { example, .. } => {
                    Some(argument.value_name("URL").help(format!("Such as {example}")).required(true))
                }
            };
            clap::Command::new(source.id).about(format!("{}: {}", source.label, source.help)).args(argument)
        }))
    }

    fn augment_subcommands_for_update(command: clap::Command) -> clap::Command {
        Self::augment_subcommands(command)
    }

    fn has_subcommand(name: &str) -> bool {
        sources(providers::ALL).iter().any(|source| source.id == name)
    }
}

impl Import {
    pub(super) fn run(&self, dir: &Path) -> Result<Verdict, Failure> {
        let From { source, given } = &self.from;
        let mut imported = import::read(providers::ALL, source, given.as_deref(), clock::now())?;
        for profile in &mut imported.profiles {
            set(profile, &self.settings)?;
        }
        // All or nothing: whoever runs it again with the missing settings gets what is missing.
        imported.profiles.iter().try_for_each(check)?;
        let saved = self.save(&imported, dir)?;
        for warning in &imported.warnings {
            output::tell(&format!("remark: {warning}"));
        }
        if !imported.token_sets.is_empty() {
            output::tell("remark: the refresh tokens were left where they are");
        }
        if imported.profiles.is_empty() {
            let hint = "`tokscope profile import --help` says where it looks";
            return Err(Failure::new("there was nothing to import").hint(hint).negative());
        }
        Ok(if saved { Verdict::Yes } else { Verdict::No })
    }

    /// Whether anything was saved.
    fn save(&self, imported: &Imported, dir: &Path) -> Result<bool, Failure> {
        let present = profiles::load(dir)?;
        let mut saved = false;
        for profile in &imported.profiles {
            let name = &profile.name;
            let done = match present.iter().find(|present| present.name == *name) {
                Some(present) if present == profile => format!("{name} is there already, and the same"),
                Some(_) if !self.replace => format!("{name} is there already and was kept: --replace replaces it"),
                other => {
                    profiles::upsert(dir, profile)?;
                    saved = true;
                    let done = if other.is_some() { "replaced" } else { "added" };
                    format!("{done} {name} ({}) in {}", profile.provider, profiles::path(dir).display())
                }
            };
            output::tell(&done);
        }
        Ok(saved)
    }
}
