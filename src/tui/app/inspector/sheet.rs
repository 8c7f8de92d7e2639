//! The rows of the Claims and Header tabs: findings, defects, changes, values as they were written, disclosures. Nothing
//! is decoded or copied for showing it.

use chrono::TimeDelta;

use super::{Inspector, Tab, plaintext::Inside, tree};
use crate::{
    clock, text,
    token::{Defect, Disclosure, Form, Jws, Payload, Token, claim::Part, diff::Change, findings::Finding, json::Json},
    tui::app::tokens::Row,
};

/// What can be scrolled in the Claims and Header tabs: findings, defects, changes, values, disclosures, and what could not
/// be read as JSON.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClaimsSheet<'a> {
    findings: &'a [Finding],
    defects: &'a [Defect],
    changes: &'a [Change],
    pub(super) json: Option<&'a Json>,
    /// The nodes that are rows.
    rows: &'a [u32],
    disclosures: &'a [Disclosure],
    lines: &'a [String],
    bytes: &'a [u8],
    /// Why there is nothing to show, and the command that helps ([`crate::tui::app::Model::hint`]).
    pub(crate) remark: Option<&'static str>,
    /// The depth of its outermost rows.
    pub(crate) depth: u32,
    /// What its values are members of.
    pub(crate) part: Part,
    pub(crate) tab: Tab,
}

/// A row of a [`ClaimsSheet`].
#[derive(Debug, Clone, Copy)]
pub(crate) enum SheetItem<'a> {
    /// Something to be said against the token.
    Finding(&'a Finding),
    /// Something odd.
    Defect(&'a Defect),
    /// What a refresh or an edit changed.
    Change(&'a Change),
    /// A value: its document and its place among the nodes.
    Value(&'a Json, usize),
    /// A claim that an SD-JWT discloses.
    Disclosure(&'a Disclosure),
    /// A line of a plaintext that is no JSON; sanitized.
    Text(&'a str),
    /// Bytes that are no JSON, [`BYTES`] to a row: how many come before, and these.
    Bytes(usize, &'a [u8]),
}

/// How many bytes a row has.
const BYTES: usize = 16;

/// The document whose values a tab shows; in another format, something else takes the place of claims and header.
pub(super) fn document<'a>(token: &'a Token, instead: [Option<&'a Json>; 2], tab: Tab) -> Option<&'a Json> {
    match tab {
        Tab::Claims => token.claims().or(instead[0]),
        Tab::Header => token.header().or(instead[1]),
        _ => None,
    }
}

impl<'a> ClaimsSheet<'a> {
    /// What a tab shows of a token.
    pub(super) fn of(row: &'a Row, inspector: &'a Inspector, tab: Tab) -> Self {
        let token = &*row.token;
        let json = document(token, inspector.instead(), tab);
        let (findings, defects, changes, disclosures) = match tab {
            Tab::Claims => (&*inspector.findings, token.defects(), &*row.changes, &*inspector.disclosures),
            _ => (&[][..], &[][..], &[][..], &[][..]),
        };
        let plaintext = inspector.plaintext.as_ref().filter(|_| tab == Tab::Claims);
        let lines = match plaintext {
            Some(Inside::Text(lines)) => &**lines,
            _ => &[],
        };
        let bytes = match (token.form(), tab) {
            (Form::Jws(Jws { payload: Payload::Bytes(bytes), .. }), Tab::Claims) => bytes,
            _ if let Some(Inside::Bytes(bytes)) = plaintext => bytes.as_slice(),
            _ => json.map_or(&[][..], |json| json.rest().as_bytes()),
        };
        let remark = match (token.form(), tab) {
            (Form::Opaque, _) if json.is_some() => None,
            (Form::Opaque, _) => Some("opaque: only its issuer can interpret it"),
            (Form::Jwe(_), Tab::Claims) => match plaintext {
                None => Some("encrypted (JWE): the claims cannot be read without the key; {key:give-key} gives one"),
                Some(Inside::Token) => Some("contains a token: {key:inspector.open-inside} opens it as a separate row"),
                Some(Inside::Text(lines)) if lines.is_empty() => Some("the plaintext is empty"),
                Some(_) => None,
            },
            _ => None,
        };
        let rows = match tab {
            _ if json.is_none() => &[],
            Tab::Header => &*inspector.rows[1],
            _ => &*inspector.rows[0],
        };
        let depth = json.map_or(0, tree::first) as u32;
        let part = if tab == Tab::Header { Part::Header } else { Part::Claims };
        Self { findings, defects, changes, json, rows, disclosures, lines, bytes, remark, depth, part, tab }
    }

    /// How many rows stand above the values.
    pub(super) fn above(&self) -> usize {
        self.findings.len() + self.defects.len() + self.changes.len()
    }

    /// How many rows are values.
    pub(super) fn values(&self) -> usize {
        self.rows.len()
    }

    /// How many rows of text stand below the values.
    pub(super) fn below(&self) -> usize {
        self.disclosures.len() + self.lines.len()
    }

    /// How many rows.
    pub(crate) fn len(&self) -> usize {
        self.above() + self.values() + self.below() + self.bytes.len().div_ceil(BYTES)
    }

    /// A row.
    pub(crate) fn item(&self, index: usize) -> Option<SheetItem<'a>> {
        let Some(index) = index.checked_sub(self.findings.len()) else {
            return self.findings.get(index).map(SheetItem::Finding);
        };
        let Some(index) = index.checked_sub(self.defects.len()) else {
            return self.defects.get(index).map(SheetItem::Defect);
        };
        let Some(index) = index.checked_sub(self.changes.len()) else {
            return self.changes.get(index).map(SheetItem::Change);
        };
        let Some(index) = index.checked_sub(self.rows.len()) else {
            return self.json.map(|json| SheetItem::Value(json, self.rows[index] as usize));
        };
        let Some(index) = index.checked_sub(self.disclosures.len()) else {
            return self.disclosures.get(index).map(SheetItem::Disclosure);
        };
        let Some(row) = index.checked_sub(self.lines.len()) else {
            return self.lines.get(index).map(|line| SheetItem::Text(line));
        };
        let chunk = self.bytes.chunks(BYTES).nth(row)?;
        Some(SheetItem::Bytes(row * BYTES, chunk))
    }

    /// Whether a row is a value that can be folded.
    pub(crate) fn opens(&self, index: usize) -> bool {
        matches!(self.item(index), Some(SheetItem::Value(json, at)) if tree::opens(json, at))
    }

    /// How wide the column of names is: for the first names, but not more than a third of the line.
    pub(crate) fn gutter(&self, width: usize) -> usize {
        let names = (0..self.len().min(200)).filter_map(|index| match self.item(index) {
            Some(SheetItem::Value(json, at)) => Some(self.name(json, at).chars().count()),
            _ => None,
        });
        names.max().unwrap_or(0).clamp(3, (width / 3).clamp(3, 28))
    }

    /// The name of a value, indented; sanitized.
    pub(crate) fn name(&self, json: &Json, at: usize) -> String {
        let node = &json.nodes()[at];
        let indent = "  ".repeat(node.depth.saturating_sub(self.depth).min(20) as usize);
        match json.key(node) {
            Some(key) => format!("{indent}{}", text::visible(&key[..key.floor_char_boundary(200)])),
            None if node.depth == 0 => String::new(),
            None => format!("{indent}-"),
        }
    }

    /// The row of a node, or of what hides it.
    pub(super) fn row_of_node(&self, node: usize) -> Option<usize> {
        let behind = self.rows.partition_point(|&row| row as usize <= node);
        Some(self.above() + behind.checked_sub(1)?)
    }

    /// Whether a node is inside of what is folded up.
    pub(super) fn hides(&self, node: usize) -> bool {
        self.rows.binary_search_by_key(&node, |&row| row as usize).is_err()
    }
}

/// `"soon" is no number (/exp, byte 57)`: what is odd and where, sanitized.
pub(crate) fn defect_words(defect: &Defect) -> String {
    let byte = defect.bytes.as_ref().map_or_else(String::new, |bytes| format!(", byte {}", bytes.start));
    format!("{} ({}{byte})", text::visible(&defect.text), text::visible(&defect.place))
}

impl SheetItem<'_> {
    /// What a row says that is no value of a document; sanitized.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Finding(finding) => format!("▲ {}", text::visible(&finding.text)),
            Self::Defect(defect) => format!("▲ {}", defect_words(defect)),
            Self::Change(change) => change_words(change),
            Self::Disclosure(Disclosure { name, value }) => {
                let name = name.as_deref().map_or_else(|| "an element".into(), text::visible);
                format!("{name}: {value}")
            }
            Self::Text(line) => (*line).to_owned(),
            Self::Value(..) | Self::Bytes(..) => String::new(),
        }
    }
}

/// `Δ exp 1795303156 → 1795303246 · 1m 30s later`: what a refresh changed.
fn change_words(change: &Change) -> String {
    let name = text::visible(change.place.trim_start_matches('/'));
    let list = |sign: &str, names: &[String]| -> String {
        names.iter().map(|name| format!(" {sign}{}", text::visible(name))).collect()
    };
    if !change.gained.is_empty() || !change.lost.is_empty() {
        return format!("Δ {name}{}{}", list("+", &change.gained), list("−", &change.lost));
    }
    let mut words = match (&change.before, &change.after) {
        (None, Some(after)) => format!("Δ {name} is new: {after}"),
        (Some(before), None) => format!("Δ {name} was removed: {before}"),
        (before, after) => {
            format!("Δ {name} {} → {}", before.as_deref().unwrap_or_default(), after.as_deref().unwrap_or_default())
        }
    };
    if let Some(shift) = change.shift {
        let direction = if shift < TimeDelta::zero() { "earlier" } else { "later" };
        words += &format!(" · {} {direction}", clock::span(shift));
    }
    words
}

/// `68 65 6c 6c 6f   hello`: bytes in hex and, where they are printable ASCII, as text.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut hex: String = bytes.iter().map(|byte| format!("{byte:02x} ")).collect();
    hex.extend(std::iter::repeat_n(' ', 3 * (BYTES - bytes.len().min(BYTES)) + 2));
    hex.extend(bytes.iter().map(|&byte| if (b' '..=b'~').contains(&byte) { char::from(byte) } else { '·' }));
    hex
}
