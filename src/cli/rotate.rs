//! `tokscope rotate`: a new session for each profile, the end of the old one, and a receipt that says what is dead.

mod confirmation;
mod live;
mod plan;
mod receipts;
mod runs;
mod written;

use std::{path::PathBuf, rc::Rc, sync::Arc};

use chrono::TimeDelta;

pub(super) use self::written::Line;
use self::{confirmation::Confirmation, live::Live};
use super::{
    Exit, Failure, GlobalOptions, interaction::Terminal, json, opening, output, select::Selection, style::Style, times,
};
use crate::{
    clock,
    profile::Profile,
    session::{
        Session,
        rotate::plan::{Options, Wanted},
    },
    store::{holders::Holder, runs::RunId},
};

/// The arguments of `tokscope rotate`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
For each profile: get a new session, save it, end the old tokens, prove what is
dead. Where nothing tells whether a revocation would reach the new session too,
nothing is revoked unless another login is possible.
  tokscope rotate --env prod --dry-run
  tokscope rotate --env prod --yes-env prod --receipt rotation.md

The receipt is printed on standard output: Markdown, or JSON with --json
(`tokscope schema receipt`). It names tokens by fingerprints and contains no
secret. Progress is on standard error: lines, or one JSON object per line with
--json (`tokscope schema rotate`).

--yes confirms for all profiles outside of protected environments
([environments] in config.toml); each protected one is typed on the terminal,
or named by --yes-env.

Ctrl-C: once, nothing new starts and what was begun is finished safely; twice,
testing stops too; three times, the program ends at once and --resume goes on.

Exit code: 0 all rotated, and every old token dead, or an access or ID token
that is accepted for no longer than --max-survival; 1 a profile was not
rotated, a token survives, or nothing is proven; with --dry-run: a profile
needs a person, or cannot be rotated; 2 error: settings, no confirmation, no
such profile, no profile selected.")]
pub struct Rotate {
    #[command(flatten)]
    selection: Selection,

    /// How new sessions are obtained: auto, login or refresh; a refresh keeps the grant, so nothing is revoked
    #[arg(long, value_name = "WAY", value_parser = way, default_value = "auto", hide_possible_values = true)]
    pub way: Wanted,

    /// Get new sessions only: revoke nothing
    #[arg(long, conflicts_with = "panic")]
    pub no_revoke: bool,

    /// End the old sessions first, for all profiles at once, even where no new one can be had
    #[arg(long)]
    pub panic: bool,

    /// Print the plan and end; only servers' metadata are asked for
    #[arg(long, conflicts_with_all = ["receipt", "yes", "yes_env"])]
    pub dry_run: bool,

    /// Confirm, except for protected environments
    #[arg(long)]
    pub yes: bool,

    /// Confirm for a protected environment, by its name; can be given again
    #[arg(long, value_name = "ENV")]
    pub yes_env: Vec<String>,

    /// How long to go on testing a revoked token that is still accepted
    #[arg(long, value_name = "TIME", value_parser = times::span, default_value = "60s")]
    pub prove_for: TimeDelta,

    /// For how long an old access token may still be accepted for exit code 0
    #[arg(long, value_name = "TIME", value_parser = times::span, default_value = "1h")]
    pub max_survival: TimeDelta,

    /// How many profiles at once
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub parallel: u32,

    /// Also write the receipt to this file: Markdown (.md) or JSON (.json); can be given again
    #[arg(long, value_name = "FILE", value_parser = receipts::path)]
    pub receipt: Vec<PathBuf>,

    /// Go on with a run that was killed; default: the newest one
    #[arg(long, value_name = "RUN", value_parser = runs::id, num_args = 0..=1, group = "past",
        conflicts_with_all = FRESH)]
    pub resume: Option<Option<RunId>>,

    /// Test the tokens that survived a run once more
    #[arg(long, value_name = "RUN", value_parser = runs::id, group = "past", conflicts_with_all = FRESH)]
    pub recheck: Option<RunId>,

    /// Give up a run that was killed: nothing is sent, what is not proven stays unknown
    #[arg(long, value_name = "RUN", value_parser = runs::id, group = "past", conflicts_with_all = FRESH)]
    pub abandon: Option<RunId>,

    /// List the runs
    #[arg(long, group = "past", conflicts_with_all = FRESH)]
    pub list: bool,

    /// Print for programs: the receipt as one JSON object, progress as JSON lines
    #[arg(long)]
    pub json: bool,

    /// Never ask: fail if a question would be needed
    #[arg(long)]
    pub no_input: bool,
}

/// What says how a new run is made: it says nothing about one that is there.
const FRESH: [&str; 11] =
    ["names", "tag", "env", "provider", "state", "all", "no_revoke", "panic", "dry_run", "yes", "yes_env"];

/// The vault that is open for a run.
struct Opened {
    session: Session,
    profiles: Vec<Profile>,
    /// While the vault is open, `tokscope lock` reaches this process.
    holder: Option<Rc<Holder>>,
}

/// Rotates, or does what is left to do of a run.
pub fn run(rotate: &Rotate, place: &GlobalOptions) -> Result<Exit, Failure> {
    if rotate.list {
        return runs::list(&open(rotate, place)?.session, rotate.json);
    }
    if let Some(run) = &rotate.abandon {
        let Opened { session, profiles, .. } = open(rotate, place)?;
        let receipt = live::until_signal(session.abandon_rotation(run, &profiles))?;
        return receipts::deliver(rotate, &session, &receipt);
    }
    if rotate.resume.is_some() || rotate.recheck.is_some() {
        let opened = open(rotate, place)?;
        let Opened { session, profiles, .. } = &opened;
        let work = async |shell: Arc<Live>| match &rotate.recheck {
            Some(run) => session.recheck_rotation(run.clone(), profiles, shell).await,
            None => session.resume_rotation(rotate.resume.clone().flatten(), profiles, shell).await,
        };
        return live::perform(rotate, &opened, place, work);
    }
    rotate.fresh(place)
}

impl Rotate {
    fn fresh(&self, place: &GlobalOptions) -> Result<Exit, Failure> {
        let selector = self.selection.selector()?;
        let protected = place.folder()?.settings()?.environments.protected();
        let confirmation = Confirmation { yes: self.yes, environments: &self.yes_env, input: !self.no_input };
        let opened = open(self, place)?;
        let (session, now) = (&opened.session, clock::now());
        let chosen = selector.of(&opened.profiles, |profile| session.status(profile, now).state(now))?;
        let chosen: Vec<_> = chosen.into_iter().cloned().collect();
        let readonly = session.readonly();
        let refusals: Vec<_> = chosen.iter().filter_map(|profile| readonly.refusal(profile)).collect();
        if let (true, Some(why)) = (refusals.len() == chosen.len(), refusals.into_iter().next()) {
            return Err(why.into());
        }
        if !self.dry_run {
            confirmation.possible(&chosen, &protected)?;
        }
        let attended = !self.no_input && Terminal::is_there();
        let options = Options {
            way: self.way,
            revoke: !self.no_revoke,
            panic: self.panic,
            prove_for: self.prove_for.num_seconds(),
            parallel: self.parallel,
        };
        let planned = live::until_signal(session.plan_rotation(&chosen, options, attended, &protected))?;
        let line = Line::plan(&planned, now);
        if self.dry_run {
            match self.json {
                true => output::print_json(&line)?,
                false => output::print(&plan::text(&planned, now, Style::stdout()))?,
            }
            return Ok(if planned.is_unattended() { Exit::Yes } else { Exit::No });
        }
        match self.json {
            true => output::say(&json::line(&line)?),
            // Whoever is asked has to see it.
            false => {
                let show = if confirmation.is_complete(&planned) { output::tell } else { output::say };
                plan::text(&planned, now, Style(false)).lines().for_each(show);
            }
        }
        confirmation.given(&planned)?;
        let work = async |shell: Arc<Live>| session.rotate(planned, attended, shell).await;
        live::perform(self, &opened, place, work)
    }
}

fn open(rotate: &Rotate, place: &GlobalOptions) -> Result<Opened, Failure> {
    let folder = place.folder()?;
    let profiles = folder.profiles().all()?;
    let session = opening::session();
    place.restrict(&session)?;
    let (session, _, holder) = opening::open(&session, &folder, &Terminal::new(!rotate.no_input))?;
    Ok(Opened { session, profiles, holder: holder.map(Rc::new) })
}

fn way(word: &str) -> Result<Wanted, String> {
    let all = [Wanted::Auto, Wanted::Login, Wanted::Refresh];
    all.into_iter().find(|way| way.as_str() == word).ok_or_else(|| "write auto, login or refresh".to_owned())
}
