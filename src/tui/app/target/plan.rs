//! A plan: what would be done to more than one, before it is done. It names its targets by what they are, so that it is about
//! the same ones whatever comes and goes meanwhile; what has become impossible since is left out.

use std::collections::HashSet;

use crate::{
    auth::TokenKind,
    profile::ProfileName,
    session::Wanted,
    text,
    tui::app::{
        Model,
        copy::{self, Copied},
        keymap::Action,
        message::{Effects, What},
        mode::{self, Question},
        notices::Level,
        page::Tone,
        profiles::ProfileRow,
        tasks::{self, Cause},
        tokens::{self, Row, RowId},
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
    pub(crate) profiles: Vec<ProfileName>,
    pub(crate) tokens: Vec<RowId>,
}

impl Bulk {
    /// What it is for one profile.
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

    fn follows(self) -> &'static str {
        match self {
            Self::Refresh => "At most 8 at once. A failure stops its profile only.",
            Self::LogIn => "Each asks for what it needs, one after another.",
            Self::Probe => "Each access token is sent to its own server.",
            Self::Revoke => "The servers are asked to end these tokens. This cannot be undone.",
            Self::Forget => "Pasted tokens come back with {key:undo}. The servers still accept the others.",
            Self::Copy(_) => "One in a line.",
        }
    }
}

/// The command for many, where there are many and it can be done to one of them.
pub(in crate::tui::app) fn offer(model: &Model, bulk: Bulk) -> Option<Action> {
    let possible = match bulk.what() {
        Some(what) => {
            let many = super::profiles(model).ok().filter(|many| many.len() > 1)?;
            many.iter().any(|place| tasks::obstacle(model, &model.profiles.rows[*place], &what).is_none())
        }
        // One alone is done at once where it is the one that is shown.
        None => super::tokens(model).is_ok_and(|many| many.len() > 1 || *many != [model.tokens.cursor.index]),
    };
    possible.then_some(Action::Plan(bulk))
}

/// Writes down what is meant now, and asks.
pub(in crate::tui::app) fn open(model: &mut Model, bulk: Bulk) {
    let name = |place: &usize| model.profiles.rows[*place].profile.name.clone();
    let mut plan = Plan { bulk, profiles: Vec::new(), tokens: Vec::new() };
    match bulk.what() {
        Some(_) => plan.profiles = super::profiles(model).map(|all| all.iter().map(name).collect()).unwrap_or_default(),
        None => {
            let rows = super::tokens(model).unwrap_or_default();
            let rows: Vec<&Row> = rows.iter().map(|at| &model.tokens.rows()[*at]).collect();
            match bulk {
                // The tokens of a profile are forgotten together.
                Bulk::Forget => {
                    let mut seen = HashSet::new();
                    let current = rows.iter().filter(|row| row.old.is_none());
                    let owners = current.filter_map(|row| row.profile()).filter(|name| seen.insert(*name));
                    plan.profiles = owners.cloned().collect();
                    plan.tokens = rows.iter().filter(|row| row.profile().is_none()).map(|row| row.id).collect();
                }
                _ => plan.tokens = rows.iter().map(|row| row.id).collect(),
            }
        }
    }
    match plan.impossible(model) {
        Some(why) => {
            let count = plan.profiles.len();
            let words = format!("{}: not possible for any of the {count} profiles: {why}", bulk.verb());
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

    /// Why it cannot be done to any of them.
    fn impossible(&self, model: &Model) -> Option<&'static str> {
        let what = self.bulk.what()?;
        let mut obstacles = self.profiles.iter().map(|name| obstacle(model, model.profiles.row(name)?, &what));
        let first = obstacles.next().flatten()?;
        obstacles.all(|obstacle| obstacle.is_some()).then_some(first)
    }

    fn owners<'a>(&'a self, model: &'a Model) -> impl Iterator<Item = &'a ProfileName> {
        self.profiles.iter().chain(self.rows(model).filter_map(Row::profile))
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

    /// What is asked, each target with its badge, and what follows.
    pub(crate) fn lines(&self, model: &Model) -> Vec<(String, Tone)> {
        let targets: Vec<_> = self.profiles.iter().map(|name| self.of_profile(model, name)).collect();
        let targets: Vec<_> = targets.into_iter().chain(self.rows(model).map(|row| of_token(model, row))).collect();
        let (count, out) = (targets.len(), targets.iter().filter(|(_, tone)| *tone == Tone::Muted).count());
        let of = match (self.profiles.is_empty(), self.tokens.is_empty()) {
            (false, true) if self.bulk == Bulk::Forget => "the tokens of {} profiles",
            (false, true) => "{} profiles",
            (true, false) => "{} tokens",
            _ => "{} tokens and sessions",
        };
        let verb = self.bulk.verb();
        let with = if self.bulk == Bulk::LogIn { " with" } else { "" };
        let of = of.replace("{}", &(count - out).to_string());
        let of = if count - out == 1 { of.trim_end_matches('s').to_owned() } else { of };
        let mut lines = vec![(format!("{}{with} {of}?", text::capitalized(verb)), Tone::Heading)];
        // What the dialog has no room for is counted.
        let room = usize::from(model.size.1).saturating_sub(10).max(3);
        let more = count.saturating_sub(room);
        lines.extend(targets.into_iter().take(if more > 0 { room - 1 } else { room }));
        if more > 0 {
            lines.push((format!("  and {} more", more + 1), Tone::Muted));
        }
        lines.push((model.hint(self.bulk.follows()).into_owned(), Tone::Muted));
        lines
    }

    fn of_profile(&self, model: &Model, name: &ProfileName) -> (String, Tone) {
        let named = named(model, name);
        let Some(row) = model.profiles.row(name) else { return (format!("{named}  left out: removed"), Tone::Muted) };
        let obstacle = self.bulk.what().and_then(|what| obstacle(model, row, &what));
        match obstacle {
            Some(why) => (format!("{named}  left out: {why}"), Tone::Muted),
            None => (named, Tone::Plain),
        }
    }
}

/// Why a profile is left out.
fn obstacle(model: &Model, row: &ProfileRow, what: &What) -> Option<&'static str> {
    let read_only = model.readonly.refusal(&row.profile).is_some();
    if read_only { Some("read-only") } else { tasks::obstacle(model, row, what) }
}

/// `  PROD seta-files`.
fn named(model: &Model, name: &ProfileName) -> String {
    let badge = model.badge(name).map(|badge| badge.text).unwrap_or_default();
    format!("  {badge:<4} {name}")
}

fn of_token(model: &Model, row: &Row) -> (String, Tone) {
    let words = match row.profile() {
        Some(name) => format!("{} {}", named(model, name), row.kind),
        None => format!("       {}", row.words()),
    };
    let subject = if row.subject.is_empty() { String::new() } else { format!("  {}", row.subject) };
    let kind = if row.kind == TokenKind::Unknown { String::new() } else { subject };
    (format!("{words}{kind}"), Tone::Plain)
}

/// Does it to those that are still there and for which it is still possible.
pub(in crate::tui::app) fn run(model: &mut Model, plan: &Plan) -> Effects {
    if let Some(what) = plan.bulk.what() {
        let able =
            |name: &&ProfileName| model.profiles.row(name).is_some_and(|row| obstacle(model, row, &what).is_none());
        let able: Vec<_> = plan.profiles.iter().filter(able).map(|name| (what.clone(), name.clone())).collect();
        if able.is_empty() {
            let words = format!("{}: nothing was done; no profile of the plan can any more", plan.bulk.verb());
            model.tell(Level::Warning, &words);
        }
        tasks::start_group(model, Cause::Bulk(plan.bulk.verb()), able);
        return Effects::none();
    }
    let places: Vec<_> = plan.tokens.iter().filter_map(|id| model.tokens.position(*id)).collect();
    match plan.bulk {
        Bulk::Copy(what) => copy::copy_several(model, what, &places),
        _ => {
            tokens::delete_all(model, &plan.tokens);
            let forgotten = plan.profiles.iter().flat_map(|name| tokens::forget(model, name.clone()).0);
            Effects(forgotten.collect())
        }
    }
}
