//! A plan: what would be done to more than one, before it is done. It names its targets by what they are, so that it is about
//! the same ones whatever comes and goes meanwhile; what has become impossible since is left out.

mod words;

use std::collections::HashSet;

use super::set::{Currents, Found, Set};
use crate::{
    profile::ProfileName,
    session::Wanted,
    tui::app::{
        Model,
        copy::{self, Copied},
        keymap::Action,
        message::{Effects, What},
        mode::{self, Question},
        notices::Level,
        profiles::ProfileRow,
        tasks::{self, Cause},
        tokens::{Row, RowId, delete, old},
    },
};

/// What can be done to many at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Bulk {
    Refresh,
    LogIn,
    Probe,
    Revoke,
    /// Drop tokens here.
    Forget,
    Copy(Copied),
}

/// What is to be done, and to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub(crate) bulk: Bulk,
    /// Those of profiles: their sets, or for a probe the tokens that stand for them.
    sets: Vec<(ProfileName, Set)>,
    tokens: Vec<RowId>,
}

/// What becomes of one of its sets.
enum Job {
    Task(What),
    /// It is dropped here: one old set, or all of a profile.
    Forget(Option<u64>),
}

impl Bulk {
    /// What it is for the current tokens of a profile.
    fn what(self) -> Option<What> {
        match self {
            Self::Refresh => Some(What::Refresh),
            Self::LogIn => Some(What::Login),
            Self::Probe => Some(What::Probe(None)),
            Self::Revoke => Some(What::Revoke(Wanted::Current)),
            Self::Forget | Self::Copy(_) => None,
        }
    }

    /// `refresh`.
    pub(crate) fn verb(self) -> &'static str {
        match self {
            Self::Refresh => "refresh",
            Self::LogIn => "log in",
            Self::Probe => "probe",
            Self::Revoke => "revoke",
            Self::Forget => "forget",
            Self::Copy(_) => "copy",
        }
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Refresh => "Refresh several",
            Self::LogIn => "Log in with several",
            Self::Probe => "Probe several",
            Self::Revoke => "Revoke several",
            Self::Forget => "Forget several",
            Self::Copy(_) => "Copy several",
        }
    }

    /// The server of a protected environment would see it, or its tokens would be gone here.
    fn is_typed(self) -> bool {
        !matches!(self, Self::Probe | Self::Copy(_))
    }
}

/// The command for many, where there are many and it can be done to one of them.
pub(in crate::tui::app) fn offer(model: &Model, bulk: Bulk) -> Option<Action> {
    let possible = match bulk.what() {
        Some(what) if is_of_sets(model, bulk) => {
            let sets = super::sets(model).ok()?;
            let job = |(place, token): &(usize, Option<usize>)| {
                let old = token.and_then(|at| Some((&model.tokens.rows()[at], model.tokens.rows()[at].old?)));
                let what = match (bulk, old) {
                    (_, None) => what.clone(),
                    (Bulk::Probe, Some((row, _))) => What::Probe(Some(row.fingerprint)),
                    (_, Some((_, old))) => What::Revoke(Wanted::Generation(old.generation)),
                };
                (*place, what)
            };
            let mut jobs = sets.iter().map(job);
            let first = jobs.next()?;
            let can =
                |(place, what): (usize, What)| tasks::obstacle(model, &model.profiles.rows[place], &what).is_none();
            // Tokens of one set are one.
            jobs.any(|other| other != first) && sets.iter().map(job).any(can)
        }
        Some(what) => {
            let many = super::profiles(model).ok().filter(|many| many.len() > 1)?;
            // That they are read-only, the plan says.
            many.iter().any(|place| tasks::obstacle(model, &model.profiles.rows[*place], &what).is_none())
        }
        // One alone is done at once where it is the one that is shown.
        None => super::tokens(model).is_ok_and(|many| many.len() > 1 || *many != [model.tokens.cursor.index]),
    };
    possible.then_some(Action::Plan(bulk))
}

/// It matters which tokens of a profile are meant, and old ones are.
fn is_of_sets(model: &Model, bulk: Bulk) -> bool {
    matches!(bulk, Bulk::Probe | Bulk::Revoke) && old::meant(model).is_some()
}

/// Writes down what is meant now.
fn made(model: &Model, bulk: Bulk) -> Plan {
    let name = |place: usize| model.profiles.rows[place].profile.name.clone();
    let row = |at: usize| &model.tokens.rows()[at];
    let currents = Currents::of(model);
    let named = |(place, token): (usize, Option<usize>)| {
        let name = name(place);
        let set = token.map_or_else(|| currents.set(&name), |at| Set::Old(row(at).fingerprint));
        (name, set)
    };
    let mut plan = Plan { bulk, sets: Vec::new(), tokens: Vec::new() };
    match bulk {
        Bulk::Refresh | Bulk::LogIn => {
            let all = super::profiles(model).unwrap_or_default();
            plan.sets = all.iter().map(|place| named((*place, None))).collect();
        }
        Bulk::Probe => plan.sets = super::sets(model).unwrap_or_default().into_iter().map(named).collect(),
        // Tokens of one set are one.
        Bulk::Revoke | Bulk::Forget => {
            let mut seen = HashSet::new();
            let number = |token: Option<usize>| token.and_then(|at| row(at).old).map(|old| old.generation);
            let mut all = super::sets(model).unwrap_or_default();
            all.retain(|(place, token)| seen.insert((*place, number(*token))));
            plan.sets = all.into_iter().map(named).collect();
        }
        Bulk::Copy(_) => {}
    }
    if bulk.what().is_none() {
        let rows = super::tokens(model).unwrap_or_default();
        let rows = rows.iter().map(|at| row(*at)).filter(|row| bulk != Bulk::Forget || row.profile().is_none());
        plan.tokens = rows.map(|row| row.id).collect();
    }
    plan
}

/// Writes down what is meant now, and asks.
pub(in crate::tui::app) fn open(model: &mut Model, bulk: Bulk) {
    let plan = made(model, bulk);
    match plan.impossible(model) {
        Some(why) => {
            let words = format!(
                "{}: not possible for any of the {}: {why}",
                bulk.verb(),
                plan.counted(plan.sets.len() + plan.tokens.len())
            );
            model.tell(Level::Warning, &words);
        }
        None => mode::ask(model, Question::Plan(plan)),
    }
}

impl Plan {
    /// The first of its profiles that is protected.
    pub(crate) fn guarded<'a>(&'a self, model: &'a Model) -> Option<&'a ProfileName> {
        self.owners(model).find(|name| model.guard(name).is_some())
    }

    /// What becomes of one of its sets as things are now, or why it is left out.
    fn job(
        &self,
        model: &Model,
        currents: &Currents<'_>,
        (name, set): &(ProfileName, Set),
    ) -> Result<Job, &'static str> {
        let row = model.profiles.row(name).ok_or("removed")?;
        let found = || set.found(row, currents).ok_or("ended or replaced meanwhile");
        let what = match (self.bulk.what(), *set) {
            (Some(What::Revoke(_)), _) => match found()? {
                Found::Current if is_over(model, row) => return Err(OVER),
                Found::Current => What::Revoke(Wanted::Current),
                Found::Old(old) => What::Revoke(Wanted::Generation(old.number)),
            },
            (Some(What::Probe(_)), Set::Old(token)) => What::Probe(Some(token)),
            // That goes on with whatever is current.
            (Some(what), _) => what,
            (None, _) => match found()? {
                Found::Current if row.holding.is_none() && row.old.is_empty() => return Err("no tokens"),
                Found::Current => return Ok(Job::Forget(None)),
                Found::Old(old) => return Ok(Job::Forget(Some(old.number))),
            },
        };
        obstacle(model, row, &what).map_or(Ok(Job::Task(what)), Err)
    }

    /// Why it cannot be done to any of them.
    fn impossible(&self, model: &Model) -> Option<&'static str> {
        if matches!(self.bulk, Bulk::Copy(_)) {
            let kept = |row: &Row| row.old.is_none_or(|old| old.whole);
            return (!self.rows(model).any(kept)).then_some("only fingerprint, kind and expiry are kept");
        }
        self.bulk.what()?;
        let currents = Currents::of(model);
        let mut obstacles = self.sets.iter().map(|set| self.job(model, &currents, set).err());
        let first = obstacles.next().flatten()?;
        obstacles.all(|obstacle| obstacle.is_some()).then_some(first)
    }

    fn owners<'a>(&'a self, model: &'a Model) -> impl Iterator<Item = &'a ProfileName> {
        self.sets.iter().map(|(name, _)| name).chain(self.rows(model).filter_map(Row::profile))
    }

    fn rows<'a>(&'a self, model: &'a Model) -> impl Iterator<Item = &'a Row> {
        self.tokens.iter().filter_map(|id| model.tokens.row(*id))
    }

    /// What is typed to confirm it: the names of the protected environments.
    pub(crate) fn phrase(&self, model: &Model) -> Option<String> {
        let mut names: Vec<&str> = Vec::new();
        for name in self.owners(model).filter(|name| self.bulk.is_typed() && model.guard(name).is_some()) {
            let environment = model.profiles.row(name).and_then(|row| row.environment.as_deref());
            names.extend(environment.filter(|name| !names.contains(name)));
        }
        (!names.is_empty()).then(|| names.join(" "))
    }
}

/// Why nothing is revoked.
const OVER: &str = "its tokens have expired";

/// The current tokens of a profile have expired, each of them.
fn is_over(model: &Model, row: &ProfileRow) -> bool {
    let lives = row.holding.iter().flat_map(|holding| [Some(holding.lifetime), holding.refresh]).flatten();
    let mut ends = lives.map(|life| life.expires_at).peekable();
    ends.peek().is_some() && ends.all(|end| end.is_some_and(|end| end <= model.now))
}

/// Why a profile is left out.
fn obstacle(model: &Model, row: &ProfileRow, what: &What) -> Option<&'static str> {
    let read_only = model.readonly.refusal(&row.profile).is_some();
    if read_only { Some("read-only") } else { tasks::obstacle(model, row, what) }
}

/// Does it to those that are still there and for which it is still possible.
pub(in crate::tui::app) fn run(model: &mut Model, plan: &Plan) -> Effects {
    let (mut begun, mut forgotten) = (Vec::new(), Vec::new());
    let currents = Currents::of(model);
    for set in &plan.sets {
        match plan.job(model, &currents, set) {
            Ok(Job::Task(what)) => begun.push((what, set.0.clone())),
            Ok(Job::Forget(number)) => forgotten.push((set.0.clone(), number)),
            Err(_) => {}
        }
    }
    if plan.bulk.what().is_some() {
        if begun.is_empty() {
            let words = format!("{}: nothing was done; none of the plan can be done any more", plan.bulk.verb());
            model.tell(Level::Warning, &words);
        }
        tasks::start_group(model, Cause::Bulk(plan.bulk.verb()), begun);
        return Effects::none();
    }
    let places: Vec<_> = plan.tokens.iter().filter_map(|id| model.tokens.position(*id)).collect();
    match plan.bulk {
        Bulk::Copy(what) => copy::copy_several(model, what, &places),
        _ => {
            delete::delete_all(model, &plan.tokens);
            delete::forget(model, &forgotten)
        }
    }
}
