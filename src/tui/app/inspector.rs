//! One token from near: its claims, its header, its raw text.

pub(super) mod nested;
pub(super) mod plaintext;
pub(crate) mod raw;
pub(super) mod search;
mod sheet;
pub(super) mod tree;
pub(crate) mod value;

use std::sync::Arc;

pub(crate) use self::{
    search::{Jump, Needle, Search},
    sheet::{ClaimsSheet, SheetItem, defect_words, hex},
    tree::{Fold, Folds},
};
pub(crate) use super::tab::Tab;
use super::{
    Model, Pane, exchange, history,
    keymap::Action,
    list::{Cursor, Motion},
    tokens::RowId,
};
use crate::{
    clock::Timestamp,
    token::{
        Disclosure, Token,
        findings::{self, Finding},
        json::Json,
    },
};

/// The state of the inspector.
#[derive(Debug, Default)]
pub(crate) struct Inspector {
    pub(crate) tab: Tab,
    pub(crate) cursor: Cursor,
    /// Where the other tabs were left.
    places: [Cursor; Tab::ALL.len()],
    /// The secret part of the raw token is on screen.
    pub(crate) revealed: bool,
    pub(crate) exchange: exchange::ExchangeSheet,
    pub(crate) history: history::HistorySheet,
    pub(crate) search: Search,
    /// Which of the defects that are marked in the raw token the user looks at.
    defect: usize,
    /// What is to be said against the token, looked up once when it comes under the cursor.
    findings: Vec<Finding>,
    /// What it discloses, if it is an SD-JWT.
    disclosures: Vec<Disclosure>,
    /// What takes the place of claims: what a token in another format says, or the claims that were encrypted.
    instead: Option<Json>,
    /// What takes the place of a header: the footer of a PASETO.
    beside: Option<Json>,
    /// What was encrypted, if a key has decrypted it.
    plaintext: Option<plaintext::Inside>,
    claims_folds: Folds,
    header_folds: Folds,
    /// The nodes that are rows of the claims, and of the header.
    rows: [Vec<u32>; 2],
    /// The tab that was open when they were found.
    rows_of: Option<Tab>,
    /// Something in the open tab can be folded up.
    foldable: bool,
    /// The node under the cursor.
    under: Option<usize>,
    seen: Option<(RowId, Arc<Token>)>,
    /// Another one whenever it shows something else.
    pub(super) edition: u64,
}

impl Inspector {
    /// What takes the place of claims and header.
    fn instead(&self) -> [Option<&Json>; 2] {
        [self.instead.as_ref(), self.beside.as_ref()]
    }

    /// The place in a tab, open or not.
    pub(crate) fn place(&self, tab: Tab) -> Cursor {
        if tab == self.tab { self.cursor } else { self.places[tab as usize] }
    }

    pub(super) fn place_mut(&mut self, tab: Tab) -> &mut Cursor {
        if tab == self.tab { &mut self.cursor } else { &mut self.places[tab as usize] }
    }

    /// Forgets the token that it shows, and what was looked for in it.
    pub(super) fn clear(&mut self) {
        *self = Self { tab: self.tab, edition: self.edition + 1, ..Self::default() };
    }
}

impl Model {
    /// What the open tab shows of the selected token.
    pub(crate) fn sheet(&self) -> Option<ClaimsSheet<'_>> {
        self.sheet_of(self.inspector.tab)
    }

    /// What a tab shows of the selected token.
    pub(crate) fn sheet_of(&self, tab: Tab) -> Option<ClaimsSheet<'_>> {
        let row = self.tokens.selected()?;
        Some(ClaimsSheet::of(row, &self.inspector, tab))
    }

    /// How many rows a tab has.
    pub(crate) fn sheet_len(&self, tab: Tab) -> usize {
        match (tab, self.tokens.selected()) {
            (Tab::Exchange, _) => self.inspector.exchange.lines.len(),
            (Tab::History, _) => self.inspector.history.lines.len(),
            (_, None) => 0,
            (Tab::Verify, _) => self.verdicts.sheet.lines.len(),
            (Tab::Raw, Some(row)) => row.columns.div_ceil(usize::from(self.layout().text(tab).width.max(1))),
            (Tab::Claims | Tab::Header, _) => self.sheet_of(tab).map_or(0, |sheet| sheet.len()),
        }
    }

    /// The claim or header parameter under the cursor.
    pub(crate) fn selected_item(&self) -> Option<SheetItem<'_>> {
        if self.inspector.tab.is_text() {
            return None;
        }
        self.sheet()?.item(self.inspector.cursor.index)
    }
}

/// Another token under the cursor starts from its top, masked and unfolded; a renewed one keeps its place and its folds.
pub(super) fn settle(model: &mut Model) {
    let seen = model.tokens.selected().map(|row| (row.id, Arc::clone(&row.token)));
    let inspector = &mut model.inspector;
    let same_row = matches!((&seen, &inspector.seen), (Some((now, _)), Some((then, _))) if now == then);
    let same_token = matches!((&seen, &inspector.seen), (Some((_, now)), Some((_, then))) if Arc::ptr_eq(now, then));
    let mut under = None;
    if !same_row {
        inspector.cursor = Cursor::default();
        inspector.places = Default::default();
        (inspector.claims_folds, inspector.header_folds) = (Folds::default(), Folds::default());
    } else if let (false, Some((_, new)), Some((_, old))) = (same_token, &seen, &inspector.seen) {
        let document = |token| sheet::document(token, [None, None], inspector.tab);
        if let (Some(node), Some(old), Some(new)) = (inspector.under, document(old), document(new)) {
            under = new.find(&old.pointer(node));
        }
        inspector.claims_folds.carry(old.claims(), new.claims());
        inspector.header_folds.carry(old.header(), new.header());
    }
    if !same_token {
        let token = seen.as_ref().map(|(_, token)| token);
        inspector.revealed = false;
        inspector.defect = 0;
        inspector.findings = token.map_or_else(Vec::new, |token| grave(token, model.now));
        inspector.disclosures = token.map_or_else(Vec::new, |token| token.disclosures());
        let content = token.and_then(|token| token.content());
        inspector.instead = content.and_then(|content| content.claims.clone());
        inspector.beside = content.and_then(|content| Some(content.beside.as_ref()?.1.clone()));
        inspector.plaintext = None;
    }
    inspector.seen = seen;
    let decrypted = plaintext::settle(model);
    if decrypted || !same_token || model.inspector.rows_of != Some(model.inspector.tab) {
        model.inspector.edition += 1;
        rebuild(model);
        if let Some(row) = under.and_then(|node| model.sheet()?.row_of_node(node)) {
            model.inspector.cursor.index = row;
        }
        search::renew(model);
    }
    search::typed(model);
    exchange::settle(model);
    history::settle(model);
    let layout = model.layout();
    for (tab, _) in layout.sheets() {
        let (len, page) = (model.sheet_len(tab), usize::from(layout.parts(tab).1.height));
        let cursor = model.inspector.place_mut(tab);
        if !tab.has_cursor() {
            // A shorter text may end above the place that was looked at.
            cursor.index = cursor.index.min(len.saturating_sub(page));
            cursor.offset = cursor.index;
        } else {
            cursor.settle(len, page);
        }
    }
    model.inspector.under = match model.selected_item() {
        Some(SheetItem::Value(_, at)) => Some(at),
        _ => None,
    };
}

/// Finds out anew which nodes are rows: what is folded up has changed, or the document.
fn rebuild(model: &mut Model) {
    let inspector = &model.inspector;
    let token = model.tokens.selected().map(|row| &*row.token);
    let document = |tab| token.and_then(|token| sheet::document(token, inspector.instead(), tab));
    let rows = [Tab::Claims, Tab::Header].map(|tab| match (document(tab), inspector.folds_of(tab)) {
        (Some(json), Some(folds)) => folds.rows(json, tree::first(json)),
        _ => Vec::new(),
    });
    let json = document(inspector.tab);
    let mut containers =
        json.into_iter().flat_map(|json| (tree::first(json)..json.nodes().len()).map(move |at| (json, at)));
    model.inspector.foldable = containers.any(|(json, at)| tree::opens(json, at));
    model.inspector.rows = rows;
    model.inspector.rows_of = Some(model.inspector.tab);
}

/// The findings that call for an answer. What a defect at the same place says already is not said twice.
fn grave(token: &Token, now: Timestamp) -> Vec<Finding> {
    let told = |finding: &Finding| token.defects().iter().any(|defect| defect.place == finding.place);
    let mut found = findings::findings(token, now);
    found.retain(|finding| finding.severity > findings::Severity::Info && !told(finding));
    found
}

pub(super) fn go(model: &mut Model, motion: Motion) {
    let tab = model.inspector.tab;
    let (len, page) = (model.sheet_len(tab), model.layout().page(Pane::Inspector));
    match tab {
        tab if !tab.has_cursor() => model.inspector.cursor.scroll(motion, len, page),
        _ => model.inspector.cursor.go(motion, len, page),
    }
}

pub(super) fn open(model: &mut Model, tab: Tab) {
    let defect = raw::under(model);
    let inspector = &mut model.inspector;
    inspector.places[inspector.tab as usize] = inspector.cursor;
    inspector.tab = tab;
    inspector.cursor = inspector.places[tab as usize];
    if tab == Tab::Raw {
        raw::look_at(model, defect);
    }
}

/// Goes to a pane. Of the sheets on a wide screen the claims are the inspector's own.
pub(super) fn focus(model: &mut Model, pane: Pane) {
    let layout = model.layout();
    if pane == Pane::Inspector && !layout.has_tabs() && right(model.inspector.tab) {
        open(model, Tab::Claims);
    }
    model.focus = pane;
}

/// Whether a sheet has its place in the right column of a wide screen.
fn right(tab: Tab) -> bool {
    matches!(tab, Tab::Verify | Tab::Exchange | Tab::History)
}

/// The next pane, or the one before; on a wide screen the right column is one more.
pub(super) fn beside_pane(model: &Model, next: bool) -> Action {
    let columns = !model.layout().has_tabs() && model.tokens.selected().is_some();
    let in_right = model.focus == Pane::Inspector && right(model.inspector.tab);
    match (model.focus, next) {
        (Pane::Inspector, true) if columns && !in_right => Action::Verify,
        (Pane::Profiles, false) if columns => Action::Verify,
        (Pane::Inspector, false) if columns && in_right => Action::Focus(Pane::Inspector),
        (pane, next) => Action::Focus(pane.step(if next { 1 } else { 2 })),
    }
}

/// The tabs that there are: an exchange and a history only where there is one, and on a wide screen.
pub(crate) fn tabs(model: &Model) -> Vec<Tab> {
    let beside = !model.layout().has_tabs();
    let there = |tab: &Tab| match tab {
        Tab::Exchange => exchange::is_there(model),
        Tab::History => history::is_there(model),
        _ => true,
    };
    let there = |tab: &Tab| beside || *tab == model.inspector.tab || there(tab);
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
