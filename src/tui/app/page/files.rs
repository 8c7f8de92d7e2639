//! The files that settings name: whether they are there, and who can read them. They are looked at in the background: of a
//! form when the entry is left, of a profile while its page is open.

use std::collections::BTreeMap;

use super::Tone;
use crate::{
    auth::FieldKind,
    text,
    tui::app::{
        Model,
        message::{Effect, Effects},
        mode::Mode,
    },
};

/// What is known of files by their paths: their permissions, or why they cannot be used. Nothing while they are looked at.
#[derive(Debug, Default)]
pub(crate) struct Files(BTreeMap<String, Option<Result<u32, String>>>);

/// What stands before the path in a setting of this kind, where it may be that of a file.
pub(in crate::tui::app) fn prefix(kind: FieldKind) -> Option<&'static str> {
    match kind {
        FieldKind::Path => Some(""),
        FieldKind::Secret => Some("file:"),
        _ => None,
    }
}

/// The path in a setting, where it names a file.
pub(in crate::tui::app) fn path<'a>(prefix: Option<&'static str>, value: &'a str) -> Option<&'a str> {
    value.trim().strip_prefix(prefix?).map(str::trim).filter(|path| !path.is_empty())
}

/// Looks at the files that are named and not known yet. What is known is forgotten where nobody reads it.
pub(in crate::tui::app) fn look_at(model: &mut Model) -> Effects {
    let mut named: Vec<String> = Vec::new();
    let mut is_read = false;
    for mode in model.modes.iter() {
        match mode {
            Mode::Form(form) => named.extend(form.files().map(str::to_owned)),
            Mode::Page(_) if let Some(row) = mode.profile().and_then(|name| model.profiles.row(name)) => {
                let prefix = |key: &str| prefix(row.descriptor?.field(key)?.kind);
                let settings = row.profile.settings.iter();
                named.extend(settings.filter_map(|(key, value)| path(prefix(key), value)).map(str::to_owned));
            }
            _ => continue,
        }
        is_read = true;
    }
    if !is_read {
        model.files = Files::default();
        return Effects::none();
    }
    named.retain(|path| !model.files.0.contains_key(path));
    named.sort_unstable();
    named.dedup();
    model.files.0.extend(named.iter().map(|path| (path.clone(), None)));
    Effects(named.into_iter().map(Effect::LookAtFile).collect())
}

impl Files {
    /// A file was looked at.
    pub(in crate::tui::app) fn seen(&mut self, path: &str, seen: Result<u32, String>) {
        self.0.insert(path.to_owned(), Some(seen.map_err(|why| text::visible(&why).into_owned())));
    }

    /// `exists, 0600`: how the file stands that a setting names; a secret in it is for its owner.
    pub(crate) fn told(&self, prefix: Option<&'static str>, value: &str, is_secret: bool) -> Option<(Tone, String)> {
        Some(match self.0.get(path(prefix, value)?)?.as_ref()? {
            Err(why) => (Tone::Warn, why.clone()),
            Ok(mode) if is_secret && mode & 0o044 != 0 => {
                (Tone::Warn, format!("exists, {mode:04o}: other users can read it; chmod 600 keeps it private"))
            }
            Ok(mode) => (Tone::Muted, format!("exists, {mode:04o}")),
        })
    }
}
