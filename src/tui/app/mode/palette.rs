//! A command found by words: the palette lists what can be called now, the help lists every key.

mod names;

pub(crate) use self::names::Subject;
use self::names::{MORE, Named, subject};
use super::{Count, Mode, Modes};
use crate::{
    profile::ProfileName,
    tui::app::{
        Model,
        api::{self, ApiRequest},
        fuzzy::Wanted,
        input::{Edit, Input},
        key::Key,
        keymap::{self, Action, Binding, Call, Place},
        layout::{Area, overlay},
        list::Cursor,
        message::Effects,
        notices::Level,
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
    /// So many of them have names; what comes behind is meant by what is typed.
    named: usize,
    /// Under whose token a request would go, or why under none.
    caller: Result<(ProfileName, Subject), String>,
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
    /// Every key of it, and the one that comes before.
    bound: Vec<Key>,
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

enum Run {
    Call(Call),
    Do(Action),
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
            let named = MORE.iter().flat_map(|names| names(model)).map(Entry::named);
            all.splice(possible..possible, named.collect::<Vec<_>>());
        }
        let (named, cursor) = (all.len(), Cursor::default());
        let caller = api::whose(model).map(|name| (name.clone(), names::of_profile(model, &name)));
        let mut palette = Self { listing, input: Input::new(), all, named, caller, found: Vec::new(), cursor };
        palette.find();
        palette
    }

    /// Those that match, the best first.
    pub(crate) fn entries(&self) -> impl ExactSizeIterator<Item = &Entry> {
        self.found.iter().map(|at| &self.all[*at])
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.named
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

    /// A key is looked for after `@`, words otherwise; what is impossible stays at the end of the commands.
    fn find(&mut self) {
        self.all.truncate(self.named);
        self.cursor = Cursor::default();
        let typed = self.input.text();
        if let Some(count) = Count::read(typed).filter(|_| self.listing == Listing::Commands) {
            self.all.push(Entry::named(Named {
                name: count.words(),
                subject: Subject::default(),
                help: "go to this row of the list in focus",
                action: Action::GoToRow(count),
                why_not: None,
            }));
            self.found = vec![self.named];
            return;
        }
        if let Some(request) = api::read(typed).filter(|_| self.listing == Listing::Commands) {
            self.all.push(Entry::request(request, &self.caller));
            self.found = vec![self.named];
            return;
        }
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
    }
}

impl Entry {
    fn named(named: Named) -> Self {
        let Named { name, subject, help, action, why_not } = named;
        Self {
            name,
            subject,
            keys: String::new(),
            bound: Vec::new(),
            id: String::new(),
            help,
            place: "",
            why_not,
            run: Run::Do(action),
        }
    }

    /// `GET /api/user/v1/me`, under the token of a profile.
    fn request(request: Result<ApiRequest, &str>, caller: &Result<(ProfileName, Subject), String>) -> Self {
        let (name, why_not, action) = match (request, caller) {
            (Ok(request), Ok((name, _))) => (request.words(), None, Some(Action::Call(name.clone(), request))),
            (Ok(request), Err(why)) => (request.words(), Some(why.clone()), None),
            (Err(why), _) => ("call".to_owned(), Some(why.to_owned()), None),
        };
        let subject = caller.as_ref().map(|(_, subject)| subject.clone()).unwrap_or_default();
        let help = "send this request under the profile's access token";
        Self::named(Named { name, subject, help, action: action.unwrap_or(Action::Close), why_not })
    }

    fn environment(&self) -> &str {
        self.subject.environment.as_deref().unwrap_or_default()
    }

    /// Whether it has this key; one that is not written to its end yet is any that begins like that.
    fn has_key(&self, typed: &str) -> bool {
        match typed.parse::<Key>() {
            Ok(key) => self.bound.contains(&key),
            Err(_) => self.bound.iter().any(|key| {
                let name = key.to_string().to_lowercase();
                name.starts_with(&typed.trim().to_lowercase())
            }),
        }
    }
}

fn entry(model: &Model, call: Call, listing: Listing) -> Entry {
    let mut texts = model.keymap.texts(call.place, call.binding);
    let keys = match listing {
        Listing::Commands => texts.next().unwrap_or_default(),
        Listing::Keys => texts.collect::<Vec<_>>().join(" "),
    };
    let keys = match listing {
        Listing::Keys if keys.is_empty() => model.keymap.text(call.place, call.binding),
        _ => keys,
    };
    let before = model.keymap.prefix(call.place);
    Entry {
        name: call.name(),
        subject: call.action.as_ref().map(|action| subject(model, action)).unwrap_or_default(),
        keys,
        bound: model.keymap.keys(call.place, call.binding).iter().copied().chain(before).collect(),
        id: format!("{}.{}", call.place.name(), call.binding.id),
        help: call.binding.help,
        place: call.place.title(),
        why_not: call.action.is_none().then(|| call.why_not(model)),
        run: Run::Call(call),
    }
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

/// Runs what is under the cursor, in place of the list; what is only the beginning of something is written into the line.
pub(in crate::tui::app) fn run(model: &mut Model) -> Effects {
    let begins = |entry: &Entry| matches!(entry.run, Run::Do(Action::Complete));
    if top(&model.modes).and_then(Palette::selected).is_some_and(begins) {
        complete(model);
        return Effects::none();
    }
    let Some(Mode::Palette(palette)) = model.modes.close() else { return Effects::none() };
    let Some(entry) = palette.selected() else { return Effects::none() };
    let effects = match &entry.run {
        Run::Call(call) => keymap::run(model, call),
        Run::Do(Action::GoToProfile(name) | Action::Call(name, _)) if model.profiles.row(name).is_none() => None,
        Run::Do(action) => {
            model.modes.clear();
            Some(keymap::act(model, action.clone()))
        }
    };
    effects.unwrap_or_else(|| {
        let words = format!("{} was not run: what it would act on has changed", entry.name);
        model.tell(Level::Warning, &words);
        Effects::none()
    })
}

/// The command under the cursor of the list of keys.
pub(super) fn command(model: &Model) -> Option<(Place, &'static Binding)> {
    let palette = top(&model.modes).filter(|palette| palette.listing == Listing::Keys)?;
    match &palette.selected()?.run {
        Run::Call(call) => Some((call.place, call.binding)),
        Run::Do(_) => None,
    }
}

/// Keys are others by now: the list on top has them, its line and cursor stay.
pub(super) fn read_keys(model: &mut Model) {
    let Some(Mode::Palette(mut palette)) = model.modes.close() else { return };
    for at in 0..palette.named {
        if let Run::Call(call) = &palette.all[at].run {
            palette.all[at] = entry(model, call.clone(), palette.listing);
        }
    }
    model.modes.push(Mode::Palette(palette));
}

/// Writes the name of the command under the cursor.
pub(in crate::tui::app) fn complete(model: &mut Model) {
    let Some(Mode::Palette(palette)) = model.modes.top_mut() else { return };
    if let Some(name) = palette.selected().map(|entry| entry.name.clone()) {
        palette.input.put(&name);
        palette.find();
    }
}
