//! The one table of keys: dispatch, key bar, help page and the README are read from it.
//!
//! key → [`Binding`] → [`Action`] → [`super::update`]. A binding offers an action exactly when it can be done right
//! now; the key bar shows what is offered, so there is no second list of conditions.

mod action;
mod table;

pub use self::action::Action;
use self::table::table;

use super::{
    Model, Pane, compare, copy, demand,
    edit::{self, Stage},
    form,
    input::Edit,
    inspector::{self, Tab},
    jobs,
    key::{Key, KeyCode},
    keyring,
    list::Motion,
    menu,
    message::{Effect, Effects},
    mode::{self, Mode, PageKind},
    notices::{self, Severity},
    page, profiles, renewal, tokens, travel, vault,
};

/// Keys and what they mean.
pub struct Binding {
    /// The keys, the first one is the one that the key bar names.
    pub keys: &'static [Key],
    /// Where they work.
    pub places: &'static [Place],
    /// What they do, for the help page and the README.
    pub help: &'static str,
    /// The action, if it can be done right now.
    pub offer: fn(&Model) -> Option<Action>,
}

/// Where a key works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Place {
    Profiles,
    Tokens,
    Inspector,
    /// Any of the panes.
    Panes,
    /// A page to read.
    Page,
    /// A line is being typed.
    Input,
    /// A list to choose from.
    Menu,
    /// A profile is being written.
    Form,
    /// A token is being edited.
    Editor,
    /// A login waits for the browser.
    Demand,
    /// Yes or no.
    Confirm,
    Everywhere,
}

impl Binding {
    /// `k ↑`.
    pub fn keys_text(&self) -> String {
        self.keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
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
                if matches!(model.mode, Mode::Panes) && key.code != KeyCode::Esc {
                    model.tell(Severity::Info, &format!("{key} is not possible here: {}", binding.help));
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

/// Does what an action says.
fn act(model: &mut Model, action: Action) -> Effects {
    match action {
        Action::Move(motion) => go(model, motion),
        Action::Focus(pane) => model.focus = pane,
        Action::Inspect => model.focus = Pane::Inspector,
        Action::Show(tab) => inspector::open(model, tab),
        Action::Reveal(revealed) => model.inspector.revealed = revealed,
        Action::Fold(fold) => inspector::tree::fold(model, fold),
        Action::Search => inspector::search::open(model),
        Action::Jump(jump) => inspector::search::jump(model, jump),
        Action::ClearSearch => inspector::search::clear(model),
        Action::OpenNested => inspector::nested::open(model),
        Action::Open(kind) => page::open(model, kind),
        Action::ListNotices => page::open(model, PageKind::Notices),
        Action::Dismiss => notices::dismiss(model),
        Action::Start(kind, profile) => return jobs::start(model, kind, profile),
        Action::RefreshByItself(profile, on) => renewal::toggle(model, &profile, on),
        Action::Cancel(job) => return jobs::cancel(model, job),
        Action::Ask(question) => model.mode = Mode::Confirm(question),
        Action::Forget(profile) => return tokens::forget(model, profile),
        Action::Copy(what) => return copy::copy(model, what),
        Action::TypeToken => mode::type_token(model),
        Action::Delete => tokens::delete(model),
        Action::Undelete => tokens::undelete(model),
        Action::Edit(edit) => mode::edit(model, edit),
        Action::Accept => return mode::accept(model),
        Action::Close => mode::close(model),
        Action::Discard => model.mode = Mode::Panes,
        Action::Mark(on) => compare::mark(model, on),
        Action::Compare => compare::compare(model),
        Action::EditToken => edit::open(model),
        Action::OtherPart => edit::other_part(model),
        Action::Undo => edit::undo(model),
        Action::Redo => edit::redo(model),
        Action::ChooseSignature => edit::choose_signature(model),
        Action::SignBy(how) => edit::sign_by(model, how),
        Action::Decline => mode::decline(model),
        Action::ShowExchange => {
            model.focus = Pane::Inspector;
            inspector::open(model, Tab::Exchange);
        }
        Action::ChooseProvider => menu::choose_provider(model),
        Action::ChooseSource => menu::choose_source(model),
        Action::NewProfile(provider) => form::new_profile(model, provider),
        Action::EditProfile(name) => form::edit_profile(model, &name),
        Action::Duplicate(name) => form::duplicate(model, &name),
        Action::Remove(name) => return profiles::remove(model, name),
        Action::TypeIssuer => mode::type_issuer(model),
        Action::Import(source) => {
            model.mode = Mode::Panes;
            return Effect::Import(source).into();
        }
        Action::Next(motion) => go(model, motion),
        Action::Save => return form::save(model),
        Action::AskToLeave => mode::ask_to_leave(model),
        Action::Aside => demand::aside(model),
        Action::CopyAddress => return demand::copy(model),
        Action::OpenPage => return demand::open(model),
        Action::Verify => {
            model.focus = Pane::Inspector;
            inspector::open(model, Tab::Verify);
        }
        Action::ChooseKeys => keyring::choose(model),
        Action::Type(wanted) => mode::type_wanted(model, wanted),
        Action::FindKeys(source, whose) => return keyring::find(model, source, whose),
        Action::CancelSearch(id) => return keyring::cancel(model, id),
        Action::ForgetKeys => keyring::forget(model),
        Action::Waive(rule) => keyring::waive(model, rule),
        Action::Remember(source, profile) => return keyring::remember(model, &source, &profile),
        Action::ReturnToNow => travel::return_to_now(model),
        Action::ReloadProfiles => return Effect::ReloadProfiles.into(),
        Action::Redraw => return Effect::Redraw.into(),
        Action::Suspend => return Effect::Suspend.into(),
        Action::Lock => return vault::lock(model, "the vault is locked"),
        Action::KeepOpen(_) => vault::keep_open(model),
        Action::OpenVault(home) => return vault::open(model, home, true),
        Action::ChooseHome => vault::choose(model),
        Action::KeepInMemory => return vault::in_memory(model),
        Action::Quit => return model.leave(),
    }
    Effects::none()
}

fn go(model: &mut Model, motion: Motion) {
    if !mode::go(model, motion) {
        return;
    }
    let page = model.layout().page(model.focus);
    match model.focus {
        Pane::Profiles => model.profiles.cursor.go(motion, model.profiles.rows.len(), page),
        Pane::Tokens => {
            let len = model.tokens.rows().len();
            model.tokens.cursor.go(motion, len, page);
        }
        Pane::Inspector => inspector::go(model, motion),
    }
}

/// Where the user is.
fn places(model: &Model) -> &'static [Place] {
    use Place::{Confirm, Demand, Editor, Everywhere, Form, Input, Inspector, Menu, Page, Panes, Profiles, Tokens};
    match (&model.mode, model.focus) {
        (Mode::Panes, Pane::Profiles) => &[Profiles, Panes, Everywhere],
        (Mode::Panes, Pane::Tokens) => &[Tokens, Panes, Everywhere],
        (Mode::Panes, Pane::Inspector) => &[Inspector, Panes, Everywhere],
        (Mode::Prompt { .. } | Mode::Paste(_) | Mode::Issuer(_) | Mode::Search(_) | Mode::Typing { .. }, _) => {
            &[Input, Everywhere]
        }
        (Mode::Confirm(_), _) => &[Confirm, Everywhere],
        (Mode::Form(form), _) if form.leaving => &[Confirm, Everywhere],
        (Mode::Form(_), _) => &[Form, Everywhere],
        (Mode::Menu(_), _) => &[Menu, Everywhere],
        (Mode::Edit(editor), _) => match editor.stage {
            Stage::Writing => &[Editor, Everywhere],
            Stage::Leaving => &[Confirm, Everywhere],
            // A key file that is being read can be left to itself.
            Stage::Choosing(_) | Stage::Reading => &[Menu, Everywhere],
            Stage::Secret(_) | Stage::Path(_) => &[Input, Everywhere],
        },
        (Mode::Demand(_), _) => &[Demand, Everywhere],
        (Mode::Page(_), _) => &[Page, Everywhere],
    }
}

/// The bindings that work where the user is.
fn active(model: &Model) -> impl Iterator<Item = &'static Binding> {
    let places = places(model);
    table().filter(|binding| places.iter().any(|place| binding.works_in(*place)))
}

/// What a key means right now: of several meanings the first one that can be done.
fn lookup(model: &Model, key: Key) -> Option<&'static Binding> {
    let all = || active(model).filter(move |binding| binding.keys.contains(&key));
    all().find(|binding| (binding.offer)(model).is_some()).or_else(|| all().next())
}

/// The key bar: keys that do something right now, with their words.
pub(crate) fn bar(model: &Model) -> Vec<(Key, &'static str)> {
    let mut bar: Vec<(Key, &str)> = Vec::new();
    for binding in active(model) {
        let words = (binding.offer)(model).map_or("", |action| action.words());
        let new = bar.iter().all(|(key, told)| *key != binding.keys[0] && *told != words);
        if !words.is_empty() && new {
            bar.push((binding.keys[0], words));
        }
    }
    // On the checklist a key to verify with is what is wanted most.
    if matches!(model.mode, Mode::Panes) && model.focus == Pane::Inspector && model.inspector.tab == Tab::Verify {
        bar.sort_by_key(|(_, words)| *words != Action::ChooseKeys.words());
    }
    bar
}

/// The table by place, for the help page: first the pane that the user is in.
pub(crate) fn sections(pane: Pane) -> Vec<(&'static str, Vec<&'static Binding>)> {
    let here = match pane {
        Pane::Profiles => Place::Profiles,
        Pane::Tokens => Place::Tokens,
        Pane::Inspector => Place::Inspector,
    };
    // What Esc does is looked for last.
    let of = |place| {
        let mut all: Vec<_> = table().filter(|binding| binding.works_in(place)).collect();
        all.sort_by_key(|binding| binding.keys[0].code == KeyCode::Esc);
        all
    };
    let mut places = TITLES.to_vec();
    places.sort_by_key(|(place, _)| *place != here);
    places.into_iter().map(|(place, title)| (title, of(place))).collect()
}

/// The table as the README shows it, in Markdown.
pub fn markdown() -> String {
    let mut text = String::from("| Key | Where | What it does |\n|---|---|---|\n");
    for (place, title) in TITLES {
        // A binding of several places stands at the first one.
        for binding in table().filter(|binding| binding.works_in(place)) {
            let titles = TITLES.iter().filter(|(place, _)| binding.works_in(*place)).map(|(_, title)| *title);
            let titles: Vec<_> = titles.collect();
            if titles.first() == Some(&title) {
                let keys: Vec<_> = binding.keys.iter().map(|key| format!("`{key}`")).collect();
                text.push_str(&format!("| {} | {} | {} |\n", keys.join(" "), titles.join(", "), binding.help));
            }
        }
    }
    text
}

const TITLES: [(Place, &str); 12] = [
    (Place::Panes, "All panes"),
    (Place::Profiles, "Profiles"),
    (Place::Tokens, "Tokens"),
    (Place::Inspector, "Inspector"),
    (Place::Page, "Pages"),
    (Place::Menu, "Choosing"),
    (Place::Input, "Typing"),
    (Place::Form, "Profile form"),
    (Place::Editor, "Token editor"),
    (Place::Demand, "Waiting for the browser"),
    (Place::Confirm, "Yes or no"),
    (Place::Everywhere, "Everywhere"),
];

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
            &[Place::Menu, Place::Everywhere],
            &[Place::Input, Place::Everywhere],
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
    fn characters_can_be_typed() {
        let typing = [Place::Input, Place::Form, Place::Editor, Place::Everywhere];
        for binding in table().filter(|b| typing.iter().any(|place| b.works_in(*place))) {
            for key in binding.keys {
                assert!(key.ctrl || !matches!(key.code, KeyCode::Char(_)), "{key} would be missing in an input");
            }
        }
    }

    #[test]
    fn the_help_has_every_binding() {
        let in_help: usize = sections(Pane::Tokens).iter().map(|(_, bindings)| bindings.len()).sum();
        assert_eq!(in_help, table().map(|binding| binding.places.len()).sum::<usize>());
        for binding in table() {
            assert!(!binding.keys.is_empty() && !binding.places.is_empty() && !binding.help.is_empty());
            assert!(markdown().contains(binding.help), "{}", binding.help);
        }
    }
}
