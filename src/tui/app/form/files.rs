//! The files that a form's entries name: whether they are there, and who can read them. They are looked at in the background,
//! when the entry is left.

use std::collections::BTreeMap;

use super::{FormEntry, FormEntryKind, ProfileForm, Stop};
use crate::{
    text,
    tui::app::{
        Model,
        message::{Effect, Effects},
        page::Tone,
    },
};

/// What is known of files by their paths: their permissions, or why they cannot be used. Nothing while they are looked at.
pub(super) type Files = BTreeMap<String, Option<Result<u32, String>>>;

/// The path in an entry, where it names a file.
fn path(entry: &FormEntry) -> Option<&str> {
    let typed = entry.input.text().trim();
    typed.strip_prefix(entry.path?).map(str::trim).filter(|path| !path.is_empty())
}

/// Looks at the files that are named and not known yet. While a path is typed it is no path yet.
pub(in crate::tui::app) fn look_at(model: &mut Model) -> Effects {
    let Some(form) = model.modes.form_mut() else { return Effects::none() };
    let left = form.entries.iter().enumerate().filter(|(at, _)| form.focus != Stop::Entry(*at));
    let named = left.filter_map(|(_, entry)| path(entry)).filter(|path| !form.files.contains_key(*path));
    let named: Vec<_> = named.map(str::to_owned).collect();
    form.files.extend(named.iter().map(|path| (path.clone(), None)));
    Effects(named.into_iter().map(Effect::LookAtFile).collect())
}

/// A file was looked at.
pub(in crate::tui::app) fn seen(model: &mut Model, path: &str, seen: Result<u32, String>) {
    let seen = seen.map_err(|why| text::visible(&why).into_owned());
    if let Some(form) = model.modes.form_mut() {
        form.files.insert(path.to_owned(), Some(seen));
    }
}

impl ProfileForm {
    /// `exists, 0600`: how the file stands that an entry names; a secret in it is for its owner.
    pub(crate) fn file(&self, entry: &FormEntry) -> Option<(Tone, String)> {
        Some(match self.files.get(path(entry)?)?.as_ref()? {
            Err(why) => (Tone::Warn, why.clone()),
            Ok(mode) if entry.kind == FormEntryKind::Secret && mode & 0o044 != 0 => {
                (Tone::Warn, format!("exists, {mode:04o}: other users can read it; chmod 600 keeps it private"))
            }
            Ok(mode) => (Tone::Muted, format!("exists, {mode:04o}")),
        })
    }
}
