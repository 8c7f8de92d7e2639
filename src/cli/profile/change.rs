//! `tokscope profile add|edit|remove|duplicate`.

use crate::{
    auth::{FieldKind, SecretRef, Settings},
    cli::{
        Failure, Place, Verdict,
        call::{ask, find_in, open, profile_name, session},
        interaction::Terminal,
        output,
        providers::unknown,
    },
    profile::{Profile, ProfileName},
    providers,
    session::{Folder, Profiles, Saved, Session},
    store::{holders::Holder, identity::Home, profiles, vault::VaultError},
    text::typed,
    trouble::Told as _,
};

/// `tokscope profile add`.
#[derive(Debug, Clone, clap::Args)]
pub struct Add {
    /// The name of the new profile
    #[arg(value_name = "NAME", value_parser = profile_name)]
    pub name: ProfileName,

    /// The auth system's id: `tokscope providers` lists them
    #[arg(long, value_name = "ID")]
    pub provider: String,

    /// A setting; may be given more than once. Write secrets as env:NAME, file:PATH, cmd:PROGRAM or prompt
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub settings: Vec<String>,

    /// Such as prod or staging, shown beside the name
    #[arg(long, value_name = "WORD")]
    pub environment: Option<String>,

    /// A word to filter by; may be given more than once
    #[arg(long = "tag", value_name = "WORD")]
    pub tags: Vec<String>,
}

/// `tokscope profile edit`.
#[derive(Debug, Clone, clap::Args)]
pub struct Edit {
    /// The name of the profile
    #[arg(value_name = "NAME", value_parser = profile_name)]
    pub name: ProfileName,

    /// A new value for a setting; may be given more than once
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub settings: Vec<String>,

    /// A setting to remove; may be given more than once
    #[arg(long, value_name = "KEY")]
    pub unset: Vec<String>,

    /// Such as prod or staging; an empty value removes it
    #[arg(long, value_name = "WORD")]
    pub environment: Option<String>,

    /// A word to filter by, to add; may be given more than once
    #[arg(long = "tag", value_name = "WORD")]
    pub tags: Vec<String>,

    /// A word to filter by, to remove; may be given more than once
    #[arg(long = "untag", value_name = "WORD")]
    pub untags: Vec<String>,

    /// Ask nothing: fail where a question comes up
    #[arg(long)]
    pub no_input: bool,
}

/// `tokscope profile rename`.
#[derive(Debug, Clone, clap::Args)]
pub struct Rename {
    /// The name of the profile
    #[arg(value_name = "NAME", value_parser = profile_name)]
    pub name: ProfileName,

    /// Its new name
    #[arg(value_name = "NEW", value_parser = profile_name)]
    pub new: ProfileName,

    /// Ask nothing: fail where a question comes up
    #[arg(long)]
    pub no_input: bool,
}

/// `tokscope profile remove`.
#[derive(Debug, Clone, clap::Args)]
pub struct Remove {
    /// The name of the profile
    #[arg(value_name = "NAME", value_parser = profile_name)]
    pub name: ProfileName,

    /// Do not ask
    #[arg(long)]
    pub yes: bool,

    /// Never ask: fail unless --yes is given
    #[arg(long)]
    pub no_input: bool,
}

/// `tokscope profile duplicate`.
#[derive(Debug, Clone, clap::Args)]
pub struct Duplicate {
    /// The name of the profile
    #[arg(value_name = "NAME", value_parser = profile_name)]
    pub name: ProfileName,

    /// The name of the copy
    #[arg(value_name = "NEW", value_parser = profile_name)]
    pub new: ProfileName,
}

impl Add {
    pub(super) fn run(&self, place: &Place) -> Result<Verdict, Failure> {
        let mut profile = Profile {
            name: self.name.clone(),
            provider: self.provider.clone(),
            settings: Default::default(),
            environment: self.environment.clone().filter(|word| !word.is_empty()),
            tags: Vec::new(),
        };
        tag(&mut profile, &self.tags);
        set(&mut profile, &self.settings)?;
        let at = At::new(place)?;
        let added = at.save(None, &self.name, |_| check(&profile).map(|()| profile))?;
        told(&at, &added, &self.settings, "added")
    }
}

impl Edit {
    pub(super) fn run(&self, place: &Place) -> Result<Verdict, Failure> {
        let mut at = At::new(place)?;
        let before = ask(&place.dir()?, &self.name)?;
        let after = self.changed(std::slice::from_ref(&before))?;
        if Session::forgets(&before, &after) {
            at.open_for(&self.name, !self.no_input)?;
        }
        let changed = at.save(Some(&self.name), &self.name, |all| self.changed(all))?;
        told(&at, &changed, &self.settings, "changed")
    }

    fn changed(&self, all: &[Profile]) -> Result<Profile, Failure> {
        let mut profile = find_in(all, &self.name).map_err(Failure::negative)?;
        let before = profile.clone();
        let absent: Vec<_> =
            self.unset.iter().filter(|key| profile.settings.remove(key.as_str()).is_none()).cloned().collect();
        if !absent.is_empty() {
            let absent: Vec<_> = absent.iter().map(|key| typed::word(key).unwrap_or("…")).collect();
            let failure = Failure::new(format!("{} does not set {}", self.name, absent.join(", ")));
            return Err(failure.hint(format!("`tokscope profile show {}` lists what it sets", self.name)));
        }
        profile.tags.retain(|tag| !self.untags.contains(tag));
        tag(&mut profile, &self.tags);
        if let Some(environment) = &self.environment {
            profile.environment = Some(environment.clone()).filter(|word| !word.is_empty());
        }
        set(&mut profile, &self.settings)?;
        if profile == before {
            return Err(Failure::new(format!("nothing to change in {}", self.name))
                .hint("--set KEY=VALUE, --unset KEY, --environment, --tag and --untag change it"));
        }
        check(&profile).map(|()| profile)
    }
}

impl Rename {
    pub(super) fn run(&self, place: &Place) -> Result<Verdict, Failure> {
        let mut at = At::new(place)?;
        ask(&place.dir()?, &self.name)?;
        if self.name == self.new {
            return Err(Failure::new(format!("{} already has this name", self.name)).hint("choose another name"));
        }
        at.open_for(&self.name, !self.no_input)?;
        at.save(Some(&self.name), &self.new, |all| {
            let profile = find_in(all, &self.name).map_err(Failure::negative)?;
            Ok(Profile { name: self.new.clone(), ..profile })
        })?;
        output::tell(&format!("renamed {} to {}", self.name, self.new));
        Ok(Verdict::Yes)
    }
}

impl Remove {
    pub(super) fn run(&self, place: &Place) -> Result<Verdict, Failure> {
        ask(&place.dir()?, &self.name)?;
        let question = format!("Remove the profile {}?", self.name);
        if !self.yes && !Terminal::new(!self.no_input).confirm(&question)? {
            output::tell("nothing was removed");
            return Ok(Verdict::No);
        }
        let at = At::new(place)?;
        if let Some(left) = at.session.remove_profile(&at.profiles, &self.name)? {
            return Err(left.into());
        }
        output::tell(&format!("removed {}", self.name));
        Ok(Verdict::Yes)
    }
}

impl Duplicate {
    pub(super) fn run(&self, place: &Place) -> Result<Verdict, Failure> {
        let at = At::new(place)?;
        let copy = at.save(None, &self.new, |all| {
            let profile = find_in(all, &self.name).map_err(Failure::negative)?;
            // A copy of what is broken may be wanted to mend it.
            Ok(Profile { name: self.new.clone(), ..profile })
        })?;
        told(&at, &copy, &[], "added")
    }
}

/// The profiles of a configuration folder, and the use cases over its vault.
pub(super) struct At {
    folder: Folder,
    pub(super) profiles: Profiles,
    pub(super) session: Session,
    /// While the vault is open, `tokscope lock` reaches this process.
    holder: Option<Holder>,
}

impl At {
    /// The vault stays locked.
    pub(super) fn new(place: &Place) -> Result<Self, Failure> {
        let folder = place.folder()?;
        let session = session().closed(&folder)?;
        Ok(Self { profiles: Profiles::File(folder.config.clone()), folder, session, holder: None })
    }

    /// Opens the vault. Whether what goes in there is still there after the end.
    pub(super) fn open(&mut self, input: bool) -> Result<bool, Failure> {
        let home;
        (self.session, home, self.holder) = open(&self.session, &self.folder, &Terminal::new(input))?;
        Ok(home != Home::Memory)
    }

    /// Opens the vault where it keeps something of this profile.
    fn open_for(&mut self, name: &ProfileName, input: bool) -> Result<(), Failure> {
        if self.session.keeps(name) && !self.open(input)? {
            return Err(Failure::new(format!("what is saved of {name} needs the key of the vault"))
                .hint("run it without --identity memory"));
        }
        Ok(())
    }

    fn save(
        &self,
        old: Option<&ProfileName>,
        name: &ProfileName,
        make: impl FnOnce(&[Profile]) -> Result<Profile, Failure>,
    ) -> Result<Profile, Failure> {
        let Saved { profile, left } = self.session.save_profile(&self.profiles, old, name, make)?;
        left.iter().for_each(|why| remark(name, why));
        Ok(profile)
    }

    /// The profiles file, for people.
    pub(super) fn path(&self) -> String {
        profiles::path(&self.folder.config).display().to_string()
    }
}

/// The vault did not follow.
pub(super) fn remark(name: &ProfileName, why: &VaultError) {
    output::tell(&format!("remark: what is saved of {name} did not follow: {}", why.line()));
}

fn tag(profile: &mut Profile, tags: &[String]) {
    for tag in tags.iter().filter(|tag| !tag.is_empty()) {
        if !profile.tags.contains(tag) {
            profile.tags.push(tag.clone());
        }
    }
}

/// Takes over `KEY=VALUE`s. One without `=` is not repeated: it may be a secret.
pub(super) fn set(profile: &mut Profile, settings: &[String]) -> Result<(), Failure> {
    for (number, setting) in settings.iter().enumerate() {
        let (key, value) = setting.split_once('=').filter(|(key, _)| !key.is_empty()).ok_or_else(|| {
            Failure::new(format!("--set number {} is not KEY=VALUE", number + 1)).hint("such as --set timeout=30")
        })?;
        profile.settings.insert(key.to_owned(), value.to_owned());
    }
    Ok(())
}

/// Checks a profile: everything that is wrong is said at once, and no secret is repeated.
pub(super) fn check(profile: &Profile) -> Result<(), Failure> {
    let provider = providers::by_id(&profile.provider).ok_or_else(|| unknown(&profile.provider))?;
    Settings::parse(provider.descriptor(), profile).map(|_| ()).map_err(|mistakes| {
        Failure::new(format!("{} is not valid, so nothing was saved", profile.name))
            .items(mistakes.iter().map(ToString::to_string))
            .hint(format!("`tokscope providers {}` lists the settings; --set KEY=VALUE sets one", profile.provider))
    })
}

fn told(at: &At, profile: &Profile, given: &[String], done: &str) -> Result<Verdict, Failure> {
    output::tell(&format!("{done} {} in {}", profile.name, at.path()));
    let fields = providers::by_id(&profile.provider).into_iter().flat_map(|provider| provider.descriptor().fields());
    for field in fields.filter(|field| field.kind == FieldKind::Secret) {
        let value = given.iter().filter_map(|setting| setting.split_once('=')).find(|(key, _)| *key == field.key);
        if let Some((key, value)) = value
            && let Ok(SecretRef::Plain(_)) = SecretRef::parse(value.trim())
        {
            output::tell(&format!(
                "remark: {key} was an argument: it is in your shell's history, and `ps` has shown it"
            ));
        }
    }
    Ok(Verdict::Yes)
}
