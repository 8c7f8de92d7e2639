//! Which rows a filter leaves. Where they are few, in the frame of the key; else piece by piece between the keys: what is typed
//! is on screen at once, the newest filter takes the place of one that is still at work, and until it has its answer the list
//! stays as it is. Nothing is copied for another thread, and no answer can come too late.

use std::sync::Arc;

use super::{AT_ONCE, OfToken, runs};
use crate::{
    clock::Timestamp,
    token::state::State,
    tui::app::{Model, tokens::RowId},
};

/// So many rows are looked through in one turn.
const PIECE: usize = 8_000;

/// A search under way.
#[derive(Debug, Default)]
pub(super) struct Finding {
    ranked: Vec<(usize, u32)>,
    /// How many rows were looked through.
    done: usize,
    /// Something else was typed: the cursor goes to the best match.
    typed: bool,
}

/// How far a search may go in this turn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Turn {
    #[default]
    Wait,
    Piece,
    /// Something is about to be done with what it finds.
    End,
}

/// A search has come to its end.
pub(super) struct Found {
    pub(super) typed: bool,
    pub(super) best: Option<usize>,
}

/// Begins again: one that was under way is out of date.
pub(super) fn begin(model: &mut Model, typed: bool) {
    let finding = &mut model.tokens.narrowing.finding;
    let typed = typed || finding.as_ref().is_some_and(|before| before.typed);
    *finding = Some(Finding { typed, ..Finding::default() });
}

/// Time goes by.
pub(in crate::tui::app) fn ticked(model: &mut Model) {
    let narrowing = &mut model.tokens.narrowing;
    if narrowing.finding.is_some() && narrowing.turn == Turn::Wait {
        narrowing.turn = Turn::Piece;
    }
}

/// When it goes on: at once.
pub(in crate::tui::app) fn next(model: &Model) -> Option<Timestamp> {
    model.tokens.narrowing.finding.as_ref().map(|_| model.now)
}

/// Goes on. Places among other rows mean nothing: where the rows are others, to the end.
pub(super) fn proceed(model: &mut Model, others: bool) -> Option<Found> {
    let narrowing = &mut model.tokens.narrowing;
    let turn = std::mem::take(&mut narrowing.turn);
    let mut finding = narrowing.finding.take()?;
    let Some(filter) = narrowing.filter.as_ref().filter(|filter| !filter.is_empty()) else {
        let all = Arc::clone(&narrowing.all);
        return Some(end(model, all, None, finding.typed));
    };
    let folded = filter.finds(State::Superseded) && !narrowing.whole.is_empty();
    let rows = if folded { &narrowing.whole } else { &narrowing.all };
    let many = match turn {
        _ if others || rows.len() <= AT_ONCE => usize::MAX,
        Turn::End => usize::MAX,
        Turn::Piece => PIECE,
        Turn::Wait => 0,
    };
    let (narrowing, now) = (&model.tokens.narrowing, model.shown_now());
    let rows = if folded { &narrowing.whole } else { &narrowing.all };
    let filter = narrowing.filter.as_ref()?;
    let piece = &rows[finding.done..finding.done.saturating_add(many).min(rows.len())];
    finding.ranked.extend(piece.iter().filter_map(|at| {
        let rank = filter.rank(&OfToken::new(model, *at), now)?;
        Some((*at, rank))
    }));
    finding.done += piece.len();
    if finding.done < rows.len() {
        model.tokens.narrowing.finding = Some(finding);
        return None;
    }
    let origin = narrowing.origin.and_then(|id: RowId| model.tokens.position(id));
    let best = best_of(&finding.ranked, origin);
    let found = finding.ranked.into_iter().map(|(at, _)| at).collect();
    Some(end(model, Arc::new(found), best, finding.typed))
}

fn end(model: &mut Model, found: Arc<Vec<usize>>, best: Option<usize>, typed: bool) -> Found {
    let narrowing = &model.tokens.narrowing;
    let runs = narrowing.is_timely() && narrowing.all.iter().any(|at| runs(model, *at));
    let narrowing = &mut model.tokens.narrowing;
    narrowing.edition += 1;
    (narrowing.matches, narrowing.shown, narrowing.stays, narrowing.runs) = (found.len(), found, None, runs);
    Found { typed, best }
}

/// The best match: of equal ones that which the cursor was on, or else the first.
fn best_of(found: &[(usize, u32)], origin: Option<usize>) -> Option<usize> {
    let most = found.iter().map(|(_, rank)| *rank).max()?;
    let mut best = found.iter().filter(|(_, rank)| *rank == most).map(|(row, _)| *row);
    let first = best.next();
    origin.filter(|origin| best.any(|row| row == *origin)).or(first)
}
