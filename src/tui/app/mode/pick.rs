//! A file is picked where the path of one is asked for: its folder is listed, and what is chosen stands in the line.

use super::{Choice, Choose, Item, Mode, Typing, Wanted};
use crate::{
    text,
    tui::app::{
        Model,
        keymap::Action,
        list::Cursor,
        message::{Effect, Effects},
        notices::Level,
    },
};

/// What stands before a path in the line that asks for one: `file:` for a secret in a profile.
fn prefix(model: &Model) -> Option<(&'static str, &str)> {
    match model.modes.top()? {
        Mode::Typing(Typing { wanted: Wanted::KeyFile | Wanted::SigningKeyFile, input, .. }) => {
            Some(("", input.text()))
        }
        Mode::Form(form) => {
            let entry = form.focused()?;
            Some((entry.path?, entry.input.text()))
        }
        _ => None,
    }
}

/// The folder of what is typed so far; else the home folder.
pub(in crate::tui::app) fn offer(model: &Model) -> Option<Action> {
    let (prefix, typed) = prefix(model)?;
    let folder = typed.strip_prefix(prefix).and_then(|path| path.rsplit_once('/')).map(|(folder, _)| folder);
    Some(Action::ListFolder(match folder {
        Some("") => "/".to_owned(),
        Some(folder) => folder.to_owned(),
        None => "~".to_owned(),
    }))
}

pub(in crate::tui::app) fn list(folder: String) -> Effects {
    Effect::ListFolder(folder).into()
}

/// A folder was listed: names, those of folders with `/` at their end.
pub(in crate::tui::app) fn listed(model: &mut Model, folder: &str, result: Result<Vec<String>, String>) {
    // Who has gone on wants no file any more.
    if prefix(model).is_none() {
        return;
    }
    let names = match result {
        Ok(names) => names,
        Err(why) => return model.tell(Level::Warning, &format!("No files to pick: {why}")),
    };
    let within = |name: &str| format!("{}/{name}", folder.trim_end_matches('/'));
    let item = |name: String| match name.strip_suffix('/') {
        Some(inner) => Item::new(text::visible(&name).into_owned(), "folder", Action::ListFolder(within(inner))),
        None => Item::new(text::visible(&name).into_owned(), "", Action::TakeFile(within(&name))),
    };
    let up = match folder.trim_end_matches('/').rsplit_once('/') {
        Some(("", _)) => Some("/".to_owned()),
        Some((up, _)) => Some(up.to_owned()),
        None => (folder == "~").then(|| "/".to_owned()),
    };
    let up = up.map(|up| Item::new("..", "the folder above", Action::ListFolder(up)));
    let items: Vec<_> = up.into_iter().chain(names.into_iter().map(item)).collect();
    let (choice, title, cursor) = (Choice::File, "Which file?", Cursor::default());
    model.modes.push(Mode::Choose(Choose { choice, title, items, cursor }));
}

/// The file that was chosen.
pub(in crate::tui::app) fn take(model: &mut Model, path: &str) {
    let Some((prefix, _)) = prefix(model) else { return };
    let line = format!("{prefix}{path}");
    match model.modes.top_mut() {
        Some(Mode::Typing(typing)) => typing.input.put(&line),
        Some(Mode::Form(form)) => form.put(&line),
        _ => {}
    }
}
