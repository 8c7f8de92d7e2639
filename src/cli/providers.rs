//! `tokscope providers`.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Exit, Failure, candidates, output,
    style::{Role, Style},
};
use crate::{
    auth::{self, Descriptor, FieldKind, Provider},
    providers,
    text::typed,
};

const AFTER_HELP: &str = "\
--json prints a list of objects: id, title, summary, documentation,
capabilities {login, refresh, revoke, probe}, and fields: a list of {key,
label, kind, choices, required, default, only_if, help}. kind is \"text\",
\"url\", \"secret\", \"choice\", \"flag\", \"seconds\" or \"path\"; choices is
null unless kind is \"choice\"; only_if is null or {key, values}: the field
exists only while that other field has one of these values.

Exit code: 0; 1 no auth system has that id.";

/// The arguments of `tokscope providers`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Providers {
    /// Show only this one, such as openedx
    #[arg(value_name = "ID", add = candidates::systems())]
    pub id: Option<String>,

    /// Print one JSON list, for programs
    #[arg(long)]
    pub json: bool,
}

/// Lists the auth systems.
pub fn run(arguments: &Providers) -> Result<Exit, Failure> {
    let wanted = |provider: &&&dyn Provider| arguments.id.as_ref().is_none_or(|id| provider.descriptor().id == id);
    let descriptors: Vec<_> = providers::ALL.iter().filter(wanted).map(|provider| provider.descriptor()).collect();
    if let (Some(id), []) = (&arguments.id, &*descriptors) {
        return Err(unknown(id).negative());
    }
    if arguments.json {
        output::print_json(&descriptors.into_iter().map(System::of).collect::<Vec<_>>())?;
    } else {
        let style = Style::stdout();
        output::print(
            &descriptors.into_iter().map(|descriptor| text(descriptor, style)).collect::<Vec<_>>().join("\n"),
        )?;
    }
    Ok(Exit::Yes)
}

/// There is no such provider.
pub(super) fn unknown(id: &str) -> Failure {
    let known: Vec<_> = providers::ALL.iter().map(|provider| provider.descriptor().id).collect();
    let named = typed::word(id)
        .map_or_else(|| "no provider has that id".to_owned(), |id| format!("no provider has the id {id:?}"));
    Failure::usage(named).hint(format!("choose one of {}", known.join(", ")))
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

/// What `--json` prints of an auth system.
#[derive(Serialize, JsonSchema)]
pub(super) struct System {
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
    fn of(descriptor: &Descriptor) -> Self {
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

fn text(descriptor: &Descriptor, style: Style) -> String {
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
