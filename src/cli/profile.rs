//! `tokscope profile`: the profiles file, from the command line.

mod add;
mod at;
mod duplicate;
mod edit;
mod import;
mod remove;
mod rename;
mod settings;
mod view;

pub(super) use self::view::Shown;
use self::{add::Add, duplicate::Duplicate, edit::Edit, import::Import, remove::Remove, rename::Rename, view::View};
use super::{
    Exit, Failure, GlobalOptions, candidates,
    named::{ask, profile_name},
    output,
    style::Style,
};
use crate::{profile::ProfileName, session::Location};

const AFTER_HELP: &str = "\
A secret is given as a reference: prompt (asked at login), env:NAME,
file:PATH, cmd:PROGRAM ARGS, or plain:SECRET to keep it in the file. `tokscope
providers` lists the settings. Your own edits of the file are kept, comments
included; a profile with an error is not saved.

--json prints objects: name, provider, environment, tags, settings, and
problems, a list of errors. In settings, secrets written in the file itself
are masked.

Exit code: 0; 1 no such profile, or nothing to import; 2 error, such as an
invalid setting.";

/// The arguments of `tokscope profile`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Profile {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do with profiles.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum Command {
    /// List all profiles, one per line
    List(List),
    /// Show one profile
    Show(Show),
    /// Add a profile
    Add(Add),
    /// Change a profile
    Edit(Edit),
    /// Rename a profile; its saved tokens keep their profile
    Rename(Rename),
    /// Remove a profile, after confirmation
    Remove(Remove),
    /// Copy a profile under another name
    Duplicate(Duplicate),
    /// Import profiles from other programs
    Import(Import),
}

/// `tokscope profile list`.
#[derive(Debug, Clone, clap::Args)]
pub struct List {
    /// Print one JSON list, for programs
    #[arg(long)]
    pub json: bool,
}

/// `tokscope profile show`.
#[derive(Debug, Clone, clap::Args)]
pub struct Show {
    /// The name of the profile
    #[arg(value_name = "NAME", value_parser = profile_name, add = candidates::names())]
    pub name: ProfileName,

    /// Print one JSON object, for programs
    #[arg(long)]
    pub json: bool,
}

/// Runs it.
pub fn run(arguments: &Profile, place: &GlobalOptions) -> Result<Exit, Failure> {
    match &arguments.command {
        Command::List(list) => self::list(list, &place.folder()?),
        Command::Show(show) => self::show(show, &place.folder()?),
        Command::Add(add) => add.run(place),
        Command::Edit(edit) => edit.run(place),
        Command::Rename(rename) => rename.run(place),
        Command::Remove(remove) => remove.run(place),
        Command::Duplicate(duplicate) => duplicate.run(place),
        Command::Import(import) => import.run(place),
    }
}

fn list(arguments: &List, folder: &Location) -> Result<Exit, Failure> {
    let (profiles, protected) =
        (folder.profiles().all()?, folder.settings().unwrap_or_default().environments.protected());
    let views: Vec<_> = profiles.iter().map(|profile| View::of(profile, &protected)).collect();
    if arguments.json {
        output::print_json(&views.iter().map(View::shown).collect::<Vec<_>>())?;
    } else {
        output::print(&view::table(&views, Style::stdout()))?;
        if views.is_empty() {
            output::tell("no profiles yet: `tokscope profile add` creates one, `tokscope profile import` imports some");
        }
    }
    Ok(Exit::Yes)
}

fn show(arguments: &Show, folder: &Location) -> Result<Exit, Failure> {
    let profile = ask(&folder.config, &arguments.name)?;
    let view = View::of(&profile, &folder.settings().unwrap_or_default().environments.protected());
    match arguments.json {
        true => output::print_json(&view.shown())?,
        false => output::print(&view.text(Style::stdout()))?,
    }
    Ok(Exit::Yes)
}
