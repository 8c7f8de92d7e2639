//! The one table of keys: dispatch, key bar, help page and the README are read from it.
//!
//! key → [`Binding`] → [`Action`] → [`super::update`]. A binding offers an action exactly when it can be done right
//! now; the key bar shows what is offered, so there is no second list of conditions.

mod table;

pub use table::TABLE;

use super::{
    Model, Pane, copy,
    copy::Copied,
    input::Edit,
    inspector,
    inspector::Tab,
    jobs,
    key::{Key, KeyCode},
    list::Motion,
    message::{Effect, Effects, JobId, JobKind},
    mode::{self, Mode, PageKind, Question},
    notices::{self, Severity},
    page, tokens,
};
use crate::profile::ProfileName;

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
    /// Yes or no.
    Confirm,
    Everywhere,
}

/// What a key means: plain data that says all about what is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Action {
    Move(Motion),
    Focus(Pane),
    Inspect,
    Show(Tab),
    Reveal(bool),
    Open(PageKind),
    ListNotices,
    Dismiss,
    Start(JobKind, ProfileName),
    Cancel(JobId),
    Ask(Question),
    Forget(ProfileName),
    Copy(Copied),
    TypeToken,
    Delete,
    Undelete,
    Edit(Edit),
    Accept,
    Decline,
    Close,
    ReloadProfiles,
    Redraw,
    Suspend,
    Quit,
}

impl Action {
    /// The word of the key bar. Empty: not worth its room there.
    pub fn words(&self) -> &'static str {
        match self {
            Self::Inspect => "inspect",
            Self::Show(_) => "next tab",
            Self::Reveal(true) => "show secret",
            Self::Reveal(false) => "hide secret",
            Self::Open(PageKind::Keys) => "keys",
            Self::Open(PageKind::Profile(_)) => "details",
            Self::Open(PageKind::Value) => "whole value",
            Self::ListNotices | Self::Open(PageKind::Notices) => "notices",
            Self::Dismiss => "dismiss",
            Self::Start(JobKind::Login, _) => "log in",
            Self::Start(JobKind::Refresh, _) => "refresh",
            Self::Start(JobKind::Probe, _) => "who am I",
            Self::Start(JobKind::Revoke, _) | Self::Ask(Question::Revoke(_)) => "revoke",
            Self::Cancel(_) => "cancel",
            Self::Ask(Question::Forget(_)) | Self::Forget(_) => "forget",
            Self::Copy(Copied::Token) => "copy",
            Self::Copy(Copied::Header) => "header",
            Self::Copy(Copied::Value) => "value",
            Self::Copy(Copied::Claims) => "claims",
            Self::TypeToken => "paste",
            Self::Delete => "delete",
            Self::Undelete => "undelete",
            Self::Accept => "done",
            Self::Edit(Edit::Clear) => "clear",
            Self::Close => "close",
            Self::Decline => "no",
            Self::Quit => "quit",
            Self::Move(_) | Self::Focus(_) | Self::Edit(_) | Self::ReloadProfiles | Self::Redraw | Self::Suspend => "",
        }
    }
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
        Action::Open(kind) => page::open(model, kind),
        Action::ListNotices => page::open(model, PageKind::Notices),
        Action::Dismiss => notices::dismiss(model),
        Action::Start(kind, profile) => return jobs::start(model, kind, profile),
        Action::Cancel(job) => return jobs::cancel(model, job),
        Action::Ask(question) => model.mode = Mode::Confirm(question),
        Action::Forget(profile) => return tokens::forget(model, profile),
        Action::Copy(what) => return copy::copy(model, what),
        Action::TypeToken => mode::type_token(model),
        Action::Delete => tokens::delete(model),
        Action::Undelete => tokens::undelete(model),
        Action::Edit(edit) => mode::edit(model, edit),
        Action::Accept => return mode::accept(model),
        Action::Close | Action::Decline => model.mode = Mode::Panes,
        Action::ReloadProfiles => return Effect::ReloadProfiles.into(),
        Action::Redraw => return Effect::Redraw.into(),
        Action::Suspend => return Effect::Suspend.into(),
        Action::Quit => return model.quit(),
    }
    Effects::none()
}

fn go(model: &mut Model, motion: Motion) {
    if matches!(model.mode, Mode::Page(_)) {
        return mode::scroll(model, motion);
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
    use Place::{Confirm, Everywhere, Input, Inspector, Page, Panes, Profiles, Tokens};
    match (&model.mode, model.focus) {
        (Mode::Panes, Pane::Profiles) => &[Profiles, Panes, Everywhere],
        (Mode::Panes, Pane::Tokens) => &[Tokens, Panes, Everywhere],
        (Mode::Panes, Pane::Inspector) => &[Inspector, Panes, Everywhere],
        (Mode::Prompt { .. } | Mode::Paste(_), _) => &[Input, Everywhere],
        (Mode::Confirm(_), _) => &[Confirm, Everywhere],
        (Mode::Page(_), _) => &[Page, Everywhere],
    }
}

/// The bindings that work where the user is.
fn active(model: &Model) -> impl Iterator<Item = &'static Binding> {
    let places = places(model);
    TABLE.iter().filter(|binding| places.iter().any(|place| binding.works_in(*place)))
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
    bar
}

/// The table by place, for the help page.
pub(crate) fn sections() -> Vec<(&'static str, Vec<&'static Binding>)> {
    let of = |place| TABLE.iter().filter(|binding| binding.works_in(place)).collect();
    TITLES.into_iter().map(|(place, title)| (title, of(place))).collect()
}

/// The table as the README shows it, in Markdown.
pub fn markdown() -> String {
    let mut text = String::from("| Key | Where | What it does |\n|---|---|---|\n");
    for (place, title) in TITLES {
        // A binding of several places stands at the first one.
        for binding in TABLE.iter().filter(|binding| binding.works_in(place)) {
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

const TITLES: [(Place, &str); 8] = [
    (Place::Panes, "All panes"),
    (Place::Profiles, "Profiles"),
    (Place::Tokens, "Tokens"),
    (Place::Inspector, "Inspector"),
    (Place::Page, "Pages"),
    (Place::Input, "Typing"),
    (Place::Confirm, "Yes or no"),
    (Place::Everywhere, "Everywhere"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Where one key has two meanings, both must be in the list of those that take turns.
    #[test]
    fn no_key_has_two_meanings_in_one_place() {
        const TURNS: [Key; 1] = [Key::plain(KeyCode::Esc)];
        let places = [
            &[Place::Profiles, Place::Panes, Place::Everywhere][..],
            &[Place::Tokens, Place::Panes, Place::Everywhere],
            &[Place::Inspector, Place::Panes, Place::Everywhere],
            &[Place::Page, Place::Everywhere],
            &[Place::Input, Place::Everywhere],
            &[Place::Confirm, Place::Everywhere],
        ];
        for places in places {
            let mut seen = Vec::new();
            for binding in TABLE.iter().filter(|binding| places.iter().any(|place| binding.works_in(*place))) {
                for key in binding.keys {
                    assert!(!seen.contains(key) || TURNS.contains(key), "{key} twice in {places:?}");
                    seen.push(*key);
                }
            }
        }
    }

    #[test]
    fn characters_can_be_typed() {
        for binding in TABLE.iter().filter(|b| b.works_in(Place::Input) || b.works_in(Place::Everywhere)) {
            for key in binding.keys {
                assert!(key.ctrl || !matches!(key.code, KeyCode::Char(_)), "{key} would be missing in an input");
            }
        }
    }

    #[test]
    fn the_help_has_every_binding() {
        let in_help: usize = sections().iter().map(|(_, bindings)| bindings.len()).sum();
        assert_eq!(in_help, TABLE.iter().map(|binding| binding.places.len()).sum::<usize>());
        for binding in TABLE {
            assert!(!binding.keys.is_empty() && !binding.places.is_empty() && !binding.help.is_empty());
            assert!(markdown().contains(binding.help), "{}", binding.help);
        }
    }
}
