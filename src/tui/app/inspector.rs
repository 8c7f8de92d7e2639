//! One token from near: its claims, its header, its raw text. Rows are nodes of the JSON as it was written; nothing
//! is decoded or copied for showing it.

use std::sync::Arc;

use super::{
    Model, Pane, exchange,
    keymap::Action,
    list::{Cursor, Motion},
    mode::PageKind,
    tokens::{Row, RowId},
};
use crate::{
    clock::Timestamp,
    text,
    token::{
        Defect, Form, Jws, Payload, Token,
        diff::Change,
        findings::{self, Finding},
        json::{Json, Kind, Node},
    },
};

/// What the inspector shows of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Tab {
    #[default]
    Claims,
    Header,
    Raw,
    /// The last exchange with the server of the token's profile.
    Exchange,
}

impl Tab {
    /// All, from left to right.
    pub(crate) const ALL: [Self; 4] = [Self::Claims, Self::Header, Self::Raw, Self::Exchange];

    /// The name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Claims => "Claims",
            Self::Header => "Header",
            Self::Raw => "Raw",
            Self::Exchange => "Exchange",
        }
    }

    /// It scrolls by lines and has no cursor.
    fn is_text(self) -> bool {
        matches!(self, Self::Raw | Self::Exchange)
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

/// What can be scrolled in the Claims and Header tabs: findings, defects, changes, values, and what could not be
/// read as JSON.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sheet<'a> {
    findings: &'a [Finding],
    defects: &'a [Defect],
    changes: &'a [Change],
    json: Option<&'a Json>,
    /// How many nodes are rows. The members of an object stand for it, so the first one may not be.
    values: usize,
    bytes: &'a [u8],
    /// Why there is nothing to show.
    pub(crate) remark: Option<&'static str>,
    /// The depth of its outermost rows.
    pub(crate) depth: u32,
}

/// A row of a [`Sheet`].
#[derive(Debug, Clone, Copy)]
pub(crate) enum Item<'a> {
    /// Something to be said against the token.
    Finding(&'a Finding),
    /// Something odd.
    Defect(&'a Defect),
    /// What a refresh or an edit changed.
    Change(&'a Change),
    /// A value: its document and its place among the nodes.
    Value(&'a Json, usize),
    /// Bytes that are no JSON, [`BYTES`] to a row: how many come before, and these.
    Bytes(usize, &'a [u8]),
}

/// How many bytes a row has.
const BYTES: usize = 16;

impl<'a> Sheet<'a> {
    /// What a tab shows of a token.
    fn of(row: &'a Row, tab: Tab, findings: &'a [Finding]) -> Self {
        let token = &*row.token;
        let json = match tab {
            Tab::Claims => token.claims(),
            Tab::Header => token.header(),
            Tab::Raw | Tab::Exchange => None,
        };
        let (findings, defects, changes) = match tab {
            Tab::Claims => (findings, token.defects(), &*row.changes),
            _ => (&[][..], &[][..], &[][..]),
        };
        let bytes = match (token.form(), tab) {
            (Form::Jws(Jws { payload: Payload::Bytes(bytes), .. }), Tab::Claims) => bytes,
            _ => json.map_or(&[][..], |json| json.rest().as_bytes()),
        };
        let remark = match (token.form(), tab) {
            (Form::Opaque, _) => Some("opaque: only its issuer can tell what it means"),
            (Form::Jwe(_), Tab::Claims) => Some("encrypted (JWE): the claims cannot be read without the key"),
            _ => None,
        };
        let nodes = json.map_or(&[][..], Json::nodes);
        let inside = nodes.len() > 1 && nodes[0].kind == Kind::Object;
        let values = nodes.len() - usize::from(inside);
        Self { findings, defects, changes, json, values, bytes, remark, depth: u32::from(inside) }
    }

    /// How many rows.
    pub(crate) fn len(&self) -> usize {
        self.findings.len() + self.defects.len() + self.changes.len() + self.values + self.bytes.len().div_ceil(BYTES)
    }

    /// A row.
    pub(crate) fn item(&self, index: usize) -> Option<Item<'a>> {
        let Some(index) = index.checked_sub(self.findings.len()) else {
            return self.findings.get(index).map(Item::Finding);
        };
        let Some(index) = index.checked_sub(self.defects.len()) else {
            return self.defects.get(index).map(Item::Defect);
        };
        let Some(index) = index.checked_sub(self.changes.len()) else {
            return self.changes.get(index).map(Item::Change);
        };
        let Some(row) = index.checked_sub(self.values) else {
            let first = self.depth as usize;
            return self.json.map(|json| Item::Value(json, first + index));
        };
        let chunk = self.bytes.chunks(BYTES).nth(row)?;
        Some(Item::Bytes(row * BYTES, chunk))
    }
}

/// The names of claims that hold a NumericDate (RFC 7519 §4.1, OpenID Connect Core §2 and §5.1).
const DATES: [&str; 5] = ["exp", "nbf", "iat", "auth_time", "updated_at"];

/// The time in a date claim of the top level.
pub(crate) fn date(json: &Json, node: &Node) -> Option<Timestamp> {
    if node.depth != 1 || node.kind != Kind::Number || !DATES.contains(&json.key(node)?.as_ref()) {
        return None;
    }
    let seconds: f64 = json.raw(node).parse().ok()?;
    // From here on (the year 5138) it can only be meant as milliseconds, and a defect says so.
    (seconds.abs() < 1e11).then(|| Timestamp::from_timestamp(seconds.floor() as i64, 0)).flatten()
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
            Tab::Raw => row.columns.div_ceil(usize::from(self.layout().raw_text().width.max(1))),
            _ => self.sheet().map_or(0, |sheet| sheet.len()),
        }
    }

    /// The claim or header parameter under the cursor.
    pub(crate) fn selected_item(&self) -> Option<Item<'_>> {
        if matches!(self.inspector.tab, Tab::Raw | Tab::Exchange) {
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

/// The whole value under the cursor, however long: its name and its text, sanitized.
pub(super) fn whole_value(model: &Model) -> Option<(String, String)> {
    Some(match model.selected_item()? {
        Item::Finding(finding) => {
            let text = format!("{} ({}; {})", finding.text, finding.place, finding.source);
            (finding.code.to_owned(), text::visible(&text).into_owned())
        }
        Item::Defect(defect) => {
            let text = format!("{} ({})", defect.text, defect.place);
            (defect.code.to_string(), text::visible(&text).into_owned())
        }
        Item::Change(change) => {
            let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "not there".to_owned());
            let text = format!("it was {}, and is {}", value(&change.before), value(&change.after));
            (format!("{}: what changed", text::visible(&change.place)), text)
        }
        Item::Bytes(before, bytes) => (format!("bytes from {before}"), hex(bytes)),
        Item::Value(json, at) => {
            let node = &json.nodes()[at];
            let title = json.key(node).map_or_else(|| "value".to_owned(), |key| text::visible(&key).into_owned());
            let text = match json.string(node) {
                Some(string) => text::visible(&string).into_owned(),
                None => text::visible(json.raw(node)).into_owned(),
            };
            (title, text)
        }
    })
}

/// `68 65 6c 6c 6f   hello`: bytes in hex and, where they are printable ASCII, as text.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut hex: String = bytes.iter().map(|byte| format!("{byte:02x} ")).collect();
    hex.extend(std::iter::repeat_n(' ', 3 * (BYTES - bytes.len().min(BYTES)) + 2));
    hex.extend(bytes.iter().map(|&byte| if (b' '..=b'~').contains(&byte) { char::from(byte) } else { '·' }));
    hex
}
