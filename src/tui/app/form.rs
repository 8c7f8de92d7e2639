//! The form of a profile, made from its provider's fields: what applies is shown, all mistakes are said at once, and
//! nothing that was typed is lost.

mod entry;
mod fold;
mod steps;

pub(crate) use self::entry::{FormEntry, FormEntryKind};
pub(crate) use self::fold::Stop;
pub(super) use self::steps::{
    changed, duplicate, edit_profile, keep, new_profile, offer_leave, offer_next, offer_save, over_program, save,
};
use url::Url;

use super::{
    input::Edit,
    page::{Tone, files},
};
use crate::{
    auth::{Descriptor, FieldKind, Settings, applies},
    http::is_loopback,
    profile::{Profile, ProfileName, Protected},
    text,
};

/// A profile that is being written.
#[derive(Debug)]
pub(crate) struct ProfileForm {
    pub(crate) descriptor: &'static Descriptor,
    /// What the profile is called in the file; `None` for a new one.
    pub(crate) old: Option<ProfileName>,
    /// Everything that can be set; what does not apply right now keeps its text.
    pub(crate) entries: Vec<FormEntry>,
    /// What has the focus.
    pub(crate) focus: Stop,
    /// All entries are shown.
    pub(crate) unfolded: bool,
    /// Why it could not be saved; sanitized.
    pub(crate) problem: Option<String>,
    /// Secrets are shown as they are typed.
    pub(crate) shown: bool,
    /// It is on its way to the file.
    pub(crate) saving: bool,
    /// What it was when it was opened.
    opened_as: Profile,
    /// The names that other profiles have.
    taken: Vec<ProfileName>,
}

/// The entries that every profile has, before those of its provider.
const NAME: usize = 0;
const ENVIRONMENT: usize = 1;
const TAGS: usize = 2;

impl ProfileForm {
    fn new(
        descriptor: &'static Descriptor,
        old: Option<ProfileName>,
        profile: &Profile,
        name: &str,
        taken: Vec<ProfileName>,
    ) -> Self {
        let mut entries = vec![
            FormEntry::text("name", "Name", "The profile's name: letters, digits and - _ . @", name),
            FormEntry::text(
                "environment",
                "Environment",
                "Such as prod or staging; a protected one (prod) has a badge and asks for its name before revoking",
                profile.environment.as_deref().unwrap_or_default(),
            ),
            FormEntry::text("tags", "Tags", "Comma-separated words", &profile.tags.join(", ")),
        ];
        let value = |key: &str| profile.settings.get(key).map(String::as_str).unwrap_or_default();
        entries.extend(descriptor.fields().map(|field| FormEntry::field(field, value(field.key))));
        let unknown = profile.settings.iter().filter(|(key, _)| descriptor.field(key).is_none());
        entries.extend(unknown.map(|(key, value)| FormEntry::unknown(key, value)));
        let mut form = Self {
            descriptor,
            old,
            entries,
            focus: Stop::Entry(NAME),
            unfolded: false,
            problem: None,
            shown: false,
            saving: false,
            opened_as: profile.clone(),
            taken,
        };
        form.opened_as = form.draft();
        form
    }

    /// The files that its entries name. While a path is typed it is no path yet.
    pub(super) fn files(&self) -> impl Iterator<Item = &str> {
        let left = self.entries.iter().enumerate().filter(|(at, _)| self.focus != Stop::Entry(*at));
        left.filter_map(|(_, entry)| files::path(entry.path, entry.input.text()))
    }

    /// The entries that apply, by their place.
    fn applying(&self) -> Vec<usize> {
        // Fields depend on choices; no secret is copied to find that out.
        let draft = self.draft_of(|entry| entry.kind != FormEntryKind::Secret);
        let field =
            |entry: &FormEntry| self.descriptor.fields().find(|field| entry.is_setting && field.key == entry.key);
        let shown = |entry: &FormEntry| field(entry).is_none_or(|field| applies(field, self.descriptor, &draft));
        (0..self.entries.len()).filter(|&at| shown(&self.entries[at])).collect()
    }

    /// The entry that is being typed in.
    pub(crate) fn focused(&self) -> Option<&FormEntry> {
        if let Stop::Entry(at) = self.focus { self.entries.get(at) } else { None }
    }

    fn focused_mut(&mut self) -> Option<&mut FormEntry> {
        if let Stop::Entry(at) = self.focus { self.entries.get_mut(at).filter(|_| !self.saving) } else { None }
    }

    /// Whether anything was changed since it was opened.
    fn is_changed(&self) -> bool {
        self.draft() != self.opened_as || self.name() != self.opened_name()
    }

    fn name(&self) -> &str {
        self.entries[NAME].input.text().trim()
    }

    /// The environment as it is typed.
    pub(crate) fn environment(&self) -> &str {
        self.entries[ENVIRONMENT].input.text()
    }

    fn opened_name(&self) -> &str {
        self.entries[NAME].opened_as.as_str()
    }

    /// The profile as it stands, with a stand-in for a name that cannot be one.
    fn draft(&self) -> Profile {
        self.draft_of(|_| true)
    }

    fn draft_of(&self, included: impl Fn(&FormEntry) -> bool) -> Profile {
        let text = |at: usize| self.entries[at].input.text().trim();
        let settings = self.entries.iter().filter(|entry| entry.is_setting && !entry.is_unset() && included(entry));
        Profile {
            name: ProfileName::new(self.name())
                .unwrap_or_else(|_| ProfileName::new("unnamed").expect("it follows the rules")),
            provider: self.descriptor.id.to_owned(),
            settings: settings.map(|entry| (entry.key.clone(), entry.input.text().trim().to_owned())).collect(),
            environment: Some(text(ENVIRONMENT).to_owned()).filter(|text| !text.is_empty()),
            tags: text(TAGS).split(',').map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty()).collect(),
        }
    }

    /// The profile as it would be saved, and what is wrong with it, each at its entry.
    fn read(&self) -> (Profile, Vec<(usize, String)>) {
        let rows = self.applying();
        let mut profile = self.draft();
        // What does not apply is not saved: it would be there for nobody.
        let applying =
            |key: &String| rows.iter().any(|&at| self.entries[at].is_setting && self.entries[at].key == *key);
        profile.settings.retain(|key, _| applying(key));
        let mut mistakes: Vec<(usize, String)> = Vec::new();
        match ProfileName::new(self.name()) {
            Err(error) => mistakes.push((NAME, error.to_string())),
            Ok(name) if self.taken.contains(&name) => {
                mistakes.push((NAME, "another profile has this name".to_owned()));
            }
            Ok(_) => {}
        }
        for at in [ENVIRONMENT, TAGS] {
            if self.entries[at].input.text().chars().any(char::is_control) {
                mistakes.push((at, "must be one line without control characters".to_owned()));
            }
        }
        for error in Settings::parse(self.descriptor, &profile).err().unwrap_or_default() {
            let place = self.entries.iter().position(|entry| entry.is_setting && entry.key == error.key);
            mistakes.extend(place.map(|at| (at, error.problem)));
        }
        (profile, mistakes)
    }

    /// The profile, if nothing is wrong with it; else each mistake stands at its entry, and the first one has the focus. A
    /// fold with a mistake in it opens.
    fn check(&mut self) -> Option<Profile> {
        let (profile, mistakes) = self.read();
        self.entries.iter_mut().for_each(|entry| entry.error = None);
        self.unfolded |= mistakes.iter().any(|(at, _)| self.entries[*at].folded);
        let wrong = |stop: &Stop| mistakes.iter().any(|(at, _)| *stop == Stop::Entry(*at));
        let first = self.stops().into_iter().find(wrong);
        self.focus = first.unwrap_or(self.focus);
        mistakes.into_iter().for_each(|(at, problem)| self.entries[at].say(&problem));
        first.is_none().then_some(profile)
    }

    /// What is read of the entry that is being typed in, as long as nothing was said about it; sanitized.
    pub(crate) fn reading(&self, protected: &Protected) -> Option<(Tone, String)> {
        let entry = self.focused().filter(|entry| entry.error.is_none() && !entry.input.text().trim().is_empty())?;
        let wrong = self.read().1.into_iter().find(|(at, _)| Stop::Entry(*at) == self.focus);
        match wrong {
            // While it may become one, it is no mistake.
            Some((_, problem)) => Some((Tone::Muted, text::visible(&problem).into_owned())),
            None if self.focus == Stop::Entry(ENVIRONMENT) => {
                let protected = protected.badge(entry.input.text()).filter(|badge| badge.protected)?;
                Some((Tone::Muted, format!("{}: asks for its name before it revokes", protected.text)))
            }
            None if self.is_readable_on_its_way(entry) => {
                let words = "plain http: others on the way can read the password; use https, or allow http below";
                Some((Tone::Warn, words.to_owned()))
            }
            None => None,
        }
    }

    /// An address to which secrets would go over plain http, which is not allowed yet.
    fn is_readable_on_its_way(&self, entry: &FormEntry) -> bool {
        let is_url = self.descriptor.field(&entry.key).is_some_and(|field| field.kind == FieldKind::Url);
        let url = Url::parse(entry.input.text().trim()).ok().filter(|_| is_url && entry.is_setting);
        let allowed = self.entries.iter().any(|entry| entry.key == "allow_http" && entry.value() == "true");
        url.is_some_and(|url| url.scheme() == "http" && !is_loopback(&url)) && !allowed
    }

    /// Changes the entry that has the focus, or opens and closes the fold. What was said about it is said no more.
    pub(super) fn edit(&mut self, edit: Edit) {
        if self.focus == Stop::Fold {
            return self.fold(edit);
        }
        if let Some(entry) = self.focused_mut()
            && entry.edit(edit)
        {
            entry.error = None;
            self.problem = None;
        }
    }

    /// Takes one of the values of the entry that has the focus.
    pub(super) fn choose(&mut self, value: &str) {
        let choice = |entry: &&mut FormEntry| matches!(entry.kind, FormEntryKind::Choice(_));
        if self.focused_mut().filter(choice).is_some() {
            self.put(value);
        }
    }

    /// Puts another line in the place of the one that is being typed.
    pub(super) fn put(&mut self, line: &str) {
        if let Some(entry) = self.focused_mut() {
            entry.input.put(line);
            (entry.error, self.problem) = (None, None);
        }
    }

    /// Puts a pasted text in.
    pub(super) fn paste(&mut self, text: &str) {
        if let Some(entry) = self.focused_mut() {
            entry.paste(text);
            self.problem = None;
        }
    }
}
