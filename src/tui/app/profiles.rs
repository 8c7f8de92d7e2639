//! The saved profiles, each with what its last login or refresh brought.

mod holding;

use std::{collections::HashMap, sync::Arc};

use chrono::TimeDelta;

pub use self::holding::Glimpse;
pub(crate) use self::holding::Holding;

use super::{
    Model, Pane,
    keymap::Action,
    list::Watched,
    message::{Facts, Import, What},
    mode::Choice,
    notices::Level,
    page::{self, Line, PageKind, Tone},
    renewal::Renewal,
    scope::{self, Scope},
    target, tasks, vault,
};
use crate::{
    auth::{Descriptor, Provider, Settings, TokenSet},
    clock::Timestamp,
    http::Exchange,
    profile::{Profile, ProfileName},
    providers,
    store::vault::Generation,
    text,
    token::lifetime::Lifetime,
};

/// The profiles, in the order of their file.
#[derive(Debug, Default)]
pub(crate) struct Profiles {
    pub(crate) rows: Watched<Vec<ProfileRow>>,
    /// Where each is among them.
    places: HashMap<ProfileName, usize>,
    edition: u64,
    /// Why the profiles could not be read; sanitized.
    pub(crate) problem: Option<String>,
}

/// A profile.
#[derive(Debug)]
pub(crate) struct ProfileRow {
    pub(crate) profile: Profile,
    /// `None` when this program does not know the provider.
    pub(crate) descriptor: Option<&'static Descriptor>,
    /// `prod`, `staging`; sanitized.
    pub(crate) environment: Option<String>,
    /// Its system renews without a refresh token.
    pub(crate) renews_alone: bool,
    pub(crate) holding: Option<Holding>,
    /// The last action failed.
    pub(crate) failure: Option<FailedTask>,
    /// What the server said to the last "who am I"; sanitized.
    pub(crate) probed: Option<String>,
    /// What became of the tokens that were to be revoked, and how that is meant; sanitized.
    pub(crate) fates: Vec<(Tone, String)>,
    /// The last exchange with its server.
    pub(crate) exchange: Option<Arc<Exchange>>,
    /// How far the server's clock is ahead of ours, where that is worth mentioning.
    pub(crate) skew: TimeDelta,
    pub(crate) renewal: Renewal,
    /// What the vault knows of its tokens.
    pub(crate) facts: Facts,
    /// The sets before the current one of which something may still be accepted, the oldest first.
    pub(crate) old: Vec<Generation>,
}

/// To this profile, in the list.
pub(super) fn go_to(model: &mut Model, name: &ProfileName) {
    model.modes.clear();
    scope::go_to(model, Scope::Profile(name.clone()));
    model.focus = Pane::Profiles;
}

/// A task that failed.
#[derive(Debug)]
pub(crate) struct FailedTask {
    /// What it was: `refresh`.
    pub(crate) noun: &'static str,
    pub(crate) at: Timestamp,
    /// What happened; sanitized.
    pub(crate) text: String,
    /// What that means; sanitized.
    pub(crate) means: Option<String>,
    /// What to do; sanitized.
    pub(crate) hint: Option<String>,
}

impl ProfileRow {
    fn new(profile: Profile) -> Self {
        let provider = providers::by_id(&profile.provider);
        let alone = |provider: &&dyn Provider| {
            Settings::parse(provider.descriptor(), &profile).is_ok_and(|settings| provider.renews_alone(&settings))
        };
        let named = |text: &&str| !text.trim().is_empty();
        Self {
            descriptor: provider.map(|provider| provider.descriptor()),
            renews_alone: provider.as_ref().is_some_and(alone),
            environment: profile.environment.as_deref().filter(named).map(|text| text::visible(text).into_owned()),
            profile,
            holding: None,
            failure: None,
            probed: None,
            fates: Vec::new(),
            exchange: None,
            skew: TimeDelta::zero(),
            renewal: Renewal::default(),
            facts: Facts::default(),
            old: Vec::new(),
        }
    }

    /// The vault was locked: what is known of its tokens goes, but for when they end, and what they need.
    pub(super) fn lock(&mut self) {
        self.facts = std::mem::take(&mut self.facts).veiled();
        if let Some(holding) = &mut self.holding {
            (holding.account, holding.scope, holding.veiled) = (None, None, true);
        }
        self.probed = None;
        self.exchange = None;
        self.fates.clear();
        self.old.clear();
    }

    /// Its tokens were renewed behind the lock.
    pub(super) fn glimpse(&mut self, glimpse: Glimpse) {
        self.holding = Some(glimpse.into());
    }

    /// The name of the provider for people; sanitized.
    pub(crate) fn title(&self) -> String {
        match self.descriptor {
            Some(descriptor) => descriptor.title.to_owned(),
            None => format!("unknown provider {}", text::visible(&self.profile.provider)),
        }
    }
}

impl Profiles {
    /// Shows these profiles; what is known of the ones that were there stays.
    pub(crate) fn load(&mut self, loaded: Result<Vec<Profile>, String>) {
        let profiles = match loaded {
            Ok(profiles) => profiles,
            Err(problem) => return self.problem = Some(text::visible(&problem).into_owned()),
        };
        self.problem = None;
        let mut old = std::mem::take(&mut *self.rows);
        for profile in profiles {
            let known = old.iter().position(|row| row.profile.name == profile.name).map(|at| old.swap_remove(at));
            let fresh = ProfileRow::new(profile);
            self.rows.push(match known {
                Some(mut known) => {
                    if (&known.profile.provider, &known.profile.settings)
                        != (&fresh.profile.provider, &fresh.profile.settings)
                    {
                        known.renewal.forget();
                    }
                    ProfileRow {
                        profile: fresh.profile,
                        descriptor: fresh.descriptor,
                        environment: fresh.environment,
                        renews_alone: fresh.renews_alone,
                        ..known
                    }
                }
                None => fresh,
            });
        }
        self.locate();
    }

    fn locate(&mut self) {
        let names = self.rows.iter().map(|row| row.profile.name.clone());
        self.places = names.enumerate().map(|(place, name)| (name, place)).collect();
        self.edition += 1;
    }

    /// Another number: there are others, or they have other names or environments.
    pub(super) fn edition(&self) -> u64 {
        self.edition
    }

    /// Where the profile of a name is.
    pub(crate) fn position(&self, name: &ProfileName) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// The row of a name.
    pub(crate) fn row(&self, name: &ProfileName) -> Option<&ProfileRow> {
        self.rows.get(self.position(name)?)
    }

    pub(super) fn row_mut(&mut self, name: &ProfileName) -> Option<&mut ProfileRow> {
        let place = self.position(name)?;
        self.rows.get_mut(place)
    }

    /// The profile has these tokens now.
    pub(super) fn hold(
        &mut self,
        name: &ProfileName,
        set: &TokenSet,
        lifetime: Lifetime,
        refresh: Option<Lifetime>,
        opaque: bool,
    ) {
        let visible = |text: &Option<String>| text.as_deref().map(|text| text::visible(text).into_owned());
        if let Some(row) = self.row_mut(name) {
            row.holding = Some(Holding {
                lifetime,
                refresh,
                generation: set.generation(),
                account: visible(&set.account),
                scope: visible(&set.scope),
                received_at: set.received_at,
                veiled: false,
                revoked: false,
                refused: false,
                opaque,
                // The same tokens come back when the vault is unlocked.
                warned: row.holding.as_ref().is_some_and(|old| old.warned && old.generation == set.generation()),
            });
            row.probed = None;
            row.fates.clear();
        }
    }

    pub(super) fn forget(&mut self, name: &ProfileName) {
        if let Some(row) = self.row_mut(name) {
            row.holding = None;
            row.probed = None;
            row.fates.clear();
            row.old.clear();
        }
    }

    /// A profile has another name.
    pub(super) fn rename(&mut self, old: &ProfileName, new: &ProfileName) {
        if let Some(row) = self.row_mut(old) {
            row.profile.name = new.clone();
            self.locate();
        }
    }
}

pub(super) fn loaded(model: &mut Model, result: Result<Vec<Profile>, String>) {
    match &result {
        Ok(profiles) => {
            let words = format!("Reloaded: {}, {}.", count(profiles.len()), changes(&model.profiles, profiles));
            model.tell(Level::Success, &words);
        }
        Err(problem) => model.advise(
            None,
            Level::Error,
            &format!("Could not read the profiles: {problem}"),
            "the ones on screen stay; fix the file, then press {key:reload}",
        ),
    }
    model.profiles.load(result);
}

/// `12 profiles`.
fn count(profiles: usize) -> String {
    if profiles == 1 { "1 profile".to_owned() } else { format!("{profiles} profiles") }
}

/// `1 new, 2 changed`: what is different from those on screen.
fn changes(known: &Profiles, read: &[Profile]) -> String {
    let new = read.iter().filter(|profile| known.row(&profile.name).is_none()).count();
    let differs = |profile: &&Profile| known.row(&profile.name).is_some_and(|row| row.profile != **profile);
    let changed = read.iter().filter(differs).count();
    let gone = known.rows.iter().filter(|row| read.iter().all(|profile| profile.name != row.profile.name)).count();
    let some = [(new, "new"), (changed, "changed"), (gone, "removed")].into_iter().filter(|(count, _)| *count > 0);
    let some: Vec<_> = some.map(|(count, how)| format!("{count} {how}")).collect();
    if some.is_empty() { "nothing changed".to_owned() } else { some.join(", ") }
}

pub(super) fn offer_details(model: &Model) -> Option<Action> {
    model.target().map(|row| Action::Open(PageKind::Profile(row.profile.name.clone())))
}

/// The profile that a command is for, if it can be changed right now: what runs for it runs under its name.
fn idle(model: &Model) -> Option<&ProfileRow> {
    let row = target::profile(model).ok()?;
    (vault::follows(model) && model.tasks.is_idle(&row.profile.name)).then_some(row)
}

pub(super) fn offer_edit(model: &Model) -> Option<Action> {
    idle(model).filter(|row| row.descriptor.is_some()).map(|row| Action::EditProfile(row.profile.name.clone()))
}

pub(super) fn offer_duplicate(model: &Model) -> Option<Action> {
    let row = target::profile(model).ok().filter(|row| row.descriptor.is_some())?;
    Some(Action::Duplicate(row.profile.name.clone()))
}

pub(super) fn offer_remove(model: &Model) -> Option<Action> {
    // On a view the key is for the view.
    if model.modes.subject().is_none() && matches!(model.tree.scope(), Scope::View(_)) {
        return Some(Action::RemoveView);
    }
    idle(model).map(|row| Action::Remove(row.profile.name.clone()))
}

/// Profiles may come with tokens, and those go into the vault.
pub(super) fn offer_import(model: &Model) -> Option<Action> {
    vault::follows(model).then_some(Action::Choose(Choice::Source))
}

pub(super) fn remove(model: &mut Model, name: ProfileName) {
    let keep = model.undo.fresh_id();
    tasks::begin(model, What::Remove(keep), Some(name));
}

/// Imports profiles from a source, at this address where it needs one.
pub(super) fn import(model: &mut Model, source: &'static str, given: Option<String>) {
    tasks::begin(model, What::Import { source, given }, None);
}

/// An import ended: what came, what was left out and what to do stays on screen until it was read.
pub(super) fn imported(model: &mut Model, result: Result<Import, String>) {
    let import = match result {
        Ok(import) => import,
        Err(problem) => return model.tell(Level::Error, &format!("Nothing was imported: {problem}")),
    };
    model.profiles.load(Ok(import.profiles));
    import.token_sets.iter().for_each(|(name, set)| _ = tasks::hold(model, name, set));
    if !import.token_sets.is_empty() {
        vault::keep_first(model);
    }
    let line =
        |tone, head: &str, text: &str| Line { tone, head: head.to_owned(), text: text::visible(text).into_owned() };
    let mut lines: Vec<Line> = Vec::new();
    for name in &import.added {
        let title = model.profiles.row(name).map(ProfileRow::title).unwrap_or_default();
        let with = if import.token_sets.iter().any(|(of, _)| of == name) { ", with its tokens" } else { "" };
        lines.push(line(Tone::Good, "✔ ", &format!("{name} ({title}){with}")));
    }
    if import.added.is_empty() {
        lines.push(line(Tone::Muted, "", "no profile was added"));
    }
    lines.extend(import.warnings.iter().map(|warning| line(Tone::Warn, "▲ ", warning)));
    if let Some(name) = import.added.first() {
        scope::go_to(model, Scope::Profile(name.clone()));
        model.focus = Pane::Profiles;
    }
    model.tell(Level::Info, &format!("Imported {}.", count(import.added.len())));
    if model.modes.is_empty() {
        page::report(model, "Import", lines);
    }
}
