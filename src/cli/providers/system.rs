//! An auth system as `tokscope providers` prints it, for programs and for people.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    auth::{self, Descriptor, FieldKind},
    cli::style::{Role, Style},
};

/// What `--json` prints of an auth system.
#[derive(Serialize, JsonSchema)]
pub(in crate::cli) struct System {
    id: &'static str,
    title: &'static str,
    summary: &'static str,
    documentation: &'static str,
    capabilities: Capabilities,
    fields: Vec<Field>,
}

#[derive(Serialize, JsonSchema)]
struct Capabilities {
    login: bool,
    probe: bool,
    refresh: bool,
    revoke: bool,
}

#[derive(Serialize, JsonSchema)]
struct Field {
    key: &'static str,
    label: &'static str,
    kind: &'static str,
    choices: Option<&'static [&'static str]>,
    required: bool,
    default: Option<&'static str>,
    only_if: Option<OnlyIf>,
    help: &'static str,
}

/// The other field, and the values of it.
#[derive(Serialize, JsonSchema)]
struct OnlyIf {
    key: &'static str,
    values: &'static [&'static str],
}

impl System {
    pub(super) fn of(descriptor: &Descriptor) -> Self {
        let field = |field: &auth::Field| Field {
            key: field.key,
            label: field.label,
            kind: kind(field.kind),
            choices: match field.kind {
                FieldKind::Choice(choices) => Some(choices),
                _ => None,
            },
            required: field.required,
            default: field.default,
            only_if: field.only_if.map(|(key, values)| OnlyIf { key, values }),
            help: field.help,
        };
        let auth::Capabilities { login, probe, refresh, revoke } = descriptor.capabilities;
        Self {
            id: descriptor.id,
            title: descriptor.title,
            summary: descriptor.summary,
            documentation: descriptor.documentation,
            capabilities: Capabilities { login, probe, refresh, revoke },
            fields: descriptor.fields().map(field).collect(),
        }
    }
}

pub(super) fn text(descriptor: &Descriptor, style: Style) -> String {
    let mut out = format!("{}  {}\n", style.paint(Role::Title, descriptor.id), descriptor.title);
    let can: Vec<_> =
        capabilities(descriptor.capabilities).iter().filter(|(_, can)| *can).map(|(name, _)| *name).collect();
    let _ = writeln!(out, "  {}", descriptor.summary);
    let _ = writeln!(out, "  can {}; {}", can.join(", "), style.paint(Role::Quiet, descriptor.documentation));
    let width = descriptor.fields().map(|field| field.key.len()).max().unwrap_or(0);
    for field in descriptor.fields() {
        let key = style.paint(Role::Name, format_args!("{:<width$}", field.key));
        let _ = writeln!(out, "  {key}  {}{}", field.help, style.paint(Role::Quiet, facts(field)));
    }
    out
}

/// ` [url, required, if grant = password]`.
fn facts(field: &auth::Field) -> String {
    let mut facts = vec![match field.kind {
        FieldKind::Choice(choices) => choices.join(" | "),
        other => kind(other).to_owned(),
    }];
    facts.extend((field.required && field.default.is_none()).then(|| "required".to_owned()));
    facts.extend(field.default.map(|default| format!("default {default}")));
    facts.extend(field.only_if.map(|(key, values)| format!("if {key} = {}", values.join(" | "))));
    format!(" [{}]", facts.join(", "))
}

fn capabilities(auth::Capabilities { login, refresh, revoke, probe }: auth::Capabilities) -> [(&'static str, bool); 4] {
    [("login", login), ("refresh", refresh), ("revoke", revoke), ("probe", probe)]
}

fn kind(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Text => "text",
        FieldKind::Url => "url",
        FieldKind::Secret => "secret",
        FieldKind::Choice(_) => "choice",
        FieldKind::Flag => "flag",
        FieldKind::Seconds => "seconds",
        FieldKind::Origins => "origins",
        FieldKind::Path => "path",
    }
}
