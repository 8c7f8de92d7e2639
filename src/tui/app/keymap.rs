//! The one table of keys: dispatch, key bar, help page, hints and the README are read from it.
//!
//! key → [`Binding`] → [`Action`] → [`super::update`]. A binding offers an action exactly when it can be done right
//! now; the key bar shows what is offered, so there is no second list of conditions.
//!
//! A binding is a command: its [`Place`] and its id name it (`tokens.copy-header`), and messages name commands, never keys
//! (`Model::hint`).

mod action;
mod bar;
mod bound;
mod call;
mod hint;
mod mistakes;
mod place;
mod table;

#[cfg(debug_assertions)]
pub use self::hint::{dead_hints, dead_keys};
use self::table::table;
pub use self::{action::Action, bound::Keymap, place::Place};
pub(crate) use self::{
    bar::bar,
    call::{Call, callable, everything, makes_way, run},
    hint::{MARK, is_for_profile},
    mistakes::why_not,
};

use super::{
    Model, Pane, compare, copy, demand, edit, filter, form, horizon,
    input::Edit,
    inspector::{self, Tab},
    key::{Key, KeyCode},
    known_keys,
    list::Motion,
    log, look, machine, marks,
    message::{Effect, Effects},
    mode::{self, Choice},
    mouse,
    notices::{Level, line},
    page, profiles, readonly, renewal, resize, rotation,
    scope::{self, Scope},
    target::{self, Refusal, plan},
    tasks, tokens, travel, undo, vault, verify,
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
    named(name).map(|(_, binding)| binding)
}

/// The same, and the place where it works.
fn named(name: &str) -> Option<(Place, &'static Binding)> {
    match name.split_once('.') {
        Some((place, id)) => Place::named(place).and_then(|place| Some((place, in_place(place, id)?))),
        None => table().find(|binding| binding.id == name).map(|binding| (binding.places[0], binding)),
    }
}

fn in_place(place: Place, id: &str) -> Option<&'static Binding> {
    table().find(|binding| binding.id == id && binding.works_in(place))
}

impl Binding {
    fn works_in(&self, place: Place) -> bool {
        self.places.contains(&place)
    }
}

/// Takes a key: what it means where the user is, or a character of what is being typed.
pub(super) fn press(model: &mut Model, key: Key) -> Effects {
    if mode::rebind::is_open(model) && !bound::is_fixed(key) {
        return mode::rebind::pressed(model, key);
    }
    let found = lookup(model, key);
    let action = found.and_then(|binding| (binding.offer)(model));
    // Whatever follows it, a prefix is over.
    let prefix = match action {
        Some(Action::Close) => None,
        _ => mode::prefix::close(model),
    };
    let pressed = prefix.map_or_else(|| key.to_string(), |prefix| format!("{prefix} {key}"));
    match (action, found) {
        (Some(action), _) => return act(model, action),
        (None, Some(binding)) if model.modes.is_empty() && key.code != KeyCode::Esc => {
            refuse(model, &pressed, binding);
        }
        (None, Some(_)) => {}
        (None, None) => match (prefix, key) {
            (Some(_), _) => model.tell(Level::Info, &format!("Not a command: {pressed}.")),
            (None, key) if model.modes.is_empty() => {
                model.advise(
                    None,
                    Level::Info,
                    &format!("No command has the key {key} here."),
                    "{key:help} lists the keys",
                );
            }
            (None, Key { code: KeyCode::Char(c), ctrl: false, alt: false }) => mode::edit(model, Edit::Insert(c)),
            _ => {}
        },
    }
    Effects::none()
}

/// Does what a command would do where the user is, if it can be done.
pub(super) fn run_named(model: &mut Model, id: &str) -> Effects {
    let action = active(model).filter(|(_, it)| it.id == id).find_map(|(_, it)| (it.offer)(model));
    action.map_or_else(Effects::none, |action| act(model, action))
}

/// Says why a key does nothing now, and what would help.
fn refuse(model: &mut Model, pressed: &str, binding: &Binding) {
    if let Some((why, hint)) = tokens::old::refusal(model, binding.id) {
        return model.advise(None, Level::Info, &why, hint);
    }
    // What a profile's page has is about a profile: where the cursor is on none, that is the reason.
    let of_profile = binding.places.contains(&Place::ProfilePage);
    let no_profile = || target::profiles(model).err().filter(|why| of_profile && *why == Refusal::NoProfile);
    if let Some((why, hint)) = target::refusal(model).or_else(no_profile).map(Refusal::words) {
        return model.advise(None, Level::Info, &why, hint);
    }
    let Some(why_not) = binding.why_not else {
        return model.tell(Level::Info, &format!("Not possible now: {pressed}, {}.", binding.help));
    };
    let subject = model.target().map(|row| row.profile.name.clone());
    match why_not.split_once("; ").filter(|(_, hint)| hint.contains("{key:")) {
        Some((why_not, hint)) => model.advise(subject.as_ref(), Level::Info, why_not, hint),
        None => model.tell_about(subject.as_ref(), Level::Info, why_not, None),
    }
}

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
        Action::ShowTyped(on) => mode::show(model, on),
        Action::ListFolder(folder) => return mode::pick::list(folder),
        Action::TakeFile(path) => mode::pick::take(model, &path),
        Action::Reveal(revealed) => model.inspector.revealed = revealed,
        Action::Fold(fold) => inspector::tree::fold(model, fold),
        Action::Branch(branch) => scope::branch(model, branch),
        Action::Marks(marking) => marks::mark(model, marking),
        Action::Plan(bulk) => plan::open(model, bulk),
        Action::RunPlan(plan) => return plan::run(model, &plan),
        Action::SortBy(by) => filter::narrow::sort_by(model, by),
        Action::ReverseSort => filter::narrow::reverse(model),
        Action::GroupSort => filter::narrow::group(model),
        Action::RemoveView => return scope::views::remove(model),
        Action::Filter(filter::narrow::Step::Keep) => return mode::accept(model),
        Action::Filter(step) => filter::step(model, step),
        Action::Search => inspector::search::open(model),
        Action::Jump(jump) => inspector::search::jump(model, jump),
        Action::SearchPage(step) => page::search::step(model, step),
        Action::ClearSearch => inspector::search::clear(model),
        Action::OpenNested => {
            model.modes.clear();
            inspector::nested::open(model);
        }
        Action::Open(kind) => page::open(model, kind),
        Action::FindCommand(listing) => mode::find(model, listing),
        Action::Run => return mode::run(model),
        Action::Complete => mode::complete(model),
        Action::OpenLog => log::open(model),
        Action::ErrorsOnly(on) => log::errors_only(model, on),
        Action::ClearLog => log::clear(model),
        Action::FilterLog(on) => log::filter(model, on),
        Action::CopyDetails => return log::copy(model),
        Action::UndoLast => return undo::undo(model),
        Action::TryDemo => return model.leave_for_demo(),
        Action::DropChanges => tokens::drop_changes(model),
        Action::CopyPage => return horizon::copy(model).unwrap_or_else(|| page::copy(model)),
        Action::CopyCode => return demand::copy_code(model),
        Action::Dismiss => line::dismiss(model),
        Action::Await(place) => mode::prefix::open(model, place),
        Action::Rebind => mode::rebind::open(model),
        Action::GoToProfile(name) => profiles::go_to(model, &name),
        Action::GoToScope(scope) => scope::visit(model, scope),
        Action::GoToRow(count) => mode::go_to_row(model, count),
        Action::Start(what, profile) => tasks::start(model, what, profile),
        Action::RefreshByItself(profile, on) => renewal::toggle(model, &profile, on),
        Action::Cancel(task) => return tasks::cancel(model, task),
        Action::Ask(question) => mode::ask(model, question),
        Action::Forget(profile, set) => return tokens::delete::forget(model, &[(profile, set)]),
        Action::Copy(what) => return copy::copy(model, what),
        Action::Delete(id) => tokens::delete::delete_all(model, &[id]),
        Action::Edit(edit) => mode::edit(model, edit),
        Action::Accept => return mode::accept(model),
        Action::Answer(action) => {
            // An answer closes what asked for it.
            model.modes.close();
            return act(model, *action);
        }
        Action::Close | Action::Decline | Action::Discard => _ = model.modes.close(),
        Action::Mark(on) => compare::mark(model, on),
        Action::Compare(step) => return compare::step(model, step),
        Action::Horizon(step) => horizon::step(model, step),
        Action::Rotate(step) => return rotation::step(model, step),
        Action::EditToken => edit::open(model),
        Action::OtherPart => edit::other_part(model),
        Action::SignBy(how) => edit::sign_by(model, how),
        Action::Call(profile, request) => return super::api::begin(model, profile, request),
        Action::ShowExchange => {
            if let Some(name) = model.modes.profile().cloned() {
                scope::go_to(model, Scope::Profile(name));
            }
            model.modes.clear();
            model.focus = Pane::Inspector;
            inspector::open(model, Tab::Exchange);
        }
        Action::Choose(Choice::Signature) => edit::choose_signature(model),
        Action::Choose(choice) => {
            // From a page it is about the token of its profile.
            if choice == Choice::Key {
                verify::select(model);
            }
            mode::choose(model, choice);
        }
        Action::NewProfile(provider) => form::new_profile(model, provider),
        Action::ProfileOver(name, command) => form::over_program(model, name, command),
        Action::Scan => machine::scan(model),
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
            verify::select(model);
            model.modes.clear();
            model.focus = Pane::Inspector;
            inspector::open(model, Tab::Verify);
        }
        Action::FoldReplaced(fold) => tokens::old::fold(model, fold),
        Action::Type(wanted) => mode::type_line(model, wanted),
        Action::FindKeys(source, whose) => known_keys::find(model, source, whose),
        Action::ForgetKeys => known_keys::forget(model),
        Action::Waive(rule) => known_keys::waive(model, rule),
        Action::Remember(source, profile) => known_keys::remember(model, &source, &profile),
        Action::ReturnToNow => travel::return_to_now(model),
        Action::SendNothing => return readonly::begin(model),
        Action::ReloadProfiles => return Effect::ReloadProfiles.into(),
        Action::TakeTheme(name) => look::take(model, name),
        Action::Redraw => return Effect::Redraw.into(),
        Action::Suspend => return Effect::Suspend.into(),
        Action::Lock => return vault::lock(model, "vault locked"),
        Action::KeepOpen(_) => vault::keep_open(model),
        Action::OpenVault(home) => vault::open(model, home, true),
        Action::KeepInMemory => vault::in_memory(model),
        Action::Quit => return model.leave(),
        Action::QuitUnsaved => return model.quit(),
    }
    Effects::none()
}

/// Moves in what has the keyboard.
pub(super) fn go(model: &mut Model, motion: Motion) {
    if !mode::go(model, motion) {
        return;
    }
    match model.focus {
        Pane::Profiles => scope::go(model, motion),
        Pane::Tokens => filter::narrow::go(model, motion),
        Pane::Inspector => inspector::go(model, motion),
    }
}

impl Model {
    /// The keys of a command in a place, as they are bound now.
    pub(crate) fn keys(&self, place: Place, binding: &'static Binding) -> &[Key] {
        self.keymap.keys(place, binding)
    }
}

/// The bindings that work where the user is, each with the place by which it does.
fn active(model: &Model) -> impl Iterator<Item = (Place, &'static Binding)> {
    let places = place::of(model);
    table().filter_map(|binding| Some((places.iter().copied().find(|place| binding.works_in(*place))?, binding)))
}

/// What a key means right now: of several meanings the first one that can be done.
fn lookup(model: &Model, key: Key) -> Option<&'static Binding> {
    let bound = |(place, binding): &(Place, &'static Binding)| model.keys(*place, binding).contains(&key);
    let all = || active(model).filter(bound).map(|(_, binding)| binding);
    all().find(|binding| (binding.offer)(model).is_some()).or_else(|| all().next())
}

/// What may follow the key that was pressed: the keys, what they do, and whether that can be done now.
pub(crate) fn following(model: &Model, place: Place) -> impl Iterator<Item = (&[Key], &'static str, bool)> {
    let all = table().filter(move |binding| binding.works_in(place)).map(move |it| (model.keys(place, it), it));
    all.filter(|(keys, _)| !keys.is_empty()).map(|(keys, it)| (keys, it.help, (it.offer)(model).is_some()))
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
    let keymap = Keymap::default();
    for place in Place::all() {
        // A binding of several places stands at the first one.
        for binding in table().filter(|binding| binding.works_in(place)) {
            let places = Place::all().filter(|place| binding.works_in(*place));
            let titles: Vec<_> = places.map(Place::title).collect();
            if titles.first() == Some(&place.title()) {
                let keys: Vec<_> = keymap.texts(place, binding).map(|key| format!("`{key}`")).collect();
                let keys = if keys.is_empty() { format!("`:` {}", binding.id) } else { keys.join(" ") };
                text.push_str(&format!("| {keys} | {} | {} |\n", titles.join(", "), binding.help));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests;
