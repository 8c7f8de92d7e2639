//! Opening, saving and leaving a form.

use super::{ProfileForm, Stop};
use crate::{
    profile::{Profile, ProfileName},
    providers,
    tui::app::{
        Model, Pane,
        input::Edit,
        keymap::Action,
        list::Motion,
        message::What,
        mode::{Mode, Question},
        notices::Level,
        page::{self, files::Files},
        tasks::{self, Task},
        tokens::old,
        undo::{self, Undone},
    },
};

/// An empty form for a provider.
pub(in crate::tui::app) fn new_profile(model: &mut Model, provider: &str) {
    let Some(provider) = providers::by_id(provider) else { return };
    let descriptor = provider.descriptor();
    let profile = Profile {
        name: ProfileName::new(descriptor.id).expect("an id of a provider follows the rules of names"),
        provider: descriptor.id.to_owned(),
        settings: Default::default(),
        environment: None,
        tags: Vec::new(),
    };
    open(model, None, &profile, "");
}

/// A form for a profile over a program that prints its token.
pub(in crate::tui::app) fn over_program(model: &mut Model, name: &str, command: &str) {
    let Ok(profile_name) = ProfileName::new(name) else { return };
    let profile = Profile {
        name: profile_name,
        provider: "command".to_owned(),
        settings: [("command".to_owned(), command.to_owned())].into(),
        environment: None,
        tags: Vec::new(),
    };
    let is_taken = model.profiles.row(&profile.name).is_some();
    open(model, None, &profile, if is_taken { "" } else { name });
}

/// A form with a profile in it.
pub(in crate::tui::app) fn edit_profile(model: &mut Model, name: &ProfileName) {
    if let Some(profile) = model.profiles.row(name).map(|row| row.profile.clone()) {
        open(model, Some(name.clone()), &profile, name.as_str());
    }
}

/// A form with a copy of a profile in it, under the first name that is free.
pub(in crate::tui::app) fn duplicate(model: &mut Model, name: &ProfileName) {
    let Some(profile) = model.profiles.row(name).map(|row| row.profile.clone()) else { return };
    let free = |name: &ProfileName| model.profiles.row(name).is_none();
    let numbered = |number: u32| ProfileName::new(format!("{name}-{number}")).ok();
    let copy = (2..100).filter_map(numbered).find(free);
    open(model, None, &profile, copy.as_ref().map_or("", ProfileName::as_str));
}

fn open(model: &mut Model, old: Option<ProfileName>, profile: &Profile, name: &str) {
    let Some(provider) = providers::by_id(&profile.provider) else { return };
    let others = model.profiles.rows.iter().map(|row| &row.profile.name);
    let taken = others.filter(|other| Some(*other) != old.as_ref()).cloned().collect();
    // The file may have been mended since the page said how it stands.
    model.files = Files::default();
    model.modes.push(Mode::Form(Box::new(ProfileForm::new(provider.descriptor(), old, profile, name, taken))));
}

/// Enter: on to the next entry, into the fold, and from the last one into the file.
pub(in crate::tui::app) fn offer_next(model: &Model) -> Option<Action> {
    let form = model.modes.form()?;
    match form.focus {
        Stop::Save => offer_save(model),
        Stop::Fold if !form.unfolded => Some(Action::Edit(Edit::Right)),
        Stop::Fold | Stop::Entry(_) => Some(Action::Next(Motion::Down)),
    }
}

pub(in crate::tui::app) fn offer_save(model: &Model) -> Option<Action> {
    model.modes.form().filter(|form| !form.saving).map(|_| Action::Save)
}

/// Esc: what was typed is dropped only after a confirmation.
pub(in crate::tui::app) fn offer_leave(model: &Model) -> Option<Action> {
    model.modes.form().map(|form| if form.is_changed() { Action::Ask(Question::LeaveForm) } else { Action::Close })
}

pub(in crate::tui::app) fn save(model: &mut Model) {
    let Some(form) = model.modes.form_mut() else { return };
    form.problem = None;
    let Some(profile) = form.check() else { return };
    form.saving = true;
    let old = form.old.clone();
    keep(model, old, profile);
}

/// Saves a profile that was called `old`.
pub(in crate::tui::app) fn keep(model: &mut Model, old: Option<ProfileName>, profile: Profile) {
    let whose = old.clone().unwrap_or_else(|| profile.name.clone());
    tasks::begin(model, What::Save { old, profile }, Some(whose));
}

/// What became of a change of the profiles.
pub(in crate::tui::app) fn changed(model: &mut Model, task: &Task, result: Result<Vec<Profile>, String>) {
    let Some(whose) = &task.whose else { return };
    // The user may have left the form, and may be at another one by now.
    let waits = matches!((model.modes.form(), &task.what), (Some(form), What::Save { old, profile })
        if form.saving && form.old == *old && form.name() == profile.name.as_str());
    let profiles = match result {
        Ok(profiles) => profiles,
        Err(problem) => {
            let words = match &task.what {
                What::Save { profile, .. } => format!("Could not save {}: {problem}", profile.name),
                _ => format!("Could not remove {whose}: {problem}"),
            };
            model.tell(Level::Error, &words);
            if let Some(form) = model.modes.form_mut().filter(|_| waits) {
                form.saving = false;
                form.problem = Some(crate::text::visible(&words).into_owned());
            }
            return;
        }
    };
    let What::Save { profile: Profile { name, .. }, .. } = &task.what else {
        let held = model.profiles.row(whose).is_some_and(|row| row.holding.is_some()) || model.vault.is_locked();
        let words = match (held, old::counted(model, whose)) {
            (false, None) => "Removed.".to_owned(),
            (true, None) => "Removed. Its tokens still work at the server.".to_owned(),
            (true, Some(sets)) => format!("Removed, with its tokens and {sets}. They still work at the server."),
            (false, Some(sets)) => format!("Removed, with {sets}. They may still work at the server."),
        };
        model.tokens.forget(whose);
        page::rename(model, whose, None);
        if let What::Remove(keep) = task.what {
            undo::keep(model, Undone::Forgotten(vec![(whose.clone(), keep)]), whose.as_str());
        }
        let hint = match words.as_str() {
            "Removed." => "{key:undo} brings it back",
            _ => "{key:undo} brings it back, then {key:panes.revoke} revokes",
        };
        model.advise(Some(whose), Level::Info, &words, hint);
        return model.profiles.load(Ok(profiles));
    };
    if whose != name {
        model.profiles.rename(whose, name);
        model.tokens.rename(whose, name);
        model.marks.rename(whose, name);
        model.tasks.rename(whose, name);
        page::rename(model, whose, Some(name));
    }
    model.profiles.load(Ok(profiles));
    if waits {
        model.modes.take(|mode| matches!(mode, Mode::Form(_)));
        model.focus = Pane::Profiles;
        crate::tui::app::scope::go_to(model, crate::tui::app::scope::Scope::Profile(name.clone()));
    }
    model.tell_unsettling(Some(name), Level::Success, "Saved.");
}
