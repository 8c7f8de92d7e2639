//! A command found by words: the palette lists what can be called now, the help lists every key.

use super::{Mode, Modes};
use crate::{
    profile::ProfileName,
    tui::app::{
        Model, Pane,
        fuzzy::Wanted,
        input::{Edit, Input},
        key::Key,
        keymap::{self, Action, Call},
        layout::{Area, overlay},
        list::{Cursor, Motion},
        message::Effects,
        mode::Question,
        notices::Level,
        tokens::{Owner, Row},
    },
};

/// What is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// What can be called now, then what cannot.
    Commands,
    /// Every key, by place.
    Keys,
}

/// A line that is typed, and the commands that it finds.
pub(crate) struct Palette {
    pub(crate) listing: Listing,
    pub(crate) input: Input,
    all: Vec<Entry>,
    /// Those that match, the best first.
    found: Vec<usize>,
    pub(crate) cursor: Cursor,
}

/// Something to run.
pub(crate) struct Entry {
    /// `copy header`, `go to edx-demo`.
    pub(crate) name: String,
    pub(crate) subject: Subject,
    /// Its keys, for the one listing the first.
    pub(crate) keys: String,
    /// Its name in the settings: `tokens.copy-header`.
    pub(crate) id: String,
    /// What it does.
    pub(crate) help: &'static str,
    /// Where it works.
    pub(crate) place: &'static str,
    /// Why it cannot be run now.
    pub(crate) why_not: Option<String>,
    run: Run,
}

/// What a command would act on; sanitized.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) environment: Option<String>,
    pub(crate) name: String,
}

enum Run {
    Call(Call),
    GoTo(ProfileName),
}

/// `Debug` shows nothing of what is typed.
impl std::fmt::Debug for Palette {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Palette").field("listing", &self.listing).finish_non_exhaustive()
    }
}

impl Palette {
    fn new(model: &mut Model, listing: Listing) -> Self {
        let mut all: Vec<Entry> = match listing {
            Listing::Commands => keymap::callable(model),
            Listing::Keys => keymap::everything(model),
        }
        .into_iter()
        .map(|call| entry(model, call, listing))
        .collect();
        if listing == Listing::Commands && keymap::makes_way(model) {
            let possible = all.iter().position(|entry| entry.why_not.is_some()).unwrap_or(all.len());
            all.splice(possible..possible, profiles(model));
        }
        let mut palette = Self { listing, input: Input::new(), all, found: Vec::new(), cursor: Cursor::default() };
        palette.find();
        palette
    }

    /// Those that match, the best first.
    pub(crate) fn entries(&self) -> impl ExactSizeIterator<Item = &Entry> {
        self.found.iter().map(|at| &self.all[*at])
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// The one under the cursor.
    pub(crate) fn selected(&self) -> Option<&Entry> {
        self.found.get(self.cursor.index).map(|at| &self.all[*at])
    }

    /// Changes what is typed. The cursor goes to the best match.
    pub(super) fn edit(&mut self, edit: Edit) {
        self.input.edit(edit);
        self.find();
    }

    pub(super) fn go(&mut self, motion: Motion, size: (u16, u16)) {
        self.cursor.go(motion, self.found.len(), parts(size).1);
    }

    pub(super) fn settle(&mut self, size: (u16, u16)) {
        self.cursor.settle(self.found.len(), parts(size).1);
    }

    /// A key is looked for after `@`, words otherwise; what is impossible stays at the end of the commands.
    fn find(&mut self) {
        let typed = self.input.text();
        let by_key = typed.strip_prefix('@').filter(|_| self.listing == Listing::Keys);
        let wanted = Wanted::new(typed);
        let score = |entry: &Entry| match (by_key, self.listing) {
            (Some(key), _) => entry.has_key(key).then_some(0),
            (None, Listing::Commands) => {
                wanted.score(&[&entry.name, entry.environment(), &entry.subject.name, entry.help])
            }
            (None, Listing::Keys) => wanted.score(&[entry.help, &entry.name, entry.place]),
        };
        let last = |entry: &Entry| self.listing == Listing::Commands && entry.why_not.is_some();
        let mut found: Vec<_> = (0..self.all.len())
            .filter_map(|at| Some((last(&self.all[at]), std::cmp::Reverse(score(&self.all[at])?), at)))
            .collect();
        found.sort_unstable();
        self.found = found.into_iter().map(|(.., at)| at).collect();
        self.cursor = Cursor::default();
    }
}

impl Entry {
    fn environment(&self) -> &str {
        self.subject.environment.as_deref().unwrap_or_default()
    }

    /// Whether it has this key; one that is not written to its end yet is any that begins like that.
    fn has_key(&self, typed: &str) -> bool {
        let Run::Call(call) = &self.run else { return false };
        match typed.parse::<Key>() {
            Ok(key) => call.binding.keys.contains(&key),
            Err(_) => call.binding.keys.iter().any(|key| {
                let name = key.to_string().to_lowercase();
                name.starts_with(&typed.trim().to_lowercase())
            }),
        }
    }
}

fn entry(model: &Model, call: Call, listing: Listing) -> Entry {
    let keys = match listing {
        Listing::Commands => call.binding.keys.first().map(ToString::to_string).unwrap_or_default(),
        Listing::Keys => call.binding.keys_text(),
    };
    Entry {
        name: call.name(),
        subject: call.action.as_ref().map(|action| subject(model, action)).unwrap_or_default(),
        keys,
        id: format!("{}.{}", call.place.name(), call.binding.id),
        help: call.binding.help,
        place: call.place.title(),
        why_not: call.action.is_none().then(|| call.why_not(model)),
        run: Run::Call(call),
    }
}

/// A profile is found by its name, too.
fn profiles(model: &Model) -> Vec<Entry> {
    let go_to = |name: &ProfileName| Entry {
        name: format!("go to {name}"),
        subject: Subject { name: String::new(), ..of_profile(model, name) },
        keys: String::new(),
        id: String::new(),
        help: "go to this profile",
        place: Pane::Profiles.name(),
        why_not: None,
        run: Run::GoTo(name.clone()),
    };
    model.profiles.rows.iter().map(|row| go_to(&row.profile.name)).collect()
}

/// What an action acts on, as the list names it.
fn subject(model: &Model, action: &Action) -> Subject {
    use Action::{
        Cancel, Compare, Copy, Delete, Duplicate, EditProfile, EditToken, Fold, Forget, Inspect, Jump, Mark,
        OpenNested, RefreshByItself, Remove, Reveal, Search, Show, Start, Verify,
    };
    match action {
        Start(_, name)
        | RefreshByItself(name, _)
        | EditProfile(name)
        | Duplicate(name)
        | Remove(name)
        | Forget(name) => of_profile(model, name),
        Action::Ask(Question::Forget(name) | Question::Revoke(name) | Question::Remove(name))
        | Action::Open(super::PageKind::Profile(name)) => of_profile(model, name),
        Action::ShowExchange => {
            model.target().map_or_else(Subject::default, |row| of_profile(model, &row.profile.name))
        }
        Cancel(task) => {
            let whose = model.tasks.by_id(*task).and_then(|task| task.whose.as_ref());
            whose.map(|name| of_profile(model, name)).unwrap_or_default()
        }
        Copy(_)
        | EditToken
        | Compare
        | Mark(_)
        | Verify
        | Inspect
        | Delete
        | Show(_)
        | Reveal(_)
        | Fold(_)
        | Search
        | Jump(_)
        | OpenNested
        | Action::Choose(super::Choice::Key)
        | Action::Open(super::PageKind::Value) => {
            model.tokens.selected().map(|row| of_token(model, row)).unwrap_or_default()
        }
        _ => Subject::default(),
    }
}

fn of_profile(model: &Model, name: &ProfileName) -> Subject {
    let environment = model.profiles.row(name).and_then(|row| row.environment.clone());
    Subject { environment, name: name.to_string() }
}

fn of_token(model: &Model, row: &Row) -> Subject {
    let of = match &row.owner {
        Owner::Profile(name) => of_profile(model, name),
        Owner::Source(source) => Subject { environment: None, name: source.clone() },
    };
    Subject { name: format!("{} {}", of.name, row.kind), ..of }
}

/// Where it stands.
pub(crate) fn frame(size: (u16, u16)) -> Area {
    overlay(size, 96, 32)
}

/// The rows above the list, of the list, and below it.
pub(crate) fn parts(size: (u16, u16)) -> (u16, usize, u16) {
    let area = frame(size);
    let inner = area.shrink(2, 1).height;
    let (above, below) = match inner {
        0 => return (1, usize::from(area.height.saturating_sub(1)), 0),
        1..=5 => (1, 0),
        6..=9 => (1, 1),
        _ => (2, 3),
    };
    (above, usize::from(inner - above.min(inner) - below), below)
}

/// Opens it.
pub(in crate::tui::app) fn open(model: &mut Model, listing: Listing) {
    let palette = Palette::new(model, listing);
    model.modes.push(Mode::Palette(palette));
}

fn top(modes: &Modes) -> Option<&Palette> {
    match modes.top() {
        Some(Mode::Palette(palette)) => Some(palette),
        _ => None,
    }
}

pub(in crate::tui::app) fn offer_run(model: &Model) -> Option<Action> {
    let entry = top(&model.modes)?.selected()?;
    entry.why_not.is_none().then_some(Action::Run)
}

/// The name of the command under the cursor, where it is not typed yet.
pub(in crate::tui::app) fn offer_complete(model: &Model) -> Option<Action> {
    let palette = top(&model.modes).filter(|palette| palette.listing == Listing::Commands)?;
    palette.selected().filter(|entry| entry.name != palette.input.text()).map(|_| Action::Complete)
}

/// Esc in the help first clears what is typed.
pub(in crate::tui::app) fn offer_close(model: &Model) -> Option<Action> {
    let palette = top(&model.modes)?;
    let clears = palette.listing == Listing::Keys && !palette.input.text().is_empty();
    Some(if clears { Action::Edit(Edit::Clear) } else { Action::Close })
}

/// Runs what is under the cursor, in place of the list.
pub(in crate::tui::app) fn run(model: &mut Model) -> Effects {
    let Some(Mode::Palette(palette)) = model.modes.close() else { return Effects::none() };
    let Some(entry) = palette.selected() else { return Effects::none() };
    let effects = match &entry.run {
        Run::Call(call) => keymap::run(model, call),
        Run::GoTo(name) => {
            let there = model.profiles.row(name).is_some();
            there.then(|| {
                model.modes.clear();
                model.profiles.select(name);
                model.focus = Pane::Profiles;
                Effects::none()
            })
        }
    };
    effects.unwrap_or_else(|| {
        let words = format!("{} was not run: what it would act on has changed", entry.name);
        model.tell(Level::Warning, &words);
        Effects::none()
    })
}

/// Writes the name of the command under the cursor.
pub(in crate::tui::app) fn complete(model: &mut Model) {
    let Some(Mode::Palette(palette)) = model.modes.top_mut() else { return };
    if let Some(name) = palette.selected().map(|entry| entry.name.clone()) {
        palette.input = Input::holding(&name);
        palette.find();
    }
}
