//! One token from near: its claims, its header, its raw text.

mod sheet;

use std::sync::Arc;

pub(super) use self::sheet::whole_value;
pub(crate) use self::sheet::{Item, Sheet, date, hex};
use super::{
    Model, Pane, exchange,
    keymap::Action,
    list::{Cursor, Motion},
    mode::PageKind,
    tokens::RowId,
};
use crate::{
    clock::Timestamp,
    token::{
        Token,
        findings::{self, Finding},
    },
};

/// What the inspector shows of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Tab {
    #[default]
    Claims,
    Header,
    /// Why the token would be accepted or rejected.
    Verify,
    Raw,
    /// The last exchange with the server of the token's profile.
    Exchange,
}

impl Tab {
    /// All, from left to right.
    pub(crate) const ALL: [Self; 5] = [Self::Claims, Self::Header, Self::Verify, Self::Raw, Self::Exchange];

    /// The name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Claims => "Claims",
            Self::Header => "Header",
            Self::Verify => "Verify",
            Self::Raw => "Raw",
            Self::Exchange => "Exchange",
        }
    }

    /// It scrolls by lines and has no cursor.
    fn is_text(self) -> bool {
        matches!(self, Self::Verify | Self::Raw | Self::Exchange)
    }
}

/// The state of the inspector.
#[derive(Debug, Default)]
pub(crate) struct Inspector {
    pub(crate) tab: Tab,
    pub(crate) cursor: Cursor,
    /// The secret part of the raw token is on screen.
    pub(crate) revealed: bool,
    pub(crate) exchange: exchange::Sheet,
    /// What is to be said against the token, looked up once when it comes under the cursor.
    findings: Vec<Finding>,
    seen: Option<(RowId, Arc<Token>)>,
}

impl Model {
    /// What the open tab shows of the selected token.
    pub(crate) fn sheet(&self) -> Option<Sheet<'_>> {
        let row = self.tokens.selected()?;
        Some(Sheet::of(row, self.inspector.tab, &self.inspector.findings))
    }

    /// How many rows the inspector can scroll through.
    pub(crate) fn inspector_len(&self) -> usize {
        if self.inspector.tab == Tab::Exchange {
            return self.inspector.exchange.lines.len();
        }
        let Some(row) = self.tokens.selected() else { return 0 };
        match self.inspector.tab {
            Tab::Verify => self.verdicts.sheet.lines.len(),
            Tab::Raw => row.columns.div_ceil(usize::from(self.layout().raw_text().width.max(1))),
            _ => self.sheet().map_or(0, |sheet| sheet.len()),
        }
    }

    /// The claim or header parameter under the cursor.
    pub(crate) fn selected_item(&self) -> Option<Item<'_>> {
        if self.inspector.tab.is_text() {
            return None;
        }
        self.sheet()?.item(self.inspector.cursor.index)
    }
}

/// Another token under the cursor starts from its top, masked; a renewed one keeps the place.
pub(super) fn settle(model: &mut Model) {
    let seen = model.tokens.selected().map(|row| (row.id, Arc::clone(&row.token)));
    let inspector = &mut model.inspector;
    let same_row = matches!((&seen, &inspector.seen), (Some((now, _)), Some((then, _))) if now == then);
    let same_token = matches!((&seen, &inspector.seen), (Some((_, now)), Some((_, then))) if Arc::ptr_eq(now, then));
    if !same_row {
        inspector.cursor = Cursor::default();
    }
    if !same_token {
        inspector.revealed = false;
        inspector.findings = seen.as_ref().map_or_else(Vec::new, |(_, token)| grave(token, model.now));
    }
    inspector.seen = seen;
    exchange::settle(model);
    let (len, page) = (model.inspector_len(), model.layout().page(Pane::Inspector));
    if !model.inspector.tab.is_text() {
        model.inspector.cursor.settle(len, page);
    }
}

/// The findings that call for an answer. What a defect at the same place says already is not said twice.
fn grave(token: &Token, now: Timestamp) -> Vec<Finding> {
    let told = |finding: &Finding| token.defects().iter().any(|defect| defect.place == finding.place);
    let mut found = findings::findings(token, now);
    found.retain(|finding| finding.severity > findings::Severity::Info && !told(finding));
    found
}

pub(super) fn go(model: &mut Model, motion: Motion) {
    let (len, page) = (model.inspector_len(), model.layout().page(Pane::Inspector));
    match model.inspector.tab {
        tab if tab.is_text() => model.inspector.cursor.scroll(motion, len, page),
        _ => model.inspector.cursor.go(motion, len, page),
    }
}

pub(super) fn open(model: &mut Model, tab: Tab) {
    model.inspector.tab = tab;
    model.inspector.cursor = Cursor::default();
}

/// The tabs that there are: an exchange only where there was one.
pub(crate) fn tabs(model: &Model) -> Vec<Tab> {
    let there = |tab: &Tab| *tab != Tab::Exchange || *tab == model.inspector.tab || exchange::is_there(model);
    Tab::ALL.into_iter().filter(there).collect()
}

/// The tab to the right, or to the left.
fn beside(model: &Model, to_the_right: bool) -> Tab {
    let tabs = tabs(model);
    let at = tabs.iter().position(|tab| *tab == model.inspector.tab).unwrap_or(0);
    tabs[(at + if to_the_right { 1 } else { tabs.len() - 1 }) % tabs.len()]
}

/// There is a token or an exchange to show.
fn shown(model: &Model) -> Option<()> {
    (model.tokens.selected().is_some() || exchange::is_there(model)).then_some(())
}

pub(super) fn offer_next_tab(model: &Model) -> Option<Action> {
    shown(model).map(|()| Action::Show(beside(model, true)))
}

pub(super) fn offer_previous_tab(model: &Model) -> Option<Action> {
    shown(model).map(|()| Action::Show(beside(model, false)))
}

pub(super) fn offer_reveal(model: &Model) -> Option<Action> {
    model.tokens.selected()?;
    (model.inspector.tab == Tab::Raw).then_some(Action::Reveal(!model.inspector.revealed))
}

pub(super) fn offer_value(model: &Model) -> Option<Action> {
    model.selected_item().map(|_| Action::Open(PageKind::Value))
}
