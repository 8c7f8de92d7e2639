//! A profile to look at: settings with their defaults, secrets masked, and what is wrong with it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    auth::{Descriptor, FieldKind, SecretRef, Settings, applies},
    cli::{
        columns,
        style::{Role, Style},
    },
    profile::{Profile, Protected},
    providers,
    text::visible,
};

/// A profile beside what its provider says about it.
pub(super) struct View<'a> {
    profile: &'a Profile,
    descriptor: Option<&'static Descriptor>,
    /// What keeps it from being used.
    problems: Vec<String>,
    /// What of an environment calls for care.
    environment: Option<(&'a str, Role)>,
}

/// What `--json` prints.
#[derive(Serialize, JsonSchema)]
pub(in crate::cli) struct Shown<'a> {
    name: &'a str,
    provider: &'a str,
    environment: Option<&'a str>,
    tags: &'a [String],
    settings: BTreeMap<&'a str, String>,
    problems: &'a [String],
}

impl<'a> View<'a> {
    pub(super) fn of(profile: &'a Profile, protected: &Protected) -> Self {
        let descriptor = providers::by_id(&profile.provider).map(|provider| provider.descriptor());
        let problems = match descriptor.map(|descriptor| Settings::parse(descriptor, profile)) {
            None => vec![format!("provider: {:?} does not exist", profile.provider)],
            Some(Err(mistakes)) => mistakes.iter().map(ToString::to_string).collect(),
            Some(Ok(_)) => Vec::new(),
        };
        let role = |environment| if protected.covers(environment) { Role::Bad } else { Role::Quiet };
        let environment = profile.environment.as_deref().map(|environment| (environment, role(environment)));
        Self { profile, descriptor, problems, environment }
    }

    pub(super) fn shown(&self) -> Shown<'_> {
        let Profile { name, provider, settings, environment, tags } = self.profile;
        let settings = settings.iter().map(|(key, value)| (key.as_str(), self.masked(key, value))).collect();
        let (environment, problems) = (environment.as_deref(), &self.problems);
        Shown { name: name.as_str(), provider, environment, tags, settings, problems }
    }

    pub(super) fn text(&self, style: Style) -> String {
        let mut rows: Vec<(&str, String, Role)> = Vec::new();
        let title = self.descriptor.map(|descriptor| format!(" ({})", descriptor.title)).unwrap_or_default();
        rows.push(("provider", format!("{}{title}", self.profile.provider), Role::Good));
        rows.extend(self.environment.map(|(name, role)| ("environment", name.to_owned(), role)));
        if !self.profile.tags.is_empty() {
            rows.push(("tags", self.profile.tags.join(", "), Role::Good));
        }
        // In the order of the provider, then what it does not know.
        for field in self.descriptor.into_iter().flat_map(Descriptor::fields) {
            let in_play = self.descriptor.is_some_and(|descriptor| applies(field, descriptor, self.profile));
            let asked = (field.kind == FieldKind::Secret && field.required).then_some("prompt");
            match (self.profile.settings.get(field.key), field.default.or(asked)) {
                (Some(value), _) => rows.push((field.key, self.masked(field.key, value), Role::Good)),
                (None, Some(default)) if in_play => rows.push((field.key, format!("{default} (default)"), Role::Quiet)),
                (None, _) => {}
            }
        }
        let known = |key: &str| self.descriptor.is_some_and(|d| d.field(key).is_some());
        let unknown = self.profile.settings.iter().filter(|(key, _)| !known(key));
        rows.extend(unknown.map(|(key, value)| (key.as_str(), self.masked(key, value), Role::Warning)));
        rows.extend(self.problems.iter().map(|problem| ("problem", problem.clone(), Role::Bad)));

        let rows: Vec<_> = rows
            .into_iter()
            .map(|(name, value, role)| {
                // Of what is good, nothing is to be said.
                let role = Some(role).filter(|role| *role != Role::Good);
                [(Some(Role::Name), format!("  {}", visible(name))), (role, visible(&value).into_owned())]
            })
            .collect();
        style.paint(Role::Title, &self.profile.name) + "\n" + &columns::lines(&rows, style)
    }

    /// A reference to a secret is shown, a secret itself is not. What no field describes may be one.
    fn masked(&self, key: &str, value: &str) -> String {
        match self.descriptor.and_then(|descriptor| descriptor.field(key)) {
            Some(field) if field.kind != FieldKind::Secret => value.to_owned(),
            Some(_) => SecretRef::masked(value).into_owned(),
            None => SecretRef::MASK.to_owned(),
        }
    }
}

/// One line a profile: name, provider, environment, tags, and how much is wrong.
pub(super) fn table(views: &[View<'_>], style: Style) -> String {
    let rows = views.iter().map(|view| {
        let (environment, role) = view.environment.unwrap_or(("", Role::Quiet));
        let cells = [
            (Some(Role::Name), view.profile.name.as_str()),
            (None, &view.profile.provider),
            (Some(role), environment),
            (Some(Role::Quiet), &view.profile.tags.join(",")),
            (Some(Role::Bad), &view.problems.join("; ")),
        ];
        cells.map(|(role, text)| (role, visible(text).into_owned()))
    });
    columns::lines(&rows.collect::<Vec<_>>(), style)
}
