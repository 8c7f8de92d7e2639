//! What is told of a rotation that runs or has ended: a row for each profile, and below them what is left for the user.

use chrono::TimeDelta;
use unicode_width::UnicodeWidthStr as _;

use super::{
    live::{Doing, Live, LiveRow, Phase},
    words::{Cell, Room, RowWords, cell, counted, headed, line},
};
use crate::{
    auth::TokenKind,
    clock::{self, Timestamp},
    session::{
        Verdict,
        rotate::{
            Stage, Waiting,
            receipt::{self, Receipt},
            step::Outcome,
        },
    },
    text,
    tui::app::{
        Model, bars,
        page::{Line, Tone},
    },
};

/// `Rotating  3 of 4 ended · 8s`.
pub(super) fn title(model: &Model, live: &Live) -> String {
    let (done, all) = live.counts();
    let elapsed = clock::span((live.ended.unwrap_or(model.now) - live.began).max(TimeDelta::zero()));
    match (&live.receipt, live.task) {
        (None, Some(_)) if live.doing == Doing::Rechecking => format!("Checking old tokens again  {elapsed}"),
        (None, Some(_)) if live.doing == Doing::Abandoning => "Abandoning the rotation  ".to_owned(),
        (Some(receipt), _) => format!("Rotated  {}", receipt.summary()),
        (None, Some(_)) if live.stops > 0 => format!("Rotating  {done} of {all} ended · {elapsed} · stopping"),
        (None, Some(_)) => format!("Rotating  {done} of {all} ended · {elapsed}"),
        (None, None) => format!("Rotation  {done} of {all} ended · cut off"),
    }
}

/// What the columns are called.
pub(super) fn heads(room: Room) -> &'static [&'static str] {
    match room {
        Room::Small => &["step"],
        Room::Medium => &["step", "took"],
        Room::Large => &["step", "old tokens", "took", "result"],
    }
}

/// A profile of it.
pub(super) fn row(model: &Model, live: &Live, at: usize, room: Room) -> Option<RowWords> {
    let row = live.rows.get(at)?;
    let (sign, tone, step) = match row.phase {
        Phase::Planned => ("·", Tone::Muted, "planned".to_owned()),
        Phase::Step(stage) => ("»", Tone::Renew, stage_words(stage).to_owned()),
        Phase::Waiting(what, until) => ("»", Tone::Warn, waiting_words(model, what, until)),
        Phase::Settled(Outcome::Rotated) => ("✓", Tone::Good, "rotated".to_owned()),
        Phase::Settled(Outcome::Revoked) => ("⊘", Tone::Warn, "revoked".to_owned()),
        Phase::Settled(Outcome::Failed) => ("✗", Tone::Bad, "failed".to_owned()),
        Phase::Settled(Outcome::NotStarted) => ("·", Tone::Muted, "not started".to_owned()),
    };
    let survives = row.survives();
    // A session that is new does not hide an old one that is accepted.
    let (sign, tone_of_sign) =
        if survives && row.outcome() == Some(Outcome::Rotated) { ("!", Tone::Bad) } else { (sign, tone) };
    let took = row.took.or(row.began.map(|began| (model.now - began).max(TimeDelta::zero())));
    let took = cell(took.map(clock::span).unwrap_or_default(), Tone::Muted);
    let result = text::visible(&result(model, row)).into_owned();
    let cells = match room {
        Room::Large => vec![cell(step, tone), marks(row), took, cell(result, Tone::Plain)],
        // What became of it matters more than how it went.
        Room::Small if result.is_empty() => vec![cell(step, tone)],
        Room::Small => vec![cell(result, tone)],
        Room::Medium if result.is_empty() => {
            let step = [cell(step, tone), marks(row)];
            vec![step.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(&gap()), took]
        }
        Room::Medium => vec![vec![(step, tone), (format!(": {result}"), Tone::Plain)], took],
    };
    Some(RowWords { sign, tone: tone_of_sign, badge: model.badge(&row.name), name: row.name.to_string(), cells })
}

fn stage_words(stage: Stage) -> &'static str {
    match stage {
        Stage::Obtaining => "getting new tokens",
        Stage::Checking => "trying the new tokens",
        Stage::Ending => "ending the old tokens",
        Stage::Recovering => "logging in again",
        Stage::Restoring => "restoring the old session",
        Stage::Proving => "proving",
    }
}

fn waiting_words(model: &Model, what: Waiting, until: Option<Timestamp>) -> String {
    let until = until.map(|until| format!(" until {}", model.time_of_day(until))).unwrap_or_default();
    match what {
        Waiting::Slot => "waiting for its turn".to_owned(),
        Waiting::Person => "waiting for you".to_owned(),
        Waiting::Limit => format!("rate limited{until}"),
        Waiting::Propagation => format!("tries again{until}"),
    }
}

/// Between two parts of a column.
fn gap() -> (String, Tone) {
    ("  ".to_owned(), Tone::Plain)
}

/// `refresh ⊘  access !`: the danger is what lives.
fn marks(row: &LiveRow) -> Cell {
    let mark = |verdict: &Verdict| match verdict {
        Verdict::Dead => ("⊘", Tone::Ended),
        Verdict::AliveUntil(_) | Verdict::Alive => ("!", Tone::Bad),
        Verdict::Unknown => ("?", Tone::Warn),
    };
    let known = row.verdicts.iter().filter(|(kind, ..)| *kind != TokenKind::Id);
    let known = known.map(|(kind, _, verdict, _)| {
        let (sign, tone) = mark(verdict);
        [(format!("{kind} {sign}"), tone)]
    });
    known.collect::<Vec<_>>().join(&gap())
}

/// What became of it, in words.
fn result(model: &Model, row: &LiveRow) -> String {
    let left = row.survivors().map(|(kind, _, verdict, accepted)| {
        format!("{kind} {}", verdict.words(*accepted, |end| model.time_of_day(end)))
    });
    let left = left.collect::<Vec<_>>().join(", ");
    let reason = || row.reason.clone().unwrap_or_default();
    match row.outcome() {
        None => String::new(),
        Some(Outcome::Rotated) if left.is_empty() && row.verdicts.is_empty() => "no old tokens".to_owned(),
        Some(Outcome::Rotated) if left.is_empty() => "old tokens dead".to_owned(),
        Some(Outcome::Rotated) => left,
        Some(Outcome::Revoked) => format!("no new session: {}", reason()),
        Some(Outcome::Failed | Outcome::NotStarted) => reason(),
    }
}

/// What there is no room for in a row.
pub(super) fn detail(model: &Model, live: &Live, at: usize, room: Room) -> Option<Line> {
    let row = live.rows.get(at)?;
    let words = match room {
        // A short one has room in its row.
        Room::Large => row.reason.clone().filter(|reason| reason.width() > 40)?,
        Room::Medium => Some(result(model, row)).filter(|words| !words.is_empty())?,
        Room::Small => return None,
    };
    Some(headed(Tone::Muted, format!("{}: ", row.name), words))
}

/// The totals, and what is left for the user.
pub(super) fn foot(model: &Model, live: &Live, room: Room, width: u16) -> Vec<Line> {
    let mut counts =
        [(0_usize, "rotated"), (0, "revoked"), (0, "failed"), (0, "not started"), (0, "running"), (0, "planned")];
    for row in &live.rows {
        let place = match row.phase {
            Phase::Settled(Outcome::Rotated) => 0,
            Phase::Settled(Outcome::Revoked) => 1,
            Phase::Settled(Outcome::Failed) => 2,
            Phase::Settled(Outcome::NotStarted) => 3,
            Phase::Step(_) | Phase::Waiting(..) => 4,
            Phase::Planned => 5,
        };
        counts[place].0 += 1;
    }
    // What is only planned is told where nothing else can be.
    let counts =
        counts.into_iter().take(5).filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    let counts = counts.collect::<Vec<_>>().join(" · ");
    let counts = match counts.is_empty() {
        true if live.settled > 0 => format!("{} of {} settled", live.settled, counted(live.all)),
        true => format!("{} planned", counted(live.all)),
        false => counts,
    };
    let bar = bar(live, room, usize::from(width).saturating_sub(counts.width()));
    let mut foot = vec![match bar {
        Some((full, rest)) => line(Tone::Renew, format!("{full}{rest}  {counts}")),
        None => line(Tone::Plain, counts),
    }];
    let Some(receipt) = &live.receipt else {
        let asks = live.rows.iter().find(|row| matches!(row.phase, Phase::Waiting(Waiting::Person, _)));
        foot.extend(asks.map(|row| headed(Tone::Warn, LEFT, format!("{} waits for your answer", row.name))));
        if live.task.is_none() {
            let words = "It was cut off: {key:rotation.resume} resumes it, {key:rotation.abandon} gives it up.";
            foot.push(Line { tone: Tone::Warn, head: String::new(), text: model.keyed(words).into_owned() });
        } else if !live.resumable && live.doing == Doing::Rotating && room != Room::Small {
            let words = "Nothing resumes it if tokscope is killed: the vault is only in memory.";
            foot.push(line(Tone::Muted, words));
        }
        return foot;
    };
    for profile in &receipt.profiles {
        let alarm = |words| headed(Tone::Bad, format!("ALARM {}: ", profile.name), words);
        foot.extend(profile.alarms.iter().map(alarm));
    }
    foot.extend(left(receipt));
    if foot.len() == 1 && receipt.profiles.iter().all(|profile| profile.left_to_do.is_empty()) {
        foot.push(line(Tone::Good, "Nothing is left for you to do."));
    }
    foot
}

/// How much of one that runs is done; nothing where it leaves too little room for words.
fn bar(live: &Live, room: Room, free: usize) -> Option<(String, String)> {
    let runs = live.task.is_some() && live.receipt.is_none() && live.doing == Doing::Rotating;
    let columns = match room {
        Room::Large => 58,
        Room::Medium => 20,
        Room::Small => return None,
    };
    let (done, all) = live.counts();
    (runs && columns + 2 <= free).then(|| bars::progress(done, all, columns))
}

/// The heading of what only the user can do.
const LEFT: &str = "Left for you:  ";

/// What only the user can do: the heading once, and the profiles below each other.
fn left(receipt: &Receipt) -> Vec<Line> {
    let named = |profile: &receipt::Profile| text::visible(&profile.name).into_owned();
    let having: Vec<_> = receipt.profiles.iter().filter(|profile| !profile.left_to_do.is_empty()).collect();
    let width = having.iter().map(|profile| named(profile).width()).max().unwrap_or_default();
    let mut lines: Vec<Line> = Vec::new();
    for profile in having {
        for (at, words) in profile.left_to_do.iter().enumerate() {
            let heading = if lines.is_empty() { LEFT } else { "" };
            let name = if at == 0 { named(profile) } else { String::new() };
            let blank = " ".repeat(width.saturating_sub(name.width()));
            lines.push(headed(Tone::Warn, format!("{heading:<0$}{name}{blank}  ", LEFT.len()), words));
        }
    }
    lines
}
