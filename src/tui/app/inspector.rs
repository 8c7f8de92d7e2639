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
use super::{
    Model, Pane, exchange,
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
    pub(crate) exchange: exchange::ExchangeSheet,
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
    /// The nodes that are rows of the open tab, and of which tab they are.
    rows: Vec<u32>,
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

    /// Forgets the token that it shows, and what was looked for in it.
    pub(super) fn clear(&mut self) {
        *self = Self { tab: self.tab, edition: self.edition + 1, ..Self::default() };
    }
}

impl Model {
    /// What the open tab shows of the selected token.
    pub(crate) fn sheet(&self) -> Option<ClaimsSheet<'_>> {
        let row = self.tokens.selected()?;
        Some(ClaimsSheet::of(row, &self.inspector))
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
    let (len, page) = (model.inspector_len(), model.layout().page(Pane::Inspector));
    if !model.inspector.tab.is_text() {
        model.inspector.cursor.settle(len, page);
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
    let json = token.and_then(|token| sheet::document(token, inspector.instead(), inspector.tab));
    let rows = match (json, inspector.folds()) {
        (Some(json), Some(folds)) => folds.rows(json, tree::first(json)),
        _ => Vec::new(),
    };
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
    let (len, page) = (model.inspector_len(), model.layout().page(Pane::Inspector));
    match model.inspector.tab {
        tab if tab.is_text() => model.inspector.cursor.scroll(motion, len, page),
        _ => model.inspector.cursor.go(motion, len, page),
    }
}

pub(super) fn open(model: &mut Model, tab: Tab) {
    let defect = raw::under(model);
    model.inspector.tab = tab;
    model.inspector.cursor = Cursor::default();
    if tab == Tab::Raw {
        raw::look_at(model, defect);
    }
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
