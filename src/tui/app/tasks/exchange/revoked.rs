//! What a revocation came to: what is told of it, and what it means for the tokens.

use crate::{
    auth::Fate,
    profile::ProfileName,
    session::{Ended, EndedToken, Verdict},
    text,
    tui::app::{Model, notices::Level, page::Tone, tasks::Task},
};

/// A server that says yes was asked: that proves nothing. Whether the tokens are dead, the record tells, which is read again.
pub(super) fn tell(model: &mut Model, task: &Task, profile: &ProfileName, ended: &[Ended]) {
    let mut fates = Vec::new();
    for set in ended {
        let of = if set.is_current { String::new() } else { format!(" of generation {}", set.generation) };
        let (mut asked, mut alive, mut over) = (Vec::new(), Vec::new(), Vec::new());
        for token in &set.tokens {
            let (kind, print) = (token.kind, token.fingerprint);
            match &token.fate {
                Fate::Asked(status) => {
                    asked.push(format!("{kind} {print}"));
                    let words = format!("{kind} token {print}{of}: the server was asked to revoke it (HTTP {status})");
                    fates.push((Tone::Good, words));
                }
                // Its time was over before.
                Fate::Alive(_) if token.verdict == Verdict::Dead => {
                    fates.push((Tone::Plain, format!("{kind} token {print}{of}: expired; nothing is left to revoke")));
                    over.push(format!("the {kind} token{of} has expired: nothing is left to revoke"));
                }
                Fate::Alive(why) => {
                    let words = format!("{kind} token {print}{of}: still active: {why}");
                    fates.push((Tone::Warn, text::visible(&words).into_owned()));
                    alive.push(format!("the {kind} token{of} is still active: {why}"));
                }
            }
        }
        if !asked.is_empty() {
            let words = format!("Asked the server to revoke {}{of}", asked.join(" and "));
            let hint = model.hint("that proves nothing yet: {key:probe} tries the token").into_owned();
            super::tell(model, task, Level::Success, &words, Some(&hint));
        }
        for words in alive {
            super::tell(model, task, Level::Warning, &words, None);
        }
        for words in over {
            super::tell(model, task, Level::Info, &words, None);
        }
    }
    let asked = |token: &EndedToken| matches!(token.fate, Fate::Asked(_));
    let until = |token: &EndedToken| match token.verdict {
        Verdict::AliveUntil(end) => Some(end),
        _ => None,
    };
    let tokens = || ended.iter().flat_map(|set| &set.tokens);
    let one_of_many = model.tasks.group_mut(task).map(|group| {
        group.asked += usize::from(tokens().any(asked));
        let end = tokens().filter_map(until).max().max(group.survivors.get(profile).copied());
        group.survivors.extend(end.map(|end| (profile.clone(), end)));
    });
    // What the record is going to say: of a set of which something was asked, each token was to be ended.
    if ended.iter().any(|set| set.is_current && set.tokens.iter().any(asked)) {
        model
            .profiles
            .row_mut(profile)
            .and_then(|row| row.holding.as_mut())
            .into_iter()
            .for_each(|held| held.revoked = true);
        model.tokens.revoke(profile);
    }
    if let Some(row) = model.profiles.row_mut(profile) {
        // Of one profile there may be several.
        let kept = row.fates.drain(..).filter(|fate| one_of_many.is_some() && !fates.contains(fate));
        let kept: Vec<_> = kept.collect();
        row.fates = kept.into_iter().chain(fates).collect();
    }
}
