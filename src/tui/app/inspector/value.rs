//! The value under the cursor from near: whole, and all that is known about it.

use super::SheetItem;
use crate::{
    clock, text,
    token::{
        claim::{self, Claim, Part},
        json::Kind,
    },
    tui::app::{Model, keymap::Action, page::PageKind},
};

pub(in crate::tui::app) fn offer(model: &Model) -> Option<Action> {
    model.selected_item().map(|_| Action::Open(PageKind::Value))
}

/// What is known of the claim or header parameter under the cursor; of a `typ`, what its value stands for.
pub(crate) fn meaning(model: &Model) -> Option<Claim> {
    let part = model.sheet()?.part;
    let known = match model.selected_item()? {
        SheetItem::Value(json, at) => claim::of(json, at, part)?,
        SheetItem::Disclosure(disclosure) => claim::look_up("", disclosure.name.as_deref()?, part)?,
        _ => return None,
    };
    let typed = model.tokens.selected().and_then(|row| row.token.media_type());
    Some(match typed.filter(|_| part == Part::Header && known.name == "typ") {
        Some(found) => Claim { meaning: found.name, source: found.source, ..*known },
        None => *known,
    })
}

/// The whole value under the cursor, however long: its name and its lines, sanitized.
pub(in crate::tui::app) fn whole(model: &Model) -> Option<(String, String)> {
    Some(match model.selected_item()? {
        SheetItem::Finding(finding) => {
            let text = format!("{} ({}; {})", finding.text, finding.place, finding.source);
            (finding.code.to_owned(), text::visible(&text).into_owned())
        }
        SheetItem::Defect(defect) => (defect.code.to_string(), super::sheet::defect_words(defect)),
        SheetItem::Change(change) => {
            let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "absent".to_owned());
            let text = format!("before: {}; now: {}", value(&change.before), value(&change.after));
            (format!("{}: what changed", text::visible(&change.place)), text)
        }
        SheetItem::Disclosure(disclosure) => {
            let name = disclosure.name.as_deref().unwrap_or("element of an array");
            (format!("{}: disclosed", text::visible(name)), disclosure.value.clone())
        }
        SheetItem::Text(_) => {
            let lines = super::plaintext::text(model)?.lines().map(|line| text::visible(line) + "\n").collect();
            ("what was encrypted".to_owned(), lines)
        }
        SheetItem::Bytes(before, bytes) => (format!("bytes from {before}"), super::hex(bytes)),
        SheetItem::Value(json, at) => {
            let node = &json.nodes()[at];
            let name = json.key(node).unwrap_or_else(|| json.pointer(at).into());
            let title = if name.is_empty() { "value".to_owned() } else { text::visible(&name).into_owned() };
            let list = claim::list(json, at, model.sheet()?.part);
            let text = match (list, json.string(node), node.kind) {
                (Some(items), ..) => items.iter().map(|item| text::visible(item) + "\n").collect(),
                (None, Some(string), _) => text::visible(&string).into_owned(),
                (None, None, Kind::Object | Kind::Array) => json.pretty(at),
                (None, None, _) => text::visible(json.raw(node)).into_owned(),
            };
            (title, text)
        }
    })
}

/// What else there is to say about the value under the cursor, each with its label: times, meaning, place. Sanitized.
pub(in crate::tui::app) fn facts(model: &Model) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let (Some(SheetItem::Value(json, at)), Some(sheet)) = (model.selected_item(), model.sheet()) {
        if let Some(time) = claim::date(json, at, sheet.part) {
            facts.push(("local", clock::local(time, model.zone)));
            facts.push(("UTC", clock::utc(time)));
            facts.push(("relative", clock::relative(time, model.shown_now())));
        }
        facts.push(("pointer", text::visible(&json.pointer(at)).into_owned()));
    }
    if let Some(claim) = meaning(model) {
        facts.push(("meaning", claim.meaning.to_owned()));
        facts.push(("source", claim.source.to_owned()));
    }
    facts
}
