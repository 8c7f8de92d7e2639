//! The log (`N`): all that the user was told, and the entry under the cursor opened: what happened, what it means, what to do,
//! where there is more.

use secrecy::zeroize::Zeroize as _;

use super::{
    Model,
    input::Input,
    keymap::{Action, MARK},
    layout::Area,
    list::Cursor,
    message::{Effect, Effects},
    mode::{self, Mode, Taken, Wanted},
    notices::{Level, Notice, NoticeId},
    page::{self, Line, Tone, write::Writer},
    undo::{self, Undone},
};
use crate::{
    clock::{self, Timestamp},
    profile::ProfileName,
};

/// The log, open over the panes.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) cursor: Cursor,
    pub(crate) errors_only: bool,
    /// All these words must be in an entry.
    filter: String,
    /// The entries that are shown, newest first.
    pub(crate) entries: Vec<NoticeId>,
    /// The entry under the cursor stays there, whatever comes above it.
    picked: Option<NoticeId>,
    /// Whom it is about.
    subject: Option<ProfileName>,
    /// What to do about it in the panes, where nothing can be done from here.
    elsewhere: Option<String>,
    /// What there is to say about it, wrapped for the screen's width; sanitized.
    pub(crate) details: Vec<Line>,
}

impl Log {
    /// Whom the entry under the cursor is about.
    pub(crate) fn subject(&self) -> Option<&ProfileName> {
        self.subject.as_ref()
    }

    /// `/401`: what is shown of the filter that is set.
    pub(crate) fn filter(&self) -> Option<&str> {
        Some(self.filter.as_str()).filter(|filter| !filter.is_empty())
    }

    /// The cursor was moved.
    pub(super) fn pick(&mut self) {
        self.picked = self.entries.get(self.cursor.index).copied();
    }

    fn takes(&self, notice: &Notice, words: &[String]) -> bool {
        let said = || {
            let badge = notice.badge.as_ref().map_or("", |badge| badge.text.as_str());
            format!("{badge} {} {}", level_word(notice.severity), notice.words()).to_lowercase()
        };
        (!self.errors_only || notice.severity == Level::Error)
            && (words.is_empty() || words.iter().all(|word| said().contains(word)))
    }
}

/// What a level is called.
fn level_word(level: Level) -> &'static str {
    match level {
        Level::Info => "info",
        Level::Success => "done",
        Level::Warning => "warning",
        Level::Error => "error",
    }
}

/// Where the list is and where the entry under the cursor is opened, inside of the frame.
pub(crate) fn parts(size: (u16, u16), details: usize) -> (Area, Area) {
    let inner = page::frame(size, usize::MAX).shrink(2, 1);
    let most = inner.height.saturating_sub(3) * 3 / 5;
    let details = u16::try_from(details).unwrap_or(u16::MAX).min(most);
    let list = inner.top(inner.height - details - u16::from(details > 0));
    (list, inner.below(inner.height - details))
}

/// Opens it: with that everything on the line is read.
pub(super) fn open(model: &mut Model) {
    model.notices.read_all();
    model.modes.push(Mode::Log(Log::default()));
}

/// Keeps the entries in line with what is told and what is typed, and the opened one with the cursor.
pub(super) fn settle(model: &mut Model) {
    let mut modes = std::mem::take(&mut model.modes);
    let typed = modes.line(&Wanted::Log).map(|input| input.text().to_owned());
    for mode in modes.iter_mut() {
        let Mode::Log(log) = mode else { continue };
        log.filter = typed.clone().unwrap_or_else(|| std::mem::take(&mut log.filter));
        let words: Vec<_> = log.filter.split_whitespace().map(str::to_lowercase).collect();
        log.entries = model.notices.all().filter(|notice| log.takes(notice, &words)).map(|notice| notice.id).collect();
        let place = log.picked.and_then(|picked| log.entries.iter().position(|id| *id == picked));
        log.cursor.index = place.unwrap_or(log.cursor.index.min(log.entries.len().saturating_sub(1)));
        log.picked = log.entries.get(log.cursor.index).copied();
        let picked = log.picked.and_then(|picked| model.notices.by_id(picked));
        log.subject = picked.and_then(|notice| notice.about.clone());
        log.elsewhere = picked.and_then(|notice| notice.in_panes(model));
    }
    model.modes = modes;
    // Its keys are those that work here.
    let Some(open) = model.modes.iter().find_map(|mode| if let Mode::Log(log) = mode { Some(log) } else { None })
    else {
        return;
    };
    let notice = open.picked.and_then(|picked| model.notices.by_id(picked));
    let width = parts(model.size, 1).0.width;
    let details = notice.map(|notice| details(model, notice, open.elsewhere.as_deref(), width)).unwrap_or_default();
    let page = parts(model.size, details.len()).0.height;
    for mode in model.modes.iter_mut() {
        if let Mode::Log(log) = mode {
            log.cursor.settle(log.entries.len(), usize::from(page));
            log.details = details;
            return;
        }
    }
}

/// An entry in its parts; what is missing is left out.
fn details(model: &Model, notice: &Notice, elsewhere: Option<&str>, width: u16) -> Vec<Line> {
    let mut writer = Writer::new(width);
    let tone = match notice.severity {
        Level::Error => Tone::Bad,
        Level::Warning => Tone::Warn,
        Level::Info | Level::Success => Tone::Plain,
    };
    let mut put = |label: &str, tone, words: &str| writer.put(tone, &format!("{label:<6} "), words);
    put("what", tone, &notice.text);
    notice.means.iter().for_each(|means| put("means", Tone::Plain, means));
    match (notice.keyed(model), elsewhere) {
        (Some(hint), _) => put("do", Tone::Plain, &hint),
        (None, Some(hint)) => put("do", Tone::Plain, &format!("in the panes: {hint}")),
        (None, None) => {}
    }
    let row = notice.about.as_ref().and_then(|name| model.profiles.row(name));
    if notice.severity.is_problem() && row.is_some_and(|row| row.exchange.is_some()) {
        put("more", Tone::Plain, &model.keyed("{key:exchange} shows the exchange"));
    }
    if notice.times > 1 {
        put("seen", Tone::Plain, &format!("{} times, first at {}", notice.times, model.time_of_day(notice.first)));
    }
    writer.lines
}

impl Model {
    /// `22:35:38`, where the reader is.
    pub(crate) fn time_of_day(&self, at: Timestamp) -> String {
        clock::of_day(at, self.now, self.zone)
    }

    /// The log that is on top.
    pub(crate) fn log(&self) -> Option<&Log> {
        if let Some(Mode::Log(log)) = self.modes.top() { Some(log) } else { None }
    }

    fn picked(&self) -> Option<&Notice> {
        self.notices.by_id(self.log()?.picked?)
    }
}

pub(super) fn offer_open(model: &Model) -> Option<Action> {
    model.notices.all().next().map(|_| Action::OpenLog)
}

pub(super) fn offer_subject(model: &Model) -> Option<Action> {
    let name = model.log()?.subject()?;
    model.profiles.row(name).map(|row| Action::GoToProfile(row.profile.name.clone()))
}

pub(super) fn offer_errors(model: &Model) -> Option<Action> {
    model.log().map(|log| Action::ErrorsOnly(!log.errors_only))
}

pub(super) fn offer_clear(model: &Model) -> Option<Action> {
    model.notices.all().next().map(|_| Action::ClearLog)
}

pub(super) fn offer_copy(model: &Model) -> Option<Action> {
    model.picked().map(|_| Action::CopyDetails)
}

pub(super) fn offer_drop_filter(model: &Model) -> Option<Action> {
    model.log().filter(|log| log.filter().is_some() || log.errors_only).map(|_| Action::FilterLog(false))
}

pub(super) fn errors_only(model: &mut Model, on: bool) {
    if let Some(Mode::Log(log)) = model.modes.top_mut() {
        log.errors_only = on;
    }
}

/// Opens the line of the filter, or drops what was filtered.
pub(super) fn filter(model: &mut Model, on: bool) {
    if on {
        return mode::type_line(model, Wanted::Log);
    }
    if let Some(Mode::Log(log)) = model.modes.top_mut() {
        log.filter.zeroize();
        log.errors_only = false;
    }
}

/// Enter below the filter: it stays. Esc clears it, as the line goes.
pub(super) fn accept(model: &mut Model, _: &Wanted, input: &mut Input) -> Taken {
    if let Some(Mode::Log(log)) = model.modes.top_mut() {
        input.text().clone_into(&mut log.filter);
    }
    Some(Effects::none())
}

pub(super) fn clear(model: &mut Model) {
    let taken = model.notices.take();
    let words = match taken.len() {
        1 => "the log of 1 line".to_owned(),
        lines => format!("the log of {lines} lines"),
    };
    undo::keep(model, Undone::Log(taken), &words);
    model.advise(None, Level::Info, "Log cleared.", "{key:undo} undoes");
}

/// The entry in its parts as text. Notices hold no secrets.
pub(super) fn copy(model: &Model) -> Effects {
    let Some(notice) = model.picked() else { return Effects::none() };
    let badge = notice.badge.as_ref().map(|badge| format!("{} ", badge.text)).unwrap_or_default();
    let about = notice.about.as_ref().map(|name| format!(" {badge}{name}")).unwrap_or_default();
    let mut text = format!("{} {}{about}\n", notice.at.format("%Y-%m-%d %H:%M:%SZ"), level_word(notice.severity));
    let elsewhere = model.log().and_then(|log| log.elsewhere.as_deref());
    for line in details(model, notice, elsewhere, u16::MAX) {
        text.push_str(&format!("{}{}\n", line.head, line.text.replace(MARK, "")));
    }
    Effect::Copy { what: "details".to_owned(), text: text.into() }.into()
}
