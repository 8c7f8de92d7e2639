//! The rows of the Claims and Header tabs: findings, defects, changes, values as they were written. Nothing is decoded or
//! copied for showing it.

use crate::{
    clock::Timestamp,
    text,
    token::{
        Defect, Form, Jws, Payload,
        diff::Change,
        findings::Finding,
        json::{Json, Kind, Node},
    },
    tui::app::{Model, inspector::Tab, tokens::Row},
};

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
    /// What a refresh changed.
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
    pub(super) fn of(row: &'a Row, tab: Tab, findings: &'a [Finding]) -> Self {
        let token = &*row.token;
        let json = match tab {
            Tab::Claims => token.claims(),
            Tab::Header => token.header(),
            Tab::Verify | Tab::Raw | Tab::Exchange => None,
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

/// The whole value under the cursor, however long: its name and its text, sanitized.
pub(in crate::tui::app) fn whole_value(model: &Model) -> Option<(String, String)> {
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
            (format!("{}: changed by the refresh", text::visible(&change.place)), text)
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
