//! `tokscope profile import`.

use std::ffi::OsString;

use super::{
    at::{At, remark},
    settings::{check, set},
};
use crate::{
    auth::import::{Reads, sources},
    cli::{Exit, Failure, GlobalOptions, output},
    profile::Profile,
    providers,
    session::{self, ImportOutcome},
};

/// `tokscope profile import`.
#[derive(Debug, Clone, clap::Args)]
pub struct Import {
    /// Where from.
    #[command(subcommand)]
    pub from: From,

    /// A setting that the imported profiles lack; may be given more than once
    #[arg(long = "set", value_name = "KEY=VALUE", global = true)]
    pub settings: Vec<String>,

    /// Replace profiles of the same names
    #[arg(long, global = true)]
    pub replace: bool,

    /// Ask nothing: fail where a question comes up
    #[arg(long, global = true)]
    pub no_input: bool,
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
    pub(super) fn run(&self, place: &GlobalOptions) -> Result<Exit, Failure> {
        let From { source, given } = &self.from;
        let mut at = At::new(place)?;
        let mut found = at.session.look_in(source, given.as_deref())?;
        for profile in &mut found.profiles {
            set(profile, &self.settings)?;
        }
        // All or nothing: whoever runs it again with the missing settings gets what is missing.
        found.profiles.iter().try_for_each(check)?;
        let left_behind = !found.token_sets.is_empty() && !at.open(!self.no_input)?;
        if left_behind {
            found.token_sets.clear();
        }
        let session::ImportReport { profiles, token_sets, left, warnings } =
            at.session.import(&at.profiles, found, self.replace)?;
        let path = at.path();
        for (Profile { name, provider, .. }, outcome) in &profiles {
            let with = if token_sets.iter().any(|(of, _)| of == name) { ", with its tokens" } else { "" };
            output::tell(&match outcome {
                ImportOutcome::Added => format!("added {name} ({provider}) in {path}{with}"),
                ImportOutcome::Replaced => format!("replaced {name} ({provider}) in {path}{with}"),
                ImportOutcome::Unchanged => format!("{name} already exists, unchanged{with}"),
                ImportOutcome::Refused => format!("{name} already exists and was kept: --replace replaces it"),
            });
        }
        warnings.iter().for_each(|warning| output::tell(&format!("remark: {warning}")));
        left.iter().for_each(|(name, why)| remark(name, why));
        if left_behind {
            output::tell(
                "remark: the refresh tokens were left where they are: with --identity memory nothing is saved",
            );
        }
        if profiles.is_empty() {
            let hint = "`tokscope profile import --help` says where it looks";
            return Err(Failure::new("nothing to import").hint(hint).negative());
        }
        let is_new = |outcome: &ImportOutcome| matches!(outcome, ImportOutcome::Added | ImportOutcome::Replaced);
        let saved = !token_sets.is_empty() || profiles.iter().any(|(_, outcome)| is_new(outcome));
        Ok(if saved { Exit::Yes } else { Exit::No })
    }
}
