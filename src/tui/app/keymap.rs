//! The one table of keys: dispatch, key bar, help page, hints and the README are read from it.
//!
//! key → [`Binding`] → [`Action`] → [`super::update`]. A binding offers an action exactly when it can be done right
//! now; the key bar shows what is offered, so there is no second list of conditions.
//!
//! A binding is a command: its [`Place`] and its id name it (`tokens.copy-header`), and messages name commands, never keys
//! (`Model::hint`).

mod action;
mod call;
mod hint;
mod place;
mod table;

pub(crate) use self::call::{Call, callable, everything, makes_way, run};
use self::table::table;
pub use self::{action::Action, place::Place};

use super::{
    Model, Pane, compare, copy, demand, edit, filter, form,
    input::Edit,
    inspector::{self, Tab},
    key::{Key, KeyCode},
    known_keys,
    list::Motion,
    message::{Effect, Effects},
    mode::{self, Choice},
    mouse,
    notices::{self, Level},
    page::{self, PageKind},
    profiles, readonly, renewal, resize, tasks, tokens, travel, vault,
};

/// A command: its name, its keys and what they mean.
pub struct Binding {
    /// Its name, in kebab case; one place has it once.
    pub id: &'static str,
    /// The keys, the first one is the one that the key bar and hints name.
    pub keys: &'static [Key],
    /// Where they work.
    pub places: &'static [Place],
    /// What they do, for the help page and the README.
    pub help: &'static str,
    /// The action, if it can be done right now.
    pub offer: fn(&Model) -> Option<Action>,
    /// Why it cannot be done, where there is one reason.
    why_not: Option<&'static str>,
}

/// A command by its name: `tokens.copy-header`, or `copy-header` for the first place that has one.
pub fn command(name: &str) -> Option<&'static Binding> {
    match name.split_once('.') {
        Some((place, id)) => in_place(Place::named(place)?, id),
        None => table().find(|binding| binding.id == name),
    }
}

fn in_place(place: Place, id: &str) -> Option<&'static Binding> {
    table().find(|binding| binding.id == id && binding.works_in(place))
}

impl Binding {
    /// `k ↑`; of a command without a key `: up`, by which it can be called.
    pub fn keys_text(&self) -> String {
        match self.keys {
            [] => self.key_text(),
            keys => keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        }
    }

    /// Its first key, `k`.
    fn key_text(&self) -> String {
        self.keys.first().map_or_else(|| format!(": {}", self.id), ToString::to_string)
    }

    fn works_in(&self, place: Place) -> bool {
        self.places.contains(&place)
    }
}

/// Takes a key: what it means where the user is, or a character of what is being typed.
pub(super) fn press(model: &mut Model, key: Key) -> Effects {
    if let Some(binding) = lookup(model, key) {
        return match (binding.offer)(model) {
            Some(action) => act(model, action),
            None => {
                if model.modes.is_empty() && key.code != KeyCode::Esc {
                    let words = format!("{key} is not available here: {}", binding.help);
                    match filter::narrow::leaves_none(model) {
                        true => model.advise(None, Level::Info, &words, NO_ROW),
                        false => model.tell(Level::Info, &words),
                    }
                }
                Effects::none()
            }
        };
    }
    if let Key { code: KeyCode::Char(c), ctrl: false, alt: false } = key {
        mode::edit(model, Edit::Insert(c));
    }
    Effects::none()
}

/// Does what a command would do where the user is, if it can be done.
pub(super) fn run_named(model: &mut Model, id: &str) -> Effects {
    let action = active(model).filter(|binding| binding.id == id).find_map(|binding| (binding.offer)(model));
    action.map_or_else(Effects::none, |action| act(model, action))
}

/// Why nothing can be done where a filter leaves no row.
const NO_ROW: &str = "no row matches the filter; {key:drop-filter} shows all rows";

/// Does what an action says.
pub(super) fn act(model: &mut Model, action: Action) -> Effects {
    match action {
        Action::Move(motion) => go(model, motion),
        Action::Focus(pane) => inspector::focus(model, pane),
        Action::Full(full) => model.full = full,
        Action::Resize(larger) => return resize::resize(model, larger),
        Action::CaptureMouse(captured) => mouse::capture(model, captured),
        Action::Inspect => model.focus = Pane::Inspector,
        Action::Show(tab) => inspector::open(model, tab),
        Action::Reveal(revealed) => model.inspector.revealed = revealed,
        Action::Fold(fold) => inspector::tree::fold(model, fold),
        Action::Filter(step) => filter::step(model, step),
        Action::Search => inspector::search::open(model),
        Action::Jump(jump) => inspector::search::jump(model, jump),
        Action::ClearSearch => inspector::search::clear(model),
        Action::OpenNested => {
            model.modes.clear();
            inspector::nested::open(model);
        }
        Action::Open(kind) => page::open(model, kind),
        Action::FindCommand(listing) => mode::find(model, listing),
        Action::Run => return mode::run(model),
        Action::Complete => mode::complete(model),
        Action::ListNotices => page::open(model, PageKind::Notices),
        Action::Dismiss => notices::dismiss(model),
        Action::Start(what, profile) => tasks::start(model, what, profile),
        Action::RefreshByItself(profile, on) => renewal::toggle(model, &profile, on),
        Action::Cancel(task) => return tasks::cancel(model, task),
        Action::Ask(question) => mode::ask(model, question),
        Action::Forget(profile) => return tokens::forget(model, profile),
        Action::Copy(what) => return copy::copy(model, what),
        Action::Delete => tokens::delete(model),
        Action::Undelete => tokens::undelete(model),
        Action::Edit(edit) => mode::edit(model, edit),
        Action::Accept => return mode::accept(model),
        Action::Answer(action) => {
            // An answer closes what asked for it.
            model.modes.close();
            return act(model, *action);
        }
        Action::Close | Action::Decline | Action::Discard => _ = model.modes.close(),
        Action::Mark(on) => compare::mark(model, on),
        Action::Compare => compare::compare(model),
        Action::EditToken => edit::open(model),
        Action::OtherPart => edit::other_part(model),
        Action::Undo => edit::undo(model),
        Action::Redo => edit::redo(model),
        Action::SignBy(how) => edit::sign_by(model, how),
        Action::ShowExchange => {
            model.modes.profile().cloned().iter().for_each(|name| model.profiles.select(name));
            model.modes.clear();
            model.focus = Pane::Inspector;
            inspector::open(model, Tab::Exchange);
        }
        Action::Choose(Choice::Signature) => edit::choose_signature(model),
        Action::Choose(choice) => mode::choose(model, choice),
        Action::NewProfile(provider) => form::new_profile(model, provider),
        Action::EditProfile(name) => form::edit_profile(model, &name),
        Action::Duplicate(name) => form::duplicate(model, &name),
        Action::Remove(name) => profiles::remove(model, name),
        Action::Import(source) => profiles::import(model, source, None),
        Action::Next(motion) => go(model, motion),
        Action::Save => form::save(model),
        Action::Aside => demand::aside(model),
        Action::CopyAddress => return demand::copy(model),
        Action::OpenPage => return demand::open(model),
        Action::Verify => {
            model.focus = Pane::Inspector;
            inspector::open(model, Tab::Verify);
        }
        Action::Type(wanted) => mode::type_line(model, wanted),
        Action::FindKeys(source, whose) => known_keys::find(model, source, whose),
        Action::ForgetKeys => known_keys::forget(model),
        Action::Waive(rule) => known_keys::waive(model, rule),
        Action::Remember(source, profile) => known_keys::remember(model, &source, &profile),
        Action::ReturnToNow => travel::return_to_now(model),
        Action::SendNothing => return readonly::begin(model),
        Action::ReloadProfiles => return Effect::ReloadProfiles.into(),
        Action::Redraw => return Effect::Redraw.into(),
        Action::Suspend => return Effect::Suspend.into(),
        Action::Lock => return vault::lock(model, "the vault is locked"),
        Action::KeepOpen(_) => vault::keep_open(model),
        Action::OpenVault(home) => vault::open(model, home, true),
        Action::KeepInMemory => vault::in_memory(model),
        Action::Quit => return model.leave(),
        Action::QuitUnsaved => return model.quit(),
    }
    Effects::none()
}

fn go(model: &mut Model, motion: Motion) {
    if !mode::go(model, motion) {
        return;
    }
    let page = model.layout().page(model.focus);
    match model.focus {
        Pane::Profiles | Pane::Tokens => filter::narrow::go(model, motion, page),
        Pane::Inspector => inspector::go(model, motion),
    }
}

/// The bindings that work where the user is.
fn active(model: &Model) -> impl Iterator<Item = &'static Binding> {
    let places = place::of(model);
    table().filter(|binding| places.iter().any(|place| binding.works_in(*place)))
}

/// What a key means right now: of several meanings the first one that can be done.
fn lookup(model: &Model, key: Key) -> Option<&'static Binding> {
    let all = || active(model).filter(move |binding| binding.keys.contains(&key));
    all().find(|binding| (binding.offer)(model).is_some()).or_else(|| all().next())
}

/// The key bar: keys that do something right now, with their words.
pub(crate) fn bar(model: &Model) -> Vec<(Key, Action)> {
    let mut bar: Vec<(Key, Action)> = Vec::new();
    for binding in active(model) {
        let Some(key) = binding.keys.first() else { continue };
        let Some(action) = (binding.offer)(model).filter(|action| !action.words().is_empty()) else { continue };
        if bar.iter().all(|(other, told)| other != key && told.words() != action.words()) {
            bar.push((*key, action));
        }
    }
    // On the checklist a key to verify with is what is wanted most.
    if model.modes.is_empty() && model.focus == Pane::Inspector && model.inspector.tab == Tab::Verify {
        bar.sort_by_key(|(_, action)| *action != Action::Choose(Choice::Key));
    }
    bar
}

/// All commands by place.
pub fn bindings() -> impl Iterator<Item = (Place, &'static Binding)> {
    Place::all().flat_map(|place| table().filter(move |it| it.works_in(place)).map(move |it| (place, it)))
}

/// The table by place, this one first.
fn by_place(first: Place) -> Vec<(Place, Vec<&'static Binding>)> {
    // What Esc does is looked for last.
    let of = |place| {
        let mut all: Vec<_> = table().filter(|binding| binding.works_in(place)).collect();
        all.sort_by_key(|binding| binding.keys.first().is_some_and(|key| key.code == KeyCode::Esc));
        all
    };
    let mut places: Vec<_> = Place::all().collect();
    places.sort_by_key(|place| *place != first);
    places.into_iter().map(|place| (place, of(place))).collect()
}

/// The table as the README shows it, in Markdown.
pub fn markdown() -> String {
    let mut text = String::from("| Key | Where | What it does |\n|---|---|---|\n");
    for place in Place::all() {
        // A binding of several places stands at the first one.
        for binding in table().filter(|binding| binding.works_in(place)) {
            let places = Place::all().filter(|place| binding.works_in(*place));
            let titles: Vec<_> = places.map(Place::title).collect();
            if titles.first() == Some(&place.title()) {
                let keys: Vec<_> = binding.keys.iter().map(|key| format!("`{key}`")).collect();
                let keys = if keys.is_empty() { format!("`:` {}", binding.id) } else { keys.join(" ") };
                text.push_str(&format!("| {keys} | {} | {} |\n", titles.join(", "), binding.help));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where one key has two meanings, both must be in the list of those that take turns.
    #[test]
    fn no_key_has_two_meanings_in_one_place() {
        const TURNS: [Key; 4] = [Key::plain(KeyCode::Esc), Key::plain(KeyCode::Enter), Key::char('N'), Key::char('L')];
        let places = [
            &[Place::Profiles, Place::Panes, Place::Everywhere][..],
            &[Place::Tokens, Place::Panes, Place::Everywhere],
            &[Place::Inspector, Place::Panes, Place::Everywhere],
            &[Place::Page, Place::Everywhere],
            &[Place::ProfilePage, Place::Page, Place::Everywhere],
            &[Place::ValuePage, Place::Page, Place::Everywhere],
            &[Place::NoticesPage, Place::Page, Place::Everywhere],
            &[Place::Menu, Place::Everywhere],
            &[Place::Palette, Place::Input, Place::Everywhere],
            &[Place::Filter, Place::Input, Place::Everywhere],
            &[Place::Form, Place::Everywhere],
            &[Place::Editor, Place::Everywhere],
            &[Place::Demand, Place::Everywhere],
            &[Place::Confirm, Place::Everywhere],
        ];
        for places in places {
            let mut seen = Vec::new();
            for binding in table().filter(|binding| places.iter().any(|place| binding.works_in(*place))) {
                for key in binding.keys {
                    assert!(!seen.contains(key) || TURNS.contains(key), "{key} twice in {places:?}");
                    seen.push(*key);
                }
            }
        }
    }

    #[test]
    fn every_command_has_a_name_of_its_own() {
        for place in Place::all() {
            assert_eq!(Place::named(place.name()), Some(place));
            let mut seen = Vec::new();
            for binding in table().filter(|binding| binding.works_in(place)) {
                let (id, name) = (binding.id, format!("{}.{}", place.name(), binding.id));
                assert!(
                    id.split('-').all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase())),
                    "{id}"
                );
                assert!(!seen.contains(&id), "{name} twice");
                assert!(command(&name).is_some_and(|found| std::ptr::eq(found, binding)), "{name}");
                seen.push(id);
            }
        }
        for name in ["refersh", "tokens.refersh", "nowhere.refresh", "tokens.", "", "."] {
            assert!(command(name).is_none(), "{name}");
        }
    }

    #[test]
    fn every_key_of_the_table_can_be_written_and_read() {
        for key in table().flat_map(|binding| binding.keys) {
            assert_eq!(key.to_string().parse(), Ok(*key));
        }
    }

    #[test]
    fn characters_can_be_typed() {
        let typing = [Place::Palette, Place::Input, Place::Form, Place::Editor, Place::Everywhere];
        for binding in table().filter(|b| typing.iter().any(|place| b.works_in(*place))) {
            for key in binding.keys {
                assert!(key.ctrl || !matches!(key.code, KeyCode::Char(_)), "{key} would be missing in an input");
            }
        }
    }

    #[test]
    fn the_help_has_every_binding() {
        let in_help: usize = by_place(Place::Tokens).iter().map(|(_, bindings)| bindings.len()).sum();
        assert_eq!(in_help, table().map(|binding| binding.places.len()).sum::<usize>());
        for binding in table() {
            assert!(!binding.places.is_empty() && !binding.help.is_empty());
            assert!(markdown().contains(binding.help), "{}", binding.help);
        }
    }
}
