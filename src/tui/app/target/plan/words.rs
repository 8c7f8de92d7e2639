//! What a plan says before it is confirmed: each target with its badge, what is left out and why, and what follows.

use std::collections::{HashMap, HashSet};

use super::{Bulk, Job, OVER, Plan};
use crate::{
    auth::{Settings, TokenKind},
    clock::{self, Timestamp},
    profile::ProfileName,
    session::Wanted,
    store::vault::Generation,
    text,
    tui::app::{
        Model,
        layout::overlay,
        message::What,
        page::{Tone, write::wrap},
        profiles::ProfileRow,
        target::set::{Currents, Found, Set},
        tokens::{Row, old},
    },
};

/// One of those that a plan is about, in words.
struct Told {
    words: String,
    /// It is left out.
    out: bool,
}

impl Bulk {
    fn follows(self) -> &'static str {
        match self {
            Self::Refresh => "At most 8 at once. A failure stops its profile only.",
            Self::LogIn => "Each asks for what it needs, one after another.",
            Self::Probe => "Each token is sent to its own server.",
            Self::Revoke => "The servers are asked to end these tokens. This cannot be undone.",
            Self::Forget => "{key:undo} brings them back. No server is told: tokens of profiles may still be accepted.",
            Self::Copy(_) => "One in a line.",
        }
    }
}

impl Plan {
    /// So many of what it is about.
    pub(super) fn counted(&self, count: usize) -> String {
        let several = self.sets.iter().any(|(_, set)| matches!(set, Set::Old(_)));
        let what = match (self.bulk, self.sets.is_empty(), self.tokens.is_empty()) {
            (Bulk::Probe, false, _) if several => "tokens",
            (_, false, false) => "tokens and sessions",
            (_, false, true) if several => "token sets",
            (_, false, true) => "profiles",
            (_, true, _) => "tokens",
        };
        let what = if count == 1 { what.trim_end_matches('s') } else { what };
        format!("{count} {what}")
    }

    /// What is asked, each target with its badge, and what follows.
    pub(crate) fn lines(&self, model: &Model) -> Vec<(String, Tone)> {
        let currents = Currents::of(model);
        let width = usize::from(model.size.0.min(84).saturating_sub(4)).max(1);
        let told = self.sets.iter().map(|set| self.of_set(model, &currents, set));
        let mut told: Vec<_> = told.chain(self.rows(model).map(|row| of_token(model, row))).collect();
        // What is not shown must not be taken for what is done.
        told.sort_by_key(|one| one.out);
        let done = told.iter().filter(|one| !one.out).count();
        let verb = text::capitalized(self.bulk.verb());
        let with = if self.bulk == Bulk::LogIn { " with" } else { "" };
        let counted = self.counted(done);
        // It is not the profiles that are revoked or forgotten.
        let of_profiles = matches!(self.bulk, Bulk::Forget | Bulk::Revoke) && counted.contains("profile");
        let of = if of_profiles { "the tokens of " } else { "" };
        let heading = (format!("{verb}{with} {of}{counted}?"), Tone::Heading);
        let mut foot: Vec<_> = self.besides(model, &currents).into_iter().map(|words| (words, Tone::Warn)).collect();
        foot.push((model.hint(self.bulk.follows()).into_owned(), Tone::Muted));
        let rows = |words: &str| wrap(words, width).len();
        let around: usize = [&heading].into_iter().chain(&foot).map(|(words, _)| rows(words)).sum();
        // A line is for the answer, and two are the frame's.
        let room = usize::from(overlay(model.size, 84, u16::MAX).height).saturating_sub(3 + around).max(2);
        let all: usize = told.iter().map(|one| rows(&one.words)).sum();
        // Where not all have room, a line counts the others.
        let room = if all > room { room - 1 } else { room };
        let mut used = 0;
        let fits = told.iter().take_while(|one| {
            used += rows(&one.words);
            used <= room
        });
        let fits = fits.count();
        let hidden = told.split_off(fits);
        let shown = told.into_iter().map(|one| (one.words, if one.out { Tone::Muted } else { Tone::Plain }));
        let out = hidden.iter().filter(|one| one.out).count();
        let more = match (hidden.len(), out) {
            (0, _) => None,
            (all, 0) => Some(format!("  and {all} more")),
            (all, out) if all == out => Some(format!("  {out} are left out")),
            (all, out) => Some(format!("  and {} more; {out} are left out", all - out)),
        };
        let more = more.map(|words| (words, Tone::Muted));
        [heading].into_iter().chain(shown).chain(more).chain(foot).collect()
    }

    fn of_set(&self, model: &Model, currents: &Currents<'_>, set: &(ProfileName, Set)) -> Told {
        let name = &set.0;
        let named = named(model, name);
        let job = self.job(model, currents, set);
        let row = model.profiles.row(name);
        let names_sets = matches!(self.bulk, Bulk::Revoke | Bulk::Probe | Bulk::Forget);
        let found = row.and_then(|row| set.1.found(row, currents)).filter(|_| names_sets);
        let which = match found {
            Some(Found::Old(old)) => of_old(old, set.1),
            Some(Found::Current) if job.is_ok() => of_current(currents.rows(name)),
            _ => String::new(),
        };
        let (out, rest) = match (&job, row, &found) {
            (Ok(Job::Forget(None)), Some(row), Some(found)) => {
                let old = old::counted(model, name).map(|sets| format!("with {sets}"));
                let parts = [old, Some(self.whose(row, found))].into_iter().flatten().filter(|part| !part.is_empty());
                (false, parts.collect::<Vec<_>>().join("  "))
            }
            (Ok(_), Some(row), Some(found)) => (false, self.whose(row, found)),
            (Ok(_), ..) => (false, String::new()),
            (Err(why), Some(row), Some(Found::Current))
                if self.bulk == Bulk::Revoke && row.holding.is_some() && *why != OVER =>
            {
                (true, format!("left out, its tokens stay active{}: {why}", until(model, row)))
            }
            (Err(why), ..) => (true, format!("left out: {why}")),
        };
        let words = [named.as_str(), &which, &rest].into_iter().filter(|part| !part.is_empty());
        let words = words.collect::<Vec<_>>().join("  ");
        Told { words: text::visible(&words).into_owned(), out }
    }

    /// Whose tokens they are and who is asked.
    fn whose(&self, row: &ProfileRow, found: &Found<'_>) -> String {
        let account = match found {
            Found::Current => row.holding.as_ref().and_then(|holding| holding.account.as_deref()),
            Found::Old(old) => old.account.as_deref(),
        };
        let settings = row.descriptor.and_then(|descriptor| Settings::parse(descriptor, &row.profile).ok());
        let server = settings.and_then(|settings| settings.server()).filter(|_| self.bulk != Bulk::Forget);
        let server = server.map(|url| url.split_once("://").map_or(url.clone(), |(_, host)| host.to_owned()));
        [account.map(str::to_owned), server].into_iter().flatten().collect::<Vec<_>>().join(" at ")
    }

    /// What of these profiles stays as it is, and what may go with the rest.
    fn besides(&self, model: &Model, currents: &Currents<'_>) -> Vec<String> {
        if self.bulk != Bulk::Revoke {
            return Vec::new();
        }
        // By profile: its current set is meant, and these old ones.
        let mut meant: HashMap<&ProfileName, (bool, HashSet<u64>)> = HashMap::new();
        for set in &self.sets {
            let of = meant.entry(&set.0).or_default();
            match self.job(model, currents, set) {
                Ok(Job::Task(What::Revoke(Wanted::Current))) => of.0 = true,
                Ok(Job::Task(What::Revoke(Wanted::Generation(number)))) => _ = of.1.insert(number),
                _ => {}
            }
        }
        let (mut left, mut kin) = (0, false);
        for (name, (current, numbers)) in meant {
            let Some(row) = model.profiles.row(name) else { continue };
            let (with, without): (Vec<_>, Vec<_>) = row.old.iter().partition(|old| numbers.contains(&old.number));
            left += without.len();
            let same = |old: &&Generation| old.grant != 0 && old.grant == row.facts.grant;
            kin |= row.holding.is_some() && !current && with.iter().any(same);
        }
        let left = old::sets(left).map(|sets| format!("Not included: {sets} of these profiles."));
        let kin = kin.then(|| "Some servers then end the current session that was refreshed from it, too.".to_owned());
        left.into_iter().chain(kin).collect()
    }
}

/// `current, access 2b565178`.
fn of_current(rows: &[&Row]) -> String {
    let row = rows.iter().find(|row| row.kind == TokenKind::Access).or(rows.first());
    row.map(|row| format!("current, {} {}", row.kind, row.fingerprint)).unwrap_or_default()
}

/// `generation 2, access 2b565178`.
fn of_old(old: &Generation, set: Set) -> String {
    let meant = match set {
        Set::Old(token) => old.tokens.iter().find(|old| old.fingerprint == token),
        Set::Current(_) => None,
    };
    let token = meant.or(old.token(TokenKind::Access)).or(old.tokens.first());
    let token = token.map(|token| format!(", {} {}", token.kind, token.fingerprint)).unwrap_or_default();
    format!("generation {}{token}", old.number)
}

/// ` until 22:50:00`: when the last of the current tokens ends.
fn until(model: &Model, row: &ProfileRow) -> String {
    let ends = row.holding.iter().flat_map(|holding| [Some(holding.lifetime), holding.refresh]).flatten();
    let latest: Option<Timestamp> =
        ends.map(|life| life.expires_at).reduce(|one, other| Some(one?.max(other?))).flatten();
    latest.map(|end| format!(" until {}", clock::of_day(end, model.now, model.zone))).unwrap_or_default()
}

/// `  PROD seta-files`.
fn named(model: &Model, name: &ProfileName) -> String {
    let badge = model.badge(name).map(|badge| badge.text).unwrap_or_default();
    format!("  {badge:<4} {name}")
}

fn of_token(model: &Model, row: &Row) -> Told {
    let words = match row.profile() {
        Some(name) => format!("{} {}", named(model, name), row.kind),
        None => format!("       {}", row.words()),
    };
    let old = row.old.map(|old| format!(", generation {}, {}", old.generation, row.fingerprint)).unwrap_or_default();
    let out = row.old.is_some_and(|old| !old.whole);
    let subject = match () {
        () if out => "  left out: only fingerprint, kind and expiry are kept".to_owned(),
        () if row.subject.is_empty() || row.kind == TokenKind::Unknown => String::new(),
        () => format!("  {}", row.subject),
    };
    Told { words: format!("{words}{old}{subject}"), out }
}
