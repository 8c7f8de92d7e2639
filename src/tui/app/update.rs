//! What is done about a message: the one place where all slices meet.

use super::{
    Effect, Effects, Message, Model, copy, demand, edit, exchange, filter, inspector,
    key::Key,
    keymap::{self, Keymap},
    known_keys, log, look, marks, mode, mouse,
    notices::{self, Level},
    page, profiles, renewal, rotation, schedule, scope, tasks, tokens, undo, vault, verify, warning, welcome,
};
use crate::{store::config::Config, text};

/// On the way out one key is left.
fn abandon(key: Key) -> Effects {
    if key == Key::ctrl('c') { Effect::Abandon.into() } else { Effects::none() }
}

/// Takes one message in and says what has to be done.
pub fn update(model: &mut Model, message: Message) -> Effects {
    if matches!(message, Message::Key(_) | Message::Pasted(_) | Message::Mouse(_)) {
        vault::active(model);
    }
    if matches!(message, Message::Key(_)) {
        notices::line::pressed(model);
    }
    let mut effects = match message {
        Message::Key(key) if model.quitting => abandon(key),
        Message::Key(key) => keymap::press(model, key),
        Message::Mouse(_) if model.quitting => Effects::none(),
        Message::Mouse(mouse) => mouse::act(model, mouse),
        Message::Pasted(text) => mode::pasted(model, &text),
        Message::Terminated => model.quit(),
        Message::Task(id, event) => tasks::event(model, id, event),
        Message::LockAsked => vault::lock_asked(model),
        Message::BackgroundTold(background) => look::background_told(model, background),
        fact => {
            learn(model, fact);
            Effects::none()
        }
    };
    settle(model);
    if model.quitting {
        return effects;
    }
    known_keys::look_up(model);
    let due = [
        welcome::due(model),
        undo::due(model),
        tokens::old::due(model),
        vault::due(model),
        mouse::due(model),
        copy::clear(model),
        renewal::launch(model),
        warning::warn(model),
        look::read(model),
        page::files::look_at(model),
    ];
    let due: Vec<_> = due.into_iter().flat_map(|effects| effects.0).collect();
    if !due.is_empty() {
        // What has begun may be about to ask, and a lock takes the rows away: the next key and the next frame are for what is there.
        settle(model);
    }
    effects.0.extend(due);
    effects
}

/// Facts that ask for nothing.
fn learn(model: &mut Model, fact: Message) {
    match fact {
        Message::Resized(columns, rows) => model.size = (columns, rows),
        Message::Ticked(now) => schedule::ticked(model, now),
        Message::Focused(attended) => mouse::focused(model, attended),
        Message::NoPrimarySelection(why) => {
            model.tell(Level::Info, &format!("Nothing to paste from the selection: {why}"));
        }
        Message::Copied(what, outcome) => copy::copied(model, &what, outcome),
        Message::ClipboardCleared(result) => copy::cleared(model, result),
        Message::Notified(doubt) => warning::notified(model, doubt.as_deref()),
        Message::SignWidthTold(columns) => look::sign_width_told(model, columns),
        Message::ThemeRead(name, file) => look::read_was(model, &name, file),
        Message::ConfigLoaded(result) => configured(model, result),
        Message::NotRemembered(why) => {
            let words = format!("Not saved for the next start: {why}");
            model.tell(Level::Warning, &words);
        }
        Message::ProfilesLoaded(result) => profiles::loaded(model, result),
        Message::Exchanged(profile, exchange) => exchange::exchanged(model, &profile, *exchange),
        Message::SigningKeysRead(path, result) => edit::keys_read(model, &path, result),
        Message::FolderListed(folder, names) => mode::pick::listed(model, &folder, names),
        Message::FileSeen(path, seen) => model.files.seen(&path, seen),
        Message::PageOpened(task, outcome) => demand::opened(model, task, outcome),
        Message::VaultRefused(profile, why) => {
            model.complain(Some(&profile), Level::Error, &why);
        }
        Message::RecordRead(profile, kept) => vault::read(model, &profile, *kept),
        Message::RecordsChanged(all) => {
            for (profile, exchange, kept) in all {
                exchange.into_iter().for_each(|exchange| exchange::exchanged(model, &profile, *exchange));
                vault::changed(model, &profile, *kept);
            }
        }
        Message::SourcesFound(count) => model.welcome.sources = Some(count),
        Message::KeyringChecked(result) => vault::checked(model, result),
        Message::RunsFound(runs) => rotation::news::found(model, runs),
        Message::ReceiptRead(run, result) => rotation::news::read(model, &run, result),
        Message::ReceiptWritten(Ok(path)) => model.tell(Level::Success, &format!("Receipt written: {path}")),
        Message::ReceiptWritten(Err(why)) => model.tell(Level::Error, &format!("Receipt not written: {why}")),
        Message::Saved(unsaved) => vault::saved(model, unsaved),
        Message::Awaited(words) => {
            model.modes.clear();
            model.awaited = Some(text::visible(&words.join("; ")).into_owned());
        }
        Message::Key(_)
        | Message::Pasted(_)
        | Message::Mouse(_)
        | Message::Terminated
        | Message::Task(..)
        | Message::LockAsked
        | Message::BackgroundTold(_) => {}
    }
}

/// What to do about a file that cannot be read.
pub(super) const MEND: &str = "fix the file, then press {key:reload}";

/// The settings were read, or could not be: then they stay as they are.
pub(super) fn configured(model: &mut Model, config: Result<Config, String>) {
    match config {
        Ok(config) => {
            model.protected = config.environments.protected();
            if config.ui.mouse != model.config.ui.mouse {
                model.pointer.captured = config.ui.mouse;
            }
            model.readonly.renew(config.environments.readonly());
            model.tree.forget();
            let (keymap, mistakes) = Keymap::read(&config.keys);
            let news = config.keys != model.config.keys;
            (model.keymap, model.config) = (keymap, config);
            if news {
                tell_of_keys(model, &mistakes);
            }
            look::configured(model);
        }
        Err(problem) => {
            let words = format!("Could not read the settings; the old ones stay in effect: {problem}");
            model.advise(None, notices::Level::Error, &words, MEND);
        }
    }
}

/// What is wrong with the keys in the settings: all of it is on the list.
fn tell_of_keys(model: &mut Model, mistakes: &[String]) {
    mistakes.iter().rev().for_each(|mistake| model.tell(Level::Warning, mistake));
    if mistakes.len() > 1 {
        let words = format!("{} problems with the keys in the settings", mistakes.len());
        model.advise(None, Level::Warning, &words, "{key:log} lists them; all other settings count");
    }
}

/// Brings cursors, scrolling and the mode in line with what there is now.
pub(super) fn settle(model: &mut Model) {
    filter::texts::renew(model);
    scope::settle(model);
    filter::narrow::settle(model);
    marks::settle(model);
    known_keys::settle(model);
    verify::settle(model);
    inspector::settle(model);
    rotation::settle(model);
    mode::settle(model);
    vault::settle(model);
    edit::settle(model);
    log::settle(model);
    notices::line::settle(model);
}
